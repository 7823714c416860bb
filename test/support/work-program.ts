/**
 * The process in which work.ts counts: what is counted has to be compiled while V8 counts, so it is loaded afterwards. Reads what to call from
 * standard input, and writes what it counted.
 */
import { type Profiler, Session } from 'node:inspector';
import process from 'node:process';
import { json } from 'node:stream/consumers';
import type { Counted, Pieces } from './work.js';

type Use = (...args: readonly unknown[]) => unknown;

const { what, module, name, calls } = (await json(process.stdin)) as Counted & { readonly what: 'calls' | 'pieces' };
const session = new Session();
session.connect();
request('Profiler.enable');
request('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
const { [name]: use } = (await import(module)) as Readonly<Record<string, Use>>;
if (!use) throw new Error(`${module} has no ${name}.`);
process.stdout.write(JSON.stringify(what === 'calls' ? calls.map((args) => stepsOf(use, args)) : await piecesOf(use, calls)));
session.disconnect();

function stepsOf(call: Use, args: readonly unknown[]): number {
  stepsSince();
  call(...args);
  return stepsSince();
}

/** With a clock by which every slice is over whenever it is looked at. */
async function piecesOf(call: Use, all: Counted['calls']): Promise<Pieces> {
  let now = 0;
  let pieces = 0;
  let mostSteps = 0;
  performance.now = () => {
    mostSteps = Math.max(mostSteps, stepsSince());
    pieces += 1;
    now += 1000;
    return now;
  };
  stepsSince();
  for (const args of all) await call(...args);
  return { pieces, mostSteps: Math.max(mostSteps, stepsSince()) };
}

/** Since it was asked for last. */
function stepsSince(): number {
  const { result } = request('Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType;
  return result
    .filter(({ url }) => url.startsWith('file:') && url !== import.meta.url)
    .flatMap(({ functions }) => functions)
    .flatMap(({ ranges }) => ranges)
    .reduce((total, { count }) => total + count, 0);
}

/** A session of this thread answers before `post` returns. */
function request(method: string, parameters: object = {}): object {
  let answer: object | undefined;
  session.post(method, parameters, (error: Error | null, result: object = {}) => {
    if (error) throw error;
    answer = result;
  });
  if (!answer) throw new Error(`${method} was not answered.`);
  return answer;
}
