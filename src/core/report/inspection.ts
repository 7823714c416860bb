/** Pure: an inspection as a table for a terminal, CSV, Markdown and a JSON document. */
import { type ColumnId, INSPECTION_COLUMNS, type InspectionColumn, markerCounts, type Row } from '../inspect/columns.js';
import { type InspectedFile, type Inspection, summarize } from '../inspect/row.js';
import { bytesText, countText, durationText } from '../messages.js';
import { JSON_VERSION } from './json.js';
import { PLAIN, type Style } from './text.js';

// ------------------------------------------------------------------------------------------------------------- terminal

/** Characters of a path in the table; of a longer one the end is shown. */
const PATH_WIDTH = 60;

/** An aligned table with a line a file. Columns without anything to tell are left out. */
export function inspectionTable(files: readonly InspectedFile[], style: Style = PLAIN): string {
  const rows = files.map((file): Row => ({ file }));
  const columns = INSPECTION_COLUMNS.filter((column) => column.id === 'path' || rows.some((row) => column.text(row) !== ''));
  const cells = rows.map((row) => columns.map((column) => cellOf(column, row)));
  const widths = columns.map((column, index) =>
    cells.reduce((most, row) => Math.max(most, row[index]?.length ?? 0), column.title.length),
  );
  const line = (texts: readonly string[], paint: (text: string, index: number) => string) =>
    columns
      .map((column, index) => {
        const text = texts[index] ?? '';
        const width = widths[index] ?? 0;
        return paint(column.numeric ? text.padStart(width) : text.padEnd(width), index);
      })
      .join('  ')
      .trimEnd();
  const head = line(
    columns.map(({ title }) => title),
    (text) => style.bold(text),
  );
  const body = rows.map((row, index) =>
    line(cells[index] ?? [], (text, column) => (columns[column]?.stands?.(row) ? style.red(text) : text)),
  );
  return [head, ...body].join('\n');
}

function cellOf(column: InspectionColumn, row: Row): string {
  // Nothing in a name may move the cursor or begin a line.
  const text = visible(column.text(row));
  if (column.id === 'path' && text.length > PATH_WIDTH) return `…${text.slice(1 - PATH_WIDTH)}`;
  return column.id === 'commit' && text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

/** With control characters as the question mark that stands for what cannot be shown. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd');
}

/** What stands out, in a line: `37 files, 12042 lines, 410 KB · 3 with markers · 1 with secrets · 0.4 s`. */
export function inspectionSummary({ files, tookMs }: Pick<Inspection, 'files' | 'tookMs'>): string {
  const all = summarize(files);
  const having = (count: number, what: string) => (count === 0 ? [] : [`${count} with ${what}`]);
  return [
    [countText(all.files, 'file'), countText(all.lines, 'line'), bytesText(all.bytes)].join(', '),
    ...having(all.secrets, 'possible secrets'),
    ...having(all.conflicts, 'conflict markers'),
    ...having(all.markers, 'TODO, FIXME or BUG'),
    ...having(all.trailingWhitespace, 'trailing whitespace'),
    ...having(all.mixedIndentation, 'mixed indentation'),
    ...having(all.mixedLineEndings, 'mixed line endings'),
    ...(all.binary === 0 ? [] : [`${all.binary} binary`]),
    ...(all.unread === 0 ? [] : [`${all.unread} not read`]),
    durationText(tookMs),
  ].join(' · ');
}

/** What could not be read, and what else has to be said, a line each. */
export function inspectionNotes({ files, notes }: Pick<Inspection, 'files' | 'notes'>): readonly string[] {
  return [...files.flatMap((file) => (file.kind === 'unread' ? [file.message] : [])), ...notes];
}

// ------------------------------------------------------------------------------------------------------------- exports

/** All of it as a document: `volley inspect --json` and *Export as JSON*. Places count from 1, sizes in bytes, times in milliseconds. */
export function inspectionDocument(inspection: Inspection, rows: readonly Row[]) {
  const { notes, startedAt, tookMs } = inspection;
  return {
    version: JSON_VERSION,
    startedAt,
    tookMs,
    summary: summarize(rows.map(({ file }) => file)),
    files: rows.map(({ file, problems }) => ({ ...file, ...(problems ? { problems } : {}) })),
    notes,
  };
}

type Field = readonly [title: string, value: (row: Row) => string | number | null | undefined];

const ofText =
  (value: (file: InspectedFile & { kind: 'text' }) => string | number | null | undefined) =>
  ({ file }: Row) =>
    file.kind === 'text' ? value(file) : undefined;
const marker = (index: number) => ofText(({ markers }) => markerCounts(markers)[index]?.[1]);

const FIELDS: readonly Field[] = [
  ['File', ({ file }) => file.path],
  ['Kind', ({ file }) => file.kind],
  ['Lines', ofText(({ lines }) => lines)],
  ['Bytes', ({ file }) => file.bytes],
  ['Language', ofText(({ language }) => language)],
  ['Encoding', ofText(({ encoding }) => encoding)],
  ['Line endings', ofText(({ lineEndings }) => lineEndings)],
  ['Longest line', ofText(({ longestLine }) => longestLine?.length)],
  ['Longest line at', ofText(({ longestLine }) => longestLine?.line)],
  ['TODO', marker(0)],
  ['FIXME', marker(1)],
  ['BUG', marker(2)],
  ['Markers not listed', ofText(({ moreMarkers }) => moreMarkers)],
  ['Lines with trailing whitespace', ofText(({ trailingWhitespace }) => trailingWhitespace?.count ?? 0)],
  ['Lines with mixed indentation', ofText(({ mixedIndentation }) => mixedIndentation?.count ?? 0)],
  ['Conflicts', ofText(({ conflicts }) => conflicts?.count ?? 0)],
  ['Possible secrets', ofText(({ secrets, moreSecrets }) => secrets.length + moreSecrets)],
  ['Kinds of secrets', ofText(({ secrets }) => secrets.map(({ rule, line }) => `${rule} in line ${line}`).join('; '))],
  ['Last commit', ({ file }) => file.commit?.hash],
  ['Committed at', ({ file }) => file.commit?.date],
  ['Committed by', ({ file }) => file.commit?.author],
  ['Subject', ({ file }) => file.commit?.subject],
  ['Errors', ({ problems }) => problems?.errors ?? 0],
  ['Warnings', ({ problems }) => problems?.warnings ?? 0],
  ['Other problems', ({ problems }) => problems?.others ?? 0],
  ['Note', ({ file }) => (file.kind === 'unread' ? file.message : file.unsaved ? 'with unsaved changes' : '')],
];

/**
 * Comma-separated values by RFC 4180, with a heading. A text that a spreadsheet would take for a formula begins with an apostrophe, as
 * OWASP advises, so that no name of a file and no subject of a commit is ever computed.
 */
export function inspectionCsv(rows: readonly Row[]): string {
  const lines = [FIELDS.map(([title]) => csvCell(title)), ...rows.map((row) => FIELDS.map(([, value]) => csvCell(value(row))))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** A value as a cell. Numbers are written as they are. */
export function csvCell(value: string | number | null | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",;\r\n\t']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A table of Markdown with what the panel shows. */
export function inspectionMarkdown(inspection: Pick<Inspection, 'files' | 'tookMs' | 'notes'>, rows: readonly Row[]): string {
  const columns = INSPECTION_COLUMNS.filter(({ id, text }) => id === 'path' || rows.some((row) => text(row) !== ''));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `${inspectionSummary({ ...inspection, files: rows.map(({ file }) => file) })}`,
    '',
    line(columns.map(({ title }) => title)),
    line(columns.map(({ numeric }) => (numeric ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map((column) => markdownCell(column.text(row), column.id)))),
    ...(inspection.notes.length === 0 ? [] : ['', ...inspection.notes.map((note) => `- ${markdownText(note)}`)]),
    '',
  ].join('\n');
}

function markdownCell(text: string, column: ColumnId): string {
  return column === 'path' || column === 'commit' || column === 'language' ? markdownText(text) : text;
}

/** Nothing in it is Markdown, HTML or the end of a cell. */
function markdownText(text: string): string {
  return visible(text).replace(/[\\`*_{}[\]<>()#+!|~&$]/g, '\\$&');
}
