/** From the operations of a batch to those of a plan: what each touches, how it is named, what is remembered of it. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hasGlob } from '../glob-match.js';
import type { Access, CommandInput, Folder, Invocation, Operation, OperationId } from '../model.js';
import { slashes } from '../paths.js';
import type { ToolAccess } from '../tools/tool.js';
import type { BatchOperation } from './expand.js';
import type { LearnedWrites } from './learned.js';
import { withMadeDirectories } from './made-directories.js';
import { hasReference, resolved } from './references.js';
import type { Registry } from './registry.js';

export interface OperationsContext {
  /** Whether there is a directory now; absolute with `/`. */
  readonly isDirectory: (directory: string) => boolean;
  readonly folder: Folder;
  readonly registry: Registry;
  /** Pairs of operations, by what is remembered of them, that got in each other's way before. */
  readonly apart: readonly (readonly [string, string])[];
  /** What operations were seen to write though nothing says so. */
  readonly learned: LearnedWrites;
}

/** So many are made in one turn of the event loop. */
const EACH_TURN = 50;

/** As a plan has them, in the same order. */
export async function operationsOf(batch: readonly BatchOperation[], context: OperationsContext): Promise<readonly Operation[]> {
  const operations: Operation[] = [];
  for (const [index, each] of batch.entries()) {
    if (index % EACH_TURN === EACH_TURN - 1) await nextTurn();
    operations.push(operationOf(each, context));
  }
  return withMadeDirectories(operations, slashes(context.folder.path), context.isDirectory);
}

function operationOf(entry: BatchOperation, context: OperationsContext): Operation {
  const { folder, registry } = context;
  const tool = registry.get(entry.tool);
  const input = plannedInput(entry.input);
  const remember = memoryOf(entry);
  const concluded = tool.access(input, { folder });
  const touched = accessOf(entry, concluded, folder);
  const locks = [...entry.locks, ...touched.locks, ...locksApart(remember, context.apart)];
  const fusion = entry.retries > 0 || hasReference(entry.input) ? undefined : registry.fusionKey(entry.tool, input, concluded);
  return {
    ...invocationOf(entry, input, folder),
    id: entry.id as OperationId,
    name: entry.id,
    access: withSeen({ ...touched, locks: [...new Set(locks)] }, context.learned.get(remember) ?? [], folder),
    needs: entry.needs.map((need) => need as OperationId),
    ...(entry.onFailure === 'continue' ? { onFailure: 'continue' as const } : {}),
    ...(entry.limits.length === 0 ? {} : { limits: entry.limits }),
    ...(fusion === undefined ? {} : { fusion }),
    timeoutMs: entry.timeoutMs,
    retries: entry.retries,
    ...(entry.backoffMs > 0 ? { backoffMs: entry.backoffMs } : {}),
    ...(entry.retries > 0 ? { retryFailed: true as const } : {}),
    group: entry.groups.at(-1) ?? entry.tool,
    remember,
    ...(entry.atomic === undefined ? {} : { atomic: entry.atomic }),
  };
}

/** The input as far as it is known before anything runs: references stand in it as they are. */
export function plannedInput(input: BatchOperation['input']): BatchOperation['input'] {
  return hasReference(input) ? input : (resolved(input, () => undefined) as BatchOperation['input']);
}

function invocationOf(entry: BatchOperation, input: BatchOperation['input'], folder: Folder): Invocation {
  return entry.tool === 'command' ? { tool: 'command', input: commandOf(input, folder) } : { tool: entry.tool, input };
}

/** What views show of a command. */
function commandOf(input: BatchOperation['input'], folder: Folder): CommandInput {
  const { argv, shell, cwd, env } = input as {
    readonly argv?: readonly string[];
    readonly shell?: string;
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
  };
  return {
    argv: shell === undefined ? (argv ?? []) : [shell],
    cwd: path.resolve(folder.path, cwd ?? ''),
    env: env ?? {},
    shell: shell !== undefined,
  };
}

/** By what it does, so that it is known again in another batch and under another id. */
function memoryOf({ tool, input }: BatchOperation): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([tool, input]))
    .digest('hex')
    .slice(0, 16);
  return `${tool}:${hash}`;
}

/** What the batch says takes the place of what was concluded; of a tool whose access is exact it can only be more. */
function accessOf({ reads, writes }: BatchOperation, concluded: ToolAccess, folder: Folder): Access {
  const { inferred, barrier, ...known } = concluded;
  if (reads === undefined && writes === undefined) return barrier ? { ...known, barrier } : known;
  const said = { reads: reads?.map((each) => globOf(each, folder)), writes: writes?.map((each) => globOf(each, folder)) };
  if (!inferred && !barrier)
    return { ...known, reads: [...known.reads, ...(said.reads ?? [])], writes: [...known.writes, ...(said.writes ?? [])] };
  const everything = [`${slashes(folder.path)}/**`];
  return {
    reads: said.reads ?? (barrier ? everything : known.reads),
    writes: said.writes ?? (barrier ? [] : known.writes),
    locks: known.locks,
  };
}

/** What was seen to be written counts as if it had been said. */
function withSeen(access: Access, learned: readonly string[], folder: Folder): Access {
  const seen = learned.map((glob) => `${slashes(folder.path)}/${glob}`);
  return seen.length === 0 ? access : { ...access, writes: [...new Set([...access.writes, ...seen])], seen };
}

/** A path or glob relative to the folder as an absolute glob; a path stands for everything below it. */
function globOf(text: string, folder: Folder): string {
  const plain = text.replace(/^(?:\.\/)+/, '');
  if (path.isAbsolute(plain)) return slashes(plain);
  const base = slashes(folder.path);
  return hasGlob(plain) ? `${base}/${plain}` : slashes(path.resolve(folder.path, plain));
}

function locksApart(own: string, apart: OperationsContext['apart']): readonly string[] {
  return apart.flatMap((pair) => (pair.includes(own) ? [`apart from each other: ${[...pair].sort().join(' ')}`] : []));
}
