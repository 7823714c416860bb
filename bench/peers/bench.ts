/** What all measurements share: the runners, where they work, and how a set of jobs is made ready for each of them. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { onExit, run } from '../../scripts/processes.mjs';
import type { Installed, Present } from './install.js';
import type { Invocation, JobSet } from './job-set.js';
import { environmentOf } from './measure.js';
import { canRun, type Runner } from './runner.js';
import { killAll, MARK } from './tree.js';
import { homeOf } from './volley-runners.js';

export interface Bench {
  readonly runners: readonly Present[];
  /** How often everything is measured; some kinds take less, and say so. */
  readonly repeats: number;
  readonly seed: number;
  /** Everything temporary is in here. */
  readonly folder: string;
  /** Value of the mark that all processes of this bench carry. */
  readonly mark: string;
  /** Of the npm packages. */
  readonly modules: string;
  /** Progress, for whoever waits. */
  say(line: string): void;
}

/** A runner with a set of jobs made ready. */
export interface Participant {
  readonly runner: Runner;
  readonly invocation: Invocation;
  /** Forgets what earlier runs have left, so that the next one is the first. Of Volley only. */
  forget(): Promise<void>;
  /** Removes the folder. */
  remove(): Promise<void>;
}

/** Everything that carries its mark is killed when this process ends, in whatever way it can notice. */
export function createBench(
  installed: Installed,
  options: Pick<Bench, 'repeats' | 'seed' | 'folder' | 'say'>,
): Bench & { dispose(): void } {
  const mark = randomUUID();
  const kill = () => killAll(MARK, mark);
  const forget = onExit(kill);
  return {
    ...options,
    mark,
    runners: installed.present,
    modules: installed.modules,
    dispose() {
      kill();
      forget();
    },
  };
}

/** The set, ready for each runner that can run it as it is meant. Call `withSets` rather than this where all are done with together. */
export async function prepared(bench: Bench, runner: Runner, name: string, set: JobSet, fill: Fill = none): Promise<Participant> {
  const folder = path.join(bench.folder, `${name}-${runner.id}`);
  await mkdir(folder, { recursive: true });
  await fill(folder);
  const programs = path.join(bench.modules, '.bin');
  const invocation = await runner.prepare(set, { folder, programs, modules: bench.modules });
  // Some look for what git knows of.
  const own = ['node_modules', '.nx', '.turbo', '.wireit', 'made', 'outputs'];
  const git = (...args: string[]) => run(['git', ...args], { cwd: folder, capture: true });
  await git('init', '-q');
  await run(['sh', '-c', `printf '%s\\n' ${own.join(' ')} > .gitignore`], { cwd: folder, capture: true });
  await git('add', '-A');
  await git('-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '-q', '-m', 'jobs');
  const home = homeOf(folder);
  return {
    runner,
    invocation,
    async forget() {
      // Compiled code is no knowledge of jobs.
      const names = await readdir(home).catch(() => []);
      for (const name of names) if (name !== 'cache') await rm(path.join(home, name), { recursive: true, force: true });
    },
    async remove() {
      const tidy = runner.tidy?.(invocation);
      if (tidy) await run(tidy, { cwd: folder, capture: true, env: environmentOf(invocation, bench.mark) });
      await Promise.all([folder, home].map((place) => rm(place, { recursive: true, force: true, maxRetries: 5 })));
    },
  };
}

/** Puts files of jobs into a folder. */
export type Fill = (folder: string) => Promise<void>;
const none: Fill = async () => {};

/** Prepares the set for all runners that can run it, or for those named, calls `use` and removes everything. */
export async function withSets<Result>(
  bench: Bench,
  {
    name,
    set,
    fill,
    only = () => true,
  }: { readonly name: string; readonly set: JobSet; readonly fill?: Fill; only?(runner: Runner): boolean },
  use: (participants: readonly Participant[]) => Promise<Result>,
): Promise<Result> {
  const participants: Participant[] = [];
  try {
    for (const { runner } of bench.runners)
      if (canRun(runner, set) && only(runner)) participants.push(await prepared(bench, runner, name, set, fill));
    return await use(participants);
  } finally {
    for (const participant of participants) await participant.remove();
  }
}
