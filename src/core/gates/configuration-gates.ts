/** Applies a volley.jsonc to the gates that were detected: changes, removes and adds gates. Only `resolvePrograms` looks at the disk. */

import path from 'node:path';
import { nearest } from '../complaints.js';
import type { Availability, FileArguments, Gate, Warning } from '../gate-model.js';
import { globMatcher } from '../glob-match.js';
import type { Path } from '../jsonc.js';
import type { CommandInput, Folder, GateId } from '../model.js';
import { slashes } from '../paths.js';
import type { Configuration } from './configuration.js';
import { normaliseMatchers } from './configuration-matchers.js';
import type { CommandSettings, DefaultSettings, GateSettings } from './configuration-schema.js';
import { type Disk, findNodeProgram, findOnPath, findPythonProgram, projectPath, type ResolveOptions } from './resolve.js';

export interface Configured {
  /** In the order of detection, new ones last. Their needs are gates of the list, without cycles. */
  readonly gates: readonly Gate[];
  readonly warnings: readonly Warning[];
  /** Gates whose command or fixer stands in the file: their programs are still to be found. */
  readonly unresolved: ReadonlySet<GateId>;
}

/**
 * The gates of `detected` as the configuration wants them; gates of other folders stay as they are. Ids stay. `prefix` is what the ids of the folder's gates start with where a workspace has several folders: `client/`.
 * Every unknown id and every cycle of needs is a warning at its place, and left out.
 */
export function configureGates(detected: readonly Gate[], configuration: Configuration, folder: Folder, prefix = ''): Configured {
  const warnings: Warning[] = [];
  const warn = (at: Path, message: string): void => {
    warnings.push({ file: configuration.file, ...configuration.placeOf(at), message });
  };
  const own = new Map(detected.filter((gate) => gate.folder.path === folder.path).map((gate) => [gate.id as string, gate]));
  const fullId = (id: string): GateId => (own.has(id) || id.startsWith(prefix) ? id : prefix + id) as GateId;
  const shortIds = [...own.keys()].map((id) => (id.startsWith(prefix) ? id.slice(prefix.length) : id));
  const context: Context = { configuration, folder, warn };
  const settings = new Map<string, { readonly id: string; readonly settings: GateSettings }>();
  const added: Gate[] = [];
  const left = new Set<string>();
  for (const [id, entry] of configuration.gates) {
    const full = fullId(id);
    const known = own.get(full);
    if (entry !== false && (known || entry.command)) {
      if (!known) added.push(newGate(full, id, context));
      settings.set(full, { id, settings: entry });
    } else if (known) left.add(full);
    else warn(['gates', id], unknownGate(id, entry === false, shortIds));
  }
  const change = (gate: Gate): Gate => {
    const entry = settings.get(gate.id);
    const { scopes } = entry?.settings ?? {};
    const own = withDefaults(entry ? changed(gate, entry.id, entry.settings, context) : gate, entry?.settings, context);
    return scopes ? { ...own, scopes } : own;
  };
  const changedGates = [
    ...detected.filter((gate) => !left.has(gate.id)).map((gate) => (own.has(gate.id) ? change(gate) : gate)),
    ...added.map(change),
  ];
  const needs: Wanted = new Map(
    [...settings].flatMap(([full, each]) => (each.settings.needs ? [[full, { id: each.id, ids: each.settings.needs }]] : [])),
  );
  const all = [...settings.values()];
  return {
    gates: withNeeds(changedGates, needs, fullId, context),
    warnings,
    unresolved: new Set(all.flatMap(({ id, settings: each }) => (each.command || each.fix ? [fullId(id)] : []))),
  };
}

interface Context {
  readonly configuration: Configuration;
  readonly folder: Folder;
  warn(at: Path, message: string): void;
}

function unknownGate(id: string, removed: boolean, known: readonly string[]): string {
  const meant = nearest(id, known);
  const hint = meant === undefined ? '' : ` Did you mean “${meant}”?`;
  return removed
    ? `There is no gate “${id}” to leave out.${hint}`
    : `There is no gate “${id}” to change, and without a “command” none can be added.${hint}`;
}

// ------------------------------------------------------------------------------------------------------------- one gate

const TEN_MINUTES = 10 * 60_000;
/** 126 and 127 are a shell's words for what could not be started, higher ones for signals. */
const EXIT_CODES = { passed: [0], failed: Array.from({ length: 125 }, (_, index) => index + 1) };

function newGate(full: GateId, id: string, { configuration, folder }: Context): Gate {
  return {
    id: full,
    name: id,
    tool: id,
    category: 'lint',
    folder,
    command: { argv: [], cwd: folder.path, env: {}, shell: false },
    files: { kind: 'whole', inputs: ['**'] },
    access: { reads: [`${slashes(folder.path)}/**`], writes: [], locks: [] },
    needs: [],
    exitCodes: EXIT_CODES,
    parser: 'none',
    availability: { kind: 'available' },
    evidence: [evidenceOf(id, configuration)],
    timeoutMs: TEN_MINUTES,
  };
}

function evidenceOf(id: string, { file, placeOf }: Configuration): Gate['evidence'][number] {
  return { file: path.basename(file), text: JSON.stringify(id), line: placeOf(['gates', id]).line };
}

function changed(before: Gate, id: string, settings: GateSettings, context: Context): Gate {
  const { folder, configuration, warn } = context;
  const gate = settings.command ? withCommand(before, settings.command) : before;
  const cwd = settings.cwd === undefined ? gate.command.cwd : path.join(folder.path, settings.cwd);
  const command = { ...gate.command, cwd, env: { ...gate.command.env, ...configuration.defaults.env, ...settings.env } };
  const wanted = filesOf(gate.files, settings);
  const files = command.shell ? asWhole(wanted) : wanted;
  if (files !== wanted && settings.files)
    warn(
      ['gates', id, 'files'],
      `“files” of the gate “${id}” only says when it runs: no name of a file reaches a shell. ${AS_ARRAY}`,
    );
  else if (settings.targets && files.kind === 'whole')
    warn(['gates', id, 'targets'], `“targets” of the gate “${id}” has no effect without “files”.`);
  const { name, category, locks, timeout, exitCodes, parser, problemMatcher } = settings;
  const own = gate.evidence.some(({ file }) => file === path.basename(configuration.file));
  return {
    ...withFix(withReads(gate, settings), settings.fix, command, files),
    command,
    files,
    ...(name === undefined ? {} : { name }),
    ...(category === undefined ? {} : { category }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
    access: { ...gate.access, locks: [...new Set([...gate.access.locks, ...(locks ?? [])])] },
    exitCodes: { passed: exitCodes?.passed ?? gate.exitCodes.passed, failed: failedCodes(gate, exitCodes) },
    ...(parser === undefined ? {} : { parser }),
    ...(problemMatcher === undefined
      ? {}
      : { parser: 'problem-matcher', matchers: normaliseMatchers(problemMatcher, { folder: folder.path, cwd }).matchers }),
    evidence: own ? gate.evidence : [...gate.evidence, evidenceOf(id, configuration)],
  };
}

/** A code that was said to mean passed does not mean failed as well. */
function failedCodes(gate: Gate, exitCodes: GateSettings['exitCodes']): readonly number[] {
  if (exitCodes?.failed) return exitCodes.failed;
  return gate.exitCodes.failed.filter((code) => !exitCodes?.passed?.includes(code));
}

/** Nothing that was known of the old command is believed of the new one. */
function withCommand(gate: Gate, settings: CommandSettings): Gate {
  const {
    workers: _workers,
    sharding: _sharding,
    reads: _reads,
    fix: _fix,
    preset: _preset,
    documentation: _documentation,
    matchers: _matchers,
    ...rest
  } = gate;
  const command = commandOf(settings, { ...gate.command, env: {} });
  return {
    ...rest,
    tool: command.shell ? 'shell' : path.basename(command.argv[0] ?? gate.tool),
    command,
    files: { kind: 'whole', inputs: ['**'] },
    parser: 'none',
    exitCodes: EXIT_CODES,
    availability: { kind: 'available' },
  };
}

function commandOf(settings: CommandSettings, base: CommandInput): CommandInput {
  return Array.isArray(settings) ? { ...base, argv: settings, shell: false } : { ...base, argv: [settings.shell], shell: true };
}

function filesOf(files: FileArguments, { files: takes, targets, inputs }: GateSettings): FileArguments {
  if (takes && takes.length > 0)
    return { kind: 'files', takes, targets: targets ?? (files.kind === 'files' ? files.targets : []) };
  if (takes || files.kind === 'whole') {
    return { kind: 'whole', inputs: inputs ?? (files.kind === 'whole' ? files.inputs : ['**']) };
  }
  return targets ? { ...files, targets } : files;
}

const AS_ARRAY = 'Write its command as an array to have it take files.';

/** What decides by them whether it runs, and takes none. */
function asWhole(files: FileArguments): FileArguments {
  return files.kind === 'files' ? { kind: 'whole', inputs: files.takes } : files;
}

function withReads({ reads: before, ...gate }: Gate, { cache, inputs }: GateSettings): Gate {
  if (cache === false) return gate;
  const reads = inputs
    ? { also: [], env: [], ...before, files: inputs }
    : (before ?? (cache ? { files: ['**'], also: [], env: [] } : undefined));
  return reads ? { ...gate, reads } : gate;
}

function withFix(
  { fix: before, ...gate }: Gate,
  settings: GateSettings['fix'],
  command: CommandInput,
  files: FileArguments,
): Gate {
  if (settings === false) return gate;
  if (settings) {
    const own = commandOf(settings, command);
    return { ...gate, fix: { command: own, files: own.shell ? asWhole(files) : files } };
  }
  return before ? { ...gate, fix: before } : gate;
}

/** What `defaults` says, where the gate's own settings say nothing. */
function withDefaults(gate: Gate, settings: GateSettings | undefined, { configuration, folder }: Context): Gate {
  const { timeout, env, exclude }: DefaultSettings = configuration.defaults;
  const without = exclude ? excludedBelow(exclude, path.relative(folder.path, gate.command.cwd)).map((glob) => `!${glob}`) : [];
  const { files } = gate;
  return {
    ...gate,
    ...(timeout === undefined || settings?.timeout !== undefined ? {} : { timeoutMs: timeout * 1000 }),
    ...(env === undefined || settings ? {} : { command: { ...gate.command, env: { ...gate.command.env, ...env } } }),
    ...(without.length === 0
      ? {}
      : {
          files:
            files.kind === 'files'
              ? { ...files, takes: [...files.takes, ...without] }
              : { ...files, inputs: [...(files.inputs.length > 0 ? files.inputs : ['**']), ...without] },
        }),
  };
}

/** Globs relative to the folder, made relative to a place below it; those that cannot match there are left out. */
function excludedBelow(globs: readonly string[], place: string): readonly string[] {
  const segments = slashes(place)
    .split('/')
    .filter((segment) => segment !== '');
  return globs.flatMap((glob) => {
    let rest = glob.replace(/^(?:\.?\/)+/, '').split('/');
    for (const segment of segments) {
      const [first = '', ...others] = rest;
      if (first === '**') break;
      if (!globMatcher([first])(segment)) return [];
      rest = others;
    }
    return [rest.length === 0 ? '**' : rest.join('/')];
  });
}

// --------------------------------------------------------------------------------------------------------- needs

type Wanted = ReadonlyMap<string, { readonly id: string; readonly ids: readonly string[] }>;

/** Needs of gates that are left out are left out; what the file says takes the place of what was detected. */
function withNeeds(gates: readonly Gate[], wanted: Wanted, fullId: (id: string) => GateId, { warn }: Context): readonly Gate[] {
  const graph: Graph = { needs: new Map(), dependents: new Map() };
  const ids = new Set<string>(gates.map(({ id }) => id));
  for (const { id, needs } of gates) {
    for (const need of wanted.has(id) ? [] : needs) if (ids.has(need)) connect(graph, id, need);
  }
  for (const [gate, { id, ids: names }] of wanted) {
    for (const [index, name] of names.entries()) {
      const need = fullId(name);
      const at = ['gates', id, 'needs', index];
      if (!ids.has(need)) {
        const meant = nearest(name, [...ids]);
        warn(at, `“${id}” needs “${name}”, which is no gate.${meant === undefined ? '' : ` Did you mean “${meant}”?`}`);
      } else if (waitsFor(need, gate, graph)) {
        warn(at, `“${id}” cannot need “${name}”, which itself waits for “${id}”. Remove one of the two needs.`);
      } else connect(graph, gate, need);
    }
  }
  return gates.map((gate) => {
    const needs = [...(graph.needs.get(gate.id) ?? [])] as GateId[];
    return needs.length === gate.needs.length && needs.every((need) => gate.needs.includes(need)) ? gate : { ...gate, needs };
  });
}

type Neighbours = Map<string, Set<string>>;

interface Graph {
  readonly needs: Neighbours;
  readonly dependents: Neighbours;
}

function connect({ needs, dependents }: Graph, gate: string, need: string): void {
  needs.set(gate, (needs.get(gate) ?? new Set()).add(need));
  dependents.set(need, (dependents.get(need) ?? new Set()).add(gate));
}

/** Whether `from` is `to`, or waits for it. Looks from both ends at once, so that long chains cost little where one end is short. */
function waitsFor(from: string, to: string, { needs, dependents }: Graph): boolean {
  if (from === to) return true;
  const down = search(from, to, needs);
  const up = search(to, from, dependents);
  for (;;) {
    const found = down() ?? up();
    if (found !== undefined) return found;
  }
}

/** One step a call: whether `goal` was reached, or undefined while that is open. */
function search(start: string, goal: string, neighbours: Neighbours): () => boolean | undefined {
  const open = [start];
  const seen = new Set(open);
  return () => {
    const next = open.pop();
    if (next === undefined || next === goal) return next === goal;
    for (const each of neighbours.get(next) ?? []) {
      if (!seen.has(each)) open.push(each);
      seen.add(each);
    }
    return undefined;
  };
}

// -------------------------------------------------------------------------------------------------------------- programs

/**
 * Finds the programs of commands that stand in the file, as the project would: node_modules/.bin, .venv, PATH. A gate whose program is
 * not there is unavailable. Lines for a shell are started as they are, with node_modules/.bin on their PATH.
 */
export async function resolvePrograms(
  { gates, unresolved }: Pick<Configured, 'gates' | 'unresolved'>,
  configuration: Configuration,
  options: { readonly env: ResolveOptions['env']; readonly disk?: Disk },
): Promise<readonly Gate[]> {
  const file = path.basename(configuration.file);
  const resolved = createResolution();
  return Promise.all(
    gates.map(async (gate) => {
      if (!unresolved.has(gate.id)) return gate;
      const place = (cwd: string): ResolveOptions => ({ ...options, cwd, folder: gate.folder.path });
      const command = await resolved(gate.command, place(gate.command.cwd));
      const fix = gate.fix && ((await resolved(gate.fix.command, place(gate.fix.command.cwd))) ?? gate.fix.command);
      const [program = ''] = gate.command.argv;
      const missing: Availability = {
        kind: 'unavailable',
        reason: `${program} was not found ${/[\\/]/.test(program) ? 'where it should be' : 'in node_modules/.bin, in .venv or on PATH'}.`,
        install: `Install ${program}, or correct the command of “${gate.id}” in ${file}.`,
      };
      return {
        ...gate,
        ...(command ? { command, ...readsProgram(gate, command) } : {}),
        availability: command || gate.availability.kind === 'unavailable' ? gate.availability : missing,
        ...(gate.fix && fix ? { fix: { ...gate.fix, command: fix } } : {}),
      };
    }),
  );
}

/** Another program may give another result, and so may another script that it is told to run; a word that is no file decides nothing. */
function readsProgram({ reads }: Gate, { argv, cwd, shell }: CommandInput): Pick<Gate, 'reads'> {
  if (!reads) return {};
  const words = shell ? argv.flatMap((text) => text.split(/[\s;&|()<>"'`]+/)) : argv;
  const files = words.filter((word) => word !== '' && !/^-|[*?\0]/.test(word)).map((word) => path.resolve(cwd, word));
  const fresh = [...new Set(files)].filter((file) => file !== path.resolve(cwd) && !reads.also.includes(file));
  return fresh.length === 0 ? {} : { reads: { ...reads, also: [...reads.also, ...fresh] } };
}

/** Many gates start the same program in the same folder, whose directories are gone through once. */
function createResolution() {
  const once = <T>(ask: (options: ResolveOptions, program: string) => T) => {
    const answers = new Map<string, T>();
    return (options: ResolveOptions, program = ''): T => {
      const key = `${options.folder}\0${options.cwd}\0${program}`;
      if (!answers.has(key)) answers.set(key, ask(options, program));
      return answers.get(key) as T;
    };
  };
  const pathOf = once(projectPath);
  const find = once((options, program) => findProgram(program, options));
  return async (command: CommandInput, options: ResolveOptions): Promise<CommandInput | undefined> => {
    const env = { ...pathOf(options), ...command.env };
    if (command.shell) return { ...command, env };
    const [program = '', ...args] = command.argv;
    const found = await find(options, program);
    return found && { ...command, argv: [...found, ...args], env };
  };
}

async function findProgram(program: string, options: ResolveOptions): Promise<readonly string[] | undefined> {
  if (/[\\/]/.test(program)) {
    // A place in the project: looked for there alone, with the extensions that the platform adds.
    const file = path.resolve(options.cwd, program);
    const found = await findOnPath(path.basename(file), {
      ...options,
      env: { ...options.env, PATH: path.dirname(file), Path: path.dirname(file) },
    });
    return found?.argv;
  }
  const node = await findNodeProgram(program, options);
  if (node?.place === 'project') return node.argv;
  return (await findPythonProgram(program, undefined, options))?.argv;
}
