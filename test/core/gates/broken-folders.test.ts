import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Detection } from '../../../src/core/gate-model.js';
import { detectGates } from '../../../src/core/gates/detect.js';
import { detectWorkspace } from '../../../src/core/gates/detection.js';
import { detectWith } from '../../support/detected.js';
import { temporaryFolder } from '../../support/folder.js';

type Files = Readonly<Record<string, string>>;

const json = (value: object) => JSON.stringify(value, null, 2);
const ids = (detection: Detection) => detection.gates.map((each) => each.id as string);

describe('reading what is broken', () => {
  const broken = async (files: Files) => {
    const found = await detectWith({ ...files, 'setup.cfg': files['setup.cfg'] ?? '[flake8]\n' });
    return {
      ...found,
      told: found.warnings.map(({ file, line, column, message }) => [path.relative(found.root, file), line, column, message]),
    };
  };

  it('reads on in a package.json that is not valid, with one warning', async () => {
    const found = await broken({ 'package.json': '{\n  "scripts": {\n    "test": "ava",\n    "lint" "xo"\n  },\n}\n' });
    assert.deepEqual(found.told, [['package.json', 4, 12, 'package.json is not valid JSON: a colon is missing here.']]);
    assert.ok(ids(found).includes('ava') && ids(found).includes('flake8'));
    const commented = await broken({ 'package.json': '{ // no\n "scripts": { "test": "ava" } }' });
    assert.deepEqual(commented.told, [['package.json', 1, 3, 'package.json is not valid JSON: comments are not allowed here.']]);
    assert.ok(ids(commented).includes('ava'));
    for (const text of ['', '[]', '"x"', '{"scripts": []}', '{"scripts": null}', 'null', '\u0000', '{"scripts":{"test":']) {
      const odd = await broken({ 'package.json': text });
      assert.deepEqual(
        odd.told.map(([file]) => file),
        ['package.json'],
        JSON.stringify(text),
      );
      assert.deepEqual(ids(odd), ['flake8']);
    }
  });

  it('leaves out a script that is no text', async () => {
    const found = await broken({ 'package.json': '{"scripts": {"a": 1, "test": "ava", "b": {"c": "xo"}}}' });
    assert.deepEqual(found.told, [
      ['package.json', 1, 19, 'The script "a" in package.json has to be a text, so it was left out.'],
      ['package.json', 1, 42, 'The script "b" in package.json has to be a text, so it was left out.'],
    ]);
    assert.deepEqual(ids(found), ['flake8', 'ava']);
  });

  it('names the place in a pyproject.toml, and still sees its tables', async () => {
    const found = await broken({ 'pyproject.toml': '[tool.mypy]\nstrict = true\n[tool.black]\nline-length = = 3\n' });
    assert.deepEqual(
      found.told.map(([file, line]) => [file, line]),
      [['pyproject.toml', 4]],
    );
    assert.match(found.warnings[0]?.message ?? '', /^pyproject\.toml is not valid TOML: .+\.$/);
    assert.deepEqual(ids(found), ['flake8', 'black', 'mypy']);
  });

  it('names the place in .cfg, .ini and JSON files of tools', async () => {
    const found = await broken({
      'setup.cfg': 'name = x\n',
      'biome.json': '{\n  "linter": \n}',
      'mypy.ini': '[mypy\nstrict = True\n',
    });
    assert.deepEqual(Object.fromEntries(found.told.map(([file, line]) => [file, line])), {
      'mypy.ini': 1,
      'setup.cfg': 1,
      'biome.json': 3,
    });
    assert.equal(found.told.length, 3);
    assert.deepEqual(ids(found), ['biome', 'mypy']);
  });

  it('says so when a file is a directory, too large, or may not be read', async () => {
    const directory = await broken({ 'package.json/x': '' });
    assert.deepEqual(
      directory.told.map(([, , , message]) => message),
      ['package.json is not a file, so nothing was read from it.'],
    );
    const large = await broken({ 'package.json': `{"scripts":{"test":"ava"},"x":"${'x'.repeat(5_000_001)}"}` });
    assert.deepEqual(
      large.told.map(([, , , message]) => message),
      ['package.json is larger than 5 MB, so it was not read.'],
    );
    const folder = await temporaryFolder({ 'package.json': '{}', '.flake8': '[flake8]' });
    try {
      await chmod(path.join(folder.path, 'package.json'), 0o000);
      const { gates, warnings } = await detectGates({ folders: [{ name: 'x', path: folder.path }], env: {} });
      assert.deepEqual(
        gates.map((each) => each.id),
        ['flake8'],
      );
      // The superuser may read anything.
      if (process.getuid?.() !== 0) assert.match(warnings[0]?.message ?? '', /could not be read \(EACCES\)/);
    } finally {
      await folder.dispose();
    }
  });

  it('says so when a file is a link that leads nowhere, volley.jsonc too, and says nothing twice', async () => {
    const folder = await temporaryFolder({ 'x.txt': '' });
    try {
      const link = (to: string, name: string) => symlink(path.join(folder.path, to), path.join(folder.path, name));
      await link('gone', 'package.json');
      await link('volley.jsonc', 'volley.jsonc');
      await mkdir(path.join(folder.path, 'pytest.ini'));
      const { warnings } = await detectWorkspace({ folders: [{ name: 'x', path: folder.path }], env: {} });
      assert.deepEqual(warnings.map(({ message }) => message).sort(), [
        'package.json is a link that leads to no file, so nothing was read from it.',
        'pytest.ini is not a file, so nothing was read from it.',
        'volley.jsonc is a link that leads to no file, so nothing was read from it.',
      ]);
    } finally {
      await folder.dispose();
    }
  });

  it('shows no name that would steer a terminal or hide what it says, and reads UTF-16 by its mark', async () => {
    const scripts = { 'test:\u001b]0;x\u0007\n': 'node --test', 'lint:\u202Eabc': 'node lint.js' };
    const folder = await temporaryFolder({ 'package.json': JSON.stringify({ scripts }) });
    try {
      const text = JSON.stringify({ gates: { a: { command: ['\u001b[2J'], name: 'A\u001b[31m' } } });
      await writeFile(path.join(folder.path, 'volley.jsonc'), Buffer.from(`\uFEFF${text}`, 'utf16le'));
      const { gates, warnings } = await detectWorkspace({ folders: [{ name: 'x', path: folder.path }], env: {} });
      assert.deepEqual(warnings, []);
      assert.ok(gates.length >= 2 && gates.some(({ name }) => name === 'A\uFFFD[31m'), JSON.stringify(gates));
      for (const { id, name, evidence, availability } of gates) {
        const reasons = availability.kind === 'available' ? [] : [availability.reason, availability.install];
        const shown = [id, name, ...evidence.map((each) => each.text), ...reasons].join(' ');
        assert.doesNotMatch(shown, /[\u0000-\u001f\u202e]/);
      }
    } finally {
      await folder.dispose();
    }
  });

  it('says what is wrong in files of tasks, and where, however deep they lie', async () => {
    const found = await broken({ 'deno.json': '{\n  "tasks": {', 'composer.json': '['.repeat(100_000) });
    assert.deepEqual(found.told.map(([file, line, , message]) => [file, line, message]).sort(), [
      ['composer.json', 1, 'composer.json is not valid JSON: objects and arrays lie too deep in each other.'],
      ['deno.json', 2, 'deno.json is not valid JSON: a closing brace } is missing here.'],
    ]);
  });

  it('does not mind a byte order mark, nor a folder that is gone', async () => {
    const marked = await broken({ 'package.json': '\uFEFF{"scripts":{"test":"ava"}}' });
    assert.deepEqual([marked.told, ids(marked)], [[], ['flake8', 'ava']]);
    const gone = await detectGates({ folders: [{ name: 'gone', path: path.resolve('/nowhere/at/all') }], env: {} });
    assert.deepEqual(gone, { gates: [], warnings: [] });
  });
});

describe('a place that is no file', () => {
  it('is not waited for, whoever names it', async () => {
    const folder = await temporaryFolder({ 'package.json': json({ scripts: { lint: 'eslint .' } }) });
    try {
      for (const name of ['Makefile', 'tox.ini', 'noxfile.py', '.github/workflows/ci.yml']) {
        await mkdir(path.dirname(path.join(folder.path, name)), { recursive: true });
        assert.equal(spawnSync('mkfifo', [path.join(folder.path, name)]).status, 0);
      }
      const { gates, warnings } = await detectGates({ folders: [{ name: 'app', path: folder.path }], env: {} });
      assert.deepEqual(
        gates.map(({ id }): string => id),
        ['eslint'],
      );
      assert.ok(warnings.some(({ message }) => message.startsWith('Makefile is not a file')));
    } finally {
      await folder.dispose();
    }
  });
});

describe('a bug of Volley in one place', () => {
  it('is a warning there, and all else is still found', async () => {
    const manifest = json({ scripts: { lint: 'eslint .' }, devDependencies: { eslint: '9' } });
    const pyproject = '[tool.ruff]\n[tool.pytest.ini_options]\n';
    const folders = await Promise.all([
      temporaryFolder({ 'package.json': manifest, 'api/pyproject.toml': pyproject, 'web/pyproject.toml': pyproject }),
      temporaryFolder({ 'package.json': manifest }),
    ]);
    const [first, second] = folders.map(({ path: place }) => place) as [string, string];
    const errors: string[] = [];
    const log = { debug() {}, info() {}, warn() {}, error: (message: string) => errors.push(message) };
    const ids = async (broken: string) => {
      const { gates, warnings } = await detectGates({
        folders: [first, second].map((place, index) => ({ name: `app${index}`, path: place })),
        env: {},
        log,
        readMentions: async (directory) => {
          if (directory === broken) throw new Error('out of order');
          return [];
        },
      });
      assert.deepEqual(
        warnings.map(({ file, message }) => [file, message.includes('out of order')]),
        [[broken, true]],
      );
      return gates.map(({ id }) => id);
    };
    try {
      assert.deepEqual(await ids(path.join(first, 'api')), ['app0/eslint', 'app0/web/ruff', 'app0/web/pytest', 'app1/eslint']);
      assert.deepEqual(await ids(first), ['app1/eslint']);
      assert.equal(errors.length, 2);
    } finally {
      await Promise.all(folders.map((folder) => folder.dispose()));
    }
  });
});
