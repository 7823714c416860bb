/** Whether a hook of pre-commit is about other files than its bare tool: by what its file says of places and endings. Pure. */
import { globMatcher } from '../glob-match.js';
import type { HookLimits } from './mention.js';
import type { Preset } from './preset.js';

/**
 * Whether `limits` leave out files that the tool would look at by itself. `said` is all that the tool's own configuration says: what it
 * says, too, makes no difference.
 */
export function isLimited({ files, exclude }: HookLimits, preset: Preset, said: string): boolean {
  const text = withoutEscapes(said);
  const isSaid = (place: string) => new RegExp(`(?<![\\w-])${escapeRegExp(place)}(?![\\w-])`).test(text);
  const takes = takenBy(preset);
  const narrows = files.some((pattern) => {
    const endings = endingsOf(pattern);
    // Of a tool of which only the exit code is read nobody knows for which files it is.
    if (endings) return preset.documentation !== '' && ENDINGS.some((ending) => takes(`x.${ending}`) && !endings.has(ending));
    const places = placesIn(pattern);
    return places.length > 0 && !places.every(isSaid);
  });
  const leavesOut = exclude.some((pattern) => {
    const endings = endingsOf(pattern);
    if (endings) return [...endings].some((ending) => takes(`x.${ending}`) && !isSaid(`.${ending}`));
    return placesIn(pattern).some((place) => !isSaid(place) && (!isFile(place) || takes(place)));
  });
  return narrows || leavesOut;
}

/** Kinds of files of which a tool that looks at several is told some by endings. */
const ENDINGS = ['py', 'md', 'rst', 'js', 'ts', 'css', 'html', 'json', 'yml', 'toml', 'rs', 'go', 'c', 'sh'];

/** Whether a tool looks at a file of this name. */
function takenBy({ takes, inputs }: Preset): (file: string) => boolean {
  const globs = takes.length > 0 ? takes : inputs;
  return globs.length === 0 ? () => true : globMatcher(globs);
}

/** `\.pyi?$`, `\.(?:md|yml)$`: the endings that a pattern is about, where it is about nothing else. */
function endingsOf(pattern: string): ReadonlySet<string> | undefined {
  const match = /^(?:\^?\.[*+])?\\\.(?:\((?:\?:)?([\w|?]+)\)|([\w?]+))\$?$/.exec(pattern.trim());
  const said = match?.[1] ?? match?.[2];
  if (said === undefined) return undefined;
  // `pyi?`: with the letter before the mark and without.
  const both = (each: string) => (each.includes('?') ? [each.replace('?', ''), each.replace(/\w\?/, '')] : [each]);
  return new Set(said.split('|').flatMap(both));
}

/** Names of folders and files that stand in a pattern, without slashes around them. */
function placesIn(pattern: string): readonly string[] {
  const plain = withoutEscapes(pattern.replace(/^\(\?[a-z]+\)/, '').replace(/#.*$/gm, ''));
  return plain
    .split(/[\s|()^$*+?[\]{}:!=<>]+/)
    .map((part) => part.replace(/^[./]+(?=\w)|[./]+$/g, ''))
    .filter((part) => /\w{2}/.test(part));
}

function isFile(place: string): boolean {
  return /[\w-]\.[a-z]\w*$/i.test(place);
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function withoutEscapes(text: string): string {
  return text.replaceAll(/\\+([./-])/g, '$1');
}
