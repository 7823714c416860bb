/** Adds what tasks, CI steps and hooks say to the drafts of a package: gates of their own, or evidence of those that are there. Pure. */
import type { Category, Evidence } from '../gate-model.js';
import { withOtherHooks } from './all-hooks.js';
import { addDraft, addEvidence, addNeed, addSteps, type Draft, draftOf, isCheckedByCi, replaceDraft } from './drafts.js';
import type { Leftover } from './leftovers.js';
import type { Mention } from './mention.js';
import { isAlternative } from './mention-alternative.js';
import { isBeside } from './mention-beside.js';
import { type AimedHook, asAimedHook, asHook, needsStagedFiles } from './mention-hooks.js';
import { addStepsOfCi, type Read } from './mention-left.js';
import { addMakers, makerOf } from './mention-makers.js';
import {
  checkOfMended,
  configured,
  flatten,
  isBuildStep,
  type MakerOf,
  type MentionContext,
  mergeDraft,
  mergeStep,
  type PlainStep,
  sameTool,
} from './mention-merge.js';
import { purposeOf } from './mention-purpose.js';
import { isOfOtherVersions } from './mention-versions.js';
import type { Preset } from './preset.js';
import { changesInLine } from './script-changes.js';
import { isDocumentationBuild } from './script-documentation.js';
import { findChecks } from './script-fragments.js';
import { imageBuild } from './script-images.js';
import { knownCheckOf } from './script-lookup.js';
import { isMeasuredCheck, isMeasuring } from './script-measured.js';
import { categoryOfName, isCheckName, isExcludedName, wordsOf } from './script-names.js';
import { makesPages } from './script-pages.js';
import { PLAIN_PRESETS } from './script-plain-checks.js';
import type { Call, FixCall, ScriptContext } from './script-steps.js';
import { categoryOfTarget, isCheckOfCi, isPlainBuild, needsSetUp } from './script-targets.js';
import { calledTasks, evidenceOfMention, isTaskBeside, type Task } from './script-tasks.js';
import { comparesWithGit } from './script-verdict.js';
import { callsIn } from './script-words.js';
import { takeTaskApart } from './scripts.js';

/** A mention, and where the package lies in whose files it stands: relative to the workspace folder with `/`. */
export interface Mentioned {
  readonly mention: Mention;
  readonly from: string;
}

/** The tasks first, since a person wrote them to be run by hand; then CI, then hooks. */
export function addMentions(
  mentions: readonly Mentioned[],
  tasks: readonly Task[],
  context: MentionContext,
): readonly Leftover[] {
  const left: Leftover[] = [];
  for (const task of tasks) {
    const rest = addTask(task, mentions, tasks, context);
    if (rest) left.push(rest);
  }
  const inCi = mentions.some(({ mention }) => mention.role === 'workflow');
  const read: Read[] = [];
  const builds = new Map<string, string>();
  const rank = { task: 0, workflow: 1, hook: 2 };
  const others = withOtherHooks(mentions, tasks).filter(({ mention }) => mention.role !== 'task' || !mention.runner);
  for (const each of [...others].sort((a, b) => rank[a.mention.role] - rank[b.mention.role])) {
    const purpose = purposeOf(each.mention);
    if (purpose === 'something else') continue;
    if (onlyShows(each.mention) || isAlternative(each.mention, mentions) || isOfOtherVersions(each.mention, mentions)) continue;
    if (each.mention.inline) {
      read.push({ mentioned: each, checks: false });
      continue;
    }
    const mendingChecks = () => isHookThatFails(each.mention, inCi) || isComparedAfter(each.mention, mentions, tasks);
    const maker = (check: Call, preset: Preset) => makerOf(check, preset, each.mention, mentions, context);
    const beside = { ...context, isBeside: (a: Draft, b: Draft) => isBeside(a, b, each.mention, mentions) };
    const later: (() => void)[] = [];
    const checks = addFragment(each, { later, builds, tasks, context: beside, left, only: ONLY[purpose], mendingChecks, maker });
    read.push({ mentioned: each, checks, ...(later.length > 0 ? { builds: later } : {}) });
  }
  const checked = new Set(read.filter(({ checks }) => checks).map(({ mentioned }) => mentioned.mention.file));
  for (const { mentioned, builds = [] } of read) if (!checked.has(mentioned.mention.file)) for (const add of builds) add();
  addStepsOfCi(read, { tasks, context, left });
  addMakers(mentions, context);
  return left;
}

/** Whether a hook stops whoever has something to mend, as pre-commit does; where CI says what counts, others mend, and go on. */
function isHookThatFails({ role, file }: Mention, inCi: boolean): boolean {
  return role === 'hook' && (!inCi || /(?:^|\/)(?:\.pre-commit-config\.ya?ml|\.?prek\.toml)$/.test(file));
}

/** Whether a step of CI says that it only shows something: `Print the version`. */
function onlyShows({ step, role }: Mention): boolean {
  return role === 'workflow' && /^(?:print|show|display|dump)\b/i.test(step?.name ?? '');
}

function addTask(
  task: Task,
  mentions: readonly Mentioned[],
  tasks: readonly Task[],
  context: MentionContext,
): Leftover | undefined {
  // What only names other tasks says nothing that they do not.
  if (task.lines.length === 0 || task.lines.every(({ offered }) => offered)) return undefined;
  const { drafts, info } = context;
  const mended: FixCall[] = [];
  const silent: ScriptContext = {
    ...context.scripts,
    onFix: (call, script) => {
      context.scripts.onFix?.(call, script);
      if (call.args.some((arg) => arg.startsWith('--exit-non-zero'))) mended.push(call);
    },
  };
  const taken = takeTaskApart(task, silent);
  if (isExcludedName(task.name)) return undefined;
  const from = mentions.find(({ mention }) => mention === task.lines[0])?.from ?? '';
  const [first] = task.lines;
  const evidence = first ? evidenceOfMention(first, from) : info.evidenceOf(task.key);
  // What mends and fails when it had to, checks.
  for (const { preset } of mended)
    mergeDraft({ ...configured(preset, [evidence], context), origin: 'task' }, [evidence], 'any', context);
  if (taken.kind === 'steps') {
    const flat = flatten(taken.steps);
    const checks = flat.filter((step) => step.kind === 'check');
    const named = flat.filter((step) => step.kind === 'script' && isTaskBeside(step.script, task, tasks));
    if (named.length > 0 && flat.every((step) => named.includes(step) || isBuildStep(step))) return undefined;
    const fresh = checks.every((step) => sameTool(step.call.preset, context).length === 0);
    if (fresh) addSteps(drafts, task.key, taken.steps, isCheckName(task.name), info);
    else for (const step of flat) mergeStep(step, [], 'task', context);
    return undefined;
  }
  for (const line of task.lines) {
    // Where it runs, and with what beside it, the task alone knows.
    if (line.manyPlaces || needsSetUp(task, tasks)) continue;
    // What stands before a line may prepare what unknown programs in it need.
    const alone = task.lines.length === 1 && !line.inShellScript;
    for (const step of flatten(findChecks(line, task.key, { ...silent, inShellScript: !alone })))
      if (step.kind === 'check') mergeStep(step, [], 'task', context);
      // A script of the repository that is called a check is one.
      else if (step.kind === 'script' && step.role === 'check' && step.script !== task.key && isPartOfTarget(step.script, task))
        addDraft(drafts, draftOf(step, false, info));
  }
  const changes = task.lines.some(({ command }) => changesInLine(command));
  const apart = needsSetUp(task, tasks) ? ({ apart: true } as const) : {};
  return isCheckName(task.name) && !changes ? { task, evidence: [evidence], ...apart } : undefined;
}

/** Whether a target, which is called a check, starts a script of the repository: of what scripts start, they know more than anybody else. */
function isPartOfTarget(script: string, { name, runner }: Task): boolean {
  const isShell = /^(?:ba|da|k|z)?sh$/;
  return isCheckName(name) && !isShell.test(runner.program) && isShell.test(script.split(' ')[0] ?? '');
}

/** Whether the same job looks afterwards at whether anything has changed: what mends is a check there. */
function isComparedAfter(mention: Mention, mentions: readonly Mentioned[], tasks: readonly Task[]): boolean {
  if (mention.role !== 'workflow') return false;
  // In its own line that comes after it, too.
  const later = mentions.slice(mentions.findIndex((each) => each.mention === mention));
  const { file, name } = mention.via ?? mention;
  return later.some(({ mention: other }) => other.file === file && other.name === name && comparesChanges(other, tasks));
}

function comparesChanges({ command, compares: isDone }: Mention, tasks: readonly Task[]): boolean {
  if (isDone) return true;
  if (command.kind !== 'shell') return false;
  // Or by a task that does.
  const called = callsIn(command.text).flatMap((words) => calledTasks(words, tasks) ?? []);
  return (
    comparesWithGit(command.text) ||
    called.some(({ lines }) => lines.some((line) => line.command.kind === 'shell' && comparesWithGit(line.command.text)))
  );
}

/** What counts of jobs that are for something besides checks. */
const ONLY = {
  checks: undefined,
  prose: new Set<Category>(['lint']),
  sources: new Set<Category>(['lint', 'types', 'format']),
};

interface Surroundings {
  readonly tasks: readonly Task[];
  readonly context: MentionContext;
  readonly left: Leftover[];
  /** The kinds of checks that count; all where nothing is said. */
  readonly only: ReadonlySet<Category> | undefined;
  /** What mends says that the project keeps to what the tool checks. */
  readonly mendingChecks: () => boolean;
  readonly maker: MakerOf;
  /** What a shell script builds, counts only where it does nothing but to build: else that prepares its checks. */
  readonly later: (() => void)[];
  /** Keys of the builds that make what checks after them look at, by file and job. */
  readonly builds: Map<string, string>;
}

/** Whether a step counts in a job that is for something besides checks. */
function countsThere(step: PlainStep, task: Task | undefined, { reviewed }: Mention, { only, context }: Surroundings): boolean {
  const category = categoryOfStep(step, task, context);
  if (category !== undefined && only?.has(category)) return true;
  if (only === ONLY.sources)
    return step.kind === 'check' ? isMeasuredCheck(step.call.preset) : task?.lines.some(measures) === true;
  if (only !== ONLY.prose) return false;
  const makesPages = reviewed === true && step.kind === 'script' && step.role === 'build';
  // Examples in documentation that are tested are a check of it.
  return makesPages || (step.kind === 'check' && isDocumentationBuild(step.call.program, step.call.args));
}

/** Whether something in it is known to check, or is left to whoever reads prose. */
function addFragment({ mention, from }: Mentioned, surroundings: Surroundings): boolean {
  const { tasks, context, left, only, mendingChecks, maker } = surroundings;
  const evidence = [mention, ...(mention.via ? [mention.via] : [])].map((each) => evidenceOfMention(each, from));
  const fixes: FixCall[] = [];
  const fixesOfScripts: FixCall[] = [];
  // What a linter cannot mend, it fails for.
  const linting: FixCall[] = [];
  const scripts: ScriptContext = {
    ...context.scripts,
    ...(mention.files ? { files: new Set(mention.files) } : {}),
    ...(mention.gone ? { gone: new Set(mention.gone) } : {}),
    inShellScript: mention.inShellScript === true || mention.secret === true,
    onFix: (call, script) => {
      const isLint = call.preset.category === 'lint' && context.scripts.scripts.has(script) && isCheckName(script);
      if (isLint && mention.role === 'workflow') linting.push(call);
      else if (script === mention.name) fixes.push(call);
      else if (mention.role === 'workflow') fixesOfScripts.push(call);
    },
  };
  const steps = flatten(findChecks(mention, mention.name, scripts))
    .filter((step) => !needsStagedFiles(step, mention))
    .map((step) => asHook(asAimedHook(step, mention, aimedIn(context)), mention));
  if (steps.length === 0 && mention.role === 'workflow') addToMeasured(mention, evidence, surroundings);
  for (const step of steps) {
    const piece = isHalfKnown(step, context) ? tasks.find(({ key }) => key === step.script) : undefined;
    if (piece && addWhole(piece, step, evidence, surroundings)) continue;
    if (addPages(step, mention, evidence, context)) continue;
    const task = step.kind === 'script' ? tasks.find(({ key }) => key === step.script) : undefined;
    if (only && !countsThere(step, task, mention, surroundings)) continue;
    const known = task && left.find((each) => each.task.key === task.key);
    if (known) known.evidence.push(...evidence);
    // What of the task is a gate of its own, CI runs too.
    const keys = task && neededBy(task, tasks);
    if (keys)
      for (const draft of context.drafts.byKey.values())
        if (draft.script !== undefined && keys.has(draft.script)) for (const each of evidence) addEvidence(draft, each);
    if (task) {
      if (isBuildStep(step) && isBuiltByCi(task, mention)) addBuildingTask(task, step, evidence, surroundings);
      if (!known && isPieceOfCi(step, mention, context)) addPiece(task, evidence, surroundings);
      continue;
    }
    if (mention.handedOn && addHandedOn(step, evidence, context)) continue;
    if (isBuildStep(step) && (mention.scheduled || (isImageStep(step) && !mention.reviewed))) continue;
    if (isBuildStep(step) && mention.inShellScript) {
      surroundings.later.push(() => mergeStep(step, evidence, mention.role, context, maker));
      continue;
    }
    mergeStep(mention.served ? step : withSettings(step, mention.settings, context), evidence, mention.role, context, maker);
    // Of what only CI says that it checks nobody knows what of the builds before it that looks at.
    const isUnnamed = step.kind === 'script' && !isCheckName(step.script) && mention.role === 'workflow';
    if (only === ONLY.prose || isUnnamed || isBuildStep(step)) orderBuilds(step, mention, surroundings);
  }
  const mending =
    mention.role === 'hook' ? fixes.filter(({ preset }) => preset.documentation !== '') : [...fixes, ...fixesOfScripts];
  const mended = [...linting, ...(mending.length > 0 && mendingChecks() ? mending : [])];
  for (const draft of [
    ...mended.map((call) => checkOfMended(call, mention.name, evidence, context)),
    ...toolsNamedBy(mention, context.scripts.presets).map((preset) => configured(preset, evidence, context)),
  ])
    mergeDraft(draft, evidence, 'any', context);
  return mended.length > 0 || steps.some((step) => !isBuildStep(step) || isDocumented(step));
}

/** Whether a line runs something to measure what it reaches. */
function measures({ command }: Mention): boolean {
  return (command.kind === 'argv' ? [command.argv] : callsIn(command.text)).some(isMeasuring);
}

/** Says of what tasks measure that CI runs it, where not all that they do is understood: a report beside it. */
function addToMeasured({ command }: Mention, evidence: readonly Evidence[], { tasks, context: { drafts } }: Surroundings): void {
  const calls = command.kind === 'argv' ? [command.argv] : callsIn(command.text);
  const keys = new Set(calls.flatMap((words) => calledTasks(words, tasks) ?? []).map(({ key }) => key));
  for (const draft of drafts.byKey.values())
    if (draft.script !== undefined && keys.has(draft.script) && draft.preset && isMeasuredCheck(draft.preset))
      for (const each of evidence) addEvidence(draft, each);
}

function aimedIn(context: MentionContext): AimedHook {
  const { targetsAreConfigured, settingsOf } = context.info;
  const isCalled = (preset: Preset) => sameTool(preset, context, true).length > 0;
  return { isCalled, areToldBy: targetsAreConfigured, said: settingsOf };
}

/**
 * Whether not all of its words are known, and nobody can say what is left without them; of a tool that is known in detail, whether that is
 * something else than what it does in a task of another name.
 */
function isHalfKnown(step: PlainStep, context: MentionContext): boolean {
  if (step.kind !== 'check' || step.call.vague !== true) return false;
  if (step.call.preset.documentation === '') return true;
  const { runnerOf } = context.info;
  const others = sameTool(step.call.preset, context);
  return others.length > 0 && others.every(({ script = '' }) => script !== step.script && runnerOf(script) !== undefined);
}

/** The task that calls it in its place, which knows all of its words. Whether it is one of a single command. */
function addWhole(task: Task, step: PlainStep, evidence: readonly Evidence[], { context, left }: Surroundings): boolean {
  const commands = task.lines.filter(
    ({ command }) => command.kind === 'argv' || !/^\s*(?:echo|printf|mkdir)\b/.test(command.text),
  );
  if (commands.length > 1 || step.kind !== 'check') return false;
  const at = left.findIndex((each) => each.task.key === task.key);
  const known = left[at];
  const { category, documentation } = step.call.preset;
  const whole = {
    task,
    evidence: [...(known?.evidence ?? [context.info.evidenceOf(task.key)]), ...evidence],
    category,
    apart: documentation !== '',
  };
  if (known) left[at] = whole;
  else left.push(whole);
  return true;
}

/** What a job builds comes before its checks of what was built. */
function orderBuilds(step: PlainStep, { file, name }: Mention, { context: { drafts, info }, builds }: Surroundings): void {
  const job = JSON.stringify([file, name]);
  const draft = drafts.byKey.get(draftOf(step, false, info).key);
  const build = builds.get(job);
  if (draft && isBuildStep(step)) builds.set(job, draft.key);
  else if (draft && build !== undefined && step.kind === 'script') addNeed(drafts, draft, build);
}

function isImageStep(step: PlainStep): boolean {
  return step.kind === 'build' && imageBuild([step.call.program, ...step.call.args]) !== undefined;
}

function isDocumented(step: PlainStep): boolean {
  return step.kind === 'build' && isDocumentationBuild(step.call.program, step.call.args);
}

/** What kind of check a step is, as far as that is known. */
function categoryOfStep(step: PlainStep, task: Task | undefined, { scripts }: MentionContext): Category | undefined {
  if (step.kind === 'check') return step.call.preset.category;
  const said = task && isCheckName(task.name) ? categoryOfName(task.name) : undefined;
  if (step.kind === 'script' && !task) return isCheckName(step.script) ? categoryOfName(step.script) : undefined;
  return task && (knownCheckOf(task, scripts.presets)?.category ?? said);
}

/** Pages that are built of what is proposed. Whether nothing else is to be said of the step. */
function addPages(step: PlainStep, mention: Mention, evidence: readonly Evidence[], context: MentionContext): boolean {
  const { reviewed, secret } = mention;
  if (step.kind === 'build' && isDocumentationBuild(step.call.program, step.call.args)) {
    if (reviewed) addDocumentation(inItsScript(step, mention), evidence, context);
    return true;
  }
  const isScript = step.kind === 'script' && isBuildStep(step) && makesPages(step.script, context.scripts.scripts);
  if (!isScript || !reviewed || secret) return false;
  addDraft(context.drafts, buildOf(step, evidence, context));
  return true;
}

/** The build as its shell script makes it, where only that knows all of its words. */
function inItsScript(step: PlainStep & { kind: 'build' }, { inShellScript, file }: Mention): PlainStep & { kind: 'build' } {
  if (!step.call.vague || !inShellScript) return step;
  return { ...step, call: { program: 'bash', asModule: false, args: [file], env: step.call.env } };
}

/** That pages can be made is checked once, in whatever formats. */
function addDocumentation(
  step: PlainStep & { kind: 'build' },
  evidence: readonly Evidence[],
  { drafts, info }: MentionContext,
): void {
  const draft = { ...draftOf(step, true, info), origin: 'workflow' as const, evidence: [...evidence] };
  const isLike = ({ command }: Draft) => command.kind === 'program' && isDocumentationBuild(command.program, command.given);
  const known = [...drafts.byKey.values()].find((other) => other.key !== draft.key && !other.helper && isLike(other));
  if (known) for (const each of evidence) addEvidence(known, each);
  else addDraft(drafts, draft);
}

/** A task that builds; one whose lines are all known, with a check among them, is what its lines are. */
function addBuildingTask(
  task: Task,
  step: PlainStep,
  evidence: readonly Evidence[],
  { context, maker }: Pick<Surroundings, 'context' | 'maker'>,
): void {
  const lines = task.lines.map((line) => (line.manyPlaces ? [] : flatten(findChecks(line, task.key, context.scripts))));
  const steps = lines.flat();
  const isKnown = lines.every((found) => found.length > 0) && steps.every(({ kind }) => kind !== 'script');
  if (!isKnown || !steps.some(({ kind }) => kind === 'check')) addDraft(context.drafts, buildOf(step, evidence, context));
  else for (const each of steps) mergeStep(each, evidence, 'workflow', context, maker);
}

/** Whether CI runs a task in one piece, nothing of which is a gate of its own. */
function isPieceOfCi(step: PlainStep, { role }: Mention, { drafts }: MentionContext): boolean {
  if (step.kind !== 'script' || step.role !== 'check' || role !== 'workflow') return false;
  return ![...drafts.byKey.values()].some(({ script }) => script === step.script);
}

/** Whether CI builds by it what is proposed: not what it only generates or packs. */
function isBuiltByCi(task: Task, { role, reviewed }: Mention): boolean {
  return (
    role === 'workflow' && reviewed === true && isPlainBuild(task) && !task.lines.some(({ command }) => changesInLine(command))
  );
}

function buildOf(step: PlainStep, evidence: readonly Evidence[], { info }: MentionContext): Draft {
  const draft = draftOf(step, true, info);
  return { ...draft, evidence: [...draft.evidence, ...evidence] };
}

/** What its name does not say, a check in it does. */
function addPiece(task: Task, evidence: readonly Evidence[], { context, left }: Surroundings): void {
  const known = isCheckName(task.name) ? undefined : knownCheckOf(task, context.scripts.presets)?.category;
  const category = known ?? (isCheckName(task.name) || !isCheckOfCi(task) ? undefined : categoryOfTarget(task));
  if (category) left.push({ task, evidence: [context.info.evidenceOf(task.key), ...evidence], category });
}

/** `rust-clippy`, the name of another repository's workflow or action: what is called like a tool runs it. */
function toolsNamedBy({ borrowed }: Mention, presets: readonly Preset[]): readonly Preset[] {
  if (borrowed === undefined) return [];
  const isAction = borrowed.includes('/');
  const name = ` ${borrowed.toLowerCase().replace(/[^a-z\d]+/g, ' ')} `;
  const isNamed = ({ id }: Preset) => name.includes(` ${id.replace(/^cargo-(clippy|deny)$/, '$1').replaceAll('-', ' ')} `);
  const all = isAction
    ? [...presets, ...PLAIN_PRESETS].filter(({ category, id }) => category !== 'test' && id.length > 4)
    : presets;
  const found = all.filter((preset) => !NAMES_OF_ELSE.has(preset.id) && isNamed(preset));
  return isAction ? found.slice(0, 1) : found;
}

/** Words that mean something else in names, too. */
const NAMES_OF_ELSE = new Set('standard tap poetry composer robot prettier-check committed reuse packer ruff black'.split(' '));

/** The check of a package as the root starts it, with what it adds to the package's own script. Whether it is one. */
function addHandedOn(step: PlainStep, evidence: readonly Evidence[], { drafts, info }: MentionContext): boolean {
  if (isBuildStep(step)) return false;
  const own = { ...draftOf(step, false, info), evidence: [...evidence] };
  const isSame = (draft: Draft) =>
    draft.script === step.script &&
    draft.preset?.id === own.preset?.id &&
    draft.command.kind === own.command.kind &&
    // Only what is the package's own, and no other line runs as it is.
    !drafts.handedOn.has(draft.key) &&
    !isCheckedByCi([draft]);
  const all = [...drafts.byKey.values()].filter(isSame);
  const known = drafts.byKey.get(own.key) ?? (all.length === 1 ? all[0] : undefined);
  drafts.handedOn.add(own.key);
  if (known) replaceDraft(drafts, known, { ...own, origin: known.origin });
  else addDraft(drafts, { ...own, evidence: [...draftOf(step, false, info).evidence, ...evidence] });
  return true;
}

/** As CI sets it up, unless it is a script or a task that a user runs without. */
function withSettings(step: PlainStep, settings: Mention['settings'], { drafts, info }: MentionContext): PlainStep {
  if (step.kind !== 'check' || settings === undefined || Object.keys(settings).length === 0) return step;
  const known = drafts.byKey.get(draftOf(step, false, info).key);
  const forUsers = known && known.origin !== 'workflow' && !wordsOf(known.script ?? '').includes('ci');
  if (forUsers) return step;
  const own = { ...step, call: { ...step.call, env: { ...step.call.env, ...settings } } };
  // A script for CI alone is what CI makes of it.
  if (known && known.origin !== 'workflow') replaceDraft(drafts, known, { ...draftOf(own, false, info), origin: known.origin });
  return own;
}

/** Keys of the task and of all that run before it. */
function neededBy(task: Task, tasks: readonly Task[], seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(task.key)) return seen;
  seen.add(task.key);
  for (const other of tasks) if (task.needs.includes(other.key)) neededBy(other, tasks, seen);
  return seen;
}
