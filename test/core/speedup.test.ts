import assert from 'node:assert/strict';
import type { Trial, Verdict, Verification } from '../../src/core/measured.js';
import type { Finding, OperationId, Outcome, RunId, RunOutcome, RunState, VerificationId } from '../../src/core/model.js';
import { isNarrow, orderOfPair, upgraded, verify } from '../../src/core/speedup.js';

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
    segments: [],
  }));
  return { run: 'r' as RunId, outcome, operations, edges: [], slotMoves: [], slots: 2, at: 1 } as unknown as RunState;
}

/** Pairs as [sequential, parallel] makespans. The level is that of a fixed number of pairs. */
function measure(pairs: readonly (readonly [number, number | undefined])[], runs?: readonly RunState[], target = 1.67) {
  const trials = pairs.flatMap(([sequential, parallel], index): Trial[] => [
    { pair: index + 1, mode: 'sequential', run: 's' as RunId, makespanMs: sequential },
    ...(parallel === undefined ? [] : [{ pair: index + 1, mode: 'parallel' as const, run: 'p' as RunId, makespanMs: parallel }]),
  ]);
  return verify({
    id: 'v' as VerificationId,
    startedAt: '',
    limits: { mostPairs: 6, mostMs: 1000 },
    seed: 1,
    target,
    slots: 2,
    scope: 'workspace',
    trials,
    runs: runs ?? trials.map(({ mode }) => ({ ...run('passed'), mode })),
  });
}

/** Six pairs whose ratios lie evenly between two values. */
function between(low: number, high: number): readonly (readonly [number, number])[] {
  return [0, 1, 2, 3, 4, 5].map((step) => [100 * (low + ((high - low) * step) / 5), 100]);
}

describe('A verification', () => {
  const verdict = (
    name: string,
    pairs: readonly (readonly [number, number | undefined])[],
    expected: Verdict,
    runs?: readonly RunState[],
  ) => it(`is "${expected}" for ${name}`, () => assert.equal(measure(pairs, runs).verdict, expected));
  verdict('an interval that reaches the target', between(1.7, 1.9), 'validated');
  verdict('a sure gain below the target', between(1.2, 1.4), 'not validated');
  verdict('an interval with the target inside', between(1.5, 1.8), 'inconclusive');
  verdict('an interval around 1', between(0.97, 1.03), 'no gain');
  verdict('a sure gain that is too small to name', between(1.01, 1.04), 'no gain');
  verdict('a gain that is not certain', between(0.9, 1.5), 'no gain');
  verdict('a sure loss', between(0.7, 0.9), 'slower');
  verdict('a loss too small to name', between(0.97, 0.99), 'no gain');
  verdict('four pairs, however fast', between(8, 9).slice(0, 4), 'inconclusive');
  verdict('no pair', [[100, undefined]], 'inconclusive');
  verdict('a cancelled trial', between(2, 2.1), 'inconclusive', [run('passed'), run('cancelled')]);
  verdict('a gate that could not do its work', between(2, 2.1), 'inconclusive', [run('errored'), run('errored')]);
  verdict('other findings', between(2, 2.1), 'results differ', [
    run('failed', { a: { outcome: 'failed', findings: [finding(1)] } }),
    run('failed', { a: { outcome: 'failed' } }),
  ]);

  it('validates the target that it was given', () => {
    assert.equal(measure(between(1.2, 1.4), undefined, 1.1).verdict, 'validated');
    assert.equal(measure(between(0.97, 1.03), undefined, 1).verdict, 'inconclusive');
  });

  it('takes the median of the logarithms of the ratios, and the medians of the times of each mode', () => {
    const { ratio, ratios, sequentialMs, parallelMs, interval } = measure([
      [300, 100],
      [200, 100],
      [400, 200],
    ]);
    assert.deepEqual({ ratios, sequentialMs, parallelMs }, { ratios: [3, 2, 2], sequentialMs: 300, parallelMs: 100 });
    assert.ok(Math.abs((ratio ?? 0) - 2) < 1e-12);
    assert.equal(interval, undefined, 'three pairs have none');
  });

  it('has an interval of five pairs from the least to the greatest ratio, and says how certain it is', () => {
    const { interval, probability } = measure(between(1.5, 2).slice(0, 5));
    assert.ok(interval && Math.abs(interval.low - 1.5) < 1e-9 && Math.abs(interval.high - 1.9) < 1e-9);
    assert.equal(interval.level, 0.9375);
    assert.equal(probability, 0.0625);
  });

  it('is narrow enough within ±5 %, after six pairs', () => {
    assert.equal(isNarrow(measure(between(2, 2.1))), true);
    assert.equal(isNarrow(measure(between(2, 2.1).slice(0, 5))), false);
    assert.equal(isNarrow(measure(between(2, 2.6))), false);
  });

  it('decides the order within each pair by its seed', () => {
    const order = (seed: number) => Array.from({ length: 20 }, (_, index) => orderOfPair(seed, index + 1)[0]);
    assert.deepEqual(order(7), order(7));
    assert.notDeepEqual(order(7), order(8));
    const firsts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap(order);
    const sequential = firsts.filter((mode) => mode === 'sequential').length;
    assert.ok(sequential > 70 && sequential < 130, String(sequential));
    for (const pair of [1, 2, 3]) assert.equal(new Set(orderOfPair(3, pair)).size, 2);
  });

  it('points out drift, outliers and the work of others, and leaves no trial out', () => {
    const pairs = [100, 110, 120, 130, 140, 150, 160].map(
      (ms, index) => [ms, index === 3 ? 400 : 50 + ((index * 3) % 7)] as const,
    );
    const { notes, trials } = measure(pairs);
    assert.equal(trials.length, 14);
    const [drift, outlier] = notes ?? [];
    assert.ok(drift?.kind === 'drift' && drift.mode === 'sequential' && Math.abs(drift.ratio - 155 / 105) < 1e-9);
    assert.deepEqual(outlier, { kind: 'outlier', trial: 8, medianMs: 54 });
    const quiet = between(2, 2.1);
    assert.equal(measure(quiet).notes, undefined);
    const busy = measure(quiet);
    const usage = { processorMs: 50, othersMs: 100, processors: 2 };
    const { notes: others } = verify({ ...busy, seed: 1, trials: busy.trials.map((trial) => ({ ...trial, usage })), runs: [] });
    assert.deepEqual(others, [{ kind: 'others', share: 0.375 }]);
  });

  it('of an earlier version is judged as one of now', () => {
    const { target: _, limits: __, seed: ___, interval: ____, ...old } = measure(between(1.7, 1.9));
    const kept = { ...old, pairs: 6, verdict: 'faster' } as unknown as Verification;
    const { verdict, interval, target, limits } = upgraded(kept);
    assert.deepEqual([verdict, target, limits.mostPairs], ['validated', 1.67, 6]);
    assert.ok(interval);
    assert.equal(upgraded({ ...kept, ratios: [2, 2] }).verdict, 'inconclusive');
    const doubtful = upgraded({ ...kept, verdict: 'inconclusive' });
    assert.deepEqual([doubtful.disturbed, doubtful.verdict, doubtful.seed], [true, 'inconclusive', undefined]);
    assert.match(doubtful.filesNotCompared ?? '', /earlier version/);
    const now = measure(between(1.7, 1.9));
    assert.equal(upgraded(now), now);
  });
});
