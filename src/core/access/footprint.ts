/** Collects what a command touches, as globs of absolute paths. Pure. */
import type { ToolAccess } from '../tools/tool.js';
import { type Argument, UNKNOWN } from './argument.js';

/** What a command touches, as it was concluded from its text. */
export interface CommandAccess extends ToolAccess {
  readonly inferred: true;
}

/** Where a command may stand: some of these directories, absolute globs with `/`; undefined when nobody knows. */
export type Directories = readonly string[] | undefined;

/** Every path there is. */
export const EVERYTHING = '/**';

/** Grows while a command is read. What has become a barrier stays one. */
export class Footprint {
  readonly reads = new Set<string>();
  readonly writes = new Set<string>();
  readonly locks = new Set<string>();
  /** Texts that it was concluded from. */
  readonly sources = new Set<string>();
  customary = false;
  because: string | undefined;
  /** How many more calls and words are looked at. */
  private fuel = 4000;

  /**
   * `folder`: a glob of the workspace, absolute with `/`. `wholly`: goes on behind what is not understood, up to its limits; then it says
   * nothing of what else a command may touch.
   */
  constructor(
    readonly folder: string,
    private readonly wholly = false,
  ) {}

  /** Whether there is something left to spend on one more step. */
  step(): boolean {
    this.fuel -= 1;
    if (this.fuel < 0) this.end('it is too long to be followed');
    return this.because === undefined;
  }

  barrier(because: string): void {
    if (!this.wholly) this.end(because);
  }

  /** A barrier behind which nothing is followed by anybody. */
  end(because: string): void {
    // It may quote the line, and is read in one line itself.
    this.because ??= because.replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ').slice(0, 200);
  }

  read(argument: Argument, from: Directories): void {
    this.add(this.reads, argument, from);
  }

  write(argument: Argument, from: Directories): void {
    this.add(this.writes, argument, from);
  }

  /** The directories that an argument names; undefined when nobody knows. */
  directories(argument: Argument, from: Directories): Directories {
    const all = resolveGlob(argument.glob, from, this.folder);
    return argument.many || all.length > 8 || all.some((glob) => glob.includes('**')) ? undefined : [...new Set(all)];
  }

  /** The folder, or what a project outside of it may consist of. */
  whole(from: Directories): readonly string[] {
    if (from === undefined) return [EVERYTHING];
    return from.map((directory) => {
      if (isWithin(directory, this.folder)) return `${this.folder}/**`;
      const top = directory.split('/')[1];
      return top ? `/${top}/**` : EVERYTHING;
    });
  }

  access(): CommandAccess {
    if (this.because !== undefined) {
      return { reads: [EVERYTHING], writes: [EVERYTHING], locks: [], barrier: { because: this.because }, inferred: true };
    }
    const customary = {
      ...(this.customary ? { customary: true as const } : {}),
      ...(this.sources.size > 0 ? { concludedFrom: [...this.sources] } : {}),
    };
    return {
      reads: this.without(this.reads),
      writes: this.without(this.writes),
      locks: [...this.locks],
      inferred: true,
      ...customary,
    };
  }

  private add(to: Set<string>, argument: Argument, from: Directories): void {
    for (const glob of resolveGlob(argument.glob, from, this.folder)) if (!isDevice(glob)) to.add(glob);
    if (to.size > MOST) to.add(EVERYTHING);
  }

  /** Without what a wider glob among them says. */
  private without(globs: ReadonlySet<string>): readonly string[] {
    if (globs.has(EVERYTHING)) return [EVERYTHING];
    const whole = `${this.folder}/**`;
    if (!globs.has(whole)) return [...globs];
    return [whole, ...[...globs].filter((glob) => glob !== whole && !isWithin(glob, this.folder))];
  }
}

/** More globs than this say no more than that anything may be touched. */
const MOST = 300;

/** Absolute globs without `.`, `..` and needless slashes. */
export function resolveGlob(glob: string, from: Directories, folder: string): readonly string[] {
  const known = glob.indexOf(UNKNOWN);
  const isAbsolute = glob.startsWith('/') || /^[A-Za-z]:\//.test(glob);
  if (known >= 0) {
    // What nobody knows may climb out of the directory before it, but hardly out of the folder.
    const before = glob.slice(0, glob.lastIndexOf('/', known) + 1);
    if (before === '' || glob.slice(0, known) === '') return [EVERYTHING];
    return resolveGlob(before, from, folder).map((start) => (isWithin(start, folder) ? `${folder}/**` : EVERYTHING));
  }
  if (isAbsolute) return [normalised(glob)];
  return from === undefined ? [EVERYTHING] : from.map((directory) => normalised(`${directory}/${glob}`));
}

function normalised(glob: string): string {
  const result: string[] = [];
  for (const segment of glob.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') {
      // Below a `**` is still below it one level up.
      if (result.at(-1) !== '**') result.pop();
    } else if (segment !== '**' || result.at(-1) !== '**') result.push(segment);
  }
  // Whether two globs meet takes long where both have many of these.
  const first = result.indexOf('**');
  const second = first < 0 ? -1 : result.indexOf('**', first + 1);
  const kept = second < 0 ? result : result.slice(0, second + 1);
  // The root has no name that a path below it could start with.
  if (kept.length === 0) return EVERYTHING;
  return `${/^[A-Za-z]:$/.test(kept[0] ?? '') ? '' : '/'}${kept.join('/')}`;
}

export function isWithin(path: string, folder: string): boolean {
  const [inner, outer] = [path.toLowerCase(), folder.toLowerCase()];
  return inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`);
}

function isDevice(glob: string): boolean {
  return /^\/dev\/(?:null|zero|full|u?random|tty|std(?:in|out|err)|fd\/[^/]*)$/.test(glob);
}
