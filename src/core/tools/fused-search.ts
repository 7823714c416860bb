/** Several searches in one pass of ripgrep: which lines any of them finds, and whose each line is. */
import type { Readable } from 'node:stream';
import { type AskRipgrep, attribute, type Matched } from './attribution.js';
import {
  fileReader,
  lineReader,
  matchIn,
  PLAIN_LINES,
  type RipgrepMessage,
  runRipgrep,
  type ScannedFile,
  type ScannedLine,
  splitOutput,
} from './ripgrep.js';
import { collectorOf } from './search.js';
import {
  addTo,
  type Ended,
  JSON_LINES,
  matching,
  type Pass,
  problemOf,
  type Search,
  searchUnsaved,
  walk,
} from './search-pass.js';
import { findWhere } from './searched.js';
import { INTERRUPTED, type ToolContext, type ToolResult, toolFailed } from './tool.js';

/** Above that, patterns are searched for one by one: their lines would be held in memory together. */
const FUSED_LINES = 50_000;
const FUSED_BYTES = 32_000_000;

/**
 * What a search for each of the patterns answers, from one pass with all of them. `input` says how it is searched. Undefined where the
 * pass could differ from one alone: then each has to be searched for by itself.
 */
export async function searchFused(
  input: Search,
  patterns: readonly string[],
  context: ToolContext,
): Promise<ReadonlyMap<string, ToolResult> | undefined> {
  const where = await findWhere(input, context);
  if ('kind' in where) return new Map(patterns.map((pattern) => [pattern, toolFailed(where.message)]));
  const stop = new AbortController();
  const stoppable = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
  const answers = new Map(patterns.map((pattern) => [pattern, collectorOf(input)]));
  const whose = attribute(patterns, input, {
    ask: (pattern, lines) => askRipgrep(pattern, input, lines, stoppable),
    onMatches(pattern, file, lines) {
      const answer = answers.get(pattern);
      const all = aroundIn(input) > 0 ? withOthers(file, lines) : lines;
      if (answer) addTo(answer, input, { path: file.path, lines: all, capped: false });
    },
  });
  const union = unionOf(whose.add, () => stop.abort());
  const searching = searchUnion({ input, patterns, where, context: stoppable }, union);
  whose.begin();
  const end = await searching;
  if (end.kind !== 'done' || union.unclear()) stop.abort();
  const whole = await whose.end();
  if (context.signal.aborted) return new Map(patterns.map((pattern) => [pattern, INTERRUPTED]));
  if (end.kind !== 'done' || union.unclear() || !whole) return undefined;
  return new Map([...answers].map(([pattern, answer]) => [pattern, answer.result(end.unreadable)]));
}

// ---------------------------------------------------------------------------------------------------------- what is found

type Union = ReturnType<typeof unionOf>;

/**
 * All that a pass with several patterns finds, each file once. `onUnclear` is called once, when it is more than may be held in memory, or
 * could be other than what a search alone finds.
 */
function unionOf(onFile: (file: ScannedFile) => void, onUnclear: () => void) {
  const seen = new Set<string>();
  let lines = 0;
  let bytes = 0;
  let unclear = false;
  const giveUp = () => {
    if (!unclear) onUnclear();
    unclear = true;
  };
  return {
    unclear: () => unclear,
    giveUp,
    add(file: ScannedFile, binary: boolean) {
      if (seen.has(file.path) || unclear) return;
      seen.add(file.path);
      for (const { raw, matched } of file.lines) {
        bytes += 'text' in raw ? raw.text.length : raw.bytes.length;
        if (matched) lines += 1;
      }
      // How much of a binary file is searched depends on what is found in it.
      if (file.capped || binary || lines > FUSED_LINES || bytes > FUSED_BYTES) giveUp();
      else onFile(file);
    },
  };
}

async function searchUnion(pass: Pass, union: Union): Promise<Ended> {
  const around = aroundIn(pass.input);
  const accepts = (path: string) => pass.where.accepts(path);
  const end =
    around > 0
      ? await walk(pass, [...JSON_LINES, `--context=${around}`], () => ({
          take: fileReader((file) => accepts(file.path) && union.add(file, file.binary)),
        }))
      : await walk(pass, PLAIN_LINES, () => lineReader((file) => accepts(file.path) && union.add(file, false), union.giveUp));
  if (end.kind !== 'done') return end;
  return (await searchUnsaved(pass, around, (file) => union.add(file, file.binary))) ?? end;
}

/** How many lines around each are shown. */
function aroundIn({ mode = 'content', context = 0 }: Search): number {
  return mode === 'content' ? context : 0;
}

// ------------------------------------------------------------------------------------------------------- whose it is

/** Which of the lines a pattern matches, and where, as ripgrep says. Undefined when it could not be found out. */
async function askRipgrep(pattern: string, input: Search, lines: Readable, context: ToolContext): ReturnType<AskRipgrep> {
  const decided = new Map<number, Matched>();
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

/** All lines of a file, of which only these match. */
function withOthers(file: ScannedFile, own: readonly ScannedLine[]): readonly ScannedLine[] {
  const byNumber = new Map(own.map((line) => [line.number, line]));
  return file.lines.map(({ number, raw }) => byNumber.get(number) ?? { number, raw });
}
