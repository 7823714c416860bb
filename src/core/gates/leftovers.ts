/** Tasks that could not be taken apart, and become gates in one piece where nothing else does what they do. Pure. */
import type { Category, Evidence } from '../gate-model.js';
import { addDraft, addEvidence, type Draft, isCheckedByCi, isRunByHooks, type ScriptInfo, wholeTask } from './drafts.js';
import type { MentionContext } from './mention-merge.js';
import type { Preset } from './preset.js';
import { isDocumentationBuild } from './script-documentation.js';
import { doesOwnWork } from './script-targets.js';
import type { Task } from './script-tasks.js';

/** A task that could not be taken apart; it becomes a gate when nothing else does what its name says. */
export interface Leftover {
  readonly task: Task;
  /** Grows by what else calls it. */
  readonly evidence: Evidence[];
  /** Where its name says nothing of it. */
  readonly category?: Category;
  /** It calls a tool that other gates call, for something else. */
  readonly apart?: boolean;
}

/** Gates of tasks in one piece, where no gate is about what the task's name says, and of those that CI runs and of which nothing is known. */
export function addLeftovers(
  left: readonly Leftover[],
  {
    covered,
    checkedByCi,
    tasks,
  }: { readonly covered: ReadonlySet<Category>; readonly checkedByCi: boolean; readonly tasks: readonly Task[] },
  { drafts, info }: MentionContext,
): void {
  const done = new Set(covered);
  const pieces = new Set([...drafts.byKey.values()].map(({ script }) => script));
  // `check` that runs `lint` and `test` says no more than they do.
  for (const { task, evidence, category, apart } of left) {
    const plain = wholeTask(task, evidence);
    const draft = category ? { ...plain, category } : plain;
    const said = new Set([task.key, ...task.lines.map(({ text }) => text)].join(' ').split(/[^\w.-]+/));
    const text = task.lines
      .map((line) => line.text.replace(/\$[({](\w+)[)}]/g, (_, name: string) => name.toLowerCase().replaceAll('_', '-')))
      .join(' ');
    const calls = ({ id, programs, documentation }: Preset) =>
      said.has(id) ||
      // Several checks of documentation are one program.
      (documentation === '' && programs.some((program) => isDocumentationBuild(program, []) && said.has(program))) ||
      (id.includes('-') && (text.includes(id) || text.includes(id.replace('-', ' '))));
    const all = [...drafts.byKey.values()];
    const isOther = (other: Draft) =>
      other.preset?.documentation === '' && isCheckedByCi([draft]) && isOfOtherTask(task, other, info);
    // In another folder a tool checks something else.
    const isElsewhere = task.lines.some(({ manyPlaces }) => manyPlaces) || /\bcd\s+[\w.]/.test(text);
    const elsewhere = apart === true || (isCheckedByCi([draft]) && isElsewhere);
    const same = elsewhere
      ? undefined
      : all.find((other) => other.preset !== undefined && calls(other.preset) && !isOther(other));
    if (same) for (const each of evidence) addEvidence(same, each);
    if (/\b(?:pre[-_]commit|prek)\b/.test(text) && isRunByHooks(all)) continue;
    // Where no CI says what counts, each of them does that does more than to call others.
    const calledPieces = tasks.some((other) => pieces.has(other.key) && text.includes(other.runner.args.at(-1) ?? other.key));
    const isOwn = !calledPieces && !checkedByCi && !isCheckedByCi(all) && doesOwnWork(task, tasks);
    const counts = (isCheckedByCi([draft]) || isOwn) && !pieces.has(task.key) && !same;
    if (done.has(draft.category) && !counts) continue;
    done.add(draft.category);
    addDraft(drafts, draft);
  }
}

/** Whether the tool is called by another task that CI runs, too: whoever named both tells them apart. */
function isOfOtherTask(task: Task, other: Draft, { runnerOf }: ScriptInfo): boolean {
  const { script = '' } = other;
  return script !== task.key && runnerOf(script) !== undefined && isCheckedByCi([other]);
}
