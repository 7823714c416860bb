/**
 * A script of a shell taken apart into the commands that it runs one after another. `a && b` and statements are taken apart; what stands in
 * pipes, loops and conditions stays one piece. What changes the shell for what follows (`cd`, `export`, `source`) is put before each piece
 * that follows it, and where that cannot be, the rest is one piece. Pure; runs nothing.
 */
import {
  type AndOr,
  type Command,
  forEachChild,
  type HereDoc,
  type ParsedScript,
  type PipelineNode,
  parse,
  type Statement,
  type SyntaxNode,
} from 'unbash';
import { relativeDirectory } from '../gates/evidence/commands.js';
import { literal } from '../gates/script-words.js';

/** What a shell is like where a command starts. */
export interface ShellState {
  /** Relative to the workspace folder with `/`; empty for the folder itself. */
  readonly cwd: string;
  /** What was exported with a plain value. */
  readonly env: Readonly<Record<string, string>>;
  /** What has to stand before a command for the rest: `source env.sh && `. */
  readonly before: string;
  /** It ends with the first command that does not pass. */
  readonly strict: boolean;
}

export const FRESH_SHELL: ShellState = { cwd: '', env: {}, before: '', strict: false };

/** One command, or what has to stay together. */
export interface ShellPart {
  /** For a shell, in `cwd` with `env`. */
  readonly text: string;
  readonly quoted: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** It runs only if the parts before it passed: those of its own statement, or all. */
  readonly chained: 'statement' | 'all' | 'no';
  /** Parts of one statement have the same number. */
  readonly statement: number;
  /** Lines before it in the text. */
  readonly line: number;
  /** Its words as the program gets them, when it is one plain command of which all is known. */
  readonly words?: readonly { readonly value: string; readonly glob: boolean }[];
}

/** A text that is not taken apart. */
export function wholePart(
  text: string,
  { cwd, env = {}, quoted = text }: { readonly cwd: string; readonly env?: ShellPart['env']; readonly quoted?: string },
): ShellPart {
  return { text, quoted, cwd, env, chained: 'no', statement: 0, line: 0 };
}

export type ShellParts =
  | { readonly kind: 'parts'; readonly parts: readonly ShellPart[]; readonly state: ShellState }
  /** `line`: lines before the error. */
  | { readonly kind: 'broken'; readonly message: string; readonly line: number };

/** A longer text is not written by hand. */
const LONGEST = 20_000;

/** The parts of a text, and how the shell is after it. */
export function shellParts(text: string, start: ShellState): ShellParts {
  if (text.length > LONGEST) return { kind: 'broken', message: `it is longer than ${LONGEST} characters`, line: 0 };
  const script: ParsedScript = parse(text);
  const [error] = script.errors ?? [];
  if (error) return { kind: 'broken', message: error.message.replace(/\.$/, ''), line: linesBefore(text, error.pos) };
  const items = script.commands.flatMap(itemsOf);
  const open = script.commands.flatMap(({ command }) => heredocs(command)).find(({ closing }) => !closing);
  if (open)
    return {
      kind: 'broken',
      message: `the text up to ${open.delimiter?.value ?? 'its end'} does not end`,
      line: linesBefore(text, open.pos),
    };
  const gap = lostBetween(text, items);
  if (gap !== undefined)
    return { kind: 'broken', message: 'something between its commands is not understood', line: linesBefore(text, gap) };
  const whole = (from: Item, state: ShellState): ShellPart => ({
    ...partOf(from, text, state),
    text: state.before + text.slice(from.pos).trim(),
    quoted: text.slice(from.pos).trim(),
  });
  const parts: ShellPart[] = [];
  let state = start;
  for (const [index, item] of items.entries()) {
    const next = item.together ? undefined : stateAfter(item.node, text, state);
    if (next === undefined) {
      // What follows depends on what only a shell that runs it knows.
      const isLast = index === items.length - 1;
      parts.push(isLast && !item.together ? partOf(item, text, state) : whole(item, state));
      return { kind: 'parts', parts, state };
    }
    if (next === state) parts.push(partOf(item, text, state));
    state = next;
  }
  return { kind: 'parts', parts, state };
}

interface Item {
  readonly node: PipelineNode | AndOr;
  readonly pos: number;
  readonly end: number;
  /** Follows `&&`. */
  readonly chained: boolean;
  readonly statement: number;
  /** It goes on beside what follows: nothing after it can be taken apart. */
  readonly together: boolean;
}

function itemsOf({ command, pos, end, background }: Statement, statement: number, all: readonly Statement[]): readonly Item[] {
  const texts = heredocs(command);
  const last = Math.max(end, ...texts.map(({ closing, body }) => closing?.end ?? body.end));
  // Where a text follows behind the next command of the line, the two cannot be told apart.
  const together = background === true || last > (all[statement + 1]?.pos ?? Number.POSITIVE_INFINITY);
  if (together || texts.length > 0) return [{ node: command, pos, end: last, chained: false, statement, together }];
  if (command.type !== 'AndOr' || command.operators.some((operator) => operator !== '&&'))
    return [{ node: command, pos: command.pos, end: command.end, chained: false, statement, together: false }];
  return command.commands.map((node, index) => ({
    ...{ node, pos: node.pos, end: node.end },
    ...{ chained: index > 0, statement, together: false },
  }));
}

/** Texts that follow below a command: `cat <<END`. */
function heredocs(node: SyntaxNode): readonly HereDoc[] {
  if (node.type === 'HereDoc') return [node];
  const found: HereDoc[] = [];
  forEachChild(node, (child) => {
    found.push(...heredocs(child));
  });
  return found;
}

/** Where something stands that belongs to no command: the parser passes over some mistakes. */
function lostBetween(text: string, items: readonly Item[]): number | undefined {
  let end = 0;
  for (const { pos, end: next } of [...items, { pos: text.length, end: text.length }]) {
    if (!/^(?:[\s;&]|\\\n|(?:^|(?<=\s))#[^\n]*)*$/.test(text.slice(end, pos))) return end;
    end = Math.max(end, next);
  }
  return undefined;
}

function partOf({ node, pos, end, chained, statement }: Item, text: string, state: ShellState): ShellPart {
  const quoted = text.slice(pos, end).trim();
  const words = node.type === 'Command' && state.before === '' ? plainWords(node) : undefined;
  return {
    text: state.before + quoted,
    quoted,
    cwd: state.cwd,
    env: state.env,
    chained: state.strict ? 'all' : chained ? 'statement' : 'no',
    statement,
    line: linesBefore(text, pos),
    ...(words === undefined ? {} : { words }),
  };
}

/** Undefined when a word is only known while it runs, or it redirects or sets variables. */
function plainWords({ name, args, prefix, redirects }: Command): ShellPart['words'] {
  if (!name || prefix.length > 0 || redirects.length > 0) return undefined;
  const words = [name, ...args].map((word) => (word.type === 'Word' ? literal(word) : undefined));
  return words.every((word) => word !== undefined) ? words : undefined;
}

/** The same state when it changes nothing; undefined when nobody can tell what it changes. */
function stateAfter(node: PipelineNode | AndOr, text: string, state: ShellState): ShellState | undefined {
  if (node.type === 'For') {
    // Its variable goes on to be there.
    const isUsed = text.slice(node.end).includes(node.name.value);
    return isUsed || node.body.commands.some(changesShell) ? undefined : state;
  }
  if (node.type !== 'Command') return changesShell(node) ? undefined : state;
  const name = node.name?.value;
  const quoted = text.slice(node.pos, node.end).trim();
  const isRepeatable = !hasCommands(node) && node.redirects.length === 0;
  if (name === undefined) return isRepeatable ? before(state, quoted) : undefined;
  const words = plainWords(node);
  switch (name) {
    case 'cd':
      return afterCd(words?.map(({ value }) => value).slice(1), quoted, state, isRepeatable);
    case 'export':
      return afterExport(node, quoted, state, isRepeatable);
    case 'set': {
      const flags = words?.slice(1).map(({ value }) => value) ?? ['?'];
      const known = flags.every((flag) => /^-[eux]+$/.test(flag));
      const strict = state.strict || flags.some((flag) => /^-[ux]*e/.test(flag));
      if (known) return { ...state, strict };
      return isRepeatable && words ? { ...before(state, quoted), strict: strict || /^set -e/.test(quoted) } : undefined;
    }
    default:
      if (REPEATABLE.has(name)) return isRepeatable ? before(state, quoted) : undefined;
      return CHANGES_SHELL.has(name) ? undefined : state;
  }
}

function before(state: ShellState, quoted: string): ShellState {
  return { ...state, before: `${state.before}${quoted} && ` };
}

function afterCd(
  args: readonly string[] | undefined,
  quoted: string,
  state: ShellState,
  isRepeatable: boolean,
): ShellState | undefined {
  const [to, ...others] = args ?? [];
  if (to !== undefined && others.length === 0 && !/^[-~/]/.test(to) && state.before === '') {
    const cwd = relativeDirectory(state.cwd === '' ? to : `${state.cwd}/${to}`);
    if (cwd !== undefined) return { ...state, cwd };
  }
  return isRepeatable ? before(state, quoted) : undefined;
}

function afterExport(node: Command, quoted: string, state: ShellState, isRepeatable: boolean): ShellState | undefined {
  const values: Record<string, string> = {};
  for (const each of node.suffix) {
    const value =
      each.type === 'Assignment' && !each.append && !each.index && each.value.type === 'Word' ? literal(each.value) : undefined;
    if (each.type !== 'Assignment' || value === undefined || state.before !== '')
      return isRepeatable ? before(state, quoted) : undefined;
    values[each.name] = value.value;
  }
  return { ...state, env: { ...state.env, ...values } };
}

/** What changes the shell, and does the same when it is done again. */
const REPEATABLE = new Set(['source', '.', 'unset', 'umask', 'shopt', 'alias', 'unalias', 'ulimit']);
/** What changes the shell and cannot be put before each of what follows. */
const CHANGES_SHELL = new Set([
  'pushd',
  'popd',
  'eval',
  'exec',
  'exit',
  'return',
  'trap',
  'read',
  'wait',
  'declare',
  'local',
  'readonly',
  'typeset',
  'shift',
  'getopts',
  'mapfile',
  'readarray',
  'let',
  'set',
  'logout',
  'hash',
  'bg',
  'fg',
  'disown',
  'break',
  'continue',
]);

/** Whether something in a loop, a condition or a group changes the shell around it. */
function changesShell(node: SyntaxNode): boolean {
  if (node.type === 'Subshell' || node.type === 'Pipeline') return false;
  if (node.type === 'Function' || node.type === 'Coproc') return true;
  if (node.type === 'Command') {
    const name = node.name?.value;
    return name === undefined || name === 'cd' || name === 'export' || REPEATABLE.has(name) || CHANGES_SHELL.has(name);
  }
  // Their variables go on to be there.
  if (node.type === 'For' || node.type === 'Select' || node.type === 'ArithmeticFor' || node.type === 'ArithmeticCommand')
    return true;
  let found = false;
  forEachChild(node, (child) => {
    found ||= changesShell(child);
  });
  return found;
}

/** Whether a word of it runs commands: done again, it may come to something else. */
function hasCommands(node: SyntaxNode): boolean {
  if (node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution' || node.type === 'ArithmeticExpansion') return true;
  let found = false;
  forEachChild(node, (child) => {
    found ||= hasCommands(child);
  });
  return found;
}

/**
 * The text with `npx` before each program that a package of the project brings, wherever it stands: a runner of scripts finds these by itself,
 * a batch does not.
 */
export function withLocalPrograms(text: string, isLocal: (program: string) => boolean): string {
  if (text.length > LONGEST) return text;
  const script = parse(text);
  if ((script.errors?.length ?? 0) > 0) return text;
  const places: number[] = [];
  const visit = (node: SyntaxNode) => {
    if (node.type === 'Command' && node.name) {
      const { name } = node;
      const { pos, end, value } = name;
      // What stands in backticks is counted from their start.
      if (text.slice(pos, end) === value && isLocal(value)) places.push(pos);
    }
    forEachChild(node, visit);
  };
  for (const statement of script.commands) visit(statement);
  return places.sort((a, b) => b - a).reduce((result, at) => `${result.slice(0, at)}npx --no-install ${result.slice(at)}`, text);
}

/** A few words that tell a command from others: its program, and what it is told to do. */
export function nameOfCommand(words: readonly string[]): string {
  const [program = 'command', ...args] = words;
  const base = program.slice(program.lastIndexOf('/') + 1);
  if (/^(?:npx|bunx|pnpx)$/.test(base)) return nameOfCommand(args.slice(args.findIndex((arg) => !arg.startsWith('-'))));
  const told = args.filter((arg) => /^[\w@./:-]*[A-Za-z][\w@./:-]*$/.test(arg) && !arg.startsWith('-')).slice(0, 2);
  return [base, ...told].join(' ').slice(0, 60);
}

/** The words of the first command in a text, as far as they are known. */
export function firstWords(text: string): readonly string[] {
  const script = parse(text.slice(0, LONGEST));
  let words: readonly string[] | undefined;
  const visit = (node: SyntaxNode) => {
    if (words) return;
    if (node.type === 'Command' && node.name && node.name.value !== 'cd' && node.name.value !== 'export')
      words = [node.name, ...node.args].map((word) => (word.type === 'Word' ? word.value : ''));
    else forEachChild(node, visit);
  };
  for (const statement of script.commands) visit(statement);
  return words ?? text.trim().split(/\s+/);
}

function linesBefore(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length - 1;
}
