import assert from 'node:assert/strict';
import type { ToWebview } from '../../src/protocol.js';
import { createPanelFeed, type PanelActions } from '../../src/vscode/panel-feed.js';
import { statusOf } from '../../src/vscode/status-bar.js';
import { openSession, type SessionRig } from '../support/editor-session.js';

describe('What remains of a run', () => {
  let rig: SessionRig;
  beforeEach(async () => {
    rig = await openSession();
  });
  afterEach(() => rig.dispose());

  it('is told by the status bar and to the panel once all durations are known, as an estimate, and by nobody before', async () => {
    const gate = rig.gate('a');
    const isRunning = () => rig.session.live(gate.id)?.phase === 'running';
    const first = rig.start([gate]);
    await rig.until(isRunning);
    assert.equal(rig.session.activity?.remaining(), undefined);
    assert.doesNotMatch(statusOf(rig.session)?.text ?? '', / left|ever before/);
    await rig.release('a');
    await first.finished;

    const told: ToWebview[] = [];
    const feed = createPanelFeed({
      session: rig.session,
      post: (message) => told.push(message),
      actions: {} as PanelActions,
      root: () => rig.folder,
      trusted: () => true,
    });
    const second = rig.start([gate]);
    await rig.until(isRunning);
    await feed.receive({ type: 'ready' });
    assert.ok((rig.session.activity?.remaining()?.endsAt ?? 0) > 0);
    const status = statusOf(rig.session);
    assert.match(status?.text ?? '', / left| longer than ever before/);
    assert.match(status?.tooltip ?? '', /Running time so far .*( left.* \(estimate\)|longer than ever before)/);
    const view = told[0]?.type === 'show' ? told[0].view : undefined;
    assert.ok(view?.kind === 'run' && view.remaining !== undefined);
    await rig.release('a');
    const { state } = await second.finished;
    assert.ok((state?.predicted?.ms ?? 0) > 0);
    assert.equal((await rig.session.history())[0]?.predictedMs, state?.predicted?.ms);
    feed.dispose();
  });
});
