import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Row } from '../../../src/core/inspect/columns.js';
import { factsOf } from '../../../src/core/inspect/facts.js';
import type { InspectedFile } from '../../../src/core/inspect/row.js';
import {
  csvCell,
  inspectionCsv,
  inspectionMarkdown,
  inspectionNotes,
  inspectionSummary,
  inspectionTable,
} from '../../../src/core/report/inspection.js';

function file(path: string, content: string): InspectedFile {
  return { path, ...factsOf(Buffer.from(content), path) };
}

const GONE: InspectedFile = { kind: 'unread', path: 'gone.ts', message: 'gone.ts does not exist.' };
const FILES = [file('src/a.ts', 'one // TODO two\n'), file('b.md', '# b\r\n'), GONE];

describe('an inspection as text', () => {
  it('is an aligned table of what there is to tell, with a line that sums up', () => {
    assert.deepEqual(inspectionTable(FILES).split('\n'), [
      'File      Lines      Size  Language    Encoding  Endings  Longest  Markers',
      'src/a.ts      1  16 bytes  TypeScript  utf-8     LF            15        1',
      'b.md          1   5 bytes  Markdown    utf-8     CRLF           3',
      'gone.ts                    not read',
    ]);
    assert.equal(
      inspectionSummary({ files: FILES, tookMs: 12 }),
      '3 files, 2 lines, 21 bytes · 1 with TODO, FIXME or BUG · 1 not read · 12 ms',
    );
    assert.deepEqual(inspectionNotes({ files: FILES, notes: ['No git.'] }), ['gone.ts does not exist.', 'No git.']);
  });

  it('keeps a name that holds line breaks or escapes in its line', () => {
    const lines = inspectionTable([file('a\n\u001b[31mb.ts', '')]).split('\n');
    assert.equal(lines.length, 2);
    assert.ok(!lines.join('').includes('\u001b'));
  });

  it('is Markdown in which no name is markup', () => {
    const rows = ['a|b.md', '__init__.py', '<b>.ts', '[x](y).ts'].map((path): Row => ({ file: file(path, '') }));
    const text = inspectionMarkdown({ files: [], tookMs: 1, notes: [] }, rows);
    for (const line of ['| a\\|b.md |', '| \\_\\_init\\_\\_.py |', '| \\<b\\>.ts |', '| \\[x\\]\\(y\\).ts |'])
      assert.ok(text.includes(line), `${line} in ${text}`);
  });
});

describe('an inspection as comma-separated values', () => {
  it('has a heading and a line a file, with figures as numbers', () => {
    const [head = '', first = '', , gone = ''] = inspectionCsv(FILES.map((each) => ({ file: each }))).split('\r\n');
    assert.match(head, /^File,Kind,Lines,Bytes,Language,/);
    assert.match(first, /^src\/a\.ts,text,1,16,TypeScript,utf-8,lf,15,1,1,0,0,/);
    assert.match(gone, /^gone\.ts,unread,,,,.*,gone\.ts does not exist\.$/);
    assert.ok(inspectionCsv([]).endsWith('\r\n'));
  });

  it('holds nothing that a spreadsheet computes', () => {
    for (const text of ['=1+1', '+1', '-1', '@a', '\t=1', '\r=1', ' =1', '\uff1d1+1'])
      assert.match(csvCell(text), /^"?'/, JSON.stringify(text));
    assert.equal(csvCell(-1), '-1');
    assert.equal(csvCell('a-b=c'), 'a-b=c');
    assert.equal(csvCell(null), '');
  });

  it('gives back every text as it was, but for the apostrophe before a formula', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const cell = csvCell(text);
        const plain = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        assert.ok(plain === text || plain === `'${text}`);
        if (!cell.startsWith('"')) assert.doesNotMatch(cell, /[",\r\n]/);
      }),
    );
  });
});
