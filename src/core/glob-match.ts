/** Pure: whether a path matches a glob, for the few places that hold paths already and need no walk of the disk. */

/**
 * Compiles globs into one test of a path relative to where the globs start, with `/`. Understands `*`, `?`, `[…]`, `{a,b}`, `**`,
 * `@(…)` and its kin, and a leading `!` that takes away what globs before it matched. A leading `./` means nothing. Names that
 * start with a dot are matched like any other: a file that someone chose by hand is meant.
 */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const tests = globs.map((glob) => {
    const negated = glob.startsWith('!') && !glob.startsWith('!(');
    return { negated, matches: matcherOf(negated ? glob.slice(1) : glob) };
  });
  return (path) => tests.reduce((matched, { negated, matches }) => (matches(path) ? !negated : matched), false);
}

/** Whatever may mean something in a glob. */
const SPECIAL = /[\\*?[\]{}()!@+|]/;

/**
 * As the regular expression of the glob, which costs much more than the look at both ends of the path that most do not pass: what
 * stands before the first special character and after the last one stands there in every path that matches.
 */
function matcherOf(glob: string): (path: string) => boolean {
  const plain = glob.replace(/^(?:\.\/)+/, '');
  const first = plain.search(SPECIAL);
  if (first < 0) return (path) => path === plain;
  // What does not compile stands for itself with its `./`.
  const start = plain === glob ? plain.slice(0, first) : '';
  let last = plain.length;
  while (!SPECIAL.test(plain[last - 1] ?? '')) last -= 1;
  // The slash behind `**` is part of what may be missing.
  const end = plain.slice(last).replace(/^\//, '');
  let expression: RegExp | undefined;
  return (path) => {
    if (!path.startsWith(start) || !path.endsWith(end)) return false;
    expression ??= compile(plain, glob);
    return expression.test(path);
  };
}

/** Whether a text holds a character that globs give a meaning. */
export function hasGlob(text: string): boolean {
  return /[*?[\]{}]|[!@+]\(/.test(text);
}

/** At most how many globs without braces a glob with them stands for. */
export function alternativesIn(glob: string): number {
  let total = 1;
  const open: number[] = [];
  for (let index = 0; index < glob.length; index += 1) {
    const character = glob[index];
    if (character === '\\') index += 1;
    else if (character === '{') open.push(1 + rangeAt(glob, index));
    else if (character === ',' && open.length > 0) open.push((open.pop() ?? 0) + 1);
    else if (character === '}') total *= open.pop() ?? 1;
  }
  return total;
}

/** How far the ends of `{1..9}` lie apart; 0 where no such range starts. */
function rangeAt(glob: string, index: number): number {
  const match = /^\{(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])/.exec(glob.slice(index, index + 60));
  if (!match) return 0;
  const [from, to] = [match[1] ?? '', match[2] ?? ''].map((end) => (/\d/.test(end) ? Number(end) : end.charCodeAt(0)));
  return Math.abs((to ?? 0) - (from ?? 0));
}

/** A glob that matches `text` and nothing else. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]{}()!@+|]/g, '\\$&');
}

function compile(plain: string, glob: string): RegExp {
  try {
    return new RegExp(`^${translate(plain)}$`, 'su');
  } catch {
    // Unbalanced brackets: as in a shell, the text then stands for itself.
    return new RegExp(`^${escapeText(glob)}$`, 'su');
  }
}

type Group = 'brace' | '@' | '?' | '*' | '+';

function translate(glob: string, atStart = true): string {
  let result = '';
  const open: Group[] = [];
  for (let index = 0; index < glob.length; ) {
    const rest = glob.slice(index);
    const negated = open.length === 0 ? negatedGroup(rest) : undefined;
    if (negated) {
      const after = translate(negated.after, false);
      return `${result}(?!(?:${translate(negated.inner, false)})${after}$)[^/]*${after}`;
    }
    const [expression, length] = nextToken(rest, open, index === 0 ? atStart : glob[index - 1] === '/');
    result += expression;
    index += length;
  }
  return result;
}

/** `!(inner)after`, when the text starts so and nothing is nested in it. */
function negatedGroup(rest: string): { readonly inner: string; readonly after: string } | undefined {
  const match = /^!\(([^()]*)\)/.exec(rest);
  // The alternatives of a group are those of braces.
  return match ? { inner: `@(${match[1]})`, after: rest.slice(match[0].length) } : undefined;
}

/** The regular expression for the start of `rest`, and how many characters of it that covers. */
function nextToken(rest: string, open: Group[], atSegmentStart: boolean): readonly [string, number] {
  const group = /^([@?*+])\(/.exec(rest);
  if (group) {
    open.push((group[1] ?? '@') as Group);
    return ['(?:', 2];
  }
  const globstar = /^\*\*(?:\/|$)/.exec(rest);
  if (globstar && atSegmentStart) return [globstar[0].endsWith('/') ? '(?:[^/]+/)*' : '.*', globstar[0].length];
  const brackets = /^\[([!^]?)(\]?[^\]/]*)\]/.exec(rest);
  if (brackets) return [`[${brackets[1] ? '^/' : ''}${(brackets[2] ?? '').replace(/[\\[\]^]/g, '\\$&')}]`, brackets[0].length];
  const first = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  if (first === '\\' && rest.length > 1) return [escapeText(rest[1] ?? ''), 2];
  if (first === '*') return ['[^/]*', 1];
  if (first === '?') return ['[^/]', 1];
  if (first === '{' && /^\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/.exec(rest)?.[0].includes(',')) {
    open.push('brace');
    return ['(?:', 1];
  }
  const inner = open.at(-1);
  if (inner !== undefined && first === (inner === 'brace' ? ',' : '|')) return ['|', 1];
  if (inner !== undefined && first === (inner === 'brace' ? '}' : ')')) {
    open.pop();
    return [inner === 'brace' || inner === '@' ? ')' : `)${inner}`, 1];
  }
  return [escapeText(first), first.length];
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}
