/**
 * The tool Agent: hands a prompt to the editor's language model or to an agent of the command line, and answers what it says. Each one
 * that runs is tracked as an instance; none outlives its invocation.
 */
import { rm, writeFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import type { TrackedAgent } from '../agents.js';
import { failureText } from '../messages.js';
import { type ProcessEnd, readEnd } from '../process.js';
import { apart, couldNot, failureOf, insideFolder, runProgram, TEXT_LIMIT_BYTES } from './batch-command.js';
import { INTERRUPTED, type Tool, type ToolAccess, type ToolContext, type ToolResult, toolFailed } from './tool.js';

/** An argument of an own agent that stands for the prompt. Without one the prompt goes to its standard input. */
export const PROMPT_PLACEHOLDER = '{prompt}';
/** Of the output of an agent, so much of the end is read. */
const OUTPUT_READ_BYTES = 16_000_000;
/** Systems limit the length of one argument (Linux: 128 KiB, Windows: 32,767 characters for all); a longer prompt goes to standard input. */
const ARGUMENT_LIMIT_BYTES = 16_000;

const described = <T extends z.ZodMiniType>(description: string, schema: T): T => {
  z.globalRegistry.add(schema, { description });
  return schema;
};
const text = () => z.string().check(z.minLength(1));

/** What the tool takes. */
export const agentInput = z
  .strictObject({
    prompt: described('What the agent is asked.', text()),
    agent: z.optional(
      described(
        '`editor` (the default): the language model of the editor, which touches nothing. `claude` or `codex`: that program. `{"argv": […]}`: any ' +
          'other, where the element `{prompt}` is replaced by the prompt; without one the prompt is its standard input.',
        z.union([
          z.enum(['editor', 'claude', 'codex']),
          z.strictObject({
            argv: z.array(z.string()).check(
              z.minLength(1),
              z.refine((argv) => (argv[0] ?? '') !== '', 'The first element has to be the name of a program.'),
            ),
          }),
        ]),
      ),
    ),
    model: z.optional(described('Name of the model. The agent’s own choice when left out.', text())),
    timeout: z.optional(
      described(
        'Seconds after which it is stopped. Only the limit of the operation when left out.',
        z.number().check(z.positive(), z.lte(86_400)),
      ),
    ),
    system: z.optional(described('What holds for the whole conversation: its role, its rules.', text())),
    json: z.optional(described('The answer has to be one JSON document. It fails when it is not.', z.boolean())),
    cwd: z.optional(
      described(
        'Folder in which a program runs, relative to the workspace folder and inside it. The workspace folder when left out.',
        text(),
      ),
    ),
  })
  .check(
    z.refine(({ agent, model }) => typeof agent !== 'object' || model === undefined, {
      message: 'Volley does not know how to tell this program a model. Write it into its argv.',
      path: ['model'],
    }),
  );

export type AgentInput = z.infer<typeof agentInput>;

// ----------------------------------------------------------------------------------------------------------------- tool

/** The tool. What runs is tracked in the `agents` of its context. */
export const agentTool: Tool<AgentInput> = {
  name: 'agent',
  description: 'Hands a prompt to a language model or to an agent of the command line and answers what it says.',
  schema: agentInput,
  describe: ({ prompt, agent }) => `${agentName(agent)}: ${firstLine(prompt)}`,
  access,
  invoke,
};

/** A model that only answers touches nothing, whatever it is asked; a program may do anything. */
function access({ agent }: AgentInput): ToolAccess {
  const nothing = { reads: [], writes: [], locks: [] };
  return isEditor(agent) ? nothing : { ...nothing, barrier: { because: `${agentName(agent)} may read and change anything` } };
}

function isEditor(agent: AgentInput['agent']): agent is undefined | 'editor' {
  return agent === undefined || agent === 'editor';
}

function agentName(agent: AgentInput['agent']): string {
  return typeof agent === 'object' ? (agent.argv[0] ?? '') : (agent ?? 'editor');
}

function firstLine(prompt: string): string {
  const [line = ''] = prompt.trim().split('\n');
  return line.length > 80 || line.length < prompt.trim().length ? `${line.slice(0, 80)}…` : line;
}

/** What an agent said, or why it said nothing. */
type Said =
  | { readonly kind: 'answer'; readonly text: string; readonly tokens?: number | undefined }
  /** It worked and came to no answer: `text` says why, in its words. */
  | { readonly kind: 'failure'; readonly text: string; readonly exitCode?: number; readonly tokens?: number | undefined }
  | { readonly kind: 'error'; readonly result: ToolResult }
  | { readonly kind: 'interrupted' };

async function invoke(input: AgentInput, context: ToolContext): Promise<ToolResult> {
  if (!context.host.trusted()) return couldNot({ kind: 'untrusted workspace' });
  if (context.signal.aborted) return INTERRUPTED;
  const name = agentName(input.agent);
  const instance = context.agents?.add(name, context.host.date());
  const limit = new AbortController();
  const timer = input.timeout === undefined ? undefined : setTimeout(() => limit.abort(), input.timeout * 1000);
  const limited = { ...context, signal: AbortSignal.any([context.signal, limit.signal]) };
  let result: ToolResult = INTERRUPTED;
  let tokens: number | undefined;
  try {
    const said = isEditor(input.agent) ? await askEditor(input, limited, instance) : await askProgram(input, limited, instance);
    if (said.kind === 'answer' || said.kind === 'failure') tokens = said.tokens;
    const late = limit.signal.aborted && !context.signal.aborted;
    result =
      said.kind === 'interrupted' && late
        ? toolFailed(`${name} did not answer within ${input.timeout} s and was stopped. Give it more time, or ask for less.`)
        : resultOf(said, name, input.json ?? false);
    return result;
  } finally {
    clearTimeout(timer);
    const { kind } = result.end;
    instance?.ended(kind === 'passed' ? 'done' : kind === 'interrupted' ? 'cancelled' : 'failed', tokens);
  }
}

function resultOf(said: Said, name: string, json: boolean): ToolResult {
  if (said.kind === 'interrupted') return INTERRUPTED;
  if (said.kind === 'error') return said.result;
  const took = said.tokens === undefined ? '' : `, ${said.tokens} tokens`;
  const { text, cutBytes } = bounded(said.text);
  const rest = { text, files: [] };
  const cut = cutBytes > 0 ? { cutBytes } : {};
  if (said.kind === 'failure') {
    const summary = `${name} failed: ${firstLine(said.text) || 'it did not say why'}`;
    const code = said.exitCode === undefined ? {} : { exitCode: said.exitCode };
    return { ...rest, ...code, end: { kind: 'failed' }, json: null, answer: { summary, ...cut } };
  }
  const document = json ? parsed(said.text) : undefined;
  if (json && document === undefined) {
    const summary = `${name} was asked for JSON and answered something else: ${firstLine(said.text) || 'nothing'}`;
    return { ...rest, end: { kind: 'failed' }, json: null, answer: { summary, ...cut } };
  }
  const characters = `${said.text.length} characters`;
  return {
    ...rest,
    end: { kind: 'passed' },
    json: document ?? null,
    answer: { summary: `${name}: ${characters}${took}`, ...cut },
  };
}

function bounded(answer: string): { readonly text: string; readonly cutBytes: number } {
  const bytes = Buffer.from(answer);
  const cutBytes = Math.max(0, bytes.length - TEXT_LIMIT_BYTES);
  if (cutBytes === 0) return { text: answer, cutBytes };
  return {
    text: `${new TextDecoder().decode(bytes.subarray(0, TEXT_LIMIT_BYTES), { stream: true })}\n[… ${cutBytes} bytes left out …]`,
    cutBytes,
  };
}

/** The JSON document that an answer is, also within one fence, as models like to write it. */
function parsed(answer: string): unknown {
  const fenced = /^\s*```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?```\s*$/.exec(answer)?.[1];
  try {
    return JSON.parse(fenced ?? answer);
  } catch {
    return undefined;
  }
}

const JSON_RULE = 'Answer with one JSON document and nothing else: no explanation, no code fence.';

function promptOf({ prompt, json }: AgentInput): string {
  return json ? `${prompt}\n\n${JSON_RULE}` : prompt;
}

// --------------------------------------------------------------------------------------------------------------- editor

async function askEditor(input: AgentInput, context: ToolContext, instance?: TrackedAgent): Promise<Said> {
  const { languageModel } = context.host;
  if (!languageModel) {
    const message =
      'There is no language model here: it is one of the editor. Name an agent of the command line, such as "agent": "claude".';
    return { kind: 'error', result: toolFailed(message) };
  }
  const { system, model } = input;
  const request = {
    prompt: promptOf(input),
    ...(system === undefined ? {} : { system }),
    ...(model === undefined ? {} : { model }),
  };
  instance?.running();
  // A model that does not listen to the signal is not waited for.
  const aborted = untilAborted(context.signal);
  try {
    const answered = await Promise.race([Promise.resolve(languageModel.ask(request, context.signal)), aborted.promise]);
    if (answered === undefined) return { kind: 'interrupted' };
    instance?.running(`editor (${answered.model})`);
    return { kind: 'answer', text: answered.text, tokens: answered.tokens };
  } catch (error) {
    if (context.signal.aborted) return { kind: 'interrupted' };
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'error', result: toolFailed(`The language model of the editor gave no answer: ${reason}`) };
  } finally {
    aborted.close();
  }
}

function untilAborted(signal: AbortSignal): { readonly promise: Promise<undefined>; close(): void } {
  let listener = () => {};
  const promise = new Promise<undefined>((resolve) => {
    listener = () => resolve(undefined);
    if (signal.aborted) listener();
    signal.addEventListener('abort', listener, { once: true });
  });
  return { promise, close: () => signal.removeEventListener('abort', listener) };
}

// ------------------------------------------------------------------------------------------------------------- programs

/** A program that answers prompts. */
interface Program {
  readonly argv: readonly string[];
  /** Goes to standard input when it is there. */
  readonly stdin?: string;
  /** What its standard output says; undefined when it is not what the program is known to write. */
  read(stdout: string): Reading | undefined;
}

interface Reading {
  readonly kind: 'answer' | 'failure';
  readonly text: string;
  readonly tokens?: number | undefined;
}

async function askProgram(input: AgentInput, context: ToolContext, instance?: TrackedAgent): Promise<Said> {
  const cwd = await insideFolder(input.cwd ?? '.', context.folder);
  if (cwd.kind === 'refused') return { kind: 'error', result: toolFailed(cwd.message) };
  const { stdout, report } = context.files;
  const stderr = apart(context.files);
  const program = programOf(input);
  const { guard } = context;
  const tracked = {
    start: guard.start,
    add(group: number) {
      guard.add(group);
      instance?.running();
    },
    remove: (group: number) => guard.remove(group),
  };
  try {
    if (program.stdin !== undefined) await writeFile(report, program.stdin, { mode: 0o600 });
    const command = { argv: program.argv, cwd: cwd.path, env: {}, shell: false };
    const stdin = program.stdin === undefined ? {} : { stdin: report };
    const end = await runProgram({ command, stdout, stderr, signal: context.signal, guard: tracked, ...stdin }, context);
    return await saidBy(program, end, { stdout, stderr });
  } catch (error) {
    // A full disk, or a directory of outputs that was removed.
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'error', result: toolFailed(`The prompt or the answer could not be kept: ${reason}. Check the disk.`) };
  } finally {
    await rm(report, { force: true }).catch(() => {});
  }
}

async function saidBy(
  program: Program,
  end: ProcessEnd,
  files: { readonly stdout: string; readonly stderr: string },
): Promise<Said> {
  if (end.kind === 'interrupted') return { kind: 'interrupted' };
  if (end.kind !== 'exited') return { kind: 'error', result: couldNot(failureOf(end, program.argv[0] ?? '')) };
  const { exitCode } = end;
  const output = await readEnd(files.stdout, OUTPUT_READ_BYTES);
  const reading = program.read(output?.text ?? '');
  if (reading && (reading.kind === 'failure' || exitCode === 0)) {
    return reading.kind === 'failure' ? { ...reading, kind: 'failure', exitCode } : { ...reading, kind: 'answer' };
  }
  const complaint = (await readEnd(files.stderr, 4000))?.text.trim() || (output?.text.slice(-4000).trim() ?? '');
  if (exitCode !== 0) return { kind: 'failure', text: `exit code ${exitCode}${complaint ? `: ${complaint}` : ''}`, exitCode };
  const failure = {
    kind: 'unreadable output',
    tool: program.argv[0] ?? '',
    detail: output && output.omittedBytes > 0 ? 'it is too large' : 'there is no answer in it',
  } as const;
  return { kind: 'error', result: { ...couldNot(failure), text: complaint, answer: { summary: failureText(failure) } } };
}

function programOf(input: AgentInput): Program {
  const { agent, model, system } = input;
  const own = typeof agent === 'object';
  const rules = system === undefined ? [] : [system];
  const prompt = promptOf(input);
  // Claude takes rules as an option; others read them before the prompt.
  const whole = [...(agent === 'claude' ? [] : rules), prompt].join('\n\n');
  if (own) {
    const argv = agent.argv.map((argument) => (argument === PROMPT_PLACEHOLDER ? whole : argument));
    const stdin = agent.argv.includes(PROMPT_PLACEHOLDER) ? {} : { stdin: whole };
    return { argv, ...stdin, read: (stdout) => ({ kind: 'answer', text: stdout }) };
  }
  const chosen = model === undefined ? [] : ['--model', model];
  // An option is not to be made out of a prompt, and a long one is no argument: then it comes as standard input.
  const asArgument = !whole.startsWith('-') && Buffer.byteLength(whole) <= ARGUMENT_LIMIT_BYTES;
  const stdin = asArgument ? {} : { stdin: whole };
  if (agent === 'codex') {
    return { argv: ['codex', 'exec', '--json', ...chosen, asArgument ? whole : '-'], ...stdin, read: readCodex };
  }
  const appended = rules.flatMap((rule) => ['--append-system-prompt', rule]);
  const argv = ['claude', '-p', '--output-format', 'json', ...chosen, ...appended, ...(asArgument ? [whole] : [])];
  return { argv, ...stdin, read: readClaude };
}

// -------------------------------------------------------------------------------------------------------------- formats

/**
 * `claude -p --output-format json`: one object with `type` "result", `subtype`, `is_error`, `result`, `usage` and, after errors,
 * `errors` (https://code.claude.com/docs/en/headless). `subtype` may be "success" where `is_error` holds, and the other way round.
 */
function readClaude(stdout: string): Reading | undefined {
  const document = parsed(stdout);
  // With `--verbose` in its settings it writes a list of messages, of which the last is the result.
  const message = fields(Array.isArray(document) ? document.at(-1) : document);
  if (message['type'] !== 'result') return undefined;
  const { result, usage } = message;
  const failed = message['is_error'] === true || String(message['subtype'] ?? 'success') !== 'success';
  const errors = Array.isArray(message['errors']) ? message['errors'].filter((error) => typeof error === 'string') : [];
  const tokens = sum(fields(usage), ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'output_tokens']);
  if (failed) {
    const why = typeof result === 'string' && result !== '' ? result : errors.join('\n') || String(message['subtype'] ?? '');
    return { kind: 'failure', text: why, tokens };
  }
  return typeof result === 'string' ? { kind: 'answer', text: result, tokens } : undefined;
}

/**
 * `codex exec --json`: JSON lines (https://developers.openai.com/codex/noninteractive). The answer is the `text` of the last
 * `item.completed` of an `agent_message`; `turn.completed` tells the usage, `turn.failed` and `error` why there is none.
 */
function readCodex(stdout: string): Reading | undefined {
  let answer: string | undefined;
  let failure: string | undefined;
  let tokens: number | undefined;
  for (const line of stdout.split('\n')) {
    const event = fields(parsed(line));
    const item = fields(event['item']);
    switch (event['type']) {
      case 'item.completed':
        if (item['type'] === 'agent_message' && typeof item['text'] === 'string') answer = item['text'];
        break;
      case 'turn.completed':
        // It went on after an error, so that was none.
        failure = undefined;
        // Of its input, what was cached is counted already.
        tokens = (tokens ?? 0) + (sum(fields(event['usage']), ['input_tokens', 'output_tokens']) ?? 0);
        break;
      case 'turn.failed':
        failure = String(fields(event['error'])['message'] ?? failure ?? '');
        break;
      case 'error':
        failure ??= String(event['message'] ?? '');
        break;
      default:
        break;
    }
  }
  if (failure !== undefined) return { kind: 'failure', text: failure, tokens };
  return answer === undefined ? undefined : { kind: 'answer', text: answer, tokens };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function sum(usage: Readonly<Record<string, unknown>>, names: readonly string[]): number | undefined {
  const numbers = names.map((name) => usage[name]).filter((value) => typeof value === 'number');
  return numbers.length === 0 ? undefined : numbers.reduce((total, value) => total + value, 0);
}
