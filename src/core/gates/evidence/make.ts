/** Makefiles: what their targets run. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { relativeDirectory, shellMention } from './commands.js';
import { type IncludedMakefile, withIncluded } from './make-includes.js';
import { commandLines } from './make-lines.js';
import { type Makefile, parseMakefile, type Rule } from './make-parse.js';
import { stemOf } from './make-values.js';

/** A mention a line of each recipe, with how to run its target; what other Makefiles say that it includes is read in their place. */
export async function readMakefile({ file, text, read }: EvidenceFile): Promise<readonly Mention[]> {
  const whole = await withIncluded(file, text, read);
  const make = parseMakefile(whole.text);
  const targets = targetsOf(make);
  const mentions = [...targets].flatMap(([name, target]) => mentionsOf(name, target, { make, whole, targets }));
  const goal = targets.has(make.goal ?? '') ? mentionOfGoal(make.goal ?? '', whole, targets) : [];
  return [...mentions, ...goal];
}

const NONE: ReadonlySet<string> = new Set();

/** What the rules of a target say together. */
interface Target {
  readonly needs: readonly string[];
  readonly recipe: readonly RecipeLine[];
  /** Where it stands first. */
  readonly line: number;
}

interface RecipeLine {
  readonly text: string;
  readonly line: number;
  /** The pattern of the rule that it stands in, and what it stands for. */
  readonly made?: { readonly pattern: string; readonly stem: string };
}

interface Surroundings {
  readonly make: Makefile;
  readonly whole: IncludedMakefile;
  readonly targets: ReadonlyMap<string, Target>;
}

/** What can be asked for by name; what is a file that is made, nobody asks for to have something checked. */
function isName(target: string, phony: ReadonlySet<string>): boolean {
  return (
    /^\w[\w/-]*$/.test(target) && !(phony.has(target) ? /(?:^|\/)bin\// : /(?:^|\/)(?:bin|build|out|dist|tmp)\//).test(target)
  );
}

function targetsOf({ rules, phony }: Makefile): ReadonlyMap<string, Target> {
  const plain = rules.filter(({ targets }) => !targets.some((target) => target.includes('%')));
  const patterned = rules.filter((rule) => !plain.includes(rule));
  const byName = new Map<string, Rule[]>();
  for (const rule of plain)
    for (const target of rule.targets.filter((each) => isName(each, phony)))
      byName.set(target, [...(byName.get(target) ?? []), rule]);
  const result = new Map([...byName].map(([name, own]) => [name, targetOf(own, patterned)] as const));
  for (const [name, target] of impliedTargets(patterned, [...result.keys()])) if (!result.has(name)) result.set(name, target);
  return result;
}

function targetOf(own: readonly Rule[], patterned: readonly Rule[]): Target {
  const made = own.flatMap(({ patterns }) => patterns).flatMap((need) => recipeOfPattern(need, patterned));
  return {
    needs: [...new Set(own.flatMap(({ needs }) => needs))],
    recipe: [...made, ...own.flatMap(({ recipe }) => recipe)],
    line: own[0]?.line ?? 1,
  };
}

/** `lint: $(MODULES:%=lint/%)`: what runs for each module, where nobody knows the modules. */
function recipeOfPattern(need: string, patterned: readonly Rule[]): readonly RecipeLine[] {
  for (const { targets, recipe } of patterned) {
    const pattern = targets.find((each) => stemOf(each, need) !== undefined) ?? '';
    const stem = stemOf(pattern, need);
    // A pattern that matches anything says nothing of this one.
    if (stem === undefined || stem === need || recipe.length === 0) continue;
    return recipe.map((line) => ({ ...line, made: { pattern, stem } }));
  }
  return [];
}

/** `%: common-%` gives each target that begins with `common-` a second name. */
function* impliedTargets(patterned: readonly Rule[], names: readonly string[]): Generator<readonly [string, Target]> {
  for (const { targets, needs, recipe, line } of patterned) {
    const [pattern = ''] = targets;
    const [need, ...others] = needs;
    if (need === undefined || others.length > 0 || !need.includes('%') || recipe.length > 1) continue;
    for (const name of names) {
      const stem = stemOf(need, name);
      const implied = stem === undefined ? '' : pattern.replace('%', () => stem);
      if (isName(implied, NONE) && implied !== name) yield [implied, { needs: [name], recipe: [], line }];
    }
  }
}

function mentionsOf(name: string, { needs, recipe, line }: Target, { make, whole, targets }: Surroundings): readonly Mention[] {
  // Sphinx writes one with a target for each of its builders into every project.
  const isOffered = make.variables.has('SPHINXBUILD') && make.variables.has('SPHINXOPTS');
  const wanted = needs.filter((need) => targets.has(need));
  const common = {
    name,
    role: 'task' as const,
    runner: { program: 'make', args: [name] },
    ...(wanted.length > 0 ? { needs: wanted } : {}),
  };
  // What only names others is a target, too.
  const only = () => {
    const place = whole.placeOf(line);
    return shellMention(
      { text: '', quoted: `${name}: ${wanted.join(' ')}`.trimEnd(), line: place.line },
      { ...common, file: place.file },
    );
  };
  if (recipe.length === 0) return wanted.length > 0 ? [only()] : [];
  const mentions = recipe.flatMap(({ text: quoted, line: at, made }) => {
    const { file, line: place } = whole.placeOf(at);
    const own = [...(made ? (make.ofTargets.get(made.pattern) ?? []) : []), ...(make.ofTargets.get(name) ?? [])];
    const variables = own.length > 0 ? new Map([...make.variables, ...own]) : make.variables;
    return commandLines(quoted, { variables, target: name, ...(made ? { stem: made.stem } : {}) }).flatMap((text) => {
      const mention = shellMention({ text, quoted, line: place }, { ...common, file, ...(made ? { manyPlaces: true } : {}) });
      return text === '' ? [] : [isOffered ? { ...mention, offered: true as const } : mention];
    });
  });
  return mentions.flatMap((each) => inOtherFolder(each) ?? [each]);
}

/** `$(MAKE) -C folder target` alone is that target, there; the target that says so only hands it on. */
function inOtherFolder(mention: Mention): readonly Mention[] | undefined {
  const { command, runner: _, needs: _needs, ...rest } = mention;
  const [, folder = '', targets = ''] =
    command.kind === 'shell' ? (/^make(?:\s+-[sk])*\s+-C\s*([\w./-]+)((?:\s+[\w-]+)+)$/.exec(command.text) ?? []) : [];
  const cwd = relativeDirectory(folder);
  if (folder === '' || cwd === undefined || cwd === '') return undefined;
  const there: Mention = { ...rest, cwd, command: { kind: 'shell', text: `make${targets}` } };
  return [{ ...mention, command: { kind: 'shell', text: '' } }, there];
}

/** What `make` alone runs. */
function mentionOfGoal(goal: string, whole: IncludedMakefile, targets: ReadonlyMap<string, Target>): readonly Mention[] {
  const { file, line } = whole.placeOf(targets.get(goal)?.line ?? 1);
  const rest = { file, name: goal, role: 'task', runner: { program: 'make', args: [] }, needs: [goal] } as const;
  return [shellMention({ text: '', quoted: `${goal}:`, line }, rest)];
}
