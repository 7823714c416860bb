/**
 * Patterns that mean the same to ripgrep and to JavaScript, as most that people search for do: literals, classes, groups, alternatives
 * and repetitions, in lines of ASCII, where classes of Unicode are those of ASCII. Anything else is left to ripgrep. Pure.
 */

/** Decides about lines one by one. */
export interface LinePattern {
  /**
   * Where the pattern first matches in a line without its line break: an index, which is one of bytes, too; -1: nowhere. The line is of
   * ASCII and no longer than `longest`.
   */
  find(line: string): number;
  /** In characters. In a longer line the search could take longer than ripgrep, which never goes back. */
  readonly longest: number;
  /** The pattern stands for this text, which may be looked for in the bytes of any line. */
  readonly text?: string;
}

/** How lines are searched. */
export interface PatternSyntax {
  readonly fixed?: boolean | undefined;
  readonly ignoreCase?: boolean | undefined;
}

/** Steps that one line may cost at worst: some tenths of a millisecond. */
const MOST_STEPS = 100_000;

/** The pattern for lines; undefined when only ripgrep knows surely what it means. */
export function linePattern(pattern: string, { fixed = false, ignoreCase = false }: PatternSyntax): LinePattern | undefined {
  if (pattern.length > MOST_SIZE || !/^[\t\x20-\x7e]+$/.test(pattern)) return undefined;
  if (!ignoreCase && (fixed || LITERALS.test(pattern)))
    return { find: (line) => line.indexOf(pattern), longest: Number.POSITIVE_INFINITY, text: pattern };
  const ways = fixed ? ONE_WAY : waysOf(pattern, ignoreCase);
  if (!ways) return undefined;
  let expression: RegExp;
  try {
    // `.` matches a carriage return, too.
    expression = new RegExp(fixed ? pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : pattern, ignoreCase ? 'is' : 's');
  } catch {
    return undefined;
  }
  // A search begins at each character, and may go through all of its ways there.
  const longest = Math.floor((MOST_STEPS / ways.factor) ** (1 / (ways.degree + 1))) - 1;
  return longest > 0 ? { find: (line) => line.search(expression), longest } : undefined;
}

// ------------------------------------------------------------------------------------------------------ what it may cost

/**
 * In how many ways a part of a pattern can match from one place of a line of n characters, at most: factor × (n + 1) ^ degree. An engine
 * that goes back, as that of JavaScript, may try all of them.
 */
interface Ways {
  readonly factor: number;
  readonly degree: number;
  /** How many characters and classes it has once what is repeated is written out. */
  readonly size: number;
}

const ONE_WAY: Ways = { factor: 1, degree: 0, size: 1 };

function inTurn(parts: readonly Ways[]): Ways {
  return {
    factor: parts.reduce((product, { factor }) => product * factor, 1),
    degree: parts.reduce((sum, { degree }) => sum + degree, 0),
    size: parts.reduce((sum, { size }) => sum + size, 0),
  };
}

function oneOf(parts: readonly Ways[]): Ways {
  return {
    factor: parts.reduce((sum, { factor }) => sum + factor, 0),
    degree: Math.max(...parts.map(({ degree }) => degree)),
    size: parts.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Undefined where the ways grow faster than any power of the length. */
function repeated(part: Ways, least: number, most: number): Ways | undefined {
  if (most === Number.POSITIVE_INFINITY) {
    if (part.factor > 1 || part.degree > 0) return undefined;
    return { factor: 1, degree: 1, size: part.size * (least + 1) };
  }
  const times = Array.from({ length: most - least + 1 }, (_, more) => part.factor ** (least + more));
  return {
    factor: times.reduce((sum, factor) => sum + factor, 0),
    degree: part.degree * most,
    size: part.size * most,
  };
}

// --------------------------------------------------------------------------------------------------------------- grammar

/** The highest number of a `{…}`, and the longest pattern with all of them written out, as it is compiled. */
const MOST_TIMES = 50;
const MOST_SIZE = 1000;

const QUANTIFIER = /(?:[*+?]|\{\d{1,2}(?:,\d{0,2})?\})\??/y;
/** What a quantifier starts with. */
const REPEATING = '*+?{';
/** Escapes of marks mean the marks themselves; `\<` and `\>` are edges of words to ripgrep. */
const ESCAPED_MARK = /\\[!-/:;=?@[-^`{-~]/y;
const LITERAL = /[\t !"#%&',\-/0-9:;<=>@A-Z_`a-z~]/y;
const LITERALS = /^[\t !"#%&',\-/0-9:;<=>@A-Z_`a-z~]+$/;
const PLAIN_SET = /\\[dws]/y;
const NEGATED_SET = /\\[DWS]/y;
const EDGE = /\\[bB]|[\^$]/y;
const MEMBER = /[A-Za-z0-9]-[A-Za-z0-9]|\\[dws]|\\[!-/:;=?@[-^`{-~]|[\t !"#$%'()*+,./0-9:;<=>?@A-Z_`a-z{|}]/y;

/** Goes through a pattern. */
interface Scanner {
  readonly ignoreCase: boolean;
  /** What stands here, if that is what the expression (a sticky one) finds. Goes on behind it. */
  take(expression: RegExp): string | undefined;
  /** Whether one of these characters stands here. */
  isAt(characters: string): boolean;
  isAtEnd(): boolean;
}

function scannerOf(pattern: string, ignoreCase: boolean): Scanner {
  let at = 0;
  return {
    ignoreCase,
    take(expression) {
      expression.lastIndex = at;
      const found = expression.exec(pattern)?.[0];
      at += found?.length ?? 0;
      return found;
    },
    isAt: (characters) => at < pattern.length && characters.includes(pattern.charAt(at)),
    isAtEnd: () => at >= pattern.length,
  };
}

/** The ways of a whole pattern; undefined when it holds anything that is not known to mean the same in both languages. */
function waysOf(pattern: string, ignoreCase: boolean): Ways | undefined {
  const scanner = scannerOf(pattern, ignoreCase);
  const ways = alternatives(scanner);
  return ways && scanner.isAtEnd() && ways.size <= MOST_SIZE ? ways : undefined;
}

function alternatives(scanner: Scanner): Ways | undefined {
  const all: Ways[] = [];
  do {
    const parts: Ways[] = [];
    while (!scanner.isAtEnd() && !scanner.isAt('|)')) {
      const part = element(scanner);
      if (!part) return undefined;
      parts.push(part);
    }
    all.push(inTurn(parts));
  } while (scanner.take(/\|/y));
  return oneOf(all);
}

function element(scanner: Scanner): Ways | undefined {
  // What repeats an edge is none in JavaScript, and what follows may be part of its name to ripgrep.
  if (scanner.take(EDGE)) return scanner.isAt(REPEATING) ? undefined : ONE_WAY;
  const part = atom(scanner);
  const quantifier = part && scanner.take(QUANTIFIER);
  if (!part || quantifier === undefined) return part;
  // One more would repeat the repetition.
  if (scanner.isAt(REPEATING)) return undefined;
  const times = timesOf(quantifier);
  return times && repeated(part, times.least, times.most);
}

function atom(scanner: Scanner): Ways | undefined {
  if (scanner.take(/\((?:\?:)?/y)) {
    const inner = alternatives(scanner);
    return inner && scanner.take(/\)/y) ? inner : undefined;
  }
  if (scanner.take(/\[/y)) return isClass(scanner) ? ONE_WAY : undefined;
  // The opposite of a class and both cases together are understood in more than one way.
  if (scanner.take(NEGATED_SET)) return scanner.ignoreCase ? undefined : ONE_WAY;
  return [LITERAL, /\./y, PLAIN_SET, /\\t/y, ESCAPED_MARK].some((kind) => scanner.take(kind)) ? ONE_WAY : undefined;
}

/** Whether what follows a `[` is a class that both read in the same way, with its end. */
function isClass(scanner: Scanner): boolean {
  if (scanner.take(/\^/y) && scanner.ignoreCase) return false;
  let any = scanner.take(/-/y) !== undefined;
  for (let member = scanner.take(MEMBER); member !== undefined; member = scanner.take(MEMBER)) {
    any = true;
    if (/^[^\\]-[^\\]$/.test(member) && !isRange(member)) return false;
    // `a-d-f` and `\w-f` are understood in more than one way.
    if (scanner.isAt('-')) return scanner.take(/-\]/y) !== undefined;
  }
  return any && scanner.take(/\]/y) !== undefined;
}

function isRange(member: string): boolean {
  return [/^[a-z]-[a-z]$/, /^[A-Z]-[A-Z]$/, /^\d-\d$/].some((kind) => kind.test(member)) && member.charAt(0) <= member.charAt(2);
}

function timesOf(quantifier: string): { readonly least: number; readonly most: number } | undefined {
  if (quantifier.startsWith('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
  if (quantifier.startsWith('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
  if (quantifier.startsWith('?')) return { least: 0, most: 1 };
  const [, from, comma, to] = /^\{(\d+)(?:(,)(\d*))?/.exec(quantifier) ?? [];
  const least = Number(from);
  const most = comma === undefined ? least : to === '' ? Number.POSITIVE_INFINITY : Number(to);
  return least <= most && least <= MOST_TIMES && (most <= MOST_TIMES || most === Number.POSITIVE_INFINITY)
    ? { least, most }
    : undefined;
}
