/** How well what commands touch is told from their text, on commands and batches that were labelled by hand. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isScalar, parseDocument, visit } from 'yaml';
import { commandAccess } from '../src/core/access/command.js';
import { globsMayMeet } from '../src/core/globs.js';
import type { PackageScripts, ToolAccess } from '../src/core/tools/tool.js';

/** A command of the corpus. Globs are relative to the folder, or absolute. */
export interface LabelledCommand {
  readonly command: string | readonly string[];
  readonly cwd?: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly locks?: readonly string[];
  readonly touchesNothing?: true;
  /** Nobody can tell from the text. */
  readonly barrier: boolean;
}

/** A batch of the corpus: `conflicts` are the pairs that must not overlap; all others may. */
export interface LabelledBatch {
  readonly operations: readonly ({ readonly command: string } | { readonly tool: string; readonly path: string })[];
  readonly conflicts: readonly (readonly [number, number])[];
}

/** Commands of the corpus in a workspace whose scripts are known: by directory, relative to the folder, what its package.json says. */
export interface LabelledWorkspace {
  readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly commands: readonly LabelledCommand[];
}

/** What is compared of an operation. */
type Touched = Pick<ToolAccess, 'reads' | 'writes' | 'locks' | 'barrier'>;

export interface Figures {
  readonly operations: number;
  readonly pairs: number;
  readonly right: number;
  readonly missed: readonly string[];
  readonly needless: readonly string[];
  readonly barriers: number;
  /** Operations that may overlap with another one of their batch or corpus. */
  readonly parallel: number;
}

const FOLDER = '/ws';
const ENV = { HOME: '/home/u', PATH: '/usr/bin:/bin' };

export async function readCorpus(): Promise<{
  readonly commands: readonly LabelledCommand[];
  readonly batches: readonly LabelledBatch[];
  readonly workspaces: readonly LabelledWorkspace[];
}> {
  const read = async (name: string) => JSON.parse(await readFile(path.join(import.meta.dirname, 'corpus', name), 'utf8'));
  return { commands: await read('commands.json'), batches: await read('batches.json'), workspaces: await read('scripts.json') };
}

/** Which half of the corpus an entry is in: 0 was looked at while the table was written, 1 was not. */
export function halfOf(entry: LabelledCommand | LabelledBatch): 0 | 1 {
  const text = 'operations' in entry ? JSON.stringify(entry.operations) : JSON.stringify([entry.command, entry.cwd]);
  return ((createHash('sha256').update(text).digest()[0] ?? 0) % 2) as 0 | 1;
}

/** Each pair of commands: may they overlap by their labels, and by what was concluded? */
export function measureCommands(commands: readonly LabelledCommand[], packages?: LabelledWorkspace['packages']): Figures {
  const all = commands.map((each) => ({
    text: JSON.stringify(each.command),
    label: labelled(each),
    found: concluded(each.command, each.cwd, packages),
  }));
  const pairs = all.flatMap((left, index) =>
    all.slice(index + 1).map((right) => ({
      text: `${left.text} × ${right.text}`,
      must: conflicts(left.label, right.label),
      does: conflicts(left.found, right.found),
      operations: [left, right],
    })),
  );
  return figures(
    all.map(({ found }) => found),
    pairs,
  );
}

/** As `measureCommands` in each workspace, all together. */
export function measureWorkspaces(workspaces: readonly LabelledWorkspace[]): Figures {
  const all = workspaces.map(({ commands, packages }) => measureCommands(commands, packages));
  const sum = (of: (figures: Figures) => number) => all.reduce((total, each) => total + of(each), 0);
  return {
    operations: sum(({ operations }) => operations),
    pairs: sum(({ pairs }) => pairs),
    right: sum(({ right }) => right),
    missed: all.flatMap(({ missed }) => missed),
    needless: all.flatMap(({ needless }) => needless),
    barriers: sum(({ barriers }) => barriers),
    parallel: sum(({ parallel }) => parallel),
  };
}

export function measureBatches(batches: readonly LabelledBatch[]): Figures {
  const found: Touched[] = [];
  const pairs = batches.flatMap(({ operations, conflicts: expected }) => {
    const all = operations.map((operation) => ({
      found: 'command' in operation ? concluded(operation.command) : ofTool(operation),
    }));
    found.push(...all.map((each) => each.found));
    return all.flatMap((left, index) =>
      all.slice(index + 1).map((right, offset) => ({
        text: `${JSON.stringify(operations[index])} × ${JSON.stringify(operations[index + 1 + offset])}`,
        must: expected.some(([one, other]) => one === index && other === index + 1 + offset),
        does: conflicts(left.found, right.found),
        operations: [left, right],
      })),
    );
  });
  return figures(found, pairs);
}

/**
 * What of real repositories may overlap: of each package.json in the fixtures of detection its scripts, of each workflow its lines,
 * each of them an operation beside the others of its file.
 */
export async function measureSources(): Promise<
  ReadonlyMap<string, { readonly operations: number; readonly parallel: number; readonly barriers: number }>
> {
  const root = path.join(import.meta.dirname, '../test/fixtures/detect');
  const result = new Map<string, { operations: number; parallel: number; barriers: number }>();
  const add = (source: string, all: readonly Touched[]) => {
    const before = result.get(source) ?? { operations: 0, parallel: 0, barriers: 0 };
    const free = all.filter((one) => all.some((other) => other !== one && !conflicts(one, other)));
    const barriers = all.filter(({ barrier }) => barrier).length;
    result.set(source, {
      operations: before.operations + all.length,
      parallel: before.parallel + free.length,
      barriers: before.barriers + barriers,
    });
  };
  for (const entry of await readdir(root, { recursive: true })) {
    if (path.basename(entry) !== 'package.json' && !/\.github\/workflows\/[^/]+\.ya?ml$/.test(entry)) continue;
    const text = await readFile(path.join(root, entry), 'utf8');
    if (entry.endsWith('.json')) {
      const { scripts = {} } = readJson(text);
      add(
        'scripts of package.json',
        Object.keys(scripts).map((name) => concluded(`npm run ${name}`, undefined, { '': scripts })),
      );
    } else
      add(
        'lines of workflows',
        runLines(text).map((line) => concluded(line)),
      );
  }
  return result;
}

function readJson(text: string): { readonly scripts?: Readonly<Record<string, string>> } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function runLines(text: string): readonly string[] {
  const lines: string[] = [];
  visit(parseDocument(text), {
    Pair: (_key, pair) => {
      if (isScalar(pair.key) && pair.key.value === 'run' && isScalar(pair.value))
        lines.push(
          ...String(pair.value.value)
            .split('\n')
            .filter((line) => line.trim() !== ''),
        );
    },
  });
  return lines;
}

interface Pair {
  readonly text: string;
  readonly must: boolean;
  readonly does: boolean;
  readonly operations: readonly { readonly found: Touched }[];
}

function figures(found: readonly Touched[], pairs: readonly Pair[]): Figures {
  const free = new Set(pairs.filter((pair) => !pair.does).flatMap((pair) => pair.operations.map((each) => each.found)));
  return {
    operations: found.length,
    pairs: pairs.length,
    right: pairs.filter((pair) => pair.must === pair.does).length,
    missed: pairs.filter((pair) => pair.must && !pair.does).map(({ text }) => text),
    needless: pairs.filter((pair) => !pair.must && pair.does).map(({ text }) => text),
    barriers: found.filter(({ barrier }) => barrier).length,
    parallel: free.size,
  };
}

export function concluded(
  command: string | readonly string[],
  cwd?: string,
  packages?: LabelledWorkspace['packages'],
): ToolAccess {
  const at = cwd === undefined ? FOLDER : cwd.startsWith('/') ? cwd : `${FOLDER}/${cwd}`;
  return commandAccess(typeof command === 'string' ? { shell: command } : { argv: command }, {
    folder: FOLDER,
    cwd: at,
    env: ENV,
    ...(packages ? { packageOf: (directory) => packageOf(directory, packages) } : {}),
  });
}

function packageOf(directory: string, packages: LabelledWorkspace['packages']): PackageScripts | undefined {
  const name = directory === FOLDER ? '' : directory.slice(FOLDER.length + 1);
  const scripts = packages[name];
  if (scripts) return { directory, scripts };
  return directory.startsWith(`${FOLDER}/`) ? packageOf(path.dirname(directory), packages) : undefined;
}

/** The labels of a command as an access. */
export function labelled({ reads, writes, locks, barrier }: LabelledCommand): Touched {
  const globs = (all: readonly string[]) => all.map((glob) => (glob.startsWith('/') ? glob : `${FOLDER}/${glob}`));
  return {
    reads: globs(reads),
    writes: globs(writes),
    locks: locks ?? [],
    ...(barrier ? { barrier: { because: 'it says so' } } : {}),
  };
}

function ofTool({ tool, path: place }: { readonly tool: string; readonly path: string }): Touched {
  const writes = tool === 'write' || tool === 'edit' ? [`${FOLDER}/${place}`] : [];
  return { reads: tool === 'write' ? [] : [`${FOLDER}/${place}`], writes, locks: [] };
}

/** Whether two operations must not overlap: as the planner sees it. */
export function conflicts(left: Touched, right: Touched): boolean {
  if (left.barrier || right.barrier) return true;
  const meet = (one: readonly string[], other: readonly string[]) => one.some((a) => other.some((b) => globsMayMeet(a, b)));
  if (left.locks.some((lock) => right.locks.includes(lock))) return true;
  return meet(left.writes, right.reads) || meet(left.writes, right.writes) || meet(right.writes, left.reads);
}

function print(name: string, { operations, pairs, right, missed, needless, barriers, parallel }: Figures): void {
  const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
  console.log(
    `${name}: ${operations} operations, ${pairs} pairs, accuracy ${(right / Math.max(1, pairs)).toFixed(4)}, missed ${missed.length}, needless ${needless.length}, ` +
      `barriers ${percent(barriers, operations)}, may overlap with another ${percent(parallel, operations)}`,
  );
}

if (process.argv[1]?.endsWith('access.ts')) {
  const { commands, batches, workspaces } = await readCorpus();
  const half = /^[01]$/.test(process.argv[2] ?? '') ? Number(process.argv[2]) : undefined;
  const chosen = <Entry extends LabelledCommand | LabelledBatch>(all: readonly Entry[]) =>
    all.filter((entry) => half === undefined || halfOf(entry) === half);
  const [one, many] = [measureCommands(chosen(commands)), measureBatches(chosen(batches))];
  print('commands', one);
  print('batches', many);
  const scripts = measureWorkspaces(workspaces);
  print('commands where scripts are known', scripts);
  for (const [source, { operations, parallel, barriers }] of await measureSources())
    console.log(
      `${source}: ${operations} operations, may overlap with another ${((100 * parallel) / operations).toFixed(1)} %, barriers ${((100 * barriers) / operations).toFixed(1)} %`,
    );
  if (process.argv.includes('--list'))
    for (const { missed, needless } of [many, one, scripts])
      console.log(
        [...missed.map((text) => `missed ${text}`), ...needless.slice(0, 40).map((text) => `needless ${text}`)].join('\n'),
      );
  // Where labels and conclusions differ for a command alone, for whoever mends the table.
  if (process.argv.includes('--differences'))
    for (const { command, packages } of [
      ...chosen(commands).map((each) => ({ command: each, packages: undefined })),
      ...workspaces.flatMap((each) => each.commands.map((labels) => ({ command: labels, packages: each.packages }))),
    ]) {
      const found = concluded(command.command, command.cwd, packages);
      if (Boolean(found.barrier) !== command.barrier)
        console.log(
          command.barrier ? 'no barrier' : 'barrier',
          JSON.stringify(command.command),
          found.barrier?.because ?? JSON.stringify(found),
        );
    }
}
