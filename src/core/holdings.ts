/** What operations of one run hold while they run: locks, each of one at a time, and places in groups, of which there are some. Pure. */
import type { Access, Limit, OperationId } from './model.js';

/** What of an operation says what it holds. */
export interface Holder {
  readonly id: OperationId;
  readonly access: Pick<Access, 'locks'>;
  readonly limits?: readonly Limit[];
}

export interface Holdings {
  /** Whether nothing keeps an operation from taking all that it needs. */
  isFree(operation: Holder): boolean;
  /** What keeps an operation from taking all that it needs: names of locks and groups, and who holds them. Empty when nothing does. */
  obstacles(operation: Holder): { readonly names: readonly string[]; readonly by: readonly OperationId[] };
  /** Takes all of it at once. Nothing may keep it from that. */
  take(operation: Holder): void;
  /** Gives all of it back. */
  free(operation: Holder): void;
}

/** Nothing is held at first. */
export function createHoldings(): Holdings {
  const locks = new Map<string, OperationId>();
  /** By name of a limit, who holds a place, each under the member that it counts for. */
  const places = new Map<string, Map<string, Set<OperationId>>>();

  const hasPlace = (id: OperationId, { name, most, member = id }: Limit): boolean => {
    const members = places.get(name);
    return members === undefined || members.has(member) || members.size < most;
  };
  const holdersOf = ({ name }: Limit): readonly OperationId[] =>
    [...(places.get(name)?.values() ?? [])].flatMap((ids) => [...ids]);

  return {
    isFree: ({ id, access, limits = [] }) =>
      !access.locks.some((lock) => locks.has(lock)) && limits.every((limit) => hasPlace(id, limit)),
    obstacles({ id, access, limits = [] }) {
      const held = access.locks.filter((lock) => locks.has(lock));
      const full = limits.filter((limit) => !hasPlace(id, limit));
      const holders = [...held.flatMap((lock) => locks.get(lock) ?? []), ...full.flatMap(holdersOf)];
      return { names: [...held, ...full.map(({ name }) => name)], by: [...new Set(holders)] };
    },
    take({ id, access, limits = [] }) {
      for (const lock of access.locks) locks.set(lock, id);
      for (const { name, member = id } of limits) {
        const members = places.get(name) ?? new Map<string, Set<OperationId>>();
        members.set(member, (members.get(member) ?? new Set()).add(id));
        places.set(name, members);
      }
    },
    free({ id, access, limits = [] }) {
      for (const lock of access.locks) locks.delete(lock);
      for (const { name, member = id } of limits) {
        const ids = places.get(name)?.get(member);
        ids?.delete(id);
        if (ids?.size === 0) places.get(name)?.delete(member);
      }
    },
  };
}
