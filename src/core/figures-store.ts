/**
 * Keeps the figures of runs: one line a run in `figures.jsonl`, appended, so that trends reach back further than the runs whose events
 * and outputs are kept, and cost a read of one file. What cannot be read costs only itself.
 */
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FiguresLine, figuresLine, gathered, keysLine, parseFiguresLine } from './figures.js';
import type { Log } from './host.js';
import type { RunId } from './model.js';
import { slices } from './slices.js';
import type { RunFigures } from './trend-model.js';

/** When the file is larger its oldest lines go, until it has only `after`: some four thousand runs of twenty gates. */
const KEEP = { bytes: 8_000_000, after: 6_000_000 } as const;

export interface FiguresStore {
  /** Appends; never rejects. What cannot be written is missing in trends, and the log says so. */
  add(figures: RunFigures): Promise<void>;
  /** What decided the results of a run that was added, as it became known. */
  addKeys(run: RunId, keys: Readonly<Record<string, string>>): Promise<void>;
  /** Oldest first. Reads in slices, so that the event loop goes on. */
  runs(): Promise<readonly RunFigures[]>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/** `directory` is asked for each time: the history may have moved to a temporary place. */
export function openFigures(directory: () => string, log: Log, keep: { bytes: number; after: number } = KEEP): FiguresStore {
  const file = () => path.join(directory(), 'figures.jsonl');
  // One after the other, so that pruning never meets a half-written line of its own process.
  let writing: Promise<void> = Promise.resolve();
  const append = (line: string) => {
    writing = writing
      .then(async () => {
        await mkdir(directory(), { recursive: true });
        await appendFile(file(), (await endsInside(file())) ? `\n${line}` : line);
        await prune(file(), keep);
      })
      .catch((error: unknown) =>
        log.warn(`The figures of a run could not be written to ${file()}: ${String(error)}. It is missing in trends.`),
      );
    return writing;
  };
  return {
    add: (figures) => append(figuresLine(figures)),
    addKeys: (run, keys) => append(keysLine(run, keys)),
    async runs() {
      await writing;
      return gathered(await readLines(file(), log));
    },
    close: () => writing,
  };
}

/** Whether a crash cut the last line short: the next one does not go on from it. */
async function endsInside(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return false;
  try {
    const { size } = await handle.stat();
    if (size === 0) return false;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer.toString() !== '\n';
  } finally {
    await handle.close();
  }
}

async function readLines(file: string, log: Log): Promise<readonly FiguresLine[]> {
  const lines: FiguresLine[] = [];
  const slice = slices();
  let damaged = 0;
  let rest = '';
  const take = (text: string) => {
    if (text === '') return;
    const line = parseFiguresLine(text);
    if (line) lines.push(line);
    else damaged += 1;
  };
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8' })) {
      const texts = `${rest}${String(chunk)}`.split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) {
        take(text);
        if (slice.due()) await slice.next();
      }
    }
    take(rest);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn(`The figures of earlier runs in ${file} could not be read: ${String(error)}.`);
  }
  if (damaged > 0) log.warn(`${damaged} lines of ${file} are damaged or of another version; the others are used.`);
  return lines;
}

/**
 * So many bytes of whole lines. The oldest lines go, those of trials before others: a verification has some sixty of them, and measuring is
 * not to push out what was checked.
 */
function newestOf(text: string, bytes: number): string {
  const lines = text.split('\n').filter((line) => line !== '');
  let left = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  const gone = new Set<number>();
  const drop = (mayGo: (line: string) => boolean) => {
    for (const [index, line] of lines.entries()) {
      if (left <= bytes) return;
      if (gone.has(index) || !mayGo(line)) continue;
      gone.add(index);
      left -= Buffer.byteLength(line) + 1;
    }
  };
  drop((line) => parseFiguresLine(line)?.kind === 'run' && line.includes('"verification":'));
  const runs = new Set(
    lines.flatMap((line, index) => {
      const parsed = gone.has(index) ? undefined : parseFiguresLine(line);
      return parsed?.kind === 'run' ? [parsed.figures.run] : [];
    }),
  );
  drop((line) => {
    const parsed = parseFiguresLine(line);
    return parsed?.kind === 'keys' && !runs.has(parsed.run);
  });
  drop(() => true);
  return lines.flatMap((line, index) => (gone.has(index) ? [] : [`${line}\n`])).join('');
}

/** Whole lines only; what another process appends meanwhile is carried over. */
async function prune(file: string, keep: { readonly bytes: number; readonly after: number }): Promise<void> {
  const { size } = await stat(file);
  if (size <= keep.bytes) return;
  const all = await readFile(file);
  const kept = newestOf(all.toString(), keep.after);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, kept);
    await appendFile(temporary, (await readFile(file)).subarray(all.length));
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
