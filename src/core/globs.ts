/** Pure: whether two globs can name the same path. May say yes too often, never no wrongly: a missed conflict would be a wrong result. */

/**
 * Whether some path may match both globs. `*`, `?`, `[…]` and `{…}` within a segment and `**` as a whole segment are understood; a
 * path that is matched also stands for everything below it, since reading a directory reads its files.
 */
export function globsMayMeet(left: string, right: string): boolean {
  return compiledMeet(compiled(left), compiled(right));
}

interface CompiledGlob {
  readonly segments: readonly string[];
  /** An alternative that spans segments cannot be compared segment by segment. */
  readonly spans: boolean;
}

function compiled(glob: string): CompiledGlob {
  // Names that differ only in case are one file on many systems.
  return { segments: glob.toLowerCase().split('/'), spans: spansSegments(glob) };
}

/** Whether there is a `/` behind a brace that does not end before it. */
function spansSegments(glob: string): boolean {
  let open = false;
  for (const character of glob) {
    if (character === '/' && open) return true;
    if (character === '{') open = true;
    else if (character === '}') open = false;
  }
  return false;
}

function compiledMeet(left: CompiledGlob, right: CompiledGlob): boolean {
  if (left.spans || right.spans) return true;
  // Where one of them ends it names a directory above the other, or the same path.
  const shorter = Math.min(left.segments.length, right.segments.length);
  for (let index = 0; index < shorter; index += 1) {
    const [a = '', b = ''] = [left.segments[index], right.segments[index]];
    // It may stand for all that the other one says from here on.
    if (a === '**' || b === '**') return true;
    if (!segmentMeets(a, b)) return false;
  }
  return true;
}

const WILD = /[*?[\]{}()!@+\\]/;

/** Two segments without wildcards meet when they are equal; otherwise when the fixed text at both their ends agrees. */
function segmentMeets(a: string, b: string): boolean {
  if (a === b) return true;
  const startOfA = fixedStart(a);
  const startOfB = fixedStart(b);
  if (startOfA === a && startOfB === b) return a === b;
  const startLength = Math.min(startOfA.length, startOfB.length);
  if (startOfA.slice(0, startLength) !== startOfB.slice(0, startLength)) return false;
  const endOfA = fixedEnd(a);
  const endOfB = fixedEnd(b);
  const endLength = Math.min(endOfA.length, endOfB.length);
  return endLength === 0 || endOfA.slice(-endLength) === endOfB.slice(-endLength);
}

function fixedStart(segment: string): string {
  const wild = segment.search(WILD);
  return wild < 0 ? segment : segment.slice(0, wild);
}

function fixedEnd(segment: string): string {
  const reversed = [...segment].reverse().join('');
  return [...fixedStart(reversed)].reverse().join('');
}

/** Globs by where their plain names end, so that of many only few have to be compared. */
export interface GlobIndex<Value> {
  add(glob: string, value: Value): void;
  /** Calls `found` for each value with a glob that may meet this one, perhaps several times. */
  meeting(glob: string, found: (value: Value) => void): void;
}

interface GlobNode<Value> {
  readonly below: Map<string, GlobNode<Value>>;
  readonly here: { readonly glob: CompiledGlob; readonly value: Value }[];
}

/** An empty index. What it finds is what `globsMayMeet` says of each pair. */
export function globIndex<Value>(): GlobIndex<Value> {
  const root = emptyNode<Value>();
  return {
    add(text, value) {
      const glob = compiled(text);
      let node = root;
      for (const name of plainNames(glob)) {
        const next = node.below.get(name) ?? emptyNode();
        node.below.set(name, next);
        node = next;
      }
      node.here.push({ glob, value });
    },
    meeting(text, found) {
      const glob = compiled(text);
      const look = ({ here }: GlobNode<Value>) => {
        for (const each of here) if (compiledMeet(each.glob, glob)) found(each.value);
      };
      let node: GlobNode<Value> | undefined = root;
      for (const name of plainNames(glob)) {
        look(node);
        node = node.below.get(name);
        if (!node) return;
      }
      for (const left = [node]; left.length > 0; ) {
        const next = left.pop() as GlobNode<Value>;
        look(next);
        left.push(...next.below.values());
      }
    },
  };
}

function emptyNode<Value>(): GlobNode<Value> {
  return { below: new Map(), here: [] };
}

/** The names that each path starts with that the glob matches. */
function plainNames({ segments, spans }: CompiledGlob): readonly string[] {
  const end = spans ? 0 : segments.findIndex((segment) => WILD.test(segment));
  return end < 0 ? segments : segments.slice(0, end);
}
