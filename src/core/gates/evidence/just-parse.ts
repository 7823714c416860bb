/** A justfile as its lines say it: recipes, plain variables, other names, and which other files belong to it. Pure. No library reads them outside of just itself. */
import { evaluated, interpolated, stringAt } from './just-values.js';

/** A parameter; without `fallback` it has to be given, where it is not `many` of which there may be none. */
export interface JustParameter {
  readonly name: string;
  /** An expression. */
  readonly fallback?: string;
  /** It takes all that is left. */
  readonly many: boolean;
}

/** Another recipe that one runs, with what it tells that; undefined where only just knows it. */
export interface JustNeed {
  readonly name: string;
  readonly args: readonly (string | undefined)[];
  /** Once the recipe is done. */
  readonly after: boolean;
}

export interface JustRecipe {
  readonly name: string;
  /** Of its heading, from 1; the same for its text. */
  readonly line: number;
  readonly heading: string;
  readonly parameters: readonly JustParameter[];
  readonly needs: readonly JustNeed[];
  readonly body: readonly { readonly text: string; readonly line: number }[];
  /** `lines`: a shell for each line. `script`: one for all. `other`: another language, or a question to the user before it. */
  readonly language: 'lines' | 'script' | 'other';
  /** It says that just runs it when it is told nothing; without such a one the first is run. */
  readonly isDefault: boolean;
  /** Where it says that it runs, as it stands there; `no-cd` is where just was called. */
  readonly directory?: string;
}

/** A file that belongs to it. `name`: a module; without, its recipes are those of the file that imports it. */
export interface JustFileOf {
  readonly name?: string;
  /** As it stands there, relative to the file; absent where a module is found by its name. */
  readonly path?: string;
}

export interface Justfile {
  readonly recipes: readonly JustRecipe[];
  readonly variables: ReadonlyMap<string, string>;
  /** What else recipes are called: the recipe by the name, and the line it stands in. */
  readonly aliases: readonly { readonly name: string; readonly recipe: string; readonly line: number; readonly text: string }[];
  readonly files: readonly JustFileOf[];
  /** `set working-directory`. */
  readonly directory?: string;
  /** Its lines are none of a POSIX shell. */
  readonly otherShell: boolean;
}

const NAME = '[A-Za-z_][\\w-]*';
const ASSIGNMENT = new RegExp(`^(?:export\\s+)?(${NAME})\\s*:=\\s*(.*)$`);
const ALIAS = new RegExp(`^alias\\s+(${NAME})\\s*:=\\s*(${NAME}(?:::${NAME})*)`);
const MODULE = new RegExp(`^mod\\??\\s+(${NAME})\\s*(?:$|(?=["'#]))`);
const HEADING = new RegExp(`^@?(${NAME})(?=[\\s:])`);
const SETTING = /^set\s+([\w-]+)\s*:=\s*(.*)$/;

/** What the text says; lines that nobody understands are left out. */
export function parseJustfile(text: string): Justfile {
  const variables = new Map<string, string>();
  const aliases: Justfile['aliases'][number][] = [];
  const files: JustFileOf[] = [];
  const recipes: JustRecipe[] = [];
  const settings = new Map<string, string>();
  let attributes: string[] = [];
  for (const { text: line, line: at, body } of entriesOf(text)) {
    if (line.startsWith('[')) {
      attributes.push(line);
      continue;
    }
    const own = attributes;
    attributes = [];
    const setting = SETTING.exec(line);
    const alias = ALIAS.exec(line);
    const module = MODULE.exec(line);
    const imported = /^import\??\s+/.exec(line);
    const assigned = ASSIGNMENT.exec(line);
    if (setting) settings.set(setting[1] ?? '', setting[2] ?? '');
    else if (alias) aliases.push({ name: alias[1] ?? '', recipe: alias[2] ?? '', line: at, text: line });
    else if (module) {
      const path = stringAt(line.slice(module[0].length));
      files.push({ name: module[1] ?? '', ...(path === undefined ? {} : { path }) });
    } else if (imported) {
      const path = stringAt(line.slice(imported[0].length));
      if (path !== undefined) files.push({ path });
    } else if (assigned) {
      const value = evaluated(assigned[2] ?? '', variables);
      if (value !== undefined) variables.set(assigned[1] ?? '', value);
    } else recipes.push(...recipeOf({ line, at, body, attributes: own.join('\n') }, variables));
  }
  const directory = stringAt(settings.get('working-directory') ?? '');
  const shell = stringAt((settings.get('shell') ?? '').replace(/^\[\s*/, ''));
  return {
    ...{ recipes, variables, aliases, files },
    ...(directory === undefined ? {} : { directory }),
    otherShell: shell !== undefined && !/(?:^|\/)(?:ba|da|k|z)?sh$/.test(shell),
  };
}

interface Entry {
  readonly text: string;
  readonly line: number;
  readonly body: readonly { readonly text: string; readonly line: number }[];
}

/** What stands at the beginning of lines, each with the indented lines below it; lines that a backslash continues are one. */
function entriesOf(text: string): readonly Entry[] {
  const entries: { text: string; line: number; body: { text: string; line: number }[] }[] = [];
  let continued: { text: string } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    if (continued !== undefined) {
      continued.text = continued.text.replace(/\\$/, '') + raw.trim();
      if (!raw.endsWith('\\')) continued = undefined;
      continue;
    }
    if (raw.trim() === '') continue;
    const entry = { text: raw.trim(), line, body: [] };
    if (/^\s/.test(raw)) entries.at(-1)?.body.push(entry);
    else if (raw.startsWith('#')) continue;
    else entries.push(entry);
    if (raw.endsWith('\\')) continued = entry;
  }
  return entries;
}

interface Found {
  readonly line: string;
  readonly at: number;
  readonly body: Entry['body'];
  readonly attributes: string;
}

function recipeOf({ line, at, body, attributes }: Found, variables: ReadonlyMap<string, string>): readonly JustRecipe[] {
  const name = HEADING.exec(line)?.[1];
  const end = name === undefined ? -1 : colonOf(line);
  // One for another system is not there on this one.
  const others = /\bwindows\b/.test(attributes) && !/\b(?:unix|linux|macos)\b/.test(attributes);
  if (name === undefined || end < 0 || others) return [];
  const head = line.slice(line.indexOf(name) + name.length, end);
  const said = /\bworking-directory\s*(?:\(\s*|:\s*)(.*)/.exec(attributes)?.[1];
  const directory = /\bno-cd\b/.test(attributes) ? '' : stringAt(said ?? '');
  return [
    {
      ...{ name, line: at, heading: line, body },
      parameters: parametersOf(head),
      needs: needsOf(line.slice(end + 1), variables),
      isDefault: /(?:^\[|,)\s*default\s*[\],]/m.test(attributes),
      language: languageOf(body[0]?.text ?? '', attributes),
      ...(directory === undefined ? {} : { directory }),
    },
  ];
}

function languageOf(first: string, attributes: string): JustRecipe['language'] {
  if (/\bconfirm\b/.test(attributes)) return 'other';
  const script = /\bscript\b(?:\s*[(:]\s*["']([^"']*)["'])?/.exec(attributes);
  const program = first.startsWith('#!') ? first : script?.[1];
  if (program !== undefined) return /(?:^|[\s/])(?:ba|da|k|z)?sh\b/.test(program) ? 'script' : 'other';
  return script ? 'script' : 'lines';
}

/** Where the heading ends: the first colon that stands in no text. */
function colonOf(line: string): number {
  let quote = '';
  for (const [index, character] of [...line].entries()) {
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (/["'`]/.test(character)) quote = character;
    else if (character === '#') return -1;
    else if (character === ':') return line[index + 1] === '=' ? -1 : index;
  }
  return -1;
}

function parametersOf(head: string): readonly JustParameter[] {
  return [...head.matchAll(/([*+])?\$?([A-Za-z_][\w-]*)(?:\s*=\s*("[^"]*"|'[^']*'|\([^()]*\)|[^\s"']+))?/g)].map(
    ([, many, name = '', value]) => {
      const fallback = value ?? (many === '*' ? '""' : undefined);
      return { name, many: many !== undefined, ...(fallback === undefined ? {} : { fallback }) };
    },
  );
}

const TERM = `f?"[^"]*"|f?'[^']*'|\`[^\`]*\`|\\w*\\([^()]*\\)|[^\\s"'\`()+/]+`;
/** An expression: terms with signs between. */
const ARGUMENT = new RegExp(`(?:${TERM})(?:\\s*[+/]\\s*(?:${TERM}))*`, 'g');

/** `a (b "x" y) && c`. */
function needsOf(text: string, variables: ReadonlyMap<string, string>): readonly JustNeed[] {
  const needs: JustNeed[] = [];
  let after = false;
  for (const [whole, given] of text.matchAll(
    /&&|#.*$|\(((?:"[^"]*"|'[^']*'|`[^`]*`|\([^()]*\)|[^()"'`])*)\)|[A-Za-z_][\w:-]*/g,
  )) {
    if (whole.startsWith('#')) break;
    if (whole === '&&') after = true;
    else if (given === undefined) needs.push({ name: whole, args: [], after });
    else {
      const [, name = '', rest = ''] = /^\s*([A-Za-z_][\w:-]*)(.*)$/s.exec(given) ?? [];
      const args = [...rest.matchAll(ARGUMENT)];
      if (name !== '') needs.push({ name, args: args.map(([arg]) => evaluated(arg, variables)), after });
    }
  }
  return needs;
}

/** The lines of a recipe with what its parameters are given, or are by themselves; undefined where one has to be given and is not. */
export function linesOf(
  recipe: JustRecipe,
  given: readonly (string | undefined)[],
  variables: ReadonlyMap<string, string>,
): JustRecipe['body'] | undefined {
  const values = new Map(variables);
  for (const [index, { name, fallback, many }] of recipe.parameters.entries()) {
    const own = many ? given.slice(index) : given.slice(index, index + 1);
    if (own.length === 0 && fallback === undefined) return undefined;
    const value = own.length > 0 ? own.map((each) => each ?? '$EXPRESSION').join(' ') : evaluated(fallback ?? '', values);
    // What only just works out is a variable of which nobody knows the value.
    values.set(name, value ?? '$EXPRESSION');
  }
  return outsideExpressions(recipe.body).map(({ text, line }) => ({ text: interpolated(text, values), line }));
}

/** Without the lines in which an expression of an earlier line goes on: what that is, only just knows. */
function outsideExpressions(body: JustRecipe['body']): JustRecipe['body'] {
  let inside = false;
  return body.filter(({ text }) => {
    const begins = !inside;
    const [open, close] = [text.lastIndexOf('{{'), text.lastIndexOf('}}')];
    if (inside ? close >= 0 : open >= 0) inside = open > close;
    return begins;
  });
}
