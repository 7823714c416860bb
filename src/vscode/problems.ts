/** Findings in the Problems view: one collection a gate, replaced exactly when that gate has checked anew. */
import * as vscode from 'vscode';
import type { Warning } from '../core/gate-model.js';
import { findingMessage } from '../core/messages.js';
import type { Finding, FindingTag, GateId, OperationState, RelatedLocation, Severity } from '../core/model.js';
import type { Change, LastResult, Session } from './session.js';

/** What Problems says of a gate. */
interface Shown {
  readonly last: LastResult;
  /** Of the last result, and of earlier ones where that was limited to other files. */
  readonly findings: readonly Finding[];
}

/** Keeps Problems equal to the last results of this window. */
export function createProblems(session: Session): vscode.Disposable {
  const collections = new Map<GateId, vscode.DiagnosticCollection>();
  /** Kept also for gates that are not detected at the moment: they may be back when a damaged file is repaired. */
  const shown = new Map<GateId, Shown>();
  const warnings = vscode.languages.createDiagnosticCollection('volley');
  const collectionOf = (id: GateId) => {
    const known = collections.get(id) ?? vscode.languages.createDiagnosticCollection(`volley ${id}`);
    collections.set(id, known);
    return known;
  };
  const show = (id: GateId) => {
    const last = session.last(id);
    // Findings of an earlier window may no longer be where they were.
    if (!last || last.restored || shown.get(id)?.last === last || !checkedAnew(last.operation)) return;
    const findings = merged(shown.get(id)?.findings ?? [], last.operation);
    shown.set(id, { last, findings });
    if (findings.length > 0) replace(collectionOf(id), findings, diagnosticOf);
    else collections.get(id)?.clear();
  };
  const showAgain = (id: GateId) => {
    const findings = shown.get(id)?.findings ?? [];
    if (findings.length > 0 && !collections.has(id)) replace(collectionOf(id), findings, diagnosticOf);
  };
  const forget = () => {
    const detected = new Set(session.detection?.gates.map(({ id }) => id));
    for (const [id, collection] of collections) {
      if (detected.has(id)) continue;
      collection.dispose();
      collections.delete(id);
    }
    for (const id of detected) showAgain(id);
    replace(warnings, session.detection?.warnings ?? [], warningOf);
  };
  const onChange = (change: Change) => {
    if (change.detection) forget();
    for (const id of change.operations) show(id as string as GateId);
  };
  const subscription = session.onDidChange(onChange);
  return {
    dispose() {
      vscode.Disposable.from(subscription, warnings, ...collections.values()).dispose();
    },
  };
}

/** What a result leaves to be shown: one that was limited to files says nothing about the others. */
function merged(before: readonly Finding[], { findings, files }: OperationState): readonly Finding[] {
  if (!files) return findings;
  const limited = new Set(files);
  const kept = before.filter(({ file }) => !limited.has(file));
  // A tool may find something outside of the files that it was given, which may be known.
  const known = new Set(kept.map((finding) => JSON.stringify(finding)));
  return [...kept, ...findings.filter((finding) => !known.has(JSON.stringify(finding)))];
}

/** A gate that did not get to its end says nothing about findings, unless it found some before. */
function checkedAnew({ outcome, findings }: OperationState): boolean {
  switch (outcome?.kind) {
    case 'passed':
    case 'failed':
    case 'cached':
      return true;
    case 'errored':
    case 'timed out':
      return findings.length > 0;
    case 'cancelled':
    case 'skipped':
    case 'rolled back':
    case undefined:
      return false;
    default:
      return outcome satisfies never;
  }
}

function replace<Item extends { readonly file: string }>(
  collection: vscode.DiagnosticCollection,
  items: readonly Item[],
  diagnosticOf: (item: Item) => vscode.Diagnostic,
): void {
  const files = new Map<string, vscode.Diagnostic[]>();
  for (const item of items) {
    const known = files.get(item.file);
    if (known) known.push(diagnosticOf(item));
    else files.set(item.file, [diagnosticOf(item)]);
  }
  collection.clear();
  collection.set([...files].map(([file, diagnostics]) => [vscode.Uri.file(file), diagnostics]));
}

/** A finding as the Problems view shows it. Lines and columns count from 0 there. */
export function diagnosticOf(finding: Finding): vscode.Diagnostic {
  const { line, column, endLine = line, endColumn = column } = finding;
  const diagnostic = new vscode.Diagnostic(
    rangeOf(line, column, endLine, endColumn),
    findingMessage(finding),
    severityOf(finding.severity),
  );
  diagnostic.source = finding.source;
  const code = codeOf(finding);
  if (code !== undefined) diagnostic.code = code;
  if (finding.tags) diagnostic.tags = finding.tags.map(tagOf);
  if (finding.related) diagnostic.relatedInformation = finding.related.map(relatedOf);
  return diagnostic;
}

function tagOf(tag: FindingTag): vscode.DiagnosticTag {
  return tag === 'unused' ? vscode.DiagnosticTag.Unnecessary : vscode.DiagnosticTag.Deprecated;
}

function relatedOf({ file, line, column, endLine = line, endColumn = column, message }: RelatedLocation) {
  const location = new vscode.Location(vscode.Uri.file(file), rangeOf(line, column, endLine, endColumn));
  return new vscode.DiagnosticRelatedInformation(location, message);
}

function codeOf({ rule, ruleUrl }: Finding): vscode.Diagnostic['code'] {
  if (rule === undefined || ruleUrl === undefined || !/^https?:\/\//.test(ruleUrl)) return rule;
  return { value: rule, target: vscode.Uri.parse(ruleUrl) };
}

function warningOf({ line = 1, column = 1, message }: Warning): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(rangeOf(line, column, line, column), message, vscode.DiagnosticSeverity.Warning);
  diagnostic.source = 'Volley';
  return diagnostic;
}

function rangeOf(line: number, column: number, endLine: number, endColumn: number): vscode.Range {
  const from0 = (value: number) => Math.max(0, Math.floor(value) - 1) || 0;
  return new vscode.Range(from0(line), from0(column), from0(endLine), from0(endColumn));
}

function severityOf(severity: Severity): vscode.DiagnosticSeverity {
  switch (severity) {
    case 'error':
      return vscode.DiagnosticSeverity.Error;
    case 'warning':
      return vscode.DiagnosticSeverity.Warning;
    case 'information':
      return vscode.DiagnosticSeverity.Information;
    case 'hint':
      return vscode.DiagnosticSeverity.Hint;
    default:
      return severity satisfies never;
  }
}
