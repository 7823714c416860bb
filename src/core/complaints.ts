/** What is wrong with data, in words that say what to do: from the issues of a schema to sentences. Pure. */
import type { Complaint, Path } from './jsonc.js';

/** An issue of zod as far as it is read here. */
export interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly expected?: unknown;
  readonly origin?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: unknown;
  readonly values?: unknown;
  readonly keys?: unknown;
  readonly errors?: unknown;
  /** Of a check of our own: completes a sentence that starts with the place. */
  readonly message?: string | undefined;
}

/** What a schema cannot say of itself. */
export interface Words {
  /** The names that may stand in the object at a path. */
  namesAt(path: Path): readonly string[];
  /** What is expected at a path where several things may stand; completes a sentence that starts with the place. */
  alternativesAt?(path: Path): string | undefined;
  /** Which form a text, or the name of a property, has to have at a path; completes "has to …". */
  formAt?(path: Path): string | undefined;
}

/** One complaint for each thing that is wrong; of alternatives only the one that was meant. */
export function complaintsOf(issues: readonly Issue[], words: Words, before: Path = []): readonly Complaint[] {
  const places = new Set(issues.filter(({ code }) => code === 'invalid_type').map((issue) => issue.path.map(String).join('\0')));
  return issues.flatMap((issue) => {
    // Of what is of another kind its length says nothing.
    if (issue.code?.startsWith('too_') && places.has(issue.path.map(String).join('\0'))) return [];
    if (issue.code === 'custom' && issue.message?.startsWith('has to '))
      return [
        {
          path: [...before, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))],
          message: issue.message,
        },
      ];
    const path = [...before, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
    if (issue.code === 'unrecognized_keys' && Array.isArray(issue.keys))
      return issue.keys
        .slice(0, MOST_NAMES)
        .map((key: string) => ({ path, key, message: unknownName(key, words.namesAt(path)) }));
    const form = issue.code === 'invalid_format' || issue.code === 'invalid_key' ? words.formAt?.(path) : undefined;
    if (issue.code !== 'invalid_union') return [{ path, message: `has to ${form ?? expectation(issue)}.` }];
    const branches = alternatives(issue);
    const [meant, other] = branches.filter(fitsItself).sort((a, b) => rank(a) - rank(b));
    if (meant && (other === undefined || rank(meant) < rank(other) || meant.length <= other.length))
      return complaintsOf(meant, words, path);
    const expected = words.alternativesAt?.(path);
    if (expected !== undefined) return [{ path, message: expected }];
    const all = [...new Set(branches.flatMap((branch) => branch.slice(0, 1).map(expectation)))];
    return [{ path, message: all.length === 0 ? 'is not what is expected here.' : `has to ${all.join(', or ')}.` }];
  });
}

/** `is not known here. Did you mean “timeout”?` */
export function unknownName(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  if (meant !== undefined) return `is not known here. Did you mean “${meant}”?`;
  return known.length === 0 ? 'is not known here.' : `is not known here. It can be: ${known.join(', ')}.`;
}

/** The known name that someone may have meant: few changes away. Undefined when none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known.slice(0, MOST_NAMES)) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? limit + 1)) best = { name: candidate, distance };
  }
  return best?.name;
}

/** Bounds of telling what was meant: hostile files have many long names. */
const LONGEST_NAME = 60;
const MOST_NAMES = 500;

/** Insertions, removals, replacements and swaps of neighbours that make one of the other. */
function distanceOf(a: string, b: string): number {
  let twoBack: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (twoBack[j - 2] ?? 0) + 1);
      row.push(least);
    }
    twoBack = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

// ------------------------------------------------------------------------------------------------------------------ zod

function alternatives({ errors }: Issue): readonly (readonly Issue[])[] {
  return Array.isArray(errors) ? (errors as readonly (readonly Issue[])[]) : [];
}

/** Whether the value is at least of the kind that the alternative is about. */
function fitsItself(branch: readonly Issue[]): boolean {
  return !branch.some(({ code, path }) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value'));
}

/** Alternatives that differ in their first element are told apart by it. */
function rank(branch: readonly Issue[]): number {
  return branch.some(({ code, path }) => code === 'invalid_value' && path.length === 1 && path[0] === 0) ? 1 : 0;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'be a text in double quotes',
  number: 'be a number',
  int: 'be a whole number',
  boolean: 'be true or false',
  array: 'be an array […]',
  tuple: 'be an array […]',
  object: 'be an object {…}',
  record: 'be an object {…}',
};

/** Completes "has to …". */
function expectation(issue: Issue): string {
  const { code, expected, origin, minimum, maximum, inclusive, values } = issue;
  switch (code) {
    case 'invalid_type':
      return KINDS[String(expected)] ?? `be of the kind ${String(expected)}`;
    case 'invalid_value':
      return `be ${Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(' or ') : 'another value'}`;
    case 'too_small':
      if (origin === 'string') return 'hold some text';
      if (origin === 'array') return minimum === 1 ? 'hold an element' : `hold ${String(minimum)} elements`;
      if (minimum === Number.MIN_SAFE_INTEGER) return 'be a whole number that is not so far below 0';
      return `be ${inclusive === true ? 'at least' : 'more than'} ${String(minimum)}`;
    case 'too_big':
      if (origin === 'array') return `hold not more than ${String(maximum)} elements`;
      if (origin === 'string') return `hold not more than ${String(maximum)} characters`;
      if (maximum === Number.MAX_SAFE_INTEGER) return 'be a whole number that is not so large';
      return `be at most ${String(maximum)}`;
    case 'invalid_format':
      return 'be a path below its folder, without a leading / and without ..';
    case 'invalid_key':
      return 'have another name: names hold some text and no =';
    case 'invalid_union':
      return alternatives(issue)
        .flatMap((branch) => branch.slice(0, 1).map(expectation))
        .join(', or ');
    default:
      return 'be something else';
  }
}
