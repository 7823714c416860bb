/** JSON with comments as a tree with places: what volley.jsonc and batch files are read by. Pure; tolerant of errors, never throws. */
import { createScanner, type Node as JsonNode, type ParseError, parse, parseTree } from 'jsonc-parser';

export type { JsonNode };

/** Names and indices from where something is looked at. */
export type Path = readonly (string | number)[];

/** Something that is wrong, where it stands below what was checked. */
export interface Complaint {
  readonly path: Path;
  /** The name of a property of it that is meant, not its value. */
  readonly key?: string;
  /** Completes a sentence that starts with the place: `has to be a number.` */
  readonly message: string;
}

/** A text that is being read. */
export interface JsoncText {
  /** Undefined when there is no value in it at all, or it lies too deep. */
  readonly root?: JsonNode;
  /** Sorted by offset. */
  readonly errors: readonly SyntaxProblem[];
  /** From offsets to lines and columns from 1, never outside of the text. */
  locate(offset: number): { readonly line: number; readonly column: number };
}

/** A problem of syntax. */
export interface SyntaxProblem {
  readonly offset: number;
  /** Completes "The file is not valid: …". */
  readonly message: string;
}

/** What is asked of whoever reads a tree. */
export interface Reading {
  readonly errors: readonly { readonly offset: number }[];
  complain(offset: number, message: string): void;
}

/** Reads a text; a byte order mark at its start is no part of it, as in editors. */
export function readJsonc(text: string): JsoncText {
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return { ...parsed(plain), locate: locator(plain) };
}

/** At most `most` complaints are told; the last of them says that there are more. */
export function bounded(
  most: number,
  tell: (offset: number, message: string) => void,
): (offset: number, message: string) => void {
  let count = 0;
  return (offset, message) => {
    count += 1;
    if (count < most) tell(offset, message);
    else if (count === most) tell(offset, `${message} More is wrong behind this.`);
  };
}

/** The name of a place in words: `read.input.path[2]`. `start` is the name of what the path starts at. */
export function placeName(start: string, at: Path): string {
  return at.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : [text, shown(part)].filter((each) => each !== '').join('.')),
    start,
  );
}

/** A text in one line, with a mark in place of what cannot be seen or would change what stands beside it. */
export function readable(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\uFFFD');
}

/** A text of the file as it may stand in a sentence. */
export function shown(text: string): string {
  const plain = readable(text.length <= 1000 ? text : text.slice(0, 1000));
  return plain.length <= 60 ? plain : `${plain.slice(0, 59)}…`;
}

export interface Property {
  readonly name: string;
  readonly key: JsonNode;
  readonly value: JsonNode;
}

/** Of properties that stand twice the last one; each by a name that is safe to use. */
export function properties(node: JsonNode, { complain }: Reading): readonly Property[] {
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
export function plainValue(node: JsonNode, reading: Reading): unknown {
  switch (node.type) {
    case 'object':
      return Object.fromEntries(properties(node, reading).map(({ name, value }) => [name, plainValue(value, reading)]));
    case 'array':
      return (node.children ?? []).map((child) => plainValue(child, reading));
    default:
      return node.value;
  }
}

/** Whether a syntax error lies in it or right behind it, so that what was read may not be what was meant. */
export function isBroken(node: JsonNode, { errors }: Reading): boolean {
  let low = 0;
  for (let high = errors.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((errors[middle]?.offset ?? 0) < node.offset) low = middle + 1;
    else high = middle;
  }
  return (errors[low]?.offset ?? Number.POSITIVE_INFINITY) <= node.offset + node.length;
}

/** The offset of what stands at a path, or of the nearest thing that holds it. With `asKey` of the name instead of the value. */
export function offsetOf(root: JsonNode, at: Path, asKey = false): number {
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

/** The same value as JSON without comments and needless space. Of a broken text what could be read. */
export function minifiedJsonc(text: string): string {
  return JSON.stringify(parse(text, [], { allowTrailingComma: true })) ?? '';
}
