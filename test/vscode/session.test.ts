import assert from 'node:assert/strict';
import type { Engine } from '../../src/core/engine.js';
import type { Detection } from '../../src/core/gate-model.js';
import type { GateId, OperationId } from '../../src/core/model.js';
import { type Change, createSession, type Session } from '../../src/vscode/session.js';
import { openSession, type SessionRig } from '../support/editor-session.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const id = (text: string) => text as GateId;

describe('A session', () => {
  let rig: SessionRig;
  beforeEach(async () => {
    rig = await openSession();
  });
  afterEach(() => rig.dispose());

  it('creates no engine until somebody asks for something', async () => {
    const session = createSession({ createEngine: () => assert.fail('created'), log: silent, now: () => 0 });
    assert.equal(session.activity, undefined);
    assert.equal(session.hasRun, undefined);
    await session.cancel();
    await session.close();
    session.dispose();
  });

  it('shows what a gate does while it runs, and how it ended', async () => {
    const gate = rig.gate('a');
    const activity = rig.start([gate]);
    await rig.until(() => rig.session.live(gate.id)?.phase === 'running');
    assert.equal(rig.session.last(gate.id), undefined);
    await rig.release('a', { exitCode: 1, findings: ['src/a.ts(2,5): error TS2322: No.'] });
    const end = await activity.finished;
    assert.equal(end.outcome, 'failed');
    assert.equal(rig.session.activity, undefined);
    assert.equal(rig.session.live(gate.id), undefined);
    const last = rig.session.last(gate.id);
    assert.equal(last?.operation.outcome?.kind, 'failed');
    assert.equal(last?.operation.findings.length, 1);
    assert.equal(last?.run, rig.session.run?.run);
    assert.ok(last.durationMs > 0);
  });

  it('never runs two things at once', async () => {
    const activity = rig.start([rig.gate('a')]);
    assert.equal(rig.session.activity, activity);
    assert.throws(() => rig.start([rig.gate('b')]), /runs already/);
    await rig.session.cancel();
    await rig.runToEnd(rig.gate('b'));
  });

  it('stops everything on cancel and is free when that resolves', async () => {
    const activity = rig.start([rig.gate('a'), rig.gate('b')]);
    await rig.until(() => rig.session.live(id('a'))?.phase === 'running' && rig.session.live(id('b'))?.phase === 'running');
    const cancelled = rig.session.cancel();
    assert.equal(activity.cancelling, true);
    await cancelled;
    assert.equal(rig.session.activity, undefined);
    assert.equal((await activity.finished).outcome, 'cancelled');
    assert.equal(rig.session.last(id('b'))?.operation.outcome?.kind, 'cancelled');
  });

  it('cancels one gate and leaves the others running', async () => {
    const activity = rig.start([rig.gate('a'), rig.gate('b')]);
    await rig.until(() => rig.session.live(id('a'))?.phase === 'running' && rig.session.live(id('b'))?.phase === 'running');
    await rig.session.cancel(id('a'));
    await rig.until(() => rig.session.last(id('a')) !== undefined);
    assert.equal(rig.session.last(id('a'))?.operation.outcome?.kind, 'cancelled');
    assert.equal(rig.session.live(id('b'))?.phase, 'running');
    await rig.release('b');
    await activity.finished;
    assert.equal(rig.session.last(id('b'))?.operation.outcome?.kind, 'passed');
  });

  it('detects once for all who ask, and once more for all who ask anew meanwhile', async () => {
    let detections = 0;
    const detect = async (): Promise<Detection> => {
      detections += 1;
      return { gates: [], warnings: [] };
    };
    const engine = { ...rig.engine, detect } as Engine;
    const session = createSession({ createEngine: () => engine, log: silent, now: () => 0 });
    await Promise.all([session.detect(), session.detect()]);
    await session.detect();
    assert.equal(detections, 1);
    await Promise.all([session.refresh(), session.refresh(), session.refresh()]);
    assert.equal(detections, 3, 'wishes during a detection are met together by one more, since it may have read old files');
    session.dispose();
  });

  it('goes on with what it knew when detection fails', async () => {
    let fails = false;
    const detect = async (): Promise<Detection> => {
      if (fails) throw new Error('broken');
      return { gates: [rig.gate('a')], warnings: [] };
    };
    const engine = { ...rig.engine, detect } as Engine;
    const session = createSession({ createEngine: () => engine, log: silent, now: () => 0 });
    await session.detect();
    fails = true;
    assert.deepEqual(
      (await session.refresh()).gates.map((gate) => gate.id),
      ['a'],
    );
    session.dispose();
  });

  it('knows the last results of an earlier window, and that they are of then', async () => {
    const gate = rig.gate('a');
    rig.detects([gate]);
    await rig.runToEnd(gate, { exitCode: 1, findings: ['src/a.ts(2,5): error TS2322: No.'] });
    const session = rig.reloaded();
    const restored = new Promise<void>((resolve) => session.onDidChange(() => session.last(gate.id) && resolve()));
    await session.detect();
    await restored;
    assert.equal(session.last(gate.id)?.operation.outcome?.kind, 'failed');
    assert.equal(session.last(gate.id)?.restored, true);
    assert.equal(session.hasRun, true);
  });

  it('keeps the last result of a gate that is cancelled or skipped later, in later windows, too', async () => {
    const [a, b] = [rig.gate('a'), rig.gate('b')];
    rig.detects([a, b]);
    await rig.runToEnd(a, { exitCode: 1, findings: ['src/a.ts(2,5): error TS2322: No.'] });
    await rig.runToEnd(b);
    const activity = rig.start([a, { ...b, availability: { kind: 'unavailable', reason: 'Gone.', install: 'npm install' } }]);
    await rig.until(() => rig.session.live(a.id)?.phase === 'running');
    await rig.session.cancel();
    await activity.finished;
    const kinds = (session: Session) => [a, b].map(({ id }) => session.last(id)?.operation.outcome?.kind);
    assert.deepEqual(kinds(rig.session), ['failed', 'passed']);
    const later = rig.reloaded();
    await later.restored();
    assert.deepEqual(kinds(later), ['failed', 'passed']);
  });

  it('looks up the last results of gates that were not detected at first', async () => {
    const gate = rig.gate('a');
    await rig.runToEnd(gate);
    const session = rig.reloaded();
    await session.restored();
    assert.equal(session.last(gate.id), undefined);
    rig.detects([gate]);
    await session.refresh();
    await session.restored();
    assert.equal(session.last(gate.id)?.operation.outcome?.kind, 'passed');
  });

  it('tells of thousands of events in few changes', async () => {
    const { session, emit, finish } = manyOperations(500, rig);
    const changes: Change[] = [];
    session.onDidChange((change) => changes.push(change));
    const activity = session.start({
      gates: [],
      scope: { kind: 'workspace' },
      mode: 'parallel',
      slots: 8,
      failure: 'continue',
      label: 'Many',
    });
    assert.ok(activity);
    const coalesced = new Promise<void>((resolve) => session.onDidChange(() => resolve()));
    emit(2000);
    assert.equal(changes.length, 1, 'only the start so far');
    await coalesced;
    assert.equal(changes.length, 2);
    assert.equal(changes[1]?.operations.size, 500);
    finish();
    await activity.finished;
    session.dispose();
  });

  it('measures a verification, with every trial of it as a run', async () => {
    const verification = await rig.verifyToEnd(rig.gate('a'), 1);
    assert.deepEqual(
      verification?.trials.map((trial) => trial.mode),
      ['sequential', 'parallel'],
    );
    assert.equal(rig.session.activity, undefined);
    assert.equal(rig.session.verification?.runs.length, 2);
    assert.equal((await rig.session.history()).length, 3, 'the warm-up is kept, too');
  });
});

/** A session on an engine whose run is nothing but states. */
function manyOperations(count: number, rig: SessionRig) {
  const operation = (index: number, tail: string) => ({
    id: `gate-${index}` as OperationId,
    name: `gate ${index}`,
    group: 'test',
    command: { argv: ['true'], cwd: '/', env: {}, shell: false },
    needs: [],
    phase: 'running' as const,
    segments: [],
    attempts: 1,
    findings: [],
    outputBytes: 0,
    tail,
  });
  let operations = Array.from({ length: count }, (_, index) => operation(index, ''));
  const listeners = new Set<() => void>();
  let finish: (state: unknown) => void = () => {};
  const finished = new Promise((resolve) => {
    finish = resolve;
  });
  const state = () => ({
    run: 'many',
    label: 'Many',
    mode: 'parallel',
    scope: 'workspace',
    slots: 8,
    startedAt: '',
    operations,
    edges: [],
    at: 0,
  });
  const run = {
    id: 'many',
    state,
    now: () => 0,
    onEvent(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    finished,
  };
  const engine = { ...rig.engine, run: () => run } as unknown as Engine;
  return {
    session: createSession({ createEngine: () => engine, log: silent, now: () => 0 }),
    emit(events: number) {
      for (let event = 0; event < events; event += 1) {
        operations = operations.map((each, index) => (index === event % count ? operation(index, `line ${event}`) : each));
        for (const listener of listeners) listener();
      }
    },
    finish: () => finish({ ...state(), outcome: 'passed' }),
  };
}
