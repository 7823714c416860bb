/** Programs that start another one in the project's environment and add nothing to what it checks. Pure. */
import { buildsModule } from './go-arguments.js';
import { moduleCall } from './script-programs.js';
import type { Word } from './script-runners.js';
import { startedByRushFile } from './script-rush.js';
import { toolOfPhp } from './script-started-tools.js';
import { isHole } from './script-words.js';
import { wrapperCall } from './script-wrapper-options.js';

/**
 * What is left of a command line without its wrapper: `poetry run pytest -q` → `pytest -q`; undefined when its program is no wrapper,
 * or when it says that the command runs elsewhere.
 */
export function unwrapped(words: readonly Word[]): readonly Word[] | undefined {
  const values = words.map((word) => word.value);
  const [first, second] = values;
  if (first === undefined) return undefined;
  if (first === 'coverage' && second === 'run') return measured(words.slice(2));
  if (first === 'nix') return startedByNix(words);
  if (startedByRushFile(values)) return [{ value: 'rush', glob: false }, ...words.slice(2)];
  // `python -m poetry run pytest`, `python -b -m coverage run -m pytest`
  const module = /^(?:python[\d.]*|py)$/.test(first) ? moduleCall(values.slice(1)) : [];
  if (MODULES.has(module[0] ?? '')) return unwrapped(words.slice(-module.length));
  const call = wrapperCall(values);
  if (call === undefined) return toolOfPhp(words);
  if (call.elsewhere) return undefined;
  const { name, start, told } = call;
  // It only says where the program is.
  if (name === 'command' && [...told.keys()].some((option) => /^-[vV]+$/.test(option))) return undefined;
  if (name === 'uv run' && (told.has('-m') || told.has('--module')))
    return [...['python', '-m'].map((value) => ({ value, glob: false })), ...words.slice(start)];
  if (TOOL_RUNNERS.has(name)) return toolAt(words, start);
  let index = start;
  // How long it may take.
  if (/^g?timeout$/.test(name) && (/^[\d.]+[smhd]?$/.test(values[index] ?? '') || isHole(values[index] ?? ''))) index += 1;
  if (name === 'sudo') while (/^\w+=/.test(values[index] ?? '')) index += 1;
  const named = words.slice(index);
  // Composer takes the first `--` after the program for itself.
  const own = name === 'composer exec' ? named.findIndex(({ value }) => value === '--') : -1;
  const rest = own < 0 ? named : named.filter((_, at) => at !== own);
  // `hatch run lint:style` names an environment and a script of it, or a program.
  const inside = name === 'hatch run' ? /^[\w.-]+:(.+)$/.exec(rest[0]?.value ?? '')?.[1] : undefined;
  return inside === undefined ? rest : [{ value: inside, glob: false }, ...rest.slice(1)];
}

/** Wrappers that are modules of Python, too. */
const MODULES = new Set(['poetry', 'pdm', 'hatch', 'pipenv', 'uv', 'pipx', 'coverage']);

/** `nix develop -c eslint .`, `nix run nixpkgs#statix -- check .` → `statix check .`; what a flake of the project runs, nobody knows. */
function startedByNix(words: readonly Word[]): readonly Word[] | undefined {
  const [, command, installable = ''] = words.map(({ value }) => value);
  if (command === 'develop' || command === 'shell') {
    const at = words.findIndex(({ value }) => value === '--command' || value === '-c');
    return at < 0 ? undefined : words.slice(at + 1);
  }
  const tool =
    command === 'run' ? /^(?:github:nixos\/)?nixpkgs(?:\/[^#]*)?#(?:\w+\.)*([\w-]+)$/i.exec(installable)?.[1] : undefined;
  if (tool === undefined) return undefined;
  return [{ value: tool, glob: false }, ...words.slice(words[3]?.value === '--' ? 4 : 3)];
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

/** `coverage run -m pytest -q` → `python -m pytest -q`, `coverage run manage.py test` → `python manage.py test`. */
function measured(words: readonly Word[]): readonly Word[] | undefined {
  const start = startOfMeasured(words.map(({ value }) => value));
  return start < 0 ? undefined : [{ value: 'python', glob: false }, ...words.slice(start)];
}

/** Where in the words after `coverage run` stands what is measured: `-m` or a file; -1 where nobody can tell. */
export function startOfMeasured(words: readonly string[]): number {
  let at = 0;
  while (words[at]?.startsWith('-') && words[at] !== '-m') at += OF_COVERAGE.test(words[at] ?? '') ? 2 : 1;
  return words[at] === '-m' || /\.py$/.test(words[at] ?? '') ? at : -1;
}

/** Options of `coverage run` whose value is the word after them. */
const OF_COVERAGE = /^--(?:concurrency|context|data-file|include|omit|rcfile|source)$/;

/** `uvx ruff check`, `pipx run black`, `uv tool run ruff`: they bring in the tool that they start. */
const TOOL_RUNNERS = new Set(['uvx', 'uv tool run', 'pipx run', 'pixi exec']);

/** The tool that stands there, and what it is told; a version after its name is the one that CI has, not the check. */
function toolAt(words: readonly Word[], start: number): readonly Word[] | undefined {
  const name = words[start]?.value;
  if (name === undefined || name === '') return undefined;
  const tool = name.replace(/(?:@|[=<>~!]=).*$/, '');
  // The package and its program for what is else a module.
  const program = /^(?:build|pyproject-build)$/.test(tool) ? ['python', '-m', 'build'] : [tool];
  return [...program.map((value) => ({ value, glob: false })), ...words.slice(start + 1)];
}

const INSTALLERS = new Set([
  ...['npm ci', 'npm install', 'npm i', 'pnpm install', 'pnpm i', 'yarn install', 'bun install', 'pip install', 'pip3 install'],
  ...['npm link', 'pnpm link', 'yarn link', 'bun link'],
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
    'npx playwright install',
    'npx playwright install-deps',
    'playwright install',
    'playwright install-deps',
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
  if (args.some((arg) => arg.startsWith('--check')) || buildsModule(program, args)) return false;
  const words = [program, ...args.slice(0, 3)];
  return (
    [2, 3, 4].some((count) => INSTALLERS.has(words.slice(0, count).join(' '))) ||
    (['yarn', 'pnpm', 'poetry'].includes(program) && args.length === 0)
  );
}
