/** The words, texts and signs of Groovy, as far as a pipeline of Jenkins needs them. Pure: nothing is evaluated. No library reads it. */

/** `text`: what stands in quotes, with `$EXPRESSION` for what only Groovy works out. `sign`: one character, a line break among them. */
export interface GroovyToken {
  readonly kind: 'word' | 'text' | 'sign';
  readonly value: string;
  /** From 1; of a text where it begins. */
  readonly line: number;
}

/** A pipeline is written by hand. */
const MOST_TOKENS = 50_000;

/** Comments; texts, three quotes before one; words; signs. A text that does not end, ends with its line, or with the file. */
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$(?![\s\S]))|^#![^\n]*)`,
    String.raw`'''(?<longPlain>(?:\\[\s\S]|(?!''')[^\\])*)(?:'''|\\?$(?![\s\S]))`,
    String.raw`"""(?<longFilled>(?:\\[\s\S]|(?!""")[^\\])*)(?:"""|\\?$(?![\s\S]))`,
    String.raw`'(?<plain>(?:\\.|[^'\\\n])*)'?`,
    String.raw`"(?<filled>(?:\\.|[^"\\\n])*)"?`,
    String.raw`(?<word>[A-Za-z_$][\w$]*)`,
    String.raw`\n|[^\s]`,
  ].join('|'),
  'g',
);

/** All tokens of a text; what is no Groovy becomes signs. */
export function groovyTokens(text: string): readonly GroovyToken[] {
  const tokens: GroovyToken[] = [];
  let line = 1;
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (tokens.length >= MOST_TOKENS) break;
    line += text.slice(at, match.index).split('\n').length - 1;
    at = match.index;
    const { comment, longPlain, plain, longFilled, filled, word } = match.groups ?? {};
    if (comment !== undefined) continue;
    const literal = longPlain ?? plain;
    const worked = longFilled ?? filled;
    if (literal !== undefined) tokens.push({ kind: 'text', value: unescaped(literal), line });
    else if (worked !== undefined) tokens.push({ kind: 'text', value: unescaped(withoutExpressions(worked)), line });
    else tokens.push({ kind: word === undefined ? 'sign' : 'word', value: match[0], line });
  }
  return tokens;
}

/** `${env.NAME}`, `$name`: what Groovy puts in; with a backslash before it is for the shell. */
function withoutExpressions(text: string): string {
  return text.replace(/\\[\s\S]|\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\$[A-Za-z_][\w.]*/g, (each) =>
    each.startsWith('\\') ? each : '\\$EXPRESSION',
  );
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '', '\n': '' };

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, (_, sign: string) => ESCAPES[sign] ?? sign);
}
