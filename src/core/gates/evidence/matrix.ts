/** The matrix of a job: which values each of its keys takes. Pure. */
import type { YamlNode } from './yaml.js';

/** A key of a matrix as the name of a variable. */
export function variableOf(key: string): string {
  return key.replace(/[.-]/g, '_');
}

/** The values that a job is run with. */
export interface Matrix {
  /** That each key takes, keys of nested maps joined by `_`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Whether another job works out the values of a key, whatever stands beside these. */
  isOpen(key: string): boolean;
  /** Keys that some of its jobs do not have: those say nothing there. */
  readonly sometimes: ReadonlySet<string>;
  /** What is left of it where a key has one of its values. */
  with(key: string, value: string): Matrix;
}

/** Maps in values of a matrix. */
const DEEPEST_VALUE = 3;

/** The matrix that stands at a node; one without values where there is none. */
export function matrixOf(node: YamlNode | undefined, fixed: ReadonlyMap<string, string> = new Map()): Matrix {
  const values = new Map<string, Set<string>>();
  const take = (found: ReadonlyMap<string, readonly string[]>) => {
    for (const [key, texts] of found) values.set(key, new Set([...(values.get(key) ?? []), ...texts]));
  };
  const isMeant = (found: ReadonlyMap<string, readonly string[]>) =>
    [...fixed].every(([key, value]) => found.get(key)?.includes(value) ?? true);
  const counts = new Map<string, number>();
  let [others, included] = [0, 0];
  for (const [key, list] of node?.entries() ?? []) {
    if (key === 'exclude') continue;
    if (key !== 'include') others += 1;
    for (const item of list.items()) {
      const found = new Map<string, string[]>();
      if (key === 'include') for (const [inner, value] of item.entries()) addValues(variableOf(inner), value, found);
      else addValues(variableOf(key), item, found);
      if (!isMeant(found)) continue;
      take(found);
      if (key === 'include') for (const name of found.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
      else for (const name of found.keys()) counts.set(name, Number.POSITIVE_INFINITY);
      if (key === 'include') included += 1;
    }
  }
  const isMissing = ([, count]: readonly [string, number]) => Number.isFinite(count) && (others > 0 || count < included);
  const isComputed = (each: YamlNode | undefined) => /^\$\{\{\s*from_?json\(/i.test(each?.text() ?? '');
  const computed = new Set((node?.entries() ?? []).flatMap(([key, list]) => (isComputed(list) ? [variableOf(key)] : [])));
  const isOpen = (key: string) => computed.has(key) || ((isComputed(node) || computed.has('include')) && !values.has(key));
  const narrower = new Map<string, Matrix>();
  return {
    values: new Map([...values].map(([key, found]) => [key, [...found]])),
    isOpen,
    sometimes: new Set([...counts].filter(isMissing).map(([name]) => name)),
    with: (key, value) => {
      const known = narrower.get(`${key}=${value}`) ?? matrixOf(node, new Map([...fixed, [key, value]]));
      narrower.set(`${key}=${value}`, known);
      return known;
    },
  };
}

function addValues(key: string, value: YamlNode, found: Map<string, string[]>, depth = 0): void {
  const text = value.text();
  if (text !== undefined && /^(?:[\w@%+=:,./ -]+|[\w.-]+\([\w.,=' -]+\))$/.test(text))
    found.set(key, [...(found.get(key) ?? []), text]);
  if (depth < DEEPEST_VALUE)
    for (const [inner, each] of value.entries()) addValues(variableOf(`${key}_${inner}`), each, found, depth + 1);
}

/**
 * The key of the matrix that says at which place of the repository a command of one line looks: `pytest tests/$MATRIX_suite`,
 * `cargo test -p $MATRIX_crate`. Undefined where it says something else: where to put what is made, on which machine it runs.
 */
export function keyOfPlace(line: string): string | undefined {
  if (/[|<>;\n]/.test(line)) return undefined;
  const words = line.trim().split(/\s+/);
  for (const [index, word] of words.entries()) {
    const key = /^["']?(?!-)[^=$:]*\$MATRIX_(\w+)/.exec(word)?.[1];
    const before = words[index - 1] ?? '-';
    const isPlace = word.includes('/') ? !before.startsWith('-') : words.includes('cargo') && /^(?:-p|--package)$/.test(before);
    if (key !== undefined && isPlace) return key;
  }
  return undefined;
}

/** With the folder in place of a file of tests whose name only the service knows: `pytest tests/languages/$MATRIX_language_test.py`. */
export function inWholeFolder(line: string): string {
  return RUNS_FOLDERS.test(line) ? line.replace(FILE_OF_MATRIX, '$1$2') : line;
}

/** They find the files of tests in a folder that they are told. */
const RUNS_FOLDERS = /(?:^|[\s/])(?:pytest|py\.test|jest|vitest|rspec|phpunit)(?=\s)/;
const FILE_OF_MATRIX = /(\s["']?)((?:[\w.-]+\/)*[\w.-]+)\/[\w.-]*\$MATRIX_\w+\.(?:py|rb|php|[cm]?[jt]sx?)(?=["'\s]|$)/;

/** With a value in place of the variable; in quotes where it would mean something to the shell. */
export function withValue(text: string, variable: string, value: string): string {
  if (!/[()']/.test(value)) return text.replaceAll(variable, value);
  return text.replaceAll(variable, (_, at: number) => (/["']/.test(text[at - 1] ?? '') ? value : `"${value}"`));
}
