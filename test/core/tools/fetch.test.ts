import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { OperationId } from '../../../src/core/model.js';
import { planBatch } from '../../../src/core/plan.js';
import { type FetchInput, fetchInput, fetchTool } from '../../../src/core/tools/fetch.js';
import { htmlToText } from '../../../src/core/tools/html-text.js';
import type { ToolResult } from '../../../src/core/tools/tool.js';
import { eventually } from '../../support/processes.js';
import { operation } from '../../support/rig.js';
import { malformed, type Place, withTool } from '../../support/tool-place.js';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** A server on loopback. Fails when connections are open after `use`. */
async function serving(server: net.Server, use: (host: string) => Promise<void>): Promise<void> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`127.0.0.1:${(server.address() as net.AddressInfo).port}`);
    await eventually('no connection is open', () => sockets.size === 0);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const withServer = (handler: Handler, use: (host: string) => Promise<void>) => serving(http.createServer(handler), use);
const ask = (place: Place, input: FetchInput) => fetchTool.invoke(input, place.context);

/** Fetches `/` of a server that answers with `handler`. */
async function check(
  handler: Handler,
  use: (result: ToolResult, host: string) => void | Promise<void>,
  more: Partial<FetchInput> = {},
) {
  await withServer(handler, (host) =>
    withTool(async (place) => use(await ask(place, { url: `http://${host}/`, ...more }), host)),
  );
}

const send =
  (type: string, body: string | Uint8Array, status = 200, headers: http.OutgoingHttpHeaders = {}): Handler =>
  (_, response) => {
    response.writeHead(status, { ...(type ? { 'content-type': type } : {}), ...headers });
    response.end(body);
  };

const failsWith = (result: ToolResult, says: RegExp) => {
  assert.equal(result.end.kind, 'errored');
  assert.match(result.answer.summary, says);
};

describe('The tool Fetch', () => {
  it('answers text as it was sent', async () => {
    await check(send('text/plain; charset=utf-8', 'Grüße\n'), (result, host) => {
      assert.deepEqual(result.end, { kind: 'passed' });
      assert.deepEqual([result.text, result.json, result.files], ['Grüße\n', null, []]);
      assert.equal(result.answer.summary, `200 OK from ${host}: 8 bytes of text/plain`);
    });
  });

  it('sends method, headers and body, and asks for the connection to be closed', async () => {
    let body = '';
    const echo: Handler = (request, response) => {
      request.on('data', (data) => {
        body += data;
      });
      request.on('end', () => response.end(JSON.stringify([request.method, request.headers])));
    };
    const headers = { 'Content-Type': 'application/json', 'X-Own': 'a' };
    await check(
      echo,
      ({ json }) => {
        const [method, received] = json as [string, http.IncomingHttpHeaders];
        assert.equal(method, 'PATCH');
        assert.equal(body, '{"a":"ä"}');
        assert.deepEqual([received['x-own'], received['content-type'], received.connection], ['a', 'application/json', 'close']);
      },
      { method: 'PATCH', body: '{"a":"ä"}', headers, as: 'json' },
    );
  });

  it('makes readable text of HTML, with links in full, and leaves it as it is where that is wanted', async () => {
    const html = '<!doctype html><title>T</title><script>no()</script><h1>Head</h1><p>One <a href="b">two</a> &amp; <b>three</b>';
    await check(send('text/html', html), ({ text }, host) =>
      assert.equal(text, `T\n\n# Head\n\nOne two (http://${host}/b) & three`),
    );
    await check(send('text/html', html), ({ text }) => assert.equal(text, html), { as: 'raw' });
  });

  it('reads JSON as data, and fails where JSON was asked for and something else came', async () => {
    await check(send('application/problem+json', '{"a":1}'), ({ json, text }) =>
      assert.deepEqual([json, text], [{ a: 1 }, '{"a":1}']),
    );
    await check(send('application/json', 'null'), ({ json, end }) => assert.deepEqual([json, end.kind], [null, 'passed']), {
      as: 'json',
    });
    await check(send('application/json', '{'), ({ json, end }) => assert.deepEqual([json, end.kind], [null, 'passed']));
    await check(
      send('text/html', '<p>Sign in'),
      ({ end, answer, text }) => {
        assert.deepEqual(end, { kind: 'failed' });
        assert.match(answer.summary, /JSON was asked for, and this is not JSON \(text\/html\)/);
        assert.equal(text, '<p>Sign in');
      },
      { as: 'json' },
    );
  });

  it('fails with a status of 400 and more, and answers what the server says of it', async () => {
    await check(send('application/json', '{"error":"gone"}', 404), ({ end, answer, text, json }, host) => {
      assert.deepEqual(end, { kind: 'failed' });
      assert.equal(answer.summary, `404 Not Found from ${host}: 16 bytes of application/json`);
      assert.deepEqual([text, json], ['{"error":"gone"}', { error: 'gone' }]);
    });
    await check(send('text/plain', 'oops', 503), ({ end }) => assert.deepEqual(end, { kind: 'failed' }));
  });

  it('answers the headers where only these were asked for', async () => {
    await check(
      send('text/plain', 'body', 200, { 'x-own': 'a', 'content-encoding': 'gzip' }),
      ({ text }) => assert.match(text, /^x-own: a$/m),
      {
        method: 'HEAD',
      },
    );
  });

  it('unpacks what is packed, and cuts what grows too large by that', async () => {
    const packed = gzipSync('a'.repeat(1_000_000));
    const handler = send('text/plain', packed, 200, { 'content-encoding': 'gzip' });
    await check(handler, ({ text }) => assert.equal(text.length, 1_000_000));
    await check(
      handler,
      ({ text, answer }) => {
        assert.match(text, /^a{1000}\n\[… at least \d+ bytes left out …\]$/);
        assert.ok((answer.cutBytes ?? 0) > 0);
      },
      { most: 1000 },
    );
  });

  it('cuts what is too large while it comes, says what was left out, and does not wait for the rest', async () => {
    let closed = false;
    const endless: Handler = (request, response) => {
      request.on('close', () => {
        closed = true;
      });
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': 1_000_000 });
      response.write('€'.repeat(100));
    };
    await check(
      endless,
      ({ text, answer, end }) => {
        assert.deepEqual(end, { kind: 'passed' });
        assert.equal(text, `${'€'.repeat(66)}\n[… 999800 bytes left out …]`);
        assert.equal(answer.cutBytes, 999_800);
      },
      { most: 200 },
    );
    await eventually('the server is told', () => closed);
    await check(
      send('application/json', `"${'x'.repeat(500)}"`),
      ({ end, answer }) => {
        assert.deepEqual(end, { kind: 'failed' });
        assert.match(answer.summary, /the answer is cut: allow more bytes/);
      },
      { most: 100, as: 'json' },
    );
  });

  it('tells of a packed answer that is broken', async () => {
    const packed = gzipSync('a'.repeat(1000));
    for (const body of [packed.subarray(0, packed.length - 9), Buffer.from('not packed')])
      await check(send('text/plain', body, 200, { 'content-encoding': 'gzip' }), (result) =>
        failsWith(result, /sent a packed answer that cannot be unpacked \(Z_/),
      );
    const brotli = brotliCompressSync('b');
    await check(send('text/plain', brotli, 200, { 'content-encoding': 'br' }), ({ text }) => assert.equal(text, 'b'));
    await check(send('text/plain', Buffer.from('not packed'), 200, { 'content-encoding': 'br' }), (result) =>
      failsWith(result, /cannot be unpacked \(/),
    );
  });

  it('takes a body of exactly the limit whole', async () => {
    await check(
      send('text/plain', 'x'.repeat(100)),
      ({ text, answer }) => assert.deepEqual([text.length, answer.cutBytes], [100, undefined]),
      {
        most: 100,
      },
    );
  });

  it('names binary content with its size and keeps it off the text', async () => {
    await check(send('image/png', Buffer.from([0x89, 0x50])), ({ text }) =>
      assert.equal(text, '[binary content: image/png, 2 bytes]'),
    );
    await check(send('', Buffer.from([1, 0, 2])), ({ text }) =>
      assert.equal(text, '[binary content: of an unknown type, 3 bytes]'),
    );
    await check(
      send('application/octet-stream', Buffer.alloc(50)),
      ({ text, answer }) => {
        assert.equal(text, '[binary content: application/octet-stream, more than 20 bytes]');
        assert.equal(answer.cutBytes, 30);
      },
      { most: 20 },
    );
  });

  it('reads the character set that is named in the header, at the start, or in the document', async () => {
    const latin = Buffer.from('Gr\xfc\xdfe', 'latin1');
    await check(send('text/plain; charset="ISO-8859-1"', latin), ({ text }) => assert.equal(text, 'Grüße'));
    await check(send('text/html', Buffer.concat([Buffer.from('<meta charset=latin1><p>'), latin])), ({ text }) =>
      assert.equal(text, 'Grüße'),
    );
    await check(send('text/plain', Buffer.from('\ufeffGrüße', 'utf16le')), ({ text }) => assert.equal(text, 'Grüße'));
    await check(send('text/plain; charset=utf-8', latin), ({ text }) => assert.equal(text, 'Gr\ufffd\ufffde'));
    await check(send('text/plain; charset=no-such', 'Grüße'), ({ text, answer, end }) => {
      assert.deepEqual([text, end.kind], ['Grüße', 'passed']);
      assert.match(answer.summary, /read as UTF-8 since the character set "no-such" is not known/);
    });
  });

  it('asks nothing in a workspace that is not trusted', async () => {
    await withUnaskedServer((host) =>
      withTool(
        async (place) => {
          const { end } = await ask(place, { url: `http://${host}/` });
          assert.deepEqual(end, { kind: 'errored', failure: { kind: 'untrusted workspace' } });
        },
        { trusted: () => false },
      ),
    );
  });

  it('tells what is wrong with an address or a header instead of asking', async () => {
    await withTool(async (place) => {
      for (const [input, says] of [
        [{ url: 'no address' }, /is no address/],
        [{ url: 'file:///etc/passwd' }, /Only http and https/],
        [{ url: 'data:text/plain,x' }, /Only http and https/],
        [{ url: 'http://user:secret@127.0.0.1/' }, /header Authorization/],
        [{ url: 'http://127.0.0.1/', headers: { a: 'x\r\ny: z' } }, /A header has a character/],
      ] as const) {
        const result = await ask(place, input);
        failsWith(result, says);
        assert.doesNotMatch(result.answer.summary, /secret/);
      }
    });
  });
});

describe('A redirect', () => {
  const redirecting =
    (to: (path: string) => string | undefined, status = 302, seen: http.IncomingMessage[] = []): Handler =>
    (request, response) => {
      seen.push(request);
      const location = to(request.url ?? '');
      if (location === undefined) response.end(`${request.method} ${request.url}`);
      else response.writeHead(status, { location }).end('moved');
    };

  it('is followed up to the number that was allowed', async () => {
    const countdown = redirecting((url) => {
      const left = Number(url.slice(1) || 5);
      return left > 1 ? `/${left - 1}` : undefined;
    });
    await check(countdown, ({ text }) => assert.equal(text, 'GET /1'));
    await check(
      countdown,
      (result, host) => failsWith(result, new RegExp(`^3 redirects were followed, and ${host} redirects again, to /1`)),
      {
        redirects: 3,
      },
    );
    await check(countdown, (result) => failsWith(result, /^0 redirects were followed/), { redirects: 0 });
  });

  it('that goes in circles comes to an end', async () => {
    const seen: http.IncomingMessage[] = [];
    await check(
      redirecting(() => '/', 301, seen),
      (result) => failsWith(result, /^5 redirects were followed/),
    );
    assert.equal(seen.length, 6);
  });

  it('without a place is the answer', async () => {
    await check(send('text/plain', 'choose', 300), ({ text, end }) => assert.deepEqual([text, end.kind], ['choose', 'passed']));
  });

  for (const [status, method, expected] of [
    [301, 'POST', 'GET '],
    [302, 'POST', 'GET '],
    [303, 'PUT', 'GET '],
    [302, 'DELETE', 'DELETE '],
    [307, 'POST', 'POST sent'],
    [308, 'PUT', 'PUT sent'],
  ] as const) {
    it(`with status ${status} makes ${method} into ${expected.split(' ')[0]}`, async () => {
      await check(
        (request, response) => {
          let body = '';
          request.on('data', (data) => {
            body += data;
          });
          request.on('end', () => {
            if (request.url === '/') response.writeHead(status, { location: '/next' }).end();
            else response.end(`${request.method} ${body}`);
          });
        },
        ({ text }) => assert.equal(text, expected),
        { method, ...(method === 'DELETE' ? {} : { body: 'sent' }) },
      );
    });
  }

  it('to another origin carries no credentials, not even back again', async () => {
    const other: http.IncomingMessage[] = [];
    const own: http.IncomingMessage[] = [];
    const headers = { Authorization: 'secret', Cookie: 'secret', 'X-Api-Key': 'secret', Accept: 'text/plain' };
    await withServer(
      redirecting((url) => decodeURIComponent(url.slice(1)), 302, other),
      (otherHost) =>
        check(
          (request, response) => {
            own.push(request);
            const back = encodeURIComponent(`http://${request.headers.host}/end`);
            if (request.url === '/') response.writeHead(302, { location: '/same' }).end();
            else if (request.url === '/same') response.writeHead(302, { location: `http://u:p@${otherHost}/${back}` }).end();
            else response.end('done');
          },
          ({ text }) => assert.equal(text, 'done'),
          { headers },
        ),
    );
    assert.equal(own[1]?.headers.authorization, 'secret');
    assert.equal(JSON.stringify(other[0]?.headers).includes('secret'), false);
    assert.equal(JSON.stringify(own[2]?.headers).includes('secret'), false);
    assert.equal(other[0]?.headers.authorization, undefined);
    assert.equal(other[0]?.headers.accept, 'text/plain');
  });

  it('of a change to another origin is not followed', async () => {
    await withUnaskedServer((host) =>
      check(
        redirecting(() => `http://${host}/`, 307),
        (result) => failsWith(result, /redirects POST to another origin/),
        { method: 'POST', body: 'x' },
      ),
    );
  });

  it('to what is neither http nor https, or to no address, is not followed', async () => {
    await check(
      redirecting(() => 'file:///etc/passwd'),
      (result) => failsWith(result, /neither http nor https/),
    );
    await check(
      redirecting(() => 'http://'),
      (result) => failsWith(result, /no address/),
    );
  });

  it('from https to http is not followed', async () => {
    await withTrust(async () => {
      await serving(
        https.createServer(
          { key: KEY, cert: CERT },
          redirecting((url) => (url === '/' ? 'http://127.0.0.1:9/' : undefined)),
        ),
        (host) =>
          withTool(async (place) => {
            failsWith(await ask(place, { url: `https://${host}/` }), /redirects from https to http/);
            assert.equal((await ask(place, { url: `https://${host}/there` })).text, 'GET /there');
          }),
      );
    });
  });
});

describe('A connection', () => {
  it('that is refused, not secure, reset, or speaks another language is told with host and reason', async () => {
    let free = '';
    await withServer(
      () => {},
      async (host) => {
        free = host;
      },
    );
    await withTool(async (place) =>
      failsWith(await ask(place, { url: `http://${free}/` }), new RegExp(`^${free} refused the connection`)),
    );
    await serving(https.createServer({ key: KEY, cert: CERT }), (host) =>
      withTool(async (place) =>
        failsWith(await ask(place, { url: `https://${host}/` }), /^No secure connection to 127.*\(DEPTH_ZERO_SELF_SIGNED_CERT\)/),
      ),
    );
    await serving(
      net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
      (host) =>
        withTool(async (place) =>
          failsWith(await ask(place, { url: `http://${host}/` }), /^127\S+ broke off the connection .*ECONNRESET/),
        ),
    );
    await serving(
      net.createServer((socket) => socket.once('data', () => socket.end('220 mail ready\r\n'))),
      (host) =>
        withTool(async (place) =>
          failsWith(await ask(place, { url: `http://${host}/` }), /^127\S+ did not answer in HTTP \(HPE_/),
        ),
    );
  });

  it('to a host that does not exist is told by its name', async () => {
    await withTool(async (place) =>
      failsWith(
        await ask(place, { url: 'http://no-such-host.invalid/' }),
        /^The host "no-such-host\.invalid" was not found \(DNS: /,
      ),
    );
  });

  it('that breaks in the middle of an answer is an error and not half an answer', async () => {
    await check(
      (_, response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('half', () => response.destroy());
      },
      (result) => {
        failsWith(result, /broke off the connection before its answer was complete/);
        assert.equal(result.text, '');
      },
    );
  });

  it('that does not answer is ended after the time that was given, before and in the middle of the body', async () => {
    await check(
      () => {},
      (result) => failsWith(result, /^127\S+ did not answer in full within 0\.05 s\. Give more time/),
      { timeout: 0.05 },
    );
    await check(
      (_, response) => {
        response.writeHead(200);
        response.write('half');
      },
      (result) => failsWith(result, /did not answer in full within 0\.05 s/),
      { timeout: 0.05 },
    );
  });

  it('may take its time when it has it: a body that is held and released is whole', async () => {
    const held: http.ServerResponse[] = [];
    await withServer(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.write('first ');
        held.push(response);
      },
      (host) =>
        withTool(async (place) => {
          const ended = ask(place, { url: `http://${host}/` });
          await eventually('what came first is told', () => place.outputs.includes(`6 bytes from ${host}\n`));
          held[0]?.end('second');
          assert.equal((await ended).text, 'first second');
        }),
    );
  });

  it('is closed by cancelling, before and in the middle of the answer', async () => {
    for (const begin of [false, true]) {
      let asked = false;
      await withServer(
        (_, response) => {
          asked = true;
          if (begin) response.write('half');
        },
        (host) =>
          withTool(async (place) => {
            const ended = ask(place, { url: `http://${host}/` });
            await eventually('it is asked', () => asked && (!begin || place.outputs.length > 0));
            place.abort();
            assert.deepEqual((await ended).end, { kind: 'interrupted' });
          }),
      );
    }
    await withTool(async (place) => {
      place.abort();
      assert.deepEqual((await ask(place, { url: 'http://127.0.0.1/' })).end, { kind: 'interrupted' });
    });
  });
});

describe('What Fetch touches', () => {
  const folder = { name: 'w', path: '/w' };
  const access = (input: FetchInput) => fetchTool.access(input, { folder });
  const ordered = (...inputs: readonly FetchInput[]) => {
    const batch = inputs.map((input, index) => operation(String(index), { access: access(input) }));
    const planned = planBatch(
      [...batch, operation('file', { access: { reads: ['/w/**', 'C:/w/**', '//server/w/**'], writes: ['/w/a'] } })],
      new Map(),
      4,
    );
    assert.equal(planned.kind, 'plan');
    return planned.kind === 'plan'
      ? planned.plan.edges.map(({ from, to }) => [from, to] as [OperationId, OperationId]).map(String)
      : [];
  };

  it('puts a change before later requests to its origin, and nothing else in order', () => {
    assert.deepEqual(ordered({ url: 'http://a/x', method: 'POST' }, { url: 'http://a/y' }), ['0,1']);
    assert.deepEqual(ordered({ url: 'http://a/x' }, { url: 'https://A:443/y', method: 'DELETE' }), ['0,1']);
    assert.deepEqual(ordered({ url: 'http://a/x', method: 'PUT' }, { url: 'http://a/x', method: 'PUT' }), ['0,1']);
    assert.deepEqual(ordered({ url: 'http://a/x' }, { url: 'http://a/x' }, { url: 'http://a/x', method: 'HEAD' }), []);
    assert.deepEqual(ordered({ url: 'http://a/x', method: 'POST' }, { url: 'http://b/y' }, { url: 'http://a:81/y' }), []);
    assert.deepEqual(ordered({ url: 'http://[::1]:80/(x)', method: 'POST' }, { url: 'http://[::1]/*y' }), ['0,1']);
  });

  it('may be any place of the web while the address is not known', () => {
    assert.deepEqual(ordered({ url: `http://\${a.output}/`, method: 'POST' }, { url: 'http://b/' }), ['0,1']);
    assert.deepEqual(ordered({ url: 'http://b/', method: 'POST' }, { url: `\${a.output}` }), ['0,1']);
    assert.deepEqual(ordered({ url: `http://a/\${x.output}` }, { url: 'http://b/' }), []);
  });
});

describe('The input of Fetch', () => {
  it('is described for lists without a password', () => {
    assert.equal(fetchTool.describe({ url: 'https://u:p@a/b' }), 'fetch https://a/b');
    assert.equal(fetchTool.describe({ url: 'https://a/b', method: 'POST' }), 'POST https://a/b');
  });

  it('answers 10,000 malformed inputs with a clear error', () => {
    for (const input of [
      { url: 'http://a', body: 'x' },
      { url: 'a', headers: { Host: 'b' } },
      { url: 'a', headers: { 'a b': '' } },
    ])
      assert.equal(fetchInput.safeParse(input).success, false);
    malformed(fetchInput, [
      { url: 'http://a', method: 'POST', headers: { a: 'b' }, body: '', timeout: 1, most: 1, redirects: 0, as: 'raw' },
    ]);
  });
});

describe('HTML as text', () => {
  const checkText = async (html: string, expected: string) =>
    assert.equal(await htmlToText(html, 'https://x.org/dir/page'), expected);

  it('keeps paragraphs, headings, lists, tables and preformatted text', async () => {
    await checkText('<p>a\n  b&nbsp;c<br>d<p>e', 'a b c\nd\n\ne');
    await checkText('<h2>A <em>b</em></h2>text', '## A b\n\ntext');
    await checkText('<ul><li>a<li>b<ul><li>c</ul><li>d</ul><ol><li>e<li>f</ol>', '- a\n- b\n  - c\n- d\n\n1. e\n2. f');
    await checkText('<table><tr><th>A<th>B<tr><td>1<td>2</table>', 'A | B\n1 | 2');
    await checkText('x<pre>  a\n    b</pre>y', 'x\n\n  a\n    b\n\ny');
    await checkText('a<hr>b<img alt="A cat" src=c>', 'a\n\n---\n\nb[A cat]');
  });

  it('says where a link leads, unless that is said already', async () => {
    await checkText('<a href="../b?c#d">e</a>', 'e (https://x.org/b?c#d)');
    await checkText(
      '<a href="#top">up</a> <a href="https://y/">https://y/</a> <a href="javascript:x()">z</a> <a href=q></a>',
      'up https://y/ z',
    );
    await checkText('<base href="https://z/q/"><a href="r">s</a>', 's (https://z/q/r)');
  });

  it('leaves out what is not shown', async () => {
    await checkText(
      '<style>a{}</style><script>if (a < b) c()</script><template>t</template><p hidden>h</p><svg><title>s</title></svg>ok',
      'ok',
    );
  });

  it('comes to an end in proportion to the size, however broken the document is, and lets others go on', async () => {
    const any = ['<', '<div>'.repeat(1), '<a href=x>', '<!--', '<b ', '</b>', '<table><tr>', '&amp', '<li>', '<p> '];
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    for (const piece of any) await htmlToText(piece.repeat(200_000), 'https://x.org/');
    clearInterval(timer);
    assert.ok(turns > 10);
  });
});

/** A server that nobody may have asked anything when `use` has ended. */
async function withUnaskedServer(use: (host: string) => Promise<void>): Promise<void> {
  let asked = 0;
  await withServer((_, response) => {
    asked += 1;
    response.end();
  }, use);
  assert.equal(asked, 0);
}

/** Accepts any certificate while `use` runs. */
async function withTrust(use: () => Promise<void>): Promise<void> {
  const warn = process.emitWarning;
  process.emitWarning = () => {};
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    await use();
  } finally {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.emitWarning = warn;
  }
}

// Made for this test alone; valid until 2126 for 127.0.0.1.
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUKoluWYkLanLbIil
TDnhAl7ClK5hEe/WU2xrgN3KX5OhRANCAAT9daRjLq3/cYEe8Yoeqm6x0CwNcNGv
I60odqI8zPcjkkPKEPfXYQ6wDK836gqGKkVKVWTW/P2kVLtAt9oX3mP/
-----END PRIVATE KEY-----`;
const CERT = `-----BEGIN CERTIFICATE-----
MIIBlTCCATqgAwIBAgIUCLjpzbQ1fqlkYe+QG1xtussCmY8wCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLdm9sbGV5LXRlc3QwIBcNMjYxMTI4MTkzMzA0WhgPMjEyNjEx
MDQxOTMzMDRaMBYxFDASBgNVBAMMC3ZvbGxleS10ZXN0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAE/XWkYy6t/3GBHvGKHqpusdAsDXDRryOtKHaiPMz3I5JDyhD3
12EOsAyvN+oKhipFSlVk1vz9pFS7QLfaF95j/6NkMGIwHQYDVR0OBBYEFASvcjZI
xEu8PBUyiZWsuQv76IcFMB8GA1UdIwQYMBaAFASvcjZIxEu8PBUyiZWsuQv76IcF
MA8GA1UdEwEB/wQFMAMBAf8wDwYDVR0RBAgwBocEfwAAATAKBggqhkjOPQQDAgNJ
ADBGAiEAsf1w/yteXIu0usMD+EP26N+055dzewQ0awFnEFpI9Q4CIQCzwT5fVIiE
d+0akZ7WauFyvq2Iaq1mQ6FJQKmRMaLtXA==
-----END CERTIFICATE-----`;
