/** A batch from its text to a run: read, expanded, planned, executed, its files put back where they have to be. */
import path from 'node:path';
import fastGlob from 'fast-glob';
import { type ActiveRun, startWork, type WorkContext } from '../active-run.js';
import type { Journal } from '../journal.js';
import { planProblemText } from '../messages.js';
import type { FailureMode, Folder, Mode, OperationId, Plan, PlanProblem, RunState, VerificationId } from '../model.js';
import { slashes } from '../paths.js';
import { planBatch } from '../plan.js';
import type { ProcessRunner } from '../process.js';
import { summary } from '../run.js';
import type { ToolResult } from '../tools/tool.js';
import { openChanges } from './changes.js';
import { type BatchDocument, type BatchPlace, type BatchProblem, readBatch } from './document.js';
import { createExecutor } from './execution.js';
import { type BatchOperation, expandBatch } from './expand.js';
import { operationsOf } from './operations.js';
import type { Registry } from './registry.js';

/** A batch that can run. */
export interface PlannedBatch {
  readonly document: BatchDocument;
  readonly folder: Folder;
  /** In sequential order, as written. */
  readonly operations: readonly BatchOperation[];
  readonly plan: Plan;
  /** By the slots that were asked for. */
  readonly slots: number;
  /** Remembered running times in milliseconds of its operations. */
  readonly durations: ReadonlyMap<OperationId, number>;
}

/** What a text comes to: a batch, or all that is wrong with it. */
export type BatchOrProblems =
  | { readonly kind: 'batch'; readonly batch: PlannedBatch }
  | { readonly kind: 'problems'; readonly problems: readonly BatchProblem[] };

export interface BatchContext extends WorkContext {
  readonly journal: Journal;
  readonly runProcess: ProcessRunner;
  readonly registry: () => Promise<Registry>;
  readonly interference: {
    pairs(): Promise<readonly (readonly [string, string])[]>;
    remember(pair: readonly [string, string]): Promise<void>;
  };
  readonly countTokens: (text: string) => Promise<number | undefined>;
}

export interface BatchRequest {
  readonly batch: PlannedBatch;
  readonly mode: Mode;
  readonly slots: number;
  readonly failure: FailureMode;
  /** For the Runs view. */
  readonly label: string;
  /** Marks the run as a trial: the files are put back as they were when it has ended. */
  readonly verification?: VerificationId;
}

/** A run of a batch that goes on. */
export interface ActiveBatch extends ActiveRun {
  /** By operation, of those that have ended. */
  readonly results: ReadonlyMap<OperationId, ToolResult>;
  /** Files that it has changed and by what they can be put back; known when the run is finished. */
  changed(): BatchChanges;
}

export interface BatchChanges {
  /** Absolute, native, sorted. */
  readonly files: readonly string[];
  /** Ids for undoing. */
  readonly undo: readonly string[];
  /** Of atomic groups that were rolled back. */
  readonly rolledBack: readonly RolledBack[];
}

export interface RolledBack {
  readonly group: string;
  readonly because: OperationId;
  readonly restored: readonly string[];
  /** Changed by somebody else meanwhile: left as they are, the old versions kept with the journal. */
  readonly conflicts: readonly string[];
}

/** Reads and plans a batch. Executes nothing; looks up only what its globs match, and what is remembered. */
export async function planBatchText(
  context: BatchContext,
  text: string,
  folder: Folder,
  slots: number,
): Promise<BatchOrProblems> {
  const registry = await context.registry();
  const { document, problems } = readBatch(text, (tool) => registry.get(tool).schema);
  const expanded = expandBatch(document, (globs) => filesOf(folder, globs));
  const wrong = [...problems, ...expanded.problems];
  if (wrong.length > 0) return { kind: 'problems', problems: wrong };
  const operations = operationsOf(expanded.operations, { folder, registry, apart: await context.interference.pairs() });
  const unknown = operations.filter(({ atomic, access }) => atomic !== undefined && access.barrier);
  if (unknown.length > 0) return { kind: 'problems', problems: unknown.map(({ id }) => cannotBeAtomic(id, expanded.operations)) };
  const remembered = await context.history.durations();
  const durations = new Map(
    operations.flatMap(({ id, remember }) => {
      const ms = remembered.get((remember ?? id) as OperationId);
      return ms === undefined ? [] : [[id, ms] as const];
    }),
  );
  const planned = planBatch(operations, durations, slots);
  if (planned.kind === 'problems')
    return { kind: 'problems', problems: planned.problems.map((problem) => inPlace(problem, expanded.operations)) };
  const { plan } = planned;
  return { kind: 'batch', batch: { document, folder, operations: expanded.operations, plan, slots, durations } };
}

function filesOf({ path: cwd }: Folder, globs: readonly string[]): readonly string[] {
  const options = {
    cwd,
    dot: false,
    ignore: ['**/node_modules/**', '**/.git/**'],
    followSymbolicLinks: false,
    suppressErrors: true,
  };
  return fastGlob.sync([...globs], options).sort();
}

/** The files that lie under absolute globs, in the folder. */
function filesUnder({ path: cwd }: Folder, globs: readonly string[]): readonly string[] {
  const base = `${slashes(cwd)}/`;
  const patterns = globs.flatMap((glob) =>
    glob.startsWith(base) ? [glob.slice(base.length), `${glob.slice(base.length)}/**`] : [],
  );
  if (patterns.length === 0) return [];
  const options = {
    cwd,
    dot: true,
    absolute: true,
    ignore: ['**/node_modules/**', '**/.git/**'],
    followSymbolicLinks: false,
    suppressErrors: true,
  };
  return fastGlob.sync(patterns, options).map((file) => path.normalize(file));
}

function cannotBeAtomic(operation: OperationId, operations: readonly BatchOperation[]): BatchProblem {
  const { line, column } = operations.find(({ id }) => id === operation)?.place ?? { line: 1, column: 1 };
  const message = `“${operation}” stands in an atomic group, and nobody knows what it writes. Say so: "writes": ["dist/**"], or [] for nothing.`;
  return { line, column, message };
}

function inPlace(problem: PlanProblem, operations: readonly BatchOperation[]): BatchProblem {
  const ids: readonly string[] = problem.kind === 'cycle' ? problem.operations : [problem.operation];
  const place: BatchPlace | undefined = operations.find(({ id }) => ids.includes(id))?.place;
  return { line: place?.line ?? 1, column: place?.column ?? 1, message: planProblemText(problem) };
}

/** Starts at once. */
export function startBatchRun(context: BatchContext, request: BatchRequest): ActiveBatch {
  const { batch, label, mode, failure, verification } = request;
  const slots = mode === 'sequential' ? 1 : Math.max(1, Math.floor(request.slots));
  const results = new Map<OperationId, ToolResult>();
  let changed: BatchChanges = { files: [], undo: [], rolledBack: [] };
  const run = startWork(context, {
    ...{ label, mode, slots, failure, scope: 'workspace', aloneAfterTimeout: true },
    pending: batch.plan.operations.map(summary),
    ...(verification === undefined ? {} : { verification }),
    async prepare() {
      const registry = await context.registry();
      const groups = new Map(batch.operations.map(({ id, atomic }) => [id as OperationId, atomic]));
      const changes = openChanges({
        journal: context.journal,
        label,
        date: context.host.date,
        groupOf: (operation) => groups.get(operation),
      });
      const executor = createExecutor(batch.operations, {
        host: context.host,
        folder: batch.folder,
        registry,
        runProcess: context.runProcess,
        changes,
        filesUnder: (globs) => filesUnder(batch.folder, globs),
        countTokens: context.countTokens,
        results,
      });
      return {
        plan: batch.plan,
        settled: new Map(),
        execute: executor.execute,
        async after(state) {
          const rolledBack = await rollBack(state, batch.operations, changes);
          const ended = await changes.end();
          if (verification !== undefined) for (const id of ended.undo) await context.journal.undo(id);
          changed = verification === undefined ? { ...ended, rolledBack } : { files: [], undo: [], rolledBack };
          await rememberInterference(context, state);
        },
      };
    },
  });
  return { ...run, results, changed: () => changed };
}

/** Puts back every atomic group in which something did not pass. */
async function rollBack(
  state: RunState,
  operations: readonly BatchOperation[],
  changes: ReturnType<typeof openChanges>,
): Promise<readonly RolledBack[]> {
  const outcomes = new Map(state.operations.map(({ id, outcome }) => [id, outcome?.kind]));
  const groups = new Set(operations.flatMap(({ atomic }) => atomic ?? []));
  const result: RolledBack[] = [];
  for (const group of groups) {
    const broken = operations.find(
      ({ id, atomic }) => atomic === group && !['passed', 'rolled back'].includes(outcomes.get(id as OperationId) ?? ''),
    );
    // Once more, for what was cancelled before anything of the group could fail.
    if (broken) result.push({ group, because: broken.id as OperationId, ...(await changes.rollBack(group)) });
  }
  return result;
}

async function rememberInterference({ interference }: BatchContext, state: RunState): Promise<void> {
  const memory = new Map(state.operations.map(({ id, remember }) => [id, remember ?? id]));
  for (const { id, outcome } of state.operations) {
    if (outcome?.kind !== 'passed' || !outcome.interference) continue;
    // Which of several it was, nobody knows: only a pair alone is certain.
    for (const other of outcome.interference.beside)
      await interference.remember([memory.get(id) ?? id, memory.get(other) ?? other]);
  }
}

/** The folder of the workspace that a file lies in, else the first one. */
export function folderOf(file: string | undefined, folders: readonly Folder[]): Folder | undefined {
  const holds = ({ path: directory }: Folder) => file !== undefined && !path.relative(directory, file).startsWith('..');
  return folders.find(holds) ?? folders[0];
}
