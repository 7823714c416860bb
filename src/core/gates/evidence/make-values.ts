/** What references of a Makefile stand for, as far as its text says it. Pure: nothing is run, no file is looked for. */

/** In place of what only make knows while it runs. */
export const UNKNOWN = '\u0000';

/** What references are looked up in. */
export interface Values {
  readonly variables: ReadonlyMap<string, string>;
  /** The target whose recipe it is; `$@`. */
  readonly target?: string;
  /** What a pattern stands for in it; `$*`. */
  readonly stem?: string;
  /** The text is executed as it is: a folder is the whole path of one, and a program the one that make finds. */
  readonly exact?: true;
}

/** A text in parts: what stands there, and what is looked up. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** `inside` without `$` and brackets. */
  | { readonly kind: 'reference'; readonly text: string; readonly inside: string };

/** The parts of a text in their order; a bracket that nobody closes is text. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  const flush = () => {
    if (plain !== '') pieces.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (let index = 0; index < text.length; index += 1) {
    const [char, next] = [text[index] ?? '', text[index + 1]];
    if (char !== '$' || next === undefined || next === '$') {
      plain += char;
      if (char === '$' && next === '$') index += 1;
      continue;
    }
    const end = next === '(' || next === '{' ? closingAt(text, index + 1) : index + 1;
    if (end === undefined) {
      plain += char;
      continue;
    }
    flush();
    const inside = next === '(' || next === '{' ? text.slice(index + 2, end) : next;
    pieces.push({ kind: 'reference', text: text.slice(index, end + 1), inside });
    index = end;
  }
  flush();
  return pieces;
}

/** Where the bracket that opens at `start` is closed. */
function closingAt(text: string, start: number): number | undefined {
  const open = text[start];
  const close = open === '(' ? ')' : '}';
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === open) depth += 1;
    else if (text[index] === close) {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return undefined;
}

/** Where a separator stands outside of all references; undefined where it does not. */
export function indexOutside(text: string, isSeparator: (char: string) => boolean): number | undefined {
  for (let index = 0; index < text.length; index += 1) {
    const opens = text[index] === '$' && (text[index + 1] === '(' || text[index + 1] === '{');
    const end = opens ? closingAt(text, index + 1) : undefined;
    if (end !== undefined) index = end;
    else if (isSeparator(text[index] ?? '')) return index;
  }
  return undefined;
}

interface Work extends Values {
  readonly budget: { left: number };
  readonly depth: number;
  /** What `$(1)` and its like stand for. */
  readonly given?: readonly string[];
}

/** References looked up for one text, and how deep they may lead: some double from level to level. */
const MOST = 1000;
const DEEPEST = 10;
/** A longer text is not written by hand. */
const LONGEST = 20_000;

/** The text with all references looked up, `UNKNOWN` in place of what is not known. Always ends. */
export function expand(text: string, values: Values): string {
  return expandIn(text, { ...values, budget: { left: MOST }, depth: 0 });
}

/** The words of a text with all references looked up; a word of which a part is not known holds `UNKNOWN`. */
export function expandedWords(text: string, values: Values): readonly string[] {
  return wordsOf(expand(text, values));
}

function expandIn(text: string, work: Work): string {
  if (text.length > LONGEST || work.depth > DEEPEST) return UNKNOWN;
  let result = '';
  for (const piece of piecesOf(text)) {
    result += piece.kind === 'text' ? piece.text : referenceIn(piece.inside, work);
    if (result.length > LONGEST) return UNKNOWN;
  }
  return result;
}

function referenceIn(inside: string, work: Work): string {
  work.budget.left -= 1;
  if (work.budget.left < 0) return UNKNOWN;
  if (inside === '@') return work.target ?? UNKNOWN;
  if (inside === '*') return work.stem ?? UNKNOWN;
  if (/^[<^?+|%][DF]?$|^[@*][DF]$/.test(inside)) return UNKNOWN;
  if (/^\d$/.test(inside)) return work.given === undefined ? UNKNOWN : (work.given[Number(inside) - 1] ?? '');
  const [, name = '', argument = ''] = /^([a-z-]+)\s+(.*)$/s.exec(inside) ?? [];
  if (isFunction(name)) return callIn(name, argument, work);
  const colon = indexOutside(inside, (char) => char === ':');
  const equals = colon === undefined ? -1 : inside.indexOf('=', colon);
  if (colon !== undefined && equals > 0) {
    const [from, to] = [inside.slice(colon + 1, equals), inside.slice(equals + 1)].map((part) => expandIn(part, work));
    const whole = (part = '') => (part.includes('%') ? part : `%${part}`);
    return substituted(whole(from), whole(to), variableIn(inside.slice(0, colon), work));
  }
  return variableIn(inside, work);
}

function variableIn(written: string, work: Work): string {
  const name = expandIn(written.trim(), work);
  if (name.includes(UNKNOWN)) return UNKNOWN;
  // `$(@:check-%=%)`
  if (name === '@') return work.target ?? UNKNOWN;
  if (name === '*') return work.stem ?? UNKNOWN;
  const value = work.variables.get(name);
  if (name === 'MAKE') return 'make';
  if (value !== undefined) return expandIn(value, { ...work, depth: work.depth + 1 });
  if (name === 'CURDIR' || name === 'PWD') return work.exact ? UNKNOWN : '.';
  // What nobody sets is empty: a place for a user's own options.
  return /(?:ARGS|FLAGS|OPTS|OPTIONS|EXTRA)$/.test(name) ? '' : UNKNOWN;
}

// ------------------------------------------------------------------------------------------------------------- functions

/** What of its arguments a function makes; each is looked up before. */
type TextFunction = (...given: readonly string[]) => string;

const each = (words: string | undefined, change: (word: string) => string) =>
  wordsOf(words ?? '')
    .map(change)
    .join(' ');
const isMatch = (patterns: string | undefined, word: string) =>
  wordsOf(patterns ?? '').some((pattern) => stemOf(pattern, word) !== undefined);

const FUNCTIONS: ReadonlyMap<string, TextFunction> = new Map<string, TextFunction>([
  ['subst', (from = '', to = '', text = '') => (from === '' ? text : text.replaceAll(from, to))],
  ['patsubst', (from = '', to = '', text = '') => substituted(from.trim(), to.trim(), text)],
  ['strip', (text = '') => wordsOf(text).join(' ')],
  ['addprefix', (prefix = '', words) => each(words, (word) => prefix + word)],
  ['addsuffix', (suffix = '', words) => each(words, (word) => word + suffix)],
  // Whether an unknown word is among them, nobody knows: it stands for any that are.
  [
    'filter',
    (patterns, words = '') =>
      wordsOf(words)
        .filter((word) => word.includes(UNKNOWN) || isMatch(patterns, word))
        .join(' '),
  ],
  [
    'filter-out',
    (patterns, words = '') =>
      wordsOf(words)
        .filter((word) => !isMatch(patterns, word))
        .join(' '),
  ],
  ['sort', (words = '') => [...new Set(wordsOf(words))].sort().join(' ')],
  ['firstword', (words = '') => wordsOf(words)[0] ?? ''],
  ['lastword', (words = '') => wordsOf(words).at(-1) ?? ''],
  ['notdir', (words) => each(words, (word) => word.slice(word.lastIndexOf('/') + 1))],
  ['dir', (words) => each(words, (word) => (word.includes('/') ? word.slice(0, word.lastIndexOf('/') + 1) : './'))],
  ['basename', (words) => each(words, (word) => word.replace(/\.[^./]*$/, ''))],
]);

/** Those that are given what they do not always use, or of which nothing is known. */
const OTHERS = new Set(
  'if or and call foreach realpath abspath shell wildcard eval value origin flavor error warning info word words wordlist join findstring suffix file let guile intcmp'.split(
    ' ',
  ),
);

function isFunction(name: string): boolean {
  return FUNCTIONS.has(name) || OTHERS.has(name);
}

function callIn(name: string, argument: string, work: Work): string {
  const given = argumentsOf(argument);
  const plain = FUNCTIONS.get(name);
  if (name === 'realpath' || name === 'abspath') return work.exact ? UNKNOWN : expandIn(argument, work);
  if (plain) return plain(...given.map((part) => expandIn(part, work)));
  switch (name) {
    case 'if': {
      const condition = expandIn((given[0] ?? '').trim(), work);
      if (condition.includes(UNKNOWN)) return UNKNOWN;
      return expandIn((condition === '' ? given[2] : given[1])?.trim() ?? '', work);
    }
    case 'or':
    case 'and': {
      const values = given.map((part) => expandIn(part.trim(), work));
      const decides = (value: string) => value.includes(UNKNOWN) || (value !== '') === (name === 'or');
      return values.find(decides) ?? values.at(-1) ?? '';
    }
    case 'call': {
      const [called = '', ...rest] = given.map((part) => expandIn(part, work));
      const body = work.variables.get(called.trim());
      return body === undefined ? UNKNOWN : expandIn(body, { ...work, depth: work.depth + 1, given: rest });
    }
    case 'foreach': {
      const variable = (given[0] ?? '').trim();
      const words = wordsOf(expandIn(given[1] ?? '', work));
      const once = (word: string) =>
        expandIn(given[2] ?? '', { ...work, variables: new Map([...work.variables, [variable, word]]), depth: work.depth + 1 });
      return words.length > 50 ? UNKNOWN : words.map(once).join(' ');
    }
    case 'shell':
      return work.exact ? UNKNOWN : saidByShell(expandIn(argument, work));
    case 'info':
    case 'warning':
    case 'eval':
      return '';
    default:
      return UNKNOWN;
  }
}

/** Arguments are divided by commas outside of brackets. */
function argumentsOf(text: string): readonly string[] {
  const result: string[] = [];
  let depth = 0;
  let current = '';
  for (const char of text) {
    if (char === '(' || char === '{') depth += 1;
    else if (char === ')' || char === '}') depth -= 1;
    if (char === ',' && depth === 0) {
      result.push(current);
      current = '';
    } else current += char;
  }
  return [...result, current];
}

/** The folder it runs in, and programs that it looks for by their names. */
function saidByShell(line: string): string {
  if (/^\s*(?:pwd|git\s+rev-parse\s+--show-toplevel)\s*(?:2>\s*\/dev\/null)?\s*$/.test(line)) return '.';
  const [, program] =
    /^\s*(?:command\s+-v|which|type\s+-p)\s+([\w.-]+)(?:\s+2>\s*\/dev\/null|\s*\|\|.*|\s*;)?\s*$/.exec(line) ?? [];
  return program ?? UNKNOWN;
}

function substituted(from: string, to: string, words: string): string {
  return each(words, (word) => {
    const stem = stemOf(from, word);
    return stem === undefined ? word : to.replace('%', () => stem);
  });
}

/** What `%` of the pattern stands for in the word; undefined where it does not match. Of a word that is not known anything does. */
export function stemOf(pattern: string, word: string): string | undefined {
  const at = pattern.indexOf('%');
  if (at < 0) return pattern === word ? '' : undefined;
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  const fits = word.length >= before.length + after.length && word.startsWith(before) && word.endsWith(after);
  return fits ? word.slice(before.length, word.length - after.length) : undefined;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
