/**
 * Sets findings that were there before apart from new ones. A finding is recognised by its file, rule, source and message and by
 * the text around it, never by its line number, so that what only moved stays old. Pure.
 */
import type { Finding, Gate, Outcome, Severity } from './model.js';

/** Lines of a file, absolute and native; undefined when it cannot be read. */
export type TextOf = (file: string) => readonly string[] | undefined;

/** What a finding is recognised by. */
export interface Mark {
  /** Absolute, native. */
  readonly file: string;
  readonly source: string;
  readonly rule?: string;
  readonly message: string;
  /** Its line, without space at the ends, in the middle of `REACH` lines before and after it; absent where there is no text. */
  readonly lines?: readonly string[];
}

/** Lines before and after its own by which a finding is recognised in another file. */
const REACH = 3;

/** The marks of findings, in their order. */
export function marksOf(findings: readonly Finding[], textOf: TextOf): readonly Mark[] {
  return findings.map(({ file, source, rule, message, line, output }) => {
    const text = output ? undefined : textOf(file);
    const at = (offset: number) => text?.[line - 1 + offset]?.trim() ?? '';
    return {
      file,
      source,
      message: output ? steady(message) : message,
      ...(rule === undefined ? {} : { rule }),
      ...(text ? { lines: Array.from({ length: 2 * REACH + 1 }, (_, index) => at(index - REACH)) } : {}),
    };
  });
}

/** What has to be equal for two findings to be one, the strictest first; undefined where that would say too little. */
const LEVELS: readonly ((mark: Mark) => readonly unknown[] | undefined)[] = [
  (mark) => [...whole(mark), before(mark), own(mark), after(mark)],
  (mark) => mark.lines && [...whole(mark), before(mark), own(mark)],
  (mark) => mark.lines && [...whole(mark), own(mark), after(mark)],
  (mark) => (tells(own(mark)) ? [...whole(mark), own(mark)] : undefined),
  (mark) => (tells(before(mark)) && tells(after(mark)) ? [...whole(mark), before(mark), after(mark)] : undefined),
  (mark) => mark.lines && [...loose(mark), before(mark), own(mark), after(mark)],
  (mark) => (tells(own(mark)) ? [...loose(mark), own(mark)] : undefined),
  // Moved to another file, by its own line and most of those around it.
  (mark) => {
    const telling = (mark.lines ?? []).filter(tells).length;
    return tells(own(mark)) && telling > REACH ? [...whole({ ...mark, file: '' }), ...(mark.lines ?? [])] : undefined;
  },
];

/**
 * For each of `found`, whether it is one of `known`. Each known finding accounts for at most one. `renamed` leads from files as they
 * were called when the known ones were found to what they are called now.
 */
export function recognised(
  found: readonly Mark[],
  known: readonly Mark[],
  renamed: ReadonlyMap<string, string>,
): readonly boolean[] {
  const then = known.map((mark) => ({ ...mark, file: renamed.get(mark.file) ?? mark.file }));
  const matched = new Set<number>();
  const used = new Set<number>();
  for (const level of LEVELS) {
    const free = new Map<string, number[]>();
    for (const [index, mark] of then.entries()) {
      const key = used.has(index) ? undefined : level(mark);
      if (key) free.set(JSON.stringify(key), [...(free.get(JSON.stringify(key)) ?? []), index]);
    }
    for (const [index, mark] of found.entries()) {
      const key = matched.has(index) || free.size === 0 ? undefined : level(mark);
      const old = key && free.get(JSON.stringify(key))?.shift();
      if (old === undefined) continue;
      matched.add(index);
      used.add(old);
    }
  }
  return found.map((_, index) => matched.has(index));
}

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
const STRICT = /^--(?:max-warnings|error-on-warnings|deny-warnings|fail-on-warnings|warnings)(?:=|$)/;

function whole({ file, source, rule, message }: Mark): readonly unknown[] {
  return [file, source, rule, message];
}

function loose({ file, source, rule, message }: Mark): readonly unknown[] {
  return [file, source, rule, steady(message)];
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

/** A message without numbers, which may count what other code changes. */
function steady(message: string): string {
  return message.replace(/\d+/g, '0');
}
