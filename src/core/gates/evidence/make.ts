/**
 * Makefiles: what their targets run. Pure. No maintained library reads them, so this reads what a recipe needs: rules, their recipes, and
 * variables that are plain text. What needs more (functions, conditions, patterns) is left out rather than guessed.
 */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { shellMention } from './commands.js';

/** A rule as it stands in a Makefile. */
export interface Rule {
  readonly targets: readonly string[];
  readonly needs: readonly string[];
  readonly recipe: { text: string; line: number }[];
  readonly line: number;
}

/** A longer line is not written by hand. */
const LONGEST_LINE = 5000;

/** A mention a line of each recipe, with how to run its target. */
export function readMakefile({ file, text }: EvidenceFile): readonly Mention[] {
  const { rules, variables } = parseMakefile(text);
  // Sphinx writes one with a target for each of its builders into every project.
  const isOffered = variables.has('SPHINXBUILD') && variables.has('SPHINXOPTS');
  return rules.flatMap(({ targets, needs, recipe, line: at }) =>
    targets
      .filter((target) => /^[\w][\w./-]*$/.test(target) && !target.includes('.') && !/^(?:bin|build|out|dist|tmp)\//.test(target))
      .flatMap((target) => {
        const wanted = needs.filter((need) => rules.some((rule) => rule.targets.includes(need)));
        const common = {
          file,
          name: target,
          role: 'task' as const,
          runner: { program: 'make', args: [target] },
          ...(wanted.length > 0 ? { needs: wanted } : {}),
        };
        // What only names others is a target, too.
        if (recipe.length === 0 && wanted.length > 0)
          return [shellMention({ text: '', quoted: `${target}: ${wanted.join(' ')}`, line: at }, common)];
        return recipe.flatMap(({ text: quoted, line: place }) => {
          const line = withPrograms(quoted.replace(/^[@+-]+\s*/, ''), variables);
          const command = expanded(line, target, variables);
          const mention = shellMention({ text: command ?? line, quoted, line: place }, common);
          return command === '' ? [] : [isOffered ? { ...mention, offered: true as const } : mention];
        });
      }),
  );
}

/** What is read of a Makefile. */
export interface Makefile {
  readonly rules: readonly Rule[];
  readonly variables: ReadonlyMap<string, string>;
  /** Names of variables that recipes see in their environment. */
  readonly exported: ReadonlySet<string>;
}

/** Rules in their order, and variables that are plain text. What stands in conditions is there as if all of them held. */
export function parseMakefile(text: string): Makefile {
  const rules: Rule[] = [];
  const variables = new Map<string, string>();
  const exported = new Set<string>();
  let current: Rule | undefined;
  for (const { text: line, line: at } of logicalLines(text)) {
    if (line.startsWith('\t')) {
      const command = line.trim();
      if (command !== '' && !command.startsWith('#')) current?.recipe.push({ text: command, line: at });
      continue;
    }
    if (line.length > LONGEST_LINE) continue;
    const plain = line.replace(/(^|\s)#.*$/, '').trimEnd();
    if (plain.trim() === '') continue;
    const assigned = /^(?:export\s+|override\s+)*([\w.-]+)\s*(\?|:{1,3}|\+|!)?=\s*(.*)$/.exec(plain);
    if (assigned) {
      assign(variables, assigned[1] ?? '', assigned[2] ?? '', assigned[3] ?? '');
      if (/^(?:override\s+)?export\s/.test(plain)) exported.add(assigned[1] ?? '');
      current = undefined;
      continue;
    }
    const names = /^export\s+([\w.-]+(?:\s+[\w.-]+)*)$/.exec(plain)?.[1];
    for (const name of names?.split(/\s+/) ?? []) exported.add(name);
    const rule = /^([^:=]+?)\s*::?(?!=)\s*(.*)$/.exec(plain);
    // What is inside a condition may not hold.
    if (/^(?:ifn?eq|ifn?def|else|endif)\b/.test(plain)) continue;
    current = undefined;
    // A function that is called: its words are no names.
    if (/^\$[({](?:error|warning|info|eval|call|foreach)\b/.test(plain)) continue;
    if (!rule || /^(?:ifn?eq|ifn?def|else|endif|include|-include|define|endef|vpath)\b/.test(plain)) continue;
    const targets = (rule[1] ?? '').split(/\s+/);
    if (targets[0]?.startsWith('.') && targets[0] === targets[0].toUpperCase()) continue;
    const [prerequisites = '', inline] = (rule[2] ?? '').split(/\s*;\s*/, 2);
    const needs =
      prerequisites
        .split('|')[0]
        ?.split(/\s+/)
        .filter((word) => /^[\w./-]+$/.test(word)) ?? [];
    current = { targets, needs, recipe: inline ? [{ text: inline, line: at }] : [], line: at };
    rules.push(current);
  }
  return { rules, variables, exported };
}

function assign(variables: Map<string, string>, name: string, operator: string, value: string): void {
  if (operator === '?' && variables.has(name)) return;
  const before = variables.get(name);
  variables.set(name, operator === '+' && before !== undefined ? `${before} ${value}` : value);
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

/** A variable where a command begins, behind what is set for it. */
const PROGRAM = /(^\s*|(?:&&|\|\||;)\s*)((?:\w+=\S*\s+)*)\$(?:\(([\w.-]+)\)|\{([\w.-]+)\})(?=\s|$)/g;
const LOOKED_UP = /\$\(shell\s+(?:command\s+-v|which)\s+([\w.-]+)(?:\s+2>\s*\/dev\/null)?\s*\)/;

/** With the names of programs of which only make knows in which folder they lie: `$(BIN)/staticcheck`, or what it looks for itself. */
function withPrograms(line: string, variables: ReadonlyMap<string, string>): string {
  if (line.length > LONGEST_LINE) return line;
  const named = line.replace(PROGRAM, (whole, before: string, env: string, round?: string, curly?: string) => {
    const program = programIn(variables.get(round ?? curly ?? '') ?? '');
    return program === undefined ? whole : `${before}${env}${program}`;
  });
  return named.replace(new RegExp(`^${LOOKED_UP.source}`), '$1');
}

function programIn(value: string): string | undefined {
  const lookedUp = new RegExp(`^${LOOKED_UP.source}$`).exec(value.trim())?.[1];
  if (lookedUp !== undefined || value.length > LONGEST_LINE) return lookedUp;
  const plain = value.replace(/\$(?:\([^(){}]*\)|\{[^(){}]*\})/g, '$');
  return /^\$[\w./-]*\/([\w.-]+)$/.exec(plain.trim())?.[1];
}

/** What make alone knows of a rule: what it is made from. */
const AUTOMATIC = /^\$[<^?*+|]$/;

/** The line as a shell gets it; undefined when any of it is only known to make. */
export function wholeLine(line: string, target: string, variables: ReadonlyMap<string, string>): string | undefined {
  return expanded(line, target, variables, 1);
}

/** The line as a shell gets it, as far as it is known to others than make; undefined for a value that is not known whole. */
function expanded(
  line: string,
  target: string,
  variables: ReadonlyMap<string, string>,
  depth = 0,
  budget = { left: 1000 },
): string | undefined {
  if (depth > 10 || line.length > LONGEST_LINE) return undefined;
  let known = true;
  const text = line.replace(/\$(?:\$|@|\(([\w.-]+)\)|\{([\w.-]+)\}|.?)/g, (whole, round?: string, curly?: string) => {
    if (whole === '$$') return '$';
    if (whole === '$@') return target;
    if (depth === 0 && AUTOMATIC.test(whole)) return '$EXPRESSION';
    const name = round ?? curly;
    budget.left -= 1;
    if (name === 'MAKE') return 'make';
    const value = name === undefined ? undefined : variables.get(name);
    const inner = value === undefined || budget.left <= 0 ? undefined : expanded(value, target, variables, depth + 1, budget);
    if (inner === undefined) {
      // What nobody sets is empty: a place for a user's own options.
      if (name !== undefined && value === undefined && /(?:ARGS|FLAGS|OPTS|OPTIONS|EXTRA)$/.test(name)) return '';
      known = false;
    }
    return inner ?? whole;
  });
  return known || depth === 0 ? text.trim() : undefined;
}
