/** Package managers: what they install, and the scripts and programs that they start. Pure. */

import { singleQuoted } from '../shell-text.js';
import type { PackageScripts } from '../tools/tool.js';
import { type Argument, escapeGlob, literal, names, plainText, readOptions } from './argument.js';
import {
  type Call,
  directory,
  hasAny,
  infers,
  type Row,
  reads,
  readsAt,
  readsWhole,
  type Table,
  valuesOf,
  writes,
  writesAt,
  writesWhole,
} from './call.js';

/** A package manager of Node. */
interface Manager {
  readonly locks: readonly string[];
  readonly installs: RegExp;
  /** Only says what is known, or asks a registry. */
  readonly says: RegExp;
  /** Names of scripts may stand in the place of a command. */
  readonly shorthand: boolean;
}

const NPM: Manager = {
  locks: ['package-lock.json', 'npm-shrinkwrap.json'],
  installs: /^(?:install|i|add|in|ci|clean-install|uninstall|un|remove|rm|r|update|up|upgrade|dedupe|ddp|prune|rebuild|rb)$/,
  says: /^(?:ls|list|la|ll|view|info|show|v|outdated|audit|explain|why|fund|search|ping|whoami|root|bin|prefix|help|query|docs-x|doctor|-v|licenses)$/,
  shorthand: false,
};
const PNPM: Manager = {
  ...NPM,
  locks: ['pnpm-lock.yaml'],
  installs: /^(?:install|i|add|remove|rm|uninstall|un|update|up|upgrade|dedupe|prune|rebuild|rb|fetch|import)$/,
  shorthand: true,
};
const YARN: Manager = {
  ...NPM,
  locks: ['yarn.lock', '.yarn', '.pnp.cjs', '.pnp.loader.mjs', '.yarnrc.yml'],
  installs: /^(?:install|add|remove|up|upgrade|dedupe|rebuild)$/,
  shorthand: true,
};
const BUN: Manager = {
  ...NPM,
  locks: ['bun.lock', 'bun.lockb'],
  installs: /^(?:install|i|add|a|remove|rm|update)$/,
  says: /^(?:outdated|audit|why|pm-x)$/,
  shorthand: false,
};

const VALUED = names(
  '-C --dir --prefix --cwd -w --workspace -F --filter --loglevel --registry --userconfig --cache --reporter --omit --include --tag --otp --depth',
);

function manager(kind: Manager): Row {
  return (call) => {
    infers(call);
    const at = firstWord(call.args);
    const before = readOptions(call.args.slice(0, at), { valued: VALUED });
    const name = call.args[at]?.text;
    const args = call.args.slice(at + 1);
    if (call.args.length === 1 && /^(?:-v|--version|-h|--help)$/.test(call.args[0]?.text ?? '')) return;
    const all = readOptions(args, { valued: VALUED });
    const places = [
      ...valuesOf(before.given, '-C', '--dir', '--prefix', '--cwd'),
      ...valuesOf(all.given, '-C', '--dir', '--prefix', '--cwd'),
    ];
    const [place] = places;
    const cwd = place === undefined ? call.cwd : directory(call, place);
    const there: Call =
      place === undefined
        ? call
        : { ...call, cwd, start: (words) => call.start(words, cwd), shell: (line) => call.shell(line, cwd) };
    const elsewhere =
      hasAny(before.given, '-r', '--recursive', '-F', '--filter', '-w', '--workspace', '--workspaces', '-ws') ||
      hasAny(all.given, '-r', '--recursive', '--filter', '--workspace', '--workspaces', '-ws');
    if (name === undefined && (at < call.args.length || kind !== YARN))
      return call.footprint.barrier('it is not known which command it is');
    subcommand(there, { kind, name: name ?? 'install', args, given: all.given, elsewhere });
  };
}

interface Subcommand {
  readonly kind: Manager;
  readonly name: string;
  readonly args: readonly Argument[];
  readonly given: ReadonlyMap<string, readonly (Argument | undefined)[]>;
  readonly elsewhere: boolean;
}

function subcommand(call: Call, { kind, name, args, given, elsewhere }: Subcommand) {
  if (args.some((word) => word.loose)) call.footprint.barrier('it is not known what its options make it do');
  if (kind === BUN && name === 'test') return call.start([literal('bun-test'), ...args]);
  if (kind.installs.test(name)) return install(call, kind, name, given);
  if (name === 'audit' && args.some(({ text }) => text === 'fix' || text === '--fix'))
    return install(call, kind, 'install', given);
  if (name === 'config' && /^(?:get|list|ls)$/.test(args[0]?.text ?? '')) return;
  if (kind.says.test(name)) {
    if (!/^(?:view|info|show|v|search|ping|whoami|root|bin|prefix|help)$/.test(name))
      readsAt(call, 'package.json', 'node_modules', ...kind.locks);
    return;
  }
  if (/^(?:exec|x|dlx)$/.test(name)) return packageProgram(call, args);
  const isRun = /^(?:run|run-script|rum|urn)$/.test(name);
  const script = isRun
    ? args.find(({ text }) => !text?.startsWith('-'))
    : literal(name === 't' || name === 'tst' ? 'test' : name);
  if (isRun && args.length === 0) return readsAt(call, 'package.json');
  const isScript = isRun || /^(?:test|t|tst|start|stop|restart)$/.test(name) || kind.shorthand;
  if (!isScript || script?.text === undefined) return call.footprint.barrier(`it is not known what ${name} does`);
  if (elsewhere) return call.footprint.barrier('it runs scripts of other packages');
  const after = isRun ? args.slice(args.indexOf(script) + 1) : args;
  runScript(
    call,
    script.text,
    after.filter(({ text }) => text !== '--'),
    kind,
  );
}

/** Follows a script with those before and after it, from where its package stands. */
function runScript(call: Call, name: string, args: readonly Argument[], kind: Manager) {
  const found = packageAt(call);
  const text = found && Object.hasOwn(found.scripts, name) ? found.scripts[name] : undefined;
  if (!found || text === undefined) {
    // Some managers start a program when there is no such script; a name with a colon may be a script of another package.
    if (found && kind.shorthand && !name.includes(':')) return call.start([literal(`node_modules/.bin/${name}`), ...args]);
    return call.footprint.barrier(`nobody said what the script ${name} does`);
  }
  const words = args.map((word) => (word.text === undefined ? undefined : singleQuoted(word.text)));
  if (words.includes(undefined)) call.footprint.barrier('it is not known what its arguments make it do');
  const hook = (each: string) => (Object.hasOwn(found.scripts, each) ? [found.scripts[each] ?? ''] : []);
  for (const line of [...hook(`pre${name}`), [text, ...words].join(' '), ...hook(`post${name}`)])
    call.shell(line, [found.directory]);
}

/** The package that a manager works in, its directory as a glob; what is concluded then holds while its file stays as it is. */
function packageAt({ cwd, packageOf, footprint }: Call): PackageScripts | undefined {
  const [only, ...others] = cwd ?? [];
  const directory = only === undefined || others.length > 0 ? undefined : plainText(only);
  const found = directory === undefined ? undefined : packageOf?.(directory);
  if (!found) return undefined;
  const place = escapeGlob(slashed(found.directory)).replace(/\/+$/, '');
  const file = `${place}/package.json`;
  footprint.reads.add(file);
  footprint.sources.add(file);
  return { scripts: found.scripts, directory: place };
}

function slashed(directory: string): string {
  return /^[A-Za-z]:[\\/]|^\\\\/.test(directory) ? directory.replaceAll('\\', '/') : directory;
}

function firstWord(args: readonly Argument[]): number {
  for (let index = 0; index < args.length; index += 1) {
    const text = args[index]?.text;
    if (text === undefined || !text.startsWith('-')) return index;
    if (VALUED.has(text)) index += 1;
  }
  return args.length;
}

function install(call: Call, { locks }: Manager, name: string, given: ReadonlyMap<string, unknown>) {
  if (hasAny(given, '-g', '--global', '--location')) return call.footprint.barrier('it installs outside of the folder');
  readsWhole(call);
  if (given.has('--dry-run')) return;
  const inFolder = { ...call, cwd: [call.footprint.folder] };
  for (const place of [call, inFolder]) {
    writesAt(place, 'node_modules', 'packages/*/node_modules', 'apps/*/node_modules');
    const isFrozen = name === 'ci' || name === 'clean-install' || hasAny(given, '--frozen-lockfile', '--immutable');
    if (!isFrozen) writesAt(place, 'package.json', ...locks);
    if (locks.includes('.pnp.cjs')) writesAt(place, '.pnp.cjs', '.pnp.loader.mjs', '.yarn');
  }
  const found = given.has('--ignore-scripts') ? undefined : packageAt(call);
  if (!found) return;
  const { scripts, directory: at } = found;
  for (const each of ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare']) {
    if (Object.hasOwn(scripts, each)) call.shell(scripts[each] ?? '', [at]);
  }
}

/** `npx prettier@3 --check .`: a program of a package. */
function packageProgram(call: Call, args: readonly Argument[]) {
  const { operands, given } = readOptions(args, { valued: names('-p --package'), stopsAtOperand: true });
  const known = names('-y --yes --no --no-install -q --quiet -p --package --prefer-offline --bun --silent');
  for (const name of given.keys()) if (!known.has(name)) call.footprint.barrier(`it is not known what ${name} makes it do`);
  const [program, ...rest] = operands;
  if (program?.text === undefined) return call.footprint.barrier('it is not known which program it starts');
  call.start([literal(`node_modules/.bin/${program.text.replace(/(?<=.)@[\w.^~-]+$/, '')}`), ...rest]);
}

const npx: Row = (call) => {
  infers(call);
  packageProgram(call, call.args);
};

/** Into an environment that may lie anywhere, also in the folder. */
const pip: Row = (call) => {
  infers(call);
  const name = call.args.find(({ text }) => !text?.startsWith('-'))?.text;
  if (
    /^(?:list|show|freeze|check|help|index)$/.test(name ?? '') ||
    call.args.every(({ text }) => text === '--version' || text === '-V')
  )
    return;
  if (!/^(?:install|uninstall|sync|compile)$/.test(name ?? '')) return call.footprint.barrier('it is not known what it installs');
  readsWhole(call);
  writesWhole(call);
  const { operands, given } = readOptions(call.args, {
    valued: names('-r --requirement -c --constraint -t --target -e --editable'),
  });
  reads(call, ...valuesOf(given, '-r', '--requirement', '-c', '--constraint', '-e', '--editable'), ...operands.slice(1));
  writes(call, ...valuesOf(given, '-t', '--target', '-e', '--editable'));
  const environment = call.env['VIRTUAL_ENV'];
  if (environment !== undefined) writes(call, literal(environment));
};

/** `poetry run`, and its kin: the rest is started in an environment. */
function pythonProject(lock: string, own: { readonly runs: RegExp; readonly installs: RegExp; readonly says: RegExp }): Row {
  return (call) => {
    infers(call);
    const [first, ...rest] = call.args;
    const name = first?.text ?? '';
    if (own.runs.test(name)) {
      const { operands, given } = readOptions(rest, {
        valued: names('--with --python -p --group --extra --package --env-file --project --directory -n --name'),
        stopsAtOperand: true,
      });
      if (
        hasAny(given, '--directory', '--project', '--env-file', '--with-requirements', '--script', '-s', '--with-editable', '-c')
      )
        call.footprint.barrier('it is not known where it runs');
      if (lock === 'uv.lock' && !hasAny(given, '--no-sync')) {
        readsWhole(call);
        writesAt(call, '.venv', lock);
      }
      return call.start(operands);
    }
    if (own.installs.test(name)) {
      readsWhole(call);
      writesAt(call, '.venv', lock, ...(/^(?:add|remove|version)$/.test(name) ? ['pyproject.toml', 'Pipfile'] : []));
      const environment = call.env['VIRTUAL_ENV'];
      if (environment !== undefined) writes(call, literal(environment));
      return;
    }
    if (name === 'pip') return pip({ ...call, args: rest });
    if (own.says.test(name)) return readsWhole(call);
    call.footprint.barrier(`it is not known what ${name} does`);
  };
}

const uvx: Row = (call) => {
  infers(call);
  const { operands } = readOptions(call.args, { valued: names('--from --with --python -p'), stopsAtOperand: true });
  const [program, ...rest] = operands;
  if (program?.text === undefined) return call.footprint.barrier('it is not known which program it starts');
  call.start([literal(program.text.replace(/(?:@|[=<>~!]=).*$/, '')), ...rest]);
};

const composer: Row = (call) => {
  infers(call);
  const name = call.args.find(({ text }) => !text?.startsWith('-'))?.text ?? '';
  if (/^(?:show|validate|outdated|audit|why|depends|licenses|check-platform-reqs)$/.test(name)) return readsWhole(call);
  if (!/^(?:install|update|require|remove|dump-autoload)$/.test(name))
    return call.footprint.barrier(`it is not known what ${name} does`);
  readsWhole(call);
  writesAt(call, 'vendor', 'composer.lock', ...(/^(?:require|remove)$/.test(name) ? ['composer.json'] : []));
};

const bundle: Row = (call) => {
  infers(call);
  const [first, ...rest] = call.args;
  const name = first?.text ?? 'install';
  if (name === 'exec') return call.start(rest);
  if (/^(?:list|show|info|outdated|check|audit)$/.test(name)) return readsWhole(call);
  if (!/^(?:install|update|add|remove|lock)$/.test(name)) return call.footprint.barrier(`it is not known what ${name} does`);
  readsWhole(call);
  writesAt(call, 'vendor', 'Gemfile.lock', '.bundle', ...(/^(?:add|remove)$/.test(name) ? ['Gemfile'] : []));
};

export const PACKAGES: Table = {
  npm: manager(NPM), pnpm: manager(PNPM), yarn: manager(YARN), bun: manager(BUN), npx, bunx: npx, pnpx: npx,
  pip, pip3: pip, uvx, composer, bundle,
  uv: pythonProject('uv.lock', { runs: /^run$/, installs: /^(?:sync|lock|add|remove|venv)$/, says: /^(?:tree|version|export)$/ }),
  poetry: pythonProject('poetry.lock', { runs: /^run$/, installs: /^(?:install|update|add|remove|lock|sync)$/, says: /^(?:show|check|env|version-x)$/ }),
  pipenv: pythonProject('Pipfile.lock', { runs: /^run$/, installs: /^(?:install|update|sync|lock|uninstall)$/, says: /^(?:graph|verify)$/ }),
  pdm: pythonProject('pdm.lock', { runs: /^run$/, installs: /^(?:install|update|add|remove|lock|sync)$/, says: /^(?:list|show)$/ }),
}; // biome-ignore format: a table is read by rows
