/**
 * Glob: the files whose paths match, without what .gitignore files leave out. Several globs share one walk: each result is picked from
 * what the walk found by the matcher that the walk itself uses.
 */
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import fastGlob from 'fast-glob';
import micromatch from 'micromatch';
import * as z from 'zod/mini';
import { alternativesIn } from '../glob-match.js';
import { type Ignores, ignoreTest, NEVER_WALKED, readIgnores } from '../ignored.js';
import type { Folder } from '../model.js';
import { slashes } from '../paths.js';
import { slices } from '../slices.js';
import { counted, cutMarker, unsavedFiles } from './files.js';
import { access, asList, described, findPlace, globAccess, hasReference, ignoreRules, oneOrMore, wholeFolder } from './place.js';
import { INTERRUPTED, type Tool, type ToolContext, type ToolResult, toolFailed } from './tool.js';

export const globSchema = z.strictObject({
  patterns: oneOrMore(
    'Which files are found: `src/**/*.ts`. Relative to the workspace folder; one with a leading `!` takes away what it matches.',
    1,
  ),
  ignored: z.optional(
    described('Files that .gitignore leaves out are found, too. Never what is in node_modules or .git.', z.boolean()),
  ),
});

export type GlobInput = z.infer<typeof globSchema>;

/** What a walk needs. */
export type GlobContext = Pick<ToolContext, 'folder' | 'host' | 'signal'>;

/** How much text one answer has, in bytes. Its list of files is always whole. */
const TEXT_BYTES = 1_000_000;

export const globTool: Tool<GlobInput> = {
  name: 'glob',
  description: 'Finds files by patterns, sorted. What .gitignore leaves out, node_modules and .git are not found.',
  schema: globSchema,
  describe: (input) => `glob ${asList(input.patterns).join(' ')}`,
  access(input, place) {
    const patterns = asList(input.patterns);
    if (patterns.some(hasReference)) return access([wholeFolder(place)]);
    const reads = positive(patterns).flatMap((pattern) => {
      const relative = relativePattern(pattern, place.folder);
      return typeof relative === 'string' ? [globAccess(relative, place)] : [];
    });
    // Whether a file is found can depend on any rule above it.
    return access([...new Set([...reads, ...(input.ignored ? [] : ignoreRules(place))])]);
  },
  async invoke(input, context) {
    return (await globTogether([input], context))[0] ?? INTERRUPTED;
  },
};

/** Does the work of several invocations in one walk. Each result is that of the tool called alone with the input. */
export async function globTogether(inputs: readonly GlobInput[], context: GlobContext): Promise<readonly ToolResult[]> {
  const globs = await Promise.all(inputs.map((input) => prepare(input, context.folder)));
  const ready = globs.filter((glob) => glob.kind === 'ready');
  const found = new Map<Prepared, readonly string[]>();
  const union = await walk(
    ready.flatMap((glob) => (glob.shares ? glob.positive : [])),
    context,
  );
  // What starts behind a symbolic link would be found or not, depending on what else is looked for.
  for (const glob of ready) found.set(glob, glob.shares ? union : await walk(glob.positive, context));
  const wanted = globs.some((glob, index) => glob.kind === 'ready' && !inputs[index]?.ignored);
  const isIgnored = wanted ? ignoreTest(await rulesFor([...new Set([...found.values()].flat())], context)) : () => false;
  const results: ToolResult[] = [];
  for (const [index, glob] of globs.entries()) {
    if (glob.kind === 'refused') results.push(toolFailed(glob.message));
    else results.push(await pick(glob, found.get(glob) ?? [], inputs[index]?.ignored ? () => false : isIgnored, context));
  }
  return context.signal.aborted ? inputs.map(() => INTERRUPTED) : results;
}

/**
 * The files in the folder that patterns match, sorted, without those whose names or directories start with a dot; for whoever needs names
 * before anything runs. Refused as the tool refuses patterns.
 */
export async function filesMatching(
  patterns: readonly string[],
  folder: Folder,
): Promise<{ readonly kind: 'files'; readonly files: readonly string[] } | RefusedGlob> {
  const glob = await prepare({ patterns: [...patterns] }, folder);
  if (glob.kind === 'refused') return glob;
  const options = { cwd: folder.path, dot: false, ignore: [...NEVER_WALKED], followSymbolicLinks: false, suppressErrors: true };
  const found = glob.positive.length === 0 ? [] : await fastGlob([...glob.positive], options);
  return { kind: 'files', files: found.filter((name) => glob.matches(name)).sort() };
}

// --------------------------------------------------------------------------------------------------------------- patterns

interface Prepared {
  readonly kind: 'ready';
  readonly positive: readonly string[];
  matches(path: string): boolean;
  /** No pattern starts behind a symbolic link. */
  readonly shares: boolean;
}

interface RefusedGlob {
  readonly kind: 'refused';
  readonly message: string;
}

// As fast-glob calls it.
const MATCHING = { dot: true, posix: true, strictSlashes: false } as const;

async function prepare(input: GlobInput, folder: Folder): Promise<Prepared | RefusedGlob> {
  const patterns: string[] = [];
  for (const given of asList(input.patterns)) {
    const not = isNegative(given) ? '!' : '';
    const relative = relativePattern(given.slice(not.length), folder);
    if (typeof relative !== 'string') return relative;
    patterns.push(not + relative);
  }
  const wanted = positive(patterns);
  try {
    const is = wanted.map((pattern) => matcherOf(pattern));
    const isNot = patterns.filter(isNegative).map((pattern) => matcherOf(pattern.slice(1)));
    // Each by itself: together they may be one walk from the folder on, which says nothing of where each starts.
    const bases = new Set(wanted.flatMap((pattern) => fastGlob.generateTasks([pattern]).map((task) => startOfTask(task))));
    const turns = slices();
    const starting: ReturnType<typeof startOf>[] = [];
    for (const base of bases) {
      if (turns.due()) await turns.next();
      starting.push(startOf(base, folder));
    }
    const starts = await Promise.all(starting);
    const outside = starts.find((start) => start.kind === 'refused');
    if (outside) return outside;
    return {
      kind: 'ready',
      positive: wanted,
      matches: (name) => is.some((matches) => matches(name)) && !isNot.some((matches) => matches(name)),
      shares: starts.every((start) => start.kind === 'found' && start.direct),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', message: `The patterns of this glob cannot be read: ${why}. Write them in another way.` };
  }
}

function isNegative(pattern: string): boolean {
  return pattern.startsWith('!') && !pattern.startsWith('!(');
}

function positive(patterns: readonly string[]): readonly string[] {
  return patterns.filter((pattern) => !isNegative(pattern));
}

/** A pattern from the folder on. One that is absolute has to start with the folder. */
function relativePattern(given: string, folder: Folder): string | RefusedGlob {
  const refuse = (message: string): RefusedGlob => ({ kind: 'refused', message });
  if (given.includes('\0'))
    return refuse(`The pattern ${JSON.stringify(given)} holds a null byte, which no name can. Take it out.`);
  const root = `${slashes(folder.path).replace(/\/+$/, '')}/`;
  const pattern = (given.startsWith(root) ? given.slice(root.length) : given).replace(/^(?:\.\/+)+/, '').replace(/\/{2,}/g, '/');
  if (pattern === '') return refuse('A pattern is empty. Write for instance `**/*.ts`.');
  if (pattern.length > LONGEST_PATTERN || alternativesIn(pattern) > MOST_ALTERNATIVES)
    return refuse(
      `The pattern ${named(pattern)} is too long, or its braces stand for too many patterns. Write it shorter, or as several.`,
    );
  if (pattern.startsWith('/') || /^[A-Za-z]:/.test(pattern) || /(?:^|[/{,(|])\.\.(?:[/},)|]|$)/.test(pattern)) {
    return refuse(
      `The pattern ${given} may lead out of the workspace folder ${folder.path}, where Volley reads nothing. Write it from the folder on, without \`..\`.`,
    );
  }
  return pattern;
}

/** Braces multiply: what is written in a line can stand for more than any memory holds. */
const MOST_ALTERNATIVES = 1000;
const LONGEST_PATTERN = 4096;

function named(pattern: string): string {
  return pattern.length <= 80 ? pattern : `${pattern.slice(0, 79)}…`;
}

/** The test that fast-glob makes of a pattern. */
function matcherOf(pattern: string): (name: string) => boolean {
  const options = { expand: true, nodupes: true, keepEscaping: true } as micromatch.Options;
  const tests = micromatch
    .braces(pattern, options)
    .filter((each) => each !== '')
    .map((each) => oneMatcher(each));
  return (name) => tests.some((test) => test(name));
}

function oneMatcher(pattern: string): (name: string) => boolean {
  const plain = unescaped(pattern);
  if (!fastGlob.isDynamicPattern(pattern)) return (name) => name === plain;
  const expression = micromatch.makeRe(pattern, MATCHING);
  const [start = '.'] = fastGlob.generateTasks([pattern]).map((task) => task.base);
  // `a/**` also fits a file `a`, which a walk that starts in `a` never comes to.
  const below = start === '.' ? '' : `${start}/`;
  return (name) => expression instanceof RegExp && name.startsWith(below) && expression.test(name);
}

/** The directory from which a task is walked; of a path without wildcards the one that it lies in. */
function startOfTask({ base, dynamic, positive: patterns }: fastGlob.Task): string {
  const [only] = patterns;
  return dynamic || only === undefined ? base : path.posix.dirname(unescaped(only));
}

function unescaped(pattern: string): string {
  return pattern.replace(/\\(?=[!*?@+()|[\]{}"$<>^\\])/g, '');
}

/** Whether a walk may start at `base`, relative to the folder, and whether its path leads through no symbolic link. */
async function startOf(
  base: string,
  folder: Folder,
): Promise<{ readonly kind: 'found'; readonly direct: boolean } | RefusedGlob> {
  const place = await findPlace(base, folder);
  if (place.kind === 'refused') return place;
  const [root, real] = await Promise.all([folder.path, place.file].map((each) => realpath(each).catch(() => undefined)));
  return {
    kind: 'found',
    direct:
      real === undefined ||
      root === undefined ||
      path.relative(root, real) === path.normalize(place.path || '.').replace(/^\.$/, ''),
  };
}

// ------------------------------------------------------------------------------------------------------------------- walk

/** Paths with `/` that fast-glob finds, and unsaved files, which may not be on disk yet. */
async function walk(patterns: readonly string[], context: GlobContext): Promise<readonly string[]> {
  const { folder, host, signal } = context;
  if (patterns.length === 0 || signal.aborted) return [];
  const options = { cwd: folder.path, dot: true, ignore: [...NEVER_WALKED], followSymbolicLinks: false, suppressErrors: true };
  const found = new Set<string>();
  const stream = fastGlob.stream([...new Set(patterns)], options);
  await new Promise<void>((resolve) => {
    stream.on('data', (name: string) => found.add(name));
    const stop = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    stream.once('end', stop);
    stream.once('error', stop);
    signal.addEventListener('abort', stop, { once: true });
  });
  for (const name of unsavedFiles(host, folder)) if (!/(?:^|\/)(?:node_modules|\.git)\//.test(name)) found.add(name);
  return [...found];
}

/** The rules that hold for the files. */
async function rulesFor(files: readonly string[], { folder }: GlobContext): Promise<Ignores> {
  const turns = slices();
  const directories = new Set<string>();
  for (const name of files) {
    let directory = path.posix.dirname(name);
    while (!directories.has(directory)) {
      directories.add(directory);
      directory = path.posix.dirname(directory);
    }
    if (turns.due()) await turns.next();
  }
  const rules: string[] = [];
  for (const directory of directories) {
    const file = path.join(folder.path, directory, '.gitignore');
    if (existsSync(file)) rules.push(file);
    if (turns.due()) await turns.next();
  }
  return readIgnores(rules);
}

async function pick(
  glob: Prepared,
  found: readonly string[],
  isIgnored: (file: string) => boolean,
  { folder }: GlobContext,
): Promise<ToolResult> {
  const turns = slices();
  const files: string[] = [];
  for (const name of found) {
    if (glob.matches(name) && !isIgnored(path.join(folder.path, name))) files.push(name);
    if (turns.due()) await turns.next();
  }
  files.sort();
  return resultOf(files);
}

function resultOf(files: readonly string[]): ToolResult {
  let bytes = 0;
  const over = files.findIndex((name) => {
    bytes += Buffer.byteLength(name) + 1;
    return bytes > TEXT_BYTES;
  });
  const shown = over < 0 ? files : files.slice(0, over);
  const cutBytes = files.slice(shown.length).reduce((sum, name) => sum + Buffer.byteLength(name) + 1, 0);
  const text = shown.map((name) => `${name}\n`).join('');
  return {
    end: { kind: 'passed' },
    text: cutBytes > 0 ? `${text}${cutMarker(cutBytes)}\n` : text,
    files,
    json: files,
    answer: { summary: counted(files.length, 'file'), ...(cutBytes > 0 ? { cutBytes } : {}) },
  };
}
