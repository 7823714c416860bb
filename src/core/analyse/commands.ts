/** A list of shell commands, one a line, as people paste it or keep it in a file. Pure. */
import { addCommand, addShell } from './package-scripts.js';
import { type Sequence, SequenceBuilder, type SourceText } from './sequence.js';
import { FRESH_SHELL, type ShellState, shellParts, wholePart } from './shell-parts.js';

/** So many lines at most belong to one command: a loop, a text up to its end. */
const LONGEST_COMMAND = 60;

/** The commands in order, as one shell would run them. A line that is no valid shell is a problem and costs only itself. */
export function readCommands(source: SourceText): Sequence {
  const builder = new SequenceBuilder();
  const lines = source.text.split(/\r?\n/).map(withoutPrompt);
  let state: ShellState = { ...FRESH_SHELL, cwd: source.cwd };
  let passed: readonly number[] = [];
  for (let at = 0; at < lines.length; ) {
    const text = lines[at] ?? '';
    if (text.trim() === '' || text.trimStart().startsWith('#')) {
      at += 1;
      continue;
    }
    const { length, broken } = commandAt(lines, at, state);
    const place = { file: source.file, line: at + 1, source, requires: state.strict ? passed : [] };
    const command = lines.slice(at, at + length).join('\n');
    if (broken !== undefined)
      builder.problems.push({
        ...{ file: source.file, line: at + 1 },
        message: `Line ${at + 1} is no command that a shell understands: ${broken}. It was left out; mend it to have it in the batch.`,
      });
    else if (isOneCommand(command, state)) {
      const added = addShell(command, { ...place, state }, builder);
      passed = state.strict ? [...passed, ...added.operations] : [];
      state = added.state;
    } else {
      // It changes the shell in a way that cannot be followed, so all that comes after it belongs to it.
      const rest = lines.slice(at).join('\n').trim();
      addCommand(wholePart(state.before + rest, { ...state, quoted: rest }), { ...place, state }, builder);
      builder.notes.add(
        `From line ${at + 1} of ${source.file} on all is one operation, since that line changes the shell for what follows in a way that only the shell knows.`,
      );
      break;
    }
    at += length;
  }
  return builder.result();
}

/** What is copied from a terminal begins with its prompt. */
function withoutPrompt(line: string): string {
  return line.replace(/^\s*[$>%]\s+/, '');
}

/** How many lines the command that begins here has; why it is broken when no number of lines makes it whole. */
function commandAt(
  lines: readonly string[],
  at: number,
  state: ShellState,
): { readonly length: number; readonly broken?: string } {
  let broken = '';
  for (let length = 1; length <= LONGEST_COMMAND && at + length <= lines.length; length += 1) {
    if (lines[at + length - 1]?.endsWith('\\') && at + length < lines.length) continue;
    const parts = shellParts(lines.slice(at, at + length).join('\n'), state);
    if (parts.kind === 'parts') return { length };
    broken ||= parts.message;
  }
  return { length: 1, broken };
}

/** Whether what it changes of the shell can be followed. */
function isOneCommand(command: string, state: ShellState): boolean {
  const alone = shellParts(command, state);
  // Something harmless after it stays by itself only where the shell is known.
  const followed = shellParts(`${command}\n:`, state);
  if (alone.kind !== 'parts' || followed.kind !== 'parts') return true;
  return followed.parts.length > alone.parts.length;
}
