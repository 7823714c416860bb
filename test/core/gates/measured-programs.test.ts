import assert from 'node:assert/strict';
import { CI, gatesOf, run, workflow } from '../../support/detected.js';

describe('what coverage is measured of', () => {
  const tox = (...lines: readonly string[]) => `[testenv:fuzz]\ncommands =\n${lines.map((line) => `    ${line}\n`).join('')}`;
  const files = { 'scripts/fuzz.py': '', 'scripts/release_tests.py': '', 'setup.py': '' };

  it('is a check in an environment of tox that CI runs, whatever it is called', async () => {
    const ofTox = (...lines: readonly string[]) =>
      gatesOf({ ...files, 'tox.ini': tox(...lines), [CI]: workflow(run('tox -e fuzz')) });
    assert.deepEqual(await ofTox('coverage erase', 'coverage run {toxinidir}/scripts/fuzz.py', 'coverage report'), [
      'fuzz: python ./scripts/fuzz.py',
    ]);
    assert.deepEqual(await ofTox('coverage run --source app -m app.selfcheck --all'), [
      'app-selfcheck: python -m app.selfcheck --all',
    ]);
    assert.deepEqual(await ofTox('coverage run -m unittest'), ['unittest: python -m unittest']);
    assert.deepEqual(await ofTox('coverage run setup.py build', 'coverage run scripts/publish.py'), []);
  });

  it('ends, also in a job that fuzzes what is proposed', async () => {
    const ci = { '.github/workflows/fuzz.yml': `on: pull_request\n${workflow('id: fuzz\nrun: tox -e fuzz')}` };
    const others = { [CI]: workflow(run('pytest')), ...files };
    const ids = async (line: string) =>
      (await gatesOf({ ...others, ...ci, 'tox.ini': tox(line) })).map((each) => each.replace(/:.*/, ''));
    assert.deepEqual(await ids('coverage run scripts/fuzz.py'), ['fuzz', 'pytest']);
    assert.deepEqual(await ids('pip install -e .[d]\n    coverage run scripts/fuzz.py'), ['fuzz', 'pytest']);
    assert.deepEqual(await ids('coverage run scripts/fuzz.py\n    coverage report'), ['fuzz', 'pytest']);
    assert.deepEqual(await ids('python scripts/fuzz.py'), ['pytest']);
  });

  it('tests what releases where its job is called after that', async () => {
    const text = `on: pull_request\n${workflow(run('python -m coverage run scripts/release_tests.py'))}`.replace(
      'check:',
      'test-release-tool:',
    );
    assert.deepEqual(await gatesOf({ ...files, '.github/workflows/release_tests.yml': text }), [
      'release-tests: python scripts/release_tests.py',
    ]);
    assert.deepEqual(await gatesOf({ ...files, '.github/workflows/x.yml': text.replace('test-release-tool', 'release') }), []);
  });
});

describe('a task that CI does not run', () => {
  it('stays where its program is known, though not that command of it', async () => {
    const files = { justfile: 'check-features:\n    cargo hack check --feature-powerset\ncheck-odd:\n    frobnicate check\n' };
    const ci = { 'Cargo.toml': '[package]\nname = "a"\n', [CI]: workflow(run('cargo clippy')) };
    const found = await gatesOf({ ...files, ...ci });
    assert.ok(found.includes('cargo-hack-check: cargo hack check --feature-powerset'));
    assert.ok(!found.some((each) => each.includes('frobnicate')));
  });
});
