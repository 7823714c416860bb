/**
 * Sets findings that were there before apart from new ones. A finding is recognised by its file, rule, source and message and by
 * the text around it, never by its line number, so that what only moved stays old. Pure.
 */
import type { Finding } from './model.js';

/** Lines of a file, absolute and native; undefined when it cannot be read. */
export type TextOf = (file: string) => readonly string[] | undefined;

/** How both sides are read, and which files were renamed in between: from the old path to the new one. */
export interface Sides {
  readonly found: TextOf;
  readonly known: TextOf;
  readonly renamed: ReadonlyMap<string, string>;
}

interface Surroundings {
  readonly identity: string;
  readonly own: string;
  readonly before: string;
  readonly after: string;
}

/** What has to be equal for two findings to be one, the strictest first. */
const LEVELS: readonly ((at: Surroundings) => readonly string[])[] = [
  ({ before, own, after }) => ['all', before, own, after],
  ({ before, own }) => ['before', before, own],
  ({ own, after }) => ['after', own, after],
  ({ own }) => ['own', own],
  ({ before, after }) => ['around', before, after],
];

/**
 * The findings in their order; `known` is true on those that `known` has too. Each known finding accounts for at most one.
 * Paths on both sides are those of the workspace.
 */
export function setApart(found: readonly Finding[], known: readonly Finding[], text: Sides): readonly Finding[] {
  const now = found.map((finding) => surroundings(finding, finding.file, text.found));
  const then = known.map((finding) => surroundings(finding, text.renamed.get(finding.file) ?? finding.file, text.known));
  const matched = new Set<number>();
  const used = new Set<number>();
  for (const level of LEVELS) {
    const free = new Map<string, number[]>();
    for (const [index, at] of then.entries()) {
      if (used.has(index)) continue;
      const key = JSON.stringify([at.identity, ...level(at)]);
      const same = free.get(key);
      if (same) same.push(index);
      else free.set(key, [index]);
    }
    for (const [index, at] of now.entries()) {
      if (matched.has(index)) continue;
      const old = free.get(JSON.stringify([at.identity, ...level(at)]))?.shift();
      if (old === undefined) continue;
      matched.add(index);
      used.add(old);
    }
  }
  return found.map((finding, index) => (matched.has(index) ? { ...finding, known: true } : finding));
}

function surroundings(finding: Finding, file: string, textOf: TextOf): Surroundings {
  const lines = textOf(finding.file) ?? [];
  const at = (line: number) => lines[line - 1]?.trim() ?? '';
  const { line } = finding;
  const identity = JSON.stringify([file, finding.rule, finding.source, steady(finding.message)]);
  return { identity, own: at(line), before: at(line - 1), after: at(line + 1) };
}

/** A message without what moves when other code changes: numbers, and paths in quotes. */
function steady(message: string): string {
  return message.replace(/(["'`])[^"'`\n]*[/\\][^"'`\n]*\1/g, '<path>').replace(/\d+/g, '<number>');
}
