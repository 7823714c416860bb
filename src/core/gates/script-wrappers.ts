/** Programs that start another one in the project's environment and add nothing to what it checks. Pure. */
import type { Word } from './script-runners.js';
import { toolOfPhp } from './script-started-tools.js';
import { isHole } from './script-words.js';

/** Options of a wrapper that are followed by a value. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'uv run': ['--with', '--python', '-p', '--group', '--extra', '--package', '--env-file', '--with-requirements', '--no-group', '--only-group', '--directory', '--project', '--with-editable', '--index'],
  'pdm run': ['-p', '--project'],
  'hatch run': [],
  'poetry run': [],
  'pipenv run': [],
  'rye run': [],
  'conda run': ['-n', '--name', '-p', '--prefix'],
  'mamba run': ['-n', '--name', '-p', '--prefix'],
  'micromamba run': ['-n', '--name', '-p', '--prefix'],
  'pixi run': ['-e', '--environment', '--manifest-path'],
  'opam exec': ['--switch'],
  'stack exec': ['--package'],
  'cabal exec': [],
  'devbox run': ['-e', '--env'],
  'flox activate': ['-r', '-d'],
  'dotenvx run': ['-f'],
  'asdf exec': [],
  'mise x': [],
  'rbenv exec': [],
  'pyenv exec': [],
  'bundle exec': [],
  'composer exec': [],
  'mise exec': [],
  'direnv exec': [],
  'xvfb-run': ['-n', '--server-num', '-s', '--server-args', '-e', '-f', '-p', '-w'],
  time: [],
  command: [],
  exec: [],
  nice: ['-n'],
  nohup: [],
  stdbuf: [],
  unbuffer: [],
  'dbus-run-session': [],
  sudo: ['-u', '-g'],
  timeout: ['-k', '-s'],
  gtimeout: ['-k', '-s'],
}; // biome-ignore format: a table is read by rows

/** These make a wrapper work on something else than the folder it stands in. */
const ELSEWHERE = new Set(['--directory', '--project', '--cwd', '-C']);

/**
 * What is left of a command line without its wrapper: `poetry run pytest -q` → `pytest -q`; undefined when its program is no wrapper,
 * or when it says that the command runs elsewhere.
 */
export function unwrapped(words: readonly Word[]): readonly Word[] | undefined {
  const [first, second] = words.map((word) => word.value);
  if (first === undefined) return undefined;
  const two = `${first} ${second ?? ''}`;
  if (two === 'coverage run') return measured(words.slice(2));
  if (two === 'nix develop') {
    const at = words.findIndex(({ value }) => value === '--command' || value === '-c');
    return at < 0 ? undefined : words.slice(at + 1);
  }
  const name = two in VALUES ? two : first in VALUES ? first : undefined;
  if (name === undefined) return toolOfPhp(words) ?? toolRunner(words);
  let index = name === two ? 2 : 1;
  for (; index < words.length; index += 1) {
    const value = words[index]?.value ?? '';
    if (ELSEWHERE.has(value)) return undefined;
    if (value === '--') {
      index += 1;
      break;
    }
    // `hatch run +py=3.12 test` names variables of its environments.
    if (!value.startsWith('-') && !(name === 'hatch run' && value.startsWith('+'))) break;
    if (VALUES[name]?.includes(value)) index += 1;
  }
  // How long it may take.
  if (/^g?timeout$/.test(name) && (/^[\d.]+[smhd]?$/.test(words[index]?.value ?? '') || isHole(words[index]?.value ?? '')))
    index += 1;
  if (name === 'sudo') while (/^\w+=/.test(words[index]?.value ?? '')) index += 1;
  // `hatch run lint:style` names an environment and a script of it, or a program.
  const named = words.slice(index);
  // Composer takes the first `--` after the program for itself.
  const own = name === 'composer exec' ? named.findIndex(({ value }) => value === '--') : -1;
  const rest = own < 0 ? named : named.filter((_, at) => at !== own);
  const inside = name === 'hatch run' ? /^[\w.-]+:(.+)$/.exec(rest[0]?.value ?? '')?.[1] : undefined;
  return inside === undefined ? rest : [{ value: inside, glob: false }, ...rest.slice(1)];
}

/** The line that a shell, or a shell of Nix, is given as text: `bash -ec 'make lint'`; undefined where it is given none. */
export function lineForShell(words: readonly string[]): string | undefined {
  const [program = '', ...args] = words;
  const option = /^(?:(?:ba|da|z)?sh|su)$/.test(program)
    ? SHELL_TEXT
    : program === 'nix-shell'
      ? /^--(?:run|command)$/
      : undefined;
  const at = option === undefined ? -1 : args.findIndex((arg) => option.test(arg));
  // What comes before is for the shell itself: options, or packages that are there.
  const isPlain = program === 'nix-shell' || program === 'su' || args.slice(0, at).every((arg) => arg.startsWith('-'));
  const line = args[at + 1] ?? '';
  return at >= 0 && isPlain && line !== '' && !isHole(line) ? line : undefined;
}

const SHELL_TEXT = /^-[a-z]*c$/;

/** `coverage run -m pytest -q` → `python -m pytest -q`. */
function measured(words: readonly Word[]): readonly Word[] | undefined {
  const module = words.findIndex(({ value }) => value === '-m');
  const options = module > 0 && words.slice(0, module).some(({ value }) => /\.py$/.test(value));
  return module < 0 || options ? undefined : [{ value: 'python', glob: false }, ...words.slice(module)];
}

/** `uvx ruff check`, `pipx run black`, `uv tool run ruff`; a version after the name is the one that CI has, not the check. */
function toolRunner(words: readonly Word[]): readonly Word[] | undefined {
  const values = words.map((word) => word.value);
  const start =
    values[0] === 'uvx'
      ? 1
      : values[0] === 'pipx' && values[1] === 'run'
        ? 2
        : values.slice(0, 3).join(' ') === 'uv tool run'
          ? 3
          : 0;
  if (start === 0) return undefined;
  let at = start;
  while (values[at]?.startsWith('-')) {
    const option = values[at] ?? '';
    if (!TOOL_OPTIONS.test(option)) return undefined;
    at += VALUED_TOOL_OPTIONS.test(option) ? 2 : 1;
  }
  const name = values[at];
  if (name === undefined) return undefined;
  return [{ value: name.replace(/(?:@|[=<>~!]=).*$/, ''), glob: false }, ...words.slice(at + 1)];
}

/** What else is there, from where and for which Python: not what is checked. */
const VALUED_TOOL_OPTIONS = /^(?:--with|--from|--spec|--python|-p|--with-requirements|--index)$/;
const TOOL_OPTIONS =
  /^(?:--(?:with|from|spec|python|with-requirements|index)(?:=.*)?|-p|-q|--quiet|--isolated|--refresh|--no-cache)$/;

const INSTALLERS = new Set([
  ...['npm ci', 'npm install', 'npm i', 'pnpm install', 'pnpm i', 'yarn install', 'bun install', 'pip install', 'pip3 install'],
  ...[
    'poetry install',
    'uv sync',
    'uv pip',
    'uv lock',
    'pipenv install',
    'pipenv sync',
    'pdm install',
    'pdm sync',
    'hatch env',
    'bundle install',
  ],
  ...[
    'composer install',
    'composer update',
    'go mod',
    'go get',
    'go install',
    'go generate',
    'go clean',
    'cargo fetch',
    'cargo install',
    'rustup component',
  ],
  ...[
    'rustup toolchain',
    'rustup update',
    'rustup default',
    'rustup show',
    'rustup target',
    'gem install',
    'apt-get install',
    'apt-get update',
    'brew install',
    'dotnet restore',
  ],
  ...[
    'corepack enable',
    'git config',
    'git fetch',
    'terraform init',
    'npx playwright',
    'playwright install',
    'pre-commit install',
    'uv venv',
  ],
  ...[
    'mix deps.get',
    'mix local.hex',
    'mix local.rebar',
    'dart pub get',
    'dart pub upgrade',
    'dart pub downgrade',
    'dart pub global activate',
  ],
  ...[
    'flutter pub get',
    'flutter pub upgrade',
    'cabal update',
    'cabal install',
    'stack update',
    'stack setup',
    'opam install',
    'opam update',
  ],
  ...[
    'gleam deps',
    'rebar3 get-deps',
    'shards install',
    'nimble install',
    'luarocks install',
    'swift package resolve',
    'lein deps',
    'sbt update',
  ],
]);

/** Whether the call only brings in what a check needs. `python -m` counts for pip and venv alone. */
export function isInstall(program: string, args: readonly string[]): boolean {
  if (program === 'sudo') return isInstall(args[0] ?? '', args.slice(1));
  if (/^python[\d.]*$/.test(program)) {
    return args[0] === '-m' && ['venv', 'ensurepip', 'pip', 'virtualenv'].includes(args[1] ?? '');
  }
  if (args.some((arg) => arg.startsWith('--check'))) return false;
  const words = [program, ...args.slice(0, 3)];
  return (
    [2, 3, 4].some((count) => INSTALLERS.has(words.slice(0, count).join(' '))) ||
    (['yarn', 'pnpm', 'poetry'].includes(program) && args.length === 0)
  );
}
