/**
 * What decides the result of a gate, as one key: contents of files, configuration, command, versions of tools, environment. Equal keys
 * mean an equal result; what cannot be read for certain gives no key. Contents are read once and remembered by what the file system says of
 * a file, as git does.
 */
import { createHash, type Hash } from 'node:crypto';
import { type BigIntStats, type Dirent, lstatSync, readFile as readFileCallback } from 'node:fs';
import { readdir, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import ignore, { type Ignore } from 'ignore';
import type { Gate } from './gate-model.js';
import { globMatcher } from './glob-match.js';
import type { Log } from './host.js';
import { isLeftover, NAMES_NEVER_WALKED } from './ignored.js';
import type { CommandInput } from './model.js';
import { slashes } from './paths.js';
import { writeWhole } from './whole-file.js';

/** Raised when keys are made in another way. */
const FORMAT = 2;
/** A file that changed so shortly before it was read may change again without the file system showing it. */
const RACY_NS = 2_000_000_000n;
/** A larger file that is not of the workspace is known by its size, time and place. */
const READ_LIMIT_BYTES = 2_000_000;
const TOGETHER = 64;
/** How long the event loop may be held by questions that the file system answers at once, in milliseconds. */
const HOLD_MS = 8;
/** A quarter of the time of the one that returns promises, which opens, asks, reads and closes in a turn each. */
const readFile = promisify(readFileCallback);
/** More of what git ignores than this is not looked at, so that nothing is known of who may read it. */
const MOST_IGNORED = 20_000;

/** One look at the workspace: everything is looked at once, for all gates. */
export interface Fingerprints {
  /** The key of a gate that runs these commands; undefined when what decides its result is not known or cannot be read. */
  of(gate: Gate, commands: readonly CommandInput[]): Promise<string | undefined>;
  /** As `of` without the files of the workspace: what decides the result of the gate on files that are known otherwise. */
  ofTool(gate: Gate, commands: readonly CommandInput[]): Promise<string | undefined>;
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
  const parts = new Map<string, Promise<string>>();
  const once = (key: string, make: () => Promise<string>): Promise<string> => {
    const known = parts.get(key) ?? make();
    parts.set(key, known);
    return known;
  };
  const tree = (folder: string): Promise<readonly TreeFile[]> => {
    const known = trees.get(folder) ?? walk(folder, new Set(caches));
    trees.set(folder, known);
    return known;
  };
  const lines = new Map<string, string | Promise<string>>();
  const lineOf = (folder: string, { name, entry, ignored }: TreeFile): string | Promise<string> => {
    const file = path.join(folder, name);
    const known = lines.get(file);
    if (known !== undefined) return known;
    const content = contentOf(file, entry, ignored, index);
    const line = typeof content === 'string' ? `${name}\0${content}` : content.then((each) => `${name}\0${each}`);
    lines.set(file, line);
    return line;
  };
  const filesOf = async (gate: Gate, globs: readonly string[]): Promise<string> => {
    const folder = gate.folder.path;
    const all = globs.includes('**');
    const key = JSON.stringify(['files', folder, all ? '' : gate.command.cwd, all ? '**' : globs]);
    return once(key, async () => {
      const matches = globMatcher(globs);
      const inside = slashes(path.relative(folder, gate.command.cwd));
      const own = (name: string) => (inside !== '' && name.startsWith(`${inside}/`) ? name.slice(inside.length + 1) : name);
      // A gate that may read anything may also read what a build has made, which git ignores.
      const chosen = (await tree(folder)).filter(
        ({ name, ignored }) => all || (!ignored && (matches(name) || matches(own(name)))),
      );
      await index.ready();
      return digest(await eachOf(chosen, (file) => lineOf(folder, file)));
    });
  };
  const otherFile = (file: string) => once(JSON.stringify(['also', file]), () => otherContent(file, index));
  const toolOf = async ({ reads, folder, parser, matchers, exitCodes }: Gate, commands: readonly CommandInput[]) => [
    JSON.stringify([FORMAT, process.version, process.platform, process.arch]),
    JSON.stringify(
      commands.map(({ argv, cwd, env: own, shell }) => [
        argv,
        path.relative(folder.path, cwd),
        Object.entries(own).sort(),
        shell,
      ]),
    ),
    JSON.stringify([parser, matchers ?? [], exitCodes]),
    JSON.stringify([...new Set([...(reads?.env ?? []), 'PATH'])].sort().map((name) => [name, env[name] ?? null])),
    ...(await eachOf(reads?.also ?? [], async (file) => `${file}\0${await otherFile(file)}`)),
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
      return key(gate, async () => digest([...(await toolOf(gate, commands)), await filesOf(gate, reads.files)]));
    },
    ofTool: (gate, commands) => key(gate, async () => digest(await toolOf(gate, commands))),
    close: () => index.save(),
  };
}

// ----------------------------------------------------------------------------------------------------------------- tree

interface TreeFile {
  /** Relative to the folder with `/`. */
  readonly name: string;
  readonly entry: Dirent;
  /** Git ignores it: known by what the file system says of it, not by its content. */
  readonly ignored: boolean;
}

/** Everything below the folder that is no directory, by name, without caches; links are not followed. */
async function walk(folder: string, caches: ReadonlySet<string>): Promise<readonly TreeFile[]> {
  const found: TreeFile[] = [];
  let left = MOST_IGNORED;
  const visit = async (directory: string, rules: readonly Rule[], below: boolean): Promise<void> => {
    const entries = await readdir(path.join(folder, directory), { withFileTypes: true });
    const own = entries.some(({ name }) => name === '.gitignore') ? await ruleIn(folder, directory) : undefined;
    const all = own ? [...rules, own] : rules;
    const inner: (readonly [name: string, ignored: boolean])[] = [];
    for (const entry of entries) {
      const name = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (NAMES_NEVER_WALKED.has(entry.name) || (caches.size > 0 && caches.has(path.join(folder, name)))) continue;
      const ignored = below || isIgnored(entry.isDirectory() ? `${name}/` : name, all);
      if (ignored && isLeftover(entry.name)) continue;
      if (ignored) left -= 1;
      if (left < 0) throw new Error(`git ignores more than ${MOST_IGNORED} files in ${folder}`);
      if (entry.isDirectory()) inner.push([name, ignored]);
      // What tools read of their own accord is often ignored, and small.
      else found.push({ name, entry, ignored: ignored && !entry.name.startsWith('.env') });
    }
    await Promise.all(inner.map(([name, ignored]) => visit(name, all, ignored)));
  };
  await visit('', [], false);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Rule {
  readonly directory: string;
  readonly ignored: Ignore;
}

async function ruleIn(folder: string, directory: string): Promise<Rule> {
  return { directory, ignored: ignore().add(await readFile(path.join(folder, directory, '.gitignore'), 'utf8')) };
}

function isIgnored(name: string, rules: readonly Rule[]): boolean {
  let ignored = false;
  for (const { directory, ignored: own } of rules) {
    const result = own.test(directory === '' ? name : name.slice(directory.length + 1));
    ignored = result.ignored || (ignored && !result.unignored);
  }
  return ignored;
}

// -------------------------------------------------------------------------------------------------------------- contents

/** Kind, mode and content of an entry of the workspace: at once where nothing has to be read. The index has to be ready. */
function contentOf(file: string, entry: Dirent, ignored: boolean, index: ContentIndex): string | Promise<string> {
  if (entry.isSymbolicLink()) return readlink(file).then((target) => `link ${target}`);
  // A socket or a pipe has no content.
  if (!entry.isFile()) return 'other';
  // A file system answers in some microseconds; to wait for a thread that asks it takes longer than that.
  const stats = lstatSync(file, { bigint: true });
  if (!stats.isFile()) throw new Error(`${file} changed while it was looked at`);
  if (ignored) return `ignored ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.ino}`;
  const kind = `file ${(stats.mode & 0o111n) === 0n ? '' : 'x'}`;
  const known = index.known(file, stats);
  return known === undefined ? index.read(file, stats).then((hash) => `${kind} ${hash}`) : `${kind} ${known}`;
}

/** What a file outside of the workspace's own is; that it is not there is a state, too. */
async function otherContent(file: string, index: ContentIndex): Promise<string> {
  let stats: BigIntStats;
  try {
    stats = await stat(file, { bigint: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return 'missing';
    throw error;
  }
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
