/** What the command line writes to: results on standard output, progress and problems on standard error. */
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { PLAIN, type Style } from '../core/report/text.js';

export interface Terminal {
  /** Colours of standard output, none when it is no terminal or NO_COLOR is set. */
  readonly style: Style;
  print(text: string): void;
  error(text: string): void;
  /** Lines that are redrawn in place on standard error; undefined when that is no terminal. */
  readonly live?: { draw(lines: readonly string[]): void; clear(): void; readonly style: Style };
}

/** Reads the environment once: NO_COLOR, FORCE_COLOR, TERM. */
export function terminal(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Terminal {
  const update = stderr.isTTY && env['TERM'] !== 'dumb' && !env['CI'] ? createLogUpdate(stderr, { showCursor: true }) : undefined;
  return {
    style: styleOf(stdout, env),
    print: (text) => void stdout.write(`${text}\n`),
    error: (text) => void stderr.write(`${text}\n`),
    ...(update
      ? {
          live: {
            style: styleOf(stderr, env),
            draw: (lines) => update(lines.slice(0, Math.max(3, (stderr.rows ?? 24) - 2)).join('\n')),
            clear: () => update.clear(),
          },
        }
      : {}),
  };
}

function styleOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Style {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const wanted = env['NO_COLOR'] ? false : forced || (stream.isTTY === true && env['TERM'] !== 'dumb');
  if (!wanted) return PLAIN;
  const { bold, dim, red, green, yellow, cyan } = pc.createColors(true);
  return { bold, dim, red, green, yellow, cyan };
}
