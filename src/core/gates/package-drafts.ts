/** Everything that one package says about its checks, as drafts. Executes nothing. */

import path from 'node:path';
import type { Category, Evidence, Warning } from '../gate-model.js';
import type { Folder } from '../model.js';
import { slashes } from '../paths.js';
import { dropAbsentFiles } from './absent-files.js';
import { isWanted, type PackageContext } from './assemble.js';
import { addCoverage } from './coverage-gates.js';
import { orderThresholds } from './coverage-thresholds.js';
import {
  addDraft,
  addEvidence,
  addSteps,
  configuredTool,
  type Draft,
  type Drafts,
  isCheckedByCi,
  newDrafts,
  type ScriptInfo,
  wholeScript,
} from './drafts.js';
import { environmentsOfCi } from './evidence/environment.js';
import { addLeftovers } from './leftovers.js';
import { addTestsByHabit } from './manifest-tests.js';
import type { MentionContext } from './mention-merge.js';
import { addMentions, type Mentioned } from './mentioned.js';
import { addConfigures } from './native-configures.js';
import type { Preset } from './preset.js';
import { checkSyntax, type Project } from './project.js';
import { dropRedundant } from './redundancy.js';
import { dropStartedBuilds } from './repeated-builds.js';
import type { Disk } from './resolve.js';
import { changesThings } from './script-changes.js';
import { findChecks } from './script-fragments.js';
import { baseOfMeasured, categoryOfName, isBuildName, isCheckName, isExcludedName, wordsOf } from './script-names.js';
import { buildsProject } from './script-of-job.js';
import { PLAIN_PRESETS } from './script-plain-checks.js';
import { RUNTIMES } from './script-programs.js';
import { isSpokenOfTargets, startsTargets } from './script-projects.js';
import { makesSourcesAnew } from './script-readying.js';
import type { ScriptContext, Step } from './script-steps.js';
import { startsTool } from './script-targets.js';
import { evidenceOfMention, type Task, tasksOf } from './script-tasks.js';
import { callsIn } from './script-words.js';
import { mentionedWords, takeApart } from './scripts.js';
import { readTypeScriptProjects } from './typescript-projects.js';
import { dropUnrun } from './unrun-scripts.js';

export interface PackageOptions {
  readonly project: Project;
  readonly root: Project;
  readonly folder: Folder;
  readonly presets: readonly Preset[];
  /** What files say about commands that run in this package. */
  readonly mentions: readonly Mentioned[];
  /** Whether configuration alone makes gates here. */
  readonly configured: 'all' | 'uncovered' | 'none';
  /** What the root checks for its packages too. */
  readonly covered: ReadonlySet<Category>;
  /** CI runs checks of the repository that this package belongs to. */
  readonly checkedByCi: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly disk: Disk;
  readonly warn: (warning: Warning) => void;
}

export interface Found {
  readonly drafts: Drafts;
  readonly context: PackageContext;
}

/** The drafts of one package. Never rejects. */
export async function detectPackage(options: PackageOptions): Promise<Found> {
  const { project, root, folder, presets, mentions } = options;
  const scripts = new Map([...project.scripts].map(([name, { script }]) => [name, script]));
  const typescript = await readTypeScriptProjects(project.directory, scripts.values());
  const inCi = mentions.filter(({ mention }) => mention.role === 'workflow');
  const ofCi = environmentsOfCi(
    inCi.map(({ mention, from }) => ({ evidence: evidenceOfMention(mention, from), env: mention.env })),
  );
  const context: PackageContext = { folder, project, root, typescript, env: options.env, disk: options.disk, ofCi };
  const drafts = newDrafts();
  const tasks = tasksOf(mentions.map(({ mention }) => mention));
  const info = scriptInfo(options, tasks, await textsOf(options));
  const scriptContext: ScriptContext = {
    scripts,
    presets,
    emits: typescript.emits,
    tasks,
    onFix: (call) => drafts.fixers.push(call),
  };
  addScripts(drafts, scriptContext, info, options);
  const mentionContext: MentionContext = {
    drafts,
    scripts: scriptContext,
    info,
    startedBy: (preset, inCi) => draftsOf(preset, drafts, scripts, inCi),
  };
  const left = addMentions(mentions, tasks, mentionContext);
  await addConfigured({ drafts, context }, info, options, (preset) =>
    left.some(
      ({ task, evidence }) =>
        isCheckedByCi([{ evidence }]) && (startsTool(task, preset) || (preset.category === 'lint' && lintsInContainer(task))),
    ),
  );
  if (options.configured === 'all' && left.every(({ task }) => categoryOfName(task.name) !== 'test'))
    await addTestsByHabit(drafts, scriptContext, info, context);
  dropRedundant(drafts);
  dropStartedBuilds(drafts, scripts);
  dropUnrun(drafts, scriptContext, new Set([project, root].flatMap(({ dependencies }) => [...dependencies.keys()])));
  await dropAbsentFiles(drafts, project.directory, mentions);
  await addCoverage(mentions, mentionContext, context);
  orderThresholds(drafts);
  const wanted = [...drafts.byKey.values()].filter((draft) => isWanted(draft, drafts));
  const covered = new Set([...options.covered, ...wanted.map(({ category }) => category)]);
  addLeftovers(left, { covered, checkedByCi: options.checkedByCi, tasks }, mentionContext);
  addConfigures(
    drafts,
    mentions.map(({ mention }) => mention),
  );
  return { drafts, context };
}

/** What stands in the files that configure tools, by name: those that may name targets, and those of hooks which pre-commit tells their files. */
async function textsOf({ project, disk, presets, mentions }: PackageOptions): Promise<ReadonlyMap<string, string>> {
  const said = mentions.flatMap(({ mention: { aimed, command } }) => {
    const isLimited = aimed !== undefined && [...aimed.limits.files, ...aimed.limits.exclude].length > 0;
    return isLimited ? (command.kind === 'argv' ? command.argv : command.text.split(/\s+/)) : [];
  });
  const words = new Set(said);
  const own = presets.filter(({ programs, targetText }) => targetText || programs.some((program) => words.has(program)));
  const names = own.flatMap(({ configFiles, id }) => [...configFiles, `.${id}ignore`]);
  const there = [...new Set(names)].filter((name) => project.entries.includes(name));
  const read = there.map(async (name) => [name, (await disk.readText(path.join(project.directory, name))) ?? ''] as const);
  return new Map(await Promise.all(read));
}

function scriptInfo(
  { folder, project, mentions }: PackageOptions,
  tasks: readonly Task[],
  texts: ReadonlyMap<string, string>,
): ScriptInfo {
  const runners = new Map(tasks.map((task) => [task.key, task]));
  const lineOf = (task: Task, program = '', argument = ''): Evidence => {
    const said = ({ text, command }: Task['lines'][number]) =>
      command.kind === 'argv' ? command.argv.join(' ') : `${command.text} ${text}`;
    const spoken = task.lines.filter((line) => said(line).includes(program));
    const line = spoken.find((each) => said(each).includes(argument)) ?? spoken[0] ?? task.lines[0];
    const from = mentions.find(({ mention }) => mention === line)?.from ?? '';
    return line ? evidenceOfMention(line, from) : { file: '', text: task.key };
  };
  return {
    evidenceOf: (script, program, argument) => {
      const task = project.scripts.has(script) ? undefined : runners.get(script);
      return task
        ? lineOf(task, program, argument)
        : evidenceOf(folder, project, 'package.json', project.scripts.get(script) ?? { text: script });
    },
    runnerOf: (script) => (project.scripts.has(script) ? undefined : runners.get(script)?.runner),
    settingsOf: ({ id, configFiles, configKeys, targetKeys }) => {
      // A table below that of the tool inherits from it.
      const tables = [...configKeys, ...targetKeys].map(({ file, key }) => ({ file, key: key.slice(0, 2) }));
      const keys = [...tables, ...configFiles.map((file) => ({ file, key: [] }))];
      const own = keys.flatMap(({ file, key }) => JSON.stringify(project.setting(file, key)?.value) ?? []);
      return [...own, ...[...configFiles, `.${id}ignore`].map((file) => texts.get(file) ?? '')].join('\n');
    },
    targetsAreConfigured: ({ targetKeys, targetText, configFiles }) =>
      targetKeys.some(({ file, key }) => project.setting(file, key) !== undefined) ||
      (targetText !== undefined && configFiles.some((file) => targetText.test(texts.get(file) ?? ''))),
  };
}

function addScripts(drafts: Drafts, context: ScriptContext, info: ScriptInfo, { project, warn }: PackageOptions): void {
  const cycles = new Set<string>();
  for (const name of context.scripts.keys()) {
    const hookOf = /^(?:pre|post)(.+)$/.exec(name)?.[1];
    if (hookOf !== undefined && context.scripts.has(hookOf)) continue;
    const taken = takeApart(name, context);
    if (name === 'postinstall') addSteps(drafts, name, checksOfInstalling(name, context), false, info);
    // What it mends is noted; what else it does is no check.
    if (isExcludedName(name)) continue;
    switch (taken.kind) {
      case 'steps':
        addSteps(drafts, name, taken.steps, isCheckName(name) && !isBuildForTests(name, taken.steps), info);
        break;
      case 'not understood':
        if (isCheckInOnePiece(name, context.scripts)) addDraft(drafts, wholeScript(name, info));
        break;
      case 'cycle': {
        const names = [...taken.scripts].sort();
        if (!cycles.has(JSON.stringify(names))) warn(cycleWarning(project, taken.scripts));
        cycles.add(JSON.stringify(names));
        break;
      }
      default:
        taken satisfies never;
    }
  }
}

/** Whether a script of which nobody knows all that it does is a check by its name, and neither again one that is there nor something else. */
function isCheckInOnePiece(name: string, scripts: ReadonlyMap<string, string>): boolean {
  if (!isCheckName(name) || baseOfMeasured(name, scripts) !== undefined) return false;
  return !changesThings(name, scripts) && !makesSourcesAnew(scripts.get(name) ?? '');
}

/** What is checked whenever packages are installed, by CI too. */
function checksOfInstalling(name: string, { onFix: _, ...context }: ScriptContext): readonly Step[] {
  const text = context.scripts.get(name) ?? '';
  return findChecks({ command: { kind: 'shell', text }, env: {} }, name, { ...context, inShellScript: true }).filter(
    ({ kind }) => kind === 'check',
  );
}

/** `test:browser:build` makes what a test needs. */
function isBuildForTests(name: string, steps: readonly Step[]): boolean {
  return isBuildName(wordsOf(name).at(-1) ?? '') && steps.every(({ kind }) => kind === 'build');
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
  const relative = slashes(path.relative(folder.path, path.join(project.directory, file)));
  return { file: relative, text, ...(line === undefined ? {} : { line }) };
}

// -------------------------------------------------------------------------------------------------------- configuration

async function addConfigured(
  { drafts, context }: Found,
  info: ScriptInfo,
  options: PackageOptions,
  isStarted: (preset: Preset) => boolean,
): Promise<void> {
  const { project } = context;
  const { presets, warn } = options;
  const parsed = new Set(presets.flatMap(({ configKeys, targetKeys }) => [...configKeys, ...targetKeys].map(({ file }) => file)));
  const scripts = new Map([...project.scripts].map(([name, { script }]) => [name, script]));
  const inCi = [...drafts.byKey.values()].filter((draft) => isCheckedByCi([draft]));
  const checked: Checked = {
    any: options.checkedByCi || inCi.length > 0 || presets.some(isStarted),
    ecosystems: new Set([...inCi.map(({ preset }) => preset), ...presets.filter(isStarted)].map((preset) => preset?.ecosystem)),
    tests: new Set(inCi.filter(({ category }) => category === 'test').map(({ preset }) => preset?.ecosystem)),
    linters: new Set(inCi.filter(({ category }) => category === 'lint').map(({ preset }) => preset?.ecosystem)),
  };
  for (const preset of [...presets, ...CONFIGURED_PLAIN]) {
    const files = await configurationOf(preset, context);
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
    const alone = options.configured === 'all' || (options.configured === 'uncovered' && !options.covered.has(preset.category));
    if (
      known.length === 0 &&
      alone &&
      !isStarted(preset) &&
      !(isHabit(preset) && checked.tests.has(preset.ecosystem)) &&
      preset.detectedBy !== 'command only' &&
      !isForOthers(preset, configuration.length > 0, checked) &&
      !(listed.length === 0 && (isLeftBehind(preset, checked) || isGone(preset, checked, context))) &&
      !isDelegated(preset, drafts)
    ) {
      addDraft(drafts, configuredTool(preset, evidence, info.targetsAreConfigured(preset)));
    }
  }
}

/** Whether a task that is called after linting does all it does in a container: there the linter runs that the project has configured. */
function lintsInContainer({ name, lines }: Task): boolean {
  const isContained = ({ command }: Task['lines'][number]) =>
    (command.kind === 'argv' ? [command.argv] : callsIn(command.text)).every(([program = '']) =>
      /^(?:docker|podman)$/.test(program),
    );
  return wordsOf(name).includes('lint') && lines.length > 0 && lines.every(isContained);
}

/** The files that configure the tool. */
async function configurationOf(
  { configFiles, configText = {} }: Preset,
  { project, disk }: PackageContext,
): Promise<readonly string[]> {
  const files = await project.files(configFiles);
  const said = await Promise.all(
    files.map(async (file) => {
      const needed = configText[file];
      return needed === undefined || needed.test((await disk.readText(path.join(project.directory, file))) ?? '');
    }),
  );
  return files.filter((_, index) => said[index]);
}

/** Tools of which only the exit code is read, whose configuration is enough to call them. */
const CONFIGURED_PLAIN = PLAIN_PRESETS.filter(({ detectedBy }) => detectedBy === 'configuration');

/** Which checks CI runs, as far as that is known. */
interface Checked {
  readonly any: boolean;
  readonly ecosystems: ReadonlySet<string | undefined>;
  /** Whose tests it runs. */
  readonly tests: ReadonlySet<string | undefined>;
  /** Whose linters it runs. */
  readonly linters: ReadonlySet<string | undefined>;
}

/**
 * Whether it says too little that a tool is configured, or only that it is listed as a dependency, where CI runs checks and neither it
 * nor a script calls the tool. Compilers and formatters of Node.js are configured for editors and bundlers, too; what cargo and go
 * bring along is there for whoever wants it; and what is listed without a configuration may serve another purpose.
 */
function isForOthers({ id, ecosystem, category }: Preset, isConfigured: boolean, checked: Checked): boolean {
  if (category === 'test' || !checked.any) return false;
  if (!isConfigured) return true;
  if (OWN_CONFIGURATION.has(id)) return false;
  if (ecosystem === 'rust' || ecosystem === 'go') return checked.ecosystems.has(ecosystem);
  return ecosystem === 'node' && (category === 'types' || category === 'format');
}

/** Whether only the manifest of its language speaks for it. */
function isHabit({ ecosystem, category }: Preset): boolean {
  return category === 'test' && (ecosystem === 'rust' || ecosystem === 'go');
}

/** They do nothing but check, and somebody has written a file for them alone. */
const OWN_CONFIGURATION = new Set(['golangci-lint', 'cargo-deny']);

/** Whether it is a linter of Python that the project does not install, configured beside those that CI runs: nobody does any more. */
function isLeftBehind({ ecosystem, category, takes }: Preset, { linters }: Checked): boolean {
  return ecosystem === 'python' && category === 'lint' && takes.some((glob) => glob.includes('.py')) && linters.has(ecosystem);
}

/** Whether it is a tool of Node.js that neither the package nor its root installs any more, nor anything called after it, where CI checks. */
function isGone({ ecosystem, packages, id }: Preset, checked: Checked, { project, root }: PackageContext): boolean {
  if (ecosystem !== 'node' || !checked.any) return false;
  const installed = [...project.dependencies.keys(), ...root.dependencies.keys()];
  return installed.length > 0 && !installed.some((name) => packages.includes(name) || name.includes(id));
}

/**
 * The drafts that already do what `preset` does: those of its own, and scripts in one piece that start it, or that may start it as
 * they are for the same kind of check and start no other known tool.
 */
function draftsOf(preset: Preset, drafts: Drafts, scripts: ReadonlyMap<string, string>, calledByCi = false): readonly Draft[] {
  const all = [...drafts.byKey.values()];
  const own = all.filter((draft) => draft.preset?.id === preset.id && isWanted(draft, drafts));
  // What go starts besides is called by its own name.
  const startedBy = (program: string) => (program === 'go' && preset.isCalledBy([]) ? preset.id : program);
  const programs = preset.programs.map(startedBy).filter((program) => !RUNTIMES.has(program));
  const whole = all.filter((draft) => draft.command.kind === 'script' && draft.category !== 'build');
  const starting = whole.filter((draft) => {
    // A task is no script of the package: what it calls, its line says.
    const said =
      draft.origin === 'task' ? `${draft.script} ${draft.evidence.map(({ text }) => text).join(' ')}`.split(/[^\w.-]+/) : [];
    const words = new Set([...mentionedWords(draft.script ?? '', scripts), ...said]);
    // What a runner of projects does, its targets say.
    const isOfTargets = isSpokenOfTargets(preset);
    if (isOfTargets && draft.script !== undefined && scripts.has(draft.script))
      return startsTargets(preset, scripts.get(draft.script) ?? '');
    if (programs.some((program) => words.has(program)) && isAskedFor(preset, words)) return true;
    // A script that is a line of CI itself is not meant by another line.
    if (calledByCi && (isCheckedByCi([draft]) || !USUAL.has(preset.id)) && preset.category !== 'test') return false;
    return preset.ecosystem === 'node' && draft.category === preset.category && DELEGATORS.some((program) => words.has(program));
  });
  return own.length > 0 ? own : starting;
}

/** What scripts called `lint`, `types` and `format` start by habit, by whatever way. */
const USUAL = new Set(['eslint', 'biome', 'xo', 'oxlint', 'standard', 'tsc', 'vue-tsc', 'prettier']);

/** Whether the words hold the subcommand too by which the program is this tool: `pnpm` alone is no audit. */
function isAskedFor({ isCalledBy }: Preset, words: ReadonlySet<string>): boolean {
  return isCalledBy([]) || [...words].some((word) => isCalledBy([word]));
}

/** Whether a target, which may start any tool, is for the same kind of check, or by its name for all kinds. */
function isDelegated({ category }: Preset, drafts: Drafts): boolean {
  const all = [...drafts.byKey.values()];
  const ofRake = all.filter(
    ({ command, category: own }) => own === category && command.kind === 'program' && command.program === 'rake',
  );
  // Of tasks that are called after nothing but tests or a linter the tool says the same, and more of what it finds.
  if (ofRake.length > 0 && ofRake.every(({ preset }) => preset?.documentation === '')) return true;
  return all.some(({ command, category: own }) => {
    if (command.kind !== 'program') return false;
    if (own === category && command.given.some(buildsProject)) return true;
    // What make does in another folder is about that.
    if (!BY_TARGET.has(command.program) || command.given.includes('-C')) return false;
    return own === category || (category === 'test' && command.given.some((arg) => FOR_ALL.test(arg)));
  });
}

const FOR_ALL = /^(?:all|check|ci|verify)$/;

/** What starts whatever a file of its own says, by the name of a target. */
const BY_TARGET = new Set(['make', 'mage', 'just', 'task', 'bazel', 'bazelisk', 'ninja', 'meson', 'mise', 'invoke']);

/** What starts other tools without naming them in the script: runners of tasks, and programs of the project's own. */
const DELEGATORS = [
  ...['turbo', 'nx', 'lerna', 'wireit', 'make', 'just', 'gulp', 'grunt', 'rush', 'moon', 'wsrun', 'ultra', 'lage', 'sh', 'bash'],
  ...['--workspaces', '-ws', '--workspace', '-r', '--recursive', '--filter', 'workspaces', ...RUNTIMES],
];
