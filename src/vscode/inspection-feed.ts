/**
 * What the panel is told of the inspection that it shows: its rows in pieces, so that no turn of the event loop is long, and what the editor
 * says of its files, now and whenever that changes.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import type { InspectedSoFar, Inspection } from '../core/engine.js';
import type { Row } from '../core/inspect/columns.js';
import type { RunId } from '../core/model.js';
import type { ToWebview } from '../protocol.js';
import { createInspectionProblems } from './inspection-problems.js';

/** So many rows go in one message. */
const EACH_MESSAGE = 250;

export interface InspectionFeed extends vscode.Disposable {
  /** Sends rows and problems, and from then on what changes of these. Stops what was shown before. */
  show(run: RunId, inspection: Inspection): Promise<void>;
  /** Sends the rows that one that goes on has more than when this was asked last, without problems. Stops what was shown before. */
  grow(run: RunId, soFar: InspectedSoFar): Promise<void>;
  /** Sends nothing any more. */
  hide(): void;
  /** What is shown, when it is that of this run. */
  shown(run: RunId): Inspection | undefined;
  /** The file of a row that was sent; absolute, native. */
  file(run: RunId, row: number): string | undefined;
  /** Its rows with their problems by their indexes; indexes that it does not have are left out. */
  rows(run: RunId, indexes: readonly number[]): readonly Row[];
}

export function createInspectionFeed(post: (message: ToWebview) => void): InspectionFeed {
  let shown: { readonly run: RunId; readonly inspection: Inspection } | undefined;
  let growing: Growing | undefined;
  const problems = createInspectionProblems((files) => {
    if (shown) post({ type: 'problems', run: shown.run, files });
  });
  return {
    async show(run, inspection) {
      growing = undefined;
      const own = { run, inspection };
      shown = own;
      problems.restart();
      const { files, folder } = inspection;
      for (let from = 0; from < files.length; from += EACH_MESSAGE) {
        if (shown !== own) return;
        const piece = files.slice(from, from + EACH_MESSAGE);
        for (const [index, file] of piece.entries()) problems.follow(vscode.Uri.file(path.join(folder, file.path)), from + index);
        post({ type: 'inspected', run, from, files: piece });
        await nextTurn();
      }
      if (shown !== own) return;
      const found = problems.read();
      if (found.length > 0) post({ type: 'problems', run, files: found });
    },
    async grow(run, soFar) {
      shown = undefined;
      problems.stop();
      if (growing?.run !== run) growing = { run, soFar, sent: 0, sending: false };
      const own = growing;
      if (own.sending) return;
      own.sending = true;
      while (growing === own && own.sent < soFar.files.length) {
        const from = own.sent;
        const files = soFar.files.slice(from, from + EACH_MESSAGE);
        own.sent += files.length;
        post({ type: 'inspected', run, from, files });
        await nextTurn();
      }
      own.sending = false;
    },
    hide() {
      shown = undefined;
      growing = undefined;
      problems.stop();
    },
    file(run, row) {
      const { folder, files } =
        (shown?.run === run ? shown.inspection : growing?.run === run ? growing.soFar : undefined) ?? NO_FILES;
      const file = files[row];
      return file && path.join(folder, file.path);
    },
    shown: (run) => (shown?.run === run ? shown.inspection : undefined),
    rows(run, wanted) {
      const files = shown?.run === run ? shown.inspection.files : [];
      return wanted.flatMap((index): readonly Row[] => {
        const file = files[index];
        const known = problems.of(index);
        return file ? [{ file, ...(known ? { problems: known } : {}) }] : [];
      });
    },
    dispose: () => problems.dispose(),
  };
}

interface Growing {
  readonly run: RunId;
  readonly soFar: InspectedSoFar;
  sent: number;
  sending: boolean;
}

const NO_FILES: InspectedSoFar = { folder: '', files: [] };

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
