/**
 * What decides the result of a gate, as one key: contents of files, configuration, command, versions of tools, environment. Equal keys
 * mean an equal result; what cannot be read for certain gives no key. Contents are read once and remembered by what the file system says of
 * a file, as git does.
 */
import { createHash, type Hash } from 'node:crypto';
import { type BigIntStats, existsSync, lstatSync, readFile as readFileCallback, statSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { version } from '../../package.json';
import type { Gate } from './gate-model.js';
import { EVERY_FILE } from './gates/preset.js';
import { globMatcher } from './glob-match.js';
import type { Log } from './host.js';
import type { CommandInput } from './model.js';
import { slashes, upwards } from './paths.js';
import { readsTree, type TreeFile } from './reads-tree.js';
import { writeWhole } from './whole-file.js';

/** Raised when keys are made in another way. */
const FORMAT = 3;
/** A file that changed so shortly before it was read may change again without the file system showing it. */
const RACY_NS = 2_000_000_000n;
/** A larger file that is not of the workspace is known by its size, time and place. */
const READ_LIMIT_BYTES = 2_000_000;
const TOGETHER = 64;
/** How long the event loop may be held by questions that the file system answers at once, in milliseconds. */
const HOLD_MS = 8;
/** A quarter of the time of the one that returns promises, which opens, asks, reads and closes in a turn each. */
const readFile = promisify(readFileCallback);

/** One look at the workspace: everything is looked at once, for all gates. */
export interface Fingerprints {
  /** The key of a gate that runs these commands; undefined when what decides its result is not known or cannot be read. */
  of(gate: Gate, commands: readonly CommandInput[]): Promise<string | undefined>;
  /** As `of` without the files of the workspace: what decides the result of the gate on files that are known otherwise. */
  ofTool(gate: Gate, commands: readonly CommandInput[]): Promise<string | undefined>;
  /**
   * When one of the files of the workspace that the gate may read was touched last, in milliseconds of the wall clock; 0 where none is known.
   * Equal keys before and after a run do not tell that nothing was other in between.
   */
  touched(gate: Gate): Promise<number>;
  /** Remembers contents for the next look. */
  close(): Promise<void>;
}

export interface FingerprintOptions {
  /** Where contents are remembered. */
  readonly storage: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute: caches and outputs of the gates themselves, which decide nothing. */
  readonly caches: readonly string[];
  readonly log: Log;
}

/** Looks at nothing before it is asked. */
export function openFingerprints({ storage, env, caches, log }: FingerprintOptions): Fingerprints {
  const index = openIndex(path.join(storage, 'contents.json'), log);
  const trees = new Map<string, Promise<readonly TreeFile[]>>();
  const others = new Map<string, Promise<string>>();
  const selections = new Map<string, Promise<Selection>>();
  const tree = (folder: string): Promise<readonly TreeFile[]> => {
    const known = trees.get(folder) ?? readsTree(folder, new Set(caches));
    trees.set(folder, known);
    return known;
  };
  const lines = new Map<string, string | Promise<string>>();
  const touches = new Map<string, bigint>();
  const lineOf = (folder: string, found: TreeFile): string | Promise<string> => {
    const { name } = found;
    const file = path.join(folder, name);
    const known = lines.get(file);
    if (known !== undefined) return known;
    const content = contentOf(file, found, { index, touched: (at) => touches.set(file, at) });
    const line = typeof content === 'string' ? `${name}\0${content}` : content.then((each) => `${name}\0${each}`);
    lines.set(file, line);
    return line;
  };
  const filesOf = (gate: Gate, globs: readonly string[]): Promise<Selection> => {
    const all = globs.includes('**');
    // What may read anything may read what lies beside the folder in its repository, too.
    const folder = all ? repositoryOf(gate.folder.path) : gate.folder.path;
    const key = JSON.stringify([folder, all ? '' : gate.command.cwd, all ? '**' : globs]);
    const select = async (): Promise<Selection> => {
      const matches = globMatcher(globs);
      const inside = slashes(path.relative(folder, gate.command.cwd));
      const own = (name: string) => (inside !== '' && name.startsWith(`${inside}/`) ? name.slice(inside.length + 1) : name);
      // What git ignores is read, too, unless the tool goes by what git ignores: then such a list decides, and stands among the globs.
      const skipsIgnored = !all && globMatcher(globs.filter((glob) => glob !== EVERY_FILE))('.gitignore');
      const chosen = (await tree(folder)).filter(
        ({ name, ignored }) => all || (!(ignored && skipsIgnored) && (matches(name) || matches(own(name)))),
      );
      await index.ready();
      const text = digest(await eachOf(chosen, (file) => lineOf(folder, file)));
      let newest = 0n;
      for (const { name } of chosen) {
        const at = touches.get(path.join(folder, name)) ?? 0n;
        if (at > newest) newest = at;
      }
      return { digest: text, touchedMs: Number(newest / 1_000_000n) };
    };
    const known = selections.get(key) ?? select();
    selections.set(key, known);
    return known;
  };
  const otherFile = (file: string): Promise<string> => {
    const known = others.get(file) ?? otherContent(file, index);
    others.set(file, known);
    return known;
  };
  /** A file that is named is read even where git ignores it and wherever it lies; a directory stands for what is looked at anyway. */
  const namedFiles = (commands: readonly CommandInput[]) =>
    commands.flatMap(({ argv, cwd }) =>
      argv
        .slice(1)
        .filter((word) => !word.startsWith('-') && !word.includes('\0'))
        .map((word) => path.resolve(cwd, word))
        .filter((file) => isFile(file)),
    );
  const toolOf = async ({ reads, folder, parser, matchers, exitCodes }: Gate, commands: readonly CommandInput[]) => [
    // Another version of Volley may understand the output otherwise.
    JSON.stringify([FORMAT, version, process.version, process.platform, process.arch]),
    JSON.stringify(
      commands.map(({ argv, cwd, env: own, shell }) => [
        argv,
        path.relative(folder.path, cwd),
        Object.entries(own).sort(),
        shell,
      ]),
    ),
    JSON.stringify([parser, matchers ?? [], exitCodes]),
    JSON.stringify(variablesOf([...(reads?.env ?? []), 'PATH'], env)),
    ...(await eachOf([...(reads?.also ?? []), ...namedFiles(commands)], async (file) => `${file}\0${await otherFile(file)}`)),
  ];
  const key = async (gate: Gate, make: () => Promise<string>): Promise<string | undefined> => {
    try {
      return await make();
    } catch (error) {
      log.debug(`${gate.id} is not answered from the cache: ${String(error)}`);
      return undefined;
    }
  };
  return {
    of: (gate, commands) => {
      const { reads } = gate;
      if (!reads) return Promise.resolve(undefined);
      return key(gate, async () => digest([...(await toolOf(gate, commands)), (await filesOf(gate, reads.files)).digest]));
    },
    ofTool: (gate, commands) => key(gate, async () => digest(await toolOf(gate, commands))),
    touched: async (gate) => (gate.reads ? (await filesOf(gate, gate.reads.files)).touchedMs : 0),
    close: () => index.save(),
  };
}

/** The files that a gate may read, as one text, and when one of them was touched last. */
interface Selection {
  readonly digest: string;
  /** Milliseconds of the wall clock. */
  readonly touchedMs: number;
}

function isFile(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    // A name that is too long, or a file where a directory should be: no file of this name.
    return false;
  }
}

/** The directory of the repository that the folder lies in; the folder itself without one. */
function repositoryOf(folder: string): string {
  return upwards(folder).find((directory) => existsSync(path.join(directory, '.git'))) ?? folder;
}

// ----------------------------------------------------------------------------------------------------------- environment

/** What terminals, shells, package managers and editors tell of themselves: another in each window, and no program's result goes by it. */
const OF_A_SESSION =
  /^(?:_|PWD|OLDPWD|SHLVL|COLUMNS|LINES|TERM|COLORTERM|WINDOWID|INIT_CWD|MAIL|PS\d|PROMPT.*|LS_COLORS|LESS.*|HIST.*|INVOCATION_ID|JOURNAL_STREAM|STY|KONSOLE_.*|KITTY_.*|ITERM_.*|WT_.*|ALACRITTY_.*|WEZTERM_.*|GHOSTTY_.*|STARSHIP_.*|TMUX.*|TERM_.*|TERMINAL_.*|SSH_.*|GPG_.*|DBUS_.*|XDG_(?:SESSION|RUNTIME|SEAT|VTNR).*|GNOME_.*|VTE_.*|VSCODE_.*|ELECTRON_(?:RUN_AS_NODE|NO_ATTACH_CONSOLE)|CHROME_(?:DESKTOP|CRASHPAD_.*)|npm_(?:lifecycle|package|command|execpath|node_execpath).*|PNPM_SCRIPT_.*|DIRENV_.*|VOLLEY_.*)$/;

/** Names and values. A name that ends in `*` is the start of one; `*` alone is all but what changes from terminal to terminal. */
function variablesOf(names: readonly string[], env: Readonly<Record<string, string | undefined>>): readonly unknown[] {
  const starts = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  const isMeant = (name: string) => starts.some((start) => name.startsWith(start) && (start !== '' || !OF_A_SESSION.test(name)));
  const meant = starts.length === 0 ? [] : Object.keys(env).filter((name) => env[name] !== undefined && isMeant(name));
  const all = new Set([...names.filter((name) => !name.endsWith('*')), ...meant]);
  return [...all].sort().map((name) => [name, env[name] ?? null]);
}

// -------------------------------------------------------------------------------------------------------------- contents

interface ContentOptions {
  readonly index: ContentIndex;
  /** Is told when the file was touched last, in nanoseconds of the wall clock. */
  readonly touched: (at: bigint) => void;
}

/** Kind, mode and content of an entry of the workspace: at once where nothing has to be read. The index has to be ready. */
function contentOf(file: string, found: TreeFile, options: ContentOptions): string | Promise<string> {
  const { entry } = found;
  // What it leads to is read under its name; a directory behind it is gone through as any other.
  if (entry.isSymbolicLink())
    return readlink(file).then(async (target) => `link ${target} ${await behind(file, found, options)}`);
  // A socket or a pipe has no content.
  if (!entry.isFile()) return 'other';
  // A file system answers in some microseconds; to wait for a thread that asks it takes longer than that.
  const stats = lstatSync(file, { bigint: true });
  if (!stats.isFile()) throw new Error(`${file} changed while it was looked at`);
  return fileContent(file, stats, found, options);
}

function behind(link: string, found: TreeFile, options: ContentOptions): string | Promise<string> {
  let stats: BigIntStats | undefined;
  try {
    stats = statSync(link, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw error;
  }
  return stats?.isFile()
    ? fileContent(link, stats, { ...found, linked: true }, options)
    : stats?.isDirectory()
      ? 'directory'
      : 'nothing';
}

function fileContent(
  file: string,
  stats: BigIntStats,
  { ignored, linked }: Pick<TreeFile, 'ignored' | 'linked'>,
  { index, touched }: ContentOptions,
): string | Promise<string> {
  touched(stats.ctimeNs);
  // A link may lead to data of any size.
  if (ignored || (linked && stats.size > READ_LIMIT_BYTES))
    return `ignored ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.ino}`;
  const kind = `file ${(stats.mode & 0o111n) === 0n ? '' : 'x'}`;
  const known = index.known(file, stats);
  return known === undefined ? index.read(file, stats).then((hash) => `${kind} ${hash}`) : `${kind} ${known}`;
}

/** What a file outside of the workspace's own is; that it is not there is a state, too. */
async function otherContent(file: string, index: ContentIndex): Promise<string> {
  let stats: BigIntStats | undefined;
  try {
    stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
  }
  if (!stats) return 'missing';
  if (stats.isDirectory()) return `directory ${(await readdir(file)).sort().join('\0')}`;
  if (stats.size > READ_LIMIT_BYTES) return `large ${stats.size} ${stats.mtimeNs} ${stats.ino}`;
  await index.ready();
  return `file ${index.known(file, stats) ?? (await index.read(file, stats))}`;
}

interface ContentIndex {
  /** Resolves when what was remembered is there. */
  ready(): Promise<unknown>;
  /** The hash of a file that was read when the file system said the same of it. */
  known(file: string, stats: BigIntStats): string | undefined;
  /** Reads the file, and remembers its hash for what the file system said of it before. */
  read(file: string, stats: BigIntStats): Promise<string>;
  save(): Promise<void>;
}

/** What the file system said of a file, and when it was read, in nanoseconds; and what its content was. */
type Known = readonly [size: string, mtime: string, ctime: string, inode: string, at: string, hash: string];

function openIndex(file: string, log: Log): ContentIndex {
  let loading: Promise<void> | undefined;
  let remembered: ReadonlyMap<string, Known> = new Map();
  const used = new Map<string, Known>();
  let changed = false;
  const load = async (): Promise<void> => {
    try {
      const { format, files } = JSON.parse(await readFile(file, 'utf8')) as { format: number; files: Record<string, Known> };
      if (format === FORMAT) remembered = new Map(Object.entries(files));
    } catch {
      // Then everything is read.
    }
  };
  const ready = () => {
    loading ??= load();
    return loading;
  };
  return {
    ready,
    known(name, stats) {
      const known = remembered.get(name);
      if (!known || stateOf(stats).some((value, at) => value !== known[at]) || !isSettled(known)) return undefined;
      used.set(name, known);
      return known[5];
    },
    async read(name, stats) {
      const at = BigInt(Date.now()) * 1_000_000n;
      const hash = createHash('sha256')
        .update(await readFile(name))
        .digest('base64');
      used.set(name, [...stateOf(stats), String(at), hash] as unknown as Known);
      changed = true;
      return hash;
    },
    async save() {
      if (!changed) return;
      changed = false;
      try {
        // Files that other gates of other runs asked for are kept as long as they are few.
        await ready();
        const all = new Map([...remembered, ...used]);
        const files = Object.fromEntries(all.size > 4 * used.size + 10_000 ? used : all);
        await writeWhole(file, JSON.stringify({ format: FORMAT, files }));
      } catch (error) {
        log.warn(`Contents of files could not be remembered: ${String(error)}. The next run reads them anew.`);
      }
    },
  };
}

function stateOf(stats: BigIntStats): readonly string[] {
  return [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].map(String);
}

/** Whether the file had been left alone for a while when it was read. */
function isSettled([, mtime, ctime, , at]: Known): boolean {
  const read = BigInt(at);
  return read - BigInt(mtime) > RACY_NS && read - BigInt(ctime) > RACY_NS;
}

// --------------------------------------------------------------------------------------------------------------- helpers

/** Of texts that cannot run into each other. */
function digest(texts: readonly string[]): string {
  const hash: Hash = createHash('sha256');
  // Each call costs as much as some hundred bytes.
  for (let start = 0; start < texts.length; start += DIGESTED) {
    const some = texts.slice(start, start + DIGESTED);
    hash.update(some.map((text) => `${Buffer.byteLength(text)}:${text}`).join(''));
  }
  return hash.digest('hex');
}

const DIGESTED = 1000;

/** The results in the order of the items. What is not known at once is found out for some at a time, and the event loop goes on. */
async function eachOf<Item>(items: readonly Item[], work: (item: Item) => string | Promise<string>): Promise<readonly string[]> {
  const results: string[] = new Array(items.length);
  const waiting: Promise<void>[] = [];
  let since = performance.now();
  for (const [index, item] of items.entries()) {
    const result = work(item);
    if (typeof result === 'string') results[index] = result;
    else {
      const set = result.then((text) => {
        results[index] = text;
      });
      // It may fail before anybody waits for it.
      set.catch(() => undefined);
      waiting.push(set);
    }
    const full = waiting.length >= TOGETHER;
    if (!full && performance.now() - since < HOLD_MS) continue;
    await Promise.all(full ? waiting.splice(0) : [nextTurn()]);
    since = performance.now();
  }
  await Promise.all(waiting);
  return results;
}
