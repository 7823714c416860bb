import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { figuresLine } from '../../src/core/figures.js';
import type { RunId } from '../../src/core/model.js';
import { runsToCompare } from '../../src/vscode/compare-runs.js';
import { parseMemory, parseMessage } from '../../src/vscode/panel-messages.js';
import { createRunsProvider, type RunsNode } from '../../src/vscode/runs-view.js';
import { followTimeSaved } from '../../src/vscode/time-saved.js';
import { openSession, type SessionRig } from '../support/editor-session.js';
import { figuresOfOperation, figuresOfRun } from '../support/figures.js';
import { openPanel, type PanelRig } from '../support/panel.js';

describe('Trends and comparisons in the editor', () => {
  let rig: SessionRig;
  let panel: PanelRig;
  beforeEach(async () => {
    rig = await openSession();
    panel = openPanel(rig);
    await panel.ready();
  });
  afterEach(async () => {
    panel.feed.dispose();
    await rig.dispose();
  });

  const twoRuns = async (): Promise<readonly [RunId, RunId]> => {
    await rig.runToEnd(rig.gate('a'));
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: ['a.ts(2,5): error TS2322: No.'] });
    const [second, first] = (await rig.engine.history()).map(({ run }) => run);
    assert.ok(first && second);
    return [first, second];
  };

  it('shows the trends of all gates, from which a run is opened', async () => {
    const [first] = await twoRuns();
    await panel.feed.show({ kind: 'trends' });
    const trends = panel.view();
    assert.ok(trends?.kind === 'trends');
    assert.deepEqual(
      trends.trends.gates[0]?.series[0]?.points.map(({ outcome, findings, kept }) => [outcome, findings, kept]),
      [
        ['passed', 0, true],
        ['failed', 1, true],
      ],
    );
    await panel.feed.receive({ type: 'show timing', run: first });
    assert.deepEqual(panel.shown, [{ kind: 'run', run: first }]);
  });

  it('shows two runs compared, and opens what the second has gained and nothing else', async () => {
    const [before, after] = await twoRuns();
    await panel.feed.show({ kind: 'comparison', before, after });
    const comparison = panel.view();
    assert.ok(comparison?.kind === 'comparison');
    const [finding] = comparison.comparison.operations[0]?.findings.gained ?? [];
    assert.ok(finding);
    await panel.feed.receive({ type: 'open finding', ...finding });
    await panel.feed.receive({ type: 'open finding', file: '/etc/passwd', line: 1, column: 1 });
    assert.deepEqual(panel.done, [`open ${path.join(rig.folder, 'a.ts')}:2`]);
    await panel.feed.receive({ type: 'compare', before, after });
    assert.deepEqual(panel.shown, [{ kind: 'comparison', before, after }]);
  });

  it('goes on with the newest run where one of two is no longer kept', async () => {
    const [before] = await twoRuns();
    await panel.feed.show({ kind: 'comparison', before, after: 'gone' as RunId });
    assert.equal(panel.view()?.kind, 'run');
  });

  it('restores what the panel showed, and refuses what is no run', () => {
    assert.deepEqual(parseMemory({ version: 1, trends: true, run: 'x' }), { kind: 'trends' });
    const comparison = { before: 'a-1', after: 'b-2' };
    assert.deepEqual(parseMemory({ version: 1, comparison }), { kind: 'comparison', ...comparison });
    assert.deepEqual(parseMemory({ version: 1, comparison: { before: '../x', after: 'b' } }), { kind: 'latest' });
    assert.deepEqual(parseMessage({ type: 'compare', ...comparison, more: 1 }), { type: 'compare', ...comparison });
    assert.equal(parseMessage({ type: 'compare', before: 'a', after: '../b' }), undefined);
  });

  it('compares the two selected rows, the older one first, whichever was clicked', async () => {
    const [before, after] = await twoRuns();
    const provider = createRunsProvider(rig.session);
    const rows = ((await provider.getChildren()) ?? []) as RunsNode[];
    assert.deepEqual(await runsToCompare(rig.session, rows[1], rows), { before, after });
    assert.deepEqual(await runsToCompare(rig.session, rows[0], [...rows].reverse()), { before, after });
    provider.dispose();
  });

  it('says beside the title of the Runs view what was saved, as the estimate that it is, when it is in sight', async () => {
    const visibility = new vscode.EventEmitter<vscode.TreeViewVisibilityChangeEvent>();
    const tree = { visible: false, onDidChangeVisibility: visibility.event, description: undefined as string | undefined };
    const following = followTimeSaved(tree, rig.session);
    const activity = rig.start([rig.gate('a'), rig.gate('b')]);
    await rig.release('a');
    await rig.release('b');
    await activity.finished;
    assert.equal(tree.description, undefined, 'nothing is read for a view that nobody sees');
    const read = whenRead(rig);
    tree.visible = true;
    visibility.fire({ visible: true });
    await read();
    // Outside of a trusted folder nothing is read; the test window has one.
    assert.match(tree.description ?? '', /^about .* saved, estimated$/);
    following.dispose();
  });

  it('shows the trends of thousands of runs', async () => {
    await rig.runToEnd(rig.gate('a'));
    const gates = Array.from({ length: 20 }, (_, gate) => figuresOfOperation(`gate-${gate}`, { ms: 100 * (gate + 1) }));
    const lines = Array.from({ length: 3000 }, () => figuresLine(figuresOfRun(gates))).join('');
    await writeFile(path.join(rig.folder, '.storage', 'figures.jsonl'), lines);
    await panel.feed.show({ kind: 'trends' });
    const trends = panel.view();
    assert.equal(trends?.kind === 'trends' && trends.trends.gates.length, 21);
  });
});

/** Resolves when the next reading of the time saved has been dealt with. */
function whenRead({ engine }: SessionRig): () => Promise<void> {
  let reading: Promise<unknown> = Promise.resolve();
  const read = engine.timeSaved;
  engine.timeSaved = () => {
    const own = read();
    reading = own;
    return own;
  };
  return async () => {
    await reading;
    await new Promise((resolve) => setImmediate(resolve));
  };
}
