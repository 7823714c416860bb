/** The context budget of a batch: how much of it is used decides how much more starts. Pure. */

/** What the use of a budget asks for. */
export type Level = 'free' | 'half' | 'one' | 'none';

/** Above which shares of the budget less starts: half of the slots, one at a time, nothing. */
const SHARES: readonly (readonly [number, Level])[] = [
  [0.95, 'none'],
  [0.9, 'one'],
  [0.7, 'half'],
];

/** The level that `used` tokens of `budget` reach. */
export function levelOf(used: number, budget: number): Level {
  return SHARES.find(([share]) => used > budget * share)?.[1] ?? 'free';
}

/** How many operations may run at once at a level. */
export function slotsAt(level: Level, slots: number): number {
  switch (level) {
    case 'free':
      return slots;
    case 'half':
      return Math.max(1, Math.floor(slots / 2));
    case 'one':
    case 'none':
      return 1;
    default:
      return level satisfies never;
  }
}

/** Why less starts, as a sentence. */
export function levelText(level: Exclude<Level, 'free'>, used: number, budget: number): string {
  const share = `${Math.round((used / budget) * 100)} % of the budget of ${budget} tokens is used`;
  switch (level) {
    case 'half':
      return `${share}, so new operations take half of the slots.`;
    case 'one':
      return `${share}, so new operations run one at a time.`;
    case 'none':
      return `${share}, so nothing new starts.`;
    default:
      return level satisfies never;
  }
}
