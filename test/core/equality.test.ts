import assert from 'node:assert/strict';
import { type ComparedTrial, equalityOf } from '../../src/core/equality.js';
import type { Difference } from '../../src/core/measured.js';
import type { Finding, Mode, OperationId, Outcome, RunId, RunState } from '../../src/core/model.js';

const finding = (line: number, message = 'wrong'): Finding => ({
  ...{ file: '/w/a.ts', line, column: 1, severity: 'error', message, source: 'eslint' },
});

interface Ended {
  readonly outcome?: Outcome['kind'];
  readonly exitCode?: number;
  readonly findings?: readonly Finding[];
  readonly digest?: string;
}

function trial(mode: Mode, gates: Record<string, Ended>, left?: Record<string, string>): ComparedTrial {
  const operations = Object.entries(gates).map(([id, { outcome = 'passed', findings = [], exitCode, digest }]) => ({
    id: id as OperationId,
    outcome: { kind: outcome },
    ...{ findings, exitCode },
    ...(digest === undefined ? {} : { answer: { summary: `summary ${digest}`, digest } }),
  }));
  const state = { run: 'r' as RunId, mode, outcome: 'passed', operations } as unknown as RunState;
  return {
    state,
    ...(left === undefined
      ? {}
      : { left: { kind: 'files' as const, files: new Map(Object.entries(left)), without: ['times'] as const } }),
  };
}

const [sequential, parallel] = [
  (gates: Record<string, Ended>, left?: Record<string, string>) => trial('sequential', gates, left),
  (gates: Record<string, Ended>, left?: Record<string, string>) => trial('parallel', gates, left),
];

describe('Results of trials', () => {
  it('do not differ by the order of findings, nor by the end of an output', () => {
    const ends = { ...finding(9, 'the last lines'), output: true } as unknown as Finding;
    const { differences } = equalityOf([
      sequential({ a: { findings: [finding(1), finding(2)] } }),
      parallel({ a: { findings: [finding(2), ends, finding(1)] } }),
    ]);
    assert.deepEqual(differences, []);
  });

  it('differ by outcome, exit code, findings and answers, each named once with the trial that shows it', () => {
    const same = { a: {}, b: {}, c: {}, d: {} };
    const cases: readonly (readonly [Record<string, Ended>, Partial<Difference>])[] = [
      [
        { ...same, b: { outcome: 'failed', exitCode: 1, findings: [finding(1)] } },
        { operation: 'b' as OperationId, what: 'outcome', expected: 'passed', actual: 'failed' },
      ],
      [
        { ...same, c: { findings: [finding(3)] } },
        { operation: 'c' as OperationId, what: 'findings', expected: '0 in all' },
      ],
    ];
    for (const [other, expected] of cases) {
      const { differences } = equalityOf([sequential(same), parallel(same), sequential(same), parallel(other)]);
      assert.equal(differences.length, 1);
      const { actual, ...rest } = { ...differences[0] };
      const seen = { parallel: 2, differing: 1, sequential: 2 };
      assert.deepEqual(
        { ...rest, actual: expected.actual ?? actual },
        { ...expected, actual: expected.actual ?? actual, trial: 4, cause: 'undecided', seen },
      );
    }
    const exits = equalityOf([sequential({ a: { exitCode: 1 } }), parallel({ a: { exitCode: 2 } })]).differences;
    assert.deepEqual(exits, [{ what: 'exit code', operation: 'a', expected: '1', actual: '2', trial: 2 }]);
    const answers = equalityOf([sequential({ a: { digest: 'x' } }), parallel({ a: { digest: 'y' } })]).differences;
    assert.deepEqual(
      answers.map(({ what, actual }) => [what, actual]),
      [['answer', 'summary y']],
    );
  });

  it('are flaky when two sequential trials differ already', () => {
    const { differences } = equalityOf([
      sequential({ a: {} }),
      parallel({ a: { outcome: 'failed' } }),
      parallel({ a: {} }),
      sequential({ a: { outcome: 'failed' } }),
    ]);
    assert.deepEqual(
      differences.map(({ cause, trial: number }) => [cause, number]),
      [['flaky', 4]],
    );
  });

  it('are a matter of running in parallel when chance hardly explains that only parallel trials have them, and undecided before', () => {
    const failing = { a: { outcome: 'failed' as const }, b: {} };
    const other = { a: {}, b: { outcome: 'failed' as const } };
    const good = { a: {}, b: {} };
    const causesOf = (sequentials: number, ...parallels: readonly Record<string, Ended>[]) =>
      equalityOf([
        ...Array.from({ length: sequentials }, () => sequential(good)),
        ...parallels.map((each) => parallel(each)),
      ]).differences.map(({ cause }) => cause);
    assert.deepEqual(causesOf(1, failing), [undefined]);
    assert.deepEqual(causesOf(2, failing, failing), ['undecided']);
    assert.deepEqual(causesOf(3, failing, failing, failing), ['parallel'], '1 in 20');
    assert.deepEqual(causesOf(6, failing, good, good, good, good, good), ['undecided'], 'one of six may be flaky');
    assert.deepEqual(causesOf(4, failing, other, failing, other), ['parallel', 'parallel'], 'now one loses, now the other');
    assert.deepEqual(causesOf(5, failing, failing, failing, failing, other), ['parallel', 'undecided'], 'each by itself');
  });

  it('are compared without times, dates and the like, which is told', () => {
    const { differences, normalised } = equalityOf([
      sequential({ a: { findings: [finding(1, 'took 12 ms in /tmp/run-8Qx2Lp/a')] } }),
      parallel({ a: { findings: [finding(1, 'took 1.3 s in /tmp/run-Zp94aa/a')] } }),
    ]);
    assert.deepEqual(differences, []);
    assert.deepEqual(normalised, ['times', 'temporary paths']);
  });

  it('differ by the files that are left behind, unless these vary from one sequential trial to the next', () => {
    const differing = equalityOf([
      sequential({}, { 'out.txt': 'one', 'log.txt': 'a' }),
      parallel({}, { 'out.txt': 'two', 'log.txt': 'b' }),
      sequential({}, { 'out.txt': 'one', 'log.txt': 'c' }),
    ]);
    assert.deepEqual(differing.differences, [
      {
        ...{ what: 'file', file: 'out.txt', expected: 'content one', actual: 'content two', trial: 2, cause: 'undecided' },
        seen: { parallel: 1, differing: 1, sequential: 2 },
      },
    ]);
    assert.deepEqual(differing.varying, ['log.txt']);
    const missing = equalityOf([sequential({}, { a: 'one' }), parallel({}, {}), sequential({}, { a: 'one' })]);
    assert.deepEqual(
      missing.differences.map(({ actual }) => actual),
      ['as it was before'],
    );
    assert.deepEqual(missing.normalised, ['times'], 'what the files were compared without');
    const single = equalityOf([sequential({}, { a: 'one' }), parallel({}, { a: 'two' })]);
    assert.deepEqual([single.differences, single.varying], [[], ['a']], 'one sequential trial cannot tell');
    assert.deepEqual(equalityOf([sequential({}, { a: 'one' }), parallel({})]).differences, [], 'nobody looked');
  });

  it('are compared by size where of a file no more is known in one of the trials, which is told', () => {
    const large = (key: string, size: number, ...bySize: readonly string[]) => ({
      ...{ kind: 'files' as const, files: new Map([['a.bin', key]]), without: [] },
      ...{ large: new Map([['a.bin', size]]), bySize },
    });
    const one = sequential({});
    const same = equalityOf([
      { ...one, left: large('hash 1', 17) },
      { ...parallel({}), left: large('17 bytes', 17, 'a.bin') },
      { ...one, left: large('hash 2', 17) },
    ]);
    assert.deepEqual([same.differences, same.varying, same.bySize], [[], [], ['a.bin']]);
    const other = equalityOf([
      { ...one, left: large('hash 1', 17) },
      { ...parallel({}), left: large('18 bytes', 18, 'a.bin') },
      { ...one, left: large('hash 1', 17) },
    ]);
    assert.deepEqual(
      other.differences.map(({ file, expected, actual, cause }) => [file, expected, actual, cause]),
      [['a.bin', '17 bytes', '18 bytes', 'undecided']],
    );
    const known = equalityOf([
      { ...one, left: large('hash 1', 17) },
      { ...parallel({}), left: large('hash 2', 17) },
      { ...one, left: large('hash 1', 17) },
    ]);
    assert.deepEqual([known.differences.length, known.bySize], [1, []], 'as large, with another content');
  });

  it('say why files were not compared', () => {
    const unknown = { ...parallel({}), left: { kind: 'unknown', because: 'there are too many' } } as const;
    const { differences, filesNotCompared } = equalityOf([sequential({}, { a: 'one' }), unknown]);
    assert.deepEqual([differences, filesNotCompared], [[], 'there are too many']);
  });

  it('of trials that were cancelled are not compared', () => {
    const stopped = parallel({ a: { outcome: 'cancelled' } });
    const cancelled = { ...stopped, state: { ...stopped.state, outcome: 'cancelled' as const } };
    assert.deepEqual(equalityOf([sequential({ a: {} }), cancelled]).differences, []);
  });
});
