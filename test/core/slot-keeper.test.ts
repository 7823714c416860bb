import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type MachineReading, readMachine } from '../../src/core/machine.js';
import type { Operation, OperationId } from '../../src/core/model.js';
import { keepSlots } from '../../src/core/slot-keeper.js';
import { operation, type Rig, startRig } from '../support/rig.js';

const GIGABYTE = 2 ** 30;
const TWELVE = Array.from({ length: 12 }, (_, index) => operation(`o${index + 1}`));

/** A keeper over a rig that looks when the test says so, at a machine of two processors that the test describes. */
function keep(rig: Rig, durations: Readonly<Record<string, number>> = {}, freeAtFirst?: number) {
  let reading: MachineReading = {
    ...{ at: 0, processors: 2, busyMs: 0, ownMs: 0 },
    memory: { freeBytes: 8 * GIGABYTE, totalBytes: 16 * GIGABYTE },
  };
  let look = () => {};
  const stop = keepSlots({
    run: {
      state: () => rig.state(),
      onEvent: rig.onEvent,
      limitSlots: (slots) => void rig.limitSlots('machine', slots),
    },
    most: 10,
    freeAtFirst,
    durations: new Map(Object.entries(durations)) as Map<OperationId, number>,
    read: () => reading,
    repeat(given) {
      look = given;
      return () => {
        look = () => {};
      };
    },
  });
  return {
    stop,
    /** Half a second in which so many processors were at work. */
    async look(busy: number, free = 8, host = 0) {
      const worked = busy * 500;
      const { at, busyMs, ownMs = 0, memory } = reading;
      reading = {
        ...reading,
        ...{ at: at + 500, busyMs: busyMs + worked, ownMs: ownMs + worked, hostMs: (reading.hostMs ?? 0) + host * 500 },
        memory: { ...memory, freeBytes: free * GIGABYTE },
      };
      look();
      await rig.settle();
    },
  };
}

describe('The keeper of the slots', () => {
  it('starts more while the machine has room, and tells the run why', async () => {
    const rig = await startRig(TWELVE, { slots: 2, mostSlots: 10 });
    const keeper = keep(rig);
    await keeper.look(0.01);
    assert.equal(rig.running().length, 10);
    assert.deepEqual(rig.state().slotMoves, [{ at: 0, from: 2, to: 10, because: 'because of machine' }]);
  });

  it('starts fewer when memory is short, and stops nothing that runs', async () => {
    const rig = await startRig(TWELVE, { slots: 4, mostSlots: 10 });
    const keeper = keep(rig);
    await keeper.look(2, 1);
    assert.equal(rig.running().length, 4);
    await rig.release('o1');
    await rig.release('o2');
    assert.deepEqual(rig.running(), ['o3', 'o4', 'o5']);
  });

  it('compares what ran since the last move with what is remembered of it', async () => {
    const rig = await startRig(TWELVE, { slots: 3, mostSlots: 10 });
    const keeper = keep(rig, Object.fromEntries(TWELVE.map(({ id }) => [id, 10])));
    for (const id of ['o1', 'o2', 'o3', 'o4']) {
      rig.tick(40);
      await rig.release(id);
    }
    await keeper.look(1.95);
    assert.deepEqual(
      rig.state().slotMoves.map(({ from, to }) => [from, to]),
      [[3, 1]],
    );
  });

  it('does not take the end of what ran inside of the process for idleness', async () => {
    const inside = { ...operation('read'), tool: 'read', input: { path: 'a' } } as Operation;
    const rig = await startRig([inside, ...TWELVE], { slots: 3, mostSlots: 10 });
    const keeper = keep(rig);
    await keeper.look(2, 8, 0.5);
    await rig.release('read');
    for (let look = 0; look < 3; look += 1) await keeper.look(2, 8, 0);
    assert.deepEqual(rig.state().slotMoves, []);
  });

  it('knows how much memory was free before anything ran, also when it begins later', async () => {
    const rig = await startRig(TWELVE, { slots: 2, mostSlots: 10 });
    const keeper = keep(rig, {}, 12 * GIGABYTE);
    await keeper.look(0.01, 4);
    assert.equal(rig.state().slots, 2, 'what two have taken leaves no room for a third');
  });

  it('does nothing after it was stopped', async () => {
    const rig = await startRig(TWELVE, { slots: 2, mostSlots: 10 });
    const keeper = keep(rig);
    keeper.stop();
    await keeper.look(0.01);
    assert.equal(rig.running().length, 2);
  });
});

describe('Slots', () => {
  it('are the least that a user, the machine and a budget allow', async () => {
    const rig = await startRig(TWELVE, { slots: 2, mostSlots: 10 });
    await rig.limitSlots('machine', 6);
    assert.equal(rig.running().length, 6);
    await rig.limitSlots('budget', 3);
    await rig.limitSlots('machine', 8);
    assert.equal(rig.state().slots, 3);
    await rig.setSlots(1);
    assert.equal(rig.state().slots, 1);
    await rig.setSlots(12);
    assert.equal(rig.state().slots, 3, 'what the machine allowed counts no longer, the budget still does');
  });
});

describe('A reading of the machine', () => {
  it('counts the time of a group that it started, of what was collected, and its own apart from that', async function () {
    if (process.platform !== 'linux') this.skip();
    const before = readMachine(new Set());
    // A shell whose child does the work, so that it is neither this process nor a child of it.
    const burn =
      'node -e "const end = process.cpuUsage().user + 300000; while (process.cpuUsage().user < end);"; echo done; sleep 60';
    const child = spawn('/bin/sh', ['-c', burn], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    const { pid = 0 } = child;
    const own = (groups: readonly number[]) => (readMachine(new Set(groups)).ownMs ?? 0) - (before.ownMs ?? 0);
    const host = before.hostMs ?? 0;
    const until = process.cpuUsage().user + 50_000;
    while (process.cpuUsage().user < until);
    assert.ok((readMachine(new Set()).hostMs ?? 0) > host, 'what this process did itself');
    assert.ok(own([pid]) >= 300, 'what the group has collected');
    process.kill(-pid, 'SIGKILL');
    await once(child, 'exit');
    assert.ok(own([]) >= 300, 'what this process has collected');
    const after = readMachine(new Set());
    assert.ok(after.busyMs > before.busyMs && after.at > before.at);
    assert.ok(after.memory.freeBytes > 0 && after.memory.freeBytes <= after.memory.totalBytes);
  });
});
