/** What expressions of a noxfile stand for, as far as they say it themselves. Pure; nothing is executed. */
import type { parser } from '@lezer/python';

export type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** What an expression is: a text, a list of texts, a plain value, or nobody knows. */
export type Value =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly texts: readonly string[] }
  | { readonly kind: 'truth'; readonly holds: boolean }
  | { readonly kind: 'unknown' };

/** What names stand for where an expression is. */
export type Scope = ReadonlyMap<string, Value>;

/** The text of a node of the file. */
export type TextOf = (node: SyntaxNode) => string;

export const UNKNOWN: Value = { kind: 'unknown' };

/** Tuples in conditions in parentheses: deeper than anybody writes. */
const DEEPEST = 20;

/** What the expression stands for. What a user adds to a session is nothing, so that its default counts: `session.posargs or ("tests",)`. */
export function standsFor(node: SyntaxNode, scope: Scope, textOf: TextOf, depth = 0): Value {
  if (depth > DEEPEST) return UNKNOWN;
  const inner = (each: SyntaxNode) => standsFor(each, scope, textOf, depth + 1);
  switch (node.name) {
    case 'String':
      return { kind: 'text', text: plainText(textOf(node)) };
    case 'ContinuedString':
      return partsOf(node).every(({ name }) => name === 'String')
        ? {
            kind: 'text',
            text: partsOf(node)
              .map((part) => plainText(textOf(part)))
              .join(''),
          }
        : UNKNOWN;
    case 'Boolean':
      return { kind: 'truth', holds: textOf(node) === 'True' };
    case 'None':
      return { kind: 'truth', holds: false };
    case 'VariableName':
      return scope.get(textOf(node)) ?? UNKNOWN;
    case 'MemberExpression':
      return /\.posargs$/.test(textOf(node)) ? { kind: 'list', texts: [] } : UNKNOWN;
    case 'ParenthesizedExpression':
      return inner(partsOf(node)[0] ?? node);
    case 'TupleExpression':
    case 'ArrayExpression':
      return listOf(partsOf(node).map(inner));
    case 'ConditionalExpression': {
      const [then, condition, otherwise] = partsOf(node);
      const holds = condition && truthOf(inner(condition));
      return holds === undefined || !then || !otherwise ? UNKNOWN : inner(holds ? then : otherwise);
    }
    case 'BinaryExpression': {
      const [first, second] = partsOf(node);
      if (!first || !second || !node.getChild('or')) return UNKNOWN;
      const value = inner(first);
      const holds = truthOf(value);
      return holds === undefined ? UNKNOWN : holds ? value : inner(second);
    }
    default:
      return UNKNOWN;
  }
}

/** The parts of an expression without its signs. */
function partsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const parts: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) if (/^[A-Z]/.test(child.name)) parts.push(child);
  return parts.filter(({ name }) => name !== 'Comment');
}

function listOf(values: readonly Value[]): Value {
  const texts = values.flatMap((value) => (value.kind === 'text' ? [value.text] : []));
  return texts.length === values.length ? { kind: 'list', texts } : UNKNOWN;
}

function truthOf(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'text':
      return value.text !== '';
    case 'list':
      return value.texts.length > 0;
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

/** The arguments of a call, or the parameters of a function with their defaults, in order. */
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
