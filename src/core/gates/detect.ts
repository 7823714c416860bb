/** Finds the gates of a workspace by reading it. Executes nothing, so it is safe in a workspace that nobody trusts. */
import path from 'node:path';
import fastGlob from 'fast-glob';
import type { Log } from '../host.js';
import type { Category, Detection, Evidence, Folder, Gate, GateId, Warning } from '../model.js';
import { assemble, categoryOf, gateId, isWanted, managerOf, type PackageContext, type UnnamedGate } from './assemble.js';
import {
  addDraft,
  addEvidence,
  addSteps,
  configuredTool,
  type Draft,
  type Drafts,
  type ScriptInfo,
  wholeScript,
} from './drafts.js';
import type { Preset } from './preset.js';
import { PRESETS } from './presets.js';
import { checkSyntax, type Project, readProject } from './project.js';
import { type Disk, realDisk } from './resolve.js';
import { isCheckName, isExcludedName, slugOf } from './script-names.js';
import { RUNTIMES } from './script-programs.js';
import { mentionedWords, takeApart } from './scripts.js';
import { readTypeScriptProjects } from './typescript-projects.js';

export interface DetectOptions {
  readonly folders: readonly Folder[];
  /** Where PATH and VIRTUAL_ENV are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
  readonly presets?: readonly Preset[];
}

/**
 * The gates of all folders, in the order in which a maintainer would run them one after another, each after what it needs. Never
 * rejects: what cannot be read is a warning, and all else is still found. Looks at the root of each folder and at the workspace
 * packages that its package.json names; never walks the tree.
 */
export async function detectGates(options: DetectOptions): Promise<Detection> {
  const warnings: Warning[] = [];
  const disk = realDisk();
  const names = folderNames(options.folders);
  const gates: Gate[] = [];
  for (const [index, folder] of options.folders.entries()) {
    const prefix = options.folders.length > 1 ? `${names[index]}/` : '';
    const found = await detectFolder(folder, prefix, { ...options, disk, warn: (warning) => warnings.push(warning) });
    options.log?.debug(`Found ${found.length} gates in ${folder.path}.`);
    gates.push(...found);
  }
  return { gates, warnings };
}

interface FolderOptions extends DetectOptions {
  readonly disk: Disk;
  readonly warn: (warning: Warning) => void;
}

/** Two folders may have the same name; ids must not. */
export function folderNames(folders: readonly Folder[]): readonly string[] {
  const seen = new Map<string, number>();
  return folders.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}~${count}`;
  });
}

async function detectFolder(folder: Folder, prefix: string, options: FolderOptions): Promise<readonly Gate[]> {
  const presets = options.presets ?? PRESETS;
  const settings = [
    ...presets.flatMap(({ configKeys, targetKeys }) => [...configKeys, ...targetKeys]).map(({ file }) => file),
    'pyproject.toml',
  ];
  const root = await readProject(folder.path, settings, options.warn);
  const found = await detectPackage(root, root, folder, options);
  const gates = [...(await nameGates(found, prefix, ''))];
  // What the root checks, it checks for its packages too.
  const covered = new Set(gates.map((gate) => gate.category));
  for (const directory of await workspacePackages(root)) {
    const project = await readProject(directory, ['package.json'], options.warn);
    const inner = await detectPackage(project, root, folder, options);
    const own = path.relative(folder.path, directory).replaceAll(path.sep, '/');
    gates.push(
      ...(await nameGates(inner, `${prefix}${own}/`, own)).filter(
        (gate) => gate.category === 'build' || !covered.has(gate.category),
      ),
    );
  }
  return withoutIdleBuilds(gates);
}

/** Builds in packages whose checks are left out are left out too. */
function withoutIdleBuilds(gates: readonly Gate[]): readonly Gate[] {
  const kept = new Set<GateId>();
  for (const gate of [...gates].reverse()) {
    if (gate.category !== 'build' || kept.has(gate.id)) for (const id of [gate.id, ...gate.needs]) kept.add(id);
  }
  // A build of the root is there because a check by its name asks for it.
  return gates.filter((gate) => kept.has(gate.id) || gate.command.cwd === gate.folder.path);
}

async function workspacePackages(root: Project): Promise<readonly string[]> {
  if (root.workspaces.length === 0) return [];
  const manifests = root.workspaces.map((glob) => `${glob.replace(/^(!?)\.\//, '$1').replace(/\/$/, '')}/package.json`);
  const found = await fastGlob(manifests, {
    cwd: root.directory,
    ignore: ['**/node_modules/**'],
    deep: 5,
    followSymbolicLinks: false,
    suppressErrors: true,
  });
  return found
    .sort()
    .map((manifest) => path.dirname(path.resolve(root.directory, manifest)))
    .filter((directory) => directory !== root.directory);
}

// -------------------------------------------------------------------------------------------------------------- package

interface Found {
  readonly drafts: Drafts;
  readonly context: PackageContext;
}

async function detectPackage(project: Project, root: Project, folder: Folder, options: FolderOptions): Promise<Found> {
  const presets = options.presets ?? PRESETS;
  const scripts = new Map([...project.scripts].map(([name, { script }]) => [name, script]));
  const typescript = await readTypeScriptProjects(project.directory, scripts.values());
  const context: PackageContext = { folder, project, root, typescript, env: options.env, disk: options.disk };
  const drafts: Drafts = { byKey: new Map(), chains: new Map() };
  const info: ScriptInfo = {
    evidenceOf: (script) => evidenceOf(folder, project, 'package.json', project.scripts.get(script) ?? { text: script }),
    targetsAreConfigured: (preset) => preset.targetKeys.some(({ file, key }) => project.setting(file, key) !== undefined),
  };
  const cycles = new Set<string>();
  for (const name of scripts.keys()) {
    const hookOf = /^(?:pre|post)(.+)$/.exec(name)?.[1];
    if (isExcludedName(name) || (hookOf !== undefined && scripts.has(hookOf))) continue;
    const taken = takeApart(name, { scripts, presets, emits: typescript.emits });
    switch (taken.kind) {
      case 'steps':
        addSteps(drafts, name, taken.steps, isCheckName(name), info);
        break;
      case 'not understood':
        if (isCheckName(name)) addDraft(drafts, wholeScript(name, info));
        break;
      case 'cycle': {
        const names = [...taken.scripts].sort();
        if (!cycles.has(JSON.stringify(names))) options.warn(cycleWarning(project, taken.scripts));
        cycles.add(JSON.stringify(names));
        break;
      }
      default:
        taken satisfies never;
    }
  }
  // In a package of a workspace configuration alone does not speak for a gate: the root may do the work.
  await addConfigured({ drafts, context }, presets, info, options.warn, project === root);
  return { drafts, context };
}

function cycleWarning(project: Project, names: readonly string[]): Warning {
  const [first = ''] = names;
  const line = project.scripts.get(first)?.line;
  const quoted = names.map((name) => `"${name}"`);
  const what =
    names.length === 1
      ? `The script ${quoted[0]} calls itself`
      : `The scripts ${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)} call each other`;
  return {
    file: path.join(project.directory, 'package.json'),
    ...(line === undefined ? {} : { line, column: 1 }),
    message: `${what} without end, so they were left out.`,
  };
}

function evidenceOf(
  folder: Folder,
  project: Project,
  file: string,
  { text, line }: { readonly text: string; readonly line?: number },
): Evidence {
  const relative = path.relative(folder.path, path.join(project.directory, file)).replaceAll(path.sep, '/');
  return { file: relative, text, ...(line === undefined ? {} : { line }) };
}

// -------------------------------------------------------------------------------------------------------- configuration

async function addConfigured(
  { drafts, context }: Found,
  presets: readonly Preset[],
  info: ScriptInfo,
  warn: (warning: Warning) => void,
  alone: boolean,
): Promise<void> {
  const { project } = context;
  const parsed = new Set(presets.flatMap(({ configKeys, targetKeys }) => [...configKeys, ...targetKeys].map(({ file }) => file)));
  const scripts = new Map([...project.scripts].map(([name, { script }]) => [name, script]));
  for (const preset of presets) {
    const files = await project.files(preset.configFiles);
    for (const file of files) if (!parsed.has(file)) await checkSyntax(path.join(project.directory, file), warn);
    const configuration = [
      ...files.map((file) => evidenceOf(context.folder, project, file, { text: file })),
      ...preset.configKeys.flatMap(({ file, key }) => {
        const setting = project.setting(file, key);
        return setting ? [evidenceOf(context.folder, project, file, setting)] : [];
      }),
    ];
    const listed = preset.packages.flatMap((name) => {
      const setting = project.dependencies.get(name);
      return setting ? [evidenceOf(context.folder, project, setting.file, setting)] : [];
    });
    const evidence = preset.detectedBy === 'dependency or configuration' ? [...configuration, ...listed] : configuration;
    if (evidence.length === 0) continue;
    const known = draftsOf(preset, drafts, scripts);
    for (const draft of known) for (const each of evidence) addEvidence(draft, each);
    if (known.length === 0 && alone && preset.detectedBy !== 'command only') {
      addDraft(drafts, configuredTool(preset, evidence, info.targetsAreConfigured(preset)));
    }
  }
}

/**
 * The drafts that already do what `preset` does: those of its own, and scripts in one piece that start it, or that may start it as
 * they are for the same kind of check and start no other known tool.
 */
function draftsOf(preset: Preset, drafts: Drafts, scripts: ReadonlyMap<string, string>): readonly Draft[] {
  const all = [...drafts.byKey.values()];
  const own = all.filter((draft) => draft.preset?.id === preset.id && isWanted(draft, drafts));
  const programs = preset.programs.filter((program) => !RUNTIMES.has(program));
  const whole = all.filter((draft) => draft.command.kind === 'script' && draft.category !== 'build');
  const starting = whole.filter((draft) => {
    const words = mentionedWords(draft.script ?? '', scripts);
    if (programs.some((program) => words.has(program))) return true;
    return preset.ecosystem === 'node' && draft.category === preset.category && DELEGATORS.some((program) => words.has(program));
  });
  return own.length > 0 ? own : starting;
}

/** What starts other tools without naming them in the script: runners of tasks, and programs of the project's own. */
const DELEGATORS = [
  ...['turbo', 'nx', 'lerna', 'wireit', 'make', 'just', 'gulp', 'grunt', 'rush', 'moon', 'wsrun', 'ultra', 'lage', 'sh', 'bash'],
  ...['--workspaces', '-ws', '--workspace', '-r', '--recursive', '--filter', 'workspaces', ...RUNTIMES],
];

// ---------------------------------------------------------------------------------------------------- names, ids, order

async function nameGates({ drafts, context }: Found, prefix: string, own: string): Promise<readonly Gate[]> {
  const wanted = [...drafts.byKey.values()].filter((draft) => isWanted(draft, drafts));
  const ids = identify(wanted, drafts, prefix);
  const gates: Gate[] = [];
  for (const draft of inSequence(wanted, drafts)) {
    const gate = await assemble(draft, drafts, context);
    const needs = [...draft.needs].flatMap((key) => ids.get(key) ?? []);
    const id = ids.get(draft.key);
    if (id !== undefined) gates.push({ ...gate, id, name: nameOf(draft, gate, wanted, context, own), needs });
  }
  return gates;
}

/** The script with the shortest name has the plain id; the ids of the others say which script they stand in. */
function identify(wanted: readonly Draft[], drafts: Drafts, prefix: string): ReadonlyMap<string, GateId> {
  const script = (draft: Draft) => draft.script ?? '';
  const byName = [...wanted].sort(
    (a, b) => script(a).length - script(b).length || (script(a) < script(b) ? -1 : script(a) > script(b) ? 1 : 0),
  );
  const used = new Set<string>();
  const ids = new Map<string, GateId>();
  for (const draft of byName) {
    const base = baseId(draft, drafts);
    const detailed = draft.script === undefined || base.includes(':') ? base : `${base}:${slugOf(draft.script)}`;
    let id = used.has(base) ? detailed : base;
    for (let count = 2; used.has(id); count += 1) id = `${detailed}-${count}`;
    used.add(id);
    ids.set(draft.key, gateId(prefix + id));
  }
  return ids;
}

function baseId(draft: Draft, drafts: Drafts): string {
  const category = categoryOf(draft, drafts);
  if (draft.command.kind === 'script') return `${category === 'build' ? 'build' : 'script'}:${slugOf(draft.command.script)}`;
  if (category === 'build') return `build:${draft.command.program}`;
  return draft.preset?.id ?? draft.command.program;
}

function nameOf(draft: Draft, gate: UnnamedGate, wanted: readonly Draft[], context: PackageContext, own: string): string {
  const place = own === '' ? [] : [own];
  const withDetail = (name: string, details: readonly string[]) =>
    details.length === 0 ? name : `${name} (${details.join(', ')})`;
  if (draft.command.kind === 'script') {
    return withDetail([managerOf(context), 'run', draft.command.script, ...draft.command.args].join(' '), place);
  }
  const { program, given } = draft.command;
  if (!draft.preset) return withDetail([program, ...draft.command.options].join(' ').slice(0, 60), place);
  const same = wanted.filter((other) => other.command.kind === 'program' && other.preset?.tool === draft.preset?.tool);
  if (same.length === 1) return withDetail(gate.tool, place);
  const inScript = same.filter((other) => other.script === draft.script);
  const detail = inScript.length > 1 && given.length > 0 ? given.join(' ').slice(0, 60) : (draft.script ?? program);
  return withDetail(gate.tool, [detail, ...place]);
}

const BY_CATEGORY: readonly Category[] = ['lint', 'format', 'types', 'security', 'build', 'test'];

/** As in the maintainer's own longest chain; what is not in it stands where its category belongs. Builds stand before what needs them. */
function inSequence(wanted: readonly Draft[], drafts: Drafts): readonly Draft[] {
  const rank = (draft: Draft) => BY_CATEGORY.indexOf(categoryOf(draft, drafts));
  const chain = [...drafts.chains.values()].reduce((longest, each) => (each.length > longest.length ? each : longest), []);
  const inChain = chain.length < 2 ? [] : chain.flatMap((key) => wanted.find((draft) => draft.key === key) ?? []);
  const order = [...inChain];
  const others = wanted.filter((draft) => !inChain.includes(draft)).sort((a, b) => rank(a) - rank(b));
  for (const draft of others) {
    const before = order.findIndex((placed) => rank(placed) > rank(draft));
    order.splice(before < 0 ? order.length : before, 0, draft);
  }
  const result: Draft[] = [];
  const place = (draft: Draft): void => {
    if (result.includes(draft)) return;
    for (const need of draft.needs) {
      const needed = order.find((candidate) => candidate.key === need);
      if (needed) place(needed);
    }
    result.push(draft);
  };
  for (const draft of order) place(draft);
  return result;
}
