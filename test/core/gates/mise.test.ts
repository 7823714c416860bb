import assert from 'node:assert/strict';
import { readMise } from '../../../src/core/gates/evidence/mise.js';
import { readMiseFile } from '../../../src/core/gates/evidence/mise-files.js';
import { CI, detected, workflow } from '../../support/detected.js';

/** The gates of a folder with these files, each as its id. */
async function ids(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await detected(files)).map(({ id }) => id);
}

describe('Scripts that are tasks of mise', () => {
  const lint = '#!/usr/bin/env bash\n#MISE description="Style"\nset -e\nruff check\n';

  it('are run by where they lie', async () => {
    for (const folder of ['mise-tasks', '.mise-tasks', 'mise/tasks', '.mise/tasks', '.config/mise/tasks']) {
      const files = { [`${folder}/lint`]: lint, [`${folder}/README.md`]: 'lint: run `pytest`\n' };
      assert.deepEqual(await ids({ ...files, [CI]: workflow('run: mise run lint') }), ['ruff'], folder);
    }
    for (const [place, call] of [
      ['check/style.sh', 'mise run check:style'],
      ['check/_default', 'mise check'],
      ['style', 'mise r s'],
    ] as const) {
      const text = lint.replace('#MISE d', '# [MISE] alias=["s"]\n#MISE d');
      assert.deepEqual(await ids({ [`mise-tasks/${place}`]: text, [CI]: workflow(`run: ${call}`) }), ['ruff'], place);
    }
  });

  it('have what runs before them, and their folder, in their first lines', async () => {
    const files = {
      'mise-tasks/ci': '#!/bin/sh\n#MISE depends=["lint", "web"]\n',
      'mise-tasks/lint': lint,
      'mise-tasks/web': '#!/bin/sh\n#MISE dir="web"\neslint src\n',
      'web/package.json': '{}',
      [CI]: workflow('run: mise run ci'),
    };
    assert.deepEqual(await ids(files), ['ruff', 'web/eslint']);
  });

  it('in another language are run as CI calls them', async () => {
    const python = '#!/usr/bin/env python3\n# MISE description="x"\nprint("ruff check")\n';
    const found = await detected({ 'mise-tasks/lint.py': python, [CI]: workflow('run: mise run lint') });
    assert.deepEqual(
      found.map(({ command }) => command.argv.join(' ')),
      ['mise run lint'],
    );
  });

  it('may be tables of tasks', () => {
    const text = '[lint]\nrun = "ruff check"\nalias = "l"\n';
    const found = readMiseFile({ file: 'mise-tasks/more.toml', text, warn: () => {} });
    assert.deepEqual(
      found.map(({ name, needs = [] }) => `${name} ${needs.join(' ')}`),
      ['lint ', 'l lint'],
    );
  });
});

describe('Tasks in mise.toml', () => {
  it('run others one after another or at once, under other names, too', () => {
    const text = '[tasks.ci]\nalias = "c"\nrun = [{ tasks = ["lint", "test"] }, { task = "types" }]\n';
    const found = readMise({ file: 'mise.toml', text, warn: () => {} });
    assert.deepEqual(
      found.map(({ name, command }) => `${name}: ${command.kind === 'shell' ? command.text : ''}`),
      ['ci: mise run lint', 'ci: mise run test', 'ci: mise run types', 'c: '],
    );
  });
});
