/** Globs of tests that lie within other globs. Pure. */
import { type Draft, isCheckedByCi } from './drafts.js';

/**
 * Whether a script that CI does not run starts a tool for tests which CI runs by another glob: each of its words is one of the other call's,
 * or a glob of files that a glob there finds, too.
 */
export function isWithinGlobsOfCi(draft: Draft, all: readonly Draft[]): boolean {
  const { origin, category, preset, command } = draft;
  if (origin !== 'script' || category !== 'test' || !preset || command.kind !== 'program' || isCheckedByCi([draft])) return false;
  if (!command.given.some((word) => word.includes('*'))) return false;
  return all.some(({ command: other, preset: its, evidence }) => {
    if (other.kind !== 'program' || other === command || its?.id !== preset.id || !isCheckedByCi([{ evidence }])) return false;
    const within = (word: string) => other.given.some((upper) => globCovers(upper, word));
    return (
      command.given.every((word) => other.given.includes(word) || within(word)) &&
      command.given.some((word) => !other.given.includes(word))
    );
  });
}

/** Whether all files of one glob are files of the other, as far as their spelling says: part by part, each the same or narrower. */
export function globCovers(upper: string, glob: string): boolean {
  if (!upper.includes('*')) return false;
  return covers(parts(upper), parts(glob));
}

function parts(glob: string): readonly string[] {
  return glob.replace(/^\.\//, '').split(/\/(?![^(]*\))/);
}

function covers([first, ...rest]: readonly string[], below: readonly string[]): boolean {
  if (first === undefined) return below.length === 0;
  if (first === '**') return rest.length > 0 && below.some((_, index) => covers(rest, below.slice(index)));
  const [own, ...others] = below;
  return own !== undefined && own !== '**' && coversPart(first, own) && covers(rest, others);
}

/** Of a pattern only that it ends in something is understood: `*.js` finds what `http*.js` finds. */
function coversPart(upper: string, part: string): boolean {
  const ending = /^\*([\w.-]*)$/.exec(upper)?.[1];
  return upper === part || (ending !== undefined && !part.startsWith('.') && part.endsWith(ending));
}
