/** Shell scripts of a repository that its workflows, hooks and tasks call. Pure. */
import path from 'node:path';
import { parse } from 'unbash';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { isCheckName } from '../script-names.js';
import { neededBy, verdictOf } from '../script-verdict.js';
import { callsIn } from '../script-words.js';
import { commandsOf, type ScriptCommand, shellMention } from './commands.js';

/** What is read of a script: nothing in it is complained about. */
type Script = Pick<EvidenceFile, 'file' | 'text'>;

/** Files that the mention calls as programs or hands to a shell, relative to the package's folder with `/`. */
export function calledFiles({ command, cwd }: Mention): readonly string[] {
  const words = command.kind === 'argv' ? [command.argv] : mayCall(command.text) ? callsIn(command.text) : [];
  return words.flatMap(([program = '', ...args]) => {
    const file = /^(?:ba|da|k|z)?sh$/.test(program) ? args.find((arg) => !arg.startsWith('-')) : program;
    if (!file || !/^(?:\.\/)?(?:[\w.-]+\/)*[\w.-]+$/.test(file) || (file === program && !file.includes('/'))) return [];
    const place = [cwd, file.replace(/^\.\//, '')].filter(Boolean).join('/');
    return place.split('/').includes('..') ? [] : [place];
  });
}

/** Most lines call nothing of the repository, and parsing takes time. */
function mayCall(text: string): boolean {
  return /\w\/\w|\.\/|\bsh\s/.test(text);
}

/** Whether the file is a script for a shell, by its first line or its name. */
export function isShellScript({ file, text }: Script): boolean {
  return /^#!.*\b(?:ba|da|k|z)?sh\b/.test(text) || (!text.startsWith('#!') && /\.(?:ba|z)?sh$/.test(file));
}

/**
 * What a script runs. One whose name says that it is a check is a task that can be run by name; of any other its caller says it.
 * Variables that it sets to a plain text are put in.
 */
export function readShellScript({ file, text }: Script, caller: Mention): readonly Mention[] {
  const { name } = caller;
  const [base = '', folder = ''] = file.split('/').toReversed();
  const plain = base.replace(/\.\w+$/, '');
  // `scripts/test/zones.sh` is a test of zones.
  const own = !isCheckName(plain) && /^(?:tests?|checks?)$/.test(folder) ? `${folder}-${plain}` : plain;
  const shell = /^#!.*\b((?:ba|da|k|z)?sh)\b/.exec(text)?.[1] ?? 'sh';
  const role =
    isCheckName(own) && caller.secret !== true && !asksService(text) && !isToldMore(file, caller)
      ? ({ role: 'task', name: own, runner: { program: shell, args: [file] } } as const)
      : ({ role: 'workflow', name } as const);
  const isTask = role.role === 'task';
  const whole = isTask ? undefined : comparingScript({ file, text }, caller);
  const all = scriptCommands({ file, text }, caller).map(
    ({ command, quoted, env: own }): Mention => ({
      ...shellMention(command, { file, env: own, ...role, text: quoted, cwd: isTask ? '' : caller.cwd }),
      via: caller.via ?? caller,
      inShellScript: true,
      ...(caller.secret ? { secret: true } : {}),
      ...(caller.reviewed ? { reviewed: true } : {}),
      ...(caller.pushed ? { pushed: true } : {}),
    }),
  );
  return whole ? [...all, whole] : all;
}

/** A command of a script, as it stands there, and the environment that decides what it checks. */
interface CommandOfScript {
  readonly command: ScriptCommand;
  readonly quoted: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The commands of a script that runs in a folder, with variables that it sets to a plain text, and its own place, put in. */
export function scriptCommands({ file, text }: Script, { cwd, env }: Pick<Mention, 'cwd' | 'env'>): readonly CommandOfScript[] {
  const placed = inItsPlace(text, file, cwd);
  const lines = placed.split(/\r?\n/).map((each, index) => ({ text: each, line: index + 1 }));
  const originals = text.split(/\r?\n/);
  const variables = assignments(placed);
  const put = (line: string) =>
    line
      .replace(/"\$@"|\$@|\$\*/g, '')
      // The directory of the program: a virtual environment, or none.
      .replace(/^(?:"\$\{?\w+\}?"|\$\{\w+\})(?=\w)/, '')
      .replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => variables.get(braced ?? bare ?? '') ?? whole);
  let exported: Readonly<Record<string, string>> = {};
  return commandsOf(lines).map((command) => {
    const unset = /^unset\s+(?:-v\s+)?(\w+)$/.exec(command.quoted ?? command.text)?.[1];
    exported = Object.fromEntries(Object.entries(exported).filter(([name]) => name !== unset));
    exported = { ...exported, ...exportsOf(command.quoted ?? command.text, { ...env, ...exported }) };
    const quoted = originals[command.line - 1]?.trim() ?? command.text;
    return { command: { ...command, text: put(command.text) }, quoted, env: { ...env, ...exported } };
  });
}

/** A step of CI that does nothing but to call a script which makes files anew, and fails where that changes any: one check, whatever it is called. */
function comparingScript({ file, text }: Script, caller: Mention): Mention | undefined {
  const { step, command, role, secret, env } = caller;
  if (role !== 'workflow' || step === undefined || secret === true || command.kind !== 'shell' || asksService(text))
    return undefined;
  const [argv = [], ...others] = callsIn(command.text);
  if (others.length > 0 || !argv.every((word) => /^[\w@%+=:,./-]+$/.test(word)) || isToldMore(file, caller)) return undefined;
  const verdict = verdictOf(text, Object.keys(env));
  if (verdict === undefined || !verdict.compares || !verdict.makes) return undefined;
  const name = path.posix.basename(file).replace(/^\.+|\.\w+$/g, '');
  return { ...caller, inline: 'makes', step: { name, ...step }, command: { kind: 'argv', argv } };
}

/** Whether the call says what the script is to do: without that it does something else. */
function isToldMore(file: string, { command, cwd, role }: Mention): boolean {
  if (role !== 'workflow') return false;
  const isIt = (word: string) => [cwd, word.replace(/^\.\//, '')].filter(Boolean).join('/') === file;
  return (command.kind === 'argv' ? [command.argv] : callsIn(command.text)).some((words) => {
    const at = words.findIndex(isIt);
    return at >= 0 && words.slice(at + 1).some((word) => !word.startsWith('-'));
  });
}

/** Whether a script needs what only a CI service has: its own program, or a variable of it that it is not merely asked about. */
export function asksService(text: string): boolean {
  const { calls, asked } = neededBy(text);
  return calls.some(([program]) => program === 'buildkite-agent') || [...asked].some((name) => OF_SERVICES.test(name));
}

/** Not those that only say which service it is. */
const OF_SERVICES = /^(?:BUILDKITE|CIRCLE|TRAVIS|APPVEYOR|DRONE|CIRRUS|GITHUB)_(?!ACTIONS$)\w+$/;

/** With the directory of the script, and that of the repository, in place of the usual ways to ask for them. */
function inItsPlace(text: string, file: string, cwd: string): string {
  const from = (place: string) => path.posix.relative(cwd, place) || '.';
  const directory = from(path.posix.dirname(file));
  return text
    .replace(/\$\(\s*git rev-parse --show-toplevel\s*\)/g, from(''))
    .replace(/\$\(\s*dirname\s+(?:--\s+)?"?\$(?:0|\{0\}|\{BASH_SOURCE(?:\[0\])?\}|BASH_SOURCE)"?\s*\)/g, directory)
    .replace(/\$\{(?:0|BASH_SOURCE(?:\[0\])?)%\/\*\}/g, directory)
    .replace(/\$\(\s*cd\s+"?([\w./-]+)"?\s*(?:>\s*\/dev\/null\s*(?:2>&1\s*)?)?&&\s*pwd(?:\s+-P)?\s*\)/g, '$1');
}

/** What of the environment decides what is checked, as a statement sets it for those after it. */
function exportsOf(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { command } of parse(text).commands) {
    if (command.type !== 'Command' || command.name?.value !== 'export') continue;
    for (const each of command.suffix) {
      if (each.type !== 'Assignment' || each.value?.type !== 'Word' || !DECIDES.test(each.name)) continue;
      const value = each.value.text
        .replace(/^["']|["']$/g, '')
        .replace(/\$\{?(\w+)(?::?-)?\}?/g, (_, name: string) => before[name] ?? '')
        .trim();
      if (/^[\w@%+=:,./ -]+$/.test(value)) found[each.name] = value;
    }
  }
  return found;
}

const DECIDES = /^(?:RUSTFLAGS|RUSTDOCFLAGS|MIRIFLAGS|GOFLAGS|GOEXPERIMENT|NODE_OPTIONS|NODE_ENV|TZ)$/;

/** Variables that are set to a text before anything decides what else to set them to. */
function assignments(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { command } of parse(text).commands) {
    if (command.type !== 'Command') continue;
    const declares = ['export', 'readonly', 'local', 'declare'].includes(command.name?.value ?? '');
    for (const each of command.name === undefined ? command.prefix : declares ? command.suffix : []) {
      if (each.type !== 'Assignment' || each.append || each.value?.type !== 'Word' || found.has(each.name)) continue;
      if (/^[\w@%+=:,./ -]*$/.test(each.value.value)) found.set(each.name, each.value.value);
    }
  }
  return found;
}
