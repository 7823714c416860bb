/**
 * Reading and searching 20,000 files of 2 KB, warm: what `readTogether` takes against `readFileSync`, and four searches fused into one
 * pass against one pass of ripgrep with four patterns, and against four in turn. Beside other ways to do the same. Runs are interleaved in
 * random order; read the ratios. `--json` prints the values, `--rounds` says how many count.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readFile as readWithCallback, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import fastGlob from 'fast-glob';
import pLimit from 'p-limit';
import { globTool } from '../src/core/tools/glob.js';
import { grepTogether, grepTool } from '../src/core/tools/grep.js';
import { readTogether } from '../src/core/tools/read.js';
import { findRipgrep } from '../src/core/tools/ripgrep.js';
import type { ToolContext } from '../src/core/tools/tool.js';
import { toolContext } from '../test/support/tools.js';
import { interleaved } from './peers/measure.js';
import { median } from './support.js';

const DIRECTORIES = 200;
const FILES = 100;
const BYTES = 2048;
const ROUNDS = 11;
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: String(ROUNDS) },
    seed: { type: 'string', default: '1' },
  },
});

/** Milliseconds of each way to do the same, in the order of the rounds. The first way is what the others are compared with. */
export interface Comparison {
  readonly title: string;
  readonly ways: readonly { readonly name: string; readonly ms: readonly number[] }[];
}

/** Some hundreds of matches each; the last two are no plain texts, so that ripgrep is asked again which lines they match. */
const PATTERNS = ['TODO: remove', 'legacyIndex', 'fetch[A-Z]\\w+\\(7\\d,', '^export .*Widget1\\d\\b'];

function makeFiles(folder: string): readonly string[] {
  const names: string[] = [];
  for (let directory = 0; directory < DIRECTORIES; directory += 1) {
    mkdirSync(path.join(folder, `package${directory}`));
    for (let file = 0; file < FILES; file += 1) {
      const name = `package${directory}/module${file}.ts`;
      writeFileSync(path.join(folder, name), textOf(directory, file));
      names.push(name);
    }
  }
  return names;
}

function textOf(directory: number, file: number): string {
  const number = directory * FILES + file;
  let text = `export const Widget${number % 1000} = ${number};\n`;
  if (number % 50 === 0) text += `// TODO: remove when ${number} is done\n`;
  if (number % 40 === 0) text += `const legacyIndex = ${number};\n`;
  if (number % 30 === 0) text += `const value = fetchItems(${number % 100}, 'x');\n`;
  for (let line = 0; text.length < BYTES; line += 1) text += `  const value${line} = compute(${number}, ${line}) ?? fallback;\n`;
  return text.slice(0, BYTES);
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Runs all of them once a round. */
async function compare(title: string, works: Readonly<Record<string, () => unknown>>): Promise<Comparison> {
  const settings = { repeats: Number(options.rounds), seed: Number(options.seed) };
  const measured = await interleaved(Object.keys(works), settings, (name) => timed(() => works[name]?.()));
  return { title, ways: [...measured].map(([name, ms]) => ({ name, ms })) };
}

/** Medians, and medians of the ratios to the first. */
function print({ title, ways }: Comparison): void {
  const base = ways[0]?.ms ?? [];
  process.stdout.write(`${title}\n`);
  for (const { name, ms } of ways) {
    const ratio = median(ms.map((value, round) => value / (base[round] ?? Number.NaN)));
    process.stdout.write(`  ${name.padEnd(44)} ${median(ms).toFixed(0).padStart(6)} ms   × ${ratio.toFixed(2)}\n`);
  }
}

async function compareReads(folder: string, names: readonly string[], context: ToolContext): Promise<Comparison> {
  const limited = (slots: number, read: (file: string) => Promise<unknown>) => () => {
    const limit = pLimit(slots);
    return Promise.all(names.map((name) => limit(() => read(path.join(folder, name)))));
  };
  return compare(`Reading ${names.length} files of ${BYTES} bytes`, {
    // An answer holds its texts, so these are kept, too.
    'readFileSync, texts kept': () => names.map((name) => readFileSync(path.join(folder, name), 'utf8')),
    'readFileSync, texts dropped': () => {
      for (const name of names) readFileSync(path.join(folder, name), 'utf8');
    },
    'readTogether, one operation a file': () =>
      readTogether(
        names.map((name) => ({ path: name })),
        context,
      ),
    'fs.readFile, 64 at a time': limited(64, (file) => promisify(readWithCallback)(file, 'utf8')),
    'fs.promises.readFile, 16 at a time': limited(16, (file) => readFile(file, 'utf8')),
  });
}

/** Finding all of them. */
async function compareLists(folder: string, names: readonly string[], context: ToolContext): Promise<Comparison> {
  const program = (await findRipgrep(context)) ?? 'rg';
  return compare(`Listing ${names.length} files`, {
    'rg --files': async () => {
      const child = spawn(program, ['--no-config', '--files'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout.resume();
      await once(child, 'close');
    },
    'fast-glob': () => fastGlob('**', { cwd: folder, dot: true }),
    'the Glob operation': () => globTool.invoke({ patterns: '**' }, context),
  });
}

async function compareSearches(folder: string, names: readonly string[], context: ToolContext): Promise<Comparison> {
  const program = (await findRipgrep(context)) ?? 'rg';
  const options = ['--no-config', '--line-number', '--color=never'];
  const ripgrep = async (patterns: readonly string[]) => {
    const args = [...options, ...patterns.flatMap((pattern) => ['-e', pattern]), './'];
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    const [exitCode] = await once(child, 'close');
    if (exitCode !== 0 || output.length === 0) throw new Error(`ripgrep ended with ${exitCode}.`);
  };
  const inputs = PATTERNS.map((pattern) => ({ pattern }));
  return compare(`Searching ${names.length} files for ${PATTERNS.length} patterns`, {
    'ripgrep once, four patterns': () => ripgrep(PATTERNS),
    'grepTogether, four patterns': () => grepTogether(inputs, context),
    'ripgrep four times in turn': async () => {
      for (const pattern of PATTERNS) await ripgrep([pattern]);
    },
    'grep four times in turn': async () => {
      for (const input of inputs) await grepTool.invoke(input, context);
    },
  });
}

const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'volley-tools-')));
const outside = await mkdtemp(path.join(os.tmpdir(), 'volley-tools-out-'));
try {
  const names = makeFiles(folder);
  const context = await toolContext({ folder, outside });
  const comparisons: Comparison[] = [];
  for (const measure of [compareReads, compareSearches, compareLists]) {
    const comparison = await measure(folder, names, context);
    comparisons.push(comparison);
    if (!options.json) print(comparison);
  }
  if (options.json) process.stdout.write(JSON.stringify(comparisons));
} finally {
  await Promise.all([folder, outside].map((directory) => rm(directory, { recursive: true, force: true })));
}
