/** `volley inspect`. */
import path from 'node:path';
import {
  inspectionCsv,
  inspectionDocument,
  inspectionNotes,
  inspectionSummary,
  inspectionTable,
} from '../core/report/inspection.js';
import { type Context, followed, isFolder, notAFolder, slotsOf, unable, untilInterrupted } from './actions.js';
import { EXIT } from './exit.js';

/** Prints a table, comma-separated values or one document. Resolves with the exit code. */
export async function inspectFiles(context: Context): Promise<number> {
  const { engine, folder, gates: paths, io, options } = context;
  if (!(await isFolder(folder))) return unable(notAFolder(folder), io, options);
  const selection = (paths.length > 0 ? paths : ['.']).map((each) => path.resolve(folder, each));
  const planned = await engine.planInspection({ scope: { kind: 'selected', files: selection }, slots: slotsOf(options).slots });
  if (planned.kind === 'nothing') return unable(planned.message, io, options);
  const active = planned.start();
  const state = await untilInterrupted((stop) => {
    stop(() => active.cancel());
    // Lines of pieces that ended would only be in the way of the table.
    return followed(active, io, io.live && !options.csv ? options : { ...options, json: true });
  });
  if (state.outcome === 'cancelled') return EXIT.interrupted;
  const inspection = active.inspection();
  if (!inspection) return unable('The inspection could not be carried out. With --verbose Volley says why.', io, options);
  const rows = inspection.files.map((file) => ({ file }));
  if (options.json) io.print(JSON.stringify(inspectionDocument(inspection, rows), null, 2));
  else if (options.csv) io.print(inspectionCsv(rows).trimEnd());
  else io.print(`${inspectionTable(inspection.files, io.style)}\n\n${inspectionSummary(inspection)}`);
  // In a document they stand already.
  if (!options.json) for (const note of inspectionNotes(inspection)) io.error(note);
  return state.outcome === 'passed' && !inspection.files.some(({ kind }) => kind === 'unread') ? EXIT.passed : EXIT.failed;
}
