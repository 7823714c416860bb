import assert from 'node:assert/strict';
import type { Sorting } from '../../src/core/inspect/columns.js';
import type { InspectedFile } from '../../src/core/inspect/row.js';
import { createInspectionRows } from '../../src/webview/inspection-rows.js';

const BY_PATH: Sorting = { column: 'path', descending: false };
const unread = (path: string): InspectedFile => ({ kind: 'unread', path, message: 'It is gone.' });

describe('The rows of an inspection', () => {
  const paths = (rows: ReturnType<typeof createInspectionRows>) => rows.files().map(({ path }) => path);

  it('grow with what follows, and ignore what does not', () => {
    const rows = createInspectionRows();
    rows.restart(false);
    assert.equal(rows.add(0, [unread('b')], undefined), 'added');
    assert.equal(rows.add(0, [unread('again')], undefined), 'ignored');
    assert.equal(rows.add(1, [unread('a')], undefined), 'added');
    assert.deepEqual(paths(rows), ['b', 'a']);
    assert.deepEqual(rows.arrange('', BY_PATH), [1, 0]);
    assert.deepEqual(rows.arrange('b', BY_PATH), [0]);
  });

  it('stay until all rows of what ended are there, and are then replaced at once', () => {
    const rows = createInspectionRows();
    rows.add(0, [unread('b'), unread('a')], undefined);
    rows.restart(true);
    assert.equal(rows.isReplacing(), true);
    assert.equal(rows.add(0, [unread('a')], 2), 'replacing');
    assert.deepEqual(paths(rows), ['b', 'a']);
    assert.equal(rows.add(1, [unread('b')], 2), 'replaced');
    assert.equal(rows.isReplacing(), false);
    assert.deepEqual(paths(rows), ['a', 'b']);
  });

  it('are replaced by none where nothing is left', () => {
    const rows = createInspectionRows();
    rows.add(0, [unread('a')], undefined);
    rows.restart(true);
    assert.equal(rows.add(0, [], 0), 'replaced');
    assert.deepEqual(paths(rows), []);
  });

  it('are the same objects for as long as nothing of them changes, and new ones with other problems', () => {
    const rows = createInspectionRows();
    rows.add(0, [unread('a'), unread('b')], undefined);
    rows.arrange('', BY_PATH);
    const before = rows.rows();
    rows.setProblems([[1, { errors: 1, warnings: 0, others: 0, place: { line: 1, column: 1 } }]]);
    rows.arrange('', BY_PATH);
    assert.equal(rows.rows()[0], before[0]);
    assert.notEqual(rows.rows()[1], before[1]);
    assert.equal(rows.withProblems(), 1);
    rows.setProblems([[1, null]]);
    assert.equal(rows.withProblems(), 0);
  });
});
