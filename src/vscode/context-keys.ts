/** Keeps the context keys of `when` clauses equal to the session. */
import * as vscode from 'vscode';
import type { Choices } from './choices.js';
import { failedGates, isAvailable } from './gates-view.js';
import { CONTEXT, type ContextKey } from './names.js';
import type { Session } from './session.js';
import type { Watching } from './watching.js';

/** What each key is now. */
export function contextOf(
  session: Session,
  choices: Choices,
  watching: Pick<Watching, 'active'>,
): Readonly<Record<ContextKey, boolean>> {
  return {
    [CONTEXT.running]: session.activity !== undefined,
    [CONTEXT.watching]: watching.active,
    [CONTEXT.nothingDetected]: session.detection?.gates.length === 0,
    [CONTEXT.nothingAvailable]: session.detection !== undefined && !session.detection.gates.some(isAvailable),
    [CONTEXT.nothingFailed]: session.resultsKnown && failedGates(session).length === 0,
    [CONTEXT.nothingRan]: session.hasRun === false,
    [CONTEXT.hasSelection]: choices.files.length > 0,
  };
}

/** Sets only what changed. */
export function followContext(session: Session, choices: Choices, watching: Watching): vscode.Disposable {
  const known = new Map<string, boolean>();
  const update = () => {
    for (const [key, value] of Object.entries(contextOf(session, choices, watching))) {
      if (known.get(key) === value) continue;
      known.set(key, value);
      void vscode.commands.executeCommand('setContext', key, value);
    }
  };
  update();
  return vscode.Disposable.from(session.onDidChange(update), choices.onDidChange(update), watching.onDidChange(update));
}
