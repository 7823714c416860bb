/** Gates that say again what another gate does, or find nothing: the command of a script, a piece of scripts, what only deletes. Pure. */
import {
  type Draft,
  type DraftCommand,
  type Drafts,
  dropDraft,
  giveTo,
  isCheckedByCi,
  isNeeded,
  scriptTextOf,
} from './drafts.js';
import { isAboutShowing } from './mention-beside.js';
import { delegationOf } from './script-delegation.js';
import { matchingScripts } from './script-runners.js';
import { callsIn } from './script-words.js';

/**
 * Takes out what is the command of a script that is a gate in one piece, what scripts only call with more arguments, what only writes
 * down a report, names of which CI runs the parts, what is only set up in another way, and steps that only delete.
 */
export function dropRestated(drafts: Drafts): void {
  const { byKey } = drafts;
  dropDeletions(drafts);
  const all = [...byKey.values()];
  const bySaid = new Map<string, Draft>();
  for (const draft of all) {
    const said = isPlainScript(draft) && draft.needs.size === 0 ? saidIn(scriptTextOf(draft)) : undefined;
    if (said !== undefined && !bySaid.has(said)) bySaid.set(said, draft);
  }
  for (const draft of all) {
    const script = isOwnCommand(draft) ? bySaid.get(wordsOfProgram(draft)) : undefined;
    if (script) giveTo(script, draft, drafts);
  }
  for (const same of saidAlike(byKey.values())) {
    for (const draft of same) {
      const other = byKey.has(draft.key)
        ? same.find((each) => byKey.has(each.key) && isSetUpOtherwise(draft, each, drafts))
        : undefined;
      if (other) giveTo(other, draft, drafts);
    }
  }
  dropIdle(drafts);
}

/** What CI does not run, and others do or nobody looks at. */
function dropIdle(drafts: Drafts): void {
  const { byKey } = drafts;
  // Judged by what all of them say, whatever was taken out before.
  const idle = [...byKey.values()].filter((draft) => !isCheckedByCi([draft]) && !isNeeded(draft, drafts));
  const left = [...byKey.values()];
  const inCi = isCheckedByCi(left);
  const families = new Set(idle.filter((draft) => isFamily(draft, left)).map(toldInScript));
  for (const draft of idle)
    if (
      isCalledWithMore(draft, left) ||
      (inCi && (isReport(draft) || isReadByProgram(draft, left))) ||
      isUnion(draft, drafts) ||
      families.has(toldInScript(draft)) ||
      isCallOfSame(draft, left)
    )
      byKey.delete(draft.key);
}

function dropDeletions(drafts: Drafts): void {
  for (const draft of [...drafts.byKey.values()].filter(makesNothing)) dropDraft(draft, drafts);
}

/** A gate makes anew what it makes: of what lay there before it is never worth to show that it is gone, nor what of it was covered. */
function makesNothing({ category, command }: Draft): boolean {
  if (category !== 'build' || command.kind !== 'program') return false;
  if (/^(?:rimraf|rm|del|del-cli|shx|trash)$/.test(command.program))
    return command.program !== 'shx' || command.given[0] === 'rm';
  // What was measured before it shows, whoever looks at that.
  if (command.program === 'coverage') return command.given[0] === 'report';
  const [option, code = ''] = command.given;
  return /^python[\d.]*$/.test(command.program) && option === '-c' && DELETES.test(code);
}

const DELETES = /^import shutil; *shutil\.rmtree\([^;]*$/;

/** Whether it is a script of the manifest as a user runs it. */
function isPlainScript({ command, origin }: Draft): boolean {
  return command.kind === 'script' && origin === 'script' && isPlain(command);
}

function isPlain({ args, env }: DraftCommand & { kind: 'script' }): boolean {
  return args.length === 0 && Object.keys(env).length === 0;
}

/** Whether CI or a hook runs the command itself, for which nothing has to be built. */
function isOwnCommand({ command, origin, needs }: Draft): boolean {
  if (command.kind !== 'program' || Object.keys(command.env).length > 0 || needs.size > 0) return false;
  return origin === 'workflow' || origin === 'hook';
}

function wordsOfProgram({ command }: Draft): string {
  return command.kind === 'program' ? spelled([command.program, ...command.given]) : '';
}

/** The words of a script of one plain command; undefined for any other. */
function saidIn(text: string): string | undefined {
  if (/[|&;<>$`()*?~\n]/.test(text)) return undefined;
  const words = text.trim().split(/\s+/);
  return words.length < 2 ? undefined : spelled(words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2')));
}

/** Node finds `Makefile.js` by the name of `Makefile`, too. */
function spelled(words: readonly string[]): string {
  return words.map((word) => word.replace(/^\.\//, '').replace(/\.[cm]?js$/, '')).join(' ');
}

/** Those of the same words, by whatever compiler and version. */
function saidAlike(all: Iterable<Draft>): readonly (readonly Draft[])[] {
  const groups = new Map<string, Draft[]>();
  for (const draft of all) {
    if (draft.command.kind !== 'program') continue;
    const { text } = saidTo(draft.command);
    const group = groups.get(text);
    if (group) group.push(draft);
    else groups.set(text, [draft]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Whether CI does by `draft` what `other` does, with another compiler, another version of the language, or shown in another way. */
function isSetUpOtherwise(draft: Draft, other: Draft, drafts: Drafts): boolean {
  const [a, b] = [draft.command, other.command];
  if (draft === other || draft.category !== other.category || draft.origin !== 'workflow') return false;
  if (a.kind !== 'program' || b.kind !== 'program' || isNeeded(draft, drafts)) return false;
  const [mine, its] = [saidTo(a), saidTo(b)];
  if (mine.text !== its.text || ![...draft.needs].every((need) => other.needs.has(need))) return false;
  const isSubset = Object.entries(b.env).every(([name, value]) => a.env[name] === value);
  const added = Object.keys(a.env).filter((name) => b.env[name] === undefined);
  const isOlder = mine.version !== its.version && mine.version.localeCompare(its.version, 'en', { numeric: true }) < 0;
  return isSubset && added.every((name) => ABOUT_HOW.test(name)) && (added.length > 0 || isOlder);
}

/** They choose a compiler, or how something is run and shown, not what is checked. */
const ABOUT_HOW = /^(?:NODE_OPTIONS|CI|FORCE_COLOR|NO_COLOR|CC|CXX|CPP|MAKEFLAGS|\w+SAN_OPTIONS)$/;

/** The words of a call, without the version of Scala for which sbt is told to compile. */
function saidTo({ program, options, targets }: DraftCommand & { kind: 'program' }) {
  const at = program === 'sbt' ? options.findIndex((option) => option.startsWith('++')) : -1;
  const length = options[at] === '++' ? 2 : 1;
  const plain = at < 0 ? options : options.filter((_, index) => index < at || index >= at + length);
  const version = at < 0 ? '' : options.slice(at, at + length).join(' ');
  return { text: JSON.stringify([program, plain, targets]), version };
}

/** Whether it is a script that others call with arguments or settings, which are gates of their own: `mocha` for `mocha test/unit`. */
function isCalledWithMore({ command, origin }: Draft, all: readonly Draft[]): boolean {
  if (command.kind !== 'script' || !isPlain(command) || (origin !== 'script' && origin !== 'task')) return false;
  const calls = all.filter(({ command: its }) => its.kind === 'script' && its.script === command.script && !isPlain(its));
  return calls.length > 1 || (origin === 'script' && isCheckedByCi(calls));
}

/** Whether a script only starts others by a pattern of names, two of which are gates of their own: `run-s test:*`. */
function isUnion(draft: Draft, { byKey, chains }: Drafts): boolean {
  const [starter = '', ...words] = scriptTextOf(draft).split(/\s+/);
  if (!isPlainScript(draft) || !/^(?:run-[sp]|npm-run-all2?)$/.test(starter)) return false;
  const live = [...byKey.values()].filter((other) => other !== draft && other.category !== 'build');
  const own = live.flatMap(({ script }) => (script === undefined ? [] : [[script, ''] as const]));
  const taken = [...chains].flatMap(([name, keys]) => (keys.some((key) => byKey.has(key)) ? [[name, ''] as const] : []));
  const names = new Map([...own, ...taken].filter(([name]) => name !== draft.script));
  const patterns = words.filter((word) => word.includes('*'));
  return new Set(patterns.flatMap((pattern) => matchingScripts(pattern, names))).size > 1;
}

/** Whether it is a script that CI runs, with an environment which only somebody else's script sets. */
function isCallOfSame(draft: Draft, all: readonly Draft[]): boolean {
  const { command } = draft;
  if (command.kind !== 'script' || draft.origin !== 'script' || Object.keys(command.env).length === 0) return false;
  return all.some(
    ({ command: its, evidence }) =>
      its.kind === 'script' &&
      its.script === command.script &&
      its.args.join() === command.args.join() &&
      Object.keys(its.env).length === 0 &&
      isCheckedByCi([{ evidence }]),
  );
}

/** Whether a script, where CI says what counts, writes what it has to say to a file for somebody to look into: `tsc --explainFiles > files.txt`. */
function isReport(draft: Draft): boolean {
  return isPlainScript(draft) && /^[^|&;<>]*\s>>?\s*(?!\/dev\/)[\w./-]+\s*$/.test(scriptTextOf(draft));
}

/**
 * Whether a script has a linter tell what it finds in a form for programs, and nobody but a program that starts it gets that: tests of a
 * configuration do so. CI runs the linter in its own way.
 */
function isReadByProgram(draft: Draft, all: readonly Draft[]): boolean {
  const { preset, category, origin, command } = draft;
  if (category !== 'lint' || origin !== 'script' || command.kind !== 'program') return false;
  const text = scriptTextOf(draft);
  if (!FOR_PROGRAMS.test(text) || /[|>]|\s(?:-o|--output(?:-file)?)[ =]/.test(text)) return false;
  return all.some((other) => other !== draft && other.preset?.id === preset?.id && isCheckedByCi([other]));
}

const FOR_PROGRAMS = /\s(?:(?:-f|--format|--reporter|--formatter|--output-format)[ =]["']?json["']?|--json)(?=[\s"']|$)/;

/**
 * Whether CI runs at least two scripts that are called after it, and not itself: `test`, of which CI runs `test:unit` and `test:e2e`; or
 * after what it starts in another folder.
 */
function isFamily(draft: Draft, all: readonly Draft[]): boolean {
  const { command, origin } = draft;
  if (command.kind !== 'script' || origin !== 'script' || command.args.length > 0) return false;
  const started = startedBelow(draft);
  const isPart = (other: Draft) =>
    other.category === draft.category &&
    (other.script?.startsWith(`${command.script}:`) === true ||
      (started !== undefined && startedBelow(other)?.startsWith(`${started}:`) === true));
  const parts = all.filter((other) => isPart(other) && isCheckedByCi([other])).map(({ script }) => script);
  return new Set(parts).size > 1;
}

/** The text of a script in one piece, without what only changes how results are shown; undefined for any other draft. */
function toldInScript(draft: Draft): string | undefined {
  if (draft.command.kind !== 'script' || draft.origin !== 'script' || draft.command.args.length > 0) return undefined;
  return scriptTextOf(draft)
    .split(/\s+/)
    .filter((word) => !isAboutShowing(word))
    .join(' ');
}

/** The script that a script only starts in another folder, after the folder: `pnpm --dir packages/kit test`. */
function startedBelow(draft: Draft): string | undefined {
  if (!BELOW.has(draft)) BELOW.set(draft, newStartedBelow(draft));
  return BELOW.get(draft);
}

/** Each may be compared with thousands. */
const BELOW = new WeakMap<Draft, string | undefined>();

function newStartedBelow(draft: Draft): string | undefined {
  if (draft.command.kind !== 'script' || draft.origin !== 'script') return undefined;
  const [call, ...others] = callsIn(scriptTextOf(draft));
  const delegation = call === undefined || others.length > 0 ? undefined : delegationOf(call);
  if (delegation?.where.kind !== 'directory') return undefined;
  const [, ...words] = delegation.calls[0]?.words ?? [];
  const [name, ...more] = words.filter((word) => word !== 'run');
  return name === undefined || more.length > 0 ? undefined : `${delegation.where.directory} ${name}`;
}
