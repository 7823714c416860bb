/** noxfile.py: what its sessions run. Pure. Read by a grammar of Python; nothing of it is executed. */
import { parser } from '@lezer/python';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import {
  type Argument,
  argumentsOf,
  type Scope,
  type SyntaxNode,
  standsFor,
  type TextOf,
  UNKNOWN,
  type Value,
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
  const functions = new Map<string, SyntaxNode>();
  const sessions: { readonly decorator: string; readonly definition: SyntaxNode; readonly nameNode: SyntaxNode }[] = [];
  for (let node = top.firstChild; node; node = node.nextSibling) {
    const definition = node.name === 'FunctionDefinition' ? node : node.getChild('FunctionDefinition');
    const nameNode = definition?.getChild('VariableName');
    if (!definition || !nameNode) continue;
    functions.set(textOf(nameNode), definition);
    const decorator = node
      .getChildren('Decorator')
      .map(textOf)
      .find((each) => /^@(?:nox\.)?session\b/.test(each));
    if (decorator !== undefined) sessions.push({ decorator, definition, nameNode });
  }
  const budget = { left: MOST_NODES };
  return sessions.flatMap(({ decorator, definition, nameNode }) => {
    const name = /\bname\s*=\s*["']([^"']+)["']/.exec(decorator)?.[1] ?? textOf(nameNode);
    const task = { file, cwd: '', env: {}, role: 'task', name, runner: { program: 'nox', args: ['-s', name] } } as const;
    const lineOf = (node: SyntaxNode) => text.slice(0, node.from).split('\n').length;
    const reading: Reading = { functions, textOf, place: { cwd: '' }, lines: [], budget };
    readBody(definition, new Map(), reading, 0);
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

interface Place {
  readonly cwd: string | undefined;
  /** Where a block ends after which the session is back, and where that is. */
  readonly block?: { readonly to: number; readonly after: Place };
}

interface Reading {
  readonly functions: ReadonlyMap<string, SyntaxNode>;
  readonly textOf: TextOf;
  /** Where the session is, relative to the package's folder with `/`; undefined where only it knows. */
  place: Place;
  /** Nodes that may still be looked at. */
  readonly budget: { left: number };
  readonly lines: { readonly node: SyntaxNode; readonly argv: readonly string[]; readonly cwd: string | undefined }[];
}

/** All calls of the body, in order. */
function readBody(definition: SyntaxNode, scope: Scope, reading: Reading, depth: number): void {
  const body = definition.getChild('Body');
  if (!body) return;
  const cursor = body.cursor();
  do {
    reading.budget.left -= 1;
    if (cursor.from >= body.to || reading.lines.length >= MOST_LINES || reading.budget.left < 0) break;
    const { block } = reading.place;
    if (block && cursor.from >= block.to) reading.place = block.after;
    if (cursor.name === 'CallExpression') readCall(cursor.node, scope, reading, depth);
  } while (cursor.next());
}

function readCall(call: SyntaxNode, scope: Scope, reading: Reading, depth: number): void {
  const { textOf, functions, place, lines } = reading;
  const callee = call.firstChild ? textOf(call.firstChild) : '';
  const given = argumentsOf(call.getChild('ArgList'), textOf);
  if (/^session\.run(?:_always)?$/.test(callee)) {
    const argv = wordsOf(given, scope, textOf);
    if (argv.length > 0 && !asksForVersion(argv)) lines.push({ node: call, argv, cwd: place.cwd });
    return;
  }
  if (/^session\.(?:chdir|cd)$/.test(callee)) {
    const [to] = given;
    const value = to ? standsFor(to.node, scope, textOf) : UNKNOWN;
    // With a block of its own it comes back.
    const block = call.parent?.name === 'WithStatement' ? call.parent.getChild('Body') : null;
    reading.place = {
      cwd: value.kind === 'text' ? folderBelow(place.cwd, value.text) : undefined,
      ...(block ? { block: { to: block.to, after: place } } : place.block ? { block: place.block } : {}),
    };
    return;
  }
  const helper = functions.get(callee);
  const handsOn = given.some(({ node }) => textOf(node) === 'session');
  if (!helper || !handsOn || depth >= DEEPEST_CALLS) return;
  readBody(helper, parametersOf(helper, given, scope, textOf), reading, depth + 1);
}

/** What the parameters of a helper are for a call of it. */
function parametersOf(helper: SyntaxNode, given: readonly Argument[], scope: Scope, textOf: TextOf): Scope {
  const known = new Map<string, Value>();
  const plain = given.filter(({ kind }) => kind === 'plain');
  for (const [index, { kind, name, node }] of argumentsOf(helper.getChild('ParamList'), textOf).entries()) {
    const own = kind === 'named' ? name : textOf(node);
    const told = given.find((each) => each.kind === 'named' && each.name === own) ?? plain[index];
    const value = told ? standsFor(told.node, scope, textOf) : kind === 'named' ? standsFor(node, new Map(), textOf) : UNKNOWN;
    known.set(own, value);
  }
  return known;
}

/** The words of a call of `session.run`; none where one of them is not known. What is spread is an option by habit, and left out. */
function wordsOf(given: readonly Argument[], scope: Scope, textOf: TextOf): readonly string[] {
  const words: string[] = [];
  for (const { kind, node } of given) {
    if (kind === 'named') continue;
    const value = standsFor(node, scope, textOf);
    if (kind === 'plain' && value.kind === 'text') words.push(value.text);
    else if (kind === 'spread' && value.kind === 'list') words.push(...value.texts);
    // What a caller tells the helper, nobody may leave out.
    else if (kind === 'plain' || node.name === 'VariableName') return [];
  }
  return words;
}

/** `python --version`: it only shows something. */
function asksForVersion(argv: readonly string[]): boolean {
  return argv.length === 2 && /^--?(?:version|V)$/.test(argv[1] ?? '');
}

function folderBelow(cwd: string | undefined, to: string): string | undefined {
  if (cwd === undefined || to.startsWith('/') || to.split('/').includes('..')) return undefined;
  return [cwd, to.replace(/^\.\/|\/$/g, '')].filter((part) => part !== '' && part !== '.').join('/');
}
