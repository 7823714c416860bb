/** The built command line, as a whole process: claim 7. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../../scripts/processes.mjs';
import { median, seededRandom } from '../../src/core/statistics.js';
import { meanInterval } from './bounds.js';
import { type Claim, fact } from './claim.js';
import type { Place } from './place.js';

const PROGRAM = path.join(root, 'dist', 'cli.cjs');
const TASKS = 5;

/** What is called. The order in which they are called is random. */
const CALLS = {
  five: ['batch', 'five.batch.jsonc', '--json', '--jobs', String(TASKS)],
  nothing: ['batch', 'nothing.batch.jsonc', '--json', '--jobs', String(TASKS)],
  version: ['--version'],
} as const;
type Call = keyof typeof CALLS;

interface Called {
  readonly seconds: number;
  readonly output: string;
}

function call({ folder }: Place, args: readonly string[]): Called {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { ...process.env, VOLLEY_HOME: path.join(path.dirname(folder), 'home') },
    encoding: 'utf8',
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (status !== 0) throw new Error(`volley ${args.join(' ')} ended with exit code ${status}: ${stderr}`);
  return { seconds, output: stdout };
}

/** The answers of a run by operation, and how long the run itself took. */
function answersIn(output: string): { readonly answers: string; readonly makespanMs: number } {
  const { operations, makespanMs } = JSON.parse(output) as {
    readonly operations: readonly { readonly id: string; readonly outcome: unknown; readonly output?: unknown }[];
    readonly makespanMs: number;
  };
  return { answers: JSON.stringify(operations.map(({ id, outcome, output: text }) => [id, outcome, text])), makespanMs };
}

function shuffled<Each>(all: readonly Each[], random: () => number): readonly Each[] {
  return all
    .map((each) => ({ each, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ each }) => each);
}

const FIVE_TASKS: Claim<Place> = {
  number: 7,
  title: 'five tasks of 1 s in one call',
  theirs: '1.007 s',
  standIn:
    'The built command line: `volley batch` with five programs that wait 1 s, less the same call with one listing of an empty directory, which has the same process to start, the same batch to read and plan, and the same end.',
  async check(place) {
    const { folder, pairs } = place;
    const tasks = Array.from({ length: TASKS }, (_, index) => ({
      ...{ id: `task-${index}`, tool: 'command', input: { argv: ['sleep', '1'] } },
    }));
    await writeFile(path.join(folder, 'five.batch.jsonc'), JSON.stringify({ operations: tasks }));
    const nothing = { id: 'nothing', tool: 'list', input: { path: 'made' } };
    await writeFile(path.join(folder, 'nothing.batch.jsonc'), JSON.stringify({ operations: [nothing] }));
    const names = Object.keys(CALLS) as readonly Call[];
    for (const name of names) call(place, CALLS[name]);
    const inOrder = answersIn(call(place, [...CALLS.five.slice(0, 3), '--sequential']).output);
    const called: Readonly<Record<Call, Called[]>> = { five: [], nothing: [], version: [] };
    const random = seededRandom(7);
    for (let round = 0; round < 2 * pairs; round += 1)
      for (const name of shuffled(names, random)) called[name].push(call(place, CALLS[name]));
    const secondsOf = (name: Call) => called[name].map(({ seconds }) => seconds);
    const above = (name: Call) => called.five.map(({ seconds }, round) => seconds - (called[name][round]?.seconds ?? 0));
    const runs = called.five.map(({ output }) => answersIn(output));
    const interval = meanInterval(above('nothing'));
    const middle = (values: readonly number[]) => (median(values) ?? 0).toFixed(3);
    return [
      {
        ...{ kind: 'figure', name: 'above process start-up', unit: 's', ours: median(above('nothing')) ?? 0, limit: 1 },
        target: { kind: 'at most', value: 1.02 },
        ...(interval ? { interval } : {}),
      },
      fact(
        'the answers are those of one after another',
        runs.every(({ answers }) => answers === inOrder.answers),
        `${runs.length} calls`,
      ),
      {
        kind: 'note',
        text: `medians of ${runs.length}: the whole call ${middle(secondsOf('five'))} s, the call without tasks ${middle(secondsOf('nothing'))} s, volley --version ${middle(secondsOf('version'))} s; the run itself ${middle(runs.map(({ makespanMs }) => makespanMs / 1000))} s`,
      },
    ];
  },
};

export const COMMAND_LINE: readonly Claim<Place>[] = [FIVE_TASKS];
