/** Targets of which one call of Nx or Turborepo names several: each is a check of its own. Pure. */
import { addEvidence, type Draft, type Drafts, isCheckedByCi, scriptTextOf } from './drafts.js';
import { categoryOfName, isBuildName, slugOf } from './script-names.js';
import { newPreset } from './script-unknown.js';
import { callsIn } from './script-words.js';

/** A call of a runner, taken apart. */
interface Targets {
  readonly program: string;
  readonly names: readonly string[];
  /** The same call for one of them. */
  readonly only: (name: string) => readonly string[];
}

/**
 * What is left of a script that only names others, which CI runs and which is taken out: those that are gates are run by CI, too, and each
 * target that is none becomes one, over the same projects.
 */
export function settleTargets(collection: Draft, named: ReadonlyMap<string, readonly Draft[]>, drafts: Drafts): void {
  const inCi = collection.evidence.filter((each) => isCheckedByCi([{ evidence: [each] }]));
  const [call, ...others] = callsIn(scriptTextOf(collection));
  const targets = others.length === 0 && call !== undefined ? targetsOf(call) : undefined;
  if (inCi.length === 0 || targets === undefined) return;
  for (const name of targets.names) {
    const own = (named.get(name) ?? []).filter(({ key }) => drafts.byKey.has(key));
    for (const draft of own) for (const each of inCi) addEvidence(draft, each);
    if (own.length > 0) continue;
    const draft = draftOfTarget(name, targets, collection);
    drafts.byKey.set(draft.key, draft);
  }
}

function draftOfTarget(name: string, { program, only }: Targets, { evidence }: Draft): Draft {
  const given = only(name);
  const category = isBuildName(name) ? 'build' : categoryOfName(name);
  const preset = newPreset(slugOf(name), { program, name: `${program} ${name}` }, category, 'node');
  return {
    key: JSON.stringify(['target', program, given]),
    command: { kind: 'program', program, asModule: false, options: given, targets: [], written: given, given, env: {} },
    category,
    origin: 'workflow',
    ...(category === 'build' ? {} : { preset }),
    evidence: [...evidence],
    needs: new Set(),
    helper: false,
  };
}

/** `nx affected --targets=lint,build`, `nx run-many -t lint build`, `turbo run lint build`. */
function targetsOf(words: readonly string[]): Targets | undefined {
  const start = words.findIndex((word) => !/^(?:npx|pnpm|yarn|bunx|npm|exec|run|--)$/.test(word));
  const [program = '', ...args] = words.slice(Math.max(start, 0));
  if (program === 'nx' && /^(?:affected|run-many)$/.test(args[0] ?? '')) return targetsOfNx(args);
  if (program !== 'turbo') return undefined;
  const isName = (arg: string, at: number) =>
    !arg.startsWith('-') && !(at === 0 && arg === 'run') && !/^--?(?:filter|F)$/.test(args[at - 1] ?? '');
  const names = args.filter(isName);
  return { program, names, only: (name) => args.filter((arg, at) => arg === name || !isName(arg, at)) };
}

function targetsOfNx(args: readonly string[]): Targets | undefined {
  const at = args.findIndex((arg) => /^(?:-t|--targets?)(?:=|$)/.test(arg));
  if (at < 0) return undefined;
  const said = args[at]?.split('=')[1];
  const next = args.findIndex((arg, index) => index > at && arg.startsWith('-'));
  const end = said === undefined ? (next < 0 ? args.length : next) : at + 1;
  const names = (said === undefined ? args.slice(at + 1, end) : [said])
    .flatMap((text) => text.split(','))
    .filter((name) => name !== '');
  return { program: 'nx', names, only: (name) => [...args.slice(0, at), `--targets=${name}`, ...args.slice(end)] };
}
