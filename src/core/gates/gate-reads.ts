/** What decides a gate's result besides the files it checks: programs, installed packages, lock files, environment. Executes nothing. */

import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Category, Reads } from '../gate-model.js';
import { isInside, upwards } from '../paths.js';
import type { Ecosystem, Preset } from './preset.js';
import { readText } from './project.js';
import type { Disk } from './resolve.js';
import { userFiles } from './user-files.js';

export interface ReadsOptions {
  readonly preset: Preset;
  readonly category: Category;
  /** The start of the command, without options. */
  readonly program: readonly string[];
  readonly directory: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly disk: Disk;
  /** The options as the project wrote them: one may name a configuration anywhere. */
  readonly options: readonly string[];
  /** What it is told to look at. */
  readonly targets: readonly string[];
  /** Names of variables that the command itself sets. */
  readonly own: readonly string[];
}

/** These look at what is known of packages on a server, which changes without any file. */
const ASKS_A_SERVER = /audit|safety|deny|semgrep|scout|outdated|commitlint/;

/** These limit a check to what differs from some commit, which no content of a file tells. */
const ASKS_GIT =
  /^(?:--(?:only-?changed|changed(?:-?since|-?files(?:with.*)?)?|last-?commit|since|staged|new(?:-from-.*)?|diff-?(?:base|filter|against)?|from-ref|to-ref)(?:=|$)|-o$)/i;

/** Undefined where what decides the result cannot be named: builds, and whatever asks a server or git. */
export async function readsOfGate(options: ReadsOptions): Promise<Reads | undefined> {
  const { preset, category, directory, disk, env: variables } = options;
  if (category === 'build' || ASKS_A_SERVER.test(preset.id)) return undefined;
  if (asksGit(options)) return undefined;
  const settings = [...preset.configKeys, ...preset.targetKeys].map(({ file }) => file);
  const elsewhere = options.options.some((option) => /(?:^|=)(?:\/|~|\.\.\/|[A-Za-z]:[\\/])/.test(option));
  const isOutside = (target: string) => !isInside(options.folder, path.resolve(directory, target));
  if (elsewhere || options.targets.some(isOutside)) return undefined;
  const named = options.options.some((option) =>
    /^--?(?:c|config.*|rcfile|settings.*|style=file.*|ignore-path.*|i)(?:=|$)/.test(option),
  );
  const files =
    named || preset.reads.includes('**') ? ['**'] : [...new Set([...preset.reads, ...preset.configFiles, ...settings])];
  const programs = await programFiles(options);
  if (!programs || (await leadsOutside(options))) return undefined;
  const upper = upwards(directory);
  const configuration = [...preset.configFiles.flatMap(plainNames), ...settings];
  const also = [
    ...programs,
    ...upper.flatMap((place) => manifestsIn(place, disk)),
    // A package may find its configuration above itself, and a workspace may be a part of something larger.
    ...upper.slice(1).flatMap((place) => configuration.map((name) => path.join(place, name))),
    ...userFiles(preset, variables),
  ];
  const env = [
    ...ENVIRONMENT,
    ...VARIABLES[preset.ecosystem],
    // Tools are told by variables that bear their names; what a test is told by, nobody knows.
    ...preset.programs.map((name) => `${name.toUpperCase().replaceAll(/\W/g, '_')}*`),
    ...(category === 'test' ? ['*'] : []),
    ...options.own.filter((name) => !/^path$/i.test(name)),
  ];
  return { files, also: [...new Set(also)].sort(), env: [...new Set(env)].sort() };
}

/** Files in which a project names what it is made of. Lock files name what is installed, which counts by itself. */
const MADE_OF = [
  'tsconfig.json',
  'jsconfig.json',
  'package.json',
  'Cargo.toml',
  'go.mod',
  'go.work',
  'pyproject.toml',
  'setup.cfg',
  'tox.ini',
];

/**
 * Whether the project's own configuration names something outside of the repository (of the folder, if it lies in none): a base of a
 * compiler's options, a crate, a module. No file of the workspace tells when that changes.
 */
async function leadsOutside({ preset, directory, folder, disk }: ReadsOptions): Promise<boolean> {
  const root = upwards(folder).find((place) => existsSync(path.join(place, '.git'))) ?? folder;
  const names = [...new Set([...MADE_OF, ...preset.configFiles.flatMap(plainNames)])];
  for (const place of upwards(directory, folder)) {
    const entries = new Set(await disk.list(place));
    const there = names.filter((name) => entries.has(name.split('/')[0] ?? ''));
    const upwardsIn = await Promise.all(there.map((name) => upwardPaths(path.join(place, name), disk)));
    if (upwardsIn.flat().some((reference) => !isInside(root, path.resolve(place, reference)))) return true;
  }
  return false;
}

/** What a file says of directories above it, such as `../base`. Each file is read once a detection, whoever asks. */
function upwardPaths(file: string, disk: Disk): Promise<readonly string[]> {
  const { upward } = seenOf(disk);
  const found =
    upward.get(file) ??
    readText(file, () => {}).then(
      (text = '') => [...text.matchAll(/(?<![\w.\-/])(?:\.\/)?\.\.(?![\w.])(?:\/[\w.@-]+)*/g)].map(([reference]) => reference),
      () => [],
    );
  upward.set(file, found);
  return found;
}

/** Where the manifests of a directory would lie, and what git ignores there by itself. */
function manifestsIn(place: string, disk: Disk): readonly string[] {
  const { manifests } = seenOf(disk);
  const known = manifests.get(place) ?? [...MANIFESTS, '.git/info/exclude'].map((name) => path.join(place, name));
  manifests.set(place, known);
  return known;
}

interface Seen {
  readonly upward: Map<string, Promise<readonly string[]>>;
  readonly manifests: Map<string, readonly string[]>;
}

/** What gates of one detection have in common, as directories above packages. */
const SEEN = new WeakMap<Disk, Seen>();

function seenOf(disk: Disk): Seen {
  const seen = SEEN.get(disk) ?? { upward: new Map(), manifests: new Map() };
  SEEN.set(disk, seen);
  return seen;
}

function asksGit({ preset, options, program }: ReadsOptions): boolean {
  const words = [...program.slice(1), ...options];
  if (preset.id === 'gitleaks') return !words.some((word) => word === 'dir' || word === '--no-git');
  return words.some((word) => ASKS_GIT.test(word) && (word !== '-o' || preset.id === 'jest'));
}

/** The names that a glob without stars stands for; none where it has stars. */
function plainNames(glob: string): readonly string[] {
  const [whole, start = '', choices = '', end = ''] = /^([^{]*)\{([^{}]*)\}(.*)$/.exec(glob) ?? [];
  if (whole === undefined) return /[*?[\]{}!]/.test(glob) ? [] : [glob];
  return choices.split(',').flatMap((choice) => plainNames(`${start}${choice}${end}`));
}

const ENVIRONMENT = [
  ...['CI', 'TZ', 'LANG', 'LC_*', 'HOME', 'XDG_CONFIG_HOME', 'FORCE_COLOR', 'NO_COLOR', 'EDITORCONFIG*', 'GIT_*'],
  ...['ASDF_*', 'MISE_*', 'VOLTA_*', 'NODENV_VERSION', 'PYENV_VERSION', 'RBENV_VERSION'],
];

const VARIABLES: Readonly<Record<Ecosystem, readonly string[]>> = {
  node: ['NODE_*', 'TSC_*', 'TS_NODE_*', 'BABEL_*', 'BROWSERSLIST*'],
  python: ['PYTHON*', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'DJANGO_SETTINGS_MODULE'],
  rust: ['RUST*', 'CARGO_*', 'CLIPPY_*'],
  go: ['GO*', 'CGO_*', 'CC', 'CXX'],
  ruby: ['RUBYOPT', 'RUBYLIB', 'BUNDLE_GEMFILE', 'GEM_HOME', 'GEM_PATH', 'RAILS_ENV'],
  php: ['PHPRC', 'PHP_INI_SCAN_DIR', 'COMPOSER_HOME', 'APP_ENV'],
  jvm: ['JAVA_HOME', 'JAVA_TOOL_OPTIONS', 'MAVEN_OPTS', 'MAVEN_ARGS', 'GRADLE_OPTS', 'GRADLE_USER_HOME'],
  dotnet: ['DOTNET_ROOT', 'DOTNET_ENVIRONMENT', 'ASPNETCORE_ENVIRONMENT', 'MSBUILDFLAGS'],
  system: ['SHELLCHECK_OPTS', 'CPATH', 'C_INCLUDE_PATH', 'CPLUS_INCLUDE_PATH', 'TF_*'],
};

/** What says which versions are installed, by who reads it. */
const MANIFESTS_OF: Readonly<Record<'all' | 'node' | 'python' | 'others', readonly string[]>> = {
  all: ['.editorconfig', '.gitignore', '.tool-versions', 'mise.toml', '.mise.toml'],
  node: [
    ...['package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'],
    ...['.yarnrc.yml', 'node_modules/.package-lock.json', 'node_modules/.modules.yaml', 'node_modules/.yarn-state.yml'],
    ...['node_modules/.yarn-integrity', '.pnp.cjs', 'pnpm-workspace.yaml', '.npmrc', '.node-version', '.nvmrc'],
  ],
  python: [
    ...['pyproject.toml', 'setup.cfg', 'tox.ini', 'poetry.lock', 'uv.lock', 'pdm.lock', 'Pipfile.lock', '.python-version'],
    ...['requirements.txt', 'requirements-dev.txt'],
  ],
  others: [
    ...['Cargo.toml', 'Cargo.lock', 'rust-toolchain', 'rust-toolchain.toml', '.cargo/config.toml', 'go.mod', 'go.sum', 'go.work'],
    ...['Gemfile', 'Gemfile.lock', '.ruby-version', 'composer.lock', 'vendor/composer/installed.json', 'global.json'],
  ],
};

/** Those that a project does not have decide by their absence. */
const MANIFESTS = Object.values(MANIFESTS_OF).flat();

/** Relative to a package: what says which tools of an ecosystem are installed, and how. */
export function manifestsOf(ecosystem: Ecosystem): readonly string[] {
  const own = ecosystem === 'node' || ecosystem === 'python' ? ecosystem : 'others';
  return [...MANIFESTS_OF.all, ...MANIFESTS_OF[own]];
}

/**
 * The program as it stands, what it links to, and what tells its version and that of what it loads. Undefined where it loads what lies outside
 * of the workspace and is being worked on, or where which program starts is not told by any file.
 */
async function programFiles({
  preset,
  program,
  env,
  disk,
  directory,
  folder,
}: ReadsOptions): Promise<readonly string[] | undefined> {
  const result: string[] = [];
  const { ecosystem } = preset;
  for (const file of program.filter((part) => path.isAbsolute(part))) {
    const real = await realpath(file).catch(() => file);
    result.push(file, real);
    // A shim says neither its version nor what is installed beside it.
    if (/[\\/]shims[\\/]/.test(real) && ['ruby', 'php', 'jvm'].includes(ecosystem)) return undefined;
    if (ecosystem === 'node') result.push(...packageOf(real));
    if (ecosystem === 'go') result.push(path.join(path.dirname(real), '..', 'VERSION'));
    if (ecosystem === 'dotnet') result.push(...(await below(path.join(path.dirname(real), 'sdk'), '.version', disk)));
  }
  const home = homeOf(env);
  if (ecosystem === 'python' || preset.id === 'pyright') {
    const packages = await pythonPackages(await pythonPlaces({ program, env, disk, directory, folder }), folder, disk);
    if (!packages) return undefined;
    result.push(...packages);
  }
  if (ecosystem === 'ruby') result.push(...(await gemPlaces(env, disk)));
  if (ecosystem === 'rust' && home !== undefined) {
    const rustup = path.join(home, '.rustup');
    result.push(path.join(rustup, 'settings.toml'), ...(await below(path.join(rustup, 'update-hashes'), '', disk)));
  }
  return result;
}

function homeOf(env: ReadsOptions['env']): string | undefined {
  const home = env['HOME'] ?? env['USERPROFILE'];
  return home !== undefined && path.isAbsolute(home) ? home : undefined;
}

async function below(directory: string, name: string, disk: Disk): Promise<readonly string[]> {
  return (await disk.list(directory)).map((entry) => path.join(directory, entry, name));
}

/** The manifest of the installed package that a program of node_modules belongs to. */
function packageOf(real: string): readonly string[] {
  const parts = real.split(path.sep);
  const at = parts.lastIndexOf('node_modules');
  if (at < 0) return [];
  const length = parts[at + 1]?.startsWith('@') ? 3 : 2;
  return [[...parts.slice(0, at + length), 'package.json'].join(path.sep)];
}

// --------------------------------------------------------------------------------------------------------------- Python

/** The environments whose packages the program may load: its own, those that are told to it, those that a runner or a shim chooses. */
async function pythonPlaces(
  options: Pick<ReadsOptions, 'program' | 'env' | 'disk' | 'directory' | 'folder'>,
): Promise<readonly string[]> {
  const { program, env, disk, directory, folder } = options;
  const home = homeOf(env);
  const result = new Set<string>();
  for (const file of program.filter((part) => path.isAbsolute(part)))
    for (const each of [file, await realpath(file).catch(() => file)]) result.add(path.resolve(path.dirname(each), '..'));
  for (const place of upwards(directory, folder)) for (const name of ['.venv', 'venv']) result.add(path.join(place, name));
  for (const name of ['VIRTUAL_ENV', 'CONDA_PREFIX']) if (env[name]) result.add(path.resolve(env[name]));
  // A virtual environment is closed to what is installed for the user or the machine.
  if (![...result].some((place) => existsSync(path.join(place, 'pyvenv.cfg')))) {
    if (home !== undefined) result.add(path.join(home, '.local'));
    result.add('/usr/local');
  }
  const pyenv = env['PYENV_ROOT'] ?? (home === undefined ? undefined : path.join(home, '.pyenv'));
  if (pyenv !== undefined && program.some((file) => isInside(path.join(pyenv, 'shims'), file)))
    for (const each of await below(path.join(pyenv, 'versions'), '', disk)) result.add(path.resolve(each));
  return [...result];
}

/**
 * What the environments hold: plugins and stubs decide as much as the tool itself. A directory stands for what is installed, a METADATA for
 * its version. Undefined when a package is worked on outside of the folder, since no file here tells when it changes.
 */
async function pythonPackages(
  environments: readonly string[],
  folder: string,
  disk: Disk,
): Promise<readonly string[] | undefined> {
  const result: string[] = [];
  for (const environment of environments) {
    const lib = path.join(environment, 'lib');
    const versions = (await disk.list(lib)).filter((name) => name.startsWith('python'));
    const libraries = [
      ...versions.flatMap((name) => ['site-packages', 'dist-packages'].map((kind) => path.join(lib, name, kind))),
      path.join(environment, 'Lib', 'site-packages'),
    ];
    result.push(path.join(environment, 'pyvenv.cfg'));
    for (const library of libraries) {
      const installed = (await disk.list(library)).filter((name) => /\.(?:dist|egg)-info$/.test(name));
      result.push(library);
      for (const name of installed) {
        result.push(path.join(library, name, 'METADATA'));
        if (!(await isWorkedOnElsewhere(path.join(library, name), folder))) continue;
        return undefined;
      }
    }
  }
  return result;
}

async function isWorkedOnElsewhere(installed: string, folder: string): Promise<boolean> {
  const text = await readFile(path.join(installed, 'direct_url.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  const url = /"url"\s*:\s*"file:\/\/([^"]*)"/.exec(text)?.[1];
  return /"editable"\s*:\s*true/.test(text) && url !== undefined && !isInside(folder, decodedPath(url));
}

function decodedPath(text: string): string {
  try {
    return path.resolve(decodeURIComponent(text));
  } catch {
    return path.resolve(text);
  }
}

// ----------------------------------------------------------------------------------------------------------------- Ruby

/** Directories of specifications: each is named after a gem and its version. */
async function gemPlaces(env: ReadsOptions['env'], disk: Disk): Promise<readonly string[]> {
  const home = homeOf(env);
  const told = [env['GEM_HOME'], ...(env['GEM_PATH'] ?? '').split(path.delimiter)].filter((each) => each);
  const roots = [
    ...told.map((each) => each ?? ''),
    ...(await below('/var/lib/gems', '', disk)),
    ...(await below('/usr/lib/ruby/gems', '', disk)),
    ...(await below('/usr/local/lib/ruby/gems', '', disk)),
    ...(home === undefined ? [] : await below(path.join(home, '.local/share/gem/ruby'), '', disk)),
    ...(home === undefined ? [] : await below(path.join(home, '.gem/ruby'), '', disk)),
  ];
  const packaged = await below('/usr/share/rubygems-integration', 'specifications', disk);
  return [...roots.filter((root) => path.isAbsolute(root)).map((root) => path.join(root, 'specifications')), ...packaged];
}
