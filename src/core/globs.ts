/** Pure: whether two globs can name the same path. May say yes too often, never no wrongly: a missed conflict would be a wrong result. */

/**
 * Whether some path may match both globs. `*`, `?`, `[…]` and `{…}` within a segment and `**` as a whole segment are understood; a
 * path that is matched also stands for everything below it, since reading a directory reads its files.
 */
export function globsMayMeet(left: string, right: string): boolean {
  // An alternative that spans segments cannot be compared segment by segment.
  if (SPANNING_BRACE.test(left) || SPANNING_BRACE.test(right)) return true;
  // Names that differ only in case are one file on many systems.
  return segmentsMeet(left.toLowerCase().split('/'), right.toLowerCase().split('/'));
}

const SPANNING_BRACE = /\{[^}]*\//;

function segmentsMeet(left: readonly string[], right: readonly string[]): boolean {
  const [a, ...restOfLeft] = left;
  const [b, ...restOfRight] = right;
  // One of them ended: it names a directory above the other, or the same path.
  if (a === undefined || b === undefined) return true;
  if (a === '**') return segmentsMeet(restOfLeft, right) || segmentsMeet(left, restOfRight);
  if (b === '**') return segmentsMeet(left, restOfRight) || segmentsMeet(restOfLeft, right);
  return segmentMeets(a, b) && segmentsMeet(restOfLeft, restOfRight);
}

const WILD = /[*?[\]{}()!@+\\]/;

/** Two segments without wildcards meet when they are equal; otherwise when the fixed text at both their ends agrees. */
function segmentMeets(a: string, b: string): boolean {
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
