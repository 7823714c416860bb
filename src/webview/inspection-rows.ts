/** The rows of an inspection as they arrive: those of a run that goes on stay until all of what ended are there. */

import { filteredRows, type Row, type Sorting, sortedRows } from '../core/inspect/columns.js';
import type { FileProblems, InspectedFile } from '../core/inspect/row.js';

export interface InspectionRows {
  files(): readonly InspectedFile[];
  /** One for each file, in the order in which they arrived. A row whose file and problems are the same is the same object. */
  rows(): readonly Row[];
  /** How many files have problems. */
  withProblems(): number;
  /** While rows of what ended are missing: those that are shown have other places in it. */
  isReplacing(): boolean;
  /** Begins anew; with `keep`, those that are there are shown until `add` has had as many. */
  restart(keep: boolean): void;
  /** Takes files that follow those from index 0 to `from`; any others are ignored. `of`: how many there will be, once that is known. */
  add(from: number, more: readonly InspectedFile[], of: number | undefined): 'ignored' | 'replacing' | 'replaced' | 'added';
  setProblems(changes: readonly (readonly [index: number, problems: FileProblems | null])[]): void;
  /** Indexes of the rows that a filter leaves, in order. Makes the rows anew. */
  arrange(filter: string, sort: Sorting): readonly number[];
}

/** No rows. */
export function createInspectionRows(): InspectionRows {
  let files: InspectedFile[] = [];
  let coming: InspectedFile[] | undefined;
  let problems = new Map<number, FileProblems>();
  let rows: readonly Row[] = [];
  return {
    files: () => files,
    rows: () => rows,
    withProblems: () => problems.size,
    isReplacing: () => coming !== undefined,
    restart(keep) {
      coming = keep ? [] : undefined;
      if (!keep) files = [];
      problems = new Map();
    },
    add(from, more, of) {
      if (from !== (coming ?? files).length) return 'ignored';
      (coming ?? files).push(...more);
      if (!coming) return 'added';
      if (of === undefined || coming.length < of) return 'replacing';
      files = coming;
      coming = undefined;
      return 'replaced';
    },
    setProblems(changes) {
      for (const [index, known] of changes) known ? problems.set(index, known) : problems.delete(index);
    },
    arrange(filter, sort) {
      rows = files.map((file, index): Row => {
        const known = problems.get(index);
        const row = rows[index];
        return row?.file === file && row.problems === known ? row : { file, ...(known ? { problems: known } : {}) };
      });
      const indexes = new Map(rows.map((row, index) => [row, index]));
      return sortedRows(filteredRows(rows, filter), sort).map((row) => indexes.get(row) ?? 0);
    },
  };
}
