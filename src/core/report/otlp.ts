/**
 * Pure: runs as OpenTelemetry spans, in the JSON encoding of OTLP (ExportTraceServiceRequest of opentelemetry-proto 1.x): ids in
 * hexadecimal, times in nanoseconds as decimal strings, enumerations as numbers.
 *
 * A run is a span, below it each operation, below that what it did: blocked, locked, queued, running. Of a verification all runs are
 * below one span. Ids follow from the ids of runs and operations, so that the same run exported twice gives the same spans.
 */

import { outcomeReason } from '../messages.js';
import type { OperationState, Outcome, RunOutcome, RunState, Segment } from '../model.js';
import { effectiveKind, leavesOf } from '../parts.js';
import { timing } from '../timing.js';
import { verdictText } from '../verification-text.js';
import { oneLine, plainJson } from './plain-text.js';
import { blockOf, PRODUCT, type ReportSubject, runsOf, titleOf } from './subject.js';

type Value =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  /** 64 bits are a string in JSON. */
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly Value[] } };

/** A name and a value. */
export interface Attribute {
  readonly key: string;
  readonly value: Value;
}

/** One span as it is sent. */
export interface OtlpSpan {
  /** 32 and 16 hexadecimal digits, never all zero. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** SPAN_KIND_INTERNAL. */
  readonly kind: 1;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 1: ok. 2: error. Empty: neither. */
  readonly status: { readonly code?: 1 | 2; readonly message?: string };
}

/** Of whom the spans are. */
export interface OtlpSource {
  readonly version: string;
  /** Name of the service; that of the product when left out. */
  readonly service?: string;
  /** Further attributes of the resource. */
  readonly resource?: Readonly<Record<string, string>>;
}

/** The spans in one document, as it could be sent. */
export function otlpReport(subject: ReportSubject, source: OtlpSource): string {
  return plainJson(otlpRequest(otlpSpans(subject), source));
}

/** A request that hands over these spans. */
export function otlpRequest(spans: readonly OtlpSpan[], { version, service = PRODUCT.packageName, resource = {} }: OtlpSource) {
  const attributes = [
    text('service.name', service),
    ...(service === PRODUCT.packageName ? [text('service.version', version)] : []),
    ...Object.entries(resource).map(([key, value]) => text(key, value)),
  ];
  return {
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: PRODUCT.packageName, version }, spans }] }],
  };
}

/** Parents before their children. */
export function otlpSpans(subject: ReportSubject): readonly OtlpSpan[] {
  const runs = runsOf(subject);
  if (subject.kind === 'run') return runSpans(subject.state, { traceId: hash(subject.state.run, 32) });
  const { verification } = subject;
  const traceId = hash(verification.id, 32);
  const times = runs.flatMap((state) => [nanoseconds(state, 0), nanoseconds(state, state.at)]);
  const whole: OtlpSpan = {
    traceId,
    spanId: hash(`${verification.id} verification`, 16),
    name: oneLine(titleOf(subject)),
    kind: 1,
    startTimeUnixNano: String(least(times)),
    endTimeUnixNano: String(most(times)),
    attributes: [
      text('volley.verification.id', verification.id),
      text('volley.verification.verdict', verification.verdict),
      ...(verification.ratio === undefined ? [] : [double('volley.verification.speedup', verification.ratio)]),
      ...(verification.interval
        ? [
            double('volley.verification.interval.low', verification.interval.low),
            double('volley.verification.interval.high', verification.interval.high),
          ]
        : []),
      integer('volley.verification.pairs', verification.ratios.length),
      double('volley.verification.target', verification.target),
      ...(verification.sequentialMs === undefined
        ? []
        : [double('volley.verification.sequential.ms', verification.sequentialMs)]),
      ...(verification.parallelMs === undefined ? [] : [double('volley.verification.parallel.ms', verification.parallelMs)]),
      ...(verification.probability === undefined ? [] : [double('volley.verification.probability', verification.probability)]),
      ...blockOf(subject).map(({ name, value }) => text(`volley.verification.block.${name.replaceAll(' ', '_')}`, value)),
    ],
    status: verification.verdict === 'results differ' ? { code: 2, message: oneLine(verdictText(verification)) } : { code: 1 },
  };
  return [whole, ...runs.flatMap((state) => runSpans(state, { traceId, parent: whole.spanId }))];
}

interface Place {
  readonly traceId: string;
  readonly parent?: string;
}

function runSpans(state: RunState, { traceId, parent }: Place): readonly OtlpSpan[] {
  const account = timing(state);
  const spanId = hash(`${state.run} run`, 16);
  const leaves = leavesOf(state.operations);
  const ended = (kind: Outcome['kind']) => leaves.filter(({ outcome }) => outcome?.kind === kind).map(({ id }) => id);
  const run: OtlpSpan = {
    traceId,
    spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    name: oneLine(state.label),
    kind: 1,
    startTimeUnixNano: String(nanoseconds(state, 0)),
    endTimeUnixNano: String(nanoseconds(state, state.at)),
    attributes: [
      text('cicd.pipeline.name', state.label),
      text('cicd.pipeline.run.id', state.run),
      text('cicd.pipeline.result', runResult(state.outcome)),
      text('volley.run.mode', state.mode),
      text('volley.run.scope', state.scope),
      text('volley.run.outcome', state.outcome ?? 'running'),
      integer('volley.run.slots', account.slots),
      double('volley.run.makespan_ms', account.makespanMs),
      double('volley.run.sum_ms', account.sumMs),
      double('volley.run.overlap', account.overlap),
      texts(
        'volley.run.critical_path',
        account.criticalPath.map(({ operation }) => operation),
      ),
      // They have no span: nothing of them took time.
      texts('volley.run.cached', ended('cached')),
      texts('volley.run.skipped', ended('skipped')),
    ].filter(holdsSomething),
    status: runStatus(state),
  };
  return [run, ...leaves.flatMap((operation) => operationSpans(operation, state, { traceId, parent: spanId }))];
}

function operationSpans(operation: OperationState, state: RunState, { traceId, parent }: Place & { readonly parent: string }) {
  const { id, name, group, outcome, findings, exitCode, command, invocation, attempts, lane, part } = operation;
  const first = operation.segments[0];
  const last = operation.segments.at(-1);
  if (!first || !last) return [];
  const spanId = operationSpanId(state, id);
  const span: OtlpSpan = {
    traceId,
    spanId,
    parentSpanId: parent,
    name: oneLine(name),
    kind: 1,
    startTimeUnixNano: String(nanoseconds(state, first.from)),
    endTimeUnixNano: String(nanoseconds(state, last.to ?? state.at)),
    attributes: [
      text('cicd.pipeline.task.name', name),
      text('cicd.pipeline.task.run.id', `${state.run} ${id}`),
      ...(outcome ? [text('cicd.pipeline.task.run.result', taskResult(outcome))] : []),
      ...(TASK_TYPES[group] === undefined ? [] : [text('cicd.pipeline.task.type', TASK_TYPES[group])]),
      text('volley.operation.id', id),
      text('volley.operation.group', group),
      text('volley.operation.tool', invocation?.tool ?? 'command'),
      text('volley.operation.outcome', outcome?.kind ?? 'running'),
      integer('volley.operation.findings', findings.length),
      integer('volley.operation.attempts', attempts),
      ...(lane === undefined ? [] : [integer('volley.operation.slot', lane + 1)]),
      ...(part === undefined ? [] : [text('volley.operation.part_of', part.of)]),
      ...(exitCode === undefined ? [] : [integer('process.exit.code', exitCode)]),
      ...(command === undefined ? [] : [texts('process.command_args', command.argv)]),
    ].filter(holdsSomething),
    status: operationStatus(operation),
  };
  return [span, ...operation.segments.map((segment, index) => phaseSpan(segment, index, { traceId, operation, state, spanId }))];
}

interface Owner {
  readonly traceId: string;
  readonly operation: OperationState;
  readonly state: RunState;
  readonly spanId: string;
}

/** What it waited for is linked. */
function phaseSpan({ phase, from, to, by = [], lane }: Segment, index: number, owner: Owner): OtlpSpan {
  const { traceId, operation, state, spanId } = owner;
  return {
    traceId,
    spanId: hash(`${state.run} ${operation.id} ${index}`, 16),
    parentSpanId: spanId,
    name: phase,
    kind: 1,
    startTimeUnixNano: String(nanoseconds(state, from)),
    endTimeUnixNano: String(nanoseconds(state, to ?? state.at)),
    attributes: [
      text('volley.phase', phase),
      ...(lane === undefined ? [] : [integer('volley.operation.slot', lane + 1)]),
      texts('volley.phase.by', by),
    ].filter(holdsSomething),
    ...(by.length === 0 ? {} : { links: by.slice(0, MOST_LINKS).map((id) => ({ traceId, spanId: operationSpanId(state, id) })) }),
    status: {},
  };
}

/** The default limit of OpenTelemetry. */
const MOST_LINKS = 128;

function operationSpanId({ run }: RunState, operation: string): string {
  return hash(`${run} ${operation}`, 16);
}

function runStatus({ outcome }: RunState): OtlpSpan['status'] {
  switch (outcome) {
    case 'passed':
      return { code: 1 };
    case 'failed':
      return { code: 2, message: 'An operation failed.' };
    case 'errored':
      return { code: 2, message: 'An operation could not do its work.' };
    case 'cancelled':
    case undefined:
      return {};
    default:
      return outcome satisfies never;
  }
}

function operationStatus({ outcome, findings }: OperationState): OtlpSpan['status'] {
  if (!outcome) return {};
  const kind = effectiveKind(outcome);
  switch (kind) {
    case 'passed':
      return { code: 1 };
    case 'failed':
      return { code: 2, message: oneLine(findings[0]?.message ?? outcomeReason(outcome) ?? 'It failed.').slice(0, 1000) };
    case 'errored':
    case 'timed out':
      return { code: 2, message: oneLine(outcomeReason(outcome) ?? kind) };
    case 'cancelled':
    case 'skipped':
    case 'rolled back':
      return {};
    default:
      return kind satisfies never;
  }
}

/** The values of the semantic conventions for continuous integration. */
function runResult(outcome: RunOutcome | undefined): string {
  const results = { passed: 'success', failed: 'failure', errored: 'error', cancelled: 'cancellation' } as const;
  return results[outcome ?? 'cancelled'];
}

function taskResult(outcome: Outcome): string {
  const results = {
    passed: 'success',
    failed: 'failure',
    errored: 'error',
    'timed out': 'timeout',
    cancelled: 'cancellation',
    skipped: 'skip',
    'rolled back': 'cancellation',
  } as const;
  return results[effectiveKind(outcome)];
}

const TASK_TYPES: Readonly<Record<string, string>> = { test: 'test', build: 'build' };

// -------------------------------------------------------------------------------------------------------------- encoding

/** Nanoseconds since 1970, by the wall clock at the start of the run and its monotonic clock from there. */
function nanoseconds({ startedAt }: RunState, ms: number): bigint {
  const start = Date.parse(startedAt);
  return BigInt(Number.isFinite(start) ? start : 0) * 1_000_000n + BigInt(Math.round(Math.max(0, ms) * 1e6));
}

function least(values: readonly bigint[]): bigint {
  return values.reduce((best, value) => (value < best ? value : best), values[0] ?? 0n);
}

function most(values: readonly bigint[]): bigint {
  return values.reduce((best, value) => (value > best ? value : best), values[0] ?? 0n);
}

function text(key: string, value: string): Attribute {
  return { key, value: { stringValue: value } };
}

function texts(key: string, values: readonly string[]): Attribute {
  return { key, value: { arrayValue: { values: values.map((stringValue) => ({ stringValue })) } } };
}

function integer(key: string, value: number): Attribute {
  return { key, value: { intValue: String(Math.trunc(value)) } };
}

function double(key: string, doubleValue: number): Attribute {
  return { key, value: { doubleValue } };
}

function holdsSomething({ value }: Attribute): boolean {
  return !('arrayValue' in value) || value.arrayValue.values.length > 0;
}

/** So many hexadecimal digits that follow from the name: four times FNV-1a with its own start and prime each, then mixed. It only has to tell names apart. */
function hash(name: string, digits: 16 | 32): string {
  const words = STARTS.slice(0, digits / 8).map((start, word) => {
    let value = start;
    for (let index = 0; index < name.length; index += 1) value = Math.imul(value ^ name.charCodeAt(index), PRIMES[word] ?? 1);
    value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
    return ((value ^ (value >>> 16)) >>> 0).toString(16).padStart(8, '0');
  });
  const all = words.join('');
  return /[^0]/.test(all) ? all : all.replace(/0$/, '1');
}

const STARTS = [0x811c9dc5, 0x9e3779b9, 0x243f6a88, 0xb7e15162];
const PRIMES = [0x01000193, 0x01000197, 0x010001a5, 0x010001b1];
