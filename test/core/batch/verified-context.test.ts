import assert from 'node:assert/strict';
import { createEngine } from '../../../src/core/engine.js';
import { nodeHost } from '../../../src/core/host.js';
import { inTemporaryDirectory } from '../../support/processes.js';

describe('The context that a verification tells of', () => {
  it('is that of its warm-up, and is counted when the last trial has ended', async () => {
    await inTemporaryDirectory(async (folder) =>
      inTemporaryDirectory(async (storage) => {
        let ended = 0;
        const endedAtCounts: number[] = [];
        const languageModel = {
          ask: () => Promise.reject(new Error('nobody is asked')),
          async count(text: string) {
            endedAtCounts.push(ended);
            return text.length;
          },
        };
        const engine = createEngine({ ...nodeHost({ folder, storage }), languageModel });
        try {
          const operations = [{ id: 'list', tool: 'list', input: { path: '.' } }];
          const planned = await engine.planBatch(JSON.stringify({ operations }), { slots: 2 });
          assert.ok(planned.kind === 'batch');
          const active = engine.verifyBatch(planned.batch, { slots: 2, pairs: 1, label: 'Verify' });
          active.onProgress(({ runs }) => {
            ended = runs.filter(({ outcome }) => outcome !== undefined).length;
          });
          const { context } = await active.finished;
          assert.equal(context?.results, 1);
          assert.ok((context?.callsTokens ?? 0) > 0);
          assert.ok(endedAtCounts.length > 0 && endedAtCounts.every((trials) => trials === 2), String(endedAtCounts));
        } finally {
          await engine.dispose();
        }
      }),
    );
  });
});
