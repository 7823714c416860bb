/**
 * `npx tsx bench/tune.ts`: whether the intervals of a tuning hold the truth as often as they say. Times are drawn from known laws with noise
 * of a known spread, as many as a tuning takes; nothing here is a time of this machine.
 */
import { curveOf, isNarrow, type Parameters, peakOf, throughput } from '../src/core/scalability.js';
import { normalQuantile, seededRandom } from '../src/core/statistics.js';
import { type Curve, type Interval, type Sample, TOLERANCE } from '../src/core/tuning-model.js';

const REPEATS = 200;
const NUMBERS = [1, 2, 3, 4, 6, 8, 12, 16];
const LAWS: readonly (Parameters & { readonly name: string })[] = [
  { name: 'scales well', lambda: 0.001, sigma: 0.03, kappa: 0.0005 },
  { name: 'contention', lambda: 0.001, sigma: 0.25, kappa: 0.001 },
  { name: 'peak at 5', lambda: 0.001, sigma: 0.1, kappa: 0.035 },
];

interface Coverage {
  readonly sigma: number;
  readonly kappa: number;
  readonly peak: number;
  readonly median: number;
  readonly ratio: number;
}

/** Shares of intervals that hold the truth. */
export function coverage(law: Parameters, rounds: number, noise: number, repeats = REPEATS): Coverage {
  const random = seededRandom(rounds * 1000 + Math.round(noise * 1e4));
  const ms = (number: number) => 1 / throughput(law, number);
  const held = { sigma: 0, kappa: 0, peak: 0, median: 0, ratio: 0 };
  let [medians, ratios] = [0, 0];
  const holds = (interval: Interval | undefined, value: number) =>
    interval !== undefined && value >= interval.low && value <= interval.high ? 1 : 0;
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const samples = Array.from({ length: rounds }, () =>
      NUMBERS.map((number) => ({ number, ms: ms(number) * Math.exp(noise * normalQuantile(random() || 0.5)) })),
    ).flat();
    const curve = curveOf(samples, { seed: repeat, law: true });
    held.sigma += holds(curve.law?.sigma.interval, law.sigma);
    held.kappa += holds(curve.law?.kappa.interval, law.kappa);
    const { low = 1, high = Number.POSITIVE_INFINITY } = curve.law?.peak ?? {};
    held.peak += holds({ low, high }, peakOf(law));
    for (const { number, interval, ratioInterval, ratio } of curve.points) {
      medians += 1;
      held.median += holds(interval, ms(number));
      if (ratio === 1) continue;
      ratios += 1;
      held.ratio += holds(ratioInterval, ms(number) / ms(curve.best ?? 1));
    }
  }
  return {
    sigma: held.sigma / repeats,
    kappa: held.kappa / repeats,
    peak: held.peak / repeats,
    median: held.median / medians,
    ratio: held.ratio / ratios,
  };
}

/** Of whole tunings, which stop when they are certain or after 10 rounds: how many called certain, how many of these wrongly, rounds taken. */
export function decisions(law: Parameters, noise: number, repeats = REPEATS) {
  const random = seededRandom(Math.round(noise * 1e4));
  const ms = (number: number) => 1 / throughput(law, number);
  const limit = (1 + TOLERANCE) * Math.min(...NUMBERS.map(ms));
  const truth = NUMBERS.find((number) => ms(number) <= limit);
  let [certain, wrong, taken, lost] = [0, 0, 0, 0];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const samples: Sample[] = [];
    let curve: Curve | undefined;
    for (let round = 1; round <= 10; round += 1) {
      for (const number of NUMBERS) samples.push({ number, ms: ms(number) * Math.exp(noise * normalQuantile(random() || 0.5)) });
      if (round < 3) continue;
      curve = curveOf(samples, { seed: repeat, law: false });
      taken = round === 3 ? taken + 3 : taken + 1;
      if (isNarrow(curve)) break;
    }
    lost = Math.max(lost, (ms(curve?.smallest ?? 1) * (1 + TOLERANCE)) / limit - 1);
    if (!curve?.certain) continue;
    certain += 1;
    if (curve.smallest !== truth) wrong += 1;
  }
  return { certain: certain / repeats, wrong: wrong / repeats, rounds: taken / repeats, lost };
}

if (process.argv[1] === import.meta.filename) {
  console.log(`Intervals of 95 % of a tuning, shares that hold the truth, ${REPEATS} simulated tunings each (target: 0.95)`);
  for (const law of LAWS)
    for (const rounds of [3, 5, 10])
      for (const noise of [0.01, 0.05]) {
        const found = coverage(law, rounds, noise);
        const shares = (['sigma', 'kappa', 'peak', 'median', 'ratio'] as const).map(
          (name) => `${name} ${found[name].toFixed(3)}`,
        );
        console.log(
          `  ${law.name.padEnd(12)} ${String(rounds).padStart(2)} rounds, noise ${(noise * 100).toFixed(0)} %: ${shares.join('  ')}`,
        );
      }
  console.log(`Whole tunings of at most 10 rounds (target: at most 5 % certain and wrong)`);
  for (const law of LAWS)
    for (const noise of [0.01, 0.03, 0.05, 0.1]) {
      const { certain, wrong, rounds, lost } = decisions(law, noise);
      const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
      console.log(
        `  ${law.name.padEnd(12)} noise ${(noise * 100).toFixed(0).padStart(2)} %: certain ${percent(certain)}, certain and wrong ${percent(wrong)}, ${rounds.toFixed(1)} rounds, slower than the best by at most ${percent(lost)}`,
      );
    }
}
