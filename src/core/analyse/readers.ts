/** One reader for each kind of source: what there is to choose in it, and what is chosen as a sequence. Pure. */
import { readCommands } from './commands.js';
import { readEditorTask, taskChoices } from './editor-tasks.js';
import { makeChoices, readMakeTarget } from './makefile.js';
import { readPackageScript, scriptChoices } from './package-scripts.js';
import type { Sequence, SourceChoice, SourceKind, SourceText } from './sequence.js';
import { readTranscript } from './transcript.js';
import { isWorkflow, readWorkflowJobs, workflowChoices } from './workflow.js';

/** What kind of source a file is, by its name and, where that says nothing, by what stands in it. */
export function sourceKind(file: string, text: string): SourceKind {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (name === 'package.json') return 'package script';
  if (/^(?:GNUm|M|m)akefile$|\.mk$/.test(name)) return 'makefile';
  if (name === 'tasks.json') return 'editor tasks';
  if (/\.ya?ml$/.test(name) && isWorkflow(text)) return 'workflow';
  if (/\.(?:jsonl|ndjson)$/.test(name)) return 'transcript';
  const first = text.split(/\r?\n/).find((line) => line.trim() !== '') ?? '';
  return /^\s*[[{]/.test(first) && !/^\s*\[\[?\s/.test(first) ? 'transcript' : 'commands';
}

interface Reader {
  /** How the command line names what is chosen; absent where there is nothing to choose. */
  readonly option?: 'script' | 'target' | 'job' | 'task';
  choices(source: SourceText): readonly SourceChoice[];
  /** Without a choice all of it, where that means something. */
  read(source: SourceText, choice: string | undefined): Sequence | Promise<Sequence> | undefined;
}

/** The readers by kind. */
export const READERS: Readonly<Record<SourceKind, Reader>> = {
  'package script': {
    option: 'script',
    choices: scriptChoices,
    read: (source, choice) => (choice === undefined ? undefined : readPackageScript(source, choice)),
  },
  makefile: {
    option: 'target',
    choices: makeChoices,
    read: (source, choice) => (choice === undefined ? undefined : readMakeTarget(source, choice)),
  },
  workflow: { option: 'job', choices: workflowChoices, read: readWorkflowJobs },
  'editor tasks': {
    option: 'task',
    choices: taskChoices,
    read: (source, choice) => (choice === undefined ? undefined : readEditorTask(source, choice)),
  },
  commands: { choices: () => [], read: readCommands },
  transcript: { choices: () => [], read: readTranscript },
};
