/** Makes gates of drafts: resolves their programs, says what they touch, and where they are not installed what to do. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import type { Availability, Category, CopyKind, ExitCodes, FileArguments, Gate } from '../gate-model.js';
import type { Access, CommandInput, Folder, GateId } from '../model.js';
import { slashes } from '../paths.js';
import { shellWord } from '../shell-text.js';
import { configuredText } from './configured-text.js';
import { type Draft, type DraftCommand, type Drafts, isNeeded, waitsFor } from './drafts.js';
import { type EnvironmentsOfCi, environmentIn } from './evidence/environment.js';
import { type Called, coverageOf, fixOf, installedVersion, shardingOf, workersOf } from './gate-abilities.js';
import { readsOfGate } from './gate-reads.js';
import { nativeBuild } from './native-builds.js';
import { valuesOf } from './options.js';
import { passedOver } from './passed-over.js';
import { EVERY_FAILURE, type Preset } from './preset.js';
import type { Project } from './project.js';
import { type Disk, findOnPath, findPythonProgram, projectPath, type ResolveOptions } from './resolve.js';
import { findTool, isConfigured } from './resolve-tools.js';
import { RUNTIMES } from './script-programs.js';
import type { TypeScriptProjects } from './typescript-projects.js';

export interface PackageContext {
  readonly folder: Folder;
  readonly project: Project;
  /** The package at the root of the folder; the same as `project` for that one. */
  readonly root: Project;
  readonly typescript: TypeScriptProjects;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly disk: Disk;
  readonly ofCi: EnvironmentsOfCi;
}

/** A gate that has everything but its place among the others. */
export type UnnamedGate = Omit<Gate, 'id' | 'name' | 'needs'>;

/** Makes the gate of a draft. `drafts` are all of the package: what builds write decides what others are said to read. */
export async function assemble(draft: Draft, drafts: Drafts, context: PackageContext): Promise<UnnamedGate> {
  const { command, preset } = draft;
  const resolved =
    command.kind === 'script' ? await whole(command, context) : await configuredTool(draft, command, drafts, context);
  const own = command.kind === 'script' ? command.env : { ...programEnvironment(draft, context), ...preset?.env, ...command.env };
  const env = { ...environmentIn(draft.evidence, context.ofCi), ...own };
  const input: CommandInput = { argv: resolved.argv, cwd: context.project.directory, env, shell: false };
  const runner = command.kind === 'script' ? (command.runner?.program ?? `${managerOf(context)} script`) : command.program;
  const inCopy = copyKindOf(draft);
  const called = preset && command.kind === 'program' ? await calledOf(preset, command, resolved, context) : undefined;
  return {
    tool: preset?.tool ?? runner,
    category: categoryOf(draft, drafts),
    folder: context.folder,
    command: input,
    files: fileArguments(draft, context),
    access: await accessOf(draft, called, drafts, context),
    exitCodes: exitCodesOf(preset, command),
    parser: preset?.parser ?? 'none',
    availability: resolved.availability,
    evidence: draft.evidence,
    timeoutMs: TEN_MINUTES,
    ...(inCopy === undefined ? {} : { inCopy }),
    // What it makes anew to compare is what it mends.
    ...(inCopy === 'compares' ? { fix: { command: input, files: { kind: 'whole', inputs: ['**'] } } } : {}),
    ...(preset && called ? await abilities(draft, preset, called, resolved, input, drafts, context) : {}),
  };
}

/** Why it runs in a copy; undefined: it runs in place. What compares after a build needs what git ignores, which no copy has. */
function copyKindOf({ inCopy, preset, needs }: Draft): CopyKind | undefined {
  const kind = inCopy ?? preset?.inCopy;
  return kind === 'compares' && needs.size > 0 ? undefined : kind;
}

/** Those of the tool, and the one that the project's own command asks for. */
function exitCodesOf(preset: Preset | undefined, command: DraftCommand): ExitCodes {
  if (!preset) return { passed: [0], failed: EVERY_FAILURE };
  const { exitCodes, exitCodeOption: option } = preset;
  if (option === undefined || command.kind !== 'program') return exitCodes;
  const code = Number(valuesOf(command.options, [option])[0]);
  return Number.isInteger(code) && code > 0 ? { ...exitCodes, failed: [...new Set([...exitCodes.failed, code])] } : exitCodes;
}

/** What a gate can do because its tool is known. */
async function abilities(
  draft: Draft,
  preset: Preset,
  called: Called,
  resolved: Resolved,
  input: CommandInput,
  drafts: Drafts,
  context: PackageContext,
): Promise<Pick<Gate, 'preset' | 'documentation' | 'fix' | 'workers' | 'sharding' | 'reads'>> {
  const { command } = called;
  const program = resolved.argv.slice(0, called.programLength);
  const named = preset.documentation === '' ? {} : { documentation: preset.documentation };
  const row = { preset: preset.id, ...named };
  if (draft.category === 'build') return row;
  const node = preset.ecosystem === 'node' ? await findOnPath('node', resolveOptions(context)) : undefined;
  // What another gate waits for has to leave its traces each time; a copy holds what git tracks, which no content of a file tells.
  const reads =
    draft.needs.size > 0 || isNeeded(draft, drafts) || preset.asksGit || preset.inCopy
      ? undefined
      : await readsOfGate({
          preset,
          category: categoryOf(draft, drafts),
          program: [...program, ...(node?.argv ?? [])],
          directory: context.project.directory,
          folder: context.folder.path,
          env: context.env,
          disk: context.disk,
          options: command.written,
          targets: command.targets,
          own: Object.keys(input.env),
        });
  const files = fileArguments(draft, context);
  const fix = await fixOf(draft, preset, command, { program, input, files, drafts, resolve: resolveOptions(context) });
  const workers = workersOf(preset, called);
  const sharding = shardingOf(preset, called);
  return { ...row, ...(fix ? { fix } : {}), ...(workers ? { workers } : {}), sharding, ...(reads ? { reads } : {}) };
}

async function calledOf(
  preset: Preset,
  command: DraftCommand & { kind: 'program' },
  resolved: Resolved,
  context: PackageContext,
): Promise<Called> {
  const { project, root, env } = context;
  const { workers, sharding } = preset;
  const listed = [project, root].flatMap(({ dependencies }) => preset.packages.map((name) => dependencies.get(name)?.value));
  const versionDecides =
    workers?.unknownTo !== undefined ||
    (sharding.kind === 'option' && sharding.unless.some((each) => each.version !== undefined));
  const installed = versionDecides ? await installedVersion(preset, resolveOptions(context)) : undefined;
  const version = installed ?? listed.find((value) => typeof value === 'string');
  const isAsked = workers?.configured !== undefined || sharding.kind === 'option' || preset.coverage !== undefined;
  const configured = isAsked ? await configuredText(preset, command.written, project, env) : '';
  const programLength = resolved.argv.length - command.options.length;
  return { command, programLength, asked: configuredOptions(preset, context), configured, version, env };
}

/** As they stand in its configuration, in one text or in several. */
function configuredOptions({ workers }: Preset, { project }: PackageContext): readonly string[] {
  return (workers?.asked?.keys ?? []).flatMap(({ file, key }) => {
    const value = project.setting(file, key)?.value;
    return [value].flat().filter((each) => typeof each === 'string');
  });
}

/** What a draft is listed under: a compiler run that nothing waits for is there for what it says about types. */
export function categoryOf(draft: Draft, drafts: Drafts): Category {
  if (draft.category !== 'build' || !draft.preset) return draft.category;
  return isNeeded(draft, drafts) ? 'build' : draft.preset.category;
}

/** The package manager that a package's own files speak for. */
export function managerOf({ project, root }: Pick<PackageContext, 'project' | 'root'>): 'npm' | 'pnpm' | 'yarn' | 'bun' {
  for (const place of [project, root]) {
    const field = /^(npm|pnpm|yarn|bun)(?:@|$)/.exec(place.packageManager ?? '')?.[1];
    if (field === 'npm' || field === 'pnpm' || field === 'yarn' || field === 'bun') return field;
    const has = (name: string) => place.entries.includes(name);
    if (has('pnpm-lock.yaml')) return 'pnpm';
    if (has('yarn.lock')) return 'yarn';
    if (has('bun.lock') || has('bun.lockb')) return 'bun';
    if (has('package-lock.json') || has('npm-shrinkwrap.json')) return 'npm';
  }
  return 'npm';
}

export function gateId(text: string): GateId {
  return text as GateId;
}

const TEN_MINUTES = 10 * 60_000;
const AVAILABLE: Availability = { kind: 'available' };

interface Resolved {
  readonly argv: readonly string[];
  readonly availability: Availability;
}

function unavailable(reason: string, install: string): Availability {
  return { kind: 'unavailable', reason, install };
}

// -------------------------------------------------------------------------------------------------------------- programs

async function whole(command: DraftCommand & { kind: 'script' }, context: PackageContext): Promise<Resolved> {
  return command.runner ? task(command.runner, context) : manager(command, context);
}

/** What runs tasks and is a Python package. */
const PYTHON_RUNNERS = new Set(['tox', 'nox', 'hatch', 'pdm', 'poe', 'invoke', 'poetry']);

async function task(
  { program, args }: { readonly program: string; readonly args: readonly string[] },
  context: PackageContext,
): Promise<Resolved> {
  const options = resolveOptions(context);
  const python = PYTHON_RUNNERS.has(program);
  const found = python ? await findPythonProgram(program, program, options) : await findOnPath(program, options);
  const argv = [...(found?.argv ?? [program]), ...args];
  if (found) return { argv, availability: AVAILABLE };
  const install = python ? `pip install ${program}` : `Install ${program}`;
  return { argv, availability: unavailable(`${program} was not found on PATH.`, install) };
}

async function manager(command: DraftCommand & { kind: 'script' }, context: PackageContext): Promise<Resolved> {
  const name = managerOf(context);
  const found = await findOnPath(name, resolveOptions(context));
  const args = command.args.length === 0 ? [] : name === 'npm' ? ['--', ...command.args] : command.args;
  const argv = [...(found?.argv ?? [name]), 'run', command.script, ...args];
  if (!found) return { argv, availability: unavailable(`${name} was not found on PATH.`, managerInstall(name)) };
  if (await packagesAreMissing(context)) {
    return { argv, availability: unavailable('The packages that package.json lists are not installed.', `${name} install`) };
  }
  return { argv, availability: AVAILABLE };
}

function managerInstall(name: string): string {
  switch (name) {
    case 'npm':
      return NODE_INSTALL;
    case 'bun':
      return 'npm install --global bun';
    default:
      return `corepack enable ${name}`;
  }
}

const NODE_INSTALL = 'Install Node.js from https://nodejs.org';

async function packagesAreMissing({ project, root, disk }: PackageContext): Promise<boolean> {
  if (![...project.dependencies.values()].some(({ file }) => file === 'package.json')) return false;
  for (const { directory, entries } of [project, root]) {
    if (entries.includes('node_modules') || entries.includes('.pnp.cjs') || entries.includes('.pnp.js')) return false;
    for (let above = path.dirname(directory); ; above = path.dirname(above)) {
      if ((await disk.list(path.join(above, 'node_modules'))).length > 0) return false;
      if (path.dirname(above) === above) break;
    }
  }
  return true;
}

/** A tool; one that builds in a folder that nobody has configured yet does that first, as CI does. */
async function configuredTool(
  { preset, configuredBy, needs }: Draft,
  command: DraftCommand & { kind: 'program' },
  drafts: Drafts,
  context: PackageContext,
): Promise<Resolved> {
  const isMade = [...needs].some((key) => drafts.byKey.get(key)?.configuredBy !== undefined);
  const plain = await tool(command, preset, context, isMade || configuredBy !== undefined);
  if (configuredBy === undefined || (await isConfigured(command, resolveOptions(context)))) return plain;
  const line = [configuredBy, plain.argv].map((words) => words.map(shellWord).join(' ')).join(' && ');
  const shell = await findOnPath('sh', resolveOptions(context));
  if (shell === undefined) return { ...plain, availability: unavailable('The build is not configured.', line) };
  const missing = plain.availability.kind === 'available' ? await missingProgram(configuredBy, context) : undefined;
  return { argv: [...shell.argv, '-c', line], availability: missing ?? plain.availability };
}

async function missingProgram([program = '']: readonly string[], context: PackageContext): Promise<Availability | undefined> {
  const found = await findOnPath(program, resolveOptions(context));
  return found ? undefined : unavailable(`${program} was not found on PATH.`, `Install ${program}`);
}

/** `isMade`: what is configured or built before it, it finds. */
async function tool(
  command: DraftCommand & { kind: 'program' },
  preset: Preset | undefined,
  context: PackageContext,
  isMade: boolean,
): Promise<Resolved> {
  const options = resolveOptions(context);
  const { program, asModule } = command;
  const ecosystem = preset?.ecosystem ?? (asModule ? 'python' : 'node');
  const found = await findTool(ecosystem, { program, asModule, args: command.given, isMade }, options);
  const name = preset?.tool ?? program;
  const packages = preset?.packages ?? [program];
  const listed = packages.find(
    (candidate) => context.project.dependencies.has(candidate) || context.root.dependencies.has(candidate),
  );
  // One for everybody is another version than the one that the project asks for.
  const wrong = ecosystem === 'node' && listed !== undefined && found.place === 'path' && !RUNTIMES.has(program);
  if (found.place === 'none' || wrong) {
    const argv = [...(asModule ? ['python', '-m', program] : [program]), ...command.options];
    const { reason = undefined, install = undefined } = found.place === 'none' ? found : {};
    const usual =
      ecosystem === 'node' && RUNTIMES.has(program) && program !== 'node'
        ? unavailable(`${program} is not installed.`, `npm install --save-dev ${program}`)
        : notInstalled(name, listed, ecosystem, preset, context);
    if (reason === undefined && install === undefined) return { argv, availability: usual };
    return { argv, availability: unavailable(reason ?? `${name} is not installed.`, install ?? preset?.install ?? name) };
  }
  const argv = [...found.argv, ...command.options];
  if (ecosystem === 'node' && found.place === 'project' && !(await findOnPath('node', options))) {
    return { argv, availability: unavailable(`${name} needs Node.js, which was not found on PATH.`, NODE_INSTALL) };
  }
  return { argv, availability: AVAILABLE };
}

function notInstalled(
  name: string,
  listed: string | undefined,
  ecosystem: Preset['ecosystem'],
  preset: Preset | undefined,
  context: PackageContext,
): Availability {
  if (listed !== undefined && ecosystem === 'node')
    return unavailable(`${name} is not installed, though package.json lists ${listed}.`, `${managerOf(context)} install`);
  return unavailable(`${name} is not installed.`, preset?.install ?? `npm install --save-dev ${name}`);
}

function resolveOptions({ project, folder, env, disk }: PackageContext): ResolveOptions {
  return { cwd: project.directory, folder: folder.path, env, disk };
}

/** Tools that start others by name find them as they would in a script. */
function programEnvironment(draft: Draft, context: PackageContext): Readonly<Record<string, string>> {
  return (draft.preset?.ecosystem ?? 'node') !== 'node' ? {} : projectPath(resolveOptions(context));
}

// ---------------------------------------------------------------------------------------------------------------- access

/** Beside code, tests look at what they expect and at what the code reads while it runs. */
function inputsOf({ inputs, category }: Preset): readonly string[] {
  if (inputs.length === 0) return ['**'];
  return category === 'test' ? [...inputs, ...READ_BY_TESTS] : inputs;
}

const READ_BY_TESTS = [
  '**/{test,tests,__tests__,spec,specs,e2e,fixtures,__fixtures__,__snapshots__,testdata}/**',
  '**/*.{json,jsonc,json5,yml,yaml,toml,xml,csv,tsv,txt,sql,html,htm,css,scss,sass,less,graphql,gql,proto,snap,wasm,ini,cfg,j2,jinja,jinja2,tmpl,mustache,hbs,ejs,svg}',
  '**/.env*',
];

function fileArguments(draft: Draft, { project, root }: PackageContext): FileArguments {
  const { preset, command } = draft;
  // What a build makes may come from anything, and what needs it has to find it made.
  if (draft.category === 'build' || !preset || command.kind === 'script') return { kind: 'whole', inputs: ['**'] };
  if (preset.takes.length === 0) return { kind: 'whole', inputs: inputsOf(preset) };
  const { written: options, targets } = command;
  const takes = preset.takesOf?.(options, [...project.entries, ...root.entries]) ?? preset.takes;
  const own = preset.fileOptionsOf?.(options, (file, key) => project.setting(file, key)?.value) ?? [];
  const fileOptions = [...preset.fileOptions, ...own];
  return {
    kind: 'files',
    takes: [...takes, ...passedOver(preset, { options, targets }, project)],
    // Those that it is handed are some that git knows, rather than all that it finds by itself, such as those of installed packages.
    targets: command.handed ? [] : targets,
    ...(fileOptions.length > 0 ? { fileOptions } : {}),
    ...(preset.needsFiles || command.handed ? { needsFiles: true } : {}),
  };
}

async function accessOf(draft: Draft, called: Called | undefined, drafts: Drafts, context: PackageContext): Promise<Access> {
  const { directory } = context.project;
  const coverage = draft.preset && called ? coverageOf(draft.preset, called, directory) : undefined;
  const kept = (draft.preset?.caches ?? []).map((cache) => path.join(directory, cache));
  const caches = [...new Set(coverage === undefined ? kept : [...kept, coverage])];
  const inCopy = copyKindOf(draft);
  // One after another, since they share the copy.
  const shared = inCopy ? [...caches, path.join(context.folder.path, '.git', `copy of volley: ${inCopy}`)] : caches;
  // What is configured and built there at the same time, breaks.
  const locks = draft.configuredBy === undefined ? shared : [...shared, ...buildFolderOf(draft, directory)];
  const built = draft.category === 'build' ? await outputsOf(draft, context) : [];
  // Nothing else may look at sources while they are made anew.
  const makesAnew = inCopy === undefined && (draft.inCopy ?? draft.preset?.inCopy) === 'compares';
  const writes = makesAnew ? [directory] : built;
  return { reads: await readsOf(draft, drafts, context), writes: writes.map(below), locks };
}

/**
 * A linter, a formatter or a type checker that waits for no build does not look at what git ignores, so a build may go on meanwhile.
 * Of tests and scripts anything is possible.
 */
async function readsOf(draft: Draft, drafts: Drafts, context: PackageContext): Promise<readonly string[]> {
  const all = [below(context.folder.path)];
  const narrow = draft.preset !== undefined && ['lint', 'format', 'types'].includes(draft.category);
  if (!narrow || draft.needs.size > 0 || ![...drafts.byKey.values()].some((other) => other.category === 'build')) return all;
  const { entries, directory } = context.project;
  const ignored = await ignoredBy(directory);
  return entries
    .filter((entry) => entry !== 'node_modules' && entry !== '.git' && !ignored.ignores(entry) && !ignored.ignores(`${entry}/`))
    .map((entry) => below(path.join(directory, entry)));
}

/** The folder that a call of a build system is told of, if it is. */
function buildFolderOf({ command }: Draft, directory: string): readonly string[] {
  const folder = command.kind === 'program' ? nativeBuild(command.program, command.given)?.directory : undefined;
  return folder === undefined || folder === '.' ? [] : [path.resolve(directory, folder)];
}

async function outputsOf(draft: Draft, context: PackageContext): Promise<readonly string[]> {
  const { directory } = context.project;
  if (draft.command.kind === 'program') {
    // An image is kept elsewhere.
    if (draft.command.program === 'docker') return [];
    if (draft.preset?.id === 'tsc') return context.typescript.outputs(draft.command.options);
    const folder = buildFolderOf(draft, directory);
    if (folder.length > 0) return folder;
    const named = namedOutputs(draft.command.program, draft.command.options);
    if (named.length > 0) return named.map((place) => path.resolve(directory, place));
  }
  const manifest = ['main', 'module', 'types', 'typings'].flatMap((key) => {
    const value = context.project.setting('package.json', [key])?.value;
    return typeof value === 'string' ? topFolderOf(value) : [];
  });
  // Where nothing says it, the usual places, as far as git does not keep them as sources.
  const ignored = await ignoredBy(directory);
  const usual = [...new Set([...manifest, 'dist', 'build', 'lib', 'out'])].filter((name) => ignored.ignores(`${name}/`));
  return (usual.length > 0 ? usual : ['dist']).map((name) => path.join(directory, name));
}

/** The first folder on the way to a file of the package; none for a file at its top, or outside of it. */
function topFolderOf(file: string): readonly string[] {
  const [first = '', ...rest] = path.posix.normalize(file).split('/');
  return rest.length > 0 && !['', '.', '..'].includes(first) ? [first] : [];
}

const OUTPUT_OPTIONS =
  /^(?:--outdir|--outfile|--out-dir|--out-file|--outDir|--output-path|--dist-dir|-o|-d|--dir|--file)(?:=(.+))?$/;

function namedOutputs(program: string, options: readonly string[]): readonly string[] {
  const operands = options.filter((option) => !option.startsWith('-'));
  if (['rimraf', 'rm', 'mkdir', 'mkdirp', 'make-dir', 'touch', 'del', 'del-cli'].includes(program)) return operands;
  if (['cp', 'mv', 'cpy', 'copyfiles', 'ncp', 'cpx'].includes(program)) return operands.slice(-1);
  return options.flatMap((option, index) => {
    const match = OUTPUT_OPTIONS.exec(option.replace(/:/, '='));
    const value = match ? (match[1] ?? options[index + 1]) : undefined;
    return value === undefined || value.startsWith('-') ? [] : [value];
  });
}

async function ignoredBy(directory: string): Promise<Ignore> {
  const text = await readFile(path.join(directory, '.gitignore'), 'utf8').catch(() => '');
  return ignore().add(text);
}

function below(place: string): string {
  return `${slashes(place)}/**`;
}

/** Whether the draft is worth a gate: it checks something, or something that does needs it. */
export function isWanted(draft: Draft, drafts: Drafts): boolean {
  return !draft.helper || [...drafts.byKey.values()].some((other) => !other.helper && waitsFor(drafts, other.key, draft.key));
}
