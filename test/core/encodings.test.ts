import assert from 'node:assert/strict';
import { decodeReport } from '../../src/core/encodings.js';

describe('A report that a tool wrote', () => {
  const text = '<?xml version="1.0" encoding="ENCODING"?><a b="grün"/>';
  const saying = (encoding: string) => text.replace('ENCODING', encoding);
  const marked = (mark: readonly number[], body: Buffer) => Buffer.concat([Buffer.from(mark), body]);
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ['is UTF-8 when nothing says another', Buffer.from('{"a": "grün"}'), '{"a": "grün"}'],
    ['loses its byte order mark, as .NET writes one', marked([0xef, 0xbb, 0xbf], Buffer.from('{"a": "ü"}')), '{"a": "ü"}'],
    ['is UTF-16 by its mark, as PowerShell writes it', marked([0xff, 0xfe], Buffer.from('{"ü": 1}', 'utf16le')), '{"ü": 1}'],
    [
      'is UTF-16 the other way round by its mark',
      marked([0xfe, 0xff], Buffer.from(saying('UTF-16'), 'utf16le').swap16()),
      saying('UTF-16'),
    ],
    ['is what its XML declaration says', Buffer.from(saying('ISO-8859-1'), 'latin1'), saying('ISO-8859-1')],
    ['is UTF-8 when it says UTF-16 in single bytes', Buffer.from(saying('utf-16')), saying('utf-16')],
    ['is UTF-8 when it says what nobody knows', Buffer.from(saying('x-own')), saying('x-own')],
    ['may be empty', Buffer.alloc(0), ''],
  ];
  for (const [title, bytes, expected] of cases) {
    it(title, () => {
      assert.equal(decodeReport(bytes), expected);
    });
  }
});
