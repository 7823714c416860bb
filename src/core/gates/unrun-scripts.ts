/** Scripts and tasks that CI does not run, and that say again what a gate does, or can no longer be run. Pure. */
import { aimOf } from './aim.js';
import { addEvidence, type Draft, type Drafts, isCheckedByCi, scriptTextOf } from './drafts.js';
import { wordsOf } from './script-names.js';
import { PLAIN_PRESETS } from './script-plain-checks.js';
import { RUNTIMES } from './script-programs.js';
import { isSelfContained } from './script-unknown.js';
import { callsIn } from './script-words.js';

/**
 * Takes out scripts that only start another one, which is a gate; and, of a kind of check that CI runs here, scripts whose program the
 * package does not install any more, calls of a tool that CI starts by a program of the project's own, and tasks of which nobody knows
 * what they do. `installed` are the names of the packages that manifests list.
 */
export function dropUnrun(drafts: Drafts, installed: ReadonlySet<string>): void {
  const { byKey } = drafts;
  const all = [...byKey.values()];
  const inCi = new Set(all.filter((draft) => isCheckedByCi([draft])));
  const checked = new Map<Draft['category'], Draft[]>();
  for (const draft of inCi) {
    const known = checked.get(draft.category);
    if (known) known.push(draft);
    else checked.set(draft.category, [draft]);
  }
  const needed = new Set(all.flatMap(({ needs }) => [...needs]));
  for (const draft of all) {
    if (!isOnlyWritten(draft) || needed.has(draft.key) || inCi.has(draft)) continue;
    const ofCi = checked.get(draft.category) ?? [];
    const same = startedBy(draft, byKey) ?? ofCi.find((other) => isToldTool(other, draft));
    if (same) for (const each of draft.evidence) addEvidence(same, each);
    if (same || (ofCi.length > 0 && (isGone(draft, installed) || isUnknownTask(draft)))) byKey.delete(draft.key);
  }
}

/** Whether only manifests and files of tasks speak for it: no hook runs it either. */
function isOnlyWritten({ origin }: Draft): boolean {
  return origin === 'script' || origin === 'task';
}

/** The gate of the script that a script starts, with whatever arguments; but for that it only cleans up. */
function startedBy(draft: Draft, byKey: Drafts['byKey']): Draft | undefined {
  if (!isPlainScript(draft)) return undefined;
  const calls = callsIn(scriptTextOf(draft));
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

/** The script that a call starts here: not elsewhere, and not in several places. */
function scriptOf([program = '', ...args]: readonly string[]): string | undefined {
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(program)) return undefined;
  const [first = '', second] = args[0] === 'run' || args[0] === 'run-script' ? args.slice(1) : args;
  const isOption = first.startsWith('-') || ['exec', 'dlx', 'workspace', 'workspaces'].includes(first);
  return isOption || second === '-C' ? undefined : first;
}

function isPlainScript({ command, origin }: Draft): boolean {
  return origin === 'script' && command.kind === 'script' && command.args.length === 0;
}

/** Whether CI starts by a program of the project's own, told its name, the tool that `draft` calls for all there is: `node tasks mocha`. */
function isToldTool({ command, preset }: Draft, draft: Draft): boolean {
  if (draft.origin !== 'script' || draft.command.kind !== 'program' || command.kind !== 'program') return false;
  if (preset?.id === draft.preset?.id || !RUNTIMES.has(command.program)) return false;
  const aim = aimOf(draft);
  const isAll = aim !== undefined && aim.targets.length === 0 && aim.config === undefined && aim.variant === '';
  return isAll && command.given.slice(1).includes(draft.command.program);
}

/** Whether a script is one call of a program that no listed package is called after. */
function isGone(draft: Draft, installed: ReadonlySet<string>): boolean {
  if (!isPlainScript(draft)) return false;
  const [call, ...more] = callsIn(scriptTextOf(draft));
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
