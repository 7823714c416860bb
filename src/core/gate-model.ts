/** The vocabulary of gates as types: what a check is, how it is run and read, and what detection found. Types only. */

import type {
  Access,
  CommandInput,
  Folder,
  GateId,
  Mode,
  OperationId,
  Outcome,
  Plan,
  Prediction,
  ScopeKind,
  Severity,
} from './model.js';

export const CATEGORIES = ['test', 'lint', 'types', 'format', 'security', 'build'] as const;
export type Category = (typeof CATEGORIES)[number];

/** Why Volley believes that the workspace has a gate. */
export interface Evidence {
  /** Relative to the gate's folder. */
  readonly file: string;
  /** What stands there, as a user would quote it: `"lint": "eslint src"`. */
  readonly text: string;
  /** Where it stands, when it is a place in the file. */
  readonly line?: number;
}

export type Availability =
  | { readonly kind: 'available' }
  /** The tool is not installed. `install` is what a user can type: `npm install`, `pip install mypy`. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly install: string };

/** Which parser reads a gate's output: a key of the table in gates/parsers.ts. `none`: its output is for people only. */
export type ParserId = string;

/** How a gate is limited to some files. */
export type FileArguments =
  /**
   * It always checks everything; it runs when a file in scope matches `inputs`. `beside`, absolute: directories of other packages that its
   * own depends on, in which such a file concerns it, too.
   */
  | { readonly kind: 'whole'; readonly inputs: readonly string[]; readonly beside?: readonly string[] }
  /** Files matching `takes` can follow its options, in place of `targets`. Globs are relative to the gate's `cwd`. */
  | {
      readonly kind: 'files';
      readonly takes: readonly string[];
      readonly targets: readonly string[];
      /** Put before files that are named one by one, so that the tool's own ignore rules hold for them; not before targets. */
      readonly fileOptions?: readonly string[];
      /** Without a file it looks at nothing, or waits for its standard input. */
      readonly needsFiles?: true;
    };

/** Stands for a number in an argument or a variable of `Workers.limit` and `Sharding`. */
export const WORKERS_PLACEHOLDER = '{workers}';
/** From 1, of `SHARDS_PLACEHOLDER`. */
export const SHARD_PLACEHOLDER = '{shard}';
export const SHARDS_PLACEHOLDER = '{shards}';

/** Arguments that are put into a command when it starts: before `argv[at]`. */
export interface Insertion {
  readonly args: readonly string[];
  /** Index in the gate's `command.argv`, at most its length. */
  readonly at: number;
}

/** A tool that starts workers of its own, and how it is told how many it may start. */
export interface Workers {
  /** How many it starts when it is told nothing: as many as the machine has processors, or this number. */
  readonly own: 'processors' | 'half of the processors' | number;
  /** With `WORKERS_PLACEHOLDER` inside; absent when the project's own command says how many, or when the tool cannot be told. */
  readonly limit?: Insertion & { readonly env: Readonly<Record<string, string>> };
}

/** How a tool is told which part of its work it does. */
export interface Shards extends Insertion {
  /** What each part is told besides in its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Source of a regular expression for what a part says, in its report or its output, that passed because there was nothing for it to do.
   * When all parts say so, the gate fails as it would in one piece. Absent: then it would pass.
   */
  readonly nothing?: string;
}

/** Whether a gate can be divided into parts that together check the same. */
export type Sharding =
  /** Its files can be checked apart. Only with `files.kind` `files`. `heedsGitignore`: by itself it looks at none that git ignores. */
  | { readonly kind: 'files'; readonly heedsGitignore?: true }
  /** The tool divides its work itself: `--shard={shard}/{shards}`. */
  | ({ readonly kind: 'option' } & Shards)
  /** Packages of Go: their directories can take the place of `patterns`, elements of argv such as `./...`. */
  | { readonly kind: 'packages'; readonly patterns: readonly string[] }
  /** `reason` completes "It is never split: …": `it looks for what no file uses`. */
  | { readonly kind: 'never'; readonly reason: string };

/** What decides a gate's result. While none of it changes, its last result still holds. */
export interface Reads {
  /** Globs relative to the gate's `cwd` with `/` of what it may read of the workspace folder; `**` is all of the folder. */
  readonly files: readonly string[];
  /** Absolute, native: what decides too and may lie anywhere: the program, manifests of installed packages, lock files. */
  readonly also: readonly string[];
  /** Names of variables of the environment. */
  readonly env: readonly string[];
}

/** Changes files so that a gate finds less. */
export interface Fix {
  /** As `Gate.command`: with `files.kind` `files`, argv ends before the targets. */
  readonly command: CommandInput;
  readonly files: FileArguments;
}

/** One line of a `ProblemMatcher`, after VS Code's problem patterns. Numbers are capture groups. */
export interface ProblemPattern {
  /** Source of a regular expression without flags. */
  readonly regexp: string;
  readonly kind: 'location' | 'file';
  readonly file?: number;
  /** Group that holds `line`, `line,column` or `line,column,endLine,endColumn`. */
  readonly location?: number;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  readonly severity?: number;
  readonly code?: number;
  readonly message?: number;
  /** Only in the last pattern: matches again and again as long as lines fit. */
  readonly loop?: boolean;
}

/** How a user's own gate is read, after VS Code's problem matchers. */
export interface ProblemMatcher {
  readonly source?: string;
  /** For what has no severity of its own. */
  readonly severity: Severity;
  readonly fileLocation:
    | { readonly kind: 'absolute' }
    /** Absolute, native. */
    | { readonly kind: 'relative'; readonly base: string }
    | { readonly kind: 'autoDetect'; readonly base: string }
    | { readonly kind: 'search'; readonly include: readonly string[]; readonly exclude: readonly string[] };
  readonly patterns: readonly ProblemPattern[];
}

/** Exit codes that mean passed and failed; any other means the gate errored. */
export interface ExitCodes {
  readonly passed: readonly number[];
  readonly failed: readonly number[];
  /** The tool ends as passed whatever it finds: a finding is a failure. */
  readonly findingsFail?: true;
  /** Findings of these severities alone do not make it fail, unless its options say so. */
  readonly tolerated?: readonly Severity[];
}

/** A quality check: an operation, the files it takes, and how its output becomes findings. */
export interface Gate {
  readonly id: GateId;
  /** Short, for people: `ESLint`, `mocha (packages/core)`, `npm run check:docs`. */
  readonly name: string;
  /** The tool's own name: `ESLint`, `Mocha`, `npm script`. */
  readonly tool: string;
  readonly category: Category;
  readonly folder: Folder;
  /** With `files.kind` `files`, argv ends before the targets. May contain `REPORT_PLACEHOLDER` inside an argument. */
  readonly command: CommandInput;
  readonly files: FileArguments;
  readonly access: Access;
  readonly needs: readonly GateId[];
  readonly exitCodes: ExitCodes;
  readonly parser: ParserId;
  /** How to read the output when `parser` is `problem-matcher`. */
  readonly matchers?: readonly ProblemMatcher[];
  readonly availability: Availability;
  readonly evidence: readonly Evidence[];
  readonly timeoutMs: number;
  /** Id of the row of the table of tools that it comes from. */
  readonly preset?: string;
  /** Address of the tool's documentation. */
  readonly documentation?: string;
  readonly fix?: Fix;
  /** The scopes in which it takes part; absent: all. */
  readonly scopes?: readonly ScopeKind[];
  /** Absent when the tool works in one process. */
  readonly workers?: Workers;
  /** Absent when nothing is known: it is not split. */
  readonly sharding?: Sharding;
  /** Absent when what decides its result is not known: it always runs. */
  readonly reads?: Reads;
  /** It changes files to tell what is wrong: it runs in a copy, and what it would change are its findings. */
  readonly inCopy?: CopyKind;
}

/**
 * Why a gate runs in a copy of the repository. `mends`: it mends what git tracks, and fails where that changes anything. `compares`: it makes
 * files anew and has git say whether they differ, so the copy holds all that is not ignored, as if it were committed.
 */
export type CopyKind = 'mends' | 'compares';

/** What would become of a gate, as far as it is known before anything runs. */
export type PlannedEnd = { readonly kind: 'runs' } | { readonly kind: 'ended'; readonly outcome: Outcome };

export interface PlannedGate {
  readonly gate: Gate;
  /** Its operation, or those of its parts. */
  readonly operations: readonly OperationId[];
  readonly end: PlannedEnd;
}

/** What a run of gates would do, found out without executing anything. */
export interface PlannedGates {
  readonly mode: Mode;
  readonly scope: ScopeKind;
  /** How many operations would run at once, at first. */
  readonly slots: number;
  /** Up to which number Volley would move them; absent when they are fixed. */
  readonly mostSlots?: number;
  /** In sequential order. */
  readonly gates: readonly PlannedGate[];
  /** What would be executed: without gates that have an end already. */
  readonly plan: Plan;
  /**
   * In which order operations would start. `startsMs`: when, as a projection; absent as soon as a duration is unknown. Milliseconds since the
   * start of the run.
   */
  readonly order: readonly { readonly operation: OperationId; readonly startsMs?: number }[];
  /** Absent while a duration is unknown. */
  readonly predicted?: Prediction;
}

/** Something that detection could not read. Everything else was still detected. */
export interface Warning {
  /** Absolute, native. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

export interface Detection {
  /** In sequential order: the order in which a maintainer would run them one after another. */
  readonly gates: readonly Gate[];
  readonly warnings: readonly Warning[];
}
