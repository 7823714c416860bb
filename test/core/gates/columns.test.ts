import assert from 'node:assert/strict';
import path from 'node:path';
import fc from 'fast-check';
import { editorColumn, inEditorColumns } from '../../../src/core/gates/columns.js';
import type { Finding } from '../../../src/core/model.js';
import { temporaryFolder } from '../../support/folder.js';

describe('Columns', () => {
  it('are those of an editor, whatever a tool counts', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '\u4e16', '😀') }), fc.string(), (before, after) => {
        const wanted = before.length + 1;
        assert.equal(editorColumn(before + after, Buffer.byteLength(before) + 1, 'bytes'), wanted);
        assert.equal(editorColumn(before + after, [...before].length + 1, 'characters'), wanted);
      }),
    );
    assert.equal(editorColumn('é', 9, 'bytes'), 8);
    assert.equal(editorColumn(undefined, 3, 'bytes'), 3);
  });

  it('are read by the text of the file, for tools that count otherwise', async () => {
    // Measured: mypy 1.0 and go vet 1.19 count bytes.
    const folder = await temporaryFolder({ 'a.py': 's = "ééé😀"; x: int = ""\n', 'plain.py': 'x: int = ""\n' });
    try {
      const finding = (file: string, column: number): Finding => ({
        ...{
          file: path.join(folder.path, file),
          line: 1,
          column,
          endColumn: column + 2,
          severity: 'error',
          message: '',
          source: 'x',
        },
      });
      const columns = async (parser: string, ...found: readonly Finding[]) =>
        (await inEditorColumns(parser, found)).map(({ column, endColumn }) => [column, endColumn]);
      assert.deepEqual(await columns('mypy', finding('a.py', 28), finding('plain.py', 10), finding('gone.py', 5)), [
        [23, 25],
        [10, 12],
        [5, 7],
      ]);
      assert.deepEqual(await columns('pyright', finding('a.py', 28)), [[28, 30]]);
      // A report of SARIF says for each run what its columns count.
      const [own] = await inEditorColumns('sarif', [{ ...finding('a.py', 12), columnsOf: 'characters' }]);
      assert.deepEqual([own?.column, own && 'columnsOf' in own], [13, false]);
    } finally {
      await folder.dispose();
    }
  });
});
