/** Watching gates of a workspace: which of them a change concerns, and what is run for it. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Gate } from './gate-model.js';
import { manifestsOf } from './gates/gate-reads.js';
import { EVERY_FILE } from './gates/preset.js';
import { PRESETS } from './gates/presets.js';
import { globMatcher } from './glob-match.js';
import { globsMayMeet } from './globs.js';
import { ignoredFiles } from './ignored.js';
import type { Folder, Scope } from './model.js';
import { isInside, slashes } from './paths.js';
import { argumentsInScope, resolveScope } from './scope.js';
import { type Concern, createWatch, type Watch, type WatchedRun } from './watch.js';

/** Files that are written together, as by a formatter or git, are one change. */
const SETTLE_MS = 150;

export interface WatchRequest {
  /** In sequential order. Those that are not available are left out. */
  readonly gates: readonly Gate[];
  /**
   * Starts a run of these gates; undefined when nothing can be started now. With the scope `selected` the run has to be `exact`: gates
   * whose files cannot be checked apart run whole.
   */
  start(gates: readonly Gate[], scope: Scope): WatchedRun | undefined;
}

/** Starts with a run of all gates. Changes of files that git ignores are passed over. */
export async function watchGates({ gates, start }: WatchRequest): Promise<Watch> {
  const folders = new Map<string, Folder>(gates.map(({ folder }) => [folder.path, folder]));
  const readIgnored = async () => {
    const found = await Promise.all([...folders.values()].map(ignoredFiles));
    return (file: string) => found.some((isIgnored) => isIgnored(file));
  };
  let ignored = await readIgnored();
  let timer: NodeJS.Timeout | undefined;
  const watch = createWatch({
    gates: gates.filter(({ availability }) => availability.kind === 'available'),
    concerns: concernOf,
    start: (wanted, files) => start(wanted, scopeOf(wanted, files)),
    settle(then) {
      clearTimeout(timer);
      timer = setTimeout(then, SETTLE_MS);
    },
  });
  return {
    changed(files) {
      if (files.some((file) => path.basename(file) === '.gitignore')) {
        void readIgnored().then((fresh) => {
          ignored = fresh;
        });
      }
      // Tools read these of their own accord, and they are always ignored.
      const meant = files.filter((file) => !ignored(file) || path.basename(file).startsWith('.env'));
      const directories = meant.filter(isDirectory);
      const alone = meant.filter((file) => !directories.includes(file));
      if (alone.length > 0 || files.length === 0) watch.changed(alone);
      // Of a folder that was moved here some are told of the folder alone.
      for (const directory of directories)
        void filesBelow(directory, [...folders.values()]).then((found) => found.length > 0 && watch.changed(found));
    },
    stop() {
      clearTimeout(timer);
      return watch.stop();
    },
  };
}

/**
 * What a run for these files, absolute, is about. What is no longer there cannot be checked, and yet its going decides: a gate that would have
 * nothing else to look at checks everything, so that what it found before does not stay.
 */
export function scopeOf(gates: readonly Gate[], files: readonly string[] | undefined): Scope {
  const left = files?.filter((file) => existsSync(file));
  const isLeft = (gate: Gate) => argumentsInScope(gate, { kind: 'files', files: left ?? [] }).kind === 'run';
  return left?.length && gates.every(isLeft) ? { kind: 'selected', files: left } : { kind: 'workspace' };
}

function isDirectory(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

async function filesBelow(directory: string, folders: readonly Folder[]): Promise<readonly string[]> {
  const folder = folders.find(({ path: place }) => isInside(place, directory));
  if (!folder) return [];
  const scope = await resolveScope({ kind: 'selected', files: [directory] }, folder, async () => ({ ok: false, stdout: '' }));
  return scope.kind === 'files' ? scope.files : [];
}

/** What a change of files, absolute, means for a gate. What it is configured by decides about all that it checks. */
export function concernOf(gate: Gate, files: readonly string[]): Concern {
  const isInScope =
    argumentsInScope(gate, { kind: 'files', files }).kind === 'run' || files.some((file) => wasFolderOf(gate, file));
  // One that checks everything each time needs no more than to be started.
  if (isInScope && gate.files.kind === 'whole') return 'files';
  if (files.some((file) => isConfiguredBy(gate, file))) return 'everything';
  return isInScope ? 'files' : 'nothing';
}

/** Whether what has gone may have been a folder with files of the gate: of one that is removed, editors tell nothing else. */
function wasFolderOf({ files, command }: Gate, gone: string): boolean {
  if (path.basename(gone).includes('.') || !isInside(command.cwd, gone) || existsSync(gone)) return false;
  const globs = files.kind === 'files' ? files.takes : files.inputs;
  const below = `${slashes(path.relative(command.cwd, gone))}/**`;
  return globs.some((glob) => !glob.startsWith('!') && globsMayMeet(glob, below));
}

/** Whether a gate goes by this file besides those that it checks: its configuration, or what says which versions are installed. */
function isConfiguredBy({ files, reads, preset, command, category }: Gate, file: string): boolean {
  const directory = path.dirname(file);
  if (!isInside(directory, command.cwd) && !isInside(command.cwd, directory)) return false;
  const name = path.basename(file);
  const inside = slashes(path.relative(command.cwd, file)).replace(/^(?:\.\.\/)+/, '');
  const readsAll = reads?.files.includes('**') === true;
  if (name.startsWith('.env')) return readsAll && category === 'test';
  const known = PRESETS.find(({ id }) => id === preset);
  const settings = known ? [...known.configKeys, ...known.targetKeys].map((key) => key.file) : [];
  const globs = known ? [...known.configFiles, ...settings, ...manifestsOf(known.ecosystem)] : [];
  if (matchesAny(globs, name) || matchesAny(globs, inside)) return true;
  const own = files.kind === 'files' ? files.takes : files.inputs;
  const named = readsAll ? [] : (reads?.files ?? []).filter((glob) => glob !== EVERY_FILE);
  return matchesAny(named, inside) && !matchesAny(own, inside);
}

function matchesAny(globs: readonly string[], file: string): boolean {
  return globs.length > 0 && globMatcher(globs)(file);
}
