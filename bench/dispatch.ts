/** Processor time that starting a trivial command costs, beside xargs, in interleaved pairs. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { commandGate, withEngine } from './support.js';

const JOBS = 500;
const SLOTS = 4;

/** Milliseconds of processor time a job, of this process and its children, for Volley and for xargs. */
export interface Dispatch {
  readonly volley: readonly number[];
  readonly xargs: readonly number[];
}

/** Runs itself in a process of its own for each sample, so that the children's time can be told apart. */
export async function measureDispatch(pairs: number): Promise<Dispatch> {
  const volley: number[] = [];
  const xargs: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    volley.push(await cpuOf(process.execPath, ['--import', 'tsx', import.meta.filename, 'volley']));
    xargs.push(await cpuOf('sh', ['-c', `seq ${JOBS} | xargs -P ${SLOTS} -n 1 true`]));
  }
  const idle = await cpuOf(process.execPath, ['--import', 'tsx', import.meta.filename, 'idle']);
  return { volley: volley.map((ms) => (ms - idle) / JOBS), xargs: xargs.map((ms) => ms / JOBS) };
}

/** User and system time of a command and all it waited for, in milliseconds, by the shell's own account. */
async function cpuOf(program: string, args: readonly string[]): Promise<number> {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@" > /dev/null 2> /dev/null', 'bash', program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (data) => {
    text += data;
  });
  await once(child, 'close');
  const [user = 0, system = 0] = text.trim().split(/\s+/).map(Number);
  return (user + system) * 1000;
}

if (process.argv[1] === import.meta.filename) {
  await withEngine(async (engine) => {
    if (process.argv[2] !== 'volley') return;
    const gates = Array.from({ length: JOBS }, (_, index) => commandGate(`gate-${index}`, ['true']));
    await engine.run({ gates, scope: { kind: 'workspace' }, mode: 'parallel', slots: SLOTS, failure: 'continue', label: 'Bench' })
      .finished;
  });
}

/** Whether the peers are there. */
export function canMeasureDispatch(): boolean {
  return spawnSync('bash', ['-c', 'command -v xargs']).status === 0;
}
