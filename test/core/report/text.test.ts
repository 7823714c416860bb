import assert from 'node:assert/strict';
import { relativeFile } from '../../../src/core/report/files.js';
import { findingsText, finishedLine, timingTreeText, verificationText } from '../../../src/core/report/text.js';
import { operation, startRig } from '../../support/rig.js';
import { verification } from '../../webview/runs.js';

describe('The timing tree as text', () => {
  it('shows groups, outcomes, times, waits and the critical path', async () => {
    const rig = await startRig(
      [
        operation('lint', { group: 'lint' }),
        operation('unit', { group: 'test' }),
        operation('slow', { group: 'test', needs: ['lint'] }),
      ],
      { slots: 2 },
    );
    rig.tick(1000);
    await rig.release('lint');
    rig.tick(950);
    await rig.release('unit', { kind: 'failed' });
    rig.tick(50);
    await rig.release('slow');
    assert.deepEqual(timingTreeText(rig.state()).split('\n'), [
      'Rig · failed · 2.00 s',
      '├─ lint',
      '│  └─ lint *  passed       1.00 s  ▕████████████████                ▏',
      '└─ test',
      '   ├─ unit    failed       1.95 s  ▕███████████████████████████████ ▏',
      '   └─ slow *  passed       1.00 s  ▕────────────────████████████████▏',
      '',
      '  makespan 2.00 s · sum of operations 3.95 s · lower bound 2.00 s',
      '  sum ÷ makespan 1.98× (an estimate of the speedup) · 2 slots · efficiency 99 % · overlap 67 %',
      '  timeline: ─ waiting  █ running  * on the critical path',
      '',
    ]);
  });

  it('says why something did not run, but not to whoever cancelled it', async () => {
    const rig = await startRig([operation('build'), operation('test', { needs: ['build'] }), operation('other')], { slots: 1 });
    await rig.release('build', { kind: 'failed' });
    await rig.cancel();
    const text = timingTreeText(rig.state());
    assert.match(text, /test +skipped.*\n +It needs "build", which failed\./);
    assert.doesNotMatch(text, /You cancelled/);
  });

  it('names what something needed as people know it, also while the run goes on', async () => {
    const rig = await startRig([operation('build', { name: 'Bundle' }), operation('test', { needs: ['build'] })], { slots: 1 });
    await rig.release('build', { kind: 'failed' });
    const state = rig.state();
    const [, skipped] = state.operations;
    assert.ok(skipped);
    assert.equal(finishedLine(skipped, state, state.at), 'skipped   test  It needs "Bundle", which failed.');
    await rig.cancel();
  });
});

describe('Findings as text', () => {
  it('name file, line, column, severity, message and rule, below their gate', async () => {
    const rig = await startRig([operation('eslint')]);
    const state = rig.state();
    const [first] = state.operations;
    assert.ok(first, 'the rig has an operation');
    const finding = {
      file: '/w/src/a.ts',
      line: 3,
      column: 7,
      severity: 'warning',
      rule: 'eqeqeq',
      message: 'Use ===.\nReally.',
      source: 'eslint',
    } as const;
    assert.equal(
      findingsText({ ...state, operations: [{ ...first, findings: [finding] }] }, '/w'),
      'eslint 1 finding\n  src/a.ts:3:7 warning Use ===.\n    Really. (eqeqeq)\n',
    );
    assert.equal(findingsText(state, '/w'), '');
  });
});

describe('A verification as text', () => {
  it('has the block, every trial, where the time went, equality and the verdict', () => {
    const { verification: measured, runs } = verification(6);
    const text = verificationText(measured, runs);
    for (const line of [
      'Verification',
      /^├─ tool executed {7}\d+ operations: /m,
      /^├─ sequential time {5}[\d.]+ s \(median\)/m,
      /^├─ improvement ratio {3}[\d.]+× \(\d+ % less time\)/m,
      /^├─ interval {12}none: it takes at least five pairs/m,
      /^└─ state {15}inconclusive \(target 1\.67×\)/m,
      /6 trials in 3 pairs \(at most 3 pairs and 10 min 00 s\), order by the seed 5/,
      /pair {2}3 {2}parallel/,
      /in parallel {8}[\d.]+ s = work [\d.]+ s \+ blocked /,
      /With all slots at work all the time and nothing slowed down it would take [\d.]+ s\. On top: /,
      /ceiling \(Amdahl\)/,
      /Slower in company: /,
      'Outcomes, exit codes, findings, answers and files left behind (but logs, caches and node_modules) were the same in all trials.',
      /^Inconclusive: a ratio of [\d.]+× from 3 pairs/m,
    ])
      assert.ok(typeof line === 'string' ? text.includes(line) : line.test(text), `${line}\n${text}`);
    assert.equal(text.match(/^ {2}pair {2}\d /gm)?.length, 6);
  });
});

describe('A file name', () => {
  for (const [root, file, expected] of [
    ['/w', '/w/a/b.ts', 'a/b.ts'],
    ['/w/', '/w/a.ts', 'a.ts'],
    ['/w', '/wide/a.ts', '/wide/a.ts'],
    ['C:\\w', 'c:\\W\\a\\b.ts', 'a/b.ts'],
    ['/w', '/w/a\\b.ts', 'a\\b.ts'],
  ] as const) {
    it(`${file} below ${root} is shown as ${expected}`, () => assert.equal(relativeFile(root, file), expected));
  }
});
