/** A runner: how it is installed, what it can do, and how it is told of a set of jobs. */
import type { Invocation, JobSet } from './job-set.js';

/** Where a runner comes from. Versions of packages are exact, so that a result can be repeated. */
export type Source =
  | { readonly kind: 'built' }
  | { readonly kind: 'npm'; readonly packageName: string; readonly version: string }
  | { readonly kind: 'debian'; readonly packageName: string; readonly program: string; readonly versionOption: string };

export interface Places {
  /** The folder of the set; empty before, and removed after. */
  readonly folder: string;
  /** Where programs of npm packages are: a `node_modules/.bin`. */
  readonly programs: string;
  /** The `node_modules` around it. */
  readonly modules: string;
}

export interface Runner {
  readonly id: string;
  /** As tables have it. */
  readonly name: string;
  readonly source: Source;
  /** What it is asked to do with options that are not its defaults, or where it works in another way than the others. */
  readonly note?: string;
  /** Lets a job wait for another. */
  readonly orders: boolean;
  /** Spares what has not changed. */
  readonly caches: boolean;
  /** Limits how many run at once. */
  readonly limits: boolean;
  /** Writes its files into the folder, and says how it is started. The set asks for nothing that the runner cannot do. */
  prepare(set: JobSet, places: Places): Promise<Invocation>;
  /** Ends what it keeps running between calls. */
  tidy?(invocation: Invocation): readonly string[];
}

/** Whether a runner can run the set as it is meant. */
export function canRun({ orders, caches, limits }: Runner, { jobs, cached = false, slots }: JobSet): boolean {
  const ordered = jobs.some(({ needs = [] }) => needs.length > 0);
  return (orders || !ordered) && (caches || !cached) && (limits || slots >= jobs.length || jobs.every(isTrivial));
}

function isTrivial({ argv }: JobSet['jobs'][number]): boolean {
  return argv[0] === 'true';
}
