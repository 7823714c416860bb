/** What scripts are taken apart into, and what is the same for all of a text. Pure. */
import type { Ecosystem, Preset } from './preset.js';
import { type ToolTable, toolTable } from './script-lookup.js';
import type { JobStep } from './script-of-job.js';
import type { Task } from './script-tasks.js';

/** A call of a program in a script. */
export interface Call {
  readonly program: string;
  /** It is called as `python -m program`. */
  readonly asModule: boolean;
  readonly args: readonly string[];
  /** What assignments before it and cross-env set. */
  readonly env: Readonly<Record<string, string>>;
  /** What Volley knows of the program; a build may be by an unknown one. */
  readonly preset?: Preset;
  /** Some of its arguments are only known while it runs, and were left out. */
  readonly vague?: true;
  /** Of `vague`: what is not known are values of options alone. */
  readonly valuesOnly?: true;
  /** Nobody knows what it does. None is left where a script was taken apart. */
  readonly unknown?: true;
}

/** A call that mends what the preset's check finds. */
export interface FixCall extends Call {
  readonly preset: Preset;
}

/** A part of a script. `script` is the innermost script in which it stands. Parts of a list follow each other. */
export type Step =
  /** `first`: what follows needs what it makes. `last`: it waits for the tests and builds before it, whose traces it may look at. */
  | {
      readonly kind: 'check';
      readonly script: string;
      readonly call: Call & { readonly preset: Preset };
      readonly first?: true;
      readonly last?: true;
    }
  | { readonly kind: 'build'; readonly script: string; readonly call: Call; readonly last?: true }
  /** A script that stays one piece. */
  | {
      readonly kind: 'script';
      readonly script: string;
      readonly role: 'check' | 'build';
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'parallel'; readonly branches: readonly (readonly Step[])[] };

/** What became of a text. */
export type TakenApart =
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  | { readonly kind: 'not understood' }
  /** Scripts that call each other without end, in the order in which they do. */
  | { readonly kind: 'cycle'; readonly scripts: readonly string[] };

/** What is known around a text. */
export interface ScriptContext {
  readonly scripts: ReadonlyMap<string, string>;
  readonly presets: readonly Preset[];
  /** Whether the TypeScript compiler, called with these arguments, writes what it compiles. */
  readonly emits: (args: readonly string[]) => boolean;
  /** What can be run by name besides scripts: targets of make and their kin. */
  readonly tasks?: readonly Task[];
  /** The text stands in a shell script, which may prepare what unknown programs in it need. */
  readonly inShellScript?: boolean;
  /** Words that are files of the repository, and those that name programs which are no more. */
  readonly files?: ReadonlySet<string>;
  readonly gone?: ReadonlySet<string>;
  /** The step of CI that the text stands in, where nothing else in it checks. */
  readonly job?: JobStep;
  /** Is told of each call that mends, wherever it stands. */
  readonly onFix?: (call: FixCall, script: string) => void;
}

/** What is the same for all of a text that is taken apart. */
export interface Context extends ScriptContext {
  readonly budget: { left: number };
  readonly tools: ToolTable;
  /** `script`: of a package.json. `task`: what installs is left out. `fragments`: also arguments that are not known. */
  readonly mode: 'script' | 'task' | 'fragments';
}

/** Where in the scripts a text stands. */
export interface Place {
  readonly script: string;
  readonly trail: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Some words are only known while it runs, or only such that are options with their values. */
  readonly vague?: true | 'options';
  /** Where a program that nobody knows is looked for: a wrapper has said so. */
  readonly ecosystem?: Ecosystem;
}

/** So many calls at most in one script; scripts that double from level to level would have no end otherwise. */
const LARGEST = 1000;

/** Whether a text stands in a script of the package: a job of CI may have the name of one. */
export function standsInScript({ script, trail }: Place, { scripts }: ScriptContext): boolean {
  return scripts.has(script) && trail.includes(script);
}

/** For one text, with a budget of its own. */
export function newContext(context: ScriptContext, mode: Context['mode']): Context {
  return { ...context, tools: toolTable(context.presets), budget: { left: LARGEST }, mode };
}

/** It stays one piece, or is left out. */
export const NOT_UNDERSTOOD: TakenApart = { kind: 'not understood' };

/** Nothing in it is a check or a build. */
export const NOTHING: TakenApart = { kind: 'steps', steps: [] };

/** All parts one after another; the first that is not understood decides for all. */
export function inOrder<T>(parts: readonly T[], stepsOf: (part: T) => TakenApart): TakenApart {
  const steps: Step[] = [];
  for (const part of parts) {
    const taken = stepsOf(part);
    if (taken.kind !== 'steps') return taken;
    steps.push(...taken.steps);
  }
  return { kind: 'steps', steps };
}

/** All parts at the same time; the first that is not understood decides for all. */
export function atOnce<T>(parts: readonly T[], stepsOf: (part: T) => TakenApart): TakenApart {
  const branches: (readonly Step[])[] = [];
  for (const part of parts) {
    const taken = stepsOf(part);
    if (taken.kind !== 'steps') return taken;
    if (taken.steps.length > 0) branches.push(taken.steps);
  }
  const [only, ...others] = branches;
  return { kind: 'steps', steps: others.length > 0 ? [{ kind: 'parallel', branches }] : (only ?? []) };
}

/** Whether a step only makes what others need. */
export function isBuild(step: Step): boolean {
  return step.kind === 'build' || (step.kind === 'script' && step.role === 'build');
}
