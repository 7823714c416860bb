/** Scripts of a manifest that say nothing beside others, which only shows once it is known what CI runs. Pure. */
import { aimOf } from './aim.js';
import { type Draft, type Drafts, giveTo, isCheckedByCi, isNeeded } from './drafts.js';
import { addsNothing } from './redundancy.js';
import { toolTable } from './script-lookup.js';
import { COVERAGE, isPreparation, SAYERS } from './script-programs.js';
import type { ScriptContext } from './script-steps.js';
import { callsIn } from './script-words.js';
import { isInstall } from './script-wrappers.js';

/**
 * Takes out what CI does not run and only mends what tools find, or is the call of a tool that CI runs but for its environment; and what
 * only measures the coverage of tests that CI runs without.
 */
export function dropIdleScripts(drafts: Drafts, context: ScriptContext): void {
  const all = [...drafts.byKey.values()];
  const inCi = new Set(all.filter((draft) => isCheckedByCi([draft])));
  const tests = [...inCi].filter(({ category }) => category === 'test');
  const byProgram = new Map<string, Draft[]>();
  for (const draft of inCi) {
    if (draft.command.kind !== 'program') continue;
    const { program } = draft.command;
    byProgram.set(program, [...(byProgram.get(program) ?? []), draft]);
  }
  const isCallOfCi = (draft: Draft) =>
    callsIn(textOf(draft, context)).some((call) =>
      call.some((word) => byProgram.get(word)?.some((other) => addsNothing(draft, other))),
    );
  for (const draft of all) {
    const measured = isUnderCoverage(draft) ? tests.find((other) => isMeasuredAgain(draft, other)) : undefined;
    const isIdle =
      isWhole(draft) && !inCi.has(draft) && (onlyMends(draft, context) || onlyPrintsSizes(draft, context) || isCallOfCi(draft));
    if ((!measured && !isIdle) || isNeeded(draft, drafts)) continue;
    if (measured) giveTo(measured, draft, drafts);
    else drafts.byKey.delete(draft.key);
  }
}

function textOf({ script = '' }: Draft, { scripts }: ScriptContext): string {
  return scripts.get(script) ?? '';
}

function isUnderCoverage({ command }: Draft): boolean {
  return command.kind === 'program' && COVERAGE.has(command.program);
}

/** Whether a script only puts files in place, or brings in what others need: no build of the project, whatever it is called. */
export function onlyPrepares(text: string): boolean {
  const calls = callsIn(text).filter(([program = '']) => !SAYERS.has(program));
  return (
    calls.length > 0 &&
    calls.every(([program = '', ...args]) => BRINGS_IN.test(program) || isPreparation(program, args) || isInstall(program, args))
  );
}

/** They change what package managers have installed, or set up hooks of git. */
const BRINGS_IN = /^(?:patch-package|husky|lefthook|simple-git-hooks|skip-install|only-allow)$/;

function isWhole({ command, origin }: Draft): boolean {
  return command.kind === 'script' && origin === 'script';
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

/** Whether a call of a tool under one that measures coverage looks at what the tool finds by itself, which `other` runs without. */
function isMeasuredAgain({ command, preset, category }: Draft, other: Draft): boolean {
  if (category !== 'test' || preset === undefined || preset.id !== other.preset?.id) return false;
  if (command.kind !== 'program' || other.command.kind !== 'program') return false;
  if (!COVERAGE.has(command.program) || COVERAGE.has(other.command.program)) return false;
  return command.given.at(-1) === other.command.program && aimOf(other) !== undefined;
}
