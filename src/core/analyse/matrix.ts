/** The combinations of a job's matrix, as GitHub makes them: every value with every other, without what is excluded, with what is included. Pure. */
import { variableOf } from '../gates/evidence/matrix.js';
import type { YamlNode } from '../gates/evidence/yaml.js';

/** Values by their keys; those of nested maps have keys joined by `_`. */
export type Combination = ReadonlyMap<string, string>;

/** More are not made: they would be hundreds of operations that differ in a word. */
export const MOST_COMBINATIONS = 64;
/** Maps in values. */
const DEEPEST = 3;

/** All of them, in the order in which GitHub has them; none where there is no matrix, or only the service knows what is in it. */
export function combinationsOf(matrix: YamlNode | undefined): readonly Combination[] {
  const entries = matrix?.entries() ?? [];
  const lists = entries.filter(([key]) => key !== 'include' && key !== 'exclude');
  let combinations: Combination[] = lists.length === 0 ? [] : [new Map()];
  for (const [key, list] of lists) {
    const values = list.items().map((item) => valuesOf(variableOf(key), item));
    if (values.length === 0) continue;
    combinations = combinations
      .flatMap((before) => values.map((value) => new Map([...before, ...value])))
      .slice(0, MOST_COMBINATIONS + 1);
  }
  const excluded = itemsOf(matrix, 'exclude');
  const left = combinations.filter((each) => each.size > 0 && !excluded.some((one) => holds(each, one)));
  return withIncluded(left, itemsOf(matrix, 'include'));
}

/** The combinations that differ in what these keys are: of each the first. */
export function differingIn(combinations: readonly Combination[], keys: ReadonlySet<string>): readonly Combination[] {
  const seen = new Map<string, Combination>();
  for (const each of combinations) {
    const told = JSON.stringify([...each].filter(([key]) => keys.has(key)).sort());
    if (!seen.has(told)) seen.set(told, each);
  }
  return [...seen.values()];
}

/** What is included goes to all whose own values it does not change; where there is none it is one more. */
function withIncluded(combinations: readonly Combination[], included: readonly Combination[]): readonly Combination[] {
  const grown = combinations.map((own) => ({ own, all: new Map(own) }));
  const more: Combination[] = [];
  for (const each of included) {
    const fitting = grown.filter(({ own }) => [...each].every(([key, value]) => !own.has(key) || own.get(key) === value));
    for (const { all } of fitting) for (const [key, value] of each) all.set(key, value);
    if (fitting.length === 0) more.push(each);
  }
  return [...grown.map(({ all }) => all), ...more];
}

function itemsOf(matrix: YamlNode | undefined, key: string): readonly Combination[] {
  const items = matrix?.get(key)?.items() ?? [];
  return items.map((item) => new Map(item.entries().flatMap(([name, value]) => [...valuesOf(variableOf(name), value)])));
}

function valuesOf(key: string, value: YamlNode, depth = 0): Combination {
  const text = value.text();
  // What a shell would read as more than words is left to the service.
  if (text !== undefined) return new Map(/^[\w@%+=:,./ -]+$/.test(text) ? [[key, text]] : []);
  if (depth >= DEEPEST) return new Map();
  return new Map(value.entries().flatMap(([name, inner]) => [...valuesOf(variableOf(`${key}_${name}`), inner, depth + 1)]));
}

function holds(combination: Combination, wanted: Combination): boolean {
  return wanted.size > 0 && [...wanted].every(([key, value]) => combination.get(key) === value);
}
