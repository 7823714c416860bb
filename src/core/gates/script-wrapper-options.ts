/** Which programs start another one, by which of their commands, and which of their options are followed by a value. Pure. */

/** A command line that starts another one, up to where that begins. */
export interface WrapperCall {
  /** Without its options: `uv run`. */
  readonly name: string;
  /** Where what it starts begins; the length of the line where it starts nothing. */
  readonly start: number;
  /** What its options are told, the last of each. */
  readonly told: ReadonlyMap<string, string>;
  /** It works on something else than the folder in which it is called. */
  readonly elsewhere: boolean;
}

interface Wrapper {
  /** Options that are followed by a value. */
  readonly values: string;
  /** Words between its options and what it starts that are its own: a folder, a time. */
  readonly operands?: number;
  /** What it starts stands after `--`, where there is one; before that it is told of tools. */
  readonly afterDashes?: true;
}

const UV =
  '--python -p --extra --no-extra --group --no-group --only-group --env-file --with -w --with-editable --with-requirements --package --index --default-index --index-url -i --extra-index-url --find-links -f --upgrade-package -P --reinstall-package --refresh-package --index-strategy --keyring-provider --resolution --prerelease --fork-strategy --config-setting --config-settings-package --no-build-isolation-package --exclude-newer --exclude-newer-package --link-mode --no-sources-package --no-build-package --no-binary-package --cache-dir --config-file --color --allow-insecure-host --directory --project --python-platform --constraints -c --build-constraints -b --overrides --torch-backend --no-editable-package --python-preference';
const CONDA = '-n --name -p --prefix --cwd';

/** By the name of the program, or that and its command. */
const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  'uv run': { values: UV },
  'uv tool run': { values: `${UV} --from` },
  uvx: { values: `${UV} --from` },
  'pipx run': { values: '--spec --python --pip-args --index-url -i --with' },
  'poetry run': { values: '-C --directory -P --project' },
  'pdm run': { values: '-p --project --venv -c --config' },
  'hatch run': { values: '-e --env -p --project --data-dir --cache-dir --config' },
  'hatch env run': { values: '-e --env -i --include -x --exclude -f --filter -p --project --data-dir --cache-dir --config' },
  'pipenv run': { values: '--python --pypi-mirror --categories' },
  'rye run': { values: '--pyproject' },
  'conda run': { values: CONDA },
  'mamba run': { values: CONDA },
  'micromamba run': { values: `${CONDA} -e --env -r --root-prefix -a --attach --cwd` },
  'pixi run': {
    values:
      '-e --environment --manifest-path -m -w --workspace --auth-file --concurrent-downloads --concurrent-solves --pinning-strategy --pypi-keyring-provider --color --tls-root-certs --run-post-link-scripts --platform -p --cwd',
  },
  'pixi exec': { values: '-s --spec -w --with -c --channel -p --platform --auth-file --concurrent-downloads --pypi-keyring-provider --color' },
  'opam exec': { values: '--switch --color --root' },
  'stack exec': { values: '--package --resolver --stack-yaml --cwd --rts-options' },
  'cabal exec': { values: '-w --with-compiler --project-file --builddir' },
  'devbox run': { values: '-e --env --env-file -c --config --environment' },
  'flox activate': { values: '-r --remote -d --dir -m --mode' },
  'dotenvx run': { values: '-f --env-file -e --env -fk --env-keys-file' },
  'dotenv run': { values: '-f --file' },
  dotenv: { values: '-e -v -p', afterDashes: true },
  'asdf exec': { values: '' },
  'mise x': { values: '-C --cd -E --env -j --jobs', afterDashes: true },
  'mise exec': { values: '-C --cd -E --env -j --jobs', afterDashes: true },
  'rbenv exec': { values: '' },
  'pyenv exec': { values: '' },
  'bundle exec': { values: '--gemfile' },
  'composer exec': { values: '-d --working-dir' },
  'direnv exec': { values: '', operands: 1 },
  'xvfb-run': { values: '-n --server-num -s --server-args -e --error-file -f --auth-file -p --xauth-protocol -w --wait' },
  time: { values: '-f --format -o --output' },
  command: { values: '' },
  exec: { values: '-a' },
  nice: { values: '-n --adjustment' },
  ionice: { values: '-c --class -n --classdata' },
  nohup: { values: '' },
  setsid: { values: '' },
  stdbuf: { values: '-i -o -e --input --output --error' },
  unbuffer: { values: '' },
  chronic: { values: '' },
  caffeinate: { values: '-t -w' },
  'dbus-run-session': { values: '--config-file --dbus-daemon' },
  sudo: { values: '-u --user -g --group -h --host -p --prompt -C -D --chdir -R --chroot -T' },
  timeout: { values: '-k --kill-after -s --signal' },
  gtimeout: { values: '-k --kill-after -s --signal' },
}; // biome-ignore format: a table is read by rows

const BY_PROGRAM = new Map<string, readonly string[]>();
for (const name of Object.keys(WRAPPERS)) {
  const [program = ''] = name.split(' ');
  // The longest first: `hatch env run` is more than `hatch env`.
  BY_PROGRAM.set(
    program,
    [...(BY_PROGRAM.get(program) ?? []), name].sort((a, b) => b.length - a.length),
  );
}

/** These make a wrapper work on something else than the folder it stands in. */
const ELSEWHERE = new Set(['--directory', '--project', '--cwd', '-C', '--cd', '-D', '--chdir', '--working-dir']);

/** The wrapper that a command line begins with, and where what it starts begins; undefined for a line of any other program. */
export function wrapperCall(words: readonly string[]): WrapperCall | undefined {
  for (const name of BY_PROGRAM.get(words[0] ?? '') ?? []) {
    const call = callOf(name, words);
    if (call) return call;
  }
  return undefined;
}

function callOf(name: string, words: readonly string[]): WrapperCall | undefined {
  const { values, operands = 0, afterDashes } = WRAPPERS[name] ?? { values: '' };
  const valued = new Set(values.split(' '));
  const commands = name.split(' ').slice(1);
  const told = new Map<string, string>();
  let left = operands;
  let index = 1;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') {
      if (commands.length > 0) return undefined;
      index += 1;
      break;
    }
    if (isOption(name, word)) {
      const [option = '', value] = splitOption(word);
      if (value !== undefined) told.set(option, value);
      else if (valued.has(option)) {
        index += 1;
        told.set(option, words[index] ?? '');
      } else told.set(option, '');
    } else if (commands.length > 0) {
      if (commands.shift() !== word) return undefined;
    } else if (left > 0) left -= 1;
    else break;
  }
  if (commands.length > 0) return undefined;
  const dashes = afterDashes ? words.indexOf('--', index) : -1;
  const elsewhere = [...told].some(([option, value]) => ELSEWHERE.has(option) && value !== '' && value !== '.');
  return { name, start: dashes < 0 ? index : dashes + 1, told, elsewhere };
}

/** `hatch run +py=3.12 test` names variables of its environments. */
function isOption(name: string, word: string): boolean {
  return (word.startsWith('-') && word !== '-') || (name === 'hatch run' && word.startsWith('+'));
}

function splitOption(word: string): readonly [string, string?] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

/** The words without options of the wrapper: `pixi run -e test lint` → `pixi run lint`; as they are for any other program. */
export function withoutWrapperOptions(words: readonly string[]): readonly string[] {
  const call = wrapperCall(words);
  return call ? [...call.name.split(' '), ...words.slice(call.start)] : words;
}
