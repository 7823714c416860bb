import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { combinedAnswer } from '../../../src/core/batch/combined.js';
import { combinedOfKept, keepAnswers, keptAnswers } from '../../../src/core/batch/kept-answers.js';
import type { RunId } from '../../../src/core/model.js';
import { withEngine } from '../../support/engine.js';
import { inTemporaryDirectory } from '../../support/processes.js';

const operations = [
  { id: 'read', tool: 'read', input: { path: 'a.txt' } },
  { id: 'again', tool: 'read', input: { path: 'a.txt' } },
  { id: 'fails', tool: 'command', input: { shell: 'echo no; exit 3' }, writes: [] },
];

describe('The answers of a batch', () => {
  it('are kept with its run where somebody may ask for them, and give the same combined answer as the run itself', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), 'a line that is long enough to be worth a reference\n'.repeat(9));
      const planned = await engine.planBatch(JSON.stringify({ operations }), { slots: 2 });
      assert.ok(planned.kind === 'batch');
      const request = { batch: planned.batch, mode: 'parallel', slots: 2, failure: 'continue', label: 'Test' } as const;
      const counted = engine.runBatch({ ...request, keepAnswers: true, countTokens: true });
      await counted.finished;
      assert.match(counted.combined(), /=== again\n\[= read\]\n=== fails: failed, exit code 3\nno/);
      assert.equal(await engine.combinedAnswer(counted.id), counted.combined());
      assert.deepEqual(await engine.answers(counted.id), { context: counted.context() });
      assert.ok(counted.context());
      const uncounted = engine.runBatch({ ...request, keepAnswers: true });
      await uncounted.finished;
      assert.deepEqual(await engine.answers(uncounted.id), {});
      const unasked = engine.runBatch(request);
      await unasked.finished;
      assert.deepEqual([await engine.answers(unasked.id), await engine.combinedAnswer(unasked.id)], [undefined, undefined]);
      assert.equal(await engine.combinedAnswer('another' as RunId), undefined);
    });
  });

  it('are made one text in slices of time, however many they are', async () => {
    await inTemporaryDirectory(async (directory) => {
      const answers = Array.from({ length: 300 }, (_, index) => ({
        ...{ id: `answer ${index}`, head: index % 7 === 0 ? 'failed' : '' },
        text: `${'the same in all of them, and long enough to be referred to. '.repeat(4)}\n${index}\n`.repeat(20),
      }));
      await keepAnswers(directory, answers, undefined);
      assert.equal(await combinedOfKept(directory), combinedAnswer(answers));
    });
  });

  it('are none where they are damaged or of another version', async () => {
    await inTemporaryDirectory(async (directory) => {
      await keepAnswers(directory, [{ id: 'a', head: '', text: 'x' }], undefined);
      await writeFile(path.join(directory, 'answers.jsonl'), '{"id":');
      assert.equal(await combinedOfKept(directory), undefined);
      await writeFile(path.join(directory, 'answers.json'), '{"version":2}');
      assert.equal(await keptAnswers(directory), undefined);
      await writeFile(path.join(directory, 'answers.json'), '{');
      assert.equal(await keptAnswers(directory), undefined);
    });
  });
});
