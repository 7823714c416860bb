/** Runs a planned batch: executes its operations, and puts files back where they have to be. */
import { readlinkSync, realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fastGlob from 'fast-glob';
import { type ActiveRun, startWork, type WorkContext } from '../active-run.js';
import type { Agents } from '../agents.js';
import { expectedOf } from '../durations.js';
import { learnedSlotsOf } from '../forecast.js';
import { NEVER_WALKED } from '../ignored.js';
import type { Threads } from '../inspect/threads.js';
import type { Journal, Link } from '../journal.js';
import type { ContextUse } from '../measured.js';
import type {
  Answer,
  FailureMode,
  Folder,
  Mode,
  Operation,
  OperationId,
  Outcome,
  Plan,
  RunState,
  ToolName,
  VerificationId,
} from '../model.js';
import { isInside, slashes } from '../paths.js';
import { summary } from '../run.js';
import { type SlotRange, slotRange } from '../slots.js';
import { commandFiles } from '../tools/command.js';
import type { ToolResult } from '../tools/tool.js';
import { answersOf, withinBudget } from './answers.js';
import type { RolledBack, Under } from './atomic.js';
import { type Level, levelOf, levelText, slotsAt } from './budget.js';
import { openChanges } from './changes.js';
import { combinedAnswer, type PartialAnswer } from './combined.js';
import { type Call, contextUse, type UsedContext } from './context-use.js';
import { createExecutor, standsFor } from './execution.js';
import type { BatchOperation } from './expand.js';
import { handoffText } from './handoff.js';
import { keepAnswers } from './kept-answers.js';
import type { Learned } from './learned.js';
import { createObserver, globsOf, type Observer } from './observe.js';
import type { PlannedBatch } from './planned.js';
import type { Registry } from './registry.js';
import { lookFor, type WritesLookedAt } from './unwritten.js';

export interface BatchContext extends WorkContext {
  readonly journal: Journal;
  readonly threads?: Threads;
  /** Makes known where the journal of changes in a folder lies, so that what is cut short is found by others. */
  readonly announce?: (folder: string) => Promise<void>;
  readonly registry: () => Promise<Registry>;
  readonly interference: {
    pairs(): Promise<readonly (readonly [string, string])[]>;
    remember(pair: readonly [string, string]): Promise<void>;
  };
  readonly learned: Learned;
  /** Declared writes that were looked for; absent where nobody wants to be told. */
  readonly lookedAt?: WritesLookedAt;
  readonly agents?: Agents;
  readonly countTokens: (text: string) => Promise<number | undefined>;
}

export interface BatchRequest {
  readonly batch: PlannedBatch;
  readonly mode: Mode;
  readonly slots: number;
  /** Volley moves the number of slots between 1 and this while the run goes on. Absent: it stays. */
  readonly mostSlots?: number;
  readonly failure: FailureMode;
  /** For the Runs view. */
  readonly label: string;
  /** Marks the run as a trial: the files are put back as they were when it has ended. */
  readonly verification?: VerificationId;
  /** False: nothing of it is kept when it has ended. */
  readonly recorded?: boolean;
  /** Looks at what each operation really writes; of a sequential run only. Default: of one that is no trial. */
  readonly observe?: boolean;
  /** Counts tokens, though the batch has no budget for them. `later`: only when somebody asks, so that what counts takes nothing of what is measured. */
  readonly countTokens?: boolean | 'later';
  /** Keeps what its operations answered with the run, for a combined answer later. */
  readonly keepAnswers?: boolean;
  /** It inspects files: views show its table. */
  readonly inspection?: true;
  /** Of a trial: when its last operation has ended, before its files are put back. */
  beforePutBack?(): Promise<void>;
  /** When the run stands in the history, with what its operations answered. */
  after?(state: RunState, results: ReadonlyMap<OperationId, ToolResult>): Promise<void>;
}

/** A run of a batch that goes on. */
export interface ActiveBatch extends ActiveRun {
  /** By operation, of those that have ended. */
  readonly results: ReadonlyMap<OperationId, ToolResult>;
  /** Files that it has changed and by what they can be put back; known when the run is finished. */
  changed(): BatchChanges;
  /** What it took of a language model's context; known when the run is finished, where tokens were counted. */
  context(): ContextUse | undefined;
  /** The same, counted now; once the run is finished, where tokens were to be counted, now or later. */
  countContext(): Promise<ContextUse | undefined>;
  /** All answers as one text, cut to the budget of the batch; known when the run is finished. */
  combined(): string;
}

export interface BatchChanges {
  /** Absolute, native, sorted. */
  readonly files: readonly string[];
  /** Ids for undoing. */
  readonly undo: readonly string[];
  /** Of atomic groups that were rolled back. */
  readonly rolledBack: readonly RolledBack[];
  /** Where the rest of a batch whose context budget was used up stands. Absolute, native. */
  readonly handoff?: string;
}

/** What a batch makes of the slots that it is given: with a context budget they are fixed, since a budget stops nothing that runs already. */
export function slotsOfBatch({ document }: Pick<PlannedBatch, 'document'>, asked: SlotRange): SlotRange {
  const range = slotRange(asked);
  return document.budgetTokens === undefined ? range : { slots: range.slots };
}

/** Starts at once. */
export function startBatchRun(context: BatchContext, request: BatchRequest): ActiveBatch {
  const { batch, label, mode, failure, verification } = request;
  const observes = mode === 'sequential' && (request.observe ?? verification === undefined);
  const hasBudget = batch.document.budgetTokens !== undefined;
  const range = withWaiters(slotsOfBatch(batch, request), batch.plan);
  const results = new Map<OperationId, ToolResult>();
  const counts = request.countTokens === true || hasBudget;
  const calls = new Map<OperationId, Call>();
  let used: ContextUse | undefined;
  let countContext: ActiveBatch['countContext'] = async () => undefined;
  let combined: () => string = () => '';
  let changed: BatchChanges = { files: [], undo: [], rolledBack: [] };
  const run = startWork(context, {
    ...{ label, mode, ...range, failure, scope: 'workspace', aloneAfterTimeout: true, apart: hasBudget, batch: true },
    pending: batch.plan.operations.map(summary),
    ...(verification === undefined ? {} : { verification }),
    ...(request.recorded === undefined ? {} : { recorded: request.recorded }),
    ...(request.inspection ? { inspection: true } : {}),
    async prepare() {
      const registry = await context.registry();
      // What counts is loaded before anything is measured.
      if (counts) await context.countTokens('');
      await context.journal.sweep();
      if (batch.operations.some(({ atomic }) => atomic !== undefined)) await context.announce?.(batch.folder.path);
      const groups = new Map(batch.operations.map(({ id, atomic }) => [id as OperationId, atomic]));
      const changes = openChanges({
        journal: context.journal,
        label,
        date: context.host.date,
        log: context.host.log,
        groupOf: (operation) => groups.get(operation),
      });
      const declared = new Map(batch.operations.map(({ id, writes }) => [id as OperationId, writes ?? []]));
      const observer = createObserver({
        ...{ folder: batch.folder, now: context.host.now },
        changesBetween: batch.operations.some(({ atomic }) => atomic !== undefined),
      });
      const executor = createExecutor(batch.operations, {
        host: context.host,
        folder: batch.folder,
        registry,
        agents: context.agents,
        ...(context.threads ? { threads: context.threads } : {}),
        changes,
        filesUnder: (globs) => filesUnder(batch.folder, globs),
        // Nobody pays for counting who has set no budget.
        countTokens: counts ? context.countTokens : async () => undefined,
        ...(counts || request.countTokens === 'later' ? { calls } : {}),
        ...(observes ? { observe: (operation, work) => observed(context, { observer, batch, declared }, operation, work) } : {}),
        results,
      });
      return {
        plan: batch.plan,
        expected: expectedOf(batch.known, batch.plan.operations, mode),
        learnedSlots: learnedSlotsOf(batch.known, batch.plan.operations),
        settled: new Map(),
        execute: executor.execute,
        settle: executor.settle,
        async after(state) {
          const rolledBack = executor.rolledBack();
          const ended = await changes.end();
          const handoff = await writeHandoff(context, batch, state, results).catch((error: unknown) => {
            context.host.log.error(
              `The rest of the batch could not be written: ${String(error)}. Run the batch again with a larger budget.`,
            );
            return undefined;
          });
          await request.beforePutBack?.();
          if (verification !== undefined) for (const id of ended.undo) await context.journal.undo(id);
          const rest = handoff === undefined ? {} : { handoff };
          changed = { ...(verification === undefined ? ended : { files: [], undo: [] }), rolledBack, ...rest };
          // What a tuning provokes is nothing that other runs would meet.
          if (request.recorded !== false) await rememberInterference(context, state);
          combined = once(() => combinedAnswer(handedOver(context, batch, state, results)));
          if (counts || request.countTokens === 'later')
            countContext = () => contextOf(context, { batch, state, results, calls, combined: combined() });
          if (counts) used = await countContext();
          if (request.keepAnswers) {
            const directory = context.history.directory(state.run);
            await keepAnswers(directory, handedOver(context, batch, state, results), used).catch((error: unknown) =>
              context.host.log.warn(`What the operations answered could not be kept for a combined answer: ${String(error)}.`),
            );
          }
          await request.after?.(state, results);
        },
      };
    },
  });
  if (batch.document.budgetTokens !== undefined) keepBudget(run, batch.document.budgetTokens);
  return {
    ...run,
    results,
    changed: () => changed,
    context: () => used,
    countContext: () => countContext(),
    combined: () => combined(),
  };
}

function contextOf(
  context: BatchContext,
  ran: Pick<UsedContext, 'calls' | 'combined'> & {
    readonly batch: PlannedBatch;
    readonly state: RunState;
    readonly results: ReadonlyMap<OperationId, ToolResult>;
  },
): Promise<ContextUse | undefined> {
  const { batch, state, results, calls, combined } = ran;
  const answers = handedOver(context, batch, state, results).filter(({ id }) => results.has(id as OperationId));
  return contextUse({ combined, batch: batch.text, answers, calls, countTokens: context.countTokens });
}

interface Observed {
  readonly observer: Observer;
  readonly batch: PlannedBatch;
  /** What the batch says that operations write. */
  readonly declared: ReadonlyMap<OperationId, readonly string[]>;
}

/** Works and looks: what was written though nothing says so is told in the answer, and remembered. */
async function observed(
  { learned, lookedAt }: BatchContext,
  { observer, batch, declared }: Observed,
  operation: Operation,
  work: () => Promise<ToolResult>,
): Promise<{ readonly result: ToolResult; readonly seen: Pick<Answer, 'undeclared' | 'lookedMs'> }> {
  const { result, seen } = await observer.around(operation, work);
  if (!seen) return { result, seen: {} };
  const { undeclared, lookedMs, wrote } = seen;
  // What did not come to its end may not have come to its writing.
  if (result.end.kind === 'passed')
    await lookedAt?.remember(operation.remember ?? operation.id, lookFor(declared.get(operation.id) ?? [], wrote, batch.folder));
  if (undeclared.length > 0) await learned.remember(operation.remember ?? operation.id, globsOf(undeclared));
  // Of a barrier everybody knows that it may touch anything; what it wrote is still worth remembering.
  return { result, seen: { lookedMs, ...(undeclared.length > 0 && !operation.access.barrier ? { undeclared } : {}) } };
}

/** Operations of which it is known that they mostly wait for others: a server, a model. */
const WAITERS: ReadonlySet<ToolName> = new Set<ToolName>(['fetch', 'agent']);

/** Where Volley chooses the slots, those that mostly wait need not wait until that is seen. */
function withWaiters({ slots, mostSlots }: SlotRange, { operations }: Plan): SlotRange {
  if (mostSlots === undefined) return { slots };
  const waiters = operations.filter(({ tool }) => WAITERS.has(tool)).length;
  return { slots: Math.min(mostSlots, slots + waiters), mostSlots };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** What the operations answered, cut to the budget of the batch where it has one. */
function handedOver(
  { history }: BatchContext,
  { document }: PlannedBatch,
  state: RunState,
  results: ReadonlyMap<OperationId, ToolResult>,
): readonly PartialAnswer[] {
  const answers = answersOf(state, results);
  if (document.budgetTokens === undefined) return answers;
  return withinBudget(answers, {
    tokens: document.budgetTokens,
    tokensOf: (id) => results.get(id as OperationId)?.answer.tokens ?? 0,
    wholeOf: (id) => commandFiles(history.directory(state.run), id as OperationId, false).stdout,
  });
}

/** Less starts the more of the budget is used. */
function keepBudget(run: ActiveRun, budget: number): void {
  let level: Level = 'free';
  let used = 0;
  run.onEvent((event) => {
    if (event.kind !== 'finished') return;
    used += event.result.answer?.tokens ?? 0;
    const reached = levelOf(used, budget);
    if (reached === level || reached === 'free') return;
    level = reached;
    const because = levelText(reached, used, budget);
    // An event is being told: what follows from it comes after it.
    queueMicrotask(() => {
      run.limitSlots('budget', slotsAt(reached, run.state().slots), because);
      if (reached === 'none') run.startNothing({ kind: 'budget' });
    });
  });
}

/** The rest of the batch, in the directory of the run; undefined when its budget was enough. */
async function writeHandoff(
  { history }: BatchContext,
  { document, operations }: PlannedBatch,
  state: RunState,
  results: ReadonlyMap<OperationId, ToolResult>,
): Promise<string | undefined> {
  const stopped = state.operations.some(({ outcome }) => outcome?.kind === 'cancelled' && outcome.cause.kind === 'budget');
  if (!stopped) return undefined;
  const rolledBack = new Set(state.operations.flatMap(({ id, outcome }) => (outcome?.kind === 'rolled back' ? [id] : [])));
  const isLeft = leftBy(state, operations);
  const passed = state.operations.filter(({ id }) => !isLeft(id));
  const text = handoffText(operations, {
    name: document.name ?? 'a batch',
    done: new Set(passed.map(({ id }) => id)),
    standsFor: (reference, operation) =>
      standsFor(reference, operation, (id) => (rolledBack.has(id) ? undefined : results.get(id))),
    summaries: passed.map(({ id, outcome, answer }) => `${id}: ${outcome?.kind}${answer ? `, ${answer.summary}` : ''}`),
    ...(document.budgetTokens === undefined ? {} : { budgetTokens: document.budgetTokens }),
  });
  if (text === undefined) return undefined;
  const file = path.join(history.directory(state.run), 'handoff.batch.jsonc');
  await writeFile(file, text);
  return file;
}

/**
 * Whether an operation has still to be done: it was cancelled, or did not run or was put back because of one that was. Not what would be
 * skipped, since something that it needs has ended without passing.
 */
function leftBy(state: RunState, operations: readonly BatchOperation[]): (id: string) => boolean {
  const outcomes = new Map<string, Outcome | undefined>(state.operations.map(({ id, outcome }) => [id, outcome]));
  const entries = new Map(operations.map((each) => [each.id, each]));
  const known = new Map<string, boolean>();
  const isLost = (need: string) =>
    !isLeft(need) && outcomes.get(need)?.kind !== 'passed' && entries.get(need)?.onFailure !== 'continue';
  const decide = (id: string): boolean => {
    const outcome = outcomes.get(id);
    if (outcome?.kind === 'rolled back') return isLeft(outcome.because);
    if (outcome?.kind === 'skipped') return outcome.reason.kind === 'need did not pass' && isLeft(outcome.reason.need);
    return (outcome === undefined || outcome.kind === 'cancelled') && !(entries.get(id)?.needs ?? []).some(isLost);
  };
  const isLeft = (id: string): boolean => {
    const before = known.get(id);
    if (before !== undefined) return before;
    // Members of one group ask for each other: until it is known otherwise they are left.
    known.set(id, true);
    const left = decide(id);
    known.set(id, left);
    return left;
  };
  return isLeft;
}

async function rememberInterference({ interference }: BatchContext, state: RunState): Promise<void> {
  const memory = new Map(state.operations.map(({ id, remember }) => [id, remember ?? id]));
  for (const { id, outcome } of state.operations) {
    if (outcome?.kind !== 'passed' || !outcome.interference) continue;
    // Which of several it was, nobody knows: it is kept apart from all of them.
    for (const other of outcome.interference.beside)
      await interference.remember([memory.get(id) ?? id, memory.get(other) ?? other]);
  }
}

/** What lies under absolute globs, in the folder. */
function filesUnder({ path: cwd }: Folder, globs: readonly string[]): Under {
  const base = `${slashes(cwd)}/`;
  const patterns = globs.flatMap((glob) =>
    glob.startsWith(base) ? [glob.slice(base.length), `${glob.slice(base.length)}/**`] : [],
  );
  if (patterns.length === 0) return { files: [], links: [], directories: [] };
  const options = {
    cwd,
    dot: true,
    absolute: true,
    ignore: [...NEVER_WALKED],
    followSymbolicLinks: false,
    suppressErrors: true,
  };
  // What makes a file can make the directories above it.
  const above = patterns
    .flatMap((pattern) => pattern.split('/').map((_, index, names) => names.slice(0, index).join('/')))
    .filter((name) => name !== '');
  const isWithin = reallyWithin(cwd);
  // A pattern may start behind a link that leads out: what lies there is nobody's to put back.
  const find = (wanted: readonly string[], more: fastGlob.Options) =>
    fastGlob
      .sync([...wanted], { ...options, ...more })
      .map((file) => path.normalize(file))
      .filter((file) => isWithin(path.dirname(file)));
  const links = fastGlob.sync(patterns, { ...options, onlyFiles: false, objectMode: true });
  const targets = links.flatMap(({ path: file, dirent }) => {
    const link =
      dirent.isSymbolicLink() && isWithin(path.dirname(path.normalize(file))) ? targetOf(path.normalize(file)) : undefined;
    return link === undefined ? [] : [link];
  });
  return { files: find(patterns, {}), links: targets, directories: find([...patterns, ...above], { onlyDirectories: true }) };
}

function targetOf(file: string): Link | undefined {
  try {
    return { file, target: readlinkSync(file) };
  } catch {
    return undefined;
  }
}

/** Whether a directory lies in the folder in truth. Remembers what it was asked. */
function reallyWithin(folder: string): (directory: string) => boolean {
  const real = (directory: string) => {
    try {
      return realpathSync.native(directory);
    } catch {
      return undefined;
    }
  };
  const root = real(folder);
  const known = new Map<string, boolean>();
  return (directory) => {
    const place = known.has(directory) ? undefined : real(directory);
    const within = known.get(directory) ?? (root !== undefined && place !== undefined && isInside(root, place));
    known.set(directory, within);
    return within;
  };
}
