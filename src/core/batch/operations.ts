/** From the operations of a batch to those of a plan: what each touches, how it is named, what is remembered of it. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { hasGlob } from '../glob-match.js';
import { globIndex } from '../globs.js';
import type { Access, CommandInput, Folder, Invocation, Operation, OperationId } from '../model.js';
import { slashes } from '../paths.js';
import { slices } from '../slices.js';
import type { ToolAccess } from '../tools/tool.js';
import type { BatchOperation } from './expand.js';
import type { LearnedWrites } from './learned.js';
import { withMadeDirectories } from './made-directories.js';
import { packageLookup } from './package-scripts.js';
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

/** As a plan has them, in the same order. */
export async function operationsOf(batch: readonly BatchOperation[], context: OperationsContext): Promise<readonly Operation[]> {
  const { folder, registry } = context;
  const packageOf = packageLookup(folder);
  const turns = slices();
  const drafts: Draft[] = [];
  for (const entry of batch) {
    if (turns.due()) await turns.next();
    const input = plannedInput(entry.input);
    drafts.push({ entry, input, touched: registry.get(entry.tool).access(input, { folder, packageOf }) });
  }
  const outdated = outdatedConclusions(drafts);
  const operations: Operation[] = [];
  for (const [index, draft] of drafts.entries()) {
    if (turns.due()) await turns.next();
    const { entry, input } = draft;
    const touched = outdated(index) ? registry.get(entry.tool).access(input, { folder }) : draft.touched;
    operations.push(operationOf({ entry, input, touched }, context));
  }
  return withMadeDirectories(operations, slashes(context.folder.path), context.isDirectory);
}

/** An operation with what is concluded of it by itself. */
interface Draft {
  readonly entry: BatchOperation;
  readonly input: BatchOperation['input'];
  readonly touched: ToolAccess;
}

/**
 * Tells whether the operation at an index is concluded from files that may be others when it runs, since something that runs before it may
 * change them. Tools that change a whole project by custom, such as formatters, are not taken for what changes scripts.
 */
function outdatedConclusions(drafts: readonly Draft[]): (index: number) => boolean {
  if (drafts.every(({ touched }) => touched.concludedFrom === undefined)) return () => false;
  const indices = new Map(drafts.map(({ entry }, index) => [entry.id, index]));
  // Where something needs what stands later, their places say nothing.
  const inOrder = drafts.every(({ entry }, index) => entry.needs.every((need) => (indices.get(need) ?? 0) < index));
  const writers = globIndex<number>();
  for (const [index, { touched }] of drafts.entries())
    for (const glob of touched.barrier ? ['/**'] : touched.writes)
      if (touched.barrier || !touched.customary || glob.endsWith('/package.json')) writers.add(glob, index);
  return (index) => {
    let outdated = false;
    for (const file of drafts[index]?.touched.concludedFrom ?? [])
      writers.meeting(file, (writer) => {
        outdated ||= writer !== index && (!inOrder || writer < index);
      });
    return outdated;
  };
}

function operationOf({ entry, input, touched: concluded }: Draft, context: OperationsContext): Operation {
  const { folder, registry } = context;
  const remember = memoryOf(entry);
  const touched = accessOf(entry, concluded, folder);
  const locks = [...entry.locks, ...touched.locks, ...locksApart(remember, context.apart)];
  const access = withSeen({ ...touched, locks: [...new Set(locks)] }, context.learned.get(remember) ?? [], folder);
  const alone = entry.retries > 0 || hasReference(entry.input);
  const fusion = alone ? undefined : registry.fusionKey(entry.tool, input, access, { folder });
  return {
    ...invocationOf(entry, input, folder),
    id: entry.id as OperationId,
    name: entry.id,
    access,
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
  const { inferred, barrier, customary: _, concludedFrom: __, ...known } = concluded;
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
export function globOf(text: string, folder: Folder): string {
  const plain = text.replace(/^(?:\.\/)+/, '');
  if (path.isAbsolute(plain)) return slashes(plain);
  const base = slashes(folder.path);
  return hasGlob(plain) ? `${base}/${plain}` : slashes(path.resolve(folder.path, plain));
}

function locksApart(own: string, apart: OperationsContext['apart']): readonly string[] {
  return apart.flatMap((pair) => (pair.includes(own) ? [`apart from each other: ${[...pair].sort().join(' ')}`] : []));
}
