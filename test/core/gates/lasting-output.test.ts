import assert from 'node:assert/strict';
import path from 'node:path';
import { lastingOutput } from '../../../src/core/gates/lasting-output.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';

describe('What lasts of an output', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await temporaryFolder();
    await folder.write({ 'src/a.ts': 'one\n  two();\nthree\n', 'b.txt': 'x\n' });
  });
  afterEach(() => folder.dispose());

  const lasting = (...lines: string[]) => lastingOutput({ lines, places: [folder.path], cwd: folder.path });
  const same = async (one: string, other: string) => assert.equal(await lasting(one), await lasting(other));

  it('holds the text of a line in place of its number', async () => {
    assert.equal(await lasting('src/a.ts:2:3: error: no'), 'src/a.ts:"two();": error: no');
    assert.equal(await lasting('src/a.ts(2,3): error'), 'src/a.ts:"two();": error');
    assert.equal(
      await lasting(`${path.join(folder.path, 'src/a.ts')}:3 bad`),
      './src/a.ts:"three" bad'.replaceAll('/', path.sep),
    );
    assert.notEqual(await lasting('src/a.ts:1:1: no'), await lasting('src/a.ts:3:1: no'));
  });

  it('leaves as it is what names no line that there is', async () => {
    for (const line of ['src/a.ts:90:1: no', 'src/none.ts:1:1: no', '3.5:1', 'https://a.example.org:80/x']) {
      assert.equal(await lasting(line), line);
    }
  });

  it('ends soon, however long a line is', async () => {
    for (const line of ['a'.repeat(300_000), 'a.b/'.repeat(80_000), `${'a.'.repeat(100_000)}:1`]) await lasting(line);
  });

  it('does not hold when and where it was written', async () => {
    await same('took 12 ms', 'took 340 ms');
    await same('2026-01-02 10:11:12 ok', '2027-03-04 01:02:03 ok');
    await same('/tmp/a1/b wrong', '/tmp/zz wrong');
    await same(`${folder.path}/x wrong`, './x wrong');
    assert.equal(await lasting('npm notice new version', '> a@1.0.0 test', 'x'), 'x');
  });
});
