import assert from 'node:assert/strict';
import { nodeHost } from '../../../src/core/host.js';
import { environmentOf } from '../../../src/core/tools/command.js';
import { NO_GUARD } from '../../support/no-guard.js';

describe('The environment of what a run starts', () => {
  const context = { host: nodeHost({ folder: '/', storage: '/nowhere' }), guard: { ...NO_GUARD, env: { MARK: 'mine' } } };

  it('is the same object for the same own variables, so that whoever compares can tell at once', () => {
    assert.equal(environmentOf(context), environmentOf(context, {}));
    assert.equal(environmentOf(context, { A: '1' }), environmentOf(context, { A: '1' }));
    assert.notEqual(environmentOf(context, { A: '1' }), environmentOf(context, { A: '2' }));
    assert.deepEqual(
      [environmentOf(context, { A: '1', MARK: 'other' })].map(({ A, MARK }) => [A, MARK]),
      [['1', 'mine']],
    );
  });

  it('keeps neither long ones nor many, which are results of operations', () => {
    const long = () => environmentOf(context, { A: 'x'.repeat(10_000) });
    assert.notEqual(long(), long());
    for (let at = 0; at < 100; at += 1) environmentOf(context, { A: `value ${at}` });
    assert.notEqual(environmentOf(context, { A: 'value 99' }), environmentOf(context, { A: 'value 99' }));
  });
});
