/** Calls of CMake and Meson that configure the folder of a build: without one nothing can be built there. Pure. */
import path from 'node:path';
import { parse } from 'unbash';
import type { Draft, Drafts } from './drafts.js';
import type { Mention } from './mention.js';
import { purposeOf } from './mention-purpose.js';
import { isBuildFolder, isOfSameSources, nativeBuild } from './native-builds.js';
import { LONGEST, literal } from './script-words.js';

/** A folder of a build, and the call that configures it, seen from where the sources are. */
export interface Configure {
  /** Empty for that of a preset, which says it itself. */
  readonly directory: string;
  readonly preset?: string;
  readonly argv: readonly string[];
}

/**
 * Tells builds, and tests that build before, how CI configures their folder: in the job that builds there, else wherever it is the
 * same sources. What is about the machine of CI (compilers, generators, other places) is left to that of the user.
 */
export function addConfigures({ byKey }: Drafts, mentions: readonly Mention[]): void {
  const isOfChecks = (mention: Mention) => mention.role === 'workflow' && purposeOf(mention) === 'checks';
  const ofCi = mentions.filter((mention) => isOfChecks(mention) && !mention.cwd.startsWith('..'));
  const found = ofCi.flatMap((mention) => {
    const configure = configureIn(mention);
    return configure ? [{ mention, configure }] : [];
  });
  if (found.length === 0) return;
  for (const draft of [...byKey.values()]) {
    const place = placeOf(draft);
    if (place === undefined) continue;
    const jobs = new Set(ofCi.filter((mention) => speaksFor(mention, draft)).map(jobOf));
    const fits = found.filter(({ configure }) => isFor(configure, place, draft));
    const inJob = fits.filter(({ mention }) => jobs.has(jobOf(mention)));
    const named = draft.command.kind === 'program' ? presetOf(draft.command.given) : undefined;
    const isNear = ({ configure }: (typeof fits)[number]) =>
      place === '' ? configure.preset === named : configure.directory === place || configure.preset !== undefined;
    const [first] = [...inJob.filter(isNear), ...inJob, ...fits.filter(isNear), ...(place === '' ? [] : fits)];
    if (first) byKey.set(draft.key, { ...draft, configuredBy: inPlace(first.configure, place, draft) });
  }
}

/** The folder that has to be configured before; undefined for what needs none. */
function placeOf({ command }: Draft): string | undefined {
  if (command.kind !== 'program') return undefined;
  if (presetOf(command.given) !== undefined)
    return command.program === 'cmake' && command.given[0] === '--build' ? '' : undefined;
  const build = /^(?:cmake|ninja|samu|meson)$/.test(command.program) ? nativeBuild(command.program, command.given) : undefined;
  return build?.directory === '.' ? undefined : build?.directory;
}

/** What is told of a preset of CMake. */
function presetOf(args: readonly (string | undefined)[]): string | undefined {
  const at = args.findIndex((arg) => arg !== undefined && /^--preset(?:=|$)/.test(arg));
  return at < 0 ? undefined : ((args[at]?.slice('--preset='.length) || args[at + 1]) ?? '');
}

function isFor({ argv, directory, preset }: Configure, place: string, { command }: Draft): boolean {
  // One preset of a build belongs to one of its configuration, which only the file says: by habit they have one name.
  if (place === '') return preset !== undefined;
  if (preset !== undefined) return command.kind === 'program' && command.program === 'cmake' && place.split('/').includes(preset);
  if (command.kind !== 'program' || !isOfSameSources(directory, place)) return false;
  return command.program === 'cmake' || command.program === 'meson' ? argv[0] === command.program : directory === place;
}

/** For the folder that the gate builds in, and by the program that it builds with. */
function inPlace({ argv, directory, preset }: Configure, place: string, { command }: Draft): readonly string[] {
  if (preset !== undefined) return argv;
  const told = argv.map((word, index) => (word === directory && index > 1 ? place : word));
  return argv[0] === 'cmake' && command.kind === 'program' && command.program === 'ninja' ? [...told, '-G', 'Ninja'] : told;
}

function jobOf({ file, name }: Mention): string {
  return JSON.stringify([file, name]);
}

function speaksFor({ file, line }: Mention, { evidence }: Draft): boolean {
  return evidence.some((each) => each.line === line && each.file.endsWith(file));
}

/** The call in a line of CI that configures a build, if it is one. */
function configureIn({ command, cwd }: Mention): Configure | undefined {
  if (command.kind === 'argv') return configureCall(command.argv, cwd);
  if (!/\b(?:cmake|meson)\b/.test(command.text) || command.text.length > LONGEST) return undefined;
  const [statement, ...others] = parse(command.text).commands;
  const call = statement?.command;
  if (others.length > 0 || call?.type !== 'Command' || call.name === undefined) return undefined;
  const words = [call.name, ...call.args].map((word) => (word.type === 'Word' ? literal(word)?.value : undefined));
  return configureCall(words, cwd);
}

/**
 * `words` of a call that runs in `cwd`, undefined in place of those that nobody knows; undefined for a call that configures nothing of the
 * repository.
 */
export function configureCall(words: readonly (string | undefined)[], cwd: string): Configure | undefined {
  const [program, ...args] = words;
  if (program === 'cmake') return ofCMake(args, cwd);
  if (program === 'meson') return ofMeson(args, cwd);
  return undefined;
}

function ofCMake(args: readonly (string | undefined)[], cwd: string): Configure | undefined {
  if (/^(?:--build|--install|--open|-[EPN]|--find-package|--workflow|--version|--help.*)$/.test(args[0] ?? '')) return undefined;
  const preset = presetOf(args);
  if (preset !== undefined)
    return preset === '' || cwd !== '' || args.includes('--workflow')
      ? undefined
      : { directory: '', preset, argv: ['cmake', '--preset', preset, ...optionsOf(args)] };
  const options: string[] = [];
  let [source, directory]: (string | undefined)[] = [undefined, undefined];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === undefined) continue;
    const [, option = '', inline = ''] = /^(-[DSBHGATC])(.*)$/s.exec(arg) ?? [];
    if (option === '') {
      if (TAKES_VALUE.test(arg)) index += 1;
      else if (!arg.startsWith('-')) source ??= arg;
      continue;
    }
    if (inline === '') index += 1;
    const value = inline === '' ? args[index] : inline;
    if (value === undefined) continue;
    if (option === '-S' || option === '-H') source = value;
    else if (option === '-B') directory = value;
    else if (option === '-D' && isOfProject(value)) options.push(`-D${value}`);
  }
  // In a folder that is made for it.
  const place = directory === undefined ? (source === undefined ? undefined : cwd) : within(cwd, directory);
  // The checkout, seen from a folder in which nothing is that was not built.
  const sources = isBuildFolder(cwd) && /^\.\/?$/.test(source ?? '') ? '' : within(cwd, source ?? '.');
  if (place === undefined || place === '' || sources === undefined) return undefined;
  return { directory: place, argv: ['cmake', '-S', sources === '' ? '.' : sources, '-B', place, ...options] };
}

/** Options of CMake whose value is the next word. */
const TAKES_VALUE =
  /^(?:--(?:toolchain|install-prefix|log-level|log-context|graphviz|project-file|debug-find-pkg|debug-find-var|trace-source|trace-redirect|trace-format|profiling-output|profiling-format|sarif-output)|-U)$/;

/** What the project is told besides its preset. */
function optionsOf(args: readonly (string | undefined)[]): readonly string[] {
  return args.flatMap((arg) => (arg?.startsWith('-D') && isOfProject(arg.slice(2)) ? [arg] : []));
}

/** Whether an option is the project's own, or one of CMake's that decides whether the sources build. */
function isOfProject(option: string): boolean {
  const [name = '', value = ''] = option.replace(/:\w+(?==)/, '').split(/=(.*)/s);
  if (value === '' || /[$`]|%\w+%/.test(value) || /^CMAKE_\w*(?:COMPILER(?:_|$)|LAUNCHER|TOOLCHAIN)/.test(name)) return false;
  return !name.startsWith('CMAKE_') || DECIDING.test(name);
}

const DECIDING = /^CMAKE_(?:BUILD_TYPE|CXX_STANDARD|C_STANDARD|COMPILE_WARNING_AS_ERROR|EXPORT_COMPILE_COMMANDS|CXX_EXTENSIONS)$/;

function ofMeson(args: readonly (string | undefined)[], cwd: string): Configure | undefined {
  const [first, ...rest] = args;
  const isSetup = first === 'setup';
  if (
    !isSetup &&
    /^(?:compile|test|install|dist|introspect|configure|init|wrap|subprojects|format|fmt|rewrite|devenv|env2mfile|--version|--help)$/.test(
      first ?? '',
    )
  )
    return undefined;
  const known = (isSetup ? rest : args).filter((arg) => arg !== undefined);
  const [place, ...others] = known.filter(
    (arg, index) => !arg.startsWith('-') && !/^-D$|^--(?:cross-file|native-file)$/.test(known[index - 1] ?? ''),
  );
  const directory = place === undefined ? undefined : within(cwd, place);
  if (directory === undefined || directory === '' || others.length > 0) return undefined;
  return { directory, argv: ['meson', 'setup', directory, ...known.filter((arg) => /^-D[\w:.-]+=[\w.,-]+$/.test(arg))] };
}

/** A folder of the repository seen from its root, empty for that itself; undefined for one that is elsewhere. */
function within(cwd: string, place: string): string | undefined {
  if (/^[/~]|[$`\\*]/.test(place)) return undefined;
  const plain = path.posix.normalize(path.posix.join(cwd, place)).replace(/\/$/, '');
  return plain.startsWith('..') ? undefined : plain === '.' ? '' : plain;
}
