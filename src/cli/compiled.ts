/**
 * Loads CommonJS files of one directory with the compiled code that an earlier process has kept, for Node before 22.1, which has no
 * cache of its own. Compiling takes about a third of the time of a command that does little.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import vm from 'node:vm';

interface Loaded {
  readonly module: { exports: unknown };
  readonly script: vm.Script;
  /** Where its compiled code is kept. */
  readonly kept: string;
  /** Whether it came from there. */
  readonly known: boolean;
}

/**
 * Loads `entry`, an absolute path, and what it requires of its own directory; all else is Node's affair. Returns what `entry` exports.
 * When the process ends, what had to be compiled is kept below `cache`. Compiled code of another version of Node or of the file is not
 * used; what cannot be read or kept is compiled again each time. Throws what the files throw.
 */
export function loadCompiled(entry: string, cache: string): unknown {
  const directory = path.dirname(entry);
  const place = path.join(cache, `node-${process.version}-${process.arch}`, directory.replace(/[^A-Za-z0-9]+/g, '-').slice(-120));
  const ours = isOurs(place);
  const files = new Map<string, Loaded>();
  const load = (file: string): unknown => {
    const before = files.get(file);
    if (before) return before.module.exports;
    const { source, kept } = sourceOf(file, place);
    const cachedData = ours ? intactOf(kept) : undefined;
    const wrapped = `(function (exports, require, module, __filename, __dirname) { ${source}\n})`;
    const script = new vm.Script(wrapped, { filename: file, ...(cachedData ? { cachedData } : {}) });
    const module = { exports: {} as unknown };
    // Before it runs: files may require each other in a circle.
    files.set(file, { module, script, kept, known: cachedData !== undefined && !script.cachedDataRejected });
    const fromNode = createRequire(file);
    const required = (name: string) => {
      const wanted = path.resolve(directory, name);
      return name.startsWith('.') && path.dirname(wanted) === directory ? load(wanted) : fromNode(name);
    };
    script.runInThisContext()(module.exports, Object.assign(required, fromNode), module, file, directory);
    return module.exports;
  };
  // By then most of what a command calls has been compiled, too.
  process.once('exit', () => keep(directory, place, [...files.values()]));
  return load(entry);
}

/** Compiled code is kept under the content of its file: V8 itself compares no more than the length of a source. */
function sourceOf(file: string, place: string): { readonly source: string; readonly kept: string } {
  const content = readFileSync(file);
  return {
    source: content.toString('utf8'),
    kept: path.join(place, `${path.basename(file)}-${digestOf(content).toString('hex').slice(0, 24)}`),
  };
}

function digestOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}

const DIGEST_BYTES = 32;

/** What was kept, when all of it is as it was written; undefined of anything else. */
function intactOf(file: string): Buffer | undefined {
  try {
    const content = readFileSync(file);
    const data = content.subarray(DIGEST_BYTES);
    return content.subarray(0, DIGEST_BYTES).equals(digestOf(data)) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Whether nobody else may write there: what lies there is executed. A directory that is still to be made is ours. */
function isOurs(place: string): boolean {
  try {
    const { uid, mode } = statSync(place);
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
  } catch {
    return true;
  }
}

/** Files appear whole, so that processes at the same time do not disturb each other. */
function keep(directory: string, place: string, files: readonly Loaded[]): void {
  const unknown = files.filter(({ known }) => !known);
  if (unknown.length === 0 || !isOurs(place)) return;
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    for (const { script, kept } of unknown) {
      const unfinished = `${kept}-${process.pid}`;
      const data = script.createCachedData();
      writeFileSync(unfinished, Buffer.concat([digestOf(data), data]), { mode: 0o600 });
      renameSync(unfinished, kept);
    }
    removeOthers(directory, place, new Set(unknown.map(({ kept }) => path.basename(kept))));
  } catch {
    // Whoever has no place to keep it compiles again.
  }
}

/** Of earlier builds: of files that are no longer there, and of those that were kept just now in another version. */
function removeOthers(directory: string, place: string, keptNow: ReadonlySet<string>): void {
  const fileOf = (name: string) => name.replace(/-[0-9a-f]{24}(?:-\d+)?$/, '');
  const present = new Set(readdirSync(directory));
  const replaced = new Set([...keptNow].map(fileOf));
  for (const name of readdirSync(place)) {
    const isOld = !present.has(fileOf(name)) || (replaced.has(fileOf(name)) && !keptNow.has(name));
    if (isOld) rmSync(path.join(place, name), { force: true });
  }
}
