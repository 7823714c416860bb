import assert from 'node:assert/strict';
import type { Verification } from '../../../src/core/measured.js';
import type { OperationId, VerificationId } from '../../../src/core/model.js';
import { relativeFile } from '../../../src/core/report/files.js';
import { findingsText, timingTreeText, verificationText } from '../../../src/core/report/text.js';
import { operation, startRig } from '../../support/rig.js';

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
  it('lists the warm-up, every trial, the ratios and every difference', () => {
    const verification: Verification = {
      id: 'v' as VerificationId,
      startedAt: '',
      pairs: 1,
      slots: 2,
      scope: 'workspace',
      warmUpMs: 1500,
      trials: [
        { pair: 1, mode: 'sequential', run: 'a' as never, makespanMs: 2000 },
        { pair: 1, mode: 'parallel', run: 'b' as never, makespanMs: 1000 },
      ],
      ratios: [2],
      ratio: 2,
      sequentialMs: 2000,
      parallelMs: 1000,
      differences: [{ operation: 'lint' as OperationId, what: 'outcome', expected: 'passed', actual: 'failed', trial: 2 }],
      verdict: 'results differ',
    };
    assert.deepEqual(verificationText(verification).split('\n'), [
      'Verification',
      '  warm-up, not counted   1.50 s',
      '  pair 1  sequential    2.00 s',
      '  pair 1  parallel      1.00 s',
      '  ratio of each pair  2.00×',
      '  median ratio  2.00×',
      '  outcomes and findings  not the same',
      '  lint, outcome: trial 1 has passed; trial 2 has failed',
      '',
      'Results differ between trials in 1 place, so the times compare different work: 2.00 s one after another, 1.00 s in parallel (medians of 1 pair of runs).',
      '',
    ]);
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
