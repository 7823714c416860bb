/** Which operations of a plan come before which, without the edges that others imply. Pure. */
import type { Edge, OperationId, Plan } from '../model.js';

export interface Graph {
  /** In the order of the plan, in which all edges point forward. Elsewhere operations are indices in this. */
  readonly ids: readonly OperationId[];
  /** Of each the operations that wait for it and for nothing in between. */
  readonly out: readonly (readonly number[])[];
  /** The edges of `out`, by what waits, in the order of the plan. */
  readonly direct: readonly Edge[];
  /** Of each how many operations wait for each other before it at least: those that wait for none have 0. */
  readonly levels: readonly number[];
  /** Whether `b` waits for `a`, by way of any number of edges. */
  isBefore(a: number, b: number): boolean;
}

/** The order of a plan. Takes time and memory by operations², whatever the number of edges. */
export function graphOf({ operations, edges }: Pick<Plan, 'operations' | 'edges'>): Graph {
  const index = new Map(operations.map(({ id }, at) => [id, at]));
  const edgesOf: { readonly next: number; readonly edge: Edge }[][] = operations.map(() => []);
  for (const edge of edges) edgesOf[index.get(edge.from) ?? 0]?.push({ next: index.get(edge.to) ?? 0, edge });
  const width = (operations.length + 31) >> 5;
  const after = operations.map(() => new Uint32Array(width));
  const holds = (bits: Uint32Array | undefined, at: number) => (((bits?.[at >> 5] ?? 0) >>> (at & 31)) & 1) === 1;
  const out: number[][] = operations.map(() => []);
  const into: Edge[][] = operations.map(() => []);
  for (let at = operations.length - 1; at >= 0; at -= 1) {
    const own = after[at] as Uint32Array;
    // The nearest first: what these imply is left out.
    for (const { next, edge } of (edgesOf[at] ?? []).sort((a, b) => a.next - b.next)) {
      if (holds(own, next)) continue;
      out[at]?.push(next);
      into[next]?.push(edge);
      own[next >> 5] = (own[next >> 5] ?? 0) | (1 << (next & 31));
      const behind = after[next] as Uint32Array;
      for (let word = 0; word < width; word += 1) own[word] = (own[word] ?? 0) | (behind[word] ?? 0);
    }
  }
  const levels = operations.map(() => 0);
  out.forEach((all, at) => {
    for (const next of all) levels[next] = Math.max(levels[next] ?? 0, (levels[at] ?? 0) + 1);
  });
  return {
    ids: operations.map(({ id }) => id),
    // Filled from the last to the first.
    direct: into.flatMap((all) => all.reverse()),
    ...{ out, levels },
    isBefore: (a, b) => holds(after[a], b),
  };
}
