/** Moves the number of slots of a run that goes on: reads the machine a few times a second and does what `slots` concludes. */
import type { MachineReading } from './machine.js';
import type { OperationId, OperationState, RunEvent, RunState, ToolName } from './model.js';
import { leavesOf } from './parts.js';
import { firstMemory, nextSlots, type Reading, type SlotMemory } from './slots.js';

export interface KeptRun {
  state(): RunState;
  onEvent(listener: (event: RunEvent) => void): () => void;
  /** Allows at most so many slots; `because` is a sentence. */
  limitSlots(slots: number, because: string): void;
}

export interface KeeperOptions {
  readonly run: KeptRun;
  /** Slots are moved between 1 and this. */
  readonly most: number;
  /** Remembered running times in milliseconds. */
  readonly durations: ReadonlyMap<OperationId, number>;
  /** Free memory in bytes before anything of the run ran; as of now when left out. */
  readonly freeAtFirst?: number | undefined;
  readonly read: () => MachineReading;
  /** Calls `look` again and again; returns how to stop. */
  readonly repeat?: (look: () => void) => () => void;
}

/** Starts to look. Returns how to stop. */
export function keepSlots({ run, most, durations, freeAtFirst, read, repeat = fewTimesASecond }: KeeperOptions): () => void {
  let paces: number[] = [];
  let slots = run.state().slots;
  /** When each began with as many slots as there are now: what saw several counts for none. */
  const begun = new Map(
    leavesOf(run.state().operations).flatMap(({ id, phase, segments }) => {
      const from = segments.at(-1)?.from;
      return phase === 'running' && from !== undefined ? [[id, from] as const] : [];
    }),
  );
  const ignore = run.onEvent((event) => {
    if (event.kind === 'slots changed') begun.clear();
    if (event.kind === 'started') begun.set(event.operation, event.at);
    if (event.kind !== 'finished') return;
    const start = event.result.answer?.fusedWith ? undefined : begun.get(event.operation);
    const remembered = durations.get(event.operation);
    if (start !== undefined && remembered !== undefined && remembered > 0) paces.push((event.at - start) / remembered);
  });
  /** The process itself works for the run only while something runs inside of it: an editor has other extensions. */
  let insideMs = 0;
  let before: MachineReading | undefined;
  let wasInside = false;
  const reading = (): Reading => {
    const state = run.state();
    if (state.slots !== slots) paces = [];
    slots = state.slots;
    const operations = leavesOf(state.operations);
    const now = read();
    const isInside = operations.some(runsInside);
    if (isInside || wasInside) insideMs += Math.max(0, (now.hostMs ?? 0) - (before?.hostMs ?? now.hostMs ?? 0));
    before = now;
    wasInside = isInside;
    const { hostMs: _, ownMs, ...machine } = now;
    const own = ownMs === undefined ? {} : { ownMs: ownMs + insideMs };
    return { ...machine, ...own, ...counts(operations), slots, paces };
  };
  let memory: SlotMemory = firstMemory(most, reading(), freeAtFirst);
  const stop = repeat(() => {
    const next = nextSlots(memory, reading());
    memory = next.memory;
    if (next.change) run.limitSlots(next.change.slots, next.change.because);
  });
  return () => {
    stop();
    ignore();
  };
}

function runsInside({ phase, invocation }: OperationState): boolean {
  return phase === 'running' && invocation !== undefined && !OUTSIDE.has(invocation.tool);
}

/** What they do, others do: programs, servers, models. */
const OUTSIDE: ReadonlySet<string> = new Set<ToolName>(['agent', 'fetch', 'grep']);

/** What is done in one pass runs in one lane. */
function counts(operations: readonly OperationState[]): Pick<Reading, 'running' | 'waiting'> {
  const lanes = new Set<number | undefined>();
  let waiting = 0;
  for (const { phase, lane } of operations) {
    if (phase === 'running') lanes.add(lane);
    if (phase === 'queued') waiting += 1;
  }
  return { running: lanes.size, waiting };
}

const OFTEN_MS = 100;
const SELDOM_MS = 250;
/** A short run is decided in its first second. */
const OFTEN_FOR = 10;

function fewTimesASecond(look: () => void): () => void {
  let looked = 0;
  let timer: NodeJS.Timeout;
  const next = () => {
    timer = setTimeout(
      () => {
        looked += 1;
        look();
        next();
      },
      looked < OFTEN_FOR ? OFTEN_MS : SELDOM_MS,
    ).unref();
  };
  next();
  return () => clearTimeout(timer);
}
