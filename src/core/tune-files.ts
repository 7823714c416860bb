/**
 * Tunes how many operations on files are handed over in one batch. The same operations on files of the workspace are handed over in batches of
 * each size, one batch after another, as a caller does that waits for each answer: planning, running and answering are all in the time.
 */
import path from 'node:path';
import { planBatchText } from './batch/planned.js';
import { withoutReferences } from './batch/references.js';
import { type BatchContext, startBatchRun } from './batch/run.js';
import type { Folder, RunOutcome, RunState } from './model.js';
import { shuffled, sizesUpTo } from './scalability.js';
import type { SlotRange } from './slots.js';
import { seededRandom } from './statistics.js';
import { filesMatching } from './tools/glob.js';
import type { TrialSequence } from './trial-sequence.js';
import { type ActiveTuning, startTuning, type Tried } from './tune.js';
import type { TuneOptions } from './tune-slots.js';
import type { FileTool, TuningId } from './tuning-model.js';

export interface TuneFilesRequest extends TuneOptions, SlotRange {
  readonly tool: FileTool;
  /** How many operations a trial has at most. */
  readonly most?: number;
}

/** A trial of batches of one takes some seconds with so many. A search goes through the whole workspace. */
const MOST: Readonly<Record<FileTool, number>> = { read: 200, grep: 50 };

/** An operation as it stands in the text of a batch. */
interface FileOperation {
  readonly id: string;
  readonly tool: FileTool;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Starts at once. Files are read, none is written. */
export function tuneFiles(context: BatchContext, folder: Folder, request: TuneFilesRequest): ActiveTuning {
  const { tool, limits, seed, most = MOST[tool], slots, mostSlots } = request;
  const range = { slots, ...(mostSlots === undefined ? {} : { mostSlots }) };
  let operations: readonly FileOperation[] = [];
  const handOver = async (sequence: TrialSequence, size: number, id: TuningId): Promise<Tried> => {
    const runs: RunState[] = [];
    const label = `Tune batches of ${size}`;
    const begin = context.host.now();
    for (let from = 0; from < operations.length && !sequence.cancelled; from += size) {
      const text = JSON.stringify({
        operations: operations
          .slice(from, from + size)
          .map(({ input, ...operation }) => ({ ...operation, input: withoutReferences(input) })),
      });
      const planned = await planBatchText(context, text, folder, mostSlots ?? slots);
      if (planned.kind !== 'batch') throw new Error(`A batch of ${tool} is wrong: ${planned.problems[0]?.message}`);
      const { batch } = planned;
      const start = () =>
        startBatchRun(context, {
          ...{ batch, ...range, label, verification: id, recorded: false },
          ...{ mode: 'parallel', failure: 'continue' },
        });
      runs.push(await sequence.run(start));
    }
    const ms = context.host.now() - begin;
    return { ms, runs: together(runs) };
  };
  return startTuning(context, {
    subject: { kind: 'files', tool },
    ...{ limits, seed, law: false, automatic: false },
    async warmUp(sequence, id) {
      operations = await operationsOn(folder, tool, most, seed);
      const warm = await handOver(sequence, Math.max(1, operations.length), id);
      // What cannot be read fails sooner than it could be read.
      const passed = new Set<string>(
        warm.runs.flatMap((run) => run.operations.flatMap((each) => (each.outcome?.kind === 'passed' ? [each.id] : []))),
      );
      operations = operations.filter((each) => passed.has(each.id));
      const numbers = sizesUpTo(Math.max(1, operations.length));
      // The outcome of what is left out does not count.
      const runs = warm.runs.map((run) =>
        run.outcome === 'errored' && operations.length > 0 ? { ...run, outcome: PASSED } : run,
      );
      return { ms: warm.ms, runs, operations: operations.length, numbers };
    },
    attempt: handOver,
  });
}

const PASSED: RunOutcome = 'passed';

/** The same for the same seed and files. */
async function operationsOn(folder: Folder, tool: FileTool, most: number, seed: number): Promise<readonly FileOperation[]> {
  const found = await filesMatching(['**'], folder);
  const files = shuffled(found.kind === 'files' ? found.files : [], seededRandom(seed));
  if (tool === 'read')
    return files.slice(0, most).map((file, index) => ({ id: `read-${index + 1}`, tool, input: { path: file } }));
  // Words of the workspace that differ, as whoever looks for where something is used would have them.
  const words = [...new Set(files.map((file) => path.posix.basename(file).replace(/\..*$/, '')))].filter(
    (word) => word.length >= 3,
  );
  return words
    .slice(0, most)
    .map((pattern, index) => ({ id: `grep-${index + 1}`, tool, input: { pattern, fixed: true, mode: 'files' } }));
}

/** All operations of a trial as those of one run, so that trials of other sizes compare with it. */
function together(runs: readonly RunState[]): readonly RunState[] {
  const [first] = runs;
  if (!first) return [];
  const worst = (['cancelled', 'errored', 'failed'] as const).find((kind) => runs.some(({ outcome }) => outcome === kind));
  return [{ ...first, outcome: worst ?? 'passed', operations: runs.flatMap(({ operations }) => operations) }];
}
