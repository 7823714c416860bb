/** Problem matchers as they stand in volley.jsonc, made into those of the model. */
import path from 'node:path';
import type { ProblemMatcher, ProblemPattern } from '../gate-model.js';
import type { Severity } from '../model.js';
import type { GateSettings, MatcherSettings, PatternSettings } from './configuration-schema.js';
import { hintOf, knownMatcher, knownPattern } from './known-matchers.js';

/** Where the names of files in output start. Absolute, native. */
export interface MatcherPlaces {
  readonly folder: string;
  readonly cwd: string;
}

/** What is wrong, and where below `problemMatcher`. `message` completes "problemMatcher …". */
export interface MatcherProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface NormalisedMatchers {
  /** Without those that have a problem. */
  readonly matchers: readonly ProblemMatcher[];
  readonly problems: readonly MatcherProblem[];
}

type Settings = NonNullable<GateSettings['problemMatcher']>;
type FileLocation = ProblemMatcher['fileLocation'];
type Report = (at: MatcherProblem['path'], message: string) => undefined;

/** Takes names, bases and defaults apart. Guarantees that every regular expression of `matchers` compiles. */
export function normaliseMatchers(settings: Settings, places: MatcherPlaces): NormalisedMatchers {
  const problems: MatcherProblem[] = [];
  const matchers: ProblemMatcher[] = [];
  const list = Array.isArray(settings) ? settings : [settings];
  for (const [index, entry] of list.entries()) {
    const start = Array.isArray(settings) ? [index] : [];
    const report: Report = (at, message) => {
      problems.push({ path: [...start, ...at], message });
    };
    const matcher = typeof entry === 'string' ? wellKnown(entry, [], report) : withBase(entry, report);
    const normalised = matcher && normalise(matcher, places, report);
    if (normalised) matchers.push(normalised);
  }
  return { matchers, problems };
}

function wellKnown(name: string, at: MatcherProblem['path'], report: Report): MatcherSettings | undefined {
  return knownMatcher(name) ?? report(at, unknown(name, 'matchers'));
}

function unknown(name: string, of: 'matchers' | 'patterns'): string {
  return `names “${name.slice(0, 60)}”, which is not known. ${hintOf(name, of)}`;
}

function withBase(matcher: MatcherSettings, report: Report): MatcherSettings | undefined {
  if (matcher.base === undefined) return matcher;
  const base = wellKnown(matcher.base, ['base'], report);
  return base && { ...base, ...matcher };
}

function normalise(matcher: MatcherSettings, places: MatcherPlaces, report: Report): ProblemMatcher | undefined {
  const { pattern, severity = 'error' } = matcher;
  if (pattern === undefined) return report([], 'needs a “pattern”, or a “base” that has one.');
  const named = typeof pattern === 'string' ? knownPattern(pattern) : pattern;
  if (named === undefined || typeof named === 'string') return report(['pattern'], unknown(String(pattern), 'patterns'));
  const patterns = patternsOf(named, typeof pattern === 'string', report);
  const fileLocation = locationOf(matcher.fileLocation ?? 'relative', places, report);
  if (!patterns || !fileLocation) return undefined;
  const source = matcher.source ?? matcher.owner;
  return { ...(source === undefined ? {} : { source }), severity: SEVERITY[severity], fileLocation, patterns };
}

const SEVERITY: Readonly<Record<'error' | 'warning' | 'info', Severity>> = {
  error: 'error',
  warning: 'warning',
  info: 'information',
};

// -------------------------------------------------------------------------------------------------------------- patterns

type Patterns = Exclude<NonNullable<MatcherSettings['pattern']>, string>;

function patternsOf(settings: Patterns, known: boolean, report: Report): readonly ProblemPattern[] | undefined {
  const single = !Array.isArray(settings);
  const list = single ? [withDefaults(settings)] : settings;
  const at = (index: number, ...more: readonly string[]) =>
    known ? ['pattern'] : ['pattern', ...(single ? [] : [index]), ...more];
  let fits = true;
  const complain = (where: MatcherProblem['path'], message: string) => {
    report(where, message);
    fits = false;
  };
  for (const [index, { regexp, loop, kind }] of list.entries()) {
    const reason = whyNoExpression(regexp);
    if (reason !== undefined) complain(at(index, 'regexp'), `has a regular expression that cannot be read: ${reason}.`);
    if (loop && index < list.length - 1) complain(at(index, 'loop'), 'may “loop” only in the last of several patterns.');
    if (kind !== undefined && index > 0) complain(at(index, 'kind'), 'may have a “kind” only in its first pattern.');
  }
  const has = (property: keyof PatternSettings) => list.some((each) => each[property] !== undefined);
  if (!has('file') || !has('message')) complain(['pattern'], 'needs patterns that together capture “file” and “message”.');
  else if (list[0]?.kind !== 'file' && !has('line') && !has('location'))
    complain(['pattern'], 'needs a pattern that captures “line” or “location”, or “kind”: “file”.');
  return fits ? list.map(patternOf) : undefined;
}

/** A pattern alone has the groups that VS Code gives it; the third is the column unless it is something else already. */
function withDefaults(pattern: PatternSettings): PatternSettings {
  const filled = { ...pattern, file: pattern.file ?? 1, message: pattern.message ?? 0 };
  if (pattern.kind === 'file' || pattern.location !== undefined) return filled;
  const taken = Object.values(filled).includes(3);
  return { ...filled, line: pattern.line ?? 2, ...(pattern.column === undefined && !taken ? { column: 3 } : {}) };
}

function patternOf({ kind = 'location', regexp, loop, ...groups }: PatternSettings): ProblemPattern {
  const given = Object.fromEntries(Object.entries(groups).filter(([, group]) => group !== undefined));
  return { regexp, kind, ...given, ...(loop ? { loop } : {}) };
}

function whyNoExpression(source: string): string | undefined {
  try {
    new RegExp(source);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return (message.split(': ').at(-1) ?? message).slice(0, 200);
  }
}

// -------------------------------------------------------------------------------------------------------------- location

function locationOf(
  settings: NonNullable<MatcherSettings['fileLocation']>,
  places: MatcherPlaces,
  report: Report,
): FileLocation | undefined {
  const [named, where] = typeof settings === 'string' ? [settings] : settings;
  // The documentation of VS Code writes it so, its schema the other way.
  const kind = named === 'autodetect' ? 'autoDetect' : named;
  const folder = (text: string) => folderOf(text, places, report);
  switch (kind) {
    case 'absolute':
      return { kind };
    case 'relative':
    case 'autoDetect': {
      const base = typeof where === 'string' ? folder(where) : places.cwd;
      return base === undefined ? undefined : { kind, base };
    }
    case 'search': {
      const { include, exclude } = typeof where === 'object' ? where : {};
      const included = include === undefined ? [places.cwd] : [include].flat().map(folder);
      const excluded = exclude === undefined ? [] : [exclude].flat().map(folder);
      const isKnown = (text: string | undefined) => text !== undefined;
      return [...included, ...excluded].every(isKnown)
        ? { kind, include: included.filter(isKnown), exclude: excluded.filter(isKnown) }
        : undefined;
    }
    default:
      return kind satisfies never;
  }
}

const VARIABLES: Readonly<Record<string, keyof MatcherPlaces>> = {
  '${workspaceFolder}': 'folder',
  '${workspaceRoot}': 'folder',
  '${fileWorkspaceFolder}': 'folder',
  '${cwd}': 'cwd',
};

function folderOf(text: string, places: MatcherPlaces, report: Report): string | undefined {
  const unknown = [...text.matchAll(/\$\{[^}]*\}/g)].map(([name]) => name).find((name) => !Object.hasOwn(VARIABLES, name));
  if (unknown !== undefined)
    return report(['fileLocation'], `uses ${unknown}. Only \${workspaceFolder} and \${cwd} can stand there.`);
  const filled = text.replace(/\$\{[^}]*\}/g, (name) => places[VARIABLES[name] ?? 'folder']);
  return path.resolve(places.cwd, filled);
}
