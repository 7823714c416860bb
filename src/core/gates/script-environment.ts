/** What `env` and `cross-env` tell the program that they start. Pure. */

/** Their words up to the program that they start. */
export interface EnvCall {
  readonly set: Readonly<Record<string, string>>;
  /** Variables that the program does not get, whoever has set them. */
  readonly without: ReadonlySet<string>;
  /** The line that it splits into words itself: `env -S 'tool --option'`. */
  readonly line?: string;
  /** Where the program begins. */
  readonly start: number;
}

/** The words behind `env`; undefined where it starts something in another folder, or is told what nobody here knows. */
export function setByEnv(words: readonly string[]): EnvCall | undefined {
  const set: Record<string, string> = {};
  const without = new Set<string>();
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
    const [, option = '', value] = /^(-u|--unset|-S|--split-string)(?:=?(.+))?$/s.exec(word) ?? [];
    if (assignment) set[assignment[1] ?? ''] = assignment[2] ?? '';
    else if (option !== '') {
      if (value === undefined) index += 1;
      const told = value ?? words[index] ?? '';
      if (/S|split/.test(option)) return { set, without, line: told, start: index + 1 };
      without.add(told);
    } else if (word === '--') return { set, without, start: index + 1 };
    else if (!/^(?:-|-[iv]+|--ignore-environment|--debug|--(?:default|ignore|block)-signal(?:=.*)?)$/.test(word)) break;
  }
  return words[index]?.startsWith('-') ? undefined : { set, without, start: index };
}
