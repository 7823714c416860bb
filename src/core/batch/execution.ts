/** Executes the operations of a batch: references become results, tools are invoked, alone or several in one pass. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import type { WorkPlace } from '../active-run.js';
import type { Agents } from '../agents.js';
import { complaintsOf, type Issue } from '../complaints.js';
import { escapeGlob } from '../glob-match.js';
import { globsMayMeet } from '../globs.js';
import type { Host } from '../host.js';
import type { Threads } from '../inspect/threads.js';
import { placeName } from '../jsonc.js';
import type { Answer, Folder, Operation, OperationId, Outcome, ToolName } from '../model.js';
import { normalise } from '../normalise.js';
import { slashes } from '../paths.js';
import { sizeOf } from '../process.js';
import type { Attempt, Execution } from '../run.js';
import { commandFiles } from '../tools/command.js';
import { unsavedFiles } from '../tools/files.js';
import { INTERRUPTED, type ToolContext, type ToolResult, toolFailed } from '../tools/tool.js';
import { type AtomicContext, type AtomicGroups, createAtomicGroups, type RolledBack } from './atomic.js';
import type { Changes } from './changes.js';
import type { Call } from './context-use.js';
import type { BatchOperation } from './expand.js';
import { contentionIn } from './interference.js';
import { inText, piecesOf, type Reference, resolved } from './references.js';
import type { Registry } from './registry.js';

export interface ExecutionContext {
  readonly host: Host;
  readonly folder: Folder;
  readonly registry: Registry;
  readonly agents?: Agents | undefined;
  readonly threads?: Threads;
  readonly changes: Changes;
  /** What lies under globs now. */
  readonly filesUnder: AtomicContext['filesUnder'];
  /** Filled with what operations answer. */
  readonly results: Map<OperationId, ToolResult>;
  /** Does the work of an operation and looks at what it writes; absent when nobody looks. */
  readonly observe?: (
    operation: Operation,
    work: () => Promise<ToolResult>,
  ) => Promise<{ readonly result: ToolResult; readonly seen: Pick<Answer, 'undeclared' | 'lookedMs'> }>;
  /** Filled with what operations were called with, results in place of references; absent when nobody wants to know. */
  readonly calls?: Map<OperationId, Call>;
  /** How many tokens a text takes; undefined where nobody counts. */
  readonly countTokens: (text: string) => Promise<number | undefined>;
}

export interface Executor {
  execute(operation: Operation, attempt: Attempt, place: WorkPlace): Promise<Execution>;
  /** When no operation runs any more: puts back the atomic groups in which something did not pass. Never rejects. */
  settle(all: Pick<Attempt, 'outcomeOf' | 'rolledBack'>): Promise<void>;
  /** The groups that were put back so far. */
  rolledBack(): readonly RolledBack[];
}

export function createExecutor(batch: readonly BatchOperation[], context: ExecutionContext): Executor {
  const entries = new Map(batch.map((each) => [each.id as OperationId, each]));
  const { results } = context;
  const groups: AtomicGroups = createAtomicGroups(batch, context);
  const passes = new WeakMap<readonly Operation[], Pass>();
  const passOf = (tool: ToolName, { together: members }: Attempt): Pass | undefined => {
    const pass = members && (passes.get(members) ?? createPass(tool, members.length, context.registry));
    if (members && pass) passes.set(members, pass);
    return pass;
  };
  const turn = createTurns();
  const invoke = async (operation: Operation, attempt: Attempt, place: WorkPlace): Promise<ToolResult> => {
    const entry = entries.get(operation.id);
    if (!entry) throw new Error(`No operation of the batch has the id "${operation.id}".`);
    const tool = context.registry.get(entry.tool);
    const pass = passOf(entry.tool, attempt);
    const checked = tool.schema.safeParse(inputOf(entry, (id) => (groups.isBroken(id) ? undefined : results.get(id))));
    if (!checked.success) {
      pass?.leave();
      return toolFailed(unfit(entry, checked.error.issues as readonly Issue[]));
    }
    const at = await toolContext(operation, attempt, place, context).catch((error: unknown) => {
      pass?.leave();
      throw error;
    });
    const unsaved = writesItself(entry.tool) ? unsavedWritten(operation, context) : undefined;
    if (unsaved !== undefined) {
      pass?.leave();
      return toolFailed(
        `“${entry.id}” may write ${unsaved}, which has changes in the editor that are not saved. Save or revert them, then run the batch again.`,
      );
    }
    context.calls?.set(operation.id, { tool: entry.tool, input: JSON.stringify(checked.data) });
    return pass ? pass.join(checked.data, at) : tool.invoke(checked.data, at);
  };
  return {
    settle: (all) =>
      groups.settle(all).catch((error: unknown) => {
        context.host.log.error(`An atomic group could not be put back: ${String(error)}. What it changed can be undone.`);
      }),
    rolledBack: () => groups.rolledBack,
    async execute(operation, attempt, place) {
      await turn(writesItself(operation.tool) ? EACH_TURN / 4 : 1);
      await groups.settle(attempt);
      const broken = groups.refusal(operation, attempt);
      // The others of its pass do not wait for it.
      if (broken) passOf(operation.tool, attempt)?.leave();
      if (broken) return { kind: 'ended', outcome: broken, result: { findings: [], outputBytes: 0 } };
      const end = await groups.begin(operation).catch((error: unknown) => {
        passOf(operation.tool, attempt)?.leave();
        throw error;
      });
      const { result, seen } = context.observe
        ? await context.observe(operation, () => invoke(operation, attempt, place))
        : { result: await invoke(operation, attempt, place), seen: {} };
      const ended = result.end.kind === 'interrupted' ? undefined : result.end;
      const contention = ended === undefined || ended.kind === 'passed' ? undefined : contentionIn(result);
      await end(attempt, result.end.kind, ended !== undefined && attempt.again(ended, contention));
      if (result.end.kind === 'interrupted') return { kind: 'interrupted', result: { findings: [], outputBytes: 0 } };
      await turn(1);
      const outputBytes = await keepText(operation, result, place, attempt.together?.[0]).catch((error: unknown) => {
        // What it did is done, and its answer is there: only its output will be missing in the history.
        context.host.log.warn(`What “${operation.id}” answered could not be kept: ${String(error)}.`);
        return 0;
      });
      const tokens = await context.countTokens(result.text);
      const fusedWith = attempt.together?.map(({ id }) => id).filter((id) => id !== operation.id);
      const answer = {
        ...result.answer,
        ...seen,
        ...digestOf(operation.tool, result),
        ...(tokens === undefined ? {} : { tokens }),
        ...(fusedWith === undefined ? {} : { fusedWith }),
      };
      results.set(operation.id, { ...result, answer });
      const outcome: Outcome = result.end.kind === 'passed' ? (groups.rollBackOf(operation.id) ?? result.end) : result.end;
      return {
        kind: 'ended',
        outcome,
        result: {
          findings: [],
          outputBytes,
          answer,
          ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
        },
        ...(contention === undefined ? {} : { contention }),
      };
    },
  };
}

/** Of hundreds that start or end at once, so many go on in each turn of the event loop. The start of a process weighs as much as some. */
const EACH_TURN = 16;

/** Resolves in this turn of the loop, or in a later one when many have asked before. A weight is at most EACH_TURN. */
function createTurns(): (weight: number) => Promise<void> {
  let last = Promise.resolve();
  let asked = 0;
  return (weight) => {
    asked += weight;
    if (asked >= EACH_TURN) last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    asked %= EACH_TURN;
    return last;
  };
}

/** A file with unsaved changes that a program is known to write. Of a barrier nobody knows. */
function unsavedWritten({ access }: Operation, { host, folder }: ExecutionContext): string | undefined {
  if (access.barrier || access.writes.length === 0) return undefined;
  const base = slashes(folder.path);
  return unsavedFiles(host, folder).find((name) =>
    access.writes.some((glob) => globsMayMeet(glob, `${base}/${escapeGlob(name)}`)),
  );
}

/** An agent may answer otherwise each time. What a command prints may hold times and names that differ by their nature. */
function digestOf(tool: ToolName, { text, files, json, exitCode }: ToolResult): Pick<Answer, 'digest' | 'normalised'> {
  if (tool === 'agent') return {};
  const { text: normal, without } = tool === 'command' ? normalise(text) : { text, without: [] };
  const digest = createHash('sha256')
    .update(JSON.stringify([normal, files, tool === 'command' ? undefined : json, exitCode]))
    .digest('hex')
    .slice(0, 16);
  return { digest, ...(without.length > 0 ? { normalised: without } : {}) };
}

/** Whether a process writes what it says into the outputs of the run by itself. */
function writesItself(tool: ToolName): boolean {
  return tool === 'command' || tool === 'agent';
}

async function toolContext(
  { id, tool }: Operation,
  attempt: Attempt,
  { guard, directory }: WorkPlace,
  context: ExecutionContext,
): Promise<ToolContext> {
  const files = commandFiles(directory, id, false);
  // What an attempt before has said. Before the first nobody has said anything, and nothing holds up the start of its process.
  if (writesItself(tool) && attempt.attempt > 1) await writeFile(files.stdout, '');
  return {
    host: context.host,
    folder: context.folder,
    signal: attempt.signal,
    ...(context.threads ? { threads: context.threads } : {}),
    guard,
    ...(context.agents === undefined ? {} : { agents: context.agents }),
    files,
    output: attempt.output,
    writeFile: (file, content) => context.changes.write(id, file, content),
  };
}

/** The whole text with the outputs of the run, unless a process has written it there itself. */
async function keepText(
  { id, tool }: Operation,
  { text, end }: ToolResult,
  { directory }: WorkPlace,
  first: Operation | undefined,
): Promise<number> {
  const own = commandFiles(directory, id, false);
  const { stdout, stderr } = own;
  const written = writesItself(tool) ? sizeOf(stdout) : 0;
  if (written > 0) return written;
  const from = first === undefined ? own : commandFiles(directory, first.id, false);
  if (from.stdout !== stdout && writesItself(tool) && existsSync(from.stdout)) {
    // One process has answered several: each has the whole of it.
    await copyFile(from.stdout, stdout);
    await copyFile(from.stderr, stderr).catch(() => undefined);
    return sizeOf(stdout);
  }
  const said = end.kind === 'errored' && end.failure.kind === 'tool failed' && text === '' ? `${end.failure.message}\n` : text;
  // A process that said nothing has left an empty file.
  if (said !== '' || !existsSync(stdout)) await writeFile(stdout, said);
  return Buffer.byteLength(said);
}

// ---------------------------------------------------------------------------------------------------------------- input

/** The input with results in place of references. What a shell reads are variables: no result is ever read as its language. */
function inputOf(entry: BatchOperation, resultOf: ResultOf): unknown {
  const resolve = (reference: Reference) => standsFor(reference, entry, resultOf);
  const { shell, ...rest } = entry.input;
  if (entry.tool !== 'command' || typeof shell !== 'string') return resolved(entry.input, resolve);
  const variables: Record<string, string> = {};
  const text = piecesOf(shell).map((piece) => {
    if (typeof piece === 'string' || piece.kind !== 'result') return typeof piece === 'string' ? piece : `\${${piece.name}}`;
    const name = `VOLLEY_RESULT_${Object.keys(variables).length + 1}`;
    variables[name] = inText(resolve(piece));
    return `\${${name}}`;
  });
  const others = resolved(rest, resolve) as { readonly env?: Readonly<Record<string, string>> };
  return {
    ...others,
    shell: text.join(''),
    ...(Object.keys(variables).length > 0 ? { env: { ...others.env, ...variables } } : {}),
  };
}

/** Undefined for what has not run, and for a member of a broken atomic group: which of them ran is chance. */
type ResultOf = (operation: OperationId) => ToolResult | undefined;

/** What a reference stands for; of several operations the outputs one after another, all files, a list of the data. */
export function standsFor(reference: Reference, entry: BatchOperation, resultOf: ResultOf): unknown {
  const ids = entry.sources.get(reference.id) ?? [];
  const found = ids.flatMap((id) => resultOf(id as OperationId) ?? []);
  switch (reference.asked) {
    case 'output':
      return found.map(({ text }) => text).join(found.some(({ text }) => text !== '' && !text.endsWith('\n')) ? '\n' : '');
    case 'files':
      return [...new Set(found.flatMap(({ files }) => files))];
    case 'exitCode':
      return ids.length > 1 ? found.map(({ exitCode }) => exitCode ?? null) : (found[0]?.exitCode ?? null);
    case 'json': {
      const data = ids.length > 1 ? found.map(({ json }) => json) : found[0]?.json;
      return reference.path.reduce<unknown>(
        (value, name) =>
          typeof value === 'object' && value !== null && Object.hasOwn(value, name)
            ? (value as Record<string, unknown>)[name]
            : null,
        data ?? null,
      );
    }
    default:
      return reference.asked satisfies never;
  }
}

function unfit({ id, tool }: BatchOperation, issues: readonly Issue[]): string {
  const [first] = complaintsOf(issues, { namesAt: () => [] });
  const where = placeName('input', [...(first?.path ?? []), ...(first?.key === undefined ? [] : [first.key])]);
  return `What “${id}” was given by references does not fit the tool ${tool}: “${where}” ${first?.message ?? 'has another form.'}`;
}

// ---------------------------------------------------------------------------------------------------------------- passes

interface Pass {
  join(input: unknown, context: ToolContext): Promise<ToolResult>;
  /** For a member that has nothing to do in it. */
  leave(): void;
}

interface PassMember {
  readonly input: unknown;
  readonly context: ToolContext;
}

/** Waits until all members have joined or left, then does their work at once. */
function createPass(tool: ToolName, members: number, registry: Registry): Pass {
  const joined: PassMember[] = [];
  let awaited = members;
  let begin: (results: Promise<readonly ToolResult[]>) => void;
  const results = new Promise<readonly ToolResult[]>((resolve) => {
    begin = resolve;
  });
  const arrive = () => {
    awaited -= 1;
    if (awaited === 0) begin(together(tool, joined, registry));
  };
  return {
    leave: arrive,
    async join(input, context) {
      const index = joined.push({ input, context }) - 1;
      arrive();
      return (await results)[index] ?? INTERRUPTED;
    },
  };
}

/** It ends early only when all of them are told to. */
async function together(tool: ToolName, members: readonly PassMember[], registry: Registry): Promise<readonly ToolResult[]> {
  const [first] = members;
  if (!first) return [];
  const stop = new AbortController();
  const check = () => {
    if (members.every(({ context }) => context.signal.aborted)) stop.abort();
  };
  for (const { context } of members) context.signal.addEventListener('abort', check);
  check();
  try {
    const inputs = members.map(({ input }) => input);
    const results = await registry.together(tool, inputs, { ...first.context, signal: stop.signal });
    return results.map((result, index) => (members[index]?.context.signal.aborted ? INTERRUPTED : result));
  } finally {
    for (const { context } of members) context.signal.removeEventListener('abort', check);
  }
}
