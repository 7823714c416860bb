/** A transcript of an agent as a sequence: its calls in order, each with what it took. Pure. */
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { slashes } from '../paths.js';
import { type Sequence, SequenceBuilder, type SourceText } from './sequence.js';
import { firstWords, nameOfCommand } from './shell-parts.js';
import { itemsOf, type ToolAnswer, type ToolCall, type TranscriptItem } from './transcript-shapes.js';
import { type InWorkspace, type Translated, translated } from './transcript-tools.js';

interface Placed {
  readonly call: ToolCall;
  readonly line: number;
  readonly turn: string;
}

/** The calls of tools that Volley has, in order; the others are listed. A line that is no JSON is a problem and costs only itself. */
export async function readTranscript(source: SourceText): Promise<Sequence> {
  const builder = new SequenceBuilder();
  const items = await transcriptItems(source, builder);
  const calls = callsOf(items);
  const answers = new Map(items.flatMap(({ item }) => (item.kind === 'answer' ? [[item.id, item] as const] : [])));
  const root = items.map(({ item }) => (item.kind === 'answer' ? undefined : item.cwd)).find((cwd) => cwd !== undefined);
  const inner = calls.filter(({ call }) => call.inner).length;
  if (inner > 0)
    builder.notTaken.push({
      file: source.file,
      what: `${inner} calls of agents that the agent had started`,
      because: 'they are part of the operation that started them',
    });
  for (const { call, line, turn } of calls)
    if (!call.inner)
      addCall(
        call,
        {
          line,
          root,
          source,
          answer: call.id === undefined ? undefined : answers.get(call.id),
          together: turn,
        },
        builder,
      );
  if (calls.length === 0 && builder.problems.length === 0)
    builder.problems.push({
      file: source.file,
      message: `${source.file} holds no call of a tool in a shape that Volley knows. Plain lines do: {"tool": "Read", "input": {"path": "src/a.ts"}, "durationMs": 12}.`,
    });
  if (builder.operations.length > 0)
    builder.notes.add(
      'The inputs are those of the transcript. An agent that does not know them before it has read earlier answers cannot hand over all of them at once: what it knows together it can.',
    );
  return builder.result();
}

interface LineItem {
  readonly item: TranscriptItem;
  readonly line: number;
}

/** So many characters are read in one turn of the event loop: transcripts hold all that was answered. */
const EACH_TURN = 500_000;

async function transcriptItems({ file, text }: SourceText, builder: SequenceBuilder): Promise<readonly LineItem[]> {
  const lines = text.split(/\r?\n/);
  const whole = wholeDocument(lines);
  if (whole !== undefined) return itemsOf(whole).map((item) => ({ item, line: 1 }));
  const found: LineItem[] = [];
  let read = 0;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    read += line.length;
    if (read > EACH_TURN) {
      read = 0;
      await nextTurn();
    }
    try {
      for (const item of itemsOf(JSON.parse(line))) found.push({ item, line: index + 1 });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `Line ${index + 1} of ${file} is no JSON (${reason}). It was left out; a line of JSON Lines is one whole value.`;
      builder.problems.push({ file, line: index + 1, message });
    }
  }
  return found;
}

/** Some keep a conversation as one document over many lines. */
function wholeDocument(lines: readonly string[]): unknown {
  const first = lines.find((line) => line.trim() !== '')?.trim() ?? '';
  if (!/^[[{]$|^\[|^\{\s*"messages"/.test(first)) return undefined;
  try {
    const value: unknown = JSON.parse(lines.join('\n'));
    return Array.isArray(value) || (typeof value === 'object' && value !== null && 'messages' in value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Each once: a log that goes on from another one, or tells of a start and of an end, has some twice. Calls that no message names follow each other until something is answered or said. */
function callsOf(items: readonly LineItem[]): readonly Placed[] {
  const calls: Placed[] = [];
  const seen = new Set<string>();
  let count = 0;
  for (const { item, line } of items) {
    if (item.kind === 'call' && item.id !== undefined && seen.has(item.id)) continue;
    if (item.kind === 'call' && item.id !== undefined) seen.add(item.id);
    if (item.kind !== 'call') {
      count += 1;
      continue;
    }
    // A plain line has no answer that would tell where a message ends.
    if (item.id === undefined) count += 1;
    calls.push({ call: item, line, turn: item.turn ?? `message ${count}` });
  }
  return calls;
}

interface CallPlace {
  readonly line: number;
  /** Where the transcript says that its workspace lies. */
  readonly root: string | undefined;
  readonly source: SourceText;
  readonly answer: ToolAnswer | undefined;
  readonly together: string;
}

function addCall(call: ToolCall, { line, root, source, answer, together }: CallPlace, builder: SequenceBuilder): void {
  const place = inWorkspace(source.folder, root, call.cwd);
  const translation = translated(call.tool, call.input, place);
  const operations = translation.kind === 'several' ? translation.calls : [translation];
  const taken = operations.filter((each) => each.kind === 'operation');
  for (const each of operations)
    if (each.kind === 'left out') builder.notTaken.push({ file: source.file, line, what: call.tool, because: each.because });
  if (taken.length > 1)
    builder.notes.add('A patch of several files is an operation for each of them. What it took is divided evenly among them.');
  for (const operation of taken) addOperation(operation, call, { line, root, source, answer, together }, builder, taken.length);
}

/** `share`: how many operations the call is. */
function addOperation(
  operation: Translated & { readonly kind: 'operation' },
  call: ToolCall,
  { line, root, source, answer, together }: CallPlace,
  builder: SequenceBuilder,
  share: number,
): void {
  const place = inWorkspace(source.folder, root, call.cwd);
  const input = operation.tool === 'command' ? commandInput(operation.input, call.cwd, place) : operation.input;
  const ms =
    answer?.durationMs ??
    call.durationMs ??
    (call.at !== undefined && answer?.at !== undefined && answer.at >= call.at ? answer.at - call.at : undefined);
  builder.add({
    name: operation.name === '' ? nameOfCommand(wordsOf(input)) : operation.name,
    tool: operation.tool,
    input,
    file: source.file,
    line,
    text: `${call.tool} ${shownInput(input)}`,
    requires: [],
    ...(ms === undefined ? {} : { durationMs: ms / share }),
    // The files of one patch follow each other, as it does them.
    ...(share > 1 ? {} : { together }),
    ...(answer?.failed || call.failed ? { failed: true } : {}),
  });
}

/** Where the agent was, and without the way to the folder that it wrote out. */
function commandInput(
  input: Readonly<Record<string, unknown>>,
  cwd: string | undefined,
  place: InWorkspace,
): Readonly<Record<string, unknown>> {
  const at = cwd === undefined || input['cwd'] !== undefined ? undefined : place(cwd);
  const { shell } = input;
  const moved = typeof shell === 'string' ? /^\s*cd\s+(["']?)(\/[\w@%+=:,./-]+)\1\s*&&\s*/.exec(shell) : null;
  const to = moved ? place(moved[2] ?? '') : undefined;
  if (typeof shell === 'string' && moved && to !== undefined)
    return { ...input, shell: shell.slice(moved[0].length), ...(to === '.' ? {} : { cwd: to }) };
  return at === undefined || at === '.' ? input : { ...input, cwd: at };
}

function wordsOf({ shell, argv }: Readonly<Record<string, unknown>>): readonly string[] {
  return typeof shell === 'string' ? firstWords(shell) : ((argv ?? []) as readonly string[]);
}

/** In a line, what tells the call from others. */
function shownInput(input: Readonly<Record<string, unknown>>): string {
  const telling =
    input['shell'] ??
    input['path'] ??
    input['patterns'] ??
    input['pattern'] ??
    input['url'] ??
    input['prompt'] ??
    input['argv'] ??
    '';
  const plain = (Array.isArray(telling) ? telling.join(' ') : String(telling)).replace(/\s+/g, ' ').trim();
  return plain.length > 100 ? `${plain.slice(0, 99)}…` : plain;
}

/** Paths of the workspace folder, and of the folder in which the agent worked, be it on another machine. */
function inWorkspace(folder: string, root: string | undefined, cwd: string | undefined): InWorkspace {
  const roots = [folder, ...(root === undefined ? [] : [slashes(root)])];
  const below = (file: string): string | undefined => {
    for (const each of roots) {
      const base = each.replace(/\/+$/, '');
      if (file === base) return '.';
      if (file.startsWith(`${base}/`)) return file.slice(base.length + 1);
    }
    return undefined;
  };
  return (given) => {
    const plain = given.includes('\\') && /^[A-Za-z]:\\/.test(given) ? given.replaceAll('\\', '/') : given;
    if (plain.includes('\0')) return undefined;
    const isAbsolute = plain.startsWith('/') || /^[A-Za-z]:\//.test(plain);
    const start = cwd === undefined ? '.' : (below(slashes(cwd)) ?? '.');
    const found = isAbsolute ? below(path.posix.normalize(plain)) : path.posix.normalize(`${start}/${plain}`);
    const clean = found?.replace(/\/+$/, '');
    return clean === undefined || clean === '..' || clean.startsWith('../') ? undefined : clean === '' ? '.' : clean;
  };
}
