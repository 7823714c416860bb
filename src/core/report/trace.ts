/**
 * Pure: runs as Chrome trace events in the JSON object format, which Perfetto and chrome://tracing open.
 * Source of the format: "Trace Event Format" of the Chromium project.
 *
 * Each run is a process. Its slots are threads with a slice for each attempt that ran; each operation is a track of its own with what
 * it waited for; counters tell how many operations were in which phase, the slots, and the memory.
 */

import type { OperationId, OperationState, Phase, RunState, Segment } from '../model.js';
import { leavesOf } from '../parts.js';
import { timing } from '../timing.js';
import { oneLine, plainJson } from './plain-text.js';
import { blockOf, PRODUCT, type ReportSubject, runsOf, titleOf } from './subject.js';

/** One event. `ts` and `dur` are microseconds. */
export interface TraceEvent {
  readonly ph: 'M' | 'X' | 'b' | 'e' | 'C' | 's' | 'f';
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: string;
  readonly bp?: 'e';
  readonly args?: Arguments;
}

type Arguments = Readonly<Record<string, unknown>>;

/** The trace as a document. Times count from the start of the first run. */
export function traceReport(subject: ReportSubject, version: string): string {
  const runs = runsOf(subject);
  const starts = runs.map(({ startedAt }) => Date.parse(startedAt));
  const first = Math.min(...starts.filter(Number.isFinite));
  const events = runs.flatMap((state, index) => {
    const start = starts[index];
    const offsetMs = start === undefined || !Number.isFinite(start) ? 0 : start - first;
    return runEvents(state, index + 1, offsetMs);
  });
  return plainJson({
    displayTimeUnit: 'ms',
    otherData: {
      producer: `${PRODUCT.name} ${version}`,
      title: titleOf(subject),
      ...(runs[0] ? { startedAt: runs[0].startedAt } : {}),
      ...Object.fromEntries(blockOf(subject).map(({ name, value }) => [name, value])),
    },
    traceEvents: events,
  });
}

/** The events of one run, as the process `pid`, which began `offsetMs` after the first one. */
export function runEvents(state: RunState, pid: number, offsetMs: number): readonly TraceEvent[] {
  const clock = { pid, at: (ms: number) => Math.round((offsetMs + ms) * 1000) };
  const leaves = leavesOf(state.operations);
  return [
    ...names(state, attemptsOf(leaves, state.at), pid),
    ...slotSlices(state, leaves, clock),
    ...operationTracks(state, leaves, clock),
    ...criticalPath(state, leaves, clock),
    ...counters(state, leaves, clock),
  ];
}

interface Clock {
  readonly pid: number;
  /** Microseconds of the trace from milliseconds of the run. */
  at(ms: number): number;
}

/** Of a slot. Readers find threads by this number alone, so that no two runs share one, and none is that of a process. */
function threadOf(pid: number, lane: number): number {
  return pid * 1000 + lane + 1;
}

function names(state: RunState, attempts: readonly Attempt[], pid: number): readonly TraceEvent[] {
  const lanes = new Set(attempts.map(({ lane }) => lane));
  const name = `${state.label} (${state.mode === 'sequential' ? 'one after another' : 'in parallel'}, ${state.outcome ?? 'running'})`;
  return [
    { ph: 'M', name: 'process_name', pid, args: { name: oneLine(name) } },
    { ph: 'M', name: 'process_sort_index', pid, args: { sort_index: pid } },
    ...[...lanes]
      .sort((a, b) => a - b)
      .flatMap((lane): TraceEvent[] => [
        { ph: 'M', name: 'thread_name', pid, tid: threadOf(pid, lane), args: { name: `Slot ${lane + 1}` } },
        { ph: 'M', name: 'thread_sort_index', pid, tid: threadOf(pid, lane), args: { sort_index: lane + 1 } },
      ]),
  ];
}

interface Attempt {
  readonly operation: OperationState;
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
  readonly lane: number;
}

/** Of the operations that ran; those of a run that was stored before lanes were kept are on the lane of their last attempt. */
function attemptsOf(leaves: readonly OperationState[], end: number): readonly Attempt[] {
  return leaves.flatMap((operation) => {
    const running = operation.segments.filter(({ phase }) => phase === 'running');
    return running.map(({ from, to = end, lane = operation.lane ?? 0 }, index) => ({
      ...{ operation, attempt: index + 1, from, to: Math.max(from, to), lane },
    }));
  });
}

/** What several operations did in one pass is one slice, since a slot did it once. */
function slotSlices(state: RunState, leaves: readonly OperationState[], { pid, at }: Clock): readonly TraceEvent[] {
  const lanes = new Map<number, Attempt[]>();
  for (const attempt of attemptsOf(leaves, state.at)) lanes.set(attempt.lane, [...(lanes.get(attempt.lane) ?? []), attempt]);
  return [...lanes].flatMap(([lane, attempts]) =>
    passes(attempts).map((pass): TraceEvent => {
      const from = Math.min(...pass.map((each) => each.from));
      const to = Math.max(...pass.map((each) => each.to));
      const [first] = pass;
      const name = pass.length === 1 ? attemptName(first) : `${attemptName(first)} and ${pass.length - 1} more in one pass`;
      const args =
        pass.length === 1 && first ? argumentsOf(first.operation) : { operations: pass.map(({ operation }) => operation.id) };
      return {
        ph: 'X',
        name: oneLine(name),
        cat: 'running',
        pid,
        tid: threadOf(pid, lane),
        ts: at(from),
        dur: at(to) - at(from),
        args,
      };
    }),
  );
}

function attemptName(attempt: Attempt | undefined): string {
  if (!attempt) return '';
  return attempt.attempt === 1 ? attempt.operation.name : `${attempt.operation.name} (attempt ${attempt.attempt})`;
}

/** Attempts of one lane that overlap: they were one pass. */
function passes(attempts: readonly Attempt[]): readonly (readonly Attempt[])[] {
  const all: Attempt[][] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const attempt of [...attempts].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && attempt.from < until) last.push(attempt);
    else all.push([attempt]);
    until = Math.max(until, attempt.to);
  }
  return all;
}

function argumentsOf({ id, group, outcome, findings, exitCode, command, answer }: OperationState): Arguments {
  return {
    id,
    group,
    outcome: outcome?.kind ?? 'running',
    findings: findings.length,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(command === undefined ? {} : { command: command.argv }),
    ...(answer === undefined ? {} : { answer: answer.summary }),
  };
}

/** Nestable asynchronous events: the operation from its first phase to its end, and its phases inside of it. */
function operationTracks(state: RunState, leaves: readonly OperationState[], { pid, at }: Clock): readonly TraceEvent[] {
  const nameOf = new Map(leaves.map(({ id, name }) => [id, oneLine(name)]));
  return leaves.flatMap((operation, index): readonly TraceEvent[] => {
    const first = operation.segments[0];
    const last = operation.segments.at(-1);
    if (!first || !last) return [];
    const track = { cat: 'operation', pid, tid: pid, id: identity(pid, index) };
    const name = oneLine(operation.name);
    const phases = operation.segments.flatMap((segment): readonly TraceEvent[] => {
      const args = segmentArguments(segment, nameOf);
      return [
        { ph: 'b', name: segment.phase, ...track, ts: at(segment.from), ...(args ? { args } : {}) },
        { ph: 'e', name: segment.phase, ...track, ts: at(segment.to ?? state.at) },
      ];
    });
    return [
      { ph: 'b', name, ...track, ts: at(first.from), args: argumentsOf(operation) },
      ...phases,
      { ph: 'e', name, ...track, ts: at(last.to ?? state.at) },
    ];
  });
}

/** Hexadecimal, as all readers take it; of a category unique over all runs of the trace. */
function identity(pid: number, index: number): string {
  return `0x${(pid * 2 ** 24 + index).toString(16)}`;
}

function segmentArguments({ by, lane }: Segment, nameOf: ReadonlyMap<OperationId, string>): Arguments | undefined {
  if (by) return { by: by.map((id) => nameOf.get(id) ?? id) };
  return lane === undefined ? undefined : { slot: lane + 1 };
}

/** An arrow from each step of the critical path to the one that could only start when it ended. */
function criticalPath(state: RunState, leaves: readonly OperationState[], { pid, at }: Clock): readonly TraceEvent[] {
  const lastOf = new Map(attemptsOf(leaves, state.at).map((attempt) => [attempt.operation.id, attempt]));
  const steps = timing(state).criticalPath;
  return steps.slice(1).flatMap((step, index): readonly TraceEvent[] => {
    const from = lastOf.get(steps[index]?.operation ?? step.operation);
    const to = lastOf.get(step.operation);
    if (!from || !to) return [];
    // Chrome's developer tools bind an arrow to a slice that begins when it does and has its category.
    const arrow = { name: 'critical path', cat: 'running', pid, id: identity(pid, index) };
    return [
      { ph: 's', ...arrow, tid: threadOf(pid, from.lane), ts: at(from.from) },
      { ph: 'f', bp: 'e', ...arrow, tid: threadOf(pid, to.lane), ts: at(to.from), args: { because: step.reason } },
    ];
  });
}

/** Values as of each moment at which one of them changed. */
function counters(state: RunState, leaves: readonly OperationState[], { pid, at }: Clock): readonly TraceEvent[] {
  const counter = (name: string, ms: number, args: Arguments): TraceEvent => ({
    ph: 'C',
    name,
    pid,
    ts: at(ms),
    args,
  });
  const slots = [
    { at: 0, slots: state.slotMoves[0]?.from ?? state.slots },
    ...state.slotMoves.map((move) => ({ at: move.at, slots: move.to })),
  ];
  return [
    ...concurrency(leaves, state.at).map(([ms, counts]) => counter('operations', ms, counts)),
    ...slots.map((each) => counter('slots', each.at, { open: each.slots })),
    ...(state.memory ?? []).map(({ at: ms, usedBytes, ownBytes }) =>
      counter('memory', ms, {
        'in use (bytes)': usedBytes,
        ...(ownBytes === undefined ? {} : { 'of the processes of the run (bytes)': ownBytes }),
      }),
    ),
  ];
}

/** How many operations were in each phase from each moment on at which that changed. What is done in one pass counts for each. */
export function concurrency(
  leaves: readonly OperationState[],
  end: number,
): readonly (readonly [ms: number, counts: Readonly<Record<Phase, number>>])[] {
  const steps = leaves
    .flatMap(({ segments }) => segments)
    .flatMap(({ phase, from, to = end }) => [
      { at: from, phase, by: 1 },
      { at: to, phase, by: -1 },
    ])
    .sort((a, b) => a.at - b.at);
  const counts: Record<Phase, number> = { blocked: 0, locked: 0, queued: 0, running: 0 };
  const all = new Map<number, Readonly<Record<Phase, number>>>();
  for (const { at, phase, by } of steps) {
    counts[phase] += by;
    all.set(at, { ...counts });
  }
  return [...all];
}
