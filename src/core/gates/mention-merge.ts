/** Makes what is mentioned a gate of its own, or evidence of one that is there. Pure. */
import type { Evidence } from '../gate-model.js';
import { aimOf, covers, isForMachine } from './aim.js';
import { isCargoChoice } from './cargo-arguments.js';
import {
  addDraft,
  addEvidence,
  addNeed,
  configuredTool,
  type Draft,
  type Drafts,
  draftOf,
  isCheckedByCi,
  isNeeded,
  replaceDraft,
  type ScriptInfo,
} from './drafts.js';
import type { Mention } from './mention.js';
import { isInBuildFolder, nativeBuild } from './native-builds.js';
import type { Preset } from './preset.js';
import { isDividedByGradle, isSameBuild, runsMore } from './same-build.js';
import { imageBuild } from './script-images.js';
import { baseOfMeasured, isCheckName, onlyGenerates, wordsOf } from './script-names.js';
import { PLAIN_PRESETS } from './script-plain-checks.js';
import { isMending } from './script-plain-row.js';
import { isBuildCall, isPreparation, SAYERS } from './script-programs.js';
import { makesSourcesAnew } from './script-readying.js';
import type { Call, FixCall, ScriptContext, Step } from './script-steps.js';
import { callsIn } from './script-words.js';
import { isInstall } from './script-wrappers.js';
import { isPlainer } from './variants.js';

/** What drafts are merged into. */
export interface MentionContext {
  readonly drafts: Drafts;
  readonly scripts: ScriptContext;
  readonly info: ScriptInfo;
  /** Drafts in one piece that start the preset's program already, as far as that is known; CI says more by what it calls beside them. */
  readonly startedBy: (preset: Preset, calledByCi: boolean) => readonly Draft[];
  /** Whether CI tells the two apart, by where it calls them. */
  readonly isBeside?: (draft: Draft, other: Draft) => boolean;
}

/** A step that is no list of others. */
export type PlainStep = Exclude<Step, { kind: 'parallel' }>;

/** The build that makes what a check looks at. */
export type MakerOf = (check: Call, preset: Preset) => Step | undefined;

/** Whether it builds. */
export function isBuildStep(
  step: PlainStep,
): step is Extract<PlainStep, { kind: 'build' }> | (Extract<PlainStep, { kind: 'script' }> & { readonly role: 'build' }) {
  return step.kind === 'build' || (step.kind === 'script' && step.role === 'build');
}

/** Steps one by one, whatever runs beside what. */
export function flatten(steps: readonly Step[]): readonly PlainStep[] {
  return steps.flatMap((step) => (step.kind === 'parallel' ? step.branches.flatMap(flatten) : [step]));
}

/** The draft of a tool that is only named. */
export function configured(preset: Preset, evidence: readonly Evidence[], { info }: MentionContext): Draft {
  return { ...configuredTool(preset, [...evidence], info.targetsAreConfigured(preset)), origin: 'hook' };
}

/** The check of what a call mends. */
export function checkOfMended(call: FixCall, script: string, evidence: readonly Evidence[], context: MentionContext): Draft {
  const { preset } = call;
  if (preset.documentation !== '') return configured(preset, evidence, context);
  // Of a tool of which only the exit code is read nobody knows what it looks at when it is told nothing.
  const own = preset.defaultOptions;
  const stays = (arg: string) => !isMending(arg) && !own.includes(arg) && preset.isCheck([...own, arg]);
  const args = [...own, ...call.args.filter(stays)];
  const step: PlainStep = { kind: 'check', script, call: { ...call, args } };
  return { ...draftOf(step, false, context.info), origin: 'workflow', script, evidence: [...evidence] };
}

/** Adds a step as a draft, or its evidence to those that do the same. */
export function mergeStep(
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
    // What CI sets for itself is no other check.
    const { script } = step;
    const known = [...drafts.byKey.values()].find((each) => each.script === script && isSameScript(each, plain));
    if (known) for (const each of own) addEvidence(known, each);
    if (known) return;
    const base = baseOfMeasured(step.script, context.scripts.scripts);
    const measured = base === undefined ? undefined : [...drafts.byKey.values()].find((each) => each.script === base);
    if (measured) for (const each of evidence) addEvidence(measured, each);
    else if (origin === 'workflow' && step.role === 'check' && !isCheckName(step.script) && !info.runnerOf(step.script))
      addDraft(drafts, { ...plain, evidence: [...plain.evidence, ...own] });
    return;
  }
  const { preset, vague, valuesOnly } = step.call;
  // What is left of the arguments of a tool that is not known in detail may be something else than a check; not without values alone.
  if (vague && preset.documentation === '' && !(valuesOnly && isInTable(preset))) return;
  const made = preset.id === 'ctest' ? buildOfTests(plain) : maker(step.call, preset);
  const build = made && made.kind !== 'parallel' && addDraft(drafts, { ...draftOf(made, false, info), evidence: [...own] });
  if (build) addNeed(drafts, plain, build.key);
  else if (preset.id === 'ctest') for (const key of buildsByPreset(plain, drafts)) addNeed(drafts, plain, key);
  const loose = origin === 'hook' ? 'any' : vague ? 'variant' : undefined;
  mergeDraft({ ...plain, script: step.script, origin, evidence: [...own] }, own, loose, context);
}

/** Whether both run one script with the same arguments, in whatever environment. */
function isSameScript({ command: a }: Draft, { command: b }: Draft): boolean {
  return a.kind === 'script' && b.kind === 'script' && a.script === b.script && a.args.join('\0') === b.args.join('\0');
}

/** Whether the table of tools says how they check. */
function isInTable({ id }: Preset): boolean {
  return PLAIN_PRESETS.some((row) => row.id === id);
}

/** What CI builds in a job for checks, it checks that it builds; not what it only prepares, packs, or makes for readers. */
function addBuildOfCi(step: PlainStep, evidence: readonly Evidence[], { drafts, info, scripts }: MentionContext): void {
  const draft = draftOf(step, true, info);
  if (step.kind === 'script' && (onlyGenerates(step.script) || makesReady(scripts.scripts.get(step.script) ?? ''))) return;
  if (draft.helper || isForReaders(draft) || (step.kind === 'build' && !isBuilder(step.call))) return;
  const own: Draft = { ...draft, origin: 'workflow', evidence: [...evidence] };
  const known = [...drafts.byKey.values()].find((other) => other.category === 'build' && isSameBuild(own, other));
  if (known) {
    known.helper = false;
    for (const each of evidence) addEvidence(known, each);
  } else addDraft(drafts, own);
}

/** A program that is known to build, wholly as it is written: of any other nobody knows what it does. */
function isBuilder({ program, args, asModule, vague, preset }: Call | BuildCall): boolean {
  // A stub stands for what is not built.
  if (vague || args[0] === 'pack' || args.includes('--stub')) return false;
  if (imageBuild([program, ...args]) !== undefined) return true;
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

/** The build whose preset tests are told of; by another name that before them, since only the file says which they test. */
function buildsByPreset({ command }: Draft, { byKey }: Drafts): readonly string[] {
  const told = ({ command: each }: Pick<Draft, 'command'>) => (each.kind === 'program' ? each.given.join(' ') : '');
  const [, name] = /(?:^|\s)--preset[= ](\S+)/.exec(told({ command })) ?? [];
  if (name === undefined) return [];
  const builds = [...byKey.values()].filter((draft) => /^--build\s(?:.*\s)?--preset\b/.test(told(draft)));
  const own = builds.find((draft) => new RegExp(`--preset[= ]${name.replace(/\W/g, '\\$&')}(?:\\s|$)`).test(told(draft)));
  const last = own ?? builds.at(-1);
  return last ? [last.key] : [];
}

/** What of a call does not tell checks apart: all of its arguments, or those that say what variant of the code is checked. */
type Loose = 'any' | 'variant' | undefined;

/** As `mergeStep`, for a draft; it takes the place of one that checks a part of the same. */
export function mergeDraft(draft: Draft, evidence: readonly Evidence[], loose: Loose, context: MentionContext): void {
  const { drafts } = context;
  const same = draft.preset ? sameTool(draft.preset, context, draft.origin === 'workflow') : [];
  if (
    drafts.byKey.has(draft.key) ||
    same.length === 0 ||
    (loose !== 'any' && (isAnother(draft, same, loose, context.info) || isBesideAll(draft, same, loose, context)))
  ) {
    addDraft(drafts, draft);
    return;
  }
  const named = draft.origin === 'workflow' && draft.command.kind === 'program' ? same.find(isOnlyNamed) : undefined;
  if (named) {
    replaceDraft(drafts, named, { ...draft, evidence: [...evidence] });
    return;
  }
  const best = closest(draft, same);
  if (best && isNarrower(best, draft)) {
    const others = same.slice(1).filter((known) => isNarrower(known, draft) && !isNeeded(known, drafts));
    replaceDraft(drafts, best, { ...draft, evidence: [...evidence, ...others.flatMap((known) => known.evidence)] });
    for (const known of others) drafts.byKey.delete(known.key);
    return;
  }
  if (best && isOfLeftRunner(best, draft, context.info)) replaceDraft(drafts, best, { ...draft, evidence: [...evidence] });
  else if (best && isPlainer(draft, best)) replaceDraft(drafts, best, { ...draft, evidence: [...evidence] });
  else if (best) for (const each of evidence) addEvidence(best, each);
}

/** Whether CI runs a tool by a task of another runner than the one whose task `known` is, which CI does not run: that was there before. */
function isOfLeftRunner(known: Draft, draft: Draft, { runnerOf }: ScriptInfo): boolean {
  const [its, mine] = [known, draft].map(({ script }) => (script === undefined ? undefined : runnerOf(script)?.program));
  const replaces = its !== undefined && mine !== undefined && its !== mine;
  return replaces && known.origin === 'task' && draft.origin === 'workflow' && !isCheckedByCi([known]);
}

/** Whether only the name of an action speaks for it, with nothing that says what it is told. */
function isOnlyNamed({ origin, preset, command }: Draft): boolean {
  const plain = command.kind === 'program' && command.given.join(' ') === preset?.defaultOptions.join(' ');
  return origin === 'hook' && preset?.documentation === '' && plain;
}

/** Whether CI tells it apart from each of `others`, all of whose words are known. */
function isBesideAll(draft: Draft, others: readonly Draft[], loose: Loose, { isBeside }: MentionContext): boolean {
  return loose === undefined && isBeside !== undefined && others.every((other) => isBeside(draft, other));
}

/** Of the drafts of one tool the one that `draft` calls again: that of its script, else one that checks the same. */
function closest(draft: Draft, same: readonly Draft[]): Draft | undefined {
  const mine = aimOf(draft);
  const isAlike = (other: Draft) => {
    const its = aimOf(other);
    return (
      its !== undefined &&
      its.config === mine?.config &&
      its.variant === mine?.variant &&
      its.targets.join() === mine.targets.join()
    );
  };
  const ofScript = (other: Draft) => other.script === draft.script && other.origin === 'script';
  const said = draft.command.kind === 'program' ? [draft.command.program, ...draft.command.given].join(' ') : undefined;
  // A script in one piece may start the tool several times.
  const holds = ({ command, evidence }: Draft) =>
    command.kind === 'script' && said?.includes(' ') === true && evidence.some(({ text }) => text.includes(said));
  const isOfSameVariant = (other: Draft) => aimOf(other)?.variant === mine?.variant && aimOf(other)?.config === mine?.config;
  return (
    same.find((other) => other.script === draft.script && isAlike(other)) ??
    same.find(holds) ??
    same.find(isAlike) ??
    same.find(ofScript) ??
    same.find(isOfSameVariant) ??
    same[0]
  );
}

/** Whether `draft` names all files that `known` names, and more, in the same way. */
function namesMore(known: Draft, draft: Draft): boolean {
  if (
    !NAME_FILES.has(known.preset?.ecosystem ?? 'system') ||
    known.origin !== draft.origin ||
    known.origin === 'script' ||
    known.needs.size > 0
  )
    return false;
  const [part, whole] = [aimOf(known), aimOf(draft)];
  if (!part || !whole || part.variant !== whole.variant || part.config !== whole.config) return false;
  const isPart = part.targets.length > 0 && part.targets.length < whole.targets.length;
  return isPart && part.targets.every((target) => whole.targets.includes(target));
}

/** Of their tools, whatever is no option is a file or a folder. */
const NAME_FILES: ReadonlySet<string> = new Set(['node', 'python', 'ruby', 'php']);

/** Whether CI runs `draft` for everything, and `known` for a part of it before. */
function isNarrower(known: Draft, draft: Draft): boolean {
  if (namesMore(known, draft)) return true;
  if (known.origin !== 'workflow' || draft.origin !== 'workflow' || known.needs.size > 0) return false;
  const [part, whole] = [aimOf(known), aimOf(draft)];
  const elsewhere = isForMachine(draft) || (isForMachine(known) && draft.category !== 'test');
  if (part?.variant !== whole?.variant || elsewhere || leavesPackagesTo(draft, known)) return false;
  if (draft.preset?.id === 'gradle' && runsMore(known, draft)) return true;
  if ((part?.targets.length ?? 0) > 0 && whole?.targets.length === 0) return true;
  if (draft.preset?.documentation === '' && isPartOf(known, draft)) return true;
  return draft.category === 'test' && selectionOf(known).length > 0 && selectionOf(draft).length === 0;
}

/** Whether a call of cargo is for everything here, and what others compile of the same variant is for parts of it on other machines. */
function isWholeBeside(draft: Draft, others: readonly Draft[]): boolean {
  if (draft.command.kind !== 'program' || draft.command.program !== 'cargo' || isForMachine(draft)) return false;
  const alike = others.filter((other) => aimOf(other)?.variant === aimOf(draft)?.variant);
  return alike.length > 0 && alike.every((other) => isForMachine(other) && (aimOf(other)?.targets.length ?? 0) > 0);
}

/** Whether only the other call is told of all packages of a workspace, or one of a manifest that the other is not told of. */
function leavesPackagesTo(draft: Draft, known: Draft): boolean {
  const given = ({ command }: Draft) => (command.kind === 'program' && command.program === 'cargo' ? command.given : []);
  const isForAll = (each: Draft) => given(each).some((arg) => arg === '--workspace' || arg === '--all');
  return given(draft).length > 0 && ((isForAll(known) && !isForAll(draft)) || aimOf(known)?.config !== aimOf(draft)?.config);
}

/** Options by which a test run is limited to some of the tests. */
function selectionOf({ command }: Draft): readonly string[] {
  const given = command.kind === 'program' ? command.given : [];
  return given.filter((arg) =>
    /^(?:--(?:test|lib|bins?|examples?|benches|doc|package|filter|grep|project)|-[pkR]|-run)(?:=|$)/.test(arg),
  );
}

/** Drafts that start the preset's tool. */
export function sameTool(preset: Preset, { drafts, startedBy }: MentionContext, calledByCi = false): readonly Draft[] {
  const own = [...drafts.byKey.values()].filter((draft) => draft.preset?.id === preset.id && draft.command.kind === 'program');
  return own.length > 0 ? own : startedBy(preset, calledByCi);
}

/** Whether a call checks something that none of `others` does: it names other targets, another configuration, or another variant of the code. */
function isAnother(draft: Draft, others: readonly Draft[], loose: Loose, info: ScriptInfo): boolean {
  const mine = aimOf(draft);
  const theirs = others.map(aimOf);
  if (theirs.some((aim) => aim === undefined) || mine === undefined) return false;
  if (theirs.every((aim) => aim?.config !== mine.config)) return true;
  if ((loose !== 'variant' || mine.variant !== '') && theirs.every((aim) => aim?.variant !== mine.variant)) return true;
  if (draft.preset?.id === 'gradle' && others.every((other) => isDividedByGradle(draft, other))) return true;
  if (mine.targets.length === 0) return isWholeBeside(draft, others);
  // What the options of cargo mean, is known whatever command they are given to.
  const alike = others.filter((other) => aimOf(other)?.config === mine.config && aimOf(other)?.variant === mine.variant);
  if (mine.targets.some(isCargoChoice) && alike.length > 0 && areOthers(alike)) return true;
  // A package that was built is one, however it is named.
  if (draft.preset?.documentation === '' && draft.preset.isMadeBy) return false;
  // Which words of a tool are values of options, nobody knows; those before them are for certain something else.
  if (draft.preset?.documentation === '')
    return others.every(
      (other) => !isSaidAlike(draft, other) || isOfAnotherTask(draft, other, info) || startsAnother(draft, other),
    );
  return areOthers(others);

  function areOthers(all: readonly Draft[]): boolean {
    return all.every((other) => {
      const aim = aimOf(other);
      return mine?.targets.every(
        (target) =>
          leavesOut(other, target) ||
          (aim !== undefined &&
            aim.targets.length > 0 &&
            !aim.targets.some((each) => reaches(each, target) || reaches(target, each))),
      );
    });
  }

  function reaches(upper: string, target: string): boolean {
    // A folder is a package of its own to go; only `/...` goes below it.
    return draft.preset?.ecosystem === 'go' && !upper.endsWith('...') ? upper === target : covers(upper, target);
  }
}

/** Whether a run of tests is told not to look at a target: `pytest tests --ignore=tests/languages`. */
function leavesOut(draft: Draft, target: string): boolean {
  const given = draft.category === 'test' && draft.command.kind === 'program' ? draft.command.given : [];
  return given.some((arg, index) => {
    const place = /^--ignore=(.+)$/.exec(arg)?.[1] ?? (given[index - 1] === '--ignore' ? arg : undefined);
    return place !== undefined && covers(place, target);
  });
}

/** Whether both start a program that a build has made, each another one: `valgrind ./target/debug/a`. */
function startsAnother(a: Draft, b: Draft): boolean {
  const started = ({ command }: Draft) => (command.kind === 'program' ? command.given.find(isInBuildFolder) : undefined);
  const [mine, its] = [started(a), started(b)];
  return mine !== undefined && its !== undefined && mine !== its;
}

/** Whether CI runs one by another name than the other: whoever named both tells them apart. */
function isOfAnotherTask({ script = '', origin }: Draft, { script: other = '' }: Draft, { runnerOf }: ScriptInfo): boolean {
  return origin === 'workflow' && script !== other && runnerOf(script) !== undefined && runnerOf(other) !== undefined;
}

/** Whether two calls begin with the same words, hold or end in the same but for options, or one says more of what the other does for all. */
function isSaidAlike(a: Draft, b: Draft): boolean {
  const [mine, its] = [plainWords(a), plainWords(b)];
  // `gosec -exclude-dir examples ./...`: a word more may be the value of an option.
  const endsAlike = mine !== '' && its !== '' && (` ${mine}`.endsWith(` ${its}`) || ` ${its}`.endsWith(` ${mine}`));
  return leadingWords(a) === leadingWords(b) || mine === its || endsAlike || isPartOf(a, b) || isPartOf(b, a);
}

/** `dune runtest http` is a part of `dune runtest`. */
function isPartOf(draft: Draft, whole: Draft): boolean {
  const said = plainWords(whole);
  return said !== '' && plainWords(draft).startsWith(`${said} `);
}

function plainWords({ command }: Draft): string {
  if (command.kind !== 'program') return '';
  // In which folder it was built is not what is checked.
  const build = nativeBuild(command.program, command.given);
  return (build ? build.targets : command.given.filter((arg) => !arg.startsWith('-'))).join(' ');
}

function leadingWords({ command }: Draft): string {
  const given = command.kind === 'program' ? command.given : [];
  const end = given.findIndex((arg) => arg.startsWith('-'));
  return given.slice(0, end < 0 ? given.length : end).join(' ');
}

function makesReady(text: string): boolean {
  return onlyPrepares(text) || makesSourcesAnew(text);
}

/** Whether a script only puts files in place, or brings in what others need: no build of the project, whatever it is called. */
function onlyPrepares(text: string): boolean {
  const calls = callsIn(text).filter(([program = '']) => !SAYERS.has(program));
  return (
    calls.length > 0 &&
    calls.every(([program = '', ...args]) => BRINGS_IN.test(program) || isPreparation(program, args) || isInstall(program, args))
  );
}

/** They change what package managers have installed, or set up hooks of git. */
const BRINGS_IN = /^(?:patch-package|husky|lefthook|simple-git-hooks|skip-install|only-allow)$/;
