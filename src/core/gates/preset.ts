/** What Volley has to know of a tool to run it as a gate. */
import type { Category, CopyKind, ExitCodes, ParserId } from '../gate-model.js';

/**
 * Where a tool's program lives. `node`: node_modules/.bin. `python`: .venv, venv or PATH, or a module of theirs. `ruby`: bin/, or
 * through bundler. `php`: vendor/bin. `jvm`: a wrapper in the project, or PATH. All others: PATH, and where the language's own
 * installer puts programs.
 */
export type Ecosystem = 'node' | 'python' | 'rust' | 'go' | 'ruby' | 'php' | 'dotnet' | 'jvm' | 'system';

/** A key in a configuration file that several tools share. For .cfg and .ini the key is [section] or [section, option]. */
export interface ConfigKey {
  readonly file: string;
  readonly key: readonly string[];
}

/** Everything Volley knows about one tool. */
export interface Preset {
  /** Stable, kebab-case; the start of the gate's id: `eslint`. */
  readonly id: string;
  /** The tool's own name: `ESLint`. */
  readonly tool: string;
  readonly category: Category;
  readonly ecosystem: Ecosystem;
  /** Address of its documentation. */
  readonly documentation: string;
  /** What a script calls: `eslint`; for python also the module after `python -m`. The first one is preferred. */
  readonly programs: readonly string[];
  /** Whether a call of its program with these arguments is this tool: `ruff check`, not `ruff format`. */
  isCalledBy(args: readonly string[]): boolean;
  /** Packages whose listing as a dependency speaks for the tool. */
  readonly packages: readonly string[];
  /** Globs, relative to the package's folder, of its own configuration files. */
  readonly configFiles: readonly string[];
  readonly configKeys: readonly ConfigKey[];
  /** Globs of files that may configure it, too, and do not speak for it: `vite.config.ts`. */
  readonly configuredIn?: readonly string[];
  /** What is enough to make a gate where no command of the project (script, hook, workflow) calls the tool. */
  readonly detectedBy: 'configuration' | 'dependency or configuration' | 'command only';
  /** Whether a call with these arguments checks: not a watcher, a fixer, a server, `--init`, `--version`. */
  isCheck(args: readonly string[]): boolean;
  /** Whether a call with these arguments changes the files so that the check finds less: `--fix`, `--write`. */
  isFix(args: readonly string[]): boolean;
  /** First arguments that are the tool's own commands, not targets: `check` of `biome check src`. They count as options. */
  readonly subcommands: readonly string[];
  /** Options for a gate that no command describes, without those that make the output machine-readable. */
  readonly defaultOptions: readonly string[];
  /** Targets for a gate that no command describes, or whose command names none and the tool needs one. */
  readonly defaultTargets: readonly string[];
  /** Settings that name the tool's targets. Where one of them is set, the default targets are left out. */
  readonly targetKeys: readonly ConfigKey[];
  /** As `targetKeys`, looked for in the texts of its own configuration files, in whatever language these are. */
  readonly targetText?: RegExp;
  /**
   * Options of the tool that take the next argument as their value, unless that starts with a dash; all other arguments
   * without a dash are targets.
   */
  readonly valueOptions: readonly string[];
  /**
   * For a tool that has more options than anybody would list, or plugins that add some: those with two dashes that stand alone. All
   * others take a value.
   */
  readonly flagOptions?: readonly string[];
  /** Removes what would spoil reading (another reporter, colours) and adds what makes the output machine-readable. */
  machineReadable(options: readonly string[]): readonly string[];
  /** Environment that makes the output machine-readable. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The options of the call that mends, from those of the check as the project wrote them; targets follow. Absent: the tool mends
   * nothing.
   */
  readonly fix?: (options: readonly string[]) => readonly string[];
  /** By configuration files whose names are not the tool's alone: what has to stand in them. */
  readonly configText?: Readonly<Record<string, RegExp>>;
  /** For a tool that looks at what a build makes: whether a call of a program, as a line, makes what it is called for. */
  readonly isMadeBy?: (args: readonly string[], call: string) => boolean;
  /** It finds the files that a glob means by itself, without a shell. */
  readonly expandsGlobs?: true;
  /** Globs of files that it takes as arguments; empty: it cannot be limited to files. */
  readonly takes: readonly string[];
  /** Without a file it looks at nothing, or waits for its standard input: where no target is known, it is given all that it takes. */
  readonly needsFiles?: true;
  /** Added in front of files that are named one by one, so that the tool's own ignore rules still hold. */
  readonly fileOptions: readonly string[];
  /** As `fileOptions`, from the options of the project and what stands under keys of its configuration. */
  readonly fileOptionsOf?: (
    options: readonly string[],
    setting: (file: string, key: readonly string[]) => unknown,
  ) => readonly string[];
  /** What it passes over while it looks for files by itself, but not when it is named. */
  readonly passesOver?: PassesOver;
  /** The endings that it looks for, as globs, where the options of a project say them and its entries tell that they are all. */
  readonly takesOf?: (options: readonly string[], entries: readonly string[]) => readonly string[] | undefined;
  /** Globs of files on which a gate that cannot be limited to files depends. */
  readonly inputs: readonly string[];
  /**
   * Globs of everything in its folder that can decide its result, its configuration included; `**` where it can be anything. A cached
   * result holds until one of these files changes, so one glob too few is a defect.
   */
  readonly reads: readonly string[];
  /** How many workers it starts by itself; absent: it works in one process. */
  readonly workers?: PresetWorkers;
  /** Why its work can or cannot be divided. `reason` completes "It is never split: …". */
  readonly sharding: /** `heedsGitignore`: it passes over what git ignores, but not when that is named. */
    | { readonly kind: 'files'; readonly heedsGitignore?: true }
    | ({ readonly kind: 'option' } & PresetShards)
    /** `beside`: options that mean the same for some packages as for all; with others it is never divided. */
    | { readonly kind: 'packages'; readonly beside: readonly string[] }
    | { readonly kind: 'never'; readonly reason: string };
  readonly exitCodes: ExitCodes;
  /** The option by which a project says with what exit code it ends when it found something. */
  readonly exitCodeOption?: string;
  readonly parser: ParserId;
  /** Directories or files relative to the package's folder that two runs of the tool would fight over: caches, coverage, build info. */
  readonly caches: readonly string[];
  /** How a project asks it for coverage, which belongs to the whole run: it is not divided then, and nothing else writes that meanwhile. */
  readonly coverage?: PresetCoverage;
  /** It looks at what git tracks, which no content of a file tells: it always runs. */
  readonly asksGit?: true;
  /** It changes files to tell what is wrong: its check runs in a copy of the repository. */
  readonly inCopy?: CopyKind;
  /** What a user types to install it: `npm install --save-dev eslint`. */
  readonly install: string;
  /** What its parser was tested on: output of the real tool, or output quoted from its documentation. */
  readonly testedOn: 'real tool' | 'documentation';
}

export interface PresetCoverage {
  /** What stands in its command or in its configuration when a project asks for it. */
  readonly said: readonly RegExp[];
  /** What takes that back in its command. */
  readonly unsaid?: RegExp;
  /** Options that name another directory than `coverage`. Absent: it writes no files. */
  readonly directories?: readonly string[];
}

export interface PassesOver {
  /** What starts with a dot, unless a target says otherwise. */
  readonly hidden?: true;
  /** Options that say names or globs, with commas between them. */
  readonly options?: readonly string[];
  /** Where names or globs stand in its configuration. */
  readonly keys?: readonly ConfigKey[];
}

export interface PresetShards {
  /** With the placeholders of a part in them. */
  readonly args: readonly string[];
  /** What each part is told besides in its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What a part says that found nothing to do, in its report or its output, though it passes. */
  readonly nothing?: RegExp;
  /** That the project lets the tool pass without any test, in its command or its configuration. */
  readonly nothingPasses?: RegExp;
  /** When the tool is never divided: what then stands in its command, in its configuration, or as its version. */
  readonly unless: readonly {
    readonly said?: RegExp;
    readonly version?: RegExp;
    /** Completes "It is never split: …". */
    readonly reason: string;
  }[];
}

/**
 * Among `reads`: every file of the folder, of what git ignores only where no list of that stands among them. Of a tool that takes more kinds of
 * files than can be named; `**` is also what lies around the folder.
 */
export const EVERY_FILE = '**/*';

export interface PresetWorkers {
  /** How many it starts when it is told nothing. */
  readonly own: 'processors' | 'half of the processors' | number;
  /** With `WORKERS_PLACEHOLDER` in place of the number; put after the subcommand. Empty: told by `env`, or it cannot be told. */
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Options by which a project says itself how many; then it is not told. */
  readonly saidBy: readonly string[];
  /** What stands in its configuration when a project says there how many; then it is not told either, since the number could be larger. */
  readonly configured?: RegExp;
  /** Versions, as they are installed or a project asks for them, that do not know the option: they are not told. */
  readonly unknownTo?: RegExp;
  /** For a tool that starts workers only when a project asks for it: what of its options does, on its command line or under these keys. */
  readonly asked?: { readonly by: RegExp; readonly keys: readonly ConfigKey[] };
}

/** How tools are told that share the processors out with Rust's library Rayon. */
export const RAYON: Readonly<Record<string, string>> = { RAYON_NUM_THREADS: '{workers}' };

/** How programs are told that are written in Go. */
export const GO_PROCESSORS: Readonly<Record<string, string>> = { GOMAXPROCS: '{workers}' };

/** 126 and 127 are a shell's words for what could not be started, higher ones for signals. */
export const EVERY_FAILURE: readonly number[] = Array.from({ length: 125 }, (_, index) => index + 1);

type Optional =
  | 'isCalledBy'
  | 'isFix'
  | 'packages'
  | 'configFiles'
  | 'configKeys'
  | 'subcommands'
  | 'defaultOptions'
  | 'defaultTargets'
  | 'targetKeys'
  | 'valueOptions'
  | 'machineReadable'
  | 'env'
  | 'takes'
  | 'fileOptions'
  | 'inputs'
  | 'reads'
  | 'sharding'
  | 'exitCodes'
  | 'caches'
  | 'testedOn';

/** A row of the table. What it leaves out has the cautious value: it reads everything, and is neither limited to files nor split. */
export function definePreset(row: Omit<Preset, Optional> & Partial<Pick<Preset, Optional>>): Preset {
  return {
    isCalledBy: () => true,
    isFix: () => false,
    packages: [],
    configFiles: [],
    configKeys: [],
    subcommands: [],
    defaultOptions: [],
    defaultTargets: [],
    targetKeys: [],
    valueOptions: [],
    machineReadable: (options) => options,
    env: {},
    takes: [],
    fileOptions: [],
    inputs: [],
    reads: ['**'],
    sharding: { kind: 'never', reason: 'nothing says that its parts would find the same' },
    exitCodes: { passed: [0], failed: [1] },
    caches: [],
    testedOn: 'real tool',
    ...row,
  };
}
