/** What the files of a repository say about commands that are run on it. Types only. */

/** What the condition of a step compares: `matrix.os == 'windows-latest'`. */
export interface Comparison {
  readonly of: string;
  readonly value: string;
  readonly equal: boolean;
}

/** Patterns by which a hook of pre-commit is told its files, of its own and of the whole file. */
export interface HookLimits {
  readonly files: readonly string[];
  readonly exclude: readonly string[];
}

/** A command that a file of the repository says is run. Nothing of it was executed. */
export interface Mention {
  /** The file it stands in, relative to the package's folder with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  /** What stands there, as a user would quote it: `run: npx eslint .`. */
  readonly text: string;
  /** A line in shell grammar, or program and arguments where the file says them one by one. */
  readonly command:
    | { readonly kind: 'shell'; readonly text: string }
    | { readonly kind: 'argv'; readonly argv: readonly string[] };
  /** Where it runs, relative to the package's folder with `/`; empty for the folder itself. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /**
   * `task`: a user can run it by name (make, just, task, tox, nox, composer, an editor's task). `hook`: git runs it over changed files.
   * `workflow`: a CI service runs it; which checks count, and with which arguments.
   */
  readonly role: 'task' | 'hook' | 'workflow';
  /** Of the task, hook or job it belongs to: `lint`. Mentions of one task have one name, in the order in which they run. */
  readonly name: string;
  /** Runs the whole task: `{ program: 'make', args: ['lint'] }`. Absent for hooks and workflows. */
  readonly runner?: { readonly program: string; readonly args: readonly string[] };
  /** The step of CI or the hook that it stands in, where such a step is there to find something out: none that decides what others do. */
  readonly step?: {
    readonly name?: string;
    readonly line: number;
    readonly conditional?: true;
    /** The comparison that is its whole condition. */
    readonly compared?: Comparison;
  };
  /** When the runner of a task runs it though it is not told its name: by habit, or as one with some tag. */
  readonly chosen?: { readonly habit: boolean; readonly tags: readonly string[] };
  /** The hook of pre-commit by which it is told the files that it is for; it may do nothing without. */
  readonly hook?: { readonly program: string; readonly id: string };
  /** What the hook of pre-commit looks at, as pre-commit tells it; and whether it mends what it finds. */
  readonly aimed?: { readonly program: string; readonly id: string; readonly limits: HookLimits; readonly mends: boolean };
  /**
   * The hook of pre-commit that it is, which counts as a whole where all hooks are run and nothing else is known of it. `service`: one that
   * needs no file of its own runs it for each change. `left`: that leaves it out. `counts`: it was found that all hooks are run.
   */
  readonly wholeHook?: {
    readonly program: string;
    readonly id: string;
    readonly service?: true;
    readonly left?: true;
    readonly counts?: true;
  };
  /** Words of it that are files of the repository, as they stand there. */
  readonly files?: readonly string[];
  /** Words of it that name programs in folders of the repository in which they are no more. */
  readonly gone?: readonly string[];
  /** Switches of the project that a step of CI sets for itself; a script that a user runs by name does without. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The root of a workspace only hands it on to the package in which it runs. */
  readonly handedOn?: true;
  /** Its workflow runs for changes that are proposed, so that it checks, whatever else it is for. */
  readonly reviewed?: true;
  /** Its workflow runs for changes that were taken in, if not for those that are proposed. */
  readonly pushed?: true;
  /** It makes something that it keeps for itself: to see that it can be made. */
  readonly tried?: true;
  /** Its workflow runs at some hour, for no change. */
  readonly scheduled?: true;
  /**
   * It is a whole step of CI that fails where it finds something, though no program in it is known to check: one that only looks at files, or
   * one that makes some anew to compare them.
   */
  readonly inline?: 'looks' | 'makes';
  /** Lines of the steps before it that make what it compares. */
  readonly makers?: readonly number[];
  /** A generator wrote it for whoever wants it: somebody has to call it before it counts. */
  readonly offered?: true;
  /** It is given a secret of the service, so that it may talk to others. */
  readonly secret?: true;
  /** Its job is given a database or the like by the service: what it is told is where to find that. */
  readonly served?: true;
  /** The line of a workflow, hook or task that leads here. */
  readonly via?: Mention;
  /** It runs once for each of what only the runner of the task knows: folders, files, programs. */
  readonly manyPlaces?: true;
  /** It stands in a shell script, other lines of which may prepare what it needs. */
  readonly inShellScript?: true;
  /** Where the repository lies, seen from where it runs, with `/`: it may change into that folder. Absent where it runs inside. */
  readonly checkout?: string;
  /** The folder of a composite action of the repository that runs here, relative to the package's folder with `/`. */
  readonly action?: string;
  /** What that action is told, by `inputs.name`. */
  readonly given?: Readonly<Record<string, string>>;
  /** The name of a workflow or an action of another repository that is run here, and of which nothing more is known. */
  readonly borrowed?: string;
  /** It only looks at whether what ran before it has changed anything. */
  readonly compares?: true;
  /** The task's file lists others that run before it: names of tasks of the same file. */
  readonly needs?: readonly string[];
}
