/** Thresholds of coverage: checks that look at what tests have measured before them, so that they need these tests. Executes nothing. */
import path from 'node:path';
import type { PackageContext } from './assemble.js';
import { addDraft, addEvidence, addNeed, type Draft, draftOf, keyOf, replaceDraft } from './drafts.js';
import type { MentionContext } from './mention-merge.js';
import { purposeOf } from './mention-purpose.js';
import type { Mentioned } from './mentioned.js';
import type { Preset } from './preset.js';
import { type CoverageCall, coverageCall } from './script-coverage.js';
import { evidenceOfMention } from './script-tasks.js';
import { newPreset } from './script-unknown.js';
import { callsIn } from './script-words.js';

/**
 * Adds a check for each call that fails where too little is covered, and lets it wait for the tests that the same job or task has measured
 * before: these then run under the program that measures them, as they do there, and what turns its data into another form stands between.
 * Adds none where no gate is those tests.
 */
export async function addCoverage(
  mentions: readonly Mentioned[],
  context: MentionContext,
  { project, disk }: PackageContext,
): Promise<void> {
  const groups = groupsOf(mentions);
  if (groups.length === 0) return;
  const setting = (file: string, key: readonly string[]) => project.setting(file, key)?.value;
  const own = (await disk.readText(path.join(project.directory, '.coveragerc'))) ?? '';
  const fails =
    failsByItself(setting) || /^\s*fail_under\s*=\s*[1-9]/m.test(own) || /^\s*plugins\s*=[^[]*\bcovdefaults\b/m.test(own);
  for (const group of groups) addGroup(group, fails, context);
}

interface Said extends Mentioned {
  readonly call: CoverageCall;
}

/** What each job and each task calls that has to do with coverage, in order; only where one of the calls may be a check. */
function groupsOf(mentions: readonly Mentioned[]): readonly (readonly Said[])[] {
  const groups = new Map<string, Said[]>();
  for (const each of mentions) {
    const { mention, from } = each;
    const { role, runner, file, name, command } = mention;
    const counts =
      role === 'task' ? runner !== undefined : role === 'workflow' && (mention.reviewed || mention.pushed) && !mention.secret;
    const text = command.kind === 'argv' ? command.argv.join(' ') : command.text;
    if (!counts || !/\bcov/.test(text) || purposeOf(mention) !== 'checks') continue;
    const calls = command.kind === 'argv' ? [command.argv] : callsIn(command.text);
    const key = JSON.stringify([from, file, name]);
    for (const call of calls.flatMap((words) => coverageCall(words) ?? []))
      groups.set(key, [...(groups.get(key) ?? []), { ...each, call }]);
  }
  return [...groups.values()].filter((group) => group.some(({ call }) => call.kind === 'looks'));
}

function addGroup(group: readonly Said[], fails: boolean, context: MentionContext): void {
  const { drafts, info } = context;
  // What nobody looks at needs no tests that measure.
  if (!group.some(({ call }) => call.kind === 'looks' && (call.fails ?? fails))) return;
  let waits: readonly string[] = [];
  for (const { call, mention, from } of group) {
    const evidence = [evidenceOfMention(mention, from)];
    const step = { script: mention.name, call: { program: call.program, asModule: false, args: call.args, env: mention.env } };
    switch (call.kind) {
      case 'measures': {
        const tests = testsOf(mention, from, context);
        if (tests) waits = [...waits, call.under ? runUnder(tests, call, context) : tests.key];
        break;
      }
      case 'turns': {
        if (waits.length === 0) break;
        const draft = addDraft(drafts, { ...draftOf({ kind: 'build', ...step }, false, info), evidence });
        for (const need of waits) addNeed(drafts, draft, need);
        waits = [draft.key];
        break;
      }
      case 'looks': {
        if (waits.length === 0 || !(call.fails ?? fails)) break;
        const preset = PRESETS[call.program === 'coverage' ? 'coverage' : 'diff-cover'];
        const plain = draftOf({ kind: 'check', ...step, call: { ...step.call, preset } }, false, info);
        const draft = addDraft(drafts, { ...plain, origin: mention.role, evidence });
        for (const need of waits) addNeed(drafts, draft, need);
        break;
      }
      default:
        call satisfies never;
    }
  }
}

const PRESETS = {
  coverage: newPreset('coverage', { program: 'coverage', name: 'coverage report' }, 'test', 'python'),
  'diff-cover': newPreset('diff-cover', { program: 'diff-cover', name: 'diff-cover' }, 'test', 'python'),
} as const;

/** The gate that a line of CI or of a task is. */
function testsOf(mention: Mentioned['mention'], from: string, { drafts }: MentionContext): Draft | undefined {
  const { file, text } = evidenceOfMention(mention, from);
  const task = mention.runner && [mention.runner.program, ...mention.runner.args].join(' ');
  const isIt = ({ category, command, script, evidence }: Draft) =>
    category === 'test' &&
    command.kind === 'program' &&
    ((task !== undefined && script === task) || evidence.some((each) => each.file === file && each.text === text));
  return [...drafts.byKey.values()].find(isIt);
}

/** Puts the tests under the program that measures them. Gives what they are known by then. */
function runUnder(tests: Draft, { args }: CoverageCall & { readonly kind: 'measures' }, { drafts }: MentionContext): string {
  const { command, preset } = tests;
  if (command.kind !== 'program' || command.program === 'coverage') return tests.key;
  const isFile = /^python[\d.]*$/.test(command.program);
  const words = [...args, ...(isFile ? [] : ['-m', command.program]), ...command.options, ...command.targets];
  const own = { ...command, program: 'coverage', asModule: false, options: words, targets: [], written: words };
  const after: Draft = {
    ...tests,
    key: keyOf(own),
    command: own,
    needs: new Set(),
    evidence: [],
    ...(preset ? { preset: measured(preset) } : {}),
  };
  const { evidence } = tests;
  replaceDraft(drafts, tests, after);
  const known = drafts.byKey.get(after.key);
  for (const each of evidence) if (known) addEvidence(known, each);
  return after.key;
}

/** What is measured, is measured as a whole. */
function measured(preset: Preset): Preset {
  return {
    ...preset,
    programs: ['coverage'],
    packages: ['coverage'],
    takes: [],
    sharding: { kind: 'never', reason: 'its coverage is measured as a whole' },
    caches: [...preset.caches, '.coverage'],
    install: 'pip install coverage',
  };
}

/** Whether too little is a failure, as the files say that coverage reads. */
function failsByItself(setting: (file: string, key: readonly string[]) => unknown): boolean {
  const wanted = [
    setting('pyproject.toml', ['tool', 'coverage', 'report', 'fail_under']),
    setting('setup.cfg', ['coverage:report', 'fail_under']),
    setting('tox.ini', ['coverage:report', 'fail_under']),
  ];
  const plugins = [
    setting('pyproject.toml', ['tool', 'coverage', 'run', 'plugins']),
    setting('setup.cfg', ['coverage:run', 'plugins']),
    setting('tox.ini', ['coverage:run', 'plugins']),
  ];
  return wanted.some((value) => Number(value) > 0) || plugins.some((value) => /\bcovdefaults\b/.test(String(value)));
}
