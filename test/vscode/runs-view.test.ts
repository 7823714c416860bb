import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { createRunsProvider, type RunsNode, type RunsProvider } from '../../src/vscode/runs-view.js';
import { openSession, type SessionRig } from '../support/editor-session.js';

describe('The Runs view', () => {
  let rig: SessionRig;
  let provider: RunsProvider;
  beforeEach(async () => {
    rig = await openSession();
    provider = createRunsProvider(rig.session);
  });
  afterEach(async () => {
    provider.dispose();
    await rig.dispose();
  });

  const children = async (node?: RunsNode) => (await provider.getChildren(node)) ?? [];
  const item = async (node: RunsNode | undefined): Promise<vscode.TreeItem> => {
    assert.ok(node);
    return provider.getTreeItem(node);
  };
  const finding = 'a.ts(1,1): error TS2322: No.';

  it('has no rows before the first run, so that the welcome shows', async () => {
    assert.deepEqual(await children(), []);
  });

  it('lists past runs, newest first, with outcome, makespan and findings', async () => {
    await rig.runToEnd(rig.gate('a'));
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [finding] });
    const rows = await children();
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['run', 'run'],
    );
    const newest = await item(rows[0]);
    assert.match(String(newest.description), /^failed · [\d.]+ m?s · predicted about [\d.]+ m?s · 1 finding · /);
    assert.match(
      String(newest.tooltip),
      /\nPredicted about [\d.]+ m?s, took .* \(an estimate from earlier runs\)\n/,
      'what came stands beside what was expected',
    );
    assert.equal((newest.iconPath as vscode.ThemeIcon).id, 'error');
    assert.match(String((await item(rows[1])).description), /^passed · [\d.]+ m?s · \d/);
  });

  it('expands a run to groups and operations with their phases', async () => {
    const gates = [rig.gate('t', { category: 'test' }), rig.gate('a'), rig.gate('b')];
    const activity = rig.start(gates, { slots: 3 });
    for (const { id } of gates) await rig.release(id, id === 'a' ? { exitCode: 1, findings: [finding] } : {});
    await activity.finished;
    const [run] = await children();
    const groups = await children(run);
    assert.deepEqual(
      (await Promise.all(groups.map(item))).map(({ label }) => label),
      ['test', 'lint'],
    );
    const operations = await children(groups[1]);
    const [a, b] = await Promise.all(operations.map(item));
    assert.equal(a?.label, 'a');
    assert.match(String(a?.description), /^failed · [\d.]+ m?s( · .*)? · 1 finding/);
    assert.match(String(b?.description), /^passed · [\d.]+ m?s/);
    assert.equal(a?.contextValue, 'operation ran');
  });

  it('says how long an operation waited for a slot', async () => {
    const gates = [rig.gate('a'), rig.gate('b')];
    const activity = rig.start(gates, { slots: 1 });
    await rig.until(() => gates.some(({ id }) => rig.session.live(id)?.phase === 'running'));
    const [first, second] = rig.session.live(gates[0]?.id as never)?.phase === 'running' ? ['a', 'b'] : ['b', 'a'];
    await rig.release(first);
    await rig.release(second);
    await activity.finished;
    const [run] = await children();
    const [group] = await children(run);
    const rows = await Promise.all((await children(group)).map(item));
    assert.match(String(rows.find(({ label }) => label === second)?.description), /queued [\d.]+ m?s/);
  });

  it('has what goes on at the top, with its timing tree so far', async () => {
    await rig.runToEnd(rig.gate('a'));
    const activity = rig.start([rig.gate('a'), rig.gate('b')], { label: 'Run All Gates' });
    await rig.release('a');
    const rows = await children();
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['live', 'run'],
    );
    const live = await item(rows[0]);
    assert.equal(live.label, 'Run All Gates');
    assert.equal(live.description, '1 of 2 done');
    const [group] = await children(rows[0]);
    assert.equal((await children(group)).length, 2);
    await rig.release('b');
    await activity.finished;
    assert.deepEqual(
      (await children()).map(({ kind }) => kind),
      ['run', 'run'],
    );
  });

  it('shows a verification as one row with its verdict, and its trials below', async () => {
    const verification = await rig.verifyToEnd(rig.gate('a'), 2);
    const rows = await children();
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['verification'],
    );
    const shown = await item(rows[0]);
    assert.match(String(shown.description), new RegExp(`^${verification?.verdict} · [\\d.]+× · `));
    assert.deepEqual(shown.command?.arguments, [{ verification: verification?.id }]);
    const [warmUp, ...trials] = await children(rows[0]);
    const modes = trials.map((node) => node.kind === 'run' && node.entry.mode);
    assert.deepEqual(modes, ['sequential', 'parallel', 'parallel', 'sequential']);
    assert.match(String((await item(warmUp)).description), /^not counted · passed/, 'the warm-up is no trial');
    for (const trial of trials) assert.match(String((await item(trial)).description), /^passed/);
  });

  it('calls the warm-up of a verification so', async () => {
    const gate = rig.gate('a');
    const activity = rig.session.verify({ gates: [gate], scope: { kind: 'workspace' }, slots: 2, pairs: 1 });
    await rig.until(() => rig.session.live(gate.id)?.phase === 'running');
    const live = async () => item((await children())[0]);
    assert.equal((await live()).description, 'warm-up, not counted · 0 of 1 done');
    await rig.release('a');
    await rig.until(() => activity?.progress()?.trial === 1 && rig.session.live(gate.id)?.phase === 'running');
    assert.equal((await live()).description, 'trial 1 of 2 · 0 of 1 done');
    const id = (await live()).id;
    await rig.session.cancel();
    await activity?.finished;
    assert.equal((await live()).id, id);
  });

  it('lists everything even when a verification cannot be read, and reads no trials for its verdict', async () => {
    await rig.verifyToEnd(rig.gate('a'), 1);
    await rig.runToEnd(rig.gate('a'));
    const { engine } = rig.session;
    engine.verification = async () => assert.fail('damaged');
    engine.loadRun = async () => assert.fail('read');
    const rows = await children();
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['run', 'verification'],
    );
    assert.match(String((await item(rows[1])).description), /^not completed/);
  });

  it('keeps the row of a run when the run ends, so that it stays expanded', async () => {
    const activity = rig.start([rig.gate('a')]);
    await rig.until(() => rig.session.live(rig.gate('a').id)?.phase === 'running');
    const { id } = await item((await children())[0]);
    assert.equal(id, `run:${rig.session.run?.run}`);
    await rig.release('a');
    await activity.finished;
    assert.equal((await item((await children())[0])).id, id);
  });

  it('opens the panel on the run that was clicked', async () => {
    await rig.runToEnd(rig.gate('a'));
    const [run] = await children();
    const { command } = await item(run);
    assert.equal(command?.command, 'volley.openRun');
    assert.deepEqual(command?.arguments, [{ run: rig.session.run?.run }]);
  });
});
