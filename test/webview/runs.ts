/** Runs to show: a small simulation of a batch, replayed through the reducer of the extension up to any moment. */

import type { Verification } from '../../src/core/measured.js';
import type {
  Edge,
  Finding,
  Mode,
  OperationId,
  OperationSummary,
  Outcome,
  RunEvent,
  RunId,
  RunState,
  VerificationId,
} from '../../src/core/model.js';
import { verify } from '../../src/core/speedup.js';
import { replay } from '../../src/core/state.js';

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly ms: number;
  readonly argv?: readonly string[];
  readonly needs?: readonly string[];
  readonly lock?: string;
  readonly outcome?: Outcome;
  readonly findings?: readonly Finding[];
  readonly known?: readonly Finding[];
  readonly outputBytes?: number;
  /** Relative to the root: what it is limited to. */
  readonly files?: readonly string[];
}

export const ROOT = '/home/ada/shop';

export interface Simulation {
  readonly slots: number;
  readonly mode?: Mode;
  readonly run?: string;
  readonly label?: string;
  /** Events after this time have not happened yet. */
  readonly until?: number;
}

/** The state of a run of `jobs`: greedy, in order, dependencies before locks before slots. */
export function simulate(jobs: readonly Job[], options: Simulation): RunState {
  const events = eventsOf(jobs, options).filter((event) => event.at <= (options.until ?? Number.POSITIVE_INFINITY));
  const state = replay(events);
  if (!state) throw new Error('A run has at least one event.');
  return options.until !== undefined && state.outcome === undefined ? { ...state, at: options.until } : state;
}

const operationId = (id: string): OperationId => id as OperationId;

type Body<Event> = Event extends RunEvent ? Omit<Event, 'sequence' | 'at'> : never;

function eventsOf(
  jobs: readonly Job[],
  { slots, mode = 'parallel', run = '20250301-101500-run', label = 'Run All Gates' }: Simulation,
): RunEvent[] {
  const events: RunEvent[] = [];
  const emit = (at: number, event: Body<RunEvent>): void => {
    events.push({ ...event, sequence: events.length, at } as RunEvent);
  };
  const edges = jobs.flatMap((job) =>
    (job.needs ?? []).map((need): Edge => ({ from: operationId(need), to: operationId(job.id), reason: { kind: 'needs' } })),
  );
  emit(0, {
    kind: 'run started',
    run: run as RunId,
    label,
    mode,
    scope: 'workspace',
    slots,
    startedAt: '2025-03-01T10:15:00.000Z',
    operations: jobs.map(summaryOf),
    edges,
  });
  const workers = mode === 'sequential' ? 1 : slots;
  const waiting = new Map(jobs.map((job) => [job.id, { job, phase: '' }]));
  const running = new Map<string, { job: Job; lane: number; end: number }>();
  const ended = new Map<string, Outcome>();
  let now = 0;
  while (waiting.size > 0 || running.size > 0) {
    for (const entry of [...waiting.values()]) advance(entry, now);
    const [next] = [...running.values()].sort((a, b) => a.end - b.end);
    if (!next) break;
    now = next.end;
    running.delete(next.job.id);
    const outcome = next.job.outcome ?? { kind: 'passed' };
    ended.set(next.job.id, outcome);
    finish(next.job, outcome, now);
  }
  const kinds = new Set([...ended.values()].map((outcome) => outcome.kind));
  emit(now, {
    kind: 'run finished',
    outcome: kinds.has('errored') || kinds.has('timed out') ? 'errored' : kinds.has('failed') ? 'failed' : 'passed',
  });
  return events;

  function advance(entry: { job: Job; phase: string }, at: number): void {
    const { job } = entry;
    const failedNeed = (job.needs ?? []).find((need) => ended.has(need) && ended.get(need)?.kind !== 'passed');
    const skipped = job.outcome?.kind === 'skipped' ? job.outcome : undefined;
    if (failedNeed !== undefined || skipped) {
      waiting.delete(job.id);
      const need = failedNeed ?? '';
      const outcome: Outcome = skipped ?? {
        kind: 'skipped',
        reason: { kind: 'need did not pass', need: operationId(need), outcome: 'failed' },
      };
      ended.set(job.id, outcome);
      finish(job, outcome, at);
      return;
    }
    const by = (job.needs ?? []).filter((need) => !ended.has(need)).map(operationId);
    const holders = [...running.values()].filter((other) => job.lock !== undefined && other.job.lock === job.lock);
    const phase = by.length > 0 ? 'blocked' : holders.length > 0 ? 'locked' : 'queued';
    if (phase !== entry.phase) {
      if (phase === 'blocked') emit(at, { kind: phase, operation: operationId(job.id), by });
      else if (phase === 'locked')
        emit(at, {
          kind: phase,
          operation: operationId(job.id),
          locks: [job.lock ?? ''],
          by: holders.map((other) => operationId(other.job.id)),
        });
      else emit(at, { kind: phase, operation: operationId(job.id) });
      entry.phase = phase;
    }
    if (phase !== 'queued' || running.size >= workers) return;
    const used = new Set([...running.values()].map((other) => other.lane));
    const lane = [...Array(workers).keys()].find((each) => !used.has(each)) ?? 0;
    waiting.delete(job.id);
    running.set(job.id, { job, lane, end: at + job.ms });
    emit(at, { kind: 'started', operation: operationId(job.id), attempt: 1, lane });
    emit(at, { kind: 'output', operation: operationId(job.id), tail: `> ${job.name}\nchecking files…\n`, bytes: 40 });
  }

  function finish(job: Job, outcome: Outcome, at: number): void {
    const ran = outcome.kind !== 'skipped';
    emit(at, {
      kind: 'finished',
      operation: operationId(job.id),
      outcome,
      result: {
        findings: job.findings ?? [],
        ...(job.known ? { known: job.known, baseMs: 400 } : {}),
        outputBytes: ran ? (job.outputBytes ?? 1_400) : 0,
        ...(ran ? { exitCode: outcome.kind === 'passed' ? 0 : 1 } : {}),
      },
    });
  }
}

function summaryOf(job: Job): OperationSummary {
  return {
    id: operationId(job.id),
    name: job.name,
    group: job.group,
    command: { argv: job.argv ?? ['node_modules/.bin/tool', '--check', 'src'], cwd: ROOT, env: { NO_COLOR: '1' }, shell: false },
    needs: (job.needs ?? []).map(operationId),
    ...(job.files ? { files: job.files.map((file) => `${ROOT}/${file}`) } : {}),
  };
}

/** A finding in `file` under the root. */
export function finding(file: string, line: number, message: string, rest: Partial<Finding> = {}): Finding {
  return { file: `${ROOT}/${file}`, line, column: 7, severity: 'error', message, source: 'eslint', ...rest };
}

/** The gates of a small shop: every phase and most outcomes occur. */
export const SHOP: readonly Job[] = [
  { id: 'test:vitest', name: 'Vitest', group: 'test', ms: 5_300, argv: ['node_modules/.bin/vitest', 'run', '--reporter=json'] },
  {
    id: 'test:pytest',
    name: 'pytest (services/billing)',
    group: 'test',
    ms: 3_900,
    outcome: { kind: 'failed' },
    findings: [finding('services/billing/test_invoice.py', 41, 'assert 119 == 120', { source: 'pytest' })],
  },
  {
    id: 'lint:eslint',
    name: 'ESLint',
    group: 'lint',
    ms: 4_150,
    argv: ['node_modules/.bin/eslint', '--format', 'json', '--no-error-on-unmatched-pattern', 'src', 'test with spaces'],
    outcome: { kind: 'failed' },
    findings: [
      finding('src/cart/total.ts', 12, "'discount' is assigned a value but never used.", {
        rule: '@typescript-eslint/no-unused-vars',
      }),
      finding('src/cart/total.ts', 31, 'Expected a strict comparison.', { rule: 'eqeqeq' }),
      finding('src/index.ts', 3, 'Unexpected console statement.', { rule: 'no-console', severity: 'warning' }),
    ],
    outputBytes: 2_400_000,
  },
  { id: 'lint:flake8', name: 'flake8', group: 'lint', ms: 1_100 },
  { id: 'types:tsc', name: 'TypeScript', group: 'types', ms: 3_300, argv: ['node_modules/.bin/tsc', '--noEmit'] },
  { id: 'types:tsc-test', name: 'TypeScript (tsconfig.test.json)', group: 'types', ms: 1_900, needs: ['types:tsc'] },
  { id: 'types:mypy', name: 'mypy', group: 'types', ms: 2_800, lock: 'python cache' },
  { id: 'format:prettier', name: 'Prettier', group: 'format', ms: 1_700 },
  { id: 'format:black', name: 'Black', group: 'format', ms: 700, lock: 'python cache' },
  { id: 'build:docs', name: 'npm run build:docs', group: 'build', ms: 900, needs: ['lint:eslint'] },
  {
    id: 'security:audit',
    name: 'npm audit',
    group: 'security',
    ms: 0,
    outcome: { kind: 'skipped', reason: { kind: 'no files in scope', scope: 'changed', inputs: ['**/*.css'] } },
  },
];

/** `count` operations of varying length. */
export function many(count: number): readonly Job[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `op-${index}`,
    name: `Operation number ${index} with a rather long name`,
    group: ['test', 'lint', 'types', 'format'][index % 4] ?? 'test',
    ms: 20 + ((index * 7919) % 400),
    ...(index % 11 === 3
      ? { outcome: { kind: 'failed' } as const, findings: [finding(`src/file-${index}.ts`, index, 'Something.')] }
      : {}),
    ...(index % 17 === 5 ? { needs: [`op-${index - 4}`] } : {}),
  }));
}

/** A verification of the shop without failures, with as many of its trials as `trials`. */
export function verification(
  trials = 6,
  equal = true,
): { readonly verification: Verification; readonly runs: readonly RunState[] } {
  const jobs = SHOP.map((job) => ({ ...job }));
  const modes: readonly Mode[] = ['sequential', 'parallel', 'parallel', 'sequential', 'sequential', 'parallel'];
  const runs = modes.slice(0, trials).map((mode, index) => {
    const stretch = 1 + index * 0.03 + (mode === 'parallel' ? 0.18 : 0);
    const trialJobs = jobs.map((job) => ({
      ...job,
      ms: job.ms * stretch,
      ...(equal || index !== 3 || job.id !== 'lint:flake8' ? {} : { outcome: { kind: 'failed' } as const }),
    }));
    return simulate(trialJobs, { slots: 4, mode, run: `trial-${index + 1}` });
  });
  const measured = runs.map((state, index) => ({
    pair: Math.floor(index / 2) + 1,
    mode: state.mode,
    run: state.run,
    makespanMs: state.at,
  }));
  return {
    verification: verify({
      id: 'verification-1' as VerificationId,
      startedAt: '2025-03-01T10:20:00.000Z',
      limits: { mostPairs: 3, mostMs: 600_000 },
      seed: 5,
      target: 1.67,
      slots: 4,
      scope: 'workspace',
      trials: measured,
      runs,
    }),
    runs,
  };
}
