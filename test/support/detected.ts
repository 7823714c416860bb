/** What is found in a folder that is there for as long as it takes. */

import path from 'node:path';
import type { Detection, Gate } from '../../src/core/gate-model.js';
import { detectGates } from '../../src/core/gates/detect.js';
import { temporaryFolder } from './folder.js';

/** The gates of a folder with these files. */
export async function detected(files: Readonly<Record<string, string>>): Promise<readonly Gate[]> {
  const folder = await temporaryFolder(files);
  try {
    return (await detectGates({ folders: [{ name: 'app', path: folder.path }], env: {} })).gates;
  } finally {
    await folder.dispose();
  }
}

/** The gates of a folder with these files, each as its id and its command. */
export async function gatesOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await detected(files)).map(({ id, command }) => `${id}: ${command.argv.join(' ')}`);
}

/** Where a workflow lies. */
export const CI = '.github/workflows/ci.yml';

/** A workflow of one job whose steps are these. */
export function workflow(...steps: readonly string[]): string {
  return `jobs:\n  check:\n    steps:\n${steps.map((step) => `      - ${step.replaceAll('\n', '\n        ')}\n`).join('')}`;
}

/** A step of a workflow that runs these lines. */
export function run(...lines: readonly string[]): string {
  return `run: |\n  ${lines.join('\n  ')}`;
}

/** Detects in a new folder that holds `files`, with a PATH of its own: `programs` are all that is on it. */
export async function detectWith(
  files: Readonly<Record<string, string>>,
  programs: readonly string[] = ['node', 'npm'],
): Promise<Detection & { readonly root: string }> {
  const tools = await temporaryFolder(Object.fromEntries(programs.map((name) => [`bin/${name}`, ''])));
  const folder = await temporaryFolder(files);
  try {
    const found = await detectGates({
      folders: [{ name: 'app', path: folder.path }],
      env: { PATH: path.join(tools.path, 'bin') },
    });
    return { ...found, root: folder.path };
  } finally {
    await folder.dispose();
    await tools.dispose();
  }
}

/** Programs in node_modules/.bin. */
