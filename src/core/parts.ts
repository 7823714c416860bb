/** Pure: gates that run in parts. What a view shows of the gate as a whole is a function of its parts. */
import type { Finding, OperationState, Outcome, Phase, RunOutcome, Segment } from './model.js';

/** What was really executed: the parts of a divided operation in its place. */
export function leavesOf(operations: readonly OperationState[]): readonly OperationState[] {
  return operations.flatMap((operation) => operation.parts ?? [operation]);
}

/** `whole` as its parts make it: the worse outcome, all findings, and at each time the phase of the part that is furthest. */
export function asWhole(whole: OperationState, parts: readonly OperationState[]): OperationState {
  const { outcome: _outcome, exitCode: _exitCode, lane: _lane, ...rest } = whole;
  const ended = parts.map((part) => part.outcome).filter((outcome) => outcome !== undefined);
  const over = parts.length > 0 && ended.length === parts.length;
  const exitCodes = parts.map((part) => part.exitCode).filter((code) => code !== undefined);
  return {
    ...rest,
    parts,
    phase: over ? 'finished' : (PHASE_ORDER.find((phase) => parts.some((part) => part.phase === phase)) ?? 'pending'),
    segments: mergedSegments(parts),
    attempts: Math.max(...parts.map((part) => part.attempts)),
    findings: together(parts.map((part) => part.findings)),
    ...(parts.some((part) => part.known) ? { known: together(parts.map((part) => part.known ?? [])) } : {}),
    ...(parts.some((part) => part.whole) ? { whole: parts.some((part) => part.whole === 'failed') ? 'failed' : 'passed' } : {}),
    ...(parts.some((part) => part.baseMs) ? { baseMs: Math.max(...parts.map((part) => part.baseMs ?? 0)) } : {}),
    outputBytes: parts.reduce((sum, part) => sum + part.outputBytes, 0),
    tail: parts.findLast((part) => part.tail !== '')?.tail ?? '',
    ...(over ? { outcome: withKnown(worst(ended), parts) } : {}),
    ...(exitCodes.length > 0 ? { exitCode: Math.max(...exitCodes) } : {}),
  };
}

/** The outcome of a whole whose parts ended so. Of equals the first. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((worse, outcome) => (rank(outcome) > rank(worse) ? outcome : worse));
}

/** What a cached outcome stands for; any other stands for itself. */
export function effectiveKind(outcome: Outcome): Exclude<Outcome['kind'], 'cached'> {
  return outcome.kind === 'cached' ? outcome.was : outcome.kind;
}

/** Whether it found something, or could not do its work. */
export function didNotPass(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && ['failed', 'errored', 'timed out'].includes(effectiveKind(outcome));
}

/** With what was set apart of all parts. */
function withKnown(outcome: Outcome, parts: readonly OperationState[]): Outcome {
  if (outcome.kind !== 'passed' && outcome.kind !== 'failed') return outcome;
  const known = together(parts.map((part) => part.known ?? [])).length;
  return known === 0 ? outcome : { ...outcome, known };
}

/** The order in which findings are listed. */
export function byPlace(a: Finding, b: Finding): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column;
}

function rank(outcome: Outcome): number {
  const kind = effectiveKind(outcome);
  if (kind === 'cancelled' && outcome.kind === 'cancelled' && outcome.cause.kind === 'fail fast') return 2;
  return ['passed', 'skipped', '', 'failed', 'timed out', 'errored', 'cancelled'].indexOf(kind);
}

/** Furthest first. */
const PHASE_ORDER: readonly Phase[] = ['running', 'queued', 'locked', 'blocked'];

/** One account without gaps from the first part's beginning to the last one's end. */
function mergedSegments(parts: readonly OperationState[]): readonly Segment[] {
  const all = parts.flatMap((part) => part.segments);
  const times = [...new Set(all.flatMap(({ from, to }) => (to === undefined ? [from] : [from, to])))].sort((a, b) => a - b);
  const merged: Segment[] = [];
  for (const [index, from] of times.entries()) {
    const to = times[index + 1];
    const here = all.filter((segment) => segment.from <= from && (segment.to === undefined || segment.to > from));
    const phase = PHASE_ORDER.find((candidate) => here.some((segment) => segment.phase === candidate));
    if (phase === undefined) continue;
    const by = [...new Set(here.filter((segment) => segment.phase === phase).flatMap((segment) => segment.by ?? []))];
    const last = merged.at(-1);
    const joins = last?.phase === phase && last.to === from && String(last.by ?? []) === String(by);
    const start = joins && last ? last.from : from;
    if (joins) merged.pop();
    merged.push({ phase, from: start, ...(to === undefined ? {} : { to }), ...(by.length === 0 ? {} : { by }) });
  }
  return merged;
}

/** What every part says, such as a complaint about the configuration, is said once. By place, as parsers give them. */
function together(parts: readonly (readonly Finding[])[]): readonly Finding[] {
  const kept = new Map<string, number>();
  const all = parts.flatMap((findings) => {
    const own = new Map<string, number>();
    return findings.filter((finding) => {
      const key = JSON.stringify(finding);
      const count = (own.get(key) ?? 0) + 1;
      own.set(key, count);
      if (count <= (kept.get(key) ?? 0)) return false;
      kept.set(key, count);
      return true;
    });
  });
  return all.sort(byPlace);
}

/** Cancelled by the user or by shutdown outranks errored, errored outranks failed. */
export function runOutcome(outcomes: readonly (Outcome | undefined)[]): RunOutcome {
  const kinds = new Set(outcomes.map((outcome) => outcome && effectiveKind(outcome)));
  const stopped = outcomes.some(
    (outcome) => outcome?.kind === 'cancelled' && !['fail fast', 'budget'].includes(outcome.cause.kind),
  );
  if (stopped) return 'cancelled';
  if (kinds.has('errored') || kinds.has('timed out')) return 'errored';
  if (kinds.has('failed')) return 'failed';
  // What a budget left out has not passed.
  return outcomes.some((outcome) => outcome?.kind === 'cancelled' && outcome.cause.kind === 'budget') ? 'cancelled' : 'passed';
}
