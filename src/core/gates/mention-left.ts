/** Steps of CI in which nothing is known to check: what they run may still be a check, since the step or its job is called one. Pure. */
import type { Evidence } from '../gate-model.js';
import { addEvidence, type Draft } from './drafts.js';
import type { Mention } from './mention.js';
import { namesProgram } from './mention-files.js';
import { asHook } from './mention-hooks.js';
import { flatten, type MentionContext, mergeStep } from './mention-merge.js';
import { purposeOf } from './mention-purpose.js';
import type { Leftover, Mentioned } from './mentioned.js';
import { findChecks } from './script-fragments.js';
import { saysThatItChecks } from './script-of-job.js';
import { evidenceOfMention, type Task, taskAtPath } from './script-tasks.js';

/** What became of a mention. */
export interface Read {
  readonly mentioned: Mentioned;
  /** Something that it runs is known to check. */
  readonly checks: boolean;
}

export interface LeftOptions {
  readonly tasks: readonly Task[];
  readonly left: readonly Leftover[];
  readonly context: MentionContext;
}

/** Adds one gate at most for each step of a job for checks of what is proposed in which nothing is known to check: the last that it runs. */
export function addStepsOfCi(read: readonly Read[], options: LeftOptions): void {
  const steps = new Map<string, Read[]>();
  for (const each of read) {
    const { mention, from } = each.mentioned;
    const { step } = mention.via ?? mention;
    if (mention.role === 'task' || step === undefined) continue;
    const { file, name } = mention.via ?? mention;
    const key = JSON.stringify([from, file, name, step.line]);
    steps.set(key, [...(steps.get(key) ?? []), each]);
  }
  for (const parts of steps.values()) {
    if (parts.some(({ checks }) => checks)) continue;
    const own = parts
      .map(({ mentioned }) => mentioned)
      .filter(({ mention }) => mention.via === undefined && isForChecks(mention));
    own.toReversed().some((part) => addPart(part, own.length === 1, options));
  }
}

function isForChecks(mention: Mention): boolean {
  const isProposed = mention.reviewed === true || mention.role === 'hook';
  return isProposed && mention.secret !== true && !mention.handedOn && purposeOf(mention) === 'checks';
}

/** Whether it is one. */
function addPart({ mention, from }: Mentioned, single: boolean, { tasks, left, context }: LeftOptions): boolean {
  const { command } = mention;
  // It is for the shell of Windows.
  if (command.kind === 'shell' && /(?:^|\s)[&.]*\\?[\w.-]+\\\w/.test(command.text)) return false;
  const evidence = [evidenceOfMention(mention, from)];
  const files = new Set(mention.files ?? []);
  const task = [...files].map((file) => taskAtPath(`./${file.replace(/^\.\//, '')}`, tasks)).find((each) => each !== undefined);
  if (task) return addToTask(task, command.kind === 'shell' && command.text.includes('$') ? [] : evidence, left, context);
  const gone = new Set(mention.gone ?? []);
  // A hook has two names; either may say what it is for.
  const named = mention.role === 'hook' && saysThatItChecks(mention.name) ? mention.name : (mention.step?.name ?? '');
  const job = { title: named, job: mention.name, single };
  const found = flatten(findChecks(mention, mention.name, { ...context.scripts, files, gone, job })).filter(
    ({ kind }) => kind === 'check',
  );
  const known = [...context.drafts.byKey.values()].find((draft) => runsOneOf(draft, files));
  if (known && found.length > 0) for (const each of evidence) addEvidence(known, each);
  else for (const step of found) mergeStep(asHook(step, mention), evidence, mention.role, context);
  return found.length > 0;
}

/** Whether a gate starts one of these files itself, however it is started elsewhere. */
function runsOneOf({ command, category }: Draft, files: ReadonlySet<string>): boolean {
  if (command.kind !== 'program' || category === 'build') return false;
  const plain = (word: string) => word.replace(/^\.\//, '');
  const [started = ''] = [command.program, ...command.given].filter((word) => namesProgram(word));
  return [...files].some((file) => plain(file) === plain(started));
}

/** A script of a shell that is called a check is one however it is called. */
function addToTask(task: Task, evidence: readonly Evidence[], left: readonly Leftover[], { drafts }: MentionContext): boolean {
  left.find((each) => each.task.key === task.key)?.evidence.push(...evidence);
  for (const draft of drafts.byKey.values()) if (draft.script === task.key) for (const each of evidence) addEvidence(draft, each);
  return true;
}
