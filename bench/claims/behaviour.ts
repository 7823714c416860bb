/** What is true of every run, however long it takes: claims 8 and 9. */
import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import type { ActiveBatch } from '../../src/core/engine.js';
import type { RunEvent, RunState } from '../../src/core/model.js';
import { type Check, type Claim, fact } from './claim.js';
import { measure, planned, timesText } from './measure.js';
import type { Place } from './place.js';
import { type StandIns, standIns } from './stand-ins.js';

async function start(place: Place, operations: readonly object[], slots: number, label: string): Promise<ActiveBatch> {
  const batch = await planned(place, operations, slots);
  return place.engine.runBatch({ batch, mode: 'parallel', slots, failure: 'continue', label });
}

const passed = ({ operations }: RunState) => operations.filter(({ outcome }) => outcome?.kind === 'passed').length;
const agents = (make: StandIns, prefix: string, count: number, ms: number) =>
  Array.from({ length: count }, (_, index) => make.agent(`${prefix}-${index}`, ms));

async function fiveBatches(place: Place): Promise<Check> {
  const make = standIns(place);
  const runs = [1, 2, 3, 4, 5].map(async (number) => {
    const run = await start(place, agents(make, `batch-${number}`, 3, 300), 3, `batch ${number}`);
    return passed(await run.finished);
  });
  const completed = (await Promise.all(runs)).reduce((sum, count) => sum + count, 0);
  return fact('15 tasks in 5 batches at the same time', completed === 15, `${completed} of 15 completed`);
}

/** The most operations that ran at the same time, by the events of the run. */
function mostRunning(events: readonly RunEvent[]): number {
  let running = 0;
  let most = 0;
  for (const { kind } of events) {
    if (kind === 'started') running += 1;
    if (kind === 'finished' || kind === 'retrying') running -= 1;
    most = Math.max(most, running);
  }
  return most;
}

/** Fifteen requests under a limit of ten. Two witnesses: the events of the run, and the server, which counts open requests by itself. */
async function underLimit(place: Place, by: 'slots' | 'group'): Promise<Check> {
  const peak = async () => ((await (await fetch(`${place.server}/peak`)).json()) as { readonly most: number }).most;
  const make = standIns(place);
  const members = Array.from({ length: 15 }, (_, index) => make.fetch(`task-${index}`, 200 + 10 * index));
  const events: RunEvent[] = [];
  await peak();
  const run = await start(
    place,
    by === 'slots' ? members : [{ limit: 10, parallel: members }],
    by === 'slots' ? 10 : 15,
    'limit of ten',
  );
  run.onEvent((event) => events.push(event));
  const completed = passed(await run.finished);
  const [seen, told] = [await peak(), mostRunning(events)];
  const found = `${completed} completed; at most ${told} at once by its events, ${seen} by the server`;
  return fact(`15 tasks under a limit of 10 ${by}`, completed === 15 && seen === 10 && told === 10, found);
}

async function instances(place: Place): Promise<readonly Check[]> {
  const { engine } = place;
  engine.agents();
  place.skip(120_000);
  const run = await start(place, agents(standIns(place), 'instance', 8, 500), 8, 'eight instances');
  let most = 0;
  run.onEvent(() => {
    most = Math.max(most, engine.agents().filter(({ status }) => status === 'running').length);
  });
  const watch = setInterval(() => {
    most = Math.max(most, engine.agents().filter(({ status }) => status === 'running').length);
  }, 20);
  const state = await run.finished;
  clearInterval(watch);
  const ended = engine.agents();
  const done = ended.filter(({ status }) => status === 'done').length;
  place.skip(120_000);
  const listed = engine.agents().length;
  const left = await processesOf(state.run);
  return [
    fact('8 instances are tracked', most === 8 && done === 8 && ended.length === 8, `${most} running at once, then ${done} done`),
    fact('none is left', listed === 0 && left === 0, `${listed} listed after two minutes, ${left} processes of the run`),
  ];
}

/** Processes that carry the mark of a run in their environment. */
async function processesOf(run: string): Promise<number> {
  if (process.platform !== 'linux') {
    const all = execFileSync('ps', ['-Aww', '-E', '-o', 'command='], { encoding: 'utf8' });
    return all.split('\n').filter((line) => line.includes(`VOLLEY_RUN=`) && line.includes(run)).length;
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')));
  return environments.filter((text) => text.includes(run)).length;
}

/** Four tasks, two of which wait for the others. */
async function updates(place: Place): Promise<Check> {
  const make = standIns(place);
  const operations = [
    make.fetch('first', 100),
    make.fetch('second', 150),
    make.fetch('third', 100, { needs: ['first'] }),
    make.fetch('fourth', 100, { needs: ['first', 'second'] }),
  ];
  const run = await start(place, operations, 4, 'updates');
  const events: RunEvent[] = [];
  const phases = new Map<string, string[]>();
  run.onEvent((event) => {
    events.push(event);
    for (const { id, phase } of run.state().operations) {
      const known = phases.get(id) ?? [];
      if (known.at(-1) !== phase) phases.set(id, [...known, phase]);
    }
  });
  await run.finished;
  const direct = 'queued, running, finished';
  const expected = new Map([
    ['first', direct],
    ['second', direct],
    ['third', `blocked, ${direct}`],
    ['fourth', `blocked, ${direct}`],
  ]);
  const seen = (id: string) => (phases.get(id) ?? []).filter((phase) => phase !== 'pending').join(', ');
  const missing = [...expected].filter(([id, wanted]) => seen(id) !== wanted);
  const gaps = events.some(({ sequence }, index) => sequence !== index);
  const found = `${events.length} updates for 4 tasks${missing[0] ? `; “${missing[0][0]}”: ${seen(missing[0][0])}` : ', each phase of each task among them'}`;
  return fact('an update for every change of state', missing.length === 0 && !gaps, found);
}

const BOOKKEEPING: Claim<Place> = {
  number: 8,
  title: 'batches, a limit, instances, progress',
  theirs:
    '15 tasks in 5 batches and 15 under a limit of 10 completed; 8 instances tracked and cleaned up; 20 updates for 4 tasks',
  standIn:
    'Agents of the command line that answer after a wait, and requests to a server that counts by itself how many are open.',
  async check(place) {
    return [
      await fiveBatches(place),
      await underLimit(place, 'slots'),
      await underLimit(place, 'group'),
      ...(await instances(place)),
      await updates(place),
    ];
  },
};

const ISOLATION: Claim<Place> = {
  number: 9,
  title: 'error isolation: 5 tasks, 2 of which fail',
  theirs: 'nothing failed in its own test of it',
  standIn: 'Five commands that wait; two of them end with the exit codes 1 and 3, one before and one after the others.',
  async check(place) {
    const failing = { early: 'sleep 0.1; echo broken >&2; exit 1', late: 'sleep 0.5; echo broken late; exit 3' };
    const good = Object.fromEntries(['one', 'two', 'three'].map((id, index) => [id, `sleep 0.${index + 2}; echo ${id} is done`]));
    const commands = (lines: Readonly<Record<string, string>>) =>
      Object.entries(lines).map(([id, shell]) => ({ id, tool: 'command', input: { shell } }));
    const alone = await (await start(place, commands(good), 5, 'the good ones alone')).finished;
    const waits = new Map([
      ['early', 100],
      ['one', 200],
      ['two', 300],
      ['three', 400],
      ['late', 500],
    ]);
    const operations = commands({ early: failing.early, ...good, late: failing.late });
    const measurement = await measure(place, { name: 'five tasks', operations, waits, slots: 5 });
    const digests = (state: RunState) =>
      Object.keys(good)
        .map((id) => state.operations.find((operation) => operation.id === id)?.answer?.digest)
        .join(' ');
    const trials = measurement.pairs.flatMap(({ sequential, parallel }) => [sequential, parallel]);
    const counts = trials.map((state) => {
      const failed = state.operations.filter(({ outcome }) => outcome?.kind === 'failed');
      return `${passed(state)} passed, ${failed.length} failed (${failed.map(({ id, exitCode }) => `${id}: ${exitCode}`).join(', ')})`;
    });
    const wanted = '3 passed, 2 failed (early: 1, late: 3)';
    const disturbed = trials.filter((state) => digests(state) !== digests(alone)).length;
    const differing = measurement.differences.length;
    return [
      fact(
        'exactly 3 passed and 2 failed in every trial',
        trials.length > 0 && counts.every((count) => count === wanted),
        counts.find((count) => count !== wanted) ?? wanted,
      ),
      fact(
        'neither disturbed the others',
        disturbed === 0,
        `the same answers as without the two in ${trials.length - disturbed} of ${trials.length} trials`,
      ),
      fact('results are equal', differing === 0, `${differing} differences in ${trials.length} trials`),
      { kind: 'note', text: timesText(measurement) },
    ];
  },
};

export const BEHAVIOUR: readonly Claim<Place>[] = [BOOKKEEPING, ISOLATION];
