/** YAML as the readers need it: plain values with the lines on which they stand. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { EvidenceFile } from '../evidence.js';

/** A place in a YAML document. */
export interface YamlNode {
  /** From 1; 0 when it is nowhere. */
  readonly line: number;
  /** Such as `!reference`. */
  readonly tag: string | undefined;
  /** The text of a scalar; undefined for anything else. */
  text(): string | undefined;
  /** The value under a key, merge keys included. */
  get(key: string): YamlNode | undefined;
  /** The pairs of a map, in its order, without merge keys. */
  entries(): readonly (readonly [string, YamlNode])[];
  /** The items of a list; none when it is no list. */
  items(): readonly YamlNode[];
  /** Lines of a block scalar with where each stands; a scalar on one line is one. */
  lines(): readonly { readonly text: string; readonly line: number }[];
  /** Pairs of a map of scalars: the environment of a command. */
  strings(): Readonly<Record<string, string>>;
}

/** How deep aliases may lead. */
const DEEPEST = 50;
/** How many places of a document are looked at: aliases can make it larger than any file. */
const MOST_PLACES = 100_000;

/** The root of the document; undefined, after a warning with its place, when it is not valid. */
export function readYaml({ file, text, warn }: EvidenceFile): YamlNode | undefined {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, merge: true, uniqueKeys: false, logLevel: 'silent' });
  return rootOf(document, counter, { file, warn });
}

function rootOf(
  document: Document,
  counter: LineCounter,
  { file, warn }: Pick<EvidenceFile, 'file' | 'warn'>,
): YamlNode | undefined {
  const [error] = document.errors;
  if (error) {
    const [start] = error.linePos ?? [];
    const [reason = ''] = error.message.split('\n');
    warn(
      `${file} is not valid YAML: ${reason.replace(/ at line \d+, column \d+:?$/, '')}.`,
      start && { line: start.line, column: start.col },
    );
    return undefined;
  }
  return document.contents
    ? nodeOf(document.contents as Node, { document, counter, aliases: new Map(), left: MOST_PLACES }, 0)
    : undefined;
}

/** The roots of a file of several documents; what is not valid is left out, after a warning with its place. */
export function readYamlDocuments({ file, text, warn }: EvidenceFile): readonly YamlNode[] {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: counter, merge: true, uniqueKeys: false, logLevel: 'silent' });
  const all: readonly Document[] = Array.isArray(documents) ? documents : [];
  return all.flatMap((document) => rootOf(document, counter, { file, warn }) ?? []);
}

interface Context {
  readonly document: Document;
  readonly counter: LineCounter;
  /** What each leads to: to look one up goes through the whole document. */
  readonly aliases: Map<Alias, Node | undefined>;
  left: number;
}

function nodeOf(given: Node, context: Context, depth: number): YamlNode {
  const node = resolved(given, context, depth);
  const offset = (node ?? given).range?.[0] ?? 0;
  const line = context.counter.linePos(offset).line;
  const child = (value: unknown): YamlNode[] => {
    context.left -= 1;
    return isNode(value) && depth < DEEPEST && context.left > 0 ? [nodeOf(value, context, depth + 1)] : [];
  };
  const pairs = (): readonly (readonly [string, YamlNode])[] =>
    isMap(node) && context.left > 0
      ? node.items.flatMap(({ key, value }) => child(value).map((each) => [keyText(key), each] as const))
      : [];
  const get = (key: string): YamlNode | undefined => {
    const own = pairs().findLast(([name]) => name === key)?.[1];
    if (own) return own;
    const merged = pairs()
      .filter(([name]) => name === '<<')
      .flatMap(([, value]) => [value, ...value.items()]);
    return merged.map((value) => value.get(key)).find((value) => value !== undefined);
  };
  const scalarText = (): string | undefined => (isScalar(node) && node.value !== null ? String(node.value) : undefined);
  return {
    line,
    tag: node?.tag,
    text: scalarText,
    get,
    entries: () => pairs().filter(([name]) => name !== '<<'),
    items: () => (isSeq(node) && context.left > 0 ? (node as YAMLSeq).items.flatMap(child) : []),
    lines: () => scalarLines(node, scalarText() ?? '', line),
    strings: () =>
      Object.fromEntries(
        pairs().flatMap(([name, value]) => {
          const text = value.text();
          return text === undefined ? [] : [[name, text] as const];
        }),
      ),
  };
}

function scalarLines(node: Node | undefined, text: string, line: number): readonly { text: string; line: number }[] {
  if (!isScalar(node) || text === '') return [];
  const { type } = node as Scalar;
  // The header of a block stands a line above its first line. Folded lines have lost their own.
  if (type === 'BLOCK_LITERAL')
    return text
      .replace(/\n$/, '')
      .split('\n')
      .map((each, index) => ({ text: each, line: line + 1 + index }));
  return [{ text: text.replace(/\n$/, ''), line: type === 'BLOCK_FOLDED' ? line + 1 : line }];
}

function resolved(node: Node, { document, aliases }: Context, depth: number): Node | undefined {
  let current: Node | undefined = node;
  for (let steps = depth; isAlias(current); steps += 1) {
    if (steps > DEEPEST) return undefined;
    const alias: Alias = current;
    if (!aliases.has(alias)) aliases.set(alias, alias.resolve(document) as Node | undefined);
    current = aliases.get(alias);
  }
  return current;
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value as YAMLMap) || isSeq(value) || isAlias(value);
}

function keyText(key: unknown): string {
  // A merge key is a symbol.
  if (isScalar(key) && typeof key.value === 'symbol') return '<<';
  return isScalar(key) ? String(key.value) : String(key);
}
