/** Figures of runs that a test makes up. */
import type { OperationId, RunId, VerificationId } from '../../src/core/model.js';
import type { OperationFigures, RunFigures } from '../../src/core/trend-model.js';

/** Of an operation that passed in 100 ms. */
export function figuresOfOperation(id: string, more: Partial<Omit<OperationFigures, 'id'>> = {}): OperationFigures {
  return { id: id as OperationId, name: id, group: 'lint', outcome: 'passed', ms: 100, ...more };
}

let count = 0;

/** Of a run of these operations in parallel; each one three hours later than the one before. */
export function figuresOfRun(
  operations: readonly OperationFigures[],
  more: Partial<Omit<RunFigures, 'run' | 'verification'>> & { readonly run?: string; readonly verification?: string } = {},
): RunFigures {
  count += 1;
  const number = String(count).padStart(6, '0');
  const sumMs = operations.reduce((sum, { ms = 0 }) => sum + ms, 0);
  return {
    label: 'Run All Gates',
    startedAt: new Date(Date.UTC(2026, 0, 1) + count * 3 * 3_600_000).toISOString(),
    mode: 'parallel',
    scope: 'workspace',
    outcome: operations.some(({ outcome }) => outcome !== 'passed') ? 'failed' : 'passed',
    slots: 4,
    makespanMs: Math.max(0, ...operations.map(({ ms = 0 }) => ms)),
    sumMs,
    operations,
    ...more,
    run: (more.run ?? `run-${number}`) as RunId,
  } as RunFigures & { verification?: VerificationId };
}
