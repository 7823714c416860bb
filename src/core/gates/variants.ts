/** Variants of one suite: the same tests in another environment, or with other versions of what they need, are one gate. Pure. */
import { aimOf, covers } from './aim.js';
import { type Draft, type Drafts, giveTo, isCheckedByCi, moveNeeds } from './drafts.js';
import { toldTo } from './mention-beside.js';
import { wordsOf } from './script-names.js';
import { LONGEST } from './script-words.js';
import { choosesTests } from './suite-settings.js';

/**
 * Leaves the plainest of the calls that run the same tests: those that differ in their environment alone, those of a script that a gate
 * in one piece starts without it, and those that are called after versions. What is left is known by the evidence of all.
 */
export function dropVariants(drafts: Drafts): void {
  const { byKey } = drafts;
  for (const same of suitesIn(byKey.values())) {
    const [plain, ...others] = [...same].sort(
      (a, b) => settingsOf(a).length - settingsOf(b).length || toldOf(a) - toldOf(b) || byCi(a) - byCi(b),
    );
    if (plain) for (const other of others) if (sharesSuite(other, plain)) absorb(plain, other, drafts);
  }
  const set = [...byKey.values()].filter((draft) => settingsOf(draft).length > 0);
  const starters = new Map(
    [...byKey.values()].filter(isWholeTest).flatMap((whole) => [...startedIn(whole)].map((script) => [script, whole] as const)),
  );
  for (const draft of set) {
    const whole = isSetBesides(draft) ? starters.get(draft.script ?? '') : undefined;
    if (whole) absorb(whole, draft, drafts);
  }
  for (const draft of [...byKey.values()].filter(isNamedAfterVersions)) {
    const all = [...byKey.values()];
    const plain = all.find((other) => isOfVersions(draft, other, all));
    if (plain) absorb(plain, draft, drafts);
  }
}

/** Whether CI runs by `draft` the tests of `known`, with less set for them. */
export function isPlainer(draft: Draft, known: Draft): boolean {
  if (draft.origin !== 'workflow' || suiteOf(draft) === undefined || suiteOf(draft) !== suiteOf(known)) return false;
  const [less, more] = [settingsOf(draft), settingsOf(known)];
  return less.length < more.length && less.every((each) => more.includes(each)) && sharesSuite(draft, known);
}

/** Calls of tests that tell their tool the same. */
function suitesIn(all: Iterable<Draft>): readonly (readonly Draft[])[] {
  const suites = new Map<string, Draft[]>();
  for (const draft of all) {
    const key = suiteOf(draft);
    if (key === undefined) continue;
    const suite = suites.get(key);
    if (suite) suite.push(draft);
    else suites.set(key, [draft]);
  }
  return [...suites.values()].filter((suite) => suite.length > 1);
}

/** What tests a call runs, by what it tells their tool; undefined for what is no call of tests. */
function suiteOf(draft: Draft): string | undefined {
  const { category, preset, command } = draft;
  if (preset === undefined || command.kind !== 'program') return undefined;
  if (category === 'types' && preset.ecosystem === 'python')
    return JSON.stringify([preset.id, withoutMachine(command.given), aimOf(draft)?.config]);
  if (category !== 'test') return undefined;
  // Of a program that is not known in detail all words count.
  const module = preset.id === 'python-tests' ? command.given.indexOf('-m') : -1;
  // How Python itself runs says nothing of which tests do.
  const told = preset.documentation === '' ? command.given.slice(Math.max(module, 0)) : toldTo(draft);
  return JSON.stringify([preset.id, command.program, told, aimOf(draft)?.variant]);
}

/** For which machine and version of Python types are looked at changes little of what is found. */
function withoutMachine(given: readonly string[]): readonly string[] {
  return given.filter((arg, index) => !MACHINE.test(arg) && !MACHINE_ALONE.test(given[index - 1] ?? ''));
}

const MACHINE = /^--?(?:platform|python-?version|python-?platform)(?:=.*)?$/i;
const MACHINE_ALONE = /^--?(?:platform|python-?version|python-?platform)$/i;

/** How much a call is told; one that is told less of the same stands for the others. */
function toldOf({ command }: Draft): number {
  return command.kind === 'program' ? command.given.length : 0;
}

function settingsOf({ command }: Draft): readonly string[] {
  return Object.entries(command.env).map(([name, value]) => `${name}=${value}`);
}

function byCi(draft: Draft): number {
  return isCheckedByCi([draft]) ? 0 : 1;
}

/** Whether nothing that only one of them is set says which tests run, nor what they wait for. */
function sharesSuite(a: Draft, b: Draft): boolean {
  const differs = ([name, value]: [string, string], other: Draft) => other.command.env[name] !== value;
  const chooses = (own: Draft, other: Draft) =>
    Object.entries(own.command.env).some((each) => differs(each, other) && (choosesTests(...each) || /--cfg\b/.test(each[1])));
  return !chooses(a, b) && !chooses(b, a) && [...a.needs].every((need) => b.needs.has(need));
}

function isWholeTest({ command, origin, category }: Draft): boolean {
  return command.kind === 'script' && origin === 'script' && category === 'test';
}

/** Whether it is a call of tests for which something is set that does not choose among them. */
function isSetBesides({ command, category }: Draft): boolean {
  return command.kind === 'program' && category === 'test' && !Object.entries(command.env).some((each) => choosesTests(...each));
}

/** Names of scripts that a script starts by a package manager, with nothing set. */
function startedIn({ evidence }: Draft): ReadonlySet<string> {
  const text = (evidence[0]?.text ?? '').slice(0, LONGEST);
  const calls = text.matchAll(/(\S*) ?\b(?:npm|pnpm|yarn|bun) run ([\w:.-]+)/g);
  return new Set([...calls].flatMap(([, before = '', name = '']) => (before.includes('=') ? [] : [name])));
}

/** Whether `draft` is called after versions of what it needs, and is told nothing that others of its tool are not told. */
function isOfVersions(draft: Draft, other: Draft, all: readonly Draft[]): boolean {
  const { preset, category, command } = draft;
  if (draft === other || preset === undefined || preset.id !== other.preset?.id || category !== other.category) return false;
  if (command.kind !== 'program' || other.command.kind !== 'program' || category === 'build') return false;
  if (!isNamedAfterVersions(draft) || isNamedAfterVersions(other)) return false;
  const [mine, its] = [aimOf(draft), aimOf(other)];
  if (!mine || !its || mine.config !== its.config) return false;
  const alike = all.filter((each) => each.preset?.id === preset.id && !isNamedAfterVersions(each));
  const known = new Set(alike.flatMap((each) => aimOf(each)?.variant.split(' ') ?? []));
  const told = mine.variant.split(' ').every((word) => word === '' || known.has(word));
  const inside = its.targets.length === 0 || mine.targets.length > 0;
  return (
    told &&
    inside &&
    mine.targets.every((target) => its.targets.length === 0 || its.targets.some((upper) => covers(upper, target)))
  );
}

/** `type-min`, `test-prerelease`, `oldest-supported`. */
function isNamedAfterVersions({ script = '' }: Draft): boolean {
  return wordsOf(script).some((word) => VERSIONS.test(word));
}

const VERSIONS =
  /^(?:min|minimum|minimal|mindeps|oldest|lowest|latest|newest|prereleases?|nightly|upstream|lts|minversions?|maxversions?)$/;

/** Takes `variant` out, for `plain`, which gets what speaks for it and what waits for it. */
function absorb(plain: Draft, variant: Draft, drafts: Drafts): void {
  giveTo(plain, variant, drafts);
  moveNeeds(drafts, variant.key, plain.key);
  const { chains } = drafts;
  for (const [name, keys] of chains)
    if (keys.includes(variant.key)) chains.set(name, [...new Set(keys.map((key) => (key === variant.key ? plain.key : key)))]);
}
