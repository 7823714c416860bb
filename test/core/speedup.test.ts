import assert from 'node:assert/strict';
import type { Trial, Verdict } from '../../src/core/measured.js';
import type { Finding, OperationId, Outcome, RunId, RunOutcome, RunState, VerificationId } from '../../src/core/model.js';
import { differencesOf, orderOfPair, verify } from '../../src/core/speedup.js';

const finding = (line: number): Finding => ({
  file: '/w/a.ts',
  line,
  column: 1,
  severity: 'error',
  message: 'wrong',
  source: 'eslint',
});

function run(
  outcome: RunOutcome,
  gates: Record<string, { outcome: Outcome['kind']; findings?: readonly Finding[] }> = {},
): RunState {
  const operations = Object.entries(gates).map(([id, gate]) => ({
    id: id as OperationId,
    outcome: { kind: gate.outcome },
    findings: gate.findings ?? [],
  }));
  return { run: 'r' as RunId, outcome, operations } as unknown as RunState;
}

/** Pairs as [sequential, parallel] makespans. */
function measure(pairs: readonly (readonly [number, number | undefined])[], runs?: readonly RunState[]) {
  const trials = pairs.flatMap(([sequential, parallel], index): Trial[] => [
    { pair: index + 1, mode: 'sequential', run: 's' as RunId, makespanMs: sequential },
    ...(parallel === undefined ? [] : [{ pair: index + 1, mode: 'parallel' as const, run: 'p' as RunId, makespanMs: parallel }]),
  ]);
  return verify({
    id: 'v' as VerificationId,
    startedAt: '',
    pairs: pairs.length,
    slots: 2,
    scope: 'workspace',
    trials,
    runs: runs ?? trials.map(() => run('passed')),
  });
}

describe('A verification', () => {
  const verdict = (
    name: string,
    pairs: readonly (readonly [number, number | undefined])[],
    expected: Verdict,
    runs?: readonly RunState[],
  ) => it(`is "${expected}" for ${name}`, () => assert.equal(measure(pairs, runs).verdict, expected));
  verdict(
    'a gain in every pair',
    [
      [200, 100],
      [210, 100],
      [190, 100],
    ],
    'faster',
  );
  verdict(
    'a gain that one pair does not show',
    [
      [200, 100],
      [99, 100],
      [190, 100],
    ],
    'no gain',
  );
  verdict(
    'a gain too small to name',
    [
      [102, 100],
      [103, 100],
    ],
    'no gain',
  );
  verdict(
    'a loss in every pair',
    [
      [80, 100],
      [90, 100],
    ],
    'slower',
  );
  verdict('a single pair, however fast', [[900, 100]], 'inconclusive');
  verdict('no pair', [[100, undefined]], 'inconclusive');
  verdict(
    'a cancelled trial',
    [
      [200, 100],
      [200, 100],
    ],
    'inconclusive',
    [run('passed'), run('cancelled')],
  );
  verdict(
    'a gate that could not do its work',
    [
      [200, 100],
      [200, 100],
    ],
    'inconclusive',
    [run('errored'), run('errored')],
  );
  verdict(
    'other findings',
    [
      [200, 100],
      [200, 100],
    ],
    'results differ',
    [run('failed', { a: { outcome: 'failed', findings: [finding(1)] } }), run('failed', { a: { outcome: 'failed' } })],
  );

  it('takes the median of the ratios of the pairs and of the times of each mode', () => {
    const { ratio, ratios, sequentialMs, parallelMs } = measure([
      [300, 100],
      [200, 100],
      [400, 200],
    ]);
    assert.deepEqual(
      { ratio, ratios, sequentialMs, parallelMs },
      { ratio: 2, ratios: [3, 2, 2], sequentialMs: 300, parallelMs: 100 },
    );
  });

  it('alternates which mode runs first', () => {
    assert.deepEqual(
      [1, 2, 3].map((pair) => orderOfPair(pair)[0]),
      ['sequential', 'parallel', 'sequential'],
    );
  });
});

describe('Differences between trials', () => {
  it('do not arise from the order of findings', () => {
    const gate = (...lines: number[]) => run('failed', { a: { outcome: 'failed', findings: lines.map(finding) } });
    assert.deepEqual(differencesOf([gate(1, 2), gate(2, 1)]), []);
  });
  it('name the gate, what differs and in which trial', () => {
    const passed = run('passed', { a: { outcome: 'passed' }, b: { outcome: 'passed' } });
    assert.deepEqual(differencesOf([passed, passed, run('failed', { a: { outcome: 'passed' }, b: { outcome: 'failed' } })]), [
      { operation: 'b', what: 'outcome', expected: 'passed', actual: 'failed', trial: 3 },
    ]);
  });
});
