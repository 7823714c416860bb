/**
 * The tool Fetch: one request over HTTP, its redirects followed one by one, and the answer as text. Limited in time, in bytes and in
 * redirects; no connection outlives it.
 */
import http from 'node:http';
import https from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import * as z from 'zod/mini';
import { failureText } from '../messages.js';
import { htmlToText } from './html-text.js';
import { INTERRUPTED, type Tool, type ToolAccess, type ToolContext, type ToolResult, toolFailed } from './tool.js';

const DEFAULT_SECONDS = 30;
const DEFAULT_BYTES = 5_000_000;
const DEFAULT_REDIRECTS = 5;
const PROGRESS_MS = 150;

const described = <T extends z.ZodMiniType>(description: string, schema: T): T => {
  z.globalRegistry.add(schema, { description });
  return schema;
};

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** What says how a message is sent is not the user's to say. */
const OWN_HEADERS = /^(connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;
const headerName = z.string().check(
  z.regex(/^[\w!#$%&'*+.^`|~-]+$/, 'The name of a header is expected.'),
  z.refine((name) => !OWN_HEADERS.test(name), 'This header is set by Volley.'),
);

/** What the tool takes. */
export const fetchInput = z
  .strictObject({
    url: described('Address, with http:// or https://.', z.string().check(z.minLength(1))),
    method: z.optional(described('`GET` when left out.', z.enum(METHODS))),
    headers: z.optional(
      described(
        'Headers of the request. Only harmless ones go with a redirect to another origin.',
        z.record(headerName, z.string()),
      ),
    ),
    body: z.optional(described('Body of the request, as text.', z.string())),
    timeout: z.optional(
      described(
        'Seconds in which the whole answer has to be there. 30 when left out.',
        z.number().check(z.positive(), z.lte(86_400)),
      ),
    ),
    most: z.optional(
      described(
        'Bytes after which the answer is cut. 5,000,000 when left out.',
        z.number().check(z.int(), z.positive(), z.lte(50_000_000)),
      ),
    ),
    redirects: z.optional(
      described('How many redirects are followed. 5 when left out.', z.number().check(z.int(), z.gte(0), z.lte(20))),
    ),
    as: z.optional(
      described(
        '`text` (the default): HTML becomes readable text, and JSON is there as data, too. `json`: the answer has to be JSON. `raw`: text as ' +
          'it was sent.',
        z.enum(['text', 'json', 'raw']),
      ),
    ),
  })
  .check(
    z.refine(({ method = 'GET', body }) => body === undefined || !isRead(method), {
      message: 'A request with GET or HEAD has no body.',
      path: ['body'],
    }),
  );

export type FetchInput = z.infer<typeof fetchInput>;
type Method = (typeof METHODS)[number];

/** Asks a server. GET and HEAD read, the other methods write all of an origin. */
export const fetchTool: Tool<FetchInput> = {
  name: 'fetch',
  description: 'Asks a server over HTTP and answers its text; HTML becomes readable text.',
  schema: fetchInput,
  describe: ({ url, method = 'GET' }) => `${method === 'GET' ? 'fetch' : method} ${shown(url)}`,
  access,
  invoke,
};

/**
 * Touches no file. What it touches is named by paths that no file can have, `web://host/path`: a change is a write to all of its
 * origin, so that hazards put it before a later request to that origin. Plain and encrypted addresses of a host are taken for one.
 * Where redirects lead is not known before; only those of requests that read leave the origin.
 */
function access({ url, method = 'GET' }: FetchInput): ToolAccess {
  const place = webPlace(url);
  return isRead(method)
    ? { reads: [place.path], writes: [], locks: [] }
    : { reads: [], writes: [`${place.origin}/**`], locks: [] };
}

function webPlace(url: string): { readonly origin: string; readonly path: string } {
  // What stands in a reference may be any address.
  const parsed = url.includes('${') ? undefined : parseUrl(url);
  if (!parsed) return { origin: 'web:/', path: 'web://**' };
  const origin = `web://${parsed.host.replace(/[[\]]/g, '')}`;
  return { origin, path: `${origin}${parsed.pathname}` };
}

function isRead(method: Method): boolean {
  return method === 'GET' || method === 'HEAD';
}

async function invoke(input: FetchInput, context: ToolContext): Promise<ToolResult> {
  if (!context.host.trusted()) {
    const failure = { kind: 'untrusted workspace' } as const;
    return { ...toolFailed(failureText(failure)), end: { kind: 'errored', failure } };
  }
  if (context.signal.aborted) return INTERRUPTED;
  const first = firstRequest(input);
  if (typeof first === 'string') return toolFailed(first);
  const seconds = input.timeout ?? DEFAULT_SECONDS;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), seconds * 1000);
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, limit.signal, over.signal]);
  const at = { url: first.url };
  try {
    const followed = await follow(first, input.redirects ?? DEFAULT_REDIRECTS, signal, at);
    if (followed.kind === 'refused') return toolFailed(followed.message);
    const bodiless = followed.request.method === 'HEAD';
    const body = bodiless ? NO_BODY : await readBody(followed.response, input.most ?? DEFAULT_BYTES, progress(context, at.url));
    return await resultOf(input, followed, body);
  } catch (error) {
    if (context.signal.aborted) return INTERRUPTED;
    if (limit.signal.aborted) {
      return toolFailed(`${at.url.host} did not answer in full within ${seconds} s. Give more time, or ask for less.`);
    }
    return toolFailed(networkError(error, at.url));
  } finally {
    clearTimeout(timer);
    // What was not read to its end is closed with its connection.
    over.abort();
  }
}

// -------------------------------------------------------------------------------------------------------------- request

interface WebRequest {
  readonly url: URL;
  readonly method: Method;
  readonly headers: Headers;
  readonly body: string | undefined;
}

function firstRequest({ url, method = 'GET', headers, body }: FetchInput): WebRequest | string {
  const parsed = parseUrl(url);
  if (!parsed) return `"${shown(url)}" is no address. Write it with http:// or https:// and a host.`;
  if (!/^https?:$/.test(parsed.protocol)) return `Only http and https addresses can be fetched, not "${parsed.protocol}".`;
  if (parsed.username || parsed.password)
    return 'An address with a password is not fetched. Put it into the header Authorization.';
  try {
    const all = new Headers({ accept: '*/*', 'accept-encoding': 'gzip, br', 'user-agent': 'volley' });
    if (body !== undefined) all.set('content-type', 'text/plain; charset=utf-8');
    for (const [name, value] of Object.entries(headers ?? {})) all.set(name, value);
    return { url: parsed, method, headers: all, body };
  } catch {
    return 'A header has a character that headers cannot have, such as the end of a line. Check headers.';
  }
}

type Followed =
  | { readonly kind: 'answered'; readonly response: http.IncomingMessage; readonly request: WebRequest }
  | { readonly kind: 'refused'; readonly message: string };

/** `at.url` is always the address that is being asked. */
async function follow(first: WebRequest, most: number, signal: AbortSignal, at: { url: URL }): Promise<Followed> {
  let request = first;
  for (let count = 0; ; count += 1) {
    at.url = request.url;
    const response = await send(request, signal);
    const status = response.statusCode ?? 0;
    const location = [301, 302, 303, 307, 308].includes(status) ? response.headers.location : undefined;
    if (location === undefined) return { kind: 'answered', response, request };
    response.destroy();
    if (count >= most) {
      const followed = most === 1 ? '1 redirect was followed' : `${most} redirects were followed`;
      const message = `${followed}, and ${request.url.host} redirects again, to ${shown(location)}. Fetch that address, or allow more.`;
      return { kind: 'refused', message };
    }
    const next = redirected(request, status, location);
    if (typeof next === 'string') return { kind: 'refused', message: next };
    request = next;
  }
}

/**
 * Resolves when the headers of the answer are there. Not with `fetch`: when a request of it is aborted, undici opens its connection
 * anew and keeps it for four seconds, and its pool cannot be reached to be closed.
 */
function send({ url, method, headers, body }: WebRequest, signal: AbortSignal): Promise<http.IncomingMessage> {
  const all: Record<string, string> = Object.fromEntries(headers);
  if (body !== undefined) all['content-length'] = String(Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    // Without an agent the connection is its own, and closed after the answer.
    const options = { method, headers: all, agent: false, signal } as const;
    const outgoing = url.protocol === 'https:' ? https.request(url, options) : http.request(url, options);
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** What tells nothing of who asks. All else stays with the origin it was meant for. */
const HARMLESS =
  /^(accept|accept-encoding|accept-language|cache-control|content-type|if-modified-since|if-none-match|range|user-agent)$/;

/** The request that a redirect asks for, as browsers do it, or why it is not sent. */
function redirected({ url, method, headers, body }: WebRequest, status: number, location: string): WebRequest | string {
  const target = parseUrl(location, url.href);
  if (!target) return `${url.host} redirects to "${shown(location)}", which is no address.`;
  if (!/^https?:$/.test(target.protocol))
    return `${url.host} redirects to an address that is neither http nor https: ${shown(target.href)}.`;
  if (url.protocol === 'https:' && target.protocol === 'http:') {
    return `${url.host} redirects from https to http, to ${shown(target.href)}, which is not followed: it would not be private any more.`;
  }
  target.username = '';
  target.password = '';
  const becomesGet = (status === 303 && method !== 'HEAD') || (status <= 302 && method === 'POST');
  const kept = new Headers(headers);
  if (becomesGet) for (const name of [...kept.keys()]) if (name.startsWith('content-')) kept.delete(name);
  if (target.origin !== url.origin) {
    if (!becomesGet && !isRead(method)) {
      return `${url.host} redirects ${method} to another origin, ${target.origin}, where nobody asked for a change. Send it there yourself.`;
    }
    for (const name of [...kept.keys()]) if (!HARMLESS.test(name)) kept.delete(name);
  }
  return becomesGet
    ? { url: target, method: 'GET', headers: kept, body: undefined }
    : { url: target, method, headers: kept, body };
}

function parseUrl(url: string, base?: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

/** An address without a password, short enough for a line. */
function shown(url: string): string {
  const bare = url.replace(/^(\w+:\/\/)[^/?#@]*@/, '$1');
  return bare.length > 200 ? `${bare.slice(0, 200)}…` : bare;
}

// ----------------------------------------------------------------------------------------------------------------- body

interface Body {
  readonly bytes: Uint8Array;
  /** How many bytes are known to be missing; `exact`: there are no more. */
  readonly missing: number;
  readonly exact: boolean;
}

const NO_BODY: Body = { bytes: new Uint8Array(), missing: 0, exact: true };

/** At most `most` bytes, unpacked; the rest is not waited for. */
async function readBody(response: http.IncomingMessage, most: number, onBytes: (bytes: number) => void): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = unpacked(response);
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const room = most - size;
    chunks.push(chunk.subarray(0, room));
    size += Math.min(room, chunk.length);
    onBytes(size);
    if (chunk.length <= room) continue;
    // Of a packed body the length says nothing.
    const length = stream === response ? Number(response.headers['content-length'] ?? 0) : 0;
    const exact = Number.isSafeInteger(length) && length > most;
    return { bytes: Buffer.concat(chunks, size), missing: exact ? length - most : chunk.length - room, exact };
  }
  return { bytes: Buffer.concat(chunks, size), missing: 0, exact: true };
}

function unpacked(response: http.IncomingMessage): Readable {
  const unpackers: Readonly<Record<string, (() => NodeJS.ReadWriteStream) | undefined>> = {
    gzip: createGunzip,
    'x-gzip': createGunzip,
    br: createBrotliDecompress,
    deflate: createInflate,
  };
  const unpacker = unpackers[(response.headers['content-encoding'] ?? '').toLowerCase()]?.();
  // What breaks is told by the last stream.
  return unpacker ? (pipeline(response, unpacker, () => {}) as unknown as Readable) : response;
}

function progress(context: ToolContext, url: URL): (bytes: number) => void {
  let told = Number.NEGATIVE_INFINITY;
  return (bytes) => {
    const now = context.host.now();
    if (now - told < PROGRESS_MS) return;
    told = now;
    context.output(`${bytes} bytes from ${url.host}\n`, bytes);
  };
}

async function resultOf(
  { as = 'text' }: FetchInput,
  { response, request }: Followed & { readonly kind: 'answered' },
  body: Body,
): Promise<ToolResult> {
  const status = response.statusCode ?? 0;
  const type = contentType(response);
  const failed = status >= 400;
  const content = await contentOf(type, as, request, response, body);
  const cut = body.missing > 0 && content.kind !== 'binary';
  const marker = `\n[… ${body.exact ? '' : 'at least '}${body.missing} bytes left out …]`;
  const spoilt = !failed && as === 'json' && content.json === undefined;
  const what = spoilt
    ? `JSON was asked for, and ${cut ? 'the answer is cut: allow more bytes' : `this is not JSON (${type.name || 'no content type'})`}`
    : `${body.bytes.length} bytes${type.name ? ` of ${type.name}` : ''}${content.note ?? ''}`;
  return {
    end: { kind: failed || spoilt ? 'failed' : 'passed' },
    text: cut ? content.text + marker : content.text,
    files: [],
    json: content.json ?? null,
    answer: {
      summary: `${status}${http.STATUS_CODES[status] ? ` ${http.STATUS_CODES[status]}` : ''} from ${request.url.host}: ${what}`,
      ...(body.missing > 0 ? { cutBytes: body.missing } : {}),
    },
  };
}

interface ContentType {
  /** `text/html`; empty when the server named none. */
  readonly name: string;
  readonly charset: string | undefined;
}

function contentType(response: http.IncomingMessage): ContentType {
  const header = response.headers['content-type'] ?? '';
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(header)?.[1];
  return { name: (header.split(';')[0] ?? '').trim().toLowerCase(), charset };
}

interface Content {
  readonly kind: 'text' | 'binary';
  readonly text: string;
  /** Absent when it is none. */
  readonly json?: unknown;
  readonly note?: string;
}

async function contentOf(
  type: ContentType,
  as: 'text' | 'json' | 'raw',
  request: WebRequest,
  response: http.IncomingMessage,
  body: Body,
): Promise<Content> {
  if (request.method === 'HEAD') {
    return { kind: 'text', text: headerLines(response) };
  }
  if (isBinary(type, body.bytes)) {
    const size = `${body.missing > 0 ? 'more than ' : ''}${body.bytes.length} bytes`;
    return { kind: 'binary', text: `[binary content: ${type.name || 'of an unknown type'}, ${size}]` };
  }
  const { text, note } = decoded(type, body);
  const more = note === undefined ? {} : { note };
  const html =
    /^(text\/html|application\/xhtml\+xml)$/.test(type.name) || (type.name === '' && /^\s*<(!doctype html|html)\b/i.test(text));
  if (as === 'text' && html) return { kind: 'text', text: await htmlToText(text, request.url.href), ...more };
  const json =
    as === 'json' || (as === 'text' && /^(application|text)\/([\w.-]+\+)?json$/.test(type.name)) ? parsed(text) : undefined;
  return { kind: 'text', text, ...more, ...(json === undefined ? {} : { json }) };
}

function headerLines({ headersDistinct }: http.IncomingMessage): string {
  const lines = Object.entries(headersDistinct).flatMap(([name, values]) => (values ?? []).map((value) => `${name}: ${value}`));
  return lines.join('\n');
}

/** By its type where that says enough, else as git does it: what has a zero byte near its start. */
function isBinary({ name, charset }: ContentType, bytes: Uint8Array): boolean {
  if (/^(image\/(?!svg\+xml)|audio\/|video\/|font\/|application\/(zip|gzip|pdf|wasm|x-tar)$)/.test(name)) return true;
  const start = bytes.subarray(0, 8192);
  const wide =
    /^utf-?(16|32)/i.test(charset ?? '') || (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff);
  return !wide && start.includes(0);
}

function decoded({ name, charset }: ContentType, { bytes, missing }: Body): { readonly text: string; readonly note?: string } {
  const start = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  const inside = name === 'text/html' ? /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(start)?.[1] : undefined;
  const bom = start.startsWith('\xff\xfe') ? 'utf-16le' : start.startsWith('\xfe\xff') ? 'utf-16be' : undefined;
  const wanted = bom ?? charset ?? inside ?? 'utf-8';
  // What is cut may end within a character.
  const decode = (label: string) => new TextDecoder(label).decode(bytes, { stream: missing > 0 });
  try {
    return { text: decode(wanted) };
  } catch {
    return { text: decode('utf-8'), note: `, read as UTF-8 since the character set "${wanted.slice(0, 40)}" is not known` };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// --------------------------------------------------------------------------------------------------------------- errors

/** A sentence with the host and the reason. */
function networkError(error: unknown, { host, hostname }: URL): string {
  const { code, message } = rootOf(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host "${hostname}" was not found (DNS: ${code}). Check the address and the network.`;
    case 'ECONNREFUSED':
      return `${host} refused the connection. Check that the server runs and the port is right.`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${host} broke off the connection before its answer was complete (${code}).`;
    case 'ETIMEDOUT':
      return `${host} did not answer in time (${code}).`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `There is no way to ${host} (${code}). Check the network.`;
    default:
      break;
  }
  if (/^(ERR_SSL|ERR_TLS|EPROTO|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/.test(code)) {
    return `No secure connection to ${host}: its TLS certificate or protocol is not accepted (${code}).`;
  }
  if (code.startsWith('HPE_')) return `${host} did not answer in HTTP (${code}). Check the port and whether it is https.`;
  if (/^Z_|^ERR_.*_BROTLI|^ERR__?ERROR_/.test(code)) return `${host} sent a packed answer that cannot be unpacked (${code}).`;
  return `${host} could not be asked: ${message}.`;
}

/** Where several addresses of a host were tried, the reason of the first. */
function rootOf(error: unknown): { readonly code: string; readonly message: string } {
  let at = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth += 1) {
    const inner: unknown = at instanceof AggregateError ? (at.errors[0] ?? at.cause) : at.cause;
    if (!(inner instanceof Error)) break;
    at = inner;
  }
  const { code, message } = (at instanceof Error ? at : { message: String(at) }) as { code?: unknown; message: string };
  return { code: typeof code === 'string' ? code : '', message: message.replace(/\s+/g, ' ').replace(/\.$/, '').trim() };
}
