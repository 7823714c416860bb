/**
 * What the timing panel is told and what it may ask for. While a run goes on only what changed is sent, at most ten times a second,
 * and nothing to a panel that is hidden: one that shows again says `ready` and is told everything.
 */
import path from 'node:path';
import type { InspectedSoFar, Inspection } from '../core/engine.js';
import type { Row } from '../core/inspect/columns.js';
import type { Place } from '../core/inspect/row.js';
import { countText } from '../core/messages.js';
import type { Finding, OperationId, OperationState, RunId, RunState } from '../core/model.js';
import type { Tuning } from '../core/tuning-model.js';
import type { Export, FromWebview, PanelView, ToWebview } from '../protocol.js';
import { createInspectionFeed, type InspectionFeed } from './inspection-feed.js';
import { type PanelTarget, parseMessage } from './panel-messages.js';
import { type Activity, type Change, type Session, wasExecuted } from './session.js';

/** Of an operation's output, the panel shows at most this much of the end. */
const OUTPUT_LIMIT_BYTES = 200_000;

/** What the panel can make the editor do. */
export interface PanelActions {
  openFinding(place: Pick<Finding, 'file' | 'line' | 'column'>): void;
  openOutput(run: RunId, operation: OperationState): void;
  /** Opens or copies all answers of a batch as one text. */
  openAnswer(run: RunId, copy: boolean): void;
  runGate(operation: OperationId): void;
  runAll(): void;
  verify(): void;
  /** Runs the batch of the run with this label again, or measures it. */
  runBatch(label: string, measure: boolean): void;
  cancel(): void;
  /** Opens a file at a place, or where it was last. */
  openFile(file: string, place: Place | undefined): void;
  exportRows(inspection: Inspection, rows: readonly Row[], format: Export): void;
  /** Inspects the same selection again: absolute, native. */
  inspect(files: readonly string[]): void;
  show(target: PanelTarget): void;
}

export interface PanelFeedOptions {
  readonly session: Session;
  readonly post: (message: ToWebview) => void;
  readonly actions: PanelActions;
  /** What paths are shown relative to. */
  readonly root: () => string;
  readonly trusted: () => boolean;
  readonly tuning?: TuningActions;
}

/** What a tuning that is shown can make the editor do. */
export interface TuningActions {
  /** The setting of the slots as it is. */
  slots(): number;
  /** Measures the same work again. */
  again(tuning: Tuning): void;
  /** Sets the slots of this workspace. */
  useSlots(slots: number): void;
}

export interface PanelFeed {
  /** Takes what the webview sent; anything that is not a message, or asks for what is not shown, is ignored. */
  receive(message: unknown): Promise<void>;
  show(target: PanelTarget): Promise<void>;
  /** Tells again what is shown. */
  refresh(): Promise<void>;
  /** What the webview was shown last; undefined before anything was. */
  shown(): PanelView | undefined;
  /** The webview is gone while hidden; it says `ready` when it is back. */
  hidden(): void;
  dispose(): void;
}

export function createPanelFeed(options: PanelFeedOptions): PanelFeed {
  const { session, post, root } = options;
  let target: PanelTarget = LATEST;
  let ready = false;
  let view: PanelView | undefined;
  let turn = 0;
  /** What the webview knows of the run that goes on. */
  const sent = createSent();
  const inspections = createInspectionFeed(post);
  const send = async () => {
    if (!ready) return;
    turn += 1;
    const own = turn;
    const wanted = await loadView(target, options);
    // Pruned meanwhile, or never written to its end: a restored panel goes on with what there is.
    if (!wanted && own === turn) target = LATEST;
    const next = wanted?.view ?? (await loadView(LATEST, options))?.view ?? (() => emptyView(options));
    // Hidden meanwhile, or asked for something else.
    if (!ready || own !== turn) return;
    view = next();
    const live = view.kind === 'run' ? view.state : view.kind === 'verification' ? view.runs.at(-1) : undefined;
    sent.all(live, view.kind === 'verification' ? view.runs.length : 1);
    post({ type: 'show', view, root: root() });
    const { soFar, inspection } = wanted ?? {};
    if (soFar && view.kind === 'inspection') return inspections.grow(view.run, soFar);
    inspections.hide();
    if (inspection && view.kind === 'inspection') await inspections.show(view.run, inspection);
  };
  const onChange = (change: Change) => {
    const { activity, run: state } = session;
    if (!ready || !view || !isFollowed(target, view)) return;
    if (!state || isToldAsWhole(view, session, sent)) {
      if (change.activity || change.operations.size > 0) void send();
      return;
    }
    view = refreshed(view, session);
    // What a batch answered is kept when its run has ended already.
    if (change.activity && !activity && view.kind === 'run') void sendKnown(state);
    const operations = sent.changes(state);
    const ticked = activity !== undefined && change.operations.size > 0;
    const ends = sent.ends(state);
    if (operations.length === 0 && !ticked && !ends) return;
    post(updateOf(state, operations, activity));
    if (ends && view.kind === 'run') void sendKnown(state);
  };
  /** What was measured of a run, and what it answered, is only known when it ended. */
  const sendKnown = async (state: RunState) => {
    const { measured, answers } = await knownOf(state, session);
    if (view?.kind !== 'run' || view.state.run !== state.run) return;
    if ((measured && !view.measured) || (answers && !view.answers)) await send();
  };
  const follow = (change: Change) => {
    // Whoever starts a run wants to see that one.
    if (change.activity && session.activity && !session.activity.cancelling && target.kind !== 'latest') {
      target = LATEST;
      void send();
    } else onChange(change);
  };
  const subscription = session.onDidChange(follow);
  return {
    async receive(value) {
      const message = parseMessage(value);
      if (message?.type === 'ready') {
        ready = true;
        // The page begins with nothing.
        inspections.hide();
        await send();
      } else if (message && view) {
        if (message.type === 'tune again' || message.type === 'use slots') answerTuning(message, view, options);
        else await answer(message, view, inspections, options);
      }
    },
    async show(next) {
      target = next;
      await send();
    },
    refresh: () => send(),
    shown: () => view && refreshed(view, session),
    hidden() {
      inspections.hide();
      ready = false;
    },
    dispose() {
      subscription.dispose();
      inspections.dispose();
    },
  };
}

/** What is shown while nothing goes on. */
function idleKind({ verification, tuning, run }: Session): PanelView['kind'] {
  if (tuning) return 'tuning';
  if (verification) return 'verification';
  return run ? 'run' : 'empty';
}

const LATEST: PanelTarget = { kind: 'latest' };

/** A view as of the moment when it is asked for, and the rows that follow it. */
interface LoadedView {
  readonly view: () => PanelView;
  readonly inspection?: Inspection;
  /** Of an inspection that goes on. */
  readonly soFar?: InspectedSoFar;
}

/** Loads what is not at hand. Undefined when there is no such thing. */
async function loadView(target: PanelTarget, options: PanelFeedOptions): Promise<LoadedView | undefined> {
  const { session } = options;
  const { engine } = session;
  if (target.kind === 'inspection') return inspectionView(target.run, session);
  if (target.kind === 'trends') {
    const trends = await engine.trends();
    return { view: () => ({ kind: 'trends', trends }) };
  }
  if (target.kind === 'comparison') {
    const comparison = await engine.compare(target.before, target.after);
    return comparison && { view: () => ({ kind: 'comparison', comparison }) };
  }
  if (target.kind === 'verification') {
    const loaded = await engine.loadVerification(target.verification);
    return loaded && { view: () => ({ kind: 'verification', ...loaded }) };
  }
  if (target.kind === 'tuning') {
    const tuning = await engine.tuning(target.tuning);
    return tuning && { view: () => ({ kind: 'tuning', tuning, ...slotsOf(options) }) };
  }
  if (target.kind === 'run') {
    // One that goes on is not in the history yet.
    const state = (await engine.loadRun(target.run)) ?? (session.run?.run === target.run ? session.run : undefined);
    return state && { view: await runView(state, session) };
  }
  if (session.activity?.kind === 'tuning' || (!session.activity && session.tuning))
    return { view: () => tuningView(options) ?? emptyView(options) };
  if (session.activity?.kind === 'verification' || (!session.activity && session.verification))
    return { view: () => verificationView(session) ?? emptyView(options) };
  if (session.run) return { view: await runView(session.run, session) };
  const [newest] = await session.history();
  const state = newest && (await engine.loadRun(newest.run));
  return state && { view: await runView(state, session) };
}

async function inspectionView(run: RunId, { activity, engine }: Session): Promise<LoadedView | undefined> {
  const going = activity?.state();
  if (activity && going?.run === run) {
    const done = going.operations.filter(({ outcome }) => outcome !== undefined).length;
    const state = { kind: 'running', done, of: going.operations.length } as const;
    const { inspected } = activity;
    return {
      ...(inspected ? { soFar: inspected } : {}),
      view: () => ({ kind: 'inspection', run, label: activity.label, state }),
    };
  }
  const inspection = await engine.inspection(run);
  if (!inspection) return undefined;
  const { files, ...head } = inspection;
  const label = `Inspected ${countText(files.length, 'file')}`;
  return { inspection, view: () => ({ kind: 'inspection', run, label, state: { kind: 'ended', head, files: files.length } }) };
}

function emptyView({ trusted }: PanelFeedOptions): PanelView {
  return { kind: 'empty', trusted: trusted() };
}

async function runView(state: RunState, session: Session): Promise<() => PanelView> {
  const known = await knownOf(state, session);
  return () => {
    const current = session.run?.run === state.run ? session.run : state;
    const activity = current === session.run ? session.activity : undefined;
    const remaining = activity?.remaining();
    return {
      ...{ kind: 'run', state: current, now: clockOf(current, activity) },
      ...known,
      ...(remaining === undefined ? {} : { remaining }),
    };
  };
}

/** The clock of a run: it stands still from its end on, though what belongs to the run may still go on. */
function clockOf(state: RunState, activity: Session['activity']): number {
  return state.outcome === undefined ? (activity?.now() ?? state.at) : state.at;
}

/** What belongs to a run beside its events. */
async function knownOf(state: RunState, { engine }: Session): Promise<Pick<PanelView & { kind: 'run' }, 'measured' | 'answers'>> {
  const hasAnswers = state.batch && !state.inspection && state.outcome !== undefined;
  const [measured, answers] = await Promise.all([engine.measured(state), hasAnswers ? engine.answers(state.run) : undefined]);
  return { ...(measured ? { measured } : {}), ...(answers ? { answers } : {}) };
}

function verificationView(session: Session): PanelView | undefined {
  const progress = session.activity?.progress();
  if (!progress) return session.verification && { kind: 'verification', ...session.verification };
  const { verification, runs, trial, of } = progress;
  return { kind: 'verification', verification, runs, progress: { trial, of } };
}

function slotsOf({ tuning }: PanelFeedOptions): { readonly slots?: number } {
  return tuning ? { slots: tuning.slots() } : {};
}

function tuningView(options: PanelFeedOptions): PanelView | undefined {
  const { session } = options;
  const progress = session.activity?.tuning();
  if (!progress) return session.tuning && { kind: 'tuning', tuning: session.tuning, ...slotsOf(options) };
  const { tuning, trial, of, number } = progress;
  return { kind: 'tuning', tuning, ...slotsOf(options), progress: { trial, of, ...(number === undefined ? {} : { number }) } };
}

/** The view with the states as they are now, to know what the webview may ask for. */
function refreshed(view: PanelView, session: Session): PanelView {
  if (view.kind === 'run' && session.run?.run === view.state.run) return { ...view, state: session.run };
  const progress = session.activity?.progress();
  return view.kind === 'verification' && progress ? { ...view, runs: progress.runs } : view;
}

type Sent = ReturnType<typeof createSent>;

function createSent() {
  let run: RunId | undefined;
  let edges: RunState['edges'] | undefined;
  let runs = 0;
  let ended = false;
  let operations = new Map<OperationId, OperationState>();
  return {
    all(state: RunState | undefined, count: number): void {
      run = state?.run;
      edges = state?.edges;
      runs = count;
      ended = state?.outcome !== undefined;
      operations = new Map(state?.operations.map((operation) => [operation.id, operation]));
    },
    /** An update tells of operations only: another run, another trial, or the plan becoming known need the whole. */
    isAbout: (state: RunState, count: number) => run === state.run && edges === state.edges && runs === count,
    /** Operations that are other than what was sent last; they count as sent from now on. */
    changes(state: RunState): readonly OperationState[] {
      const changed = state.operations.filter((operation) => operations.get(operation.id) !== operation);
      for (const operation of changed) operations.set(operation.id, operation);
      return changed;
    },
    /** Whether the end of the run is still to be told; once. */
    ends(state: RunState): boolean {
      const news = state.outcome !== undefined && !ended;
      ended ||= news;
      return news;
    },
  };
}

function statesOf(view: PanelView): readonly RunState[] {
  switch (view.kind) {
    case 'empty':
    case 'inspection':
    case 'tuning':
    case 'trends':
    case 'comparison':
      return [];
    case 'run':
      return [view.state];
    case 'verification':
      return view.runs;
    default:
      return view satisfies never;
  }
}

/** Only what is shown can be measured again, and only what it recommends be used. */
function answerTuning(
  { type, tuning: id }: Extract<FromWebview, { type: 'tune again' | 'use slots' }>,
  view: PanelView,
  { tuning: actions }: PanelFeedOptions,
): void {
  if (view.kind !== 'tuning' || view.tuning.id !== id) return;
  const { tuning } = view;
  if (type === 'tune again') actions?.again(tuning);
  else if (tuning.recommended !== undefined && tuning.subject.kind !== 'files') actions?.useSlots(tuning.recommended);
}

/** Whether what is shown goes on to change: the newest of all, or an inspection that is not over. */
function isFollowed(target: PanelTarget, view: PanelView): boolean {
  return (
    target.kind === 'latest' || (target.kind === 'inspection' && view.kind === 'inspection' && view.state.kind === 'running')
  );
}

/** Whether the page has to be told everything anew: another thing is to be seen, or so little that differences do not pay. */
function isToldAsWhole(view: PanelView, session: Session, sent: Sent): boolean {
  const { activity, run: state } = session;
  if (view.kind === 'inspection' && view.state.kind === 'running') return true;
  if (activity?.kind === 'tuning' || (view.kind === 'tuning' && view.progress)) return true;
  if (view.kind !== (activity?.kind ?? idleKind(session))) return true;
  const verificationEnded = view.kind === 'verification' && view.progress !== undefined && !activity;
  return verificationEnded || !state || !sent.isAbout(state, activity?.progress()?.runs.length ?? 1);
}

function updateOf(
  state: RunState,
  operations: readonly OperationState[],
  activity: Activity | undefined,
): Extract<ToWebview, { type: 'update' }> {
  const remaining = activity?.remaining();
  return {
    type: 'update',
    run: state.run,
    now: clockOf(state, activity),
    slots: state.slots,
    slotMoves: state.slotMoves,
    ...(remaining === undefined ? {} : { remaining }),
    ...(state.outcome === undefined ? {} : { outcome: state.outcome }),
    operations,
  };
}

async function answer(
  message: Exclude<FromWebview, { type: 'tune again' | 'use slots' }>,
  view: PanelView,
  inspections: InspectionFeed,
  { session, post, actions }: PanelFeedOptions,
): Promise<void> {
  const shown = statesOf(view);
  const operationOf = (run: RunId, id: OperationId) =>
    shown.find((state) => state.run === run)?.operations.find((operation) => operation.id === id);
  const batch = shown.find((state) => state.batch);
  switch (message.type) {
    case 'ready':
      return;
    case 'open finding': {
      // Only places that a gate found are opened, never a path that the page made up.
      const finding = placesOf(view).find(
        ({ file, line, column }) => file === message.file && line === message.line && column === message.column,
      );
      if (finding) actions.openFinding(finding);
      return;
    }
    case 'request output': {
      const { run, operation } = message;
      const asked = operationOf(run, operation);
      if (!asked) return;
      const output = await session.engine.output(run, operation, OUTPUT_LIMIT_BYTES);
      const { text, omittedBytes } = output ?? { text: noOutputText(asked), omittedBytes: 0 };
      return post({ type: 'output', run, operation, text, omittedBytes });
    }
    case 'open output': {
      const operation = operationOf(message.run, message.operation);
      if (operation) actions.openOutput(message.run, operation);
      return;
    }
    case 'run again':
      // An operation of a batch by itself is not what the batch says.
      return batch ? undefined : actions.runGate(message.operation);
    case 'run all':
      if (batch?.inspection) return inspectAgain(batch.run, session, actions);
      return batch ? actions.runBatch(batch.label, false) : actions.runAll();
    case 'verify':
      return batch ? actions.runBatch(batch.label, true) : actions.verify();
    case 'open answer':
    case 'copy answer':
      if (batch?.run === message.run) actions.openAnswer(message.run, message.type === 'copy answer');
      return;
    case 'cancel':
      return actions.cancel();
    case 'show timing':
      return actions.show({ kind: 'run', run: message.run });
    case 'show inspection':
      return actions.show({ kind: 'inspection', run: message.run });
    case 'compare':
      return actions.show({ kind: 'comparison', before: message.before, after: message.after });
    case 'inspect again':
      return inspectAgain(message.run, session, actions);
    case 'open file': {
      // Only files that were inspected are opened, never a path that the page made up.
      const file = inspections.file(message.run, message.row);
      const { line, column = 1 } = message;
      if (file !== undefined) actions.openFile(file, line === undefined ? undefined : { line, column });
      return;
    }
    case 'export': {
      const inspection = inspections.shown(message.run);
      if (inspection) actions.exportRows(inspection, inspections.rows(message.run, message.rows), message.format);
      return;
    }
    default:
      return message satisfies never;
  }
}

/** Where something was found that the panel shows. */
function placesOf(view: PanelView): readonly Pick<Finding, 'file' | 'line' | 'column'>[] {
  if (view.kind === 'comparison') return view.comparison.operations.flatMap(({ findings }) => findings.gained);
  return statesOf(view).flatMap(({ operations }) => operations.flatMap(({ findings }) => findings));
}

/** The selection is kept with the run, so that one of an earlier window can be repeated, too. */
async function inspectAgain(run: RunId, { engine }: Session, actions: PanelActions): Promise<void> {
  const inspection = await engine.inspection(run);
  if (inspection) actions.inspect(inspection.selection.map((name) => path.join(inspection.folder, name)));
}

/** Why there is no output. */
function noOutputText(operation: OperationState): string {
  if (!operation.outcome) return '';
  return wasExecuted(operation) ? 'This output is no longer kept.' : 'It did not run, so it has no output.';
}
