import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { commandLine, validated } from '../support/cli.js';
import { type Workspace, withWorkspace } from '../support/workspaces.js';

const tune = (workspace: Workspace, args: readonly string[]) => commandLine(workspace, ['tune', ...args]);
const scripts = (all: Readonly<Record<string, string>>) => ({
  'package.json': JSON.stringify({ name: 'x', private: true, scripts: all }),
});
const TWO = scripts({ lint: 'node -e 0', test: 'node -e 0' });

describe('volley tune', () => {
  it('measures gates, draws the curve, and writes the number into the settings of the workspace, comments kept', async () => {
    await withWorkspace({ ...TWO, '.vscode/settings.json': '{\n  // mine\n  "volley.slots": 7\n}\n' }, async (workspace) => {
      const { stdout, stderr, code } = await tune(workspace, ['--rounds', '1', '--seed', '5', '--apply']);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^trial 3 of at most 3, (\d slots?|slots chosen by Volley): /m);
      assert.match(stdout, /^Tune Concurrency · 2 gates\n +slots {2}median .*\n +1 .*█.*\n +2 .*█.*\n {2}automatic .*█/m);
      assert.match(stdout, /3 trials in 1 round, each in an order at random \(seed 5\).* at the limit of 1 round\./);
      const [, used] = /^Use (\d) slots?: /m.exec(stdout) ?? [];
      const settings = await readFile(path.join(workspace.folder, '.vscode/settings.json'), 'utf8');
      assert.equal(settings, `{\n  // mine\n  "volley.slots": ${used}\n}\n`);
      assert.match(stdout, /^volley\.slots is \d in .*settings\.json now; it was 7\.$/m);
    });
  });

  it('prints one document, also of a batch file and of operations on files', async () => {
    const operations = ['a', 'b'].map((id) => ({ id, tool: 'command', input: { argv: ['true'] }, reads: [], writes: [] }));
    await withWorkspace(
      { ...TWO, 'x.batch.jsonc': JSON.stringify({ operations }), 'a.txt': 'a', 'b.txt': 'b' },
      async (workspace) => {
        const gates = await validated('tune', (await tune(workspace, ['--rounds', '1', '--json'])).stdout);
        assert.equal(gates.automatic.samples, 1);
        assert.deepEqual([gates.subject.kind, gates.numbers, gates.trials.length], ['gates', [1, 2], 3]);
        const batch = await validated('tune', (await tune(workspace, ['x.batch.jsonc', '--rounds', '1', '--json'])).stdout);
        assert.deepEqual([batch.subject.label, batch.numbers], ['x.batch.jsonc', [1, 2]]);
        const files = await validated('tune', (await tune(workspace, ['--files', 'read', '--rounds', '1', '--json'])).stdout);
        assert.deepEqual([files.subject, files.operations, files.numbers], [{ kind: 'files', tool: 'read' }, 4, [1, 2, 4]]);
        await assert.rejects(readFile(path.join(workspace.folder, '.vscode/settings.json')));
      },
    );
  });

  it('is found again by its id, in every format that suits it', async () => {
    await withWorkspace(TWO, async (workspace) => {
      const { id, text } = await validated('tune', (await tune(workspace, ['--rounds', '1', '--json'])).stdout);
      const runs = await validated('runs', (await commandLine(workspace, ['runs', '--json'])).stdout);
      assert.deepEqual([runs.runs, runs.tunings[0].id, runs.tunings[0].trials], [[], id, 3]);
      assert.match(
        (await commandLine(workspace, ['runs'])).stdout,
        /^ +\d{4}-\S+ \d\d:\d\d {2}Tune Concurrency {2}tuning {2}.*\S\n$/,
      );
      const report = (...args: string[]) => commandLine(workspace, ['report', ...args]);
      const { stdout, code } = await report(id.slice(0, 17));
      assert.equal(code, 0);
      assert.match(stdout, /^Tune Concurrency · 2 gates\n/);
      assert.ok(stdout.includes(text));
      assert.equal((await validated('tune', (await report(id, '--format', 'json')).stdout)).id, id);
      assert.match((await report(id, '-o', 'curve.html')).stdout, /^Report written to .*curve\.html$/m);
      const page = await readFile(path.join(workspace.folder, 'curve.html'), 'utf8');
      assert.match(page, /<title>Volley: \S+, Tune Concurrency<\/title>/);
      for (const wrong of [
        ['--format', 'sarif'],
        ['-o', 'x.xml'],
        ['--otlp', 'http://localhost:1'],
      ]) {
        const refused = await report(id, ...wrong);
        assert.equal(refused.code, 2);
        assert.match(
          refused.stderr,
          /"Tune Concurrency" is no run, so there is no report of it as .* Choose one of text, html, json/,
        );
      }
    });
  });

  it('leaves settings that it cannot read as they are, and says so', async () => {
    await withWorkspace({ ...TWO, '.vscode/settings.json': '{ "a": ' }, async (workspace) => {
      const { stderr, code } = await tune(workspace, ['--rounds', '1', '--apply', '--json']);
      assert.equal(code, 2);
      assert.match(stderr, /settings\.json: It is not valid JSON with comments, so nothing was written/);
      assert.equal(await readFile(path.join(workspace.folder, '.vscode/settings.json'), 'utf8'), '{ "a": ');
    });
  });

  it('recommends nothing where nothing can be chosen, or where results differ', async () => {
    await withWorkspace(scripts({ lint: 'node -e 0' }), async (workspace) => {
      const { stdout, code } = await tune(workspace, []);
      assert.equal(code, 0);
      assert.match(stdout, /^No recommendation: Only one gate runs, so there is nothing to run at the same time\.$/m);
    });
    const flaky = `const fs = require('fs'); fs.appendFileSync('n', 'x'); process.exitCode = fs.readFileSync('n').length > 2 ? 1 : 0; console.log('a.js:1:1: error wrong');`;
    await withWorkspace({ ...scripts({ lint: 'node flaky.cjs', test: 'node -e 0' }) }, async (workspace) => {
      await writeFile(path.join(workspace.folder, 'flaky.cjs'), flaky);
      const { stdout, code } = await tune(workspace, ['--rounds', '5']);
      assert.equal(code, 1, stdout);
      assert.match(stdout, /^No recommendation: results differ between trials in 1 place/m);
    });
  });

  it('refuses what it does not understand', async () => {
    await withWorkspace(TWO, async (workspace) => {
      for (const args of [
        ['nothing-like-it'],
        ['--files', 'write'],
        ['--files', '--apply'],
        ['--rounds', '0'],
        ['--seed', '1.5'],
      ])
        assert.equal((await tune(workspace, args)).code, 2, args.join(' '));
    });
  });
});
