/** Which of the gates that only configuration or CI speaks for are done already by others. Pure. */
import { aimOf, covers, isForMachine } from './aim.js';
import { dropBuiltAnyway } from './built-anyway.js';
import {
  addEvidence,
  type Draft,
  type Drafts,
  isCheckedByCi,
  isNeeded,
  isRunByHooks,
  OTHER_HOOKS,
  scriptTextOf,
} from './drafts.js';
import { isLeavingOut } from './left-out.js';
import { isOfTargetsOfCi } from './projects-of-ci.js';
import { isRunInOtherWords } from './redundancy-of-ci.js';
import { dropRepeatedBuilds } from './repeated-builds.js';
import { dropRestated } from './restated.js';
import { settleTargets } from './runner-targets.js';
import { isCheckName } from './script-names.js';
import { isTargetLeftToCi } from './targets-of-ci.js';
import { dropVariants } from './variants.js';
import { isWithinGlobsOfCi } from './within-globs.js';

/**
 * The tool of the first id checks no more than one of the others does; with `plain`, only when it is called without options, with `only`
 * when all that it is given is such. What the project runs by a script or a task of its own stays.
 */
const COVERED_BY: readonly {
  readonly id: string;
  readonly by: readonly string[];
  readonly plain?: true;
  readonly only?: RegExp;
  /** Only where nothing but configuration speaks for it. */
  readonly configured?: true;
}[] = [
  { id: 'tsc', by: ['vue-tsc', 'svelte-check'] },
  { id: 'standard', by: ['eslint', 'xo', 'biome'] },
  { id: 'eslint', by: ['xo'] },
  // With other features it builds what the others do not.
  { id: 'cargo-check', by: ['cargo-test', 'cargo-clippy', 'cargo-hack-check', 'cargo-hack-test'], plain: true },
  { id: 'cargo-test', by: ['cargo-nextest', 'cargo-hack-test'] },
  { id: 'go-vet', by: ['golangci-lint'] },
  { id: 'gofmt', by: ['gofumpt'] },
  { id: 'go-test', by: ['gotestsum', 'ginkgo'], plain: true },
  { id: 'staticcheck', by: ['golangci-lint'] },
  { id: 'markdownlint-cli', by: ['markdownlint-cli2'] },
  { id: 'unittest', by: ['pytest'] },
  // It runs them.
  { id: 'phpunit', by: ['pest', 'simple-phpunit'] },
  { id: 'black', by: ['ruff-format'] },
  { id: 'maven', by: ['gradle'] },
  // What is configured is what that looks at.
  { id: 'pyright', by: ['pyright-verifytypes'], configured: true },
  { id: 'rake-test', by: ['rspec'] },
  { id: 'rake-lint', by: ['rubocop'], only: /^rubocop(?:$|:)/ },
  { id: 'rake-lint', by: ['standardrb'], only: /^standard(?:$|:)/ },
];

/** Takes out of `drafts` what others cover, and `pre-commit` where its hooks are gates of their own. */
export function dropRedundant(drafts: Drafts): void {
  const all = [...drafts.byKey.values()];
  const ids = new Set(all.filter((draft) => draft.command.kind === 'program').map((draft) => draft.preset?.id));
  const inCi = isCheckedByCi(all);
  const hooked = isRunByHooks(all.filter(({ preset }) => preset?.id !== 'pre-commit'));
  for (const draft of all) {
    if (draft.script === OTHER_HOOKS && draft.preset?.id === 'pre-commit') settleOtherHooks(draft, drafts, hooked, all);
    else if (draft.preset?.id === 'pre-commit' ? hooked : isCovered(draft, { ids, inCi, all })) remove(drafts, draft);
  }
  if (inCi) for (const draft of all) if (isOnlySet(draft)) remove(drafts, draft);
  dropRepeatedBuilds(drafts);
  dropBuiltAnyway(drafts);
  dropRestated(drafts);
  const others = newOthers(all);
  for (const draft of all) if (isRepeated(draft, others)) remove(drafts, draft);
  for (const draft of all.filter((each) => isCollection(each, others))) {
    remove(drafts, draft);
    settleTargets(draft, others.byScript, drafts);
  }
  for (const draft of all) if (isCompiledBy(draft, others) && !isNeeded(draft, drafts)) remove(drafts, draft);
  const ofPytest = all.filter(({ preset }) => preset?.id === 'pytest');
  for (const draft of all) {
    const whole =
      others.sameResult(draft).find((other) => isPiece(draft, other) && drafts.byKey.has(other.key)) ??
      ofPytest.find((other) => isLeavingOut(draft, other) && drafts.byKey.has(other.key));
    if (!whole) continue;
    remove(drafts, draft);
    for (const each of draft.evidence) addEvidence(whole, each);
  }
  dropVariants(drafts);
}

/**
 * Whether all that speaks for a tool is its table in a file that tools share: it is no dependency, and nothing calls it. Where CI checks
 * anything, such settings are for editors; tests are not, whatever runs them.
 */
function isOnlySet({ origin, category, evidence }: Draft): boolean {
  return (
    origin === 'configuration' &&
    category !== 'test' &&
    evidence.every(({ file, text }) => /(?:^|\/)pyproject\.toml$/.test(file) && /^\[tool\./.test(text))
  );
}

/** Hooks that are no gates of their own count where they are not all run by one gate anyway. */
function settleOtherHooks(draft: Draft, drafts: Drafts, hooked: boolean, all: readonly Draft[]): void {
  const { preset, key } = draft;
  const whole = !hooked && all.some((other) => other.preset?.id === 'pre-commit' && other !== draft);
  if (!preset || whole) remove(drafts, draft);
  else drafts.byKey.set(key, { ...draft, preset: { ...preset, tool: `${preset.tool} (${OTHER_HOOKS})` } });
}

/** The drafts of a package by what they may share: each is compared only with few of the thousands that there may be. */
interface Others {
  readonly all: readonly Draft[];
  readonly byScript: ReadonlyMap<string, readonly Draft[]>;
  /** Ids of presets of which CI runs a call. */
  readonly presetsOfCi: ReadonlySet<string | undefined>;
  /** Ids of presets of which there is a check. */
  readonly checks: ReadonlySet<string | undefined>;
  /** Of cargo, without targets, by preset. */
  readonly ofAllPackages: readonly Draft[];
  /** Words of scripts in one piece which CI runs and which measure coverage. */
  readonly wrapping: ReadonlySet<string>;
  /** Those that differ from a draft in nothing that changes a result. */
  readonly sameResult: (draft: Draft) => readonly Draft[];
}

function newOthers(all: readonly Draft[]): Others {
  const inCi = all.filter((draft) => isCheckedByCi([draft]));
  const wrapping = inCi
    .filter(({ command }) => command.kind === 'script')
    .map(scriptWords)
    .filter((words) => words.some((word) => MEASURES.test(word)));
  const byResult = grouped(all, resultOf);
  return {
    all,
    byScript: grouped(all, ({ script }) => script),
    presetsOfCi: new Set(inCi.flatMap(({ preset }) => preset?.id ?? [])),
    checks: new Set(all.filter(({ category }) => category !== 'build').map(({ preset }) => preset?.id)),
    ofAllPackages: all.filter((draft) => draft.preset?.ecosystem === 'rust' && aimOf(draft)?.targets.length === 0),
    wrapping: new Set(wrapping.flat()),
    sameResult: (draft) => byResult.get(resultOf(draft) ?? '') ?? [],
  };
}

function grouped(all: readonly Draft[], keyOf: (draft: Draft) => string | undefined): ReadonlyMap<string, readonly Draft[]> {
  const groups = new Map<string, Draft[]>();
  for (const draft of all) {
    const key = keyOf(draft);
    const group = key === undefined ? undefined : groups.get(key);
    if (group) group.push(draft);
    else if (key !== undefined) groups.set(key, [draft]);
  }
  return groups;
}

/** Whether another draft does its work: CI runs one of which it is a variant, or it is a part of one. */
function isRepeated(draft: Draft, others: Others): boolean {
  return (
    namesakes(draft, others).some((other) => isVariant(draft, other)) ||
    isAside(draft, others) ||
    others.all.some((other) => isTargetLeftToCi(draft, other)) ||
    others.sameResult(draft).some((other) => draft !== other && isLeftToOther(draft, other)) ||
    (others.byScript.get(draft.script ?? '') ?? []).some(
      (other) => isLeftToOther(draft, other) && isParametrized(draft, other),
    ) ||
    isWrapped(draft, others) ||
    isRunInOtherWords(draft, others.all) ||
    isWithinGlobsOfCi(draft, others.all) ||
    isOfTargetsOfCi(draft, others.all) ||
    others.ofAllPackages.some((other) => isPackageOf(draft, other))
  );
}

/** A longer name is not written by hand. */
const LONGEST_NAME = 1000;

/** Those in scripts by whose names the name of the draft's script begins. */
function namesakes({ script = '' }: Draft, { byScript }: Others): readonly Draft[] {
  return [...script.slice(0, LONGEST_NAME).matchAll(/[:-]/g)].flatMap(({ index }) => byScript.get(script.slice(0, index)) ?? []);
}

/** Whether a check compiles what the build does: tests of Rust and of Go, a compiler of types. */
function isCompiledBy(build: Draft, { all, checks }: Others): boolean {
  const { command, preset, category } = build;
  if (category !== 'build' || command.kind !== 'program') return false;
  if (preset) return checks.has(preset.id);
  if (/^bazel(?:isk)?$/.test(command.program)) return all.some((other) => isTestedByBazel(command.given, other));
  const compilers = COMPILED_BY[command.program];
  // For other machines, with other features, without what is for debugging it may fail all the same.
  const plain = command.given.every((arg) =>
    /^(?:build|-v|--verbose|--locked|--workspace|--all|--all-targets|\.\/\.\.\.)$/.test(arg),
  );
  // Tests of some packages compile no others.
  return plain && all.some((other) => compilers?.test(other.preset?.id ?? '') && !namesPackages(other));
}

/** Whether tests of all these targets are run, for which they are all built. */
function isTestedByBazel(given: readonly string[], { command }: Draft): boolean {
  const targets = (words: readonly string[]) => words.slice(1).filter((word) => !word.startsWith('-'));
  if (command.kind !== 'program' || !/^bazel(?:isk)?$/.test(command.program) || command.given[0] !== 'test') return false;
  return (
    !command.given.includes('--build_tests_only') && targets(given).every((target) => targets(command.given).includes(target))
  );
}

const COMPILED_BY: Readonly<Record<string, RegExp>> = {
  // What only looks at the code neither generates nor links any.
  cargo: /^cargo-(?:test|nextest)$/,
  dotnet: /^dotnet-test$/,
};

/** Whether `other` checks all packages of a workspace of Rust as `draft` checks one of them. */
function isPackageOf(draft: Draft, other: Draft): boolean {
  if (draft.preset?.ecosystem !== 'rust' || draft.preset.id !== other.preset?.id || draft.needs.size > 0) return false;
  // What another machine needs is other code; tests are the same there.
  if (isForMachine(draft) && !isForMachine(other) && draft.category !== 'test') return false;
  const [mine, its] = [aimOf(draft), aimOf(other)];
  return (mine?.targets.length ?? 0) > 0 && its?.targets.length === 0 && isPart(draft, other);
}

/** Whether CI runs `other`, but not `draft`, which is a script's. */
function isLeftToOther(draft: Draft, other: Draft): boolean {
  return draft.origin === 'script' && !isCheckedByCi([draft]) && isCheckedByCi([other]);
}

/** Whether CI runs `other`, and `draft` by its name is the same for another purpose, which CI does not run: `karma:firefox`. */
function isVariant(draft: Draft, other: Draft): boolean {
  const [a, b] = [draft.command, other.command];
  if (!isLeftToOther(draft, other)) return false;
  if (a.kind === 'script') return addsNothing(draft, other);
  if (b.kind === 'script' || draft.preset === undefined || draft.preset.id !== other.preset?.id) return false;
  const same = (command: typeof a) => JSON.stringify([command.program, command.options, command.targets]);
  return same(a) === same(b) || (isPart(draft, other) && !looksElsewhere(draft, other));
}

/** Whether a script in one piece is the command of `other`, or starts its script, but for environment, coverage, and how results are shown. */
export function addsNothing(draft: Draft, other: Draft): boolean {
  const words = wordsIn(scriptTextOf(draft).replace(PIPED, ''));
  const base =
    other.command.kind === 'script'
      ? wordsIn(scriptTextOf(other).replace(PIPED, ''))
      : wordsIn([other.command.program, ...other.command.given].join(' '));
  const calls = words.includes(other.script ?? '') && !base.every((word) => words.includes(word));
  const own = calls ? [other.script ?? ''] : base;
  const start = words.findIndex((word) => own.includes(word));
  const measured = words.findIndex((word) => MEASURES.test(word));
  // `cross-env A=1 B=2 karma`, behind what starts all of it.
  const isSet = (index: number): boolean => {
    const [before = '', word = ''] = words.slice(index - 1, index + 1);
    return index > 0 && ASSIGNS.test(word) && (STARTS_WITH.test(before) || isSet(index - 1));
  };
  const isAround = (word: string, index: number) =>
    isSet(index) ||
    (index < start && (AROUND.test(word) || (measured >= 0 && index >= measured) || (calls && STARTS.test(word))));
  return (
    own.every((word) => words.includes(word)) &&
    words.every((word, index) => own.includes(word) || isAround(word, index) || SAME_RESULT.test(word))
  );
}

/** What gets the output of a command. */
const PIPED = /(?<!\|)\|(?!\|)[^|&;]*/g;
const MEASURES = /(?:^|\/)(?:nyc|c8)$/;
/** Before a command: what it is told in its environment. */
const AROUND = /^(?:[A-Za-z_]\w*=.*|cross-env(?:-shell)?|env)$/;
const ASSIGNS = /^[A-Za-z_]\w*=/;
const STARTS_WITH = /^(?:cross-env(?:-shell)?|env)$/;
const STARTS = /^(?:npm|pnpm|yarn|bun|run|-s|--silent)$/;

/** Whether both look at the same with the same configuration, `draft` at no more of it. */
function isPart(draft: Draft, other: Draft): boolean {
  const [mine, its] = [aimOf(draft), aimOf(other)];
  const chosen = CHOOSES.test(draft.preset?.id ?? '') && its?.config === undefined && isOfProject(draft);
  if (!mine || !its || (mine.config !== its.config && !chosen) || mine.variant !== its.variant) return false;
  if (its.targets.length === 0) return true;
  return mine.targets.length > 0 && mine.targets.every((target) => its.targets.some((upper) => covers(upper, target)));
}

/** Whether `draft` names tests, where `other` leaves it to its tool which ones it looks at: by habit those of one folder. */
function looksElsewhere(draft: Draft, other: Draft): boolean {
  if (draft.category !== 'test' || CHOOSES.test(draft.preset?.id ?? '')) return false;
  return (aimOf(draft)?.targets.length ?? 0) > 0 && aimOf(other)?.targets.length === 0;
}

/** Whether it runs some of the projects of one configuration. */
function isOfProject({ command }: Draft): boolean {
  return command.kind === 'program' && command.given.some((arg) => /^--project(?:=|$)/.test(arg));
}

/** What they are given chooses among the tests that they would run anyway. */
const CHOOSES = /^(?:vitest|jest|ava|playwright|cypress)/;

/** The words of the script that a draft stands in, as its evidence quotes it. */
function scriptWords(draft: Draft): readonly string[] {
  return wordsIn(scriptTextOf(draft));
}

function wordsIn(text: string): readonly string[] {
  return text.split(/[\s"\\;&|()]+/).filter((word) => word !== '');
}

/** Whether CI checks with the tool, and `draft` is a call of it in a script that neither CI nor any check runs: `examples:lint`. */
function isAside(draft: Draft, { presetsOfCi }: Others): boolean {
  const { origin, preset, script = '' } = draft;
  const target = /^(?:make|just|task) (\S+)$/.exec(script)?.[1];
  const name = origin === 'script' ? script : origin === 'task' ? target : undefined;
  if (name === undefined || preset === undefined || !presetsOfCi.has(preset.id)) return false;
  return draft.needs.size === 0 && !isCheckedByCi([draft]) && !isCheckName(name);
}

/** Whether both stand in one script, which the other's caller gives more arguments. */
function isParametrized({ command: a, script, preset }: Draft, { command: b, script: same, preset: its }: Draft): boolean {
  if (a.kind !== 'program' || b.kind !== 'program' || script !== same || preset === undefined || preset.id !== its?.id)
    return false;
  return a.given.length < b.given.length && a.given.every((arg, index) => arg === b.given[index]);
}

/**
 * Whether a script in one piece only names scripts that are gates of their own: `nx run-many --targets=lint,types`; or names some that CI
 * runs, while CI does not run it.
 */
function isCollection(draft: Draft, { byScript }: Others): boolean {
  if (draft.command.kind !== 'script' || draft.origin !== 'script') return false;
  const named = scriptWords(draft).flatMap((word) => word.replace(/^--?[\w-]+=/, '').split(','));
  const starts = scriptTextOf(draft)
    .split(/&&|\|\||[;&|]/)
    .every((part) => STARTER.test(part.trim()));
  const isWhole = ({ command, origin }: Draft) => starts && command.kind === 'script' && origin === 'script';
  const counts = (name: string) => byScript.get(name)?.some((each) => isWhole(each) || isLeftToOther(draft, each));
  return [...new Set(named)].filter((name) => name !== draft.script && counts(name)).length > 1;
}

/** Commands that start scripts by their names. */
const STARTER = /^(?:npm|pnpm|yarn|bun|npx|nx|turbo|lerna|wireit|run-s|run-p|npm-run-all2?|concurrently|conc)\s/;

/** Whether CI runs a script in one piece that measures the coverage of the one in which `draft` stands: `nyc npm run unit`. */
function isWrapped(draft: Draft, { wrapping }: Others): boolean {
  return draft.origin === 'script' && !isCheckedByCi([draft]) && wrapping.has(draft.script ?? '');
}

/** The same for calls that differ in nothing that changes a result. */
function resultOf({ command, preset }: Draft): string | undefined {
  if (command.kind !== 'program' || preset === undefined) return undefined;
  const isSame = (arg: string) => SAME_RESULT.test(arg) || (arg === '-b' && preset.id === 'mocha');
  const deciding = new Set(command.given.filter((arg) => !isSame(arg)));
  return JSON.stringify([preset.id, command.program, command.targets, [...deciding].sort()]);
}

/** Whether a script that is not called a check runs the tool as `other` of the same result does. */
function isPiece(draft: Draft, other: Draft): boolean {
  const [a, b] = [draft.command, other.command];
  if (draft === other || a.kind !== 'program' || b.kind !== 'program') return false;
  if (draft.origin !== 'script' || other.origin !== 'script' || !draft.script || draft.needs.size > 0) return false;
  const named = other.script !== draft.script && isCheckName(other.script ?? '');
  if (isCheckName(draft.script) || (!named && a.given.length >= b.given.length)) return false;
  return JSON.stringify(a.env) === JSON.stringify(b.env);
}

const SAME_RESULT =
  /^(?:run|--?(?:reporter|coverage|check-coverage|lines|branches|functions|statements|concurrency|test-only|silent|verbose|(?:no-)?bail|ci|color|no-color|max-?workers|jobs)(?:[=.].*|$)|\d+$)/i;

/** Whether a check of one of these tools compiles all that there is, not only the packages that it is told. */
function compilesAll(tools: readonly string[], all: readonly Draft[]): boolean {
  const compiling = all.filter(({ preset }) => tools.includes(preset?.id ?? ''));
  return compiling.some((draft) => !namesPackages(draft));
}

function namesPackages({ command }: Draft): boolean {
  return command.kind === 'program' && command.given.some((arg) => /^(?:-p|--package)(?:=|$)/.test(arg));
}

interface Beside {
  readonly ids: ReadonlySet<string | undefined>;
  readonly inCi: boolean;
  readonly all: readonly Draft[];
}

function isCovered(draft: Draft, { ids, inCi, all }: Beside): boolean {
  // Where CI says what counts, a target that it does not run is there for whoever wants it.
  const isOwn = draft.origin === 'task' && (!inCi || isCheckedByCi([draft]));
  if (draft.origin === 'script' || isOwn) return false;
  if (draft.command.kind === 'program' && /--cfg\b/.test(draft.command.env['RUSTFLAGS'] ?? '')) return false;
  const given = draft.command.kind === 'program' ? draft.command.given : [];
  const plain = draft.command.kind === 'program' && given.length <= 1;
  return COVERED_BY.some(({ id, by, plain: needsPlain, only, configured }) => {
    if (id !== draft.preset?.id || !by.some((other) => ids.has(other))) return false;
    if (configured && draft.origin !== 'configuration') return false;
    if (id === 'cargo-check' && !compilesAll(by, all)) return false;
    return (plain || !needsPlain) && (only === undefined || given.every((arg) => only.test(arg)));
  });
}

function remove(drafts: Drafts, draft: Draft): void {
  drafts.byKey.delete(draft.key);
  for (const other of drafts.byKey.values()) other.needs.delete(draft.key);
}
