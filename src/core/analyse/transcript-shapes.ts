/**
 * Transcripts of agents as they are kept as JSON Lines, brought to one shape: calls of tools, and the answers to them. Known are messages of
 * Anthropic, logs of Claude Code, chats of OpenAI, items of Codex and of OpenAI's Responses, contents and sessions of Gemini, and plain lines {"tool", "input"}. Pure.
 */
import { record } from '../gates/evidence/commands.js';

/** A call of a tool as the agent made it. */
export interface ToolCall {
  readonly kind: 'call';
  /** By which its answer is known; absent where the transcript has none. */
  readonly id?: string;
  readonly tool: string;
  readonly input: unknown;
  /** Wall clock in milliseconds. */
  readonly at?: number;
  /** Where the agent was: absolute. */
  readonly cwd?: string;
  /** Calls with the same name were made in one message. */
  readonly turn?: string;
  readonly durationMs?: number;
  /** Made by an agent that the agent had started. */
  readonly inner?: true;
  readonly failed?: true;
}

/** What a call came to. */
export interface ToolAnswer {
  readonly kind: 'answer';
  readonly id: string;
  readonly at?: number;
  /** As the transcript measured it. */
  readonly durationMs?: number;
  readonly failed?: true;
}

/** Anything else that was said: what comes after it is another message. */
export interface OtherItem {
  readonly kind: 'other';
  /** Where the agent is from now on: absolute. */
  readonly cwd?: string;
}

export type TranscriptItem = ToolCall | ToolAnswer | OtherItem;

/** The items of one line, whose JSON is given. */
export function itemsOf(line: unknown): readonly TranscriptItem[] {
  if (Array.isArray(line)) return line.flatMap(itemsOf);
  const value = record(line);
  const { messages } = value as { readonly messages?: unknown };
  if (Array.isArray(messages)) return messages.flatMap(itemsOf);
  const common = commonOf(value);
  // Logs keep the message, or the item, inside.
  for (const inside of ['message', 'payload', 'item'] as const) {
    const inner = value[inside];
    if (typeof inner !== 'object' || inner === null) continue;
    const found = bare(record(inner), common, value);
    if (found.length > 0) return found;
  }
  return bare(value, common, value);
}

interface Common {
  readonly at?: number;
  readonly cwd?: string;
  readonly inner?: true;
}

function commonOf(value: Readonly<Record<string, unknown>>): Common {
  const stamp = value['timestamp'] ?? value['ts'] ?? value['created_at'];
  const at = typeof stamp === 'number' ? (stamp < 1e11 ? stamp * 1000 : stamp) : Date.parse(String(stamp));
  const cwd = value['cwd'];
  return {
    ...(Number.isFinite(at) ? { at } : {}),
    ...(typeof cwd === 'string' ? { cwd } : {}),
    ...(value['isSidechain'] === true || typeof value['parent_tool_use_id'] === 'string' ? { inner: true } : {}),
  };
}

/** A message or an item by itself; `line` is all of the line that holds it. */
function bare(
  value: Readonly<Record<string, unknown>>,
  common: Common,
  line: Readonly<Record<string, unknown>>,
): readonly TranscriptItem[] {
  if (Array.isArray(value['content'])) {
    const turn = typeof value['id'] === 'string' ? { turn: value['id'] } : {};
    const blocks = value['content'].map(record).flatMap((block) => blockItems(block, { ...common, ...turn }, line));
    const calls = chatCalls(value, common);
    if (blocks.length > 0 || calls.length > 0) return [...blocks, ...calls];
  }
  const calls = chatCalls(value, common);
  if (calls.length > 0) return calls;
  if (value['role'] === 'tool' && typeof value['tool_call_id'] === 'string')
    return [{ kind: 'answer', id: value['tool_call_id'], ...timeOf(common) }];
  return geminiItems(value, common) ?? responseItems(value, common) ?? plainItems(value, common) ?? [otherItem(value, common)];
}

/** Some say at first where they are. */
function otherItem({ cwd }: Readonly<Record<string, unknown>>, common: Common): OtherItem {
  const where = typeof cwd === 'string' ? cwd : common.cwd;
  return { kind: 'other', ...(where === undefined ? {} : { cwd: where }) };
}

/** Blocks of a message of Anthropic. */
function blockItems(
  block: Readonly<Record<string, unknown>>,
  common: Common & { readonly turn?: string },
  line: Readonly<Record<string, unknown>>,
): readonly TranscriptItem[] {
  const { type, id, name, input } = block;
  if (type === 'tool_use' && typeof name === 'string')
    return [{ kind: 'call', ...common, ...(typeof id === 'string' ? { id } : {}), tool: name, input }];
  if (type !== 'tool_result' || typeof block['tool_use_id'] !== 'string') return [];
  const measured = record(line['toolUseResult']);
  const ms = numberOf(measured['totalDurationMs'] ?? measured['durationMs']);
  return [
    {
      kind: 'answer',
      id: block['tool_use_id'],
      ...timeOf(common),
      ...(ms === undefined ? {} : { durationMs: ms }),
      ...(block['is_error'] === true ? { failed: true as const } : {}),
    },
  ];
}

/** Calls in a message of OpenAI's chats. */
function chatCalls(value: Readonly<Record<string, unknown>>, common: Common): readonly ToolCall[] {
  const calls = value['tool_calls'];
  if (!Array.isArray(calls)) return [];
  const turn = String(record(calls[0])['id'] ?? '');
  return calls.map(record).flatMap((call): readonly ToolCall[] => {
    const { name, arguments: given } = record(call['function'] ?? call['custom']);
    if (typeof name !== 'string') return [];
    return [
      {
        kind: 'call',
        ...common,
        ...(typeof call['id'] === 'string' ? { id: call['id'] } : {}),
        ...(turn === '' ? {} : { turn }),
        tool: name,
        input: parsed(given),
      },
    ];
  });
}

/** Contents of Gemini, whose parts may be calls, and messages of a session of its command line, which have them beside their text. */
function geminiItems(value: Readonly<Record<string, unknown>>, common: Common): readonly TranscriptItem[] | undefined {
  if (Array.isArray(value['toolCalls'])) {
    const turn = typeof value['id'] === 'string' ? { turn: value['id'] } : {};
    const calls = value['toolCalls'].map(record).flatMap(({ id, name, args, status }): readonly ToolCall[] =>
      typeof name === 'string'
        ? [
            {
              ...{ kind: 'call', ...common, ...turn, tool: name, input: args ?? {} },
              ...(typeof id === 'string' ? { id } : {}),
              ...(status === 'error' ? { failed: true as const } : {}),
            },
          ]
        : [],
    );
    return calls.length > 0 ? calls : undefined;
  }
  if (!Array.isArray(value['parts'])) return undefined;
  const parts = value['parts'].map(record);
  const calls = parts.map(({ functionCall }) => record(functionCall)).filter(({ name }) => typeof name === 'string');
  // It has no name of its own; two that ask for exactly the same in a row are rare, and their calls may run together as well.
  const turn = JSON.stringify(calls).slice(0, LONGEST_TURN);
  const items = parts.flatMap(({ functionCall, functionResponse }): readonly TranscriptItem[] => {
    const { id, name, args } = record(functionCall);
    const answered = record(functionResponse);
    const { error } = record(answered['response']);
    if (typeof name === 'string')
      return [{ kind: 'call', ...common, turn, tool: name, input: args ?? {}, ...(typeof id === 'string' ? { id } : {}) }];
    if (typeof answered['id'] !== 'string') return [];
    return [{ kind: 'answer', id: answered['id'], ...timeOf(common), ...(error === undefined ? {} : { failed: true as const }) }];
  });
  return items.length > 0 ? items : undefined;
}

/** So much of the calls of a message names it. */
const LONGEST_TURN = 2000;

/** Items of OpenAI's Responses, as Codex keeps them. */
function responseItems(value: Readonly<Record<string, unknown>>, common: Common): readonly TranscriptItem[] | undefined {
  const id = value['call_id'] ?? value['id'];
  const call = (tool: string, input: unknown): readonly ToolCall[] => [
    { kind: 'call', ...common, ...(typeof id === 'string' ? { id } : {}), tool, input },
  ];
  switch (value['type']) {
    case 'function_call':
    case 'custom_tool_call':
      return typeof value['name'] === 'string' ? call(value['name'], parsed(value['arguments'] ?? value['input'])) : undefined;
    // As `codex exec --json` tells it, when it starts and when it has ended.
    case 'command_execution': {
      const { command, exit_code: code } = value;
      if (typeof command !== 'string') return undefined;
      const ended = typeof id === 'string' && typeof code === 'number';
      const answer: ToolAnswer[] = ended
        ? [{ kind: 'answer', id, ...timeOf(common), ...(code === 0 ? {} : { failed: true }) }]
        : [];
      return [...call('shell', { command }), ...answer];
    }
    case 'local_shell_call': {
      const { command, working_directory: workdir } = record(value['action']);
      return call('local_shell', { command, ...(typeof workdir === 'string' ? { workdir } : {}) });
    }
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output': {
      if (typeof id !== 'string') return undefined;
      const metadata = record(record(parsed(value['output']))['metadata']);
      const seconds = numberOf(metadata['duration_seconds']);
      const code = numberOf(metadata['exit_code']);
      return [
        {
          kind: 'answer',
          id,
          ...timeOf(common),
          ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
          ...(code !== undefined && code !== 0 ? { failed: true as const } : {}),
        },
      ];
    }
    default:
      return undefined;
  }
}

/** `{"tool": "Read", "input": {…}, "durationMs": 12}`. */
function plainItems(value: Readonly<Record<string, unknown>>, common: Common): readonly TranscriptItem[] | undefined {
  const tool = value['tool'] ?? value['tool_name'];
  if (typeof tool !== 'string') return undefined;
  const ms = numberOf(value['durationMs'] ?? value['duration_ms']);
  const failed = value['failed'] === true || value['is_error'] === true;
  return [
    {
      kind: 'call',
      ...common,
      tool,
      input: parsed(value['input'] ?? value['arguments'] ?? value['args'] ?? value['tool_input'] ?? {}),
      ...(ms === undefined ? {} : { durationMs: ms }),
      ...(typeof value['turn'] === 'string' || typeof value['turn'] === 'number' ? { turn: String(value['turn']) } : {}),
      ...(failed ? { failed: true as const } : {}),
    },
  ];
}

function timeOf({ at }: Common): { readonly at?: number } {
  return at === undefined ? {} : { at };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** Arguments come as a text that holds JSON; anything else stays as it is. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
