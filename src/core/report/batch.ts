/** Pure: what a batch came to, as a document and as text. */

import type { ContextUse } from '../measured.js';
import { bytesText, contextText, countText, durationText, outcomeReason, outcomeText, undeclaredText } from '../messages.js';
import type { Answer, OperationId, OperationState, RunState } from '../model.js';
import { spansOf, timing } from '../timing.js';
import { relativeFile } from './files.js';
import { JSON_VERSION, predictionOf, slotMovesOf } from './json.js';
import { PLAIN, type Style } from './text.js';

/** What an operation answered. */
export interface AnswerOf {
  readonly text: string;
  readonly files: readonly string[];
  readonly json: unknown;
  readonly exitCode?: number;
  readonly answer: Answer;
}

export interface BatchReport {
  readonly state: RunState;
  readonly results: ReadonlyMap<OperationId, AnswerOf>;
  readonly changed: {
    readonly files: readonly string[];
    readonly undo: readonly string[];
    readonly rolledBack: readonly {
      readonly group: string;
      readonly because: OperationId;
      readonly members: readonly OperationId[];
      readonly restored: readonly string[];
      readonly conflicts: readonly string[];
      readonly failed: readonly string[];
    }[];
    readonly handoff?: string;
  };
  /** Absolute, native. */
  readonly root: string;
  readonly name?: string;
  /** Where tokens were counted. */
  readonly context?: ContextUse | undefined;
}

/** `volley batch --json`. Times are milliseconds; files are relative to the workspace. */
export function batchDocument({ state, results, changed, root, name, context }: BatchReport) {
  const account = timing(state);
  const relative = (file: string) => relativeFile(root, file);
  return {
    version: JSON_VERSION,
    ...(name === undefined ? {} : { name }),
    run: state.run,
    outcome: state.outcome ?? 'cancelled',
    makespanMs: account.makespanMs,
    sumMs: account.sumMs,
    slots: state.slots,
    ...slotMovesOf(state),
    ...predictionOf(state.predicted),
    operations: state.operations.map((operation) => operationDocument(operation, state.at, results.get(operation.id), changed)),
    changed: changed.files.map(relative),
    rolledBack: changed.rolledBack.map((each) => ({
      group: each.group,
      because: each.because,
      restored: each.restored.map(relative),
      conflicts: each.conflicts.map(relative),
      ...(each.failed.length === 0 ? {} : { failed: each.failed.map(relative) }),
    })),
    undo: changed.undo,
    ...(context === undefined ? {} : { context }),
    ...(changed.handoff === undefined ? {} : { handoff: changed.handoff }),
  };
}

function operationDocument(
  operation: OperationState,
  end: number,
  result: AnswerOf | undefined,
  changed: BatchReport['changed'],
) {
  const { id, outcome, attempts, invocation } = operation;
  const spans = spansOf(operation, end);
  const reason = reasonOf(operation, changed);
  return {
    id,
    tool: invocation?.tool ?? 'command',
    outcome: outcome?.kind ?? 'cancelled',
    ...(reason === undefined ? {} : { reason }),
    attempts,
    durationMs: spans.running,
    spans,
    ...(result ? { summary: result.answer.summary } : {}),
    ...(result?.exitCode === undefined ? {} : { exitCode: result.exitCode }),
    ...(result?.answer.tokens === undefined ? {} : { tokens: result.answer.tokens }),
    ...(result?.answer.cutBytes ? { cutBytes: result.answer.cutBytes } : {}),
    ...(operation.answer?.undeclared === undefined ? {} : { undeclared: operation.answer.undeclared }),
    ...(result?.answer.fusedWith === undefined ? {} : { fusedWith: result.answer.fusedWith }),
    ...(result ? { output: result.text, files: result.files, json: result.json ?? null } : {}),
  };
}

/** What each operation answered, one line each, or with its text. */
export function answersText({ state, results, changed }: BatchReport, withTexts: boolean, style: Style = PLAIN): string {
  return state.operations
    .map((operation) => {
      const { id, outcome } = operation;
      const result = results.get(id);
      const reason = outcome && outcome.kind !== 'failed' ? reasonOf(operation, changed) : undefined;
      const said = reason ?? [result?.answer.summary, putBackText(operation, changed)].filter(Boolean).join('. ');
      const word = outcome ? outcomeText(outcome) : 'cancelled';
      const colour = word === 'passed' ? style.green : word === 'skipped' || word === 'rolled back' ? style.yellow : style.red;
      const line = `${colour(word.padEnd(11))} ${style.bold(id)}  ${style.dim(said)}`;
      // Quiet success, full failure.
      const shown =
        withTexts || (outcome !== undefined && !['passed', 'skipped', 'cancelled', 'rolled back'].includes(outcome.kind));
      return shown && result?.text ? `${line}\n${indented(result.text)}` : line;
    })
    .join('\n');
}

/** Why it ended so, and that nothing of it is left where that is so. */
function reasonOf(operation: OperationState, changed: BatchReport['changed']): string | undefined {
  const reason = operation.outcome && outcomeReason(operation.outcome);
  const parts = [reason, putBackText(operation, changed)].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' ');
}

/** Of a member of a group that was rolled back, which itself did not pass: it keeps its own outcome. */
function putBackText({ id, outcome, attempts }: OperationState, { rolledBack }: BatchReport['changed']): string | undefined {
  const mayHaveChanged = attempts > 0 && outcome !== undefined && outcome.kind !== 'rolled back' && outcome.kind !== 'skipped';
  return mayHaveChanged && rolledBack.some(({ members }) => members.includes(id))
    ? 'What it had changed was put back.'
    : undefined;
}

function indented(text: string): string {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

/** One or two lines at the end: how long, how many, what was changed. */
export function batchSummary({ state, changed, results, root, context }: BatchReport): string {
  const counts = new Map<string, number>();
  for (const { outcome } of state.operations) {
    const word = outcome?.kind ?? 'cancelled';
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
  const tokens = [...results.values()].reduce((sum, { answer }) => sum + (answer.tokens ?? 0), 0);
  const bytes = [...results.values()].reduce((sum, { text }) => sum + text.length, 0);
  const size = tokens > 0 ? `${countText(tokens, 'token')}` : bytesText(bytes);
  const lines = [
    `${countText(state.operations.length, 'operation')} in ${durationText(timing(state).makespanMs)}: ${words} · ${size} of answers`,
  ];
  if (context !== undefined) lines.push(contextText(context));
  if (changed.files.length > 0)
    lines.push(
      `${countText(changed.files.length, 'file')} changed: ${named(changed.files, root)}. volley fix --undo puts them back.`,
    );
  for (const { id, answer } of state.operations) if (answer?.undeclared) lines.push(undeclaredText(id, answer.undeclared));
  lines.push(...rolledBackTexts({ state, changed, root }, 'type volley fix --undo'));
  if (changed.handoff !== undefined)
    lines.push(`The context budget was used up. What is left goes on with: volley batch ${changed.handoff}`);
  return lines.join('\n');
}

/** What became of atomic groups that were put back, a sentence or more each. `undo`: what a user does to try again. */
export function rolledBackTexts(
  { state, changed, root }: Pick<BatchReport, 'state' | 'changed' | 'root'>,
  undo: string,
): readonly string[] {
  const outcomes = new Map(state.operations.map(({ id, outcome }) => [id, outcome?.kind]));
  return changed.rolledBack.flatMap(({ group, because, restored, conflicts, failed }) => {
    const why = outcomes.get(because) === 'cancelled' ? 'was cancelled' : 'did not pass';
    const sentences = [
      `The group “${group}” was rolled back because “${because}” ${why}: ${countText(restored.length, 'file')} put back.`,
    ];
    if (failed.length > 0)
      sentences.push(
        `The disk did not let Volley put back ${named(failed, root)}. The versions before are kept: make room, then ${undo}.`,
      );
    if (conflicts.length > 0)
      sentences.push(
        `Changed by somebody else meanwhile and left as they are: ${named(conflicts, root)}. The versions before are kept.`,
      );
    return sentences;
  });
}

function named(files: readonly string[], root: string): string {
  const shown = files.slice(0, 5).map((file) => relativeFile(root, file));
  return files.length > 5 ? `${shown.join(', ')} and ${files.length - 5} more` : shown.join(', ');
}
