/** What a gate can do because its tool is known: mend, be told how many workers, be divided. */

import path from 'node:path';
import type { FileArguments, Fix, Sharding, Workers } from '../gate-model.js';
import type { CommandInput } from '../model.js';
import { upwards } from '../paths.js';
import { type Draft, type DraftCommand, type Drafts, splitArguments } from './drafts.js';
import { given } from './options.js';
import type { Preset, PresetWorkers } from './preset.js';
import { type Project, readText } from './project.js';
import type { ResolveOptions } from './resolve.js';
import { findTool } from './resolve-tools.js';
import type { FixCall } from './script-steps.js';

type ProgramCommand = DraftCommand & { kind: 'program' };

export interface FixOptions {
  /** The start of the gate's command, without options. */
  readonly program: readonly string[];
  readonly input: CommandInput;
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
      files: targets.length > 0 ? filesOf(preset, { targets }) : filesOf(preset, command),
    };
  }
  if (!preset.fix) return undefined;
  const argv = [...options.program, ...preset.fix(command.written)];
  return { command: { ...options.input, argv }, files: filesOf(preset, command) };
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

/** How a call of the tool is limited to some files. */
export function filesOf(preset: Preset, { targets, handed }: Pick<ProgramCommand, 'targets' | 'handed'>): FileArguments {
  if (preset.takes.length === 0) return { kind: 'whole', inputs: preset.inputs.length > 0 ? preset.inputs : ['**'] };
  const { takes, fileOptions, needsFiles } = preset;
  const told = {
    ...(fileOptions.length > 0 ? { fileOptions } : {}),
    ...(needsFiles || handed ? { needsFiles: true as const } : {}),
  };
  // Those that it is handed are some that git knows, rather than all that it finds by itself, such as those of installed packages.
  return { kind: 'files', takes, targets: handed ? [] : targets, ...told };
}

/** Where options go that Volley puts in: after the program and its subcommands. */
function positionIn(preset: Preset, { options }: ProgramCommand, programLength: number): number {
  const own = options.findIndex((option) => !preset.subcommands.includes(option));
  return programLength + Math.min(own < 0 ? options.length : own, DEEPEST_SUBCOMMAND);
}

/** `cargo nextest run`; a target that is called as a command is none. */
const DEEPEST_SUBCOMMAND = 2;

export interface AbilityOptions {
  /** How many elements of argv stand for the program. */
  readonly programLength: number;
  /** Options that stand under the preset's keys. */
  readonly configured?: readonly string[];
  /** The project's configuration says how many workers. */
  readonly isConfigured?: boolean;
  /** Something is set up once for all tests. */
  readonly isSetUp?: boolean;
  /** Major version of the tool's package, where it is known. */
  readonly version?: number;
}

/** Undefined for a tool that works in one process. */
export function workersOf(
  preset: Preset,
  command: ProgramCommand,
  { programLength, configured = [], isConfigured = false }: AbilityOptions,
): Workers | undefined {
  const { workers } = preset;
  if (!workers) return undefined;
  if (workers.asked && !workers.asked.by.test([...configured, ...command.written].join(' '))) return undefined;
  const tells = workers.options.length > 0 || Object.keys(workers.env).length > 0;
  if (saysHowMany(workers, command, isConfigured) || !tells) return { own: workers.own };
  const at = positionIn(preset, command, programLength);
  return { own: workers.own, limit: { args: workers.options, at, env: workers.env } };
}

function saysHowMany(workers: PresetWorkers, { written, env }: ProgramCommand, isConfigured: boolean): boolean {
  const said = written.some((option) => workers.saidBy.some((name) => says(option, name)));
  return said || isConfigured || Object.keys(workers.env).some((name) => name in env);
}

/**
 * Whether the environment says how many workers the tool may start, or the project's configuration, in a file of the tool's own or in one
 * that its options name.
 */
export async function workersAreConfigured(
  { workers }: Preset,
  command: ProgramCommand,
  { project, env }: { readonly project: Project; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<boolean> {
  if (Object.keys(workers?.env ?? {}).some((name) => env[name])) return true;
  const configured = workers?.configured;
  if (!configured) return false;
  if (configured.keys?.some(({ file, key }) => project.setting(file, key) !== undefined)) return true;
  return isSaid(configured.by, configured.files, command, project);
}

/** Whether one of the project's files that match `globs` says it, or one that the options name as the configuration. */
async function isSaid(by: RegExp, globs: readonly string[], { written }: ProgramCommand, project: Project): Promise<boolean> {
  const named = written.flatMap((option, index) => {
    const [, attached] = /^(?:-c|--config|--configuration)=(.+)$/.exec(option) ?? [];
    const isBefore = /^(?:-c|--config|--configuration)$/.test(written[index - 1] ?? '');
    return attached ?? (isBefore && !option.startsWith('-') ? option : []);
  });
  const files = [...(await project.files(globs)), ...named];
  const texts = await Promise.all(files.map((file) => readText(path.resolve(project.directory, file), () => undefined)));
  return texts.some((text) => text !== undefined && by.test(text));
}

/** Whether something is set up once for all tests, which parts would do beside each other: a server, a database. */
export async function isSetUp(preset: Preset, command: ProgramCommand, project: Project): Promise<boolean> {
  const { sharding } = preset;
  if (sharding.kind !== 'option' || !sharding.setUp) return false;
  const { by, keys = [], options = [] } = sharding.setUp;
  if (given(command.written, ...options) || keys.some(({ file, key }) => project.setting(file, key) !== undefined)) return true;
  return by !== undefined && isSaid(by, configurationsOf(preset), command, project);
}

function configurationsOf({ configFiles, workers }: Preset): readonly string[] {
  return [...new Set([...configFiles, ...(workers?.configured?.files ?? [])])];
}

/** The directory that its coverage is written to, relative to where it runs; undefined where nobody asks for any. */
export async function coverageOf(preset: Preset, command: ProgramCommand, project: Project): Promise<string | undefined> {
  const { coverage } = preset;
  const { written } = command;
  if (!coverage || given(written, '--no-coverage', '--coverage=false', '--coverage.enabled=false')) return undefined;
  const isAsked = given(written, ...coverage.options) || written.some((option) => /^--coverage\./.test(option));
  const isSet = () => coverage.keys?.some(({ file, key }) => project.setting(file, key)?.value);
  const isConfigured = () => coverage.by !== undefined && isSaid(coverage.by, configurationsOf(preset), command, project);
  if (!isAsked && !isSet() && !(await isConfigured())) return undefined;
  const at = written.findIndex((option) => coverage.directories.some((name) => option === name || option.startsWith(`${name}=`)));
  const named = written[at]?.includes('=') ? written[at]?.replace(/^.*?=/, '') : written[at + 1];
  // What is written beside the sources has no place of its own.
  const below = at < 0 || named === undefined ? '' : path.relative(project.directory, path.resolve(project.directory, named));
  return below === '' || below.startsWith('..') || path.isAbsolute(below) ? 'coverage' : below;
}

/** The major version of the tool's package that is installed nearest to where it runs, where that decides what it can do. */
export async function versionOf(
  { sharding, packages }: Preset,
  { cwd, folder, disk }: ResolveOptions,
): Promise<number | undefined> {
  if (sharding.kind !== 'option' || sharding.since === undefined) return undefined;
  for (const directory of upwards(cwd, folder)) {
    for (const name of packages) {
      const manifest = await disk?.readText(path.join(directory, 'node_modules', name, 'package.json'));
      const major = /"version"\s*:\s*"(\d+)\./.exec(manifest ?? '')?.[1];
      if (major !== undefined) return Number(major);
    }
  }
  return undefined;
}

/** `-n4` and `--jobs=4` say the same as `-n 4` and `--jobs 4`. */
function says(option: string, name: string): boolean {
  if (option === name || option.startsWith(`${name}=`)) return true;
  return /^-\w$/.test(name) && option.startsWith(name) && /^\d|^auto/.test(option.slice(2));
}

/** Where the project says how many tests may run at the same time, parts beside each other would be more. */
export function shardingOf(
  preset: Preset,
  command: ProgramCommand,
  { programLength, isConfigured = false, isSetUp = false, version = Number.POSITIVE_INFINITY }: AbilityOptions,
): Sharding {
  const { sharding, workers } = preset;
  switch (sharding.kind) {
    case 'files':
      if (preset.takes.length === 0) return { kind: 'never', reason: 'it cannot be limited to files' };
      // Each part would write what it knows in place of what the others do.
      return command.written.some((option) => /^--cache(?:$|-|=(?!false))/.test(option))
        ? { kind: 'never', reason: 'its parts would fight over its cache' }
        : sharding;
    case 'option': {
      const names = sharding.args.map((arg) => arg.replace(/[=\s{].*$/, '')).filter((name) => name.startsWith('-'));
      const given = command.written.some((option) => names.some((name) => says(option, name)));
      if (given) return { kind: 'never', reason: 'its own command divides it' };
      if (version < (sharding.since ?? 0)) return { kind: 'never', reason: `version ${version} has no option for that` };
      if (workers && saysHowMany(workers, command, isConfigured))
        return { kind: 'never', reason: 'the project says how many workers it may start' };
      if (isSetUp) return { kind: 'never', reason: 'what is set up once for all tests would be set up by each part' };
      return { kind: 'option', args: sharding.args, at: positionIn(preset, command, programLength) };
    }
    case 'packages':
      return packagesOf(splitArguments(command.written, preset), sharding.beside);
    case 'never':
      return sharding;
    default:
      return sharding satisfies never;
  }
}

function packagesOf({ options, targets }: ReturnType<typeof splitArguments>, beside: readonly string[]): Sharding {
  const foreign = options.find((option) => option.startsWith('-') && !beside.includes(option.replace(/^--?|=.*$/gs, '')));
  if (foreign !== undefined) return { kind: 'never', reason: `${foreign} is about all of its packages together` };
  if (!targets.every((target) => target === '.' || target.startsWith('./')) || !targets.some((target) => target.endsWith('/...')))
    return { kind: 'never', reason: 'its own command names its packages' };
  return { kind: 'packages', patterns: targets };
}
