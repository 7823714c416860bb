/** Justfiles with their modules and what they import: what their recipes run. Asks for the texts of files, runs nothing. */
import path from 'node:path';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { commandsOf, relativeDirectory, shellMention } from './commands.js';
import { type Justfile, type JustRecipe, linesOf, parseJustfile } from './just-parse.js';

/** Of one repository, and modules in modules. */
const MOST_FILES = 50;
/** Recipes that others run with arguments, each in the place where it is run. */
const DEEPEST = 6;
/** Nobody writes more of them, but each may call each. */
const MOST_TOLD = 2000;

/** A recipe, and by what it is called from the root: `web::lint`. */
interface Placed {
  readonly recipe: JustRecipe;
  readonly file: string;
  readonly name: string;
  /** Of its module, with `::` at the end; empty for the root. */
  readonly prefix: string;
  /** Relative to the package's folder with `/`; undefined where it leads elsewhere. */
  readonly cwd: string | undefined;
  readonly justfile: Justfile;
  readonly variables: ReadonlyMap<string, string>;
}

interface Alias {
  readonly file: string;
  readonly prefix: string;
  readonly alias: Justfile['aliases'][number];
}

interface Found {
  readonly recipes: Map<string, Placed>;
  readonly aliases: Alias[];
  readonly seen: Set<string>;
  readonly read: EvidenceFile['read'];
}

/** A mention a line of each recipe. Recipes in other languages and with arguments that have to be given are left out. */
export async function readJustfile({ file, text, read }: EvidenceFile): Promise<readonly Mention[]> {
  const found: Found = { recipes: new Map(), aliases: [], seen: new Set(), read };
  await collect(text, { file, prefix: '', folder: '', variables: new Map() }, found);
  const budget = { left: MOST_TOLD };
  const own = [...found.recipes.values()].flatMap((each) => recipeMentions(each, found.recipes, budget));
  return [
    ...own,
    ...found.aliases.flatMap((alias) => aliasMentions(alias, found.recipes)),
    ...defaultsOf([...found.recipes.values()]).map(habitMention),
  ];
}

interface Place {
  readonly file: string;
  readonly prefix: string;
  /** In which recipes of the module run. */
  readonly folder: string;
  /** Of the files that import this one. */
  readonly variables: ReadonlyMap<string, string>;
}

async function collect(text: string, place: Place, found: Found): Promise<void> {
  const { file, prefix, folder } = place;
  const key = `${prefix} ${file}`;
  if (found.seen.has(key) || found.seen.size >= MOST_FILES) return;
  found.seen.add(key);
  const justfile = parseJustfile(text);
  const variables = new Map([...place.variables, ...justfile.variables]);
  for (const recipe of justfile.recipes) {
    const name = prefix + recipe.name;
    const inner = recipe.directory ?? justfile.directory ?? '';
    const cwd = relativeDirectory(path.posix.join(folder, inner));
    // Of two with one name the importing file's counts.
    if (!found.recipes.has(name)) found.recipes.set(name, { recipe, file, name, prefix, cwd, justfile, variables });
  }
  found.aliases.push(...justfile.aliases.map((alias) => ({ file, prefix, alias })));
  for (const other of justfile.files) {
    const next = await textOf(other, path.posix.dirname(file), found.read);
    if (next === undefined) continue;
    if (other.name === undefined) await collect(next.text, { ...place, file: next.file, variables }, found);
    else {
      const inside = path.posix.dirname(next.file);
      const module = { file: next.file, prefix: `${prefix}${other.name}::`, folder: inside === '.' ? '' : inside };
      await collect(next.text, { ...module, variables: new Map() }, found);
    }
  }
}

/** The first of the places where just looks for a file. */
async function textOf(
  { name, path: said }: Justfile['files'][number],
  folder: string,
  read: EvidenceFile['read'],
): Promise<{ readonly file: string; readonly text: string } | undefined> {
  const base = said ?? name ?? '';
  const inFolder = name === undefined ? [] : ['mod.just', 'justfile', 'Justfile', '.justfile'].map((each) => `${base}/${each}`);
  for (const candidate of [...(said === undefined ? [`${base}.just`] : [said]), ...inFolder]) {
    const file = path.posix.join(folder, candidate);
    if (file.startsWith('..') || file.startsWith('/')) continue;
    const text = await read?.(file);
    if (text !== undefined) return { file, text };
  }
  return undefined;
}

function recipeMentions(placed: Placed, recipes: ReadonlyMap<string, Placed>, budget: Telling['budget']): readonly Mention[] {
  const { recipe, file, name, prefix } = placed;
  const before = recipe.needs.filter(({ after }) => !after);
  const needs = before.filter(({ args }) => args.length === 0).map((need) => prefix + need.name);
  const given = before.filter(({ args }) => args.length > 0);
  const runner = { program: 'just', args: [name] };
  const common: Common = { file, name, role: 'task', runner, ...(needs.length > 0 ? { needs } : {}) };
  const own = bodyMentions(placed, [], common);
  if (own === undefined) return [];
  const told = given.flatMap((need) =>
    toldMentions(recipes.get(prefix + need.name), need.args, { common, recipes, depth: 0, budget }),
  );
  const later = recipe.needs
    .filter(({ after }) => after)
    .flatMap(({ name: other, args }) =>
      args.length > 0
        ? toldMentions(recipes.get(prefix + other), args, { common, recipes, depth: 0, budget })
        : [shellMention({ text: `just ${prefix}${other}`, quoted: recipe.heading, line: recipe.line }, common)],
    );
  // What only names others is a recipe, too.
  const named = needs.length > 0 ? [shellMention({ text: '', quoted: recipe.heading, line: recipe.line }, common)] : [];
  return [...named, ...told, ...own, ...later];
}

type Common = Pick<Mention, 'file' | 'name' | 'role' | 'runner' | 'needs'>;

/** What its own lines run; undefined where something has to be given that is not. */
function bodyMentions(placed: Placed, args: readonly (string | undefined)[], common: Common): readonly Mention[] | undefined {
  const { recipe, cwd, justfile, variables, file } = placed;
  const lines = linesOf(recipe, args, variables);
  if (lines === undefined) return undefined;
  if (cwd === undefined || recipe.language === 'other') return [];
  const at = { ...common, file, cwd };
  if (recipe.language === 'script') return commandsOf(lines).map((command) => shellMention(command, at));
  if (justfile.otherShell) return [];
  const originals = new Map(recipe.body.map(({ text, line }) => [line, text]));
  return lines
    .filter(({ text }) => !text.startsWith('#'))
    .map(({ text, line }) => {
      const plain = text.replace(/^[@-]+/, '').trim();
      return shellMention({ text: plain, quoted: originals.get(line) ?? plain, line }, at);
    });
}

interface Telling {
  readonly common: Common;
  readonly recipes: ReadonlyMap<string, Placed>;
  readonly depth: number;
  readonly budget: { left: number };
}

/** What a recipe runs that is told something: nothing else calls it with the same. */
function toldMentions(placed: Placed | undefined, args: readonly (string | undefined)[], telling: Telling): readonly Mention[] {
  const { common, recipes, depth, budget } = telling;
  if (placed === undefined || depth >= DEEPEST || budget.left <= 0) return [];
  budget.left -= 1;
  const others = placed.recipe.needs.flatMap((need) =>
    toldMentions(recipes.get(placed.prefix + need.name), need.args, { ...telling, depth: depth + 1 }),
  );
  return [...others, ...(bodyMentions(placed, args, common) ?? [])];
}

/** Of each module the recipe that it runs when it is told none. */
function defaultsOf(recipes: readonly Placed[]): readonly Placed[] {
  const modules = new Map<string, Placed>();
  for (const each of recipes) {
    const known = modules.get(each.prefix);
    if (known === undefined || (each.recipe.isDefault && !known.recipe.isDefault)) modules.set(each.prefix, each);
  }
  return [...modules.values()];
}

function habitMention({ recipe, file, name, prefix }: Placed): Mention {
  const module = prefix.replace(/::$/, '');
  const runner = { program: 'just', args: module === '' ? [] : [module] };
  const rest = { file, name: module === '' ? name : module, role: 'task', runner, needs: [name] } as const;
  return shellMention({ text: '', quoted: recipe.heading, line: recipe.line }, rest);
}

/** Another name runs what the recipe does. */
function aliasMentions({ file, prefix, alias }: Alias, recipes: ReadonlyMap<string, Placed>): readonly Mention[] {
  const [name, recipe] = [prefix + alias.name, prefix + alias.recipe];
  if (!recipes.has(recipe)) return [];
  const runner = { program: 'just', args: [name] };
  return [
    shellMention({ text: '', quoted: alias.text, line: alias.line }, { file, name, role: 'task', runner, needs: [recipe] }),
  ];
}
