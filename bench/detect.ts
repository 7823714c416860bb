/** How well detection finds what was written down by hand for each folder of test/fixtures/detect, and how long it takes. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Gate } from '../src/core/gate-model.js';
import { detectGates } from '../src/core/gates/detect.js';

/** A gate as a maintainer would name it. `command` is what the project's own command says, without the program's directory. */
export interface ExpectedGate {
  /** For people; the command's program says which tool it is. */
  readonly tool: string;
  readonly command: readonly string[];
  readonly category: string;
}

export interface Recognition {
  readonly name: string;
  readonly expected: number;
  readonly found: number;
  readonly right: number;
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
  readonly ms: number;
}

/** Compares each fixture with its expected.json. A gate is right when its category is, and its command has the words expected in their order. */
export async function measureRecognition(): Promise<readonly Recognition[]> {
  const fixtures = path.join(import.meta.dirname, '../test/fixtures/detect');
  const names = (await readdir(fixtures)).sort();
  return Promise.all(names.map((name) => recognise(path.join(fixtures, name), name)));
}

async function recognise(folder: string, name: string): Promise<Recognition> {
  const expected = JSON.parse(await readFile(path.join(folder, 'expected.json'), 'utf8')) as readonly ExpectedGate[];
  const started = performance.now();
  const { gates } = await detectGates({ folders: [{ name, path: folder }], env: {} });
  const ms = performance.now() - started;
  const left = [...gates];
  const missing: string[] = [];
  for (const wanted of expected) {
    const at = left.findIndex((gate) => matches(gate, wanted));
    if (at < 0) missing.push(`${wanted.tool}: ${wanted.command.join(' ')}`);
    else left.splice(at, 1);
  }
  const right = expected.length - missing.length;
  return { name, expected: expected.length, found: gates.length, right, missing, surplus: left.map(described), ms };
}

/** Options that make the output machine-readable stand anywhere, so the words expected have to come in their order. */
function matches(gate: Gate, { command, category }: ExpectedGate): boolean {
  if (gate.category !== category) return false;
  const words = wordsOf(gate);
  let next = 0;
  for (const word of words) if (word === command[next]) next += 1;
  return next === command.length;
}

function wordsOf({ command, files }: Gate): readonly string[] {
  const [program = '', ...rest] = command.argv;
  return [path.basename(program), ...rest, ...(files.kind === 'files' ? files.targets : [])];
}

function described(gate: Gate): string {
  return `${gate.tool} (${gate.category}): ${wordsOf(gate).join(' ')}`;
}

/** Milliseconds for a repository of `files` files, and for a workspace of `packages` packages. Both are removed afterwards. */
export async function measureLargeRepositories(repeats: number): Promise<{
  readonly files: readonly number[];
  readonly packages: readonly number[];
}> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'volley-detect-'));
  try {
    const many = path.join(root, 'files');
    const workspace = path.join(root, 'packages');
    await writeManyFiles(many);
    await writeManyPackages(workspace);
    return { files: await times(many, repeats), packages: await times(workspace, repeats) };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function times(folder: string, repeats: number): Promise<readonly number[]> {
  const result: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const started = performance.now();
    await detectGates({ folders: [{ name: 'large', path: folder }], env: process.env });
    result.push(performance.now() - started);
  }
  return result;
}

/** 20,000 files in 1,000 folders, with manifests of several languages and a workflow. */
async function writeManyFiles(folder: string): Promise<void> {
  for (let index = 0; index < 1000; index += 1) {
    const directory = path.join(folder, `area-${index % 10}`, `part-${Math.floor(index / 10)}`);
    await mkdir(directory, { recursive: true });
    await Promise.all(Array.from({ length: 20 }, (_, file) => writeFile(path.join(directory, `file-${file}.ts`), '')));
  }
  await mkdir(path.join(folder, '.github/workflows'), { recursive: true });
  const manifest = { scripts: { lint: 'eslint .', test: 'vitest run' }, devDependencies: { eslint: '9', vitest: '3' } };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(path.join(folder, 'pyproject.toml'), '[tool.pytest.ini_options]\n[tool.mypy]\n');
  await writeFile(path.join(folder, '.github/workflows/ci.yml'), 'jobs:\n  test:\n    steps:\n      - run: npm test\n');
}

async function writeManyPackages(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'package.json'),
    JSON.stringify({ workspaces: ['packages/*'], scripts: { lint: 'eslint .' } }),
  );
  for (let index = 0; index < 1000; index += 1) {
    const directory = path.join(folder, 'packages', `package-${index}`);
    await mkdir(directory, { recursive: true });
    const manifest = { name: `package-${index}`, scripts: { test: 'mocha', lint: 'eslint .', build: 'tsc' } };
    await writeFile(path.join(directory, 'package.json'), JSON.stringify(manifest));
  }
}

/** The sums over all fixtures: of what was expected the share that was found, of what was found the share that was expected. */
export function shares(all: readonly Recognition[]): { readonly recall: number; readonly precision: number } {
  const sum = (of: (each: Recognition) => number) => all.reduce((total, each) => total + of(each), 0);
  const right = sum((each) => each.right);
  return { recall: right / sum((each) => each.expected), precision: right / sum((each) => each.found) };
}
