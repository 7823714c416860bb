/** What gates find where the branch left the default branch: run there once for each commit, in a temporary worktree. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { openFingerprints } from './fingerprint.js';
import { changedDependencies, environmentsOf, installedState } from './gate-dependencies.js';
import type { Gate } from './gate-model.js';
import { type HostEnvironment, type RunThere, relocated } from './gate-relocated.js';
import type { EngineContext } from './gate-run.js';
import type { Ran } from './gates/operation.js';
import { installedGit, mergeBase, NO_DEFAULT_BRANCH, renamedSince, withoutRepository } from './git.js';
import type { Finding, Folder, GateId } from './model.js';
import { argumentsOf } from './scope.js';
import { type Apart, type Before, type Mark, marksOf, setApart, type TextOf } from './set-apart.js';
import { isDirectory, openWorktree, removeStale, type Worktree } from './worktree.js';

export type SetApart =
  | { readonly kind: 'apart'; readonly apart: Apart; readonly ms: number }
  /** Why it is not known what was there before. */
  | { readonly kind: 'unknown'; readonly detail: string; readonly ms: number }
  | { readonly kind: 'interrupted'; readonly ms: number };

export interface Baseline {
  /** A sentence for the user when the folder has no commit to compare with that could be found. */
  problem(folder: Folder): Promise<string | undefined>;
  /** As `setApart`, if what it takes is known from an earlier run. */
  remembered(gate: Gate, now: Ended): Promise<Apart | undefined>;
  setApart(gate: Gate, now: Ended, run: RunThere): Promise<SetApart>;
  /** Removes all worktrees; nothing may run in them any more. Never rejects. */
  close(): Promise<void>;
}

/** `Before`, as it is kept. */
export interface CachedBase extends Before {
  /** ISO 8601. */
  readonly at: string;
  /** How long it took to find out. */
  readonly ms: number;
}

/** A gate that passed or failed. */
export interface Ended {
  readonly was: 'passed' | 'failed';
  readonly findings: readonly Finding[];
}

/** Larger files are recognised by nothing around their findings. */
const TEXT_LIMIT_BYTES = 5_000_000;
const NOTHING_BEFORE: Before = { was: 'failed', marks: [] };

export interface BaselineOptions {
  /** All of the run, since one may need another. */
  readonly gates: readonly Gate[];
  /** Whether what was found at a commit before is believed. */
  readonly cache: boolean;
  /** Stops git. */
  readonly signal: AbortSignal;
}

/** Finds nothing out before it is asked. */
export function openBaseline(context: EngineContext, { gates, cache, signal }: BaselineOptions): Baseline {
  const { host, bases } = context;
  const git = installedGit(signal, host.env);
  const elsewhere = { ...withoutRepository(host.env), GIT_LFS_SKIP_SMUDGE: '1' };
  const cleanUp = installedGit(undefined, elsewhere);
  const storage = path.join(host.storage, 'worktrees');
  const places = keptBy((folder: Folder) => placeOf(folder));
  const dependencies = keptBy((folder: Folder) => dependenciesOf(folder));
  const worktrees = keptBy((folder: Folder) => worktreeOf(folder));
  const look = openFingerprints({ storage: path.join(host.storage, 'cache'), env: host.env, caches: [], log: host.log });
  const running = new Map<GateId, Promise<Before | Exclude<SetApart, { kind: 'apart' }>>>();

  const placeOf = async (folder: Folder) => {
    const base = await mergeBase(folder, git);
    if (base.kind !== 'commit') return base;
    const renamed = await renamedSince(base.commit, folder, git);
    const absolute = (name: string) => path.resolve(folder.path, name);
    return { ...base, renamed: new Map([...renamed].map(([from, to]) => [absolute(from), absolute(to)])) };
  };
  const dependenciesOf = async (folder: Folder): Promise<readonly string[]> => {
    const place = await places.of(folder);
    return place.kind === 'commit' ? changedDependencies(place.commit, folder, git) : [];
  };
  const worktreeOf = async (folder: Folder): Promise<Worktree | undefined> => {
    const place = await places.of(folder);
    if (place.kind !== 'commit') return undefined;
    const environments = environmentsOf(gates, host.env);
    const { commit } = place;
    return openWorktree({ folder, commit, storage, git: installedGit(signal, elsewhere), cleanUp, environments, log: host.log });
  };
  const keyOf = async (gate: Gate): Promise<string | undefined> => {
    const place = await places.of(gate.folder);
    // What a tool finds may also depend on what a server knows by now; nothing can be told of what a project runs by itself.
    const isKept = gate.reads !== undefined || gate.preset === undefined;
    if (place.kind !== 'commit' || !isKept) return undefined;
    const tool = await look.ofTool(gate, [gate.command]);
    return tool && JSON.stringify([KEPT_AS, place.commit, tool, await installedState(gate)]);
  };
  const kept = async (gate: Gate): Promise<Before | undefined> => {
    const place = await places.of(gate.folder);
    if (place.kind === 'no commit') return NOTHING_BEFORE;
    if (!cache) return undefined;
    const key = await keyOf(gate);
    return key === undefined ? undefined : await bases.get(gate, key);
  };
  const builds = new Map<GateId, Promise<Ran>>();
  /** Runs what the gate needs there, each once; undefined when all of it passed. */
  const unmet = async (gate: Gate, worktree: Worktree, run: RunThere): Promise<'interrupted' | 'failed' | undefined> => {
    for (const need of gates.filter(({ id }) => gate.needs.includes(id))) {
      const before = await unmet(need, worktree, run);
      if (before) return before;
      const going = builds.get(need.id) ?? runThere(need, worktree, run, host.env);
      builds.set(need.id, going);
      const { interrupted, judgement } = await going;
      if (interrupted) builds.delete(need.id);
      if (interrupted) return 'interrupted';
      if (judgement.outcome.kind !== 'passed') return 'failed';
    }
    return undefined;
  };
  const find = async (gate: Gate, run: RunThere): Promise<Before | Exclude<SetApart, { kind: 'apart' }>> => {
    const known = await kept(gate);
    if (known) return known;
    const started = host.now();
    const ms = () => host.now() - started;
    if (gate.inCopy) return { kind: 'unknown', detail: 'it changes files, so it is not run there', ms: 0 };
    const [changed] = READS_PACKAGES.has(gate.category) ? await dependencies.of(gate.folder) : [];
    if (changed !== undefined) return { kind: 'unknown', detail: OTHER_DEPENDENCIES(changed), ms: 0 };
    const worktree = await worktrees.of(gate.folder);
    if (!worktree)
      return signal.aborted
        ? { kind: 'interrupted', ms: ms() }
        : { kind: 'unknown', detail: 'git could not check that commit out', ms: ms() };
    // Where it would run was not there.
    if (!(await isDirectory(worktree.into(gate.command.cwd)))) return NOTHING_BEFORE;
    const missing = await unmet(gate, worktree, run);
    if (missing === 'interrupted') return { kind: 'interrupted', ms: ms() };
    if (missing) return { kind: 'unknown', detail: 'what it needs could not be built there', ms: ms() };
    const ran = await runThere(gate, worktree, run, host.env);
    if (ran.interrupted) return { kind: 'interrupted', ms: ms() };
    const { outcome, findings } = ran.judgement;
    if (outcome.kind !== 'passed' && outcome.kind !== 'failed') {
      return { kind: 'unknown', detail: 'it could not do its work there', ms: ms() };
    }
    const marks = marksOf(findings, await textsOf(findings), gate).map((mark) => brought(mark, worktree));
    const before: CachedBase = { was: outcome.kind, marks, at: host.date().toISOString(), ms: ms() };
    const key = await keyOf(gate);
    if (key !== undefined) await bases.put(gate, { before: key, after: key }, before);
    return before;
  };
  const apart = async (gate: Gate, now: Ended, marks: readonly Mark[], before: Before): Promise<Apart> => {
    const place = await places.of(gate.folder);
    return setApart(gate, { ...now, marks }, before, place.kind === 'commit' ? place.renamed : new Map());
  };
  const setNewApart = async (gate: Gate, now: Ended, run: RunThere): Promise<SetApart> => {
    const started = host.now();
    const ms = () => host.now() - started;
    if (now.findings.length === 0) return { kind: 'apart', apart: await apart(gate, now, [], NOTHING_BEFORE), ms: 0 };
    // Before anything takes time: the text may change meanwhile.
    const marks = marksOf(now.findings, await textsOf(now.findings), gate);
    // Parts of a gate ask for the same.
    const going = running.get(gate.id);
    const asked = going ?? find(gate, run);
    running.set(gate.id, asked);
    const before = await asked;
    if (!('kind' in before)) return { kind: 'apart', apart: await apart(gate, now, marks, before), ms: ms() };
    if (before.kind === 'interrupted' && running.get(gate.id) === asked) running.delete(gate.id);
    // Another part was stopped, not this one.
    const another = before.kind === 'interrupted' && going !== undefined && !signal.aborted;
    return another ? setNewApart(gate, now, run) : { ...before, ms: ms() };
  };
  return {
    async problem(folder) {
      const place = await places.of(folder);
      if (place.kind === 'no git') return NO_GIT(folder);
      return place.kind === 'unknown' ? NO_DEFAULT_BRANCH : undefined;
    },
    async remembered(gate, now) {
      const before = now.findings.length === 0 ? NOTHING_BEFORE : await kept(gate);
      return before && apart(gate, now, marksOf(now.findings, await textsOf(now.findings), gate), before);
    },
    setApart: setNewApart,
    async close() {
      for (const worktree of await Promise.all(worktrees.all())) await worktree?.close();
      await removeStale(storage, cleanUp);
      await look.close();
    },
  };
}

/** Raised when what is kept of a base is made in another way. */
const KEPT_AS = 3;

/** What they find depends on what is installed, and that is what the workspace has now. */
const READS_PACKAGES = new Set<Gate['category']>(['types', 'test', 'build']);

function OTHER_DEPENDENCIES(file: string): string {
  return `${file} has changed since, so what is installed is not what it had there`;
}

function NO_GIT(folder: Folder): string {
  return `New findings only compares with git, and git could not tell anything: ${folder.path} may not be in a git repository, or git is not installed. Run without it.`;
}

/** One promise for each folder. */
function keptBy<Value>(make: (folder: Folder) => Promise<Value>) {
  const known = new Map<string, Promise<Value>>();
  return {
    of(folder: Folder): Promise<Value> {
      const value = known.get(folder.path) ?? make(folder);
      known.set(folder.path, value);
      return value;
    },
    all: () => [...known.values()],
  };
}

async function runThere(gate: Gate, worktree: Worktree, run: RunThere, env: HostEnvironment): Promise<Ran> {
  const there = await relocated(gate, worktree, env);
  const scoped = await argumentsOf(there, { kind: 'all' });
  const argvs = scoped.kind === 'run' ? scoped.argv : [there.command.argv];
  return run(
    there,
    argvs.map((argv) => ({ ...there.command, argv })),
  );
}

/** The mark with the paths of the workspace. */
function brought(mark: Mark, { back }: Worktree): Mark {
  return { ...mark, file: back(mark.file), message: back(mark.message) };
}

/** The texts of all files with findings, read once. */
async function textsOf(findings: readonly Finding[]): Promise<TextOf> {
  const texts = new Map<string, readonly string[]>();
  for (const file of new Set(findings.map((finding) => finding.file))) {
    const stats = await stat(file).catch(() => undefined);
    if (!stats?.isFile() || stats.size > TEXT_LIMIT_BYTES) continue;
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) texts.set(file, text.split(/\r\n|\n|\r/));
  }
  return (file) => texts.get(file);
}
