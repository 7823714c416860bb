/** GitLab pipelines: the commands of their jobs. Reads nothing but what it is given. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { commandsOf, movesOf, shellMention } from './commands.js';
import { literals } from './environment.js';
import { inlineMention } from './inline.js';
import { textsAt } from './pipeline.js';
import { linesWithVariables } from './variables.js';
import { readYaml, type YamlNode } from './yaml.js';

/** Keys at the top that are no jobs. */
const GLOBAL = new Set(
  'default include stages variables workflow image services before_script after_script cache pages spec'.split(' '),
);

/** As GitLab itself limits them: templates of templates, and references to references. */
const DEEPEST = 11;
/** Templates of one job, all told. */
const MOST_TEMPLATES = 100;
/** Files that a pipeline includes. */
const MOST_FILES = 50;

/** Something in a pipeline, and the file in which it stands. */
interface Part {
  readonly node: YamlNode;
  readonly source: Source;
}

interface Source {
  readonly file: string;
  /** Where the pipeline includes it; undefined for the pipeline itself. */
  readonly included?: { readonly line: number; readonly text: string };
}

interface Pipeline {
  readonly file: string;
  /** What stands at the top under a name, in each file that has it; the strongest first. */
  readonly top: ReadonlyMap<string, readonly Part[]>;
  /** What was looked up: many jobs share their templates. */
  readonly known: Map<string, Part | undefined>;
}

/**
 * A mention a command of each job that runs by itself: of its `before_script` and its `script`, its own or that of the last template which
 * it extends. Included files of the repository are read, those from elsewhere are not.
 */
export async function readGitlab(input: EvidenceFile): Promise<readonly Mention[]> {
  const files = await readFiles(input);
  const top = new Map<string, Part[]>();
  for (const part of files)
    for (const [name, node] of part.node.entries()) {
      const own = top.get(name);
      if (own) own.push({ ...part, node });
      else top.set(name, [{ ...part, node }]);
    }
  const pipeline: Pipeline = { file: input.file, top, known: new Map() };
  const env = variablesOf(top.get('variables') ?? []);
  // A name with a dot is a template.
  const jobs = [...top.keys()].filter((name) => !GLOBAL.has(name) && !name.startsWith('.') && runsByItself(name, pipeline));
  return jobs.flatMap((name) => jobMentions(name, env, pipeline));
}

/** The pipeline and what it includes, the strongest first: what stands in a file overrides what it includes. */
async function readFiles(input: EvidenceFile): Promise<readonly Part[]> {
  const root = readYaml(input);
  const found: Part[] = root ? [{ node: root, source: { file: input.file } }] : [];
  const seen = new Set([input.file]);
  for (const { node, source } of found) {
    for (const { file, line, text } of includesOf(node).toReversed()) {
      if (seen.has(file) || seen.size >= MOST_FILES) continue;
      seen.add(file);
      const content = await input.read?.(file);
      const own = content === undefined ? undefined : readYaml({ ...input, file, text: content, warn: () => {} });
      if (own) found.push({ node: own, source: { file, included: source.included ?? { line, text } } });
    }
  }
  return found;
}

/** Files of the repository. */
function includesOf(root: YamlNode) {
  const include = root.get('include');
  const items = include === undefined ? [] : include.items().length > 0 ? include.items() : [include];
  return items.flatMap((item) => {
    const text = (item.get('local') ?? item).text();
    const file = text?.replace(/^\.?\/+/, '');
    if (file === undefined || !/^[\w.@/-]+\.ya?ml$/.test(file) || file.split('/').includes('..')) return [];
    return [{ file, line: item.line, text: `include: ${text}` }];
  });
}

function jobMentions(name: string, env: Readonly<Record<string, string>>, pipeline: Pipeline): readonly Mention[] {
  const script = partOf(name, 'script', pipeline);
  if (!script) return [];
  const own = { ...env, ...variablesOf(layersOf(name, pipeline).flatMap((part) => inside(part, 'variables'))) };
  const before = partOf(name, 'before_script', pipeline) ?? defaultOf(name, 'before_script', pipeline);
  const flags = flagsOf(name, script.node.line, pipeline);
  let moved = '';
  // All of them run in one shell, one after another.
  const found = [...(before ? scriptLines(before, pipeline) : []), ...scriptLines(script, pipeline)].flatMap(
    ({ source, lines }) => {
      const { file, included } = source;
      const rest = { file, name, role: 'workflow', env: literals(own) } as const;
      const at = { ...rest, file: pipeline.file, cwd: '', command: { kind: 'argv', argv: [] } } as const;
      const via = included ? { via: { ...at, ...included } } : {};
      const mentions = commandsOf(linesWithVariables(lines, own), moved).map((line) => ({
        ...shellMention(line, rest),
        ...flags,
        ...via,
      }));
      moved += movesOf(lines);
      return mentions;
    },
  );
  const [first] = found;
  const whole = scriptLines(script, pipeline)
    .flatMap(({ lines }) => lines.map(({ text }) => text))
    .join('\n');
  const inline = first?.step && inlineMention(whole, { ...first, env: own, line: script.node.line });
  return inline ? [...found, inline] : found;
}

/** Jobs that deploy are no steps for checks, nor are those that may fail. */
function flagsOf(name: string, line: number, pipeline: Pipeline): Pick<Mention, 'step' | 'reviewed' | 'pushed'> {
  const mayFail = partOf(name, 'allow_failure', pipeline)?.node.text() === 'true';
  const deploys =
    partOf(name, 'environment', pipeline) !== undefined ||
    /deploy|release|publish/i.test(partOf(name, 'stage', pipeline)?.node.text() ?? '');
  const only = partOf(name, 'only', pipeline)?.node;
  const refs = [...textsAt(only), ...textsAt(only?.get('refs'))];
  if (deploys || (refs.length > 0 && refs.every((ref) => /^(?:tags|schedules|triggers|web|api|pushes)$/.test(ref)))) return {};
  const isAny = refs.length === 0 || refs.some((ref) => ref === 'merge_requests' || ref === 'branches');
  return { ...(mayFail ? {} : { step: { line } }), ...(isAny ? { reviewed: true as const } : { pushed: true as const }) };
}

/** Where a job that says nothing of it takes it from. */
function defaultOf(name: string, key: string, pipeline: Pipeline): Part | undefined {
  const inherits = partOf(name, 'inherit', pipeline)?.node.get('default');
  const isKept =
    inherits?.text() !== 'false' && (!inherits?.items().length || inherits.items().some((each) => each.text() === key));
  return isKept ? (partOf('default', key, pipeline) ?? pipeline.top.get(key)?.[0]) : undefined;
}

/** A key of a job, from wherever it has it. */
function partOf(name: string, key: string, pipeline: Pipeline): Part | undefined {
  const id = JSON.stringify([name, key]);
  if (pipeline.known.has(id)) return pipeline.known.get(id);
  const found = layersOf(name, pipeline)
    .flatMap((part) => inside(part, key))
    .at(0);
  pipeline.known.set(id, found);
  return found;
}

function inside({ node, source }: Part, key: string): readonly Part[] {
  const found = node.get(key);
  return found ? [{ node: found, source }] : [];
}

/** A job and what it extends, the strongest first: the last template overrides those before it. */
function layersOf(name: string, pipeline: Pipeline, seen = new Set<string>(), depth = 0): readonly Part[] {
  if (seen.has(name) || depth > DEEPEST || seen.size > MOST_TEMPLATES) return [];
  seen.add(name);
  const own = pipeline.top.get(name) ?? [];
  const templates = own.map(({ node }) => node.get('extends')).find((node) => node !== undefined);
  const names = [templates, ...(templates?.items() ?? [])].flatMap((node) => node?.text() ?? []);
  return [...own, ...names.toReversed().flatMap((each) => layersOf(each, pipeline, seen, depth + 1))];
}

/** Whether some pipeline starts the job without anybody asking for it. */
function runsByItself(name: string, pipeline: Pipeline): boolean {
  const isAsked = (when: string | undefined) => when === 'never' || when === 'manual';
  const whole = partOf(name, 'when', pipeline)?.node.text();
  const rules = partOf(name, 'rules', pipeline);
  const list = rules ? itemsOf(rules, pipeline) : [];
  return list.length === 0 ? !isAsked(whole) : list.some(({ node }) => !isAsked(node.get('when')?.text() ?? whole));
}

/** The items of a list, those of lists in it and of lists that it refers to. */
function itemsOf(part: Part, pipeline: Pipeline, depth = 0): readonly Part[] {
  const { node, source } = part;
  if (depth > DEEPEST) return [];
  const items = node.items();
  if (node.tag === '!reference') {
    const [name, key] = items.map((item) => item.text());
    const found = items.length === 2 && name !== undefined && key !== undefined ? partOf(name, key, pipeline) : undefined;
    return found ? itemsOf(found, pipeline, depth + 1) : [];
  }
  return items.length === 0 ? [part] : items.flatMap((item) => itemsOf({ node: item, source }, pipeline, depth + 1));
}

function scriptLines(script: Part, pipeline: Pipeline) {
  return itemsOf(script, pipeline)
    .map(({ node, source }) => ({ source, lines: node.lines() }))
    .filter(({ lines }) => lines.length > 0);
}

function variablesOf(layers: readonly Part[]): Readonly<Record<string, string>> {
  const all = Object.assign({}, ...layers.toReversed().map(({ node }) => node.strings())) as Record<string, string>;
  return Object.fromEntries(Object.entries(all).filter(([, value]) => /^[\w./:=, -]*$/.test(value)));
}
