/** Pure: a whole run or verification as a JSON document, schemas/report.schema.json: what every other format is made of. */

import type { Edge, OperationState, RunState } from '../model.js';
import { timing } from '../timing.js';
import { gateResult, JSON_VERSION, predictionOf, verifyDocument } from './json.js';
import { plainJson } from './plain-text.js';
import { sentInput } from './secrets.js';
import { type ReportSubject, titleOf } from './subject.js';

/** The document. Times are milliseconds since the start of the run; lines and columns count from 1; files are relative to `root`. */
export function jsonReport(subject: ReportSubject, root: string, version: string): string {
  return plainJson(reportDocument(subject, root, version), 2);
}

/** What `jsonReport` writes. */
export function reportDocument(subject: ReportSubject, root: string, version: string) {
  const head = { version: JSON_VERSION, producer: `volley ${version}`, kind: subject.kind, title: titleOf(subject) };
  if (subject.kind === 'verification') {
    const { verification, runs } = subject;
    return {
      ...head,
      verification: { id: verification.id, ...verifyDocument(verification, runs) },
      runs: runs.map((state) => runDetail(state, root)),
    };
  }
  const { state, measured } = subject;
  const ratio = measured?.ratio === undefined ? {} : { ratio: measured.ratio };
  const known = measured ? { measured: { verification: measured.id, verdict: measured.verdict, ...ratio } } : {};
  return { ...head, ...known, runs: [runDetail(state, root)] };
}

function runDetail(state: RunState, root: string) {
  const { run, label, startedAt, mode, scope, outcome, mostSlots, slotMoves, operations, edges, memory } = state;
  const { tree: _, slots, ...account } = timing(state);
  return {
    id: run,
    label,
    startedAt,
    mode,
    scope,
    of: state.inspection ? 'inspection' : state.batch ? 'batch' : 'gates',
    outcome: outcome ?? 'cancelled',
    ...(state.newOnly ? { newOnly: true } : {}),
    ...account,
    ...predictionOf(state.predicted),
    slots,
    ...(mostSlots === undefined ? {} : { mostSlots }),
    slotMoves,
    operations: operations.map((operation) => operationDetail(operation, state.at, root)),
    edges: edges.map(edgeDetail),
    ...(memory === undefined ? {} : { memory }),
  };
}

/** Without the environment of its command, which may hold secrets. */
function operationDetail(operation: OperationState, end: number, root: string): object {
  const { name, group, needs, attempts, exitCode, answer, command, invocation, segments, parts } = operation;
  const { parts: _, ...result } = gateResult(operation, end, root);
  return {
    ...result,
    name,
    group,
    tool: invocation?.tool ?? 'command',
    ...(command === undefined ? {} : { command: { argv: command.argv, cwd: command.cwd, shell: command.shell } }),
    ...(invocation === undefined ? {} : { input: sentInput(invocation.input) }),
    needs,
    attempts,
    segments: segments.map(({ phase, from, to = end, by, lane }) => ({
      phase,
      from,
      to,
      ...(by === undefined ? {} : { by }),
      ...(lane === undefined ? {} : { slot: lane + 1 }),
    })),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(answer === undefined ? {} : { summary: answer.summary }),
    ...(answer?.fusedWith === undefined ? {} : { fusedWith: answer.fusedWith }),
    ...(parts === undefined ? {} : { parts: parts.map((part) => operationDetail(part, end, root)) }),
  };
}

function edgeDetail({ from, to, reason }: Edge) {
  const { kind } = reason;
  return { from, to, reason: kind === 'hazard' ? reason.hazard : kind, ...(kind === 'hazard' ? { path: reason.path } : {}) };
}
