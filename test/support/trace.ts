/** Traces held against the format in which they are. */
import assert from 'node:assert/strict';
import type { ReportSubject } from '../../src/core/report/subject.js';
import { type TraceEvent, traceReport } from '../../src/core/report/trace.js';

export interface Trace {
  readonly displayTimeUnit: string;
  readonly otherData: Readonly<Record<string, string>>;
  readonly traceEvents: readonly TraceEvent[];
}

/** What each field is. */
const KINDS: Readonly<Record<keyof TraceEvent, string>> = {
  ...{ ph: 'string', name: 'string', cat: 'string', pid: 'number', tid: 'number', ts: 'number', dur: 'number' },
  ...{ id: 'string', bp: 'string', args: 'object' },
};

/** Which argument metadata have, and what it is. */
const METADATA: Readonly<Record<string, readonly [argument: string, type: string]>> = {
  process_name: ['name', 'string'],
  process_sort_index: ['sort_index', 'number'],
  thread_name: ['name', 'string'],
  thread_sort_index: ['sort_index', 'number'],
};

/** Without which an event of a phase is none. */
const FIELDS: Readonly<Record<TraceEvent['ph'], readonly string[]>> = {
  M: ['name', 'pid', 'args'],
  X: ['name', 'cat', 'pid', 'tid', 'ts', 'dur', 'args'],
  b: ['name', 'cat', 'pid', 'tid', 'id', 'ts'],
  e: ['name', 'cat', 'pid', 'tid', 'id', 'ts'],
  C: ['name', 'pid', 'ts', 'args'],
  s: ['name', 'cat', 'pid', 'tid', 'id', 'ts'],
  f: ['name', 'cat', 'pid', 'tid', 'id', 'ts', 'bp'],
};

/**
 * The trace of the subject, held against what its format demands ("Trace Event Format" of the Chromium project) and what readers such as
 * Perfetto take for granted.
 */
export function checked(subject: ReportSubject): Trace {
  const trace: Trace = JSON.parse(traceReport(subject, '1.2.3'));
  assert.deepEqual(Object.keys(trace), ['displayTimeUnit', 'otherData', 'traceEvents']);
  assert.equal(trace.displayTimeUnit, 'ms');
  for (const value of Object.values(trace.otherData)) assert.equal(typeof value, 'string');
  for (const event of trace.traceEvents) {
    for (const field of FIELDS[event.ph])
      assert.notEqual((event as unknown as Record<string, unknown>)[field], undefined, `${event.ph} ${field}`);
    for (const [field, value] of Object.entries(event)) {
      const kind = KINDS[field as keyof TraceEvent];
      assert.ok(kind !== undefined, `the format has a field "${field}"`);
      assert.equal(typeof value, kind, field);
    }
    assert.ok(Number.isSafeInteger(event.pid) && Number.isSafeInteger(event.tid ?? 0));
    if (event.id !== undefined) assert.match(event.id, /^0x[0-9a-f]+$/);
    if (event.ts !== undefined) assert.ok(Number.isSafeInteger(event.ts) && event.ts >= 0);
    if (event.dur !== undefined) assert.ok(Number.isSafeInteger(event.dur) && event.dur >= 0);
    if (event.ph === 'C') for (const value of Object.values(event.args ?? {})) assert.ok(typeof value === 'number' && value >= 0);
  }
  const threads = trace.traceEvents.flatMap(({ ph, pid, tid }) => (ph === 'X' ? [[tid, pid] as const] : []));
  const processes = new Map(threads);
  for (const [tid, pid] of threads)
    assert.ok(processes.get(tid) === pid && tid !== pid, 'a thread is of one process, and not that itself');
  metadataIsDocumented(trace);
  countersGoForward(trace);
  slicesNest(trace);
  tracksNest(trace);
  arrowsMeetSlices(trace);
  return trace;
}

/** Events with the same key, in their order. */
export function grouped(
  events: readonly TraceEvent[],
  keyOf: (event: TraceEvent) => string,
): ReadonlyMap<string, readonly TraceEvent[]> {
  const groups = new Map<string, TraceEvent[]>();
  for (const event of events) groups.set(keyOf(event), [...(groups.get(keyOf(event)) ?? []), event]);
  return groups;
}

/** Each kind of metadata has the argument that the format names, and each process and thread one name. */
function metadataIsDocumented({ traceEvents }: Trace): void {
  const named = new Set<string>();
  const first = traceEvents.findIndex(({ ph }) => ph !== 'M');
  for (const { ph, name, pid, tid, args } of traceEvents) {
    if (ph !== 'M') continue;
    const [argument, type] = METADATA[name] ?? [];
    assert.ok(argument !== undefined, `the format has the metadata "${name}"`);
    assert.deepEqual([Object.keys(args ?? {}), typeof args?.[argument]], [[argument], type]);
    assert.equal(tid !== undefined, name.startsWith('thread'), 'of a thread where it is about one');
    const key = `${name} ${pid} ${tid}`;
    assert.ok(!named.has(key), `${key} is said once`);
    named.add(key);
  }
  assert.ok(first === -1 || traceEvents[0]?.ph === 'M');
  const unnamed = traceEvents.filter(({ ph, pid, tid }) => ph === 'X' && !named.has(`thread_name ${pid} ${tid}`));
  assert.deepEqual(unnamed, [], 'every thread with slices has a name');
  for (const { pid } of traceEvents) assert.ok(named.has(`process_name ${pid} undefined`));
}

/** Of each counter no value is older than the one before, and each has the same series. */
function countersGoForward({ traceEvents }: Trace): void {
  const counters = grouped(
    traceEvents.filter(({ ph }) => ph === 'C'),
    ({ pid, name }) => `${pid} ${name}`,
  );
  for (const [name, values] of counters) {
    for (const [index, { ts = 0 }] of values.entries()) assert.ok((values[index + 1]?.ts ?? ts) >= ts, name);
    if (!name.endsWith('memory')) assert.equal(new Set(values.map(({ args }) => Object.keys(args ?? {}).join())).size, 1, name);
  }
}

/** Slices of one thread lie in each other or beside each other: none overlaps another in part. */
function slicesNest({ traceEvents }: Trace): void {
  const threads = grouped(
    traceEvents.filter(({ ph }) => ph === 'X'),
    ({ pid, tid }) => `${pid} ${tid}`,
  );
  for (const slices of threads.values()) {
    const open: number[] = [];
    const sorted = [...slices].sort((a, b) => (a.ts ?? 0) - (b.ts ?? 0) || (b.dur ?? 0) - (a.dur ?? 0));
    for (const { ts = 0, dur = 0 } of sorted) {
      while ((open.at(-1) ?? Number.POSITIVE_INFINITY) <= ts) open.pop();
      assert.ok(ts + dur <= (open.at(-1) ?? Number.POSITIVE_INFINITY));
      open.push(ts + dur);
    }
    // A slot does one thing at a time, so that ours even lie one after another.
    const inTurn = [...slices].sort((a, b) => (a.ts ?? 0) - (b.ts ?? 0) || (a.dur ?? 0) - (b.dur ?? 0));
    for (const [index, { ts = 0, dur = 0 }] of inTurn.entries()) assert.ok((inTurn[index + 1]?.ts ?? ts + dur) >= ts + dur);
  }
}

/** Of each track every begin has its end, inside of what began before it. */
function tracksNest({ traceEvents }: Trace): void {
  const tracks = grouped(
    traceEvents.filter(({ ph }) => ph === 'b' || ph === 'e'),
    ({ cat, id }) => `${cat} ${id}`,
  );
  for (const events of tracks.values()) {
    const open: TraceEvent[] = [];
    let now = 0;
    for (const event of events) {
      assert.ok((event.ts ?? -1) >= now);
      now = event.ts ?? now;
      assert.equal(new Set(events.map(({ pid }) => pid)).size, 1);
      if (event.ph === 'b') open.push(event);
      else assert.equal(open.pop()?.name, event.name);
    }
    assert.deepEqual(open, []);
  }
}

function arrowsMeetSlices({ traceEvents }: Trace): void {
  const arrows = grouped(
    traceEvents.filter(({ ph }) => ph === 's' || ph === 'f'),
    ({ id }) => String(id),
  );
  for (const ends of arrows.values()) {
    assert.deepEqual(
      ends.map(({ ph }) => ph),
      ['s', 'f'],
    );
    for (const end of ends)
      assert.ok(
        traceEvents.some(
          ({ ph, pid, tid, ts = 0, dur = 0 }) =>
            ph === 'X' && pid === end.pid && tid === end.tid && ts <= (end.ts ?? 0) && (end.ts ?? 0) <= ts + dur,
        ),
      );
  }
}
