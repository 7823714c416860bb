/**
 * Threads that look at files, so that the host's event loop is never held by it. A thread that has nothing to do is kept for a while, since
 * starting one costs more than a hundred files.
 */
import { Worker } from 'node:worker_threads';
import type { ScanJob, Scanned } from './scan.js';

export interface Threads {
  /** In the order of the job. Rejects when the thread broke; resolves with undefined when it was aborted. */
  scan(job: ScanJob, signal: AbortSignal): Promise<readonly Scanned[] | undefined>;
  /** Ends all threads. */
  dispose(): Promise<void>;
}

/** How long a thread without work is kept. */
const IDLE_MS = 3000;
/** Without a bundle of the thread, so many files are looked at in one turn of the event loop. */
const EACH_TURN = 4;

/** `worker`: the file of the bundle of `scan-worker.ts`. Without one files are looked at in place, a few in each turn. */
export function createThreads(worker: string | undefined): Threads {
  const idle = new Map<Worker, NodeJS.Timeout>();
  const all = new Set<Worker>();
  const end = (thread: Worker) => {
    clearTimeout(idle.get(thread));
    idle.delete(thread);
    all.delete(thread);
    return thread.terminate();
  };
  const take = (file: string): Worker => {
    const [free] = idle.keys();
    if (!free) {
      const thread = new Worker(file);
      all.add(thread);
      return thread;
    }
    clearTimeout(idle.get(free));
    idle.delete(free);
    free.ref();
    return free;
  };
  const keep = (thread: Worker) => {
    // Nobody's process is kept alive by a thread that waits.
    thread.unref();
    idle.set(thread, setTimeout(() => void end(thread), IDLE_MS).unref());
  };
  return {
    async scan(job, signal) {
      if (signal.aborted) return undefined;
      if (worker === undefined) return inPlace(job, signal);
      const thread = take(worker);
      const scanned = await answerOf(thread, job, signal).catch(async (error: unknown) => {
        await end(thread);
        throw error;
      });
      if (scanned === undefined) await end(thread);
      else keep(thread);
      return scanned;
    },
    async dispose() {
      await Promise.all([...all].map(end));
    },
  };
}

function answerOf(thread: Worker, job: ScanJob, signal: AbortSignal): Promise<readonly Scanned[] | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onMessage = (scanned: readonly Scanned[]) => settle(() => resolve(scanned));
    const onError = (error: Error) => settle(() => reject(error));
    const onExit = (code: number) => settle(() => reject(new Error(`the thread ended with ${code}`)));
    const onAbort = () => settle(() => resolve(undefined));
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    thread.postMessage(job);
  });
}

async function inPlace({ folder, files }: ScanJob, signal: AbortSignal): Promise<readonly Scanned[] | undefined> {
  const { createScanner } = await import('./scan-worker.js');
  const look = createScanner(folder);
  const scanned: Scanned[] = [];
  for (const file of files) {
    if (scanned.length % EACH_TURN === EACH_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) return undefined;
    scanned.push(look(file));
  }
  return scanned;
}
