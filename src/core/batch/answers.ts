/** What the operations of a batch answered, as it is handed over: in order, and no more than a budget allows. Pure. */
import { outcomeReason } from '../messages.js';
import type { OperationId, RunState } from '../model.js';
import type { ToolResult } from '../tools/tool.js';
import type { PartialAnswer } from './combined.js';

/** In sequential order; what is to be said of those that did not pass is in the head. */
export function answersOf({ operations }: RunState, results: ReadonlyMap<OperationId, ToolResult>): readonly PartialAnswer[] {
  return operations.map(({ id, outcome }) => {
    const result = results.get(id);
    const [reason, ...more] = (outcome && outcomeReason(outcome))?.split(/\r?\n/) ?? [];
    const exit = result?.exitCode ? [`exit code ${result.exitCode}`] : [];
    const said = [outcome?.kind ?? 'cancelled', ...exit, ...(reason === undefined ? [] : [reason])].join(', ');
    return {
      id,
      head: outcome?.kind === 'passed' && reason === undefined ? '' : said,
      // A head is one line; what a reason says beyond it stands before the text.
      text: [...(more.length > 0 ? [`${more.join('\n')}\n`] : []), result?.text ?? ''].join(''),
      ...(result?.shows === undefined || more.length > 0 ? {} : { shows: result.shows }),
    };
  });
}

export interface Budget {
  /** For all texts together. */
  readonly tokens: number;
  /** How many tokens the text of an answer takes. */
  tokensOf(id: string): number;
  /** Where the whole text lies: a file, absolute. */
  wholeOf(id: string): string;
}

/** The share of a cut text that is its beginning; the rest is its end, where failures are told. */
const BEGINNING = 0.6;

/**
 * The same answers within a budget: short ones whole, the longest cut in their middle to an even share of what is left, each with how much
 * was left out and where it stands.
 */
export function withinBudget(answers: readonly PartialAnswer[], budget: Budget): readonly PartialAnswer[] {
  const sizes = answers.map(({ id }) => budget.tokensOf(id));
  const share = evenShare(sizes, budget.tokens);
  return answers.map((answer, index) => {
    const size = sizes[index] ?? 0;
    return size <= share ? answer : cut(answer, Math.floor((answer.text.length * share) / size), budget.wholeOf(answer.id));
  });
}

/** The most that each may have, so that all together have no more than `total`. */
export function evenShare(sizes: readonly number[], total: number): number {
  let left = total;
  for (const [index, size] of [...sizes].sort((a, b) => a - b).entries()) {
    const share = left / (sizes.length - index);
    if (size > share) return share;
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}

/** Whole lines from both ends, at most so many characters together. */
function cut({ id, head, text }: PartialAnswer, characters: number, whole: string): PartialAnswer {
  const lines = text.replace(/\n$/, '').split('\n');
  const marker = (left: number) => `[${left} of ${lines.length} lines left out for the budget; all of them: ${whole}]`;
  const room = Math.max(0, characters - marker(lines.length).length);
  const beginning = linesWithin(lines, room * BEGINNING);
  const end = linesWithin([...lines].reverse(), room - beginning.join('\n').length).reverse();
  const left = lines.length - beginning.length - end.length;
  return left <= 0 ? { id, head, text } : { id, head, text: [...beginning, marker(left), ...end].join('\n') };
}

function linesWithin(lines: readonly string[], characters: number): string[] {
  let used = 0;
  const over = lines.findIndex((line) => {
    used += line.length + 1;
    return used > characters;
  });
  return lines.slice(0, over < 0 ? lines.length : over);
}
