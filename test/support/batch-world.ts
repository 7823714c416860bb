/** Batches over a small tree in memory-like storage, without a process: the planner, the runner, the journal and the file tools are the real ones. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { planBatchText } from '../../src/core/batch/planned.js';
import type { Registry } from '../../src/core/batch/registry.js';
import { type ActiveBatch, type BatchContext, startBatchRun } from '../../src/core/batch/run.js';
import { TOOL_REGISTRY } from '../../src/core/batch/tools.js';
import { NO_DURATIONS } from '../../src/core/durations.js';
import type { History } from '../../src/core/history.js';
import { nodeHost } from '../../src/core/host.js';
import { type Journal, openJournal } from '../../src/core/journal.js';
import type { Mode, OperationId, RunState, ToolName } from '../../src/core/model.js';
import type { Tool, ToolContext, ToolResult } from '../../src/core/tools/tool.js';
import { NO_GUARD } from './no-guard.js';

/** Relative paths → contents. */
export type Tree = Readonly<Record<string, string>>;

/** How many turns of the event loop pass at the places of a schedule; called at each. */
export type Schedule = () => number;

export interface RanBatch {
  readonly state: RunState;
  readonly results: ReadonlyMap<OperationId, ToolResult>;
  readonly changed: ReturnType<ActiveBatch['changed']>;
  /** Files with contents, directories with `/`. */
  readonly tree: Readonly<Record<string, string>>;
  /** What the log complained of. */
  readonly complaints: readonly string[];
}

export interface BatchWorld {
  readonly folder: string;
  readonly context: BatchContext;
  /** Nothing but this tree. */
  fresh(tree: Tree): void;
  /** Plans in the tree that is there. */
  planned(text: string): ReturnType<typeof planBatchText>;
  /** Plans in the tree; the problems when there are any. */
  plan(text: string, tree: Tree): ReturnType<typeof planBatchText>;
  /** Runs in a fresh copy of the tree. */
  run(
    batch: Extract<Awaited<ReturnType<typeof planBatchText>>, { kind: 'batch' }>['batch'],
    tree: Tree,
    how: { readonly mode: Mode; readonly slots: number; readonly schedule: Schedule },
  ): Promise<RanBatch>;
  undo(id: string): ReturnType<Journal['undo']>;
  tree(): Readonly<Record<string, string>>;
  dispose(): void;
}

export function batchWorld(): BatchWorld {
  const base = existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const directory = realpathSync(mkdtempSync(path.join(base, 'volley-world-')));
  const folder = path.join(directory, 'w');
  const outputs = path.join(directory, 'outputs');
  const complaints: string[] = [];
  const log = {
    debug() {},
    info() {},
    warn: (text: string) => complaints.push(text),
    error: (text: string) => complaints.push(text),
  };
  const host = nodeHost({ folder, storage: path.join(directory, 'storage'), log });
  const history = {
    prepare: async () => outputs,
    addRun: async () => {},
    durations: async () => NO_DURATIONS,
    verifications: async () => [],
  } as unknown as History;
  let schedule: Schedule = () => 0;
  const pause = async () => {
    for (let left = schedule(); left > 0; left -= 1) await turn();
  };
  const journal = openJournal(path.join(directory, 'journal'), log);
  const registry = held(pause);
  const context: BatchContext = {
    host,
    history,
    active: new Set(),
    locks: { take: async () => async () => {} },
    journal,
    startGuard: () => NO_GUARD,
    registry: async () => registry,
    interference: { pairs: async () => [], remember: async () => {} },
    learned: { writes: async () => new Map(), remember: async () => {} },
    countTokens: async () => undefined,
  };
  const fresh = (tree: Tree) => {
    for (const each of [folder, outputs, path.join(directory, 'journal')]) rmSync(each, { recursive: true, force: true });
    mkdirSync(folder);
    mkdirSync(outputs);
    for (const [name, content] of Object.entries(tree)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), content);
    }
  };
  return {
    ...{ folder, context, fresh },
    planned: (text) => planBatchText(context, text, { name: 'w', path: folder }, 4),
    plan(text, tree) {
      fresh(tree);
      return planBatchText(context, text, { name: 'w', path: folder }, 4);
    },
    async run(batch, tree, how) {
      fresh(tree);
      complaints.length = 0;
      schedule = how.schedule;
      const run = startBatchRun(context, {
        batch,
        mode: how.mode,
        slots: how.slots,
        failure: 'continue',
        label: 'x',
        observe: false,
      });
      const state = await run.finished;
      return { state, results: run.results, changed: run.changed(), tree: treeIn(folder), complaints: [...complaints] };
    },
    undo: (id) => journal.undo(id),
    tree: () => treeIn(folder),
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Everything below a directory. */
export function treeIn(directory: string): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  const walk = (at: string) => {
    for (const entry of readdirSync(path.join(directory, at), { withFileTypes: true })) {
      const name = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) {
        found.push([`${name}/`, '']);
        walk(name);
      } else
        found.push([
          name,
          `${(statSync(path.join(directory, name)).mode & 0o777).toString(8)} ${readFileSync(path.join(directory, name), 'latin1')}`,
        ]);
    }
  };
  walk('');
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The registry, each tool held up before and in its work; searches and commands without a process, with the access of the real ones. */
function held(pause: () => Promise<void>): Registry {
  const contextOf = (context: ToolContext): ToolContext => ({
    ...context,
    async writeFile(file, content) {
      await pause();
      await context.writeFile(file, content);
      await pause();
    },
  });
  const invoke = async (name: ToolName, input: unknown, context: ToolContext): Promise<ToolResult> => {
    if (name === 'command') return command((input as { readonly shell: string }).shell, context, pause);
    if (name === 'grep') return grep(input as { readonly pattern: string; readonly paths?: string }, context);
    return TOOL_REGISTRY.get(name).invoke(input, contextOf(context));
  };
  return {
    get(name) {
      const tool = TOOL_REGISTRY.get(name);
      const wrapped: Tool<unknown> = {
        ...tool,
        async invoke(input, context) {
          await pause();
          const result = await invoke(name, input, context);
          await pause();
          return result;
        },
      };
      return wrapped;
    },
    fusionKey: TOOL_REGISTRY.fusionKey,
    async together(name, inputs, context) {
      await pause();
      if (name === 'grep' || name === 'command') return Promise.all(inputs.map((input) => invoke(name, input, context)));
      const results = await TOOL_REGISTRY.together(name, inputs, context);
      await pause();
      return results;
    },
  };
}

function grep(
  { pattern, paths = '.' }: { readonly pattern: string; readonly paths?: string },
  { folder }: ToolContext,
): ToolResult {
  const root = path.join(folder.path, paths);
  const files = !existsSync(root)
    ? []
    : statSync(root).isDirectory()
      ? Object.keys(treeIn(root)).filter((name) => !name.endsWith('/'))
      : [''];
  const lines = files.flatMap((name) => {
    const shown = path.posix.join(paths, name);
    return readFileSync(path.join(root, name), 'utf8')
      .split('\n')
      .filter((line) => line.includes(pattern))
      .map((line) => `${shown}:${line}`);
  });
  const names = [...new Set(lines.map((line) => line.slice(0, line.indexOf(':'))))];
  return { end: { kind: 'passed' }, text: lines.join('\n'), files: names, json: lines, answer: { summary: '' } };
}

/** Does what a POSIX shell would do with `a; b`, `a && b` of a few programs, reading and writing in separate steps. */
async function command(shell: string, { folder }: ToolContext, pause: () => Promise<void>): Promise<ToolResult> {
  const at = (name: string) => path.join(folder.path, name);
  let text = '';
  let exitCode = 0;
  for (const step of shell.split(' && ')) {
    await pause();
    const [, line = '', append, target] = /^(.*?)(?:\s*(>>?)\s*(\S+))?$/s.exec(step) ?? [];
    const [program, ...args] = line.split(' ').map((word) => word.replaceAll("'", ''));
    try {
      let out = '';
      if (target !== undefined && append === '>') writeFileSync(at(target), '');
      if (program === 'cat') for (const name of args) out += readFileSync(at(name), 'utf8');
      else if (program === 'printf' || program === 'echo') out = `${args.join(' ')}\n`;
      else if (program === 'cp') writeFileSync(at(args[1] ?? ''), readFileSync(at(args[0] ?? '')));
      else if (program === 'rm') {
        if (!existsSync(at(args[1] ?? args[0] ?? '')) && args[0] !== '-f') throw new Error('ENOENT');
        rmSync(at(args.at(-1) ?? ''), { force: true });
      } else if (program === 'mkdir') mkdirSync(at(args.at(-1) ?? ''), { recursive: true });
      else if (program === 'false') throw new Error('false');
      if (target === undefined) text += out;
      else writeFileSync(at(target), out, { flag: append === '>' ? 'w' : 'a' });
    } catch (error) {
      text += `${(error as NodeJS.ErrnoException).code ?? 'failed'}\n`;
      exitCode = 1;
      break;
    }
  }
  return { end: { kind: exitCode === 0 ? 'passed' : 'failed' }, text, files: [], json: null, exitCode, answer: { summary: '' } };
}
