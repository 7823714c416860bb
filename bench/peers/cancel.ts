/** What is left when a runner is stopped while a job runs that has started processes of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { type Bench, type Participant, withSets } from './bench.js';
import { environmentOf } from './measure.js';
import { type Section, seconds, type Target } from './results.js';
import { JOB_MARK, killAll, processesWith } from './tree.js';

const WAYS = ['SIGINT to the process', 'SIGINT to its group', 'SIGTERM to the process'] as const;
type Way = (typeof WAYS)[number];

/** Who has not ended by then is taken for hanging, and killed. */
const LIMIT_MS = 11_000;
/** Jobs have to run by then. */
const READY_MS = 60_000;
/** What dies with its parent may take a moment longer than that. */
const AFTER_MS = 300;
const ENDS_WITHIN_MS = 1300;
const JOBS = ['job0.sh', 'job1.sh'];

interface Ended {
  readonly way: Way;
  /** From the signal to the end of the process; undefined when it hung. */
  readonly ms: number | undefined;
  /** As a shell has it: 128 and the signal's number when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly survivors: number;
  /** Something went wrong before the signal. */
  readonly problem?: string;
}

export async function measureCancel(bench: Bench): Promise<Section> {
  const set = { jobs: JOBS.map((file, index) => ({ id: `j${index}`, argv: ['sh', file] })), slots: 4 };
  const rows: (readonly string[])[] = [];
  let own: readonly Ended[] = [];
  const fill = async (folder: string) => {
    for (const file of JOBS) await writeFile(path.join(folder, file), jobText(path.join(folder, `${file}.ready`)));
  };
  await withSets(bench, { name: 'cancel', set, fill }, async (participants) => {
    bench.say(`Cancelling ${participants.length} runners in three ways`);
    for (const participant of participants) {
      const ends: Ended[] = [];
      for (const way of WAYS) ends.push(await cancelled(bench, participant, way));
      if (participant.runner.id === 'volley') own = ends;
      rows.push([participant.runner.name, ...ends.map(cell)]);
    }
  });
  return {
    id: 'cancel',
    title: 'Cancelling a job with grandchildren',
    about:
      'Two jobs, shells of which each has a sleeping child, and one more that ignores SIGINT as background processes of a shell do. When all run, the signal is sent; the runner stands in a process ' +
      'group of its own and is started without a package manager, but for wireit. Once each: time from the signal to the end of the runner, exit code, and what of the jobs is left ' +
      `${AFTER_MS / 1000} s later. Who has not ended after ${LIMIT_MS / 1000} s hangs, and is killed after its survivors have been counted.`,
    tables: [{ columns: ['runner', ...WAYS], rows }],
    targets: WAYS.map((way) =>
      targetOf(
        way,
        own.find((ended) => ended.way === way),
      ),
    ),
  };
}

/** Says when its children run. */
function jobText(ready: string): string {
  return `export ${JOB_MARK}="$VOLLEY_BENCH_MARK"\nsleep 600 &\nsh -c 'sleep 600 & wait' &\necho ready > ${ready}\nsleep 600\n`;
}

async function cancelled(bench: Bench, { invocation, forget }: Participant, way: Way): Promise<Ended> {
  await forget();
  const ready = JOBS.map((file) => path.join(invocation.cwd, `${file}.ready`));
  for (const file of ready) await writeFile(file, '');
  const [program = '', ...args] = invocation.argv;
  const env = environmentOf(invocation, bench.mark);
  const child = spawn(program, args, { cwd: invocation.cwd, env, stdio: 'ignore', detached: true });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const pid = child.pid ?? 0;
  try {
    const problem = await Promise.race([untilReady(ready), exited.then(() => 'it ended before it was stopped')]);
    if (problem) return { way, ms: undefined, exitCode: undefined, survivors: 0, problem };
    const since = performance.now();
    process.kill(way === 'SIGINT to its group' ? -pid : pid, way.startsWith('SIGINT') ? 'SIGINT' : 'SIGTERM');
    const timer = new AbortController();
    const hung = delay(LIMIT_MS, undefined, { signal: timer.signal }).catch(() => undefined);
    const end = await Promise.race([exited, hung]);
    const ms = performance.now() - since;
    timer.abort();
    await delay(AFTER_MS);
    const survivors = processesWith(JOB_MARK, bench.mark).length;
    if (!end) return { way, ms: undefined, exitCode: undefined, survivors };
    const [code, signal] = end;
    return { way, ms, exitCode: code ?? 128 + constants.signals[signal ?? 'SIGKILL'], survivors };
  } finally {
    killAll(JOB_MARK, bench.mark);
    killGroup(pid);
    await exited;
  }
}

async function untilReady(files: readonly string[]): Promise<string | undefined> {
  const until = performance.now() + READY_MS;
  while (performance.now() < until) {
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    if (texts.every((text) => text !== '')) return undefined;
    await delay(20);
  }
  return `its jobs did not run within ${READY_MS / 1000} s`;
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

function cell({ ms, exitCode, survivors, problem }: Ended): string {
  if (problem) return `not measured: ${problem}`;
  const end = ms === undefined ? `hangs` : `${seconds(ms)}, exit code ${exitCode}`;
  return `${end}, ${survivors === 0 ? 'nothing left' : `**${survivors} left**`}`;
}

function targetOf(way: Way, ended: Ended | undefined): Target {
  const reached =
    ended &&
    !ended.problem &&
    ended.survivors === 0 &&
    ended.exitCode === 130 &&
    (ended.ms ?? Number.POSITIVE_INFINITY) <= ENDS_WITHIN_MS;
  return {
    work: `cancel by ${way}`,
    goal: '≤ 1.30 s, nothing left, exit code 130',
    measured: ended ? cell(ended) : 'not measured',
    reached,
  };
}
