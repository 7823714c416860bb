/** `volley trends`, `volley runs` and `volley compare`: what earlier runs say together. They execute nothing. */
import { runsDocument, runsText } from '../core/report/trends.js';
import type { GateTrend } from '../core/trend-model.js';
import { type Context, isFolder, notAFolder, unable } from './actions.js';
import { EXIT } from './exit.js';
import { tellOverview } from './overviews.js';
import { namedRun } from './past-runs.js';

/** Resolves with the exit code. */
export async function showTrends(context: Context): Promise<number> {
  const { engine, folder, gates: names, io, options } = context;
  if (!(await isFolder(folder))) return unable(notAFolder(folder), io, options);
  const trends = await engine.trends();
  const unknown = names.filter((name) => !trends.gates.some((gate) => isCalled(gate, name)));
  if (unknown.length > 0) {
    const known = [...new Set(trends.gates.map(({ id }) => id))].join(', ');
    return unable(
      `Nothing that has run is called "${unknown.join('", "')}". ${known === '' ? 'Nothing has run yet.' : `There are: ${known}.`}`,
      io,
      options,
    );
  }
  const chosen = names.length === 0 ? trends.gates : trends.gates.filter((gate) => names.some((name) => isCalled(gate, name)));
  return tellOverview(context, { kind: 'trends', trends: { ...trends, gates: chosen } });
}

function isCalled({ id, name, group, batch }: GateTrend, wanted: string): boolean {
  return [id, name, group, batch ?? ''].some((text) => text.toLowerCase() === wanted.toLowerCase());
}

/** Resolves with the exit code. */
export async function listRuns({ engine, folder, io, options }: Context): Promise<number> {
  if (!(await isFolder(folder))) return unable(notAFolder(folder), io, options);
  const [entries, tunings] = await Promise.all([engine.history(), engine.tunings()]);
  io.print(options.json ? JSON.stringify(runsDocument(entries, tunings), null, 2) : runsText(entries, tunings, io.style));
  return EXIT.passed;
}

/** Resolves with the exit code. */
export async function compareRuns(context: Context): Promise<number> {
  const { engine, folder, gates: names, io, options } = context;
  if (!(await isFolder(folder))) return unable(notAFolder(folder), io, options);
  const entries = await engine.history();
  const [first, second] = [namedRun(names[0] ?? 'previous', entries), namedRun(names[1] ?? 'latest', entries)];
  if (typeof first !== 'object') return unable(first, io, options);
  if (typeof second !== 'object') return unable(second, io, options);
  const comparison = await engine.compare(first.run, second.run);
  if (!comparison) return unable('The events of one of these runs are damaged, so that they cannot be compared.', io, options);
  return tellOverview(context, { kind: 'comparison', comparison });
}
