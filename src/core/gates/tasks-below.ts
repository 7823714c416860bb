/** Tasks of the root that run in folders below it: what is found there, the task need not repeat. Pure. */
import path from 'node:path';
import type { Evidence, Gate } from '../gate-model.js';
import type { Mention } from './mention.js';
import type { Mentioned } from './mentioned.js';
import { SAYERS } from './script-programs.js';
import { calledTasks, type Task, tasksOf } from './script-tasks.js';
import { callsIn } from './script-words.js';

/**
 * The gates of the root and those `below` it, without calls of tasks of which each line is a gate in the folder where it runs; what called
 * these is evidence of those. A task of which a line is left that nobody understands stays whole, and what speaks only for parts of it is left out.
 */
export function foundBelow(gates: readonly Gate[], below: readonly Gate[], said: readonly Mentioned[]): readonly Gate[] {
  const own = said.filter(({ mention, from }) => from === '' && mention.role === 'task').map(({ mention }) => mention);
  if (!own.some(({ cwd }) => cwd !== '')) return [...gates, ...below];
  const tasks = tasksOf(own);
  const added = new Map<Gate, readonly Evidence[]>();
  const whole: Mention[] = [];
  const kept = gates.filter((gate) => {
    const lines = linesOfTasks(gate, tasks);
    if (!lines?.some(({ cwd }) => cwd !== '')) return true;
    const found = lines.map((line) => [...below, ...gates].filter((other) => other !== gate && isFound(line, other)));
    const isDone = found.every((others, index) => others.length > 0 || prepares(lines[index]));
    const all = [...new Set(found.flat())];
    if (!isDone || all.length === 0 || gates.some(({ needs }) => needs.includes(gate.id))) {
      whole.push(...lines);
      return true;
    }
    for (const other of all) added.set(other, [...(added.get(other) ?? []), ...gate.evidence]);
    return false;
  });
  const told = (gate: Gate) => {
    const isKnown = (each: Evidence) => gate.evidence.some(({ file, line }) => file === each.file && line === each.line);
    const evidence = (added.get(gate) ?? []).filter((each) => !isKnown(each));
    return evidence.length === 0 ? gate : { ...gate, evidence: [...gate.evidence, ...evidence] };
  };
  return [...kept, ...below.filter((gate) => !isPartOf(whole, gate, below))].map(told);
}

/** Whether all that speaks for the gate of a folder are lines of tasks that are gates in one piece, and nothing needs it. */
function isPartOf(lines: readonly Mention[], gate: Gate, below: readonly Gate[]): boolean {
  const own = lines.filter((line) => isIn(line, gate));
  const isOwn = ({ file, line }: Evidence) => own.some((each) => each.file === file && each.line === line);
  return own.length > 0 && gate.evidence.every(isOwn) && !below.some(({ needs }) => needs.includes(gate.id));
}

/** Whether the gate runs where the line does, and the line speaks for it; of lines in the root, all that they call must be its program. */
function isFound(line: Mention, gate: Gate): boolean {
  if (!isEvidence(line, gate)) return false;
  if (line.cwd !== '') return isIn(line, gate);
  const calls = line.command.kind === 'argv' ? [line.command.argv] : callsIn(line.command.text);
  const program = named(gate.command.argv[0] ?? '', 0);
  return gate.command.cwd === gate.folder.path && calls.every(([word = '']) => word === program || SAYERS.has(word));
}

function isIn({ cwd }: Mention, { command, folder }: Gate): boolean {
  return cwd !== '' && path.join(folder.path, cwd) === command.cwd;
}

/** The lines of the tasks that a gate calls, and of those that these need; undefined where it calls none. */
function linesOfTasks({ command, folder }: Gate, tasks: readonly Task[]): readonly Mention[] | undefined {
  if (command.cwd !== folder.path) return undefined;
  const called = calledTasks(command.argv.map(named), tasks);
  if (called === undefined) return undefined;
  const waiting = [...called];
  const all = new Set<Task>();
  for (let task = waiting.pop(); task !== undefined; task = waiting.pop()) {
    if (all.has(task)) continue;
    all.add(task);
    for (const need of task.needs) waiting.push(...tasks.filter(({ key }) => key === need));
  }
  const lines = [...all].flatMap((task) => task.lines);
  return lines.length > 0 ? lines : undefined;
}

/** Programs that were found stand there with their places. */
function named(word: string, index: number): string {
  return index === 0 ? word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1).replace(/\.exe$/i, '') : word;
}

function isEvidence({ file, line }: Mention, { evidence }: Gate): boolean {
  return evidence.some((each) => each.file === file && each.line === line);
}

/** Whether a line only brings in what others need. */
function prepares(line: Mention | undefined): boolean {
  return (
    line?.command.kind === 'shell' &&
    /^(?:(?:npm|pnpm|yarn|bun|pip|uv|bundle|composer)\s+(?:ci|i|install|sync)\b|echo\s|mkdir\s)/.test(line.command.text)
  );
}
