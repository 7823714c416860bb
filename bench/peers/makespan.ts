/** How close to the lower bound runners come: skewed sets without order, and sets in layers. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { median } from '../../src/core/statistics.js';
import { type Bench, type Participant, prepared, withSets } from './bench.js';
import { type Job, type JobSet, lowerBound, sleepingJobs } from './job-set.js';
import { interleaved, runOnce } from './measure.js';
import { atMost, orDash, type Section, seconds, spread, type Table, type Target, times } from './results.js';

const SLOTS = 4;
/** Deterministic time: sleeping takes no processor, so few repeats do. */
const REPEATS = 2;

/** 24 jobs, most of them short, the longest listed last. */
const FLAT: JobSet = {
  jobs: sleepingJobs([
    ...[0.3, 0.7, 0.2, 0.9, 0.4, 0.3, 1.1, 0.2, 0.6, 0.3, 0.5, 0.2],
    ...[0.8, 0.3, 0.4, 1.3, 0.2, 0.5, 0.3, 0.6, 0.4, 0.9, 1.7, 3.9],
  ]),
  slots: SLOTS,
};

/** Three layers of skewed jobs; each of a layer needs two of the layer before, one of them long. */
const LAYERED: JobSet = { jobs: layers(), slots: SLOTS };

function layers(): readonly Job[] {
  const seconds = [
    [0.3, 0.3, 0.4, 0.2, 0.5, 1.5],
    [0.3, 0.2, 0.4, 0.3, 0.6, 1.3],
    [0.2, 0.3, 0.3, 0.4, 0.5, 1.2],
  ];
  return seconds.flatMap((layer, depth) =>
    layer.map((each, index) => ({
      id: `l${depth}n${index}`,
      argv: ['sleep', String(each)],
      ...(depth === 0 ? {} : { needs: [`l${depth - 1}n${index}`, `l${depth - 1}n${(index + 1) % (layer.length - 1)}`] }),
    })),
  );
}

/** A Volley that has run the set before, and so knows how long its jobs take, and one that has not. */
interface Entrant {
  readonly name: string;
  readonly id: string;
  readonly knows: boolean;
  readonly participant: Participant;
}

export async function measureMakespan(bench: Bench): Promise<Section> {
  const flat = await measured(bench, 'flat', FLAT);
  const layered = await measured(bench, 'layered', LAYERED);
  return {
    id: 'makespan',
    title: 'Makespan over the lower bound',
    about:
      `Sleeping jobs, ${SLOTS} slots, ${REPEATS} repeats. *Flat*: ${FLAT.jobs.length} jobs, the longest listed last (bound ${lowerBound(FLAT).toFixed(2)} s). *Layered*: three layers of six ` +
      `(bound ${lowerBound(LAYERED).toFixed(2)} s). The bound is the longest path or the sum shared by all slots, whichever is longer. Wall time is that of the whole process, start-up included. ` +
      'Of Volley there are two: one whose storage is empty before each run, and one that has run the set once. lefthook has no limit of jobs and is left out.',
    tables: [flat.table, layered.table],
    targets: [
      ...targetsOf('flat set, durations known', 1.03, flat, 'volley known'),
      ...targetsOf('flat set, durations unknown', 1.25, flat, 'volley'),
      ...targetsOf('layered set, durations known', 1.03, layered, 'volley known'),
    ],
  };
}

type Ratios = ReadonlyMap<string, number | undefined>;

/** Of the whole process, and of what the schedule alone took. */
function targetsOf(work: string, limit: number, { ratios, own }: { ratios: Ratios; own: Ratios }, id: string): readonly Target[] {
  return [
    atMost(`${work}, whole process`, limit, ratios.get(id), times),
    atMost(`${work}, the run alone`, limit, own.get(id), times),
  ];
}

async function measured(bench: Bench, name: string, set: JobSet) {
  return withSets(bench, { name, set, only: ({ id }) => id !== 'volley-batch' }, async (participants) => {
    const known: Participant[] = [];
    try {
      for (const { runner } of participants.filter(isVolley)) known.push(await prepared(bench, runner, `${name}-known`, set));
      const entrants: Entrant[] = [
        ...known.map((participant) => ({ ...naming(participant, ', durations known', ' known'), knows: true })),
        ...participants.map((participant) => ({
          ...(isVolley(participant) ? naming(participant, ', unknown', '') : naming(participant, '', '')),
          knows: false,
        })),
      ];
      return await tableOf(bench, name, set, entrants);
    } finally {
      for (const participant of known) await participant.remove();
    }
  });
}

function naming(participant: Participant, more: string, suffix: string) {
  return { name: `${participant.runner.name}${more}`, id: `${participant.runner.id}${suffix}`, participant };
}

function isVolley({ runner }: Participant): boolean {
  return runner.source.kind === 'built';
}

interface Timed {
  readonly wallMs: number;
  readonly exitCode: number;
  /** From the start of Volley's run to its end, without the start of its process; as it prints it, to 10 ms. */
  readonly makespanMs?: number;
}

async function tableOf(bench: Bench, name: string, set: JobSet, entrants: readonly Entrant[]) {
  const bound = lowerBound(set) * 1000;
  bench.say(`Makespan of the ${name} set by ${entrants.length} runners`);
  const output = path.join(bench.folder, 'captured');
  const options = { repeats: REPEATS, seed: bench.seed, warmUp: false };
  const runs = await interleaved(entrants, options, async ({ participant, knows }, repeat): Promise<Timed> => {
    // The run from which durations are learned is not counted.
    if (knows && repeat === 0) await runOnce(participant.invocation, bench);
    if (!knows) await participant.forget();
    const ran = await runOnce(participant.invocation, { mark: bench.mark, output });
    const told = isVolley(participant) ? /^ *makespan (\d+\.\d+) s/m.exec(await readFile(output, 'utf8'))?.[1] : undefined;
    return told === undefined ? ran : { ...ran, makespanMs: Number(told) * 1000 };
  });
  const ratios = new Map<string, number | undefined>();
  const own = new Map<string, number | undefined>();
  const rows = [...runs].map(([{ name: runner, id }, all]) => {
    const good = all.filter(({ exitCode }) => exitCode === 0);
    const ratio = median(good.map(({ wallMs }) => wallMs / bound));
    const inside = median(good.flatMap(({ makespanMs }) => (makespanMs === undefined ? [] : [makespanMs / bound])));
    ratios.set(id, ratio);
    own.set(id, inside);
    const wall = good.map(({ wallMs }) => wallMs);
    return [runner, spread(wall, seconds), orDash(ratio, times), orDash(inside, times)];
  });
  const table: Table = { columns: [`${name} set`, 'wall', '÷ lower bound', 'its own makespan ÷ bound'], rows };
  return { table, ratios, own };
}
