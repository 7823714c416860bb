/** `volley batch`, `volley plan`, and `volley verify` of a batch file. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import type { BatchProblem, PlannedBatch } from '../core/engine.js';
import { countText, unwrittenText } from '../core/messages.js';
import { answersText, type BatchReport, batchDocument, batchSummary } from '../core/report/batch.js';
import { explainText, planDocument } from '../core/report/explain.js';
import { batchProblemsDocument } from '../core/report/json.js';
import { timingTreeText } from '../core/report/text.js';
import {
  type Context,
  exitCode,
  failureOf,
  followed,
  followVerification,
  isFolder,
  measureOf,
  notAFolder,
  reportRun,
  slotsOf,
  unable,
  untilInterrupted,
} from './actions.js';
import { EXIT } from './exit.js';

/** A batch as the user named it: a file, relative to where it was typed, or - for standard input. */
export interface Named {
  /** For people. */
  readonly name: string;
  readonly batch: PlannedBatch;
}

/** `volley batch FILE`. */
export async function runBatchFile(context: Context): Promise<number> {
  const { engine, folder, io, options } = context;
  const named = await plannedBatch(context);
  if (!named) return EXIT.unable;
  const run = engine.runBatch({
    batch: named.batch,
    mode: options.sequential ? 'sequential' : 'parallel',
    ...slotsOf(options),
    failure: failureOf(options),
    label: `Batch ${named.name}`,
    countTokens: options.tokens ?? false,
  });
  const state = await untilInterrupted((stop) => {
    stop(() => run.cancel());
    return options.combined ? run.finished : followed(run, io, options);
  });
  const { document } = named.batch;
  const whole: BatchReport = {
    ...{ state, results: run.results, changed: run.changed(), root: folder, context: run.context() },
    ...(document.name === undefined ? {} : { name: document.name }),
  };
  if (options.json) io.print(JSON.stringify(batchDocument(whole), null, 2));
  else if (options.combined) {
    // What is printed is the answer and nothing else.
    io.print(run.combined());
    io.error(batchSummary(whole));
  } else {
    io.print(`\n${timingTreeText(state, io.style)}`);
    io.print(answersText(whole, options.results ?? false, io.style));
    io.print(`\n${batchSummary(whole)}`);
  }
  return (await reportRun(context, state)) ? exitCode(state) : EXIT.unable;
}

/** `volley plan FILE`. */
export async function explainBatchFile(context: Context): Promise<number> {
  const { io, options } = context;
  const named = await plannedBatch(context);
  if (!named) return EXIT.unable;
  const { plan, slots, durations, folder, unwritten } = named.batch;
  const predicted = context.engine.predict(named.batch, slotsOf(options));
  const explained = { plan, slots, durations, predicted, unwritten, folder: folder.path.split(path.sep).join('/') };
  io.print(options.json ? JSON.stringify(planDocument(explained), null, 2) : explainText(explained, io.style));
  return EXIT.passed;
}

/** `volley verify FILE`. */
export async function verifyBatchFile(context: Context): Promise<number> {
  const { engine, io, options } = context;
  const named = await plannedBatch(context);
  if (!named) return EXIT.unable;
  const settings = { ...slotsOf(options), ...measureOf(options), label: `Verify ${named.name}` };
  const code = await followVerification(context, engine.verifyBatch(named.batch, settings));
  // Its warm-up has looked once more at what the operations write.
  const planned = options.json ? undefined : await engine.planBatch(named.batch.text, slotsOf(options));
  if (planned?.kind === 'batch') for (const each of planned.batch.unwritten) io.print(`  ${unwrittenText(each)}`);
  return code;
}

/** Undefined, with all that is wrong told, when it cannot run. */
export async function plannedBatch({ engine, folder, gates: names, io, options }: Context): Promise<Named | undefined> {
  const refused = (problem: string): undefined => void unable(problem, io, options);
  if (!(await isFolder(folder))) return refused(notAFolder(folder));
  const [name = '-'] = names;
  const file = name === '-' ? undefined : path.resolve(name);
  const source =
    file === undefined ? await text(process.stdin) : await readFile(file, 'utf8').catch((error: unknown) => error as Error);
  if (typeof source !== 'string') return refused(`${name} cannot be read: ${source.message}.`);
  // Paths of a batch start at the workspace, wherever the file lies.
  const planned = await engine.planBatch(source, slotsOf(options));
  if (planned.kind === 'batch')
    return { name: file === undefined ? 'from standard input' : path.basename(file), batch: planned.batch };
  tellProblems(name === '-' ? 'standard input' : name, planned.problems, { io, options });
  return undefined;
}

function tellProblems(name: string, problems: readonly BatchProblem[], { io, options }: Pick<Context, 'io' | 'options'>): void {
  for (const { line, column, message } of problems) io.error(`${name}:${line}:${column}: ${message}`);
  io.error(`Nothing ran: ${countText(problems.length, 'problem')} in the batch.`);
  if (options.json) io.print(JSON.stringify(batchProblemsDocument(problems), null, 2));
}
