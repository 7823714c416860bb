/** Variables of Taskfiles, as far as they are known without running anything. Pure. */
import type { YamlNode } from './yaml.js';

export type Values = Readonly<Record<string, string>>;

/** Variables that are set with the help of others. */
const DEEPEST = 5;

/** The plain values of a `vars`; of what a command works out, none. */
export function valuesIn(node: YamlNode | undefined): Values {
  return node?.strings() ?? {};
}

/** Variables that a task sets, one after another, with what is known before in them: `{{.A | default "x"}}` is what it was told. */
export function setIn(node: YamlNode | undefined, before: Values): Values {
  const known: Record<string, string> = { ...before };
  for (const [name, value] of Object.entries(valuesIn(node))) known[name] = partly(value, known);
  return known;
}

/** Plain variables in their places; `CLI_ARGS` is what a user adds. */
export function withValues(text: string, variables: Values): string {
  // What Task works out by itself is known to it alone.
  return partly(text, variables)
    .replace(/\{\{.*?\}\}/gs, '$EXPRESSION')
    .trim();
}

function partly(text: string, variables: Values): string {
  return (
    filled(text, variables)
      // What a user may set is left as it is without.
      .replace(/\{\{-?\s*if\s+\.\w+\s*-?\}\}(?:(?!\{\{).)*\{\{-?\s*else\s*-?\}\}((?:(?!\{\{).)*)\{\{-?\s*end\s*-?\}\}/gs, '$1')
      .replace(
        /\{\{-?\s*(?:default\s+"([^"{}]*)"\s+\.\w+|\.\w+\s*\|\s*default\s+"([^"{}]*)")\s*-?\}\}/g,
        (_, a?: string, b?: string) => a ?? b ?? '',
      )
  );
}

function filled(text: string, variables: Values): string {
  let all = text;
  for (let depth = 0; depth < DEEPEST && all.length < LONGEST; depth += 1) {
    const next = all.replace(
      /\{\{\s*(?:default\s+(?:"[^"{}]*"|\.\w+)\s+)?\.(\w+)\s*(?:\|\s*default\s+(?:"[^"{}]*"|\.\w+)\s*)?\}\}/g,
      (whole, name: string) => {
        if (name === 'CLI_ARGS') return '';
        return Object.hasOwn(variables, name) ? (variables[name] ?? whole) : whole;
      },
    );
    if (next === all) break;
    all = next;
  }
  return all;
}

/** A variable that holds itself twice would grow without end. */
const LONGEST = 20_000;
