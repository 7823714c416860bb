import assert from 'node:assert/strict';
import { once } from 'node:events';
import { access, readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { Ajv } from 'ajv';
import { commandLine, PROGRAM } from '../support/cli.js';
import { type Workspace, withWorkspace } from '../support/workspaces.js';

const FILES = {
  'volley.jsonc': { gates: { words: { command: { shell: "echo 'src/a.py:2:3: E1 bad | worse'; exit 1" }, parser: 'flake8' } } },
  'src/a.py': 'x\ny\n',
  'steps.batch.jsonc': { operations: [{ id: 'read', tool: 'read', input: { path: 'src/a.py' } }] },
};
const within = (use: (workspace: Workspace) => Promise<void>) => withWorkspace(FILES, use);
const read = ({ folder }: Workspace, name: string) => readFile(path.join(folder, name), 'utf8');

/** The document, which has to fit the published schema of reports. */
// biome-ignore lint/suspicious/noExplicitAny: what the schema has checked
async function fitting(text: string): Promise<any> {
  const schema = async (name: string) =>
    JSON.parse(await readFile(path.join(import.meta.dirname, '../../schemas', name), 'utf8'));
  const ajv = new Ajv({ allErrors: true, strict: false });
  ajv.addSchema(await schema('run.schema.json'), 'run.schema.json');
  const document = JSON.parse(text);
  assert.ok(ajv.validate(await schema('report.schema.json'), document), ajv.errorsText());
  return document;
}

describe('Reports of the command line', () => {
  before(() => access(PROGRAM));

  it('are written in every format that names ask for, and change nothing of the exit code', async () => {
    await within(async (workspace) => {
      const names = [
        'r.txt',
        'r.md',
        'r.html',
        'r.json',
        'r.trace.json',
        'r.otlp.json',
        'r.sarif',
        'r.xml',
        'summary:s.md',
        'github:g.txt',
      ];
      const { code, stdout } = await commandLine(workspace, [
        'run',
        ...names.flatMap((name) => ['--report', name]),
        '--html',
        'p.html',
      ]);
      assert.equal(code, 1, stdout);
      assert.match(stdout, /Report written to .*r\.sarif \(SARIF 2\.1\.0\)/);
      const text = Object.fromEntries(
        await Promise.all([...names, 'p.html'].map(async (name) => [name, await read(workspace, name.replace(/^\w+:/, ''))])),
      );
      assert.match(text['r.txt'], /src\/a\.py:2:3 .* bad \| worse/);
      assert.match(text['r.md'], /`src\/a\.py:2:3` \| \w+ \| bad \\\| worse \|/);
      for (const html of ['r.html', 'p.html']) assert.match(text[html], /^<!DOCTYPE html>/);
      assert.equal(JSON.parse(text['r.json']).runs[0].operations[0].findings[0].file, 'src/a.py');
      const events: { name: string; ph: string }[] = JSON.parse(text['r.trace.json']).traceEvents;
      assert.ok(
        events.some(({ name, ph }) => ph === 'C' && name === 'memory'),
        'memory was read while it ran',
      );
      assert.equal(JSON.parse(text['r.otlp.json']).resourceSpans.length, 1);
      assert.equal(JSON.parse(text['r.sarif']).runs[0].results[0].ruleId, 'E1');
      assert.match(text['r.xml'], /<failure message="bad \| worse"/);
      assert.match(text['summary:s.md'], /^# Run All Gates/);
      assert.match(text['github:g.txt'], /^::\w+ title=.*,file=src\/a\.py,line=2,.*::bad \| worse$/m);
    });
  });

  it('are refused before anything runs where nothing tells their format', async () => {
    await within(async (workspace) => {
      const { code, stdout, stderr } = await commandLine(workspace, ['run', '--report', 'report']);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /Nothing tells which format "report" has\./);
      assert.match((await commandLine(workspace, ['report'])).stderr, /Nothing has run in this folder yet/);
    });
  });

  it('that cannot be written make the command end with 2, after all others were written', async () => {
    await within(async (workspace) => {
      const { code, stderr } = await commandLine(workspace, ['run', '--report', 'no/such/r.md', '--report', 'r.xml', '--json']);
      assert.equal(code, 2);
      assert.match(stderr, /The report could not be written to .*r\.md: ENOENT/);
      assert.match(stderr, /Report written to .*r\.xml/);
      await read(workspace, 'r.xml');
    });
  });

  it('annotate and summarise by themselves in GitHub Actions, and nowhere else', async () => {
    await within(async (workspace) => {
      const summary = path.join(workspace.outside, 'summary.md');
      await writeFile(summary, 'before\n');
      const env = {
        GITHUB_ACTIONS: 'true',
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_WORKSPACE: workspace.folder,
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REPOSITORY: 'ada/shop',
        GITHUB_SHA: 'abc',
      };
      const first = await commandLine(workspace, ['run'], { env });
      assert.match(first.stdout, /^::\w+ title=[^\n]*,file=src\/a\.py,line=2[^\n]*::bad \| worse$/m);
      const text = await readFile(summary, 'utf8');
      assert.match(text, /^before\n# Run All Gates\n/);
      assert.ok(text.includes('(<https://github.com/ada/shop/blob/abc/src/a.py#L2>)'));
      const document = await commandLine(workspace, ['run', '--json'], { env });
      JSON.parse(document.stdout);
      assert.match(document.stderr, /^::/m);
      const { stdout } = await commandLine(workspace, ['run', '--no-github'], { env });
      assert.doesNotMatch(stdout, /^::/m);
      assert.doesNotMatch((await commandLine(workspace, ['run'])).stdout, /^::/m);
      assert.match((await commandLine(workspace, ['run', '--github'])).stdout, /^::/m);
      await writeFile(summary, 'x'.repeat(999_500));
      const full = await commandLine(workspace, ['run'], { env });
      assert.equal(full.code, 1);
      assert.match(full.stderr, /The summary of the job is full/);
    });
  });

  it('are sent as spans to an endpoint, typed or of the environment, and a refusal is told', async () => {
    await within(async (workspace) => {
      const received: {
        path: string | undefined;
        document: { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] };
      }[] = [];
      let status = 200;
      const server = http.createServer(async (request, response) => {
        received.push({ path: request.url, document: (await json(request)) as (typeof received)[number]['document'] });
        response.writeHead(status).end();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const typed = await commandLine(workspace, ['run', '--otlp', endpoint]);
        assert.equal(typed.code, 1);
        assert.match(typed.stdout, /\d+ spans sent to http:\/\/127\.0\.0\.1:\d+\/v1\/traces/);
        assert.equal(received[0]?.path, '/v1/traces');
        assert.equal(received[0]?.document.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.name, 'Run All Gates');
        const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
        assert.equal((await commandLine(workspace, ['report', '--otlp'], { env })).code, 0);
        assert.deepEqual(received[1]?.document, received[0]?.document);
        // Nothing leaves the machine unless somebody asked for it.
        await commandLine(workspace, ['run'], { env });
        assert.equal(received.length, 2);
        status = 500;
        const refused = await commandLine(workspace, ['batch', 'steps.batch.jsonc', '--otlp', endpoint]);
        assert.equal(refused.code, 2);
        assert.match(refused.stderr, /answered 500, so no spans arrived/);
        assert.match((await commandLine(workspace, ['run', '--otlp', 'words'])).stderr, /"words" is no address of an endpoint/);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  });

  it('are made of past runs, batches and verifications from the history', async () => {
    await within(async (workspace) => {
      await commandLine(workspace, ['batch', 'steps.batch.jsonc']);
      await commandLine(workspace, ['verify', '--pairs', '1']);
      const newest = await commandLine(workspace, ['report', '--format', 'json']);
      const document = await fitting(newest.stdout);
      assert.deepEqual([newest.code, document.kind, document.runs.length], [0, 'verification', 2]);
      const list = (await commandLine(workspace, ['runs'])).stdout.trimEnd().split('\n');
      assert.equal(list.length, 5);
      assert.match(list[0] ?? '', / Verify Speedup +verification /);
      const idOf = (line = '') => line.split(' ').at(-1) ?? '';
      const batch = idOf(list.at(-1));
      assert.match((await commandLine(workspace, ['report', batch])).stdout, /^Batch steps\.batch\.jsonc · passed/);
      const { runs } = await fitting((await commandLine(workspace, ['report', batch, '--format', 'json'])).stdout);
      assert.deepEqual(
        [runs[0].of, runs[0].operations[0].input, runs[0].operations[0].summary],
        ['batch', { path: 'src/a.py' }, '2 lines of src/a.py'],
      );
      const trial = idOf(list[1]);
      assert.match((await commandLine(workspace, ['report', trial])).stdout, /^Verify Speedup, pair 1, /);
      const written = await commandLine(workspace, ['report', document.verification.id, '-o', 'v.trace.json']);
      assert.equal(written.code, 0);
      const processes = JSON.parse(await read(workspace, 'v.trace.json')).traceEvents.filter(
        ({ name }: { name: string }) => name === 'process_name',
      );
      assert.equal(processes.length, 2);
      const problems: readonly (readonly [readonly string[], RegExp])[] = [
        [['report', 'x'], /No run that is kept is called "x"\. volley runs lists them\./],
        [['report', '2026'], /There is no run|Several runs begin with "2026"/],
        [['report', '99'], /There is no run "99"\. \d+ are kept/],
        [['report', '-o', 'x'], /Nothing tells which format "x" has/],
      ];
      for (const [args, message] of problems) {
        const { code, stderr } = await commandLine(workspace, args);
        assert.equal(code, 2);
        assert.match(stderr, message);
      }
    });
  });
});
