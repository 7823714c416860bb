import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { lookedUp } from '../../../src/core/gates/looked-up.js';
import type { LookedUp, ParsedFinding } from '../../../src/core/gates/parsed.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';

describe('Files that only the disk can tell', () => {
  let folder: TemporaryFolder;
  const at = (file: string) => path.join(folder.path, file);
  before(async () => {
    folder = await temporaryFolder();
    const files = ['a.c', 'lib/a.c', 'lib/deep/a.c', 'lib/deep/ba.c', 'other/b.c', 'node_modules/x/n.c', 'usr/a.c'];
    await folder.write(Object.fromEntries(files.map((file) => [file, ''])));
    await symlink(folder.path, at('lib/loop'));
  });
  after(() => folder.dispose());

  const found = async (location: LookedUp, ...files: readonly string[]) => {
    const findings = files.map(
      (file): ParsedFinding => ({
        file,
        fileLocation: location,
        line: 1,
        column: 1,
        severity: 'error',
        message: 'm',
        source: 's',
      }),
    );
    const answers = await lookedUp(findings);
    assert.ok(answers.every((finding) => !('fileLocation' in finding)));
    return answers.map(({ file = '' }) => file);
  };

  it('are relative where they are there so, else absolute', async () => {
    const auto: LookedUp = { kind: 'autoDetect', base: folder.path };
    assert.deepEqual(await found(auto, 'a.c', './a.c', '/usr/a.c', at('lib/a.c'), '/nowhere/a.c', 'not-there.c'), [
      ...[at('a.c'), at('a.c'), at('usr/a.c'), at('lib/a.c'), '/nowhere/a.c', at('not-there.c')],
    ]);
  });

  it('are the first that end so in the folders to look in, a folder before those below it', async () => {
    const search = (include: readonly string[], exclude: readonly string[] = []): LookedUp => ({
      kind: 'search',
      include: include.map(at),
      exclude: exclude.map(at),
    });
    assert.deepEqual(await found(search(['']), 'a.c', 'deep/a.c', 'ba.c', '/deep/a.c', '../other/b.c', at('lib/a.c')), [
      ...[at('a.c'), at('lib/deep/a.c'), at('lib/deep/ba.c'), at('lib/deep/a.c'), at('other/b.c'), at('lib/a.c')],
    ]);
    assert.deepEqual(await found(search(['other', 'lib']), 'a.c', 'b.c'), [at('lib/a.c'), at('other/b.c')]);
    // Not looked for where it is: as if it were directly in the first folder.
    assert.deepEqual(await found(search(['lib'], ['lib/deep']), 'ba.c'), [at('lib/ba.c')]);
    assert.deepEqual(await found(search(['', 'lib']), 'n.c', '/none/n.c'), [at('n.c'), '/none/n.c']);
    assert.deepEqual(await found(search([]), 'a.c'), ['a.c']);
    assert.deepEqual(await found(search(['not there']), 'a.c'), [at('not there/a.c')]);
  });

  it('leave alone what says by itself where it is, and what has no place', async () => {
    const finding: ParsedFinding = { file: 'a.c', line: 1, column: 1, severity: 'error', message: 'm', source: 's' };
    const { file: _, ...nowhere } = finding;
    assert.deepEqual(await lookedUp([finding, nowhere]), [finding, nowhere]);
  });
});
