import assert from 'node:assert/strict';
import { statusOf } from '../../src/vscode/status-bar.js';
import { openSession, type SessionRig } from '../support/editor-session.js';
import { openPanel } from '../support/panel.js';

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

    const panel = openPanel(rig);
    const second = rig.start([gate]);
    await rig.until(isRunning);
    await panel.ready();
    assert.ok((rig.session.activity?.remaining()?.endsAt ?? 0) > 0);
    const status = statusOf(rig.session);
    assert.match(status?.text ?? '', / left| longer than ever before/);
    assert.match(status?.tooltip ?? '', /Running time so far .*( left.* \(estimate\)|longer than ever before)/);
    const [view] = panel.views();
    assert.ok(view?.kind === 'run' && view.remaining !== undefined);
    await rig.release('a');
    const { state } = await second.finished;
    assert.ok((state?.predicted?.ms ?? 0) > 0);
    assert.equal((await rig.session.history())[0]?.predictedMs, state?.predicted?.ms);
    panel.feed.dispose();
  });
});
