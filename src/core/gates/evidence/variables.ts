/** Variables of a shell to which the files around a script give a value. Pure. */

/** A value that means nothing to a shell but the text that it is, or what a matrix says in its place. */
const PLAIN = /^(?:[\w@%+=:,./ -]|\$MATRIX_\w+)*$/;

/** Comments, what a shell takes as it stands, what it takes with variables in it, and variables. */
const PARTS = /(?<=^|\s)#[^\n]*|\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;
const IN_QUOTES = /\\[\s\S]|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

/**
 * `script` with what `values` says in the place of each variable that a shell would put in: not in single quotes, and not what the script
 * itself may set. Values that mean more to a shell than their text are left out. Keeps the number of lines.
 */
export function withVariables(script: string, values: Readonly<Record<string, string>>): string {
  if (!script.includes('$')) return script;
  const isNamed = (name: string) => script.includes(`$${name}`) || script.includes(`\${${name}}`);
  const known = new Map(
    Object.entries(values).filter(([name, value]) => isNamed(name) && PLAIN.test(value) && !maySet(script, name)),
  );
  if (known.size === 0) return script;
  const put = (whole: string, braced?: string, bare?: string) => known.get(braced ?? bare ?? '') ?? whole;
  return script.replace(PARTS, (whole: string, braced?: string, bare?: string) =>
    whole.startsWith('"') ? whole.replace(IN_QUOTES, put) : put(whole, braced, bare),
  );
}

function maySet(script: string, name: string): boolean {
  return new RegExp(
    `(?:^|[\\s;&|(])(?:${name}(?:\\+?=|\\[)|(?:read|for|select|unset|mapfile|readarray)\\b[^\\n;]*\\b${name}\\b)`,
    'm',
  ).test(script);
}

/** As `withVariables`, for the lines of one script. */
export function linesWithVariables<Line extends { readonly text: string }>(
  lines: readonly Line[],
  values: Readonly<Record<string, string>>,
): readonly Line[] {
  const texts = withVariables(lines.map(({ text }) => text).join('\n'), values).split('\n');
  // A text may be of several lines itself.
  let at = 0;
  return lines.map((line) => {
    const end = at + line.text.split('\n').length;
    const text = texts.slice(at, end).join('\n');
    at = end;
    return { ...line, text };
  });
}
