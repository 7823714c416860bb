/** Counts what a piece of code does, where a test would otherwise have to look at a clock. */
import { type Profiler, Session } from 'node:inspector';

/**
 * Counts how often the statements of Volley and of its libraries are reached: calls of functions and rounds of loops, as V8 counts them for
 * coverage. The same code with the same input always gives the same number, however busy the machine is. What built-in functions do
 * within, such as regular expressions, is not counted. `use` has to be synchronous; whoever makes a counter stops it.
 */
export function stepCounter(): { count(use: () => void): number; stop(): void } {
  const session = new Session();
  session.connect();
  request(session, 'Profiler.enable');
  request(session, 'Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return {
    count(use) {
      // What was reached before begins from zero with each answer.
      request(session, 'Profiler.takePreciseCoverage');
      use();
      return sum(request(session, 'Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType);
    },
    stop: () => session.disconnect(),
  };
}

function sum({ result }: Profiler.TakePreciseCoverageReturnType): number {
  return result
    .filter(({ url }) => url.startsWith('file:') && url !== import.meta.url)
    .flatMap(({ functions }) => functions)
    .flatMap(({ ranges }) => ranges)
    .reduce((total, { count }) => total + count, 0);
}

/** A session of this thread answers before `post` returns. */
function request(session: Session, method: string, parameters: object = {}): object {
  let answer: object | undefined;
  session.post(method, parameters, (error: Error | null, result: object = {}) => {
    if (error) throw error;
    answer = result;
  });
  if (!answer) throw new Error(`${method} was not answered.`);
  return answer;
}
