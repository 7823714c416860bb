/** Parses a tool's output: small ones at once, large ones in a thread of its own, so that the host's event loop is not held. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ParserId } from '../gate-model.js';
import type { Parsed, ParserInput } from './parsed.js';

/** Characters up to which parsing in place takes a few milliseconds; starting a thread takes longer. */
const IN_PLACE_LIMIT = 500_000;
/** A user's regular expression may need for ever. */
const LONGEST_MS = 20_000;

/** What `parse-worker.ts` is given. */
export interface ParseJob {
  readonly parser: ParserId;
  readonly input: ParserInput;
}

/** As `parse`. `worker` is the file of the bundle of `parse-worker.ts`; without one everything is parsed in place. */
export async function readOutput(parser: ParserId, input: ParserInput, worker: string | undefined): Promise<Parsed> {
  // Most gates that pass without a known tool need none of the parsers.
  if (parser === 'none') return { kind: 'findings', findings: [] };
  const size = input.stdout.length + input.stderr.length + (input.report?.length ?? 0);
  const inPlace = size <= IN_PLACE_LIMIT && parser !== 'problem-matcher';
  if (worker === undefined || inPlace) return (await import('./parsers.js')).parse(parser, input);
  const thread = new Worker(worker, { workerData: { parser, input } satisfies ParseJob });
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), LONGEST_MS);
  try {
    const [parsed] = (await once(thread, 'message', { signal: stop.signal })) as [Parsed];
    return parsed;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return { kind: 'unreadable', detail: `reading it took longer than ${LONGEST_MS / 1000} seconds` };
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
