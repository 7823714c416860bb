/** Collects the gates of one package before they have their ids: what scripts call, and what else speaks for a tool. Pure. */
import type { Category, CopyKind, Evidence } from '../gate-model.js';
import { isPipelineFile } from './ci-files.js';
import { takesNext } from './options.js';
import type { Preset } from './preset.js';
import { categoryOfName } from './script-names.js';
import { isPreparation, RUNTIMES } from './script-programs.js';
import type { Call, FixCall, Step } from './script-steps.js';
import type { Task } from './script-tasks.js';
import { comparesWithGit } from './script-verdict.js';

/** What a gate runs: a program with its options and targets apart, or a script through the package manager. */
export type DraftCommand =
  | {
      readonly kind: 'program';
      readonly program: string;
      readonly asModule: boolean;
      readonly options: readonly string[];
      readonly targets: readonly string[];
      /** `options` as the project wrote them, before they were made machine-readable. */
      readonly written: readonly string[];
      /** Which files it is handed is only known while the script runs: `flake8 $(git ls-files '*.py')`. */
      readonly handed?: true;
      /** The arguments as they stand in the script; they tell drafts apart for people. */
      readonly given: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'script';
      readonly script: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      /** What runs it when it is a task; the package manager otherwise. */
      readonly runner?: Task['runner'];
    };

/** What says most about a gate, from most to least. */
export type Origin = 'script' | 'task' | 'workflow' | 'hook' | 'configuration';

/** A gate in the making. Drafts with the same key are the same check. */
export interface Draft {
  readonly key: string;
  readonly command: DraftCommand;
  readonly preset?: Preset;
  readonly category: Category;
  readonly origin: Origin;
  /** The script, task or job it stands in; undefined when only configuration speaks for it. */
  readonly script?: string;
  readonly evidence: Evidence[];
  /** Keys of the builds that have to come before. */
  readonly needs: Set<string>;
  /** It is only worth running when something needs it. */
  helper: boolean;
  /** For a script or a task in one piece; of a program its preset knows. */
  readonly inCopy?: CopyKind;
  /** The call that makes the folder in which it builds. */
  readonly configuredBy?: readonly string[];
}

/** The drafts of one package, in the order in which they were found. */
export interface Drafts {
  readonly byKey: Map<string, Draft>;
  /** For each script that was taken apart, the keys of its checks and builds in order. */
  readonly chains: Map<string, readonly string[]>;
  /** Calls by which the project itself mends what its gates find. */
  readonly fixers: FixCall[];
  /** Keys of checks as the root of a workspace starts them. */
  readonly handedOn: Set<string>;
}

export function newDrafts(): Drafts {
  return { byKey: new Map(), chains: new Map(), fixers: [], handedOn: new Set() };
}

export interface ScriptInfo {
  /** Where each script or task stands; of a task the line that calls `program`, with `argument` if there are several. */
  readonly evidenceOf: (script: string, program?: string, argument?: string) => Evidence;
  /** What runs a task by name; undefined for scripts. */
  readonly runnerOf: (script: string) => Task['runner'] | undefined;
  readonly targetsAreConfigured: (preset: Preset) => boolean;
  /** All that the project's own configuration says to the tool, as text. */
  readonly settingsOf: (preset: Preset) => string;
}

/** Adds the steps of a script. `isCheck` says that its name makes it a check as a whole, so that all its builds count. */
export function addSteps(drafts: Drafts, name: string, steps: readonly Step[], isCheck: boolean, info: ScriptInfo): void {
  const chain: string[] = [];
  const walk = (parts: readonly Step[], before: readonly string[]): readonly string[] => {
    let builds = before;
    const own: string[] = [];
    for (const part of parts) {
      if (part.kind === 'parallel') {
        builds = [...new Set([...builds, ...part.branches.flatMap((branch) => walk(branch, builds))])];
        continue;
      }
      const draft = addDraft(drafts, draftOf(part, isCheck, info));
      chain.push(draft.key);
      const waits = (part.kind === 'check' || part.kind === 'build') && part.last ? [...builds, ...own] : builds;
      for (const need of waits) if (need !== draft.key) addNeed(drafts, draft, need);
      // What only reads leaves no traces.
      if (draft.category === 'test' || draft.category === 'build' || draft.preset?.documentation === '') own.push(draft.key);
      const precedes = part.kind === 'check' ? part.first : part.kind === 'build' || part.role === 'build';
      if (precedes) builds = [...builds, draft.key];
    }
    return builds;
  };
  walk(steps, []);
  drafts.chains.set(name, [...new Set(chain)]);
}

/** Adds a draft, or its evidence to the one that is the same check. */
export function addDraft(drafts: Drafts, draft: Draft): Draft {
  const known = drafts.byKey.get(draft.key);
  if (!known) {
    drafts.byKey.set(draft.key, draft);
    return draft;
  }
  known.helper &&= draft.helper;
  for (const evidence of draft.evidence) addEvidence(known, evidence);
  return known;
}

export function addEvidence(draft: Draft, evidence: Evidence): void {
  if (!draft.evidence.some((known) => known.file === evidence.file && known.text === evidence.text))
    draft.evidence.push(evidence);
}

/** Whether another draft runs only after this one. */
export function isNeeded({ key }: Draft, { byKey }: Drafts): boolean {
  return [...byKey.values()].some(({ needs }) => needs.has(key));
}

/** Takes `draft` out, and moves what speaks for it to `other`, which does its work. */
export function giveTo(other: Draft, draft: Draft, { byKey }: Drafts): void {
  byKey.delete(draft.key);
  for (const each of draft.evidence) addEvidence(other, each);
}

/** The draft of a script that runs as one piece. */
export function wholeScript(
  script: string,
  info: ScriptInfo,
  args: readonly string[] = [],
  env: DraftCommand['env'] = {},
): Draft {
  const runner = info.runnerOf(script);
  const command: DraftCommand = { kind: 'script', script, args, env, ...(runner ? { runner } : {}) };
  const evidence = [info.evidenceOf(script)];
  // Of a task the line that says so.
  const text = runner ? info.evidenceOf(script, 'git').text : scriptTextOf({ evidence });
  return {
    key: keyOf(command),
    command,
    category: categoryOfName(runner?.args.at(-1) ?? script),
    origin: runner ? 'task' : 'script',
    script,
    evidence,
    needs: new Set(),
    helper: false,
    ...(comparesWithGit(text) ? { inCopy: 'compares' } : {}),
  };
}

/** The draft of a task that runs as one piece. */
export function wholeTask({ key, name, runner, lines }: Task, evidence: Evidence[]): Draft {
  const command: DraftCommand = { kind: 'script', script: key, args: [], env: {}, runner };
  const compares = lines.some((line) => line.command.kind === 'shell' && comparesWithGit(line.command.text));
  return {
    key: keyOf(command),
    command,
    category: categoryOfName(name),
    origin: 'task',
    script: key,
    evidence,
    needs: new Set(),
    helper: false,
    ...(compares ? { inCopy: 'compares' } : {}),
  };
}

/** The draft of a tool that no script calls. */
export function configuredTool(preset: Preset, evidence: Evidence[], targetsAreConfigured: boolean): Draft {
  const targets = targetsAreConfigured ? [] : preset.defaultTargets;
  const takesFiles = preset.takes.length > 0;
  const command: DraftCommand = {
    kind: 'program',
    program: preset.programs[0] ?? preset.id,
    asModule: false,
    options: preset.machineReadable(takesFiles ? preset.defaultOptions : [...preset.defaultOptions, ...targets]),
    targets: takesFiles ? targets : [],
    written: takesFiles ? preset.defaultOptions : [...preset.defaultOptions, ...targets],
    given: preset.defaultOptions,
    env: {},
  };
  const rest = { evidence, needs: new Set<string>(), helper: false };
  return { key: keyOf(command), command, preset, category: preset.category, origin: 'configuration', ...rest };
}

/** Whether `key` waits for `other`, directly or through others. */
export function waitsFor(drafts: Drafts, key: string, other: string, seen = new Set<string>()): boolean {
  if (key === other) return true;
  if (seen.has(key)) return false;
  seen.add(key);
  return [...(drafts.byKey.get(key)?.needs ?? [])].some((need) => waitsFor(drafts, need, other, seen));
}

/** Two scripts may run the same builds in opposite order; the first found stands, so that needs never go round. */
export function addNeed(drafts: Drafts, draft: Draft, need: string): void {
  if (!waitsFor(drafts, need, draft.key)) draft.needs.add(need);
}

/** What waits for `before` waits for `after` instead. */
export function moveNeeds(drafts: Drafts, before: string, after: string): void {
  for (const other of drafts.byKey.values()) if (other.needs.delete(before)) addNeed(drafts, other, after);
}

/** Takes `draft` out. What needs it needs what that needs. */
export function dropDraft(draft: Draft, drafts: Drafts): void {
  drafts.byKey.delete(draft.key);
  for (const other of drafts.byKey.values())
    if (other.needs.delete(draft.key)) for (const need of draft.needs) addNeed(drafts, other, need);
}

/** The draft of one step. `isCheck` as for `addSteps`. */
export function draftOf(step: Exclude<Step, { kind: 'parallel' }>, isCheck: boolean, info: ScriptInfo): Draft {
  const evidence = [
    step.kind === 'script' ? info.evidenceOf(step.script) : info.evidenceOf(step.script, step.call.program, step.call.args[0]),
  ];
  const origin: Origin = info.runnerOf(step.script) ? 'task' : 'script';
  switch (step.kind) {
    case 'script': {
      const draft = wholeScript(step.script, info, step.args, step.env);
      return step.role === 'check' ? draft : { ...draft, category: 'build', helper: !isCheck };
    }
    case 'build': {
      const command = commandOf(step.call, info);
      const helper = !isCheck || isPreparation(step.call.program, step.call.args);
      return {
        key: keyOf(command),
        command,
        ...presetIn(step.call),
        category: 'build',
        origin,
        script: step.script,
        evidence,
        needs: new Set(),
        helper,
      };
    }
    case 'check': {
      const { preset } = step.call;
      const command = commandOf(step.call, info);
      const category = command.kind === 'program' && command.options[0] === 'format' ? 'format' : preset.category;
      const rest = { script: step.script, evidence, needs: new Set<string>(), helper: false };
      return { key: keyOf(command), command, preset, category, origin, ...rest };
    }
    default:
      return step satisfies never;
  }
}

function presetIn(call: Call): { readonly preset?: Preset } {
  return call.preset ? { preset: call.preset } : {};
}

function commandOf(call: Call, info: ScriptInfo): DraftCommand {
  const { program, asModule, args, env, preset } = call;
  const base = { kind: 'program', program, asModule, given: args, env } as const;
  if (!preset) return { ...base, options: args, targets: [], written: args };
  const { options, targets } = splitArguments(args, preset);
  if (preset.takes.length === 0) {
    // What follows the first file is for that file, not for the runtime.
    const own = RUNTIMES.has(program) && targets[0] !== undefined ? args.indexOf(targets[0]) : args.length;
    const rewritten = [...preset.machineReadable(args.slice(0, own)), ...args.slice(own)];
    return { ...base, options: rewritten, targets: [], written: args };
  }
  const fallback = info.targetsAreConfigured(preset) ? [] : preset.defaultTargets;
  const machine = preset.machineReadable(options);
  const handed = call.vague && !call.valuesOnly && targets.length === 0 ? ({ handed: true } as const) : {};
  return { ...base, options: machine, targets: targets.length > 0 ? targets : fallback, ...handed, written: options };
}

/** Options with their values, and what the tool is to look at. */
export function splitArguments(
  args: readonly string[],
  preset: Preset,
): { readonly options: readonly string[]; readonly targets: readonly string[] } {
  const options: string[] = [];
  const targets: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    const next = args[index + 1];
    if (arg === '--') {
      targets.push(...args.slice(index + 1).map((target) => (target.startsWith('-') ? `./${target}` : target)));
      break;
    }
    if (index === 0 && preset.subcommands.includes(arg)) options.push(arg);
    else if (!arg.startsWith('-') || arg === '-') targets.push(arg);
    else {
      options.push(arg);
      if (takesNext(preset, arg) && next !== undefined && !next.startsWith('-')) {
        options.push(next);
        index += 1;
      }
    }
  }
  return { options, targets };
}

/** Puts `after` in the place of `before`: what it is known by, what it needs and what needs it. */
export function replaceDraft(drafts: Drafts, before: Draft, after: Draft): void {
  drafts.byKey.delete(before.key);
  const known = addDraft(drafts, { ...after, helper: before.helper, evidence: [...before.evidence] });
  for (const each of after.evidence) addEvidence(known, each);
  for (const need of before.needs) addNeed(drafts, known, need);
  moveNeeds(drafts, before.key, known.key);
}

/** Two calls are the same check when they differ in nothing that reaches the tool. */
export function keyOf(command: DraftCommand): string {
  const env = Object.entries(command.env).sort(([a], [b]) => (a < b ? -1 : 1));
  return command.kind === 'script'
    ? JSON.stringify(['script', command.script, command.args, env])
    : JSON.stringify(['program', command.program, command.asModule, command.options, command.targets, env]);
}

/** Whether one of the gates stands in a pipeline of CI. */
export function isCheckedByCi(drafts: readonly { readonly evidence: readonly Evidence[] }[]): boolean {
  return drafts.some(({ evidence }) => evidence.some(({ file }) => isPipelineFile(file)));
}

/** Whether one of them is a hook of pre-commit. */
export function isRunByHooks(drafts: readonly Pick<Draft, 'evidence'>[]): boolean {
  return drafts.some(({ evidence }) => evidence.some(({ file }) => HOOKS.test(file)));
}

/** Where the hooks of pre-commit stand that only look, and are run together. */
export const OTHER_HOOKS = 'other hooks';

const HOOKS = /(?:^|\/)(?:\.pre-commit-config\.ya?ml|\.?prek\.toml)$/;

/** The text of the script that a draft stands in, as its evidence quotes it. */
export function scriptTextOf({ evidence }: Pick<Draft, 'evidence'>): string {
  return (evidence[0]?.text ?? '').replace(/^"[^"]*":\s*"?/, '').replace(/"$/, '');
}
