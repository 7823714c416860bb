/** Answers gates from the cache before a run, and keeps what a run found. */
import path from 'node:path';
import type { CachedResult } from './cache.js';
import { keyDigest } from './figures.js';
import { type Fingerprints, openFingerprints } from './fingerprint.js';
import type { Gate } from './gate-model.js';
import type { EngineContext } from './gate-run.js';
import { type GateOperation, operationOf } from './gates/operation.js';
import type { Edge, GateId, RunState } from './model.js';
import { byPlace } from './parts.js';
import { planBatch } from './plan.js';
import type { Settled } from './run.js';

/** A gate whose result may be kept: what it would run, and the key of what decided it before the run. */
export interface Keyed {
  readonly gate: Gate;
  readonly made: GateOperation;
  readonly key: string;
  /** When the key began to be made, in milliseconds of the wall clock. */
  readonly atMs: number;
  /**
   * `files`: what it reads is not known, so that nothing answers it. The key is of all files of the folder, which another gate has looked at
   * anyway; equal keys are evidence for trends, and no more.
   */
  readonly of: 'all it reads' | 'files';
}

export interface Answers {
  /** Ends of gates that need not run. */
  readonly settled: ReadonlyMap<GateId, Settled>;
  /** Gates that run, and whose results are known again by a key. */
  readonly keyed: readonly Keyed[];
}

/**
 * The keys of gates that run without being looked up, so that what they find can be compared with what else was found under the same key.
 * Not of a trial: nothing goes on beside what is measured.
 */
export async function keysOf(
  context: EngineContext,
  operations: readonly { readonly gate: Gate; readonly made: GateOperation }[],
): Promise<readonly Keyed[]> {
  const look = lookAt(
    context,
    operations.map(({ gate }) => gate),
  );
  const keyed = await keyedBy(look, operations);
  await look.close();
  return keyed;
}

async function keyedBy(
  look: Fingerprints,
  operations: readonly { readonly gate: Gate; readonly made: GateOperation }[],
): Promise<readonly Keyed[]> {
  const keyed: Keyed[] = [];
  const candidates = operations.filter(({ gate }) => gate.reads);
  if (candidates.length === 0) return keyed;
  const changed = new Set(edgesOf(operations).map(({ to }) => to));
  const atMs = Date.now();
  for (const { gate, made } of candidates) {
    if (changed.has(made.operation.id)) continue;
    const key = await look.of(gate, made.commands);
    if (key !== undefined) keyed.push({ gate, made, key, atMs, of: 'all it reads' });
  }
  for (const { gate, made } of operations) {
    const known = gate.reads || changed.has(made.operation.id) ? undefined : knownAnyway(gate, keyed);
    if (!known) continue;
    const asked = { ...gate, reads: known };
    const key = await look.of(asked, made.commands);
    if (key !== undefined) keyed.push({ gate: asked, made, key, atMs, of: 'files' });
  }
  return keyed;
}

/** Audits and builds depend on more than files by their nature. */
const OF_FILES: readonly Gate['category'][] = ['test', 'lint', 'types', 'format'];

/** What is looked at for gates of the same folder that may read all of it; undefined where there is none, since a look of its own would take time. */
function knownAnyway({ category, folder }: Gate, keyed: readonly Keyed[]): Gate['reads'] {
  const others = keyed.filter(({ gate }) => gate.folder.path === folder.path && gate.reads?.files.includes('**'));
  if (others.length === 0 || !OF_FILES.includes(category)) return undefined;
  const all = (of: (reads: NonNullable<Gate['reads']>) => readonly string[]) =>
    [...new Set(others.flatMap(({ gate: { reads } }) => (reads ? of(reads) : [])))].sort();
  return { files: ['**'], also: all(({ also }) => also), env: all(({ env }) => env) };
}

/** Looks the gates up. What another operation of the run may change before a gate starts is not known yet, so such a gate runs. */
export async function answersOf(
  context: EngineContext,
  operations: readonly { readonly gate: Gate; readonly made: GateOperation }[],
): Promise<Answers> {
  const settled = new Map<GateId, Settled>();
  const keyed: Keyed[] = [];
  const look = lookAt(
    context,
    operations.map(({ gate }) => gate),
  );
  const now = context.host.date().getTime();
  const asked = await keyedBy(look, operations);
  const answers = await Promise.all(
    asked.map(({ gate, key, of }) => (of === 'files' ? undefined : context.cache.get(gate, key))),
  );
  for (const [index, each] of asked.entries()) {
    const known = answers[index];
    if (!known) {
      keyed.push(each);
      continue;
    }
    const { was, run, findings, exitCode, at } = known;
    settled.set(each.gate.id, {
      outcome: { kind: 'cached', was, run, ageMs: Math.max(0, now - new Date(at).getTime()) },
      result: { findings, outputBytes: 0, ...(exitCode === undefined ? {} : { exitCode }) },
    });
  }
  await look.close();
  return { settled, keyed };
}

/** How a gate may end of which the next run under the same key tells something. */
const COMES_TO_AN_END: ReadonlySet<string | undefined> = new Set(['passed', 'failed', 'errored', 'timed out']);

/** Keeps what these gates found, and under which key, unless something that decides it changed meanwhile. Without `cache` only the key, and what is kept otherwise is replaced. */
export async function keepResults(
  context: EngineContext,
  { keyed, cache }: { readonly keyed: readonly Keyed[]; readonly cache: boolean },
  gates: readonly Gate[],
  state: RunState,
): Promise<void> {
  if (keyed.length === 0) return;
  const keys: Record<string, string> = {};
  const look = lookAt(context, gates);
  const at = context.host.date().toISOString();
  for (const { gate, made, key, atMs, of } of keyed) {
    const operation = state.operations.find(({ id }) => id === operationOf(gate));
    // How it ended with all that it found: what is set apart belongs to its result.
    const was = operation?.whole ?? operation?.outcome?.kind;
    if (!operation || operation.outcome?.kind === 'cached' || !COMES_TO_AN_END.has(was)) continue;
    const after = await look.of(gate, made.commands);
    // A file that was changed and changed back meanwhile is as it was, and yet the gate may have seen it otherwise.
    if (after === undefined || (await look.touched(gate)) > atMs) continue;
    if (after === key) keys[operation.id] = keyDigest(key, of);
    // What could not do its work is tried again, and then shows whether it always ends so.
    if (of === 'files' || (was !== 'passed' && was !== 'failed')) continue;
    const { exitCode, outputBytes } = operation;
    const findings = [...operation.findings, ...(operation.known ?? []).map(({ known: _known, ...finding }) => finding)];
    if (operation.known) findings.sort(byPlace);
    const result = { was, findings, run: state.run, at, outputBytes, ...(exitCode === undefined ? {} : { exitCode }) };
    if (cache || (await isContradicted(context, gate, after, result)))
      await context.cache.put(gate, { before: key, after }, result);
  }
  await look.close();
  if (Object.keys(keys).length > 0) await context.history.figures.addKeys(state.run, keys);
}

/** Whether something else is kept than what was found now: something decides the result that nobody has counted, and the newest holds. */
async function isContradicted(
  { cache }: EngineContext,
  gate: Gate,
  key: string,
  { was, findings }: CachedResult,
): Promise<boolean> {
  const known = await cache.get(gate, key);
  return known !== undefined && (known.was !== was || JSON.stringify(known.findings) !== JSON.stringify(findings));
}

/** What the gates hold as locks are their own caches. */
function lookAt({ host }: EngineContext, gates: readonly Gate[]): Fingerprints {
  const caches = [...new Set(gates.flatMap(({ access }) => access.locks))];
  return openFingerprints({ storage: path.join(host.storage, 'cache'), env: host.env, caches, log: host.log });
}

/** Who waits for whom; everything waits where that cannot be told. */
function edgesOf(operations: readonly { readonly made: GateOperation }[]): readonly Pick<Edge, 'to'>[] {
  const ids = new Set(operations.map(({ made }) => made.operation.id));
  const batch = operations.map(({ made }) => ({
    ...made.operation,
    needs: made.operation.needs.filter((need) => ids.has(need)),
  }));
  const planned = planBatch(batch, new Map(), 1);
  return planned.kind === 'plan' ? planned.plan.edges : batch.map(({ id }) => ({ to: id }));
}
