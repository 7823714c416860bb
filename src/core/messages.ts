/** Every text a user can see about an outcome, a failure or a figure, as pure functions of data. */

import type { ContextUse } from './measured.js';
import type {
  CancelCause,
  Compared,
  Failure,
  Finding,
  Interference,
  OperationId,
  Outcome,
  OutcomeKind,
  PlanProblem,
  Prediction,
  Remaining,
  RunOutcome,
  RunState,
  ScopeKind,
  SkipReason,
  SlotMove,
} from './model.js';

/** One word or two: `passed`, `timed out`. */
export function outcomeText(outcome: Outcome | RunOutcome): string {
  if (typeof outcome === 'string') return outcome;
  return outcome.kind === 'cached' ? `${outcome.was} (cached)` : outcome.kind;
}

/** What operations are called, by their ids; of any other id the id. */
export function namesOf(operations: Iterable<{ readonly id: OperationId; readonly name: string }>): (id: OperationId) => string {
  const names = new Map([...operations].map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}

/** A sentence that says why, where there is more to say than the outcome's name. `nameOf` names the operations in it. */
export function outcomeReason(outcome: Outcome, nameOf: (id: OperationId) => string = (id) => id): string | undefined {
  switch (outcome.kind) {
    case 'passed':
      return outcome.interference ? interferenceText(outcome.interference, nameOf) : comparedText(outcome);
    case 'failed':
      return comparedText(outcome);
    case 'cached': {
      const compared = comparedText(outcome);
      const how = outcome.known === undefined ? outcome.was : 'ran';
      const unchanged = `Nothing that decides its result has changed since it ${how} ${ageText(outcome.ageMs)} ago.`;
      return compared === undefined ? unchanged : `${unchanged} ${compared}`;
    }
    case 'errored':
      return failureText(outcome.failure);
    case 'timed out':
      return `It was stopped after its time limit of ${durationText(outcome.afterMs)}. Raise the limit if it needs longer.`;
    case 'cancelled':
      return cancelText(outcome.cause, nameOf);
    case 'skipped':
      return skipText(outcome.reason, nameOf);
    case 'rolled back':
      return `What it changed was put back as it was, because "${nameOf(outcome.because)}" did not pass and the group is all or nothing.`;
    default:
      return outcome satisfies never;
  }
}

function interferenceText({ beside, because }: Interference, nameOf: (id: OperationId) => string): string {
  const others = beside.map((id) => `"${nameOf(id)}"`).join(', ');
  return `It failed at first beside ${others}, because ${because}, and passed when it ran alone. From now on they are kept apart.`;
}

/** What a finding says: its message, and for a failed test what was expected and what came instead. */
export function findingMessage({ message, expected, actual }: Finding): string {
  const line = (name: string, value: string) => `${name}:${value.includes('\n') ? '\n' : ' '}${value}`;
  return [
    message,
    ...(expected === undefined ? [] : [line('expected', expected)]),
    ...(actual === undefined ? [] : [line('actual', actual)]),
  ].join('\n');
}

/** `12 seconds`, `3 hours`: how old something is, in its largest unit. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ] as const;
  const [size, unit] = units.find(([size]) => seconds >= size) ?? [1, 'second'];
  return countText(Math.floor(seconds / size), unit);
}

/** What a run of new findings only says of an outcome. */
function comparedText({ known, base }: Compared): string | undefined {
  if (base?.kind === 'unknown') return `It could not be compared with where the branch left the default branch: ${base.detail}.`;
  const before = known === undefined ? undefined : `${knownText(known)} there where the branch left the default branch.`;
  return base ? `${before ? `${before} ` : ''}There it passed, so something else that it does not list is new.` : before;
}

/** `12 findings were`. */
function knownText(known: number): string {
  return known === 1 ? '1 finding was' : `${countText(known, 'finding')} were`;
}

/** What went wrong and what to do. */
export function failureText(failure: Failure): string {
  switch (failure.kind) {
    case 'could not start':
      return failure.code === 'ENOENT'
        ? `"${failure.program}" was not found. Install it, or check the command.`
        : failure.code === 'EACCES'
          ? `"${failure.program}" may not be executed. Check its permissions.`
          : `"${failure.program}" could not be started (${failure.code}).`;
    case 'no folder':
      return `It runs in the folder ${failure.folder}, which is not there. Make the folder, or correct where it runs.`;
    case 'unexpected exit':
      return `It ended with exit code ${failure.exitCode}, which does not mean passed or failed${failure.lastLine ? `: ${failure.lastLine}` : '. Its output may say why.'}`;
    case 'died':
      return `It was ended by ${failure.signal} from outside.`;
    case 'unreadable output':
      return `${failure.tool} gave output that Volley cannot read: ${failure.detail}. The output is kept as it is.`;
    case 'too much output':
      return `It was stopped after writing more than ${bytesText(failure.limitBytes)}.`;
    case 'untrusted workspace':
      return 'The workspace is not trusted, so nothing of it is executed. Trust it first.';
    case 'unknown scope':
    case 'tool failed':
      return failure.message;
    case 'defect':
      return `Volley itself failed: ${failure.message}. Please report this with the log.`;
    default:
      return failure satisfies never;
  }
}

function cancelText(cause: CancelCause, nameOf: (id: OperationId) => string): string {
  switch (cause.kind) {
    case 'user':
      return 'You cancelled it.';
    case 'fail fast':
      return `It was stopped because "${nameOf(cause.because)}" failed and the run stops at the first failure.`;
    case 'budget':
      return 'The context budget was used up before it started. What is left is written to a batch file.';
    case 'shutdown':
      return 'It was stopped because the editor or the command line closed.';
    default:
      return cause satisfies never;
  }
}

function skipText(reason: SkipReason, nameOf: (id: OperationId) => string): string {
  switch (reason.kind) {
    case 'need did not pass':
      return `It needs "${nameOf(reason.need)}", which ${participle(reason.outcome)}.`;
    case 'unavailable':
      return `${reason.reason} To install it: ${reason.install}`;
    case 'left out of scope':
      return `volley.jsonc leaves it out of runs on ${scopeText(reason.scope)}.`;
    case 'no files in scope':
      return `None of the ${scopeText(reason.scope)} concerns it${reason.inputs.length === 0 ? '' : `; it depends on ${someOf(reason.inputs)}`}.`;
    default:
      return reason satisfies never;
  }
}

function participle(outcome: OutcomeKind): string {
  return outcome === 'skipped' || outcome === 'cancelled' ? `was ${outcome}` : outcome;
}

/** `changed files`, as it stands in a sentence. */
export function scopeText(scope: ScopeKind): string {
  switch (scope) {
    case 'workspace':
      return 'files of the workspace';
    case 'changed':
      return 'changed files';
    case 'staged':
      return 'staged files';
    case 'open':
      return 'files open in editors';
    case 'selected':
      return 'selected files';
    default:
      return scope satisfies never;
  }
}

/** What is wrong with a batch, one sentence a problem. */
export function planProblemText(problem: PlanProblem): string {
  switch (problem.kind) {
    case 'duplicate id':
      return `Two operations have the id "${problem.operation}". Give each its own.`;
    case 'unknown need':
      return `"${problem.operation}" needs "${problem.need}", which is not in the batch.`;
    case 'cycle': {
      const [first = ''] = problem.operations;
      const shown = problem.operations.slice(0, 20);
      const left = problem.operations.length - shown.length;
      return `These operations wait for each other: ${[...shown, ...(left > 0 ? [`${left} more`] : []), first].join(' → ')}.`;
    }
    case 'too many edges':
      return `More than ${problem.most} pairs of these operations must not overlap. Divide them, or say what commands touch: "reads" and "writes".`;
    default:
      return problem satisfies never;
  }
}

/**
 * A message that quotes what somebody else has written, as it may be shown: without characters that cannot be seen, and without words that
 * are longer than anybody reads.
 */
export function quotable(message: string): string {
  return message
    .replace(/[^\P{C}\n\t]/gu, '\uFFFD')
    .replace(/\S{300,}/g, (word) => `${word.slice(0, 120)}…${word.slice(-60)}`)
    .slice(0, 20_000);
}

/** What was verified or run, without which of the trials it was: labels of trials name it first. */
export function workLabel(label: string): string {
  return label.replace(/, (?:warm-up|pair \d+(?: of \d+)?, (?:sequential|parallel))$/, '');
}

/** `0 ms`, `940 ms`, `1.23 s`, `12.3 s`, `2 min 05 s`, `1 h 02 min`: three figures where they mean something. */
export function durationText(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** `about 12.3 s; four of five such runs take 11.0 s to 14.2 s; from 7 earlier runs`: an estimate, worded as one. */
export function predictionText({ ms, lowMs, highMs, runs }: Prediction): string {
  const [low, high] = lowMs === undefined || highMs === undefined ? [] : [durationText(lowMs), durationText(highMs)];
  return [
    `about ${durationText(ms)}`,
    ...(low === high ? [] : [`four of five such runs take ${low} to ${high}`]),
    ...(runs === undefined ? [] : [`from ${countText(runs, 'earlier run')}`]),
  ].join('; ');
}

/** What of a run tells how well it was predicted. */
export interface Foretold {
  /** Absent where nothing was predicted. */
  readonly predictedMs?: number | undefined;
  readonly outcome: RunOutcome | undefined;
  readonly makespanMs: number;
}

/** `predicted about 12.0 s, took 8 % longer`. Undefined where nothing was predicted, and where what came is no whole run. */
export function againstPredictionText(run: Foretold): string | undefined {
  const came = cameText(run);
  return came === undefined ? undefined : `predicted about ${durationText(run.predictedMs ?? 0)}, ${came}`;
}

/** All that was predicted of a run, and what came once it has ended: `predicted about 12.0 s; from 7 earlier runs; took 8 % longer`. */
export function foretoldText(
  { predicted, outcome }: Pick<RunState, 'predicted' | 'outcome'>,
  makespanMs: number,
): string | undefined {
  if (predicted === undefined) return undefined;
  const came = cameText({ predictedMs: predicted.ms, outcome, makespanMs });
  return `predicted ${predictionText(predicted)}${came === undefined ? '' : `; ${came}`}`;
}

/** `took 8 % longer`: what came, against what was predicted. Undefined as above. */
export function cameText({ predictedMs, outcome, makespanMs }: Foretold): string | undefined {
  if (predictedMs === undefined || predictedMs <= 0 || outcome === undefined || outcome === 'cancelled') return undefined;
  const more = makespanMs / predictedMs - 1;
  if (Math.abs(more) < 0.005) return 'took as long';
  // Nobody reads thousands of percent.
  if (more >= 2) return `took ${(more + 1).toFixed(1)} times as long`;
  return `took ${percentText(Math.abs(more))} ${more > 0 ? 'longer' : 'less'}`;
}

/** `≈ 12 s left (estimate)`, in whole seconds. `now`: the run's clock. */
export function remainingText({ endsAt, late }: Remaining, now: number): string {
  const left = Math.max(0, endsAt - now);
  if (late && left < 1000) return 'longer than ever before';
  const rough = left < 999.5 ? '< 1 s' : `≈ ${left < 59_500 ? `${Math.round(left / 1000)} s` : durationText(left)}`;
  return `${rough} left${late ? ' or more' : ''} (estimate)`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** `1.93×`. */
export function ratioText(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}

/** `88 %`. */
export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `512 bytes`, `3.4 KB`, `200 MB`; a kilobyte is 1,000 bytes. */
export function bytesText(bytes: number): string {
  const units = ['KB', 'MB', 'GB'];
  if (bytes < 1000) return countText(bytes, 'byte');
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `1 finding`, `3 findings`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A change of the number of slots: when, from how many to how many, and why. */
export function slotMoveText({ at, from, to, because }: SlotMove): string {
  const what = from === to ? `${to}` : `${from} → ${to}`;
  return `at ${durationText(at)}  ${what}  ${because ?? 'A user asked for it.'}`;
}

/** What an operation was seen to write though nothing says so, as a sentence that says what follows. */
export function undeclaredText(operation: string, paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(', ');
  const rest = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return `While “${operation}” ran alone, ${shown}${rest} changed, which it is not said to write. From now on it counts; say so with "writes".`;
}

/** A declared write that was not seen in some runs one after another, with what that does not show. */
export function unwrittenText({
  operation,
  glob,
  looks,
}: {
  readonly operation: string;
  readonly glob: string;
  readonly looks: number;
}): string {
  return (
    `“${operation}” is said to write ${glob}, and in ${countText(looks, 'run')} one after another nothing there was seen to change while it ran. ` +
    'It may write there only now and then, or leave alone what is as it should be already, so it still counts. If you know that it never does, take it out of "writes".'
  );
}

/** How much of a language model's context a batch took, and how much less than one call and answer for each operation. */
export function contextText({ batchTokens, combinedTokens, callsTokens, answersTokens, results }: ContextUse): string {
  const [together, apart] = [batchTokens + combinedTokens, callsTokens + answersTokens];
  const efficiency = ((1000 * results) / together).toFixed(1);
  return (
    `Context: ${countText(together, 'token')} for the batch and one combined answer, against ${apart} for one call and one answer an operation (${lessText(together, apart)}). ` +
    `The answer alone: ${combinedTokens} against ${answersTokens} (${lessText(combinedTokens, answersTokens)}). ${efficiency} results in 1,000 tokens.`
  );
}

/** What one combined answer takes of a context, and that this was counted: `1,234 tokens`, `counted: 38 % less than apart`. */
export function contextFigure({ batchTokens, combinedTokens, callsTokens, answersTokens }: ContextUse) {
  const [together, apart] = [batchTokens + combinedTokens, callsTokens + answersTokens];
  return { value: countText(together, 'token'), note: `counted: ${lessText(together, apart)} than apart` };
}

function lessText(tokens: number, against: number): string {
  return tokens <= against ? `${percentText(1 - tokens / against)} less` : `${percentText(tokens / against - 1)} more`;
}

/** What a log says about an error that nobody expected: where it came from, as far as that is known. */
export function faultText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Of a long list the first ones. */
function someOf(texts: readonly string[]): string {
  const shown = texts.slice(0, 2).join(', ');
  return texts.length <= 3 ? texts.join(', ') : `${shown} and ${texts.length - 2} more`;
}

/** After the undo of a fix whose process had died. */
export const CUT_SHORT = 'This fix was cut short: files that it had made by then are not known, so they were left.';

/** What a watch says when the system does not let it watch. `error`: what the system said. */
export function watchProblem(error: unknown): string {
  const { code } = error as { readonly code?: string };
  const said = error instanceof Error ? error.message : String(error);
  const remedy =
    code === 'ENOSPC' || code === 'EMFILE'
      ? 'Raise the limit (Linux: sysctl fs.inotify.max_user_watches and fs.inotify.max_user_instances), or watch a smaller folder with --cwd.'
      : 'Changes there are not seen.';
  return `Not everything can be watched: ${said.replace(/\.$/, '')}. ${remedy}`;
}
