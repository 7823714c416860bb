/** The tools of batches by name: the one registry. */
import { commandAccess } from '../access/command.js';
import type { ToolName } from '../model.js';
import { singleQuoted } from '../shell-text.js';
import { agentTool } from '../tools/agent.js';
import { type BatchCommandInput, batchCommand } from '../tools/batch-command.js';
import { editTool } from '../tools/edit.js';
import { fetchTool } from '../tools/fetch.js';
import { type GlobInput, globTogether, globTool } from '../tools/glob.js';
import { fusionKey, type GrepInput, grepTogether, grepTool } from '../tools/grep.js';
import { listTool } from '../tools/list.js';
import { type ReadInput, readTogether, readTool } from '../tools/read.js';
import type { AccessPlace, Tool, ToolAccess } from '../tools/tool.js';
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
  command: commandTool,
  write: writeTool,
  edit: editTool,
  fetch: fetchTool,
  agent: agentTool,
};

export const TOOL_REGISTRY: Registry = {
  get: (name) => TOOLS[name] as Tool<unknown>,
  fusionKey,
  together(name, inputs, context) {
    switch (name) {
      case 'read':
        return readTogether(inputs as readonly ReadInput[], context);
      case 'grep':
        return grepTogether(inputs as readonly GrepInput[], context);
      case 'glob':
        return globTogether(inputs as readonly GlobInput[], context);
      default:
        return Promise.all(inputs.map((input) => (TOOLS[name] as Tool<unknown>).invoke(input, context)));
    }
  },
};

function accessOfCommand(input: BatchCommandInput, { folder }: AccessPlace): ToolAccess {
  const { cwd = '', env = {} } = input;
  if (hasReference(cwd))
    return { reads: [], writes: [], locks: [], barrier: { because: 'where it runs is known only when it starts' } };
  const place = { folder: folder.path, cwd: cwd === '' ? folder.path : `${folder.path}/${cwd}`, env };
  return commandAccess('shell' in input ? { shell: input.shell } : textOf(input.argv), place);
}

/** What is known only when it starts is a variable of which nobody knows anything. */
function textOf(argv: readonly string[]): Parameters<typeof commandAccess>[0] {
  if (!argv.some(hasReference)) return { argv };
  return { shell: argv.map((word) => (hasReference(word) ? '$VOLLEY_RESULT' : singleQuoted(word))).join(' ') };
}
