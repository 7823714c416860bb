/** What a runner itself costs for each job: many jobs of which each is `true`. */
import { median } from '../../src/core/statistics.js';
import { type Bench, type Participant, withSets } from './bench.js';
import { trivialJobs } from './job-set.js';
import { interleaved, type Ran, runOnce } from './measure.js';
import { orDash, pairedRatio, plain, type Section, seconds, spread, type Target, times } from './results.js';

const SLOTS = 4;
const COUNTS = [200, 1000] as const;
/** So many are tried first. A runner that needs more processor time for them is measured with these alone. */
const FEW = 20;
const SLOW_MS = 1000;
const REFERENCE = 'xargs';
const NPM = ['concurrently', 'npm-run-all2', 'wireit', 'turbo', 'nx', 'lage', 'lefthook'];

interface Row {
  readonly id: string;
  readonly name: string;
  readonly jobs: number;
  /** Milliseconds a job; what is spent before the first job is part of it. */
  readonly cpu: readonly number[];
  readonly wall: readonly number[];
}

export async function measureDispatch(bench: Bench): Promise<Section> {
  const slow = new Set<string>();
  const few = await measured(bench, FEW, () => true, 1);
  for (const { id, cpu } of few) if ((cpu[0] ?? 0) * FEW > SLOW_MS) slow.add(id);
  const rows: Row[] = few.filter(({ id }) => slow.has(id));
  for (const count of COUNTS) rows.push(...(await measured(bench, count, (id) => !slow.has(id), bench.repeats)));
  const cpuOf = (id: string, jobs: number) => rows.find((row) => row.id === id && row.jobs === jobs)?.cpu ?? [];
  const ratio = (row: Row) => pairedRatio(row.cpu, cpuOf(REFERENCE, row.jobs));
  const table = rows.map((row) => [
    row.name,
    String(row.jobs),
    spread(row.cpu, plain(2)),
    orDash(ratio(row), times),
    spread(
      row.wall.map((ms) => ms * row.jobs),
      seconds,
    ),
  ]);
  return {
    id: 'dispatch',
    title: 'Dispatch of trivial jobs',
    about:
      `\`true\` so many times, ${SLOTS} slots. Processor time is user and system time of the runner and all that it waited for, by the shell's account, divided by the jobs; ` +
      'its start-up is part of it. What a daemon does (nx) is not seen by this. × xargs is the ratio to xargs within a repeat. ' +
      `Where ${FEW} jobs took more than ${SLOW_MS / 1000} s of processor time, there are no more, measured once after a warm-up.`,
    tables: [{ columns: ['runner', 'jobs', 'processor time, ms a job', '× xargs', 'wall'], rows: table }],
    targets: targets(rows, ratio),
  };
}

async function measured(bench: Bench, count: number, only: (id: string) => boolean, repeats: number): Promise<readonly Row[]> {
  const set = { jobs: trivialJobs(count), slots: SLOTS };
  return withSets(bench, { name: `dispatch-${count}`, set, only: ({ id }) => only(id) }, async (participants) => {
    bench.say(`Dispatch of ${count} jobs by ${participants.length} runners`);
    const runs = await interleaved(participants, { repeats, seed: bench.seed }, ({ invocation }) => runOnce(invocation, bench));
    return [...runs].map(([participant, all]) => rowOf(participant, count, all));
  });
}

/** A run that failed is left out. */
function rowOf({ runner }: Participant, jobs: number, runs: readonly Ran[]): Row {
  const good = runs.filter(({ exitCode }) => exitCode === 0);
  return {
    ...{ id: runner.id, name: runner.name, jobs },
    cpu: good.map(({ cpuMs }) => cpuMs / jobs),
    wall: good.map(({ wallMs }) => wallMs / jobs),
  };
}

function targets(rows: readonly Row[], ratio: (row: Row) => number | undefined): readonly Target[] {
  const most = Math.max(...COUNTS);
  const own = rows.filter(({ id, jobs }) => id.startsWith('volley') && jobs === most);
  const best = Math.min(...rows.filter(({ id }) => NPM.includes(id)).map(({ cpu }) => median(cpu) ?? Number.POSITIVE_INFINITY));
  return own.flatMap((row) => {
    const value = ratio(row);
    const mine = median(row.cpu);
    const work = `dispatch of ${most} jobs, ${row.name}`;
    return [
      { work, goal: '≤ 2.00 × xargs', measured: orDash(value, times), reached: value === undefined ? undefined : value <= 2 },
      {
        work: `${work}, beside npm runners`,
        goal: `better than the best of them (${best.toFixed(2)} ms)`,
        measured: orDash(mine, plain(2, ' ms a job')),
        reached: mine === undefined || !Number.isFinite(best) ? undefined : mine < best,
      },
    ];
  });
}
