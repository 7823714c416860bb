/** Expressions of justfiles, as far as they are known without running anything. Pure. */

/** A text, a name, a call or a sign; texts of several lines are not read. */
const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*"|'[^']*')|([A-Za-z_][\w-]*)|([+/(),]))/y;

type Values = ReadonlyMap<string, string>;

/** The text that an expression comes to; undefined where only just knows it. */
export function evaluated(expression: string, variables: Values): string | undefined {
  const tokens = tokensOf(expression);
  if (tokens === undefined || tokens.length === 0) return undefined;
  const reader = { tokens, at: 0 };
  const value = sumOf(reader, variables);
  return reader.at === tokens.length ? value : undefined;
}

/** The text at the beginning, where one stands there. */
export function stringAt(text: string): string | undefined {
  const found = /^\s*("(?:[^"\\]|\\.)*"|'[^']*')/.exec(text)?.[1];
  return found === undefined ? undefined : unquoted(found);
}

/** A line with the values of its expressions; with a variable of the shell, whose value nobody knows, for those of others. */
export function interpolated(line: string, variables: Values): string {
  const text = line
    .replaceAll('{{{{', '\u0000')
    .replace(/\{\{((?:(?!\}\}).)*)\}\}/g, (_, inner: string) => evaluated(inner, variables) ?? '$EXPRESSION')
    .trim();
  return /\{\{/.test(text) ? '$EXPRESSION' : text.replaceAll('\u0000', '{{');
}

/** Undefined where something stands there that is not read. */
function tokensOf(expression: string): readonly string[] | undefined {
  const tokens: string[] = [];
  const text = expression.replace(/\s+(?:#.*)?$/, '');
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const [, quoted, name, sign] = TOKEN.exec(text) ?? [];
    const token = quoted ?? name ?? sign;
    if (token === undefined) return undefined;
    tokens.push(token);
  }
  return tokens;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

function sumOf(reader: Reader, variables: Values): string | undefined {
  let value = termOf(reader, variables);
  for (let sign = reader.tokens[reader.at]; sign === '+' || sign === '/'; sign = reader.tokens[reader.at]) {
    reader.at += 1;
    const next = termOf(reader, variables);
    value = value === undefined || next === undefined ? undefined : sign === '+' ? value + next : `${value}/${next}`;
  }
  return value;
}

function termOf(reader: Reader, variables: Values): string | undefined {
  const token = reader.tokens[reader.at] ?? '';
  reader.at += 1;
  if (/^["']/.test(token)) return unquoted(token);
  if (token === '(') {
    const value = sumOf(reader, variables);
    reader.at += 1;
    return value;
  }
  if (reader.tokens[reader.at] !== '(') return variables.get(token);
  const args: (string | undefined)[] = [];
  do {
    reader.at += 1;
    if (reader.tokens[reader.at] === ')') break;
    args.push(sumOf(reader, variables));
  } while (reader.tokens[reader.at] === ',');
  reader.at += 1;
  return called(token, args);
}

/** What the folder is, and what a variable is that nobody sets. */
function called(name: string, args: readonly (string | undefined)[]): string | undefined {
  if (/^(?:justfile|source|module)_dir(?:ectory)?$/.test(name)) return '.';
  return /^env(?:_var_or_default)?$/.test(name) && args.length === 2 ? args[1] : undefined;
}

function unquoted(token: string): string {
  const inner = token.slice(1, -1);
  return token.startsWith('"') ? inner.replace(/\\(["\\])/g, '$1').replace(/\\[nt]/g, ' ') : inner;
}
