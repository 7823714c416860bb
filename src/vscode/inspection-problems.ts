/** What the editor says of the files of an inspection, now and whenever that changes. */
import * as vscode from 'vscode';
import type { FileProblems } from '../core/inspect/row.js';

/** Problems are told of at most this often. */
const COALESCE_MS = 200;

/** Problems of files by their indexes; null: none any more. */
export type ProblemChanges = readonly (readonly [index: number, problems: FileProblems | null])[];

export interface InspectionProblems extends vscode.Disposable {
  /** Forgets all files and what was said of them, and tells of changes from now on. */
  restart(): void;
  /** Follows a file, whose index is this. */
  follow(uri: vscode.Uri, index: number): void;
  /** What is said of the followed files now. */
  read(): ProblemChanges;
  /** What was said last of the file with this index. */
  of(index: number): FileProblems | undefined;
  /** Tells of nothing any more. */
  stop(): void;
}

/** Follows no file yet. `tell` is called with what changed, never with nothing. */
export function createInspectionProblems(tell: (changes: ProblemChanges) => void): InspectionProblems {
  let indexes = new Map<string, number>();
  let problems = new Map<number, FileProblems>();
  let active = false;
  let timer: NodeJS.Timeout | undefined;
  const changed = new Map<string, vscode.Uri>();
  const look = (uri: vscode.Uri, diagnostics: readonly vscode.Diagnostic[]): ProblemChanges => {
    const index = indexes.get(keyOf(uri));
    if (index === undefined) return [];
    const now = summaryOf(diagnostics);
    if (now) problems.set(index, now);
    else problems.delete(index);
    return [[index, now ?? null]];
  };
  const flush = () => {
    timer = undefined;
    const found = [...changed.values()].flatMap((uri) => look(uri, vscode.languages.getDiagnostics(uri)));
    changed.clear();
    if (active && found.length > 0) tell(found);
  };
  const subscription = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    if (!active) return;
    for (const uri of uris) if (indexes.has(keyOf(uri))) changed.set(keyOf(uri), uri);
    if (changed.size > 0) timer ??= setTimeout(flush, COALESCE_MS);
  });
  return {
    restart() {
      indexes = new Map();
      problems = new Map();
      active = true;
    },
    follow(uri, index) {
      indexes.set(keyOf(uri), index);
    },
    read: () =>
      vscode.languages.getDiagnostics().flatMap(([uri, diagnostics]) => (diagnostics.length > 0 ? look(uri, diagnostics) : [])),
    of: (index) => problems.get(index),
    stop() {
      active = false;
      changed.clear();
    },
    dispose() {
      clearTimeout(timer);
      subscription.dispose();
    },
  };
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
