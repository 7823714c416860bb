/** What a claim is, what checking it comes to, and whether that reaches the target. Pure. */

/** The bounds of a 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** `×`: a ratio. `%`: a share from 0 to 1. `s`: seconds. `points`: a difference of shares, from 0 to 1. */
export type Unit = '×' | '%' | 's' | 'points';

/** A measured value that has to reach a target. All values are in the unit. */
export interface Figure {
  readonly kind: 'figure';
  /** What is measured; empty when the claim says it. */
  readonly name: string;
  readonly unit: Unit;
  readonly ours: number;
  readonly interval?: Interval;
  readonly target: { readonly kind: 'at least' | 'at most'; readonly value: number };
  /** What is possible at all. */
  readonly limit?: number;
}

/** Something that has to be so. */
export interface Fact {
  readonly kind: 'fact';
  /** A statement: `results and files are equal`. */
  readonly name: string;
  readonly holds: boolean;
  /** What was found, in a few words. */
  readonly found: string;
}

/** Something measured that is told and has no target. */
export interface Note {
  readonly kind: 'note';
  readonly text: string;
}

export type Check = Figure | Fact | Note;

/** A claim, and how Volley answers it. */
export interface Claim<Place> {
  /** As in bench/claims/README.md. */
  readonly number: number;
  readonly title: string;
  /** What was claimed elsewhere. */
  readonly theirs: string;
  /** What waits, and for what it stands. */
  readonly standIn: string;
  /** How times are scaled down, the same for both sides; absent when they are as claimed. */
  readonly scale?: string;
  check(place: Place): Promise<readonly Check[]>;
}

/** What one claim came to. */
export interface Checked {
  readonly claim: Pick<Claim<never>, 'number' | 'title' | 'theirs' | 'standIn' | 'scale'>;
  readonly checks: readonly Check[];
  /** It could not be checked: why. */
  readonly error?: string;
  readonly seconds: number;
}

/** Whether a check reaches its target; a note always does. */
export function isMet(check: Check): boolean {
  switch (check.kind) {
    case 'figure':
      return check.target.kind === 'at least' ? check.ours >= check.target.value : check.ours <= check.target.value;
    case 'fact':
      return check.holds;
    case 'note':
      return true;
    default:
      return check satisfies never;
  }
}

/** Whether a claim was checked, and every check of it reaches its target. */
export function isReached({ checks, error }: Checked): boolean {
  return error === undefined && checks.some(({ kind }) => kind !== 'note') && checks.every(isMet);
}

/** A fact of which nothing more is to be said than what was found. */
export function fact(name: string, holds: boolean, found: string): Fact {
  return { kind: 'fact', name, holds, found };
}
