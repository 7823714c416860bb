/** From a script of several lines to the commands in it. Pure. */
import { parse } from 'unbash';
import type { Mention } from '../mention.js';

/** One command of a script, and where it begins. */
export interface ScriptCommand {
  readonly text: string;
  readonly line: number;
}

/**
 * The statements of a script one by one, as they stand there. A script that is no valid shell is taken line by line: one bad line must not
 * hide the others. What stands in a loop or a condition stays one statement.
 */
export function commandsOf(lines: readonly { readonly text: string; readonly line: number }[]): readonly ScriptCommand[] {
  const joined = lines.map(({ text }) => text).join('\n');
  const first = lines[0]?.line ?? 1;
  const script = parse(joined);
  if (script.errors !== undefined && script.errors.length > 0) {
    return lines
      .map(({ text, line }) => ({ text: text.trim(), line }))
      .filter(({ text }) => text !== '' && !text.startsWith('#'));
  }
  return script.commands.flatMap(({ pos, end }) => {
    const text = joined.slice(pos, end).trim().replace(/;$/, '').trim();
    return text === '' ? [] : [{ text, line: first + newlines(joined.slice(0, pos)) }];
  });
}

/** A mention of a shell command. */
export function shellMention(
  command: ScriptCommand,
  rest: Pick<Mention, 'file' | 'role' | 'name'> & Partial<Pick<Mention, 'cwd' | 'env' | 'runner' | 'needs' | 'text'>>,
): Mention {
  return {
    cwd: '',
    env: {},
    text: command.text.split('\n')[0] ?? '',
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
  const plain = text.replace(/^\.\//, '').replace(/\/+$/, '');
  return /^(?:\/|~|\.\.(?:\/|$))|[$*]|\\/.test(plain) ? undefined : plain;
}

/** The members of an object of a file; none where the value is something else. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
