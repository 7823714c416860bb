/** What a gate can do because its tool is known: mend, be told how many workers, be divided. */

import path from 'node:path';
import { type FileArguments, type Fix, type Sharding, WORKERS_PLACEHOLDER, type Workers } from '../gate-model.js';
import type { CommandInput } from '../model.js';
import { upwards } from '../paths.js';
import { type Draft, type DraftCommand, type Drafts, splitArguments } from './drafts.js';
import { valuesOf } from './options.js';
import type { Preset, PresetShards } from './preset.js';
import type { ResolveOptions } from './resolve.js';
import { findTool } from './resolve-tools.js';
import type { FixCall } from './script-steps.js';

type ProgramCommand = DraftCommand & { kind: 'program' };

export interface FixOptions {
  /** The start of the gate's command, without options. */
  readonly program: readonly string[];
  readonly input: CommandInput;
  /** How the check is limited to files; its fixer is limited alike. */
  readonly files: FileArguments;
  readonly drafts: Drafts;
  readonly resolve: ResolveOptions;
}

/** The project's own call that mends what the gate finds, else what the tool offers with the options of the check. */
export async function fixOf(
  draft: Draft,
  preset: Preset,
  command: ProgramCommand,
  options: FixOptions,
): Promise<Fix | undefined> {
  const own = ownFixer(draft, preset, command, options.drafts);
  if (own) {
    const { options: given, targets } = splitArguments(own.args, preset);
    const argv = [...(await programOf(own, command, options)), ...(preset.takes.length > 0 ? given : own.args)];
    return {
      command: { ...options.input, argv, env: { ...options.input.env, ...own.env } },
      files: options.files.kind === 'files' && targets.length > 0 ? { ...options.files, targets } : options.files,
    };
  }
  if (!preset.fix) return undefined;
  const argv = [...options.program, ...preset.fix(command.written)];
  return { command: { ...options.input, argv }, files: options.files };
}

/** A fixer for other targets belongs to another gate; where there is only one gate of the tool, to that. */
function ownFixer(draft: Draft, preset: Preset, command: ProgramCommand, drafts: Drafts): FixCall | undefined {
  const own = drafts.fixers.filter((call) => call.preset.id === preset.id);
  const wanted = JSON.stringify([...splitArguments(command.given, preset).targets].sort());
  const same = own.find((call) => JSON.stringify([...splitArguments(call.args, preset).targets].sort()) === wanted);
  const alone = [...drafts.byKey.values()].every((other) => other === draft || other.preset?.id !== preset.id);
  return same ?? (alone ? own[0] : undefined);
}

async function programOf(call: FixCall, command: ProgramCommand, { program, resolve }: FixOptions): Promise<readonly string[]> {
  if (call.program === command.program && call.asModule === command.asModule) return program;
  const found = await findTool(call.preset.ecosystem, call, resolve);
  return found.place === 'none' ? program : found.argv;
}

/** Where options go that Volley puts in: after the program and its subcommands. */
function positionIn(preset: Preset, { options }: ProgramCommand, programLength: number): number {
  const own = options.findIndex((option) => !preset.subcommands.includes(option));
  return programLength + Math.min(own < 0 ? options.length : own, DEEPEST_SUBCOMMAND);
}

/** `cargo nextest run`; a target that is called as a command is none. */
const DEEPEST_SUBCOMMAND = 2;

/** What is known of a project's call of a tool. */
export interface Called {
  readonly command: ProgramCommand;
  /** How many elements of argv stand for the program. */
  readonly programLength: number;
  /** Options that stand under the keys of `PresetWorkers.asked`. */
  readonly asked: readonly string[];
  /** As `configuredText`. */
  readonly configured: string;
  /** The version that is installed, else what the project asks for, if it does. */
  readonly version: string | undefined;
  /** Of the user. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Undefined for a tool that starts none. */
export function workersOf(
  preset: Preset,
  { command, programLength, asked, configured, version, env }: Called,
): Workers | undefined {
  const { workers } = preset;
  if (!workers) return undefined;
  if (workers.asked && !workers.asked.by.test([...asked, ...command.written].join(' '))) return undefined;
  const said =
    command.written.some((option) => workers.saidBy.some((name) => isOption(option, name))) ||
    workers.configured?.test(`${command.written.join(' ')}\n${configured}`);
  // What a user or a project set in the environment may be less.
  const inEnv = Object.entries(workers.env).some(
    ([name, value]) => name in command.env || (value.includes(WORKERS_PLACEHOLDER) && env[name] !== undefined),
  );
  const tells = workers.options.length > 0 || Object.keys(workers.env).length > 0;
  const unknown = version !== undefined && workers.unknownTo?.test(version);
  if (said || inEnv || !tells || unknown) return { own: workers.own };
  const at = positionIn(preset, command, programLength);
  return { own: workers.own, limit: { args: workers.options, at, env: workers.env } };
}

/** `-n4` and `--jobs=4` say the same as `-n 4` and `--jobs 4`. */
function isOption(option: string, name: string): boolean {
  if (option === name || option.startsWith(`${name}=`)) return true;
  return /^-\w$/.test(name) && option.startsWith(name) && /^\d|^auto/.test(option.slice(2));
}

/** Whether and how this call can be divided. */
export function shardingOf(preset: Preset, called: Called): Sharding {
  const { sharding } = preset;
  const { written } = called.command;
  switch (sharding.kind) {
    case 'files': {
      if (preset.takes.length === 0) return { kind: 'never', reason: 'it cannot be limited to files' };
      if (written.some((option) => /^--cache(?:=(?!false)|$)/.test(option)))
        return { kind: 'never', reason: 'its parts would fight over its cache' };
      const counts = written.find((option, index) => countsAll(option, written[index + 1]));
      return counts === undefined
        ? sharding
        : { kind: 'never', reason: `${counts.replace(/=.*$/s, '')} is about all of its files` };
    }
    case 'option':
      return optionOf(preset, sharding, called);
    case 'packages':
      return packagesOf(splitArguments(written, preset), sharding.beside);
    case 'never':
      return sharding;
    default:
      return sharding satisfies never;
  }
}

/** An option that counts over all files, but where one is too many. */
function countsAll(option: string, next: string | undefined): boolean {
  const match = /^--(?:max-warnings|mw)(?:=(.*))?$/s.exec(option);
  return match !== null && (match[1] ?? next) !== '0';
}

function optionOf(preset: Preset, shards: PresetShards, called: Called): Sharding {
  const { command, programLength, version } = called;
  const names = shards.args.map((arg) => arg.replace(/[=\s{].*$/, '')).filter((name) => SELECTS.test(name));
  if (command.written.some((option) => names.some((name) => isOption(option, name))))
    return { kind: 'never', reason: 'its own command divides it' };
  if (measuresCoverage(preset, called)) return { kind: 'never', reason: 'its coverage is measured as a whole' };
  const isSaid = (pattern: RegExp | undefined) => pattern !== undefined && says(called, pattern);
  const hindrance = shards.unless.find(
    ({ said, version: versions }) => isSaid(said) || (version !== undefined && versions?.test(version)),
  );
  if (hindrance) return { kind: 'never', reason: hindrance.reason };
  return {
    kind: 'option',
    args: shards.args,
    at: positionIn(preset, command, programLength),
    ...(shards.env === undefined ? {} : { env: shards.env }),
    ...(shards.nothing === undefined || isSaid(shards.nothingPasses) ? {} : { nothing: shards.nothing.source }),
  };
}

/** Whether it stands in the command, its environment, or the configuration. */
function says({ command, configured }: Called, pattern: RegExp): boolean {
  const env = Object.entries(command.env).map(([name, value]) => `${name}=${value}`);
  return [command.written.join(' '), ...env, configured].some((text) => pattern.test(text));
}

function measuresCoverage({ coverage }: Preset, called: Called): boolean {
  if (!coverage || coverage.unsaid?.test(called.command.written.join(' '))) return false;
  return coverage.said.some((pattern) => says(called, pattern));
}

/** The directory that the tool writes its coverage to, absolute, where it runs in `directory`; undefined where it writes none. */
export function coverageOf(preset: Preset, called: Called, directory: string): string | undefined {
  const { directories } = preset.coverage ?? {};
  if (directories === undefined || !measuresCoverage(preset, called)) return undefined;
  const named = path.resolve(directory, valuesOf(called.command.written, directories).at(-1) ?? '');
  // What is written beside the sources has no place of its own.
  return path.relative(named, directory) === '' ? path.join(directory, 'coverage') : named;
}

/** The version of the tool's package that is installed nearest to where it runs; undefined where none is found. */
export async function installedVersion({ packages }: Preset, { cwd, folder, disk }: ResolveOptions): Promise<string | undefined> {
  for (const directory of upwards(cwd, folder)) {
    for (const name of packages) {
      const manifest = await disk?.readText(path.join(directory, 'node_modules', name, 'package.json'));
      const version = /"version"\s*:\s*"(\d[^"]*)"/.exec(manifest ?? '')?.[1];
      if (version !== undefined) return version;
    }
  }
  return undefined;
}

/** An option by which a part is chosen. */
const SELECTS = /^--(?:shard|test-shard|partition)$/;

function packagesOf({ options, targets }: ReturnType<typeof splitArguments>, beside: readonly string[]): Sharding {
  const foreign = options.find((option) => option.startsWith('-') && !beside.includes(option.replace(/^--?|=.*$/gs, '')));
  if (foreign !== undefined) return { kind: 'never', reason: `${foreign} is about all of its packages together` };
  if (!targets.every((target) => target === '.' || target.startsWith('./')) || !targets.some((target) => target.endsWith('/...')))
    return { kind: 'never', reason: 'its own command names its packages' };
  return { kind: 'packages', patterns: targets };
}
