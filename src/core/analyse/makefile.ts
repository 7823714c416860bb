/** Targets of a Makefile: prerequisites first, then each line of the recipe, as make without `-j` would run them. Pure; runs nothing. */
import { wholeLine } from '../gates/evidence/make-lines.js';
import { parseMakefile, type Rule } from '../gates/evidence/make-parse.js';
import { shellWord } from '../shell-text.js';
import { type InlinedMakefile, inlined, isPlainName, type LineOrigin } from './makefile-includes.js';
import { addCommand, type CommandPlace } from './package-scripts.js';
import { type Sequence, SequenceBuilder, type SourceChoice, type SourceText } from './sequence.js';
import { FRESH_SHELL, shellParts, wholePart } from './shell-parts.js';

/** Targets that a person can ask for, in their order. */
export function makeChoices(source: SourceText): readonly SourceChoice[] {
  const { rules } = parseMakefile(whole(source).text);
  const names = [...new Set(rules.flatMap(({ targets }) => targets))].filter((name) => /^[\w][\w./-]*$/.test(name));
  return names.map((name) => {
    const own = rules.filter(({ targets }) => targets.includes(name));
    const needs = own.flatMap((rule) => rule.needs).filter((need) => names.includes(need));
    const lines = own.flatMap(({ recipe }) => recipe.map((line) => line.text));
    const first = lines[0] === undefined ? '' : `${lines[0]}${lines.length > 1 ? ` … ${lines.length} lines` : ''}`;
    return {
      name,
      summary: [...(needs.length > 0 ? [`after ${needs.join(', ')}`] : []), ...(first === '' ? [] : [first])].join(' · '),
    };
  });
}

function whole({ file, text, included = new Map() }: SourceText): InlinedMakefile {
  return inlined(file, text, included);
}

/** What `make TARGET` runs. */
export function readMakeTarget(source: SourceText, target: string): Sequence {
  const builder = new SequenceBuilder();
  const { text, origins, missing } = whole(source);
  const { rules, variables, exported } = parseMakefile(text);
  for (const { name, ...place } of missing)
    builder.notTaken.push({
      ...place,
      what: `include ${name}`,
      because: isPlainName(name) ? 'there is no such file in the workspace' : 'only make knows which files that are',
    });
  const make: Make = {
    source,
    rules,
    variables,
    builder,
    env: environmentOf(exported, variables),
    done: new Map(),
    origins,
    lines: text.split(/\r?\n/),
    isOneShell: /^\.ONESHELL\s*:/m.test(text),
  };
  addTarget(target, make, []);
  if (builder.operations.length > 0)
    builder.notes.add(
      'make leaves out what is up to date already; the batch runs every line. Targets that do not depend on each other may run together, as with make -j.',
    );
  return builder.result();
}

interface Make {
  readonly source: SourceText;
  readonly rules: readonly Rule[];
  readonly variables: ReadonlyMap<string, string>;
  readonly builder: SequenceBuilder;
  /** What recipes see. */
  readonly env: Readonly<Record<string, string>>;
  /** All that has to pass before what needs a target. */
  readonly done: Map<string, readonly number[]>;
  readonly lines: readonly string[];
  /** Where each of them stands. */
  readonly origins: readonly LineOrigin[];
  readonly isOneShell: boolean;
}

const DEEPEST = 100;

function addTarget(target: string, make: Make, trail: readonly string[]): readonly number[] {
  const known = make.done.get(target);
  if (known) return known;
  const own = make.rules.filter(({ targets }) => targets.includes(target));
  if (own.length === 0 || trail.includes(target) || trail.length > DEEPEST) return [];
  make.done.set(target, []);
  const { source, builder } = make;
  const before = builder.operations.length;
  const why = own.map((rule) => notPlain(rule, target, make)).find((reason) => reason !== undefined);
  const first = own.find(({ recipe }) => recipe.length > 0) ?? own[0];
  if (why !== undefined) {
    const text = `make ${shellWord(target)}`;
    const added = addCommand(wholePart(text, { cwd: source.cwd }), place(target, first?.line ?? 1, [], make), builder);
    builder.notes.add(`“make ${target}” stays one operation, with all that it needs, because ${why}.`);
    make.done.set(target, added);
    return added;
  }
  const needs = [...new Set(own.flatMap((rule) => rule.needs))];
  const needed = [...new Set(needs.flatMap((need) => addTarget(need, make, [...trail, target])))];
  const all: number[] = [];
  for (const { recipe } of own) {
    for (const { text: quoted, line } of recipe) {
      const modifiers = /^[@+-]+\s*/.exec(quoted)?.[0] ?? '';
      const command = wholeLine(quoted.slice(modifiers.length), target, make.variables) ?? '';
      const forgiving = modifiers.includes('-') ? ({ onFailure: 'continue' } as const) : {};
      if (command !== '')
        all.push(
          ...addLine(command, { ...place(target, line, [...needed, ...all], make), ...forgiving }, make, [...trail, target]),
        );
    }
  }
  const passing = all.filter((index) => builder.operations[index]?.onFailure === undefined);
  const result = builder.operations.length === before ? needed : [...new Set([...needed, ...passing])];
  make.done.set(target, result);
  return result;
}

/** A line that only calls make for other targets is these targets. */
function addLine(command: string, at: CommandPlace, make: Make, trail: readonly string[]): readonly number[] {
  const found = shellParts(command, { ...FRESH_SHELL, cwd: make.source.cwd });
  const [only] = found.kind === 'parts' && found.parts.length === 1 ? found.parts : [];
  const [program, ...targets] = only?.words?.map(({ value }) => value) ?? [];
  const isKnown = (name: string) =>
    make.rules.some((rule) => rule.targets.includes(name)) && !trail.includes(name) && !make.done.has(name);
  if (program === 'make' && targets.length > 0 && targets.every(isKnown))
    return targets.flatMap((name) => addTarget(name, make, trail));
  const words = only?.words === undefined ? {} : { words: only.words };
  return addCommand({ ...wholePart(command, { cwd: make.source.cwd }), ...words }, at, make.builder);
}

function place(target: string, line: number, requires: readonly number[], { source, env, origins }: Make): CommandPlace {
  return {
    ...(origins[line - 1] ?? { file: source.file, line }),
    state: { ...FRESH_SHELL, cwd: source.cwd, env },
    source: { ...source, isLocal: () => false },
    requires,
    name: target,
  };
}

/** Exported variables as far as their values are known. */
function environmentOf(exported: ReadonlySet<string>, variables: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const values = [...exported].flatMap((name) => {
    const value = wholeLine(variables.get(name) ?? '', '', variables);
    return value === undefined || !variables.has(name) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(values);
}

/** Why the lines of a recipe cannot be run without make; completes "because …". */
function notPlain(
  { line, recipe, targets }: Rule,
  target: string,
  { lines, origins, variables, isOneShell }: Make,
): string | undefined {
  if (recipe.length === 0) return undefined;
  if (isOneShell) return 'the Makefile runs recipes in one shell (.ONESHELL)';
  if (targets.some((each) => each.includes('%'))) return 'it is made by a pattern';
  const last = recipe.at(-1)?.line ?? line;
  // Another rule begins where a line begins with a name.
  const inside = lines.slice(line, last);
  if (inside.some((each) => /^\s*(?:ifn?eq|ifn?def|else|endif)\b/.test(each)))
    return 'parts of its recipe hold only under conditions';
  const unknown = recipe.find(({ text }) => wholeLine(text.replace(/^[@+-]+\s*/, ''), target, variables) === undefined);
  return unknown ? `only make knows what stands in its line ${origins[unknown.line - 1]?.line ?? unknown.line}` : undefined;
}
