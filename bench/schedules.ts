/**
 * `npx tsx bench/schedules.ts`: how close runs come to the lower bound of their makespan when durations are known and when none is, how
 * right predictions are, and, simulated, what other rules for unknown durations would give.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createEngine } from '../src/core/engine.js';
import { nodeHost } from '../src/core/host.js';
import type { OperationId, RunState } from '../src/core/model.js';
import { inOrder, remainingPaths, remainingWork, turnsOf, weightOfUnknown } from '../src/core/priorities.js';
import { makespanOf } from '../src/core/schedule.js';
import { quantile, seededRandom } from '../src/core/statistics.js';
import { timing } from '../src/core/timing.js';
import { median, summary } from './support.js';

const SLOTS = 4;
const REPEATS = 6;

/** Waits by their lengths in milliseconds, and which wait for which, by index. */
interface WaitSet {
  readonly name: string;
  readonly lengths: readonly number[];
  readonly needs?: readonly (readonly number[])[];
  /** They compute instead, about as long each by itself: only predictions are judged, since nobody knows a bound. */
  readonly computes?: true;
}

/** 24 skewed waits, the longest listed last, and three layers of eight in which each waits for two of the layer before. */
const SETS: readonly WaitSet[] = [
  { name: 'flat, 24 skewed', lengths: Array.from({ length: 24 }, (_, index) => 20 + index * index * 2) },
  { name: 'flat, 24 geometric', lengths: Array.from({ length: 24 }, (_, index) => Math.round(20 * 1.2 ** index)) },
  {
    name: 'layered, 3 by 8',
    lengths: Array.from({ length: 24 }, (_, index) => 60 + (index % 8) ** 2 * 12),
    needs: Array.from({ length: 24 }, (_, index) =>
      index < 8 ? [] : [0, 3].map((step) => (Math.floor(index / 8) - 1) * 8 + (((index % 8) + step) % 8)),
    ),
  },
  { name: 'flat, 12 that compute', lengths: Array.from({ length: 12 }, (_, index) => 100 + index * 60), computes: true },
];

/** A loop of a shell takes about so many turns a millisecond. */
const TURNS = 1500;

const argvOf = ({ computes }: WaitSet, ms: number): readonly string[] =>
  computes ? ['sh', '-c', `i=0; while [ $i -lt ${ms * TURNS} ]; do i=$((i+1)); done`] : ['sleep', String(ms / 1000)];

/** The larger of the longest chain and the work on all slots: by the waits asked for, whatever starting them costs. */
function boundOf({ lengths, needs = [] }: WaitSet): number {
  const paths = remainingPaths({ out: outOf(lengths.length, needs), durations: lengths });
  return Math.max(...paths, lengths.reduce((sum, ms) => sum + ms, 0) / SLOTS);
}

function outOf(count: number, needs: NonNullable<WaitSet['needs']>): readonly (readonly number[])[] {
  const out: number[][] = Array.from({ length: count }, () => []);
  needs.forEach((all, at) => {
    for (const need of all) out[need]?.push(at);
  });
  return out;
}

// ------------------------------------------------------------------------------------------------------------ measured

interface Measured {
  readonly name: string;
  readonly boundMs: number;
  readonly unknownMs: number;
  readonly knownMs: readonly number[];
  /** What starting such waits costs without Volley: the same order of starts by the shortest program that does it. */
  readonly bareMs: readonly number[];
  /** (came − predicted) ÷ came of each known run. */
  readonly errors: readonly number[];
  /** How many of the runs that had an interval came within it. */
  readonly within: readonly [number, number];
}

async function measure(set: WaitSet): Promise<Measured> {
  const directory = await realpath(await mkdtemp(path.join(os.tmpdir(), 'volley-bench-schedules-')));
  const engine = createEngine(nodeHost({ folder: directory, storage: path.join(directory, '.storage') }));
  const operations = set.lengths.map((ms, index) => ({
    ...{ id: `w${index}`, tool: 'command', reads: [], writes: [] },
    // The index makes each a command of its own, of which nothing is known by another.
    input: { argv: argvOf(set, ms), env: { BENCH_WAIT: String(index) } },
    needs: (set.needs?.[index] ?? []).map((need) => `w${need}`),
  }));
  const runOnce = async (): Promise<RunState> => {
    const planned = await engine.planBatch(JSON.stringify({ operations }), { slots: SLOTS });
    if (planned.kind !== 'batch') throw new Error(JSON.stringify(planned.problems));
    const { batch } = planned;
    return engine.runBatch({ batch, mode: 'parallel', slots: SLOTS, failure: 'continue', label: set.name }).finished;
  };
  try {
    const unknownMs = timing(await runOnce()).makespanMs;
    const states: RunState[] = [];
    const bareMs: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      states.push(await runOnce());
      if (!set.computes) bareMs.push(await bare(set));
    }
    const predicted = states.flatMap((state) =>
      state.predicted ? [{ ...state.predicted, came: timing(state).makespanMs }] : [],
    );
    const judged = predicted.flatMap(({ lowMs, highMs, came }) =>
      lowMs === undefined || highMs === undefined ? [] : [lowMs <= came && came <= highMs],
    );
    return {
      ...{ name: set.name, boundMs: boundOf(set), unknownMs, bareMs },
      knownMs: states.map((state) => timing(state).makespanMs),
      errors: predicted.map(({ ms, came }) => (came - ms) / came),
      within: [judged.filter(Boolean).length, judged.length],
    };
  } finally {
    await engine.dispose();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The same waits, the longest remaining path first, started by nothing but `spawn`. */
async function bare({ lengths, needs = [] }: WaitSet): Promise<number> {
  const started = performance.now();
  const out = outOf(lengths.length, needs);
  const paths = remainingPaths({ out, durations: lengths });
  const ended = new Set<number>();
  const begun = new Set<number>();
  let busy = 0;
  await new Promise<void>((resolve) => {
    const next = () => {
      const ready = lengths.flatMap((_, at) =>
        !begun.has(at) && (needs[at] ?? []).every((need) => ended.has(need)) ? [at] : [],
      );
      for (const at of ready.sort((a, b) => (paths[b] ?? 0) - (paths[a] ?? 0)).slice(0, SLOTS - busy)) {
        begun.add(at);
        busy += 1;
        const child = spawn('sleep', [String((lengths[at] ?? 0) / 1000)], { stdio: 'ignore' });
        void once(child, 'exit').then(() => {
          busy -= 1;
          ended.add(at);
          if (ended.size === lengths.length) resolve();
          else next();
        });
      }
    };
    next();
  });
  return performance.now() - started;
}

export async function measureSchedules(): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const set of SETS) measured.push(await measure(set));
  return measured;
}

/** One block for each set. */
export function scheduleLines(measured: readonly Measured[]): readonly string[] {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return [
    `Schedules, ${SLOTS} slots, ${REPEATS} repeats: makespan ÷ lower bound (targets: 1.03 with known durations, 1.25 with none), error of predictions (target: median below 15 %)`,
    ...measured.flatMap(({ name, boundMs, unknownMs, knownMs, bareMs, errors, within: [inside, of] }) => [
      `  ${name}`,
      ...(bareMs.length === 0
        ? []
        : [
            `    no duration known       ${(unknownMs / boundMs).toFixed(3)}   bound ${boundMs.toFixed(0)} ms`,
            `    durations known         ${summary(knownMs.map((ms) => ms / boundMs))}`,
            `    the same, bare spawn    ${summary(bareMs.map((ms) => ms / boundMs))}`,
          ]),
      `    error of prediction     median ${percent(median(errors.map(Math.abs)))}, most ${percent(Math.max(...errors.map(Math.abs)))}; ${inside} of ${of} within their interval`,
    ]),
  ];
}

// ----------------------------------------------------------------------------------------------------------- simulated

/** Rules for operations of which nothing is known: by the place in the list, the turn of each. */
const ORDERS: Readonly<Record<string, (count: number, random: () => number) => readonly number[]>> = {
  'as listed': (count) => inOrder(count, (a, b) => a - b),
  'from both ends': (count) =>
    turnsOf(
      {
        operations: Array.from({ length: count }, (_, index) => ({ id: String(index) as OperationId })) as never,
        priorities: new Map(),
        durations: new Map(),
      },
      'parallel',
    ),
  'at random': (count, random) => {
    const keys = Array.from({ length: count }, random);
    return inOrder(count, (a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
  },
};

/** How the same lengths can stand in a list. */
const ARRANGEMENTS: Readonly<Record<string, (lengths: readonly number[], random: () => number) => readonly number[]>> = {
  'longest last': (lengths) => [...lengths].sort((a, b) => a - b),
  'longest first': (lengths) => [...lengths].sort((a, b) => b - a),
  'longest in the middle': (lengths) => {
    const sorted = [...lengths].sort((a, b) => a - b);
    return [...sorted.filter((_, index) => index % 2 === 0), ...sorted.filter((_, index) => index % 2 === 1).reverse()];
  },
  shuffled: (lengths, random) => {
    const places = ORDERS['at random']?.(lengths.length, random) ?? [];
    return places.map((place) => lengths[place] ?? 0);
  },
};

const holdersOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: String(index) as OperationId, access: { locks: [] } }));

function simulatedUnknown(): readonly string[] {
  const lines: string[] = [];
  for (const set of SETS.filter(({ needs }) => needs === undefined)) {
    lines.push(`  ${set.name}: mean, and share of cases at most 1.25 × the bound`);
    for (const [arrangement, arrange] of Object.entries(ARRANGEMENTS)) {
      const parts = Object.entries(ORDERS).map(([order, turnsFor]) => {
        const random = seededRandom(11);
        const ratios = Array.from({ length: 500 }, () => {
          const lengths = arrange(set.lengths, random);
          const turns = turnsFor(lengths.length, random);
          const work = { holders: holdersOf(lengths.length), out: lengths.map(() => []), turns };
          return makespanOf(work, { durationOf: (at) => lengths[at] ?? 0, slots: SLOTS }) / boundOf(set);
        });
        const share = ratios.filter((ratio) => ratio <= 1.25).length / ratios.length;
        return `${order} ${mean(ratios).toFixed(3)} (${Math.round(share * 100)} %)`;
      });
      lines.push(`    ${arrangement.padEnd(22)} ${parts.join('   ')}`);
    }
  }
  return lines;
}

/** Weights of what is unknown beside known durations. */
const WEIGHTS: Readonly<Record<string, (known: readonly number[]) => number>> = {
  'unknown first': () => Number.MAX_SAFE_INTEGER,
  'as the longest': (known) => Math.max(...known, 1),
  'as Volley': (known) => weightOfUnknown(known),
  'as the median': (known) => quantile(known, 0.5) ?? 1,
  'unknown last': () => 0,
};

const SHAPES: Readonly<Record<string, (random: () => number) => number>> = {
  quadratic: (random) => 20 + Math.floor(random() * 24) ** 2 * 2,
  geometric: (random) => 20 * 1.2 ** (random() * 24),
  lognormal: (random) => 100 * Math.exp(2 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())),
};

function simulatedPartly(): readonly string[] {
  const lines: string[] = [];
  const random = seededRandom(3);
  for (const layered of [false, true])
    for (const [shape, draw] of Object.entries(SHAPES)) {
      const ratios = new Map<string, number[]>();
      for (let trial = 0; trial < 300; trial += 1) {
        const lengths = Array.from({ length: 24 }, () => draw(random));
        const known = lengths.map(() => random() < 0.5);
        const needs = lengths.map((_, at) =>
          layered && at >= 8 ? [0, 1].map(() => (Math.floor(at / 8) - 1) * 8 + Math.floor(random() * 8)) : [],
        );
        const set = { name: shape, lengths, needs: needs.map((all) => [...new Set(all)]) };
        const out = outOf(lengths.length, set.needs);
        const holders = holdersOf(lengths.length);
        for (const [rule, weightOf] of Object.entries(WEIGHTS)) {
          const weight = weightOf(lengths.filter((_, at) => known[at]));
          const durations = lengths.map((ms, at) => (known[at] ? ms : weight));
          const priorities = remainingWork({ out, holders, durations });
          const turns = inOrder(
            lengths.length,
            (a, b) => (priorities[b] ?? 0) - (priorities[a] ?? 0) || Number(known[a]) - Number(known[b]) || a - b,
          );
          const makespan = makespanOf({ holders, out, turns }, { durationOf: (at) => lengths[at] ?? 0, slots: SLOTS });
          ratios.set(rule, [...(ratios.get(rule) ?? []), makespan / boundOf(set)]);
        }
      }
      const parts = [...ratios].map(([rule, all]) => `${rule} ${mean(all).toFixed(3)}`);
      lines.push(`  ${(layered ? 'layered, ' : 'flat, ') + shape}`.padEnd(22) + parts.join('   '));
    }
  return lines;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What rules would give, without running anything. */
export function simulationLines(): readonly string[] {
  return [
    'Simulated: no duration known. Over all arrangements no rule is better than a random order on average, since before anything has run all look alike.',
    ...simulatedUnknown(),
    'Simulated: half of the durations known, by what an unknown one is taken for; mean makespan ÷ bound',
    ...simulatedPartly(),
  ];
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] !== 'measured') console.log(simulationLines().join('\n'));
  if (process.argv[2] !== 'simulated') console.log(scheduleLines(await measureSchedules()).join('\n'));
}
