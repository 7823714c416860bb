/** What a parser is given and what it gives. Types only. */

import type { ParserId, ProblemMatcher } from '../gate-model.js';
import type { Finding, RelatedLocation } from '../model.js';

export interface ParserInput {
  readonly stdout: string;
  readonly stderr: string;
  /** What the tool wrote into the file that `REPORT_PLACEHOLDER` stood for; absent when it wrote none. */
  readonly report?: string;
  readonly exitCode: number;
  /** For the parser `go-test`: the import path of the directory in which it ran; absent when no go.mod says it. */
  readonly goPackage?: string;
  /** For the parser `problem-matcher`. */
  readonly matchers?: readonly ProblemMatcher[];
}

/** Where a file is, as far as only the disk can say it. */
export type LookedUp = Extract<ProblemMatcher['fileLocation'], { kind: 'autoDetect' | 'search' }>;

/** A finding as the tool tells it: its file may be relative to where the tool ran, and is absent when it has no place. */
export type ParsedFinding = Omit<Finding, 'file' | 'related' | 'known' | 'output' | 'digest'> & {
  readonly file?: string;
  /** What its columns count, where the output says it and it is not what editors count. */
  readonly columnsOf?: 'characters';
  /** How its file is found on the disk; absent when it is what `file` says. */
  readonly fileLocation?: LookedUp;
  readonly related?: readonly ParsedLocation[];
};

/** As `ParsedFinding`; without a file it is in that of the finding. */
export type ParsedLocation = Omit<RelatedLocation, 'file'> & { readonly file?: string };

export type Parsed =
  | {
      readonly kind: 'findings';
      readonly findings: readonly ParsedFinding[];
      /** It may have failed for no more than files that it was given and ignores, which it counts among its warnings. */
      readonly countsIgnored?: true;
    }
  /** Not what the tool writes when it could do its work. `detail` completes "It gave output that cannot be read: …". */
  | { readonly kind: 'unreadable'; readonly detail: string };

/** Reads what a tool wrote. Pure; never throws, whatever it is given. */
export type Parser = (input: ParserInput) => Parsed;
export type ParserTable = Readonly<Record<ParserId, Parser>>;
