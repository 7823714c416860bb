/** Scripts that are tasks of mise by where they lie. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { record, shellMention } from './commands.js';
import { aliasMentions, optionsOf, tasksIn } from './mise.js';
import { isShellScript, scriptCommands } from './shell.js';
import { readToml } from './toml.js';

/** `#MISE depends=["lint"]`, `# [MISE] dir="web"`, `//MISE alias="t"`. */
const HEADER = /^\s*(?:#|\/\/|--|;)\s*(?:MISE|\[MISE\])\s+(\w+\s*=.*)$/gm;

/**
 * A mention a command of a script: `mise-tasks/test/unit.sh` is `mise run test:unit`. Of one in another language nobody knows what it
 * runs; a TOML file there holds tasks.
 */
export function readMiseFile({ file, text }: EvidenceFile): readonly Mention[] {
  const place = file.replace(/^(?:\.?mise-tasks|(?:\.config\/)?\.?mise\/tasks)\//, '');
  if (place.endsWith('.toml')) return tasksIn(record(readToml(text)), { file, text });
  const name = place
    .replace(/\.\w+$/, '')
    .replace(/(?:^|\/)_default$/, '')
    .replaceAll('/', ':');
  const said = [...text.matchAll(HEADER)].map(([, line = '']) => line).join('\n');
  const options = optionsOf(readToml(said) ?? {});
  if (options === undefined || name === '' || !(text.startsWith('#!') || said !== '')) return [];
  const { cwd, env, needs, aliases } = options;
  const runner = { program: 'mise', args: ['run', name] };
  const common = { file, name, cwd, role: 'task', runner, ...(needs.length > 0 ? { needs } : {}) } as const;
  const placed = text.replace(/\$(?:MISE_(?:PROJECT|CONFIG)_ROOT\b|\{MISE_(?:PROJECT|CONFIG)_ROOT\})/g, '.');
  const own = isShellScript({ file, text })
    ? scriptCommands({ file, text: placed }, { cwd, env }).map(({ command, quoted, env: set }) => ({
        ...shellMention(command, { ...common, env: set, text: quoted }),
        inShellScript: true as const,
      }))
    : [];
  // What only names others has one line without a command.
  const named = own.length === 0 && needs.length > 0 ? [shellMention({ text: '', line: 1 }, common)] : [];
  return [...own, ...named, ...aliasMentions(aliases, { file, line: 1, name })];
}
