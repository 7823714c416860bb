/** How many tokens a text takes for a language model of today (o200k), where no model of the editor counts. Large: loaded only when asked for. */
import { countTokens as count } from 'gpt-tokenizer/encoding/o200k_base';
import { slices } from './slices.js';

/** Texts are counted in pieces of at most so many characters: the work grows with the square of what has no place to divide it. */
const PIECE = 1000;
/** So many where a piece has no such place. */
const UNBROKEN = 400;

/**
 * The number of tokens, counted in slices of time between which the event loop goes on. Exact where words, punctuation and lines are no
 * longer than some hundred characters; of longer ones without a space (base64, Chinese prose) at most one too many in 400 characters.
 */
export async function countTokens(text: string): Promise<number> {
  let tokens = 0;
  const turns = slices();
  for (let start = 0; start < text.length; ) {
    const end = endOfPiece(text, start);
    tokens += count(text.slice(start, end));
    start = end;
    if (turns.due()) await turns.next();
  }
  return tokens;
}

function endOfPiece(text: string, start: number): number {
  if (start + PIECE >= text.length) return text.length;
  for (let end = start + PIECE; end > start; end -= 1) if (isBetweenTokens(text, end)) return end;
  const end = start + UNBROKEN;
  return /[\uDC00-\uDFFF]/.test(text[end] ?? '') ? end + 1 : end;
}

/** Before a space that follows something, and before the first character of a line: no token goes on there. */
function isBetweenTokens(text: string, at: number): boolean {
  const [before = '', after = ''] = [text[at - 1], text[at]];
  return after === ' ' ? !/\s/.test(before) : before === '\n' && !/\s/.test(after);
}
