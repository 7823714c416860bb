/** Gates that run in parts: which, into how many, and what each part is given. Reads files; executes nothing. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from './gate-model.js';
import { SHARD_PLACEHOLDER, SHARDS_PLACEHOLDER } from './gate-model.js';
import type { Start, Whole } from './gate-plan.js';
import type { EngineContext, RunRequest } from './gate-run.js';
import { goPackages } from './gates/go-packages.js';
import { type GateOperation, operationOf } from './gates/operation.js';
import type { CommandInput, GateId, OperationId, OperationState, Part, RunState } from './model.js';
import { slashes } from './paths.js';
import { planBatch } from './plan.js';
import { argumentsInScope, everyFile, type FilesInScope, filesBelow } from './scope.js';
import { balanced, type Divisible, divide, expectedCost, learnCosts } from './shards.js';
import { spansOf } from './timing.js';
import { inserted } from './workers.js';

export interface PartsRequest {
  readonly whole: readonly Whole[];
  /** Gates that will be executed. */
  readonly going: readonly Gate[];
  readonly durations: ReadonlyMap<OperationId, number>;
  readonly slots: number;
  readonly request: RunRequest;
}

/** The operations that take the place of gates which are divided. A sequential run is the baseline and divides nothing. */
export async function partsOf(
  context: EngineContext,
  { whole, going, durations, slots, request }: PartsRequest,
): Promise<ReadonlyMap<GateId, readonly GateOperation[]>> {
  const result = new Map<GateId, readonly GateOperation[]>();
  if (request.mode === 'sequential' || slots < 2) return result;
  const candidates = whole.filter(
    ({ gate, start }) =>
      // What is remembered is how long all files take.
      start.kind === 'run' && start.files === undefined && going.includes(gate) && mayBeDivided(gate),
  );
  const long = candidates.filter(({ made }) => durations.has(made.operation.id));
  if (long.length === 0) return result;
  const planned = planBatch(
    whole.filter(({ gate }) => going.includes(gate)).map(({ made }) => withoutAbsentNeeds(made.operation, going)),
    durations,
    slots,
  );
  if (planned.kind === 'problems') return result;
  const pieces = new Map<GateId, readonly Piece[] | undefined>();
  const divisible: Divisible[] = [];
  for (const { gate, start, made } of long) {
    const own = await piecesOf(gate, start);
    pieces.set(gate.id, own);
    divisible.push({ operation: made.operation, most: own?.length ?? slots, ...tried(made.operation.id, durations) });
  }
  const counts = divide(planned.plan, durations, slots, divisible);
  for (const { gate, made } of long) {
    const count = counts.get(made.operation.id);
    if (count === undefined) continue;
    const own = pieces.get(gate.id);
    const divided = own ? await pieceParts(context, { gate, made, pieces: own, count }) : optionParts(gate, made, count);
    if (divided.length > 1) result.set(gate.id, divided);
  }
  return result;
}

/** What a gate can be given apart from the rest of its work: a file, or a package with its files. */
interface Piece {
  /** Absolute, native. */
  readonly files: readonly string[];
  /** What stands for it in argv when that is not its files. */
  readonly patterns?: readonly string[];
}

/** Undefined when the tool divides its work itself. */
async function piecesOf(gate: Gate, start: Start): Promise<readonly Piece[] | undefined> {
  switch (gate.sharding?.kind) {
    case 'option':
      return undefined;
    case 'packages':
      return (await goPackages(gate.command.cwd, gate.sharding.patterns)) ?? [];
    default:
      return (await filesOf(gate, start)).map((file) => ({ files: [file] }));
  }
}

/** Parts that hold the same lock could only run one after another. */
function mayBeDivided(gate: Gate): boolean {
  const { sharding, access, files } = gate;
  if (access.locks.length > 0 || access.writes.length > 0) return false;
  return sharding?.kind === 'option' || sharding?.kind === 'packages' || (sharding?.kind === 'files' && files.kind === 'files');
}

function withoutAbsentNeeds(operation: GateOperation['operation'], going: readonly Gate[]): GateOperation['operation'] {
  const ids = new Set(going.map(operationOf));
  return { ...operation, needs: operation.needs.filter((need) => ids.has(need)) };
}

function partId(of: OperationId, index: number, count: number): OperationId {
  return `${of}#${index}/${count}` as OperationId;
}

/** How it went when the gate was divided last: remembered durations of its parts, of the largest number that is known whole. */
function tried(id: OperationId, durations: ReadonlyMap<OperationId, number>): Pick<Divisible, 'tried'> {
  for (let count = 16; count >= 2; count -= 1) {
    const parts = Array.from({ length: count }, (_, index) => durations.get(partId(id, index + 1, count)));
    const known = parts.filter((ms) => ms !== undefined);
    if (known.length === count) return { tried: { parts: count, longestMs: Math.max(...known) } };
  }
  return {};
}

/** The files that the gate is given, or, where it finds them itself, those that it would be given one by one. */
async function filesOf(gate: Gate, start: Start): Promise<readonly string[]> {
  if (start.kind === 'run' && start.files !== undefined) return start.files;
  const { folder, sharding, files: limit } = gate;
  // As a whole it would be given those alone that git would know, too.
  const isGiven = limit.kind === 'files' && limit.needsFiles && limit.targets.length === 0;
  const heeds = isGiven || (sharding?.kind === 'files' && sharding.heedsGitignore);
  const files = heeds ? await filesBelow(folder.path, folder) : await everyFile(folder.path);
  const named = argumentsInScope(gate, { kind: 'files', files: [...files].sort() });
  return named.kind === 'run' ? (named.files ?? []) : [];
}

function optionParts(gate: Gate, made: GateOperation, count: number): readonly GateOperation[] {
  const { sharding } = gate;
  if (sharding?.kind !== 'option') return [];
  return Array.from({ length: count }, (_, index) => {
    const args = sharding.args.map((arg) =>
      arg.replaceAll(SHARD_PLACEHOLDER, String(index + 1)).replaceAll(SHARDS_PLACEHOLDER, String(count)),
    );
    const commands = made.commands.map((command) => ({
      ...command,
      argv: inserted(command.argv, args, sharding.at),
      env: { ...command.env, ...sharding.env },
    }));
    return partOperation(made, commands, { of: made.operation.id, name: made.operation.name, index: index + 1, count });
  });
}

interface Division {
  readonly gate: Gate;
  readonly made: GateOperation;
  readonly pieces: readonly Piece[];
  readonly count: number;
}

async function pieceParts(context: EngineContext, { gate, made, pieces, count }: Division): Promise<readonly GateOperation[]> {
  const known = await context.costs.of(gate.id);
  const name = relativeTo(gate);
  const all = pieces.flatMap(({ files }) => files);
  const sizes = new Map(await Promise.all(all.map(async (file) => [file, await sizeOfFile(file)] as const)));
  const costOf = (file: string) => expectedCost(known, name(file), () => sizes.get(file) ?? 0);
  const groups = balanced(pieces, count, ({ files }) => files.reduce((sum, file) => sum + costOf(file), 0));
  return groups.flatMap((group, index) => {
    const files = group.flatMap((piece) => piece.files);
    const argv = argumentsOf(gate, group);
    if (argv.length === 0) return [];
    const commands = argv.map((each) => ({ ...gate.command, argv: each }));
    const part = { of: made.operation.id, name: made.operation.name, index: index + 1, count: groups.length };
    return [partOperation(made, commands, part, files)];
  });
}

/** The command lines for some pieces of a gate. */
function argumentsOf(gate: Gate, group: readonly Piece[]): readonly (readonly string[])[] {
  const { sharding, command } = gate;
  if (sharding?.kind === 'packages') {
    const at = command.argv.indexOf(sharding.patterns[0] ?? '');
    const rest = command.argv.filter((arg) => !sharding.patterns.includes(arg));
    return [
      inserted(
        rest,
        group.flatMap(({ patterns = [] }) => patterns),
        at,
      ),
    ];
  }
  const scoped = argumentsInScope(gate, { kind: 'files', files: group.flatMap(({ files }) => files) } satisfies FilesInScope);
  return scoped.kind === 'run' ? scoped.argv : [];
}

function partOperation(
  made: GateOperation,
  commands: readonly CommandInput[],
  part: Part,
  files?: readonly string[],
): GateOperation {
  return {
    commands,
    operation: {
      ...made.operation,
      id: partId(part.of, part.index, part.count),
      name: `${part.name} ${part.index}/${part.count}`,
      input: commands[0] ?? made.operation.input,
      part,
      ...(files === undefined ? {} : { files }),
    },
  };
}

function relativeTo(gate: Gate): (file: string) => string {
  return (file) => slashes(path.relative(gate.command.cwd, file));
}

async function sizeOfFile(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** Remembers what the files of parts cost, so that the next parts are more even. */
export async function learnFromParts(context: EngineContext, gates: readonly Gate[], state: RunState): Promise<void> {
  for (const gate of gates) {
    const whole = state.operations.find((operation) => operation.id === operationOf(gate));
    const parts = (whole?.parts ?? []).filter(isMeasured);
    if (parts.length === 0) continue;
    const name = relativeTo(gate);
    let costs = await context.costs.of(gate.id);
    for (const part of parts) {
      const sizes = new Map(
        await Promise.all((part.files ?? []).map(async (file) => [name(file), await sizeOfFile(file)] as const)),
      );
      costs = learnCosts(costs, [...sizes.keys()], spansOf(part, state.at).running, (file) => sizes.get(file) ?? 0);
    }
    await context.costs.remember(gate.id, costs);
  }
}

function isMeasured(part: OperationState): boolean {
  return part.files !== undefined && (part.outcome?.kind === 'passed' || part.outcome?.kind === 'failed');
}
