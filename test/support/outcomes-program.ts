/** Runs a batch and writes as JSON what came of each operation, for tests that do so as another user: `FOLDER STORAGE BATCH-FILE`. */
import { readFile } from 'node:fs/promises';
import { createEngine } from '../../src/core/engine.js';
import { nodeHost } from '../../src/core/host.js';
import { failureText } from '../../src/core/messages.js';

const [folder = '', storage = '', file = ''] = process.argv.slice(2);
const engine = createEngine(nodeHost({ folder, storage }));
const planned = await engine.planBatch(await readFile(file, 'utf8'), { slots: 4 });
if (planned.kind !== 'batch') throw new Error(JSON.stringify(planned));
const run = engine.runBatch({ batch: planned.batch, mode: 'parallel', slots: 4, failure: 'continue', label: 'Test' });
const { operations } = await run.finished;
const said = operations.map(({ id, outcome }) => [
  id,
  outcome?.kind === 'errored' ? failureText(outcome.failure) : outcome?.kind,
]);
process.stdout.write(JSON.stringify(Object.fromEntries(said)));
await engine.dispose();
