/** Pure: values of a run as the panel words them. */

import type { PathReason } from '../core/measured.js';
import { durationText, outcomeReason, outcomeText } from '../core/messages.js';
import type { CommandInput, OperationId, OperationState, Phase, RunState } from '../core/model.js';
import { shellWord } from '../core/shell-text.js';

/** `file` relative to `root` when it lies below it, otherwise as it is. */
export function relativePath(file: string, root: string): string {
  const base = root.replace(/[\\/]+$/, '');
  if (file === base) return '.';
  const next = file.charAt(base.length);
  return base !== '' && file.startsWith(base) && (next === '/' || next === '\\') ? file.slice(base.length + 1) : file;
}

/** A command as one could type it into a POSIX shell; a line that a user wrote for a shell stays as it is. */
export function commandLine(command: CommandInput): string {
  return wordsOf(command).join(' ');
}

/** The beginning of a command line that fits a few lines, and how many of its arguments were left out. */
export function shortCommandLine(command: CommandInput): { readonly text: string; readonly omitted: number } {
  const words = wordsOf(command);
  let length = 0;
  const end = words.findIndex((word, index) => {
    length += word.length + 1;
    return index > 0 && (index >= COMMAND_WORDS || length > COMMAND_LETTERS);
  });
  // A single argument takes no more room than the note that would stand for it.
  if (end < 0 || end === words.length - 1) return { text: words.join(' '), omitted: 0 };
  return { text: words.slice(0, end).join(' '), omitted: words.length - end };
}

const COMMAND_WORDS = 24;
const COMMAND_LETTERS = 480;

function wordsOf(command: CommandInput): readonly string[] {
  if (command.shell) return command.argv;
  return command.argv.map(shellWord);
}

/** `passed`, `queued`, `running`: what an operation is doing or how it ended. */
export function statusText(operation: OperationState): string {
  if (operation.outcome) return outcomeText(operation.outcome);
  return operation.phase === 'finished' ? 'ended' : operation.phase;
}

/** Why it ended as it did, or what it waits for now; names instead of ids where `nameOf` knows them. */
export function statusReason(operation: OperationState, nameOf: (id: OperationId) => string): string | undefined {
  if (operation.outcome) return outcomeReason(operation.outcome, nameOf);
  const waiting = operation.segments.at(-1);
  if (waiting?.phase === 'queued') return 'Waiting for a free worker.';
  if (!waiting?.by || waiting.by.length === 0) return undefined;
  return `Waiting for ${waiting.by.map(nameOf).join(', ')}.`;
}

/** Why a step of the critical path could not start earlier, as a sentence. */
export function pathReasonText(reason: PathReason, before: string | undefined): string {
  const end = before === undefined ? '' : ` of ${before}`;
  switch (reason) {
    case 'start':
      return 'It starts the path.';
    case 'needs':
      return `It waited for the end${end}, which it needs.`;
    case 'hazard':
      return `It waited for the end${end}, which touches the same files.`;
    case 'barrier':
      return `It waited for the end${end}, because one of the two may touch anything.`;
    case 'lock':
      return `It waited for a lock${before === undefined ? '' : ` held by ${before}`}.`;
    case 'slot':
      return `It waited for a free worker until the end${end}.`;
    default:
      return reason satisfies never;
  }
}

/** What a phase means, in a few words. */
export function phaseMeaning(phase: Phase): string {
  switch (phase) {
    case 'blocked':
      return 'waited for operations it depends on';
    case 'locked':
      return 'waited for a lock';
    case 'queued':
      return 'waited for a free worker';
    case 'running':
      return 'ran';
    default:
      return phase satisfies never;
  }
}

/** A duration in a table: nothing, rather than a zero, where there was none. */
export function spanText(ms: number): string {
  return ms < 0.5 ? '' : durationText(ms);
}

/** What a timeline shows, in one sentence. */
export function pictureText(state: RunState, makespanMs: number): string {
  const count = state.operations.length;
  const workers = `${state.slots} ${state.slots === 1 ? 'worker' : 'workers'}`;
  return `Timeline of ${count} ${count === 1 ? 'operation' : 'operations'} on ${workers} over ${durationText(makespanMs)}. The table below says the same in text.`;
}

/** Text without the escape sequences by which programs colour and move it. */
export function withoutEscapes(text: string): string {
  return text.replace(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '');
}

/** With a capital letter at its start, for headings. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
