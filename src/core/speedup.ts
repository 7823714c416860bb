/** Pure: trials of a verification to a speedup and a verdict. Everything here is measured; no trial is left out. */

import type { Difference, Trial, Undeclared, Verdict, Verification } from './measured.js';
import type { Finding, OperationState, RunState, ScopeKind, VerificationId } from './model.js';
import { median } from './statistics.js';

/** A gain or loss smaller than this share is not called one, whatever the trials agree on. */
const WORTH_NAMING = 0.05;

export interface Trials {
  readonly id: VerificationId;
  /** Wall clock, ISO 8601. */
  readonly startedAt: string;
  /** How many pairs were asked for. */
  readonly pairs: number;
  readonly slots: number;
  readonly mostSlots?: number | undefined;
  readonly scope: ScopeKind;
  /** Makespan of the run before the trials, once it ended. */
  readonly warmUpMs?: number | undefined;
  readonly undeclared?: readonly Undeclared[];
  /** In the order in which they ran; the states are those of the trials, in the same order. */
  readonly trials: readonly Trial[];
  readonly runs: readonly RunState[];
}

/** Which mode runs first in a pair alternates, so that neither always profits from warm caches. Pairs count from 1. */
export function orderOfPair(pair: number): readonly ['sequential' | 'parallel', 'sequential' | 'parallel'] {
  return pair % 2 === 1 ? ['sequential', 'parallel'] : ['parallel', 'sequential'];
}

/** The verification that these trials amount to so far. */
export function verify({
  id,
  startedAt,
  pairs,
  slots,
  mostSlots,
  scope,
  warmUpMs,
  undeclared,
  trials,
  runs,
}: Trials): Verification {
  const ratios = ratiosOf(trials);
  const ratio = median(ratios);
  const sequentialMs = median(trials.filter((trial) => trial.mode === 'sequential').map((trial) => trial.makespanMs));
  const parallelMs = median(trials.filter((trial) => trial.mode === 'parallel').map((trial) => trial.makespanMs));
  const differences = differencesOf(runs);
  return {
    id,
    startedAt,
    pairs,
    slots,
    ...(mostSlots === undefined ? {} : { mostSlots }),
    scope,
    ...(warmUpMs === undefined ? {} : { warmUpMs }),
    ...(undeclared === undefined || undeclared.length === 0 ? {} : { undeclared }),
    trials,
    ratios,
    ...(ratio === undefined ? {} : { ratio }),
    ...(sequentialMs === undefined ? {} : { sequentialMs }),
    ...(parallelMs === undefined ? {} : { parallelMs }),
    differences,
    verdict: verdictOf(ratios, ratio, differences, runs, trials),
  };
}

/** T_sequential ÷ T_parallel of each pair of which both trials ended. */
function ratiosOf(trials: readonly Trial[]): readonly number[] {
  const ratios: number[] = [];
  for (const sequential of trials.filter((trial) => trial.mode === 'sequential')) {
    const parallel = trials.find((trial) => trial.mode === 'parallel' && trial.pair === sequential.pair);
    if (parallel && parallel.makespanMs > 0) ratios.push(sequential.makespanMs / parallel.makespanMs);
  }
  return ratios;
}

function verdictOf(
  ratios: readonly number[],
  ratio: number | undefined,
  differences: readonly Difference[],
  runs: readonly RunState[],
  trials: readonly Trial[],
): Verdict {
  const disturbed = trials.length < runs.length || runs.some((run) => run.outcome === 'cancelled' || run.outcome === 'errored');
  if (differences.length > 0) return 'results differ';
  if (disturbed || ratio === undefined || ratios.length < 2) return 'inconclusive';
  if (ratio >= 1 + WORTH_NAMING && ratios.every((each) => each > 1)) return 'faster';
  if (ratio <= 1 - WORTH_NAMING && ratios.every((each) => each < 1)) return 'slower';
  return 'no gain';
}

/** Every place where a finished trial gave another outcome or other findings than the first one. Trials count from 1. */
export function differencesOf(runs: readonly RunState[]): readonly Difference[] {
  const [first, ...others] = runs.filter((run) => run.outcome !== undefined && run.outcome !== 'cancelled');
  if (!first) return [];
  return others.flatMap((run, index) =>
    first.operations.flatMap((expected) => {
      const actual = run.operations.find((operation) => operation.id === expected.id);
      return actual ? compare(expected, actual, index + 2) : [];
    }),
  );
}

function compare(expected: OperationState, actual: OperationState, trial: number): Difference[] {
  const operation = expected.id;
  const outcomes = [expected.outcome?.kind ?? 'none', actual.outcome?.kind ?? 'none'] as const;
  if (outcomes[0] !== outcomes[1]) return [{ operation, what: 'outcome', expected: outcomes[0], actual: outcomes[1], trial }];
  const [answer, other] = [expected.answer, actual.answer];
  if (answer?.digest !== undefined && other?.digest !== undefined && answer.digest !== other.digest)
    return [{ operation, what: 'answer', expected: answer.summary, actual: other.summary, trial }];
  const before = findingKeys(expected);
  const after = findingKeys(actual);
  const lost = missingFrom(before, after);
  const gained = missingFrom(after, before);
  if (lost.length === 0 && gained.length === 0 && before.length === after.length) return [];
  return [{ operation, what: 'findings', expected: describe(lost, before), actual: describe(gained, after), trial }];
}

function missingFrom(keys: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return keys.filter((key) => !known.has(key));
}

function describe(only: readonly string[], all: readonly string[]): string {
  return `${all.length} in all${only[0] === undefined ? '' : `, ${only.length} only here, such as ${only[0]}`}`;
}

/** The end of an output may name times and temporary files, so it is no finding to compare. */
function isPlaced(finding: Finding): boolean {
  return finding.output === undefined;
}

/** Findings compare as a set: place, rule, severity and message. */
function findingKeys(operation: OperationState): readonly string[] {
  return operation.findings
    .filter(isPlaced)
    .map(({ file, line, column, severity, rule, message }) => `${file}:${line}:${column} ${severity} ${rule ?? ''} ${message}`);
}
