/**
 * Atomic groups while a batch runs: as soon as a member does not pass, what the group has changed is put back, its members that have passed
 * are rolled back, and those that have not started do not start. Whoever depends on a member waits for all of the group (plan.ts), so
 * that nobody ever sees half of it.
 */
import type { Operation, OperationId, Outcome } from '../model.js';
import type { Attempt } from '../run.js';
import type { ToolResult } from '../tools/tool.js';
import type { Changes } from './changes.js';
import type { BatchOperation } from './expand.js';

export interface AtomicGroups {
  /** The end of an operation that must not start any more; undefined for any other. */
  refusal(operation: OperationId): Outcome | undefined;
  /** Before an operation starts; what it returns is called when it has ended. */
  begin(operation: Operation): Promise<(attempt: Attempt, end: ToolResult['end']['kind']) => Promise<void>>;
  /** The outcome of an operation that passed after its group was broken. */
  rollBackOf(operation: OperationId): (Outcome & { readonly kind: 'rolled back' }) | undefined;
}

export interface AtomicContext {
  readonly changes: Changes;
  readonly filesUnder: (globs: readonly string[]) => readonly string[];
}

interface Group {
  readonly members: readonly OperationId[];
  because?: OperationId;
  outcome?: Exclude<ToolResult['end']['kind'], 'passed'>;
}

export function createAtomicGroups(batch: readonly BatchOperation[], { changes, filesUnder }: AtomicContext): AtomicGroups {
  const groups = new Map<OperationId, Group & { readonly name: string }>();
  for (const name of new Set(batch.flatMap(({ atomic }) => atomic ?? []))) {
    const members = batch.filter(({ atomic }) => atomic === name).map(({ id }) => id as OperationId);
    const group: Group & { readonly name: string } = { name, members };
    for (const member of members) groups.set(member, group);
  }
  return {
    refusal(operation) {
      const group = groups.get(operation);
      if (group?.because === undefined) return undefined;
      const outcome = group.outcome === 'interrupted' ? 'cancelled' : (group.outcome ?? 'failed');
      return { kind: 'skipped', reason: { kind: 'need did not pass', need: group.because, outcome } };
    },
    async begin({ id, tool, access }) {
      const group = groups.get(id);
      if (!group) return async () => {};
      // The file tools keep what they write themselves; what a command writes, it has said or it is known.
      const watched = tool === 'command' || tool === 'agent' ? access.writes : [];
      const before = filesUnder(watched);
      await changes.keep(id, before);
      return async (attempt, end) => {
        const known = new Set(before);
        await changes.created(
          id,
          filesUnder(watched).filter((file) => !known.has(file)),
        );
        if (end !== 'passed' && group.because === undefined) {
          group.because = id;
          group.outcome = end;
        }
        if (group.because === undefined) return;
        await changes.rollBack(group.name);
        attempt.rolledBack(group.members.filter((member) => member !== id));
      };
    },
    rollBackOf(operation) {
      const because = groups.get(operation)?.because;
      return because === undefined || because === operation ? undefined : { kind: 'rolled back', because };
    },
  };
}
