/** What decides a gate's result besides the files it checks: programs, installed packages, lock files, environment. Executes nothing. */

import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Category, Reads } from '../gate-model.js';
import { upwards } from '../paths.js';
import type { Ecosystem, Preset } from './preset.js';
import type { Disk } from './resolve.js';

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
  /** Names of variables that the command itself sets. */
  readonly own: readonly string[];
}

/** These look at what is known of packages on a server, which changes without any file. */
const ASKS_A_SERVER = /audit|safety|deny|semgrep|scout|outdated|commitlint/;

/** Undefined where what decides the result cannot be named: builds, and whatever asks a server. */
export async function readsOfGate(options: ReadsOptions): Promise<Reads | undefined> {
  const { preset, category, directory } = options;
  if (category === 'build' || ASKS_A_SERVER.test(preset.id)) return undefined;
  const settings = [...preset.configKeys, ...preset.targetKeys].map(({ file }) => file);
  const elsewhere = options.options.some((option) => /(?:^|=)(?:\/|~|\.\.\/|[A-Za-z]:[\\/])/.test(option));
  if (elsewhere) return undefined;
  const named = options.options.some((option) =>
    /^--?(?:c|config.*|rcfile|settings.*|style=file.*|ignore-path.*|i)(?:=|$)/.test(option),
  );
  const files =
    named || preset.reads.includes('**') ? ['**'] : [...new Set([...preset.reads, ...preset.configFiles, ...settings])];
  const upper = upwards(directory, options.folder);
  const also = [
    ...(await programFiles(options)),
    ...upper.flatMap((place) => MANIFESTS.map((name) => path.join(place, name))),
    // A package may find its configuration above itself.
    ...(files.includes('**') ? upper.slice(1).flatMap((place) => settings.map((name) => path.join(place, name))) : []),
  ];
  const env = [
    ...new Set([...ENVIRONMENT, ...VARIABLES[preset.ecosystem], ...options.own.filter((name) => !/^path$/i.test(name))]),
  ];
  return { files, also: [...new Set(also)].sort(), env: env.sort() };
}

const ENVIRONMENT = ['CI', 'TZ', 'LANG', 'LC_ALL', 'HOME', 'FORCE_COLOR', 'NO_COLOR'];

const VARIABLES: Readonly<Record<Ecosystem, readonly string[]>> = {
  node: ['NODE_ENV', 'NODE_OPTIONS', 'NODE_PATH'],
  python: ['PYTHONPATH', 'PYTHONHASHSEED', 'PYTHONWARNINGS', 'VIRTUAL_ENV', 'MYPYPATH', 'PYTEST_ADDOPTS', 'PYTEST_PLUGINS'],
  rust: ['RUSTFLAGS', 'RUSTDOCFLAGS', 'RUSTUP_TOOLCHAIN', 'CARGO_HOME', 'CARGO_BUILD_TARGET', 'CARGO_TARGET_DIR'],
  go: ['GOFLAGS', 'GOOS', 'GOARCH', 'GOPATH', 'GOROOT', 'GOTOOLCHAIN', 'GOWORK', 'CGO_ENABLED', 'GOEXPERIMENT'],
  ruby: ['RUBYOPT', 'RUBYLIB', 'BUNDLE_GEMFILE', 'GEM_HOME', 'GEM_PATH', 'RAILS_ENV'],
  php: ['PHPRC', 'PHP_INI_SCAN_DIR', 'COMPOSER_HOME', 'APP_ENV'],
  jvm: ['JAVA_HOME', 'JAVA_TOOL_OPTIONS', 'MAVEN_OPTS', 'MAVEN_ARGS', 'GRADLE_OPTS', 'GRADLE_USER_HOME'],
  dotnet: ['DOTNET_ROOT', 'DOTNET_ENVIRONMENT', 'ASPNETCORE_ENVIRONMENT', 'MSBUILDFLAGS'],
  system: ['SHELLCHECK_OPTS', 'CPATH', 'C_INCLUDE_PATH', 'CPLUS_INCLUDE_PATH'],
};

/** What says which versions are installed. Those that a project does not have decide by their absence. */
const MANIFESTS = [
  ...['package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb', '.yarnrc.yml'],
  ...['node_modules/.package-lock.json', 'node_modules/.modules.yaml', 'node_modules/.yarn-state.yml', 'node_modules/.yarn-integrity', '.pnp.cjs'],
  ...['pyproject.toml', 'setup.cfg', 'tox.ini', 'poetry.lock', 'uv.lock', 'pdm.lock', 'Pipfile.lock', '.editorconfig'],
  ...['Cargo.toml', 'Cargo.lock', 'rust-toolchain', 'rust-toolchain.toml', '.cargo/config.toml', 'go.mod', 'go.sum', 'go.work'],
  ...['Gemfile.lock', '.ruby-version', '.tool-versions', 'composer.lock', 'vendor/composer/installed.json', 'global.json', '.node-version', '.nvmrc'],
]; // biome-ignore format: a table is read by rows

/** The program as it stands, what it links to, and what tells its version and that of what it loads. */
async function programFiles({ preset, program, env, disk }: ReadsOptions): Promise<readonly string[]> {
  const result: string[] = [];
  for (const file of program.filter((part) => path.isAbsolute(part))) {
    const real = await realpath(file).catch(() => file);
    result.push(file, real);
    if (preset.ecosystem === 'node') result.push(...packageOf(real));
    if (preset.ecosystem === 'python')
      for (const each of new Set([file, real])) result.push(...(await pythonPackages(each, disk)));
    if (preset.ecosystem === 'go') result.push(path.join(path.dirname(real), '..', 'VERSION'));
    if (preset.ecosystem === 'dotnet') result.push(...(await below(path.join(path.dirname(real), 'sdk'), '.version', disk)));
  }
  const home = env['HOME'] ?? env['USERPROFILE'];
  if (preset.ecosystem === 'rust' && home !== undefined && path.isAbsolute(home)) {
    const rustup = path.join(home, '.rustup');
    result.push(path.join(rustup, 'settings.toml'), ...(await below(path.join(rustup, 'update-hashes'), '', disk)));
  }
  return result;
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

/** What the environment holds that the program lies in: plugins and stubs decide as much as the tool itself. */
async function pythonPackages(program: string, disk: Disk): Promise<readonly string[]> {
  const environment = path.resolve(path.dirname(program), '..');
  const lib = path.join(environment, 'lib');
  const versions = (await disk.list(lib)).filter((name) => name.startsWith('python'));
  const libraries = [
    ...versions.flatMap((name) => ['site-packages', 'dist-packages'].map((kind) => path.join(lib, name, kind))),
    path.join(environment, 'Lib', 'site-packages'),
  ];
  const result: string[] = [path.join(environment, 'pyvenv.cfg')];
  for (const library of libraries) {
    const installed = (await disk.list(library)).filter((name) => name.endsWith('.dist-info'));
    result.push(...installed.map((name) => path.join(library, name, 'METADATA')));
  }
  return result;
}
