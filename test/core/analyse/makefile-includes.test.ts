import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inlined } from '../../../src/core/analyse/makefile-includes.js';
import { READERS } from '../../../src/core/analyse/readers.js';
import { sourceOf } from '../../support/analysis.js';
import { withEngine } from '../../support/engine.js';

describe('A Makefile that includes others', () => {
  it('is what make reads: each in the place of the line that includes it, with where its lines stand', () => {
    const included = new Map([
      ['a.mk', 'A = 1\ninclude b.mk'],
      ['b.mk', 'b:\n\techo b'],
    ]);
    const { text, origins, missing } = inlined('Makefile', 'first:\n-include a.mk none.mk # some\nlast:', included);
    assert.deepEqual(text.split('\n'), ['first:', 'A = 1', 'b:', '\techo b', 'last:']);
    assert.deepEqual(
      origins.map(({ file, line }) => `${file}:${line}`),
      ['Makefile:1', 'a.mk:1', 'b.mk:1', 'b.mk:2', 'Makefile:3'],
    );
    assert.deepEqual(missing, [{ file: 'Makefile', line: 2, name: 'none.mk' }]);
  });

  it('ends where one includes itself', () => {
    const included = new Map([['a.mk', 'include a.mk\nA = 1']]);
    const { text, missing } = inlined('Makefile', 'include a.mk', included);
    assert.equal(text, 'A = 1');
    assert.deepEqual(missing, [{ file: 'a.mk', line: 1, name: 'a.mk' }]);
  });

  it('has the targets and the variables of all of them, and says what was not followed', async () => {
    const text = 'GREETING = hello\ninclude rules.mk $(wildcard more/*.mk) gone.mk\nall: greet\n\techo $(NAME)\n';
    const included = new Map([['rules.mk', 'NAME = world\ngreet:\n\techo $(GREETING)\n']]);
    const source = { ...sourceOf(text, { file: 'Makefile' }), included };
    assert.deepEqual(
      READERS.makefile.choices(source).map(({ name }) => name),
      ['greet', 'all'],
    );
    const { operations, notTaken } = (await READERS.makefile.read(source, 'all')) ?? assert.fail();
    assert.deepEqual(
      operations.map(({ file, line, text: shown }) => [file, line, shown]),
      [
        ['rules.mk', 3, 'echo hello'],
        ['Makefile', 4, 'echo world'],
      ],
    );
    assert.deepEqual(
      notTaken.map(({ what, because }) => `${what}: ${because}`),
      [
        'include $(wildcard: only make knows which files that are',
        'include more/*.mk): only make knows which files that are',
        'include gone.mk: there is no such file in the workspace',
      ],
    );
  });

  it('is read from the workspace, and from nowhere else', async () => {
    await withEngine(async ({ engine, folder }) => {
      await mkdir(path.join(folder, 'sub/parts'), { recursive: true });
      await writeFile(path.join(folder, 'sub/parts/rules.mk'), 'inner:\n\techo inner\ninclude parts/deep.mk\n');
      await writeFile(path.join(folder, 'sub/parts/deep.mk'), 'deep:\n\techo deep\n');
      await writeFile(path.join(folder, '../outside.mk'), 'outside:\n\techo outside\n');
      await symlink(path.join(folder, '../outside.mk'), path.join(folder, 'sub/link.mk'));
      const text = 'include parts/rules.mk ../../outside.mk link.mk\nall: inner deep outside\n';
      await writeFile(path.join(folder, 'sub/Makefile'), text);
      const result = await engine.analyse({ text, file: path.join(folder, 'sub/Makefile'), choice: 'all', slots: 2 });
      assert.ok(result.kind === 'analysed', JSON.stringify(result));
      assert.match(result.analysis.batch, /echo inner/);
      assert.match(result.analysis.batch, /echo deep/);
      assert.doesNotMatch(result.analysis.batch, /echo outside/);
      assert.deepEqual(
        result.analysis.notTaken.map(({ what }) => what),
        ['include ../../outside.mk', 'include link.mk'],
      );
    });
  });
});
