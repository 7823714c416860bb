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
 * Following the glob along a path costs much more than the look at both ends of the path that most do not pass: what stands before the
 * first special character and after the last one stands there in every path that matches.
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
  let follow: Step | undefined;
  return (path) => {
    if (!path.startsWith(start) || !path.endsWith(end)) return false;
    follow ??= compile(plain, glob);
    return follow(path, START).at(-1) === path.length;
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

// ----------------------------------------------------------------------------------------------------------- following

/**
 * Where a part of a glob can end in `path`, for where it can start. All ways are followed at once, so the work grows with the lengths
 * of glob and path, whatever they are. A regular expression would try one way after another, and a glob of many stars has more of them
 * than anybody can wait for.
 */
type Step = (path: string, from: Places) => Places;

/** Ranges of indices as `[first, last, first, last, …]`, ascending and apart. */
type Places = readonly number[];

const START: Places = [0, 0];

function compile(plain: string, glob: string): Step {
  const reader: Reader = readerOf(plain);
  const step = sequence(reader, undefined, true);
  // Unbalanced brackets: as in a shell, the text then stands for itself.
  return reader.isBalanced ? step : literal(glob);
}

type Group = 'brace' | '@' | '?' | '*' | '+';

interface Reader {
  readonly glob: string;
  at: number;
  /** In how many groups. */
  depth: number;
  /** Every group that was opened was closed. */
  isBalanced: boolean;
}

const DEEPEST = 50;

function readerOf(glob: string): Reader {
  return { glob, at: 0, depth: 0, isBalanced: true };
}

/** What follows up to the end of the glob, or of the alternative of the group `inside`. */
function sequence(reader: Reader, inside: Group | undefined, atStart: boolean): Step {
  const steps: Step[] = [];
  const { glob } = reader;
  const begin = reader.at;
  while (reader.at < glob.length && !(inside && endsAlternative(glob[reader.at] ?? '', inside))) {
    const negated = inside === undefined ? negatedGroup(glob.slice(reader.at)) : undefined;
    if (negated) {
      reader.at = glob.length;
      steps.push(unlike(negated, reader));
    } else steps.push(next(reader, reader.at === begin && inside === undefined ? atStart : glob[reader.at - 1] === '/'));
  }
  return inOrder(steps);
}

function endsAlternative(character: string, inside: Group): boolean {
  return inside === 'brace' ? character === ',' || character === '}' : character === '|' || character === ')';
}

/** `!(inner)after`, when the text starts so and nothing is nested in it. */
function negatedGroup(rest: string): { readonly inner: string; readonly after: string } | undefined {
  const match = /^!\(([^()]*)\)/.exec(rest);
  // The alternatives of a group are those of braces.
  return match ? { inner: `@(${match[1]})`, after: rest.slice(match[0].length) } : undefined;
}

/** The next part of the glob; the reader stands behind it afterwards. */
function next(reader: Reader, atSegmentStart: boolean): Step {
  const { glob, at } = reader;
  const [first = '', second = ''] = [glob[at], glob[at + 1]];
  const taking = (length: number, step: Step): Step => {
    reader.at += length;
    return step;
  };
  if (second === '(' && '@?*+'.includes(first)) return group(reader, first as Group, 2);
  if (first === '*' && second === '*' && atSegmentStart) {
    if (at + 2 === glob.length) return taking(2, anything);
    if (glob[at + 2] === '/') return taking(3, segments);
  }
  if (first === '*') return taking(1, withinSegment);
  if (first === '?') return taking(1, one(/[^/]/suy));
  if (first === '[') {
    const brackets = /^\[([!^]?)(\]?[^\]/]*)\]/.exec(glob.slice(at));
    const characters = (brackets?.[2] ?? '').replace(/[\\[\]^]/g, '\\$&');
    const expression = brackets && expressionOf(`[${brackets[1] ? '^/' : ''}${characters}]`);
    if (brackets && !expression) reader.isBalanced = false;
    if (brackets && expression) return taking(brackets[0].length, one(expression));
  }
  if (first === '\\' && second !== '') return taking(2, literal(second));
  if (first === '{' && /^\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/.exec(glob.slice(at))?.[0].includes(','))
    return group(reader, 'brace', 1);
  const plain = /^[^\\*?[{}()|,@+!]+/.exec(glob.slice(at))?.[0] ?? first;
  return taking(plain.length, literal(plain));
}

/** The alternatives of a group, whose opening bracket has this length, and how often they may follow each other. */
function group(reader: Reader, kind: Group, opening: number): Step {
  const alternatives: Step[] = [];
  reader.at += opening;
  reader.depth += 1;
  // What lies deeper than anybody writes it is no glob.
  reader.isBalanced &&= reader.depth < DEEPEST;
  for (let closed = !reader.isBalanced; !closed; ) {
    alternatives.push(sequence(reader, kind, false));
    closed = reader.glob[reader.at] !== (kind === 'brace' ? ',' : '|');
    reader.isBalanced &&= reader.at < reader.glob.length;
    reader.at += 1;
  }
  reader.depth -= 1;
  const once: Step = (path, from) => union(alternatives.map((step) => step(path, from)));
  if (kind === 'brace' || kind === '@') return once;
  if (kind === '?') return (path, from) => union([from, once(path, from)]);
  return (path, from) => repeated(once, path, kind === '*' ? from : once(path, from));
}

/** All that comes of doing a step again and again. */
function repeated(step: Step, path: string, from: Places): Places {
  for (let all = from; ; ) {
    const more = union([all, step(path, all)]);
    if (more.length === all.length && more.every((place, index) => place === all[index])) return all;
    all = more;
  }
}

function union(sets: readonly Places[]): Places {
  return sets.reduce(merged, []);
}

function merged(left: Places, right: Places): Places {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  const all: number[] = [];
  for (let a = 0, b = 0; a < left.length || b < right.length; ) {
    const isLeft = (left[a] ?? Number.POSITIVE_INFINITY) <= (right[b] ?? Number.POSITIVE_INFINITY);
    const from = isLeft ? left : right;
    const index = isLeft ? a : b;
    add(all, from[index] ?? 0, from[index + 1] ?? 0);
    if (isLeft) a += 2;
    else b += 2;
  }
  return all;
}

/** Puts a range behind others that start before it or where it does. */
function add(places: number[], low: number, high: number): void {
  const last = places.at(-1);
  if (last === undefined || low > last + 1) places.push(low, high);
  else if (high > last) places[places.length - 1] = high;
}

function* rangesOf(places: Places): Generator<readonly [number, number]> {
  for (let index = 0; index < places.length; index += 2) yield [places[index] ?? 0, places[index + 1] ?? 0];
}

/** `!(inner)after`: what does not go on as `inner` and then `after` up to the end of the path. */
function unlike({ inner, after }: { readonly inner: string; readonly after: string }, reader: Reader): Step {
  const part = (glob: string): Step => {
    const own = readerOf(glob);
    const step = sequence(own, undefined, false);
    reader.isBalanced &&= own.isBalanced;
    return step;
  };
  const rest = part(after);
  const forbidden = inOrder([part(inner), rest]);
  const allowed = inOrder([withinSegment, rest]);
  return (path, from) => {
    const starts: number[] = [];
    for (const [low, high] of rangesOf(from))
      for (let at = low; at <= high; at += 1) if (forbidden(path, [at, at]).at(-1) !== path.length) add(starts, at, at);
    return allowed(path, starts);
  };
}

function inOrder(steps: readonly Step[]): Step {
  const [only] = steps;
  if (only && steps.length === 1) return only;
  return (path, from) => {
    let places = from;
    for (const step of steps) {
      if (places.length === 0) break;
      places = step(path, places);
    }
    return places;
  };
}

function literal(text: string): Step {
  return (path, from) => {
    const found: number[] = [];
    for (let index = 0; index < from.length; index += 2) {
      const [low = 0, high = 0] = [from[index], from[index + 1]];
      if (low === high) {
        if (path.startsWith(text, low)) add(found, low + text.length, low + text.length);
      } else {
        for (let at = path.indexOf(text, low); at >= 0 && at <= high; at = path.indexOf(text, at + 1))
          add(found, at + text.length, at + text.length);
      }
    }
    return found;
  };
}

/** One character that `expression`, which looks where it is told to, matches. */
function one(expression: RegExp): Step {
  return (path, from) => {
    const ends = new Set<number>();
    for (const [low, high] of rangesOf(from)) {
      for (let at = low; at <= high; at += 1) {
        expression.lastIndex = at;
        if (expression.test(path)) ends.add(expression.lastIndex);
      }
    }
    const found: number[] = [];
    for (const at of [...ends].sort((a, b) => a - b)) add(found, at, at);
    return found;
  };
}

/** `*`: from each place to the end of its segment. */
const withinSegment: Step = (path, from) => {
  const found: number[] = [];
  for (let index = 0; index < from.length; index += 2) {
    const [low = 0, high = 0] = [from[index], from[index + 1]];
    const slash = path.indexOf('/', high);
    add(found, low, slash < 0 ? path.length : slash);
  }
  return found;
};

/** `**` and its slash: any number of whole segments. */
const segments: Step = (path, from) => {
  const reached: number[] = [];
  for (let start = 0, slash = path.indexOf('/'); slash >= 0; start = slash + 1, slash = path.indexOf('/', start)) {
    const isStart = reached.at(-1) === start || meets(from, start, slash - 1);
    if (isStart && slash > start) reached.push(slash + 1, slash + 1);
  }
  return merged(from, reached);
};

function meets(places: Places, low: number, high: number): boolean {
  for (let index = 0; index < places.length; index += 2)
    if ((places[index] ?? 0) <= high && (places[index + 1] ?? 0) >= low) return true;
  return false;
}

/** `**` at the end. */
const anything: Step = (path, [first = path.length]) => [first, path.length];

function expressionOf(characters: string): RegExp | undefined {
  try {
    return new RegExp(characters, 'suy');
  } catch {
    return undefined;
  }
}
