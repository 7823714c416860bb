/** From a source to its analysis: read, written as a batch, planned, looked at. Executes nothing, so that it is safe in an untrusted workspace. */
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { folderOf, planBatchText } from '../batch/planned.js';
import type { BatchContext } from '../batch/run.js';
import type { History } from '../history.js';
import type { Verification } from '../measured.js';
import type { Edge, Folder, OperationId, Plan, RunId, RunState } from '../model.js';
import { isInside, slashes } from '../paths.js';
import { median } from '../statistics.js';
import { spansOf } from '../timing.js';
import { type Analysis, analysisOf, type Duration } from './analysis.js';
import { batchText, type NamedOperation, namedOperations, needsOf } from './batch-text.js';
import { projectPrograms } from './project-programs.js';
import { includedIn } from './read-included.js';
import { READERS, sourceKind } from './readers.js';
import {
  type NotTaken,
  type Sequence,
  type SourceChoice,
  type SourceKind,
  type SourceProblem,
  type SourceText,
  withoutLoners,
} from './sequence.js';

export interface AnalyseRequest {
  readonly text: string;
  /** Where the text lies: absolute, native. */
  readonly file?: string;
  /** What people call it where it lies nowhere: `the selection`. */
  readonly label?: string;
  /** Absent: told by name and text. */
  readonly kind?: SourceKind;
  /** The script, target, job or task; absent: all of it, or the only one. */
  readonly choice?: string;
  readonly slots: number;
}

export type AnalyseResult =
  | { readonly kind: 'analysed'; readonly analysis: Analysis }
  /** There are several things to choose from, and none was named, or one that is not there. */
  | {
      readonly kind: 'choices';
      readonly source: SourceKind;
      readonly option: string;
      readonly choices: readonly SourceChoice[];
      readonly unknown?: string;
    }
  /** There is nothing in it that could be analysed. */
  | { readonly kind: 'problems'; readonly problems: readonly SourceProblem[]; readonly notTaken: readonly NotTaken[] };

export interface AnalyseContext {
  readonly batches: BatchContext;
  readonly history: History;
  readonly folders: readonly Folder[];
  readonly processors: number;
  readonly loadRun: (run: RunId) => Promise<RunState | undefined>;
}

/** Analyses a source. */
export async function analyse(request: AnalyseRequest, context: AnalyseContext): Promise<AnalyseResult> {
  const folder = folderOf(request.file, context.folders);
  if (!folder) return problem(request.label ?? 'the source', 'There is no folder to which the analysis could belong. Open one.');
  const text = request.text.replace(/^\uFEFF/, '');
  const isIn = request.file !== undefined && isInside(folder.path, request.file);
  const file =
    request.file === undefined
      ? (request.label ?? 'standard input')
      : isIn
        ? slashes(path.relative(folder.path, request.file))
        : path.basename(request.file);
  const kind = request.kind ?? sourceKind(file, text);
  const reader = READERS[kind];
  const source: SourceText = {
    file,
    text,
    cwd: isIn && START_WHERE_THEY_LIE.has(kind) ? directoryOf(file) : '',
    folder: slashes(folder.path),
    ...(await projectPrograms(folder.path)),
    ...(kind === 'makefile' && isIn ? { included: await includedIn(text, directoryOf(file), folder.path) } : {}),
  };
  const choices = reader.choices(source);
  const wanted = request.choice ?? (choices.length === 1 ? choices[0]?.name : undefined);
  const isUnknown =
    request.choice !== undefined && reader.option !== undefined && !choices.some(({ name }) => name === request.choice);
  const sequence = isUnknown ? undefined : await reader.read(source, reader.option === undefined ? undefined : wanted);
  if (!sequence) {
    if (choices.length === 0) return problem(file, `${file} holds no ${reader.option ?? 'operation'} that could be analysed.`);
    return {
      kind: 'choices',
      source: kind,
      option: reader.option ?? '',
      choices,
      ...(isUnknown ? { unknown: request.choice } : {}),
    };
  }
  const title = wanted === undefined || reader.option === undefined ? file : `${file}, ${reader.option} ${wanted}`;
  return analysed(
    sequence,
    { title, kind, file, isFile: request.file !== undefined, ...(wanted === undefined ? {} : { choice: wanted }) },
    { folder, slots: request.slots },
    context,
  );
}

function directoryOf(file: string): string {
  const directory = path.posix.dirname(file);
  return directory === '.' ? '' : directory;
}

/** Where a list of commands, a workflow and the editor run something is the folder, wherever the file lies. */
const START_WHERE_THEY_LIE = new Set<SourceKind>(['package script', 'makefile']);

function problem(file: string, message: string): AnalyseResult {
  return { kind: 'problems', problems: [{ file, message }], notTaken: [] };
}

interface Where {
  readonly folder: Folder;
  readonly slots: number;
}

async function analysed(
  sequence: Sequence,
  about: Pick<Analysis, 'title' | 'kind' | 'file' | 'isFile' | 'choice'>,
  { folder, slots }: Where,
  context: AnalyseContext,
): Promise<AnalyseResult> {
  const valid = await validOperations(sequence, context.batches);
  const operations = namedOperations(valid.operations);
  const { notTaken, problems } = valid;
  if (operations.length === 0)
    return {
      kind: 'problems',
      notTaken,
      problems:
        problems.length > 0
          ? problems
          : [{ file: about.file, message: `${about.title} holds no operation that can be in a batch.` }],
    };
  const plan = (text: string) => planBatchText(context.batches, text, folder, slots);
  const text = (needs: readonly (readonly number[])[]) => batchText({ title: about.title, operations, needs, sequence: valid });
  // What holds back what is known only when it is known what each touches.
  const draft = await plan(text([]));
  if (draft.kind === 'problems') return notPlanned(draft.problems, about.file);
  const needs = needsOf(operations, draft.batch.plan.operations, draft.batch.plan.edges);
  const batch = text(needs);
  const final = needs.some((each) => each.length > 0) ? await plan(batch) : draft;
  if (final.kind === 'problems') return notPlanned(final.problems, about.file);
  // An editor goes on between the steps.
  await nextTurn();
  const { verification, alone } = await measuredOf(final.batch.plan, context);
  const durations = durationsOf(operations, alone, final.batch.durations);
  const input = {
    ...about,
    ...{ operations, durations, notTaken, problems, notes: sequence.notes, slots, batch },
    plan: withReasons(final.batch.plan, draft.batch.plan.edges),
    touching: draft.batch.plan.edges,
    processors: context.processors,
    folder: slashes(folder.path),
    ...(verification === undefined ? {} : { verification }),
  };
  return { kind: 'analysed', analysis: analysisOf(input) };
}

/** A plan that cannot be made of what was read is a defect, told as what it is. */
function notPlanned(problems: readonly { readonly message: string }[], file: string): AnalyseResult {
  return {
    kind: 'problems',
    notTaken: [],
    problems: problems.map(({ message }) => ({
      file,
      message: `The batch that was written cannot be planned: ${message} Please report this.`,
    })),
  };
}

/** Without those whose input their tool does not take. */
async function validOperations(sequence: Sequence, { registry }: BatchContext): Promise<Sequence> {
  const tools = await registry();
  const kept = new Map<number, number>();
  const notTaken = [...sequence.notTaken];
  const operations = sequence.operations.flatMap((operation, index) => {
    if (tools.get(operation.tool).schema.safeParse(operation.input).success) {
      kept.set(index, kept.size);
      return [operation];
    }
    const { file, line, text } = operation;
    notTaken.push({
      file,
      ...(line === undefined ? {} : { line }),
      what: text,
      because: `its input is not what ${operation.tool} takes`,
    });
    return [];
  });
  const moved = withoutLoners(operations).map((operation) => ({
    ...operation,
    requires: operation.requires.flatMap((each) => kept.get(each) ?? []),
  }));
  return { ...sequence, notTaken, operations: moved };
}

/** What was measured alone goes before what was measured beside others, and that before what a source says. */
function durationsOf(
  operations: readonly NamedOperation[],
  alone: ReadonlyMap<OperationId, number>,
  remembered: ReadonlyMap<OperationId, number>,
): ReadonlyMap<OperationId, Duration> {
  const durationOf = (id: OperationId, said: number | undefined): Duration => {
    const [measured, known] = [alone.get(id), remembered.get(id)];
    if (measured !== undefined) return { kind: 'verification', ms: measured };
    if (known !== undefined) return { kind: 'history', ms: known };
    return said === undefined ? { kind: 'unknown' } : { kind: 'source', ms: said };
  };
  return new Map(operations.map(({ id, durationMs }) => [id as OperationId, durationOf(id as OperationId, durationMs)] as const));
}

/** A need that holds back two that touch the same has that reason, which says more. */
function withReasons(plan: Plan, touching: readonly Edge[]): Plan {
  if (!plan.edges.some(({ reason }) => reason.kind === 'needs')) return plan;
  // No id holds a space.
  const reasons = new Map(touching.map(({ from, to, reason }) => [`${from} ${to}`, reason]));
  const reasonOf = (edge: Edge) => reasons.get(`${edge.from} ${edge.to}`) ?? edge.reason;
  return { ...plan, edges: plan.edges.map((edge) => ({ ...edge, reason: reasonOf(edge) })) };
}

interface Measured {
  readonly verification?: Verification;
  /** Median running time in milliseconds where nothing ran beside it. */
  readonly alone: ReadonlyMap<OperationId, number>;
}

/** The newest verification of exactly these operations: ids alone may be those of another batch. */
async function measuredOf({ operations }: Plan, { history, loadRun }: AnalyseContext): Promise<Measured> {
  for (const verification of await history.verifications(operations.map(({ id }) => id))) {
    const [first] = verification.trials;
    const run = first && (await loadRun(first.run));
    const memory = new Map(run?.operations.map(({ id, remember }) => [id, remember]));
    if (!run || !operations.every(({ id, remember }) => memory.get(id) === remember)) continue;
    const sequential = verification.trials.filter(({ mode }) => mode === 'sequential');
    const runs = await Promise.all(sequential.map((trial) => loadRun(trial.run)));
    return { verification, alone: aloneIn(runs.filter((each) => each !== undefined)) };
  }
  return { alone: new Map() };
}

function aloneIn(runs: readonly RunState[]): ReadonlyMap<OperationId, number> {
  const samples = new Map<OperationId, number[]>();
  for (const { operations, at } of runs)
    for (const operation of operations)
      if (operation.outcome?.kind === 'passed' || operation.outcome?.kind === 'failed')
        samples.set(operation.id, [...(samples.get(operation.id) ?? []), spansOf(operation, at).running]);
  return new Map([...samples].flatMap(([id, all]) => [[id, median(all) ?? 0] as const]));
}
