import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../../src/core/host.js';
import { withRepository } from '../support/repository.js';

describe('a run over what is staged', () => {
  it('says so when something else lies on disk, once', async () => {
    const said: string[] = [];
    const ignore = () => {};
    const log: Log = { debug: ignore, info: ignore, error: ignore, warn: (message) => said.push(message) };
    const first = { 'src/a.py': 'one\n', 'src/b.py': 'one\n', 'src/c.py': 'one\n' };
    await withRepository(
      first,
      async ({ run, lint, gate, write, git, folder }) => {
        const gates = [lint, gate('other', 'true')];
        await write({ 'src/a.py': 'two\n' });
        await git('add', '.');
        await write({ 'src/c.py': 'not staged\n' });
        await run(gates, { scope: { kind: 'staged' } });
        assert.deepEqual(said, []);
        await write({ 'src/a.py': 'three\n', 'src/b.py': 'two\n' });
        await git('add', 'src/b.py');
        await rm(path.join(folder, 'src/b.py'));
        await run(gates, { scope: { kind: 'staged' } });
        assert.equal(said.length, 1);
        assert.match(said[0] ?? '', /What is staged of src\/a\.py and 1 more is not what lies on disk.*git stash --keep-index/);
        await run(gates);
        assert.equal(said.length, 1);
      },
      { log },
    );
  });
});
