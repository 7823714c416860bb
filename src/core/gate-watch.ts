/** Watching gates of a workspace: which of them a change concerns, and what is run for it. */
import path from 'node:path';
import type { Gate } from './gate-model.js';
import { ignoredFiles } from './ignored.js';
import type { Folder, Scope } from './model.js';
import { argumentsInScope } from './scope.js';
import { createWatch, type Watch, type WatchedRun } from './watch.js';

/** Files that are written together, as by a formatter or git, are one change. */
const SETTLE_MS = 150;

export interface WatchRequest {
  /** In sequential order. Those that are not available are left out. */
  readonly gates: readonly Gate[];
  /**
   * Starts a run of these gates; undefined when nothing can be started now. With the scope `selected` the run has to be `exact`: gates
   * whose files cannot be checked apart run whole.
   */
  start(gates: readonly Gate[], scope: Scope): WatchedRun | undefined;
}

/** Starts with a run of all gates. Changes of files that git ignores are passed over. */
export async function watchGates({ gates, start }: WatchRequest): Promise<Watch> {
  const folders = new Map<string, Folder>(gates.map(({ folder }) => [folder.path, folder]));
  const readIgnored = async () => {
    const found = await Promise.all([...folders.values()].map(ignoredFiles));
    return (file: string) => found.some((isIgnored) => isIgnored(file));
  };
  let ignored = await readIgnored();
  let timer: NodeJS.Timeout | undefined;
  const watch = createWatch({
    gates: gates.filter(({ availability }) => availability.kind === 'available'),
    concerns: (gate, files) => argumentsInScope(gate, { kind: 'files', files }).kind === 'run',
    start: (wanted, files) => start(wanted, files === undefined ? { kind: 'workspace' } : { kind: 'selected', files }),
    settle(then) {
      clearTimeout(timer);
      timer = setTimeout(then, SETTLE_MS);
    },
  });
  return {
    changed(files) {
      if (files.some((file) => path.basename(file) === '.gitignore')) {
        void readIgnored().then((fresh) => {
          ignored = fresh;
        });
      }
      const meant = files.filter((file) => !ignored(file));
      if (meant.length > 0 || files.length === 0) watch.changed(meant);
    },
    stop() {
      clearTimeout(timer);
      return watch.stop();
    },
  };
}
