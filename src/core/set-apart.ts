/**
 * Sets findings that were there before apart from new ones. A finding is recognised by its file, rule, source and message and by
 * the text around it, never by its line number, so that what only moved stays old. Pure.
 */

import type { Gate } from './gate-model.js';
import type { Finding, Outcome, Severity } from './model.js';

/** Lines of a file, absolute and native; undefined when it cannot be read. */
export type TextOf = (file: string) => readonly string[] | undefined;

/** What a finding is recognised by. */
export interface Mark {
  /** Absolute, native. */
  readonly file: string;
  readonly source: string;
  readonly rule?: string;
  readonly message: string;
  /** Its message is compared as it is: what stands in it names what was found, as titles of tests do. */
  readonly exact?: true;
  /** It is the end of an output of which too little is known to say that two are the same. */
  readonly unlike?: true;
  /** Its line, without space at the ends, in the middle of `REACH` lines before and after it; absent where there is no text. */
  readonly lines?: readonly string[];
}

/** Lines before and after its own by which a finding is recognised. */
const REACH = 3;

/** Before the first line and after the last one. */
const NO_LINE = '\0';

/** The marks of findings of a gate, in their order. */
export function marksOf(findings: readonly Finding[], textOf: TextOf, { category }: Pick<Gate, 'category'>): readonly Mark[] {
  return findings.map(({ file, source, rule, message, line, output, digest }) => {
    const text = output ? undefined : textOf(file);
    const at = (offset: number) => text?.[line - 1 + offset]?.trim() ?? NO_LINE;
    return {
      file,
      source,
      // How far a threshold is missed changes with every line of code.
      message: output ? (digest ?? message) : rule === 'coverage' ? message.replace(/\d+/g, '0') : message,
      ...(rule === undefined ? {} : { rule }),
      ...(category === 'test' ? { exact: true as const } : {}),
      ...(output && digest === undefined ? { unlike: true as const } : {}),
      ...(text ? { lines: Array.from({ length: 2 * REACH + 1 }, (_, index) => at(index - REACH)) } : {}),
    };
  });
}

/** What has to be equal for two findings to be one, the strictest first; undefined where that would say too little. */
const LEVELS: readonly ((mark: Mark) => readonly unknown[] | undefined)[] = [
  (mark) => mark.lines ?? [],
  // What was inserted stands on one side only.
  (mark) => mark.lines?.slice(0, REACH + 1),
  (mark) => mark.lines?.slice(REACH),
  (mark) => (tells(own(mark)) || standsOut(mark) ? [before(mark), own(mark), after(mark)] : undefined),
  (mark) => (tells(own(mark)) ? [before(mark), own(mark)] : undefined),
  (mark) => (tells(own(mark)) ? [own(mark), after(mark)] : undefined),
  (mark) => (tells(own(mark)) ? [own(mark)] : undefined),
  (mark) => (standsOut(mark) ? [before(mark), after(mark)] : undefined),
];

/** As `LEVELS`, for what has another message or stands in another file. */
const FAR_LEVELS: readonly ((mark: Mark) => readonly unknown[] | undefined)[] = [
  (mark) => (tells(own(mark)) || standsOut(mark) ? [...loose(mark), before(mark), own(mark), after(mark)] : undefined),
  (mark) => (tells(own(mark)) ? [...loose(mark), own(mark)] : undefined),
  // Moved to another file, by its own line and most of those around it.
  (mark) => {
    const telling = (mark.lines ?? []).filter(tells).length;
    return tells(own(mark)) && telling > REACH ? [...whole({ ...mark, file: '' }), ...(mark.lines ?? [])] : undefined;
  },
];

/**
 * For each of `found`, whether it is one of `known`. Each known finding accounts for at most one. Among those that say the same of one
 * file, the order of the given lists counts first: as many as possible are matched without crossing, then by how much of the text
 * around them is equal; then what changed its place. `renamed` leads from files as they were called when the known ones were found to
 * what they are called now.
 */
export function recognised(
  found: readonly Mark[],
  known: readonly Mark[],
  renamed: ReadonlyMap<string, string>,
): readonly boolean[] {
  const then = known.map((mark) => ({ ...mark, file: renamed.get(mark.file) ?? mark.file }));
  const matched = new Set<number>();
  const used = new Set<number>();
  const match = (now: number, old: number) => {
    matched.add(now);
    used.add(old);
  };
  const groups = groupsOf(found);
  for (const [index, mark] of then.entries()) if (mark.unlike) used.add(index);
  for (const [key, olds] of groupsOf(then)) {
    const nows = groups.get(key) ?? [];
    for (const [now, old] of aligned(nows.map(levelsOf(found)), olds.map(levelsOf(then)))) match(nows[now] ?? 0, olds[old] ?? 0);
  }
  for (const level of [...LEVELS.map(together), ...FAR_LEVELS]) {
    const free = new Map<string, number[]>();
    for (const [index, mark] of then.entries()) {
      const key = used.has(index) ? undefined : level(mark);
      if (key) free.set(JSON.stringify(key), [...(free.get(JSON.stringify(key)) ?? []), index]);
    }
    for (const [index, mark] of found.entries()) {
      const key = matched.has(index) || free.size === 0 ? undefined : level(mark);
      const old = key && free.get(JSON.stringify(key))?.shift();
      if (old !== undefined) match(index, old);
    }
  }
  return found.map((_, index) => matched.has(index));
}

function together(level: (mark: Mark) => readonly unknown[] | undefined): typeof level {
  return (mark) => {
    const key = level(mark);
    return key && [...whole(mark), mark.lines !== undefined, ...key];
  };
}

/** Indices by what is said of which file. */
function groupsOf(marks: readonly Mark[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, mark] of marks.entries()) {
    if (mark.unlike) continue;
    const key = JSON.stringify(whole(mark));
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  }
  return groups;
}

/** What has to be equal at each level, as one text each. */
type Levels = readonly (string | undefined)[];

function levelsOf(marks: readonly Mark[]): (index: number) => Levels {
  return (index) => {
    const mark = marks[index];
    return LEVELS.map((level) => {
      const key = mark && together(level)(mark);
      return key && JSON.stringify(key);
    });
  };
}

/** How surely two marks of one group are one finding; 0: not at all. */
function strength(a: Levels | undefined, b: Levels | undefined): number {
  const level = LEVELS.findIndex((_, index) => a?.[index] !== undefined && a[index] === b?.[index]);
  return level < 0 ? 0 : LEVELS.length - level;
}

/** More pairs than this are not compared one by one: it would hold the event loop. */
const MOST_PAIRS = 100_000;

/** The pairs, by index, of an alignment without crossings: the most there can be, and among these the strongest. */
function aligned(nows: readonly Levels[], olds: readonly Levels[]): readonly (readonly [now: number, old: number])[] {
  if (nows.length === 0 || nows.length * olds.length > MOST_PAIRS) return [];
  const width = olds.length + 1;
  const best = new Float64Array((nows.length + 1) * width);
  const at = (i: number, j: number) => best[i * width + j] ?? 0;
  const worth = (i: number, j: number) => {
    const own = strength(nows[i], olds[j]);
    return own === 0 ? 0 : PAIR + own;
  };
  for (let i = nows.length - 1; i >= 0; i -= 1) {
    for (let j = olds.length - 1; j >= 0; j -= 1) {
      const own = worth(i, j);
      best[i * width + j] = Math.max(at(i + 1, j), at(i, j + 1), own === 0 ? 0 : at(i + 1, j + 1) + own);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < nows.length && j < olds.length; ) {
    const own = worth(i, j);
    if (own > 0 && at(i, j) === at(i + 1, j + 1) + own) {
      pairs.push([i, j]);
      i += 1;
      j += 1;
    } else if (at(i, j) === at(i + 1, j)) i += 1;
    else j += 1;
  }
  return pairs;
}

/** A pair is worth more than any strength of other pairs together. */
const PAIR = 1e8;

/** What was found where the branch left the default branch, and how the gate ended there. */
export interface Before {
  readonly was: 'passed' | 'failed';
  readonly marks: readonly Mark[];
}

/** The findings of a gate that passed or failed, new ones apart from others, and what only the new ones make of it. */
export interface Apart {
  readonly outcome: Outcome & { readonly kind: 'passed' | 'failed' };
  readonly findings: readonly Finding[];
  readonly known: readonly Finding[];
}

/**
 * A gate that failed passes when nothing that it fails for is new, provided that it failed before, too: if not, something made it
 * fail that it did not list.
 */
export function setApart(
  gate: Pick<Gate, 'exitCodes' | 'command'>,
  now: { readonly was: 'passed' | 'failed'; readonly findings: readonly Finding[]; readonly marks: readonly Mark[] },
  then: Before,
  renamed: ReadonlyMap<string, string>,
): Apart {
  const old = recognised(now.marks, then.marks, renamed);
  const findings = now.findings.filter((_, index) => !old[index]);
  const known = now.findings.filter((_, index) => old[index]).map((finding) => ({ ...finding, known: true as const }));
  const count = known.length === 0 ? {} : { known: known.length };
  if (now.was === 'passed') return { outcome: { kind: 'passed', ...count }, findings, known };
  const tolerated = toleratedBy(gate);
  if (known.length === 0 || findings.some(({ severity }) => !tolerated.includes(severity)))
    return { outcome: { kind: 'failed', ...count }, findings, known };
  if (then.was === 'failed') return { outcome: { kind: 'passed', ...count }, findings, known };
  return { outcome: { kind: 'failed', ...count, base: { kind: 'passed' } }, findings, known };
}

/** Severities for which the gate as it is called does not fail. */
function toleratedBy({ exitCodes, command }: Pick<Gate, 'exitCodes' | 'command'>): readonly Severity[] {
  const strict = command.argv.some((arg) => STRICT.test(arg));
  return strict || exitCodes.findingsFail ? [] : (exitCodes.tolerated ?? []);
}

/** Options by which tools fail for warnings, too. */
const STRICT = /^--(?:max-warnings|mw|error-on-warnings|deny-warnings|fail-on-warnings|warnings)(?:=|$)/;

function whole({ file, source, rule, message }: Mark): readonly unknown[] {
  return [file, source, rule, message];
}

function loose({ file, source, rule, message, exact }: Mark): readonly unknown[] {
  return [file, source, rule, exact ? message : steady(message)];
}

function own({ lines }: Mark): string | undefined {
  return lines?.[REACH];
}

function before({ lines }: Mark): string | undefined {
  return lines?.[REACH - 1];
}

function after({ lines }: Mark): string | undefined {
  return lines?.[REACH + 1];
}

/** Brackets and blank lines stand everywhere. */
function tells(line: string | undefined): boolean {
  return line !== undefined && /[\p{L}\p{N}]/u.test(line);
}

/** Whether the lines around it say where it is, though its own may not. */
function standsOut(mark: Mark): boolean {
  return tells(before(mark)) && tells(after(mark));
}

/** A message without numbers that stand by themselves, since those may count what other code changes; not what belongs to a name. */
function steady(message: string): string {
  return message.replace(/(?<![\w.'"`[-])\d+(?![\w'"`\]-])/g, '0');
}
