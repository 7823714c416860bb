/** What expressions of a noxfile stand for, as far as they say it themselves. Pure; nothing is executed. */
import path from 'node:path';
import type { parser } from '@lezer/python';

export type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/**
 * A word of a command: a text, or a place with `/`, relative to the folder of the noxfile or to one that is made for the session, empty for
 * that folder itself.
 */
export type Word =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'temporary'; readonly path: string };

/** What an expression is: a word, a list of words, a plain value, or nobody knows. */
export type Value =
  | Word
  | { readonly kind: 'list'; readonly words: readonly Word[] }
  | { readonly kind: 'truth'; readonly holds: boolean }
  | { readonly kind: 'unknown' };

/** What names stand for where an expression is. */
export type Scope = ReadonlyMap<string, Value>;

/** The text of a node of the file. */
export type TextOf = (node: SyntaxNode) => string;

export const UNKNOWN: Value = { kind: 'unknown' };
const NOTHING: Value = { kind: 'list', words: [] };

/** Tuples in conditions in parentheses: deeper than anybody writes. */
const DEEPEST = 20;

type Inner = (node: SyntaxNode) => Value;

/** What the expression stands for. What a user adds to a session is nothing, so that its default counts: `session.posargs or ("tests",)`. */
export function standsFor(node: SyntaxNode, scope: Scope, textOf: TextOf, depth = 0): Value {
  if (depth > DEEPEST) return UNKNOWN;
  const inner: Inner = (each) => standsFor(each, scope, textOf, depth + 1);
  switch (node.name) {
    case 'String':
      return { kind: 'text', text: plainText(textOf(node)) };
    case 'FormatString':
      return formatted(node, inner, textOf);
    case 'ContinuedString':
      return joined(partsOf(node).map(inner));
    case 'Boolean':
      return { kind: 'truth', holds: textOf(node) === 'True' };
    case 'None':
      return { kind: 'truth', holds: false };
    case 'VariableName':
      return scope.get(textOf(node)) ?? UNKNOWN;
    case 'MemberExpression':
      return memberOf(node, inner, textOf);
    case 'CallExpression':
      return called(node, inner, textOf);
    case 'ParenthesizedExpression':
      return inner(partsOf(node)[0] ?? node);
    case 'TupleExpression':
    case 'ArrayExpression':
      return listOf(argumentsOf(node, textOf), inner);
    case 'UnaryExpression': {
      const [operand] = partsOf(node).slice(-1);
      const holds = node.getChild('not') && operand ? truthOf(inner(operand)) : undefined;
      return holds === undefined ? UNKNOWN : { kind: 'truth', holds: !holds };
    }
    case 'ConditionalExpression': {
      const [then, condition, otherwise] = partsOf(node);
      const holds = condition && truthOf(inner(condition));
      return holds === undefined || !then || !otherwise ? UNKNOWN : inner(holds ? then : otherwise);
    }
    case 'BinaryExpression':
      return combined(node, inner, textOf);
    default:
      return UNKNOWN;
  }
}

/** Whether a condition holds; undefined where nobody knows. */
export function holdsFor(condition: SyntaxNode, scope: Scope, textOf: TextOf): boolean | undefined {
  return truthOf(standsFor(condition, scope, textOf));
}

function combined(node: SyntaxNode, inner: Inner, textOf: TextOf): Value {
  const [first, second] = partsOf(node).filter(({ name }) => !/Op$/.test(name));
  if (!first || !second) return UNKNOWN;
  const value = inner(first);
  const either = node.getChild('or');
  if (either || node.getChild('and')) {
    const holds = truthOf(value);
    return holds === undefined ? UNKNOWN : holds === Boolean(either) ? value : inner(second);
  }
  const sign = node.getChild('ArithOp') ?? node.getChild('CompareOp');
  const other = inner(second);
  switch (sign ? textOf(sign) : '') {
    case '/':
      return below(value, other);
    case '+':
      if (value.kind === 'list' && other.kind === 'list') {
        const words = [...value.words, ...other.words];
        return words.length > MOST_WORDS ? UNKNOWN : { kind: 'list', words };
      }
      return other.kind === 'text' && other.text.length <= LONGEST_TEXT ? beginning(value, other.text) : UNKNOWN;
    case '==':
    case '!=':
      if (value.kind !== 'text' || other.kind !== 'text') return UNKNOWN;
      return { kind: 'truth', holds: (value.text === other.text) === (sign !== null && textOf(sign) === '==') };
    default:
      return UNKNOWN;
  }
}

/** Sums of sums grow beyond what any session says. */
const MOST_WORDS = 1000;
const LONGEST_TEXT = 10_000;

/** `ROOT / "docs"`. */
function below(folder: Value, name: Value): Value {
  if (!isPlace(folder)) return UNKNOWN;
  if (name.kind === 'path') return placeOf(path.posix.join(folder.path, name.path), folder.kind);
  if (name.kind !== 'text' || name.text.startsWith('/')) return UNKNOWN;
  return placeOf(path.posix.join(folder.path, name.text), folder.kind);
}

function isPlace(value: Value): value is Exclude<Word, { kind: 'text' }> {
  return value.kind === 'path' || value.kind === 'temporary';
}

/** A place; unknown above its folder, where nothing belongs to the repository. */
function placeOf(place: string, kind: 'path' | 'temporary' = 'path'): Value {
  const plain = path.posix.normalize(place).replace(/^\.\/?$|\/$/, '');
  return plain === '..' || plain.startsWith('../') ? UNKNOWN : { kind, path: plain };
}

function memberOf(node: SyntaxNode, inner: Inner, textOf: TextOf): Value {
  const text = textOf(node);
  if (/\.posargs$/.test(text)) return NOTHING;
  if (text === 'os.devnull') return { kind: 'text', text: '/dev/null' };
  const [of] = partsOf(node);
  const own = of && node.getChild('PropertyName');
  if (!own || textOf(own) !== 'parent') return UNKNOWN;
  if (FILE_ITSELF.test(textOf(of))) return { kind: 'path', path: '' };
  const value = inner(of);
  return isPlace(value) && value.path !== '' ? placeOf(path.posix.dirname(value.path), value.kind) : UNKNOWN;
}

/** The noxfile as a path, however sure of it. */
const FILE_ITSELF = /^(?:pathlib\.)?Path\(__file__\)(?:\.(?:resolve|absolute|expanduser)\((?:strict=True)?\))*$/;
const FOLDER_OF_FILE = /^os\.path\.dirname\((?:os\.path\.(?:abspath|realpath)\()?__file__\)?\)$/;
const TEMPORARY_FOLDER = /^(?:(?:tempfile\.)?(?:TemporaryDirectory|mkdtemp)|[a-z]\w*\.create_tmp)\([^()]*\)$/;
const CURRENT_FOLDER = /^(?:(?:pathlib\.)?Path(?:\.cwd)?|os\.getcwd)\(\)$/;

function called(node: SyntaxNode, inner: Inner, textOf: TextOf): Value {
  const text = textOf(node);
  // Sessions run in the folder of their file.
  if (FOLDER_OF_FILE.test(text) || CURRENT_FOLDER.test(text)) return { kind: 'path', path: '' };
  if (TEMPORARY_FOLDER.test(text)) return { kind: 'temporary', path: '' };
  const callee = node.firstChild ? textOf(node.firstChild) : '';
  const given = argumentsOf(node.getChild('ArgList'), textOf);
  const values = given.map((each) => (each.kind === 'plain' ? inner(each.node) : UNKNOWN));
  const [first = UNKNOWN] = values;
  if (/^(?:str|os\.fspath|os\.path\.(?:abspath|realpath)|list|tuple)$/.test(callee) && values.length === 1) return first;
  if (/^(?:pathlib\.)?(?:Pure)?(?:Posix)?Path$|^os\.path\.join$/.test(callee))
    return values.slice(1).reduce(below, first.kind === 'text' && !first.text.startsWith('/') ? placeOf(first.text) : first);
  const of = node.firstChild?.name === 'MemberExpression' ? node.firstChild.firstChild : null;
  if (of && /\.(?:resolve|absolute|as_posix|expanduser)$/.test(callee)) {
    const value = inner(of);
    return isPlace(value) ? value : UNKNOWN;
  }
  return UNKNOWN;
}

/** `f"{ROOT}/docs"`; what begins with a place is one. */
function formatted(node: SyntaxNode, inner: Inner, textOf: TextOf): Value {
  const parts: Value[] = [];
  let from = node.from;
  const plain = (to: number) => {
    const text = textOf(node).slice(from - node.from, to - node.from);
    if (text !== '') parts.push({ kind: 'text', text });
  };
  for (const part of node.getChildren('FormatReplacement')) {
    plain(part.from);
    const [expression, ...others] = partsOf(part);
    parts.push(expression && others.length === 0 ? inner(expression) : UNKNOWN);
    from = part.to;
  }
  plain(node.to);
  const unquoted = parts.flatMap((part, index): readonly Value[] => {
    if (part.kind !== 'text') return [part];
    const begun = index === 0 ? part.text.replace(/^[a-zA-Z]{0,2}(?:"""|'''|["'])/, '') : part.text;
    const text = index === parts.length - 1 ? begun.replace(/(?:"""|'''|["'])$/, '') : begun;
    return text === '' ? [] : [{ kind: 'text', text }];
  });
  const [first, second, ...rest] = unquoted;
  if (!first || !isPlace(first)) return joined(unquoted);
  if (second === undefined) return first;
  const tail = joined([second, ...rest]);
  return tail.kind === 'text' ? beginning(first, tail.text) : UNKNOWN;
}

/** `value` with a text after it; of a place only what lies in it is known. */
function beginning(value: Value, text: string): Value {
  if (!isPlace(value)) return joined([value, { kind: 'text', text }]);
  return text.startsWith('/') ? below(value, { kind: 'text', text: text.slice(1) }) : UNKNOWN;
}

function joined(values: readonly Value[]): Value {
  const texts = values.flatMap((value) => (value.kind === 'text' ? [value.text] : []));
  return texts.length === values.length ? { kind: 'text', text: texts.join('') } : UNKNOWN;
}

/** The parts of an expression without its signs. */
function partsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const parts: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) if (/^[A-Z]/.test(child.name)) parts.push(child);
  return parts.filter(({ name }) => name !== 'Comment');
}

function listOf(items: readonly Argument[], inner: Inner): Value {
  const words: Word[] = [];
  for (const { kind, node } of items) {
    const value = inner(node);
    if (kind === 'plain' && (value.kind === 'text' || isPlace(value))) words.push(value);
    else if (kind === 'spread' && value.kind === 'list') words.push(...value.words);
    else return UNKNOWN;
  }
  return { kind: 'list', words };
}

function truthOf(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'text':
      return value.text !== '';
    case 'path':
    case 'temporary':
      return true;
    case 'list':
      return value.words.length > 0;
    case 'truth':
      return value.holds;
    case 'unknown':
      return undefined;
    default:
      return value satisfies never;
  }
}

function plainText(literal: string): string {
  const [, , , triple = ''] = /^([rbuRBU]*)("""|''')([\s\S]*)\2$/.exec(literal) ?? [];
  return triple !== '' ? triple : literal.replace(/^[rbuRBU]*(["'])([\s\S]*)\1$/, '$2');
}

/** One argument of a call: by position, by name, or spread. */
export interface Argument {
  readonly kind: 'plain' | 'spread' | 'named';
  /** Of a named one. */
  readonly name: string;
  readonly node: SyntaxNode;
}

/** The arguments of a call, the parameters of a function with their defaults, or the items of a list, in order. */
export function argumentsOf(list: SyntaxNode | null, textOf: TextOf): readonly Argument[] {
  const found: Argument[] = [];
  let spread = false;
  for (let node = list?.firstChild ?? null; node; node = node.nextSibling) {
    if (node.name === '*' || node.name === '**') spread = true;
    else if (node.name === ',') spread = false;
    else if (/^[A-Z]/.test(node.name) && !['Comment', 'AssignOp', 'TypeDef'].includes(node.name)) {
      const equals = nextOf(node);
      const value = equals?.name === 'AssignOp' ? nextOf(equals) : undefined;
      if (value) {
        found.push({ kind: 'named', name: textOf(node), node: value });
        node = value;
      } else found.push({ kind: spread ? 'spread' : 'plain', name: '', node });
    }
  }
  return found;
}

/** What follows, but for the type of a parameter and comments. */
function nextOf(node: SyntaxNode): SyntaxNode | null {
  let next = node.nextSibling;
  while (next && (next.name === 'TypeDef' || next.name === 'Comment')) next = next.nextSibling;
  return next;
}

/** With what each of the assignments below `body` says for its name; a name that is given something twice is not known. */
export function withAssignments(body: SyntaxNode, scope: Scope, textOf: TextOf): Scope {
  const known = new Map(scope);
  const given = new Map<string, number>();
  const values: { readonly name: string; readonly node: SyntaxNode }[] = [];
  const rest: string[] = [];
  const take = (name: string, times = 1) => given.set(name, (given.get(name) ?? 0) + times);
  const cursor = body.cursor();
  do {
    if (cursor.from >= body.to) break;
    const { node } = cursor;
    if (node.name === 'AssignStatement') {
      const assigned = assignedIn(node, textOf);
      for (const name of assigned.names) take(name);
      const [name] = assigned.names;
      if (assigned.single && name !== undefined && assigned.value) values.push({ name, node: assigned.value });
      if (assigned.names.length === 2 && assigned.value && KNOWN_ARGUMENTS.test(textOf(assigned.value)))
        rest.push(assigned.names[1] ?? '');
    } else if (node.name === 'WithStatement') {
      for (const { name, made } of openedBy(node, textOf)) {
        take(name);
        values.push({ name, node: made });
      }
    } else if (['UpdateStatement', 'ForStatement', 'DeleteStatement'].includes(node.name)) {
      const end = (node.getChild('in') ?? node.getChild('UpdateOp'))?.from ?? node.to;
      for (const each of node.getChildren('VariableName')) if (each.to <= end) take(textOf(each), 2);
    } else if (node.name === 'CallExpression') {
      const [, name] = /^([A-Za-z_]\w*)\.(?:append|extend|insert|remove|pop|clear|sort|reverse)\(/.exec(textOf(node)) ?? [];
      if (name !== undefined) take(name, 2);
    }
  } while (cursor.next());
  for (const [name, times] of given) if (times > 1 || scope.has(name)) known.set(name, UNKNOWN);
  for (const name of rest) if (given.get(name) === 1) known.set(name, NOTHING);
  for (const { name, node } of values) if (given.get(name) === 1) known.set(name, standsFor(node, known, textOf));
  return known;
}

/** What is left of what a user adds to a session: nothing. */
const KNOWN_ARGUMENTS = /\.parse_known_args\((?:args=)?\w+\.posargs\)$/;

/** What a block calls by a name: `with TemporaryDirectory() as folder:`. */
function openedBy(node: SyntaxNode, textOf: TextOf): readonly { readonly name: string; readonly made: SyntaxNode }[] {
  return node.getChildren('VariableName').flatMap((variable) => {
    const made = variable.prevSibling?.name === 'as' ? variable.prevSibling.prevSibling : null;
    return made ? [{ name: textOf(variable), made }] : [];
  });
}

interface Assigned {
  readonly names: readonly string[];
  /** Nothing but one name is given something. */
  readonly single: boolean;
  readonly value?: SyntaxNode;
}

/** What an assignment gives something to, `a = b = …` and `a, b = …` included, and what it gives. */
function assignedIn(node: SyntaxNode, textOf: TextOf): Assigned {
  const last = node.getChildren('AssignOp').at(-1);
  const parts = partsOf(node).filter(({ name }) => name !== 'AssignOp' && name !== 'TypeDef');
  const value = parts.at(-1);
  if (!value || !last || value.from < last.to) return { names: [], single: false };
  const targets = parts.slice(0, -1);
  const names = targets.filter(({ name }) => name === 'VariableName').map(textOf);
  return { names, single: targets.length === 1 && names.length === 1, value };
}
