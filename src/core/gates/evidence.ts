/** Reads what the files of a repository say of commands that are run on it. Executes nothing; what is broken becomes a warning. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Warning } from '../gate-model.js';
import { slashes } from '../paths.js';
import type { Mention } from './mention.js';
import { isFile, readText as readTextOf } from './project.js';

/** A larger file is not written by hand. */
const LARGEST_BYTES = 1_000_000;
/** Of one directory of workflows. */
const MOST_FILES = 100;
/** Scripts that call scripts. */
const SCRIPTS_DEEP = 3;

/** What a reader is given. */
export interface EvidenceFile {
  /** Relative to the package's folder with `/`. */
  readonly file: string;
  readonly text: string;
  /** Says what cannot be read; the place counts from 1. */
  warn(message: string, place?: { readonly line: number; readonly column: number }): void;
  /**
   * The text of another file of the package, or of the repository that it is in, by its place relative to the package's folder; undefined where
   * none can be read.
   */
  read?(file: string): Promise<string | undefined>;
}

export type EvidenceReader = (input: EvidenceFile) => Promise<readonly Mention[]> | readonly Mention[];

/** Which files a reader is for: names in the folder itself, or in one of its directories. */
interface Source {
  readonly directory: string;
  readonly matches: RegExp;
  /** Folders in it count, too. */
  readonly deep?: true;
  /** Loaded only where such a file is there, so that others start sooner. */
  readonly load: () => Promise<EvidenceReader>;
}

const YAML = '\\.ya?ml$';

const WOODPECKER = async () => (await import('./evidence/woodpecker.js')).readWoodpecker;
const AZURE = async () => (await import('./evidence/azure.js')).readAzure;

/** Services that look for their pipelines in the root of a repository, or in a folder of theirs. */
const PIPELINES: readonly Source[] = [
  ...['', '.jenkins', 'jenkins', '.ci', 'ci'].map((directory) => ({
    directory,
    matches: /^(?:[\w-]+\.)?[Jj]enkinsfile(?:\.[\w-]+)*$/,
    load: async () => (await import('./evidence/jenkins.js')).readJenkinsfile,
  })),
  { directory: '', matches: new RegExp(`^\\.(?:woodpecker|drone)${YAML}`), load: WOODPECKER },
  { directory: '.woodpecker', matches: new RegExp(YAML), load: WOODPECKER },
  { directory: '', matches: new RegExp(`^\\.?azure-pipelines[\\w.-]*${YAML}`), load: AZURE },
  { directory: '.azure-pipelines', matches: new RegExp(YAML), load: AZURE },
  { directory: 'azure-pipelines', matches: new RegExp(YAML), load: AZURE },
  { directory: '.azuredevops', matches: new RegExp(YAML), load: AZURE },
  {
    directory: '.buildkite',
    matches: new RegExp(`^pipeline${YAML}`),
    load: async () => (await import('./evidence/buildkite.js')).readBuildkite,
  },
  {
    directory: '',
    matches: new RegExp(`^\\.travis${YAML}`),
    load: async () => (await import('./evidence/travis.js')).readTravis,
  },
  {
    directory: '',
    matches: new RegExp(`^\\.?appveyor${YAML}`),
    load: async () => (await import('./evidence/travis.js')).readAppVeyor,
  },
  {
    directory: '',
    matches: new RegExp(`^\\.cirrus${YAML}`),
    load: async () => (await import('./evidence/travis.js')).readCirrus,
  },
  {
    directory: '',
    matches: new RegExp(`^\\.build${YAML}`),
    load: async () => (await import('./evidence/travis.js')).readSourceHut,
  },
  { directory: '.builds', matches: new RegExp(YAML), load: async () => (await import('./evidence/travis.js')).readSourceHut },
];

/** Where mise looks for scripts that are tasks. */
const TASKS_OF_MISE = ['mise-tasks', '.mise-tasks', 'mise/tasks', '.mise/tasks', '.config/mise/tasks'];

const SOURCES: readonly Source[] = [
  {
    directory: '',
    matches: /^(?:GNUmakefile|[Mm]akefile)$/,
    load: async () => (await import('./evidence/make.js')).readMakefile,
  },
  { directory: '', matches: /^\.?justfile$/i, load: async () => (await import('./evidence/just.js')).readJustfile },
  {
    directory: '',
    matches: new RegExp(`^[Tt]askfile(?:\\.dist)?${YAML}`),
    load: async () => (await import('./evidence/taskfile.js')).readTaskfile,
  },
  { directory: '', matches: /^tox\.ini$/, load: async () => (await import('./evidence/tox.js')).readTox },
  { directory: '', matches: /^tox\.toml$/, load: async () => (await import('./evidence/tox.js')).readToxToml },
  { directory: '', matches: /^pyproject\.toml$/, load: async () => (await import('./evidence/tox.js')).readPyprojectTox },
  { directory: '', matches: /^(?:pyproject|hatch)\.toml$/, load: async () => (await import('./evidence/hatch.js')).readHatch },
  {
    directory: '',
    matches: /^(?:pyproject|pixi)\.toml$/,
    load: async () => (await import('./evidence/python-tasks.js')).readPythonTasks,
  },
  { directory: '', matches: /^\.?mise\.toml$/, load: async () => (await import('./evidence/mise.js')).readMise },
  { directory: '.config', matches: /^mise\.toml$/, load: async () => (await import('./evidence/mise.js')).readMise },
  ...['mise', '.mise', '.config/mise'].map((directory) => ({
    directory,
    matches: /^config\.toml$/,
    load: async () => (await import('./evidence/mise.js')).readMise,
  })),
  ...TASKS_OF_MISE.map((directory) => ({
    directory,
    matches: /^/,
    deep: true as const,
    load: async () => (await import('./evidence/mise-files.js')).readMiseFile,
  })),
  { directory: '', matches: /^devbox\.json$/, load: async () => (await import('./evidence/mise.js')).readDevbox },
  { directory: '', matches: /^tasks\.py$/, load: async () => (await import('./evidence/invoke.js')).readInvokeTasks },
  {
    directory: '.cargo',
    matches: /^config(?:\.toml)?$/,
    load: async () => (await import('./evidence/cargo.js')).readCargoAliases,
  },
  { directory: '', matches: new RegExp(`^moon${YAML}`), load: async () => (await import('./evidence/moon.js')).readMoon },
  { directory: '', matches: /^pom\.xml$/, load: async () => (await import('./evidence/maven.js')).readPom },
  { directory: '', matches: /^noxfile\.py$/, load: async () => (await import('./evidence/nox.js')).readNoxfile },
  { directory: '', matches: /^package\.json$/, load: async () => (await import('./evidence/json.js')).readManifestHooks },
  { directory: '', matches: /^composer\.json$/, load: async () => (await import('./evidence/json.js')).readComposer },
  { directory: '', matches: /^deno\.jsonc?$/, load: async () => (await import('./evidence/json.js')).readDeno },
  {
    directory: 'common/config/rush',
    matches: /^command-line\.json$/,
    load: async () => (await import('./evidence/json.js')).readRushCommands,
  },
  { directory: '.vscode', matches: /^tasks\.json$/, load: async () => (await import('./evidence/json.js')).readEditorTasks },
  {
    directory: '.github/workflows',
    matches: new RegExp(YAML),
    load: async () => (await import('./evidence/github.js')).readWorkflow,
  },
  {
    directory: '',
    matches: new RegExp(`^\\.gitlab-ci${YAML}`),
    load: async () => (await import('./evidence/gitlab.js')).readGitlab,
  },
  {
    directory: '.circleci',
    matches: new RegExp(`^config${YAML}`),
    load: async () => (await import('./evidence/circleci.js')).readCircle,
  },
  ...PIPELINES,
  {
    directory: '',
    matches: new RegExp(`^(?:\\.pre-commit-config${YAML}|\\.?prek\\.toml$)`),
    load: async () => (await import('./evidence/pre-commit.js')).readPreCommit,
  },
  {
    directory: '',
    matches: /^\.?lefthook\.(?:ya?ml|json|toml)$/,
    load: async () => (await import('./evidence/hooks.js')).readLefthook,
  },
  {
    directory: '',
    matches: /^\.lintstagedrc(?:\.json|\.ya?ml)?$/,
    load: async () => (await import('./evidence/hooks.js')).readLintStaged,
  },
  {
    directory: '.husky',
    matches: /^(?:pre-commit|pre-push|commit-msg)$/,
    load: async () => (await import('./evidence/hooks.js')).readHusky,
  },
];

/** All that the files of the folder mention, in the order of the sources. `entries`: names of what lies directly in it. */
export async function readMentions(
  directory: string,
  entries: readonly string[],
  warn: (warning: Warning) => void,
): Promise<readonly Mention[]> {
  const found = await Promise.all(SOURCES.map((source) => readSource(source, directory, entries, warn)));
  const own = found.flat();
  const served = new Set<Mention>();
  const called = own.length === 0 ? [] : await calledMentions(directory, own, served, warn);
  // What it calls needs the service, so that it cannot run elsewhere.
  return [...own, ...called].map((each) => (served.has(each) ? { ...each, secret: true as const } : each));
}

/** What composite actions and shell scripts run that others call, to some depth; each once for each job, since jobs have their purposes. */
async function calledMentions(
  directory: string,
  callers: readonly Mention[],
  served: Set<Mention>,
  warn: Warn,
): Promise<readonly Mention[]> {
  const seen = new Set<string>();
  const all: Mention[] = [];
  let waiting = callers;
  for (let depth = 0; depth < SCRIPTS_DEEP && waiting.length > 0; depth += 1) {
    const found: Mention[] = [];
    for (const caller of waiting) found.push(...(await actionMentions(directory, caller, seen, warn)));
    for (const caller of waiting) found.push(...(await scriptMentions(directory, caller, { seen, served })));
    all.push(...found);
    waiting = found;
  }
  return all;
}

type Warn = (warning: Warning) => void;

async function actionMentions(directory: string, caller: Mention, seen: Set<string>, warn: Warn): Promise<readonly Mention[]> {
  if (caller.action === undefined || isKnown(caller.action + JSON.stringify(caller.given ?? {}), caller, seen)) return [];
  const { readAction } = await import('./evidence/github.js');
  for (const name of ['action.yml', 'action.yaml']) {
    const file = `${caller.action}/${name}`;
    const absolute = path.join(directory, file);
    const text = (await isFile(absolute)) ? await readText(absolute, () => {}) : undefined;
    const complain: EvidenceFile['warn'] = (message, place) => warn({ file: absolute, ...place, message });
    if (text !== undefined) return readAction({ file, text, warn: complain }, caller);
  }
  return [];
}

async function scriptMentions(
  directory: string,
  caller: Mention,
  { seen, served }: { readonly seen: Set<string>; readonly served: Set<Mention> },
): Promise<readonly Mention[]> {
  const { asksService, calledFiles, isShellScript, readShellScript } = await import('./evidence/shell.js');
  const found: Mention[] = [];
  for (const file of calledFiles(caller)) {
    if (isKnown(file, caller, seen)) continue;
    const absolute = path.join(directory, file);
    // What is called may be made by a build, or be no text at all.
    const text = (await isFile(absolute)) ? await readText(absolute, () => {}) : undefined;
    if (text === undefined || !isShellScript({ file, text })) continue;
    if (asksService(text)) served.add(caller);
    const mentions = readShellScript({ file, text }, caller);
    // A task is one whoever calls it.
    if (mentions[0]?.role !== 'task' || !isKnown(file, undefined, seen)) found.push(...mentions);
  }
  return found;
}

/** Whether it was read already for this job, or for any; if not it is from now on. */
function isKnown(file: string, caller: Mention | undefined, seen: Set<string>): boolean {
  const key = JSON.stringify([file, caller?.file, caller?.name]);
  const known = seen.has(key) || seen.size >= MOST_FILES;
  seen.add(key);
  return known;
}

async function readSource(
  { directory: inner, matches, deep, load }: Source,
  directory: string,
  entries: readonly string[],
  warn: (warning: Warning) => void,
): Promise<readonly Mention[]> {
  const [top = ''] = inner.split('/');
  if (inner !== '' && !entries.includes(top)) return [];
  const names =
    inner === ''
      ? entries
      : deep
        ? await filesBelow(path.join(directory, inner))
        : await readdir(path.join(directory, inner)).catch(() => []);
  const wanted = names
    .filter((name) => matches.test(name))
    .sort()
    .slice(0, MOST_FILES);
  if (wanted.length === 0) return [];
  const read = await load();
  const mentions: Mention[] = [];
  for (const name of wanted) {
    const file = inner === '' ? name : `${inner}/${name}`;
    const absolute = path.join(directory, file);
    const complain: EvidenceFile['warn'] = (message, place) => warn({ file: absolute, ...place, message });
    // The manifest is read, and complained about, by whoever reads the package.
    const text = await readText(absolute, name === 'package.json' ? () => {} : complain);
    if (text === undefined) continue;
    const another = async (other: string) => {
      const place = path.join(directory, other);
      const isOwn = !other.startsWith('..') || (await isInRepositoryOf(directory, place));
      return isOwn && (await isFile(place)) ? readText(place, () => {}) : undefined;
    };
    try {
      mentions.push(...(await read({ file, text, warn: complain, read: another })));
    } catch (error) {
      complain(`${name} could not be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return mentions;
}

/** Names of what lies in the directory and below it, relative to it with `/`. */
async function filesBelow(directory: string): Promise<readonly string[]> {
  const all = await readdir(directory, { recursive: true }).catch(() => []);
  const files = await Promise.all(all.slice(0, MOST_FILES).map((name) => isFile(path.join(directory, name))));
  return all.filter((_, index) => files[index]).map(slashes);
}

/** Whether a file lies in the repository that a folder is in; where there is none, only what is in the folder is its own. */
async function isInRepositoryOf(directory: string, file: string): Promise<boolean> {
  for (let top = directory, left = HIGHEST; left > 0; left -= 1) {
    if ((await stat(path.join(top, '.git')).catch(() => undefined)) !== undefined) return file.startsWith(`${top}${path.sep}`);
    const above = path.dirname(top);
    if (above === top) return false;
    top = above;
  }
  return false;
}

/** Folders above a package in its repository. */
const HIGHEST = 12;

function readText(file: string, complain: EvidenceFile['warn']): Promise<string | undefined> {
  return readTextOf(file, ({ message }) => complain(message), LARGEST_BYTES);
}
