/** What runners are asked to run: a set of jobs, the same for all of them, and what a runner makes of it. */

export interface Job {
  /** Letters and digits; the runner's name for it. */
  readonly id: string;
  /** Program and arguments, relative to the folder of the set. Plain words, so that nobody has to quote: a shell reads them as they are. */
  readonly argv: readonly string[];
  /** Jobs that have to end before. */
  readonly needs?: readonly string[];
  /** A file that decides the result, and one that the job makes, relative to the folder. Only in sets that are cached. */
  readonly input?: string;
  readonly output?: string;
}

export interface JobSet {
  /** In the order in which they are listed. Needs point backwards. */
  readonly jobs: readonly Job[];
  /** How many run at once. */
  readonly slots: number;
  /** What has not changed since its last run need not run again. */
  readonly cached?: boolean;
  /** Each job's output in one piece, where the runner has an option for it. */
  readonly grouped?: boolean;
}

/** A command line that runs a set. */
export interface Invocation {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

const PLAIN = /^[\w./=+-]+$/;

/** The line of a job for a shell. Throws when a word is not plain. */
export function lineOf({ id, argv }: Job): string {
  const odd = argv.find((word) => !PLAIN.test(word));
  if (odd !== undefined) throw new Error(`The job ${id} has a word that a shell would not read as it is: ${odd}`);
  return argv.join(' ');
}

/** The first jobs of which nothing else is known than their number: `true`, each under a name of its own. */
export function trivialJobs(count: number): readonly Job[] {
  return Array.from({ length: count }, (_, index) => ({ id: `j${index}`, argv: ['true'] }));
}

/** Sleeping jobs by their seconds, in this order. */
export function sleepingJobs(seconds: readonly number[]): readonly Job[] {
  return seconds.map((each, index) => ({ id: `j${index}`, argv: ['sleep', String(each)] }));
}

/**
 * Seconds below which no schedule of sleeping jobs ends: the longest path, or the sum shared by all slots. (Graham, 1969: both are
 * lower bounds of the makespan; the greater one is used.)
 */
export function lowerBound({ jobs, slots }: JobSet): number {
  const ends = new Map<string, number>();
  let sum = 0;
  for (const { id, argv, needs = [] } of jobs) {
    const seconds = Number(argv[1]);
    sum += seconds;
    ends.set(id, seconds + Math.max(0, ...needs.map((need) => ends.get(need) ?? 0)));
  }
  return Math.max(sum / slots, ...ends.values());
}
