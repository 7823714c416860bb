import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { commandLine, PROGRAM, validated } from '../support/cli.js';
import { type Workspace, withWorkspace } from '../support/workspaces.js';

const plan = (workspace: Workspace, ...args: string[]) => commandLine(workspace, ['plan', ...args]);
const FILES = {
  'package.json': { name: 'x', scripts: { 'lint:a': 'node a.mjs', 'test:b': 'node b.mjs' } },
  'a.mjs': '',
  'b.mjs': '',
  'steps.batch.jsonc': { operations: [{ id: 'read', tool: 'read', input: { path: 'a.mjs' } }] },
};

describe('volley plan', () => {
  before(() => access(PROGRAM));

  it('explains what a run of gates would do, and executes none', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const first = await plan(workspace);
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stdout, /^Plan of 2 gates · files of the workspace · in parallel\n\n2 gates would run: in the order/);
      assert.match(first.stdout, /Predicted {7}nothing before .* have run/);
      assert.equal((await commandLine(workspace, ['runs'])).stdout, 'Nothing has run yet.\n');
      await commandLine(workspace, ['run', '--no-cache']);
      const known = await plan(workspace, '--jobs', '2');
      assert.match(known.stdout, /\nSlots {11}2\n(.|\n)*Predicted {7}about .*; from 1 earlier run\. An estimate, from how long/);
      const document = await validated('plan', (await plan(workspace, '--json', '--sequential')).stdout);
      assert.deepEqual([document.of, document.mode, document.gates.length, document.order.length], ['gates', 'sequential', 2, 2]);
      assert.ok(document.predictedMs > 0 && document.predictedFromRuns === 1 && document.order[1].startsMs > 0);
      const run = await validated('run', (await commandLine(workspace, ['run', '--no-cache', '--json'])).stdout);
      assert.equal(run.predictedFromRuns, 1);
      assert.match((await commandLine(workspace, ['runs'])).stdout, /^1 .* predicted about .*, took /);
    });
  });

  it('is limited to the gates and the scope that are asked for', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const { stdout } = await plan(workspace, 'lint', '--files', 'a.mjs');
      assert.match(stdout, /^Plan of 1 gate · selected files · in parallel\n/);
      assert.equal((await plan(workspace, 'nothing-like-it')).code, 2);
      assert.equal((await validated('error', (await plan(workspace, 'none', '--json')).stdout)).version, 1);
    });
  });

  it('explains a batch file as before', async () => {
    await withWorkspace(FILES, async (workspace) => {
      assert.match((await plan(workspace, 'steps.batch.jsonc')).stdout, /^Layer 1: 1 operation\n/);
      const document = await validated('plan', (await plan(workspace, 'steps.batch.jsonc', '--json')).stdout);
      assert.deepEqual([document.of, document.advice.length], [undefined, 1]);
    });
  });
});
