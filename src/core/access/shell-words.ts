/** Words of a shell line as the arguments that they become. Pure. */
import type { ParameterExpansionPart, Word, WordPart } from 'unbash';
import { ANYTHING, type Argument, escapeGlob, UNKNOWN } from './argument.js';

/** What expanding a word needs to know, and whom it tells of commands within. */
export interface Expander {
  /** The value of a variable; undefined when nobody knows. */
  value(name: string): Argument | undefined;
  /** Follows the commands of a substitution; answers what it prints, where that is known. */
  substitute(part: WordPart): Argument | undefined;
  /** Is told of an expression that may change variables. */
  arithmetic(text: string): void;
  barrier(because: string): void;
}

/** The arguments that a word becomes: none, one, or several. Follows all commands in it. */
export function expandWord(word: Word, expander: Expander): readonly Argument[] {
  const parts = word.parts ?? [];
  const home = tilde(word, expander);
  if (parts.length === 0 && !home) return [{ text: word.value, glob: escapeGlob(word.value) }];
  const [only] = parts;
  if (parts.length === 1 && only && (only.type === 'SimpleExpansion' || only.type === 'ParameterExpansion')) {
    return splitValue(expansion(only, expander));
  }
  let results: readonly Built[] = [home ?? EMPTY];
  if (parts.length === 0) results = [joined(home ?? EMPTY, known(word.value.slice(1)))];
  parts.forEach((part, index) => {
    const pieces = piecesOf(part, expander, false);
    const trimmed = home && index === 0 && part.type === 'Literal' ? [known(part.value.slice(1))] : pieces;
    results = results.flatMap((start) => trimmed.map((piece) => joined(start, piece)));
    if (results.length > MOST) results = [{ glob: UNKNOWN, many: true, loose: true }];
  });
  return results.map(finished);
}

/** A word that stands for one path. */
export function expandTarget(word: Word, expander: Expander): Argument {
  const all = expandWord(word, expander);
  const [only] = all;
  return all.length === 1 && only ? only : ANYTHING;
}

/** The value of an assignment, in which nothing is split. */
export function expandValue(word: Word, expander: Expander): Argument {
  const parts = word.parts ?? [];
  const home = tilde(word, expander);
  if (word.text.includes(':~')) return { glob: UNKNOWN };
  if (parts.length === 0) return finished(home ? joined(home, known(word.value.slice(1))) : known(word.value));
  let result: Built = home ?? EMPTY;
  parts.forEach((part, index) => {
    if (part.type === 'Glob' || part.type === 'BraceExpansion' || part.type === 'ExtendedGlob') {
      result = joined(result, known(part.text));
      return;
    }
    const [piece = EMPTY] =
      home && index === 0 && part.type === 'Literal' ? [known(part.value.slice(1))] : piecesOf(part, expander, true);
    result = joined(result, piece);
  });
  const { many: _many, loose: _loose, ...value } = finished(result);
  return value;
}

interface Built {
  readonly text?: string;
  readonly glob: string;
  readonly many?: true;
  readonly loose?: true;
}

const EMPTY: Built = { text: '', glob: '' };
const MOST = 64;

function known(text: string): Built {
  return { text, glob: escapeGlob(text) };
}

function joined(start: Built, piece: Built): Built {
  const text = start.text !== undefined && piece.text !== undefined ? { text: start.text + piece.text } : {};
  return {
    ...text,
    glob: start.glob + piece.glob,
    ...(start.many || piece.many ? { many: true } : {}),
    // Only the first character makes an option.
    ...(start.loose || (piece.loose && start.glob === '') ? { loose: true } : {}),
  };
}

function finished(built: Built): Argument {
  return built.glob.length > 4096 ? ANYTHING : built;
}

/** The home directory in place of a tilde at the start. */
function tilde(word: Word, expander: Expander): Built | undefined {
  if (!word.text.startsWith('~')) return undefined;
  if (word.text === '~' || word.text.startsWith('~/')) {
    const home = expander.value('HOME');
    return home?.text === undefined ? { glob: UNKNOWN } : known(home.text);
  }
  return { glob: UNKNOWN };
}

function piecesOf(part: WordPart, expander: Expander, quoted: boolean): readonly Built[] {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [known(part.value)];
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.reduce<readonly Built[]>(
        (results, child) => results.flatMap((start) => piecesOf(child, expander, true).map((piece) => joined(start, piece))),
        [EMPTY],
      );
    case 'Glob':
      return [{ glob: part.kind === 'bracket' ? bracket(part.text) : part.kind === 'star' ? part.text : '?' }];
    case 'ExtendedGlob':
      return [{ glob: part.text.includes('/') ? UNKNOWN : '*' }];
    case 'BraceExpansion':
      return braces(part, expander);
    case 'SimpleExpansion':
    case 'ParameterExpansion':
      return [quoted ? asOneWord(expansion(part, expander), part.text) : withinWord(expansion(part, expander))];
    case 'CommandExpansion': {
      const printed = expander.substitute(part);
      return [printed ?? (quoted ? { glob: UNKNOWN } : { ...ANYTHING })];
    }
    case 'ProcessSubstitution':
      expander.substitute(part);
      return [{ glob: '/dev/fd/*' }];
    case 'ArithmeticExpansion':
      expander.substitute(part);
      expander.arithmetic(part.text);
      return [{ glob: '*' }];
    default:
      return part satisfies never;
  }
}

function bracket(text: string): string {
  return /^\[[!^]?[\w.-]+\]$/.test(text) ? text : '*';
}

function braces(part: WordPart, expander: Expander): readonly Built[] {
  if (/[$`'"\\*?[\]]/.test(part.text)) {
    for (const child of 'parts' in part ? (part.parts ?? []) : [])
      if ('type' in child) piecesOf(child as WordPart, expander, false);
    if (/[$`]/.test(part.text)) expander.barrier('it has commands or variables in braces');
    return [{ glob: UNKNOWN, many: true, loose: true }];
  }
  const all = braceValues(part.text, 0);
  return all === undefined ? [{ glob: UNKNOWN, many: true, loose: true }] : all.map(known);
}

/** All that a text with braces stands for; undefined when that is too much. */
function braceValues(text: string, depth: number): readonly string[] | undefined {
  const open = text.indexOf('{');
  if (open < 0) return [text];
  if (depth > 8) return undefined;
  const close = matching(text, open);
  if (close < 0) return [text];
  const inner = text.slice(open + 1, close);
  const items = sequence(inner) ?? divided(inner);
  if (items === undefined) return undefined;
  const before = text.slice(0, open);
  const after = braceValues(text.slice(close + 1), depth + 1);
  const results: string[] = [];
  for (const item of items) {
    const values = items.length === 1 ? [`{${item}}`] : braceValues(item, depth + 1);
    if (!values || !after) return undefined;
    for (const value of values) for (const rest of after) results.push(before + value + rest);
    if (results.length > MOST) return undefined;
  }
  return results;
}

function matching(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    if (text[index] === '}') {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}

/** `1..3`; an empty list never comes back. */
function sequence(inner: string): readonly string[] | undefined {
  const match = /^(-?\d{1,6})\.\.(-?\d{1,6})$/.exec(inner);
  if (!match) return undefined;
  const [from, to] = [Number(match[1]), Number(match[2])];
  if (Math.abs(to - from) >= MOST || /^-?0\d/.test(match[1] ?? '')) return undefined;
  const step = to < from ? -1 : 1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => String(from + step * index));
}

function divided(inner: string): readonly string[] | undefined {
  if (inner.includes('..')) return undefined;
  const items: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < inner.length; index += 1) {
    if (inner[index] === '{') depth += 1;
    if (inner[index] === '}') depth -= 1;
    if (inner[index] === ',' && depth === 0) {
      items.push(inner.slice(start, index));
      start = index + 1;
    }
  }
  return [...items, inner.slice(start)];
}

/** The value of `$x` or `${x…}`; undefined when nobody knows. */
function expansion(part: WordPart, expander: Expander): Argument | undefined {
  if (part.type === 'SimpleExpansion') return named(part.text.slice(1), expander);
  if (part.type !== 'ParameterExpansion') return undefined;
  expander.substitute(part);
  if (part.prefix === '#') return { glob: '*' };
  if (part.prefix || part.index) return undefined;
  const value = named(part.parameter, expander);
  const { operation } = part;
  if (operation === undefined) return value;
  if (operation.type === 'Remove') return value?.text === undefined ? undefined : removed(value.text, operation);
  // An assignment to a variable that is set and not empty does nothing.
  if (operation.type === 'Default' && value?.text && !operation.operator.endsWith('+')) return value;
  if (operation.type === 'Default' && operation.operator.endsWith('=')) expander.arithmetic(`${part.parameter}=`);
  return undefined;
}

function named(name: string, expander: Expander): Argument | undefined {
  // Numbers: of processes, of arguments, of the last exit.
  if (/^(?:[$!?#]|RANDOM|SECONDS|UID|EUID|PPID|BASHPID|LINENO|EPOCHSECONDS)$/.test(name)) return { glob: '*' };
  return /^[A-Za-z_]\w*$/.test(name) ? expander.value(name) : undefined;
}

function removed(text: string, operation: NonNullable<ParameterExpansionPart['operation']>): Argument | undefined {
  if (operation.type !== 'Remove') return undefined;
  const pattern = operation.operand.text;
  const { operator } = operation;
  if (/^[\w.-]+$/.test(pattern)) {
    const isEnd = operator.startsWith('%');
    const has = isEnd ? text.endsWith(pattern) : text.startsWith(pattern);
    return known(!has ? text : isEnd ? text.slice(0, -pattern.length) : text.slice(pattern.length));
  }
  if (operator === '##' && pattern === '*/') return known(text.slice(text.lastIndexOf('/') + 1));
  if (operator === '%' && pattern === '/*') return known(text.includes('/') ? text.slice(0, text.lastIndexOf('/')) : text);
  if (operator === '%' && pattern === '.*') return known(text.includes('.') ? text.slice(0, text.lastIndexOf('.')) : text);
  return undefined;
}

/** Without quotes a value falls into words, which may be globs. */
function splitValue(value: Argument | undefined): readonly Argument[] {
  if (value === undefined) return [ANYTHING];
  if (value.text === undefined) return [value.glob.includes(UNKNOWN) ? { glob: value.glob, many: true, loose: true } : value];
  const found = value.text.split(/\s+/).filter(Boolean);
  if (value.text.includes('**')) return [ANYTHING];
  return found.map((word) =>
    /[*?[\]]/.test(word) ? { glob: word.replace(/\[.*\]|[*?]+/g, '*').replace(/[[\]{}()\\]/g, '*') } : known(word),
  );
}

function withinWord(value: Argument | undefined): Built {
  if (value === undefined || (value.text !== undefined && /[\s*?[\]]/.test(value.text))) return { ...ANYTHING };
  return value.glob.includes(UNKNOWN) ? { glob: value.glob, many: true, loose: true } : value;
}

function asOneWord(value: Argument | undefined, text: string): Built {
  if (value !== undefined) return value;
  return /^\$\{?[@*]|\[[@*]\]/.test(text) ? { ...ANYTHING } : { glob: UNKNOWN };
}
