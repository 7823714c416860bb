/** `npx tsx bench/batch.ts`: what a batch costs beside its operations, and how close it comes to the lower bound of its makespan. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createEngine, type Engine } from '../src/core/engine.js';
import { nodeHost } from '../src/core/host.js';
import { timing } from '../src/core/timing.js';
import { summary } from './support.js';

const REPEATS = 5;
const SLOTS = 4;

/** Milliseconds from the request to the result, and makespan ÷ the larger of critical path and work ÷ slots by the waits asked for. */
interface Measured {
  readonly name: string;
  readonly makespans: readonly number[];
  /** Of the waits alone; undefined where there are none. */
  readonly boundMs?: number;
}

const wait = (id: string, ms: number, more: object = {}) => ({
  ...{ id, tool: 'command', input: { argv: ['sleep', String(ms / 1000)] }, reads: [], writes: [] },
  ...more,
});

/** 24 skewed waits, the longest listed last. */
function flat() {
  const lengths = Array.from({ length: 24 }, (_, index) => 20 + index * index * 2);
  const boundMs = Math.max(Math.max(...lengths), lengths.reduce((sum, ms) => sum + ms, 0) / SLOTS);
  return { name: 'flat, 24 skewed waits', operations: lengths.map((ms, index) => wait(`w${index}`, ms)), boundMs };
}

/** 12 items through 3 stages, each of which takes one item at a time. */
function pipeline() {
  const stages = [60, 100, 40];
  const operations = [
    {
      id: 'pipe',
      over: Array.from({ length: 12 }, (_, index) => index),
      pipeline: stages.map((ms, index) => wait(`s${index}`, ms, { locks: [`stage ${index}`] })),
    },
  ];
  // A flow shop in which the second stage is the longest: its work, with what the first item needs before and the last one after it.
  return { name: 'pipeline, 12 items, 3 stages', operations, boundMs: 60 + 12 * 100 + 40 };
}

async function measure(
  engine: Engine,
  batch: { readonly name: string; readonly operations: readonly object[]; readonly boundMs?: number },
): Promise<Measured> {
  const makespans: number[] = [];
  for (let repeat = 0; repeat <= REPEATS; repeat += 1) {
    const planned = await engine.planBatch(JSON.stringify({ operations: batch.operations }), { slots: SLOTS });
    if (planned.kind !== 'batch') throw new Error(JSON.stringify(planned.problems));
    const run = engine.runBatch({ batch: planned.batch, mode: 'parallel', slots: SLOTS, failure: 'continue', label: batch.name });
    const state = await run.finished;
    // The first time nothing is known of how long each takes.
    if (repeat > 0) makespans.push(timing(state).makespanMs);
  }
  return { name: batch.name, makespans, ...(batch.boundMs === undefined ? {} : { boundMs: batch.boundMs }) };
}

/** Prints what was measured. */
export async function measureBatches(): Promise<readonly Measured[]> {
  const directory = await realpath(await mkdtemp(path.join(os.tmpdir(), 'volley-bench-batch-')));
  const engine = createEngine(nodeHost({ folder: directory, storage: path.join(directory, '.storage') }));
  try {
    for (let index = 0; index < 20; index += 1) await writeFile(path.join(directory, `${index}.txt`), `${index}\n`);
    const many = (length: number, operation: (index: number) => object) => Array.from({ length }, (_, index) => operation(index));
    return [
      await measure(engine, {
        name: '1,000 listings of one directory',
        operations: many(1000, (index) => ({ id: `l${index}`, tool: 'list', input: { path: '.' } })),
      }),
      await measure(engine, {
        name: '1,000 reads, one pass',
        operations: many(1000, (index) => ({ id: `r${index}`, tool: 'read', input: { path: `${index % 20}.txt` } })),
      }),
      await measure(engine, {
        name: '200 times true',
        operations: many(200, (index) => ({ id: `t${index}`, tool: 'command', input: { argv: ['true'] } })),
      }),
      await measure(engine, flat()),
      await measure(engine, pipeline()),
    ];
  } finally {
    await engine.dispose();
    await rm(directory, { recursive: true, force: true });
  }
}

/** One line for each. */
export function batchLines(measured: readonly Measured[]): readonly string[] {
  return [
    `Batches, ${SLOTS} slots, ${REPEATS} repeats after one in which no duration was known: makespan in ms, min / median / max`,
    ...measured.map(({ name, makespans, boundMs }) => {
      const ratio =
        boundMs === undefined
          ? ''
          : `   over the bound of ${boundMs.toFixed(0)} ms: ${summary(makespans.map((ms) => ms / boundMs))}`;
      return `  ${name.padEnd(34)} ${summary(makespans)}${ratio}`;
    }),
  ];
}

if (process.argv[1] === import.meta.filename) console.log(batchLines(await measureBatches()).join('\n'));
