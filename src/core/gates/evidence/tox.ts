/** tox.ini: what its environments run. Pure. tox has its own dialect of INI files, so this reads sections and their commands. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { shellMention } from './commands.js';

/** A mention a command of each `[testenv…]`. */
export function readTox({ file, text }: EvidenceFile): readonly Mention[] {
  const mentions: Mention[] = [];
  let name: string | undefined;
  let inCommands = false;
  let open = '';
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const section = /^\[testenv(?::([^\]]+))?\]/.exec(line);
    if (line.startsWith('[')) {
      name = section ? (section[1]?.trim() ?? 'testenv') : undefined;
      inCommands = false;
      continue;
    }
    const option = /^([\w-]+)\s*=\s*(.*)$/.exec(line);
    if (option) inCommands = option[1] === 'commands';
    else if (line.trim() === '') continue;
    else if (!/^\s/.test(line)) inCommands = false;
    if (!inCommands || name === undefined) continue;
    open += ` ${(option ? (option[2] ?? '') : line).trim()}`;
    if (open.endsWith('\\')) {
      open = open.slice(0, -1);
      continue;
    }
    const command = plainCommand(open);
    open = '';
    if (command === '') continue;
    const runner = { program: 'tox', args: name === 'testenv' ? [] : ['-e', name] };
    mentions.push(shellMention({ text: command, line: index + 1 }, { file, name, role: 'task', runner }));
  }
  return mentions;
}

/** Without what tox puts in: options of a user, conditions on the environment, a dash that ignores failure. */
function plainCommand(text: string): string {
  return text
    .trim()
    .replace(/^#.*$/, '')
    .replace(/^[\w,.!{}-]+:\s+/, '')
    .replace(/^-\s*/, '')
    .replace(/\{posargs(?::([^{}]*))?\}/g, '$1')
    .replace(/\[\]/g, '')
    .replace(/\{envpython\}/g, 'python')
    .replace(/\{(?:toxinidir|tox_root)\}\/?/g, './')
    .replace(/\{envbindir\}\//g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
