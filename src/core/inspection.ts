/**
 * An inspection: the files of a selection, a batch that looks at them in pieces beside one walk through the history, and the table that comes
 * of it, kept with the run.
 */
import { statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BatchOperation } from './batch/expand.js';
import { type PlannedBatch, planOperations } from './batch/planned.js';
import { type ActiveBatch, type BatchContext, startBatchRun } from './batch/run.js';
import { installedGit } from './git.js';
import { escapeGlob } from './glob-match.js';
import type { InspectedFile, Inspection, LastCommit } from './inspect/row.js';
import { countText } from './messages.js';
import type { Folder, OperationId, RunState, Scope } from './model.js';
import { isInside, slashes } from './paths.js';
import { slices } from './slices.js';
import { globTogether } from './tools/glob.js';
import type { InspectedCommits, InspectedContent } from './tools/inspect.js';
import type { ToolResult } from './tools/tool.js';

export interface InspectionRequest {
  /** Of a directory that is selected, what .gitignore leaves out is not inspected; a file that is named is. */
  readonly scope: Scope;
  readonly slots: number;
}

/** An inspection that can run. */
export interface PlannedInspection {
  readonly kind: 'inspection';
  /** Starts at once. In an untrusted workspace git is not asked. */
  start(): ActiveInspection;
  readonly batch: PlannedBatch;
  readonly folder: Folder;
  readonly selection: readonly string[];
  readonly files: number;
  readonly notes: readonly string[];
  readonly label: string;
  readonly slots: number;
}

/** An inspection that goes on. */
export interface ActiveInspection extends ActiveBatch {
  /** Complete when the run has ended; undefined before, and when it was never carried out. */
  inspection(): Inspection | undefined;
  /** What was told of files so far, without their commits, in the order in which pieces ended: it only grows, and it is always the same list. */
  readonly soFar: InspectedSoFar;
}

/** Paths are relative to the folder. */
export interface InspectedSoFar {
  readonly folder: string;
  readonly files: readonly InspectedFile[];
}

/** Nothing is inspected; `message` is a sentence for the user. */
export interface NoInspection {
  readonly kind: 'nothing';
  readonly message: string;
}

/** So many files are looked at; one that selects more is told so. */
export const MOST_INSPECTED = 100_000;
/** At least and at most so many files are one operation: enough to be worth a turn, few enough that no slot is held for long. */
const CHUNK = { least: 25, most: 250 };

/** Finds the files and plans their inspection. Executes nothing. */
export async function planInspection(
  context: BatchContext,
  folders: readonly Folder[],
  { scope, slots }: InspectionRequest,
): Promise<PlannedInspection | NoInspection> {
  const selection = await selectionOf(context, folders, scope);
  if (typeof selection === 'string') return nothing(selection);
  if (selection.length === 0) return nothing(EMPTY[scope.kind]);
  const folder = folderOf(selection, folders);
  if (!folder)
    return nothing('What is selected does not lie in the workspace, outside of which Volley reads nothing. Select files of it.');
  const relative = [...new Set(selection.map((file) => slashes(path.relative(folder.path, file)) || '.'))];
  const chosen = await filesOf(context, folder, relative);
  if (typeof chosen === 'string') return nothing(chosen);
  const files = chosen.slice(0, MOST_INSPECTED);
  const left = chosen.length - files.length;
  const notes =
    left > 0 ? [`${countText(left, 'file')} more were selected than the ${MOST_INSPECTED} that one inspection takes.`] : [];
  const label = `Inspect ${countText(files.length, 'file')}`;
  const operations = operationsFor(files, folders, { folder, slots });
  const planned = await planOperations(context, {
    // Nobody wrote it.
    text: '',
    document: { name: label, members: [] },
    ...{ operations, folder, slots },
  });
  if (planned.kind === 'problems') return nothing(planned.problems[0]?.message ?? 'The inspection could not be planned.');
  const prepared = { batch: planned.batch, folder, selection: relative, files: files.length, notes, label, slots };
  return { kind: 'inspection', ...prepared, start: () => startInspectionRun(context, prepared) };
}

type Prepared = Omit<PlannedInspection, 'kind' | 'start'>;

function startInspectionRun(context: BatchContext, planned: Prepared): ActiveInspection {
  const { batch, label, slots } = planned;
  let inspection: Inspection | undefined;
  const run = startBatchRun(context, {
    ...{ batch, label, slots, mode: 'parallel', failure: 'continue', inspection: true },
    async after(state, results) {
      inspection = await inspectionOf(planned, state, results);
      await store(context.history.directory(state.run), inspection);
    },
  });
  const files: InspectedFile[] = [];
  run.onEvent((event) => {
    if (event.kind !== 'finished') return;
    // That of commits has no files.
    const { files: more = [] } = (run.results.get(event.operation)?.json ?? {}) as Partial<InspectedContent>;
    files.push(...more);
  });
  return { ...run, inspection: () => inspection, soFar: { folder: planned.folder.path, files } };
}

/** The table of a past run; undefined when it is no longer kept or the run was none. */
export async function loadInspection(directory: string): Promise<Inspection | undefined> {
  const text = await readFile(path.join(directory, FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const turns = slices();
  const files: InspectedFile[] = [];
  try {
    const [head = '', ...lines] = text.split('\n');
    const { version, ...rest } = JSON.parse(head) as { readonly version: number } & Omit<Inspection, 'files'>;
    if (version !== VERSION) return undefined;
    for (const line of lines) {
      if (turns.due()) await turns.next();
      if (line !== '') files.push(JSON.parse(line) as InspectedFile);
    }
    return { ...rest, files };
  } catch {
    return undefined;
  }
}

function nothing(message: string): NoInspection {
  return { kind: 'nothing', message };
}

// ------------------------------------------------------------------------------------------------------------ selection

/** Files and directories, absolute and native; a sentence when they cannot be told. */
async function selectionOf(context: BatchContext, folders: readonly Folder[], scope: Scope): Promise<readonly string[] | string> {
  switch (scope.kind) {
    case 'workspace':
      return folders.map((folder) => folder.path);
    case 'open':
    case 'selected':
      return scope.files;
    case 'changed':
    case 'staged': {
      if (!context.host.trusted()) return 'Volley asks git nothing in Restricted Mode. Trust the workspace first.';
      const { resolveScope } = await import('./scope.js');
      const files: string[] = [];
      for (const folder of folders) {
        const resolved = await resolveScope(scope, folder, installedGit(undefined, context.host.env));
        if (resolved.kind === 'problem') return resolved.message;
        if (resolved.kind === 'files') files.push(...resolved.files);
      }
      return files;
    }
    default:
      return scope satisfies never;
  }
}

/** What is said when there is nothing to inspect. */
const EMPTY: Readonly<Record<Scope['kind'], string>> = {
  workspace: 'No folder is open, so there is nothing to inspect. Open one.',
  changed: 'No file has changed, so there is nothing to inspect.',
  staged: 'No file is staged, so there is nothing to inspect.',
  open: 'No file of the workspace is open in an editor, so there is nothing to inspect.',
  selected: 'No file is selected. Select files in the Explorer, or check some in the Files view of Volley.',
};

/** The folder that holds all of the selection; of several the directory above them, of which only what is selected is read. */
function folderOf(selection: readonly string[], folders: readonly Folder[]): Folder | undefined {
  const held = selection.map((file) => folders.find(({ path: directory }) => isInside(directory, file)));
  const [first, ...others] = held;
  if (!first || held.includes(undefined)) return undefined;
  if (others.every((other) => other === first)) return first;
  let above = first.path;
  while (!selection.every((file) => isInside(above, file)) && path.dirname(above) !== above) above = path.dirname(above);
  return { name: path.basename(above), path: above };
}

/** The files of the selection, relative to the folder, each once and sorted; a sentence when there are none. */
async function filesOf(context: BatchContext, folder: Folder, selection: readonly string[]): Promise<readonly string[] | string> {
  const directories = selection.filter((name) => isDirectory(path.join(folder.path, name)));
  const files = new Set(selection.filter((name) => !directories.includes(name)));
  if (directories.length > 0) {
    const patterns = directories.map((name) => (name === '.' ? '**' : `${name.split('/').map(escapeGlob).join('/')}/**`));
    const [found] = await globTogether([{ patterns }], { folder, host: context.host, signal: new AbortController().signal });
    if (found?.end.kind !== 'passed') return found?.answer.summary ?? 'The selected folders could not be read.';
    for (const name of found.files) files.add(name);
  }
  if (files.size === 0)
    return 'The selected folders hold no files that are inspected: what .gitignore leaves out is not, unless it is selected itself.';
  return [...files].sort();
}

function isDirectory(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

// ----------------------------------------------------------------------------------------------------------------- batch

/** Operations that look at pieces of the files, and one for each folder of the workspace that walks through its history. */
function operationsFor(
  files: readonly string[],
  folders: readonly Folder[],
  { folder, slots }: { folder: Folder; slots: number },
) {
  const size = Math.min(CHUNK.most, Math.max(CHUNK.least, Math.ceil(files.length / (slots * 4))));
  const pieces = Array.from({ length: Math.ceil(files.length / size) }, (_, index) =>
    files.slice(index * size, (index + 1) * size),
  );
  const owners = folders.map(({ path: directory }) => files.filter((name) => isInside(directory, path.join(folder.path, name))));
  const commits = owners.filter((paths) => paths.length > 0).map((paths) => ({ paths, what: 'commits' }));
  return [...commits, ...pieces.map((paths) => ({ paths, what: 'content' }))].map((input, index): BatchOperation => {
    const number = index - commits.length + 1;
    const first = commits.length === 1 ? 'commits' : `commits-${index + 1}`;
    return {
      id: input.what === 'commits' ? first : `files-${number}`,
      tool: 'inspect',
      input,
      sources: new Map(),
      needs: [],
      locks: [],
      timeoutMs: TIMEOUT_MS,
      retries: 0,
      backoffMs: 0,
      onFailure: 'continue',
      limits: [],
      groups: [],
      place: { line: 1, column: 1 },
    };
  });
}

const TIMEOUT_MS = 600_000;

// ----------------------------------------------------------------------------------------------------------------- table

async function inspectionOf(
  { batch, folder, selection, notes, label }: Prepared,
  state: RunState,
  results: ReadonlyMap<OperationId, ToolResult>,
): Promise<Inspection> {
  const turns = slices();
  const known = new Map<string, LastCommit | null>();
  const said = new Set(notes);
  const rows: InspectedFile[] = [];
  for (const { id, input } of batch.operations) {
    if (turns.due()) await turns.next();
    const result = results.get(id as OperationId);
    if (input['what'] === 'commits') {
      const { commits, notes: more } = (result?.json ?? { commits: [], notes: [] }) as InspectedCommits;
      for (const { path: name, commit } of commits) known.set(name, commit);
      for (const note of more) said.add(note);
      continue;
    }
    const content = result?.json as InspectedContent | null | undefined;
    if (content) rows.push(...content.files);
    else said.add(result?.answer.summary || `${label} ended before all files were looked at, so some are missing.`);
  }
  const files = rows.map((row) => {
    const commit = known.get(row.path);
    return commit === undefined ? row : { ...row, commit };
  });
  const { startedAt, at } = state;
  return { folder: folder.path, selection, startedAt, tookMs: at, commits: known.size > 0, notes: [...said], files };
}

const FILE = 'inspection.jsonl';
const VERSION = 1;

/** What it says of itself in the first line, then a line a file: so it can be written and read in pieces. */
async function store(directory: string, { files, ...head }: Inspection): Promise<void> {
  const turns = slices();
  const lines = [`${JSON.stringify({ version: VERSION, ...head })}\n`];
  for (const file of files) {
    if (turns.due()) await turns.next();
    lines.push(`${JSON.stringify(file)}\n`);
  }
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, FILE), lines.join(''));
}
