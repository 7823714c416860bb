/** How much of a language model's context a batch takes, beside one call and one answer for each of its operations. */
import { minifiedJsonc } from '../jsonc.js';
import type { ContextUse } from '../measured.js';
import type { PartialAnswer } from './combined.js';

/** One call of a tool, with results in place of references. */
export interface Call {
  readonly tool: string;
  /** JSON. */
  readonly input: string;
}

/** Blocks of messages as models are sent them around what is said: a call has an id by which its answer names it. */
const CALL_ID = 'toolu_01A09q90qw90lq917835lq9';
const callBlock = (tool: string, input: string) => `{"type":"tool_use","id":"${CALL_ID}","name":"${tool}","input":${input}}`;
const answerBlock = (text: string) => `{"type":"tool_result","tool_use_id":"${CALL_ID}","content":\n${text}\n}`;

export interface UsedContext {
  /** The batch as it was handed over. */
  readonly batch: string;
  readonly combined: string;
  /** By operation. */
  readonly calls: ReadonlyMap<string, Call>;
  readonly answers: readonly PartialAnswer[];
  readonly countTokens: (text: string) => Promise<number | undefined>;
}

/**
 * Counts both ways: the batch without its comments and the combined answer, against each call with the input that it ran with, which a
 * caller would have had to write, and each answer. Undefined where nobody counts.
 */
export async function contextUse({ batch, combined, calls, answers, countTokens }: UsedContext): Promise<ContextUse | undefined> {
  const sum = async (texts: readonly string[]): Promise<number> => {
    let tokens = 0;
    for (const text of texts) tokens += (await countTokens(text)) ?? 0;
    return tokens;
  };
  if ((await countTokens('a')) === undefined) return undefined;
  return {
    batchTokens: await sum([callBlock('batch', minifiedJsonc(batch))]),
    combinedTokens: await sum([answerBlock(combined)]),
    callsTokens: await sum([...calls.values()].map(({ tool, input }) => callBlock(tool, input))),
    answersTokens: await sum(answers.map(({ head, text }) => answerBlock(head === '' ? text : `${head}\n${text}`))),
    results: answers.length,
  };
}
