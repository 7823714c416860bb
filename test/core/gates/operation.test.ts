import assert from 'node:assert/strict';
import type { Gate } from '../../../src/core/gate-model.js';
import { judge, together } from '../../../src/core/gates/operation.js';
import type { Finding } from '../../../src/core/model.js';
import type { CommandOutput } from '../../../src/core/tools/command.js';
import { temporaryFolder } from '../../support/folder.js';

const IGNORED = { ruleId: null, severity: 1, message: 'File ignored because of a matching ignore pattern.' };
const warning = { ruleId: 'x', severity: 1, message: 'Look here.', line: 1, column: 1 };
const error = { ...warning, severity: 2 };

describe('A gate that is given files which its tool ignores and counts as warnings', () => {
  const outcome = async (options: readonly string[], ...messages: readonly object[]) => {
    const folder = await temporaryFolder();
    try {
      const gate = {
        tool: 'ESLint',
        category: 'lint',
        parser: 'eslint',
        folder: { name: 'x', path: folder.path },
        command: { argv: ['eslint', ...options], cwd: folder.path, env: {}, shell: false },
        exitCodes: { passed: [0], failed: [1, 2] },
        evidence: [],
      } as unknown as Gate;
      const report = JSON.stringify([{ filePath: `${folder.path}/a.js`, messages }]);
      const output = { stdout: '', stderr: 'ESLint found too many warnings (maximum: 0).', report, truncated: false };
      const judged = await judge(gate, { kind: 'exited', exitCode: 1 }, output as unknown as CommandOutput);
      return judged.outcome.kind;
    } finally {
      await folder.dispose();
    }
  };

  it('passes where nothing else is too much', async () => {
    assert.equal(await outcome(['--max-warnings', '0'], IGNORED), 'passed');
    assert.equal(await outcome(['--max-warnings=1'], IGNORED, warning), 'passed');
  });

  it('fails for what it really found', async () => {
    assert.equal(await outcome(['--max-warnings', '0'], IGNORED, warning), 'failed');
    assert.equal(await outcome(['--max-warnings=9'], IGNORED, error), 'failed');
    assert.equal(await outcome(['--max-warnings', '0'], warning), 'failed');
    assert.equal(await outcome([], IGNORED), 'failed');
  });
});

describe('A gate with more files than one command line takes', () => {
  it('fails when there are more warnings in all than its command allows', () => {
    const outcome = (argv: readonly string[], count: number) => {
      const gate = { command: { argv } } as unknown as Gate;
      const findings = Array.from({ length: count }, () => ({ severity: 'warning' }) as Finding);
      return together(gate, { outcome: { kind: 'passed' }, findings }).outcome.kind;
    };
    assert.equal(outcome(['eslint', '--max-warnings', '3'], 3), 'passed');
    assert.equal(outcome(['eslint', '--max-warnings=3'], 4), 'failed');
    assert.equal(outcome(['eslint', '--max-warnings=-1'], 4), 'passed');
    assert.equal(outcome(['eslint'], 4), 'passed');
  });
});
