import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { type OtlpSent, type OtlpTarget, otlpTarget, sendSpans } from '../../src/core/otlp-client.js';
import { type OtlpSpan, otlpSpans } from '../../src/core/report/otlp.js';
import { SHOP_RUN } from '../support/reports.js';

interface Received {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: what was sent
  readonly document: any;
}

type Answer = (request: http.IncomingMessage, response: http.ServerResponse, count: number) => void;

/** A collector on the loopback that takes what comes, or answers as it is told. */
async function withCollector(answer: Answer, use: (endpoint: string, received: Received[]) => Promise<void>): Promise<void> {
  const received: Received[] = [];
  const server = http.createServer(async (request, response) => {
    const body = await buffer(request);
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    received.push({ path: request.url ?? '', headers: request.headers, document: JSON.parse(text.toString('utf8')) });
    answer(request, response, received.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, received);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const takes: Answer = (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
const answers =
  (code: number, body = '', headers: http.OutgoingHttpHeaders = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end(body);

function target(endpoint: string, env: Readonly<Record<string, string>> = {}): OtlpTarget {
  const found = otlpTarget(endpoint, env);
  assert.ok(found.kind === 'target', JSON.stringify(found));
  return found;
}

const spans = otlpSpans(SHOP_RUN);
const send = (to: OtlpTarget, what: readonly OtlpSpan[] = spans): Promise<OtlpSent> =>
  sendSpans(what, to, { version: '1.2.3', retryAfterMs: 1 });
const messageOf = (sent: OtlpSent) => (sent.kind === 'problem' ? sent.message : `sent: ${sent.note}`);

describe('Spans', () => {
  it('arrive at the endpoint as they were made', async () => {
    await withCollector(takes, async (endpoint, received) => {
      const sent = await send(
        target(endpoint, { OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'team=a%20b,deployment.environment=ci' }),
      );
      assert.deepEqual(sent, { kind: 'sent', spans: spans.length, endpoint: `${endpoint}/v1/traces` });
      const [{ path, headers, document } = assert.fail()] = received;
      assert.equal(path, '/v1/traces');
      assert.equal(headers['content-type'], 'application/json');
      const [{ resource, scopeSpans }] = document.resourceSpans;
      assert.deepEqual(resource.attributes, [
        { key: 'service.name', value: { stringValue: 'shop' } },
        { key: 'team', value: { stringValue: 'a b' } },
        { key: 'deployment.environment', value: { stringValue: 'ci' } },
      ]);
      const arrived: OtlpSpan[] = scopeSpans[0].spans;
      assert.deepEqual(arrived, JSON.parse(JSON.stringify(spans)));
      const root = arrived.find(({ parentSpanId }) => parentSpanId === undefined);
      const gate = arrived.find(({ name }) => name === 'ESLint');
      assert.equal(gate?.parentSpanId, root?.spanId);
      assert.equal(gate?.status.code, 2);
      assert.equal(BigInt(gate?.endTimeUnixNano ?? 0) - BigInt(gate?.startTimeUnixNano ?? 0), 4_150_000_000n);
      assert.equal(typeof gate?.startTimeUnixNano, 'string');
    });
  });

  it('go with the headers and the compression that the variables ask for', async () => {
    await withCollector(takes, async (endpoint, received) => {
      const env = {
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of%2Call,x-team=a',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-team=b,broken, =c',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      };
      assert.equal((await send(target(endpoint, env))).kind, 'sent');
      const { headers } = received[0] ?? assert.fail();
      assert.deepEqual(
        [headers['authorization'], headers['x-team'], headers['content-encoding']],
        ['Bearer of,all', 'b', 'gzip'],
      );
    });
  });

  it('are divided where one request would be too large for a collector', async () => {
    await withCollector(takes, async (endpoint, received) => {
      const many = Array.from({ length: 4500 }, (_, index) => ({
        ...(spans[0] as OtlpSpan),
        spanId: String(index).padStart(16, '0'),
      }));
      assert.equal((await send(target(endpoint), many)).kind, 'sent');
      const counts = received.map(({ document }) => document.resourceSpans[0].scopeSpans[0].spans.length);
      assert.deepEqual(counts, [2000, 2000, 500]);
    });
  });

  it('are sent again when the endpoint is busy, and no more often than makes sense', async () => {
    const busyFirst: Answer = (request, response, count) =>
      count < 3 ? answers(503, 'busy')(request, response, count) : takes(request, response, count);
    await withCollector(busyFirst, async (endpoint, received) => {
      assert.equal((await send(target(endpoint))).kind, 'sent');
      assert.equal(received.length, 3);
    });
    await withCollector(answers(429, '', { 'retry-after': '0' }), async (endpoint, received) => {
      assert.match(
        messageOf(await send(target(endpoint))),
        /^http:\/\/127.* answered 429, so no spans arrived\. Try again later\.$/,
      );
      assert.equal(received.length, 4);
    });
  });

  it('are not waited for longer than allowed, when the endpoint is slow or asks to come back much later', async () => {
    const silent: Answer = () => {};
    await withCollector(silent, async (endpoint) => {
      const message = messageOf(await send(target(endpoint, { OTEL_EXPORTER_OTLP_TIMEOUT: '60' })));
      assert.match(message, /did not answer within 60 ms, so no spans arrived\. OTEL_EXPORTER_OTLP_TIMEOUT allows more\./);
    });
    const halting: Answer = (_, response) => void response.writeHead(200).write('{');
    await withCollector(halting, async (endpoint) => {
      const message = messageOf(
        await send(target(endpoint, { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '60', OTEL_EXPORTER_OTLP_TIMEOUT: '9' })),
      );
      assert.match(message, /did not answer within 60 ms/);
    });
    await withCollector(answers(503, '', { 'retry-after': '3600' }), async (endpoint, received) => {
      assert.match(messageOf(await send(target(endpoint, { OTEL_EXPORTER_OTLP_TIMEOUT: '60' }))), /answered 503/);
      assert.equal(received.length, 1);
    });
  });

  it('that are refused come with the reason and what to do', async () => {
    const cases: readonly (readonly [Answer, RegExp])[] = [
      [
        answers(500, '{"code":13,"message":"out of\\n order"}'),
        /answered 500 \(out of order\), so no spans arrived\. Its log may say why\.$/,
      ],
      [answers(400, '<html>\u001b[31m'), /answered 400 \(<html>\ufffd\[31m\), so no spans arrived/],
      [answers(401), /answered 401, .* set them with OTEL_EXPORTER_OTLP_HEADERS\.$/],
      [answers(404), /answered 404, .* spans are taken below \/v1\/traces\.$/],
      [answers(415), /answered 415, .* It does not take JSON\./],
      [answers(308, '', { location: 'https://other.example/' }), /answered 308, .* points to: https:\/\/other\.example\/\.$/],
      [(request) => void request.socket.destroy(), /^The connection to http:.* broke \(ECONNRESET\), so no spans arrived\.$/],
    ];
    for (const [answer, expected] of cases)
      await withCollector(answer, async (endpoint) => assert.match(messageOf(await send(target(endpoint))), expected));
  });

  it('say that nothing listens where nothing does, without the credentials of the address', async () => {
    let endpoint = '';
    await withCollector(takes, async (known) => {
      endpoint = known.replace('http://', 'http://ada:secret@');
    });
    const message = messageOf(await send(target(endpoint)));
    assert.match(message, /^Nothing listens at http:\/\/127\.0\.0\.1:\d+\/v1\/traces, so no spans arrived\. Start a collector/);
    assert.ok(!message.includes('secret'));
  });

  it('that were taken in part are told', async () => {
    const partly = answers(200, '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}');
    await withCollector(partly, async (endpoint) =>
      assert.equal(messageOf(await send(target(endpoint))), 'sent: 3 spans of them refused. too old'),
    );
    await withCollector(answers(202, 'ok'), async (endpoint) =>
      assert.equal(messageOf(await send(target(endpoint))), 'sent: undefined'),
    );
  });

  it('cannot break a request by a header', async () => {
    const message = messageOf(await send(target('http://127.0.0.1:1', { OTEL_EXPORTER_OTLP_HEADERS: 'a=b%0D%0Ac: d' })));
    assert.match(message, /Check OTEL_EXPORTER_OTLP_HEADERS\.$/);
  });
});

describe('The endpoint of spans', () => {
  const endpoint = (typed: string | undefined, env: Readonly<Record<string, string>> = {}) => {
    const found = otlpTarget(typed, env);
    return found.kind === 'target' ? found.endpoint.href : found.message;
  };

  it('is what was typed, else what the standard variables say', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:4318/base/', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces/own' };
    assert.equal(endpoint('http://typed:1', env), 'http://typed:1/v1/traces');
    assert.equal(endpoint('http://typed:1/v1/traces', env), 'http://typed:1/v1/traces');
    assert.equal(endpoint(undefined, env), 'http://traces/own');
    assert.equal(
      endpoint('', { OTEL_EXPORTER_OTLP_ENDPOINT: env.OTEL_EXPORTER_OTLP_ENDPOINT }),
      'http://all:4318/base/v1/traces',
    );
  });

  it('is asked for where there is none, and refused where it is no address of HTTP', () => {
    assert.match(endpoint(undefined), /^No endpoint for OpenTelemetry spans is known\. Name one/);
    for (const typed of ['lint', 'localhost:4318', 'grpc://x', 'file:///x'])
      assert.match(endpoint(typed), /is no address of an endpoint/);
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    assert.match(endpoint(undefined, env), /asks for grpc, and Volley sends OTLP over HTTP/);
    assert.equal(endpoint('http://typed:4318', env), 'http://typed:4318/v1/traces');
  });
});
