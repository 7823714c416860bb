/** What is expected of a run: predicted before it begins, looked at anew while it goes on, at little cost. */
import { type Duration, type Durations, expectedOf, keyOf, type Timed } from './durations.js';
import type { Mode, OperationId, Plan, Prediction, Remaining, RunState } from './model.js';
import { predict, remainingOf } from './prediction.js';
import type { SlotsFrom } from './schedule.js';

export interface Forecast {
  /** Undefined while a duration is unknown. */
  readonly predicted: Prediction | undefined;
  /** When the run will end, by its own clock; undefined while a duration of what has not ended is unknown. Asked often it answers as before. */
  remaining(state: RunState, now: number): Remaining | undefined;
}

/** What a forecast is made from. */
export interface Foreseen {
  readonly plan: Plan;
  /** Absent: nothing is expected. */
  readonly expected?: ReadonlyMap<OperationId, Duration>;
  /** How the slots of such a run moved before, up to this number. */
  readonly learnedSlots?: (most: number) => readonly SlotsFrom[] | undefined;
  /** Operations that are not executed. */
  readonly settled: { has(id: OperationId): boolean };
  readonly mode: Mode;
  readonly slots: number;
  readonly mostSlots?: number;
}

/** Looking anew takes at most this share of the time. */
const SHARE_OF_TIME = 0.05;

/** `clock`: monotonic milliseconds. */
export function forecastOf(
  { plan, expected, learnedSlots, settled, ...asked }: Foreseen,
  clock: () => number,
): Forecast | undefined {
  if (!expected) return undefined;
  const { mode, mostSlots } = asked;
  const learned = mostSlots === undefined || mode === 'sequential' ? undefined : learnedSlots?.(mostSlots);
  const slots = learned ?? asked.slots;
  const predicted = predict({ plan, expected, mode, slots, settled });
  let look: ReturnType<typeof remainingOf> | undefined;
  let last: Remaining | undefined;
  let notBefore = Number.NEGATIVE_INFINITY;
  return {
    predicted,
    remaining(state, now) {
      if (state.outcome !== undefined) return undefined;
      const started = clock();
      if (started < notBefore) return last;
      look ??= remainingOf({ plan, expected, mode, slots });
      last = look(state, now);
      const ended = clock();
      notBefore = ended + (ended - started) / SHARE_OF_TIME;
      return last;
    },
  };
}

/** What is predicted of a plan that nobody runs yet. */
export function predictedOf({
  plan,
  known,
  ...asked
}: Pick<Foreseen, 'plan' | 'mode' | 'slots' | 'mostSlots'> & { readonly known: Durations }): Prediction | undefined {
  const { mode } = asked;
  const expected = expectedOf(known, plan.operations, mode);
  return predict({ plan, expected, mode, slots: slotsOf({ ...asked, learnedSlots: learnedSlotsOf(known, plan.operations) }) });
}

/** As such a run had them before, where Volley moves them; else those that it begins with. */
function slotsOf({ mode, slots, mostSlots, learnedSlots }: Pick<Foreseen, 'mode' | 'slots' | 'mostSlots' | 'learnedSlots'>) {
  return (mostSlots === undefined || mode === 'sequential' ? undefined : learnedSlots?.(mostSlots)) ?? slots;
}

/** How the slots of such a run moved before, as far as is remembered. */
export function learnedSlotsOf(known: Durations, operations: readonly Timed[]): NonNullable<Foreseen['learnedSlots']> {
  const keys = operations.map(keyOf);
  return (most) => known.slotsOf(keys, most);
}
