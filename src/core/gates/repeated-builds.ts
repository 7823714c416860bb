/** Builds that are one: the same sources for other machines, in other configurations, in other folders. Pure. */
import { type Draft, type Drafts, giveTo, isCheckedByCi, isNeeded, moveNeeds } from './drafts.js';
import { isBuildFolder, isInBuildFolder, isOfSameSources, nativeBuild, runsAllTests } from './native-builds.js';
import { isSameBuild } from './same-build.js';
import { followScripts } from './script-runners.js';
import { callsIn } from './script-words.js';

/**
 * Leaves one of builds that are the same, the one that a check needs before others; and none where a check of the same system builds
 * before it checks, as `make check` and `meson test` do. Programs of tests that a build makes are left to what runs all of them.
 */
export function dropRepeatedBuilds(drafts: Drafts): void {
  const { byKey } = drafts;
  const isWanted = (draft: Draft) => isNeeded(draft, drafts);
  const builds = [...byKey.values()].filter(({ category }) => category === 'build');
  const kept: Draft[] = [];
  for (const draft of [...builds].sort((a, b) => Number(isWanted(b)) - Number(isWanted(a)))) {
    const same = kept.find((other) => isSameBuild(draft, other));
    if (same && !isWanted(draft)) giveTo(same, draft, drafts);
    else kept.push(draft);
  }
  const checks = [...byKey.values()].filter(({ category }) => category !== 'build');
  for (const draft of kept) if (!isWanted(draft) && checks.some((check) => buildsItself(check, draft))) byKey.delete(draft.key);
  const all = checks.find(runsAll);
  for (const draft of checks) if (all && isBuiltProgram(draft)) giveTo(all, draft, drafts);
  const byCTest = checks.filter(({ preset }) => preset?.id === 'ctest');
  for (const draft of checks) {
    const same = byCTest.find((other) => startsCTest(draft, other));
    if (same) giveTo(same, draft, drafts);
  }
}

/** Whether it is the target by which CMake starts CTest, for tests of the same sources. */
function startsCTest({ command }: Draft, { command: other }: Draft): boolean {
  if (command.kind !== 'program' || other.kind !== 'program' || command.program !== 'cmake') return false;
  const build = nativeBuild(command.program, command.given);
  const place = other.given[other.given.indexOf('--test-dir') + 1];
  const isTold = other.given.some((arg) => /^(?:-[LREI]+|--(?:label|tests|exclude)[\w-]*|--preset)(?:=|$)/.test(arg));
  if (!other.given.includes('--test-dir') || isTold || build === undefined || build.targets.length === 0) return false;
  return build.targets.every((target) => /^(?:test|RUN_TESTS)$/.test(target)) && isOfSameSources(build.directory, place);
}

/**
 * Leaves what a script of one build makes to the script in one piece that starts it, where CI runs that: whatever needs the one needs the
 * other, which does more after it.
 */
export function dropStartedBuilds(drafts: Drafts, scripts: ReadonlyMap<string, string>): void {
  const { byKey, chains } = drafts;
  const builds = [...byKey.values()].filter(({ category }) => category === 'build');
  for (const whole of builds) {
    const { command, needs, key, script = '' } = whole;
    if (command.kind !== 'script' || command.runner || needs.size > 0 || !scripts.has(script) || !isCheckedByCi([whole]))
      continue;
    const started = startedBy(script, scripts);
    const isStarted = (draft: Draft) =>
      draft.command.kind === 'program' &&
      draft.origin === 'script' &&
      started.has(draft.script ?? '') &&
      chains.get(draft.script ?? '')?.join() === draft.key;
    for (const draft of builds.filter(isStarted)) {
      moveNeeds(drafts, draft.key, key);
      giveTo(whole, draft, drafts);
    }
  }
}

/** The scripts that a script starts by a package manager, to any depth. */
function startedBy(script: string, scripts: ReadonlyMap<string, string>): ReadonlySet<string> {
  const started = new Set<string>();
  followScripts(script, scripts, (text) => {
    const calls = callsIn(text).filter(([program = '']) => /^(?:npm|pnpm|yarn|bun|run-s|npm-run-all2?)$/.test(program));
    const names = calls.flatMap((call) => call.filter((word) => scripts.has(word)));
    for (const name of names) started.add(name);
    return names;
  });
  return started;
}

/** Whether the check makes what it looks at with the same system that the build uses. */
function buildsItself({ command, script = '' }: Draft, { command: build }: Draft): boolean {
  const made = build.kind === 'program' ? nativeBuild(build.program, build.given) : undefined;
  if (build.kind !== 'program' || made === undefined || build.program === 'cmake') return false;
  const checked = command.kind === 'program' ? nativeBuild(command.program, command.given) : undefined;
  // In a folder that is configured before it is the tests' own build, by whatever program.
  if (isBuildFolder(made.directory ?? '') && isBuildFolder(checked?.directory ?? '')) return true;
  const program = command.kind === 'program' ? command.program : (command.runner?.program ?? '');
  const isMake = (name: string) => /^g?make$/.test(name);
  if (isMake(build.program)) return isMake(program) || script.startsWith('make ');
  return ['ninja', 'samu', 'meson'].includes(program);
}

/** Whether it runs all tests that a build has. */
function runsAll({ command }: Draft): boolean {
  if (command.kind !== 'program') return false;
  return command.program === 'ctest' || runsAllTests(command.program, command.given);
}

function isBuiltProgram({ command }: Draft): boolean {
  return command.kind === 'program' && isInBuildFolder(command.program);
}
