/** Steps of one job of CI that call one tool in different ways: whoever named both tells them apart. Pure. */
import { type Draft, splitArguments } from './drafts.js';
import type { Mention } from './mention.js';
import type { Mentioned } from './mentioned.js';
import { evidenceOfMention } from './script-tasks.js';

/**
 * Whether a call in the step of `mention` is another check than `other`: both stand in steps of one job that have names of their own and
 * always run, and differ in what they tell their tool, not only in how it shows what it found. Tools whose variants are told by their own
 * options are left to those.
 */
export function isBeside(draft: Draft, other: Draft, mention: Mention, mentions: readonly Mentioned[]): boolean {
  const own = stepOf(mention);
  const { preset } = draft;
  // Of a tool that is not known in detail nobody knows which words are values of options.
  if (own === undefined || !preset || preset.documentation === '' || preset.id !== other.preset?.id) return false;
  if (VARIANTS_BY_OPTIONS.has(preset.ecosystem)) return false;
  const beside = mentions.filter(({ mention: each }) => {
    const step = stepOf(each);
    return step !== undefined && each.file === mention.file && each.name === mention.name && step.line !== own.line;
  });
  const says = ({ mention: each, from }: Mentioned) => {
    const { file, line, text } = evidenceOfMention(each, from);
    return other.evidence.some((known) => known.file === file && known.line === line && known.text === text);
  };
  return beside.some(says) && JSON.stringify(toldTo(draft)) !== JSON.stringify(toldTo(other));
}

/** Its step of a workflow, where that has a name and runs whatever comes before. */
function stepOf({ role, step, via }: Mention): { readonly line: number } | undefined {
  const isPlain = role === 'workflow' && via === undefined && step?.name !== undefined && !step.conditional;
  return isPlain ? step : undefined;
}

const VARIANTS_BY_OPTIONS = new Set(['rust', 'go', 'jvm', 'dotnet']);

/** What changes which findings there are: options without their order, and targets. */
export function toldTo({ command, preset }: Draft): readonly string[] {
  if (command.kind !== 'program' || !preset) return [];
  const { options, targets } = splitArguments(command.given, preset);
  const deciding = options.filter((option) => !isAboutShowing(option) && !/^\d+$/.test(option));
  return [...deciding.sort(), ...targets];
}

/** Whether a word says only how a tool works and shows what it found: `--verbose`, `--bail`. */
export function isAboutShowing(word: string): boolean {
  return SHOWS.test(word);
}

/** How a tool works and shows what it found. */
const SHOWS =
  /^(?:run|-[vqsxn]+|--?(?:no-)?(?:verbose|quiet|silent|colou?rs?|ansi|progress|cache|cov|coverage|parallel|jobs|workers|max-?workers|processes|numprocesses|threads|concurrency|memory-limit|reporters?|format|output|outputFile|junit|junitxml|log-junit|durations|tb|timeout|bail|maxfail|ci|stats|profile|show-[a-z-]+|diff|list-different|error-format|error-on-[a-z-]+|allow-[a-z-]+|if-present|exit-[a-z-]+)(?:[-=.].*)?|-[jn]\d*)$/;
