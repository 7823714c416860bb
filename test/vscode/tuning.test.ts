import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TuneRequest } from '../../src/core/engine.js';
import type { Gate } from '../../src/core/gate-model.js';
import { createRunsProvider } from '../../src/vscode/runs-view.js';
import { statusOf } from '../../src/vscode/status-bar.js';
import { slotsSetting, useSlots } from '../../src/vscode/tuning.js';
import { openSession, type SessionRig } from '../support/editor-session.js';
import { openPanel, type PanelRig } from '../support/panel.js';

describe('A tuning in the editor', () => {
  let rig: SessionRig;
  let panel: PanelRig;
  beforeEach(async () => {
    rig = await openSession();
    panel = openPanel(rig, {
      tuning: {
        slots: () => 0,
        again: ({ subject }) => panel.done.push(`again ${subject.kind}`),
        useSlots: (slots) => panel.done.push(`use ${slots}`),
      },
    });
    await panel.ready();
  });
  afterEach(async () => {
    panel.feed.dispose();
    await rig.dispose();
  });

  const quick = (id: string): Gate => ({
    ...rig.gate(id),
    command: { argv: ['node', '-e', '0'], cwd: rig.folder, env: {}, shell: false },
  });
  const requestOf = (gates: readonly Gate[]): TuneRequest => ({
    ...{ kind: 'gates', gates, seed: 1, limits: { rounds: 1, mostMs: 600_000 } },
    scope: { kind: 'workspace' },
  });
  const tuned = async () => {
    const activity = await rig.session.tune(requestOf([quick('a'), quick('b')]), 'Tune Concurrency');
    return (await activity?.finished)?.tuning ?? assert.fail('not started');
  };

  it('shows how far it is, then what came of it, and is no run and no result of a gate', async () => {
    const tuning = await tuned();
    await panel.feed.refresh();
    assert.deepEqual([tuning.numbers, tuning.trials.length, rig.session.tuning], [[1, 2], 3, tuning]);
    const all = panel.views().flatMap((view) => (view.kind === 'tuning' ? [view] : []));
    assert.ok(all.some(({ progress }) => progress));
    assert.deepEqual(all.at(-1), { kind: 'tuning', tuning, slots: 0 });
    assert.equal(rig.session.run, undefined);
    assert.equal(rig.session.last(quick('a').id), undefined);
  });

  it('lets only what it recommends be used, and the same be measured again', async () => {
    const { id, recommended } = await tuned();
    await panel.feed.refresh();
    await panel.feed.receive({ type: 'use slots', tuning: 'another' });
    await panel.feed.receive({ type: 'use slots', tuning: id });
    await panel.feed.receive({ type: 'tune again', tuning: id });
    assert.deepEqual(panel.done, [`use ${recommended}`, 'again gates']);
  });

  it('has a row in the Runs view, by which a later window shows it again', async () => {
    const { id } = await tuned();
    const later = rig.reloaded();
    const runs = createRunsProvider(later);
    const [row, ...others] = (await runs.getChildren()) ?? [];
    assert.ok(row && others.length === 0);
    const item = await runs.getTreeItem(row);
    assert.equal(item.label, 'Tune Concurrency');
    assert.match(String(item.description), /^[12] slots? · /);
    assert.deepEqual(item.command?.arguments, [{ tuning: id }]);
    await panel.feed.show({ kind: 'tuning', tuning: id });
    const last = panel.view();
    assert.equal(last?.kind === 'tuning' && last.tuning.id, id);
    runs.dispose();
  });

  it('stands beside nothing else that runs, is cancelled as a whole, and says so in the status bar', async () => {
    const gates = [rig.gate('a'), rig.gate('b')];
    const activity = await rig.session.tune(requestOf(gates), 'Tune Concurrency');
    await rig.until(() => gates.every(({ id }) => rig.session.live(id)?.phase === 'running'));
    assert.equal(await rig.session.tune(requestOf(gates), 'again'), undefined);
    assert.match(statusOf(rig.session)?.text ?? '', /Volley tune warm-up/);
    await rig.session.cancel(gates[0]?.id);
    assert.equal(rig.session.activity, activity);
    await rig.session.cancel();
    assert.equal((await activity?.finished)?.outcome, 'cancelled');
    assert.equal(rig.session.activity, undefined);
  });

  it('writes the number into the settings of the workspace', async () => {
    const configuration = () => vscode.workspace.getConfiguration('volley');
    try {
      await useSlots(3);
      assert.equal(slotsSetting(), 3);
      assert.equal(configuration().inspect('slots')?.workspaceValue, 3);
    } finally {
      await configuration().update('slots', undefined, vscode.ConfigurationTarget.Workspace);
    }
    assert.equal(slotsSetting(), 0);
  });
});
