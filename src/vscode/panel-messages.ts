/** Checks what comes from the webview and from its memory: both are outside, whatever their types say. Pure. */
import type { OperationId, RunId, VerificationId } from '../core/model.js';
import type { TuningId } from '../core/tuning-model.js';
import { EXPORTS, type FromWebview } from '../protocol.js';

/** What the panel shows. `latest` follows what goes on. */
export type PanelTarget =
  | { readonly kind: 'latest' }
  | { readonly kind: 'run'; readonly run: RunId }
  | { readonly kind: 'verification'; readonly verification: VerificationId }
  | { readonly kind: 'tuning'; readonly tuning: TuningId }
  | { readonly kind: 'inspection'; readonly run: RunId }
  | { readonly kind: 'trends' }
  | { readonly kind: 'comparison'; readonly before: RunId; readonly after: RunId };

/** The message, or undefined when it is not one. */
export function parseMessage(value: unknown): FromWebview | undefined {
  const message = record(value);
  switch (message?.['type']) {
    case 'ready':
    case 'run all':
    case 'verify':
    case 'cancel':
      return { type: message['type'] };
    case 'tune again':
    case 'use slots': {
      const tuning = text(message['tuning']);
      return tuning === undefined ? undefined : { type: message['type'], tuning: tuning as TuningId };
    }
    case 'run again': {
      const operation = text(message['operation']);
      return operation === undefined ? undefined : { type: 'run again', operation: operation as OperationId };
    }
    case 'request output':
    case 'open output': {
      const run = text(message['run']);
      const operation = text(message['operation']);
      if (run === undefined || operation === undefined) return undefined;
      return { type: message['type'], run: run as RunId, operation: operation as OperationId };
    }
    case 'open answer':
    case 'copy answer':
    case 'inspect again':
    case 'show timing':
    case 'show inspection': {
      const run = text(message['run']);
      return run === undefined ? undefined : { type: message['type'], run: run as RunId };
    }
    case 'compare': {
      const [before, after] = [id(message['before']), id(message['after'])];
      if (before === undefined || after === undefined) return undefined;
      return { type: 'compare', before: before as RunId, after: after as RunId };
    }
    case 'open file':
    case 'export':
      return ofInspection(message['type'], message);
    case 'open finding': {
      const file = text(message['file']);
      const line = place(message['line']);
      const column = place(message['column']);
      return file === undefined || line === undefined || column === undefined
        ? undefined
        : { type: 'open finding', file, line, column };
    }
    default:
      return undefined;
  }
}

function ofInspection(type: 'open file' | 'export', message: Readonly<Record<string, unknown>>): FromWebview | undefined {
  const run = text(message['run']) as RunId | undefined;
  if (run === undefined) return undefined;
  if (type === 'open file') {
    const row = index(message['row']);
    const line = place(message['line']);
    const column = place(message['column']);
    if (row === undefined) return undefined;
    return { type, run, row, ...(line === undefined ? {} : { line, ...(column === undefined ? {} : { column }) }) };
  }
  const format = EXPORTS.find((each) => each === message['format']);
  const rows = message['rows'];
  if (!format || !Array.isArray(rows) || !rows.every((row) => index(row) !== undefined)) return undefined;
  return { type, run, format, rows };
}

/** What a panel showed before the window was reloaded. */
export function parseMemory(value: unknown): PanelTarget {
  const memory = record(value);
  if (memory?.['version'] !== 1) return { kind: 'latest' };
  if (memory['trends'] === true) return { kind: 'trends' };
  const [before, after] = ['before', 'after'].map((name) => id(record(memory['comparison'])?.[name]) as RunId | undefined);
  if (before !== undefined && after !== undefined) return { kind: 'comparison', before, after };
  const verification = id(memory['verification']);
  if (verification !== undefined) return { kind: 'verification', verification: verification as VerificationId };
  const tuning = id(memory['tuning']);
  if (tuning !== undefined) return { kind: 'tuning', tuning: tuning as TuningId };
  const inspection = id(record(memory['inspection'])?.['run']);
  if (inspection !== undefined) return { kind: 'inspection', run: inspection as RunId };
  const run = id(memory['run']);
  return run === undefined ? { kind: 'latest' } : { kind: 'run', run: run as RunId };
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A run or verification: nothing that means something in a path. */
function id(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]+$/.test(value) ? value : undefined;
}

function index(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function place(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : undefined;
}
