/** `volley tune`: measures how many gates or operations are best run at once, and writes it into the settings when that is asked for. */
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ActiveTuning, TuneRequest } from '../core/engine.js';
import { durationText } from '../core/messages.js';
import { type Applied, tuneDocument, tuningText } from '../core/report/tuning.js';
import { withSetting } from '../core/settings-text.js';
import type { FileTool, Tuning } from '../core/tuning-model.js';
import { numberText } from '../core/tuning-text.js';
import { writeWhole } from '../core/whole-file.js';
import { type Context, chosenGates, isFolder, notAFolder, type Options, slotsOf, unable, untilInterrupted } from './actions.js';
import { EXIT } from './exit.js';
import { liveProgress } from './progress.js';

/** What the options of `volley tune` say besides those of other commands. */
interface TuneOptions extends Omit<Options, 'files'> {
  readonly rounds: number;
  readonly mostTime: number;
  readonly seed?: number;
  readonly apply?: boolean;
  readonly files?: FileTool | true;
}

/** Here `--files` names a tool. */
function tuneOptions({ options }: Context): TuneOptions {
  return options as Omit<Options, 'files'> as TuneOptions;
}

const SETTING = 'volley.slots';

/** `volley tune [gate…|FILE]`. */
export async function tune(context: Context): Promise<number> {
  const { engine, io, options } = context;
  const wanted = await requestOf(context);
  if (!wanted) return EXIT.unable;
  const tuning = await followed(context, await engine.tune(wanted));
  const { apply } = tuneOptions(context);
  const applied = apply && tuning.recommended !== undefined ? await applyTo(context, tuning.recommended) : undefined;
  if (options.json)
    io.print(JSON.stringify(tuneDocument(tuning, applied?.kind === 'applied' ? applied.applied : undefined), null, 2));
  else {
    io.print(tuningText(tuning, io.style));
    if (tuning.recommended !== undefined) io.print(howToUse(tuning, applied));
  }
  if (applied?.kind === 'problem') io.error(applied.message);
  if (options.html) {
    const { tellOverview } = await import('./overviews.js');
    const file = { ...options, json: false, format: 'html', output: options.html, quiet: options.json === true } as const;
    const code = await tellOverview({ ...context, options: file }, { kind: 'tuning', tuning });
    if (code !== EXIT.passed) return code;
  }
  return exitCodeOf(tuning, applied?.kind === 'problem' || (apply === true && tuning.recommended === undefined));
}

/** Undefined, with the reason told, when there is nothing to measure. */
async function requestOf(context: Context): Promise<TuneRequest | undefined> {
  const { folder, gates: names, io } = context;
  const options = tuneOptions(context);
  const common = {
    limits: { rounds: Math.ceil(options.rounds), mostMs: options.mostTime * 1000 },
    seed: options.seed ?? randomInt(2 ** 31),
  };
  const most = options.mostJobs === undefined ? {} : { mostSlots: options.mostJobs };
  if (options.files !== undefined) {
    if (!(await isFolder(folder))) return void unable(notAFolder(folder), io, context.options);
    const tool = options.files === true ? 'read' : options.files;
    return { kind: 'files', tool, ...slotsOf(context.options), ...common };
  }
  if (names.length === 1 && /^-$|\.jsonc?$/.test(names[0] ?? '')) {
    const { plannedBatch } = await import('./batch.js');
    const named = await plannedBatch(context);
    return named && { kind: 'batch', batch: named.batch, label: named.name, ...most, ...common };
  }
  const gates = await chosenGates(context);
  const limit = options.timeout === undefined ? {} : { timeoutMs: options.timeout * 1000 };
  return gates && { kind: 'gates', gates, scope: { kind: 'workspace' }, ...most, ...limit, ...common };
}

async function followed({ io, options }: Context, active: ActiveTuning): Promise<Tuning> {
  const moment = () => {
    const { tuning, run, trial, of, number } = active.progress();
    const note = number === undefined ? 'warm-up' : `trial ${trial} of at most ${of}, ${numberText(tuning.subject, number)}`;
    return run && { state: run, now: active.now(), note };
  };
  const live = options.json ? undefined : liveProgress(io, moment);
  let told = 0;
  active.onProgress(() => {
    const { tuning, of } = active.progress();
    const { trials, subject } = tuning;
    const newest = trials.at(-1);
    if (newest && trials.length > told && !options.json && !io.live)
      io.print(`trial ${trials.length} of at most ${of}, ${numberText(subject, newest.number)}: ${durationText(newest.ms)}`);
    told = trials.length;
  });
  return untilInterrupted((stop) => {
    stop(() => active.cancel());
    return active.finished;
  }).finally(() => live?.close());
}

type Application =
  | { readonly kind: 'applied'; readonly applied: Applied }
  | { readonly kind: 'problem'; readonly message: string };

/** Into the settings of the workspace, where the editor finds it. */
async function applyTo({ folder }: Context, value: number): Promise<Application> {
  const file = path.join(folder, '.vscode', 'settings.json');
  try {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const changed = withSetting(text, SETTING, value);
    if (changed.kind === 'problem') return { kind: 'problem', message: `${file}: ${changed.message}` };
    if (changed.text !== text) await writeWhole(file, changed.text);
    const { before } = changed;
    return { kind: 'applied', applied: { file, setting: SETTING, value, ...(before === undefined ? {} : { before }) } };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'problem', message: `${SETTING} could not be written to ${file}: ${why}` };
  }
}

function howToUse({ recommended, subject }: Tuning, applied: Application | undefined): string {
  if (subject.kind === 'files') return `Hand over ${recommended} operations in one batch where you have as many.`;
  if (applied?.kind === 'applied') {
    const { file, before, value } = applied.applied;
    return `${SETTING} is ${value} in ${file} now; it was ${before === undefined ? 'not set' : JSON.stringify(before)}.`;
  }
  return `With volley run it is --jobs ${recommended}; --apply sets it for this workspace in the editor.`;
}

function exitCodeOf({ end, recommended }: Tuning, notApplied: boolean): number {
  if (end?.kind === 'cancelled') return EXIT.interrupted;
  if (end?.kind === 'results differ') return EXIT.failed;
  if (end?.kind === 'nothing to tune' && !notApplied) return EXIT.passed;
  return recommended === undefined || notApplied ? EXIT.unable : EXIT.passed;
}
