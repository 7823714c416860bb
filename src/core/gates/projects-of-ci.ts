/** Scripts that start by a runner of projects, or of tests in projects, what CI or another gate starts by it in its own way. Pure. */
import { globMatcher } from '../glob-match.js';
import { type Draft, type Drafts, isCheckedByCi, isNeeded } from './drafts.js';
import { isSpokenOfTargets, onlyTargets } from './script-projects.js';
import { targetsOfRunner } from './script-started-tools.js';

/**
 * Whether a script, which CI does not run, only starts targets all of which calls of CI start: `nx affected:lint` beside
 * `nx affected -t lint test`.
 */
export function isOfTargetsOfCi(draft: Draft, all: readonly Draft[]): boolean {
  const { command, origin, evidence } = draft;
  if (command.kind !== 'script' || origin !== 'script' || isCheckedByCi([draft])) return false;
  const started = new Set(
    all.flatMap(({ command: other, preset }) =>
      other.kind === 'program' && preset !== undefined && isSpokenOfTargets(preset)
        ? targetsOfRunner(other.program, [...other.given, ...other.targets]).map(plain)
        : [],
    ),
  );
  if (started.size === 0) return false;
  const text = /^"[^"]*":\s*"(.*)"$/.exec(evidence[0]?.text ?? '')?.[1] ?? '';
  return onlyTargets(text)?.every((target) => started.has(plain(target))) ?? false;
}

/** An older spelling: `nx affected:lint`. */
function plain(target: string): string {
  return target.replace(/^affected:/, '');
}

/**
 * Takes out what CI does not run and what only runs tests of projects that other gates run, one by one or several at once: of a pattern of
 * names all those that are named anywhere.
 */
export function dropPartsOfProjects(drafts: Drafts): void {
  const told = [...drafts.byKey.values()].flatMap((draft) => {
    const of = projectsOf(draft);
    return of ? [{ draft, ...of }] : [];
  });
  // Smaller ones first: what runs several at once is kept.
  for (const { draft, names, rest } of [...told].sort((a, b) => a.names.length - b.names.length)) {
    if (isCheckedByCi([draft]) || draft.origin !== 'script' || isNeeded(draft, drafts)) continue;
    const others = told.filter((other) => other.draft !== draft && other.rest === rest);
    const run = new Set(others.filter((other) => drafts.byKey.has(other.draft.key)).flatMap((other) => other.names));
    const named = others.flatMap((other) => other.names).filter((name) => !name.includes('*'));
    const isRun = (name: string) => {
      if (!name.includes('*')) return run.has(name);
      const matches = globMatcher([name.replace(/[()[\]{}!+@?]/g, '\\$&')]);
      const own = named.filter((each) => matches(each));
      return own.length > 0 && own.every((each) => run.has(each));
    };
    if (names.every(isRun)) drafts.byKey.delete(draft.key);
  }
}

/** The projects whose tests a call runs, and its other words that decide what it finds; undefined where it names none. */
function projectsOf({ command, preset }: Draft): { readonly names: readonly string[]; readonly rest: string } | undefined {
  if (command.kind !== 'program' || !/^(?:vitest|playwright)$/.test(preset?.id ?? '')) return undefined;
  const names: string[] = [];
  const rest: string[] = [...command.targets];
  for (const [index, word] of command.options.entries()) {
    const name = /^--project=(.+)$/.exec(word)?.[1] ?? (command.options[index - 1] === '--project' ? word : undefined);
    if (name !== undefined) names.push(name);
    else if (!/^--project$|^--(?:coverage|reporter)(?:[=.].*)?$|^run$|^test$/.test(word)) rest.push(word);
  }
  return names.length > 0 ? { names, rest: JSON.stringify([preset?.id, rest, command.env]) } : undefined;
}
