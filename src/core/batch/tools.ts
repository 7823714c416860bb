/** The tools of batches by name: the one registry. */
import { createHash } from 'node:crypto';
import { commandAccess } from '../access/command.js';
import { escapeGlob } from '../glob-match.js';
import type { Access, ToolName } from '../model.js';
import { slashes } from '../paths.js';
import { singleQuoted } from '../shell-text.js';
import { agentTool } from '../tools/agent.js';
import { type BatchCommandInput, batchCommand } from '../tools/batch-command.js';
import { editTool } from '../tools/edit.js';
import { fetchTool } from '../tools/fetch.js';
import { type GlobInput, globTogether, globTool } from '../tools/glob.js';
import { fusionKey, type GrepInput, grepTogether, grepTool } from '../tools/grep.js';
import { type InspectInput, inspectTool } from '../tools/inspect.js';
import { type ListInput, listTogether, listTool } from '../tools/list.js';
import { asList } from '../tools/place.js';
import { type ReadInput, readTogether, readTool } from '../tools/read.js';
import type { AccessPlace, Tool, ToolAccess, ToolResult } from '../tools/tool.js';
import { writeTool } from '../tools/write.js';
import { hasReference } from './references.js';
import type { Registry } from './registry.js';

/** What a command touches is concluded from its text. */
const commandTool: Tool<BatchCommandInput> = { ...batchCommand, access: accessOfCommand };

const TOOLS: { readonly [Name in ToolName]: unknown } = {
  read: readTool,
  list: listTool,
  glob: globTool,
  grep: grepTool,
  inspect: inspectTool,
  command: commandTool,
  write: writeTool,
  edit: editTool,
  fetch: fetchTool,
  agent: agentTool,
};

export const TOOL_REGISTRY: Registry = {
  get: (name) => TOOLS[name] as Tool<unknown>,
  fusionKey(name, input, access, place) {
    if (name === 'command') return sameCommand(input as BatchCommandInput, access, place);
    return name === 'inspect' ? sameInspection(input as InspectInput) : fusionKey(name, input);
  },
  together(name, inputs, context) {
    switch (name) {
      case 'read':
        return readTogether(inputs as readonly ReadInput[], context);
      case 'grep':
        return grepTogether(inputs as readonly GrepInput[], context);
      case 'glob':
        return globTogether(inputs as readonly GlobInput[], context);
      case 'list':
        return listTogether(inputs as readonly ListInput[], context);
      case 'command':
        return once(inputs, (input) => commandTool.invoke(input as BatchCommandInput, context));
      case 'inspect':
        return once(inputs, (input) => inspectTool.invoke(input as InspectInput, context));
      default:
        return Promise.all(inputs.map((input) => (TOOLS[name] as Tool<unknown>).invoke(input, context)));
    }
  },
};

/** Programs that do nothing but read the files that are named to them, and say of them always the same. */
const READERS: ReadonlySet<string> = new Set('cat head tail wc ls nl cut diff cmp md5sum sha1sum sha256sum cksum'.split(' '));

/** Of a program that only reads files of the workspace, one run answers all that ask for the same. No line for a shell: its variables may differ. */
function sameCommand(
  input: BatchCommandInput,
  { reads, writes, locks, barrier }: Access,
  { folder }: AccessPlace,
): string | undefined {
  if (!('argv' in input) || !READERS.has(input.argv[0] ?? '')) return undefined;
  const base = `${escapeGlob(slashes(folder.path))}/`;
  const onlyReads = reads.length > 0 && writes.length === 0 && locks.length === 0 && !barrier;
  return onlyReads && reads.every((glob) => glob.startsWith(base)) ? `command ${JSON.stringify(input)}` : undefined;
}

/** One look at the files answers all that ask for the same. They may be thousands, so the key is a digest. */
function sameInspection({ paths, glob, what = 'content' }: InspectInput): string {
  const asked = JSON.stringify([asList(paths), asList(glob), what]);
  return `inspect ${createHash('sha256').update(asked).digest('hex').slice(0, 24)}`;
}

/** All of them ask for the same. */
async function once(inputs: readonly unknown[], invoke: (input: unknown) => Promise<ToolResult>): Promise<readonly ToolResult[]> {
  const result = await invoke(inputs[0]);
  return inputs.map(() => result);
}

function accessOfCommand(input: BatchCommandInput, { folder, packageOf }: AccessPlace): ToolAccess {
  const { cwd = '', env = {} } = input;
  if (hasReference(cwd))
    return { reads: [], writes: [], locks: [], barrier: { because: 'where it runs is known only when it starts' } };
  const place = { folder: folder.path, cwd: cwd === '' ? folder.path : `${folder.path}/${cwd}`, env, packageOf };
  return commandAccess('shell' in input ? { shell: input.shell } : textOf(input.argv), place);
}

/** What is known only when it starts is a variable of which nobody knows anything. */
function textOf(argv: readonly string[]): Parameters<typeof commandAccess>[0] {
  if (!argv.some(hasReference)) return { argv };
  return { shell: argv.map((word) => (hasReference(word) ? '$VOLLEY_RESULT' : singleQuoted(word))).join(' ') };
}
