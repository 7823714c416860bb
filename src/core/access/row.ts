/** Rows of the tables: what operands and options of a program mean. Pure. */

import { ANYTHING, type Argument, names, type OptionShape, type Options, readOptions } from './argument.js';
import {
  type Call,
  hasAny,
  infers,
  locks,
  type Row,
  reads,
  readsAt,
  readsWhole,
  valuesOf,
  writes,
  writesAt,
  writesWhole,
} from './call.js';
import { isWithin, resolveGlob } from './footprint.js';

/** Names of options are divided by spaces. */
export interface Description {
  /**
   * What the operands are. `copy`: the last is written, the others read. `move`: all are written. `none`: no files.
   */
  readonly operands: 'read' | 'write' | 'update' | 'copy' | 'move' | 'none';
  /** So many operands before the files: the pattern of grep … */
  readonly skip?: number;
  /** … unless one of these options is given. */
  readonly skipUnless?: string;
  /** Without operands it looks at the directory it stands in; a text: only with one of these options. */
  readonly here?: true | string;
  /** Options with a value that is no path. Only what always takes one may stand here: its value is not looked at. */
  readonly values?: string;
  /** Options whose value is in the same word or absent. */
  readonly attached?: string;
  readonly reads?: string;
  readonly writes?: string;
  /** Options that name the directory into which it copies or moves. */
  readonly into?: string;
  /** Options that make it write its operands. */
  readonly update?: string;
  /** Options that make it do what cannot be told. */
  readonly barrier?: string;
  /** Options without a value that are no outputs, although they look like one: `-o` of grep. */
  readonly flags?: string;
  readonly oneDash?: true;
  /** Looks at more. */
  readonly also?: (call: Call, options: Options) => void;
}

const NOTHING_KNOWN = 'an option may turn out to be anything';

/** An option of which nothing is known but that it may name an output. */
export function looksLikeOutput(name: string): boolean {
  return /^(?:-o|-i|--o|--ou|--out.*|--write.*|--save.*|--in-place.*|--fix.*|--dump.*|--emit.*|--export.*|--update.*|--log-?file|--[\w-]*-(?:output|out|file|dir|log))$/.test(
    name,
  );
}

/** Whether a name may stand for a longer one, as GNU programs and Python's argparse allow. */
function isCutShort(name: string, longer: readonly string[]): boolean {
  return name.startsWith('--') && name.length > 2 && longer.some((each) => each !== name && each.startsWith(name));
}

/** A program of which all that matters is what its operands and options are. */
export function row(description: Description): Row {
  const shape = shapeOf(description);
  const inputs = [...names(description.reads)];
  const outputs = [...names(description.writes), ...names(description.into)];
  const updates = [...names(description.update)];
  const barriers = [...names(description.barrier)];
  const known = new Set([...shape.valued, ...(shape.attached ?? []), ...updates, ...names(description.flags)]);
  const writing = [...outputs, ...updates, ...barriers];
  const mayWrite = writing.length > 0;
  return (call) => {
    const options = readOptions(call.args, shape);
    const { given, loose } = options;
    for (const name of given.keys()) {
      if (barriers.includes(name)) call.footprint.barrier(`it is not known what ${name} makes it do`);
      if (!known.has(name) && (looksLikeOutput(name) || isCutShort(name, writing)))
        call.footprint.barrier(`it is not known what ${name} makes it write`);
    }
    if (loose && mayWrite) call.footprint.barrier(NOTHING_KNOWN);
    // The value of an option that nobody knows may be a file that it reads.
    for (const [name, values] of given) if (!known.has(name)) reads(call, ...values.filter((value) => value !== undefined));
    if (hasAny(given, '--files0-from', '--files-from')) reads(call, ANYTHING);
    reads(call, ...valuesOf(given, ...inputs));
    writes(call, ...valuesOf(given, ...outputs));
    const needed = (description.skip ?? 0) * (hasAny(given, ...names(description.skipUnless)) ? 0 : 1);
    const files = options.many && needed > 0 ? options.operands : options.operands.slice(needed);
    useOperands(call, description, { ...options, operands: files }, hasAny(given, ...updates));
    description.also?.(call, options);
  };
}

export function shapeOf(
  description: Pick<Description, 'values' | 'reads' | 'writes' | 'into' | 'attached' | 'oneDash'>,
): OptionShape {
  const { values, reads: inputs, writes: outputs, into } = description;
  return {
    valued: new Set([values, inputs, outputs, into].flatMap((text) => [...names(text)])),
    attached: names(description.attached),
    ...(description.oneDash ? { oneDash: true } : {}),
  };
}

function useOperands(call: Call, description: Description, options: Options, isUpdate: boolean): void {
  const { operands, given } = options;
  if (operands.length === 0) {
    const here = description.here === true || (description.here !== undefined && hasAny(given, ...names(description.here)));
    if (here) readsAt(call, '.');
    if (here && isUpdate) writesAt(call, '.');
    return;
  }
  if (isUpdate) {
    update(call, operands);
    return;
  }
  switch (description.operands) {
    case 'read':
      reads(call, ...operands.filter(isNoStream));
      return;
    case 'write':
      writes(call, ...operands);
      return;
    case 'update':
      update(call, operands);
      return;
    case 'copy':
    case 'move':
      copy(call, description, options);
      return;
    case 'none':
      return;
    default:
      description.operands satisfies never;
  }
}

function isNoStream(argument: Argument): boolean {
  return argument.text !== '-';
}

export function update(call: Call, operands: readonly Argument[]): void {
  reads(call, ...operands);
  writes(call, ...operands);
}

function copy(call: Call, { operands: kind, into }: Description, { operands, given, many, loose }: Options): void {
  const isInto = hasAny(given, ...names(into));
  // Which one is the last is not known.
  const last = many || loose ? operands : isInto ? [] : operands.slice(-1);
  const sources = many || loose || isInto ? operands : operands.slice(0, -1);
  reads(call, ...sources, ...(isInto ? [] : last));
  writes(call, ...last, ...(kind === 'move' ? sources : []));
}

/** A check of a project: it reads the project, and by custom writes no more than its caches. */
export interface CheckDescription {
  /** `files`: it reads only its operands and what it is configured by. */
  readonly reads?: 'files';
  /** What configures it, relative to the project, when it reads only files. */
  readonly configuration?: readonly string[];
  /** Relative to where it stands; two runs would fight over it. */
  readonly caches?: readonly string[];
  /** Options that make it change its operands, or without operands the project. */
  readonly fix?: string;
  /** It changes its operands unless one of these is given. */
  readonly fixUnless?: string;
  /** Options that make it write anywhere in the project. */
  readonly writesAll?: string;
  readonly values?: string;
  readonly attached?: string;
  readonly writes?: string;
  readonly barrier?: string;
  readonly flags?: string;
  /** Options that name the project it works on. */
  readonly roots?: string;
  readonly oneDash?: true;
  /** Long names may be cut short. */
  readonly abbreviates?: true;
  readonly also?: (call: Call, options: Options) => void;
  /** So many operands are no files. */
  readonly skip?: number;
}

export function check(description: CheckDescription): Row {
  const shape = shapeOf({ ...description, values: `${description.values ?? ''} ${description.roots ?? ''}` });
  const fixes = [...names(description.fix)];
  const all = [...names(description.writesAll)];
  const known = new Set([
    ...shape.valued,
    ...(shape.attached ?? []),
    ...fixes,
    ...all,
    ...names(description.flags),
    ...names(description.fixUnless),
  ]);
  return (call) => {
    infers(call);
    const options = readOptions(call.args, shape);
    const { given, operands } = options;
    if (options.loose) call.footprint.barrier(NOTHING_KNOWN);
    for (const name of given.keys()) {
      if (names(description.barrier).has(name)) call.footprint.barrier(`it is not known what ${name} makes it do`);
      const isShort = description.abbreviates && isCutShort(name, [...names(description.writes), ...fixes, ...all]);
      if (!known.has(name) && (isShort || looksLikeOutput(name)))
        call.footprint.barrier(`it is not known what ${name} makes it write`);
    }
    if (onlySays(options)) return;
    for (const [name, values] of given) if (!known.has(name)) reads(call, ...values.filter((value) => value !== undefined));
    const files = operands.slice(description.skip ?? 0);
    if (description.reads === 'files' && files.length > 0) {
      reads(call, ...files);
      readsConfiguration(call, files, description);
    } else readsWhole(call);
    reads(call, ...files);
    for (const root of valuesOf(given, ...names(description.roots))) {
      reads(call, root);
      for (const at of call.footprint.directories(root, call.cwd) ?? [])
        locks({ ...call, cwd: [at] }, ...(description.caches ?? []));
    }
    locks(call, ...(description.caches ?? []));
    writes(call, ...valuesOf(given, ...names(description.writes)));
    const doesFix =
      description.fixUnless === undefined ? hasAny(given, ...fixes) : !hasAny(given, ...names(description.fixUnless));
    if (doesFix && files.length > 0) writes(call, ...files);
    else if (doesFix) writesWhole(call);
    if (hasAny(given, ...all)) writesWhole(call);
    description.also?.(call, options);
  };
}

/** A configuration counts from each directory of a file up to the folder. */
function readsConfiguration(call: Call, files: readonly Argument[], { configuration = [] }: CheckDescription): void {
  const { folder, reads: all } = call.footprint;
  const names = [...CONFIGURATION, ...configuration];
  const places = [...files.flatMap((file) => resolveGlob(file.glob, call.cwd, folder)), ...(call.cwd ?? [])];
  const directories = new Set<string>([folder]);
  for (const place of places) {
    const wild = place.search(/[*?[{]/);
    const start = wild < 0 ? place : place.slice(0, place.lastIndexOf('/', wild));
    // Below a pattern any directory may have one.
    if (wild >= 0) all.add(start || '/');
    for (let at = start; at !== folder && isWithin(at, folder); at = at.slice(0, at.lastIndexOf('/'))) directories.add(at);
  }
  for (const directory of directories) for (const name of names) all.add(`${directory}/${name}`);
}

const CONFIGURATION = ['package.json', '.editorconfig', 'pyproject.toml', 'setup.cfg', 'node_modules', '.gitignore'];

/** Only its version or its help is asked for. */
export function onlySays({ operands, given }: Options): boolean {
  return operands.length === 0 && given.size === 1 && hasAny(given, '--version', '--help', '-V', '-h', '-help', '-version');
}
