/** From a script of several lines to the commands in it. Pure. */
import path from 'node:path';
import { type AndOr, type PipelineNode, parse } from 'unbash';
import type { Mention } from '../mention.js';
import { functionsIn, lineGivenToFunction } from './functions.js';

/** One command of a script, and where it begins. */
export interface ScriptCommand {
  /** With the `cd` of commands before it, which it would run after. */
  readonly text: string;
  readonly line: number;
  /** As it stands there, where that is something else. */
  readonly quoted?: string;
}

/**
 * The statements of a script one by one. A script that is no valid shell is taken line by line: one bad line must not hide the others.
 * What stands in a loop or a condition stays one statement. `before`: what has changed the directory before, as `movesOf` says it.
 */
export function commandsOf(lines: Lines, before = ''): readonly ScriptCommand[] {
  const joined = lines.map(({ text }) => text).join('\n');
  const first = lines[0]?.line ?? 1;
  const script = parse(joined);
  if (script.errors !== undefined && script.errors.length > 0) {
    return lines
      .map(({ text, line }) => ({ text: text.trim(), line }))
      .filter(({ text }) => text !== '' && !text.startsWith('#'));
  }
  let moved = before;
  const functions = functionsIn(script.commands);
  return script.commands.flatMap(({ pos, end, command }) => {
    const quoted = joined.slice(pos, end).trim().replace(/;$/, '').trim();
    const own = lineGivenToFunction(command, functions, joined) ?? quoted;
    const text = moved + own.trim();
    if (moved.length > LONGEST_MOVES) return [];
    moved += changesOf(command, joined);
    return own === '' ? [] : [{ text, line: first + newlines(joined.slice(0, pos)), quoted }];
  });
}

/** Nobody goes on in a script that has changed its directory so often. */
const LONGEST_MOVES = 5000;

type Lines = readonly { readonly text: string; readonly line: number }[];

/** What of a script changes the directory for what runs after it in the same shell; empty for nothing. */
export function movesOf(lines: Lines): string {
  const joined = lines.map(({ text }) => text).join('\n');
  return parse(joined)
    .commands.map(({ command }) => changesOf(command, joined))
    .join('');
}

function changesOf(node: PipelineNode | AndOr, script: string): string {
  return moves(node, script)
    .map((change) => `${change} && `)
    .join('');
}

/** Each `cd` and its like of a statement that holds for the statements after it, too. */
function moves(node: PipelineNode | AndOr, script: string): readonly string[] {
  if (node.type === 'AndOr') return node.operators.includes('||') ? [] : node.commands.flatMap((each) => moves(each, script));
  return node.type === 'Command' && /^(?:cd|pushd|popd)$/.test(node.name?.value ?? '') ? [script.slice(node.pos, node.end)] : [];
}

/** A mention of a shell command. */
export function shellMention(
  command: ScriptCommand,
  rest: Pick<Mention, 'file' | 'role' | 'name'> &
    Partial<Pick<Mention, 'cwd' | 'env' | 'settings' | 'runner' | 'needs' | 'text' | 'manyPlaces' | 'served'>>,
): Mention {
  return {
    cwd: '',
    env: {},
    text: (command.quoted ?? command.text).split('\n')[0] ?? '',
    ...rest,
    line: command.line,
    command: { kind: 'shell', text: command.text },
  };
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}

/** A path below the folder with `/`, without `./`; undefined when it leads elsewhere or is only known while it runs. */
export function relativeDirectory(text: string | undefined): string | undefined {
  if (text === undefined || text === '' || text === '.' || text === './') return '';
  const plain = path.posix.normalize(text).replace(/\/+$/, '');
  if (plain === '.') return '';
  return /^(?:\/|~|\.\.(?:\/|$)|$)|[$*]|\\/.test(plain) ? undefined : plain;
}

/** The members of an object of a file; none where the value is something else. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
