/**
 * The packages that globs of a manifest name. A walk of our own, since anybody may have written them: walkers that make regular
 * expressions of globs, or write out their braces, can be held for ever by one. Reads directories; executes nothing.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { globMatcher, hasGlob } from '../glob-match.js';
import { NAMES_NEVER_WALKED } from '../ignored.js';

/**
 * The directories below `directory`, absolute, that have a package.json and match one of `globs`, and none of those that start with `!`:
 * absolute, sorted. At most five levels down; neither links to directories nor directories with a dot are gone into. Never rejects.
 */
export async function packagesLike(directory: string, globs: readonly string[]): Promise<readonly string[]> {
  const manifests = globs.map((glob) => `${glob.replace(/^(!?)(?:\.\/)+/, '$1').replace(/\/+$/, '')}/package.json`);
  const isNegated = (glob: string) => glob.startsWith('!') && !glob.startsWith('!(');
  const wanted = manifests.filter((glob) => !isNegated(glob));
  const matches = globMatcher([...wanted, ...manifests.filter(isNegated)]);
  const found = new Set<string>();
  let level = startsOf(wanted);
  while (level.size > 0) {
    const below = new Map<string, number>();
    const places = [...level];
    for (let index = 0; index < places.length; index += AT_ONCE) {
      const some = places.slice(index, index + AT_ONCE);
      const listed = await Promise.all(
        some.map(([place]) => readdir(path.join(directory, place), { withFileTypes: true }).catch(() => [])),
      );
      for (const [at, [place, depth]] of some.entries()) {
        for (const entry of listed[at] ?? []) {
          const name = place === '' ? entry.name : `${place}/${entry.name}`;
          if (entry.name === 'package.json' && matches(name)) found.add(path.join(directory, place));
          if (depth > 0 && entry.isDirectory() && !entry.name.startsWith('.') && !NAMES_NEVER_WALKED.has(entry.name))
            below.set(name, Math.max(depth - 1, below.get(name) ?? 0));
        }
      }
    }
    level = below;
  }
  return [...found].sort();
}

const DEEPEST = 5;
const AT_ONCE = 64;

/** Where walks start, each with how many levels it goes down: what a glob names without a doubt is gone to at once. */
function startsOf(globs: readonly string[]): Map<string, number> {
  const starts = new Map<string, number>();
  for (const glob of globs) {
    const segments = glob.split('/').slice(0, -1);
    const unsure = segments.findIndex((segment) => hasGlob(segment) || segment.includes('\\'));
    const known = unsure < 0 ? segments : segments.slice(0, unsure);
    const rest = segments.slice(known.length);
    // Braces may hold slashes.
    const open = rest.some((segment) => segment.includes('**') || (segment.includes('{') && !segment.includes('}')));
    const depth = Math.min(open ? DEEPEST : rest.length, DEEPEST - known.length);
    const start = known.filter((segment) => segment !== '.' && segment !== '').join('/');
    if (depth >= 0) starts.set(start, Math.max(depth, starts.get(start) ?? 0));
  }
  return starts;
}
