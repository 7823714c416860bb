/**
 * Inspect: what is worth to know of files — lines, size, language, encoding, markers, whitespace, conflicts, possible secrets — or their last
 * commits. Files are looked at in threads; nothing but names and rows passes the event loop.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { escapeGlob } from '../glob-match.js';
import { type InspectedFile, type LastCommit, MOST_BYTES } from '../inspect/row.js';
import type { ScanFile, Scanned } from '../inspect/scan.js';
import { withoutSecrets } from '../inspect/secrets.js';
import { createThreads } from '../inspect/threads.js';
import { lastCommits, MOST_COMMITS } from '../last-commits.js';
import { bytesText } from '../messages.js';
import { inspectionTable } from '../report/inspection.js';
import { slices } from '../slices.js';
import { counted, cutMarker, unsavedFiles } from './files.js';
import { globTool } from './glob.js';
import {
  access,
  asList,
  described,
  diskMessage,
  findPlace,
  folderGlob,
  globAccess,
  hasReference,
  ignoreRules,
  leadsOut,
  oneOrMore,
  pathGlobs,
  placeOf,
  shown,
  wholeFolder,
} from './place.js';
import { INTERRUPTED, type Tool, type ToolContext, type ToolResult, toolFailed } from './tool.js';

/** What can be told: of the content, or of the last commit. */
export const INSPECTED = ['content', 'commits'] as const;

export const inspectSchema = z
  .strictObject({
    paths: z.optional(
      oneOrMore(
        'Files and directories, relative to the workspace folder. Of a directory, what .gitignore leaves out is not inspected; a file that is named is.',
        0,
      ),
    ),
    glob: z.optional(oneOrMore('Files that match are inspected, too: `src/**/*.ts`. Without what .gitignore leaves out.', 0)),
    what: z.optional(
      described(
        '`content` (the default): lines, size, language, encoding, line endings, longest line, TODO, FIXME and BUG, trailing whitespace, mixed indentation, conflicts, possible secrets. `commits`: the last commit of each file, from git.',
        z.enum(INSPECTED),
      ),
    ),
  })
  .check(
    z.refine(
      ({ paths, glob }) => paths !== undefined || glob !== undefined,
      'Name what is inspected: give `paths` or a `glob`, or both.',
    ),
  );

export type InspectInput = z.infer<typeof inspectSchema>;

/** Files of one invocation. What is more is counted and left out. */
export const MOST_FILES = 10_000;
/** So many go to a thread at a time: a cancel ends it within a moment. */
const EACH_JOB = 200;
/** How much text one answer has, in bytes. Its rows are always whole. */
const TEXT_BYTES = 200_000;

/** The answer as data, of `what: content`. */
export interface InspectedContent {
  readonly files: readonly InspectedFile[];
  /** Of more files than one invocation takes. */
  readonly leftOut: number;
}

/** The answer as data, of `what: commits`. Null: no commit was found that holds the file. */
export interface InspectedCommits {
  readonly commits: readonly { readonly path: string; readonly commit: LastCommit | null }[];
  /** Sentences about what was not found, and why. */
  readonly notes: readonly string[];
}

export const inspectTool: Tool<InspectInput> = {
  name: 'inspect',
  description:
    'Tells of many files at once what is worth to know: lines, size, language, encoding, line endings, longest line, TODO/FIXME/BUG, trailing whitespace, mixed indentation, conflict markers, possible secrets (never their text); or the last commit of each.',
  schema: inspectSchema,
  describe(input) {
    const named = [...asList(input.paths), ...asList(input.glob)];
    const what = named.length === 1 ? named[0] : counted(named.length, 'path');
    return input.what === 'commits' ? `inspect commits of ${what}` : `inspect ${what}`;
  },
  access(input, place) {
    const paths = asList(input.paths);
    const globs = asList(input.glob);
    if ([...paths, ...globs].some(hasReference)) return access([wholeFolder(place)]);
    const matched = globs.filter((glob) => !glob.startsWith('!')).map((glob) => globAccess(glob, place));
    const repository = input.what === 'commits' ? [`${folderGlob(place.folder)}/.git`] : [];
    // Which files of a directory are inspected depends on any rule above and below it.
    return access([...new Set([...pathGlobs(paths, place), ...matched, ...ignoreRules(place), ...repository])]);
  },
  async invoke(input, context) {
    const files = await filesOf(input, context);
    if (context.signal.aborted) return INTERRUPTED;
    if (files.refused) return toolFailed(files.refused);
    return input.what === 'commits' ? commitsOf(files, context) : contentOf(files, context);
  },
};

// ---------------------------------------------------------------------------------------------------------------- files

interface Chosen {
  /** Relative to the folder with `/`, each once: those that were named in their order, then those that were found. */
  readonly paths: readonly string[];
  readonly leftOut: number;
  /** Rows of paths that lie outside of the folder. */
  readonly unread: readonly InspectedFile[];
  /** Why nothing is inspected, as a sentence. */
  readonly refused?: string;
}

async function filesOf(input: InspectInput, context: ToolContext): Promise<Chosen> {
  const turns = slices();
  const named = new Set<string>();
  const unread: InspectedFile[] = [];
  const patterns = [...asList(input.glob)];
  for (const given of asList(input.paths)) {
    if (turns.due()) await turns.next();
    const place = placeOf(given, context.folder);
    if (place.kind === 'refused') unread.push({ kind: 'unread', path: given, message: place.message });
    else if (context.signal.aborted) break;
    else if (isDirectory(place.file)) patterns.push(`${place.path === '' ? '' : `${escapePath(place.path)}/`}**`);
    else named.add(place.path);
  }
  if (patterns.length > 0 && !context.signal.aborted) {
    const found = await globTool.invoke({ patterns }, context);
    if (found.end.kind === 'errored' && found.end.failure.kind === 'tool failed')
      return { paths: [], leftOut: 0, unread, refused: found.end.failure.message };
    for (const name of found.files) named.add(name);
  }
  const paths = [...named];
  return { paths: paths.slice(0, MOST_FILES), leftOut: Math.max(0, paths.length - MOST_FILES), unread };
}

function escapePath(relative: string): string {
  return relative.split('/').map(escapeGlob).join('/');
}

function isDirectory(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

// -------------------------------------------------------------------------------------------------------------- content

async function contentOf({ paths, leftOut, unread }: Chosen, context: ToolContext): Promise<ToolResult> {
  const { folder, host, signal } = context;
  const threads = context.threads ?? createThreads(undefined);
  const unsaved = new Set(unsavedFiles(host, folder));
  const files: InspectedFile[] = [...unread];
  for (let at = 0; at < paths.length; at += EACH_JOB) {
    const job = paths.slice(at, at + EACH_JOB).map((name): ScanFile => {
      const file = path.join(folder.path, name);
      const text = unsaved.has(name) ? host.unsaved?.(file) : undefined;
      return { path: name, file, ...(text === undefined ? {} : { unsaved: text }) };
    });
    const scanned = await threads.scan({ folder: folder.path, files: job }, signal).catch(messageOf);
    if (typeof scanned === 'string')
      return toolFailed(`The thread that looks at files broke: ${scanned}. Try again with fewer files.`);
    if (!scanned) return INTERRUPTED;
    for (const [index, each] of scanned.entries()) {
      const { path: name, unsaved: text } = job[index] ?? { path: '' };
      files.push({ path: name, ...rowOf(each, name, context), ...(text === undefined ? {} : { unsaved: true }) });
    }
  }
  return contentResult({ files, leftOut });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function rowOf(scanned: Scanned, name: string, { folder }: ToolContext) {
  const unread = (message: string) => ({ kind: 'unread', message }) as const;
  switch (scanned.kind) {
    case 'text':
    case 'binary':
      return scanned;
    case 'too large': {
      const message = `${name} has ${bytesText(scanned.bytes)}. Only texts of up to ${bytesText(MOST_BYTES)} are inspected.`;
      return { ...unread(message), bytes: scanned.bytes };
    }
    case 'outside':
      return unread(leadsOut(name, scanned.real, folder));
    case 'no file':
      return unread(`${shown(name)} is neither a file nor a directory, and is not read. Name a file.`);
    case 'error':
      return unread(diskMessage(Object.assign(new Error(scanned.code), { code: scanned.code }), name));
    default:
      return scanned satisfies never;
  }
}

function contentResult({ files, leftOut }: InspectedContent): ToolResult {
  const lines = inspectionTable(files).split('\n');
  const unread = files.filter(({ kind }) => kind === 'unread');
  const more = leftOut > 0 ? `, ${counted(leftOut, 'more file')} left out` : '';
  const summary = `${counted(files.length, 'file')}${unread.length > 0 ? `, ${unread.length} not read` : ''}${more}`;
  const notes = unread.flatMap((file) => (file.kind === 'unread' ? [file.message] : []));
  const { text, cutBytes } = bounded([...(files.length > 0 ? lines : []), ...notes, ...(leftOut > 0 ? [`${summary}.`] : [])]);
  return {
    // A file that vanished is a row that says so; the others are what was asked for.
    end: { kind: 'passed' },
    text,
    files: files.filter(({ kind }) => kind !== 'unread').map((file) => file.path),
    json: { files, leftOut } satisfies InspectedContent,
    answer: { summary, ...(cutBytes > 0 ? { cutBytes } : {}) },
  };
}

function bounded(lines: readonly string[]): { readonly text: string; readonly cutBytes: number } {
  let kept = 0;
  let bytes = 0;
  for (const each of lines) {
    bytes += Buffer.byteLength(each) + 1;
    if (bytes > TEXT_BYTES) break;
    kept += 1;
  }
  const text = lines
    .slice(0, kept)
    .map((each) => `${each}\n`)
    .join('');
  const cutBytes = lines.slice(kept).reduce((sum, each) => sum + Buffer.byteLength(each) + 1, 0);
  return { text: cutBytes > 0 ? `${text}${cutMarker(cutBytes)}\n` : text, cutBytes };
}

// -------------------------------------------------------------------------------------------------------------- commits

async function commitsOf({ paths, unread }: Chosen, context: ToolContext): Promise<ToolResult> {
  const { folder, host, signal } = context;
  if (!host.trusted()) return { ...toolFailed(''), end: { kind: 'errored', failure: { kind: 'untrusted workspace' } } };
  // In the deepest directory of all, so that a repository below the folder is found, too.
  const base = commonDirectory(paths);
  const place = await findPlace(base === '' ? '.' : base, folder);
  if (place.kind === 'refused') return toolFailed(place.message);
  const inner = base === '' ? paths : paths.map((name) => name.slice(base.length + 1));
  const walked = await lastCommits({ cwd: place.file, paths: inner, env: host.env, signal });
  if (signal.aborted) return INTERRUPTED;
  if (!walked) return commitsResult({ commits: [], notes: [NO_GIT] });
  const commits = paths.map((name, index) => {
    const commit = walked.found.get(inner[index] ?? '');
    return { path: name, commit: commit ? { ...commit, subject: withoutSecrets(commit.subject) } : null };
  });
  const notes = [
    ...(walked.beyond > 0
      ? [
          `${counted(walked.beyond, 'file')} had no last commit within the newest ${Math.min(walked.walked, MOST_COMMITS)} commits, further than which Volley does not look.`,
        ]
      : []),
    ...unread.flatMap((file) => (file.kind === 'unread' ? [file.message] : [])),
  ];
  return commitsResult({ commits, notes });
}

const NO_GIT = 'Last commits are not shown: git was not found, or these files are in no repository with a commit.';

function commitsResult({ commits, notes }: InspectedCommits): ToolResult {
  const found = commits.filter(({ commit }) => commit !== null);
  const lines = commits.map(({ path: name, commit }) =>
    commit
      ? `${commit.hash.slice(0, 10)}  ${commit.date.slice(0, 10)}  ${name}  ${commit.author}: ${commit.subject}`
      : `none  ${name}`,
  );
  const { text, cutBytes } = bounded([...lines, ...notes]);
  return {
    end: { kind: 'passed' },
    text,
    files: found.map((each) => each.path),
    json: { commits, notes } satisfies InspectedCommits,
    answer: {
      summary: commits.length === 0 ? 'no repository' : `last commits of ${counted(found.length, 'file')}`,
      ...(cutBytes > 0 ? { cutBytes } : {}),
    },
  };
}

/** The deepest directory that holds all of them, relative with `/`; empty for the folder itself. */
export function commonDirectory(paths: readonly string[]): string {
  const [first, ...others] = paths.map((name) => name.split('/').slice(0, -1));
  let common = first ?? [];
  for (const other of others) {
    const end = common.findIndex((name, index) => other[index] !== name);
    if (end >= 0) common = common.slice(0, end);
  }
  return common.join('/');
}
