/** Sources as the readers of an analysis are given them, and sequences in a form that is read in a table. */
import type { Sequence, SourceText } from '../../src/core/analyse/sequence.js';

export interface SourceOptions {
  readonly file?: string;
  readonly cwd?: string;
  /** By directory. */
  readonly scripts?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly local?: readonly string[];
  readonly folder?: string;
}

/** A source in a workspace in which only what is said here exists. */
export function sourceOf(
  text: string,
  { file = 'source', cwd = '', scripts = {}, local = [], folder = '/w' }: SourceOptions = {},
): SourceText {
  const byDirectory = new Map(Object.entries(scripts).map(([directory, own]) => [directory, new Map(Object.entries(own))]));
  return {
    file,
    text,
    cwd,
    folder,
    scriptsIn: (directory) => byDirectory.get(directory) ?? new Map(),
    isLocal: (program) => local.includes(program),
  };
}

/** Each operation on a line: what it is given, where and with what, after which it runs only if they passed, where it stands. */
export function linesOf({ operations }: Pick<Sequence, 'operations'>): readonly string[] {
  return operations.map(({ tool, input, requires, line, together, onFailure, durationMs, failed }, index) => {
    const { shell, argv, cwd, env, ...rest } = input as {
      shell?: string;
      argv?: readonly string[];
      cwd?: string;
      env?: Readonly<Record<string, string>>;
    };
    const given = shell ?? (argv === undefined ? JSON.stringify(rest) : `[${argv.join(' ')}]`);
    return [
      `${index}`,
      ...(tool === 'command' ? [] : [tool]),
      given,
      ...(cwd === undefined ? [] : [`in ${cwd}`]),
      ...(env === undefined
        ? []
        : [
            Object.entries(env)
              .map(([name, value]) => `${name}=${value}`)
              .join(' '),
          ]),
      ...(requires.length === 0 ? [] : [`after ${requires.join(',')}`]),
      ...(together === undefined ? [] : ['together']),
      ...(onFailure === undefined ? [] : ['may fail']),
      ...(durationMs === undefined ? [] : [`${durationMs} ms`]),
      ...(failed ? ['failed'] : []),
      ...(line === undefined ? [] : [`line ${line}`]),
    ].join(' | ');
  });
}
