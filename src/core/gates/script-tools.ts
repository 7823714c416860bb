/** What one call of a program does: the check, the fix or the build of a tool, by its table row or by its own words. Pure. */
import { shellWord } from '../shell-text.js';
import { thresholdOf } from './coverage-thresholds.js';
import { goArguments } from './go-arguments.js';
import { isNativeBuild, runsAllTests } from './native-builds.js';
import type { Preset } from './preset.js';
import { isDocumentationBuild } from './script-documentation.js';
import { jobCheck } from './script-of-job.js';
import { ownProgramCheck } from './script-own-programs.js';
import {
  asItStands,
  CARGO_DOC,
  COVERAGE,
  isBuildCall,
  isEndless,
  isPreparer,
  isReportOfCoverage,
  moduleCall,
  RUNTIMES,
  underCoverage,
} from './script-programs.js';
import { testsOfModule } from './script-python-checks.js';
import type { Word } from './script-runners.js';
import { toolOfGo } from './script-started-tools.js';
import {
  type Call,
  type Context,
  type FixCall,
  NOT_UNDERSTOOD,
  NOTHING,
  type Place,
  standsInScript,
  type TakenApart,
} from './script-steps.js';
import { isProcess, isSelfContained, newPreset, runsByName, spokenCheck } from './script-unknown.js';
import { isHole, withoutHoles } from './script-words.js';

/** What a call of `program` does, by its row in the table, as a build, or by its own words. */
export function toolSteps(program: string, words: readonly Word[], context: Context, place: Place): TakenApart {
  const values = words.map((word) => word.value);
  const given = program === 'cargo' ? cargoArguments(values) : values;
  const known = given.filter((arg) => !isHole(arg));
  const globs = words.some((word) => word.glob);
  const { env, script } = place;
  const valuesOnly = place.vague === 'options' ? ({ valuesOnly: true } as const) : {};
  const vague = place.vague || known.length < given.length ? ({ vague: true, ...valuesOnly } as const) : {};
  // Where only values of options are not known, what it does is.
  const told: Place = place.vague ? place : { ...place, ...vague };
  const [name, ...own] = /^(?:python[\d.]*|py)$/.test(program) ? moduleCall(known) : [];
  if (isReportOfCoverage(name ?? program, name === undefined ? known : own)) return NOTHING;
  if (name !== undefined) {
    const module = context.tools.ofModule(name, own);
    const made = { program: name, asModule: true, args: own, env };
    const builds = name === 'build' || isDocumentationBuild(name, own);
    if (!module) {
      if (builds) return { kind: 'steps', steps: [{ kind: 'build', script, call: made }] };
      const suite = testsOfModule(name);
      const call = { program, asModule: false, args: known, env, ...vague };
      return suite ? { kind: 'steps', steps: [{ kind: 'check', script, call: { ...call, preset: suite } }] } : NOT_UNDERSTOOD;
    }
    const rest = withoutHoles(moduleCall(given).slice(1), module);
    return presetSteps({ ...made, args: rest, preset: module, ...vague }, globs, context, script);
  }
  const started =
    program === 'node' ? startedByNode(words, context, place) : program === 'go' ? startedByGo(words, context, place) : undefined;
  if (started) return started;
  const row = context.tools.of(program, known) ?? denying(program, known, env);
  // A script finds the programs of the project's packages before those of the machine.
  const isOfPackages = row?.documentation === '' && row.ecosystem === 'system' && standsInScript(place, context);
  const preset: Preset | undefined = isOfPackages ? { ...row, ecosystem: 'node' } : row;
  const plain = withoutHoles(given, preset);
  const args = program === 'go' ? goArguments(given, plain) : plain;
  const call = { program, asModule: false, args, env };
  // Which files git lists is for the shell to say, where nobody knows what the tool finds by itself.
  const isListed = words.some(({ lists }) => lists) && words.every(({ value, lists }) => !isHole(value) || lists !== undefined);
  if (isListed && preset?.documentation === '' && preset.isCheck(args))
    return expandedByShell(presetSteps({ ...call, preset }, false, context, script), words, context, place);
  if (preset && (preset.isCheck(args) || !RUNTIMES.has(program)))
    return presetSteps({ ...call, preset, ...vague }, globs, context, script);
  if (COVERAGE.has(program)) return coverageSteps(program, words, context, place);
  if (globs) return expandedByShell(unknownSteps(call, context, told), words, context, place);
  // In which mode is no other build.
  const isMode = /^bazel(?:isk)?$/.test(program) && place.vague === 'options';
  const unsure = isMode || isSelfContained(program) || isNativeBuild(program, args) ? {} : vague;
  if (isBuildCall(program, args)) return { kind: 'steps', steps: [{ kind: 'build', script, call: { ...call, ...unsure } }] };
  return unknownSteps(call, context, told);
}

/** Of a check whose globs only a shell expands, or that is told what git lists, the call by one, as CI makes it; elsewhere such a call is not understood. */
function expandedByShell(taken: TakenApart, words: readonly Word[], context: Context, place: Place): TakenApart {
  const [step] = taken.kind === 'steps' ? taken.steps : [];
  const isPlain = words.every(({ value, glob, lists }) => (glob ? GLOB.test(value) : lists !== undefined || !isHole(value)));
  if (context.mode !== 'fragments' || standsInScript(place, context) || step?.kind !== 'check' || !isPlain) return NOT_UNDERSTOOD;
  const { call, script } = step;
  const line = [
    shellWord(call.program),
    ...words.map(({ value, glob, lists }) => (glob ? value : (lists ?? shellWord(value)))),
  ].join(' ');
  const preset: Preset = { ...call.preset, programs: ['sh'], ecosystem: 'system' };
  return { kind: 'steps', steps: [{ kind: 'check', script, call: { ...call, program: 'sh', args: ['-c', line], preset } }] };
}

/** Nothing in it means more to a shell than which files it stands for. */
const GLOB = /^[\w@%+=:,./*?-]+$/;

/** `node --expose-gc ./node_modules/vitest/dist/cli.js run`: a tool that is started by its file, as it stands when node is given options. */
function startedByNode(words: readonly Word[], context: Context, place: Place): TakenApart | undefined {
  const file = words.findIndex(({ value }) => !value.startsWith('-'));
  const path = /^(?:\.\/)?node_modules\/(?:\.bin\/([\w.-]+)$|((?:@[\w.-]+\/)?[\w.-]+)\/)/.exec(words[file]?.value ?? '');
  const name = path?.[1] ?? (path?.[2] && (context.tools.programOf(path[2]) ?? path[2]));
  if (!name || name.includes('/')) return undefined;
  const rest = words.slice(file + 1);
  const preset = context.tools.of(
    name,
    rest.map(({ value }) => value),
  );
  if (!preset) return undefined;
  if (file === 0) return toolSteps(name, rest, context, place);
  const isCheck = preset.isCheck(rest.map(({ value }) => value)) && !words.some(({ glob, value }) => glob || isHole(value));
  const call = { program: 'node', asModule: false, args: words.map(({ value }) => value), env: place.env };
  return isCheck
    ? { kind: 'steps', steps: [{ kind: 'check', script: place.script, call: { ...call, preset: asItStands(preset, 'node') } }] }
    : NOTHING;
}

/** A tool that the module lists, or that Go fetches: it is started as it stands, since nobody may have installed it. */
function startedByGo(words: readonly Word[], { tools }: Context, place: Place): TakenApart | undefined {
  const args = words.map(({ value }) => value);
  const tool = toolOfGo(args);
  const rest = tool ? args.slice(tool.start) : [];
  const preset = tool && tools.of(tool.name, rest);
  if (!preset?.isCheck(rest) || words.some(({ value }) => isHole(value))) return undefined;
  const call = { program: 'go', asModule: false, args, env: place.env, preset: asItStands(preset, 'go') };
  return { kind: 'steps', steps: [{ kind: 'check', script: place.script, call }] };
}

/** Documentation that is built so that warnings fail. */
function denying(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Preset | undefined {
  const denies = /(?:^|\s)-D\s?(?:warnings|rustdoc)/.test(env['RUSTDOCFLAGS'] ?? '');
  return program === 'cargo' && denies && CARGO_DOC.isCalledBy(args) ? CARGO_DOC : undefined;
}

/** A program that no table knows. */
function unknownSteps(call: Call, context: Context, place: Place): TakenApart {
  const { script } = place;
  if (context.mode !== 'fragments' || standsInScript(place, context)) {
    if (!isProcess(call.program) || isPreparer(call.program) || isEndless(call.args) || place.vague) return NOT_UNDERSTOOD;
    return { kind: 'steps', steps: [{ kind: 'build', script, call: { ...call, unknown: true } }] };
  }
  const served = testOfServer(call.program);
  if (served && !place.vague) return { kind: 'steps', steps: [{ kind: 'check', script, call: { ...call, preset: served } }] };
  return spokenSteps(call, context, place) ?? jobSteps(call, context, place) ?? NOT_UNDERSTOOD;
}

/** What starts a server, waits for it and ends as the command does that it is told last. */
function testOfServer(program: string): Preset | undefined {
  const isOne = /^(?:start-server-and-test|server-test|start-test)$/.test(program);
  return isOne ? newPreset(program, { program, name: program }, 'test', 'node') : undefined;
}

/** The check that a call is by the names of the step and the job of CI that it stands in; undefined where they do not say so. */
function jobSteps(call: Call, context: Context, place: Place): TakenApart | undefined {
  const { job, files, gone } = context;
  // An environment that runs in another folder is found there.
  const isOfTasks =
    /^(?:tox|nox|hatch)$/.test(call.program) && context.tasks?.some(({ runner }) => runner.program === call.program);
  if (job === undefined || isOfTasks || (place.vague === true && !runsByName(call.program))) return undefined;
  if ([call.program, ...call.args].some((word) => gone?.has(word))) return undefined;
  const file = [call.program, ...(RUNS_FILES.test(call.program) ? call.args : [])].find((word) => files?.has(word));
  const preset = jobCheck({ program: call.program, args: call.args, file }, job, place.ecosystem ?? 'system');
  return preset && { kind: 'steps', steps: [{ kind: 'check', script: place.script, call: { ...call, preset } }] };
}

const RUNS_FILES =
  /^(?:node|tsx|ts-node|bun|deno|python[\d.]*|py|ruby|perl|php|lua|luajit|nvim|vim|Rscript|julia|guile|emacs|racket|tclsh|awk|(?:ba|da|k|z)?sh|fish|nu|pwsh|swift|dart|elixir|escript|raku|go|nix-build)$/;

/** The check that a call is by its own words; undefined where they do not say so, or do not count here. */
export function spokenSteps(call: Call, context: Context, place: Place): TakenApart | undefined {
  // CI still names it, though it is no more.
  if ([call.program, ...call.args].some((word) => context.gone?.has(word))) return undefined;
  if (
    (place.vague && place.vague !== 'options' && !runsByName(call.program)) ||
    (context.inShellScript && !isSelfContained(call.program) && !runsAllTests(call.program, call.args))
  )
    return undefined;
  // An environment that runs in another folder is found there.
  if (call.program === 'tox' && context.tasks?.some(({ runner }) => runner.program === 'tox')) return undefined;
  const preset = spokenCheck(call.program, call.args, place.ecosystem ?? 'system') ?? ownProgramCheck(call.program, call.args);
  return preset && { kind: 'steps', steps: [{ kind: 'check', script: place.script, call: { ...call, preset } }] };
}

/**
 * `cargo +nightly --locked test`: which toolchain CI has is not what is checked, and options before the command mean the same after it. No
 * program of Rust expands globs, so that files which a shell would have listed for its formatter are all files.
 */
function cargoArguments(args: readonly string[]): readonly string[] {
  const [first = ''] = args;
  const named = first.startsWith('+') ? args.slice(1) : args;
  const rest = named.includes('fmt') ? named.filter((arg) => arg.startsWith('-') || !/[*{]/.test(arg)) : named;
  const command = rest.findIndex((arg) => !arg.startsWith('-'));
  return command <= 0 ? rest : [rest[command] ?? '', ...rest.slice(0, command), ...rest.slice(command + 1)];
}

function presetSteps(call: FixCall, globs: boolean, context: Context, script: string): TakenApart {
  const { preset, args } = call;
  if (preset.isFix(args)) context.onFix?.(call, script);
  if (!preset.isCheck(args)) return NOTHING;
  if (globs && !preset.expandsGlobs && (preset.parser === 'none' || preset.ecosystem === 'go')) return NOT_UNDERSTOOD;
  const builds = preset.id === 'tsc' && context.emits(args);
  return { kind: 'steps', steps: [builds ? { kind: 'build', script, call } : { kind: 'check', script, call }] };
}

/** `c8 --all mocha test`: the check that mocha does, with the command as it stands. */
function coverageSteps(program: string, words: readonly Word[], context: Context, place: Place): TakenApart {
  const args = words.map(({ value }) => value);
  const threshold = thresholdOf(program, args);
  if (threshold) {
    const call = { program, asModule: false, args, env: place.env, preset: threshold };
    return { kind: 'steps', steps: [{ kind: 'check', script: place.script, call, last: true }] };
  }
  for (const [index, word] of words.entries()) {
    const inner = words.slice(index + 1);
    const preset = context.tools.of(
      programOf(word.value) ?? '',
      inner.map(({ value }) => value),
    );
    if (!preset) continue;
    const isTest = preset.category === 'test' && preset.isCheck(inner.map((argument) => argument.value));
    if (!isTest || inner.some((argument) => argument.glob)) return NOT_UNDERSTOOD;
    const call = {
      program,
      asModule: false,
      args,
      env: place.env,
      preset: underCoverage(preset, program),
    };
    return { kind: 'steps', steps: [{ kind: 'check', script: place.script, call }] };
  }
  return NOT_UNDERSTOOD;
}

/** The name of a program that is looked for by name, also where a script spells out the directory that its manager puts it into. */
export function programOf(word: string): string | undefined {
  const name = word
    .replace(/^(?:\.\/)?(?:node_modules\/\.bin|vendor\/bin|bin|\.?venv\/bin)\//, '')
    .replace(/^\.\/(mvnw|gradlew)$/, '$1')
    .replace(/\.phar$/, '')
    .replace(/^(clang-(?:format|tidy))-\d+$/, '$1');
  return name === '' || name.includes('/') ? undefined : name;
}
