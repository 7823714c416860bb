/**
 * Whether verdicts and intervals of verifications are as sure as they say: on simulated trials, and on real work that cannot gain.
 * `npx tsx bench/calibration.ts [experiments] [repetitions]`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createEngine } from '../src/core/engine.js';
import { nodeHost } from '../src/core/host.js';
import { estimateOf, isNarrow, verdictOf } from '../src/core/speedup.js';
import { median, normalQuantile, normalShareBelow, quantileOfSorted, seededRandom } from '../src/core/statistics.js';

type Random = () => number;

/** Logarithms of the ratios of so many pairs whose true ratio is 1, or `middle` where noise is uneven by its nature. */
interface Noise {
  readonly name: string;
  readonly draw: (random: Random, pairs: number) => number[];
}

const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const exponential = (random: Random) => -Math.log(1 - random());
const many = (pairs: number, one: () => number) => Array.from({ length: pairs }, one);

const NOISES: readonly Noise[] = [
  { name: 'normal', draw: (random, pairs) => many(pairs, () => 0.05 * (normal(random) - normal(random))) },
  {
    name: 'skewed',
    draw: (random, pairs) => many(pairs, () => Math.log(1 + 0.2 * exponential(random)) - Math.log(1 + 0.2 * exponential(random))),
  },
  // Only one mode is disturbed now and then, so that the ratios themselves are skewed.
  { name: 'uneven', draw: (random, pairs) => many(pairs, () => Math.log(1 + 0.3 * exponential(random)) + 0.01 * normal(random)) },
  { name: 'drifting', draw: drifting },
  {
    name: 'heavy-tailed',
    draw: (random, pairs) => {
      // Student's t with two degrees of freedom.
      const t = () => normal(random) / Math.sqrt(exponential(random));
      return many(pairs, () => 0.03 * (t() - t()));
    },
  },
];

/** Each trial is 3 % slower than the one before. */
function drifting(random: Random, pairs: number): number[] {
  return many(pairs, () => (random() < 0.5 ? -0.03 : 0.03) + 0.02 * (normal(random) - normal(random)));
}

const PAIRS = [5, 6, 7, 8, 10, 15, 20, 30];
const percent = (count: number, all: number) => `${((100 * count) / all).toFixed(1)}`.padStart(6);

/** The true median of the logarithms, by far more draws than any experiment has. */
function truth({ draw }: Noise): number {
  const random = seededRandom(99);
  return median(Array.from({ length: 4000 }, () => draw(random, 20)).flat()) ?? 0;
}

function simulated(experiments: number): void {
  console.log(
    `Simulated trials, ${experiments} experiments each. How often the 95 % interval covers the true ratio, in % (target: 93 to 97)`,
  );
  console.log(
    `  ${'pairs'.padEnd(14)}${PAIRS.map((pairs) => String(pairs).padStart(6)).join('')}   BCa bootstrap, 7 and 15 pairs`,
  );
  const gains: string[] = [];
  for (const noise of NOISES) {
    const middle = truth(noise);
    const cells = PAIRS.map((pairs) => {
      const random = seededRandom(pairs);
      let covered = 0;
      let validated = 0;
      let sure = 0;
      for (let experiment = 0; experiment < experiments; experiment += 1) {
        const ratios = noise.draw(random, pairs).map((value) => Math.exp(value - middle));
        const interval = estimateOf(ratios, { mostPairs: 5 })?.interval;
        if (interval && interval.low <= 1 && interval.high >= 1) covered += 1;
        const verdict = (target: number) => verdictOf({ interval, target, differences: [], disturbed: false });
        if (verdict(1.67) === 'validated') validated += 1;
        if (verdict(1) === 'validated') sure += 1;
      }
      return { covered, validated, sure };
    });
    const bootstrap = [7, 15].map((pairs) => bootstrapCoverage(noise, middle, pairs, Math.min(experiments, 1000)));
    console.log(
      `  ${noise.name.padEnd(14)}${cells.map(({ covered }) => percent(covered, experiments)).join('')}   ${bootstrap.join('  ')}`,
    );
    gains.push(`  ${noise.name.padEnd(14)}${cells.map(({ validated }) => percent(validated, experiments)).join('')}`);
    gains.push(`  ${'  target 1'.padEnd(14)}${cells.map(({ sure }) => percent(sure, experiments)).join('')}`);
  }
  console.log(
    '\nWithout a true gain, how often it says validated, in % (target: at most 2.5), with the target 1.67 and, as the hardest, 1',
  );
  for (const line of gains) console.log(line);
  watched(experiments);
}

/** As a verification does it: it looks after each pair, and ends when the interval is narrow. */
function watched(experiments: number): void {
  console.log(
    '\nEnding at the first narrow interval, at most 30 pairs: covered in %, validated against the target 1 in %, pairs on average',
  );
  for (const noise of NOISES) {
    const middle = truth(noise);
    for (const scale of [0.3, 1, 1.6]) {
      const random = seededRandom(7);
      let [covered, sure, used] = [0, 0, 0];
      for (let experiment = 0; experiment < experiments; experiment += 1) {
        const all = noise.draw(random, 30).map((value) => Math.exp(scale * (value - middle)));
        let pairs = 1;
        const estimate = () => estimateOf(all.slice(0, pairs), { mostPairs: 30 });
        while (pairs < 30 && !isNarrow({ ratios: all.slice(0, pairs), ...estimate() })) pairs += 1;
        const interval = estimate()?.interval;
        if (interval && interval.low <= 1 && interval.high >= 1) covered += 1;
        if (interval && interval.low > 1) sure += 1;
        used += pairs;
      }
      const cells = [percent(covered, experiments), percent(sure, experiments), (used / experiments).toFixed(1).padStart(6)];
      console.log(`  ${noise.name.padEnd(14)}noise × ${String(scale).padEnd(4)}${cells.join('')}`);
    }
  }
}

/** What the bias-corrected accelerated bootstrap (Efron 1987) of the same median covers: why it is not what is used. */
function bootstrapCoverage(noise: Noise, middle: number, pairs: number, experiments: number): string {
  const random = seededRandom(3);
  let covered = 0;
  for (let experiment = 0; experiment < experiments; experiment += 1) {
    const [low, high] = bootstrapInterval(noise.draw(random, pairs), random);
    if (low <= middle && middle <= high) covered += 1;
  }
  return percent(covered, experiments);
}

function bootstrapInterval(values: readonly number[], random: Random): readonly [number, number] {
  const resamples = 1000;
  const middle = median(values) ?? 0;
  const medians = Array.from(
    { length: resamples },
    () => median(values.map(() => values[Math.floor(random() * values.length)] ?? 0)) ?? 0,
  ).sort((a, b) => a - b);
  const below = medians.filter((value) => value < middle).length + medians.filter((value) => value === middle).length / 2;
  const bias = normalQuantile(Math.min(Math.max(below / resamples, 1 / resamples), 1 - 1 / resamples));
  const without = values.map((_, index) => median(values.filter((__, other) => other !== index)) ?? 0);
  const mean = without.reduce((sum, value) => sum + value, 0) / without.length;
  const squares = without.reduce((sum, value) => sum + (mean - value) ** 2, 0);
  const acceleration = squares > 0 ? without.reduce((sum, value) => sum + (mean - value) ** 3, 0) / (6 * squares ** 1.5) : 0;
  const bound = (share: number) => {
    const z = bias + normalQuantile(share);
    return quantileOfSorted(medians, normalShareBelow(bias + z / (1 - acceleration * z))) ?? middle;
  };
  return [bound(0.025), bound(0.975)];
}

/** Long beside what starting and handing over takes, which does overlap: that Volley works while operations do is a gain. */
const BUSY = 'i=0; while [ $i -lt 250000 ]; do i=$((i+1)); done';

/** Batches that cannot gain anything. */
const NULL_CASES: readonly { readonly name: string; readonly operations: readonly unknown[] }[] = [
  {
    name: 'one lock for all',
    operations: [1, 2, 3].map((number) => ({
      id: `wait-${number}`,
      tool: 'command',
      input: { argv: ['sleep', '0.05'] },
      ...{ reads: [], writes: [], locks: ['port'] },
    })),
  },
  {
    name: 'one operation',
    operations: [{ id: 'wait', tool: 'command', input: { argv: ['sleep', '0.1'] }, reads: [], writes: [] }],
  },
  {
    name: 'two busy operations on one processor',
    operations: [1, 2].map((number) => ({
      id: `busy-${number}`,
      tool: 'command',
      input: { argv: ['taskset', '-c', '0', 'sh', '-c', BUSY] },
      ...{ reads: [], writes: [] },
    })),
  },
];

async function real(repetitions: number): Promise<void> {
  console.log(`\nReal work that cannot gain, ${repetitions} verifications of 6 pairs each (target: never a gain)`);
  const [folder, storage] = await Promise.all(
    ['work', 'storage'].map((name) => mkdtemp(path.join(os.tmpdir(), `volley-${name}-`))),
  );
  if (folder === undefined || storage === undefined) throw new Error('There is no place for temporary files.');
  const engine = createEngine(nodeHost({ folder, storage }));
  try {
    for (const { name, operations } of NULL_CASES) {
      const planned = await engine.planBatch(JSON.stringify({ operations }), { slots: 2 });
      if (planned.kind !== 'batch') throw new Error(JSON.stringify(planned.problems));
      const verdicts = new Map<string, number>();
      const ratios: number[] = [];
      for (let repetition = 0; repetition < repetitions; repetition += 1) {
        const options = { slots: 2, pairs: 6, seed: repetition, label: name };
        const { verdict, ratio } = await engine.verifyBatch(planned.batch, options).finished;
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
        if (ratio !== undefined) ratios.push(ratio);
      }
      const counts = [...verdicts].map(([verdict, count]) => `${verdict} ${count}`).join(', ');
      const sorted = [...ratios].sort((a, b) => a - b);
      const at = (share: number) => (quantileOfSorted(sorted, share) ?? Number.NaN).toFixed(3);
      console.log(`  ${name.padEnd(38)} ${counts}; ratios ${at(0)} to ${at(1)}, median ${at(0.5)}`);
    }
  } finally {
    await engine.dispose();
    for (const directory of [folder, storage]) await rm(directory, { recursive: true, force: true });
  }
}

const [experiments = 10_000, repetitions = 50] = process.argv.slice(2).map(Number);
if (experiments > 0) simulated(experiments);
await real(repetitions);
