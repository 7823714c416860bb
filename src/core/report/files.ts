/** Pure: file names as reports show them. */

/** `file` relative to `root` with `/`, or as it is when it lies elsewhere. */
export function relativeFile(root: string, file: string): string {
  const slashed = (text: string) => text.replaceAll('\\', '/');
  const windows = /^[A-Za-z]:/.test(root) || root.startsWith('\\\\');
  const [base, name] = windows ? [slashed(root), slashed(file)] : [root, file];
  const prefix = base.endsWith('/') ? base : `${base}/`;
  const inside = windows ? name.toLowerCase().startsWith(prefix.toLowerCase()) : name.startsWith(prefix);
  return inside ? name.slice(prefix.length) : name;
}
