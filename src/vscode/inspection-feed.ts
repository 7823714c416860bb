/**
 * What the panel is told of the inspection that it shows: its rows in pieces, so that no turn of the event loop is long, and what the editor
 * says of its files, now and whenever that changes.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import type { InspectedSoFar, Inspection } from '../core/engine.js';
import type { Row } from '../core/inspect/columns.js';
import type { FileProblems } from '../core/inspect/row.js';
import type { RunId } from '../core/model.js';
import type { ToWebview } from '../protocol.js';

/** So many rows go in one message. */
const EACH_MESSAGE = 250;
/** Problems are told of at most this often. */
const COALESCE_MS = 200;

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
  let indexes = new Map<string, number>();
  let problems = new Map<number, FileProblems>();
  let timer: NodeJS.Timeout | undefined;
  const changed = new Map<string, vscode.Uri>();

  const sendProblems = (found: readonly (readonly [number, FileProblems | null])[]) => {
    if (shown && found.length > 0) post({ type: 'problems', run: shown.run, files: found });
  };
  const flush = () => {
    timer = undefined;
    const found: (readonly [number, FileProblems | null])[] = [];
    for (const [key, uri] of changed) {
      const index = indexes.get(key);
      if (index === undefined) continue;
      const now = summaryOf(vscode.languages.getDiagnostics(uri));
      if (now) problems.set(index, now);
      else problems.delete(index);
      found.push([index, now ?? null]);
    }
    changed.clear();
    sendProblems(found);
  };
  const subscription = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    if (!shown) return;
    for (const uri of uris) if (indexes.has(keyOf(uri))) changed.set(keyOf(uri), uri);
    if (changed.size > 0) timer ??= setTimeout(flush, COALESCE_MS);
  });
  return {
    async show(run, inspection) {
      growing = undefined;
      const own = { run, inspection };
      shown = own;
      problems = new Map();
      indexes = new Map();
      const { files, folder } = inspection;
      for (let from = 0; from < files.length; from += EACH_MESSAGE) {
        if (shown !== own) return;
        const piece = files.slice(from, from + EACH_MESSAGE);
        for (const [index, file] of piece.entries())
          indexes.set(keyOf(vscode.Uri.file(path.join(folder, file.path))), from + index);
        post({ type: 'inspected', run, from, files: piece });
        await nextTurn();
      }
      const found: (readonly [number, FileProblems])[] = [];
      for (const [uri, diagnostics] of vscode.languages.getDiagnostics()) {
        const index = indexes.get(keyOf(uri));
        const now = index === undefined ? undefined : summaryOf(diagnostics);
        if (index === undefined || !now) continue;
        problems.set(index, now);
        found.push([index, now]);
      }
      if (shown === own) sendProblems(found);
    },
    async grow(run, soFar) {
      shown = undefined;
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
      changed.clear();
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
        const known = problems.get(index);
        return file ? [{ file, ...(known ? { problems: known } : {}) }] : [];
      });
    },
    dispose() {
      clearTimeout(timer);
      subscription.dispose();
    },
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

/** By which a file is known, however the editor spells its drive. */
function keyOf(uri: vscode.Uri): string {
  return uri.scheme === 'file' ? uri.fsPath : uri.toString();
}

/** Undefined when there are none. */
function summaryOf(diagnostics: readonly vscode.Diagnostic[]): FileProblems | undefined {
  const count = (severity: vscode.DiagnosticSeverity) => diagnostics.filter((each) => each.severity === severity).length;
  // The lower the number the worse.
  const [worst] = [...diagnostics].sort((a, b) => a.severity - b.severity);
  if (!worst) return undefined;
  const errors = count(vscode.DiagnosticSeverity.Error);
  const warnings = count(vscode.DiagnosticSeverity.Warning);
  const { line, character } = worst.range.start;
  return {
    errors,
    warnings,
    others: diagnostics.length - errors - warnings,
    place: { line: line + 1, column: character + 1 },
  };
}
