/**
 * Named locks that hold across windows and terminals of one workspace: a file each, created only if it is not there. A lock whose holder has
 * died is free: whoever finds it takes it away.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './host.js';
import { identityOf, type ProcessIdentity, processLives } from './process.js';

/** How often a lock that somebody else holds is asked for again, in milliseconds. */
const POLL_MS = 50;
/** A file without a readable holder may be one that is being written; after so long nobody writes it any more. */
const UNREADABLE_MS = 5000;

export interface WorkspaceLocks {
  /**
   * Takes all of the locks at once, or none and tries again. Resolves with how to free them; with undefined when `signal` was aborted before.
   * `onWait` is called once if somebody else holds one of them. Where locks cannot be written, it resolves as if they were taken.
   */
  take(names: readonly string[], signal: AbortSignal, onWait: () => void): Promise<(() => Promise<void>) | undefined>;
}

interface Holder extends ProcessIdentity {
  /** Of this holder alone. */
  readonly token: string;
}

/** `pollMs`: how often a lock that somebody else holds is asked for again. */
export function openWorkspaceLocks(directory: string, log: Log, pollMs = POLL_MS): WorkspaceLocks {
  const fileOf = (name: string) => path.join(directory, `${createHash('sha256').update(name).digest('hex').slice(0, 24)}.lock`);
  return {
    async take(names, signal, onWait) {
      const files = [...new Set(names.map(fileOf))].sort();
      const holder: Holder = { ...(await identityOf()), token: randomBytes(8).toString('hex') };
      let waited = false;
      try {
        await mkdir(directory, { recursive: true });
        for (;;) {
          if (signal.aborted) return undefined;
          const taken = await takeAll(files, holder);
          if (taken) return () => free(files, holder);
          if (!waited) onWait();
          waited = true;
          await delay(pollMs, undefined, { signal }).catch(() => undefined);
        }
      } catch (error) {
        log.warn(`Locks cannot be kept in ${directory}, so another window may run the same at the same time: ${String(error)}.`);
        return async () => {};
      }
    },
  };
}

/** In one order everywhere, so that no two wait for each other; and nothing is held while something is missing. */
async function takeAll(files: readonly string[], holder: Holder): Promise<boolean> {
  const taken: string[] = [];
  for (const file of files) {
    if (!(await takeOne(file, holder))) {
      await free(taken, holder);
      return false;
    }
    taken.push(file);
  }
  return true;
}

async function takeOne(file: string, holder: Holder): Promise<boolean> {
  if (await created(file, holder)) return true;
  const found = await holderIn(file);
  if (!(await isHeld(file, found))) await takeAway(file, found, holder);
  return false;
}

/** False when it is there. */
async function created(file: string, holder: Holder): Promise<boolean> {
  const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  });
  if (!handle) return false;
  try {
    await handle.writeFile(JSON.stringify(holder));
  } finally {
    await handle.close();
  }
  return true;
}

/**
 * Removes the lock of a dead holder. Between the look at it and its removal somebody else may have done the same and taken the lock, so
 * only who has the permit for this very holder removes it, after another look; the permit is a lock itself.
 */
async function takeAway(file: string, dead: Holder | undefined, holder: Holder): Promise<void> {
  const permit = `${file}.${createHash('sha256')
    .update(dead?.token ?? '')
    .digest('hex')
    .slice(0, 8)}`;
  if (!(await created(permit, holder))) {
    const other = await holderIn(permit);
    if (!(await isHeld(permit, other))) await takeAway(permit, other, holder);
    return;
  }
  try {
    const now = await holderIn(file);
    if (now?.token === dead?.token && !(await isHeld(file, now))) await rm(file, { force: true });
  } finally {
    await rm(permit, { force: true });
  }
}

/** `found`: who is named in the file. */
async function isHeld(file: string, found: Holder | undefined): Promise<boolean> {
  if (found === undefined) {
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    return age < UNREADABLE_MS;
  }
  return processLives(found);
}

async function holderIn(file: string): Promise<Holder | undefined> {
  try {
    const holder: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof holder === 'object' && holder !== null && 'process' in holder ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

async function free(files: readonly string[], { token }: Holder): Promise<void> {
  for (const file of files) if ((await holderIn(file))?.token === token) await rm(file, { force: true });
}
