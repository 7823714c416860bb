/** Packages of Go: their import paths, by which its test runner names them, and which there are in a module. Executes nothing. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fastGlob from 'fast-glob';
import { slashes, upwards } from '../paths.js';

/** The import path of a directory, by the nearest go.mod from there up to `folder`; undefined where there is none. */
export async function goPackageOf(directory: string, folder: string): Promise<string | undefined> {
  for (let place = directory; ; place = path.dirname(place)) {
    const text = await readFile(path.join(place, 'go.mod'), 'utf8').catch(() => undefined);
    const module = text === undefined ? undefined : /^module\s+(?:"([^"]+)"|(\S+))/m.exec(text);
    if (module) return [module[1] ?? module[2] ?? '', slashes(path.relative(place, directory))].filter(Boolean).join('/');
    if (place === folder || path.dirname(place) === place) return undefined;
  }
}

/** What `go test` can be told in place of a pattern such as `./...`: a directory, with what of it is tested. */
export interface GoPackage {
  /** `./shop/cart`; several where some cannot be told alone. */
  readonly patterns: readonly string[];
  /** Absolute, native. */
  readonly files: readonly string[];
}

/**
 * The packages that `patterns` (`./...`, `./shop/...`, `./cmd`) stand for when `go` runs in `directory`, sorted. Told one by one they are
 * the same: a directory all of whose files need a platform or a tag, for which `./...` minds nothing and its own name is an error, stays
 * a pattern with what lies below it. Undefined where what is meant cannot be told from the files: workspaces, ignored directories,
 * packages of other modules.
 */
export async function goPackages(directory: string, patterns: readonly string[]): Promise<readonly GoPackage[] | undefined> {
  if (!(await isPlainModule(directory))) return undefined;
  const options = { cwd: directory, ignore: NOT_MATCHED, followSymbolicLinks: false, suppressErrors: true };
  const [sources, modules] = await Promise.all([fastGlob('**/*.go', options), fastGlob('*/**/go.mod', options)]);
  const others = modules.map((file) => `${path.posix.dirname(file)}/`);
  const byDirectory = new Map<string, string[]>();
  for (const file of sources.sort()) {
    const place = path.posix.dirname(file);
    if (others.some((other) => file.startsWith(other)) || !patterns.some((pattern) => isMeant(place, pattern))) continue;
    byDirectory.set(place, [...(byDirectory.get(place) ?? []), file]);
  }
  return joined(directory, byDirectory);
}

/** Directories that `...` passes over. */
const NOT_MATCHED = ['**/{vendor,testdata}/**', '**/_*/**', '**/.*/**', '**/_*.go', '**/.*.go'];

/** Whether it lies in a module of which `...` means all directories: Go looks for workspaces up to the root. */
async function isPlainModule(directory: string): Promise<boolean> {
  let module: string | undefined;
  for (const place of upwards(directory)) {
    const read = (name: string) => readFile(path.join(place, name), 'utf8').catch(() => undefined);
    if ((await read('go.work')) !== undefined) return false;
    module ??= await read('go.mod');
  }
  return module !== undefined && !/^\s*ignore\b/m.test(module);
}

function isMeant(place: string, pattern: string): boolean {
  const below = pattern.endsWith('/...');
  const named = path.posix.normalize(below ? pattern.slice(0, -'/...'.length) : pattern);
  return place === named || (below && (named === '.' || place.startsWith(`${named}/`)));
}

/** Each directory by itself, and those that cannot be told alone, with all below them, as the first one's companions. */
async function joined(directory: string, byDirectory: ReadonlyMap<string, readonly string[]>): Promise<readonly GoPackage[]> {
  const places = [...byDirectory.keys()];
  const conditional = new Set<string>();
  for (const place of places) {
    const always = await Promise.all((byDirectory.get(place) ?? []).map((file) => isAlwaysBuilt(path.join(directory, file))));
    if (!always.includes(true)) conditional.add(place);
  }
  const tops = [...conditional].filter((place) => ![...conditional].some((other) => isBelow(place, other)));
  const isUnder = (place: string) => tops.some((top) => top === place || isBelow(place, top));
  const filesOf = (some: readonly string[]) =>
    some.flatMap((place) => byDirectory.get(place) ?? []).map((file) => path.join(directory, file));
  const alone = places.filter((place) => !isUnder(place));
  return alone.map((place, index) => ({
    patterns: [told(place), ...(index === 0 ? tops.map((top) => `${told(top)}/...`) : [])],
    files: filesOf(index === 0 ? [place, ...places.filter(isUnder)] : [place]),
  }));
}

function told(place: string): string {
  return place === '.' ? '.' : `./${place}`;
}

function isBelow(place: string, other: string): boolean {
  return other !== place && (other === '.' || place.startsWith(`${other}/`));
}

/** Whether the file belongs to its package whatever the platform and the tags are. */
async function isAlwaysBuilt(file: string): Promise<boolean> {
  const words = path
    .basename(file, '.go')
    .replace(/_test$/, '')
    .split('_')
    .slice(1);
  if (words.slice(-2).some((word) => PLATFORMS.has(word))) return false;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text !== undefined && !/^\/\/(?:go:build|\s*\+build)\b/m.test(text) && !/^\s*(?:import\s+)?"C"/m.test(text);
}

/** Systems and processors after which Go looks in the names of files. */
const PLATFORMS = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos 386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm'.split(
    ' ',
  ),
);
