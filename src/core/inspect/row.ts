/** What an inspection tells of a file: the row of its table, in every format. Pure. */
import type { Encoding } from '../encodings.js';

/** `none`: the file has no line break. */
export const LINE_ENDINGS = ['lf', 'crlf', 'cr', 'mixed', 'none'] as const;
export type LineEndings = (typeof LINE_ENDINGS)[number];

/** A place in a file. Lines and columns count from 1, columns in UTF-16 units as the editor counts them. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export const MARKER_KINDS = ['TODO', 'FIXME', 'BUG'] as const;
export type MarkerKind = (typeof MARKER_KINDS)[number];

export interface Marker extends Place {
  readonly kind: MarkerKind;
  /** From the marker to the end of its line, shortened. Holds no secret that was found in that line. */
  readonly text: string;
}

/** Where something stands that looks like a secret. Its own text is never kept. */
export interface Secret extends Place {
  /** What kind of secret, in words: `GitHub token`. */
  readonly rule: string;
}

/** How many lines, and the first of them. */
export interface Lines {
  readonly count: number;
  readonly line: number;
}

/** The commit that changed a file last. */
export interface LastCommit {
  readonly hash: string;
  /** ISO 8601, of its author. */
  readonly date: string;
  readonly author: string;
  readonly subject: string;
}

/** A larger text is no source that somebody wrote; decoding it would take a second and its weight in memory several times. */
export const MOST_BYTES = 32_000_000;

/** What the content of a text file says. */
export interface TextFacts {
  readonly kind: 'text';
  readonly bytes: number;
  /** As GitHub names it; null when neither name, ending nor first line tell. */
  readonly language: string | null;
  readonly encoding: Encoding;
  readonly lines: number;
  readonly lineEndings: LineEndings;
  /** The first of the longest lines and its length in UTF-16 units, without its line break; null when the file is empty. */
  readonly longestLine: { readonly line: number; readonly length: number } | null;
  /** The first ones in the file; `moreMarkers` were left out. */
  readonly markers: readonly Marker[];
  readonly moreMarkers: number;
  readonly trailingWhitespace: Lines | null;
  /** Lines that are indented otherwise than most of the file: tabs among spaces, spaces among tabs, or both in one line. */
  readonly mixedIndentation: Lines | null;
  /** Conflicts of a merge that were left in the file, and the line in which the first begins. */
  readonly conflicts: Lines | null;
  /** The first ones in the file; `moreSecrets` were left out. */
  readonly secrets: readonly Secret[];
  readonly moreSecrets: number;
}

export interface BinaryFacts {
  readonly kind: 'binary';
  readonly bytes: number;
}

/** Of a file that could not be looked at: it vanished, may not be read, is too large, or is none. */
export interface Unread {
  readonly kind: 'unread';
  /** A sentence that says why. */
  readonly message: string;
  /** When it is known. */
  readonly bytes?: number;
}

/** One file of an inspection. */
export type InspectedFile = (TextFacts | BinaryFacts | Unread) & {
  /** Relative to the folder of the inspection, with `/`. */
  readonly path: string;
  /** It has unsaved changes in the editor, which were inspected in place of the disk. */
  readonly unsaved?: true;
  /** Null: no commit was found that holds it. Absent: nobody looked. */
  readonly commit?: LastCommit | null;
};

/** Problems that the editor knows of a file now. */
export interface FileProblems {
  readonly errors: number;
  readonly warnings: number;
  readonly others: number;
  /** Of the worst one. */
  readonly place: Place;
}

/** All of an inspection, as it is kept with its run. */
export interface Inspection {
  /** Absolute, native: what paths are relative to. */
  readonly folder: string;
  /** What was selected: paths relative to the folder with `/`, `.` for the folder itself. */
  readonly selection: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string;
  /** From start to end of the run, in milliseconds. */
  readonly tookMs: number;
  /** Whether last commits were looked up, so that the table has a column of them. */
  readonly commits: boolean;
  /** Sentences about what is not in the table, and why. */
  readonly notes: readonly string[];
  readonly files: readonly InspectedFile[];
}

/** How many files have what is worth a look, and how large all of them are. */
export interface InspectionSummary {
  readonly files: number;
  readonly binary: number;
  readonly unread: number;
  readonly lines: number;
  readonly bytes: number;
  /** Files with at least one. */
  readonly markers: number;
  readonly trailingWhitespace: number;
  readonly mixedIndentation: number;
  readonly mixedLineEndings: number;
  readonly conflicts: number;
  readonly secrets: number;
}

export function summarize(files: readonly InspectedFile[]): InspectionSummary {
  const texts = files.filter((file) => file.kind === 'text');
  const having = (has: (file: TextFacts) => boolean) => texts.reduce((sum, file) => sum + (has(file) ? 1 : 0), 0);
  return {
    files: files.length,
    binary: files.reduce((sum, { kind }) => sum + (kind === 'binary' ? 1 : 0), 0),
    unread: files.reduce((sum, { kind }) => sum + (kind === 'unread' ? 1 : 0), 0),
    lines: texts.reduce((sum, { lines }) => sum + lines, 0),
    bytes: files.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    markers: having(({ markers }) => markers.length > 0),
    trailingWhitespace: having((file) => file.trailingWhitespace !== null),
    mixedIndentation: having((file) => file.mixedIndentation !== null),
    mixedLineEndings: having((file) => file.lineEndings === 'mixed'),
    conflicts: having((file) => file.conflicts !== null),
    secrets: having(({ secrets }) => secrets.length > 0),
  };
}
