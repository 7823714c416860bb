/** What a source comes to: operations in the order in which they run one after another now, and all that was left out. Pure types. */
import type { ToolName } from '../model.js';

export const SOURCE_KINDS = ['package script', 'makefile', 'workflow', 'editor tasks', 'commands', 'transcript'] as const;
/** What operations are read from. */
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** A place in a source; lines from 1. */
export interface SourcePlace {
  /** Relative to the workspace folder with `/`, or what people call it: `the selection`. */
  readonly file: string;
  readonly line?: number;
}

/** One operation as it runs now. */
export interface SequentialOperation extends SourcePlace {
  /** A few words from which its id is made: `eslint src`, `lint`. */
  readonly name: string;
  readonly tool: ToolName;
  /** As it stands in a batch, but that nothing in it is a reference. */
  readonly input: Readonly<Record<string, unknown>>;
  /** As it stands in the source. */
  readonly text: string;
  /** Which operations before it have to pass, or else it would not run now: indices in the sequence. */
  readonly requires: readonly number[];
  /** What follows runs also when it does not pass. */
  readonly onFailure?: 'continue';
  /** How long it took, as the source says, in milliseconds. */
  readonly durationMs?: number;
  /** Operations with the same name here start together already. */
  readonly together?: string;
  /** It did not pass when the source was recorded. */
  readonly failed?: true;
}

/** Something of the source that is no operation of the batch. `because` completes "It was left out, because …". */
export interface NotTaken extends SourcePlace {
  readonly what: string;
  readonly because: string;
}

/** Something of the source that could not be read; `message` is a sentence with its remedy. */
export interface SourceProblem extends SourcePlace {
  readonly message: string;
}

export interface Sequence {
  readonly operations: readonly SequentialOperation[];
  readonly notTaken: readonly NotTaken[];
  readonly problems: readonly SourceProblem[];
  /** Sentences about what the batch does not keep of the source. */
  readonly notes: readonly string[];
}

/** One of several things in a source that can be analysed. */
export interface SourceChoice {
  readonly name: string;
  /** In a line: what it runs. */
  readonly summary: string;
}

/** A source as its reader is given it. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** The directory of the workspace folder where its commands start, with `/`; empty for the folder itself. */
  readonly cwd: string;
  /** Scripts of the package.json in a directory of the workspace folder. */
  readonly scriptsIn: (cwd: string) => ReadonlyMap<string, string>;
  /** Whether a program is one that packages bring where it is called, so that only `npx` finds it. */
  readonly isLocal: (program: string, cwd: string) => boolean;
  /** What it includes, by the names under which it does; files of the workspace. */
  readonly included?: ReadonlyMap<string, string>;
  /** Of the workspace. Absolute, with `/`. */
  readonly folder: string;
}

/** More operations than this are not analysed at once. */
export const MOST_ANALYSED = 1000;

/** Collects operations while they are found; knows what each is called in `requires`. */
export class SequenceBuilder {
  readonly operations: SequentialOperation[] = [];
  readonly notTaken: NotTaken[] = [];
  readonly problems: SourceProblem[] = [];
  readonly notes = new Set<string>();

  /** There are too many already: whoever looks for more may stop. Scripts that double from level to level would have no end. */
  get isFull(): boolean {
    return this.operations.length >= MOST_ANALYSED;
  }

  /** Adds one; answers its index, or nothing when there are too many already. */
  add(operation: SequentialOperation): readonly number[] {
    if (this.isFull) {
      this.notes.add(`There are more than ${MOST_ANALYSED} operations: the analysis is about the first ${MOST_ANALYSED}.`);
      return [];
    }
    this.operations.push(operation);
    return [this.operations.length - 1];
  }

  result(): Sequence {
    return {
      operations: withoutLoners(this.operations),
      notTaken: this.notTaken,
      problems: bounded(this.problems),
      notes: [...this.notes],
    };
  }
}

/** The first problems, and how many more there are. */
function bounded(problems: readonly SourceProblem[]): readonly SourceProblem[] {
  const [first] = problems;
  if (!first || problems.length <= MOST_PROBLEMS) return problems;
  const rest = problems.length - MOST_PROBLEMS;
  const more = {
    file: first.file,
    message: `${rest} more ${rest === 1 ? 'place' : 'places'} of ${first.file} could not be read, and were left out, too.`,
  };
  return [...problems.slice(0, MOST_PROBLEMS), more];
}

/** So many problems of a source are told one by one. */
const MOST_PROBLEMS = 20;

/** What would start together with others starts alone when these were left out. */
export function withoutLoners(operations: readonly SequentialOperation[]): readonly SequentialOperation[] {
  const sizes = new Map<string, number>();
  for (const { together } of operations) if (together !== undefined) sizes.set(together, (sizes.get(together) ?? 0) + 1);
  return operations.map((operation) => {
    const { together, ...alone } = operation;
    return together !== undefined && (sizes.get(together) ?? 0) < 2 ? alone : operation;
  });
}
