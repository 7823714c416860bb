/** Adds what tasks, CI steps and hooks say to the drafts of a package: gates of their own, or evidence of those that are there. Pure. */
import path from 'node:path';
import { type AndOr, type Command, type PipelineNode, parse, type Statement } from 'unbash';
import type { Category, Evidence } from '../gate-model.js';
import { aimOf, covers } from './aim.js';
import { withOtherHooks } from './all-hooks.js';
import {
  addDraft,
  addEvidence,
  addSteps,
  configuredTool,
  type Draft,
  type Drafts,
  draftOf,
  isCheckedByCi,
  isRunByHooks,
  replaceDraft,
  type ScriptInfo,
  wholeTask,
} from './drafts.js';
import type { Mention } from './mention.js';
import type { Preset } from './preset.js';
import { changesInLine } from './script-changes.js';
import { isDocumentationBuild } from './script-documentation.js';
import { findChecks } from './script-fragments.js';
import { knownCheckOf } from './script-lookup.js';
import { isCheckName, isExcludedName, wordsOf } from './script-names.js';
import { isBuildCall } from './script-programs.js';
import type { Call, FixCall, ScriptContext, Step } from './script-steps.js';
import { evidenceOfMention, type Task } from './script-tasks.js';
import { takeTaskApart } from './scripts.js';

/** A mention, and where the package lies in whose files it stands: relative to the workspace folder with `/`. */
export interface Mentioned {
  readonly mention: Mention;
  readonly from: string;
}

export interface MentionContext {
  readonly drafts: Drafts;
  readonly scripts: ScriptContext;
  readonly info: ScriptInfo;
  /** Drafts in one piece that start the preset's program already, as far as that is known; CI says more by what it calls beside them. */
  readonly startedBy: (preset: Preset, calledByCi: boolean) => readonly Draft[];
}

/** A task that could not be taken apart; it becomes a gate when nothing else does what its name says. */
export interface Leftover {
  readonly task: Task;
  /** Grows by what else calls it. */
  readonly evidence: Evidence[];
  /** Where its name says nothing of it. */
  readonly category?: Category;
}

/** The tasks first, since a person wrote them to be run by hand; then CI, then hooks. */
export function addMentions(
  mentions: readonly Mentioned[],
  tasks: readonly Task[],
  context: MentionContext,
): readonly Leftover[] {
  const left: Leftover[] = [];
  for (const task of tasks) {
    const rest = addTask(task, mentions, context);
    if (rest) left.push(rest);
  }
  const rank = { task: 0, workflow: 1, hook: 2 };
  const others = withOtherHooks(mentions, tasks).filter(({ mention }) => mention.role !== 'task' || !mention.runner);
  for (const each of [...others].sort((a, b) => rank[a.mention.role] - rank[b.mention.role])) {
    const purpose = purposeOf(each.mention);
    if (purpose === 'something else') continue;
    const mendingChecks = () => each.mention.role === 'hook' || isComparedAfter(each.mention, mentions);
    const maker = (check: Call, preset: Preset) => makerOf(check, preset, each.mention, mentions, context);
    addFragment(each, { tasks, context, left, proseOnly: purpose === 'prose', mendingChecks, maker });
  }
  return left;
}

/** What a job is for that releases, deploys or measures is no check of the repository; of one for documentation only what reads prose. */
export function purposeOf(mention: Mention): 'checks' | 'prose' | 'something else' {
  const { role, name, file } = mention;
  if (role === 'hook' || mention.handedOn) return 'checks';
  const own = plainWordsOf(name);
  const ofFile = role === 'workflow' ? plainWordsOf(path.posix.basename(file)) : [];
  // `build-release.yml` of which some jobs check what is proposed, and one releases.
  const shared = mention.reviewed === true && ofFile.some((word) => ALSO_CHECKS.has(word));
  if ([...own, ...(shared ? [] : ofFile)].some((word) => NOT_CHECKS.has(word))) return 'something else';
  if (own.some((word) => TESTS.has(word))) return 'checks';
  return [...own, ...ofFile].some((word) => word === 'docs' || word === 'pages') ? 'prose' : 'checks';
}

function plainWordsOf(name: string): readonly string[] {
  return name.toLowerCase().split(/[^a-z]+/);
}

/** Words in the name of a file that is about more than releases. */
const ALSO_CHECKS = new Set('build builds test tests testing check checks ci lint main verify'.split(' '));
/** `docs-tests` runs tests that stand in documentation, `typecheck` of `docs.yml` checks its types. */
const TESTS = new Set('test tests lint linting typecheck types'.split(' '));

const NOT_CHECKS = new Set(
  'release releases publish publishing deploy deployment deploys bench benchmark benchmarks nightly fuzz stale release-please wheels benches'.split(
    ' ',
  ),
);

function addTask(task: Task, mentions: readonly Mentioned[], context: MentionContext): Leftover | undefined {
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
    const fresh = checks.every((step) => sameTool(step.call.preset, context).length === 0);
    if (fresh) addSteps(drafts, task.key, taken.steps, isCheckName(task.name), info);
    else for (const step of flat) mergeStep(step, [], 'task', context);
    return undefined;
  }
  for (const line of task.lines) {
    // What stands before a line may prepare what unknown programs in it need.
    const alone = task.lines.length === 1 && !line.inShellScript;
    for (const step of flatten(findChecks(line, task.key, { ...silent, inShellScript: !alone })))
      if (step.kind === 'check') mergeStep(step, [], 'task', context);
  }
  const changes = task.lines.some(({ command }) => changesInLine(command));
  return isCheckName(task.name) && !changes ? { task, evidence: [evidence] } : undefined;
}

/** Whether the same job looks afterwards at whether anything has changed: what mends is a check there. */
function isComparedAfter(mention: Mention, mentions: readonly Mentioned[]): boolean {
  const later = mentions.slice(mentions.findIndex((each) => each.mention === mention) + 1);
  return later.some(({ mention: { command, file, name } }) => {
    const compares =
      command.kind === 'shell' && /\bgit\s+(?:diff\b.*--(?:exit-code|quiet)|status\b.*--porcelain)/.test(command.text);
    return compares && file === mention.file && name === mention.name;
  });
}

interface Surroundings {
  readonly tasks: readonly Task[];
  readonly context: MentionContext;
  readonly left: Leftover[];
  readonly proseOnly: boolean;
  /** What mends says that the project keeps to what the tool checks. */
  readonly mendingChecks: () => boolean;
  readonly maker: MakerOf;
}

/** The build that makes what a check looks at. */
type MakerOf = (check: Call, preset: Preset) => Step | undefined;

function buildsIn(mention: Mention, scripts: ScriptContext): readonly (Step & { readonly kind: 'build' })[] {
  const known = BUILDS.get(mention);
  if (known) return known;
  const { onFix: _, ...silent } = scripts;
  const found = flatten(findChecks(mention, mention.name, silent)).filter((step) => step.kind === 'build');
  BUILDS.set(mention, found);
  return found;
}

/** Each may be asked for by many checks. */
const BUILDS = new WeakMap<Mention, readonly (Step & { readonly kind: 'build' })[]>();

/** As CI calls it: before the check in its job, else anywhere. */
function makerOf(
  check: Call,
  preset: Preset,
  own: Mention,
  mentions: readonly Mentioned[],
  { scripts }: MentionContext,
): Step | undefined {
  const { isMadeBy } = preset;
  if (!isMadeBy) return undefined;
  const at = mentions.findIndex(({ mention }) => mention === own);
  const inJob = ({ mention }: Mentioned) => mention.file === own.file && mention.name === own.name;
  const before = mentions.slice(0, Math.max(at, 0)).toReversed();
  for (const { mention } of [...before.filter(inJob), ...before, ...mentions.slice(at + 1)]) {
    const found = buildsIn(mention, scripts).find(({ call }) => isMadeBy(check.args, [call.program, ...call.args].join(' ')));
    if (found) return found;
  }
  return undefined;
}

function addFragment({ mention, from }: Mentioned, surroundings: Surroundings): void {
  const { tasks, context, left, proseOnly, mendingChecks, maker } = surroundings;
  const evidence = [mention, ...(mention.via ? [mention.via] : [])].map((each) => evidenceOfMention(each, from));
  const fixes: FixCall[] = [];
  // What a linter cannot mend, it fails for.
  const linting: FixCall[] = [];
  const scripts: ScriptContext = {
    ...context.scripts,
    inShellScript: mention.inShellScript === true || mention.secret === true,
    onFix: (call, script) => {
      const isLint = call.preset.category === 'lint' && context.scripts.scripts.has(script) && isCheckName(script);
      if (isLint && mention.role === 'workflow') linting.push(call);
      else if (script === mention.name) fixes.push(call);
    },
  };
  for (const step of flatten(findChecks(mention, mention.name, scripts))) {
    if (step.kind === 'build' && isDocumentationBuild(step.call.program, step.call.args)) {
      if (mention.reviewed) addDocumentation(step, evidence, context);
      continue;
    }
    const task = step.kind === 'script' ? tasks.find(({ key }) => key === step.script) : undefined;
    if (proseOnly && categoryOfStep(step, task, context) !== 'lint') continue;
    const known = task && left.find((each) => each.task.key === task.key);
    if (known) known.evidence.push(...evidence);
    // What of the task is a gate of its own, CI runs too.
    const keys = task && neededBy(task, tasks);
    if (keys)
      for (const draft of context.drafts.byKey.values())
        if (draft.script !== undefined && keys.has(draft.script)) for (const each of evidence) addEvidence(draft, each);
    if (task) {
      if (!known && isPieceOfCi(step, mention, context)) addPiece(task, evidence, surroundings);
      continue;
    }
    if (mention.handedOn && addHandedOn(step, evidence, context)) continue;
    mergeStep(withSettings(step, mention.settings, context), evidence, mention.role, context, maker);
  }
  const mended = [...linting, ...(fixes.length > 0 && mendingChecks() ? fixes : [])].map(({ preset }) => preset);
  for (const preset of [...mended, ...toolsNamedBy(mention, context.scripts.presets)])
    mergeDraft(configured(preset, evidence, context), evidence, 'any', context);
}

/** What kind of check a step is, as far as that is known. */
function categoryOfStep(step: PlainStep, task: Task | undefined, { scripts }: MentionContext): Category | undefined {
  return step.kind === 'check' ? step.call.preset.category : task && knownCheckOf(task, scripts.presets)?.category;
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

/** Whether CI runs a task in one piece, nothing of which is a gate of its own. */
function isPieceOfCi(step: PlainStep, { role }: Mention, { drafts }: MentionContext): boolean {
  if (step.kind !== 'script' || step.role !== 'check' || role !== 'workflow') return false;
  return ![...drafts.byKey.values()].some(({ script }) => script === step.script);
}

/** What its name does not say, a check in it does. */
function addPiece(task: Task, evidence: readonly Evidence[], { context, left }: Surroundings): void {
  const category = isCheckName(task.name) ? undefined : knownCheckOf(task, context.scripts.presets)?.category;
  if (category) left.push({ task, evidence: [context.info.evidenceOf(task.key), ...evidence], category });
}

/** `rust-clippy`, the name of another repository's workflow: what is called like a tool runs it. */
function toolsNamedBy({ borrowed }: Mention, presets: readonly Preset[]): readonly Preset[] {
  const words = (borrowed ?? '')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== 'standard' && word !== 'tap');
  return borrowed === undefined
    ? []
    : presets.filter(({ id }) => words.includes(id) || words.includes(/^cargo-(clippy|deny)$/.exec(id)?.[1] ?? ''));
}

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

type PlainStep = Exclude<Step, { kind: 'parallel' }>;

function isBuildStep(
  step: PlainStep,
): step is Extract<PlainStep, { kind: 'build' }> | (Extract<PlainStep, { kind: 'script' }> & { readonly role: 'build' }) {
  return step.kind === 'build' || (step.kind === 'script' && step.role === 'build');
}

/** Keys of the task and of all that run before it. */
function neededBy(task: Task, tasks: readonly Task[], seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(task.key)) return seen;
  seen.add(task.key);
  for (const other of tasks) if (task.needs.includes(other.key)) neededBy(other, tasks, seen);
  return seen;
}

function configured(preset: Preset, evidence: readonly Evidence[], { info }: MentionContext): Draft {
  return { ...configuredTool(preset, [...evidence], info.targetsAreConfigured(preset)), origin: 'hook' };
}

function flatten(steps: readonly Step[]): readonly PlainStep[] {
  return steps.flatMap((step) => (step.kind === 'parallel' ? step.branches.flatMap(flatten) : [step]));
}

function mergeStep(
  step: PlainStep,
  evidence: readonly Evidence[],
  origin: Mention['role'],
  context: MentionContext,
  maker: MakerOf = () => undefined,
): void {
  const { drafts, info } = context;
  if (isBuildStep(step)) {
    if (origin === 'workflow') addBuildOfCi(step, evidence, context);
    return;
  }
  const plain = draftOf(step, false, info);
  const own = evidence.length > 0 ? evidence : plain.evidence;
  if (drafts.byKey.has(plain.key)) {
    mergeDraft({ ...plain, evidence: [...own] }, own, 'any', context);
    return;
  }
  // What a whole script would run is found where the script stands; but for its name nobody may have looked for a check there.
  if (step.kind === 'script') {
    if (origin === 'workflow' && step.role === 'check' && !isCheckName(step.script) && !info.runnerOf(step.script))
      addDraft(drafts, { ...plain, evidence: [...plain.evidence, ...own] });
    return;
  }
  const { preset, vague } = step.call;
  // What is left of the arguments of a tool that is not known in detail may be something else than a check.
  if (vague && preset.documentation === '') return;
  const made = preset.id === 'ctest' ? buildOfTests(plain) : maker(step.call, preset);
  const build = made && made.kind !== 'parallel' && addDraft(drafts, { ...draftOf(made, false, info), evidence: [...own] });
  if (build) plain.needs.add(build.key);
  const loose = origin === 'hook' ? 'any' : vague ? 'variant' : undefined;
  mergeDraft({ ...plain, script: step.script, origin, evidence: [...own] }, own, loose, context);
}

/** What CI builds in a job for checks, it checks that it builds; not what it only prepares, packs, or makes for readers. */
function addBuildOfCi(step: PlainStep, evidence: readonly Evidence[], { drafts, info }: MentionContext): void {
  const draft = draftOf(step, true, info);
  if (draft.helper || isForReaders(draft) || (step.kind === 'build' && !isBuilder(step.call))) return;
  const own: Draft = { ...draft, origin: 'workflow', evidence: [...evidence] };
  const known = [...drafts.byKey.values()].find((other) => other.category === 'build' && isForAnotherMachine(own, other));
  if (known) for (const each of evidence) addEvidence(known, each);
  else addDraft(drafts, own);
}

/** Whether both build the same with Go, for different machines. */
function isForAnotherMachine({ command: a }: Draft, { command: b }: Draft): boolean {
  if (a.kind !== 'program' || b.kind !== 'program' || a.program !== 'go' || b.program !== 'go') return false;
  const said = ({ options, env }: typeof a) =>
    JSON.stringify([options, Object.entries(env).filter(([name]) => !/^(?:GOOS|GOARCH|GOARM|CGO_ENABLED)$/.test(name))]);
  return said(a) === said(b);
}

/** A program that is known to build, wholly as it is written: of any other nobody knows what it does. */
function isBuilder({ program, args, asModule, vague, preset }: Call | BuildCall): boolean {
  if (vague || args[0] === 'pack') return false;
  return preset !== undefined || (asModule ? program === 'build' : isBuildCall(program, args));
}

type BuildCall = (Step & { readonly kind: 'build' })['call'];

function isForReaders({ script, command }: Draft): boolean {
  const words = wordsOf(command.kind === 'script' ? (script ?? '') : command.given.join(' '));
  return words.some((word) => FOR_READERS.has(word));
}

const FOR_READERS = new Set('doc docs documentation site website storybook example examples demo demos playground'.split(' '));

/** The build of the directory that CTest is told of: tests are those of the last one. */
function buildOfTests({ command }: Draft): Step | undefined {
  const options = command.kind === 'program' ? command.options : [];
  const place = options[options.indexOf('--test-dir') + 1];
  if (!options.includes('--test-dir') || place === undefined) return undefined;
  return { kind: 'build', script: 'cmake', call: { program: 'cmake', asModule: false, args: ['--build', place], env: {} } };
}

/** What of a call does not tell checks apart: all of its arguments, or those that say what variant of the code is checked. */
type Loose = 'any' | 'variant' | undefined;

function mergeDraft(draft: Draft, evidence: readonly Evidence[], loose: Loose, context: MentionContext): void {
  const { drafts } = context;
  const same = draft.preset ? sameTool(draft.preset, context, draft.origin === 'workflow') : [];
  if (drafts.byKey.has(draft.key) || same.length === 0 || (loose !== 'any' && isAnother(draft, same, loose))) {
    addDraft(drafts, draft);
    return;
  }
  const [best] = same;
  if (best && isNarrower(best, draft)) {
    replaceDraft(drafts, best, { ...draft, evidence: [...evidence] });
    return;
  }
  if (best) for (const each of evidence) addEvidence(best, each);
}

/** Whether CI runs `draft` for everything, and `known` for a part of it before. */
function isNarrower(known: Draft, draft: Draft): boolean {
  if (known.origin !== 'workflow' || draft.origin !== 'workflow' || known.needs.size > 0) return false;
  const [part, whole] = [aimOf(known), aimOf(draft)];
  // Compiled for another machine it is no more of the same.
  const elsewhere = draft.command.kind === 'program' && draft.command.given.some((arg) => /^--target(?:=|$)/.test(arg));
  if (part?.variant !== whole?.variant || elsewhere) return false;
  if ((part?.targets.length ?? 0) > 0 && whole?.targets.length === 0) return true;
  return draft.category === 'test' && selectionOf(known).length > 0 && selectionOf(draft).length === 0;
}

/** Options by which a test run is limited to some of the tests. */
function selectionOf({ command }: Draft): readonly string[] {
  const given = command.kind === 'program' ? command.given : [];
  return given.filter((arg) =>
    /^(?:--(?:test|lib|bins?|examples?|benches|doc|package|filter|grep|project)|-[pkR]|-run)(?:=|$)/.test(arg),
  );
}

function sameTool(preset: Preset, { drafts, startedBy }: MentionContext, calledByCi = false): readonly Draft[] {
  const own = [...drafts.byKey.values()].filter((draft) => draft.preset?.id === preset.id && draft.command.kind === 'program');
  return own.length > 0 ? own : startedBy(preset, calledByCi);
}

/** Whether a call checks something that none of `others` does: it names other targets, another configuration, or another variant of the code. */
function isAnother(draft: Draft, others: readonly Draft[], loose: Loose): boolean {
  const mine = aimOf(draft);
  const theirs = others.map(aimOf);
  if (theirs.some((aim) => aim === undefined) || mine === undefined) return false;
  if (theirs.every((aim) => aim?.config !== mine.config)) return true;
  if ((loose !== 'variant' || mine.variant !== '') && theirs.every((aim) => aim?.variant !== mine.variant)) return true;
  if (mine.targets.length === 0) return false;
  // A package that was built is one, however it is named.
  if (draft.preset?.documentation === '' && draft.preset.isMadeBy) return false;
  // Which words of a tool are values of options, nobody knows; those before them are for certain something else.
  if (draft.preset?.documentation === '') return others.every((other) => leadingWords(other) !== leadingWords(draft));
  return theirs.every(
    (aim) =>
      aim !== undefined &&
      aim.targets.length > 0 &&
      mine.targets.every((target) => !aim.targets.some((other) => reaches(other, target) || reaches(target, other))),
  );

  function reaches(upper: string, target: string): boolean {
    // A folder is a package of its own to go; only `/...` goes below it.
    return draft.preset?.ecosystem === 'go' && !upper.endsWith('...') ? upper === target : covers(upper, target);
  }
}

function leadingWords({ command }: Draft): string {
  const given = command.kind === 'program' ? command.given : [];
  const end = given.findIndex((arg) => arg.startsWith('-'));
  return given.slice(0, end < 0 ? given.length : end).join(' ');
}

/** Gates of tasks in one piece, where no gate is about what the task's name says, and of those that CI runs and of which nothing is known. */
export function addLeftovers(left: readonly Leftover[], covered: ReadonlySet<Category>, { drafts }: MentionContext): void {
  const done = new Set(covered);
  const pieces = new Set([...drafts.byKey.values()].map(({ script }) => script));
  // `check` that runs `lint` and `test` says no more than they do.
  for (const { task, evidence, category } of left) {
    const plain = wholeTask(task, evidence);
    const draft = category ? { ...plain, category } : plain;
    const said = new Set([task.key, ...task.lines.map(({ text }) => text)].join(' ').split(/[^\w.-]+/));
    const text = task.lines
      .map((line) => line.text.replace(/\$[({](\w+)[)}]/g, (_, name: string) => name.toLowerCase()))
      .join(' ');
    const calls = ({ id }: Preset) => said.has(id) || (id.includes('-') && text.includes(id.replace('-', ' ')));
    const all = [...drafts.byKey.values()];
    const same = all.find(({ preset }) => preset !== undefined && calls(preset));
    if (same) for (const each of evidence) addEvidence(same, each);
    if (/\b(?:pre[-_]commit|prek)\b/.test(text) && isRunByHooks(all)) continue;
    const counts = isCheckedByCi([draft]) && !pieces.has(task.key) && !same;
    if (done.has(draft.category) && !counts) continue;
    done.add(draft.category);
    addDraft(drafts, draft);
  }
}

/**
 * The same mentions with `cd directory && …` turned into a place to run. Parts after a `cd` to what is not known are left out. CTest is told
 * of the directory instead: it is made by a build, so that nothing can run there before.
 */
export function relocated(mention: Mention): readonly Mention[] {
  return partsInPlace(mention).map((each) => {
    const { cwd, command } = each;
    if (cwd === '' || command.kind === 'argv' || !/^ctest\b(?!.*--test-dir)/.test(command.text)) return each;
    return { ...each, cwd: '', command: { kind: 'shell', text: command.text.replace(/^ctest/, `ctest --test-dir ${cwd}`) } };
  });
}

function partsInPlace(mention: Mention): readonly Mention[] {
  if (mention.command.kind === 'argv' || !CHANGES_DIRECTORY.test(mention.command.text)) return [mention];
  const { text } = mention.command;
  const { checkout } = mention;
  const result: Mention[] = [];
  const walk = (statements: readonly Statement[], start: Directory): Directory =>
    statements.reduce((directory, { command }) => visit(command, directory), start);
  const visit = (node: PipelineNode | AndOr, directory: Directory): Directory => {
    if (node.type === 'AndOr') {
      return node.operators.includes('||')
        ? directory
        : node.commands.reduce((place, command) => visit(command, place), directory);
    }
    // What a subshell changes to, ends with it.
    if (node.type === 'Subshell') {
      walk(node.body.commands, directory);
      return directory;
    }
    if (node.type === 'If' && CHANGES_DIRECTORY.test(text.slice(node.pos, node.end))) {
      const before = result.length;
      walk(node.then.commands, directory);
      walk(node.else?.commands ?? [], directory);
      // Whether it runs at all, the condition decides.
      for (const [index, each] of result.entries()) if (index >= before) result[index] = { ...each, inShellScript: true };
      return directory;
    }
    const change = node.type === 'Command' ? directoryAfter(node, directory, checkout) : undefined;
    if (change) return change;
    // Beside the repository as in it: most lines name nothing that tells.
    const cwd = directory.cwd?.startsWith('..') ? '' : directory.cwd;
    if (cwd !== undefined) result.push({ ...mention, cwd, command: { kind: 'shell', text: text.slice(node.pos, node.end) } });
    return directory;
  };
  const start = checkout === undefined ? mention.cwd : path.posix.relative(checkout, '.');
  walk(parse(text).commands, { cwd: start, previous: undefined, pushed: [] });
  return result;
}

const CHANGES_DIRECTORY = /(?:^|[\s;&(])(?:cd|pushd)\s/;

/** Where a script is, where it was before, and where `popd` leads; undefined where that is not known. */
interface Directory {
  readonly cwd: string | undefined;
  readonly previous: string | undefined;
  readonly pushed: readonly (string | undefined)[];
}

/** Undefined for a command that changes nothing about where the script is. */
function directoryAfter({ name, args }: Command, from: Directory, checkout: string | undefined): Directory | undefined {
  const { cwd, previous, pushed } = from;
  const [word] = args;
  const target = word?.type === 'Word' ? word.value : '';
  const place =
    target === '-' ? previous : cwd === undefined || !/^[\w@.][\w@./-]*$/.test(target) ? undefined : to(cwd, target, checkout);
  switch (name?.value) {
    case 'cd':
      return { cwd: place, previous: cwd, pushed };
    case 'pushd':
      return { cwd: place, previous: cwd, pushed: [cwd, ...pushed] };
    case 'popd':
      return { cwd: pushed[0], previous: cwd, pushed: pushed.slice(1) };
    default:
      return undefined;
  }
}

/** A directory seen from the repository, which lies in `checkout` of a larger folder; above it begins with `..`. */
function to(cwd: string, target: string, checkout: string | undefined): string | undefined {
  if (checkout === undefined) return inside(cwd, target);
  const place = path.posix.join(checkout, cwd, target);
  return place.startsWith('..') ? undefined : path.posix.relative(checkout, place);
}

/** A directory seen from another one, with `/`; undefined outside of where both are counted from. */
export function inside(cwd: string, target: string): string | undefined {
  const place = path.posix.join(cwd, target).replace(/\/$/, '');
  return place.startsWith('..') ? undefined : place === '.' ? '' : place;
}
