/**
 * volley.jsonc: what a workspace folder says about its gates. Read here; applied to the detected gates in configuration-gates.ts.
 * Executes nothing and never rejects: what is wrong is a warning at its place, and everything else still holds.
 */
import path from 'node:path';
import { createScanner, type Node as JsonNode, type ParseError, parseTree } from 'jsonc-parser';
import type { Folder, Warning } from '../model.js';
import { normaliseMatchers } from './configuration-matchers.js';
import { type Complaint, complaintsOf, type Issue, nearest, type Path, unknownName } from './configuration-problems.js';
import { type DefaultSettings, defaultsSchema, type GateSettings, gateSchema, KNOWN_NAMES } from './configuration-schema.js';
import { PARSERS } from './parsers.js';
import { readText } from './project.js';

export { type Configured, configureGates, resolvePrograms } from './configuration-gates.js';
export { configurationText } from './configuration-text.js';

/** Name of the file, in the root of a workspace folder. */
export const CONFIGURATION_FILE = 'volley.jsonc';

/** What a volley.jsonc says, as far as it is right. */
export interface Configuration {
  /** Absolute, native. */
  readonly file: string;
  readonly defaults: DefaultSettings;
  /** By id as it stands in the file, in its order. `false`: left out. */
  readonly gates: ReadonlyMap<string, GateSettings | false>;
  /** Where something stands, by names and indices from the root; the place of what holds it when it is not there. */
  placeOf(at: Path): { readonly line: number; readonly column: number };
}

/** Reads the file of a folder. Undefined when there is none, or it is not readable as a text. */
export async function readConfiguration(folder: Folder, warn: (warning: Warning) => void): Promise<Configuration | undefined> {
  const file = path.join(folder.path, CONFIGURATION_FILE);
  const text = await readText(file, warn);
  return text === undefined ? undefined : parseConfiguration(file, text, warn);
}

/** As `readConfiguration`, of a text. At most 100 warnings, each with a place inside the text. */
export function parseConfiguration(file: string, text: string, warn: (warning: Warning) => void): Configuration {
  const locate = locator(text);
  let count = 0;
  const complain = (offset: number, message: string): void => {
    count += 1;
    if (count < MOST_WARNINGS) warn({ file, ...locate(offset), message });
    else if (count === MOST_WARNINGS) warn({ file, ...locate(offset), message: `${message} More is wrong behind this.` });
  };
  const { root, errors } = parsed(text);
  for (const { offset, message } of errors) complain(offset, `${CONFIGURATION_FILE} is not valid: ${message}.`);
  const document: Document = { folder: path.dirname(file), errors, complain };
  const read = root === undefined ? { defaults: {}, gates: new Map() } : readRoot(root, document);
  return { file, ...read, placeOf: (at) => locate(root === undefined ? 0 : offsetOf(root, at)) };
}

const MOST_WARNINGS = 100;

interface Document {
  readonly folder: string;
  /** By offset. */
  readonly errors: readonly { readonly offset: number }[];
  complain(offset: number, message: string): void;
}

function readRoot(root: JsonNode, document: Document): Pick<Configuration, 'defaults' | 'gates'> {
  let defaults: DefaultSettings = {};
  let gates: ReadonlyMap<string, GateSettings | false> = new Map();
  if (root.type !== 'object') {
    document.complain(root.offset, `${CONFIGURATION_FILE} has to hold an object {…}.`);
    return { defaults, gates };
  }
  for (const { name, key, value } of properties(root, document)) {
    if (name === 'gates') gates = readGates(value, document);
    else if (name === 'defaults') defaults = readDefaults(value, document);
    else if (name !== '$schema') document.complain(key.offset, `“${shown(name)}” ${unknownName(name, KNOWN_NAMES.file)}`);
    else if (value.type !== 'string') document.complain(value.offset, '“$schema” has to be a text in double quotes.');
  }
  return { defaults, gates };
}

/** Each default by itself: one that is wrong does not take the others with it. */
function readDefaults(node: JsonNode, document: Document): DefaultSettings {
  if (node.type !== 'object') {
    document.complain(node.offset, '“defaults” has to be an object {…}.');
    return {};
  }
  const defaults: Record<string, unknown> = {};
  for (const { name, key, value } of properties(node, document)) {
    if (!KNOWN_NAMES.defaults.includes(name)) {
      document.complain(key.offset, `“${shown(name)}” ${unknownName(name, KNOWN_NAMES.defaults)}`);
      continue;
    }
    const schema = defaultsSchema.shape[name as keyof typeof defaultsSchema.shape];
    const result = isBroken(value, document) ? undefined : schema.safeParse(plainValue(value, document));
    if (result?.success) defaults[name] = result.data;
    else if (result)
      complainAll(complaintsOf(result.error.issues as readonly Issue[]), value, name, 'so this default does not hold', document);
  }
  return defaults as DefaultSettings;
}

function readGates(node: JsonNode, document: Document): ReadonlyMap<string, GateSettings | false> {
  const gates = new Map<string, GateSettings | false>();
  if (node.type !== 'object') {
    document.complain(node.offset, '“gates” has to be an object {…} of gates by id.');
    return gates;
  }
  for (const { name, key, value } of properties(node, document)) {
    if (name === '') document.complain(key.offset, 'The id of a gate has to hold some text.');
    else if (isBroken(value, document)) continue;
    else if (value.type === 'boolean' && value.value === false) gates.set(name, false);
    else {
      const settings = readGate(name, value, document);
      if (settings) gates.set(name, settings);
    }
  }
  return gates;
}

/** Undefined when something is wrong with the gate: half of what was meant could be the opposite of it. */
function readGate(id: string, node: JsonNode, document: Document): GateSettings | undefined {
  const what = `gate “${shown(id)}”`;
  if (node.type !== 'object') {
    document.complain(node.offset, `The ${what} has to be an object {…}, or false to leave it out.`);
    return undefined;
  }
  const result = gateSchema.safeParse(plainValue(node, document));
  const complaints = result.success
    ? meaningOf(result.data, document.folder)
    : complaintsOf(result.error.issues as readonly Issue[]);
  complainAll(complaints, node, '', `so nothing of the ${what} holds`, document);
  return result.success && complaints.length === 0 ? result.data : undefined;
}

/** What the schema cannot say. */
function meaningOf(settings: GateSettings, folder: string): readonly Complaint[] {
  const complaints: Complaint[] = [];
  const { parser, problemMatcher } = settings;
  if (parser !== undefined && problemMatcher !== undefined)
    complaints.push({ path: ['parser'], message: 'cannot stand beside “problemMatcher”. Remove one of the two.' });
  const known = Object.keys(PARSERS).filter((name) => name !== 'problem-matcher');
  if (parser !== undefined && !known.includes(parser)) {
    const meant = nearest(parser, known);
    const hint = meant === undefined ? `It can be: ${known.join(', ')}.` : `Did you mean “${meant}”?`;
    complaints.push({ path: ['parser'], message: `names “${shown(parser)}”, which is no parser. ${hint}` });
  }
  if (problemMatcher !== undefined) {
    const { problems } = normaliseMatchers(problemMatcher, { folder, cwd: folder });
    complaints.push(...problems.map(({ path: at, message }) => ({ path: ['problemMatcher', ...at], message })));
  }
  return complaints;
}

/** `start` is the name of what `node` is, in front of the names of what lies in it; `so` says what follows. */
function complainAll(complaints: readonly Complaint[], node: JsonNode, start: string, so: string, { complain }: Document): void {
  for (const { path: at, key, message } of complaints) {
    const names = key === undefined ? at : [...at, key];
    const subject = names.reduce<string>(
      (text, part) =>
        typeof part === 'number' ? `${text}[${part}]` : [text, shown(part)].filter((each) => each !== '').join('.'),
      start,
    );
    complain(offsetOf(node, names, key !== undefined), `“${subject}” ${message.replace(/\.$/, '')} (${so}).`);
  }
}

function shown(text: string): string {
  const plain = text.replace(/\s+/g, ' ');
  return plain.length <= 60 ? plain : `${plain.slice(0, 59)}…`;
}

// ------------------------------------------------------------------------------------------------------------------ tree

interface Property {
  readonly name: string;
  readonly key: JsonNode;
  readonly value: JsonNode;
}

/** Of properties that stand twice the last one; each by a name that is safe to use. */
function properties(node: JsonNode, { complain }: Document): readonly Property[] {
  const all = new Map<string, Property>();
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? [];
    if (!key || !value) continue;
    const name = String(key.value);
    if (name === '__proto__') complain(key.offset, '“__proto__” cannot be used as a name here.');
    else {
      if (all.has(name)) complain(key.offset, `“${shown(name)}” stands here a second time. Remove one: the last one holds.`);
      all.set(name, { name, key, value });
    }
  }
  return [...all.values()];
}

/** As plain data. */
function plainValue(node: JsonNode, document: Document): unknown {
  switch (node.type) {
    case 'object':
      return Object.fromEntries(properties(node, document).map(({ name, value }) => [name, plainValue(value, document)]));
    case 'array':
      return (node.children ?? []).map((child) => plainValue(child, document));
    default:
      return node.value;
  }
}

/** Whether a syntax error lies in it or right behind it, so that what was read may not be what was meant. */
function isBroken(node: JsonNode, { errors }: Document): boolean {
  let low = 0;
  for (let high = errors.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((errors[middle]?.offset ?? 0) < node.offset) low = middle + 1;
    else high = middle;
  }
  return (errors[low]?.offset ?? Number.POSITIVE_INFINITY) <= node.offset + node.length;
}

/** The offset of what stands at a path, or of the nearest thing that holds it. With `asKey` of the name instead of the value. */
function offsetOf(root: JsonNode, at: Path, asKey = false): number {
  let node = root;
  let { offset } = root;
  for (const [index, part] of at.entries()) {
    const child = typeof part === 'number' ? node.children?.[part] : lastProperty(node, part);
    const value = child?.type === 'property' ? child.children?.[1] : child;
    if (!child || !value) break;
    offset = asKey && index === at.length - 1 ? child.offset : value.offset;
    node = value;
  }
  return offset;
}

function lastProperty(node: JsonNode, name: string): JsonNode | undefined {
  if (node.type !== 'object') return undefined;
  const known = PROPERTIES.get(node) ?? new Map((node.children ?? []).map((child) => [child.children?.[0]?.value, child]));
  PROPERTIES.set(node, known);
  return known.get(name);
}

/** Properties by name, for objects of which many are looked for: there may be thousands of gates. */
const PROPERTIES = new WeakMap<JsonNode, ReadonlyMap<unknown, JsonNode>>();

// ------------------------------------------------------------------------------------------------------------------ text

interface SyntaxProblem {
  readonly offset: number;
  /** Completes "The file is not valid: …". */
  readonly message: string;
}

function parsed(text: string): { readonly root?: JsonNode; readonly errors: readonly SyntaxProblem[] } {
  const errors: ParseError[] = [];
  const deep = tooDeep(text);
  if (deep !== undefined) return { errors: [{ offset: deep, message: 'objects and arrays lie too deep in each other' }] };
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const problems = errors.map(({ error, offset }) => ({ offset, message: SYNTAX[error] ?? 'a character is not allowed here' }));
  return { ...(root === undefined ? {} : { root }), errors: problems.sort((a, b) => a.offset - b.offset) };
}

/** Deeper than anything that the file can say, and far from what overflows a stack. */
const DEEPEST = 200;

/** Where brackets lie too deep in each other. */
function tooDeep(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token = scanner.scan(); token !== TOKENS.end; token = scanner.scan()) {
    if (token === TOKENS.openBrace || token === TOKENS.openBracket) depth += 1;
    else if (token === TOKENS.closeBrace || token === TOKENS.closeBracket) depth -= 1;
    if (depth > DEEPEST) return scanner.getTokenOffset();
  }
  return undefined;
}

/** Numbers of `SyntaxKind`, whose names a module compiled by itself cannot see. */
const TOKENS = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 };

/** By the numbers of `ParseErrorCode`. */
const SYNTAX: Readonly<Record<number, string>> = {
  1: 'this is not a value',
  2: 'this is not a number',
  3: 'the name of a property in double quotes is missing here',
  4: 'a value is missing here',
  5: 'a colon is missing here',
  6: 'a comma is missing here',
  7: 'a closing brace } is missing here',
  8: 'a closing bracket ] is missing here',
  9: 'the file should end here',
  11: 'a comment does not end',
  12: 'a text does not end in double quotes',
  13: 'a number is not complete',
};

/** From offsets to lines and columns from 1, never outside of the text. */
function locator(text: string): (offset: number) => { readonly line: number; readonly column: number } {
  const starts = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((match) => match.index + match[0].length)];
  return (wanted) => {
    const offset = Math.min(Math.max(wanted, 0), text.length);
    let low = 0;
    for (let high = starts.length - 1; low < high; ) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
