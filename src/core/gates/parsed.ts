/** What a parser is given and what it gives. Types only. */
import type { Finding } from '../model.js';

export interface ParserInput {
  readonly stdout: string;
  readonly stderr: string;
  /** What the tool wrote into the file that `REPORT_PLACEHOLDER` stood for; absent when it wrote none. */
  readonly report?: string;
  readonly exitCode: number;
}

/** A finding as the tool tells it: its file may be relative to where the tool ran, and is absent when it has no place. */
export type ParsedFinding = Omit<Finding, 'file'> & { readonly file?: string };

export type Parsed =
  | { readonly kind: 'findings'; readonly findings: readonly ParsedFinding[] }
  /** Not what the tool writes when it could do its work. `detail` completes "It gave output that cannot be read: …". */
  | { readonly kind: 'unreadable'; readonly detail: string };
