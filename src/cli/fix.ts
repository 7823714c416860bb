/** `volley fix`: runs the fixers of gates, checks again, and can undo. */
import { CUT_SHORT, countText } from '../core/messages.js';
import { didNotPass } from '../core/parts.js';
import { relativeFile } from '../core/report/files.js';
import { fixDocument } from '../core/report/json.js';
import { outputText } from '../core/report/text.js';
import {
  type Context,
  chosenGates,
  exitCode,
  followed,
  printRun,
  reportRun,
  runSettings,
  scopeOf,
  unable,
  untilInterrupted,
} from './actions.js';
import { EXIT } from './exit.js';

export async function fixWorkspace(context: Context): Promise<number> {
  if (context.options.undo) return undo(context);
  const { engine, folder, io, options } = context;
  const gates = (await chosenGates(context))?.filter((gate) => gate.fix !== undefined);
  if (!gates) return EXIT.unable;
  const scope = scopeOf(options);
  const { newOnly: _newOnly, ...settings } = runSettings(context);
  let interrupted = false;
  const fixed = await untilInterrupted(async (stop) => {
    const waiting = new AbortController();
    let active: Awaited<ReturnType<typeof engine.fix>>;
    stop(async () => {
      interrupted = true;
      waiting.abort();
      await active?.run.cancel();
    });
    const onWait = () => io.error('Another window or terminal is fixing this folder; this fix begins when that has ended.');
    active = await engine.fix({ gates, scope, ...settings, signal: waiting.signal, onWait });
    if (interrupted) await active?.run.cancel();
    if (active) await followed(active.run, io, options);
    return active?.finished;
  });
  if (!fixed && interrupted) return EXIT.interrupted;
  if (!fixed)
    return unable(`None of these gates has a fixer: ${context.gates.join(', ') || 'all that were found'}.`, io, options);
  for (const { id, name, outcome } of fixed.run.operations) {
    const output = didNotPass(outcome) ? await engine.output(fixed.run.run, id, 20_000) : undefined;
    if (output?.text) io.error(outputText(name, output.text, output.omittedBytes, io.style));
  }
  if (!options.json) {
    io.print(
      `${countText(fixed.changed.length, 'file')} changed${fixed.undo === undefined ? '' : '; volley fix --undo puts them back'}`,
    );
    for (const file of fixed.changed) io.print(`  ${relativeFile(folder, file)}`);
  }
  for (const file of fixed.notKept)
    io.error(
      `  ${relativeFile(folder, file)} was changed or made meanwhile, too, although no fixer takes it: an undo leaves it as it is`,
    );
  if (interrupted) return EXIT.interrupted;
  const check = engine.run({ ...runSettings(context), gates, scope, label: 'Check after Fix' });
  const state = await untilInterrupted((stop) => {
    stop(() => check.cancel());
    return followed(check, io, options);
  });
  if (options.json) io.print(JSON.stringify(fixDocument(state, fixed, folder), null, 2));
  else await printRun(context, state);
  const reported = await reportRun(context, state);
  return fixed.run.outcome === 'errored' || !reported ? EXIT.unable : exitCode(state);
}

/** Undoes the newest fix. */
async function undo({ engine, folder, io }: Context): Promise<number> {
  const [newest] = await engine.fixes();
  if (newest?.goesOn) {
    io.error('The newest fix still goes on in another window or terminal. Undo it when it has ended.');
    return EXIT.unable;
  }
  const undone = newest && (await engine.undoFix(newest.id));
  if (!undone) {
    io.error('There is no fix to undo.');
    return EXIT.unable;
  }
  io.print(`${countText(undone.restored.length, 'file')} put back as before the fix`);
  for (const file of undone.restored) io.print(`  ${relativeFile(folder, file)}`);
  if (newest.cutShort) io.error(CUT_SHORT);
  for (const file of undone.conflicts)
    io.error(`  ${relativeFile(folder, file)} was changed again since, so it was left as it is`);
  for (const file of undone.failed)
    io.error(`  ${relativeFile(folder, file)} could not be put back: the disk does not allow it. Make room and try again`);
  return undone.conflicts.length + undone.failed.length > 0 ? EXIT.failed : EXIT.passed;
}
