import assert from 'node:assert/strict';
import type { OperationId, OperationState } from '../../src/core/model.js';
import { operationIn } from '../../src/core/state.js';
import { operation, startRig } from '../support/rig.js';

describe('The state of a run', () => {
  it('finds an operation, and the one that has a part', async () => {
    const rig = await startRig([operation('a'), operation('b')]);
    const state = rig.state();
    assert.equal(operationIn(state, 'b' as OperationId)?.id, 'b');
    assert.equal(operationIn(state, 'c' as OperationId), undefined);
    const [first, second] = state.operations;
    assert.ok(first && second);
    const parts: readonly OperationState[] = [{ ...first, id: 'a 1 of 1' as OperationId }];
    const divided = { ...state, edges: [], operations: [second, { ...first, parts }] };
    assert.equal(operationIn(divided, 'a 1 of 1' as OperationId)?.id, 'a');
  });
});
