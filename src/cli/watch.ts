/** `volley watch`: runs gates, and again after each change those that it concerns, until interrupted. */
import type { ActiveRun } from '../core/engine.js';
import type { Gate } from '../core/gate-model.js';
import { countText, watchProblem } from '../core/messages.js';
import type { Scope } from '../core/model.js';
import { findingsText } from '../core/report/text.js';
import { type Context, chosenGates, followed, runSettings, untilInterrupted } from './actions.js';
import { EXIT } from './exit.js';

export async function watchWorkspace(context: Context): Promise<number> {
  const { engine, folder, io, options } = context;
  const gates = await chosenGates(context);
  if (!gates) return EXIT.unable;
  let going: Promise<unknown> = Promise.resolve();
  const start = (wanted: readonly Gate[], scope: Scope): ActiveRun => {
    const run = engine.run({ ...runSettings(context), gates: wanted, scope, exact: true, label: 'Watch' });
    going = followed(run, io, options).then((state) => {
      if (state.outcome === 'cancelled') return;
      const findings = findingsText(state, folder, io.style);
      if (findings) io.print(findings);
      io.print(`${countText(state.operations.length, 'gate')}: ${state.outcome}. Waiting for changes; Ctrl+C ends.`);
    });
    return run;
  };
  return untilInterrupted(async (stop) => {
    // Before anything runs: a change that nobody tells of would leave what was found of the file before it.
    const files = await watchFiles(folder, (problem) => io.error(problem));
    if (!files) return EXIT.unable;
    const watch = await engine.watch({ gates, start });
    files.follow((file) => watch.changed([file]));
    await new Promise<void>((resolve) => {
      stop(async () => {
        await files.close();
        await watch.stop();
        await going;
        resolve();
      });
    });
    return EXIT.interrupted;
  });
}

interface WatchedFiles {
  /** Hands over every change from now on, and those since the watching has begun. */
  follow(changed: (file: string) => void): void;
  close(): Promise<void>;
}

/**
 * Watches everything below the folder without what is installed or git's own. Resolves once no change is missed any more; with undefined
 * where the system does not let it watch everything. What it cannot watch later is only told.
 */
async function watchFiles(folder: string, tell: (problem: string) => void): Promise<WatchedFiles | undefined> {
  const { watch: watchTree } = await import('chokidar');
  const watcher = watchTree(folder, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (file) => /(?:^|[\\/])(?:\.git|node_modules)(?:[\\/]|$)/.test(file.slice(folder.length)),
  });
  const isReady = await new Promise<boolean>((resolve) => {
    const said = new Set<string | undefined>();
    watcher.on('error', (error) => {
      // The same is met in one folder after another.
      const { code } = error as NodeJS.ErrnoException;
      if (!said.has(code)) tell(watchProblem(error));
      said.add(code);
      // A folder that nobody may read hides none of the others.
      if (code !== 'EACCES' && code !== 'EPERM') resolve(false);
    });
    watcher.once('ready', () => resolve(true));
  });
  if (!isReady) {
    await watcher.close();
    return undefined;
  }
  let early: string[] = [];
  let told = (file: string): void => {
    early.push(file);
  };
  // From here on: links are told as added while the folder is gone through, although nothing has changed.
  watcher.on('all', (event, file) => {
    if (event === 'add' || event === 'change' || event === 'unlink') told(file);
  });
  return {
    follow(changed) {
      told = changed;
      for (const file of early) changed(file);
      early = [];
    },
    close: () => watcher.close(),
  };
}
