/**
 * Makefiles: their rules and variables. Pure. No maintained library reads them, and what a line means depends on the values of variables
 * before it, so this reads them as make does: lines in their order, conditions, canned recipes, rules. What needs more than the text is
 * marked as not known rather than guessed.
 */
import { expand, expandedWords, indexOutside, UNKNOWN } from './make-values.js';

/** A rule as it stands in a Makefile. */
export interface Rule {
  readonly targets: readonly string[];
  readonly needs: readonly string[];
  /** Needs of which make knows only a part from the text, `UNKNOWN` in them. */
  readonly patterns: readonly string[];
  readonly recipe: { text: string; line: number }[];
  readonly line: number;
}

/** What is read of a Makefile. */
export interface Makefile {
  readonly rules: readonly Rule[];
  readonly variables: ReadonlyMap<string, string>;
  /** Names of variables that recipes see in their environment. */
  readonly exported: ReadonlySet<string>;
  /** Variables that hold for the recipe of one target, by its name. */
  readonly ofTargets: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** What is made where nobody says what. */
  readonly goal: string | undefined;
  /** Targets that are no files. */
  readonly phony: ReadonlySet<string>;
}

/** A longer line is not written by hand. */
export const LONGEST_LINE = 5000;

interface State {
  readonly rules: Rule[];
  readonly variables: Map<string, string>;
  readonly exported: Set<string>;
  readonly ofTargets: Map<string, Map<string, string>>;
  readonly conditions: Branch[];
  /** Set where a condition does not hold: whatever else sets it counts more. */
  readonly weak: Set<string>;
  readonly phony: Set<string>;
  current: Rule | undefined;
  goal: string | undefined;
}

/** The part of a condition in which a line stands. */
interface Branch {
  /** It holds, as far as one can tell. */
  holds: boolean;
  /** One of its parts does. */
  decided: boolean;
}

/**
 * Rules in their order, and variables as they are written. What stands in conditions is there as if all of them held; but a variable that
 * is set in several parts of a condition has the value of the one that holds, or else of the first.
 */
export function parseMakefile(text: string): Makefile {
  const state: State = {
    rules: [],
    variables: new Map(),
    exported: new Set(),
    ofTargets: new Map(),
    conditions: [],
    weak: new Set(),
    phony: new Set(),
    current: undefined,
    goal: undefined,
  };
  const lines = logicalLines(text);
  for (let index = 0; index < lines.length; index += 1) {
    const { text: line, line: at } = lines[index] ?? { text: '', line: 0 };
    const [, name] = /^\s*(?:override\s+|export\s+)*define\s+([\w.-]+)/.exec(line) ?? [];
    if (name !== undefined) index = addDefinition(name, lines, index, state);
    else addLine(line, at, state);
  }
  const { rules, variables, exported, ofTargets, phony } = state;
  const said = variables.get('.DEFAULT_GOAL');
  return {
    rules,
    variables,
    exported,
    ofTargets,
    phony,
    goal: said === undefined ? state.goal : expand(said, { variables }).trim(),
  };
}

/** A recipe that has a name. Returns where it ends. */
function addDefinition(name: string, lines: readonly { readonly text: string }[], start: number, state: State): number {
  let end = start + 1;
  while (end < lines.length && !/^\s*endef\b/.test(lines[end]?.text ?? '')) end += 1;
  const body = lines.slice(start + 1, end).map(({ text }) => text);
  assign(state, name, '', body.join('\n'));
  state.current = undefined;
  return end;
}

function addLine(line: string, at: number, state: State): void {
  // Where no rule is open, a tab is a space like others.
  if (line.startsWith('\t') && (state.current !== undefined || !DIRECTIVE.test(line))) {
    const command = line.trim();
    if (command !== '' && !command.startsWith('#')) state.current?.recipe.push({ text: command, line: at });
    return;
  }
  if (line.length > LONGEST_LINE) return;
  const plain = line.replace(/(^|\s)#.*$/, '').trim();
  if (plain === '' || addCondition(plain, state)) return;
  if (addAssignment(plain, state)) return;
  const names = /^export\s+([\w.-]+(?:\s+[\w.-]+)*)$/.exec(plain)?.[1];
  for (const name of names?.split(/\s+/) ?? []) state.exported.add(name);
  state.current = undefined;
  // A function that is called: its words are no names.
  if (/^\$[({](?:error|warning|info|eval|call|foreach)\b/.test(plain)) return;
  if (/^(?:include|-include|sinclude|endef|vpath|undefine|unexport)\b/.test(plain)) return;
  addRule(plain, at, state);
}

/** What may stand behind tabs that are only there to be read. */
const DIRECTIVE = /^\s+(?:ifn?eq|ifn?def|else|endif|(?:export\s+|override\s+)*[\w.-]+\s*(?:\?|:{1,3}|\+|!)?=)/;

/** Whether the line begins, divides or ends a condition. */
function addCondition(plain: string, { conditions, variables }: State): boolean {
  const [, word = '', rest = ''] = /^(ifn?eq|ifn?def|else|endif)\b\s*(.*)$/.exec(plain) ?? [];
  if (word === '') return false;
  if (word === 'endif') conditions.pop();
  else if (word === 'else') {
    const branch = conditions.at(-1);
    if (!branch) return true;
    const [, inner, tested = ''] = /^(ifn?eq|ifn?def)\b\s*(.*)$/.exec(rest) ?? [];
    branch.holds = !branch.decided && (inner === undefined || isMet(inner, tested, variables) !== false);
    branch.decided ||= branch.holds;
  } else {
    const holds = isMet(word, rest, variables) !== false;
    conditions.push({ holds, decided: holds });
  }
  return true;
}

/** Undefined for what only make knows. What nobody sets is empty there. */
function isMet(word: string, rest: string, variables: ReadonlyMap<string, string>): boolean | undefined {
  const negated = word === 'ifneq' || word === 'ifndef';
  if (word.endsWith('def')) {
    const value = variables.get(rest.trim());
    return value === undefined ? undefined : (value.trim() !== '') !== negated;
  }
  const parts = sidesOf(rest);
  if (!parts) return undefined;
  const [left, right] = parts.map((part) => (isUnset(part, variables) ? '' : expand(part.trim(), { variables }).trim()));
  if (left === undefined || right === undefined || left.includes(UNKNOWN) || right.includes(UNKNOWN)) return undefined;
  return (left === right) !== negated;
}

function isUnset(part: string, variables: ReadonlyMap<string, string>): boolean {
  const name = /^\s*\$(?:\((\w+)\)|\{(\w+)\})\s*$/
    .exec(part)
    ?.slice(1)
    .find((each) => each !== undefined);
  return name !== undefined && !variables.has(name);
}

/** `(a,b)`, `"a" "b"` or `'a' 'b'`. */
function sidesOf(rest: string): readonly [string, string] | undefined {
  const inside = /^\((.*)\)$/.exec(rest.trim())?.[1];
  if (inside !== undefined) {
    const comma = indexOutside(inside, (char) => char === ',');
    return comma === undefined ? undefined : [inside.slice(0, comma), inside.slice(comma + 1)];
  }
  const [, , left, , right] = /^(["'])(.*?)\1\s+(["'])(.*?)\3$/.exec(rest.trim()) ?? [];
  return left === undefined || right === undefined ? undefined : [left, right];
}

function addAssignment(plain: string, state: State): boolean {
  const assigned = /^((?:(?:export|override|private)\s+)*)([\w.-]+)\s*(\?|:{1,3}|\+|!)?=\s*(.*)$/.exec(plain);
  if (!assigned) return false;
  const [, before = '', name = '', operator = '', value = ''] = assigned;
  assign(state, name, operator, value);
  if (/\bexport\b/.test(before)) state.exported.add(name);
  state.current = undefined;
  return true;
}

function assign({ variables, weak, conditions }: State, name: string, operator: string, value: string): void {
  const isWeak = conditions.some(({ holds }) => !holds);
  const known = variables.has(name) && !weak.has(name);
  if (known && (isWeak || operator === '?')) return;
  if (isWeak && variables.has(name)) return;
  if (isWeak) weak.add(name);
  else weak.delete(name);
  // What it begins with is looked up now: it would call itself without end later.
  const own = operator === ':' || operator === '+' ? withoutItself(name, value, variables) : value;
  const before = variables.get(name);
  variables.set(name, operator === '+' && before !== undefined ? `${before} ${own}` : own);
}

/** `CFLAGS := $(CFLAGS) -g` takes the value from before. */
function withoutItself(name: string, value: string, variables: ReadonlyMap<string, string>): string {
  const before = variables.get(name) ?? '';
  return value.replaceAll(`$(${name})`, before).replaceAll(`\${${name}}`, before);
}

function addRule(plain: string, at: number, state: State): void {
  const { variables } = state;
  const colon = indexOutside(plain, (char) => char === ':' || char === '=');
  if (colon === undefined || plain[colon] === '=') return;
  const rest = plain.slice(colon + 1).replace(/^:/, '');
  if (rest.startsWith('=')) return;
  const targets = expandedWords(plain.slice(0, colon), { variables });
  const [first] = targets;
  if (first === '.PHONY') for (const word of expandedWords(rest, { variables })) state.phony.add(word);
  if (first === undefined || (first.startsWith('.') && first === first.toUpperCase() && !first.includes('/'))) return;
  const own = /^\s*(?:(?:export|override|private)\s+)*([\w.-]+)\s*(\?|:{1,3}|\+|!)?=\s*(.*)$/.exec(rest);
  if (own) {
    for (const target of targets) addOwnValue(target, own[1] ?? '', own[2] ?? '', own[3] ?? '', state);
    return;
  }
  const semicolon = indexOutside(rest, (char) => char === ';');
  const inline = semicolon === undefined ? '' : rest.slice(semicolon + 1).trim();
  const needed = rest.slice(0, semicolon).split('|')[0] ?? '';
  // `$(OBJECTS): %.o: %.c` says for all of them at once what each is made of.
  const second = indexOutside(needed, (char) => char === ':');
  const words = expandedWords(second === undefined ? needed : needed.slice(second + 1), { variables });
  state.current = {
    targets: targets.filter((target) => !target.includes(UNKNOWN)),
    needs: words.filter((word) => /^[\w./%-]+$/.test(word)),
    patterns: words.filter((word) => word.includes(UNKNOWN)),
    recipe: inline === '' ? [] : [{ text: inline, line: at }],
    line: at,
  };
  state.rules.push(state.current);
  if (!first.startsWith('.') && !first.includes('%') && !first.includes(UNKNOWN)) state.goal ??= first;
}

function addOwnValue(target: string, name: string, operator: string, value: string, { ofTargets, variables }: State): void {
  const own = ofTargets.get(target) ?? new Map<string, string>();
  const before = own.get(name) ?? variables.get(name);
  own.set(name, operator === '+' && before !== undefined ? `${before} ${value}` : value);
  ofTargets.set(target, own);
}

/** Lines that end in a backslash go on in the next one. */
function logicalLines(text: string): readonly { readonly text: string; readonly line: number }[] {
  const result: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const continues = raw.endsWith('\\');
    const part = continues ? raw.slice(0, -1) : raw;
    if (open) open.text = `${open.text.trimEnd()} ${part.trim()}`;
    else open = { text: part, line: index + 1 };
    if (continues) continue;
    result.push(open);
    open = undefined;
  }
  return open ? [...result, open] : result;
}
