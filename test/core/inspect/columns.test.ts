import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ColumnId, filteredRows, INSPECTION_COLUMNS, type Row, sortedRows } from '../../../src/core/inspect/columns.js';
import { factsOf } from '../../../src/core/inspect/facts.js';
import { type InspectedFile, summarize } from '../../../src/core/inspect/row.js';

/** Rows of real contents. */
function row(path: string, content: string | Uint8Array, more: Partial<InspectedFile> = {}): Row {
  return { file: { path, ...factsOf(Buffer.from(content as string), path), ...more } as InspectedFile };
}

const COMMIT = { hash: 'abc', date: '2026-01-02T03:04:05Z', author: 'Ada Lovelace', subject: 'Count' };
const ROWS: readonly Row[] = [
  row('b.ts', 'one\ntwo // TODO later\n', { commit: COMMIT }),
  { ...row('a.ts', 'x \n'), problems: { errors: 1, warnings: 0, others: 2, place: { line: 1, column: 1 } } },
  row('c.png', Buffer.from([0, 1])),
  { file: { kind: 'unread', path: 'd.ts', message: 'd.ts does not exist.' } },
  row('E.md', 'a\r\nb\n<<<<<<< x\n=======\n>>>>>>> y\n', { unsaved: true }),
];

describe('the rows of an inspection', () => {
  const paths = (rows: readonly Row[]) => rows.map(({ file }) => file.path);

  it('are sorted by any column, with what has nothing to tell last in either direction', () => {
    const check = (column: ColumnId, descending: boolean, expected: readonly string[]) =>
      assert.deepEqual(paths(sortedRows(ROWS, { column, descending })), expected, column);
    check('path', false, ['E.md', 'a.ts', 'b.ts', 'c.png', 'd.ts']);
    check('lines', true, ['E.md', 'b.ts', 'a.ts', 'c.png', 'd.ts']);
    check('lines', false, ['a.ts', 'b.ts', 'E.md', 'c.png', 'd.ts']);
    check('language', false, ['E.md', 'a.ts', 'b.ts', 'c.png', 'd.ts']);
    check('commit', true, ['b.ts', 'E.md', 'a.ts', 'c.png', 'd.ts']);
    check('problems', true, ['a.ts', 'E.md', 'b.ts', 'c.png', 'd.ts']);
    check('bytes', true, ['E.md', 'b.ts', 'a.ts', 'c.png', 'd.ts']);
  });

  it('are the same rows in every order', () => {
    const column = fc.constantFrom(...INSPECTION_COLUMNS.map(({ id }) => id));
    fc.assert(
      fc.property(column, fc.boolean(), (id, descending) => {
        const sorted = sortedRows(ROWS, { column: id, descending });
        assert.deepEqual([...paths(sorted)].sort(), [...paths(ROWS)].sort());
        assert.deepEqual(sortedRows(sorted, { column: id, descending }), sorted);
      }),
    );
  });

  it('are filtered by words that all have to be there, and by what a file has', () => {
    const check = (filter: string, expected: readonly string[]) =>
      assert.deepEqual(paths(filteredRows(ROWS, filter)), expected, filter);
    check('', paths(ROWS));
    check('.TS', ['b.ts', 'a.ts', 'd.ts']);
    check('.ts later', ['b.ts']);
    check('lovelace', ['b.ts']);
    check('typescript', ['b.ts', 'a.ts']);
    check('is:markers', ['b.ts']);
    check('is:problems', ['a.ts']);
    check('is:trailing', ['a.ts']);
    check('is:conflicts is:endings', ['E.md']);
    check('is:binary', ['c.png']);
    check('is:unread', ['d.ts']);
    check('is:unsaved', ['E.md']);
    check('is:something', []);
    check('is:constructor', []);
  });

  it('open at what a cell tells of', () => {
    const [first] = ROWS;
    assert.ok(first);
    const place = (id: ColumnId) => INSPECTION_COLUMNS.find((column) => column.id === id)?.place?.(first);
    assert.deepEqual([place('markers')?.line, place('markers')?.column], [2, 8]);
    assert.deepEqual(place('longestLine'), { line: 2, column: 1 });
    assert.equal(place('secrets'), undefined);
    assert.equal(place('path'), undefined);
  });

  it('are summed up', () => {
    assert.deepEqual(summarize(ROWS.map(({ file }) => file)), {
      ...{ files: 5, binary: 1, unread: 1, lines: 8, bytes: 60, markers: 1, trailingWhitespace: 1 },
      ...{ mixedIndentation: 0, mixedLineEndings: 1, conflicts: 1, secrets: 0 },
    });
  });
});
