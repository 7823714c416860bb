/** Arguments of a program as far as they are known before it runs, and what they are globs of. Pure. */

/** A word as a program gets it. */
export interface Argument {
  /** Its value, where that is known exactly. */
  readonly text?: string;
  /** A glob of all values that it may have. `UNKNOWN` in it stands for text that nobody knows and that may hold slashes. */
  readonly glob: string;
  /** It may also be no word or several. */
  readonly many?: true;
  /** It may turn out to be an option. */
  readonly loose?: true;
}

/** In a glob: text that nobody knows. */
export const UNKNOWN = '\u0001';

/** Any words at all: an unquoted variable that nobody knows. */
export const ANYTHING: Argument = { glob: UNKNOWN, many: true, loose: true };

export function literal(text: string): Argument {
  return { text, glob: escapeGlob(text) };
}

/** The text as a glob that matches it alone. */
export function escapeGlob(text: string): string {
  return text.replace(/[*?[\]{}()\\]/g, '\\$&');
}

/** The one text that a glob matches; undefined when it matches more, or nobody knows. */
export function plainText(glob: string): string | undefined {
  const rest = glob.replace(/\\[*?[\]{}()\\]/g, '');
  return /[*?[\]{}()\\\u0001]/.test(rest) ? undefined : glob.replace(/\\([*?[\]{}()\\])/g, '$1');
}

/** What follows the first `=`. */
export function afterEquals(argument: Argument): Argument {
  if (argument.text !== undefined) return literal(argument.text.slice(argument.text.indexOf('=') + 1));
  return { ...argument, glob: argument.glob.slice(argument.glob.indexOf('=') + 1) };
}

/** Without its first `length` characters, none of which has a meaning in globs. */
export function afterStart(argument: Argument, length: number): Argument {
  if (argument.text !== undefined) return literal(argument.text.slice(length));
  return { ...argument, glob: argument.glob.slice(length) };
}

/** How a program writes its options. */
export interface OptionShape {
  /** With a value, in the same word or the next: `-n 5`, `-n5`, `--lines=5`. */
  readonly valued: ReadonlySet<string>;
  /** With a value in the same word or none: `-i.bak`. */
  readonly attached?: ReadonlySet<string>;
  /** Words after one dash are one name: `-coverprofile=x`, `-name`. */
  readonly oneDash?: true;
  /** What follows the first operand is not for this program. */
  readonly stopsAtOperand?: true;
}

/** The words after a program, taken apart. */
export interface Options {
  readonly operands: readonly Argument[];
  /** By name with its dashes, the values in their order; undefined for one without. */
  readonly given: ReadonlyMap<string, readonly (Argument | undefined)[]>;
  /** Some word may be an option that nobody knows. */
  readonly loose: boolean;
  /** Some operand may be no word or several, so that places among operands say nothing. */
  readonly many: boolean;
}

/** Takes the words after a program apart. A long name that is cut short stays as it is: whoever allows that has to look for it. */
export function readOptions(words: readonly Argument[], shape: OptionShape): Options {
  const operands: Argument[] = [];
  const given = new Map<string, (Argument | undefined)[]>();
  const add = (name: string, value?: Argument) => given.set(name, [...(given.get(name) ?? []), value]);
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] as Argument;
    const text = word.text ?? word.glob;
    if (text === '--') break;
    if (!text.startsWith('-') || text === '-') {
      operands.push(word);
      if (shape.stopsAtOperand) break;
      continue;
    }
    index += oneOption(word, words[index + 1], shape, add);
  }
  operands.push(...words.slice(index + 1));
  const all = [...words];
  return { operands, given, loose: all.some((word) => word.loose), many: operands.some((word) => word.many) };
}

/** Adds the options of one word; answers how many words after it were values. */
function oneOption(
  word: Argument,
  next: Argument | undefined,
  shape: OptionShape,
  add: (name: string, value?: Argument) => void,
): number {
  const text = word.text ?? word.glob;
  if (text.startsWith('--') || shape.oneDash) {
    const equals = text.indexOf('=');
    const given = equals < 0 ? text : text.slice(0, equals);
    const name = shape.oneDash ? given.replace(/^--/, '-') : given;
    if (equals >= 0) {
      add(name, afterEquals(word));
      return 0;
    }
    const takes = shape.valued.has(name) && next !== undefined;
    add(name, takes ? next : undefined);
    return takes ? 1 : 0;
  }
  for (let at = 1; at < text.length; at += 1) {
    const name = `-${text[at]}`;
    if (shape.valued.has(name)) {
      const rest = at + 1 < text.length;
      add(name, rest ? afterStart(word, at + 1) : next);
      return rest ? 0 : 1;
    }
    if (shape.attached?.has(name)) {
      add(name, at + 1 < text.length ? afterStart(word, at + 1) : undefined);
      return 0;
    }
    add(name);
  }
  return 0;
}

/** The names in a text, divided by spaces. */
export function names(text: string | undefined): ReadonlySet<string> {
  return new Set((text ?? '').split(' ').filter(Boolean));
}
