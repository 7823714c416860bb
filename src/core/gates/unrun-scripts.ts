/** Scripts and tasks that CI does not run, and that say again what a gate does, say nothing beside it, or can no longer be run. Pure. */
import { aimOf } from './aim.js';
import { isPipelineFile } from './ci-files.js';
import { addEvidence, type Draft, type Drafts, giveTo, isCheckedByCi, isNeeded } from './drafts.js';
import { dropPartsOfProjects } from './projects-of-ci.js';
import { addsNothing } from './redundancy.js';
import { toolTable } from './script-lookup.js';
import { wordsOf } from './script-names.js';
import { PLAIN_PRESETS } from './script-plain-checks.js';
import { COVERAGE, isPreparation, RUNTIMES, SAYERS } from './script-programs.js';
import { makesSourcesAnew } from './script-readying.js';
import type { ScriptContext } from './script-steps.js';
import { isSelfContained } from './script-unknown.js';
import { callsIn } from './script-words.js';
import { isInstall } from './script-wrappers.js';
import { isWithinGlobsOfCi } from './within-globs.js';

/**
 * Takes out scripts that only start another one, which is a gate; that only mend what tools find, or print sizes; that are the call of a tool
 * which CI runs but for its environment; and that only measure the coverage of tests which CI runs without. Of a kind of check that CI runs
 * here also scripts whose program the package does not install any more, calls of a tool that CI starts by a program of the project's own, and
 * tasks of which nobody knows what they do. `installed` are the names of the packages that manifests list.
 */
export function dropUnrun(drafts: Drafts, scripts: ScriptContext, installed: ReadonlySet<string>): void {
  const { byKey } = drafts;
  const surroundings: Surroundings = { ...runByCi(drafts), byKey, scripts, installed };
  for (const draft of [...drafts.byKey.values()]) {
    if (isNeeded(draft, drafts)) continue;
    const parts = partsOf(draft, surroundings);
    if (parts.length > 0) {
      byKey.delete(draft.key);
      for (const part of parts) for (const each of draft.evidence) if (isPipelineFile(each.file)) addEvidence(part, each);
      continue;
    }
    const other = saidBy(draft, surroundings);
    if (other) giveTo(other, draft, drafts);
    else if (saysNothing(draft, surroundings)) byKey.delete(draft.key);
  }
  dropPartsOfProjects(drafts);
  const left = [...byKey.values()];
  for (const draft of left) if (isWithinGlobsOfCi(draft, left) && !isNeeded(draft, drafts)) byKey.delete(draft.key);
}

interface OfCi {
  readonly inCi: ReadonlySet<Draft>;
  readonly byCategory: ReadonlyMap<Draft['category'], readonly Draft[]>;
  readonly byProgram: ReadonlyMap<string, readonly Draft[]>;
}

interface Surroundings extends OfCi {
  readonly byKey: Drafts['byKey'];
  readonly scripts: ScriptContext;
  readonly installed: ReadonlySet<string>;
}

function runByCi({ byKey }: Drafts): OfCi {
  const inCi = [...byKey.values()].filter((draft) => isCheckedByCi([draft]));
  const byCategory = new Map<Draft['category'], Draft[]>();
  const byProgram = new Map<string, Draft[]>();
  for (const draft of inCi) {
    byCategory.set(draft.category, [...(byCategory.get(draft.category) ?? []), draft]);
    if (draft.command.kind !== 'program') continue;
    const { program } = draft.command;
    byProgram.set(program, [...(byProgram.get(program) ?? []), draft]);
  }
  return { inCi: new Set(inCi), byCategory, byProgram };
}

/** The gate that says what a draft says. */
function saidBy(draft: Draft, { inCi, byCategory, byKey, scripts }: Surroundings): Draft | undefined {
  const ofCi = byCategory.get(draft.category) ?? [];
  const told = isOnlyWritten(draft) && !inCi.has(draft);
  const same = told ? (startedBy(draft, byKey, scripts) ?? ofCi.find((other) => isToldTool(other, draft))) : undefined;
  return same ?? ofCi.find((other) => isMeasuredAgain(draft, other));
}

function saysNothing(draft: Draft, surroundings: Surroundings): boolean {
  const { inCi, byCategory, scripts, installed } = surroundings;
  if (inCi.has(draft) || !isOnlyWritten(draft)) return false;
  if (byCategory.has(draft.category) && (isGone(draft, scripts, installed) || isUnknownTask(draft))) return true;
  if (byCategory.has(draft.category) && isScript(draft) && wordsOf(draft.script ?? '').some((word) => LOADS.test(word)))
    return true;
  return isScript(draft) && (onlyMends(draft, scripts) || onlyPrintsSizes(draft, scripts) || isCallOfCi(draft, surroundings));
}

/** How much something bears is looked at by hand, with much besides it running. */
const LOADS = /^(?:stress|soak|load|endurance)$/;

/** Whether only manifests and files of tasks speak for it: no hook runs it either. */
function isOnlyWritten({ origin }: Draft): boolean {
  return origin === 'script' || origin === 'task';
}

/** Whether it is a script of a manifest in one piece. */
function isScript({ command, origin }: Draft): boolean {
  return command.kind === 'script' && origin === 'script';
}

/** One that is told nothing. */
function isPlainScript(draft: Draft): boolean {
  return isScript(draft) && draft.command.kind === 'script' && draft.command.args.length === 0;
}

function textOf({ script = '' }: Draft, { scripts }: ScriptContext): string {
  return scripts.get(script) ?? '';
}

// ---------------------------------------------------------------------------------------------------------------- said by another

/** The gate of the script that a script starts, with whatever arguments; but for that it only cleans up. */
function startedBy(draft: Draft, byKey: Drafts['byKey'], scripts: ScriptContext): Draft | undefined {
  if (!isPlainScript(draft)) return undefined;
  const calls = callsIn(textOf(draft, scripts));
  const started = calls.map(scriptOf);
  if (calls.length === 0 || started.includes(undefined)) return undefined;
  const [only, ...more] = started.filter((name) => name !== undefined && !wordsOf(name).some((word) => CLEANS.test(word)));
  if (only === undefined || more.length > 0) return undefined;
  const own = [...byKey.values()].filter(
    (other) => other !== draft && other.script === only && other.category === draft.category,
  );
  return own.length === 1 ? own[0] : undefined;
}

const CLEANS = /^(?:clean|cleanup|cleaning|rm|remove)$/;

/**
 * The gates that a script in one piece consists of, where each of its commands is one, or starts a script which is, by whatever wrapper;
 * besides what brings in or makes ready what these need. Empty where there is anything else in it.
 */
function partsOf(draft: Draft, { byKey, scripts }: Surroundings): readonly Draft[] {
  if (!isPlainScript(draft)) return [];
  const others = [...byKey.values()].filter((other) => other !== draft && other.category !== 'build');
  const parts = partsOfScript(draft.script ?? '', others, scripts);
  return parts && new Set(parts).size > 1 ? [...new Set(parts)] : [];
}

function partsOfScript(
  name: string,
  others: readonly Draft[],
  scripts: ScriptContext,
  trail: readonly string[] = [],
): readonly Draft[] | undefined {
  const text = scripts.scripts.get(name);
  if (text === undefined || trail.includes(name) || /[;|<>`$(&\n]/.test(text.replaceAll('&&', ''))) return undefined;
  const tools = toolTable(scripts.presets);
  const parts: Draft[] = [];
  for (const call of callsIn(text)) {
    const [program = '', ...args] = call;
    if (SAYERS.has(program) || isPreparation(program, args) || isInstall(program, args)) continue;
    const at = call.findLastIndex((word) => /^(?:npm|pnpm|yarn|bun)$/.test(word));
    const started = at < 0 ? undefined : scriptOf(call.slice(at));
    if (started !== undefined && started !== call.at(-1)) return undefined;
    const preset = at < 0 ? tools.of(program, args) : undefined;
    const own = others.filter(({ script, preset: its }) =>
      started === undefined ? preset !== undefined && its?.id === preset.id && script === name : script === started,
    );
    if (own.length === 0 && started !== undefined && makesSourcesAnew(scripts.scripts.get(started) ?? '')) continue;
    const inner = own.length > 0 || started === undefined ? own : partsOfScript(started, others, scripts, [...trail, name]);
    if (!inner || inner.length === 0) return undefined;
    parts.push(...inner);
  }
  return parts;
}

/** The script that a call starts here: not elsewhere, and not in several places. */
function scriptOf([program = '', ...args]: readonly string[]): string | undefined {
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(program)) return undefined;
  const [first = '', second] = args[0] === 'run' || args[0] === 'run-script' ? args.slice(1) : args;
  const isOption = first.startsWith('-') || ['exec', 'dlx', 'workspace', 'workspaces'].includes(first);
  return isOption || second === '-C' ? undefined : first;
}

/** Whether CI starts by a program of the project's own, told its name, the tool that `draft` calls for all there is: `node tasks mocha`. */
function isToldTool({ command, preset }: Draft, draft: Draft): boolean {
  if (draft.origin !== 'script' || draft.command.kind !== 'program' || command.kind !== 'program') return false;
  if (preset?.id === draft.preset?.id || !RUNTIMES.has(command.program)) return false;
  const aim = aimOf(draft);
  const isAll = aim !== undefined && aim.targets.length === 0 && aim.config === undefined && aim.variant === '';
  return isAll && command.given.slice(1).includes(draft.command.program);
}

/** Whether a call of a tool under one that measures coverage looks at what the tool finds by itself, which `other` runs without. */
function isMeasuredAgain({ command, preset, category }: Draft, other: Draft): boolean {
  if (category !== 'test' || preset === undefined || preset.id !== other.preset?.id) return false;
  if (command.kind !== 'program' || other.command.kind !== 'program') return false;
  if (!COVERAGE.has(command.program) || COVERAGE.has(other.command.program)) return false;
  return command.given.at(-1) === other.command.program && aimOf(other) !== undefined;
}

// ---------------------------------------------------------------------------------------------------------------- says nothing

/** Whether one of its calls is that of a tool which CI runs, but for its environment. */
function isCallOfCi(draft: Draft, { byProgram, scripts }: Surroundings): boolean {
  return callsIn(textOf(draft, scripts)).some((call) =>
    call.some((word) => byProgram.get(word)?.some((other) => addsNothing(draft, other))),
  );
}

/** Whether each call of the script is one by which a tool mends what it would find. */
function onlyMends(draft: Draft, context: ScriptContext): boolean {
  const tools = toolTable(context.presets);
  const calls = callsIn(textOf(draft, context)).filter(([program = '']) => program !== 'cd' && !SAYERS.has(program));
  const mends = ([program = '', ...args]: readonly string[]) => {
    const preset = tools.of(program, args);
    return preset?.isFix(args) === true && !preset.isCheck(args);
  };
  return calls.length > 0 && calls.every(mends);
}

/** Whether a script ends in a program that prints how large something is and knows no limit, whatever the script is called. */
function onlyPrintsSizes(draft: Draft, context: ScriptContext): boolean {
  const last = callsIn(textOf(draft, context)).at(-1) ?? [];
  const [program = ''] = last.filter((word) => !/^(?:npx|pnpx|bunx|npm|pnpm|yarn|bun|exec|dlx|run|x|-.*)$/.test(word));
  return PRINTS_SIZES.test(program) && !last.some((word) => /^--?(?:max|limit|threshold|fail)/.test(word));
}

const PRINTS_SIZES =
  /^(?:import-size|gzip-size(?:-cli)?|brotli-size(?:-cli)?|package-size|cost-of-modules|howfat|source-map-explorer|webpack-bundle-analyzer|esbuild-visualizer|vite-bundle-visualizer|du|wc|ls)$/;

/** Whether a script is one call of a program that no listed package is called after. */
function isGone(draft: Draft, scripts: ScriptContext, installed: ReadonlySet<string>): boolean {
  if (!isPlainScript(draft)) return false;
  const [call, ...more] = callsIn(textOf(draft, scripts));
  const [program = ''] = call ?? [];
  if (more.length > 0 || !/^[a-z][\w-]*$/.test(program) || RUNTIMES.has(program) || EVERYWHERE.has(program)) return false;
  return installed.size > 0 && ![...installed].some((name) => name.includes(program));
}

/** They come with the machine, or with Node.js. */
const EVERYWHERE = new Set('npm npx pnpm pnpx yarn bunx corepack sh bash zsh make docker cargo go git env cd test'.split(' '));

const IN_TABLE = new Set(PLAIN_PRESETS.map(({ id }) => id));

/** Whether it is a task of a program that no table knows. */
function isUnknownTask({ origin, preset, command }: Draft): boolean {
  if (origin !== 'task' || command.kind !== 'program' || preset?.documentation !== '') return false;
  // What is no check of its own in a table may still be a command of a program that is known: `cargo hack check`.
  return !IN_TABLE.has(preset.id) && !isSelfContained(command.program);
}
