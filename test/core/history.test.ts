import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type History, openHistory } from '../../src/core/history.js';
import type { Verification } from '../../src/core/measured.js';
import type { OperationId, RunId, VerificationId } from '../../src/core/model.js';
import { replay } from '../../src/core/state.js';
import type { Tuning, TuningId } from '../../src/core/tuning-model.js';
import { inTemporaryDirectory } from '../support/processes.js';
import { operation, startRig } from '../support/rig.js';

const warnings: string[] = [];
const log = {
  debug() {},
  info() {},
  warn: (message: string) => void warnings.push(message),
  error: (message: string) => void warnings.push(message),
};

/** Adds a run whose operations last as long as given. */
async function addRun(history: History, id: string, durations: Record<string, number>): Promise<void> {
  const rig = await startRig(
    Object.keys(durations).map((name) => operation(name)),
    { slots: 1 },
  );
  for (const [name, ms] of Object.entries(durations)) {
    rig.tick(ms);
    rig.output(name, 'hello');
    await rig.release(name);
  }
  const events = rig.events.map((event) =>
    event.kind === 'run started' ? { ...event, run: id as RunId, startedAt: new Date().toISOString() } : event,
  );
  const state = replay(events);
  assert.ok(state);
  await history.addRun(state, events);
}

describe('The history', () => {
  beforeEach(() => warnings.splice(0));

  it('is empty, without a warning, before anything ran', async () => {
    await inTemporaryDirectory(async (storage) => {
      const history = openHistory(path.join(storage, 'not-there'), log);
      assert.deepEqual(await history.entries(), []);
      assert.deepEqual([...(await history.durations()).medians('parallel')], []);
      assert.deepEqual(warnings, []);
    });
  });

  it('gives back runs, newest first, and each as it was', async () => {
    await inTemporaryDirectory(async (storage) => {
      await addRun(openHistory(storage, log), 'one', { a: 10 });
      await addRun(openHistory(storage, log), 'two', { a: 30, b: 5 });
      const history = openHistory(storage, log);
      assert.deepEqual(
        (await history.entries()).map(({ run, makespanMs, operations, outcome }) => ({ run, makespanMs, operations, outcome })),
        [
          { run: 'two', makespanMs: 35, operations: 2, outcome: 'passed' },
          { run: 'one', makespanMs: 10, operations: 1, outcome: 'passed' },
        ],
      );
      const state = replay((await history.events('two' as RunId)) ?? []);
      assert.equal(state?.operations[1]?.segments.at(-1)?.to, 35);
      assert.equal(await history.events('three' as RunId), undefined);
    });
  });

  it('sees what others add, also a line that was only half there, and what they take away', async () => {
    await inTemporaryDirectory(async (storage) => {
      const [reader, other] = [openHistory(storage, log), openHistory(storage, log)];
      const runs = async () => (await reader.entries()).map(({ run }) => run);
      await addRun(other, 'one', { a: 1 });
      assert.deepEqual(await runs(), ['one']);
      await addRun(other, 'two', { a: 2 });
      assert.deepEqual(await runs(), ['two', 'one']);
      const file = path.join(storage, 'history.jsonl');
      const [first = '', second = ''] = (await readFile(file, 'utf8')).split('\n');
      const third = second.replaceAll('two', 'three');
      await appendFile(file, third.slice(0, 40));
      assert.deepEqual(await runs(), ['two', 'one']);
      await appendFile(file, `${third.slice(40)}\n`);
      assert.deepEqual(await runs(), ['three', 'two', 'one']);
      await writeFile(file, `${second}\n${third}\n`);
      assert.deepEqual(await runs(), ['three', 'two']);
      await writeFile(file, `${first}\n`);
      assert.deepEqual(await runs(), ['one']);
    });
  });

  it('remembers how long operations took, the first time apart and the newest counting most', async () => {
    await inTemporaryDirectory(async (storage) => {
      const history = openHistory(storage, log);
      for (const [index, ms] of [1000, 10, 20, 30, 40, 50].entries()) await addRun(history, String(index), { a: ms });
      assert.deepEqual(Object.fromEntries((await history.durations()).medians('parallel')), { a: 40 });
    });
  });

  it('knows durations from a storage of before sizes and restarts were noted, and notes them from now on', async () => {
    await inTemporaryDirectory(async (storage) => {
      const entry = {
        run: 'old',
        label: 'x',
        startedAt: new Date(0).toISOString(),
        mode: 'parallel',
        makespanMs: 9,
        operations: 1,
        findings: 0,
      };
      const old = { version: 1, kind: 'run', entry, outputBytes: 0, durations: { a: 9 } };
      await appendFile(path.join(storage, 'history.jsonl'), `${JSON.stringify(old)}\n`);
      const history = openHistory(storage, log);
      assert.equal((await history.durations()).of('a', { mode: 'parallel' })?.ms, 9);
      await addRun(history, 'new', { a: 5 });
      const [, line = ''] = (await readFile(path.join(storage, 'history.jsonl'), 'utf8')).split('\n');
      assert.equal(typeof (JSON.parse(line) as { uptimeMs: unknown }).uptimeMs, 'number');
      assert.deepEqual(
        (await history.entries()).map(({ run }) => run),
        ['new', 'old'],
      );
      assert.deepEqual(warnings, []);
    });
  });

  it('loses no more than a damaged line, and passes over what a newer version wrote', async () => {
    await inTemporaryDirectory(async (storage) => {
      const history = openHistory(storage, log);
      await addRun(history, 'one', { a: 1 });
      await appendFile(path.join(storage, 'history.jsonl'), '{"version":1,"kind":"ru\n{"version":99,"kind":"run"}\nnull\n');
      await addRun(history, 'two', { a: 1 });
      assert.deepEqual(
        (await history.entries()).map(({ run }) => run),
        ['two', 'one'],
      );
      assert.ok(warnings.some((warning) => warning.includes('Line 2')));
    });
  });

  it('loses nothing after a line that was cut short, and keeps what a newer version wrote when it prunes', async () => {
    await inTemporaryDirectory(async (storage) => {
      const history = openHistory(storage, log);
      await addRun(history, 'one', { a: 1 });
      await appendFile(path.join(storage, 'history.jsonl'), '{"version":99,"kind":"run"}\n{"version":1,"ki');
      for (let index = 0; index < 80; index += 1) await addRun(history, `run-${String(index).padStart(2, '0')}`, { a: 1 });
      assert.equal((await history.entries())[0]?.run, 'run-79');
      const text = await readFile(path.join(storage, 'history.jsonl'), 'utf8');
      assert.ok(text.includes('"version":99'), 'the line of another version is there');
      assert.ok(!text.includes('"one"'), 'it was pruned');
    });
  });

  it('removes the directory of a run that was killed, once it is old', async () => {
    await inTemporaryDirectory(async (storage) => {
      const history = openHistory(storage, log);
      const killed = await history.prepare('killed' as RunId);
      await utimes(killed, new Date(0), new Date(0));
      await history.prepare('young' as RunId);
      for (let index = 0; index < 80; index += 1) await addRun(history, `run-${String(index).padStart(2, '0')}`, { a: 1 });
      const names = await readdir(path.join(storage, 'runs'));
      assert.deepEqual([names.includes('killed'), names.includes('young')], [false, true]);
    });
  });

  it('keeps runs in a temporary place, until it is closed, when its own cannot be written', async () => {
    await inTemporaryDirectory(async (storage) => {
      await appendFile(path.join(storage, 'file'), '');
      const history = openHistory(path.join(storage, 'file', 'below'), log);
      const directory = await history.prepare('one' as RunId);
      await addRun(history, 'one', { a: 1 });
      assert.equal((await history.entries()).length, 1);
      assert.match(warnings.join(), /Nothing can be written to/);
      await history.close();
      await assert.rejects(readdir(directory));
    });
  });

  it('keeps the newest runs and removes the files of older ones', async () => {
    await inTemporaryDirectory(async (storage) => {
      const history = openHistory(storage, log);
      for (let index = 0; index < 80; index += 1) await addRun(history, `run-${String(index).padStart(2, '0')}`, { a: 1 });
      const kept = (await history.entries()).map(({ run }) => run);
      assert.ok(kept.length >= 60 && kept.length < 80, String(kept.length));
      assert.equal(kept[0], 'run-79');
      assert.deepEqual((await readdir(path.join(storage, 'runs'))).sort(), [...kept].sort());
      assert.deepEqual((await readdir(storage)).sort(), ['figures.jsonl', 'history.jsonl', 'runs'], 'no temporary file is left');
    });
  });

  it('finds the verifications of exactly the same operations, newest first', async () => {
    await inTemporaryDirectory(async (storage) => {
      const history = openHistory(storage, log);
      const verification = (id: string) =>
        ({ id: id as VerificationId, trials: [], ratios: [], differences: [] }) as unknown as Verification;
      const ids = (...names: string[]) => names as OperationId[];
      await history.addVerification(verification('v1'), ids('a', 'b'));
      await history.addVerification(verification('v2'), ids('b', 'a'));
      await history.addVerification(verification('v3'), ids('a'));
      assert.deepEqual(
        (await history.verifications(ids('a', 'b'))).map(({ id }) => id),
        ['v2', 'v1'],
      );
      assert.deepEqual(await history.verifications(ids('b')), []);
    });
  });

  it('keeps the newest tunings, however many there are', async () => {
    await inTemporaryDirectory(async (storage) => {
      const history = openHistory(storage, log);
      for (let index = 0; index < 50; index += 1) {
        const id = `tuning-${index}`;
        await history.addTuning({ id, curve: { points: [], certain: false } } as unknown as Tuning);
      }
      const kept = (await history.tunings()).map(({ id }) => id);
      assert.deepEqual([kept[0], kept.length < 46, kept.length >= 30], ['tuning-49', true, true]);
      assert.equal((await history.tuning('tuning-49' as TuningId))?.id, 'tuning-49');
      assert.equal(await history.tuning('tuning-0' as TuningId), undefined);
      await history.close();
    });
  });

  it('reports in the log, and does not throw, when it cannot be written', async () => {
    await inTemporaryDirectory(async (storage) => {
      await appendFile(path.join(storage, 'file'), '');
      await openHistory(path.join(storage, 'file'), log).addVerification({ trials: [] } as unknown as Verification, []);
      assert.ok(warnings.some((warning) => warning.includes('could not be written')));
      assert.equal(await readFile(path.join(storage, 'file'), 'utf8'), '');
    });
  });
});
