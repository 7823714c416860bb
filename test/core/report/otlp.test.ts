import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunState } from '../../../src/core/model.js';
import { leavesOf } from '../../../src/core/parts.js';
import { type OtlpSpan, otlpReport, otlpSpans } from '../../../src/core/report/otlp.js';
import { blockOf, type ReportSubject } from '../../../src/core/report/subject.js';
import { anyRun, anySchedule, rareRun, SHOP_RUN, shopVerification } from '../../support/reports.js';

const run = (state: RunState): ReportSubject => ({ kind: 'run', state });

function attributes(span: OtlpSpan | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** What the protocol and the data model demand of spans. */
function checked(subject: ReportSubject): readonly OtlpSpan[] {
  const spans = otlpSpans(subject);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  assert.equal(byId.size, spans.length, 'ids are unique');
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, Math.min(1, spans.length));
  for (const span of spans) {
    assert.match(span.traceId, /^(?!0{32})[0-9a-f]{32}$/);
    assert.match(span.spanId, /^(?!0{16})[0-9a-f]{16}$/);
    assert.match(span.startTimeUnixNano, /^\d{19}$/);
    assert.match(span.endTimeUnixNano, /^\d{19}$/);
    assert.ok(BigInt(span.startTimeUnixNano) <= BigInt(span.endTimeUnixNano));
    for (const { value } of span.attributes) if ('intValue' in value) assert.match(value.intValue, /^-?\d+$/);
    if (span.parentSpanId === undefined) continue;
    const parent = byId.get(span.parentSpanId);
    assert.ok(parent && spans.indexOf(parent) < spans.indexOf(span), 'parents come first');
    assert.ok(BigInt(parent.startTimeUnixNano) <= BigInt(span.startTimeUnixNano));
    assert.ok(BigInt(parent.endTimeUnixNano) >= BigInt(span.endTimeUnixNano), `${span.name} ends within ${parent.name}`);
  }
  assert.equal(spans.filter(({ parentSpanId }) => parentSpanId === undefined).length, Math.min(1, spans.length));
  return spans;
}

describe('Spans of OpenTelemetry', () => {
  it('are sound: one root, children inside of their parents, ids and times as the encoding wants them', () => {
    for (const subject of [SHOP_RUN, shopVerification(), run(rareRun())]) checked(subject);
    fc.assert(
      fc.property(fc.oneof(anyRun, anySchedule), (state) => void checked(run(state))),
      { numRuns: 60 },
    );
  });

  it('are the run, below it its operations, and below each of them its phases in their order', () => {
    const state = rareRun();
    const spans = checked(run(state));
    const [root] = spans;
    const children = (parent: OtlpSpan | undefined) => spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId);
    const executed = leavesOf(state.operations).filter(({ segments }) => segments.length > 0);
    assert.deepEqual(
      children(root).map(({ name }) => name),
      executed.map(({ name }) => name),
    );
    const flaky = children(root)[0];
    assert.deepEqual(
      children(flaky).map(({ name }) => name),
      ['queued', 'running', 'blocked', 'running'],
    );
    const [queued] = children(flaky);
    assert.equal(queued?.startTimeUnixNano, '1740824100000000000');
    assert.equal(queued?.endTimeUnixNano, '1740824100000200000');
  });

  it('have the status and the attributes of how each ended', () => {
    const spans = checked(run(rareRun()));
    const status = (name: string) => spans.find((span) => span.name === name)?.status;
    assert.deepEqual(status('flaky'), { code: 2, message: 'It was ended by SIGKILL from outside.' });
    assert.deepEqual(status('one'), { code: 1 });
    assert.deepEqual(status('cut short'), {});
    assert.deepEqual(status('test.2'), { code: 2, message: 'no' });
    const root = attributes(spans[0]);
    assert.deepEqual(
      [root['cicd.pipeline.result'], root['cicd.pipeline.run.id'], root['volley.run.cached']],
      ['cancellation', '20250301T101500000-abcdef', { values: [{ stringValue: 'answered' }] }],
    );
    const flaky = attributes(spans.find(({ name }) => name === 'flaky'));
    assert.deepEqual([flaky['cicd.pipeline.task.run.result'], flaky['volley.operation.attempts']], ['error', '2']);
  });

  it('link what waited to what it waited for', () => {
    const spans = checked(run(rareRun()));
    const flaky = spans.find(({ name }) => name === 'flaky');
    const one = spans.find(({ name }) => name === 'one');
    const blocked = spans.find(({ name, parentSpanId }) => name === 'blocked' && parentSpanId === one?.spanId);
    assert.deepEqual(
      blocked?.links?.map(({ spanId }) => spanId),
      [flaky?.spanId],
    );
  });

  it('of a verification stand below one span, which says what was measured', () => {
    const subject = shopVerification();
    const [root, ...others] = checked(subject);
    assert.equal(root?.name, 'Verify Speedup');
    assert.equal(attributes(root)['volley.verification.pairs'], '3');
    for (const { name, value } of blockOf(subject))
      assert.equal(attributes(root)[`volley.verification.block.${name.replaceAll(' ', '_')}`], value);
    assert.equal(attributes(root)['volley.verification.probability'], subject.verification.probability);
    assert.equal(others.filter(({ parentSpanId }) => parentSpanId === root?.spanId).length, 6);
  });

  it('are the same each time, so that who gets a run twice can tell', () => {
    assert.deepEqual(otlpSpans(SHOP_RUN), otlpSpans(SHOP_RUN));
    const other = run({ ...rareRun(), run: 'another' as RunState['run'] });
    assert.notEqual(otlpSpans(run(rareRun()))[0]?.traceId, otlpSpans(other)[0]?.traceId);
  });

  it('say whose they are', () => {
    const document = JSON.parse(otlpReport(SHOP_RUN, { version: '1.2.3', service: 'shop', resource: { team: 'a' } }));
    assert.deepEqual(document.resourceSpans[0].resource.attributes, [
      { key: 'service.name', value: { stringValue: 'shop' } },
      { key: 'team', value: { stringValue: 'a' } },
    ]);
    assert.deepEqual(document.resourceSpans[0].scopeSpans[0].scope, { name: 'volley', version: '1.2.3' });
  });
});
