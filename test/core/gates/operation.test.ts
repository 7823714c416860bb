import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../../src/core/gate-model.js';
import { judge } from '../../../src/core/gates/operation.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';

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
