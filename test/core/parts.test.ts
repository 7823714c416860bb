import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Finding, OperationId, OperationState, Outcome, RunId, Segment } from '../../src/core/model.js';
import { asWhole, didNotPass, effectiveKind, leavesOf, worst } from '../../src/core/parts.js';

const command = { argv: ['tool'], cwd: '/w', env: {}, shell: false };
const operation = (id: string, more: Partial<OperationState> = {}): OperationState => ({
  id: id as OperationId,
  name: id,
  group: 'lint',
  command,
  needs: [],
  phase: 'pending',
  segments: [],
  attempts: 0,
  findings: [],
  outputBytes: 0,
  tail: '',
  ...more,
});
const finding = (file: string, line: number): Finding => ({
  file,
  line,
  column: 1,
  severity: 'error',
  message: 'wrong',
  source: 'tool',
});
const ended = (outcome: Outcome, segments: readonly Segment[], findings: readonly Finding[] = []) =>
  operation('part', { phase: 'finished', outcome, segments, findings });
const run = (from: number, to?: number): Segment => ({ phase: 'running', from, ...(to === undefined ? {} : { to }) });

describe('An operation in parts', () => {
  it('has ended when all parts have, with the worst of their outcomes', () => {
    const passed = ended({ kind: 'passed' }, [run(0, 5)]);
    const failed = ended({ kind: 'failed' }, [run(0, 7)]);
    const going = operation('part', { phase: 'running', segments: [run(2)] });
    assert.equal(asWhole(operation('all'), [passed, going]).outcome, undefined);
    assert.equal(asWhole(operation('all'), [passed, going]).phase, 'running');
    assert.deepEqual(asWhole(operation('all'), [passed, failed]).outcome, { kind: 'failed' });
    assert.deepEqual(asWhole(operation('all'), [passed, failed]).segments, [run(0, 7)]);
  });

  it('has the findings of all parts by place; what every part says is said once', () => {
    const common = finding('/w/config', 1);
    const whole = asWhole(operation('all'), [
      ended({ kind: 'failed' }, [], [finding('/w/b', 2), common]),
      ended({ kind: 'failed' }, [], [common, finding('/w/a', 9), finding('/w/a', 9)]),
    ]);
    assert.deepEqual(
      whole.findings.map(({ file, line }) => `${file}:${line}`),
      ['/w/a:9', '/w/a:9', '/w/b:2', '/w/config:1'],
    );
  });

  it('accounts for its time without gap or overlap, whatever its parts did', () => {
    const segments = fc
      .array(fc.tuple(fc.constantFrom('blocked', 'locked', 'queued', 'running'), fc.integer({ min: 1, max: 20 })), {
        minLength: 1,
      })
      .map((steps) => {
        let at = 0;
        return steps.map(([phase, length]): Segment => {
          const from = at;
          at += length;
          return { phase, from, to: at };
        });
      });
    fc.assert(
      fc.property(fc.array(segments, { minLength: 2, maxLength: 4 }), (all) => {
        const merged = asWhole(
          operation('all'),
          all.map((each) => ended({ kind: 'passed' }, each)),
        ).segments;
        assert.equal(merged[0]?.from, 0);
        assert.equal(merged.at(-1)?.to, Math.max(...all.map((each) => each.at(-1)?.to ?? 0)));
        for (const [index, segment] of merged.entries()) if (index > 0) assert.equal(segment.from, merged[index - 1]?.to);
        const runs = (at: number) =>
          all.some((each) => each.some(({ phase, from, to = 0 }) => phase === 'running' && from <= at && at < to));
        for (const { phase, from } of merged) assert.equal(phase === 'running', runs(from));
      }),
    );
  });

  it('stands aside for its parts where it counts what was executed', () => {
    const parts = [operation('a#1/2'), operation('a#2/2')];
    assert.deepEqual(
      leavesOf([operation('a', { parts }), operation('b')]).map(({ id }) => id),
      ['a#1/2', 'a#2/2', 'b'],
    );
  });
});

describe('Outcomes', () => {
  it('that are cached count as what they were', () => {
    const cached = (was: 'passed' | 'failed'): Outcome => ({ kind: 'cached', was, run: 'r' as RunId, ageMs: 1 });
    assert.equal(effectiveKind(cached('failed')), 'failed');
    assert.deepEqual([cached('passed'), cached('failed'), undefined].map(didNotPass), [false, true, false]);
    assert.deepEqual(worst([cached('failed'), { kind: 'passed' }]), cached('failed'));
  });

  it('of parts are as bad as the worst', () => {
    const stopped: Outcome = { kind: 'cancelled', cause: { kind: 'fail fast', because: 'x' as OperationId } };
    const order: readonly Outcome[] = [
      { kind: 'passed' },
      stopped,
      { kind: 'failed' },
      { kind: 'timed out', afterMs: 1 },
      { kind: 'errored', failure: { kind: 'died', signal: 'SIGSEGV' } },
      { kind: 'cancelled', cause: { kind: 'user' } },
    ];
    for (const [index, better] of order.entries()) {
      for (const worse of order.slice(index + 1)) {
        assert.deepEqual(worst([better, worse]), worse);
        assert.deepEqual(worst([worse, better]), worse);
      }
    }
  });
});
