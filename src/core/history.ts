/**
 * Append-only store of runs and verifications: one line a record in `history.jsonl`, and a directory for each run with its events and
 * outputs. Old runs are pruned. A damaged line or a line of another version is passed over, so that it costs only itself.
 */
import { appendFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Durations, durationsOf, keyOf, type MeasuredRun } from './durations.js';
import { figuresOf, runningMs } from './figures.js';
import { type FiguresStore, openFigures } from './figures-store.js';
import type { Log } from './host.js';
import type { HistoryEntry, Verification } from './measured.js';
import type { OperationId, RunEvent, RunId, RunState, VerificationId } from './model.js';
import { leavesOf } from './parts.js';
import type { SlotsFrom } from './schedule.js';
import { upgraded } from './speedup.js';
import type { Measurement } from './time-saved.js';
import { timing } from './timing.js';
import type { Tuning, TuningId } from './tuning-model.js';

const VERSION = 1;
/**
 * How many runs and tunings are kept, and how many bytes of output with them; the newest run is always kept. All runs of a verification count as one,
 * so that measuring does not push out what was checked.
 */
const KEEP = { runs: 60, tunings: 30, bytes: 500_000_000 } as const;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Of the moves of the slots of a run so many are kept, the first ones. */
const MOST_MOVES = 30;

type HistoryRecord =
  | ({
      readonly version: typeof VERSION;
      readonly kind: 'run';
      readonly entry: HistoryEntry;
      readonly outputBytes: number;
    } & Pick<MeasuredRun, 'uptimeMs' | 'durations' | 'files' | 'slots'>)
  | {
      readonly version: typeof VERSION;
      readonly kind: 'verification';
      readonly verification: Verification;
      readonly operations: readonly OperationId[];
    }
  | { readonly version: typeof VERSION; readonly kind: 'tuning'; readonly tuning: Tuning };

export interface History {
  /** Directory for the outputs of a run; made when it does not exist. */
  prepare(run: RunId): Promise<string>;
  directory(run: RunId): string;
  addRun(state: RunState, events: readonly RunEvent[]): Promise<void>;
  addVerification(verification: Verification, operations: readonly OperationId[]): Promise<void>;
  /** Removes what a run has left that is in no record. */
  forget(run: RunId): Promise<void>;
  addTuning(tuning: Tuning): Promise<void>;
  /** Newest first. */
  tunings(): Promise<readonly Tuning[]>;
  tuning(id: TuningId): Promise<Tuning | undefined>;
  /** Newest first. */
  entries(): Promise<readonly HistoryEntry[]>;
  events(run: RunId): Promise<readonly RunEvent[] | undefined>;
  verification(id: VerificationId): Promise<Verification | undefined>;
  /** Verifications of exactly these operations, newest first. */
  verifications(operations: readonly OperationId[]): Promise<readonly Verification[]>;
  /** All of them, each with its operations, oldest first. */
  measurements(): Promise<readonly Measurement[]>;
  /** What trends are made of; reaches back further than the runs themselves. */
  readonly figures: FiguresStore;
  /** What the runs that are kept teach of running times; only operations that passed or failed count. */
  durations(): Promise<Durations>;
  /** Waits for what is being written and removes what was only kept until now. */
  close(): Promise<void>;
}

export function openHistory(storage: string, log: Log): History {
  let root = storage;
  let temporary: string | undefined;
  const file = () => path.join(root, 'history.jsonl');
  const directory = (run: RunId) => path.join(root, 'runs', run);
  const lines = openLines(log);
  const read = async () => recordsOf(await lines.read(file()));
  const lose = (what: string, error: unknown) =>
    log.error(`${what} could not be written to ${root}: ${String(error)}. It will be missing in the history.`);
  // One append after the other, so that pruning never meets a half-written line of its own process.
  let writing: Promise<void> = Promise.resolve();
  const append = (record: HistoryRecord) => {
    writing = writing
      .then(async () => {
        await mkdir(root, { recursive: true });
        await appendLine(file(), JSON.stringify(record));
        await prune(file(), path.join(root, 'runs'), lines);
      })
      .catch((error: unknown) => lose('A record', error));
    return writing;
  };
  const figures = openFigures(() => root, log);
  const verifications = async () =>
    (await read())
      .flatMap((record) => (record.kind === 'verification' ? [{ ...record, verification: upgraded(record.verification) }] : []))
      .reverse();
  const tunings = async () => (await read()).flatMap((record) => (record.kind === 'tuning' ? [record.tuning] : [])).reverse();
  return {
    async prepare(run) {
      try {
        await mkdir(directory(run), { recursive: true });
      } catch (error) {
        temporary ??= await mkdtemp(path.join(os.tmpdir(), 'volley-history-'));
        root = temporary;
        log.warn(`Nothing can be written to ${storage} (${String(error)}). Runs are kept in ${temporary} until Volley ends.`);
        await mkdir(directory(run), { recursive: true });
      }
      return directory(run);
    },
    directory,
    async addRun(state, events) {
      const lines = events.filter((event) => event.kind !== 'output').map((event) => `${JSON.stringify(event)}\n`);
      try {
        await mkdir(directory(state.run), { recursive: true });
        await writeFile(path.join(directory(state.run), 'events.jsonl'), lines.join(''));
      } catch (error) {
        lose(`The run ${state.run}`, error);
        return;
      }
      await append(runRecord(state));
      const own = figuresOf(state);
      if (own) await figures.add(own);
    },
    addVerification: (verification, operations) => append({ version: VERSION, kind: 'verification', verification, operations }),
    forget: (run) =>
      rm(directory(run), { recursive: true, force: true }).catch((error: unknown) =>
        log.warn(`What the run ${run} has left in ${root} could not be removed: ${String(error)}.`),
      ),
    addTuning: (tuning) => append({ version: VERSION, kind: 'tuning', tuning }),
    tunings,
    tuning: async (id) => (await tunings()).find((tuning) => tuning.id === id),
    async entries() {
      return (await read()).flatMap((record) => (record.kind === 'run' ? [record.entry] : [])).reverse();
    },
    async events(run) {
      const text = await readFile(path.join(directory(run), 'events.jsonl'), 'utf8').catch(() => undefined);
      return text === undefined
        ? undefined
        : parseLines<RunEvent>(text, (line) => log.warn(`Line ${line} of the events of run ${run} is damaged.`));
    },
    async verification(id) {
      return (await verifications()).find((record) => record.verification.id === id)?.verification;
    },
    async verifications(operations) {
      const wanted = key(operations);
      return (await verifications()).filter((record) => key(record.operations) === wanted).map((record) => record.verification);
    },
    async measurements() {
      return (await verifications()).reverse().map(({ verification, operations }) => ({ verification, operations }));
    },
    figures,
    async durations() {
      const runs = (await read()).filter((record) => record.kind === 'run');
      return durationsOf(runs.map(measuredRun), Date.now() - uptimeMs());
    },
    async close() {
      await writing;
      await figures.close();
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    },
  };
}

function runRecord(state: RunState): HistoryRecord {
  const measured = leavesOf(state.operations).filter(({ outcome }) => outcome?.kind === 'passed' || outcome?.kind === 'failed');
  const durations = measured.map((operation) => [keyOf(operation), runningMs(operation, state.at)] as const);
  const files = measured.flatMap((operation) => (operation.files ? [[keyOf(operation), operation.files.length] as const] : []));
  return {
    version: VERSION,
    kind: 'run',
    entry: {
      run: state.run,
      label: state.label,
      startedAt: state.startedAt,
      mode: state.mode,
      outcome: state.outcome,
      makespanMs: timing(state).makespanMs,
      ...predictedOf(state.predicted),
      operations: state.operations.length,
      findings: state.operations.reduce((sum, operation) => sum + operation.findings.length, 0),
      ...(state.newOnly ? { newOnly: true } : {}),
      ...(state.batch ? { batch: true } : {}),
      ...(state.inspection ? { inspection: true } : {}),
      ...(state.verification === undefined ? {} : { verification: state.verification }),
    },
    outputBytes: state.operations.reduce((sum, operation) => sum + operation.outputBytes, 0),
    durations: Object.fromEntries(durations),
    uptimeMs: uptimeMs(),
    ...(files.length === 0 ? {} : { files: Object.fromEntries(files) }),
    ...(state.mostSlots === undefined ? {} : { slots: { most: state.mostSlots, moves: slotsFromStart(state) } }),
  };
}

function predictedOf(predicted: RunState['predicted']): Pick<HistoryEntry, 'predictedMs' | 'predictedBetweenMs'> {
  if (predicted === undefined) return {};
  const { ms, lowMs, highMs } = predicted;
  return { predictedMs: ms, ...(lowMs === undefined || highMs === undefined ? {} : { predictedBetweenMs: [lowMs, highMs] }) };
}

function slotsFromStart({ slots, slotMoves }: RunState): readonly SlotsFrom[] {
  const first = { at: 0, slots: slotMoves[0]?.from ?? slots };
  return [first, ...slotMoves.slice(0, MOST_MOVES).map(({ at, to }) => ({ at, slots: to }))];
}

/** A line of the history. Without a record it is damaged. */
interface Line {
  readonly text: string;
  readonly record: HistoryRecord | undefined;
}

/**
 * Lines are mostly only added, and after each run the whole file is looked at: what it began with when it was read last is not parsed
 * again. Of a damaged line is told once.
 */
function openLines(log: Log) {
  let known = '';
  let lines: readonly Line[] = [];
  return {
    /** Empty where there is no file. */
    async read(file: string): Promise<readonly Line[]> {
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') log.warn(`The history ${file} could not be read: ${error.message}.`);
        return '';
      });
      // Up to its last newline: a line that another process is just writing may still grow.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      const from = known !== '' && whole.startsWith(known) ? known : '';
      const kept = from === '' ? [] : lines;
      lines = [...kept, ...parsedLines(whole.slice(from.length))];
      known = whole;
      const all = [...lines, ...parsedLines(text.slice(whole.length))];
      all.slice(kept.length).forEach(({ record }, at) => {
        if (!record) log.warn(`Line ${kept.length + at + 1} of ${file} is damaged; the rest of the history is used.`);
      });
      return all;
    },
  };
}

function parsedLines(text: string): readonly Line[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => ({ text: line, record: parseLines<HistoryRecord>(line, () => {})[0] }));
}

/** Those of this version that are not damaged. */
function recordsOf(lines: readonly Line[]): readonly HistoryRecord[] {
  return lines.flatMap(({ record }) => (record !== undefined && isRecord(record) ? [record] : []));
}

function isRecord(value: HistoryRecord): boolean {
  if (value?.version !== VERSION) return false;
  switch (value.kind) {
    case 'run':
      return typeof value.entry?.run === 'string' && !!value.durations;
    case 'verification':
      return Array.isArray(value.verification?.trials) && Array.isArray(value.verification.differences);
    case 'tuning':
      return !!value.tuning?.curve?.points;
    default:
      // Of a newer Volley.
      return false;
  }
}

function parseLines<Value>(text: string, onDamaged: (line: number) => void): readonly Value[] {
  return text.split('\n').flatMap((line, index) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as Value];
    } catch {
      onDamaged(index + 1);
      return [];
    }
  });
}

/** A line that a crash cut short costs only itself: the next one does not go on from it. */
async function appendLine(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a+');
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    await handle.appendFile(size === 0 || buffer.toString() === '\n' ? `${line}\n` : `\n${line}\n`);
  } finally {
    await handle.close();
  }
}

/**
 * Drops the records and directories of old runs, but only when there are many, so that appending stays cheap. Lines of other versions
 * stay; what another process appends meanwhile is carried over.
 */
async function prune(file: string, runsDirectory: string, lines: ReturnType<typeof openLines>): Promise<void> {
  const before = await lines.read(file);
  const known = recordsOf(before);
  const runs = known.filter((record) => record.kind === 'run').reverse();
  const old = tooOld(runs);
  const tuned = known.flatMap((record) => (record.kind === 'tuning' ? [record.tuning.id] : []));
  const tunings = new Set(tuned.slice(-KEEP.tunings));
  const many = old.size >= KEEP.runs / 4 || (old.size > 0 && exceedsBytes(runs)) || tuned.length >= 1.5 * KEEP.tunings;
  if (!many) return;
  const keptWork = new Set(runs.flatMap(({ entry }) => (old.has(entry.run) || !entry.verification ? [] : [entry.verification])));
  // Whole or not at all; of one that has no trials its warm-up decides.
  const isKept = ({ id, trials }: Verification) => keptWork.has(id) && trials.every(({ run }) => !old.has(run));
  const kept = before.filter(({ record }) => {
    if (record === undefined) return false;
    if (!isRecord(record)) return true;
    if (record.kind === 'tuning') return tunings.has(record.tuning.id);
    return record.kind === 'run' ? !old.has(record.entry.run) : isKept(record.verification);
  });
  const temporary = `${file}.${process.pid}.tmp`;
  const written = (all: readonly Line[]) => all.map(({ text }) => `${text}\n`).join('');
  await writeFile(temporary, written(kept));
  // As late as possible: what comes between this and the next line is lost.
  await appendFile(temporary, written((await lines.read(file)).slice(before.length)));
  await rename(temporary, file);
  const after = recordsOf(await lines.read(file));
  const listed = new Set(after.flatMap((record) => (record.kind === 'run' ? [record.entry.run as string] : [])));
  await removeDirectories(runsDirectory, old, listed);
}

function exceedsBytes(runs: readonly (HistoryRecord & { kind: 'run' })[]): boolean {
  return runs.length > 1 && runs.reduce((sum, run) => sum + run.outputBytes, 0) > KEEP.bytes;
}

/** Given newest first. The newest is never too old. */
function tooOld(runs: readonly (HistoryRecord & { kind: 'run' })[]): ReadonlySet<string> {
  let bytes = 0;
  const works = new Set<string>();
  const old = runs.filter(({ entry, outputBytes }, index) => {
    bytes += outputBytes;
    works.add(entry.verification ?? entry.run);
    return index > 0 && (works.size > KEEP.runs || bytes > KEEP.bytes);
  });
  return new Set(old.map((record) => record.entry.run));
}

/** Those of old runs, and those that no record names: their run was killed. A young one may belong to a run that goes on. */
async function removeDirectories(runsDirectory: string, old: ReadonlySet<string>, listed: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(runsDirectory).catch(() => [])) {
    const directory = path.join(runsDirectory, name);
    const age = Date.now() - ((await stat(directory).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (old.has(name) || (!listed.has(name) && age > DAY_MS)) await rm(directory, { recursive: true, force: true });
  }
}

function measuredRun({ entry, durations, files, uptimeMs, slots }: HistoryRecord & { kind: 'run' }): MeasuredRun {
  const { startedAt, mode, verification } = entry;
  return {
    ...{ startedAt, mode, durations },
    ...(verification === undefined ? {} : { verification }),
    ...(files === undefined ? {} : { files }),
    ...(uptimeMs === undefined ? {} : { uptimeMs }),
    ...(slots === undefined ? {} : { slots }),
  };
}

function uptimeMs(): number {
  return Math.round(os.uptime() * 1000);
}

function key(operations: readonly OperationId[]): string {
  return JSON.stringify([...operations].sort());
}
