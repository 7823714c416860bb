/** Names, ids and order of the gates of one package. */

import type { Category, Gate } from '../gate-model.js';
import type { GateId } from '../model.js';
import { assemble, categoryOf, gateId, isWanted, managerOf, type PackageContext, type UnnamedGate } from './assemble.js';
import type { Draft, Drafts, Origin } from './drafts.js';
import { slugOf } from './script-names.js';

/** The gates of a package in sequential order. `prefix` starts their ids; `own` is the package's place, empty for the root. */
export async function nameGates(drafts: Drafts, context: PackageContext, prefix: string, own: string): Promise<readonly Gate[]> {
  const wanted = [...drafts.byKey.values()].filter((draft) => isWanted(draft, drafts));
  const ids = identify(wanted, drafts, prefix);
  const byTool = new Map<string | undefined, Draft[]>();
  for (const draft of wanted) {
    if (draft.command.kind !== 'program') continue;
    const same = byTool.get(draft.preset?.tool);
    if (same) same.push(draft);
    else byTool.set(draft.preset?.tool, [draft]);
  }
  const nameIn = (draft: Draft, gate: UnnamedGate, more: readonly string[]) =>
    nameOf(draft, gate, byTool.get(draft.preset?.tool) ?? [], context, [...more, ...(own === '' ? [] : [own])]);
  const made: { readonly draft: Draft; readonly gate: UnnamedGate; readonly name: string }[] = [];
  const byName = new Map<string, Draft[]>();
  for (const draft of inSequence(wanted, drafts)) {
    const gate = await assemble(draft, drafts, context);
    const name = nameIn(draft, gate, []);
    made.push({ draft, gate, name });
    const same = byName.get(name);
    if (same) same.push(draft);
    else byName.set(name, [draft]);
  }
  return made.flatMap(({ draft, gate, name }): readonly Gate[] => {
    const id = ids.get(draft.key);
    const needs = [...draft.needs].flatMap((key) => ids.get(key) ?? []);
    const more = tellingApart(draft, byName.get(name) ?? [], drafts);
    return id === undefined ? [] : [{ ...gate, id, name: more.length > 0 ? nameIn(draft, gate, more) : name, needs }];
  });
}

/** What tells a draft from others of the same name: the task or script that it stands in, else what it is told. */
function tellingApart(draft: Draft, same: readonly Draft[], { chains }: Drafts): readonly string[] {
  if (same.length < 2) return [];
  // A task that does nothing else.
  const [task] = [...chains].find(([, [only, ...others]]) => only === draft.key && others.length === 0) ?? [];
  if (task !== undefined && task !== draft.script) return [task];
  const scripts = new Set(same.map(({ script }) => script));
  if (scripts.size === same.length && draft.command.kind === 'program' && draft.script !== undefined) return [draft.script];
  const isSet = ([name, value]: readonly [string, string]) => same.some(({ command }) => command.env[name] !== value);
  const set = Object.entries(draft.command.env).filter(isSet);
  if (set.length > 0) return set.map(([name, value]) => abridged([`${name}=${value}`]));
  // What a name had to be cut off before.
  const given = draft.command.kind === 'program' ? draft.command.given : [];
  const isSaid = (word: string) => same.some(({ command }) => command.kind === 'program' && !command.given.includes(word));
  const said = abridged(given.filter(isSaid));
  return said === '' ? [] : [said];
}

/** Words in one line of a name, without those in the middle where they are too many: the last one often says what it is about. */
function abridged(words: readonly string[]): string {
  const whole = words.join(' ');
  if (whole.length <= LONGEST_NAME) return whole;
  const last = words.length > 1 && (words.at(-1)?.length ?? 0) <= LONGEST_NAME / 2 ? ` ${words.at(-1)}` : '';
  const start = whole.slice(0, LONGEST_NAME - 2 - last.length);
  // Not within a word where there are several.
  return `${start.includes(' ') ? start.slice(0, start.lastIndexOf(' ')) : start} …${last}`;
}

const LONGEST_NAME = 60;

const ORIGINS: readonly Origin[] = ['script', 'task', 'workflow', 'hook', 'configuration'];

/** What says most, and of scripts the one with the shortest name, has the plain id; the ids of the others say which script they stand in. */
function identify(wanted: readonly Draft[], drafts: Drafts, prefix: string): ReadonlyMap<string, GateId> {
  const script = (draft: Draft) => draft.script ?? '';
  const byName = [...wanted].sort(
    (a, b) =>
      ORIGINS.indexOf(a.origin) - ORIGINS.indexOf(b.origin) ||
      script(a).length - script(b).length ||
      (script(a) < script(b) ? -1 : script(a) > script(b) ? 1 : 0),
  );
  const used = new Set<string>();
  const ids = new Map<string, GateId>();
  for (const draft of byName) {
    const base = baseId(draft, drafts);
    const detailed = draft.script === undefined || base.includes(':') ? base : `${base}:${slugOf(draft.script)}`;
    let id = used.has(base) ? detailed : base;
    for (let count = 2; used.has(id); count += 1) id = `${detailed}-${count}`;
    used.add(id);
    ids.set(draft.key, gateId(prefix + id));
  }
  return ids;
}

function baseId(draft: Draft, drafts: Drafts): string {
  const category = categoryOf(draft, drafts);
  if (draft.command.kind === 'script') return `${category === 'build' ? 'build' : 'script'}:${slugOf(draft.command.script)}`;
  if (category === 'build') return `build:${draft.command.program}`;
  return draft.preset?.id ?? draft.command.program;
}

/** `same`: those of its tool. `place`: what stands behind all of it. */
function nameOf(
  draft: Draft,
  gate: UnnamedGate,
  same: readonly Draft[],
  context: PackageContext,
  place: readonly string[],
): string {
  const withDetail = (name: string, details: readonly string[]) =>
    details.length === 0 ? name : `${name} (${details.join(', ')})`;
  if (draft.command.kind === 'script') {
    const { script, args, runner } = draft.command;
    return withDetail([...(runner ? [script] : [managerOf(context), 'run', script]), ...args].join(' '), place);
  }
  const { program, given } = draft.command;
  if (!draft.preset) return withDetail(abridged([program, ...draft.command.options]), place);
  if (same.length === 1) return withDetail(gate.tool, place);
  const inScript = same.filter((other) => other.script === draft.script);
  const detail = inScript.length > 1 && given.length > 0 ? abridged(given) : (draft.script ?? program);
  return withDetail(gate.tool, [detail, ...place]);
}

const BY_CATEGORY: readonly Category[] = ['lint', 'format', 'types', 'security', 'build', 'test'];

/** As in the maintainer's own longest chain; what is not in it stands where its category belongs. Builds stand before what needs them. */
function inSequence(wanted: readonly Draft[], drafts: Drafts): readonly Draft[] {
  const rank = (draft: Draft) => BY_CATEGORY.indexOf(categoryOf(draft, drafts));
  const chain = [...drafts.chains.values()].reduce((longest, each) => (each.length > longest.length ? each : longest), []);
  const inChain = chain.length < 2 ? [] : chain.flatMap((key) => wanted.find((draft) => draft.key === key) ?? []);
  const order = [...inChain];
  const others = wanted.filter((draft) => !inChain.includes(draft)).sort((a, b) => rank(a) - rank(b));
  for (const draft of others) {
    const before = order.findIndex((placed) => rank(placed) > rank(draft));
    order.splice(before < 0 ? order.length : before, 0, draft);
  }
  const byKey = new Map(order.map((draft) => [draft.key, draft]));
  const result = new Set<Draft>();
  const place = (draft: Draft): void => {
    if (result.has(draft)) return;
    for (const need of draft.needs) {
      const needed = byKey.get(need);
      if (needed) place(needed);
    }
    result.add(draft);
  };
  for (const draft of order) place(draft);
  return [...result];
}
