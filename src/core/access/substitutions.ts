/** Commands within words, wherever they stand in a piece of syntax. Pure. */
import type { Statement } from 'unbash';

const KEYS = ['parts', 'operation', 'operand', 'pattern', 'replacement', 'offset', 'length', 'index', 'value', 'elements', 'body', 'target', 'prefix', 'expression', 'left', 'right', 'test', 'consequent', 'alternate', 'initialize', 'update'] as const; // biome-ignore format: a list

/** The commands of all substitutions in `node`, outermost only; undefined when one of them was not understood. */
export function scriptsWithin(node: unknown, depth = 0): readonly (readonly Statement[])[] | undefined {
  if (Array.isArray(node)) return all(node.map((item) => scriptsWithin(item, depth + 1)));
  if (typeof node !== 'object' || node === null) return [];
  if (depth > 100) return undefined;
  const { type, script } = node as {
    readonly type?: string;
    readonly script?: { readonly commands: readonly Statement[]; readonly errors?: readonly unknown[] };
  };
  if (type === 'CommandExpansion' || type === 'ProcessSubstitution' || type === 'ArithmeticCommandExpansion') {
    return script && !(script.errors && script.errors.length > 0) ? [script.commands] : undefined;
  }
  // An expression that was not taken apart may hold commands.
  if (
    type === 'ArithmeticExpansion' &&
    !('expression' in node && node.expression) &&
    /[$`]/.test((node as { text: string }).text)
  )
    return undefined;
  return all(KEYS.map((key) => scriptsWithin((node as Readonly<Record<string, unknown>>)[key], depth + 1)));
}

function all<Item>(found: readonly (readonly Item[] | undefined)[]): readonly Item[] | undefined {
  return found.some((items) => items === undefined) ? undefined : found.flatMap((items) => items ?? []);
}
