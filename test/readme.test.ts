import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { README, withTools } from '../scripts/readme.js';

describe('README.md', () => {
  it('has the table of tools as the presets make it', async () => {
    const text = await readFile(README, 'utf8');
    assert.equal(text, withTools(text), 'run: npx tsx scripts/readme.ts');
  });
});
