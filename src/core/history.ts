/**
 * Append-only store of runs and verifications: one line a record in `history.jsonl`, and a directory for each run with its events and
 * outputs. Old runs are pruned. A damaged line or a line of another version is passed over, so that it costs only itself.
 */
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { figuresOf, runningMs } from './figures.js';
import { type FiguresStore, openFigures } from './figures-store.js';
import type { Log } from './host.js';
import type { HistoryEntry, Verification } from './measured.js';
import type { OperationId, RunEvent, RunId, RunState, VerificationId } from './model.js';
import { leavesOf } from './parts.js';
import { median } from './statistics.js';
import type { Measurement } from './time-saved.js';
import { timing } from './timing.js';

const VERSION = 1;
/** How many runs are kept, and how many bytes of output with them; the newest run is always kept. */
const KEEP = { runs: 60, bytes: 500_000_000 } as const;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Of how many earlier runs the median duration is taken. */
const REMEMBERED = 5;

type HistoryRecord =
  | {
      readonly version: typeof VERSION;
      readonly kind: 'run';
      readonly entry: HistoryEntry;
      readonly outputBytes: number;
      /** Running time in milliseconds of each operation that passed or failed. */
      readonly durations: Readonly<Record<string, number>>;
    }
  | {
      readonly version: typeof VERSION;
      readonly kind: 'verification';
      readonly verification: Verification;
      readonly operations: readonly OperationId[];
    };

export interface History {
  /** Directory for the outputs of a run; made when it does not exist. */
  prepare(run: RunId): Promise<string>;
  directory(run: RunId): string;
  addRun(state: RunState, events: readonly RunEvent[]): Promise<void>;
  addVerification(verification: Verification, operations: readonly OperationId[]): Promise<void>;
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
  /** Median running time in milliseconds of each operation over its newest runs. */
  durations(): Promise<ReadonlyMap<OperationId, number>>;
  /** Waits for what is being written and removes what was only kept until now. */
  close(): Promise<void>;
}

export function openHistory(storage: string, log: Log): History {
  let root = storage;
  let temporary: string | undefined;
  const file = () => path.join(root, 'history.jsonl');
  const directory = (run: RunId) => path.join(root, 'runs', run);
  const read = () => readRecords(file(), log);
  const lose = (what: string, error: unknown) =>
    log.error(`${what} could not be written to ${root}: ${String(error)}. It will be missing in the history.`);
  // One append after the other, so that pruning never meets a half-written line of its own process.
  let writing: Promise<void> = Promise.resolve();
  const append = (record: HistoryRecord) => {
    writing = writing
      .then(async () => {
        await mkdir(root, { recursive: true });
        await appendLine(file(), JSON.stringify(record));
        await prune(file(), path.join(root, 'runs'), log);
      })
      .catch((error: unknown) => lose('A record', error));
    return writing;
  };
  const figures = openFigures(() => root, log);
  const verifications = async () => (await read()).filter((record) => record.kind === 'verification').reverse();
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
      return medians((await read()).filter((record) => record.kind === 'run'));
    },
    async close() {
      await writing;
      await figures.close();
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    },
  };
}

function runRecord(state: RunState): HistoryRecord {
  const durations = leavesOf(state.operations)
    .filter(({ outcome }) => outcome?.kind === 'passed' || outcome?.kind === 'failed')
    .map((operation) => [operation.remember ?? operation.id, runningMs(operation, state.at)] as const);
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
      operations: state.operations.length,
      findings: state.operations.reduce((sum, operation) => sum + operation.findings.length, 0),
      ...(state.newOnly ? { newOnly: true } : {}),
      ...(state.batch ? { batch: true } : {}),
      ...(state.inspection ? { inspection: true } : {}),
      ...(state.verification === undefined ? {} : { verification: state.verification }),
    },
    outputBytes: state.operations.reduce((sum, operation) => sum + operation.outputBytes, 0),
    durations: Object.fromEntries(durations),
  };
}

async function readRecords(file: string, log: Log): Promise<readonly HistoryRecord[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') log.warn(`The history ${file} could not be read: ${error.message}.`);
    return '';
  });
  const damaged = (line: number) => log.warn(`Line ${line} of ${file} is damaged; the rest of the history is used.`);
  return parseLines<HistoryRecord>(text, damaged).filter(isRecord);
}

function isRecord(value: HistoryRecord): boolean {
  if (value?.version !== VERSION) return false;
  return value.kind === 'run'
    ? typeof value.entry?.run === 'string' && !!value.durations
    : value.kind === 'verification' && !!value.verification?.trials;
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
  const before = await readFile(file, 'utf8').catch(() => '');
  await appendFile(file, before === '' || before.endsWith('\n') ? `${line}\n` : `\n${line}\n`);
}

/**
 * Drops the records and directories of old runs, but only when there are many, so that appending stays cheap. Lines of other versions
 * stay; what another process appends meanwhile is carried over.
 */
async function prune(file: string, runsDirectory: string, log: Log): Promise<void> {
  const text = await readFile(file, 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  const records = lines.map((line) => parseLines<HistoryRecord>(line, () => {})[0]);
  const known = records.filter((record) => record !== undefined).filter(isRecord);
  const runs = known.filter((record) => record.kind === 'run').reverse();
  const old = tooOld(runs);
  if (old.size === 0 || (old.size < KEEP.runs / 4 && !exceedsBytes(runs))) return;
  const kept = lines.filter((_, index) => {
    const record = records[index];
    if (record === undefined) return false;
    if (!isRecord(record)) return true;
    return record.kind === 'run' ? !old.has(record.entry.run) : record.verification.trials.every((trial) => !old.has(trial.run));
  });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, kept.map((line) => `${line}\n`).join(''));
  const appended = (await readFile(file, 'utf8')).slice(text.length);
  await appendFile(temporary, appended);
  await rename(temporary, file);
  const listed = new Set(
    (await readRecords(file, log)).flatMap((record) => (record.kind === 'run' ? [record.entry.run as string] : [])),
  );
  await removeDirectories(runsDirectory, old, listed);
}

function exceedsBytes(runs: readonly (HistoryRecord & { kind: 'run' })[]): boolean {
  return runs.length > 1 && runs.reduce((sum, run) => sum + run.outputBytes, 0) > KEEP.bytes;
}

/** Given newest first. The newest is never too old. */
function tooOld(runs: readonly (HistoryRecord & { kind: 'run' })[]): ReadonlySet<string> {
  let bytes = 0;
  const old = runs.filter((record, index) => {
    bytes += record.outputBytes;
    return index > 0 && (index >= KEEP.runs || bytes > KEEP.bytes);
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

function medians(records: readonly (HistoryRecord & { kind: 'run' })[]): ReadonlyMap<OperationId, number> {
  const samples = new Map<OperationId, number[]>();
  for (const { durations } of [...records].reverse()) {
    for (const [id, ms] of Object.entries(durations) as [OperationId, number][]) {
      const known = samples.get(id) ?? [];
      if (known.length < REMEMBERED) samples.set(id, [...known, ms]);
    }
  }
  return new Map([...samples].map(([id, values]) => [id, median(values) ?? 0]));
}

function key(operations: readonly OperationId[]): string {
  return JSON.stringify([...operations].sort());
}
