/** A batch from its text to a plan: read, expanded, what each operation touches, hazards. Executes nothing. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Durations, expectedOf, mediansOf } from '../durations.js';
import { globsMayMeet } from '../globs.js';
import { placeName } from '../jsonc.js';
import { planProblemText } from '../messages.js';
import type { Folder, OperationId, Plan, PlanProblem } from '../model.js';
import { cycleOf, planBatch } from '../plan.js';
import { filesMatching } from '../tools/glob.js';
import {
  type BatchDocument,
  type BatchPlace,
  type BatchProblem,
  complaintsOfInput,
  MOST_PROBLEMS,
  readBatch,
} from './document.js';
import { type BatchOperation, expandBatch, type FilesOf, globsIn } from './expand.js';
import { globOf, operationsOf, plannedInput } from './operations.js';
import type { Registry } from './registry.js';
import type { BatchContext } from './run.js';
import type { Unwritten } from './unwritten.js';

/** A batch that can run. */
export interface PlannedBatch {
  /** As it was handed over. */
  readonly text: string;
  readonly document: BatchDocument;
  readonly folder: Folder;
  /** In sequential order, as written. */
  readonly operations: readonly BatchOperation[];
  readonly plan: Plan;
  /** By the slots that were asked for. */
  readonly slots: number;
  /** Remembered running times in milliseconds of its operations. */
  readonly durations: ReadonlyMap<OperationId, number>;
  /** All that is remembered of durations. */
  readonly known: Durations;
  /** Declared writes that nobody has seen happen. They count in the plan like any other. */
  readonly unwritten: readonly UnwrittenByOperation[];
}

/** `waits`: how many edges of the plan are there because of it. */
export interface UnwrittenByOperation extends Unwritten {
  readonly operation: OperationId;
  readonly waits: number;
}

/** A batch before anybody looked at what its operations touch. */
export type UnplannedBatch = Pick<PlannedBatch, 'text' | 'document' | 'folder' | 'operations' | 'slots'>;

/** What a text comes to: a batch, or all that is wrong with it. */
export type BatchOrProblems =
  | { readonly kind: 'batch'; readonly batch: PlannedBatch }
  | { readonly kind: 'problems'; readonly problems: readonly BatchProblem[] };

/** Reads and plans a batch. Executes nothing; looks up only what its globs match, and what is remembered. */
export async function planBatchText(
  context: BatchContext,
  text: string,
  folder: Folder,
  slots: number,
): Promise<BatchOrProblems> {
  const registry = await context.registry();
  // Between its steps the event loop goes on: an editor plans at each pause of typing.
  const { document, problems } = readBatch(text, (tool) => registry.get(tool).schema);
  await nextTurn();
  const expanded = expandBatch(document, await filesIn(document, folder));
  const wrong = [...problems, ...expanded.problems].sort((a, b) => a.line - b.line || a.column - b.column);
  await nextTurn();
  if (wrong.length > 0) return { kind: 'problems', problems: [...wrong, ...cycleIn(expanded.operations)] };
  return planOperations(context, { text, document, operations: expanded.operations, folder, slots });
}

/** A circle of needs, told together with all else that is wrong. */
function cycleIn(operations: readonly BatchOperation[]): readonly BatchProblem[] {
  const needs = operations.map(({ id, needs: wanted }) => ({ id: id as OperationId, needs: wanted as OperationId[] }));
  const cycle = cycleOf(needs);
  return cycle ? [inPlace({ kind: 'cycle', operations: cycle }, operations)] : [];
}

/** Plans operations that are known already. Executes nothing. */
export async function planOperations(context: BatchContext, unplanned: UnplannedBatch): Promise<BatchOrProblems> {
  const { text, document, operations: entries, folder, slots } = unplanned;
  const registry = await context.registry();
  const unfit = entries.flatMap((entry) => unfitValues(entry, registry));
  if (unfit.length > 0) return { kind: 'problems', problems: unfit.slice(0, MOST_PROBLEMS) };
  const operations = await operationsOf(entries, {
    folder,
    registry,
    apart: await context.interference.pairs(),
    learned: await context.learned.writes(),
    isDirectory,
  });
  await nextTurn();
  const unknown = operations.filter(({ atomic, access }) => atomic !== undefined && access.barrier);
  if (unknown.length > 0) return { kind: 'problems', problems: unknown.map(({ id }) => cannotBeAtomic(id, entries)) };
  const known = await context.history.durations();
  const expected = expectedOf(known, operations, 'parallel');
  const durations = mediansOf(expected);
  const planned = planBatch(operations, durations, slots);
  if (planned.kind === 'problems')
    return { kind: 'problems', problems: planned.problems.map((problem) => inPlace(problem, entries)) };
  const { plan } = planned;
  const unwritten = unwrittenIn(unplanned, plan, (await context.lookedAt?.unwritten()) ?? new Map());
  return { kind: 'batch', batch: { text, document, folder, operations: entries, plan, slots, durations, known, unwritten } };
}

/** What the batch still declares and nobody has seen. */
function unwrittenIn(
  { operations: entries, folder }: UnplannedBatch,
  { operations, edges }: Plan,
  known: ReadonlyMap<string, readonly Unwritten[]>,
): readonly UnwrittenByOperation[] {
  const declared = new Map(entries.map(({ id, writes }) => [id as OperationId, writes ?? []]));
  return operations.flatMap(({ id, remember }) =>
    (known.get(remember ?? id) ?? [])
      .filter(({ glob }) => declared.get(id)?.includes(glob))
      .map((each) => {
        const absolute = globOf(each.glob, folder);
        const waits = edges.filter(
          ({ from, to, reason }) => (from === id || to === id) && reason.kind === 'hazard' && globsMayMeet(reason.path, absolute),
        ).length;
        return { ...each, operation: id, waits };
      }),
  );
}

/** False also for what no file system can hold. */
function isDirectory(directory: string): boolean {
  try {
    return statSync(directory, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

/** What all globs of the document match now. */
async function filesIn(document: BatchDocument, folder: Folder): Promise<FilesOf> {
  const known = new Map<string, ReturnType<FilesOf>>();
  for (const globs of globsIn(document)) known.set(JSON.stringify(globs), await filesMatching(globs, folder));
  return (globs) => known.get(JSON.stringify(globs)) ?? { kind: 'files', files: [] };
}

/** What was written was looked at when it was read; what a matrix or a pipeline has put into it was not. */
function unfitValues({ id, tool, input, filled, place }: BatchOperation, registry: Registry): readonly BatchProblem[] {
  if (!filled) return [];
  const [first] = complaintsOfInput(registry.get(tool).schema, plannedInput(input));
  if (!first) return [];
  const where = placeName('input', [...first.path, ...(first.key === undefined ? [] : [first.key])]);
  const message = `What “${id}” is given by a matrix or a pipeline does not fit the tool ${tool}: “${where}” ${first.message}`;
  return [{ line: place.line, column: place.column, message }];
}

function cannotBeAtomic(operation: OperationId, operations: readonly BatchOperation[]): BatchProblem {
  const { line, column } = operations.find(({ id }) => id === operation)?.place ?? { line: 1, column: 1 };
  const message = `“${operation}” stands in an atomic group, and nobody knows what it writes. Say so: "writes": ["dist/**"], or [] for nothing.`;
  return { line, column, message };
}

function inPlace(problem: PlanProblem, operations: readonly BatchOperation[]): BatchProblem {
  const ids = idsIn(problem);
  const place: BatchPlace | undefined = ids.length === 0 ? undefined : operations.find(({ id }) => ids.includes(id))?.place;
  return { line: place?.line ?? 1, column: place?.column ?? 1, message: planProblemText(problem) };
}

function idsIn(problem: PlanProblem): readonly string[] {
  if (problem.kind === 'too many edges') return [];
  return problem.kind === 'cycle' ? problem.operations : [problem.operation];
}

/** The folder of the workspace that a file lies in, else the first one. */
export function folderOf(file: string | undefined, folders: readonly Folder[]): Folder | undefined {
  const holds = ({ path: directory }: Folder) => file !== undefined && !path.relative(directory, file).startsWith('..');
  return folders.find(holds) ?? folders[0];
}
