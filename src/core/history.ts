/**
 * Append-only store of runs and verifications: one line a record in `history.jsonl`, and a directory for each run with its events and
 * outputs. Old runs are pruned. A damaged line or a line of another version is passed over, so that it costs only itself.
 */
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from './host.js';
import type { HistoryEntry, OperationId, RunEvent, RunId, RunState, Verification, VerificationId } from './model.js';
import { median } from './statistics.js';
import { spansOf, timing } from './timing.js';

const VERSION = 1;
/** How many runs are kept, and how many bytes of output with them; the newest run is always kept. */
const KEEP = { runs: 60, bytes: 500_000_000 } as const;
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
  /** Median running time in milliseconds of each operation over its newest runs. */
  durations(): Promise<ReadonlyMap<OperationId, number>>;
}

export function openHistory(storage: string, log: Log): History {
  const file = path.join(storage, 'history.jsonl');
  const directory = (run: RunId) => path.join(storage, 'runs', run);
  const read = () => readRecords(file, log);
  // One append after the other, so that pruning never meets a half-written line of its own process.
  let writing: Promise<void> = Promise.resolve();
  const append = (record: HistoryRecord) => {
    writing = writing.then(async () => {
      await mkdir(storage, { recursive: true });
      await appendFile(file, `${JSON.stringify(record)}\n`);
      await prune(file, await read(), directory);
    });
    return writing.catch((error: unknown) => {
      writing = Promise.resolve();
      log.error(`The history could not be written to ${file}: ${String(error)}. This run will be missing in it.`);
    });
  };
  const verifications = async () => (await read()).filter((record) => record.kind === 'verification').reverse();
  return {
    async prepare(run) {
      await mkdir(directory(run), { recursive: true });
      return directory(run);
    },
    directory,
    async addRun(state, events) {
      await mkdir(directory(state.run), { recursive: true });
      const kept = events.filter((event) => event.kind !== 'output');
      await writeFile(
        path.join(directory(state.run), 'events.jsonl'),
        kept.map((event) => `${JSON.stringify(event)}\n`).join(''),
      );
      await append(runRecord(state));
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
    async durations() {
      return medians((await read()).filter((record) => record.kind === 'run'));
    },
  };
}

function runRecord(state: RunState): HistoryRecord {
  const durations = state.operations
    .filter(({ outcome }) => outcome?.kind === 'passed' || outcome?.kind === 'failed')
    .map((operation) => [operation.id, spansOf(operation, state.at).running] as const);
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

/** Rewrites the file only when a good part of it is too old, so that appending stays cheap. */
async function prune(file: string, records: readonly HistoryRecord[], directory: (run: RunId) => string): Promise<void> {
  const runs = records.filter((record) => record.kind === 'run').reverse();
  let bytes = 0;
  const old = runs.filter((record, index) => {
    bytes += record.outputBytes;
    return index > 0 && (index >= KEEP.runs || bytes > KEEP.bytes);
  });
  const overdue = old.length >= KEEP.runs / 4 || bytes > KEEP.bytes;
  if (old.length === 0 || !overdue) return;
  const gone = new Set(old.map((record) => record.entry.run));
  const kept = records.filter((record) =>
    record.kind === 'run' ? !gone.has(record.entry.run) : record.verification.trials.every((trial) => !gone.has(trial.run)),
  );
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
  await rename(temporary, file);
  for (const run of gone) await rm(directory(run), { recursive: true, force: true });
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
