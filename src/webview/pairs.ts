/** Pure: which runs of a verification are trials, which pairs they make, and which of them is shown. */

import type { Verification } from '../core/measured.js';
import type { Mode, RunState } from '../core/model.js';
import { timing } from '../core/timing.js';
import type { PanelView } from '../protocol.js';

/** A verification as the host sends it. */
export type VerificationPanel = Extract<PanelView, { kind: 'verification' }>;

/** Both trials of a pair, as far as they were begun. */
export interface Pair {
  readonly number: number;
  readonly sequential?: RunState;
  readonly parallel?: RunState;
  readonly ratio?: number;
}

/** One row of the table of trials: a run that is counted, or will be when it ends. */
export interface TrialRun {
  /** From 1, in the order in which they ran. */
  readonly number: number;
  readonly pair: number;
  readonly state: RunState;
  /** Absent while it goes on. */
  readonly makespanMs?: number;
}

/** The trials in order. The warm-up and runs that were cancelled are not among them. */
export function trialRuns({ verification, runs, progress }: VerificationPanel): readonly TrialRun[] {
  const states = new Map(runs.map((state) => [state.run, state]));
  const ended = verification.trials.flatMap(({ run, pair, makespanMs }, index): TrialRun[] => {
    const state = states.get(run);
    return state ? [{ number: index + 1, pair, state, makespanMs }] : [];
  });
  const last = runs.at(-1);
  const trial = progress?.trial ?? 0;
  if (!last || trial < 1 || verification.trials.some(({ run }) => run === last.run)) return ended;
  return [...ended, { number: trial, pair: Math.floor((trial - 1) / 2) + 1, state: last }];
}

/** The run that goes on before the first trial; undefined at any other time. */
export function warmUpRun({ runs, progress }: VerificationPanel): RunState | undefined {
  return progress?.trial === 0 ? runs.at(-1) : undefined;
}

/** The pairs in order; a trial that goes on belongs to the last. */
export function pairsOf(panel: VerificationPanel): readonly Pair[] {
  const trials = trialRuns(panel);
  const numbers = [...new Set(trials.map(({ pair }) => pair))].sort((a, b) => a - b);
  return numbers.map((number) => {
    const find = (mode: Mode): RunState | undefined =>
      trials.find(({ pair, state }) => pair === number && state.mode === mode)?.state;
    const [sequential, parallel, ratio] = [find('sequential'), find('parallel'), ratioOfPair(panel.verification, number)];
    return {
      number,
      ...(sequential ? { sequential } : {}),
      ...(parallel ? { parallel } : {}),
      ...(ratio === undefined ? {} : { ratio }),
    };
  });
}

/** T sequential ÷ T parallel of one pair; undefined until both trials ended. */
export function ratioOfPair({ trials }: Verification, number: number): number | undefined {
  const ms = (mode: Mode): number | undefined => trials.find((trial) => trial.pair === number && trial.mode === mode)?.makespanMs;
  const [sequential, parallel] = [ms('sequential'), ms('parallel')];
  return sequential !== undefined && parallel ? sequential / parallel : undefined;
}

/** While it goes on the newest pair, afterwards the one whose ratio is nearest to the median. */
export function defaultPair(pairs: readonly Pair[], { verification, progress }: VerificationPanel): Pair | undefined {
  const { ratio } = verification;
  if (progress || ratio === undefined) return pairs.at(-1);
  const distance = (pair: Pair): number => (pair.ratio === undefined ? Number.POSITIVE_INFINITY : Math.abs(pair.ratio - ratio));
  return [...pairs].sort((a, b) => distance(a) - distance(b))[0];
}

/** Makespans of the trials that were stopped. They are not counted, but neither kept quiet about. */
export function stoppedTrials({ verification, runs, progress }: VerificationPanel): readonly number[] {
  if (progress) return [];
  const counted = new Set(verification.trials.map(({ run }) => run));
  return (
    runs
      .filter((state) => state.outcome === 'cancelled' && !counted.has(state.run))
      .map((state) => timing(state).makespanMs)
      // A warm-up that was stopped is named as the warm-up.
      .filter((makespanMs) => makespanMs !== verification.warmUpMs)
  );
}
