import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ActiveWork } from '../../src/core/active-run.js';
import type { Engine } from '../../src/core/engine.js';
import { nodeHost } from '../../src/core/host.js';
import { startTuning, type TuningProgress, type TuningWork } from '../../src/core/tune.js';
import { AUTOMATIC, type Tuning, type TuningLimits } from '../../src/core/tuning-model.js';
import { withEngine } from '../support/engine.js';

const LIMITS: TuningLimits = { rounds: 10, mostMs: 600_000 };

/** A work that takes as long with each number as is said; the clock stands still except for that. */
async function tuneTimes(
  timesOf: (number: number, round: number) => number,
  {
    numbers = [1, 2, 3, 4],
    limits = LIMITS,
    seed = 1,
  }: { numbers?: readonly number[]; limits?: TuningLimits; seed?: number } = {},
): Promise<Tuning> {
  let now = 0;
  const rounds = new Map<number, number>();
  const kept: Tuning[] = [];
  const work: TuningWork = {
    subject: { kind: 'gates', scope: 'workspace' },
    ...{ limits, seed, law: true, automatic: false },
    warmUp: async () => ({ ms: 5, runs: [], operations: numbers.length, numbers }),
    async attempt(_, number) {
      const round = (rounds.get(number) ?? 0) + 1;
      rounds.set(number, round);
      const ms = timesOf(number, round);
      now += ms;
      return { ms, runs: [] };
    },
  };
  const host = { ...nodeHost({ folder: '/' }), now: () => now };
  const history = { addTuning: async (tuning: Tuning) => void kept.push(tuning) } as never;
  const active = new Set<ActiveWork>();
  const tuning = await startTuning({ host, history, active }, work).finished;
  assert.deepEqual(kept, [tuning]);
  assert.equal(active.size, 0);
  return tuning;
}

const whole = { scope: { kind: 'workspace' }, seed: 1, limits: { rounds: 3, mostMs: 600_000 } } as const;

async function batchOf(engine: Engine, text: unknown) {
  const planned = await engine.planBatch(JSON.stringify(text), { slots: 2 });
  assert.equal(planned.kind, 'batch', JSON.stringify(planned));
  return planned.kind === 'batch' ? planned.batch : assert.fail();
}

describe('A tuning', () => {
  it('tries each number once in each round, in an order that follows from the seed, and stops when it is certain', async () => {
    const tuning = await tuneTimes((number) => 1000 / Math.min(number, 3));
    assert.deepEqual(tuning.end, { kind: 'narrow' });
    assert.equal(tuning.trials.length, 12);
    for (const round of [1, 2, 3]) {
      const tried = tuning.trials.filter((trial) => trial.round === round).map(({ number }) => number);
      assert.deepEqual([...tried].sort(), [1, 2, 3, 4]);
    }
    assert.equal(tuning.recommended, 3);
    assert.equal(tuning.curve.certain, true);
    const order = ({ trials }: Tuning) => trials.map(({ number }) => number).join(' ');
    assert.equal(order(await tuneTimes((number) => 1000 / Math.min(number, 3))), order(tuning));
    assert.notEqual(order(await tuneTimes((number) => 1000 / Math.min(number, 3), { seed: 2 })), order(tuning));
  });

  it('goes on until the limit of rounds while two numbers cannot be told apart, and says so', async () => {
    const tuning = await tuneTimes((number, round) => (number === 1 ? 100 : ([40, 60, 45, 55][(round + number) % 4] ?? 0)), {
      limits: { ...LIMITS, rounds: 4 },
    });
    assert.deepEqual(tuning.end, { kind: 'rounds' });
    assert.equal(tuning.trials.length, 16);
    assert.equal(tuning.curve.certain, false);
    assert.ok(tuning.recommended !== undefined && tuning.recommended > 1);
  });

  it('starts no trial after the limit of time, and recommends nothing before every number was tried', async () => {
    const late = await tuneTimes((number) => 100 / number, { limits: { rounds: 10, mostMs: 250 } });
    assert.deepEqual(late.end, { kind: 'time' });
    assert.equal(late.recommended, 4);
    const early = await tuneTimes(() => 100, { limits: { rounds: 10, mostMs: 150 } });
    assert.deepEqual([early.end?.kind, early.trials.length, early.recommended], ['time', 2, undefined]);
  });

  it('measures gates with every number up to how many there are, and is found again, but fills no history with its runs', async () => {
    await withEngine(async ({ engine, gate }) => {
      const gates = ['a', 'b', 'c'].map((id) => gate(id, 'exit 0'));
      const active = await engine.tune({ kind: 'gates', gates, ...whole });
      const seen = new Map<number, Set<number>>();
      const all: TuningProgress[] = [];
      active.onProgress((progress) => {
        all.push(progress);
        const { number, run } = progress;
        if (number !== undefined && run) seen.set(number, (seen.get(number) ?? new Set()).add(run.slots));
      });
      const tuning = await active.finished;
      assert.deepEqual(tuning.numbers, [1, 2, 3]);
      assert.equal(tuning.operations, 3);
      assert.ok(tuning.trials.length >= 12 && tuning.recommended !== undefined, JSON.stringify(tuning));
      // Beside the numbers, what Volley chooses itself.
      assert.equal(tuning.curve.automatic?.samples, tuning.trials.length / 4);
      seen.delete(AUTOMATIC);
      assert.deepEqual([...seen].map(([number, slots]) => [number, ...slots]).sort(), [
        [1, 1],
        [2, 2],
        [3, 3],
      ]);
      assert.ok(all.some(({ trial }) => trial === 0));
      assert.deepEqual(await engine.tunings(), [tuning]);
      assert.deepEqual(await engine.tuning(tuning.id), tuning);
      assert.deepEqual(await engine.history(), []);
    });
  });

  it('stops at once, and recommends nothing, where trials give different results', async () => {
    await withEngine(async ({ engine, gate, folder }) => {
      await writeFile(path.join(folder, 'count'), '');
      const flaky = gate('flaky', 'echo x >> count; if [ $(wc -l < count) -gt 3 ]; then echo "a.py:1:1: E1 wrong"; exit 1; fi');
      const tuning = await (await engine.tune({ kind: 'gates', gates: [flaky, gate('b', 'exit 0')], ...whole })).finished;
      assert.deepEqual(tuning.end, { kind: 'results differ' });
      assert.equal(tuning.recommended, undefined);
      assert.equal(tuning.differences[0]?.operation, 'flaky');
    });
  });

  it('stops after the warm-up where a gate cannot do its work or there is nothing to choose', async () => {
    await withEngine(async ({ engine, gate }) => {
      const broken = await (await engine.tune({ kind: 'gates', gates: [gate('a', 'exit 7'), gate('b', 'exit 0')], ...whole }))
        .finished;
      assert.equal(broken.end?.kind, 'errored');
      assert.match(broken.end.because, /^a could not do its work/);
      assert.deepEqual([broken.trials, broken.recommended], [[], undefined]);
      const alone = await (await engine.tune({ kind: 'gates', gates: [gate('a', 'exit 0')], ...whole })).finished;
      assert.equal(alone.end?.kind, 'nothing to tune');
    });
  });

  it('ends when it is cancelled, without a recommendation', async () => {
    await withEngine(async ({ engine, gate }) => {
      const active = await engine.tune({ kind: 'gates', gates: [gate('a', 'sleep 600'), gate('b', 'exit 0')], ...whole });
      await new Promise<void>((resolve) => {
        active.onProgress(({ run }) => run?.operations.some(({ phase }) => phase === 'running') && resolve());
      });
      await active.cancel();
      const tuning = await active.finished;
      assert.deepEqual([tuning.end, tuning.recommended], [{ kind: 'cancelled' }, undefined]);
    });
  });

  it('executes nothing in a workspace that is not trusted', async () => {
    await withEngine(
      async ({ engine, gate, folder }) => {
        const gates = [gate('a', 'touch ran'), gate('b', 'touch ran')];
        const tuning = await (await engine.tune({ kind: 'gates', gates, ...whole })).finished;
        assert.equal(tuning.end?.kind, 'errored');
        await assert.rejects(readFile(path.join(folder, 'ran')));
      },
      { trusted: () => false },
    );
  });

  it('puts the files of a batch back after each trial', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), 'as it was');
      const operations = ['a', 'b'].map((name) => ({ id: name, tool: 'write', input: { path: `${name}.txt`, content: 'new' } }));
      const batch = await batchOf(engine, { operations });
      const tuning = await (await engine.tune({ kind: 'batch', batch, label: 'two', ...whole })).finished;
      assert.deepEqual(tuning.subject, { kind: 'batch', label: 'two' });
      assert.ok(tuning.trials.length >= 6, JSON.stringify(tuning));
      assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'as it was');
      await assert.rejects(readFile(path.join(folder, 'b.txt')));
    });
  });

  for (const tool of ['read', 'grep'] as const)
    it(`measures how many operations of ${tool} are handed over in one batch, on files of the workspace`, async () => {
      await withEngine(async ({ engine, folder }) => {
        for (let index = 0; index < 12; index += 1) await writeFile(path.join(folder, `file-${index}.txt`), `line ${index}\n`);
        const tuning = await (await engine.tune({ kind: 'files', tool, slots: 2, most: 10, ...whole })).finished;
        assert.deepEqual([tuning.subject, tuning.operations, tuning.numbers], [{ kind: 'files', tool }, 10, [1, 2, 5, 10]]);
        assert.ok(tuning.trials.length >= 12 && tuning.recommended !== undefined, JSON.stringify(tuning));
        assert.equal(tuning.curve.law, undefined);
      });
    });
});
