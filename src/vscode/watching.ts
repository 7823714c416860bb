/** Watch mode: runs gates again when files of the workspace change, until it is stopped. */
import * as vscode from 'vscode';
import type { Watch, WatchedRun } from '../core/engine.js';
import type { Gate } from '../core/gate-model.js';
import type { Log } from '../core/host.js';
import type { GateId, Scope } from '../core/model.js';
import type { Session } from './session.js';
import { readSettings } from './settings.js';

/** How runs of a watch are called; nobody is told of their failures, since they come again and again. */
export const WATCH_LABEL = 'Watch';

export interface Watching extends vscode.Disposable {
  /** Whether a watch goes on. */
  readonly active: boolean;
  /** Starts with a run of these gates. Takes the place of a watch that goes on. */
  start(gates: readonly Gate[]): Promise<void>;
  /** Resolves when what it runs has been stopped. */
  stop(): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
}

export function createWatching(session: Session, log: Log): Watching {
  const changes = new vscode.EventEmitter<void>();
  let current: { readonly watch: Watch; readonly events: vscode.Disposable } | undefined;
  const stop = async () => {
    const ending = current;
    current = undefined;
    ending?.events.dispose();
    if (ending) changes.fire();
    await ending?.watch.stop();
  };
  return {
    get active() {
      return current !== undefined;
    },
    async start(gates) {
      await stop();
      const watch = await session.engine.watch({ gates, start: (wanted, scope) => startRun(session, wanted, scope) });
      current = { watch, events: followFiles(session, watch) };
      log.info(`Watching for ${gates.map(({ name }) => name).join(', ')}.`);
      changes.fire();
    },
    stop,
    onDidChange: changes.event,
    dispose() {
      current?.events.dispose();
      void current?.watch.stop();
      current = undefined;
      changes.dispose();
    },
  };
}

/** Undefined while something else runs: the watch asks again when that has ended. */
function startRun(session: Session, gates: readonly Gate[], scope: Scope): WatchedRun | undefined {
  const { slots, failure, timeoutMs, cache, newOnly } = readSettings();
  const activity = session.start({
    gates,
    scope,
    ...slots,
    failure,
    cache,
    newOnly,
    exact: true,
    label: WATCH_LABEL,
    mode: 'parallel',
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  if (!activity) return undefined;
  return {
    cancel: (operation) => session.cancel(operation as string as GateId),
    finished: activity.finished.then(({ state }) => ({ operations: state?.operations ?? [] })),
  };
}

function followFiles(session: Session, watch: Watch): vscode.Disposable {
  const files = vscode.workspace.createFileSystemWatcher('**/*');
  const changed = (uri: vscode.Uri) => {
    if (uri.scheme === 'file') watch.changed([uri.fsPath]);
  };
  return vscode.Disposable.from(
    files,
    files.onDidChange(changed),
    files.onDidCreate(changed),
    files.onDidDelete(changed),
    session.onDidFinish(() => watch.changed([])),
  );
}
