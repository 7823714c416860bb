/**
 * Atomic groups while a batch runs: as soon as a member does not pass, what the group has changed is put back, its members that have passed
 * are rolled back, and those that have not started do not start. Whoever depends on a member waits for all of the group (plan.ts), and
 * before anything starts the groups that have ended are settled, so that nobody ever sees half of one.
 */

import path from 'node:path';
import { hasGlob } from '../glob-match.js';
import type { Link } from '../journal.js';
import type { Operation, OperationId, Outcome } from '../model.js';
import type { Attempt } from '../run.js';
import type { ToolResult } from '../tools/tool.js';
import type { Changes } from './changes.js';
import type { BatchOperation } from './expand.js';

export interface AtomicGroups {
  /** Puts back the groups that have ended without passing, keeps those that have passed. Before an operation starts, and at the end. */
  settle(run: Pick<Attempt, 'outcomeOf' | 'rolledBack'>): Promise<void>;
  /** The end of an operation that must not start any more; undefined for any other. */
  refusal(operation: Operation, run: Pick<Attempt, 'outcomeOf'>): Outcome | undefined;
  /** Before an operation starts; what it returns is called when it has ended, `again` when it will be tried again. */
  begin(operation: Operation): Promise<(attempt: Attempt, end: ToolResult['end']['kind'], again: boolean) => Promise<void>>;
  /** The outcome of an operation that passed after its group was broken. */
  rollBackOf(operation: OperationId): (Outcome & { readonly kind: 'rolled back' }) | undefined;
  /** Whether a member of its group did not pass. */
  isBroken(operation: OperationId): boolean;
  /** Those that were put back. */
  readonly rolledBack: readonly RolledBack[];
}

/** An atomic group that was put back. */
export interface RolledBack {
  readonly group: string;
  readonly because: OperationId;
  /** All of it. */
  readonly members: readonly OperationId[];
  readonly restored: readonly string[];
  /** Changed by somebody else meanwhile: left as they are, the old versions kept with the journal. */
  readonly conflicts: readonly string[];
  /** Which the disk did not let us put back; the versions before are kept, and they can be undone. */
  readonly failed: readonly string[];
}

export interface AtomicContext {
  readonly changes: Changes;
  readonly filesUnder: (globs: readonly string[]) => Under;
}

/** What lies under globs; absolute, native. */
export interface Under {
  readonly files: readonly string[];
  /** Symbolic links, whatever they lead to. */
  readonly links: readonly Link[];
  readonly directories: readonly string[];
}

interface Group {
  readonly name: string;
  readonly members: readonly OperationId[];
  because?: OperationId | undefined;
  outcome?: Exclude<ToolResult['end']['kind'], 'passed'>;
  settled?: Promise<void>;
}

export function createAtomicGroups(batch: readonly BatchOperation[], { changes, filesUnder }: AtomicContext): AtomicGroups {
  const groups = new Map<OperationId, Group>();
  const byName = new Map<string, OperationId[]>();
  for (const { id, atomic } of batch) {
    if (atomic === undefined) continue;
    const members = byName.get(atomic);
    if (members) members.push(id as OperationId);
    else byName.set(atomic, [id as OperationId]);
  }
  const all = [...byName].map(([name, members]): Group => ({ name, members }));
  for (const group of all) for (const member of group.members) groups.set(member, group);
  const goesOn = new Set(batch.filter(({ onFailure }) => onFailure === 'continue').map(({ id }) => id as OperationId));
  const rolledBack: RolledBack[] = [];
  const settleOne = async (group: Group, run: Pick<Attempt, 'outcomeOf' | 'rolledBack'>) => {
    const broken = group.members.find((member) => !['passed', 'rolled back'].includes(run.outcomeOf(member)?.kind ?? ''));
    group.because ??= broken;
    const { because, name } = group;
    if (because === undefined) return changes.commit(name);
    const undone = await changes.rollBack(name);
    rolledBack.push({ group: name, because, members: group.members, ...undone });
    run.rolledBack(
      group.members.filter((member) => member !== because),
      because,
    );
  };
  return {
    rolledBack,
    async settle(run) {
      for (const group of all) {
        if (!group.settled && group.members.some((member) => run.outcomeOf(member) === undefined)) continue;
        // Whoever comes meanwhile waits for it, too.
        group.settled ??= settleOne(group, run);
        await group.settled;
      }
    },
    refusal({ id, needs }, { outcomeOf }) {
      const back = needs.find((need) => !goesOn.has(need) && outcomeOf(need)?.kind === 'rolled back');
      if (back !== undefined)
        return { kind: 'skipped', reason: { kind: 'need did not pass', need: back, outcome: 'rolled back' } };
      const group = groups.get(id);
      const because = group?.because;
      if (group === undefined || because === undefined) return undefined;
      const outcome = group.outcome === 'interrupted' ? 'cancelled' : (group.outcome ?? 'failed');
      return { kind: 'skipped', reason: { kind: 'need did not pass', need: because, outcome } };
    },
    async begin({ id, tool, access }) {
      const group = groups.get(id);
      // The file tools keep what they write themselves; what a command writes, it has said or it is known.
      const watched = tool === 'command' || tool === 'agent' ? access.writes : [];
      const end = groups.size === 0 ? async () => {} : changes.watching(id, watched.map(placeOf));
      if (!group) return end;
      const before = filesUnder(watched);
      if (watched.length > 0) await changes.keep(id, before.files, before.links);
      return async (attempt, end, again) => {
        const after = filesUnder(watched);
        const links = after.links.map(({ file }) => file);
        const known = before.links.map(({ file }) => file);
        const fresh = (now: readonly string[], then: readonly string[]) => now.filter((each) => !then.includes(each));
        if (watched.length > 0)
          await changes.created(
            id,
            [...fresh(after.files, [...before.files, ...known]), ...fresh(links, [...before.files, ...known])],
            fresh(after.directories, before.directories),
          );
        if (end !== 'passed' && !again && group.because === undefined) {
          group.because = id;
          group.outcome = end;
        }
        const { because } = group;
        if (because === undefined) return;
        await changes.rollBack(group.name);
        attempt.rolledBack(
          group.members.filter((member) => member !== because),
          because,
        );
      };
    },
    isBroken(operation) {
      return groups.get(operation)?.because !== undefined;
    },
    rollBackOf(operation) {
      const because = groups.get(operation)?.because;
      return because === undefined || because === operation ? undefined : { kind: 'rolled back', because };
    },
  };
}

/** The part of a glob before anything in it has a meaning: what it is about lies there, or below. Absolute, native. */
function placeOf(glob: string): string {
  const segments = glob.split('/');
  const first = segments.findIndex(hasGlob);
  return path.normalize((first < 0 ? segments : segments.slice(0, first)).join('/') || '/');
}
