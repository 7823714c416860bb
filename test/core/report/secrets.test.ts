import assert from 'node:assert/strict';
import { sentInput, withoutSecrets } from '../../../src/core/report/secrets.js';
import { SHOP, simulate } from '../../webview/runs.js';

describe('A run that is given away', () => {
  it('has the names of its environments, headers and bodies, and not their values', () => {
    const input = { url: 'https://example.org', method: 'POST', headers: { authorization: 'Bearer x' }, body: 'secret' };
    assert.deepEqual(sentInput(input), { ...input, headers: { authorization: '…' }, body: '…' });
    assert.deepEqual(sentInput({ path: 'a.txt' }), { path: 'a.txt' });
    const state = simulate(SHOP, { slots: 2 });
    const [first] = state.operations;
    assert.ok(first);
    const command = { argv: ['a'], cwd: '/w', env: { TOKEN: 'secret' }, shell: false };
    const given = withoutSecrets({ ...state, operations: [{ ...first, command, parts: [{ ...first, command }] }] });
    assert.doesNotMatch(JSON.stringify(given), /secret/);
    assert.match(JSON.stringify(given), /TOKEN/);
  });
});
