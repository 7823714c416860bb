/** What runs by a name that a step of a workflow was told by a variable. Pure. */

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

/** A line that starts something by its name: what follows the runner, up to the variable. */
const RUNS_BY_NAME =
  /(?:^|\s|\/)(?:make|just|task|tox|nox|composer|rake|hatch|poe|invoke|inv|npm|pnpm|yarn|bun)\s(?:[^$\n;|&]{0,200}\s)?["']?\$/;

/**
 * With the values of a step's own variables in a line that starts something by its name, where the workflow says them; `valueOfName` tells a
 * variable's, or undefined. That a value goes through a variable is a habit against injection, and says nothing of what runs.
 */
export function withNames(line: string, valueOfName: (name: string) => string | undefined): string {
  if (!RUNS_BY_NAME.test(line)) return line;
  return line.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, plain: string | undefined) => {
    const value = valueOfName(braced ?? plain ?? '');
    const isName = value !== undefined && /^(?:[\w.:,/-]|\$MATRIX_\w+)+$/.test(value);
    return isName ? value : whole;
  });
}

/** With a value in place of the variable; in quotes where it would mean something to the shell. */
export function withValue(text: string, variable: string, value: string): string {
  if (!/[()']/.test(value)) return text.replaceAll(variable, value);
  return text.replaceAll(variable, (_, at: number) => (/["']/.test(text[at - 1] ?? '') ? value : `"${value}"`));
}
