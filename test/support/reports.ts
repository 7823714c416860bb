/** Runs for tests of reports: from events, as every view has them. */
import fc from 'fast-check';
import type { Verification } from '../../src/core/measured.js';
import type { Finding, OperationId, OperationSummary, RunEvent, RunId, RunState } from '../../src/core/model.js';
import type { ReportSubject } from '../../src/core/report/subject.js';
import { replay } from '../../src/core/state.js';
import { finding, many, ROOT, SHOP, simulate, verification } from '../webview/runs.js';

export { ROOT };

type Body<Event> = Event extends RunEvent ? Omit<Event, 'sequence' | 'at'> : never;

/** The state after these events, each with its time. */
export function runOf(events: readonly (readonly [at: number, event: Body<RunEvent>])[]): RunState {
  const state = replay(events.map(([at, event], sequence) => ({ ...event, sequence, at }) as RunEvent));
  if (!state) throw new Error('A run has at least one event.');
  return state;
}

const id = (text: string) => text as OperationId;

/** An operation as its summary. */
export function summaryOf(name: string, more: Partial<OperationSummary> = {}): OperationSummary {
  const command = { argv: [name, '--check'], cwd: ROOT, env: { SECRET: 'of the environment' }, shell: false };
  return { id: id(name), name, group: 'lint', command, needs: [], ...more };
}

/** The first event of a run. */
export function begun(operations: readonly OperationSummary[], more: Partial<Body<RunEvent> & { kind: 'run started' }> = {}) {
  return {
    kind: 'run started' as const,
    run: '20250301T101500000-abcdef' as RunId,
    label: 'Run All Gates',
    mode: 'parallel' as const,
    scope: 'workspace' as const,
    slots: 2,
    startedAt: '2025-03-01T10:15:00.000Z',
    operations,
    edges: [],
    ...more,
  };
}

/** Gates of a shop: every phase and most outcomes occur. */
export const SHOP_RUN: ReportSubject = { kind: 'run', state: simulate(SHOP, { slots: 4 }) };

/** Its verification of three pairs. */
export function shopVerification(equal = true): ReportSubject & { kind: 'verification' } {
  const { verification: measured, runs } = verification(6, equal);
  // Trials follow each other.
  let start = Date.parse('2025-03-01T10:20:00.000Z');
  const placed = runs.map((run, index): RunState => {
    const startedAt = new Date(start).toISOString();
    start += Math.ceil(run.at) + 500;
    return { ...run, startedAt, label: `Verify Speedup, pair ${Math.floor(index / 2) + 1}, ${run.mode}` };
  });
  return { kind: 'verification', verification: measured as Verification, runs: placed };
}

/** A run with all that is rare: an attempt more on another slot, a pass of two, parts, memory, slots that move, what was cut short. */
export function rareRun(): RunState {
  const operations = [
    summaryOf('flaky'),
    summaryOf('one'),
    summaryOf('two'),
    summaryOf('test.1', { part: { of: id('test'), name: 'test', index: 1, count: 2 }, group: 'test' }),
    summaryOf('test.2', { part: { of: id('test'), name: 'test', index: 2, count: 2 }, group: 'test' }),
    summaryOf('cut short'),
    summaryOf('answered'),
  ];
  const result = { findings: [], outputBytes: 0 };
  const passed = { kind: 'passed' } as const;
  const fused = (other: string) => ({ ...result, answer: { summary: '3 lines', fusedWith: [id(other)] } });
  return runOf([
    [0, begun(operations, { mostSlots: 4 })],
    [0, { kind: 'memory', usedBytes: 4e9, totalBytes: 16e9, ownBytes: 0 }],
    [
      0,
      {
        kind: 'finished',
        operation: id('answered'),
        outcome: { kind: 'cached', was: 'passed', run: 'r' as RunId, ageMs: 5000 },
        result,
      },
    ],
    [0, { kind: 'queued', operation: id('flaky') }],
    [0.2, { kind: 'started', operation: id('flaky'), attempt: 1, lane: 0 }],
    [1, { kind: 'blocked', operation: id('one'), by: [id('flaky')] }],
    [1, { kind: 'queued', operation: id('test.1') }],
    [1.4, { kind: 'started', operation: id('test.1'), attempt: 1, lane: 1 }],
    [2, { kind: 'locked', operation: id('test.2'), locks: ['port'], by: [id('test.1')] }],
    [10, { kind: 'retrying', operation: id('flaky'), attempt: 2, because: { kind: 'timed out', afterMs: 10 } }],
    [10, { kind: 'blocked', operation: id('flaky'), by: [] }],
    [12, { kind: 'slots changed', slots: 3, because: 'There is room.' }],
    [12, { kind: 'queued', operation: id('one') }],
    [12, { kind: 'queued', operation: id('two') }],
    [13.0001, { kind: 'started', operation: id('one'), attempt: 1, lane: 0 }],
    [13.0007, { kind: 'started', operation: id('two'), attempt: 1, lane: 0 }],
    [14, { kind: 'started', operation: id('flaky'), attempt: 2, lane: 2 }],
    [20.0002, { kind: 'finished', operation: id('one'), outcome: passed, result: fused('two') }],
    [20.0009, { kind: 'finished', operation: id('two'), outcome: passed, result: fused('one') }],
    [21, { kind: 'finished', operation: id('test.1'), outcome: passed, result }],
    [21, { kind: 'queued', operation: id('test.2') }],
    [21.1, { kind: 'started', operation: id('test.2'), attempt: 1, lane: 1 }],
    [22, { kind: 'memory', usedBytes: 5e9, totalBytes: 16e9, ownBytes: 7e8 }],
    [
      30,
      {
        kind: 'finished',
        operation: id('flaky'),
        outcome: { kind: 'errored', failure: { kind: 'died', signal: 'SIGKILL' } },
        result,
      },
    ],
    [30, { kind: 'queued', operation: id('cut short') }],
    [
      31,
      {
        kind: 'finished',
        operation: id('test.2'),
        outcome: { kind: 'failed' },
        result: { ...result, findings: [finding('a.ts', 3, 'no')] },
      },
    ],
    [31, { kind: 'finished', operation: id('cut short'), outcome: { kind: 'cancelled', cause: { kind: 'user' } }, result }],
    [32, { kind: 'run finished', outcome: 'cancelled' }],
  ]);
}

/** What breaks formats that do not escape it. */
export const HOSTILE = [
  ']]>',
  '<script>alert(1)</script>',
  'a|b`c`*d*_e_[x](javascript:1)',
  'line one\nline two\r\nthree\rfour',
  '\u0000\u0001\u0008\u000b\u001b[31mred\u001b[0m\u007f\u0085',
  'half \ud800 of one, \udc00 of another',
  '\u2028\u2029\ufeff\ufffe\uffff',
  '%0A::error::injected %25 , : ;',
  '::set-output name=a::b',
  '\n::error file=x::y',
  '"quotes" & \'apostrophes\' &amp; &#x0;',
  '\\ \\n $x$ ${y} {0}',
  '<!-- --> <?xml ?> <![CDATA[',
  '😀 é ünï',
  '',
  ' ',
] as const;

/** Those of them that a run below has as messages, as they are: all but some, and without halves of characters. */
export const HOSTILE_MESSAGES = HOSTILE.filter((text, index) => index % 4 !== 3 && Buffer.from(text).toString() === text);

/** A run of which every text is one that somebody else chose. */
export function hostileRun(texts: readonly string[] = HOSTILE): RunState {
  const findings = (text: string): Finding[] => [
    finding(`src/${text}`, 3, text, {
      rule: text,
      ruleUrl: text,
      source: text,
      expected: text,
      actual: text,
      endLine: 1,
      endColumn: 2,
    }),
    { ...finding('x', 1, text), file: text, line: 2, related: [{ file: text, line: 1, column: 1, message: text }] },
    finding('package.json', 1, text, { output: true, source: text }),
  ];
  const operations = texts.map((text, index) =>
    summaryOf(text, { id: id(`${index} ${text}`), group: text, command: { argv: [text], cwd: text, env: {}, shell: false } }),
  );
  const events = operations.flatMap((operation, index): (readonly [number, Body<RunEvent>])[] => {
    const text = texts[index] ?? '';
    const failure = { kind: 'tool failed', message: text } as const;
    const outcome = index % 3 === 0 ? ({ kind: 'errored', failure } as const) : ({ kind: 'failed' } as const);
    return [
      [index, { kind: 'queued', operation: operation.id }],
      [index, { kind: 'started', operation: operation.id, attempt: 1, lane: index % 2 }],
      [
        index + 1,
        {
          kind: 'finished',
          operation: operation.id,
          outcome,
          result: { findings: index % 4 === 3 ? [] : findings(text), outputBytes: 1 },
        },
      ],
    ];
  });
  const last = texts.length + 1;
  return runOf([
    [0, begun(operations, { label: texts.join(' ') })],
    ...[...events].sort(([a], [b]) => a - b),
    [last, { kind: 'run finished', outcome: 'errored' }],
  ]);
}

/** Runs at random, of which every text is one of the above or anything. */
export const anyRun: fc.Arbitrary<RunState> = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 12 })), { minLength: 1, maxLength: 8 })
  .map(hostileRun);

/** Runs at random as a scheduler makes them. */
export const anySchedule: fc.Arbitrary<RunState> = fc
  .record({ count: fc.integer({ min: 1, max: 40 }), slots: fc.integer({ min: 1, max: 6 }), sequential: fc.boolean() })
  .map(({ count, slots, sequential }) => simulate(many(count), { slots, mode: sequential ? 'sequential' : 'parallel' }));
