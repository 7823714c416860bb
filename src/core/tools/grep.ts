/**
 * Grep: searches with ripgrep, one search by itself or several in one pass. Files with unsaved text are searched as the user sees them.
 */
import { writeFile } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import * as z from 'zod/mini';
import type { ToolName } from '../model.js';
import { access, asList, described, globAccess, hasReference, ignoreRules, oneOrMore, pathGlobs, wholeFolder } from './place.js';
import {
  bytesOf,
  countReader,
  FILE_LINES,
  fileReader,
  matchIn,
  type RipgrepEnd,
  type RipgrepMessage,
  type RipgrepText,
  runRipgrep,
  type ScannedFile,
  type ScannedLine,
  splitOutput,
} from './ripgrep.js';
import { type Collector, collectorOf, countOf, SEARCH_MODES } from './search.js';
import { anchored, findWhere, type Where } from './searched.js';
import { INTERRUPTED, type Tool, type ToolContext, type ToolResult, toolFailed } from './tool.js';

export const grepSchema = z.strictObject({
  pattern: described(
    'What is searched for in each line: a regular expression in the syntax of ripgrep, or a text with `fixed`.',
    z.string().check(z.minLength(1)),
  ),
  paths: z.optional(
    oneOrMore('Files and directories that are searched, relative to the workspace folder. All of it when left out.', 0),
  ),
  glob: z.optional(
    oneOrMore(
      'Only files that match are searched, as in .gitignore: `*.ts` at any depth, `/src/**` from the folder. With a leading `!`, those are left out.',
      0,
    ),
  ),
  mode: z.optional(
    described(
      '`content` (the default): the lines. `files`: the names of files that have one. `count`: how many lines each file has.',
      z.enum(SEARCH_MODES),
    ),
  ),
  context: z.optional(
    described('How many lines before and after each are shown with it.', z.number().check(z.int(), z.gte(0), z.lte(100))),
  ),
  fixed: z.optional(described('The pattern is a text, not a regular expression.', z.boolean())),
  ignoreCase: z.optional(described('Upper and lower case are the same.', z.boolean())),
  multiline: z.optional(described('A match may span lines.', z.boolean())),
  most: z.optional(
    described(
      'How many lines, or files, are answered at most. 2000 when left out.',
      z.number().check(z.int(), z.gte(1), z.lte(1_000_000)),
    ),
  ),
});

export type GrepInput = z.infer<typeof grepSchema>;

export const grepTool: Tool<GrepInput> = {
  name: 'grep',
  description:
    'Searches the text of files with ripgrep and answers lines, names of files or counts, sorted by path. What .gitignore leaves out, node_modules and .git are not searched unless they are named.',
  schema: grepSchema,
  describe(input) {
    const where = [...asList(input.paths), ...asList(input.glob)].join(' ');
    return `grep ${input.pattern}${where === '' ? '' : ` in ${where}`}`;
  },
  access(input, place) {
    const paths = asList(input.paths);
    const globs = asList(input.glob);
    if ([...paths, ...globs].some(hasReference)) return access([wholeFolder(place)]);
    const searched =
      input.paths !== undefined
        ? pathGlobs(paths, place)
        : globs.some((glob) => !glob.startsWith('!'))
          ? globs.filter((glob) => !glob.startsWith('!')).map((glob) => globAccess(anchored(glob), place))
          : [wholeFolder(place)];
    return access([...new Set([...searched, ...ignoreRules(place)])]);
  },
  invoke: (input, context) => searchAlone(input, context),
};

// ----------------------------------------------------------------------------------------------------------------- passes

/** Above that, patterns are searched for one by one: their lines would be held in memory together. */
const FUSED_LINES = 50_000;
const FUSED_BYTES = 32_000_000;

type Ended = { readonly kind: 'done'; readonly unreadable: readonly string[] } | SearchEnd;
type SearchEnd = { readonly kind: 'interrupted' } | { readonly kind: 'failed'; readonly message: string };

function ended(why: SearchEnd): ToolResult {
  return why.kind === 'interrupted' ? INTERRUPTED : toolFailed(why.message);
}

/** How lines are matched: the same wherever they come from. */
function matching(input: GrepInput, patterns: readonly string[]): readonly string[] {
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

const JSON_LINES = ['--json', `--max-count=${FILE_LINES}`] as const;

interface Pass {
  readonly input: GrepInput;
  readonly patterns: readonly string[];
  readonly where: Where;
  readonly context: ToolContext;
}

/** Runs ripgrep over the files on disk, in as many command lines as the targets need. */
async function walk(pass: Pass, options: readonly string[], onOutput: () => (chunk: Buffer) => void): Promise<Ended> {
  const { where, context } = pass;
  const rulesFile = context.files.report;
  if (where.rules !== '') await writeFile(rulesFile, where.rules);
  const unreadable: string[] = [];
  for (const targets of commandLines(where.targets)) {
    const rules = where.rules === '' ? [] : [`--ignore-file=${rulesFile}`];
    const args = [...matching(pass.input, pass.patterns), ...WALK, ...rules, ...options, '--', ...targets];
    const end = await runRipgrep({ args, onOutput: onOutput() }, context);
    const problem = problemOf(end, unreadable);
    if (problem) return problem;
  }
  return { kind: 'done', unreadable: [...new Set(unreadable)].sort() };
}

/** What keeps a run of ripgrep from having an answer. Files that could not be read do not: they are named. */
function problemOf(end: RipgrepEnd, unreadable: string[]): SearchEnd | undefined {
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
async function searchUnsaved(
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

/** One search by itself. */
async function searchAlone(input: GrepInput, context: ToolContext): Promise<ToolResult> {
  const where = await findWhere(input, context);
  if ('kind' in where) return toolFailed(where.message);
  const pass: Pass = { input, patterns: [input.pattern], where, context };
  const collector = collectorOf(input);
  const isContent = (input.mode ?? 'content') === 'content';
  const around = isContent ? (input.context ?? 0) : 0;
  const end = isContent
    ? await walk(pass, [...JSON_LINES, `--context=${around}`], () =>
        fileReader((file) => {
          if (!file.binary && where.accepts(file.path)) collector.addFile(file);
        }),
      )
    : await walk(pass, [input.mode === 'files' ? '--files-with-matches' : '--count', '--null', '--with-filename'], () =>
        countReader(input.mode === 'files', (path, count) => {
          if (where.accepts(path)) collector.addCount(path, count);
        }),
      );
  if (end.kind !== 'done') return ended(end);
  const problem = await searchUnsaved(pass, around, (file) => {
    if (!file.binary) addTo(collector, input, file);
  });
  return problem ? ended(problem) : collector.result(end.unreadable);
}

function addTo(collector: Collector, input: GrepInput, file: ScannedFile): void {
  if ((input.mode ?? 'content') === 'content') collector.addFile(file);
  else collector.addCount(file.path, countOf(file, input.multiline ?? false));
}

// ----------------------------------------------------------------------------------------------------------------- fusion

/**
 * Does the work of several searches in one pass where they look into the same files in the same way. Each result is that of the tool
 * called alone with the input.
 */
export async function grepTogether(inputs: readonly GrepInput[], context: ToolContext): Promise<readonly ToolResult[]> {
  const groups = new Map<string, number[]>();
  inputs.forEach((input, index) => {
    const key = fusionKey('grep', input) ?? `alone ${index}`;
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  const results = new Map<number, ToolResult>();
  for (const indices of groups.values()) {
    const chosen = indices.flatMap((index) => inputs[index] ?? []);
    const found = await searchGroup(chosen, context);
    indices.forEach((index, at) => {
      results.set(index, found[at] ?? INTERRUPTED);
    });
  }
  return inputs.map((_, index) => results.get(index) ?? INTERRUPTED);
}

/**
 * Operations of one tool with the same key may be done in one pass, by `readTogether`, `globTogether`, `grepTogether` and `listTogether`; undefined: this
 * one is done alone. The input is one that the tool's schema accepts.
 */
export function fusionKey(tool: ToolName, input: unknown): string | undefined {
  switch (tool) {
    case 'read':
      return 'read';
    case 'glob':
      return `glob ${(input as { readonly ignored?: boolean }).ignored === true}`;
    case 'grep': {
      const { pattern, mode = 'content', context = 0, most, fixed = false, ignoreCase = false, ...rest } = input as GrepInput;
      if (rest.multiline || !readsLineByLine(pattern, fixed)) return undefined;
      const paths = rest.paths === undefined ? null : asList(rest.paths);
      return `grep ${JSON.stringify([paths, asList(rest.glob), mode, mode === 'content' ? context : 0, most ?? null, fixed, ignoreCase])}`;
    }
    case 'list':
      return 'list';
    case 'inspect':
    case 'command':
    case 'write':
    case 'edit':
    case 'fetch':
    case 'agent':
      return undefined;
    default:
      return tool satisfies never;
  }
}

/**
 * Whether a pattern finds in a line by itself what it finds there among others: no anchor to the start or the end of a file, and no flag
 * that could make one. May say no too often.
 */
function readsLineByLine(pattern: string, fixed: boolean): boolean {
  if (/[\r\n]/.test(pattern)) return false;
  return fixed || (!/\\[AzZ]/.test(pattern) && !/\(\?(?![:<i]|P<)|\(\?i(?![:)])/.test(pattern));
}

/** Searches that differ in their patterns only. */
async function searchGroup(inputs: readonly GrepInput[], context: ToolContext): Promise<readonly ToolResult[]> {
  const [first] = inputs;
  const patterns = [...new Set(inputs.map((input) => input.pattern))];
  const answers = first && patterns.length > 1 ? await searchFused(first, patterns, context) : undefined;
  if (answers) return inputs.map((input) => answers.get(input.pattern) ?? INTERRUPTED);
  const alone = new Map<string, ToolResult>();
  const results: ToolResult[] = [];
  for (const input of inputs) {
    const result = alone.get(input.pattern) ?? (await searchAlone(input, context));
    alone.set(input.pattern, result);
    results.push(result);
  }
  return results;
}

/**
 * One pass with all patterns; and for each pattern which of the lines found it matches, since ripgrep does not say. Undefined where the
 * pass could differ from one alone: then each is searched for by itself.
 */
async function searchFused(
  input: GrepInput,
  patterns: readonly string[],
  context: ToolContext,
): Promise<ReadonlyMap<string, ToolResult> | undefined> {
  const where = await findWhere(input, context);
  if ('kind' in where) return new Map(patterns.map((pattern) => [pattern, toolFailed(where.message)]));
  const stop = new AbortController();
  const stoppable = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
  const union = unionOf(() => stop.abort());
  const first = patterns.filter((pattern) => !isPlain(pattern, input)).slice(0, AT_ONCE);
  const searching = searchUnion({ input, patterns, where, context: stoppable }, union);
  // They start while the files are searched, and are told lines as these are found.
  const deciding = new Map(first.map((pattern) => [pattern, decide(pattern, input, union.follow(), stoppable)]));
  const end = await searching;
  if (end.kind !== 'done' || union.unclear()) stop.abort();
  union.close();
  const decided = new Map<string, Decided | undefined>();
  for (const pattern of patterns) {
    const matches = isPlain(pattern, input)
      ? plainMatches(pattern, union.lines)
      : await (deciding.get(pattern) ??
          decide(pattern, input, Readable.from([Buffer.concat(union.lines.map(asInput))]), stoppable));
    decided.set(pattern, matches);
  }
  if (context.signal.aborted) return new Map(patterns.map((pattern) => [pattern, INTERRUPTED]));
  if (end.kind !== 'done' || union.unclear()) return undefined;
  const answers = new Map<string, ToolResult>();
  for (const [pattern, matches] of decided) {
    if (!matches) return undefined;
    answers.set(pattern, answerOf(input, union.files, matches, end.unreadable));
  }
  return answers;
}

/** How many processes decide while the files are searched. */
const AT_ONCE = 4;

const LINES_AT_ONCE = 2000;

type Union = ReturnType<typeof unionOf>;

async function searchUnion(pass: Pass, union: Union): Promise<Ended> {
  const around = (pass.input.mode ?? 'content') === 'content' ? (pass.input.context ?? 0) : 0;
  const end = await walk(pass, [...JSON_LINES, `--context=${around}`], () =>
    fileReader((file) => {
      if (pass.where.accepts(file.path)) union.add(file, file.binary);
    }),
  );
  if (end.kind !== 'done') return end;
  return (await searchUnsaved(pass, around, (file) => union.add(file, file.binary))) ?? end;
}

/** All that a pass with several patterns found. `tooMuch` is called once, when it is more than is held in memory. */
function unionOf(tooMuch: () => void) {
  const files = new Map<string, ScannedFile>();
  const lines: RipgrepText[] = [];
  const followers: PassThrough[] = [];
  let bytes = 0;
  let unclear = false;
  // A write for each line would cost more than the search.
  let waiting: Uint8Array[] = [];
  const flush = () => {
    const block = Buffer.concat(waiting);
    waiting = [];
    for (const follower of followers) follower.write(block);
  };
  return {
    /** Of all files, in the order of `files`: the lines that matched. */
    lines,
    files,
    unclear: () => unclear,
    /** What `lines` will hold, as it comes. */
    follow() {
      const follower = new PassThrough();
      followers.push(follower);
      return follower;
    },
    close() {
      flush();
      for (const follower of followers) follower.end();
    },
    add(file: ScannedFile, binary: boolean) {
      if (files.has(file.path) || unclear) return;
      files.set(file.path, { path: file.path, lines: file.lines, capped: false });
      for (const { raw, matched } of file.lines) {
        bytes += 'text' in raw ? raw.text.length : raw.bytes.length;
        if (!matched) continue;
        lines.push(raw);
        if (followers.length > 0) waiting.push(asInput(raw));
      }
      if (waiting.length >= LINES_AT_ONCE) flush();
      // How much of a binary file is searched depends on what is found in it.
      unclear = file.capped || binary || lines.length > FUSED_LINES || bytes > FUSED_BYTES;
      if (unclear) tooMuch();
    },
  };
}

/** What a search for one of the patterns answers. */
function answerOf(
  input: GrepInput,
  files: ReadonlyMap<string, ScannedFile>,
  matches: Decided,
  unreadable: readonly string[],
): ToolResult {
  const collector = collectorOf(input);
  let at = 0;
  for (const file of files.values()) {
    let any = false;
    const lines = file.lines.map(({ number, raw, matched }): ScannedLine => {
      const own = matched ? matches.get(at++) : undefined;
      any ||= own !== undefined;
      return own ? { number, raw, matched: own } : { number, raw };
    });
    if (any) addTo(collector, input, { ...file, lines });
  }
  return collector.result(unreadable);
}

/** Where a pattern matches, by the index of the line. */
type Decided = ReadonlyMap<number, NonNullable<ScannedLine['matched']>>;

/** Which of the lines a pattern matches, and where. Undefined when it could not be found out. */
async function decide(pattern: string, input: GrepInput, lines: Readable, context: ToolContext): Promise<Decided | undefined> {
  const decided = new Map<number, NonNullable<ScannedLine['matched']>>();
  const args = [...matching(input, [pattern]), '--json', '--text', '--encoding=none', '-'];
  const onOutput = splitOutput(0x0a, (bytes) => {
    const message = JSON.parse(bytes?.toString() || '{"type":"summary"}') as RipgrepMessage;
    if (message.type !== 'match') return;
    const { lines: raw, line_number: number, submatches } = message.data;
    decided.set(number - 1, matchIn(raw, submatches));
  });
  const end = await runRipgrep({ args, input: lines, onOutput }, context);
  return problemOf(end, []) ? undefined : decided;
}

/** A line as it is searched again. The last one of a file may have no line break. */
function asInput(line: RipgrepText): Uint8Array {
  const bytes = bytesOf(line);
  return bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
}

function plainMatches(pattern: string, lines: readonly RipgrepText[]): Decided {
  const decided = new Map<number, NonNullable<ScannedLine['matched']>>();
  for (const [index, line] of lines.entries()) {
    const match = plainMatch(pattern, line);
    if (match) decided.set(index, match);
  }
  return decided;
}

/** Whether a pattern stands for itself in any syntax, so that looking for its text is the same as asking ripgrep. */
function isPlain(pattern: string, input: GrepInput): boolean {
  return !input.ignoreCase && (input.fixed ? /^[\x20-\x7e]+$/ : /^[\w "'/=,:;<>@%~`!-]+$/).test(pattern);
}

function plainMatch(pattern: string, line: RipgrepText): ScannedLine['matched'] {
  const ascii = 'text' in line && Buffer.byteLength(line.text) === line.text.length;
  const hay: { indexOf(text: string, from: number): number } = ascii ? line.text : bytesOf(line);
  const start = hay.indexOf(pattern, 0);
  if (start < 0) return undefined;
  let count = 0;
  for (let at = start; at >= 0; at = hay.indexOf(pattern, at + pattern.length)) count += 1;
  return { start, count };
}
