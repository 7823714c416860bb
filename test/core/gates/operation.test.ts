import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../../src/core/gate-model.js';
import { judge, together } from '../../../src/core/gates/operation.js';
import type { Finding } from '../../../src/core/model.js';
import type { CommandOutput } from '../../../src/core/tools/command.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';

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

describe('The files of findings', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await temporaryFolder({ 'api/main.go': '', 'api/sub/other.go': '', 'main.go': '', 'root.go': '' });
  });
  afterEach(() => folder.dispose());

  /** Where the findings lie, relative to the folder, of a gate that runs in `inside` and writes `stdout`. */
  const placesOf = async (inside: string, stdout: string, opened = folder.path): Promise<readonly string[]> => {
    const gate = {
      tool: 'golangci-lint',
      parser: 'go-lines',
      folder: { name: 'app', path: opened },
      command: { argv: ['golangci-lint', 'run'], cwd: path.join(opened, inside), env: {}, shell: false },
      exitCodes: { passed: [0], failed: [1] },
      evidence: [{ file: 'ci.yml', text: '' }],
      category: 'lint',
    } as unknown as Gate;
    const output = { stdout, stderr: '', truncated: false, bytes: stdout.length };
    const { findings } = await judge(gate, { kind: 'exited', exitCode: 1 }, output as unknown as Parameters<typeof judge>[2]);
    return findings.map(({ file }) => path.relative(opened, file));
  };

  it('are relative to where the tool ran', async () => {
    assert.deepEqual(await placesOf('api', 'main.go:1:1: a (x)\nsub/other.go:1:1: b (x)\n'), ['api/main.go', 'api/sub/other.go']);
  });

  it('are relative to a directory above where the tool names them from its configuration', async () => {
    assert.deepEqual(await placesOf('api', 'api/main.go:1:1: a (x)\nroot.go:1:1: b (x)\n'), ['api/main.go', 'root.go']);
    assert.deepEqual(await placesOf('api/sub', 'api/sub/other.go:1:1: a (x)\n'), ['api/sub/other.go']);
    assert.deepEqual(await placesOf('api/sub', 'sub/other.go:1:1: a (x)\n'), ['api/sub/other.go']);
  });

  it('are where the tool ran when nothing of that name is there', async () => {
    assert.deepEqual(await placesOf('api', 'made/gone.go:1:1: a (x)\n'), ['api/made/gone.go']);
  });

  it('are seen through the link by which the folder was opened', async () => {
    const elsewhere = await temporaryFolder();
    try {
      const link = path.join(elsewhere.path, 'deep', 'link');
      await mkdir(path.dirname(link));
      await symlink(folder.path, link, 'dir');
      assert.deepEqual(await placesOf('api', `${path.join(folder.path, 'api/main.go')}:1:1: a (x)\n`, link), ['api/main.go']);
      assert.deepEqual(await placesOf('api', 'api/main.go:1:1: a (x)\n', link), ['api/main.go']);
    } finally {
      await elsewhere.dispose();
    }
  });
});
