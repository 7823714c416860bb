/** Scripts that wireit runs: their commands stand elsewhere in package.json. Pure. */
import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';

/**
 * The script `name` as a line that runs the same one after another: the scripts of its package on which it depends, then its command;
 * undefined where wireit is told of no such script, of one that goes on, or of one that depends on other packages.
 */
export function wireitLine(manifest: Node, name: string): string | undefined {
  const node = findNodeAtLocation(manifest, ['wireit', name]);
  if (node?.type !== 'object' || (findNodeAtLocation(node, ['service']) ?? { value: false }).value !== false) return undefined;
  const command: unknown = valueAt(node, 'command');
  const dependencies: unknown = valueAt(node, 'dependencies');
  const scripts = (Array.isArray(dependencies) ? dependencies : []).map((each: unknown) =>
    typeof each === 'string' ? each : (each as { readonly script?: unknown } | null)?.script,
  );
  // Without what other packages make first (`../other:build`, `<dependencies>`) it may fail.
  if (!scripts.every((script) => typeof script === 'string' && /^[\w@][\w@:.-]*$/.test(script))) return undefined;
  const own = scripts.map((script) => `npm run ${String(script)}`);
  const line = [...own, ...(typeof command === 'string' ? [command] : [])].join(' && ');
  return line === '' ? undefined : line;
}

function valueAt(node: Node, key: string): unknown {
  const found = findNodeAtLocation(node, [key]);
  return found && getNodeValue(found);
}
