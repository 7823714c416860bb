/** Which two runs are compared: those selected in the Runs view, or picked. */
import * as vscode from 'vscode';
import type { HistoryEntry } from '../core/measured.js';
import { countText, durationText } from '../core/messages.js';
import type { RunId } from '../core/model.js';
import { whenText } from '../core/trend-texts.js';
import type { RunsNode } from './runs-view.js';
import type { Session } from './session.js';

export interface RunsToCompare {
  readonly before: RunId;
  readonly after: RunId;
}

/** The older one first. `row` and `rows` as a tree hands them over. Undefined when the user did not choose two. */
export async function runsToCompare(session: Session, row: unknown, rows: unknown): Promise<RunsToCompare | undefined> {
  const selected = selectedRuns(row, rows);
  if (selected.length > 2) {
    void vscode.window.showInformationMessage(`Two runs are compared, and ${selected.length} are selected. Select two.`);
    return undefined;
  }
  const entries = await session.history();
  if (entries.length < 2) {
    void vscode.window.showInformationMessage('Two runs are compared. Run gates again first.');
    return undefined;
  }
  const first = selected[0] ?? (await pickRun(entries, 'The first of two runs to compare'));
  if (first === undefined) return undefined;
  const others = entries.filter(({ run }) => run !== first);
  const second = selected[1] ?? (await pickRun(others, 'The run to compare it with'));
  if (second === undefined) return undefined;
  // Ids of runs sort by time.
  return first < second ? { before: first, after: second } : { before: second, after: first };
}

function selectedRuns(row: unknown, rows: unknown): readonly RunId[] {
  const nodes = (Array.isArray(rows) && rows.length > 0 ? rows : [row]) as (RunsNode | undefined)[];
  return [...new Set(nodes.flatMap((node) => (node?.kind === 'run' ? [node.entry.run] : [])))];
}

async function pickRun(entries: readonly HistoryEntry[], placeHolder: string): Promise<RunId | undefined> {
  const items = entries.map(({ run, label, startedAt, outcome, makespanMs, findings }) => ({
    run,
    label,
    description: [outcome ?? 'errored', durationText(makespanMs), countText(findings, 'finding')].join(' · '),
    detail: whenText(startedAt),
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true, matchOnDetail: true }))?.run;
}
