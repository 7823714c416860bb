/** What a runner takes before and after the work itself: one `true`, and a second run of jobs of which nothing has changed. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../../src/core/statistics.js';
import { type Bench, type Participant, withSets } from './bench.js';
import { type Job, trivialJobs } from './job-set.js';
import { interleaved, peakMemory, type Ran, runOnce } from './measure.js';
import { atMost, megabytes, type Section, seconds, spread, type Target } from './results.js';

const CACHED = 50;
const SLOTS = 4;
/** A file that has just been written counts as changing still. */
const SETTLED_MS = 3000;

interface Sample extends Ran {
  readonly memory: number;
}

export async function measureStartUp(bench: Bench): Promise<Section> {
  const set = { jobs: trivialJobs(1), slots: SLOTS };
  return withSets(bench, { name: 'start', set }, async (participants) => {
    bench.say(`Start-up of ${participants.length} runners`);
    const nothing = nodeItself(bench);
    const runs = await interleaved([...participants, nothing], { repeats: bench.repeats, seed: bench.seed }, sampled(bench));
    const rows = rowsOf(runs);
    const own = rows.find(({ id }) => id === 'volley');
    return {
      id: 'start-up',
      title: 'Start-up: one `true`',
      about:
        'The whole process with one job. Memory is the peak of the sum over all processes that the runner started, in runs of its own, seen every 10 ms; what processes share is divided among ' +
        'those of the machine that have it (proportional set size), so that Node itself is not counted once a process.',
      tables: [tableOf(rows, 'peak memory')],
      targets: [
        atMost('start-up of one `true`, wall', 150, own && median(own.wall), seconds),
        atMost('start-up of one `true`, memory', 45, own && median(own.memory), megabytes),
      ] satisfies Target[],
    };
  });
}

export async function measureNoOp(bench: Bench): Promise<Section> {
  const jobs: readonly Job[] = Array.from({ length: CACHED }, (_, index) => {
    const files = { input: `inputs/f${index}.txt`, output: `outputs/f${index}.txt` };
    return { id: `j${index}`, argv: ['cp', files.input, files.output], ...files };
  });
  const fill = async (folder: string) => {
    await mkdir(path.join(folder, 'inputs'));
    for (const { input = '' } of jobs) await writeFile(path.join(folder, input), `${input}\n`);
  };
  return withSets(bench, { name: 'no-op', set: { jobs, slots: SLOTS, cached: true }, fill }, async (participants) => {
    bench.say(`${CACHED} cached jobs by ${participants.length} runners`);
    await delay(SETTLED_MS);
    const runs = await interleaved(participants, { repeats: bench.repeats, seed: bench.seed }, ({ invocation }) =>
      runOnce(invocation, bench),
    );
    const rows = rowsOf(
      new Map([...runs].map(([participant, all]) => [participant, all.map((ran) => ({ ...ran, memory: Number.NaN }))])),
    );
    const own = rows.find(({ id }) => id === 'volley');
    return {
      id: 'no-op',
      title: `No-op: ${CACHED} jobs of which nothing has changed`,
      about: `${CACHED} jobs that copy a file, each with its own input and output; runs after the first. Volley's gates make no files: what it answers from the cache is outcome and findings, by the contents of the inputs.`,
      tables: [tableOf(rows, undefined)],
      targets: [atMost(`no-op of ${CACHED} cached gates`, 200, own && median(own.wall), seconds)],
    };
  });
}

/** Node with an empty program: what no runner in Node can be faster than. */
function nodeItself({ folder }: Bench): Participant {
  const runner = { id: 'node', name: '(`node -e 0`)' } as Participant['runner'];
  return { runner, invocation: { argv: [process.execPath, '-e', '0'], cwd: folder }, async forget() {}, async remove() {} };
}

function sampled(bench: Bench) {
  return async ({ invocation }: Participant): Promise<Sample> => ({
    ...(await runOnce(invocation, bench)),
    memory: await peakMemory(invocation, bench),
  });
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
  readonly memory: readonly number[];
}

function rowsOf(runs: ReadonlyMap<Participant, readonly Sample[]>): readonly Row[] {
  return [...runs].map(([{ runner }, all]) => {
    const good = all.filter(({ exitCode }) => exitCode === 0);
    return {
      ...{ id: runner.id, name: runner.name },
      wall: good.map(({ wallMs }) => wallMs),
      cpu: good.map(({ cpuMs }) => cpuMs),
      memory: good.map(({ memory }) => memory),
    };
  });
}

function tableOf(rows: readonly Row[], memory: string | undefined) {
  return {
    columns: ['runner', 'wall', 'processor time', ...(memory === undefined ? [] : [memory])],
    rows: rows.map((row) => [
      row.name,
      spread(row.wall, seconds),
      spread(row.cpu, seconds),
      ...(memory === undefined ? [] : [spread(row.memory, megabytes)]),
    ]),
  };
}
