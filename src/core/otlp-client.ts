/**
 * Hands spans to an endpoint: OTLP over HTTP with JSON, as the specification of the OpenTelemetry protocol has it, steered by the standard
 * variables of the environment. The kits of OpenTelemetry would bring some megabytes for this one request.
 */
import http from 'node:http';
import https from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { countText, quotable } from './messages.js';
import { type OtlpSource, type OtlpSpan, otlpRequest } from './report/otlp.js';
import { plainJson } from './report/plain-text.js';

/** Where spans go, and how. */
export interface OtlpTarget {
  readonly kind: 'target';
  readonly endpoint: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** For all of it together, attempts and waits. */
  readonly timeoutMs: number;
  readonly compress: boolean;
  readonly source: Omit<OtlpSource, 'version'>;
}

export type OtlpSent =
  /** `note`: what the endpoint said besides, and how many spans it did not take. */
  { readonly kind: 'sent'; readonly spans: number; readonly endpoint: string; readonly note?: string } | OtlpProblem;

/** `message`: sentences that say what happened and what to do. */
export interface OtlpProblem {
  readonly kind: 'problem';
  readonly message: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The path of spans below an endpoint for all signals. */
const TRACES = 'v1/traces';
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Where a user wants spans to go: `typed`, else what `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` says as it is, else what
 * `OTEL_EXPORTER_OTLP_ENDPOINT` says with `/v1/traces` below it. Headers, time limit, compression, service and resource come from their
 * variables.
 */
export function otlpTarget(typed: string | undefined, env: Environment): OtlpTarget | OtlpProblem {
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  const named = typed || own || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!named)
    return problem(
      'No endpoint for OpenTelemetry spans is known. Name one, say http://localhost:4318, or set OTEL_EXPORTER_OTLP_ENDPOINT.',
    );
  const endpoint = URL.canParse(named) ? new URL(named) : undefined;
  if (!endpoint || !/^https?:$/.test(endpoint.protocol))
    return problem(
      `"${quotable(named)}" is no address of an endpoint. It begins with http:// or https://, say http://localhost:4318.`,
    );
  const protocol = setting('PROTOCOL', env);
  if (protocol === 'grpc' && !typed)
    return problem(
      'OTEL_EXPORTER_OTLP_PROTOCOL asks for grpc, and Volley sends OTLP over HTTP. Name the HTTP endpoint of the collector, mostly on port 4318.',
    );
  if (named !== own && !endpoint.pathname.endsWith(`/${TRACES}`))
    endpoint.pathname = `${endpoint.pathname.replace(/\/$/, '')}/${TRACES}`;
  const timeout = Number(setting('TIMEOUT', env));
  const headers = { ...pairs(env['OTEL_EXPORTER_OTLP_HEADERS']), ...pairs(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS']) };
  const { 'service.name': service = env['OTEL_SERVICE_NAME'], ...resource } = {
    ...pairs(env['OTEL_RESOURCE_ATTRIBUTES']),
    ...(env['OTEL_SERVICE_NAME'] ? { 'service.name': env['OTEL_SERVICE_NAME'] } : {}),
  };
  return {
    kind: 'target',
    endpoint,
    headers,
    timeoutMs: timeout > 0 ? timeout : DEFAULT_TIMEOUT_MS,
    compress: setting('COMPRESSION', env) === 'gzip',
    source: { resource, ...(service ? { service } : {}) },
  };
}

/** The variable for traces, else that for all signals. */
function setting(name: 'PROTOCOL' | 'TIMEOUT' | 'COMPRESSION', env: Environment): string | undefined {
  return env[`OTEL_EXPORTER_OTLP_TRACES_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`];
}

/** `key=value,key=value` with percent-encoded values. What is no pair is passed over. */
function pairs(text: string | undefined): Readonly<Record<string, string>> {
  const found = (text ?? '').split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    const key = pair.slice(0, at).trim();
    return at < 1 || key === '' ? [] : [[key, decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(found);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** So many spans go into one request: collectors take no more than some megabytes. */
const SPANS_A_REQUEST = 2000;

/** Sends all spans. Never rejects. `retryAfterMs`: the wait before the second attempt when the endpoint names none; doubled each time. */
export async function sendSpans(
  spans: readonly OtlpSpan[],
  target: OtlpTarget,
  { version, retryAfterMs = 1000 }: { readonly version: string; readonly retryAfterMs?: number },
): Promise<OtlpSent> {
  const deadline = AbortSignal.timeout(target.timeoutMs);
  const notes: string[] = [];
  let rejected = 0;
  for (let from = 0; from < spans.length; from += SPANS_A_REQUEST) {
    const text = plainJson(otlpRequest(spans.slice(from, from + SPANS_A_REQUEST), { ...target.source, version }));
    const body = target.compress ? await promisify(gzip)(text) : Buffer.from(text);
    const answer = await patiently(() => post(target, body, deadline), deadline, retryAfterMs);
    if (answer.kind === 'problem') return withProgress(answer, from, spans.length);
    rejected += answer.rejected;
    if (answer.note !== undefined) notes.push(answer.note);
  }
  const refused = rejected > 0 ? [`${countText(rejected, 'span')} of them refused.`] : [];
  const note = [...refused, ...new Set(notes)].join(' ');
  return { kind: 'sent', spans: spans.length, endpoint: shown(target.endpoint), ...(note === '' ? {} : { note }) };
}

function withProgress({ message }: OtlpProblem, sent: number, all: number): OtlpProblem {
  return problem(sent === 0 ? message : `${message} ${sent} of ${all} spans had arrived before.`);
}

type Answer =
  | { readonly kind: 'taken'; readonly rejected: number; readonly note?: string }
  | (OtlpProblem & { readonly again?: { readonly afterMs?: number } });

const MOST_ATTEMPTS = 4;

/** Again where the protocol says that this may help, as long as there is time. */
async function patiently(attempt: () => Promise<Answer>, deadline: AbortSignal, firstWaitMs: number): Promise<Answer> {
  let answer = await attempt();
  for (let attempts = 1; attempts < MOST_ATTEMPTS && answer.kind === 'problem' && answer.again; attempts += 1) {
    const waited = await wait(answer.again.afterMs ?? firstWaitMs * 2 ** (attempts - 1), true, { signal: deadline }).catch(
      () => false,
    );
    if (!waited) return answer;
    answer = await attempt();
  }
  return answer;
}

function post({ endpoint, headers, timeoutMs, compress }: OtlpTarget, body: Buffer, signal: AbortSignal): Promise<Answer> {
  const at = shown(endpoint);
  return new Promise((resolve) => {
    try {
      const options = {
        method: 'POST',
        signal,
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': body.length,
          ...(compress ? { 'content-encoding': 'gzip' } : {}),
        },
      };
      const request = (endpoint.protocol === 'https:' ? https : http).request(endpoint, options, (response) => {
        beginningOf(response).then(
          (text) => resolve(answerOf(response, text, at)),
          (error: NodeJS.ErrnoException) => resolve(unreached(error, at, timeoutMs)),
        );
      });
      request.on('error', (error: NodeJS.ErrnoException) => resolve(unreached(error, at, timeoutMs)));
      request.end(body);
    } catch (error) {
      // A header that no request can have.
      const why = error instanceof Error ? error.message : String(error);
      resolve(problem(`No spans were sent to ${at}: ${quotable(why)}. Check OTEL_EXPORTER_OTLP_HEADERS.`));
    }
  });
}

/** Of an answer nobody reads more. */
const MOST_ANSWER_BYTES = 64 * 1024;

async function beginningOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= MOST_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answerOf({ statusCode = 0, headers }: http.IncomingMessage, text: string, at: string): Answer {
  if (statusCode >= 200 && statusCode < 300) return takenOf(text);
  const said = saidIn(text);
  const answered = `${at} answered ${statusCode}${said === '' ? '' : ` (${said})`}, so no spans arrived.`;
  if (statusCode >= 300 && statusCode < 400)
    return problem(`${answered} Name the address that it points to: ${quotable(headers.location ?? 'it names none')}.`);
  if (statusCode === 401 || statusCode === 403)
    return problem(`${answered} It wants other credentials: set them with OTEL_EXPORTER_OTLP_HEADERS.`);
  if (statusCode === 404 || statusCode === 405)
    return problem(`${answered} Check the address: spans are taken below /${TRACES}.`);
  if (statusCode === 415) return problem(`${answered} It does not take JSON. A collector of OpenTelemetry in front of it does.`);
  if ([429, 502, 503, 504].includes(statusCode)) {
    const afterMs = retryAfter(headers['retry-after']);
    return { ...problem(`${answered} Try again later.`), again: afterMs === undefined ? {} : { afterMs } };
  }
  return problem(`${answered} Its log may say why.`);
}

/** Seconds, or a date. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** ExportTraceServiceResponse: what was not taken, and what it has to say though it took all. */
function takenOf(text: string): Answer {
  try {
    const { partialSuccess } = JSON.parse(text) as { partialSuccess?: { rejectedSpans?: unknown; errorMessage?: unknown } };
    const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
    const note = partialSuccess?.errorMessage;
    return {
      kind: 'taken',
      rejected: rejected > 0 ? rejected : 0,
      ...(typeof note === 'string' && note !== '' ? { note: quotable(note).slice(0, 500) } : {}),
    };
  } catch {
    // Nothing, or no JSON: what counts is the code.
    return { kind: 'taken', rejected: 0 };
  }
}

/** The message of a Status, or the beginning of whatever came. */
function saidIn(text: string): string {
  let message = text;
  try {
    const status = JSON.parse(text) as { message?: unknown };
    if (typeof status?.message === 'string') message = status.message;
  } catch {
    // A page of a proxy, or plain text.
  }
  return quotable(message.replace(/\s+/g, ' ').trim()).slice(0, 200);
}

function unreached(error: NodeJS.ErrnoException, at: string, timeoutMs: number): OtlpProblem {
  const late = error.name === 'AbortError' || error.name === 'TimeoutError';
  if (late)
    return problem(`${at} did not answer within ${timeoutMs} ms, so no spans arrived. OTEL_EXPORTER_OTLP_TIMEOUT allows more.`);
  switch (error.code) {
    case 'ECONNREFUSED':
      return problem(`Nothing listens at ${at}, so no spans arrived. Start a collector there, or name another endpoint.`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return problem(`The host of ${at} was not found, so no spans arrived. Check the address and the network.`);
    default:
      return problem(`The connection to ${at} broke (${quotable(error.code ?? error.message)}), so no spans arrived.`);
  }
}

/** Without credentials, which may stand in an address. */
function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function problem(message: string): OtlpProblem {
  return { kind: 'problem', message };
}
