import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { commandLine, validated } from '../support/cli.js';
import { type Workspace, withWorkspace } from '../support/workspaces.js';

const volley = (workspace: Workspace, args: readonly string[], input = '') => commandLine(workspace, args, { input });

const BATCH = JSON.stringify({
  name: 'demo',
  operations: [
    { id: 'find', tool: 'glob', input: { patterns: '*.txt' } },
    { id: 'one', tool: 'grep', input: { pattern: 'one' } },
    { id: 'two', tool: 'grep', input: { pattern: 'two' } },
    { id: 'count', tool: 'command', input: { argv: ['wc', '-l', '${find.files}'] } },
    { id: 'out', tool: 'write', input: { path: 'out.md', content: '${count.output}' } },
    { id: 'back', tool: 'read', input: { path: 'out.md' } },
  ],
});
const FILES = { 'a.txt': 'one\ntwo\n', 'b.txt': 'two\n' };

describe('volley batch', () => {
  it('prints all answers as one text for whoever pays for each token, and says how much of the context that took', async () => {
    await withWorkspace({ ...FILES, 'c.txt': 'the only line that is long enough\n' }, async (workspace) => {
      const batch = JSON.stringify({
        operations: [
          { id: 'look', tool: 'grep', input: { pattern: 'only', paths: ['c.txt'] } },
          { id: 'read', tool: 'read', input: { path: 'c.txt' } },
          { id: 'no', tool: 'command', input: { argv: ['sh', '-c', 'echo no; exit 3'] } },
        ],
      });
      const { stdout, stderr, code } = await volley(workspace, ['batch', '-', '--combined', '--tokens'], batch);
      assert.equal(code, 1);
      assert.deepEqual(stdout.trimEnd().split('\n').slice(1), [
        ...['=== look', 'c.txt', ':1=', '=== read', 'the only line that is long enough'],
        ...['=== no: failed, exit code 3', 'no'],
      ]);
      assert.match(
        stderr,
        /^Context: \d+ tokens for the batch and one combined answer, against \d+ for one call and one answer an operation/m,
      );
      const json = await volley(workspace, ['batch', '-', '--json', '--tokens'], batch);
      const { context } = await validated('batch-result', json.stdout);
      assert.ok(context.combinedTokens < context.answersTokens && context.results === 3);
    });
  });

  it('runs a file or what stands on standard input, and prints all answers as one document', async () => {
    await withWorkspace(FILES, async (workspace) => {
      await writeFile(path.join(workspace.folder, 'demo.batch.jsonc'), `// a comment\n${BATCH}`);
      const first = await volley(workspace, ['batch', 'demo.batch.jsonc', '--json']);
      assert.equal(first.code, 0, first.stderr);
      const document = await validated('batch-result', first.stdout);
      const operation = (id: string) => document.operations.find((each: { id: string }) => each.id === id);
      assert.deepEqual(operation('find').files, ['a.txt', 'b.txt']);
      assert.match(operation('back').output, /2 a\.txt\n {1,}1 b\.txt/);
      assert.deepEqual(operation('one').fusedWith, ['two']);
      assert.deepEqual(document.changed, ['out.md']);
      const second = await volley(workspace, ['batch', '-', '--json', '--sequential'], BATCH);
      const again = await validated('batch-result', second.stdout);
      assert.equal(again.operations.find((each: { id: string }) => each.id === 'back').output, operation('back').output);
      const people = await volley(workspace, ['batch', 'demo.batch.jsonc', '--results']);
      assert.match(people.stdout, /passed +find +.*2 files\n {4}a\.txt\n {4}b\.txt/s);
      assert.match(people.stdout, /6 operations in .*: 6 passed/);
      const undone = await volley(workspace, ['fix', '--undo']);
      assert.equal(undone.code, 0, undone.stderr);
    });
  });

  it('tells all that is wrong with its place, and runs nothing', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const wrong =
        '{"operations": [{"id": "a", "tool": "read", "input": {"path": "${b.output}"}},\n{"tool": "raed", "input": {}}]}';
      const { code, stdout, stderr } = await volley(workspace, ['batch', '-', '--json'], wrong);
      assert.equal(code, 2);
      const { problems } = await validated('error', stdout);
      assert.deepEqual(
        problems.map(({ line, column }: { line: number; column: number }) => [line, column]),
        [
          [1, 17],
          [2, 10],
        ],
      );
      assert.match(stderr, /standard input:2:10: .*“operations\[1\]\.tool” has to be/);
      const missing = await volley(workspace, ['batch', 'nowhere.batch.jsonc']);
      assert.deepEqual([missing.code, missing.stdout], [2, '']);
    });
  });

  it('ends with 1 for a failure, shows what it printed, and says what was not run', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const batch = JSON.stringify({
        operations: [
          { id: 'fails', tool: 'command', input: { shell: 'echo the reason; exit 4' } },
          { id: 'needs', tool: 'read', input: { path: 'a.txt' }, needs: ['fails'] },
          { id: 'other', tool: 'read', input: { path: 'a.txt' } },
        ],
      });
      const { code, stdout } = await volley(workspace, ['batch', '-'], batch);
      assert.equal(code, 1);
      assert.match(stdout, /failed +fails +exit code 4: the reason\n {4}the reason/);
      assert.match(stdout, /skipped +needs +It needs "fails", which failed/);
    });
  });

  it('explains its plan, and measures it', async () => {
    await withWorkspace(FILES, async (workspace) => {
      await writeFile(path.join(workspace.folder, 'demo.batch.jsonc'), BATCH);
      const plan = await validated('plan', (await volley(workspace, ['plan', 'demo.batch.jsonc', '--json'])).stdout);
      assert.ok(
        plan.edges.some(({ from, to, reason }: Record<string, string>) => from === 'out' && to === 'back' && reason === 'hazard'),
      );
      assert.equal(plan.predictedMs, undefined, 'nothing is known before it has run');
      await volley(workspace, ['batch', 'demo.batch.jsonc', '--json']);
      const known = await validated('plan', (await volley(workspace, ['plan', 'demo.batch.jsonc', '--json'])).stdout);
      assert.ok(known.predictedMs > 0);
      const again = await validated('batch-result', (await volley(workspace, ['batch', 'demo.batch.jsonc', '--json'])).stdout);
      assert.ok(again.predictedMs > 0 && again.makespanMs > 0);
      const people = await volley(workspace, ['plan', 'demo.batch.jsonc']);
      assert.match(people.stdout, /^Predicted {7}about .*\. An estimate, from how long operations took before$/m);
      assert.match(people.stdout, /Layer 1: 3 operations.*after out: it reads what that one writes \(out\.md\)/s);
      const measured = await volley(workspace, ['verify', 'demo.batch.jsonc', '--pairs', '2']);
      assert.equal(measured.code, 0, measured.stdout + measured.stderr);
      assert.match(measured.stdout, /the same in all trials/);
    });
  });
});
