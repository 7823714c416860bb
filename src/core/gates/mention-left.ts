/** Steps of CI in which nothing is known to check: what they run may still be a check, since the step or its job is called one. Pure. */
import type { Category, Evidence } from '../gate-model.js';
import { isPipelineFile } from './ci-files.js';
import { addEvidence, type Draft, draftOf, isCheckedByCi, isNeeded, replaceDraft } from './drafts.js';
import type { Leftover } from './leftovers.js';
import type { Mention } from './mention.js';
import { documentationTasks, sessionsOf, tasksOfStep } from './mention-documentation.js';
import { addLinesOfTask } from './mention-environments.js';
import { comparedFiles, namesProgram } from './mention-files.js';
import { asHook, stepOfWholeHook } from './mention-hooks.js';
import { flatten, type MentionContext, mergeStep } from './mention-merge.js';
import { pipedCheck } from './mention-pipes.js';
import { purposeOf } from './mention-purpose.js';
import type { Mentioned } from './mentioned.js';
import { findChecks } from './script-fragments.js';
import { wordsOf } from './script-names.js';
import { saysThatItChecks, stepPreset } from './script-of-job.js';
import { importCheck } from './script-python-checks.js';
import { categoryOfTarget } from './script-targets.js';
import { evidenceOfMention, type Task, taskAtPath } from './script-tasks.js';
import { comparesByName } from './script-unknown.js';
import { callsIn } from './script-words.js';

/** What became of a mention. */
export interface Read {
  readonly mentioned: Mentioned;
  /** Something that it runs is known to check. */
  readonly checks: boolean;
  /** Each adds something that it builds, where nothing beside it checks. */
  readonly builds?: readonly (() => void)[];
}

export interface LeftOptions {
  readonly tasks: readonly Task[];
  readonly left: Leftover[];
  readonly context: MentionContext;
}

/** Adds one gate at most for each step of a job for checks of what is proposed in which nothing is known to check: the last that it runs. */
export function addStepsOfCi(read: readonly Read[], options: LeftOptions): void {
  const steps = new Map<string, Read[]>();
  const keyOf = (from: Mentioned['from'], { file, name }: Mention, line: number) => JSON.stringify([from, file, name, line]);
  for (const each of read) {
    const { mention, from } = each.mentioned;
    // A line of a shell script is a part of the step that calls it.
    const owner = mention.step === undefined ? (mention.via ?? mention) : mention;
    const { step } = owner;
    if (mention.role === 'task' || step === undefined) continue;
    const key = keyOf(from, owner, step.line);
    steps.set(key, [...(steps.get(key) ?? []), each]);
  }
  const isKnown = (key: string) => steps.get(key)?.some(({ checks }) => checks) === true;
  /** What it compares is made by what is known to check by itself where something compares: what mends. */
  const isMended = ({ mention, from }: Mentioned) =>
    mention.makers?.every((line) => isKnown(keyOf(from, mention, line))) === true;
  for (const parts of steps.values()) {
    const started = parts.filter(({ checks, mentioned }) => !checks && addTasksOfStep(mentioned, options));
    const isKnownInPart = started.length > 0 || parts.some(({ checks, mentioned }) => checks || isMended(mentioned));
    // What is generated beside what is known is compared by the same step.
    const isGenerated = parts.some(
      ({ checks, mentioned }) => !checks && mentioned.mention.inline === undefined && generates(mentioned),
    );
    if (isKnownInPart && isGenerated)
      for (const { mentioned } of parts) if (isComparing(mentioned)) addInline(mentioned, options);
    if (isKnownInPart) continue;
    if (parts.some(({ mentioned }) => addDocumentation(mentioned, options))) continue;
    if (parts.some(({ mentioned }) => addInline(mentioned, options))) {
      dropBuildsOf(parts, options.context);
      continue;
    }
    const own = parts
      .map(({ mentioned }) => mentioned)
      .filter(({ mention }) => mention.step !== undefined && mention.inline === undefined && isOwnCheck(mention));
    if (own.toReversed().some((part) => addPart(part, own.length === 1, options))) continue;
    if (own.some((part) => addPiped(part, options))) continue;
    for (const { mentioned } of parts) addWholeHook(mentioned, options);
  }
  for (const { mentioned } of [...steps.values()].flat()) addSessions(mentioned, options);
}

/** Sessions that CI runs, and of which no line is a gate: nobody but the session knows what it checks. */
function addSessions(mentioned: Mentioned, options: LeftOptions): void {
  const { mention } = mentioned;
  if (mention.role !== 'workflow' || !isForChecks(mention)) return;
  const { left, context } = options;
  const places = new Set([...context.drafts.byKey.values()].flatMap(({ evidence }) => evidence.map(placeOf)));
  const isKnown = ({ key, lines }: Task) =>
    left.some(({ task }) => task.key === key) ||
    lines.some((line) => places.has(placeOf(evidenceOfMention(line, mentioned.from))) || isGate(line, key, context));
  const sessions = sessionsOf(mention, options.tasks);
  for (const task of sessions) addLinesOfTask(task, mentioned, context);
  // What runs all that there is says no more than its parts where one of these is known.
  const isAll = ({ runner: { program, args } }: Task) =>
    args.length === 0 && options.tasks.some((task) => task.runner.program === program && isKnown(task));
  const found = sessions.filter((task) => !isKnown(task) && !isAll(task));
  addWholeTasks(found, mentioned, options, (task) =>
    documentationTasks(mention, [task]).length > 0 ? 'lint' : categoryOfTarget(task),
  );
}

/** Whether what a line of a task runs is a gate already, whatever that was found in. */
function isGate(
  line: Task['lines'][number],
  key: string,
  { drafts, info, scripts: { onFix: _, ...silent } }: MentionContext,
): boolean {
  return flatten(findChecks(line, key, silent)).some(
    (step) => step.kind === 'check' && drafts.byKey.has(draftOf(step, false, info).key),
  );
}

function placeOf({ file, line, text }: Evidence): string {
  return JSON.stringify([file, line, text]);
}

/** Whether it makes sources of others, by the words of its call: `go generate ./...`, `buf generate`, `make codegen`. */
function generates({ mention: { command } }: Mentioned): boolean {
  const calls = command.kind === 'argv' ? [command.argv] : callsIn(command.text);
  return calls.some((call) =>
    call
      .slice(0, 3)
      .flatMap(wordsOf)
      .some((word) => GENERATES.test(word)),
  );
}

const GENERATES = /^(?:generate|gen|codegen|regenerate|regen|protoc|mockgen|bindgen|stringer)$/;

/** Whether it makes files anew and compares them with git. */
function isComparing({ mention: { inline, command } }: Mentioned): boolean {
  return inline === 'makes' && command.kind === 'argv' && /\bgit\s+(?:diff|status)\b/.test(command.argv.join(' '));
}

/** Whether it may be one in a job for checks; that a module can be imported, is one beside prose, too. */
function isOwnCheck(mention: Mention): boolean {
  if (isForChecks(mention)) return true;
  const { command } = mention;
  return isForChecks(mention, ['prose']) && command.kind === 'shell' && callsIn(command.text).some(importsOnly);
}

/** Whatever starts Python. */
function importsOnly(words: readonly string[]): boolean {
  const start = words.findIndex((word) => /^python[\d.]*$/.test(word));
  return start >= 0 && importCheck(words[start] ?? '', words.slice(start + 1), '') !== undefined;
}

function isForChecks(mention: Mention, purposes: readonly ReturnType<typeof purposeOf>[] = ['checks']): boolean {
  const runs = mention.reviewed === true || mention.pushed === true || mention.role === 'hook';
  return runs && mention.secret !== true && !mention.handedOn && purposes.includes(purposeOf(mention));
}

/** Documentation that is made of what is proposed, by a task of which only the name is known. Whether it is one. */
function addDocumentation(mentioned: Mentioned, options: LeftOptions): boolean {
  const { mention } = mentioned;
  if (mention.reviewed !== true || mention.secret === true || purposeOf(mention) === 'something else') return false;
  return addWholeTasks(documentationTasks(mention, options.tasks), mentioned, options, () => 'lint');
}

/** What a step that is called a check starts by its name. Whether it is one. */
function addTasksOfStep(mentioned: Mentioned, options: LeftOptions): boolean {
  const { mention } = mentioned;
  if (mention.role !== 'workflow' || !isForChecks(mention)) return false;
  return addWholeTasks(tasksOfStep(mention, options.tasks), mentioned, options, categoryOfTarget);
}

/** Whether there are any. */
function addWholeTasks(
  found: readonly Task[],
  { mention, from }: Mentioned,
  { left, context }: LeftOptions,
  categoryOf: (task: Task) => Category,
): boolean {
  const evidence = [evidenceOfMention(mention, from)];
  for (const task of found) {
    const known = left.find((each) => each.task.key === task.key);
    if (known) known.evidence.push(...evidence);
    else {
      // Of a task without a line that can be read nothing else is known.
      const own = task.lines.length > 0 ? [context.info.evidenceOf(task.key)] : [];
      left.push({ task, evidence: [...own, ...evidence], category: categoryOf(task) });
    }
  }
  return found.length > 0;
}

/** What such a step builds before it compares, it builds itself; what others need or CI builds elsewhere stays. */
function dropBuildsOf(parts: readonly Read[], { drafts }: MentionContext): void {
  const lines = new Set(parts.map(({ mentioned: { mention } }) => `${mention.file}:${mention.line}`));
  for (const draft of drafts.byKey.values()) {
    const isOfStep = draft.evidence.every(({ file, line }) => !isPipelineFile(file) || lines.has(`${file}:${line}`));
    if (draft.category === 'build' && isOfStep && isCheckedByCi([draft]) && !isNeeded(draft, drafts))
      drafts.byKey.delete(draft.key);
  }
}

/** The step as one gate, where its own shell decides. Whether it is one. */
function addInline({ mention, from }: Mentioned, { context }: LeftOptions): boolean {
  const { command, inline, step, name } = mention;
  if (inline === undefined || command.kind !== 'argv' || !isForChecks(mention, ['checks', 'prose'])) return false;
  // Only the steps before it have what it compares.
  const compared = inline === 'looks' ? comparedFiles(mention) : [];
  if (compared.length > 1 && compared.every((file) => mention.gone?.includes(file))) return false;
  const [program = '', ...args] = command.argv;
  const [said = [], ...others] = callsIn(mention.text);
  const [runner = '', ...told] = others.length > 0 ? [] : said;
  const title = step?.name ?? (comparesByName(runner, told) ? mention.text : name);
  const preset = stepPreset(title, program, inline === 'makes');
  const call = { program, asModule: false, args, env: mention.env, preset };
  mergeStep({ kind: 'check', script: name, call, last: true }, [evidenceOfMention(mention, from)], 'workflow', context);
  return true;
}

/** Whether it is one. */
function addPiped({ mention, from }: Mentioned, { context }: LeftOptions): boolean {
  const [program = '', ...args] = pipedCheck(mention) ?? [];
  const { step, name, env } = mention;
  if (program === '') return false;
  const call = { program, asModule: false, args, env, preset: stepPreset(step?.name ?? name, program, false) };
  mergeStep({ kind: 'check', script: name, call, last: true }, [evidenceOfMention(mention, from)], 'workflow', context);
  return true;
}

function addWholeHook({ mention, from }: Mentioned, { context }: LeftOptions): void {
  const step = stepOfWholeHook(mention);
  const evidence = [mention, ...(mention.via ? [mention.via] : [])].map((each) => evidenceOfMention(each, from));
  if (!step) return;
  const { drafts, info } = context;
  const own = draftOf(step, false, info);
  const known = drafts.byKey.get(own.key);
  // A task may run this one alone: it is the hook all the same.
  if (known?.preset?.id === 'pre-commit')
    replaceDraft(drafts, known, { ...own, origin: mention.role, evidence: [...known.evidence] });
  mergeStep(step, evidence, mention.role, context);
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
