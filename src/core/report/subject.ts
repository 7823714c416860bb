/** Pure: what a report is about, whatever its format. */

import type { Verification } from '../measured.js';
import { workLabel } from '../messages.js';
import type { RunState } from '../model.js';
import { executedText, type Line, verificationLines } from '../verification-text.js';

/** A run that has ended, or a verification with the states of its trials in the order in which they ran. */
export type ReportSubject =
  /** `measured` is the newest verification of the same work, when there is one. */
  | { readonly kind: 'run'; readonly state: RunState; readonly measured?: Verification }
  | { readonly kind: 'verification'; readonly verification: Verification; readonly runs: readonly RunState[] };

/** Who writes the report, as its formats name it. */
export const PRODUCT = { name: 'Volley', packageName: 'volley' } as const;

/** All runs of the subject, in the order in which they ran. */
export function runsOf(subject: ReportSubject): readonly RunState[] {
  return subject.kind === 'run' ? [subject.state] : subject.runs;
}

/** The run whose results stand for the subject: the newest parallel trial, since results are the same in all or told as differences. */
export function representative(subject: ReportSubject): RunState | undefined {
  const runs = runsOf(subject);
  return runs.findLast(({ mode }) => mode === 'parallel') ?? runs.at(-1);
}

/** What a user asked for: the heading of a report. */
export function titleOf(subject: ReportSubject): string {
  if (subject.kind === 'run') return subject.state.label;
  // Each trial is called by what is verified and which it is.
  const [first] = subject.runs;
  return first ? workLabel(first.label) : 'Verify Speedup';
}

/** The verification block: names and values of what was measured. Nothing of a run. */
export function blockOf(subject: ReportSubject): readonly Line[] {
  if (subject.kind === 'run') return [];
  return verificationLines(subject.verification, executedText(subject.runs[0]?.operations ?? []));
}

/** What the operations of a run are called. */
export function nounOf({ batch }: RunState): 'gate' | 'operation' {
  return batch ? 'operation' : 'gate';
}
