/** Runs a batch in a folder, as `volley batch` does, and says so line by line: `FOLDER STORAGE BATCH-FILE`. A test kills it. */
import { readFile } from 'node:fs/promises';
import { createEngine } from '../../src/core/engine.js';
import { nodeHost } from '../../src/core/host.js';

const [folder = '', storage = '', file = ''] = process.argv.slice(2);
const engine = createEngine(nodeHost({ folder, storage }));
const planned = await engine.planBatch(await readFile(file, 'utf8'), { slots: 4 });
if (planned.kind !== 'batch') throw new Error(JSON.stringify(planned));
// One line for a batch, so that one process serves many kills of others.
process.stdout.write('ready\n');
const run = engine.runBatch({ batch: planned.batch, mode: 'parallel', slots: 4, failure: 'continue', label: 'Test' });
run.onEvent((event) => {
  if (event.kind === 'started' || event.kind === 'finished') process.stdout.write(`${event.kind}\n`);
});
await run.finished;
process.stdout.write('done\n');
await engine.dispose();
