/** One pass of ripgrep over the files of a search: how it is called, what went wrong, and files that the editor has not saved. */
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { FILE_LINES, fileReader, type OutputReader, type RipgrepEnd, runRipgrep, type ScannedFile } from './ripgrep.js';
import { type Collector, countOf, type SearchLimits } from './search.js';
import type { SearchPlaces, Where } from './searched.js';
import { INTERRUPTED, type ToolContext, type ToolResult, toolFailed } from './tool.js';

/** A search: the input of the tool. */
export interface Search extends SearchLimits, SearchPlaces {
  readonly pattern: string;
  readonly fixed?: boolean | undefined;
  readonly ignoreCase?: boolean | undefined;
  readonly multiline?: boolean | undefined;
}

/** How a pass ended. `unreadable`: what could not be read, for people. */
export type Ended = { readonly kind: 'done'; readonly unreadable: readonly string[] } | SearchEnd;
export type SearchEnd = { readonly kind: 'interrupted' } | { readonly kind: 'failed'; readonly message: string };

/** What a search answers that did not come to its end. */
export function ended(why: SearchEnd): ToolResult {
  return why.kind === 'interrupted' ? INTERRUPTED : toolFailed(why.message);
}

/** Options for how lines are matched: the same wherever they come from. */
export function matching(input: Search, patterns: readonly string[]): readonly string[] {
  return [
    '--no-config',
    '--no-mmap',
    '--color=never',
    input.ignoreCase ? '--ignore-case' : '--case-sensitive',
    ...(input.fixed ? ['--fixed-strings'] : []),
    ...(input.multiline ? ['--multiline'] : []),
    ...patterns.flatMap((pattern) => ['-e', pattern]),
  ];
}

// The rules of the folder only, those that `glob` honours, too.
const WALK = [
  '--hidden',
  '--no-require-git',
  '--no-ignore-parent',
  '--no-ignore-global',
  '--no-ignore-exclude',
  '--no-ignore-dot',
  '--glob=!node_modules',
  '--glob=!.git',
] as const;

/** For what `fileReader` reads. */
export const JSON_LINES = ['--json', `--max-count=${FILE_LINES}`] as const;

/** Some searches that are done at once. They differ in their patterns only, and `input` is one of them. */
export interface Pass {
  readonly input: Search;
  readonly patterns: readonly string[];
  readonly where: Where;
  readonly context: ToolContext;
}

/** Runs ripgrep over the files on disk, in as many command lines as the targets need. */
export async function walk(pass: Pass, options: readonly string[], createReader: () => OutputReader): Promise<Ended> {
  const { where, context } = pass;
  const rulesFile = context.files.report;
  if (where.rules !== '') await writeFile(rulesFile, where.rules);
  const unreadable: string[] = [];
  for (const targets of commandLines(where.targets)) {
    const rules = where.rules === '' ? [] : [`--ignore-file=${rulesFile}`];
    const args = [...matching(pass.input, pass.patterns), ...WALK, ...rules, ...options, '--', ...targets];
    const reader = createReader();
    const end = await runRipgrep({ args, onOutput: reader.take }, context);
    reader.end?.();
    const problem = problemOf(end, unreadable);
    if (problem) return problem;
  }
  return { kind: 'done', unreadable: [...new Set(unreadable)].sort() };
}

/** What keeps a run of ripgrep from having an answer. Files that could not be read do not: they are added to `unreadable`. */
export function problemOf(end: RipgrepEnd, unreadable: string[]): SearchEnd | undefined {
  if (end.kind === 'interrupted') return end;
  if (end.kind === 'could not start') return { kind: 'failed', message: end.message };
  if (end.exitCode !== 2) return undefined;
  const lines = end.stderr.split('\n').filter((line) => line !== '');
  const isFile = (line: string) => /^rg: .*\(os error \d+\)$/.test(line);
  if (lines.length > 0 && lines.every(isFile)) {
    unreadable.push(...lines.map((line) => line.replace(/^rg: (?:\.\/)?/, '')));
    return undefined;
  }
  return {
    kind: 'failed',
    message: `ripgrep does not understand this search. It says: ${end.stderr.replace(/^rg: /, '').trim()}`,
  };
}

/** Targets in groups that a command line can hold: 32,767 characters on Windows; elsewhere what is safe everywhere. */
function commandLines(targets: readonly string[]): readonly (readonly string[])[] {
  const limit = process.platform === 'win32' ? 20_000 : 100_000;
  const lines: string[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const target of targets) {
    const cost = Buffer.byteLength(target) + 9;
    if (used + cost > limit) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)?.push(target);
    used += cost;
  }
  return lines;
}

/** Searches the unsaved files as the user sees them. */
export async function searchUnsaved(
  pass: Pass,
  around: number,
  onFile: (file: ScannedFile & { readonly binary: boolean }) => void,
): Promise<SearchEnd | undefined> {
  for (const { path, text } of pass.where.unsaved) {
    const args = [...matching(pass.input, pass.patterns), '--encoding=none', ...JSON_LINES, `--context=${around}`, '-'];
    const read = fileReader((file) => onFile({ ...file, path }));
    const end = await runRipgrep({ args, input: Readable.from([Buffer.from(text)]), onOutput: read }, pass.context);
    const problem = problemOf(end, []);
    if (problem) return problem;
  }
  return undefined;
}

/** Adds what was found in a file to what is answered. */
export function addTo(collector: Collector, input: Search, file: ScannedFile): void {
  if ((input.mode ?? 'content') === 'content') collector.addFile(file);
  else collector.addCount(file.path, countOf(file, input.multiline ?? false));
}
