/**
 * What of a workspace may decide a gate's result: every file below a folder, also where a link leads to, with what git ignores told apart.
 * Installed packages are known by what an installation leaves, so only those of them are looked into that are linked from elsewhere.
 */
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isLeftover } from './ignored.js';
import { isInside } from './paths.js';

/** More of what git ignores, or of what links lead to, than this is not looked at, so that nothing is known of who may read it. */
const MOST = { ignored: 20_000, linked: 20_000 } as const;

export interface TreeFile {
  /** Relative to the folder with `/`; behind a link as it is called there. */
  readonly name: string;
  readonly entry: Dirent;
  /** Git ignores it: known by what the file system says of it, not by its content. */
  readonly ignored: boolean;
  /** A link leads there. */
  readonly linked: boolean;
}

/**
 * Everything below the folder that is no directory, by name, without `caches` (absolute) and git's own. A link stands for itself and for all
 * that it leads to. Rejects when that is too much to be known.
 */
export async function readsTree(folder: string, caches: ReadonlySet<string>): Promise<readonly TreeFile[]> {
  const found: TreeFile[] = [];
  const left: Record<keyof typeof MOST, number> = { ...MOST };
  const take = (kind: keyof typeof MOST): void => {
    left[kind] -= 1;
    if (left[kind] < 0) throw new Error(`${folder} has more than ${MOST[kind]} ${kind} files`);
  };
  const top = realpathSync(folder);
  const visit = async (directory: string, { rules, below, links }: Place): Promise<void> => {
    const entries = await readdir(path.join(folder, directory), { withFileTypes: true });
    const own = entries.some(({ name }) => name === '.gitignore') ? ruleIn(folder, directory) : undefined;
    const all = own ? [...rules, own] : rules;
    const inner: (readonly [name: string, place: Place])[] = [];
    for (const entry of entries) {
      const name = directory === '' ? entry.name : `${directory}/${entry.name}`;
      const place = path.join(folder, name);
      if (entry.name === '.git' || (caches.size > 0 && caches.has(place))) continue;
      const ignored = below || isIgnored(entry.isDirectory() ? `${name}/` : name, all);
      if (entry.name === 'node_modules' && !entry.isFile()) {
        const installed = installedIn(place, ignored || entry.isSymbolicLink());
        if (installed !== undefined) {
          // Their own rules hold there, not those of the workspace, which leave out all that is installed.
          const linked = linkedFrom(installed, top).map(
            ({ file, real }) => [file, { rules: [], below: false, links: [...links, real] }] as const,
          );
          inner.push(...linked.map(([file, where]) => [`${name}/${file}`, where] as const));
          continue;
        }
      }
      if (ignored && isLeftover(entry.name)) continue;
      if (ignored) take('ignored');
      if (links.length > 0) take('linked');
      if (entry.isDirectory()) {
        inner.push([name, { rules: all, below: ignored, links }]);
        continue;
      }
      // What tools read of their own accord is often ignored, and small.
      found.push({ name, entry, ignored: ignored && !entry.name.startsWith('.env'), linked: links.length > 0 });
      const real = entry.isSymbolicLink() ? directoryBehind(place) : undefined;
      if (real === undefined || !leadsOn(real, place, { top, links })) continue;
      inner.push([name, { rules: all, below: ignored, links: [...links, real] }]);
    }
    await Promise.all(inner.map(([name, place]) => visit(name, place)));
  };
  await visit('', { rules: [], below: false, links: [] });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** How a directory was come by. */
interface Place {
  readonly rules: readonly Rule[];
  /** Git ignores a directory above it. */
  readonly below: boolean;
  /** Where the links that led there really lead, the outermost first. */
  readonly links: readonly string[];
}

// ---------------------------------------------------------------------------------------------------------------- links

/** Where a link to a directory really leads; undefined for a link to anything else, or to nothing. */
function directoryBehind(link: string): string | undefined {
  try {
    return statSync(link).isDirectory() ? realpathSync(link) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a link leads to what has not been come through. Throws where it leads to a place around the workspace: too much to be looked at. */
function leadsOn(
  real: string,
  link: string,
  { top, links }: { readonly top: string; readonly links: readonly string[] },
): boolean {
  if (real !== top && isInside(real, top)) throw new Error(`${link} leads to a directory around the workspace`);
  return !isInside(real, realpathSync(path.dirname(link))) && !links.some((each) => isInside(real, each));
}

interface Installed {
  readonly directory: string;
  readonly entries: readonly Dirent[];
}

/** What package managers leave in their directory. */
const MARKS: ReadonlySet<string> = new Set(['.package-lock.json', '.modules.yaml', '.yarn-integrity', '.yarn-state.yml', '.bin']);

/** The entries of a `node_modules` that was installed; undefined of one that belongs to the repository, as those of fixtures do. */
function installedIn(directory: string, known: boolean): Installed | undefined {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return { directory, entries: [] };
  }
  return known || entries.some(({ name }) => MARKS.has(name)) ? { directory, entries } : undefined;
}

/** Packages that are worked on somewhere else: no lock file tells when they change. Those of the workspace count where they lie. */
function linkedFrom({ directory, entries }: Installed, top: string): readonly { readonly file: string; readonly real: string }[] {
  const links = entries.flatMap((entry) => {
    if (entry.isSymbolicLink()) return [entry.name];
    if (!entry.isDirectory() || !entry.name.startsWith('@')) return [];
    const scoped = readdirSync(path.join(directory, entry.name), { withFileTypes: true });
    return scoped.filter((each) => each.isSymbolicLink()).map(({ name }) => `${entry.name}/${name}`);
  });
  return links.flatMap((file) => {
    const real = directoryBehind(path.join(directory, file));
    const isElsewhere = real !== undefined && !isInside(top, real) && !isInside(real, top);
    return isElsewhere && !real.split(path.sep).includes('node_modules') ? [{ file, real }] : [];
  });
}

// -------------------------------------------------------------------------------------------------------------- ignored

interface Rule {
  readonly directory: string;
  readonly ignored: Ignore;
}

function ruleIn(folder: string, directory: string): Rule {
  return { directory, ignored: ignore().add(readFileSync(path.join(folder, directory, '.gitignore'), 'utf8')) };
}

function isIgnored(name: string, rules: readonly Rule[]): boolean {
  let ignored = false;
  for (const { directory, ignored: own } of rules) {
    const result = own.test(directory === '' ? name : name.slice(directory.length + 1));
    ignored = result.ignored || (ignored && !result.unignored);
  }
  return ignored;
}
