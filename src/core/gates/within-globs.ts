/** Globs of tests that lie within other globs. Pure. */
import { globMatcher, hasGlob } from '../glob-match.js';
import { type Draft, isCheckedByCi } from './drafts.js';
import type { Preset } from './preset.js';

/**
 * Whether a script that CI does not run starts a tool for tests which CI runs by another glob: each of its words is one of the other call's,
 * or a glob or a file that a glob there finds, too.
 */
export function isWithinGlobsOfCi(draft: Draft, all: readonly Draft[]): boolean {
  const { origin, category, preset, command } = draft;
  if (origin !== 'script' || category !== 'test' || !preset || command.kind !== 'program' || isCheckedByCi([draft])) return false;
  const mine = toldTool(command.given, preset);
  return all.some(({ command: other, preset: its, evidence }) => {
    if (other.kind !== 'program' || other === command || its?.id !== preset.id || !isCheckedByCi([{ evidence }])) return false;
    const theirs = toldTool(other.given, preset);
    const within = (word: string) => theirs.some((upper) => globCovers(upper, word) || finds(upper, word));
    return mine.every((word) => theirs.includes(word) || within(word)) && mine.some((word) => !theirs.includes(word));
  });
}

/** What the tool is told besides how it shows results, whatever starts it. */
function toldTool(given: readonly string[], { programs, id }: Preset): readonly string[] {
  const start = given.findLastIndex((word) => word === id || programs.includes(word));
  const words = given.slice(start + 1);
  return words.filter((word, index) => !REPORTER.test(word) && !/^(?:-R|--reporter)$/.test(words[index - 1] ?? ''));
}

const REPORTER = /^(?:-R|--reporter)(?:=|$)/;

/** Whether a glob finds a file, which lies in a folder. */
function finds(upper: string, file: string): boolean {
  const isFile = !file.startsWith('-') && !hasGlob(file) && /\/[^/]+\.\w+$/.test(file);
  return isFile && hasGlob(upper) && globMatcher([upper.replace(/^\.\//, '')])(file.replace(/^\.\//, ''));
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
