import assert from 'node:assert/strict';
import { type Job, lineOf, lowerBound, sleepingJobs, trivialJobs } from '../bench/peers/job-set.js';
import { markdownOf, tableText } from '../bench/peers/markdown.js';
import { interleaved } from '../bench/peers/measure.js';
import { atMost, pairedRatio, plain, spread } from '../bench/peers/results.js';
import { canRun } from '../bench/peers/runner.js';
import { RUNNERS } from '../bench/peers/runners.js';

/** What is measured is asserted nowhere; how it is measured and told is. */
describe('The bench beside peers', () => {
  it('knows what no schedule is below: the longest path, or the work shared by all slots', () => {
    const check = (jobs: readonly Job[], slots: number, expected: number) => assert.equal(lowerBound({ jobs, slots }), expected);
    check(sleepingJobs([1, 1, 1, 1]), 2, 2);
    check(sleepingJobs([1, 1, 5]), 2, 5);
    const chained = sleepingJobs([1, 2, 3]).map((job, index) => (index === 0 ? job : { ...job, needs: [`j${index - 1}`] }));
    check(chained, 4, 6);
  });

  it('gives no job a word that a shell would read in another way', () => {
    assert.equal(lineOf({ id: 'a', argv: ['cp', 'inputs/a.txt', 'b=c'] }), 'cp inputs/a.txt b=c');
    assert.throws(() => lineOf({ id: 'a', argv: ['echo', '$HOME'] }), /a shell would not read as it is: \$HOME/);
  });

  it('has every participant take its turn once in each repeat, in an order that a seed decides, after a round that does not count', async () => {
    const turns = async (seed: number) => {
      const order: string[] = [];
      const results = await interleaved(['a', 'b', 'c', 'd'], { repeats: 3, seed }, async (name, repeat) => {
        order.push(`${repeat}${name}`);
        return repeat;
      });
      for (const values of results.values()) assert.deepEqual(values, [0, 1, 2]);
      for (const round of [-1, 0, 1, 2])
        assert.deepEqual(
          order.filter((turn) => turn.startsWith(`${round}`)).sort(),
          ['a', 'b', 'c', 'd'].map((name) => `${round}${name}`),
        );
      return order;
    };
    assert.deepEqual(await turns(7), await turns(7));
    assert.notDeepEqual(await turns(7), await turns(8));
  });

  it('asks of a runner only what it can do', () => {
    const able = (id: string, jobs: readonly Job[], more: object = {}) => {
      const runner = RUNNERS.find((each) => each.id === id);
      assert.ok(runner);
      return canRun(runner, { jobs, slots: 2, ...more });
    };
    const layered = [
      { id: 'a', argv: ['sleep', '1'] },
      { id: 'b', argv: ['sleep', '1'], needs: ['a'] },
    ];
    assert.deepEqual([able('make', layered), able('xargs', layered)], [true, false]);
    assert.deepEqual(
      [able('turbo', trivialJobs(1), { cached: true }), able('parallel', trivialJobs(1), { cached: true })],
      [true, false],
    );
    // It has no limit, which makes no difference where all may run at once.
    assert.deepEqual([able('lefthook', sleepingJobs([1, 1, 1])), able('lefthook', sleepingJobs([1, 1]))], [false, true]);
  });

  it('pins every package of npm to one version', () => {
    for (const { source } of RUNNERS) if (source.kind === 'npm') assert.match(source.version, /^\d+\.\d+\.\d+$/);
  });

  it('compares what was measured in the same repeat', () => {
    assert.equal(pairedRatio([2, 40, 6], [1, 10, 3]), 2);
    assert.equal(pairedRatio([], []), undefined);
    assert.equal(spread([1, 2, 3, 4, 5], plain(0)), '3 (2–4)');
  });

  it('says plainly which targets are missed, and which could not be measured', () => {
    const targets = [atMost('quick', 2, 1, plain(0)), atMost('slow', 2, 3, plain(0)), atMost('absent', 2, undefined, plain(0))];
    const section = { id: 'one', title: 'One', about: 'What was done.', tables: [], targets };
    const text = markdownOf({
      ...{ date: '2026-01-01', machine: 'a machine', load: { before: 0, after: 1 }, repeats: 3, seed: 1, seconds: 1 },
      ...{ runners: { columns: ['runner'], rows: [] }, absent: ['ninja is absent: No.'], sections: [section] },
    });
    assert.match(text, /1 of 3 targets are reached\. Missed: slow \(3, target ≤ 2\)\. Not measured: absent\./);
    assert.match(text, /\| slow \| ≤ 2 \| 3 \| \*\*no\*\* \|/);
    assert.match(text, /ninja is absent: No\./);
    assert.equal(tableText({ columns: ['a'], rows: [['x|y']] }), '| a |\n| --- |\n| x\\|y |');
  });
});
