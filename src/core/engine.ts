/** The face of the core: gates, run, verify, history. Reads like the data flow: detect → plan → run → state → timing. */
import path from 'node:path';
import type { ActiveRun, ActiveWork } from './active-run.js';
import { type AgentInstance, trackAgents } from './agents.js';
import type { AnalyseRequest, AnalyseResult } from './analyse/analyse.js';
import type { FoundSource } from './analyse/find-sources.js';
import type { KeptAnswers } from './batch/kept-answers.js';
import { openKeptApart } from './batch/kept-apart.js';
import { openLearned } from './batch/learned.js';
import type { BatchOrProblems, PlannedBatch } from './batch/planned.js';
import { type ActiveBatch, type BatchContext, type BatchRequest, slotsOfBatch, startBatchRun } from './batch/run.js';
import type { BatchTemplate } from './batch/templates.js';
import { openWritesLookedAt } from './batch/unwritten.js';
import { type CachedResult, openCache } from './cache.js';
import { openCosts } from './costs.js';
import { predictedOf } from './forecast.js';
import type { CachedBase } from './gate-baseline.js';
import { type ActiveFix, type FixRequest, startFix } from './gate-fix.js';
import type { Detection, Gate, PlannedGates } from './gate-model.js';
import type { GatePlanRequest } from './gate-planned.js';
import { type EngineContext, type RunRequest, startGateRun } from './gate-run.js';
import {
  type ActiveVerification,
  type MeasureOptions,
  startTrials,
  startVerification,
  type VerifyRequest,
} from './gate-verification.js';
import { type WatchRequest, watchGates } from './gate-watch.js';
import { detectWorkspace } from './gates/detection.js';
import { type History, openHistory } from './history.js';
import { type Host, meetingPlace } from './host.js';
import type { Inspection } from './inspect/row.js';
import { createThreads } from './inspect/threads.js';
import type { InspectionRequest, NoInspection, PlannedInspection } from './inspection.js';
import { openJournal, type Undoable, type Undone } from './journal.js';
import { type Journals, openJournals } from './journals.js';
import { availableProcessors } from './machine.js';
import type { HistoryEntry, OutputText, Verification } from './measured.js';
import type { OperationId, Prediction, RunId, RunState, VerificationId } from './model.js';
import { readEnd } from './process.js';
import type { TrendSource } from './run-trends.js';
import { openSlotMemory } from './slot-memory.js';
import { type SlotRange, slotRange } from './slots.js';
import { isSound } from './speedup.js';
import { replay } from './state.js';
import { firstSlots } from './timing.js';
import { commandFiles } from './tools/command.js';
import type { Comparison, TimeSaved, Trends } from './trend-model.js';
import type { ActiveTuning } from './tune.js';
import type { TuneFilesRequest } from './tune-files.js';
import type { TuneBatchRequest, TuneGatesRequest } from './tune-slots.js';
import type { Tuning, TuningId } from './tuning-model.js';
import type { Watch } from './watch.js';
import { openWorkspaceLocks } from './workspace-locks.js';

export type { ActiveRun } from './active-run.js';
export type { AgentInstance } from './agents.js';
export type { AnalyseRequest, AnalyseResult } from './analyse/analyse.js';
export type { Analysis } from './analyse/analysis.js';
export type { FoundSource } from './analyse/find-sources.js';
export type { SourceChoice, SourceKind, SourceProblem } from './analyse/sequence.js';
export type { BatchProblem } from './batch/document.js';
export type { KeptAnswers } from './batch/kept-answers.js';
export type { BatchOrProblems, PlannedBatch } from './batch/planned.js';
export type { ActiveBatch, BatchChanges, BatchRequest } from './batch/run.js';
export type { BatchTemplate } from './batch/templates.js';
export type { ActiveFix, Fixed, FixRequest } from './gate-fix.js';
export type { GatePlanRequest } from './gate-planned.js';
export type { RunRequest } from './gate-run.js';
export type { ActiveVerification, MeasureOptions, VerificationProgress, VerifyRequest } from './gate-verification.js';
export type { WatchRequest } from './gate-watch.js';
export type { Inspection } from './inspect/row.js';
export type { ActiveInspection, InspectedSoFar, InspectionRequest, NoInspection, PlannedInspection } from './inspection.js';
export type { Undoable, Undone } from './journal.js';
export type { HistoryEntry, OutputText } from './measured.js';
export type { ActiveTuning, TuningProgress } from './tune.js';
export type { Watch, WatchedRun } from './watch.js';

export interface Engine {
  /** Reads the workspace anew; executes nothing. Safe in an untrusted workspace. */
  detect(): Promise<Detection>;
  /** What a volley.jsonc of the folder would hold for these gates, and where it belongs. Writes nothing. */
  configuration(folder: string, gates: readonly Gate[]): Promise<{ readonly file: string; readonly text: string }>;
  /** Starts at once. In an untrusted workspace nothing is executed and every gate errored. */
  run(request: RunRequest): ActiveRun;
  verify(request: VerifyRequest): ActiveVerification;
  /** Runs, after changes that the caller tells of, the gates that they concern. */
  watch(request: WatchRequest): Promise<Watch>;
  /** Batches to start from, each with the name of the file that it is written to. Writes nothing. */
  templates(): Promise<readonly (BatchTemplate & { readonly file: string })[]>;
  /** Reads and plans a batch, as it lies in `file` when there is one. Executes nothing. */
  planBatch(text: string, options: SlotRange & { readonly file?: string }): Promise<BatchOrProblems>;
  /** What a run of gates would do: order, parts, locks, what the cache answers, and how long it would take. Executes nothing. */
  planGates(request: GatePlanRequest): Promise<PlannedGates>;
  /** How long a batch would take in parallel, from how long its operations took before; undefined while one is unknown. */
  predict(batch: PlannedBatch, slots: SlotRange): Prediction | undefined;
  /** What lies in the workspace and can be analysed: scripts, targets, jobs, tasks, transcripts. Executes nothing. */
  sources(): Promise<readonly FoundSource[]>;
  /** What of a source could run at the same time, and the equivalent batch. Executes nothing. */
  analyse(request: AnalyseRequest): Promise<AnalyseResult>;
  /** Starts at once. In an untrusted workspace nothing is executed. */
  runBatch(request: BatchRequest): ActiveBatch;
  /** Measures a batch; its files are put back after each trial. */
  verifyBatch(batch: PlannedBatch, options: SlotRange & MeasureOptions & { readonly label: string }): ActiveVerification;
  /**
   * Measures how many gates, or operations of a batch, are best run at once, or how many operations on files are best handed over together.
   * Resolves when it has started.
   */
  tune(request: TuneRequest): Promise<ActiveTuning>;
  /** Past tunings, newest first. */
  tunings(): Promise<readonly Tuning[]>;
  tuning(id: TuningId): Promise<Tuning | undefined>;
  /** Agents at work, and those that have ended in the last minute, in the order of their start. */
  agents(): readonly AgentInstance[];
  /** What is known of the answers of a past run of a batch; undefined when none are kept. */
  answers(run: RunId): Promise<KeptAnswers | undefined>;
  /** The answers of a past run of a batch as one text; undefined when none are kept. */
  combinedAnswer(run: RunId): Promise<string | undefined>;
  /** Finds the files of a selection and plans a batch that inspects them. Executes nothing. */
  planInspection(request: InspectionRequest): Promise<PlannedInspection | NoInspection>;
  /** The table of a past run; undefined when it is no longer kept or the run was none. */
  inspection(run: RunId): Promise<Inspection | undefined>;
  /** Atomic groups of batches whose process died before they were whole, whatever window or terminal it was: they have to be undone. */
  interrupted(): Promise<readonly Undoable[]>;
  /** Takes one of them for whole as it is: it is not told of again, and can still be undone. */
  keepInterrupted(id: string): Promise<void>;
  /** Runs the fixers of the gates; nothing is checked again. Undefined when none of them has a fixer. */
  fix(request: FixRequest): Promise<ActiveFix | undefined>;
  /** Changes by fixers that can be undone, newest first. */
  fixes(): Promise<readonly Undoable[]>;
  /** Puts back what a fix found; undefined when it is no longer kept. */
  undoFix(id: string): Promise<Undone | undefined>;
  /** Newest first. */
  history(): Promise<readonly HistoryEntry[]>;
  /** The full state of a past run, replayed from its events. */
  loadRun(run: RunId): Promise<RunState | undefined>;
  /** What a past verification found, without the states of its trials. */
  verification(id: VerificationId): Promise<Verification | undefined>;
  loadVerification(
    id: VerificationId,
  ): Promise<{ readonly verification: Verification; readonly runs: readonly RunState[] } | undefined>;
  /** The newest sound verification of the same work (gates, kind of scope, slots), else the newest. Of a parallel run that ended only. */
  measured(run: RunState): Promise<Verification | undefined>;
  /** The trend of each gate over all runs whose figures are kept, with its sustained changes, and time saved so far. */
  trends(): Promise<Trends>;
  /** Only what running at once has saved so far. */
  timeSaved(): Promise<TimeSaved>;
  /** Two past runs span by span; undefined when one of them is no longer kept. */
  compare(before: RunId, after: RunId): Promise<Comparison | undefined>;
  /** The end of an operation's output, decoded, at most `limitBytes`; of one in parts that of each. Undefined when it is no longer kept. */
  output(run: RunId, operation: OperationId, limitBytes: number): Promise<OutputText | undefined>;
  /** Cancels whatever runs and resolves when no process is left. */
  dispose(): Promise<void>;
}

export type TuneRequest =
  | ({ readonly kind: 'gates' } & TuneGatesRequest)
  | ({ readonly kind: 'batch' } & TuneBatchRequest)
  | ({ readonly kind: 'files' } & TuneFilesRequest);

/** How long an agent that has ended is still told of. */
const AGENTS_KEPT_MS = 60_000;

/** An engine for the workspace of this host. Does nothing until it is asked. */
export function createEngine(host: Host): Engine {
  const history = openHistory(host.storage, host.log);
  const active = new Set<ActiveWork>();
  const costs = openCosts(host.storage, host.log);
  const journalDirectory = path.join(host.storage, 'fixes');
  const journal = openJournal(journalDirectory, host.log);
  const journals = openJournals({
    ...{ own: journal, directory: journalDirectory, meetingPlace, log: host.log },
    folders: () => host.folders().map((folder) => folder.path),
  });
  const cache = openCache<CachedResult>(path.join(host.storage, 'cache', 'results'), host.log);
  const bases = openCache<CachedBase>(path.join(host.storage, 'cache', 'bases'), host.log);
  const processors = availableProcessors();
  const agents = trackAgents({ keepMs: AGENTS_KEPT_MS, now: host.now });
  const locks = openWorkspaceLocks(meetingPlace(host.folders()[0]?.path ?? host.storage), host.log);
  const slotMemory = openSlotMemory(host.storage, host.log);
  const context: EngineContext = {
    ...{ host, history, costs, cache, bases, journal, active, processors, locks, slotMemory },
  };
  const threads = createThreads(host.scanWorker);
  const batches: BatchContext = {
    ...context,
    threads,
    announce: journals.announce,
    registry: async () => (await import('./batch/tools.js')).TOOL_REGISTRY,
    interference: openKeptApart(host.storage, host.log),
    learned: openLearned(host.storage, host.log),
    lookedAt: openWritesLookedAt(host.storage, host.log),
    agents,
    async countTokens(text) {
      // The editor may have no model, or one that cannot be asked now.
      const counted = await host.languageModel?.count?.(text).catch(() => undefined);
      return counted ?? (await import('./tokenizer.js')).countTokens(text);
    },
  };
  const loadRun = async (run: RunId) => {
    const events = await history.events(run);
    try {
      return events && replay(events);
    } catch (error) {
      host.log.warn(`The run ${run} in the history is damaged and left out: ${String(error)}`);
      return undefined;
    }
  };
  const trendSource: TrendSource = { history, loadRun };
  const partsOf = async (run: RunId, operation: OperationId): Promise<readonly OperationId[]> => {
    const going = [...active].map((work) => work.state?.()).find((state) => state?.run === run);
    const state = going ?? (await loadRun(run));
    const whole = state?.operations.find(({ id }) => id === operation);
    return (whole?.parts ?? []).map(({ id }) => id);
  };
  return {
    detect: () => detectWorkspace({ folders: host.folders(), env: host.env, log: host.log }),
    async configuration(folder, gates) {
      const { CONFIGURATION_FILE, configurationText } = await import('./gates/configuration.js');
      const own = gates.filter((gate) => gate.folder.path === folder);
      return { file: path.join(folder, CONFIGURATION_FILE), text: configurationText(own) };
    },
    run: (request) => startGateRun(context, request),
    verify: (request) => startVerification(context, request),
    watch: watchGates,
    async templates() {
      const { BATCH_TEMPLATES, templateFile } = await import('./batch/templates.js');
      return BATCH_TEMPLATES.map((template) => ({ ...template, file: templateFile(template) }));
    },
    async planBatch(text, { file, slots, mostSlots = slots }) {
      const { folderOf, planBatchText } = await import('./batch/planned.js');
      const folder = folderOf(file, host.folders());
      if (folder) return planBatchText(batches, text, folder, mostSlots);
      return { kind: 'problems', problems: [{ line: 1, column: 1, message: 'A batch needs a folder to run in. Open one.' }] };
    },
    async planGates(request) {
      const { planGates } = await import('./gate-planned.js');
      return planGates(context, request);
    },
    predict: ({ plan, known }, range) => predictedOf({ plan, known, mode: 'parallel', ...slotRange(range) }),
    async sources() {
      const { findSources } = await import('./analyse/find-sources.js');
      return findSources(host.folders());
    },
    async analyse(request) {
      const { analyse } = await import('./analyse/analyse.js');
      return analyse(request, { batches, history, folders: host.folders(), processors, loadRun });
    },
    runBatch: (request) => startBatchRun(batches, request),
    verifyBatch: (batch, { pairs, mostMs, target, seed, label, ...slots }) =>
      startTrials(context, {
        ...{ ...slotsOfBatch(batch, slots), pairs, mostMs, target, seed, scope: 'workspace' },
        operations: batch.plan.operations.map(({ id }) => id),
        executed: batch.plan.operations.map(({ access, ...operation }) => ({
          ...{ locks: access.locks, folder: batch.folder },
          ...(operation.tool === 'command' ? { command: operation.input } : {}),
        })),
        // Before anything is measured, it is seen what the operations really write.
        warmUp: 'sequential',
        start(mode, trial, verification) {
          const run = startBatchRun(batches, {
            ...{ batch, mode, ...slots, failure: 'continue', label: `${label}, ${trial.text}`, verification },
            // Where nothing is measured yet.
            ...{ observe: trial.warmsUp, beforePutBack: trial.ended },
            // What counts is large, and starting a child takes the longer, the more memory its parent has.
            ...(trial.warmsUp ? { countTokens: 'later' as const } : {}),
          });
          return { run, ...(trial.warmsUp ? { context: run.countContext } : {}) };
        },
      }),
    tune: async (request) => startTune(request, context, batches),
    tunings: () => history.tunings(),
    tuning: (id) => history.tuning(id),
    agents: () => agents.snapshot(),
    answers: async (run) => (await import('./batch/kept-answers.js')).keptAnswers(history.directory(run)),
    combinedAnswer: async (run) => (await import('./batch/kept-answers.js')).combinedOfKept(history.directory(run)),
    planInspection: async (request) => (await import('./inspection.js')).planInspection(batches, host.folders(), request),
    inspection: async (run) => (await import('./inspection.js')).loadInspection(history.directory(run)),
    interrupted: () => journals.interrupted(),
    keepInterrupted: (id) => journals.keep(id),
    fix: (request) => startFix(context, request),
    fixes: async () => togetherUndoable(await journal.changes()),
    undoFix: (id) => undoTogether(journals, id),
    history: () => history.entries(),
    loadRun,
    verification: (id) => history.verification(id),
    async loadVerification(id) {
      const verification = await history.verification(id);
      if (!verification) return undefined;
      const runs = await Promise.all(verification.trials.map((trial) => loadRun(trial.run)));
      return { verification, runs: runs.filter((run) => run !== undefined) };
    },
    async measured(run) {
      if (run.mode !== 'parallel' || (run.outcome !== 'passed' && run.outcome !== 'failed')) return undefined;
      const verifications = await history.verifications(run.operations.map((operation) => operation.id));
      const same = ({ scope, slots, mostSlots }: Verification) =>
        scope === run.scope && mostSlots === run.mostSlots && (mostSlots !== undefined || slots === firstSlots(run));
      const fitting = verifications.filter(same);
      return fitting.find(isSound) ?? fitting[0];
    },
    trends: async () => (await import('./run-trends.js')).readTrends(trendSource),
    timeSaved: async () => (await import('./run-trends.js')).readTimeSaved(trendSource),
    compare: async (before, after) => (await import('./run-trends.js')).readComparison(trendSource, before, after),
    async output(run, operation, limitBytes) {
      const read = async (id: OperationId) => {
        const files = outputFiles(history, run, id);
        return (await Promise.all(files.map((file) => readEnd(file, limitBytes)))).flatMap((part, index) =>
          part === undefined ? [] : [{ ...part, files: files.slice(index, index + 1) }],
        );
      };
      const own = await read(operation);
      const found = own.length > 0 ? own : (await Promise.all((await partsOf(run, operation)).map(read))).flat();
      if (found.length === 0) return undefined;
      return {
        text: found.map((part) => part.text).join(''),
        omittedBytes: found.reduce((sum, part) => sum + part.omittedBytes, 0),
        files: found.flatMap((part) => part.files),
      };
    },
    async dispose() {
      await Promise.all([...active].map((each) => each.stop({ kind: 'shutdown' })));
      await threads.dispose();
      await history.close();
    },
  };
}

/** Loaded when it is asked for. */
async function startTune(request: TuneRequest, context: EngineContext, batches: BatchContext): Promise<ActiveTuning> {
  const { tuneBatch, tuneGates } = await import('./tune-slots.js');
  switch (request.kind) {
    case 'gates':
      return tuneGates(context, request);
    case 'batch':
      return tuneBatch({ ...batches, processors: context.processors }, request);
    case 'files': {
      const { tuneFiles } = await import('./tune-files.js');
      const folder = context.host.folders()[0] ?? { name: '', path: context.host.storage };
      return tuneFiles(batches, folder, request);
    }
    default:
      return request satisfies never;
  }
}

/** What one run has changed is undone in one step, though its atomic groups are changes of their own. Ids have no spaces. */
function togetherUndoable(changes: readonly Undoable[]): readonly Undoable[] {
  const runs = new Map<string, Undoable[]>();
  for (const change of changes) runs.set(change.at, [...(runs.get(change.at) ?? []), change]);
  return [...runs.values()].map((members) => ({
    id: members.map(({ id }) => id).join(' '),
    label: members.map(({ label }) => label).sort((a, b) => a.length - b.length)[0] ?? '',
    at: members[0]?.at ?? '',
    files: [...new Set(members.flatMap(({ files }) => files))].sort(),
    ...(members.some(({ goesOn }) => goesOn) ? { goesOn: true as const } : {}),
    ...(members.some(({ cutShort }) => cutShort) ? { cutShort: true as const } : {}),
  }));
}

async function undoTogether(journals: Journals, ids: string): Promise<Undone | undefined> {
  const undone: Undone[] = [];
  for (const id of ids.split(' ')) {
    const each = await journals.undo(id);
    if (each) undone.push(each);
  }
  if (undone.length === 0) return undefined;
  const all = (name: keyof Undone) => [...new Set(undone.flatMap((each) => each[name]))].sort();
  return { restored: all('restored'), conflicts: all('conflicts'), failed: all('failed') };
}

function outputFiles(history: History, run: RunId, operation: OperationId): readonly string[] {
  const { stdout, stderr } = commandFiles(history.directory(run), operation, true);
  return [stdout, stderr];
}
