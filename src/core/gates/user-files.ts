/**
 * Where tools look for settings besides the workspace, as their documentation says: files of the user and of the machine, and programs that
 * they call if there are any. Pure; what is not there decides by its absence.
 */
import path from 'node:path';
import type { Preset } from './preset.js';

type Environment = Readonly<Record<string, string | undefined>>;

interface Places {
  /** Relative to the home folder. */
  readonly home?: readonly string[];
  /** Relative to the folder of the user's configurations. */
  readonly config?: readonly string[];
  /** Absolute. */
  readonly machine?: readonly string[];
  /** Names of programs that may be found on PATH. */
  readonly programs?: readonly string[];
}

const RUFF: Places = { config: ['ruff/ruff.toml', 'ruff/.ruff.toml', 'ruff/pyproject.toml'] };
const GO: Places = { config: ['go/env'] };
const CARGO: Places = { home: ['.cargo/config.toml', '.cargo/config'] };
const TEST_OF_RUBY: Places = { home: ['.rspec'], config: ['rspec/options'] };

/** By the id of the preset. */
const TOOLS: Readonly<Record<string, Places>> = {
  ruff: RUFF,
  'ruff-format': RUFF,
  black: { home: ['.black'], config: ['black'] },
  mypy: { home: ['.mypy.ini', '.config/mypy/config'], config: ['mypy/config'] },
  pylint: { home: ['.pylintrc'], config: ['pylintrc'], machine: ['/etc/pylintrc'] },
  flake8: { home: ['.flake8', '.pycodestyle'], config: ['flake8', 'pycodestyle'] },
  isort: { home: ['.isort.cfg', '.config/isort.cfg'] },
  yamllint: { config: ['yamllint/config'] },
  shellcheck: { home: ['.shellcheckrc'], config: ['shellcheckrc'] },
  actionlint: { home: ['.shellcheckrc'], config: ['shellcheckrc'], programs: ['shellcheck', 'pyflakes'] },
  hadolint: { home: ['.hadolint.yaml', '.hadolint/hadolint.yaml', 'hadolint/config.yaml'], config: ['hadolint.yaml'] },
  rubocop: { home: ['.rubocop.yml'], config: ['rubocop/config.yml'] },
  rspec: TEST_OF_RUBY,
  'cargo-fmt': {
    home: [...(CARGO.home ?? []), '.rustfmt.toml', 'rustfmt.toml'],
    config: ['rustfmt/rustfmt.toml', 'rustfmt/.rustfmt.toml'],
  },
  'golangci-lint': { ...GO, home: ['.golangci.yml', '.golangci.yaml', '.golangci.toml', '.golangci.json'] },
  eslint: { home: ['.eslintrc', '.eslintrc.js', '.eslintrc.json', '.eslintrc.yml', '.eslintrc.yaml'] },
  biome: { config: ['biome/biome.json', 'biome/biome.jsonc'] },
  cspell: { config: ['configstore/cspell.json', 'cspell/cspell.json'] },
  'terraform-validate': { home: ['.terraformrc'] },
  maven: { home: ['.m2/settings.xml', '.mavenrc'] },
  gradle: { home: ['.gradle/gradle.properties', '.gradle/init.gradle', '.gradle/init.d'] },
};

const ECOSYSTEMS: Partial<Readonly<Record<Preset['ecosystem'], Places>>> = {
  go: GO,
  rust: CARGO,
  // The interpreter of pyenv is chosen by it.
  python: { home: ['.pyenv/version'], config: ['pip/pip.conf'] },
  ruby: { home: ['.bundle/config', '.rbenv/version'] },
};

/** What git leaves out besides .gitignore; many tools go by it. And what version managers go by. */
const ALL: Places = { home: ['.gitconfig', '.tool-versions'], config: ['git/config', 'git/ignore', 'mise/config.toml'] };

/** Absolute, native: files and directories, whether they are there or not. */
export function userFiles({ id, ecosystem }: Pick<Preset, 'id' | 'ecosystem'>, env: Environment): readonly string[] {
  const home = env['HOME'] ?? env['USERPROFILE'];
  const own = env['XDG_CONFIG_HOME'];
  const config = own !== undefined && path.isAbsolute(own) ? own : home === undefined ? undefined : path.join(home, '.config');
  const search = (env['PATH'] ?? env['Path'] ?? '').split(path.delimiter).filter((directory) => path.isAbsolute(directory));
  const below = (directory: string | undefined, names: readonly string[] = []) =>
    directory === undefined || !path.isAbsolute(directory) ? [] : names.map((name) => path.join(directory, name));
  return [ALL, ECOSYSTEMS[ecosystem] ?? {}, TOOLS[id] ?? {}].flatMap((places) => [
    ...below(home, places.home),
    ...below(config, places.config),
    ...(places.machine ?? []),
    ...search.flatMap((directory) => below(directory, places.programs)),
  ]);
}
