/**
 * `npx tsx bench/slots.ts [mix …]`: the slots that Volley chooses while it runs, anew and with what it remembers of the same work, beside every
 * fixed number, on several kinds of work.
 */
import { copyFile, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createEngine, type Engine } from '../src/core/engine.js';
import { nodeHost } from '../src/core/host.js';
import { availableProcessors } from '../src/core/machine.js';
import type { SlotMove } from '../src/core/model.js';
import { automaticSlots, type SlotRange } from '../src/core/slots.js';
import { timing } from '../src/core/timing.js';
import { median, summary } from './support.js';

const REPEATS = 3;
const FIXED = [1, 2, 3, 4, 6, 10];

/** Waits and computes in turns of 25 ms each: `node work.cjs TURNS COMPUTED WAITED MEGABYTES`. */
const WORK = `
const [turns, computed, waited, megabytes] = process.argv.slice(2).map(Number);
const held = Buffer.alloc(megabytes * 2 ** 20, 1);
const pause = new Int32Array(new SharedArrayBuffer(4));
let index = 0;
for (let turn = 0; turn < turns; turn += 1) {
  const until = process.cpuUsage().user + computed * 1000;
  // Through the memory that it holds, so that its caches matter.
  while (process.cpuUsage().user < until) for (let step = 0; step < 20000; step += 1) { index = (index + 4099) % Math.max(1, held.length); held[index] ^= 1; }
  if (waited > 0) Atomics.wait(pause, 0, 0, waited);
}
`;

interface Mix {
  readonly name: string;
  /** How many operations, and what each is given. */
  readonly operations: readonly (readonly [turns: number, computed: number, waited: number, megabytes: number])[];
}

const repeated = (count: number, ...work: Mix['operations'][number]) => Array.from({ length: count }, () => work);

const MIXES: readonly Mix[] = [
  { name: 'computing', operations: repeated(16, 20, 20, 0, 1) },
  { name: 'waiting', operations: repeated(30, 20, 0, 50, 1) },
  { name: 'half and half', operations: repeated(24, 20, 15, 15, 1) },
  { name: 'some wait, some compute', operations: [...repeated(10, 16, 20, 0, 1), ...repeated(16, 16, 0, 60, 1)] },
  { name: 'much memory', operations: repeated(12, 12, 20, 10, 600) },
];

interface Ran {
  readonly ms: number;
  readonly moves: readonly SlotMove[];
}

async function runOnce(engine: Engine, text: string, slots: SlotRange): Promise<Ran> {
  const planned = await engine.planBatch(text, slots);
  if (planned.kind !== 'batch') throw new Error(JSON.stringify(planned.problems));
  const run = engine.runBatch({ batch: planned.batch, mode: 'parallel', ...slots, failure: 'continue', label: 'bench' });
  const state = await run.finished;
  if (state.outcome !== 'passed') throw new Error(`A run of the bench ended as ${state.outcome}.`);
  return { ms: timing(state).makespanMs, moves: state.slotMoves };
}

/** What an engine remembers of slots: forgotten before each run that begins anew, and kept for the others. */
function slotMemoryIn(directory: string) {
  const file = path.join(directory, '.storage', 'first-slots.json');
  const kept = `${file}.kept`;
  return {
    forget: () => rm(file, { force: true }),
    recall: () => copyFile(kept, file).catch(() => undefined),
    keep: () => copyFile(file, kept).catch(() => undefined),
  };
}

/** All numbers and the chosen one, interleaved in an order that turns with each repeat. */
async function measureMix(engine: Engine, directory: string, { name, operations }: Mix): Promise<readonly string[]> {
  const text = JSON.stringify({
    operations: operations.map((work, index) => ({
      id: `o${index}`,
      tool: 'command',
      input: { argv: [process.execPath, path.join(directory, 'work.cjs'), ...work.map(String)] },
      reads: [],
      writes: [],
    })),
  });
  const ranges: readonly (SlotRange & { readonly label: string })[] = [
    ...FIXED.map((slots) => ({ slots, label: String(slots) })),
    { ...automaticSlots(availableProcessors()), label: 'auto' },
    { ...automaticSlots(availableProcessors()), label: 'remembered' },
  ];
  const times = new Map<string, number[]>(ranges.map(({ label }) => [label, []]));
  const moves = new Map<string, readonly SlotMove[]>();
  const memory = slotMemoryIn(directory);
  const run = async (range: SlotRange & { readonly label: string }) => {
    await (range.label === 'remembered' ? memory.recall() : memory.forget());
    const ran = await runOnce(engine, text, range);
    if (range.label === 'remembered') await memory.keep();
    moves.set(range.label, ran.moves);
    return ran.ms;
  };
  // Fewer than usual count only when two runs have come to them.
  for (const range of ranges) if (range.label === 'remembered') for (let before = 0; before < 2; before += 1) await run(range);
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const turned = ranges.map((_, index) => ranges[(index + repeat * 3) % ranges.length] ?? ranges[0]);
    for (const range of turned) {
      if (!range) continue;
      times.get(range.label)?.push(await run(range));
    }
  }
  const fixed = FIXED.map((slots) => ({ slots, ms: median(times.get(String(slots)) ?? []) }));
  const best = fixed.reduce((a, b) => (b.ms < a.ms ? b : a));
  const chosen = (label: string, what: string): readonly string[] => {
    const own = times.get(label) ?? [];
    return [
      `    ${what}, ms: ${summary(own)}   over the best fixed number (${best.slots}): ${summary(own.map((ms) => ms / best.ms))}`,
      ...(moves.get(label) ?? []).map(
        ({ at, from, to, because }) => `      at ${at.toFixed(0)} ms  ${from} → ${to}  ${because ?? ''}`,
      ),
    ];
  };
  return [
    `  ${name}, ${operations.length} operations`,
    `    fixed, median ms: ${fixed.map(({ slots, ms }) => `${slots}: ${ms.toFixed(0)}`).join('  ')}`,
    ...chosen('auto', 'chosen anew'),
    ...chosen('remembered', 'chosen with what is remembered'),
  ];
}

export async function measureSlots(): Promise<readonly string[]> {
  const directory = await realpath(await mkdtemp(path.join(os.tmpdir(), 'volley-bench-slots-')));
  const engine = createEngine(nodeHost({ folder: directory, storage: path.join(directory, '.storage') }));
  try {
    await writeFile(path.join(directory, 'work.cjs'), WORK);
    const lines = [
      `Slots chosen while running, ${availableProcessors()} processors, ${REPEATS} repeats (target: at most 1.05 times the best fixed number)`,
    ];
    const wanted = process.argv[1] === import.meta.filename ? process.argv.slice(2) : [];
    for (const mix of MIXES.filter(({ name }) => wanted.length === 0 || wanted.includes(name)))
      lines.push(...(await measureMix(engine, directory, mix)));
    return lines;
  } finally {
    await engine.dispose();
    await rm(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) console.log((await measureSlots()).join('\n'));
