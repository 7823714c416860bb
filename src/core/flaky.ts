/**
 * Pure: which gates are flaky. A gate is, when it ended otherwise though nothing it depends on did: in two runs with the same key (the
 * cache's fingerprint of all that decides a result), in two runs shortly after each other in which no file of the workspace differed, in
 * trials of one verification, or when it passed only after it was tried again.
 * Where no two runs are known to have had the same to check, nothing is known, and that is what is said.
 */
import type { RunId } from './model.js';
import type { Contradiction, Flakiness, OperationFigures, RunFigures } from './trend-model.js';

/** Of one gate the newest of its contradictions are told. */
const MOST_TOLD = 5;
const CONCLUSIVE: readonly OperationFigures['outcome'][] = ['passed', 'failed', 'errored', 'timed out'];

/** A gate in a run in which it was executed. */
export interface Executed {
  readonly run: RunFigures;
  readonly operation: OperationFigures;
}

/** What is known of one gate, of all its executions, oldest first. */
export function flakinessOf(executed: readonly Executed[]): Flakiness {
  const conclusive = executed.filter(({ operation }) => CONCLUSIVE.includes(operation.outcome));
  const keyOf = ({ run, operation }: Executed) => run.keys?.[operation.id];
  const isOfFiles = (key: string) => key.startsWith('files:');
  const whole = groupsOf(conclusive, (each) => (isOfFiles(keyOf(each) ?? '') ? undefined : keyOf(each)));
  const ofFiles = groupsOf(conclusive, (each) => (isOfFiles(keyOf(each) ?? '') ? keyOf(each) : undefined)).flatMap(shortlyAfter);
  const keyed = [...whole, ...ofFiles];
  const trials = groupsOf(conclusive, ({ run }) => (run.warmUp ? undefined : run.verification));
  const becauseOf = (group: readonly Executed[]) =>
    whole.includes(group) ? 'same key' : ofFiles.includes(group) ? 'same files' : 'same verification';
  const [byChance, modes] = [
    [...keyed, ...trials].filter((group) => !differsByMode(group)),
    [...keyed, ...trials].filter(differsByMode),
  ];
  const again = conclusive
    .filter(({ operation }) => (operation.attempts ?? 1) > 1 && operation.outcome === 'passed')
    .map(({ run, operation }): Contradiction => ({ kind: 'attempts', run: run.run, attempts: operation.attempts ?? 1 }));
  const contradictions = [...eachOnce(byChance.flatMap((group) => contradictionOf(group, becauseOf(group)))), ...again];
  const compared = [...keyed, ...trials];
  const comparable = new Set(compared.flat().map(({ run }) => run.run)).size;
  if (contradictions.length > 0) {
    const unlike = new Set([...byChance.flatMap(unlikeRuns), ...again.flatMap((each) => runsOf(each))]);
    return {
      kind: 'flaky',
      comparable: Math.max(comparable, unlike.size),
      unlike: unlike.size,
      contradictions: newest(contradictions),
    };
  }
  const byMode = eachOnce(modes.flatMap((group) => contradictionOf(group, becauseOf(group))));
  if (byMode.length > 0) return { kind: 'by mode', comparable, contradictions: newest(byMode) };
  return comparable > 0 ? { kind: 'steady', comparable } : { kind: 'unknown' };
}

/** Of two runs that contradict each other in two ways the first is told: a key says more than a verification. */
function eachOnce(contradictions: readonly Contradiction[]): readonly Contradiction[] {
  const pairs = contradictions.map((each) => runsOf(each).join());
  return contradictions.filter((_, index) => pairs.indexOf(pairs[index] ?? '') === index);
}

function newest(contradictions: readonly Contradiction[]): readonly Contradiction[] {
  const last = (each: Contradiction) => runsOf(each).at(-1) ?? '';
  return [...contradictions].sort((a, b) => (last(a) < last(b) ? 1 : -1)).slice(0, MOST_TOLD);
}

function runsOf(contradiction: Contradiction): readonly RunId[] {
  return contradiction.kind === 'attempts' ? [contradiction.run] : contradiction.runs;
}

/** Those of which there are at least two. */
function groupsOf(executed: readonly Executed[], of: (each: Executed) => string | undefined): readonly (readonly Executed[])[] {
  const groups = new Map<string, Executed[]>();
  for (const each of executed) {
    const name = of(each);
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** For so long nothing else is taken to have changed where only files are known to be the same. */
const SHORTLY_MS = 3_600_000;

/** Divides a group where more time lies between two runs. */
function shortlyAfter(group: readonly Executed[]): readonly (readonly Executed[])[] {
  const parts: Executed[][] = [];
  for (const each of group) {
    const last = parts.at(-1)?.at(-1);
    const gap = last ? Date.parse(each.run.startedAt) - Date.parse(last.run.startedAt) : Number.POSITIVE_INFINITY;
    if (gap <= SHORTLY_MS) parts.at(-1)?.push(each);
    else parts.push([each]);
  }
  return parts.filter((part) => part.length > 1);
}

/** How it ended, as one text: equal texts, equal results. */
function resultOf({ operation }: Executed): string {
  return `${operation.outcome} ${operation.digest ?? ''}`;
}

/** All runs of one mode ended alike, twice at least, and otherwise than those of the other mode. */
function differsByMode(group: readonly Executed[]): boolean {
  const results = (mode: RunFigures['mode']) => group.filter(({ run }) => run.mode === mode).map(resultOf);
  const [sequential, parallel] = [results('sequential'), results('parallel')];
  const alike = (each: readonly string[]) => each.length > 1 && new Set(each).size === 1;
  return alike(sequential) && alike(parallel) && sequential[0] !== parallel[0];
}

/** The newest pair of neighbours that differ. */
function contradictionOf(
  group: readonly Executed[],
  because: Extract<Contradiction, { kind: 'runs' }>['because'],
): readonly Contradiction[] {
  for (let index = group.length - 1; index > 0; index -= 1) {
    const [before, after] = [group[index - 1], group[index]];
    if (!before || !after || resultOf(before) === resultOf(after)) continue;
    const [a, b] = [before.operation, after.operation];
    return [
      {
        ...{ kind: 'runs', because },
        what: a.outcome === b.outcome ? 'findings' : 'outcome',
        runs: [before.run.run, after.run.run],
        outcomes: [a.outcome, b.outcome],
        findings: [a.findings ?? 0, b.findings ?? 0],
      },
    ];
  }
  return [];
}

/** Those that did not end as most of the group did. */
function unlikeRuns(group: readonly Executed[]): readonly RunId[] {
  const counts = new Map<string, number>();
  for (const each of group) counts.set(resultOf(each), (counts.get(resultOf(each)) ?? 0) + 1);
  const [usual] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  return group.filter((each) => resultOf(each) !== usual).map(({ run }) => run.run);
}
