/** Lines of an environment of tox that nobody knows, beside lines that are known to check. Pure. */

import { flatten, type MentionContext, mergeStep, type PlainStep } from './mention-merge.js';
import type { Mentioned } from './mentioned.js';
import { findChecks } from './script-fragments.js';
import { isCheckName } from './script-names.js';
import { saysThatItChecks } from './script-of-job.js';
import { evidenceOfMention, type Task } from './script-tasks.js';

/**
 * Adds what a task that CI runs starts beside the checks which are known: all of its commands decide how it ends. Of one that is called a
 * check these are also programs of the repository, whatever they are called; of any other those whose own words say that they check.
 */
export function addLinesOfTask({ key, name, lines, runner }: Task, { mention, from }: Mentioned, context: MentionContext): void {
  if (runner.program !== 'tox' || lines.length < 2) return;
  const { onFix: _, ...scripts } = context.scripts;
  const titled = isCheckName(name) || saysThatItChecks(name);
  const found = lines.map((line) => ({ line, steps: flatten(findChecks(line, key, { ...scripts, inShellScript: true })) }));
  if (!found.some(({ steps }) => steps.some(({ kind }) => kind === 'check'))) return;
  for (const { line, steps } of found) {
    if (steps.length > 0) continue;
    const files = new Set(line.files ?? []);
    const job = { title: '', job: titled ? name : '', single: false };
    const own = flatten(findChecks(line, key, { ...scripts, files, gone: new Set(line.gone ?? []), ...(titled ? { job } : {}) }));
    const evidence = [evidenceOfMention(line, from), evidenceOfMention(mention, from)];
    for (const step of own.filter(isPlainCheck)) mergeStep(step, evidence, 'workflow', context);
  }
}

/** Of what only its exit code is read, and whose words are all known. */
function isPlainCheck(step: PlainStep): boolean {
  return step.kind === 'check' && step.call.preset.documentation === '' && !step.call.vague;
}
