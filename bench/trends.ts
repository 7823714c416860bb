/**
 * How often a change is found in series of durations that have none (independent, heavy tails, alike neighbours, busy hours, single slow
 * runs), how often in series that have one, and how long the search takes. `npx tsx bench/trends.ts`.
 */
import { changePoints } from '../src/core/change-points.js';
import { atOnce } from '../src/core/slices.js';
import { normalQuantile, seededRandom } from '../src/core/statistics.js';
import type { RunFigures } from '../src/core/trend-model.js';
import { FAMILY_LEVEL, testsOf, trendsOf, withChanges } from '../src/core/trends.js';
import { figuresOfOperation, figuresOfRun } from '../test/support/figures.js';

const SERIES = Number(process.env['SERIES'] ?? 1000);
const LEVEL = 0.05;
const isLarge = () => true;

type Noise = (random: () => number, length: number) => number[];

const normal = (random: () => number) => normalQuantile(Math.min(Math.max(random(), 1e-12), 1 - 1e-12));
const each =
  (draw: (random: () => number) => number): Noise =>
  (random, length) =>
    Array.from({ length }, () => draw(random));
/** Each value keeps the share `likeness` of the one before. */
const alike =
  (likeness: number): Noise =>
  (random, length) => {
    let last = normal(random);
    return Array.from({ length }, () => {
      last = likeness * last + Math.sqrt(1 - likeness ** 2) * normal(random);
      return last;
    });
  };
/** The machine is busy for six runs on average, then free for eighteen: then all takes two deviations longer. */
const busy: Noise = (random, length) => {
  let slow = random() < 0.25;
  return Array.from({ length }, () => {
    if (random() < (slow ? 1 / 6 : 1 / 18)) slow = !slow;
    return normal(random) + (slow ? 2 : 0);
  });
};
const oneSlow: Noise = (random, length) => {
  const values = each(normal)(random, length);
  values[Math.floor(random() * length)] = 1000;
  return values;
};

const NOISES: readonly (readonly [string, Noise])[] = [
  ['normal', each(normal)],
  ['lognormal (durations)', each((random) => Math.exp(normal(random)))],
  ['Cauchy (no mean)', each((random) => Math.tan(Math.PI * (random() - 0.5)))],
  ['one in ten 20 deviations slower', each((random) => normal(random) + (random() < 0.1 ? 20 : 0))],
  ['ties (whole numbers 0 to 2)', each((random) => Math.floor(random() * 3))],
  ['one slow run', oneSlow],
  ['neighbours alike, r = 0.3', alike(0.3)],
  ['neighbours alike, r = 0.6', alike(0.6)],
  ['neighbours alike, r = 0.8', alike(0.8)],
  ['busy hours', busy],
];

function share(noise: Noise, length: number, shift: number): number {
  const random = seededRandom(length * 1000 + Math.round(shift * 10));
  let found = 0;
  for (let series = 0; series < SERIES; series += 1) {
    const values = noise(random, length).map((value, place) => value + (place >= length / 2 ? shift : 0));
    if (changePoints(values, { level: LEVEL, seed: series, isLarge }).length > 0) found += 1;
  }
  return found / SERIES;
}

const LENGTHS = [12, 20, 50, 100, 200];
console.log(`Share of ${SERIES} series in which a change is found at the level ${LEVEL}, by the number of runs`);
console.log(['without a change'.padEnd(36), ...LENGTHS.map((length) => String(length).padStart(7))].join(''));
for (const [name, noise] of NOISES) {
  const shares = LENGTHS.map((length) => `${(100 * share(noise, length, 0)).toFixed(1)} %`.padStart(7));
  console.log([name.padEnd(36), ...shares].join(''));
}
console.log('with one in the middle');
for (const shift of [1, 2, 4]) {
  for (const [name, noise] of [NOISES[0], NOISES[7], NOISES[9]].flatMap((row) => (row ? [row] : []))) {
    const shares = LENGTHS.map((length) => `${(100 * share(noise, length, shift)).toFixed(1)} %`.padStart(7));
    console.log([`${name}, by ${shift} deviations`.padEnd(36), ...shares].join(''));
  }
}

console.log('share of histories (20 gates, 100 runs, noise a tenth of the duration) in which a change is named anywhere');
for (const [name, noise] of [NOISES[0], NOISES[2], NOISES[7], NOISES[9]].flatMap((row) => (row ? [row] : []))) {
  const histories = Math.max(1, SERIES / 10);
  const named = Array.from({ length: histories }, (_, seed) => isNamed(historyOf(noise, seed))).filter(Boolean).length;
  console.log(`${name.padEnd(36)}${((100 * named) / histories).toFixed(1).padStart(5)} %`);
}

function historyOf(noise: Noise, seed: number): readonly RunFigures[] {
  const random = seededRandom(seed);
  const gates = Array.from({ length: 20 }, () => noise(random, 100).map((value) => Math.max(1, 1000 + 100 * value)));
  return Array.from({ length: 100 }, (_, run) =>
    figuresOfRun(gates.map((lengths, gate) => figuresOfOperation(`gate-${gate}`, { ms: lengths[run] ?? 0 }))),
  );
}

function isNamed(runs: readonly RunFigures[]): boolean {
  const gates = atOnce(trendsOf(runs, new Set()));
  const level = FAMILY_LEVEL / testsOf(gates);
  return gates.some((gate) => atOnce(withChanges(gate, level)).series.some(({ changes }) => changes.length > 0));
}

const begun = performance.now();
const random = seededRandom(1);
for (let series = 0; series < 100; series += 1)
  changePoints(alike(0)(random, 200), { level: LEVEL / 100, seed: series, isLarge });
console.log(`100 steady series of 200 runs: ${(performance.now() - begun).toFixed(0)} ms`);
const again = performance.now();
for (let series = 0; series < 20; series += 1)
  changePoints(
    alike(0)(random, 200).map((value, place) => value + (place >= 100 ? 4 : 0)),
    { level: LEVEL / 100, seed: series, isLarge },
  );
console.log(`20 series of 200 runs with a change: ${(performance.now() - again).toFixed(0)} ms`);
