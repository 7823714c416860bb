/** noxfile.py: what its sessions run. Pure. Read by a grammar of Python; nothing of it is executed. */
import path from 'node:path';
import { parser } from '@lezer/python';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import {
  type Argument,
  argumentsOf,
  holdsFor,
  type Scope,
  type SyntaxNode,
  standsFor,
  type TextOf,
  UNKNOWN,
  type Value,
  type Word,
  withAssignments,
} from './nox-values.js';

/** Helpers that call helpers. */
const DEEPEST_CALLS = 4;
/** Of one session: more are not written by hand. */
const MOST_LINES = 200;
/** Of a file, with helpers each time that they are called. */
const MOST_NODES = 500_000;

/** So much of a call is shown. */
const LONGEST_TEXT = 300;

/**
 * A mention for each `session.run(…)` whose arguments are known, where the session or a helper that it hands itself on to calls it; of a
 * session without one a task of which only the name is known. What is only given under a condition that nobody knows is left out.
 */
export function readNoxfile({ file, text }: EvidenceFile): readonly Mention[] {
  const textOf: TextOf = (node) => text.slice(node.from, node.to);
  const top = parser.parse(text).topNode;
  const { functions, sessions } = definitionsIn(top, textOf);
  const scope = constantsIn(top, textOf);
  const isHabit = habitIn(top, scope, textOf);
  const budget = { left: MOST_NODES };
  return sessions.flatMap(({ decorator, definition, nameNode }) => {
    const name = /\bname\s*=\s*["']([^"']+)["']/.exec(decorator)?.[1] ?? textOf(nameNode);
    const chosen = { habit: isHabit(name, decorator), tags: tagsOf(decorator) };
    const task = { file, cwd: '', env: {}, role: 'task', name, chosen, runner: { program: 'nox', args: ['-s', name] } } as const;
    const lineOf = (node: SyntaxNode) => text.slice(0, node.from).split('\n').length;
    const reading: Reading = { functions, textOf, scope, place: { cwd: '' }, lines: [], budget };
    const told = parametersOf(definition, [], { scope, outside: scope }, textOf);
    readBody(definition, told, reading, 0);
    if (reading.lines.length === 0)
      return [{ ...task, line: lineOf(definition), text: `def ${textOf(nameNode)}`, command: { kind: 'argv', argv: [] } }];
    return reading.lines.map(({ node, argv, cwd }) => ({
      ...task,
      ...(cwd === undefined ? { manyPlaces: true as const } : { cwd }),
      line: lineOf(node),
      text: textOf(node).replace(/\s+/g, ' ').slice(0, LONGEST_TEXT),
      command: { kind: 'argv', argv },
    }));
  });
}

interface Session {
  readonly decorator: string;
  readonly definition: SyntaxNode;
  readonly nameNode: SyntaxNode;
}

/** The functions of the file, and those that are sessions: also by a decorator of the file's own that hands on to that of nox. */
function definitionsIn(
  top: SyntaxNode,
  textOf: TextOf,
): { readonly functions: ReadonlyMap<string, SyntaxNode>; readonly sessions: readonly Session[] } {
  const functions = new Map<string, SyntaxNode>();
  const sessions: Session[] = [];
  for (let node = top.firstChild; node; node = node.nextSibling) {
    const definition = node.name === 'FunctionDefinition' ? node : node.getChild('FunctionDefinition');
    const nameNode = definition?.getChild('VariableName');
    if (!definition || !nameNode) continue;
    functions.set(textOf(nameNode), definition);
    const isSession = (decorator: string) => {
      const [, callee = ''] = /^@\s*([\w.]+)/.exec(decorator) ?? [];
      const own = functions.get(callee);
      return own ? /\bnox\.session\b/.test(textOf(own)) : callee === 'nox.session' || callee === 'session';
    };
    const decorator = node.getChildren('Decorator').map(textOf).find(isSession);
    if (decorator !== undefined) sessions.push({ decorator, definition, nameNode });
  }
  return { functions, sessions };
}

/** What the names of the file stand for. */
function constantsIn(top: SyntaxNode, textOf: TextOf): Scope {
  const scope = new Map<string, Value>();
  for (const statement of top.getChildren('AssignStatement')) {
    const found = withAssignments(statement, new Map(scope), textOf);
    for (const [name, value] of found) scope.set(name, value);
  }
  return scope;
}

/** Which sessions nox runs when it is told none: those that the file lists, else all that do not say otherwise. */
function habitIn(top: SyntaxNode, scope: Scope, textOf: TextOf): (name: string, decorator: string) => boolean {
  const listed = top.getChildren('AssignStatement').flatMap((statement) => {
    if (!/^nox\.options\.sessions\s*=/.test(textOf(statement)) || !statement.lastChild) return [];
    const value = standsFor(statement.lastChild, scope, textOf);
    return value.kind === 'list' ? [value.words.flatMap((word) => (word.kind === 'text' ? [word.text] : []))] : [];
  });
  const names = new Set(listed.at(-1) ?? []);
  return (name, decorator) => !/\bdefault\s*=\s*False\b/.test(decorator) && (names.size === 0 || names.has(name));
}

function tagsOf(decorator: string): readonly string[] {
  const [, list = ''] = /\btags\s*=\s*[[(]([^\])]*)[\])]/.exec(decorator) ?? [];
  return [...list.matchAll(/["']([^"']+)["']/g)].map(([, tag = '']) => tag);
}

interface Place {
  readonly cwd: string | undefined;
  /** Where a block ends after which the session is back, and where that is. */
  readonly block?: { readonly to: number; readonly after: Place };
}

interface Reading {
  readonly functions: ReadonlyMap<string, SyntaxNode>;
  readonly textOf: TextOf;
  /** What stands outside of all functions. */
  readonly scope: Scope;
  /** Where the session is, relative to the package's folder with `/`; undefined where only it knows. */
  place: Place;
  /** Nodes that may still be looked at. */
  readonly budget: { left: number };
  readonly lines: { readonly node: SyntaxNode; readonly argv: readonly string[]; readonly cwd: string | undefined }[];
}

/** All calls of the body, in order. */
function readBody(definition: SyntaxNode, told: Scope, reading: Reading, depth: number): void {
  const body = definition.getChild('Body');
  if (!body) return;
  const scope = withAssignments(body, told, reading.textOf);
  const never: SyntaxNode[] = [];
  const cursor = body.cursor();
  do {
    reading.budget.left -= 1;
    if (cursor.from >= body.to || reading.lines.length >= MOST_LINES || reading.budget.left < 0) break;
    const { block } = reading.place;
    if (block && cursor.from >= block.to) reading.place = block.after;
    if (cursor.name === 'IfStatement') never.push(...neverOf(cursor.node, scope, reading.textOf));
    if (cursor.name !== 'CallExpression') continue;
    const { from } = cursor;
    if (!never.some((part) => from >= part.from && from < part.to)) readCall(cursor.node, scope, reading, depth);
  } while (cursor.next());
}

/** The bodies of a condition that never run, as far as one knows. */
function neverOf(statement: SyntaxNode, scope: Scope, textOf: TextOf): readonly SyntaxNode[] {
  const never: SyntaxNode[] = [];
  let decided: boolean | undefined = false;
  let condition: SyntaxNode | undefined;
  for (let node = statement.firstChild; node; node = node.nextSibling) {
    if (node.name === 'else') condition = undefined;
    else if (node.name !== 'Body') {
      if (/^[A-Z]/.test(node.name) && node.name !== 'Comment') condition = node;
    } else {
      const holds: boolean | undefined = condition ? holdsFor(condition, scope, textOf) : true;
      if (decided === true || holds === false) never.push(node);
      // After a condition that nobody knows, nobody knows whether another counts.
      if (holds === true) decided = true;
      else if (holds === undefined && decided === false) decided = undefined;
    }
  }
  return never;
}

function readCall(call: SyntaxNode, scope: Scope, reading: Reading, depth: number): void {
  const { textOf, functions, place, lines } = reading;
  const callee = call.firstChild ? textOf(call.firstChild) : '';
  const given = argumentsOf(call.getChild('ArgList'), textOf);
  if (/^session\.run(?:_always)?$/.test(callee)) {
    const argv = wordsOf(given, scope, reading);
    if (argv.length > 0 && !asksForVersion(argv)) lines.push({ node: call, argv, cwd: place.cwd });
    return;
  }
  if (/^session\.(?:chdir|cd)$/.test(callee)) {
    const [to] = given;
    const value = to ? standsFor(to.node, scope, textOf) : UNKNOWN;
    // With a block of its own it comes back.
    const block = call.parent?.name === 'WithStatement' ? call.parent.getChild('Body') : null;
    reading.place = {
      cwd: value.kind === 'text' ? folderBelow(place.cwd, value.text) : value.kind === 'path' ? value.path : undefined,
      ...(block ? { block: { to: block.to, after: place } } : place.block ? { block: place.block } : {}),
    };
    return;
  }
  const helper = functions.get(callee);
  const handsOn = given.some(({ node }) => textOf(node) === 'session');
  if (!helper || !handsOn || depth >= DEEPEST_CALLS) return;
  readBody(helper, parametersOf(helper, given, { scope, outside: reading.scope }, textOf), reading, depth + 1);
}

/** What names are for a helper that is called with `given`: what stands outside of all functions, and its parameters. */
function parametersOf(
  helper: SyntaxNode,
  given: readonly Argument[],
  { scope, outside }: { readonly scope: Scope; readonly outside: Scope },
  textOf: TextOf,
): Scope {
  const known = new Map(outside);
  const plain = given.filter(({ kind }) => kind === 'plain');
  for (const [index, { kind, name, node }] of argumentsOf(helper.getChild('ParamList'), textOf).entries()) {
    const own = kind === 'named' ? name : textOf(node);
    const told = given.find((each) => each.kind === 'named' && each.name === own) ?? plain[index];
    const value = told ? standsFor(told.node, scope, textOf) : kind === 'named' ? standsFor(node, outside, textOf) : UNKNOWN;
    known.set(own, value);
  }
  return known;
}

/** The words of a call of `session.run`; none where one of them is not known. What is spread is an option by habit, and left out. */
function wordsOf(given: readonly Argument[], scope: Scope, { textOf, place }: Reading): readonly string[] {
  const words: string[] = [];
  const made: string[] = [];
  const textOfWord = (word: Word) => {
    if (word.kind === 'text') return word.text;
    if (word.kind === 'path') return seenFrom(place.cwd, word.path);
    const text = path.posix.join(TEMPORARY, word.path);
    made.push(text);
    return text;
  };
  for (const { kind, node } of given) {
    if (kind === 'named') continue;
    const value = standsFor(node, scope, textOf);
    if (kind === 'plain' && (value.kind === 'text' || value.kind === 'path' || value.kind === 'temporary'))
      words.push(textOfWord(value));
    else if (kind === 'spread' && value.kind === 'list') words.push(...value.words.map(textOfWord));
    // What a caller tells the helper, nobody may leave out; nor the files that it is about.
    else if (kind === 'plain' || node.name === 'VariableName' || LISTS_FILES.test(textOf(node))) return [];
  }
  return made.length > 0 ? packedByHabit(words, made) : words;
}

const TEMPORARY = '/volley-temporary';

/**
 * A package that a session builds into a folder of its own, or looks at there, lies where builds put it when they are told nothing. What else
 * is done in such a folder, the session alone knows.
 */
function packedByHabit(words: readonly string[], made: readonly string[]): readonly string[] {
  const [only, ...others] = made;
  const at = words.indexOf(only ?? '');
  if (only === undefined || others.length > 0) return [];
  if (/^(?:twine|check-wheel-contents)$/.test(words[0] ?? ''))
    return words.map((word) => (word === only ? path.posix.join('dist', path.posix.basename(only)) : word));
  const isBuild = /^(?:pyproject-build|(?:python[\d.]* -m|uvx|pipx run) build|(?:uv|hatch|flit|pdm|poetry) build)\b/;
  const isTold = /^(?:-o|--outdir|--out-dir|--dest|-d|--output)$/.test(words[at - 1] ?? '');
  return isBuild.test(words.join(' ')) && isTold ? words.filter((_, index) => index !== at && index !== at - 1) : [];
}

/** `*glob.glob(…)`, `*sorted(folder.rglob(…))`: they are what a tool looks at. */
const LISTS_FILES = /\b(?:i?glob|rglob|iterdir|listdir|scandir)\(/;

/** A place of the repository as a command names it that runs in `cwd`. */
function seenFrom(cwd: string | undefined, place: string): string {
  return path.posix.relative(`/${cwd ?? ''}`, `/${place}`) || '.';
}

/** `python --version`: it only shows something. */
function asksForVersion(argv: readonly string[]): boolean {
  return argv.length === 2 && /^--?(?:version|V)$/.test(argv[1] ?? '');
}

function folderBelow(cwd: string | undefined, to: string): string | undefined {
  if (cwd === undefined || to.startsWith('/') || to.split('/').includes('..')) return undefined;
  return [cwd, to.replace(/^\.\/|\/$/g, '')].filter((part) => part !== '' && part !== '.').join('/');
}
