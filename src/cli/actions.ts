/** What each command does with the engine. Each returns the exit code. */
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { ActiveRun, ActiveVerification, Engine, MeasureOptions } from '../core/engine.js';
import type { Detection, Gate } from '../core/gate-model.js';
import type { Host } from '../core/host.js';
import { availableProcessors } from '../core/machine.js';
import { countText, durationText } from '../core/messages.js';
import type { FailureMode, RunState, Scope } from '../core/model.js';
import { didNotPass } from '../core/parts.js';
import { relativeFile } from '../core/report/files.js';
import type { FormatId, ReportTarget } from '../core/report/format-table.js';
import { errorDocument, listDocument, runDocument, verifyDocument } from '../core/report/json.js';
import type { ReportSubject } from '../core/report/subject.js';
import {
  findingsText,
  finishedLine,
  isAnswered,
  outputText,
  ran,
  timingTreeText,
  verificationText,
} from '../core/report/text.js';
import { automaticSlots, type SlotRange, slotRange } from '../core/slots.js';
import { operationIn } from '../core/state.js';
import { EXIT } from './exit.js';
import { liveProgress } from './progress.js';
import type { Terminal } from './terminal.js';

/** Output of a gate that is printed at the end, when it did not pass and has no findings. */
const PRINTED_OUTPUT_BYTES = 20_000;

export interface Options {
  readonly cwd?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly jobs?: number;
  readonly mostJobs?: number;
  readonly combined?: boolean;
  readonly tokens?: boolean;
  readonly timeout?: number;
  readonly html?: string;
  readonly changed?: boolean;
  readonly staged?: boolean;
  readonly files?: readonly string[];
  readonly failFast?: boolean;
  readonly sequential?: boolean;
  readonly pairs?: number;
  /** Seconds. */
  readonly mostTime?: number;
  /** The ratio to be validated. */
  readonly speedup?: number;
  readonly seed?: number;
  readonly findings?: boolean;
  readonly new?: boolean;
  /** False with --no-cache. */
  readonly cache?: boolean;
  readonly undo?: boolean;
  /** Nothing new starts after a failure. */
  readonly stop?: boolean;
  /** Of a batch: print what each operation answered. */
  readonly results?: boolean;
  readonly script?: string;
  readonly target?: string;
  readonly job?: string;
  readonly task?: string;
  readonly commands?: string;
  readonly transcript?: string;
  readonly write?: string;
  /** Of an analysis a file; else what `reportTarget` has read. */
  readonly report?: string | readonly ReportTarget[];
  /** An endpoint; true: what the environment says. */
  readonly otlp?: string | boolean;
  /** Whether GitHub is told; where it runs there when left out. */
  readonly github?: boolean;
  /** Of a report of a past run. */
  readonly format?: FormatId;
  readonly output?: string;
  /** Standard output is the report and nothing else. */
  readonly quiet?: boolean;
  /** Of an inspection. */
  readonly csv?: boolean;
}

export interface Context {
  readonly engine: Engine;
  readonly host: Host;
  readonly folder: string;
  readonly io: Terminal;
  /** Gates as the user named them. */
  readonly gates: readonly string[];
  readonly options: Options;
}

/** `volley list`. */
export async function listGates({ engine, folder, io, options }: Context): Promise<number> {
  if (!(await isFolder(folder))) return unable(notAFolder(folder), io, options);
  const detection = await engine.detect();
  if (options.json) {
    io.print(JSON.stringify(listDocument(detection, folder), null, 2));
    return EXIT.passed;
  }
  printWarnings(detection, folder, io);
  if (detection.gates.length === 0) io.print(nothingFound(folder));
  const width = Math.max(...detection.gates.map((gate) => gate.id.length), 0);
  for (const gate of detection.gates) {
    const missing =
      gate.availability.kind === 'unavailable' ? io.style.yellow(`  not installed: ${gate.availability.install}`) : '';
    io.print(`${io.style.bold(gate.id.padEnd(width))}  ${gate.category.padEnd(8)}  ${gate.name}${missing}`);
    for (const { file, line, text } of gate.evidence)
      io.print(io.style.dim(`${' '.repeat(width + 2)}${file}${line ? `:${line}` : ''}  ${text}`));
  }
  return EXIT.passed;
}

/** `volley run`. */
export async function runGates(context: Context): Promise<number> {
  const { engine, folder, io, options } = context;
  const gates = await chosenGates(context);
  if (!gates) return EXIT.unable;
  const run = engine.run({
    ...runSettings(context),
    gates,
    scope: scopeOf(options),
    label: context.gates.length > 0 ? `Run ${context.gates.join(', ')}` : 'Run All Gates',
  });
  const state = await untilInterrupted((stop) => {
    stop(() => run.cancel());
    return followed(run, io, options);
  });
  if (options.json) io.print(JSON.stringify(runDocument(state, folder), null, 2));
  else await printRun(context, state);
  return (await reportRun(context, state)) ? exitCode(state) : EXIT.unable;
}

/** What the options say of any run. */
export function runSettings({ options }: Context) {
  return {
    mode: options.sequential ? ('sequential' as const) : ('parallel' as const),
    ...slotsOf(options),
    failure: failureOf(options),
    cache: options.cache !== false,
    newOnly: options.new ?? false,
    ...timeoutOf(options),
  };
}

/** `volley verify`. */
export async function verifyGates(context: Context): Promise<number> {
  const { engine, options } = context;
  const gates = await chosenGates(context);
  if (!gates) return EXIT.unable;
  const request = { gates, scope: scopeOf(options), ...slotsOf(options), ...measureOf(options), ...timeoutOf(options) };
  return followVerification(context, engine.verify(request));
}

/** What the options say of a verification. */
export function measureOf({ pairs, mostTime, speedup, seed }: Options): MeasureOptions {
  return { pairs, target: speedup, seed, mostMs: mostTime === undefined ? undefined : mostTime * 1000 };
}

/** Shows a verification while it goes on, and what came of it. Resolves with the exit code. */
export async function followVerification(context: Context, active: ActiveVerification): Promise<number> {
  const { io, options } = context;
  const moment = () => {
    const { runs, trial, of } = active.progress();
    const state = runs.at(-1);
    const note = trial === 0 ? 'warm-up' : `trial ${trial} of at most ${of}, ${state?.mode}`;
    return state && { state, now: active.now(), note };
  };
  const live = options.json ? undefined : liveProgress(io, moment);
  let told = 0;
  active.onProgress(() => {
    const progress = active.progress();
    const { trials } = progress.verification;
    const newest = trials.at(-1);
    if (newest && trials.length > told && !options.json && !io.live) {
      io.print(
        `trial ${trials.length} of at most ${progress.of}, pair ${newest.pair}, ${newest.mode}: ${durationText(newest.makespanMs)}`,
      );
    }
    told = trials.length;
  });
  const verification = await untilInterrupted((stop) => {
    stop(() => active.cancel());
    return active.finished;
  }).finally(() => live?.close());
  const { runs } = active.progress();
  if (options.json) {
    io.print(JSON.stringify(verifyDocument(verification, runs), null, 2));
  } else {
    printTrials(context, runs);
    io.print(verificationText(verification, runs, io.style));
  }
  if (!(await report(context, async () => ({ kind: 'verification', verification, runs })))) return EXIT.unable;
  if (runs.some((run) => run.outcome === 'cancelled')) return EXIT.interrupted;
  if (verification.verdict === 'results differ') return EXIT.failed;
  return runs.some((run) => run.outcome === 'errored') || verification.ratio === undefined ? EXIT.unable : EXIT.passed;
}

/** The newest trial of each mode, and what was found once, since it is the same in all or listed as a difference. */
function printTrials({ io, folder, options }: Context, runs: readonly RunState[]): void {
  for (const mode of ['sequential', 'parallel'] as const) {
    const newest = runs.findLast((run) => run.mode === mode);
    if (newest) io.print(timingTreeText(newest, io.style));
  }
  const last = runs.at(-1);
  if (options.findings && last) io.print(findingsText(last, folder, io.style));
}

/** Whether all that the options ask for was written. Nothing is loaded or looked up where they ask for nothing. */
async function report(context: Context, subjectOf: () => Promise<ReportSubject>): Promise<boolean> {
  const { html, report: files, otlp } = context.options;
  if (html === undefined && files === undefined && otlp === undefined && !isForGitHub(context)) return true;
  const { writeReports } = await import('./reports.js');
  return writeReports(context, await subjectOf());
}

/** Whether all that the options ask for was written, with what was measured of the same work before. */
export function reportRun(context: Context, state: RunState): Promise<boolean> {
  return report(context, async () => {
    const measured = await context.engine.measured(state);
    return { kind: 'run', state, ...(measured ? { measured } : {}) };
  });
}

/** Whether GitHub is told: it runs there, or somebody said so. */
export function isForGitHub({ options, host }: Context): boolean {
  return options.github ?? host.env['GITHUB_ACTIONS'] === 'true';
}

/** The gates that the user named; undefined, after saying why, when there is none to run. */
export async function chosenGates({ engine, folder, io, gates: names, options }: Context): Promise<readonly Gate[] | undefined> {
  const refused = (problem: string): undefined => {
    unable(problem, io, options);
  };
  if (!(await isFolder(folder))) return refused(notAFolder(folder));
  const unknown = await missingFiles(options.files ?? [], folder);
  if (unknown.length > 0) return refused(`These are no files or folders of ${folder}: ${unknown.join(', ')}`);
  const detection = await engine.detect();
  printWarnings(detection, folder, io);
  const gates = choose(detection.gates, names);
  if (typeof gates === 'string') return refused(gates);
  return gates.length === 0 ? refused(nothingFound(folder)) : gates;
}

/** Says why the command did nothing: to people, and to whoever reads the document. */
export function unable(problem: string, io: Terminal, { json }: Pick<Options, 'json'>): number {
  io.error(problem);
  if (json) io.print(JSON.stringify(errorDocument(problem), null, 2));
  return EXIT.unable;
}

/**
 * Nothing named: all gates. A name may be an id, a name, a script's own name, a tool or a category; an unknown one is an error that
 * lists what there is.
 */
export function choose(gates: readonly Gate[], names: readonly string[]): readonly Gate[] | string {
  const script = (gate: Gate) => gate.name.replace(/^\w+ run /, '');
  const matches = (gate: Gate, name: string) =>
    [gate.id, gate.name, script(gate), gate.tool, gate.category].some((text) => text.toLowerCase() === name.toLowerCase());
  const unknown = names.filter((name) => !gates.some((gate) => matches(gate, name)));
  if (unknown.length > 0) {
    const known = gates.length > 0 ? `There are: ${gates.map((gate) => gate.id).join(', ')}.` : 'No gate was found here.';
    return `No gate, tool or category is called "${unknown.join('", "')}". ${known}`;
  }
  return names.length === 0 ? gates : gates.filter((gate) => names.some((name) => matches(gate, name)));
}

export async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

export function notAFolder(folder: string): string {
  return `${folder} is not a folder. Name the workspace with --cwd, or run Volley in it.`;
}

/** Those of the names, as the user typed them, that are not there or lie outside of the workspace. */
async function missingFiles(files: readonly string[], folder: string): Promise<readonly string[]> {
  const root = await realpath(folder);
  const checked = await Promise.all(
    files.map(async (file) => {
      const real = await realpath(path.resolve(file)).catch(() => undefined);
      const below = real === undefined ? '..' : path.relative(root, real);
      return below.startsWith('..') || path.isAbsolute(below) ? [file] : [];
    }),
  );
  return checked.flat();
}

function nothingFound(folder: string): string {
  return `No gate was found in ${folder}. Volley looks for scripts in package.json and for the configuration of the tools it knows.`;
}

export function scopeOf({ changed, staged, files }: Options): Scope {
  if (changed) return { kind: 'changed' };
  if (staged) return { kind: 'staged' };
  return files ? { kind: 'selected', files: files.map((file) => path.resolve(file)) } : { kind: 'workspace' };
}

export function slotsOf({ jobs, mostJobs }: Options): SlotRange {
  return jobs === undefined ? automaticSlots(availableProcessors(), mostJobs) : slotRange({ slots: jobs });
}

/** What happens to the rest when something does not pass. */
export function failureOf({ failFast, stop }: Options): FailureMode {
  if (failFast) return 'kill';
  return stop ? 'stop' : 'continue';
}

function timeoutOf({ timeout }: Options) {
  return timeout === undefined ? {} : { timeoutMs: timeout * 1000 };
}

/** On standard error, each with its place. */
export function printWarnings(detection: Detection, folder: string, io: Terminal): void {
  for (const { file, line, column, message } of detection.warnings) {
    const place = [relativeFile(folder, file), line, column].filter((part) => part !== undefined).join(':');
    io.error(io.style.yellow(`warning: ${place}: ${message}`));
  }
}

/** Shows the run while it goes on: live lines on a terminal, else a line for each gate that ended. */
export async function followed(run: ActiveRun, io: Terminal, options: Options): Promise<RunState> {
  if (options.json) return run.finished;
  const live = liveProgress(io, () => ({ state: run.state(), now: run.now(), remaining: run.remaining() }));
  if (!live)
    run.onEvent((event) => {
      if (event.kind !== 'finished') return;
      const state = run.state();
      const operation = operationIn(state, event.operation);
      if (operation?.outcome) io.print(finishedLine(operation, state, state.at, io.style));
    });
  return run.finished.finally(() => live?.close());
}

export async function printRun({ engine, io, folder }: Context, state: RunState): Promise<void> {
  io.print(`\n${timingTreeText(state, io.style)}`);
  const findings = findingsText(state, folder, io.style);
  if (findings) io.print(findings);
  // Quiet success, full failure: whoever failed without findings shows what it printed.
  for (const operation of state.operations) {
    const { outcome } = operation;
    if (operation.findings.some((finding) => !finding.output) || !didNotPass(outcome)) continue;
    const run = outcome?.kind === 'cached' ? outcome.run : state.run;
    const output = await engine.output(run, operation.id, PRINTED_OUTPUT_BYTES);
    if (output?.text) io.print(outputText(operation.name, output.text, output.omittedBytes, io.style));
  }
  const count = state.operations.reduce((sum, operation) => sum + operation.findings.length, 0);
  const known = state.operations.reduce((sum, operation) => sum + (operation.known?.length ?? 0), 0);
  const cached = state.operations.filter(isAnswered).length;
  const executed = state.operations.filter(ran).length;
  if (executed + cached === 0) io.print('No gate ran, so nothing was checked.');
  else {
    const unchanged = cached === 0 ? '' : `, ${cached} from the cache`;
    const found = state.newOnly ? `${countText(count, 'new finding')}, ${known} there before` : countText(count, 'finding');
    io.print(`${countText(executed, 'gate')} ran${unchanged}, ${found}: ${state.outcome}`);
  }
}

export function exitCode(state: RunState): number {
  switch (state.outcome) {
    case 'passed':
      return EXIT.passed;
    case 'failed':
      return EXIT.failed;
    case 'cancelled':
      return endedByBudget(state) ? EXIT.failed : EXIT.interrupted;
    case 'errored':
    case undefined:
      return EXIT.unable;
    default:
      return state.outcome satisfies never;
  }
}

/** Whether nobody stopped the run, but its context budget. */
function endedByBudget({ operations }: RunState): boolean {
  return operations.every(({ outcome }) => outcome?.kind !== 'cancelled' || outcome.cause.kind === 'budget');
}

/** Runs `work`; the first signal stops it in order, a second one ends this process at once (the guard cleans up behind it). */
export async function untilInterrupted<Result>(
  work: (onStop: (stop: () => Promise<void>) => void) => Promise<Result>,
): Promise<Result> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let stop: (() => Promise<void>) | undefined;
  let interrupted = false;
  const onSignal = () => {
    if (interrupted) process.exit(EXIT.interrupted);
    interrupted = true;
    void stop?.();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work((how) => {
      stop = how;
      if (interrupted) void how();
    });
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
