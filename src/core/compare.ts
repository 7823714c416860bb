/** Pure: two runs span by span. Operations are matched by id, findings by what they say; every difference is the second run minus the first. */
import { outcomeText, scopeText } from './messages.js';
import type { Finding, OperationId, OperationState, Phase, RunState } from './model.js';
import { PHASES } from './model.js';
import { firstSlots, spansOf, timing } from './timing.js';
import type { Both, ComparedOperation, ComparedRun, Comparison, FindingText, MakespanShare } from './trend-model.js';

/** Never fails: runs that have nothing in common have no operation in both. */
export function compareRuns(before: RunState, after: RunState): Comparison {
  const earlier = new Map(before.operations.map((operation) => [operation.id, operation]));
  const later = new Map(after.operations.map((operation) => [operation.id, operation]));
  const paths = [pathOf(before), pathOf(after)] as const;
  const ends = [before.at, after.at] as const;
  return {
    before: runOf(before),
    after: runOf(after),
    unlike: unlikeTexts(before, after),
    makespan: both(timing(before).makespanMs, timing(after).makespanMs),
    shares: sharesOf(paths, new Map([...earlier, ...later].map(([id, { name }]) => [id, name]))),
    operations: after.operations.flatMap((operation) => {
      const other = earlier.get(operation.id);
      return other ? [operationOf(other, operation, ends, paths)] : [];
    }),
    onlyBefore: onlyIn(before, later),
    onlyAfter: onlyIn(after, earlier),
  };
}

function both(before: number, after: number): Both {
  return { before, after, difference: after - before };
}

function runOf(state: RunState): ComparedRun {
  const { run, label, startedAt, mode, scope, outcome } = state;
  const { makespanMs } = timing(state);
  return {
    run,
    label,
    startedAt,
    mode,
    scope,
    slots: firstSlots(state),
    ...(outcome === undefined ? {} : { outcome }),
    makespanMs,
  };
}

function unlikeTexts(before: RunState, after: RunState): readonly string[] {
  const texts: string[] = [];
  const mode = ({ mode }: RunState) => (mode === 'sequential' ? 'one after another' : 'in parallel');
  if (before.mode !== after.mode) texts.push(`The first ran ${mode(before)}, the second ${mode(after)}.`);
  if (before.scope !== after.scope)
    texts.push(`The first was about ${scopeText(before.scope)}, the second about ${scopeText(after.scope)}.`);
  if (before.mode === after.mode && firstSlots(before) !== firstSlots(after))
    texts.push(`The first began with ${firstSlots(before)} at once, the second with ${firstSlots(after)}.`);
  if ((before.newOnly ?? false) !== (after.newOnly ?? false))
    texts.push(`Only the ${before.newOnly ? 'first' : 'second'} tells of new findings only.`);
  for (const [name, state] of [
    ['first', before],
    ['second', after],
  ] as const)
    if (state.outcome === 'cancelled') texts.push(`The ${name} was cancelled.`);
  const answered = (state: RunState) => state.operations.filter(({ outcome }) => outcome?.kind === 'cached').length;
  if (answered(before) !== answered(after))
    texts.push(`The first had ${answered(before)} answered from the cache, the second ${answered(after)}.`);
  return texts;
}

function onlyIn(state: RunState, others: ReadonlyMap<OperationId, OperationState>): Comparison['onlyBefore'] {
  return state.operations
    .filter(({ id }) => !others.has(id))
    .map((operation) => ({
      id: operation.id,
      name: operation.name,
      outcome: endText(operation),
      ms: spansOf(operation, state.at).running,
    }));
}

function endText({ outcome, phase }: OperationState): string {
  return outcome ? outcomeText(outcome) : phase;
}

function operationOf(
  before: OperationState,
  after: OperationState,
  ends: readonly [number, number],
  paths: readonly [Path, Path],
): ComparedOperation {
  const spans = [spansOf(before, ends[0]), spansOf(after, ends[1])] as const;
  const starts = [startOf(before), startOf(after)] as const;
  const outcomes = { before: endText(before), after: endText(after) };
  const share = (path: Path) => (path.running.get(after.id) ?? 0) + (path.waiting.get(after.id) ?? 0);
  return {
    ...{ id: after.id, name: after.name, group: after.group },
    outcomes: { ...outcomes, changed: outcomes.before !== outcomes.after },
    findings: {
      before: before.findings.length,
      after: after.findings.length,
      gained: unmatched(after.findings, before.findings),
      lost: unmatched(before.findings, after.findings),
    },
    phases: Object.fromEntries(PHASES.map((phase) => [phase, both(spans[0][phase], spans[1][phase])])) as Record<Phase, Both>,
    ...(starts[0] === undefined || starts[1] === undefined ? {} : { start: both(starts[0], starts[1]) }),
    onPath: both(share(paths[0]), share(paths[1])),
  };
}

function startOf({ segments }: OperationState): number | undefined {
  return segments.find(({ phase }) => phase === 'running')?.from;
}

// -------------------------------------------------------------------------------------------------------------- findings

/** Those of `findings` that `others` does not have. One that only moved within its file is the same; equal ones are counted. */
function unmatched(findings: readonly Finding[], others: readonly Finding[]): readonly FindingText[] {
  const left = new Map<string, Finding[]>();
  for (const other of others) left.set(sayingOf(other), [...(left.get(sayingOf(other)) ?? []), other]);
  const take = (finding: Finding, matches: (other: Finding) => boolean) => {
    const same = left.get(sayingOf(finding)) ?? [];
    const index = same.findIndex(matches);
    if (index >= 0) same.splice(index, 1);
    return index >= 0;
  };
  // What stands where it stood is no moved one.
  const moved = findings.filter(
    (finding) => !take(finding, ({ line, column }) => line === finding.line && column === finding.column),
  );
  return moved.filter((finding) => !take(finding, () => true)).map(findingText);
}

/** The end of an output may name times, so that it says no more than that the gate failed without naming a place. */
function sayingOf({ file, severity, rule, message, output, digest }: Finding): string {
  return JSON.stringify(output ? [file, 'output', digest ?? ''] : [file, severity, rule ?? '', message]);
}

function findingText({ file, line, column, severity, rule, message }: Finding): FindingText {
  return { file, line, column, severity, ...(rule === undefined ? {} : { rule }), message };
}

// -------------------------------------------------------------------------------------------------------------- makespan

/** The makespan of a run, divided without rest: what ran on its critical path, what each step waited before, and the end. */
interface Path {
  readonly running: ReadonlyMap<OperationId, number>;
  readonly waiting: ReadonlyMap<OperationId, number>;
  readonly rest: number;
}

function pathOf(state: RunState): Path {
  const { criticalPath, makespanMs } = timing(state);
  // A part counts for what it is a part of.
  const wholes = new Map(state.operations.flatMap(({ id, parts = [] }) => parts.map((part) => [part.id, id] as const)));
  const running = new Map<OperationId, number>();
  const waiting = new Map<OperationId, number>();
  let at = 0;
  for (const { operation, from, to } of criticalPath) {
    const id = wholes.get(operation) ?? operation;
    const begin = Math.max(at, from);
    const end = Math.max(begin, to);
    waiting.set(id, (waiting.get(id) ?? 0) + begin - at);
    running.set(id, (running.get(id) ?? 0) + end - begin);
    at = end;
  }
  return { running, waiting, rest: makespanMs - at };
}

/** Shares that differ, the largest difference first. They add up to the difference of the makespans. */
function sharesOf(paths: readonly [Path, Path], names: ReadonlyMap<OperationId, string>): readonly MakespanShare[] {
  const [before, after] = paths;
  const ids = [...new Set([...before.running.keys(), ...after.running.keys()])];
  const shares = ids.flatMap((operation) =>
    (['running', 'waiting'] as const).map((what): MakespanShare => {
      const name = names.get(operation) ?? operation;
      return { operation, name, what, ...both(before[what].get(operation) ?? 0, after[what].get(operation) ?? 0) };
    }),
  );
  const rest: MakespanShare = { name: 'After the last operation', what: 'rest', ...both(before.rest, after.rest) };
  return [...shares, rest]
    .filter(({ difference }) => difference !== 0)
    .sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference));
}
