/** Finds the gates of a workspace by reading it. Executes nothing, so it is safe in a workspace that nobody trusts. */

import path from 'node:path';
import type { Category, Detection, Evidence, Gate, Warning } from '../gate-model.js';
import type { Log } from '../host.js';
import type { Folder, GateId } from '../model.js';
import { slashes } from '../paths.js';
import { isPipelineFile } from './ci-files.js';
import { isCheckedByCi } from './drafts.js';
import { nameGates } from './gate-names.js';
import type { Mention } from './mention.js';
import { fromOutside } from './mention-builds.js';
import { withFiles } from './mention-files.js';
import { relocated } from './mention-places.js';
import { purposeOf } from './mention-purpose.js';
import type { Mentioned } from './mentioned.js';
import { besideDependencies } from './package-dependencies.js';
import { detectPackage, type PackageOptions } from './package-drafts.js';
import type { Preset } from './preset.js';
import { PRESETS } from './presets.js';
import { type Project, readProject } from './project.js';
import { type Disk, realDisk } from './resolve.js';
import { wordsOf } from './script-names.js';
import { LONGEST } from './script-words.js';
import { enteredByRoot, isBuiltBy, isStartedBy, startedByRoot } from './started-by-root.js';
import { subprojects, workspacePackages } from './subprojects.js';
import { foundBelow } from './tasks-below.js';
import { readWorkspace } from './workspace.js';

/** Reads what the files of a folder say about commands that are run on it. `entries` are the names in the folder. */
export type ReadMentions = (
  directory: string,
  entries: readonly string[],
  warn: (warning: Warning) => void,
) => Promise<readonly Mention[]>;

export interface DetectOptions {
  readonly folders: readonly Folder[];
  /** Where PATH and VIRTUAL_ENV are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
  readonly presets?: readonly Preset[];
  readonly readMentions?: ReadMentions;
}

/**
 * The gates of all folders, in the order in which a maintainer would run them one after another, each after what it needs. Never
 * rejects: what cannot be read is a warning, and all else is still found. Looks at the root of each folder, at the workspace packages
 * that it names, and two levels down for packages that nothing names; never walks the whole tree.
 */
export async function detectGates(options: DetectOptions): Promise<Detection> {
  const warnings: Warning[] = [];
  const disk = realDisk();
  const names = folderNames(options.folders);
  const gates: Gate[] = [];
  for (const [index, folder] of options.folders.entries()) {
    const prefix = options.folders.length > 1 ? `${names[index]}/` : '';
    const own: FolderOptions = { ...options, disk, warn: (warning) => warnings.push(warning) };
    const found = await orWarned(folder.path, own, () => detectFolder(folder, prefix, own), []);
    options.log?.debug(`Found ${found.length} gates in ${folder.path}.`);
    gates.push(...found);
  }
  return { gates, warnings };
}

interface FolderOptions extends DetectOptions {
  readonly disk: Disk;
  readonly warn: (warning: Warning) => void;
}

/** A bug met in one folder is a warning, and the others are still looked at. */
async function orWarned<Result>(
  file: string,
  { warn, log }: Pick<FolderOptions, 'warn' | 'log'>,
  work: () => Promise<Result>,
  otherwise: Result,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    log?.error(`Finding the gates of ${file} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    const reason = error instanceof Error ? error.message : String(error);
    warn({ file, message: `No gate was found here, since Volley itself failed: ${reason}. Please report this with the log.` });
    return otherwise;
  }
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
    ...new Set([
      ...presets.flatMap(({ configKeys, targetKeys, workers, passesOver }) =>
        [...configKeys, ...targetKeys, ...(workers?.asked?.keys ?? []), ...(passesOver?.keys ?? [])].map(({ file }) => file),
      ),
      'pyproject.toml',
    ]),
  ];
  const readMentions = options.readMentions ?? readEvidence;
  const whole = await readProject(folder.path, settings, options.warn);
  const mentionsIn = async ({ directory, entries }: Project, warn = options.warn): Promise<readonly Mentioned[]> => {
    const from = placeIn(folder, directory);
    const found = await readMentions(directory, entries, warn);
    const placed = await Promise.all(found.flatMap(relocated).map((mention) => withFiles(mention, directory, options.disk)));
    return placed.map((mention) => ({ mention, from }));
  };
  const packages = await workspacePackages(whole);
  const workspace = await readWorkspace(whole, packages, await mentionsIn(whole));
  const { root, delegated, isHandedOn } = workspace;
  const said = await Promise.all(workspace.said.map((each) => fromOutside(each, folder.path, options.disk)));
  const checkedBelow = said.some(({ mention }) => mention.role === 'workflow' && mention.cwd !== '' && isAboutChecks(mention));
  const base = { root, folder, presets, env: options.env, disk: options.disk, warn: options.warn };
  const found = await detectPackage({
    ...base,
    project: root,
    mentions: said.filter(isHere),
    configured: delegated.size > 0 ? 'uncovered' : 'all',
    covered: delegated,
    // What CI does below the root, it does not do here.
    checkedByCi: checkedBelow,
  });
  const gates = await nameGates(found.drafts, found.context, prefix, '');
  const surroundings: Surroundings = {
    ...base,
    settings,
    said,
    mentionsIn,
    prefix,
    isHandedOn,
    // What the root checks, it checks for its packages too.
    covered: new Set(gates.map((gate) => gate.category)),
    checkedByCi: checkedBelow || isCheckedByCi([...found.drafts.byKey.values()]),
    started: startedByRoot([...found.drafts.byKey.values()]),
    entered: enteredByRoot([...found.drafts.byKey.values()]),
  };
  const places = await placesBelow(root, packages, said, options.disk);
  const below: InPlace[] = [];
  for (let index = 0; index < places.length; index += AT_ONCE) {
    const look = (place: Place) =>
      orWarned(place.directory, options, () => detectPlace(place, surroundings), { ...NOTHING, kind: place.kind });
    const some = await Promise.all(places.slice(index, index + AT_ONCE).map(look));
    for (const each of some) {
      below.push(...each.gates.map((gate) => ({ gate, kind: each.kind, done: each.done.has(gate) })));
      for (const warning of each.warnings) options.warn(warning);
    }
  }
  const others = withoutOtherPurposes(below, surroundings);
  return besideDependencies(withoutIdleBuilds(foundBelow(gates, others, workspace.said)), packages);
}

interface Surroundings extends Pick<PackageOptions, 'root' | 'folder' | 'presets' | 'env' | 'disk' | 'covered' | 'checkedByCi'> {
  readonly settings: readonly string[];
  readonly said: readonly Mentioned[];
  readonly mentionsIn: (project: Project, warn: (warning: Warning) => void) => Promise<readonly Mentioned[]>;
  readonly prefix: string;
  readonly isHandedOn: (gate: Gate) => boolean;
  /** Scripts that a gate of the root starts in all packages. */
  readonly started: ReadonlySet<string>;
  /** Folders in which a script of the root does what CI checks there. */
  readonly entered: ReadonlySet<string>;
}

interface InPlace {
  readonly gate: Gate;
  readonly kind: Place['kind'];
  /** The root does its work. */
  readonly done: boolean;
}

interface FoundInPlace {
  readonly kind: Place['kind'];
  readonly gates: readonly Gate[];
  /** Those of which the root does the work. */
  readonly done: ReadonlySet<Gate>;
  readonly warnings: readonly Warning[];
}

const NOTHING: Omit<FoundInPlace, 'kind'> = { gates: [], done: new Set(), warnings: [] };

/** What is found in a folder below the root. */
async function detectPlace({ directory, kind }: Place, surroundings: Surroundings): Promise<FoundInPlace> {
  const { settings, said, mentionsIn, prefix, isHandedOn, started, entered, folder, covered, ...base } = surroundings;
  const warnings: Warning[] = [];
  const warn = (warning: Warning) => warnings.push(warning);
  const project = await readProject(directory, kind === 'package' ? ['package.json'] : settings, warn);
  const own = placeIn(folder, directory);
  const elsewhere = said.filter(({ mention }) => mention.cwd === own);
  const here = (await mentionsIn(project, warn)).filter(
    (each) => isHere(each) && (project.entries.includes('.git') || !isOfService(each)),
  );
  const mentions = [...here, ...elsewhere.map(atHome)];
  const known: ReadonlySet<Category> = kind === 'package' ? covered : new Set();
  const configured = kind === 'subproject' ? 'all' : kind === 'package' ? 'uncovered' : 'none';
  const { drafts, context } = await detectPackage({ ...base, folder, warn, project, mentions, configured, covered: known });
  const named = await nameGates(drafts, context, `${prefix}${own}/`, own);
  // Of what stands there for other purposes nobody said that it runs.
  const isSaidAbove = ({ file, line }: Evidence) =>
    !file.startsWith(`${own}/`) || elsewhere.some(({ mention }) => mention.file === file && mention.line === line);
  const isCalled = ({ evidence }: Gate) => kind !== 'mentioned' || evidence.some(isSaidAbove);
  const isDone = (gate: Gate) =>
    kind === 'package'
      ? gate.category === 'build'
        ? isBuiltBy(started, gate) && !named.some(({ needs }) => needs.includes(gate.id))
        : !isHandedOn(gate) && isStartedBy(started, gate)
      : entered.has(own) && !isCheckedByCi([gate]);
  const wanted = named.filter((gate) => (!known.has(gate.category) || isMeant(gate, isHandedOn)) && isCalled(gate));
  return { kind, gates: wanted, done: new Set(wanted.filter(isDone)), warnings };
}

/** Whether it stands where a service looks in the root of a repository only: elsewhere it came with somebody else's sources. */
function isOfService({ mention }: Mentioned): boolean {
  return isPipelineFile((mention.via ?? mention).file);
}

/** Of a kind of check that runs in some packages of a workspace, those in others are for other purposes, as far as one can tell. */
function withoutOtherPurposes(below: readonly InPlace[], { said, isHandedOn }: Surroundings): readonly Gate[] {
  const known = !said.some(
    ({ mention }) => mention.role === 'workflow' && (MONOREPO_RUNNER.test(mention.text) || isLeft(mention)),
  );
  const isChosen = (gate: Gate) => (known ? isMeant(gate, isHandedOn) : isHandedOn(gate));
  const chosen = below.filter(
    ({ gate, kind, done }) => kind === 'package' && gate.category !== 'build' && (done || isChosen(gate)),
  );
  const kinds = new Set(chosen.flatMap(({ gate }) => kindsOf(gate)));
  const isLike = (gate: Gate) =>
    isOfItsOwnKind(gate)
      ? kindsOf(gate).some((kind) => kinds.has(kind))
      : chosen.some((other) => other.gate.category === gate.category);
  const isAside = ({ gate, kind }: InPlace) => kind === 'package' && !isMeant(gate, isHandedOn) && isLike(gate);
  return below.filter((each) => !each.done && !isAside(each)).map(({ gate }) => gate);
}

/** Whether the name of a script says that its tests are other ones than those which each package has. */
function isOfItsOwnKind(gate: Gate): boolean {
  return gate.category === 'test' && scriptsOf(gate).some((name) => wordsOf(name).some((word) => !PLAIN_TESTS.has(word)));
}

const PLAIN_TESTS = new Set('test tests spec specs unit run ci all check verify'.split(' '));

/** What tells such tests apart: the tool, and the name of the script. */
function kindsOf(gate: Gate): readonly string[] {
  const names = [...scriptsOf(gate), ...(gate.preset === undefined ? [] : [`tool ${gate.preset}`])];
  return names.map((name) => `${gate.category} ${name}`);
}

/** Names of the scripts of its package in which a gate stands. */
function scriptsOf({ evidence }: Gate): readonly string[] {
  return evidence.flatMap(({ file, text }) =>
    file.endsWith('/package.json') ? (/^"([^"]+)":/.exec(text)?.slice(1, 2) ?? []) : [],
  );
}

/** Whether the words of a line of CI say that it checks. */
function isAboutChecks(mention: Mention): boolean {
  return purposeOf(mention) === 'checks' && mention.command.kind === 'shell' && CHECKS.test(mention.command.text);
}

const CHECKS = /\b(?:tests?|lint|check|types?|typecheck|tsc|verify|ci|attw|vitest|jest|mocha|eslint|pytest)\b/;

/** Whether something for several packages is left where it stands, since nobody knows for which. */
function isLeft(mention: Mention): boolean {
  const { cwd, command } = mention;
  if (cwd !== '' || command.kind !== 'shell' || purposeOf(mention) !== 'checks') return false;
  if (command.text.length > LONGEST) return false;
  const several =
    /\b(?:npm|pnpm|yarn|bun)\b[^|;&]*\s(?:--filter|-F|-r|--recursive|-ws?|--workspaces?|workspaces?|foreach)(?:[\s=]|$)|\bcd\s+["']?\$/;
  return several.test(command.text) && CHECKS.test(command.text);
}

/** They run in packages what nobody knows without running them. */
const MONOREPO_RUNNER = /\b(?:nx|turbo|lerna|lage|moon|rush|ultra|wireit|bazel)\b/;

/** Whether the gate of a package counts whatever the root checks: CI or the root says that it runs there, or it is a build. */
function isMeant(gate: Gate, isHandedOn: (gate: Gate) => boolean): boolean {
  return gate.category === 'build' || isHandedOn(gate) || isCheckedByCi([gate]);
}

/** So many packages are read at the same time; each waits for the disk most of the time. */
const AT_ONCE = 32;

/** Loaded when something is detected, so that whoever only asks for help does not wait for it. */
const readEvidence: ReadMentions = async (...args) => (await import('./evidence.js')).readMentions(...args);

function isHere({ mention }: Mentioned): boolean {
  return mention.cwd === '';
}

/** Seen from where it runs. A task cannot be run by its name from there. */
function atHome({ mention, from }: Mentioned): Mentioned {
  const { runner: _, ...rest } = mention;
  return { mention: { ...rest, cwd: '', role: mention.role === 'task' ? 'workflow' : mention.role }, from };
}

function placeIn(folder: Folder, directory: string): string {
  return slashes(path.relative(folder.path, directory));
}

interface Place {
  readonly directory: string;
  /** `package`: of a workspace whose root may do its work. `subproject`: on its own. `mentioned`: only commands run there. */
  readonly kind: 'package' | 'subproject' | 'mentioned';
}

async function placesBelow(
  root: Project,
  packages: readonly string[],
  said: readonly Mentioned[],
  disk: Disk,
): Promise<readonly Place[]> {
  const known = new Map<string, Place['kind']>(packages.map((directory) => [directory, 'package']));
  for (const directory of await subprojects(root)) if (!known.has(directory)) known.set(directory, 'subproject');
  for (const { mention } of said) {
    const directory = path.join(root.directory, mention.cwd);
    if (mention.cwd === '' || mention.cwd.startsWith('..') || known.has(directory)) continue;
    // What a script makes first is not there, and nothing can run in it.
    if ((await disk.list(directory)).length > 0) known.set(directory, 'mentioned');
  }
  return [...known].map(([directory, kind]) => ({ directory, kind })).sort((a, b) => (a.directory < b.directory ? -1 : 1));
}

/** Builds in packages whose checks are left out are left out too. */
function withoutIdleBuilds(gates: readonly Gate[]): readonly Gate[] {
  const kept = new Set<GateId>();
  for (const gate of [...gates].reverse()) {
    if (gate.category !== 'build' || kept.has(gate.id) || isCheckedByCi([gate]))
      for (const id of [gate.id, ...gate.needs]) kept.add(id);
  }
  // A build of the root is there because a check by its name asks for it.
  return gates.filter((gate) => kept.has(gate.id) || gate.command.cwd === gate.folder.path);
}
