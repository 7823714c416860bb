/** Which failures company can cause: an address in use, no file handles or memory left, a lock that somebody else holds. Pure. */
import type { ToolResult } from '../tools/tool.js';

/** By what a tool or a system says; the reason completes "It failed at first, because …". */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/\bEADDRINUSE\b|address already in use|port \d+ is (?:already )?(?:in use|taken|allocated)/i, 'an address was in use'],
  [/\bE[MN]FILE\b|too many open files/i, 'too many files were open'],
  [/\bENOMEM\b|out of memory|cannot allocate memory|heap limit|MemoryError|std::bad_alloc/i, 'there was not enough memory'],
  [/\bETXTBSY\b|text file busy/i, 'a program was being written while it should start'],
  [/index\.lock|could not lock|unable to (?:acquire|obtain) (?:a |the )?lock|database is locked|Blocking waiting for file lock|lock file .* exists/i, 'a lock was held by somebody else'],
  [/\bEBUSY\b|resource (?:is )?busy|resource temporarily unavailable|\bEAGAIN\b/i, 'something that it needs was busy'],
]; // biome-ignore format: a table is read by rows

/** How much of the end of a text is looked at. */
const LOOKED_AT = 4000;

/** Why it may have failed beside others and would not alone; undefined when nothing says so. */
export function contentionIn({ text, end }: ToolResult): string | undefined {
  const said = end.kind === 'errored' ? `${text.slice(-LOOKED_AT)} ${JSON.stringify(end.failure)}` : text.slice(-LOOKED_AT);
  return SIGNS.find(([sign]) => sign.test(said))?.[1];
}
