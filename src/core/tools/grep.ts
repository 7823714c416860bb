/**
 * Grep: searches with ripgrep, one search by itself or several in one pass. Files with unsaved text are searched as the user sees them.
 */
import * as z from 'zod/mini';
import type { ToolName } from '../model.js';
import { searchFused } from './fused-search.js';
import { access, asList, described, globAccess, hasReference, ignoreRules, oneOrMore, pathGlobs, wholeFolder } from './place.js';
import { countReader, fileReader } from './ripgrep.js';
import { collectorOf, SEARCH_MODES } from './search.js';
import { addTo, ended, JSON_LINES, type Pass, searchUnsaved, walk } from './search-pass.js';
import { anchored, findWhere } from './searched.js';
import { INTERRUPTED, type Tool, type ToolContext, type ToolResult, toolFailed } from './tool.js';

export const grepSchema = z.strictObject({
  pattern: described(
    'What is searched for in each line: a regular expression in the syntax of ripgrep, or a text with `fixed`.',
    z.string().check(z.minLength(1)),
  ),
  paths: z.optional(
    oneOrMore('Files and directories that are searched, relative to the workspace folder. All of it when left out.', 0),
  ),
  glob: z.optional(
    oneOrMore(
      'Only files that match are searched, as in .gitignore: `*.ts` at any depth, `/src/**` from the folder. With a leading `!`, those are left out.',
      0,
    ),
  ),
  mode: z.optional(
    described(
      '`content` (the default): the lines. `files`: the names of files that have one. `count`: how many lines each file has.',
      z.enum(SEARCH_MODES),
    ),
  ),
  context: z.optional(
    described('How many lines before and after each are shown with it.', z.number().check(z.int(), z.gte(0), z.lte(100))),
  ),
  fixed: z.optional(described('The pattern is a text, not a regular expression.', z.boolean())),
  ignoreCase: z.optional(described('Upper and lower case are the same.', z.boolean())),
  multiline: z.optional(described('A match may span lines.', z.boolean())),
  most: z.optional(
    described(
      'How many lines, or files, are answered at most. 2000 when left out.',
      z.number().check(z.int(), z.gte(1), z.lte(1_000_000)),
    ),
  ),
});

export type GrepInput = z.infer<typeof grepSchema>;

export const grepTool: Tool<GrepInput> = {
  name: 'grep',
  description:
    'Searches the text of files with ripgrep and answers lines, names of files or counts, sorted by path. What .gitignore leaves out, node_modules and .git are not searched unless they are named.',
  schema: grepSchema,
  describe(input) {
    const where = [...asList(input.paths), ...asList(input.glob)].join(' ');
    return `grep ${input.pattern}${where === '' ? '' : ` in ${where}`}`;
  },
  access(input, place) {
    const paths = asList(input.paths);
    const globs = asList(input.glob);
    if ([...paths, ...globs].some(hasReference)) return access([wholeFolder(place)]);
    const searched =
      input.paths !== undefined
        ? pathGlobs(paths, place)
        : globs.some((glob) => !glob.startsWith('!'))
          ? globs.filter((glob) => !glob.startsWith('!')).map((glob) => globAccess(anchored(glob), place))
          : [wholeFolder(place)];
    return access([...new Set([...searched, ...ignoreRules(place)])]);
  },
  invoke: (input, context) => searchAlone(input, context),
};

// ------------------------------------------------------------------------------------------------------------------ alone

/** One search by itself. */
async function searchAlone(input: GrepInput, context: ToolContext): Promise<ToolResult> {
  const where = await findWhere(input, context);
  if ('kind' in where) return toolFailed(where.message);
  const pass: Pass = { input, patterns: [input.pattern], where, context };
  const collector = collectorOf(input);
  const isContent = (input.mode ?? 'content') === 'content';
  const around = isContent ? (input.context ?? 0) : 0;
  const end = isContent
    ? await walk(pass, [...JSON_LINES, `--context=${around}`], () => ({
        take: fileReader((file) => {
          if (!file.binary && where.accepts(file.path)) collector.addFile(file);
        }),
      }))
    : await walk(pass, [input.mode === 'files' ? '--files-with-matches' : '--count', '--null', '--with-filename'], () => ({
        take: countReader(input.mode === 'files', (path, count) => {
          if (where.accepts(path)) collector.addCount(path, count);
        }),
      }));
  if (end.kind !== 'done') return ended(end);
  const problem = await searchUnsaved(pass, around, (file) => {
    if (!file.binary) addTo(collector, input, file);
  });
  return problem ? ended(problem) : collector.result(end.unreadable);
}

// ----------------------------------------------------------------------------------------------------------------- fusion

/**
 * Does the work of several searches in one pass where they look into the same files in the same way. Each result is that of the tool
 * called alone with the input.
 */
export async function grepTogether(inputs: readonly GrepInput[], context: ToolContext): Promise<readonly ToolResult[]> {
  const groups = new Map<string, number[]>();
  inputs.forEach((input, index) => {
    const key = fusionKey('grep', input) ?? `alone ${index}`;
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  const results = new Map<number, ToolResult>();
  for (const indices of groups.values()) {
    const chosen = indices.flatMap((index) => inputs[index] ?? []);
    const found = await searchGroup(chosen, context);
    indices.forEach((index, at) => {
      results.set(index, found[at] ?? INTERRUPTED);
    });
  }
  return inputs.map((_, index) => results.get(index) ?? INTERRUPTED);
}

/**
 * Operations of one tool with the same key may be done in one pass, by `readTogether`, `globTogether`, `grepTogether` and `listTogether`; undefined: this
 * one is done alone. The input is one that the tool's schema accepts.
 */
export function fusionKey(tool: ToolName, input: unknown): string | undefined {
  switch (tool) {
    case 'read':
      return 'read';
    case 'glob':
      return `glob ${(input as { readonly ignored?: boolean }).ignored === true}`;
    case 'grep': {
      const { pattern, mode = 'content', context = 0, most, fixed = false, ignoreCase = false, ...rest } = input as GrepInput;
      if (rest.multiline || !readsLineByLine(pattern, fixed)) return undefined;
      const paths = rest.paths === undefined ? null : asList(rest.paths);
      return `grep ${JSON.stringify([paths, asList(rest.glob), mode, mode === 'content' ? context : 0, most ?? null, fixed, ignoreCase])}`;
    }
    case 'list':
      return 'list';
    case 'inspect':
    case 'command':
    case 'write':
    case 'edit':
    case 'fetch':
    case 'agent':
      return undefined;
    default:
      return tool satisfies never;
  }
}

/**
 * Whether a pattern finds in a line by itself what it finds there among others: no anchor to the start or the end of a file, and no flag
 * that could make one. May say no too often.
 */
function readsLineByLine(pattern: string, fixed: boolean): boolean {
  if (/[\r\n]/.test(pattern)) return false;
  return fixed || (!/\\[AzZ]/.test(pattern) && !/\(\?(?![:<i]|P<)|\(\?i(?![:)])/.test(pattern));
}

/** Searches that differ in their patterns only. */
async function searchGroup(inputs: readonly GrepInput[], context: ToolContext): Promise<readonly ToolResult[]> {
  const [first] = inputs;
  const patterns = [...new Set(inputs.map((input) => input.pattern))];
  const answers = first && patterns.length > 1 ? await searchFused(first, patterns, context) : undefined;
  if (answers) return inputs.map((input) => answers.get(input.pattern) ?? INTERRUPTED);
  const alone = new Map<string, ToolResult>();
  const results: ToolResult[] = [];
  for (const input of inputs) {
    const result = alone.get(input.pattern) ?? (await searchAlone(input, context));
    alone.set(input.pattern, result);
    results.push(result);
  }
  return results;
}
