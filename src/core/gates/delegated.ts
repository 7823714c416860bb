/** Moves what the root of a workspace hands on to its packages to where it runs, so that each package has gates of its own. Pure. */
import path from 'node:path';
import { type AndOr, type Command, type PipelineNode, parse } from 'unbash';
import { globMatcher } from '../glob-match.js';
import { shellWord } from '../shell-text.js';
import type { Mention } from './mention.js';
import { inside } from './mention-places.js';
import type { Mentioned } from './mentioned.js';
import type { Setting } from './project.js';
import { type Call, type Delegation, delegationOf, UNKNOWN } from './script-delegation.js';
import { isBuildName, isCheckName, isExcludedName, isTestOfSurface } from './script-names.js';
import { isBuildCall } from './script-programs.js';
import { followScripts, matchingScripts } from './script-runners.js';
import { callsIn, LONGEST, literal } from './script-words.js';

/** A package of the workspace. */
export interface Member {
  /** Relative to the workspace folder with `/`. */
  readonly directory: string;
  readonly name?: string;
  readonly scripts: ReadonlySet<string>;
}

export interface Workspace {
  readonly scripts: ReadonlyMap<string, Setting & { readonly script: string }>;
  readonly members: readonly Member[];
  /** Whether a script waits for others in the packages, as the file of a runner says. */
  readonly waits: (script: string) => boolean;
}

/** Whether a text may hand something on; whoever asks before reads no packages in vain. */
export function mayDelegate(text: string): boolean {
  return (
    /\b(?:npm|pnpm|yarn|yarnpkg|bun|lerna|turbo|rush|make)\b/.test(text) &&
    /\s-|\bworkspaces?\b|\bturbo\b|\blerna\b|\brush\b/.test(text)
  );
}

/** Each mention that hands something on, as mentions in the packages that it is for; all others as they are. */
export function inPackages(mentions: readonly Mentioned[], workspace: Workspace): readonly Mentioned[] {
  return mentions.flatMap((each) => {
    const parts = each.mention.runner ? undefined : movedParts(each.mention, workspace);
    return parts ? parts.map((mention) => ({ ...each, mention })) : [each];
  });
}

/** A root with more rows than this for one script leaves it to its own runner. */
const MOST = 25;

export interface HandedOn {
  /** Scripts of the root that do nothing but start scripts of packages. */
  readonly scripts: ReadonlySet<string>;
  /** What they start, where it runs. */
  readonly mentions: readonly Mentioned[];
}

/** What scripts of the root only hand on to packages, where it is certain that each package can do it for itself. */
export function handedOn(workspace: Workspace, said: readonly Mentioned[]): HandedOn {
  const scripts = new Set<string>();
  const mentions: Mentioned[] = [];
  const reached = reachedByCi(workspace, said);
  const prepared = preparedScripts(workspace);
  for (const [name, { script, text, line }] of workspace.scripts) {
    const via = reached.get(name);
    const isExcluded = isExcludedName(name) && !(via && isTestOfSurface(name));
    if (isExcluded || workspace.scripts.has(`pre${name}`) || workspace.scripts.has(`post${name}`) || prepared.has(name)) continue;
    const own: Mention = {
      file: 'package.json',
      ...(line === undefined ? {} : { line }),
      text,
      command: { kind: 'shell', text: script },
      cwd: '',
      env: {},
      role: via ? 'workflow' : 'task',
      name,
      handedOn: true,
      ...(via ? { via } : {}),
    };
    const parts = checksOnly(script, workspace, via !== undefined) ? movedParts(own, workspace) : undefined;
    if (!parts || parts.length === 0 || parts.length > MOST || parts.some(({ cwd }) => cwd === '')) continue;
    scripts.add(name);
    mentions.push(...parts.map((mention) => ({ mention, from: '' })));
  }
  return { scripts, mentions };
}

/** Whether each command of the script starts checks of packages by their names, which wait for nothing. */
function checksOnly(script: string, workspace: Workspace, inCi: boolean): boolean {
  const { waits } = workspace;
  const parts = simpleCommands(script);
  return (
    parts?.every(({ delegation }) =>
      delegation?.calls.every(
        ({ script: name, words }) =>
          name !== undefined &&
          (isCheckName(name) || (inCi && isTestOfSurface(name))) &&
          isReached(delegation, name, workspace.members) &&
          !(delegation.byPipeline && waits(name)) &&
          !words.some((word) => word.startsWith(UNKNOWN)),
      ),
    ) ?? false
  );
}

/** Whether each package that is named is there, and one of them has the script; a pattern may mean none. */
function isReached({ where }: Delegation, script: string, members: readonly Member[]): boolean {
  if (where.kind === 'directory') return true;
  const named = where.selectors.filter((selector) => !selector.startsWith('!') && !selector.includes('*'));
  return (
    named.every((selector) => meant(selector, members, where.anyScope).length > 0) &&
    selected(where, members).some((member) => member.scripts.has(script))
  );
}

/** Names of scripts that others start after a build, for which the packages would have to wait; to any depth. */
function preparedScripts({ scripts }: Workspace): ReadonlySet<string> {
  const texts = new Map([...scripts].map(([name, { script }]) => [name, script]));
  const started = new Map<string, readonly string[]>();
  const waiting: string[] = [];
  for (const [name, text] of texts) {
    const words = text.split(/[\s"'&|;()]+/).map((word) => word.replace(/^(?:npm|pnpm|yarn|bun|node):/, ''));
    started.set(
      name,
      words.flatMap((word) => (word === name ? [] : matchingScripts(word, texts))),
    );
    const builds = ([program = '', ...args]: readonly string[]) =>
      isBuildCall(program, args) || (program === 'tsc' && !args.includes('--noEmit'));
    if (isExcludedName(name)) continue;
    if (texts.has(`pre${name}`) || words.some(isBuildName) || callsIn(text).some(builds)) waiting.push(name);
  }
  const prepared = new Set<string>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const other of started.get(name) ?? []) {
      if (prepared.has(other)) continue;
      prepared.add(other);
      waiting.push(other);
    }
  }
  return prepared;
}

/** The scripts of the root that CI runs, each with a line that does. */
function reachedByCi({ scripts }: Workspace, said: readonly Mentioned[]): ReadonlyMap<string, Mention> {
  const texts = new Map([...scripts].map(([name, { script }]) => [name, script]));
  const reached = new Map<string, Mention>();
  for (const { mention } of said) {
    if (mention.role !== 'workflow' || mention.cwd !== '' || mention.command.kind !== 'shell') continue;
    for (const [program = '', ...words] of callsIn(mention.command.text)) {
      if (!/^(?:npm|pnpm|yarn|yarnpkg|bun|npx|corepack)$/.test(program)) continue;
      for (const word of words.filter((each) => texts.has(each)))
        followScripts(word, texts, (text) => {
          for (const [name, script] of texts) if (script === text && !reached.has(name)) reached.set(name, mention);
          const own = callsIn(text).filter((call) => !delegationOf(call));
          return own.flatMap((call) => call.flatMap((each) => matchingScripts(each.replace(/^npm:/, ''), texts)));
        });
    }
  }
  return reached;
}

/** Undefined when nothing of it is handed on. */
function movedParts(mention: Mention, workspace: Workspace): readonly Mention[] | undefined {
  const { command } = mention;
  const text = command.kind === 'shell' ? command.text : command.argv.map(shellWord).join(' ');
  if (!mayDelegate(text)) return undefined;
  // Which packages a folder below the root has, nobody has looked.
  const parts = simpleCommands(text)?.map((part) =>
    mention.cwd !== '' && part.delegation?.where.kind === 'packages' ? { ...part, delegation: undefined } : part,
  );
  if (!parts?.some(({ delegation }) => delegation)) return undefined;
  return parts.flatMap(({ text: own, env, delegation }): readonly Mention[] => {
    const places = delegation ? placesOf(delegation, mention.cwd, workspace) : [];
    if (!delegation || (delegation.orItself && places.length === 0))
      return [{ ...mention, command: { kind: 'shell', text: own } }];
    return places.map(({ cwd, call }) => ({
      ...mention,
      cwd,
      env: { ...mention.env, ...env },
      command: { kind: 'shell', text: call.words.map(spelled).join(' ') },
    }));
  });
}

function spelled(word: string): string {
  return word.startsWith(UNKNOWN) ? word.slice(UNKNOWN.length) : shellWord(word);
}

interface SimpleCommand {
  readonly text: string;
  readonly env: Readonly<Record<string, string>>;
  readonly delegation: Delegation | undefined;
}

/** The commands of a line that run one after another as long as each succeeds; undefined for a line with anything else in it. */
function simpleCommands(line: string): readonly SimpleCommand[] | undefined {
  if (line.length > LONGEST) return undefined;
  const { commands, errors } = parse(line);
  const [only, ...others] = commands;
  if (!only || others.length > 0 || only.background || (errors?.length ?? 0) > 0) return undefined;
  const visit = (node: PipelineNode | AndOr): readonly Command[] | undefined => {
    if (node.type === 'Command') return node.redirects.length > 0 ? undefined : [node];
    if (node.type !== 'AndOr' || node.operators.some((operator) => operator !== '&&')) return undefined;
    const parts = node.commands.map(visit);
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  };
  return visit(only.command)?.map((node) => {
    const words = [...(node.name ? [node.name] : []), ...node.args].map((word) => {
      const known = word.type === 'Word' ? literal(word) : undefined;
      return known ? known.value : UNKNOWN + word.text;
    });
    const assigned = node.prefix.flatMap((prefix) => {
      const value = prefix.type === 'Assignment' && prefix.value.type === 'Word' ? literal(prefix.value) : undefined;
      return value && prefix.type === 'Assignment' ? [[prefix.name, value.value] as const] : [];
    });
    const delegation = assigned.length === node.prefix.length ? delegationOf(words) : undefined;
    return { text: line.slice(node.pos, node.end), env: Object.fromEntries(assigned), delegation };
  });
}

/** Where each call runs: packages that have its script. */
function placesOf(
  { where, calls }: Delegation,
  from: string,
  { members }: Workspace,
): readonly { readonly cwd: string; readonly call: Call }[] {
  if (where.kind === 'directory') {
    const cwd = inside(from, where.directory);
    return cwd === undefined ? [] : calls.map((call) => ({ cwd, call }));
  }
  const chosen = selected(where, members);
  return calls.flatMap((call) => {
    const having = chosen.filter(({ scripts }) => call.script === undefined || scripts.has(call.script));
    const words = having.length === 0 ? call.program : undefined;
    const places = words ? chosen : having;
    return places.map(({ directory: cwd }) => ({ cwd, call: words ? { words } : call }));
  });
}

function selected({ selectors, anyScope }: ToPackages, members: readonly Member[]): readonly Member[] {
  const all = (some: readonly string[]) => new Set(some.flatMap((selector) => meant(selector, members, anyScope)));
  const named = selectors.filter((selector) => !selector.startsWith('!'));
  const wanted = all(named);
  const left = all(selectors.filter((selector) => selector.startsWith('!')).map((selector) => selector.slice(1)));
  return members.filter((member) => (named.length === 0 || wanted.has(member)) && !left.has(member));
}

type ToPackages = Extract<Delegation['where'], { kind: 'packages' }>;

function meant(selector: string, members: readonly Member[], anyScope: true | undefined): readonly Member[] {
  const found = members.filter(isMeantBy(selector));
  if (found.length > 0 || !anyScope || selector.includes('/')) return found;
  const scoped = members.filter(({ name }) => name !== undefined && isLike(name, `@*/${selector}`));
  return scoped.length === 1 ? scoped : [];
}

/** More than that of them in one glob nobody writes, and matching takes long. */
const MOST_STARS = 8;

/** By name, by a pattern of names, or by a path, a folder of packages, or a glob of paths. */
function isMeantBy(selector: string): (member: Member) => boolean {
  const plain = path.posix.normalize(selector.replace(/^\{(.*)\}$/, '$1')).replace(/\/$/, '');
  const isGlob = plain.includes('/') && plain.split('*').length <= MOST_STARS;
  const fits = isGlob ? globMatcher([plain]) : () => false;
  return ({ name, directory }) =>
    directory === plain || directory.startsWith(`${plain}/`) || fits(directory) || (name !== undefined && isLike(name, selector));
}

/** Whether a text fits a pattern in which `*` stands for anything. */
function isLike(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === pattern;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > text.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
