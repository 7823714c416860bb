/** Jobs that write much, and jobs of which some fail: time and memory, and whether their reader gets everything, in order, with names. */
import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { median } from '../../src/core/statistics.js';
import { type Bench, type Participant, withSets } from './bench.js';
import { interleaved, peakMemory, runOnce } from './measure.js';
import { atMost, megabytes, type Section, seconds, spread, type Target } from './results.js';
import { homeOf } from './volley-runners.js';

const JOBS = 4;
const JOB_BYTES = 50_000_000;
const SLOTS = 4;
/** Some take ten seconds for it. */
const REPEATS = 2;

export async function measureOutput(bench: Bench): Promise<Section> {
  const jobs = Array.from({ length: JOBS }, (_, index) => ({
    id: `j${index}`,
    argv: ['head', '-c', String(JOB_BYTES), 'large.txt'],
  }));
  const fill = (folder: string) => writeLines(path.join(folder, 'large.txt'), JOB_BYTES);
  return withSets(bench, { name: 'output', set: { jobs, slots: SLOTS }, fill }, async (participants) => {
    bench.say(`200 MB of output by ${participants.length} runners`);
    const into = path.join(bench.folder, 'captured');
    const walls = new Map<Participant, number[]>();
    const kept = new Map<Participant, number>();
    const options = { repeats: REPEATS, seed: bench.seed, warmUp: false };
    await interleaved(participants, options, async (participant) => {
      await participant.forget();
      const { wallMs } = await runOnce(participant.invocation, { mark: bench.mark, output: into });
      walls.set(participant, [...(walls.get(participant) ?? []), wallMs]);
      kept.set(participant, await bytesKept(participant, into));
    });
    const memory = new Map<Participant, number>();
    for (const participant of participants) {
      await participant.forget();
      memory.set(participant, await peakMemory(participant.invocation, { mark: bench.mark, output: into }));
    }
    const rows = participants.map((participant) => [
      participant.runner.name,
      spread(walls.get(participant) ?? [], seconds),
      megabytes(memory.get(participant) ?? Number.NaN),
      megabytes((kept.get(participant) ?? 0) / 1e6),
    ]);
    const own = participants.find(({ runner }) => runner.id === 'volley');
    const bytes = own && kept.get(own);
    return {
      id: 'output',
      title: '200 MB of output',
      about:
        `${JOBS} jobs at the same time, each of which writes ${JOB_BYTES / 1e6} MB of lines; what the runner writes goes to a file. ${REPEATS} repeats without a round before; memory in one more run, as for the start-up. ` +
        '*On disk* is what can be read afterwards: what the runner wrote, for Volley the outputs that it keeps, of which it shows none where a gate passed.',
      tables: [{ columns: ['runner', 'wall', 'peak memory', 'on disk'], rows }],
      targets: [
        atMost('200 MB of output, wall', 500, own && median(walls.get(own) ?? []), seconds),
        atMost('200 MB of output, memory', 60, own && memory.get(own), megabytes),
        {
          work: '200 MB of output, on disk',
          goal: 'every byte',
          measured: bytes === undefined ? 'not measured' : `${bytes} bytes`,
          reached: bytes === undefined ? undefined : bytes >= JOBS * JOB_BYTES,
        },
      ] satisfies Target[],
    };
  });
}

async function writeLines(file: string, bytes: number): Promise<void> {
  const line = `${'a line of output as tools write them, of one hundred characters in all, and one for its end .. '.padEnd(99)}\n`;
  const block = line.repeat(10_000);
  const handle = await open(file, 'w');
  try {
    for (let left = bytes; left > 0; left -= block.length) await handle.write(block.slice(0, left));
  } finally {
    await handle.close();
  }
}

/** What of the jobs' outputs can be read afterwards. */
async function bytesKept({ runner, invocation }: Participant, captured: string): Promise<number> {
  if (runner.source.kind !== 'built') return (await stat(captured)).size;
  const home = homeOf(invocation.cwd);
  const names = await readdir(home, { recursive: true });
  const sizes = names.filter((name) => name.endsWith('.out')).map(async (name) => (await stat(path.join(home, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const MANY = 50;
const LINES = 2000;
const FAILING = [7, 18, 23, 36, 49];

export async function measureFailing(bench: Bench): Promise<Section> {
  const jobs = Array.from({ length: MANY }, (_, index) => ({ id: `job${index}`, argv: ['sh', `scripts/job${index}.sh`] }));
  const fill = async (folder: string) => {
    await mkdir(path.join(folder, 'scripts'));
    for (const [index, { id }] of jobs.entries()) {
      const end = FAILING.includes(index) ? 'exit 3' : 'exit 0';
      await writeFile(path.join(folder, 'scripts', `${id}.sh`), `seq -f "line-of-${id} %g" ${LINES}\n${end}\n`);
    }
  };
  return withSets(bench, { name: 'failing', set: { jobs, slots: SLOTS, grouped: true }, fill }, async (participants) => {
    bench.say(`50 jobs, five failing, by ${participants.length} runners`);
    const into = path.join(bench.folder, 'captured');
    const found: (Read & { readonly name: string; readonly id: string })[] = [];
    for (const participant of participants) {
      await participant.forget();
      const { exitCode } = await runOnce(participant.invocation, { mark: bench.mark, output: into });
      const read = readBack(await readFile(into, 'utf8'), exitCode);
      const { runner } = participant;
      const lines = runner.source.kind === 'built' ? await linesKept(participant) : read.lines;
      found.push({ ...read, lines, name: runner.name, id: runner.id });
    }
    const own = found.find(({ id }) => id === 'volley');
    return {
      id: 'failing',
      title: `${MANY} jobs of ${LINES.toLocaleString('en')} lines, five failing`,
      about:
        'Once each, asked for grouped output where a runner has an option for it. *Lines* that can be read afterwards (for Volley in the outputs it keeps; it prints those of gates that failed), how many of the jobs that are printed stand *in one piece*, how many of the ' +
        'five failures are *named*: by a line that is not the output of the job, holds its name, and speaks of a failure, an error or an exit. Some print only what failed.',
      tables: [
        {
          columns: ['runner', 'lines', 'in one piece', 'failures named', 'exit code'],
          rows: found.map(({ name, lines, whole, printed, named, exitCode }) => [
            ...[name, `${lines} of ${MANY * LINES}`, `${whole} of ${printed}`, `${named} of ${FAILING.length}`, String(exitCode)],
          ]),
        },
      ],
      targets: [
        {
          work: `${MANY} jobs, five failing`,
          goal: 'whole, grouped, all five named',
          measured: own ? `${own.lines} lines, ${own.whole} of ${own.printed} in one piece, ${own.named} named` : 'not measured',
          reached: own && own.lines === MANY * LINES && own.whole === own.printed && own.named === FAILING.length,
        },
      ],
    };
  });
}

interface Read {
  readonly lines: number;
  /** Jobs of which anything is printed, and those whose lines stand together. */
  readonly printed: number;
  readonly whole: number;
  readonly named: number;
  readonly exitCode: number;
}

function readBack(text: string, exitCode: number): Read {
  const pieces = new Map<string, number>();
  let lines = 0;
  let last: string | undefined;
  const named = new Set<string>();
  for (const line of text.split('\n')) {
    const job = /line-of-(job\d+) \d+/.exec(line)?.[1];
    if (job !== undefined) {
      lines += 1;
      if (job !== last) pieces.set(job, (pieces.get(job) ?? 0) + 1);
      last = job;
    } else if (/fail|error|exit|✖|✘|🥊|code 3/i.test(line)) {
      for (const [, name = ''] of line.matchAll(/\b(job\d+)\b/g)) named.add(name);
    }
  }
  const whole = [...pieces.values()].filter((count) => count === 1).length;
  return { lines, printed: pieces.size, whole, named: FAILING.filter((index) => named.has(`job${index}`)).length, exitCode };
}

async function linesKept({ invocation }: Participant): Promise<number> {
  const home = homeOf(invocation.cwd);
  const names = (await readdir(home, { recursive: true })).filter((name) => name.endsWith('.out'));
  const texts = await Promise.all(names.map((name) => readFile(path.join(home, name), 'utf8')));
  return texts.reduce((sum, text) => sum + (text.match(/^line-of-/gm)?.length ?? 0), 0);
}
