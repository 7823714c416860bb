/**
 * References in the inputs of operations: `${id.output}`, `${id.files}`, `${id.json.path.0}`, `${id.exitCode}`, `${item}`,
 * `${matrix.name}`. Anything else in braces after a dollar, such as a variable of a shell, stays as it stands; `$${` is a plain `${`. Pure.
 */

/** What a reference asks of an operation or a group. */
export type Asked = 'output' | 'files' | 'json' | 'exitCode';

export interface Reference {
  readonly kind: 'result';
  /** Of an operation or a group. */
  readonly id: string;
  readonly asked: Asked;
  /** Below `json`. */
  readonly path: readonly string[];
}

/** A value that is known before anything runs. */
interface Parameter {
  readonly kind: 'parameter';
  /** `item`, `index`, `matrix.file`. */
  readonly name: string;
}

type Piece = string | Reference | Parameter;

const TOKEN = /\$\$\{|\$\{([^{}\n]{1,300})\}/g;
const RESULT = /^([A-Za-z_][\w-]*)\.(output|files|json|exitCode)((?:\.[\w-]+)*)$/;
const PARAMETER = /^(?:item|index|matrix\.[A-Za-z_]\w*)$/;

/** Whether there is a reference in a value, however deep. */
export function hasReference(value: unknown): boolean {
  return referencesIn(value).length > 0 || parametersIn(value).length > 0;
}

/** The results that a value asks for, in order, with repetitions. */
export function referencesIn(value: unknown): readonly Reference[] {
  return textsIn(value).flatMap((text) => piecesOf(text).filter((piece): piece is Reference => isKind(piece, 'result')));
}

/** The names of the values of matrices and pipelines that a value asks for. */
export function parametersIn(value: unknown): readonly string[] {
  return textsIn(value).flatMap((text) => piecesOf(text).flatMap((piece) => (isKind(piece, 'parameter') ? [piece.name] : [])));
}

/**
 * The value with parameters in place, by `known`; a text that is nothing but one becomes the value itself. References to results stay, with
 * the id that `rename` gives.
 */
export function withParameters(
  value: unknown,
  known: ReadonlyMap<string, string | number | boolean>,
  rename: (id: string) => string,
): unknown {
  return mapped(value, (text) => {
    const pieces = piecesOf(text);
    const [only] = pieces;
    if (pieces.length === 1 && only !== undefined && isKind(only, 'parameter')) return known.get(only.name) ?? text;
    return pieces
      .map((piece) => {
        if (typeof piece === 'string') return escaped(piece);
        if (piece.kind === 'parameter')
          return known.has(piece.name) ? escaped(String(known.get(piece.name))) : `\${${piece.name}}`;
        return tokenOf({ ...piece, id: rename(piece.id) });
      })
      .join('');
  });
}

/** What a reference stands for: a text, the names of files, or data. */
export type Resolver = (reference: Reference) => unknown;

/**
 * The value with all references replaced. A text that is nothing but one becomes what it stands for: a list of files as elements of the
 * array that it stands in. In the middle of a text lists are joined by line breaks and data is written as JSON.
 */
export function resolved(value: unknown, resolve: Resolver): unknown {
  return mapped(value, (text) => {
    const pieces = piecesOf(text);
    const [only] = pieces;
    if (pieces.length === 1 && only !== undefined && isKind(only, 'result')) {
      const whole = resolve(only);
      return Array.isArray(whole) && only.asked === 'files' ? new Spread(whole) : whole;
    }
    return pieces
      .map((piece) =>
        isKind(piece, 'result') ? inText(resolve(piece)) : typeof piece === 'string' ? piece : `\${${piece.name}}`,
      )
      .join('');
  });
}

/** A list that an array takes element by element. */
class Spread {
  constructor(readonly values: readonly unknown[]) {}
}

/** As it stands in the middle of a text. */
export function inText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join('\n');
  return value === undefined ? '' : JSON.stringify(value);
}

/** `text` divided at its references, without empty pieces; escapes are undone. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  let end = 0;
  const take = (until: number) => {
    plain += text.slice(end, until);
  };
  for (const match of text.matchAll(TOKEN)) {
    const [whole, inner] = match;
    const found = inner === undefined ? undefined : pieceOf(inner);
    if (inner !== undefined && !found) continue;
    take(match.index);
    end = match.index + whole.length;
    if (!found) {
      plain += '${';
      continue;
    }
    if (plain !== '') pieces.push(plain);
    plain = '';
    pieces.push(found);
  }
  take(text.length);
  if (plain !== '') pieces.push(plain);
  return pieces;
}

function pieceOf(inner: string): Reference | Parameter | undefined {
  if (PARAMETER.test(inner)) return { kind: 'parameter', name: inner };
  const match = RESULT.exec(inner);
  const asked = match?.[2] as Asked | undefined;
  if (!match || asked === undefined) return undefined;
  const path = (match[3] ?? '').split('.').slice(1);
  return path.length > 0 && asked !== 'json' ? undefined : { kind: 'result', id: match[1] ?? '', asked, path };
}

/** The value as it has to be written so that nothing in it is taken for a reference. */
export function withoutReferences(value: unknown): unknown {
  if (typeof value === 'string') {
    const pieces = piecesOf(value);
    return pieces.length === 0 || (pieces.length === 1 && pieces[0] === value) ? value : escaped(value);
  }
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutReferences(inner)]));
}

function tokenOf({ id, asked, path }: Reference): string {
  return `\${${[id, asked, ...path].join('.')}}`;
}

/** A text in which nothing is taken for a reference. */
function escaped(text: string): string {
  return text.replaceAll('${', () => '$${');
}

function isKind<Kind extends 'result' | 'parameter'>(piece: Piece, kind: Kind): piece is Extract<Piece, { readonly kind: Kind }> {
  return typeof piece !== 'string' && piece.kind === kind;
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function mapped(value: unknown, replace: (text: string) => unknown): unknown {
  const at = (each: unknown): unknown => {
    if (typeof each === 'string') return replace(each);
    if (Array.isArray(each)) return each.flatMap((element) => spread(at(element)));
    if (typeof each === 'object' && each !== null)
      return Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, single(at(inner))]));
    return each;
  };
  return single(at(value));
}

function spread(value: unknown): readonly unknown[] {
  // An array that stands in an array is one element of it.
  return value instanceof Spread ? value.values : [value];
}

function single(value: unknown): unknown {
  return value instanceof Spread ? value.values : value;
}
