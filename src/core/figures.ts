/** Pure: what is kept of each run for trends, long after its events are gone; and as a line of text. */
import { createHash } from 'node:crypto';
import type { Finding, OperationState, RunId, RunState } from './model.js';
import { effectiveKind, leavesOf } from './parts.js';
import { firstSlots, spansOf, timing } from './timing.js';
import type { OperationFigures, RunFigures } from './trend-model.js';

/** Of a batch with more operations only the run is kept: it would push out the figures of many others. */
const MOST_OPERATIONS = 200;
const VERSION = 1;
/** How short keys begin that are of files alone: see `RunFigures.keys`. */
const OF_FILES = 'files:';

/** Undefined for what no trend is made of: a run that did not end, and an inspection. */
export function figuresOf(state: RunState): RunFigures | undefined {
  if (state.outcome === undefined || state.inspection) return undefined;
  const { run, label, startedAt, mode, scope, outcome, mostSlots, newOnly, batch, verification } = state;
  const { makespanMs, sumMs } = timing(state);
  return {
    ...{ run, label, startedAt, mode, scope, outcome, slots: firstSlots(state) },
    ...(mostSlots === undefined ? {} : { mostSlots }),
    makespanMs: rounded(makespanMs),
    sumMs: rounded(sumMs),
    ...(newOnly ? { newOnly } : {}),
    ...(batch ? { batch } : {}),
    ...(verification === undefined ? {} : { verification }),
    // Named by whoever starts the trials.
    ...(verification !== undefined && label.endsWith(', warm-up') ? { warmUp: true as const } : {}),
    operations:
      state.operations.length > MOST_OPERATIONS
        ? []
        : state.operations.flatMap((operation) => operationFigures(operation, state) ?? []),
  };
}

/** Undefined when it never ended. */
function operationFigures(operation: OperationState, state: RunState): OperationFigures | undefined {
  const { id, name, group, outcome, parts, files, attempts } = operation;
  if (!outcome) return undefined;
  const all = [...operation.findings, ...(operation.known ?? [])];
  const ms = runningMs(operation, state.at);
  const executed = outcome.kind !== 'cached' && leavesOf([operation]).some(({ segments }) => segments.some(isRunning));
  return {
    ...{ id, name, group },
    outcome: operation.whole ?? effectiveKind(outcome),
    ...(outcome.kind === 'cached' ? { answeredBy: outcome.run } : {}),
    ...(executed ? { ms: rounded(ms) } : {}),
    ...(operation.findings.length === 0 ? {} : { findings: operation.findings.length }),
    ...(all.length === 0 ? {} : { digest: findingsDigest(all) }),
    // What passed once it ran alone was disturbed, which says nothing of itself.
    ...(attempts > 1 && !(outcome.kind === 'passed' && outcome.interference) ? { attempts } : {}),
    ...(parts === undefined ? {} : { parts: parts.length }),
    // Of the whole workspace it is the same work, however many files there are meanwhile.
    ...(files === undefined || state.scope === 'workspace' ? {} : { files: digestOf([...files].sort()) }),
  };
}

function isRunning({ phase }: OperationState['segments'][number]): boolean {
  return phase === 'running';
}

/** Milliseconds of work, without what Volley itself did meanwhile: running a gate elsewhere, looking at what was written. */
export function runningMs(operation: OperationState, end: number): number {
  return spansOf(operation, end).running - (operation.baseMs ?? 0) - (operation.answer?.lookedMs ?? 0);
}

/** Equal for equal sets of findings, wherever they stand in the list. The end of an output may name times, so it says nothing. */
function findingsDigest(findings: readonly Finding[]): string {
  const keys = findings.map(({ file, line, column, severity, rule, message, output }) =>
    output ? 'output' : `${file}:${line}:${column} ${severity} ${rule ?? ''} ${message}`,
  );
  return digestOf([...new Set(keys)].sort());
}

function digestOf(values: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16);
}

/** A key of a fingerprint, short; `files` when it is of the files of the workspace and not of all that the gate reads. */
export function keyDigest(key: string, of: 'all it reads' | 'files' = 'all it reads'): string {
  return of === 'files' ? `${OF_FILES}${digestOf([key])}` : digestOf([key]);
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

// ----------------------------------------------------------------------------------------------------------------- lines

/** A line of the store: a run, or keys that became known after it. */
export type FiguresLine =
  | { readonly version: typeof VERSION; readonly kind: 'run'; readonly figures: RunFigures }
  | {
      readonly version: typeof VERSION;
      readonly kind: 'keys';
      readonly run: RunId;
      readonly keys: Readonly<Record<string, string>>;
    };

/** As text, with its end. */
export function figuresLine(figures: RunFigures): string {
  return `${JSON.stringify({ version: VERSION, kind: 'run', figures } satisfies FiguresLine)}\n`;
}

/** As text, with its end. */
export function keysLine(run: RunId, keys: Readonly<Record<string, string>>): string {
  return `${JSON.stringify({ version: VERSION, kind: 'keys', run, keys } satisfies FiguresLine)}\n`;
}

/** Undefined for a damaged line, and for one of another version. */
export function parseFiguresLine(line: string): FiguresLine | undefined {
  try {
    const value = JSON.parse(line) as FiguresLine | null;
    if (value?.version !== VERSION) return undefined;
    if (value.kind === 'keys') return typeof value.run === 'string' && typeof value.keys === 'object' ? value : undefined;
    const { run, operations, startedAt, makespanMs } = value.figures;
    const whole = typeof run === 'string' && typeof startedAt === 'string' && Number.isFinite(makespanMs);
    return whole && Array.isArray(operations) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Runs as their lines tell of them, oldest first; of two lines about a run the newer one counts. */
export function gathered(lines: readonly FiguresLine[]): readonly RunFigures[] {
  const runs = new Map<RunId, RunFigures>();
  const keys = new Map<RunId, Readonly<Record<string, string>>>();
  for (const line of lines) {
    if (line.kind === 'run') runs.set(line.figures.run, line.figures);
    else keys.set(line.run, line.keys);
  }
  return [...runs.values()]
    .map((figures) => {
      const known = keys.get(figures.run);
      return known ? { ...figures, keys: known } : figures;
    })
    .sort((a, b) => (a.run < b.run ? -1 : a.run > b.run ? 1 : 0));
}
