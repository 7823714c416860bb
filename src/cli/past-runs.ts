/** How what is past is named in a terminal. */
import type { HistoryEntry } from '../core/measured.js';
import type { VerificationId } from '../core/model.js';
import type { Tuning } from '../core/tuning-model.js';

/** What `volley runs` lists. */
export type PastRecord =
  | { readonly kind: 'run'; readonly entry: HistoryEntry }
  /** `entry` is the newest of its trials. */
  | { readonly kind: 'verification'; readonly id: VerificationId; readonly entry: HistoryEntry }
  | { readonly kind: 'tuning'; readonly tuning: Tuning };

/**
 * The run that is meant by `latest`, `previous`, its number in `volley runs`, its id or the beginning of it. Else a sentence that says why
 * there is none.
 */
export function namedRun(name: string, entries: readonly HistoryEntry[]): HistoryEntry | string {
  const found = named(name, entries, []);
  return typeof found === 'string' ? found : 'entry' in found ? found.entry : none(name);
}

/** The same; a verification and a tuning by their ids, too. A trial is named by the verification that it is one of, unless by its own id. */
export function namedRecord(
  name: string,
  { entries, tunings }: { readonly entries: readonly HistoryEntry[]; readonly tunings: readonly Tuning[] },
): PastRecord | string {
  const verifications = new Map<VerificationId, PastRecord>();
  for (const entry of entries) {
    const { verification: id } = entry;
    if (id !== undefined && !verifications.has(id)) verifications.set(id, { kind: 'verification', id, entry });
  }
  const others = [
    ...[...verifications].map(([id, record]) => ({ id, record })),
    ...tunings.map((tuning) => ({ id: tuning.id, record: { kind: 'tuning', tuning } as const })),
  ];
  const found = named(name, entries, others);
  if (typeof found === 'string' || found.kind !== 'run' || found.entry.run.startsWith(name)) return found;
  const { verification } = found.entry;
  return (verification === undefined ? undefined : verifications.get(verification)) ?? found;
}

function named(
  name: string,
  entries: readonly HistoryEntry[],
  others: readonly { readonly id: string; readonly record: PastRecord }[],
): PastRecord | string {
  const number = name === 'latest' ? 1 : name === 'previous' ? 2 : /^\d{1,5}$/.test(name) ? Number(name) : undefined;
  if (number !== undefined) {
    const entry = entries[number - 1];
    const how = entries.length === 0 ? 'Nothing has run yet.' : `${entries.length} are kept: volley runs lists them.`;
    return entry ? { kind: 'run', entry } : `There is no run "${name}". ${how}`;
  }
  const all = [...entries.map((entry) => ({ id: entry.run as string, record: { kind: 'run', entry } as const })), ...others];
  const found = all.filter(({ id }) => id.startsWith(name));
  const exact = found.find(({ id }) => id === name) ?? (found.length === 1 ? found[0] : undefined);
  if (exact) return exact.record;
  if (found.length > 1) return `Several runs begin with "${name}". Give more of the id: volley runs lists them.`;
  return none(name);
}

function none(name: string): string {
  return `No run that is kept is called "${name}". volley runs lists them.`;
}
