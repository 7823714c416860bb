/** What Volley has to know of a tool to run it as a gate. Types only. */
import type { Category, ParserId } from '../model.js';

/** Everything Volley knows about one tool. */
export interface Preset {
  /** Stable, kebab-case; the start of the gate's id: `eslint`. */
  readonly id: string;
  /** The tool's own name: `ESLint`. */
  readonly tool: string;
  readonly category: Category;
  /** `node`: a package with a program in node_modules/.bin. `python`: a program in .venv/venv or on PATH, or a module. */
  readonly ecosystem: 'node' | 'python';
  /** What a script calls: `eslint`; for python also the module after `python -m`. The first one is preferred. */
  readonly programs: readonly string[];
  /** Packages whose listing as a dependency speaks for the tool. */
  readonly packages: readonly string[];
  /** Globs, relative to the package's folder, of its own configuration files. */
  readonly configFiles: readonly string[];
  /** Keys in shared configuration files: `{ file: 'pyproject.toml', key: ['tool', 'mypy'] }`. For .cfg/.ini, key is [section]. */
  readonly configKeys: readonly { readonly file: string; readonly key: readonly string[] }[];
  /** What is enough to make a gate without a script that calls the tool. */
  readonly detectedBy: 'configuration' | 'dependency or configuration' | 'script only';
  /** Whether a call with these arguments checks: not a watcher, a fixer, a server, `--init`, `--version`. */
  isCheck(args: readonly string[]): boolean;
  /** First arguments that are the tool's own commands, not targets: `check` of `biome check src`. They count as options. */
  readonly subcommands: readonly string[];
  /** Options for a gate that no script describes, without those that make the output machine-readable. */
  readonly defaultOptions: readonly string[];
  /** Targets for a gate that no script describes, or whose script names none and the tool needs one. */
  readonly defaultTargets: readonly string[];
  /** Settings that name the tool's targets. Where one of them is set, the default targets are left out. */
  readonly targetKeys: readonly { readonly file: string; readonly key: readonly string[] }[];
  /**
   * Options of the tool that take the next argument as their value, unless that starts with a dash; all other arguments
   * without a dash are targets.
   */
  readonly valueOptions: readonly string[];
  /** Removes what would spoil reading (another reporter, colours) and adds what makes the output machine-readable. */
  machineReadable(options: readonly string[]): readonly string[];
  /** Globs of files that it takes as arguments; empty: it cannot be limited to files. */
  readonly takes: readonly string[];
  /** Globs of files on which a gate that cannot be limited to files depends. */
  readonly inputs: readonly string[];
  readonly exitCodes: { readonly passed: readonly number[]; readonly failed: readonly number[] };
  readonly parser: ParserId;
  /** Directories or files relative to the package's folder that two runs of the tool would fight over. */
  readonly caches: readonly string[];
  /** What a user types to install it: `npm install --save-dev eslint`. */
  readonly install: string;
}
