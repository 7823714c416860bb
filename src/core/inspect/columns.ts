/** The columns of the table of an inspection: what they are called, how they sort, and what they say. Pure. */
import { bytesText, countText } from '../messages.js';
import { type FileProblems, type InspectedFile, type LineEndings, MARKER_KINDS, type Marker, type Place } from './row.js';

/** One row: a file and what the editor knows of it now. */
export interface Row {
  readonly file: InspectedFile;
  readonly problems?: FileProblems;
}

export type ColumnId =
  | 'path'
  | 'lines'
  | 'bytes'
  | 'language'
  | 'encoding'
  | 'lineEndings'
  | 'longestLine'
  | 'markers'
  | 'trailingWhitespace'
  | 'mixedIndentation'
  | 'conflicts'
  | 'secrets'
  | 'commit'
  | 'problems';

export interface InspectionColumn {
  readonly id: ColumnId;
  readonly title: string;
  /** What it shows, in a sentence. */
  readonly hint: string;
  readonly numeric: boolean;
  /** What rows are sorted by; null where there is nothing to tell, which comes last in either direction. */
  readonly value: (row: Row) => number | string | null;
  /** As people read it; empty where there is nothing to tell. */
  readonly text: (row: Row) => string;
  /** Where it is in the file; undefined for the start. */
  readonly place?: (row: Row) => Place | undefined;
  /** Whether what it tells of the row is worth a look. */
  readonly stands?: (row: Row) => boolean;
}

export const INSPECTION_COLUMNS: readonly InspectionColumn[] = [
  {
    id: 'path',
    title: 'File',
    hint: 'Relative to the workspace folder',
    numeric: false,
    value: ({ file }) => file.path,
    text: ({ file }) => file.path,
  },
  {
    id: 'lines',
    title: 'Lines',
    hint: 'How many lines it has',
    numeric: true,
    value: ({ file }) => (file.kind === 'text' ? file.lines : null),
    text: ({ file }) => (file.kind === 'text' ? String(file.lines) : ''),
  },
  {
    id: 'bytes',
    title: 'Size',
    hint: 'Its size',
    numeric: true,
    value: ({ file }) => file.bytes ?? null,
    text: ({ file }) => (file.bytes === undefined ? '' : bytesText(file.bytes)),
  },
  {
    id: 'language',
    title: 'Language',
    hint: 'As GitHub names it',
    numeric: false,
    value: ({ file }) => (file.kind === 'text' ? (file.language?.toLowerCase() ?? null) : null),
    text: ({ file }) => (file.kind === 'text' ? (file.language ?? '') : file.kind === 'binary' ? 'binary' : 'not read'),
  },
  {
    id: 'encoding',
    title: 'Encoding',
    hint: 'How its text is encoded',
    numeric: false,
    value: ({ file }) => (file.kind === 'text' ? file.encoding : null),
    text: ({ file }) => (file.kind === 'text' ? file.encoding : ''),
  },
  {
    id: 'lineEndings',
    title: 'Endings',
    hint: 'How its lines end',
    numeric: false,
    value: ({ file }) => (file.kind === 'text' ? file.lineEndings : null),
    text: ({ file }) => (file.kind === 'text' ? ENDINGS[file.lineEndings] : ''),
    stands: ({ file }) => file.kind === 'text' && file.lineEndings === 'mixed',
  },
  {
    id: 'longestLine',
    title: 'Longest',
    hint: 'How many characters its longest line has',
    numeric: true,
    value: ({ file }) => (file.kind === 'text' ? (file.longestLine?.length ?? null) : null),
    text: ({ file }) => (file.kind === 'text' && file.longestLine ? String(file.longestLine.length) : ''),
    place: ({ file }) => (file.kind === 'text' && file.longestLine ? at(file.longestLine.line) : undefined),
  },
  {
    id: 'markers',
    title: 'Markers',
    hint: 'TODO, FIXME and BUG',
    numeric: true,
    value: ({ file }) => (file.kind === 'text' ? file.markers.length + file.moreMarkers : null),
    text: ({ file }) => (file.kind === 'text' ? orNothing(file.markers.length + file.moreMarkers) : ''),
    place: ({ file }) => (file.kind === 'text' ? file.markers[0] : undefined),
  },
  {
    id: 'trailingWhitespace',
    title: 'Trailing',
    hint: 'Lines that end with whitespace',
    numeric: true,
    value: ({ file }) => (file.kind === 'text' ? (file.trailingWhitespace?.count ?? 0) : null),
    text: ({ file }) => (file.kind === 'text' ? orNothing(file.trailingWhitespace?.count ?? 0) : ''),
    place: ({ file }) => (file.kind === 'text' && file.trailingWhitespace ? at(file.trailingWhitespace.line) : undefined),
  },
  {
    id: 'mixedIndentation',
    title: 'Mixed',
    hint: 'Lines that are indented otherwise than most: tabs among spaces, or spaces among tabs',
    numeric: true,
    value: ({ file }) => (file.kind === 'text' ? (file.mixedIndentation?.count ?? 0) : null),
    text: ({ file }) => (file.kind === 'text' ? orNothing(file.mixedIndentation?.count ?? 0) : ''),
    place: ({ file }) => (file.kind === 'text' && file.mixedIndentation ? at(file.mixedIndentation.line) : undefined),
  },
  {
    id: 'conflicts',
    title: 'Conflicts',
    hint: 'Conflicts of a merge that were left in it',
    numeric: true,
    value: ({ file }) => (file.kind === 'text' ? (file.conflicts?.count ?? 0) : null),
    text: ({ file }) => (file.kind === 'text' ? orNothing(file.conflicts?.count ?? 0) : ''),
    place: ({ file }) => (file.kind === 'text' && file.conflicts ? at(file.conflicts.line) : undefined),
    stands: ({ file }) => file.kind === 'text' && file.conflicts !== null,
  },
  {
    id: 'secrets',
    title: 'Secrets',
    hint: 'What looks like a secret',
    numeric: true,
    value: ({ file }) => (file.kind === 'text' ? file.secrets.length + file.moreSecrets : null),
    text: ({ file }) => (file.kind === 'text' ? orNothing(file.secrets.length + file.moreSecrets) : ''),
    place: ({ file }) => (file.kind === 'text' ? file.secrets[0] : undefined),
    stands: ({ file }) => file.kind === 'text' && file.secrets.length > 0,
  },
  {
    id: 'commit',
    title: 'Last Commit',
    hint: 'When it was committed last, and by whom',
    numeric: false,
    value: ({ file }) => (file.commit ? Date.parse(file.commit.date) : null),
    text: ({ file }) => (file.commit ? `${file.commit.date.slice(0, 10)} ${file.commit.author}` : ''),
  },
  {
    id: 'problems',
    title: 'Problems',
    hint: 'What the editor says of it now',
    numeric: true,
    value: ({ problems }) => (problems ? problems.errors * 1e6 + problems.warnings * 1e3 + problems.others : 0),
    text: ({ problems }) => (problems ? problemsText(problems) : ''),
    place: ({ problems }) => problems?.place,
    stands: ({ problems }) => (problems?.errors ?? 0) > 0,
  },
];

const ENDINGS: Readonly<Record<LineEndings, string>> = { lf: 'LF', crlf: 'CRLF', cr: 'CR', mixed: 'mixed', none: '' };

export interface Sorting {
  readonly column: ColumnId;
  readonly descending: boolean;
}

/** Whether it is the id of a column. */
export function isColumn(id: string): id is ColumnId {
  return INSPECTION_COLUMNS.some((column) => column.id === id);
}

/** The rows in another order: what has nothing to tell comes last, equals by path. */
export function sortedRows(rows: readonly Row[], { column, descending }: Sorting): readonly Row[] {
  const value = INSPECTION_COLUMNS.find(({ id }) => id === column)?.value ?? (() => null);
  const keyed = rows.map((row) => ({ row, key: value(row) }));
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) {
      if (a.key !== b.key) return a.key === null ? 1 : -1;
    } else if (a.key !== b.key) return a.key < b.key ? -sign : sign;
    return a.row.file.path < b.row.file.path ? -1 : a.row.file.path > b.row.file.path ? 1 : 0;
  });
  return keyed.map(({ row }) => row);
}

/** Names that can be asked for in a filter, with what they ask. */
export const FILTERS: Readonly<Record<string, (row: Row) => boolean>> = {
  markers: ({ file }) => file.kind === 'text' && file.markers.length > 0,
  trailing: ({ file }) => file.kind === 'text' && file.trailingWhitespace !== null,
  mixed: ({ file }) => file.kind === 'text' && file.mixedIndentation !== null,
  endings: ({ file }) => file.kind === 'text' && file.lineEndings === 'mixed',
  conflicts: ({ file }) => file.kind === 'text' && file.conflicts !== null,
  secrets: ({ file }) => file.kind === 'text' && file.secrets.length > 0,
  problems: ({ problems }) => problems !== undefined,
  binary: ({ file }) => file.kind === 'binary',
  unread: ({ file }) => file.kind === 'unread',
  unsaved: ({ file }) => file.unsaved === true,
};

/**
 * Rows that hold every word of the filter in one of their texts, whatever its case; `is:secrets` and the like ask for what a file has. An
 * unknown word after `is:` is taken as text.
 */
export function filteredRows(rows: readonly Row[], filter: string): readonly Row[] {
  const tests = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((each) => each !== '')
    .map((each) => {
      const asked = each.startsWith('is:') ? each.slice(3) : '';
      return Object.hasOwn(FILTERS, asked) ? (FILTERS[asked] ?? (() => false)) : (row: Row) => textsOf(row).includes(each);
    });
  return tests.length === 0 ? rows : rows.filter((row) => tests.every((test) => test(row)));
}

function textsOf({ file }: Row): string {
  const parts = [file.path, file.commit ? `${file.commit.author} ${file.commit.hash} ${file.commit.subject}` : ''];
  if (file.kind === 'text') {
    parts.push(file.language ?? '', file.encoding, ENDINGS[file.lineEndings]);
    for (const marker of file.markers) parts.push(marker.text);
    for (const secret of file.secrets) parts.push(secret.rule);
  } else parts.push(file.kind === 'unread' ? file.message : 'binary');
  return parts.join('\n').toLowerCase();
}

/** How often each kind of marker is among those that are listed. */
export function markerCounts(markers: readonly Marker[]): readonly (readonly [Marker['kind'], number])[] {
  return MARKER_KINDS.map((kind) => [kind, markers.filter((marker) => marker.kind === kind).length] as const);
}

/** `2 errors, 1 warning`. */
export function problemsText({ errors, warnings, others }: FileProblems): string {
  const parts = [
    ...(errors > 0 ? [countText(errors, 'error')] : []),
    ...(warnings > 0 ? [countText(warnings, 'warning')] : []),
    ...(others > 0 ? [countText(others, 'hint')] : []),
  ];
  return parts.join(', ');
}

function at(line: number): Place {
  return { line, column: 1 };
}

/** Where there is none of it, a cell stays empty, so that what there is meets the eye. */
function orNothing(count: number): string {
  return count === 0 ? '' : String(count);
}
