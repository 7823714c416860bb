/**
 * How often a change is named in histories that have none (noise of several kinds, hours in which a gate or the whole machine is busy), how
 * often one that is there is named, and how long the search takes. `npx tsx bench/trends.ts`; `SERIES` and `HISTORIES` say how many of each,
 * `RUNS` how long histories are.
 */
import { changePoints } from '../src/core/change-points.js';
import { atOnce } from '../src/core/slices.js';
import { normalQuantile, seededRandom } from '../src/core/statistics.js';
import type { RunFigures } from '../src/core/trend-model.js';
import { changesOfAll, trendsOf } from '../src/core/trends.js';
import { figuresOfOperation, figuresOfRun } from '../test/support/figures.js';

const SERIES = Number(process.env['SERIES'] ?? 600);
const HISTORIES = Number(process.env['HISTORIES'] ?? 200);
const LEVEL = 0.05;
const isLarge = () => true;

type Random = () => number;
type Noise = (random: Random, length: number) => number[];

const normal = (random: Random) => normalQuantile(Math.min(Math.max(random(), 1e-12), 1 - 1e-12));
const each =
  (draw: (random: Random) => number): Noise =>
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
/** For six runs on average busy, then for eighteen free: then all takes so many deviations longer. */
const busyHours = (random: Random, length: number, deviations: number): number[] => {
  let slow = random() < 0.25;
  return Array.from({ length }, () => {
    if (random() < (slow ? 1 / 6 : 1 / 18)) slow = !slow;
    return slow ? deviations : 0;
  });
};
const busy =
  (deviations: number): Noise =>
  (random, length) =>
    busyHours(random, length, deviations).map((value) => value + normal(random));
const oneSlow: Noise = (random, length) => {
  const values = each(normal)(random, length);
  values[Math.floor(random() * length)] = 1000;
  return values;
};

const NORMAL = ['normal', each(normal)] as const;
const ALIKE = ['neighbours alike, r = 0.6', alike(0.6)] as const;
const NOISES: readonly (readonly [string, Noise])[] = [
  NORMAL,
  ['lognormal (durations)', each((random) => Math.exp(normal(random)))],
  ['Cauchy (no mean)', each((random) => Math.tan(Math.PI * (random() - 0.5)))],
  ['one in ten 20 deviations slower', each((random) => normal(random) + (random() < 0.1 ? 20 : 0))],
  ['ties (whole numbers 0 to 2)', each((random) => Math.floor(random() * 3))],
  ['one slow run', oneSlow],
  ['neighbours alike, r = 0.3', alike(0.3)],
  ALIKE,
  ['neighbours alike, r = 0.8', alike(0.8)],
  ['busy hours, two deviations', busy(2)],
];

const LENGTHS = [12, 20, 50, 100, 200];
const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(8);

function shareOfSeries(noise: Noise, length: number, shift: number): number {
  const random = seededRandom(length * 1000 + Math.round(shift * 10));
  let found = 0;
  for (let series = 0; series < SERIES; series += 1) {
    const values = noise(random, length).map((value, place) => value + (place >= length / 2 ? shift : 0));
    if (changePoints(values, { level: LEVEL, seed: series, isLarge }).length > 0) found += 1;
  }
  return found / SERIES;
}

function seriesTables(): void {
  console.log(
    `Single series, the test alone: share of ${SERIES} in which a change is found at the level ${LEVEL}, by the number of runs`,
  );
  console.log(['without a change'.padEnd(36), ...LENGTHS.map((length) => String(length).padStart(8))].join(''));
  for (const [name, noise] of NOISES)
    console.log([name.padEnd(36), ...LENGTHS.map((length) => percent(shareOfSeries(noise, length, 0)))].join(''));
  console.log('with one in the middle');
  for (const shift of [1, 2, 4])
    for (const [name, noise] of [NORMAL, ALIKE])
      console.log(
        [
          `${name}, by ${shift} deviations`.padEnd(36),
          ...LENGTHS.map((length) => percent(shareOfSeries(noise, length, shift))),
        ].join(''),
      );
}

// ------------------------------------------------------------------------------------------------------------- histories

const GATES = 20;
/** Eight runs a day, one an hour. */
const A_DAY = 8;
/** Of the duration. */
const DEVIATION = 0.1;

interface World {
  readonly name: string;
  readonly ofGate: Noise;
  /** Deviations that all gates of a run have in common. */
  readonly ofMachine?: Noise;
}

const WORLDS: readonly World[] = [
  { name: 'independent', ofGate: each(normal) },
  { name: 'heavy tails (Cauchy / 3)', ofGate: each((random) => Math.tan(Math.PI * (random() - 0.5)) / 3) },
  { name: 'neighbours alike, r = 0.6', ofGate: alike(0.6) },
  { name: 'busy hours of each gate, +20 %', ofGate: busy(2) },
  { name: 'busy hours of each gate, +40 %', ofGate: busy(4) },
  { name: 'busy hours of the machine, +20 %', ofGate: each(normal), ofMachine: (random, length) => busyHours(random, length, 2) },
  {
    name: 'busy hours of the machine, +100 %',
    ofGate: each(normal),
    ofMachine: (random, length) => busyHours(random, length, 10),
  },
];

/** Of twenty gates; from a run on, at random in the middle third, the first takes `factor` times as long. */
function historyOf({ ofGate, ofMachine }: World, runs: number, factor: number, seed: number): readonly RunFigures[] {
  const random = seededRandom(seed);
  const common = ofMachine?.(random, runs) ?? Array.from({ length: runs }, () => 0);
  const from = Math.floor(runs * (1 / 3 + random() / 3));
  const gates = Array.from({ length: GATES }, () => ofGate(random, runs));
  return Array.from({ length: runs }, (_, run) => {
    const day = Math.floor(run / A_DAY);
    return figuresOfRun(
      gates.map((noise, gate) => {
        const own = Math.max(0.05, 1 + DEVIATION * (noise[run] ?? 0)) * (1 + DEVIATION * (common[run] ?? 0));
        return figuresOfOperation(`gate-${gate}`, { ms: 1000 * own * (gate === 0 && run >= from ? factor : 1) });
      }),
      { startedAt: new Date(Date.UTC(2026, 0, 1 + day, 9 + (run % A_DAY))).toISOString() },
    );
  });
}

/** Gates of which a change is named; `machine` when one of all is. */
function namedIn(runs: readonly RunFigures[]): { readonly gates: readonly string[]; readonly machine: boolean } {
  const { gates, machine } = atOnce(changesOfAll(atOnce(trendsOf(runs, new Set()))));
  const changed = gates.filter(({ series }) => series.some(({ changes }) => changes.length > 0));
  return { gates: changed.map(({ id }) => id), machine: machine.length > 0 };
}

type Named = ReturnType<typeof namedIn>;

function historyTables(): void {
  const lengths = (process.env['RUNS'] ?? '30,50,100,200').split(',').map(Number);
  const tables = (factor: number, metrics: readonly (readonly [string, (named: Named) => boolean])[]) => {
    const found = WORLDS.map((world) =>
      lengths.map((length) => Array.from({ length: HISTORIES }, (_, seed) => namedIn(historyOf(world, length, factor, seed)))),
    );
    for (const [title, counts] of metrics) {
      console.log([title.padEnd(44), ...lengths.map((length) => String(length).padStart(8))].join(''));
      for (const [place, { name }] of WORLDS.entries()) {
        const shares = (found[place] ?? []).map((all) => percent(all.filter(counts).length / all.length));
        console.log([name.padEnd(44), ...shares].join(''));
      }
    }
  };
  console.log(`\nHistories of ${GATES} gates, noise a tenth of the duration: share of ${HISTORIES}, by the number of runs`);
  tables(1, [
    ['none changed, a change of a gate is named', ({ gates }) => gates.length > 0],
    ['none changed, a change of the machine is named', ({ machine }) => machine],
  ]);
  for (const factor of [1.3, 1.5])
    tables(factor, [
      [`one takes ${factor} times as long, and is named`, ({ gates }) => gates.includes('gate-0')],
      ['the same, and another gate is named', ({ gates }) => gates.some((gate) => gate !== 'gate-0')],
    ]);
}

function times(): void {
  const random = seededRandom(1);
  const timed = (what: string, work: () => void) => {
    const begun = performance.now();
    work();
    console.log(`${what}: ${(performance.now() - begun).toFixed(0)} ms`);
  };
  timed('100 steady series of 200 runs', () => {
    for (let series = 0; series < 100; series += 1)
      changePoints(alike(0)(random, 200), { level: LEVEL / 100, seed: series, isLarge });
  });
  timed('20 series of 200 runs with a change', () => {
    for (let series = 0; series < 20; series += 1)
      changePoints(
        alike(0)(random, 200).map((value, place) => value + (place >= 100 ? 4 : 0)),
        { level: LEVEL / 100, seed: series, isLarge },
      );
  });
}

const wanted = process.argv.slice(2);
if (wanted.length === 0 || wanted.includes('series')) seriesTables();
if (wanted.length === 0 || wanted.includes('histories')) historyTables();
if (wanted.length === 0 || wanted.includes('times')) times();
