/** What is left of a batch that stopped early, as a batch that ends in the same results: results that are there stand in place of references. Pure. */
import type { BatchOperation } from './expand.js';
import { type Reference, resolved } from './references.js';

export interface Handoff {
  readonly name: string;
  /** Operations that have ended. */
  readonly done: ReadonlySet<string>;
  /** What a reference of an operation to ended ones stands for. */
  readonly standsFor: (reference: Reference, operation: BatchOperation) => unknown;
  /** In a line each, what is done. */
  readonly summaries: readonly string[];
  readonly budgetTokens?: number;
}

/** The text of a batch file; undefined when nothing is left. Ids of matrices and pipelines become ids of their own. */
export function handoffText(operations: readonly BatchOperation[], handoff: Handoff): string | undefined {
  const left = operations.filter(({ id }) => !handoff.done.has(id));
  if (left.length === 0) return undefined;
  const names = new Map(left.map(({ id }, index) => [id, /^[A-Za-z_][\w-]{0,99}$/.test(id) ? id : `left-${index + 1}`]));
  const document = {
    name: `Rest of ${handoff.name}`,
    ...(handoff.budgetTokens === undefined ? {} : { budget: { tokens: handoff.budgetTokens } }),
    operations: inGroups(left).flatMap<object>((members) => {
      const all = members.map((entry) => operationOf(entry, names, handoff));
      const [first] = members;
      if (first?.atomic === undefined) return all;
      // Their needs say all about their order.
      return all.length === 1 ? all.map((each) => ({ ...each, atomic: true })) : [{ atomic: true, parallel: all, limit: 1000 }];
    }),
  };
  const done = handoff.summaries.map((line) => `// ${line.replace(/[\s\u2028\u2029]+/g, ' ')}`);
  return [
    '// What is left of a batch whose context budget was used up. Done already:',
    ...done,
    JSON.stringify(document, null, 2),
    '',
  ].join('\n');
}

/** Those of one atomic group together; each other one alone. */
function inGroups(operations: readonly BatchOperation[]): readonly (readonly BatchOperation[])[] {
  const groups = new Map<string, BatchOperation[]>();
  for (const entry of operations) {
    const key = JSON.stringify(entry.atomic === undefined ? ['alone', entry.id] : ['atomic', entry.atomic]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()];
}

function operationOf(entry: BatchOperation, names: ReadonlyMap<string, string>, { done, standsFor }: Handoff) {
  const input = resolved(entry.input, (reference) => {
    const sources = entry.sources.get(reference.id) ?? [];
    if (sources.every((id) => done.has(id))) return standsFor(reference, entry);
    // A reference to something that is still to come stays one; of several instances the first stands for the id.
    const [first = reference.id] = sources;
    return `\${${[names.get(first) ?? first, reference.asked, ...reference.path].join('.')}}`;
  });
  return {
    id: names.get(entry.id),
    tool: entry.tool,
    input,
    needs: entry.needs.flatMap((need) => names.get(need) ?? []),
    ...(entry.reads === undefined ? {} : { reads: entry.reads }),
    ...(entry.writes === undefined ? {} : { writes: entry.writes }),
    ...(entry.locks.length === 0 ? {} : { locks: entry.locks }),
    timeout: entry.timeoutMs / 1000,
    ...(entry.retries === 0 ? {} : { retries: { times: entry.retries, backoff: entry.backoffMs / 1000 } }),
    ...(entry.onFailure === 'stop' ? {} : { onFailure: entry.onFailure }),
  };
}
