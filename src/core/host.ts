/** What an environment (editor, command line, test) supplies to the engine, and the implementation for plain Node. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Folder } from './model.js';

/** Where diagnostics go. Messages are whole sentences; nothing a user has to act on is only here. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** A language model of the editor, for the tool Agent and for counting. */
export interface LanguageModel {
  /**
   * Resolves with the whole answer. Rejects when there is none (no consent, no such model, over a quota): the message of the error is
   * shown to the user. `tokens` are those of prompt and answer together.
   */
  ask(
    request: { readonly prompt: string; readonly system?: string; readonly model?: string },
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly tokens?: number; readonly model: string }>;
  /** How many tokens a text is for it. */
  count?(text: string): Promise<number>;
}

export interface Host {
  /** Monotonic milliseconds; the zero point means nothing. */
  now(): number;
  /** Wall clock, for people and file names only. */
  date(): Date;
  readonly log: Log;
  /** Folders of the workspace as they are now. */
  folders(): readonly Folder[];
  /** Whether code of the workspace may be executed, as it is now. */
  trusted(): boolean;
  /** Absolute directory for this workspace's history and outputs. Created on first use. */
  readonly storage: string;
  /** File of the bundle that parses large outputs in a thread of its own. Without it they are parsed in place. */
  readonly parserWorker?: string;
  /** File of the bundle that looks at files in threads. Without it files are looked at in place, a few in each turn of the event loop. */
  readonly scanWorker?: string;
  /**
   * The text of a file that is open with unsaved changes, as the user sees it; undefined for any other. `file` is absolute, native. Such
   * files are read so, and never written. Absent: the host has no editor.
   */
  readonly unsaved?: (file: string) => string | undefined;
  /** Absolute, native: every file for which `unsaved` has a text, also one that is not on disk yet. Present when `unsaved` is. */
  readonly unsavedFiles?: () => readonly string[];
  /** The editor's language model. Absent: the host has none. */
  readonly languageModel?: LanguageModel;
  /** Environment that child processes start from. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A host without an editor. Trusted, as whoever types a command in a folder trusts it. */
export function nodeHost(options: {
  readonly folder: string;
  readonly storage?: string;
  readonly log?: Log;
  readonly scanWorker?: string;
  readonly parserWorker?: string;
}): Host {
  const folder = path.resolve(options.folder);
  return {
    now: () => performance.now(),
    date: () => new Date(),
    log: options.log ?? silent,
    folders: () => [{ name: path.basename(folder), path: folder }],
    trusted: () => true,
    storage: options.storage ?? path.join(dataDirectory(process.platform, process.env), 'workspaces', workspaceKey(folder)),
    ...(options.scanWorker === undefined ? {} : { scanWorker: options.scanWorker }),
    ...(options.parserWorker === undefined ? {} : { parserWorker: options.parserWorker }),
    env: process.env,
  };
}

/** Where all windows and terminals on a folder meet, whatever their own storage is and by whichever link they came. Absolute, native; not made here. */
export function meetingPlace(folder: string, env: NodeJS.ProcessEnv = process.env): string {
  return path.join(dataDirectory(process.platform, env), 'locks', workspaceKey(realFolder(folder)));
}

/** A terminal is told the real path of its folder, an editor the one that it was opened by. */
function realFolder(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return path.resolve(folder);
  }
}

function workspaceKey(folder: string): string {
  return `${path.basename(folder).replace(/[^A-Za-z0-9._-]/g, '_')}-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
}

/** The platform's place for an application's own data: XDG state, Application Support, or LocalAppData. */
function dataDirectory(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  const home = os.homedir();
  if (env['VOLLEY_HOME']) return path.resolve(env['VOLLEY_HOME']);
  if (platform === 'win32') return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'volley');
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'volley');
  return path.join(env['XDG_STATE_HOME'] ?? path.join(home, '.local', 'state'), 'volley');
}
