/** How a past run is named in a terminal. */
import type { HistoryEntry } from '../core/measured.js';

/**
 * The run that is meant by `latest`, `previous`, its number in `volley runs`, its id or the beginning of it; with `verifications` also by
 * the id of its verification, of which the newest run stands for all. Else a sentence that says why there is none.
 */
export function namedRun(
  name: string,
  entries: readonly HistoryEntry[],
  { verifications = false }: { readonly verifications?: boolean } = {},
): HistoryEntry | string {
  const number = name === 'latest' ? 1 : name === 'previous' ? 2 : /^\d{1,5}$/.test(name) ? Number(name) : undefined;
  if (number !== undefined) {
    const how = entries.length === 0 ? 'Nothing has run yet.' : `${entries.length} are kept: volley runs lists them.`;
    return entries[number - 1] ?? `There is no run "${name}". ${how}`;
  }
  const found = entries.filter(({ run }) => run.startsWith(name));
  const exact = found.find(({ run }) => run === name);
  if (exact) return exact;
  const verified = verifications ? entries.filter(({ verification }) => verification?.startsWith(name)) : [];
  const names = new Set([...found.map(({ run }) => run), ...verified.flatMap(({ verification }) => verification ?? [])]);
  if (names.size > 1) return `Several runs begin with "${name}". Give more of the id: volley runs lists them.`;
  return found[0] ?? verified[0] ?? `No run that is kept is called "${name}". volley runs lists them.`;
}
