/**
 * What decided the results of the trials of a verification, as the keys of the cache: looked up before the first run and after the last, so
 * that nothing goes on beside what is measured. Trials can then be compared with everything else that ran under the same keys.
 */
import { keyDigest } from './figures.js';
import { keysNow } from './gate-plan.js';
import type { EngineContext, RunRequest } from './gate-run.js';
import type { RunId } from './model.js';

export interface TrialKeys {
  /** To be called before anything runs. Never rejects. */
  before(): Promise<void>;
  /** Keeps the keys that are still the same with these runs. Never rejects. */
  after(runs: readonly RunId[]): Promise<void>;
}

/** Looks at nothing yet. */
export function trialKeys(context: EngineContext, request: RunRequest): TrialKeys {
  const { host, history } = context;
  let before: ReadonlyMap<string, string> = new Map();
  const now = async (): Promise<ReadonlyMap<string, string>> => {
    const keyed = await keysNow(context, request, new AbortController().signal);
    return new Map(keyed.map(({ made, key, of }) => [made.operation.id, keyDigest(key, of)]));
  };
  const carefully = (work: () => Promise<void>) => () =>
    work().catch((error: unknown) =>
      host.log.warn(`What decided the results of the trials could not be looked up: ${String(error)}.`),
    );
  return {
    before: carefully(async () => {
      before = await now();
    }),
    after: (runs) =>
      carefully(async () => {
        if (before.size === 0 || runs.length === 0) return;
        const after = await now();
        const same = [...before].filter(([id, key]) => after.get(id) === key);
        if (same.length === 0) return;
        for (const run of runs) await history.figures.addKeys(run, Object.fromEntries(same));
      })(),
  };
}
