/** Which packages of a workspace a package depends on: what changes in them can change what its checks find. Reads manifests; executes nothing. */
import path from 'node:path';
import type { Gate } from '../gate-model.js';
import { record } from './evidence/commands.js';
import { readRelaxedJson } from './project.js';

/** The gates, of which those that look at everything in one of the packages, absolute, are concerned by what that depends on, too. */
export async function besideDependencies(gates: readonly Gate[], packages: readonly string[]): Promise<readonly Gate[]> {
  const isOf = (gate: Gate) => gate.files.kind === 'whole' && packages.includes(gate.command.cwd);
  if (!gates.some(isOf)) return gates;
  const dependencies = await dependenciesOf(packages);
  return gates.map((gate) => {
    const beside = gate.files.kind === 'whole' && isOf(gate) ? reachable(gate.command.cwd, dependencies) : [];
    return gate.files.kind === 'whole' && beside.length > 0 ? { ...gate, files: { ...gate.files, beside } } : gate;
  });
}

/** By the directory of a package those of the packages that its manifest names. */
async function dependenciesOf(packages: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const manifests = await Promise.all(
    packages.map(async (directory) => ({
      directory,
      manifest: record(await readRelaxedJson(path.join(directory, 'package.json'))),
    })),
  );
  const places = new Map(manifests.map(({ directory, manifest }) => [manifest['name'], directory]));
  return new Map(
    manifests.map(({ directory, manifest }) => [
      directory,
      KINDS.flatMap((kind) => Object.keys(record(manifest[kind]))).flatMap((name) => places.get(name) ?? []),
    ]),
  );
}

const KINDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

/** All that are reached over any number of steps, without where it starts; sorted. */
function reachable(from: string, dependencies: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found = new Set([from]);
  for (const place of found) for (const next of dependencies.get(place) ?? []) found.add(next);
  found.delete(from);
  return [...found].sort();
}
