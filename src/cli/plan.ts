/** `volley plan [gate...]`: what a run of gates would do. It executes nothing. */
import path from 'node:path';
import { explainGatesText, gatePlanDocument } from '../core/report/explain-gates.js';
import { type Context, chosenGates, runSettings, scopeOf } from './actions.js';
import { EXIT } from './exit.js';

/** Resolves with the exit code. */
export async function explainGates(context: Context): Promise<number> {
  const { engine, folder, io, options } = context;
  const gates = await chosenGates(context);
  if (!gates) return EXIT.unable;
  const { failure: _failure, newOnly: _newOnly, ...settings } = runSettings(context);
  const planned = await engine.planGates({ gates, scope: scopeOf(options), ...settings });
  const explained = { planned, folder: folder.split(path.sep).join('/') };
  io.print(options.json ? JSON.stringify(gatePlanDocument(explained), null, 2) : explainGatesText(explained, io.style));
  return EXIT.passed;
}
