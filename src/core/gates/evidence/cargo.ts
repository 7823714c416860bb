/** Aliases of Cargo in .cargo/config.toml: commands that somebody has to call before they count. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { record } from './commands.js';
import { readToml } from './toml.js';

/** A mention an alias that stands for a command of Cargo itself; those that start a program of the project are called by its words. */
export function readCargoAliases({ file, text }: EvidenceFile): readonly Mention[] {
  return Object.entries(record(readToml(text)?.['alias'])).flatMap(([name, value]) => {
    const words = typeof value === 'string' ? value.trim().split(/\s+/) : Array.isArray(value) ? value.map(String) : [];
    if (words.length === 0 || words[0] === '' || /^(?:r|run)$/.test(words[0] ?? '')) return [];
    const line = text.split('\n').findIndex((each) => each.trimStart().startsWith(name)) + 1;
    const common = { file, line, cwd: '', env: {}, role: 'task', name, offered: true } as const;
    return [
      {
        ...common,
        text: `${name} = ${words.join(' ')}`,
        command: { kind: 'argv', argv: ['cargo', ...words] },
        runner: { program: 'cargo', args: [name] },
      },
    ];
  });
}
