import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { hostVersions, installServer, serverIsSupported } from '../../scripts/install-host.mjs';
import { commandLine, PROGRAM, validated } from '../support/cli.js';
import { withWorkspace } from '../support/workspaces.js';

const GATES = { good: { command: ['true'] }, bad: { command: { shell: 'echo wrong; exit 1' } } };
const OPERATIONS = [
  { id: 'say', tool: 'command', input: { argv: ['echo', 'said'] }, reads: [], writes: [] },
  { id: 'read', tool: 'read', input: { path: 'volley.jsonc' } },
];

/** Those that the editor servers of the tests come with; the tests themselves run on the oldest. */
describe('The command line on newer versions of Node', () => {
  before(() => access(PROGRAM));

  for (const version of hostVersions)
    it(`does on Node ${version.node} what it is there for, and says nothing else`, async function () {
      this.timeout(600_000);
      if (!serverIsSupported()) this.skip();
      const node = path.join(await installServer(version), 'node/bin/node');
      const files = { 'volley.jsonc': { gates: GATES }, 'one.batch.json': { operations: OPERATIONS } };
      await withWorkspace(files, async (workspace) => {
        const volley = (...args: readonly string[]) => commandLine(workspace, args, { node });
        // The second time from compiled code that was kept.
        for (let time = 0; time < 2; time += 1) {
          const help = await volley('--help');
          assert.deepEqual([help.code, help.stderr], [0, '']);
          const run = await volley('run', '--json', '--no-cache');
          const { gates } = await validated('run', run.stdout);
          assert.deepEqual([run.code, run.stderr], [1, '']);
          assert.deepEqual(Object.fromEntries(gates.map(({ id, outcome }: Ended) => [id, outcome])), {
            good: 'passed',
            bad: 'failed',
          });
          const batch = await volley('batch', 'one.batch.json');
          assert.deepEqual([batch.code, batch.stderr], [0, '']);
          assert.match(batch.stdout, /2 operations in .*: 2 passed/);
        }
      });
    });
});

interface Ended {
  readonly id: string;
  readonly outcome: string;
}
