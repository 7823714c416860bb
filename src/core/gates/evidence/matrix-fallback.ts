/** Values of a matrix with a fallback, `matrix.task || 'test'`, as one variable of the shell. Pure. */

const FALLBACK = /^matrix\.([\w.-]+)\s*\|\|\s*'([^'$]*)'$/;
const MARK = '_OR_';

/** A key and its fallback as they stand in an expression; undefined for any other expression. */
export function fallbackIn(expression: string): { readonly key: string; readonly fallback: string } | undefined {
  const [, key, fallback] = FALLBACK.exec(expression) ?? [];
  return key === undefined || fallback === undefined || fallback === '' ? undefined : { key, fallback };
}

/** The name of the variable that stands for both, of word characters alone. */
export function variableWithFallback(variable: string, fallback: string): string {
  return `${variable}${MARK}${Buffer.from(fallback).toString('hex')}`;
}

/** What such a variable, or one without a fallback, may be: the values of its key, and the fallback. Undefined where nothing is known. */
export function valuesWithFallback(
  variable: string,
  values: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const at = variable.lastIndexOf(MARK);
  if (at < 0 || values.has(variable)) return values.get(variable);
  const fallback = Buffer.from(variable.slice(at + MARK.length), 'hex').toString();
  return [...(values.get(variable.slice(0, at)) ?? []), fallback];
}

/**
 * An expression as what it is where that is given: `matrix.task || 'test'` and `matrix.task != '' && matrix.task || 'test'` are
 * `matrix.task`. Any other as it is.
 */
export function whereGiven(expression: string): string {
  const [, condition, value, rest] =
    /^(?:(matrix\.[\w.-]+)\s*(?:!=\s*''\s*)?&&\s*)?(matrix\.[\w.-]+)\s*(\|\|.*)?$/.exec(expression) ?? [];
  if (value === undefined || (condition !== undefined && condition !== value)) return expression;
  return rest === undefined && condition === undefined ? expression : value;
}
