/** Pure: the documents of `--json`. Their schemas stand in schemas/ and carry the same version. */

import type { Detection } from '../gate-model.js';
import type { Difference, Verification } from '../measured.js';
import { outcomeReason } from '../messages.js';
import type { Finding, OperationState, Prediction, RunState } from '../model.js';
import { effectiveKind } from '../parts.js';
import { spansOf, timing } from '../timing.js';
import { relativeFile } from './files.js';

/** Raised when a document changes so that a reader of the old one could misread it. */
export const JSON_VERSION = 1;

/** `volley list --json`. */
export function listDocument(detection: Detection, root: string) {
  return {
    version: JSON_VERSION,
    gates: detection.gates.map((gate) => ({
      id: gate.id,
      name: gate.name,
      tool: gate.tool,
      category: gate.category,
      command: [...gate.command.argv, ...(gate.files.kind === 'files' ? gate.files.targets : [])],
      cwd: gate.command.cwd,
      available: gate.availability.kind === 'available',
      ...(gate.availability.kind === 'unavailable' ? { install: gate.availability.install } : {}),
      evidence: gate.evidence.map(({ file, text }) => ({ file, text })),
    })),
    warnings: detection.warnings.map(({ file, line, column, message }) => ({
      file: relativeFile(root, file),
      line,
      column,
      message,
    })),
  };
}

/** `volley run --json`. Times are milliseconds; lines and columns count from 1; files are relative to the workspace. */
export function runDocument(state: RunState, root: string) {
  const account = timing(state);
  return {
    version: JSON_VERSION,
    outcome: state.outcome ?? 'cancelled',
    makespanMs: account.makespanMs,
    sumMs: account.sumMs,
    slots: state.slots,
    ...slotMovesOf(state),
    ...predictionOf(state.predicted),
    ...(state.newOnly ? { newOnly: true } : {}),
    gates: state.operations.map((operation) => gateResult(operation, state.at, root)),
  };
}

/** Every change of the number of slots; nothing where it stayed. */
export function slotMovesOf({ slotMoves }: RunState) {
  return slotMoves.length === 0 ? {} : { slotMoves };
}

/** What was predicted, in milliseconds, to stand beside what came; nothing where a duration was unknown. */
export function predictionOf(predicted: Prediction | undefined) {
  if (predicted === undefined) return {};
  const { ms, lowMs, highMs, runs } = predicted;
  return {
    predictedMs: ms,
    ...(lowMs === undefined || highMs === undefined ? {} : { predictedBetweenMs: [lowMs, highMs] }),
    ...(runs === undefined ? {} : { predictedFromRuns: runs }),
  };
}

/** How an operation ended, what it found and where its time went, until `end`. */
export function gateResult(operation: OperationState, end: number, root: string) {
  const { outcome, workers, parts, known, baseMs } = operation;
  const reason = outcome && outcomeReason(outcome);
  return {
    ...ended(operation, end),
    ...(reason === undefined ? {} : { reason }),
    ...(outcome?.kind === 'cached' ? { cached: { run: outcome.run, ageMs: outcome.ageMs } } : {}),
    ...(workers === undefined ? {} : { workers }),
    findings: operation.findings.map((finding) => relativeFinding(finding, root)),
    ...(known === undefined ? {} : { known: known.map((finding) => relativeFinding(finding, root)) }),
    ...(baseMs === undefined ? {} : { baseMs }),
    ...(parts === undefined ? {} : { parts: parts.map((part) => ended(part, end)) }),
  };
}

function ended(operation: OperationState, end: number) {
  const spans = spansOf(operation, end);
  const { id, outcome } = operation;
  return { id, outcome: outcome ? effectiveKind(outcome) : 'cancelled', durationMs: spans.running, spans };
}

/** As users see it: by what an output is recognised concerns nobody else. */
function relativeFinding({ digest: _, ...finding }: Finding, root: string) {
  const related = finding.related?.map((place) => ({ ...place, file: relativeFile(root, place.file) }));
  return { ...finding, file: relativeFile(root, finding.file), ...(related === undefined ? {} : { related }) };
}

/** In place of the document of a batch that cannot run. */
export function batchProblemsDocument(
  problems: readonly { readonly line: number; readonly column: number; readonly message: string }[],
) {
  const [first] = problems;
  const error = first ? `${first.line}:${first.column} ${first.message}` : 'The batch cannot run.';
  return { version: JSON_VERSION, error, problems };
}

/** `volley fix --json`: the run that checked after the fix, with what the fix did. */
export function fixDocument(
  check: RunState,
  fixed: { readonly run: RunState; readonly changed: readonly string[] },
  root: string,
) {
  const gates = fixed.run.operations.map(({ id, outcome }) => {
    const reason = outcome && outcomeReason(outcome);
    return { id, outcome: outcome ? effectiveKind(outcome) : 'cancelled', ...(reason === undefined ? {} : { reason }) };
  });
  const changed = fixed.changed.map((file) => relativeFile(root, file));
  return { ...runDocument(check, root), fix: { outcome: fixed.run.outcome ?? 'cancelled', changed, gates } };
}

/** In place of any other document, when nothing was done. */
export function errorDocument(error: string) {
  return { version: JSON_VERSION, error };
}

/** `volley verify --json`. Times are milliseconds. */
export function verifyDocument(verification: Verification, runs: readonly RunState[]) {
  const { trials, differences, id: _, startedAt, ...rest } = verification;
  const outcomes = new Map(runs.map((run) => [run.run, run.outcome]));
  const equal = (...what: readonly Difference['what'][]) => differences.every((difference) => !what.includes(difference.what));
  return {
    version: JSON_VERSION,
    startedAt,
    ...rest,
    trials: trials.map(({ run, ...trial }) => ({ ...trial, outcome: outcomes.get(run) })),
    equal: {
      outcomes: equal('outcome', 'exit code'),
      findings: equal('findings'),
      answers: equal('answer'),
      ...(verification.filesNotCompared === undefined ? { files: equal('file') } : {}),
    },
    differences,
  };
}
