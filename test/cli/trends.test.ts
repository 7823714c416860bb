import assert from 'node:assert/strict';
import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { commandLine, PROGRAM, validated } from '../support/cli.js';
import { type Workspace, withWorkspace } from '../support/workspaces.js';

const volley = (workspace: Workspace, ...args: string[]) => commandLine(workspace, args);
const PACKAGE = {
  'package.json': { name: 'x', scripts: { 'lint:a': 'node a.mjs', test: 'node --test' } },
  'a.mjs': '',
  'a.test.mjs': '',
};
const broken = ({ folder }: Workspace) => writeFile(path.join(folder, 'a.mjs'), 'process.exitCode = 1;\n');

describe('volley trends, runs and compare', () => {
  before(() => access(PROGRAM));

  it('say so where nothing has run', async () => {
    await withWorkspace(PACKAGE, async (workspace) => {
      assert.match((await volley(workspace, 'trends')).stdout, /^Nothing has run yet\.\n/);
      assert.equal((await volley(workspace, 'runs')).stdout, 'Nothing has run yet.\n');
      const none = await volley(workspace, 'compare', '--json');
      assert.equal(none.code, 2);
      assert.match((await validated('error', none.stdout)).error, /no run "previous"\. Nothing has run yet/);
    });
  });

  it('tell of runs, what changed between two of them, and how each gate went', async () => {
    await withWorkspace(PACKAGE, async (workspace) => {
      assert.equal((await volley(workspace, 'run', '--no-cache')).code, 0);
      await broken(workspace);
      assert.equal((await volley(workspace, 'run', '--no-cache')).code, 1);

      const runs = await validated('runs', (await volley(workspace, 'runs', '--json')).stdout);
      assert.deepEqual(
        runs.runs.map(({ outcome }: { outcome: string }) => outcome),
        ['failed', 'passed'],
      );
      assert.match((await volley(workspace, 'runs')).stdout, /^1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}Run All Gates {2}failed /);

      const trends = await validated('trends', (await volley(workspace, 'trends', '--json')).stdout);
      assert.deepEqual(
        trends.gates.map(({ executed }: { executed: number }) => executed),
        [2, 2],
      );
      assert.equal(trends.saved.measured.runs, 0);
      const [{ id }] = trends.gates;
      const text = await volley(workspace, 'trends', id);
      assert.match(text.stdout, new RegExp(`${id}  2 runs\\n.*in parallel, with others · `));
      assert.match(text.stdout, /Measured: nothing yet\. Verify Speedup measures/);
      assert.match(text.stdout, /Estimated: .* Sum of the running times less the makespan/);

      const comparison = await validated('compare', (await volley(workspace, 'compare', '--json')).stdout);
      assert.deepEqual([comparison.before.outcome, comparison.after.outcome], ['passed', 'failed']);
      const sum = comparison.shares.reduce((all: number, { difference }: { difference: number }) => all + difference, 0);
      assert.ok(Math.abs(sum - comparison.makespan.difference) < 1e-6);
      assert.match((await volley(workspace, 'compare')).stdout, / passed → failed/);
      const [second, first] = runs.runs.map(({ run }: { run: string }) => run);
      for (const names of [[first, second], ['2', '1'], ['previous', 'latest'], [first], [first.slice(0, 19), '1']])
        assert.match((await volley(workspace, 'compare', ...names)).stdout, / passed → failed/, names.join());
      assert.match((await volley(workspace, 'compare', 'latest', 'previous')).stdout, / failed → passed/);
    });
  });

  it('are written as one page, which needs nothing else, or as text or a document', async () => {
    await withWorkspace(PACKAGE, async (workspace) => {
      for (let run = 0; run < 2; run += 1) await volley(workspace, 'run', '--no-cache');
      const page = (await volley(workspace, 'trends', '--format', 'html')).stdout;
      assert.match(page, /^<!DOCTYPE html>(?:.|\n)*<title>Volley: \S+, Trends<\/title>/);
      assert.doesNotMatch(page, /(?:src|href)="?http/);
      const read = (name: string) => readFile(path.join(workspace.folder, name), 'utf8');
      assert.match((await volley(workspace, 'trends', 'test', '-o', 't.html')).stdout, /^Report written to .*t\.html\n$/);
      const data = JSON.parse(/id="volley-data">(.*)<\/script>/.exec(await read('t.html'))?.[1] ?? '');
      assert.deepEqual([data.view.kind, data.view.trends.gates.length], ['trends', 1]);
      await volley(workspace, 'compare', '-o', 'c.html');
      assert.match(await read('c.html'), /Two runs compared<\/title>/);
      await volley(workspace, 'compare', '-o', 'c.json');
      await validated('compare', await read('c.json'));
      await volley(workspace, 'trends', '-o', 't.txt');
      assert.match(await read('t.txt'), /Time saved so far/);
      const unknown = await volley(workspace, 'trends', '-o', 'trends.xml');
      assert.equal(unknown.code, 2);
      assert.match(unknown.stderr, /"Trends" is no run, so there is no report of it as junit/);
      assert.match((await volley(workspace, 'trends', '-o', 'trends')).stderr, /Nothing tells which format "trends" has/);
    });
  });

  it('say what there is where a name is unknown', async () => {
    await withWorkspace(PACKAGE, async (workspace) => {
      await volley(workspace, 'run');
      const gate = await volley(workspace, 'trends', 'none');
      assert.equal(gate.code, 2);
      assert.match(gate.stderr, /Nothing that has run is called "none"\. There are: /);
      const run = await volley(workspace, 'compare', 'none');
      assert.equal(run.code, 2);
      assert.match(run.stderr, /No run that is kept is called "none"/);
      assert.match((await volley(workspace, 'compare', '9')).stderr, /There is no run "9"\. 1 are kept/);
      assert.equal((await volley(workspace, 'trends', '-C', 'nowhere')).code, 2);
    });
  });
});
