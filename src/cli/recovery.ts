/** What a batch whose process was killed has left half done: put back before anything else is done, or told of. */
import { countText } from '../core/messages.js';
import type { Context } from './actions.js';

type Needed = Pick<Context, 'engine' | 'io'>;

/** Before a command that executes or writes something: nothing works on half of a group. */
export async function rollBackInterrupted({ engine, io }: Needed): Promise<void> {
  for (const { id, label } of await engine.interrupted()) {
    const undone = await engine.undoFix(id);
    // Another window or terminal was faster.
    if (!undone) continue;
    const conflicts =
      undone.conflicts.length === 0 ? '' : ` Changed by somebody else since, and left: ${undone.conflicts.join(', ')}.`;
    const failed =
      undone.failed.length === 0
        ? ''
        : ` The disk did not let Volley put back ${undone.failed.join(', ')}: make room and try again.`;
    const restored = countText(undone.restored.length, 'file');
    io.error(`${label} was interrupted before it was whole: ${restored} put back.${conflicts}${failed}`);
  }
}

/** Before a command that only reads: it changes nothing, but what it shows may be half of something. */
export async function tellInterrupted({ engine, io }: Needed): Promise<void> {
  for (const { label, files } of await engine.interrupted())
    io.error(
      `${label} was interrupted before it was whole: ${countText(files.length, 'file')} may be half changed. The next command that runs or writes something, such as volley run, puts them back.`,
    );
}
