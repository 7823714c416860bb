/**
 * The process in which work.ts counts: what is counted has to be compiled while V8 counts, so it is loaded afterwards. Reads what to call from
 * standard input, and writes a number for each call.
 */
import { type Profiler, Session } from 'node:inspector';
import process from 'node:process';
import { json } from 'node:stream/consumers';
import type { Counted } from './work.js';

const { module, name, calls } = (await json(process.stdin)) as Counted;
const session = new Session();
session.connect();
request('Profiler.enable');
request('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
const { [name]: use } = (await import(module)) as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
if (!use) throw new Error(`${module} has no ${name}.`);
process.stdout.write(JSON.stringify(calls.map((args) => steps(() => use(...args)))));
session.disconnect();

function steps(work: () => void): number {
  // What was reached before begins from zero with each answer.
  request('Profiler.takePreciseCoverage');
  work();
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
