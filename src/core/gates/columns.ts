/** Columns as editors count them, from those of tools that count bytes or characters. */
import { readFile, stat } from 'node:fs/promises';
import type { ParserId } from '../gate-model.js';
import type { Finding } from '../model.js';

/** `bytes` of UTF-8, or whole `characters`; editors count units of UTF-16. */
type Unit = 'bytes' | 'characters';

/** By parser; as tools document it, or as measured. All others count as editors do, as far as is known. */
const UNITS: Readonly<Record<ParserId, Unit>> = {
  'go-vet': 'bytes',
  'go-test': 'bytes',
  gofmt: 'bytes',
  'go-lines': 'bytes',
  staticcheck: 'bytes',
  'clang-lines': 'bytes',
  mypy: 'bytes',
  'cargo-messages': 'characters',
};

/** Larger files keep the columns of the tool. */
const LIMIT_BYTES = 5_000_000;

/** With what its columns count, where its report says so. */
export type CountedFinding = Finding & { readonly columnsOf?: Unit };

/** The findings with the columns of an editor, by the text of their files as it is now; those whose file cannot be read stay as they are. */
export async function inEditorColumns(parser: ParserId, findings: readonly CountedFinding[]): Promise<readonly Finding[]> {
  const own = Object.hasOwn(UNITS, parser) ? UNITS[parser] : undefined;
  const files = new Map<string, readonly string[]>();
  for (const file of new Set(findings.filter(({ columnsOf }) => columnsOf ?? own).map((finding) => finding.file))) {
    const lines = await linesOf(file);
    if (lines) files.set(file, lines);
  }
  return findings.map(({ columnsOf, ...finding }) => {
    const unit = columnsOf ?? own;
    const lines = files.get(finding.file);
    if (!lines || unit === undefined) return finding;
    const column = editorColumn(lines[finding.line - 1], finding.column, unit);
    const end = finding.endColumn && editorColumn(lines[(finding.endLine ?? finding.line) - 1], finding.endColumn, unit);
    return { ...finding, column, ...(end === undefined ? {} : { endColumn: end }) };
  });
}

/** The lines of a file; undefined where every way of counting gives the same, or nothing can be read. */
async function linesOf(file: string): Promise<readonly string[] | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile() || found.size > LIMIT_BYTES) return undefined;
  const text = await readFile(file, 'utf8').catch(() => '');
  return Buffer.byteLength(text) === text.length ? undefined : text.split(/\r\n|\n|\r/);
}

/** Pure: the column from 1 in units of UTF-16, for one from 1 in `unit`. What lies behind the line's end stays as far behind it. */
export function editorColumn(line: string | undefined, column: number, unit: Unit): number {
  let left = column - 1;
  let units = 0;
  for (const character of line ?? '') {
    if (left <= 0) break;
    left -= unit === 'bytes' ? Buffer.byteLength(character) : 1;
    units += character.length;
  }
  return units + Math.max(0, left) + 1;
}
