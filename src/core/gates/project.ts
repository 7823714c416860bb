/**
 * Reads what one package says about itself: package.json, pyproject.toml, .cfg and .ini files, and which configuration files of tools
 * it has. What cannot be read becomes a warning with its place; everything else is still read. Executes nothing.
 */
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import fastGlob from 'fast-glob';
import {
  findNodeAtLocation,
  getNodeValue,
  type Node as JsonNode,
  type ParseError,
  type ParseOptions,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { parse as parseToml, type TomlError } from 'smol-toml';
import { decode, markOf } from '../encodings.js';
import type { Warning } from '../gate-model.js';
import { globMatcher, hasGlob } from '../glob-match.js';
import { wireitLine } from './wireit.js';

/** Something that stands in a file: its value as far as it is plain data, how a user would quote it, and its line from 1. */
export interface Setting {
  readonly value: unknown;
  readonly text: string;
  readonly line?: number;
}

export interface Project {
  /** Absolute. */
  readonly directory: string;
  /** Names of what lies directly in it. */
  readonly entries: readonly string[];
  readonly hasPackageJson: boolean;
  /** In the order of the file. `text` of an entry is the script itself. */
  readonly scripts: ReadonlyMap<string, Setting & { readonly script: string }>;
  /** Packages that it depends on, for work or for use, with where each is listed. */
  readonly dependencies: ReadonlyMap<string, Setting & { readonly file: string }>;
  /** Globs of its workspace packages. */
  readonly workspaces: readonly string[];
  readonly packageManager: string | undefined;
  /** What stands in a file of settings under a key; undefined when nothing does or the file cannot be read. */
  setting(file: string, key: readonly string[]): Setting | undefined;
  /** Its files that match one of the globs, relative with `/`. */
  files(globs: readonly string[]): Promise<readonly string[]>;
}

/** Reads the package in `directory`. `settingsFiles` are the names of the files in which `setting` will be asked for. */
export async function readProject(
  directory: string,
  settingsFiles: readonly string[],
  warn: (warning: Warning) => void,
): Promise<Project> {
  const entries = (await readdir(directory).catch(() => [])).sort();
  const read = (name: string) => (entries.includes(name) ? readText(path.join(directory, name), warn) : undefined);
  const names = [...new Set(['package.json', ...settingsFiles])];
  const documents = new Map<string, Document>();
  for (const name of names) {
    const text = await read(name);
    if (text !== undefined) documents.set(name, parseDocument(path.join(directory, name), text, warn));
  }
  const manifest = documents.get('package.json');
  let walked: Promise<readonly string[]> | undefined;
  const below = () => {
    walked ??= filesIn(directory, ['**']);
    return walked;
  };
  const warnAt = (file: string) => (message: string, offset: number) =>
    warn(placed(path.join(directory, file), manifest?.text ?? '', offset, message));
  return {
    directory,
    entries,
    hasPackageJson: manifest !== undefined,
    scripts: manifest ? readScripts(manifest, warnAt('package.json')) : new Map(),
    dependencies: new Map([
      ...(await requirements(directory, entries, warn)),
      ...pythonDependencies(documents.get('pyproject.toml')),
      ...nodeDependencies(manifest),
    ]),
    workspaces: await workspaceGlobs(directory, entries, manifest, warn),
    packageManager: stringIn(manifest?.setting(['packageManager'])?.value),
    setting: (file, key) => documents.get(file)?.setting(key),
    files: (globs) => matchingFiles(directory, entries, below, globs),
  };
}

/**
 * Text of a file without a byte order mark. A warning and undefined for what is no readable text file, or larger than `largest`, in bytes;
 * nothing but undefined where there is none.
 */
export async function readText(
  file: string,
  warn: (warning: Warning) => void,
  largest = LARGEST_BYTES,
): Promise<string | undefined> {
  try {
    const found = await stat(file);
    if (!found.isFile()) return complain(`${path.basename(file)} is not a file, so nothing was read from it.`);
    if (found.size > largest)
      return complain(`${path.basename(file)} is larger than ${largest / 1_000_000} MB, so it was not read.`);
    return textOf(await readFile(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const leadsNowhere = (code === 'ENOENT' && (await isLink(file))) || code === 'ELOOP';
    if (leadsNowhere) return complain(`${path.basename(file)} is a link that leads to no file, so nothing was read from it.`);
    if (code === 'ENOENT') return undefined;
    return complain(`${path.basename(file)} could not be read (${code}). Check its permissions.`);
  }
  function complain(message: string): undefined {
    warn({ file, message });
    return undefined;
  }
}

/** Whether it is a file, or a link to one. */
export async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}

/** UTF-8, or what a byte order mark says: editors on Windows write UTF-16 as well. */
function textOf(bytes: Buffer): string {
  const mark = markOf(bytes);
  return decode(mark ? bytes.subarray(mark.length) : bytes, mark?.encoding ?? 'utf-8').text;
}

function isLink(file: string): Promise<boolean> {
  return lstat(file).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

/** Complains about a JSON or TOML or INI file that cannot be read; to be called for configuration files that were found by name. */
export async function checkSyntax(file: string, warn: (warning: Warning) => void): Promise<void> {
  if (!/\.(?:jsonc?|toml|cfg|ini)$/.test(file)) return;
  const text = await readText(file, warn);
  if (text !== undefined) parseDocument(file, text, warn);
}

/** The value of a JSON file that may hold comments and trailing commas; undefined when there is none. Complains about nothing. */
export async function readRelaxedJson(file: string): Promise<unknown> {
  const text = await readText(file, () => {});
  const root = text === undefined ? undefined : parseShallow(text, [], { allowTrailingComma: true });
  return root && getNodeValue(root);
}

/** How deep the objects and arrays of a configuration file may lie in each other; what is deeper would overflow the stack. */
const DEEPEST = 1000;

/** As `parseTree`, but a file nested deeper than any configuration is an error of its own and not a crash. */
function parseShallow(text: string, errors: ParseError[], options: ParseOptions): JsonNode | undefined {
  let depth = 0;
  let tooDeep: number | undefined;
  for (let offset = 0; offset < text.length && tooDeep === undefined; offset += 1) {
    const character = text[offset];
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > DEEPEST) tooDeep = offset;
  }
  if (tooDeep === undefined) return parseTree(text, errors, options);
  // The parser's own number for a character that is not allowed where it stands.
  errors.push({ error: 1, offset: tooDeep, length: 1 });
  return undefined;
}

const LARGEST_BYTES = 5_000_000;

interface Document {
  readonly text: string;
  readonly json?: JsonNode;
  setting(key: readonly string[]): Setting | undefined;
}

function parseDocument(file: string, text: string, warn: (warning: Warning) => void): Document {
  switch (path.extname(file)) {
    case '.json':
    case '.jsonc':
      return jsonDocument(file, text, warn);
    case '.toml':
      return tomlDocument(file, text, warn);
    default:
      return iniDocument(file, text, warn);
  }
}

// ---------------------------------------------------------------------------------------------------------------- JSON

function jsonDocument(file: string, text: string, warn: (warning: Warning) => void): Document {
  const errors: ParseError[] = [];
  // npm reads package.json strictly; the tools allow comments and trailing commas in their files.
  const strict = path.basename(file) === 'package.json';
  const root = parseShallow(text, errors, { disallowComments: strict, allowTrailingComma: !strict, allowEmptyContent: !strict });
  const [first] = errors;
  if (first) warn(placed(file, text, first.offset, `${path.basename(file)} is not valid JSON: ${jsonProblem(first)}.`));
  else if (root && root.type !== 'object' && strict) warn(placed(file, text, root.offset, 'package.json has to hold an object.'));
  return {
    text,
    ...(root ? { json: root } : {}),
    setting: (key) => {
      const node = root?.type === 'object' ? findNodeAtLocation(root, [...key]) : undefined;
      return node && { value: getNodeValue(node), text: quoted(text, node), line: lineAt(text, node.offset) };
    },
  };
}

const JSON_PROBLEMS: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is not a value',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'the name of a property in double quotes is missing here',
  ValueExpected: 'a value is missing here',
  ColonExpected: 'a colon is missing here',
  CommaExpected: 'a comma is missing here',
  CloseBraceExpected: 'a closing brace } is missing here',
  CloseBracketExpected: 'a closing bracket ] is missing here',
  EndOfFileExpected: 'the file should end here',
  InvalidCommentToken: 'comments are not allowed here',
  UnexpectedEndOfComment: 'a comment does not end',
  UnexpectedEndOfString: 'a text does not end in double quotes',
  UnexpectedEndOfNumber: 'a number is not complete',
};

function jsonProblem(error: ParseError): string {
  const name = printParseErrorCode(error.error);
  return JSON_PROBLEMS[name] ?? 'a character is not allowed here';
}

/** `"lint": "eslint src"`, on one line and not longer than one can read at a glance. */
function quoted(text: string, node: JsonNode): string {
  const property = node.parent?.type === 'property' ? node.parent : node;
  const whole = text.slice(property.offset, property.offset + property.length).replace(/\s+/g, ' ');
  if (node.type === 'object' || node.type === 'array')
    return whole.length <= 60 ? whole : `${whole.slice(0, whole.search(/[{[]/) + 1)}…`;
  return whole;
}

function readScripts(document: Document, warn: (message: string, offset: number) => void): Project['scripts'] {
  const result = new Map<string, Setting & { script: string }>();
  const node = document.json?.type === 'object' ? findNodeAtLocation(document.json, ['scripts']) : undefined;
  if (!node || !document.json) return result;
  if (node.type !== 'object') {
    warn('"scripts" in package.json has to be an object of names and commands, so no script was read.', node.offset);
    return result;
  }
  for (const property of node.children ?? []) {
    const [name, value] = property.children ?? [];
    if (typeof name?.value !== 'string' || !value) continue;
    if (value.type === 'string' && typeof value.value === 'string') {
      result.set(name.value, {
        script: value.value === 'wireit' ? (wireitLine(document.json, name.value) ?? value.value) : value.value,
        value: value.value,
        text: quoted(document.text, value),
        line: lineAt(document.text, value.offset),
      });
    } else {
      warn(`The script "${name.value}" in package.json has to be a text, so it was left out.`, value.offset);
    }
  }
  return result;
}

function nodeDependencies(document: Document | undefined): readonly (readonly [string, Setting & { file: string }])[] {
  return ['optionalDependencies', 'dependencies', 'devDependencies'].flatMap((kind) => {
    const value = document?.setting([kind])?.value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    return Object.keys(value).flatMap((name) => {
      const setting = document?.setting([kind, name]);
      return setting ? [[name, { ...setting, file: 'package.json' }] as const] : [];
    });
  });
}

async function workspaceGlobs(
  directory: string,
  entries: readonly string[],
  manifest: Document | undefined,
  warn: (warning: Warning) => void,
): Promise<readonly string[]> {
  const value = manifest?.setting(['workspaces'])?.value;
  const packages = typeof value === 'object' && value !== null && 'packages' in value ? value.packages : value;
  const own = Array.isArray(packages) ? packages.filter((glob) => typeof glob === 'string') : [];
  if (!entries.includes('pnpm-workspace.yaml')) return own;
  const file = path.join(directory, 'pnpm-workspace.yaml');
  const text = (await readText(file, warn)) ?? '';
  const { readYaml } = await import('./evidence/yaml.js');
  const root = readYaml({ file: 'pnpm-workspace.yaml', text, warn: (message, place) => warn({ file, ...place, message }) });
  return [
    ...own,
    ...(root
      ?.get('packages')
      ?.items()
      .flatMap((glob) => glob.text() ?? []) ?? []),
  ];
}

// --------------------------------------------------------------------------------------------------------- TOML and INI

function tomlDocument(file: string, text: string, warn: (warning: Warning) => void): Document {
  let root: unknown;
  try {
    root = parseToml(text);
  } catch (error) {
    // A value of the class would be needed at each start, a property of it only where something is wrong.
    const { line, column } = error as Partial<TomlError>;
    const place = line === undefined || column === undefined ? {} : { line, column };
    const [detail = ''] = (error instanceof Error ? error.message : String(error))
      .replace(/^Invalid TOML document: /, '')
      .split('\n');
    warn({ file, ...place, message: `${path.basename(file)} is not valid TOML: ${detail}.` });
  }
  const lines = text.split(/\r?\n/);
  return {
    text,
    setting: (key) => {
      const line = tableLine(lines, key);
      // What is left of a file that is not valid: the headings of its tables.
      if (root === undefined) return line === undefined ? undefined : { value: {}, text: lines[line - 1]?.trim() ?? '', line };
      let value: unknown = root;
      for (const part of key) value = isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
      if (value === undefined) return undefined;
      return {
        value,
        text: line === undefined ? `[${key.join('.')}]` : (lines[line - 1]?.trim() ?? ''),
        ...(line === undefined ? {} : { line }),
      };
    },
  };
}

/** The line from 1 of the heading of a table or of one below it, or of a key within its table. */
function tableLine(lines: readonly string[], key: readonly string[]): number | undefined {
  const bare = (text: string) => text.split('.').map((part) => part.trim().replace(/^(["'])(.*)\1$/, '$2'));
  const startsWith = (longer: readonly string[], shorter: readonly string[]) =>
    shorter.every((part, index) => longer[index] === part);
  let table: readonly string[] = [];
  for (const [index, line] of lines.entries()) {
    const heading = /^\s*\[\[?([^\]]+)\]\]?\s*(?:#.*)?$/.exec(line);
    if (heading) table = bare(heading[1] ?? '');
    const assigned = heading ? undefined : /^\s*([\w."' -]+?)\s*=/.exec(line);
    const here = assigned ? [...table, ...bare(assigned[1] ?? '')] : table;
    if ((heading || assigned) && startsWith(here, key)) return index + 1;
  }
  return undefined;
}

function pythonDependencies(document: Document | undefined): readonly (readonly [string, Setting & { file: string }])[] {
  if (!document) return [];
  const file = 'pyproject.toml';
  const groups = ['project.optional-dependencies', 'dependency-groups'].map((key) => key.split('.'));
  const lists = [
    document.setting(['project', 'dependencies']),
    ...groups.flatMap((key) =>
      Object.keys(asRecord(document.setting(key)?.value)).map((group) => document.setting([...key, group])),
    ),
    document.setting(['tool', 'uv', 'dev-dependencies']),
  ];
  const listed = lists.flatMap((setting) =>
    Array.isArray(setting?.value) ? setting.value.map((entry) => [entry, setting.line] as const) : [],
  );
  const poetry = asRecord(document.setting(['tool', 'poetry', 'group'])?.value);
  const tables = [
    ['tool', 'poetry', 'dependencies'],
    ['tool', 'poetry', 'dev-dependencies'],
    ...Object.keys(poetry).map((group) => ['tool', 'poetry', 'group', group, 'dependencies']),
  ];
  const named = tables.flatMap((key) =>
    Object.keys(asRecord(document.setting(key)?.value)).map((name) => [name, document.setting([...key, name])?.line] as const),
  );
  return [...listed, ...named].flatMap(([entry, near]) => {
    const name = packageName(entry);
    if (name === undefined) return [];
    const line = lineOf(document.text, String(entry), near);
    return [[name, { value: entry, text: String(entry), file, ...(line === undefined ? {} : { line }) }] as const];
  });
}

/** Requirements files in the folder; `pytest>=7 ; python_version > "3.8"` lists pytest. */
async function requirements(
  directory: string,
  entries: readonly string[],
  warn: (warning: Warning) => void,
): Promise<readonly (readonly [string, Setting & { file: string }])[]> {
  const result: (readonly [string, Setting & { file: string }])[] = [];
  for (const file of entries.filter((name) => /^(?:[\w.-]*[-_.])?requirements(?:[-_.][\w.-]*)?\.txt$/.test(name))) {
    const text = (await readText(path.join(directory, file), warn)) ?? '';
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      const name = packageName(line);
      if (name !== undefined) result.push([name, { value: line, text: line.trim(), file, line: index + 1 }]);
    }
  }
  return result;
}

/** Names of Python packages are the same in either case and with any of `-`, `_` and `.`. */
function packageName(requirement: unknown): string | undefined {
  if (typeof requirement !== 'string') return undefined;
  return /^\s*([A-Za-z0-9][\w.-]*)/
    .exec(requirement)?.[1]
    ?.toLowerCase()
    .replace(/[-_.]+/g, '-');
}

function iniDocument(file: string, text: string, warn: (warning: Warning) => void): Document {
  const settings = new Map<string, Setting>();
  let section: string | undefined;
  let last: { readonly key: string; readonly setting: Setting } | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const at = { line: index + 1 };
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    // What is indented goes on with the value above it.
    if (last !== undefined && /^\s/.test(line)) {
      const value = `${last.setting.value}\n${line.trim()}`;
      last = { ...last, setting: { ...last.setting, value } };
      settings.set(last.key, last.setting);
      continue;
    }
    last = undefined;
    const heading = /^\[([^\]]+)\]/.exec(line);
    const option = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line);
    if (heading) {
      section = heading[1]?.trim() ?? '';
      if (!settings.has(JSON.stringify([section])))
        settings.set(JSON.stringify([section]), { value: {}, text: line.trim(), ...at });
    } else if (line.startsWith('[')) {
      warn({
        file,
        ...at,
        column: 1,
        message: `${path.basename(file)} cannot be read: a section's closing bracket ] is missing here.`,
      });
      break;
    } else if (section === undefined) {
      warn({ file, ...at, column: 1, message: `${path.basename(file)} cannot be read: this stands before the first [section].` });
      break;
    } else if (option) {
      last = { key: JSON.stringify([section, option[1]]), setting: { value: option[2], text: line.trim(), ...at } };
      settings.set(last.key, last.setting);
    }
  }
  return { text, setting: (key) => settings.get(JSON.stringify(key)) };
}

// -------------------------------------------------------------------------------------------------------------- helpers

/** Matchers by the list they were made of: the same lists are asked for in each of a thousand packages. */
const matchers = new WeakMap<readonly string[], (file: string) => boolean>();

/**
 * The files that match: those of the folder itself by its entries, which are known; the tree below it, three levels deep, is walked
 * once and only if a glob reaches there.
 */
async function matchingFiles(
  directory: string,
  entries: readonly string[],
  below: () => Promise<readonly string[]>,
  globs: readonly string[],
): Promise<readonly string[]> {
  if (globs.length === 0) return [];
  const matches = matchers.get(globs) ?? globMatcher(globs);
  matchers.set(globs, matches);
  const here = entries.filter(matches);
  const mayReach = (glob: string) => {
    const [first = ''] = glob.split('/');
    return hasGlob(first) || entries.includes(first);
  };
  const deep = globs.filter((glob) => glob.includes('/') && mayReach(glob));
  if (deep.length === 0) return here;
  const walks = deep.some((glob) => glob.startsWith('**'));
  const found = walks ? (await below()).filter(matches) : await filesIn(directory, deep);
  return [...new Set([...here, ...found])].sort();
}

function filesIn(directory: string, globs: readonly string[]): Promise<string[]> {
  return fastGlob([...globs], {
    cwd: directory,
    dot: true,
    deep: 3,
    ignore: ['**/node_modules/**', '**/.git/**', '**/.venv/**', '**/vendor/**', '**/target/**'],
    followSymbolicLinks: false,
    suppressErrors: true,
  });
}

function placed(file: string, text: string, offset: number, message: string): Warning {
  const line = lineAt(text, offset);
  return { file, line, column: offset === 0 ? 1 : offset - text.lastIndexOf('\n', offset - 1), message };
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let index = text.indexOf('\n'); index >= 0 && index < offset; index = text.indexOf('\n', index + 1)) line += 1;
  return line;
}

/** The line from 1 that holds the text, at or after the line `near`. */
function lineOf(text: string, part: string, near = 1): number | undefined {
  const index = text.split('\n').findIndex((line, at) => at + 1 >= near && line.includes(part));
  return index < 0 ? near : index + 1;
}

function stringIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
