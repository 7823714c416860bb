/** Targets that CI runs and of whose commands nobody knows what they do: what they say by their names, and by how they end. Pure. */
import type { Category } from '../gate-model.js';
import { categoryOfName, isBuildName, wordsOf } from './script-names.js';
import type { Task } from './script-tasks.js';
import { categoryOf } from './script-unknown.js';
import { LONGEST } from './script-words.js';

/**
 * Whether a target that CI runs checks, though its name is none that says so wherever it stands: `checkmetrics`, `code-style`; or because
 * its commands compare, or fail by themselves for what they find.
 */
export function isCheckOfCi({ name, lines }: Task): boolean {
  if (isBuildName(name) || wordsOf(name).some((word) => PREPARES.test(word))) return false;
  return (
    wordsOf(name).some((word) => SAYS_SO.test(word)) ||
    lines.some(({ command }) => command.kind === 'shell' && decides(command.text))
  );
}

/** What such a target is listed under. */
export function categoryOfTarget({ name }: Task): Category {
  const words = wordsOf(name);
  const telling = words.map((word) => /^(check|lint|test)/.exec(word)?.[1] ?? word);
  const said = categoryOf(telling);
  // What only compares has a name that says nothing.
  return said === 'lint' && categoryOfName(name) !== 'test' ? categoryOfName(name) : said;
}

/** `checkmetrics`, `linters-all`, `style`; a `checkout` and `testdata` are something else. */
const SAYS_SO =
  /^(?:check(?!out|point|sum|ed)[a-z]+|lint(?!ers?$)[a-z]+|tests?(?!ed|data|bed|util|help|env)[a-z]+|style|codestyle|license-?check|spellcheck|conformance|sanity)$/;

/** What comes before a check, or serves something else. */
const PREPARES =
  /^(?:install\w*|tools?|deps|dependencies|vendor|generate\w*|gen|proto\w*|format|fmt|docker|image|push|upload|download|help|all|release\w*|shell|env|venv|run|start|stop|up|down|skip\w*|clean\w*|fix\w*|update\w*|bench\w*|print\w*|list|show|warn|info|version)$/;

/** Whether it compares what is there with what there was, or ends with a failure of its own where it has found something. */
function decides(text: string): boolean {
  if (text.length > LONGEST || FETCHES.test(text)) return false;
  return COMPARES.test(text) || (FAILS.test(text) && FINDS.test(text));
}

const COMPARES = /\bgit\s+(?:diff\b.*--(?:exit-code|quiet)|status\b.*--porcelain)/;
const FAILS = /\b(?:exit\s+[1-9]|false)\b/;
/** It looks through files, or at what a program said of them. */
const FINDS = /\b(?:grep|find|awk|diff|ls-files|cmp|wc)\b/;
const FETCHES = /\b(?:curl|wget|docker|podman|install|command\s+-v|which)\b/;
