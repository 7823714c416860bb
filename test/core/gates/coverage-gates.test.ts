import assert from 'node:assert/strict';
import { coverageCall } from '../../../src/core/gates/script-coverage.js';
import { CI, detected, gatesOf, workflow } from '../../support/detected.js';

const REPORT = '--junitxml={report} -o junit_family=xunit1 --color=no';
const MEASURED = `pytest: coverage run -m pytest tests ${REPORT}`;
const ci = (...steps: readonly string[]) => ({ [CI]: `on: pull_request\n${workflow(...steps)}` });
const TESTS = 'run: coverage run -m pytest tests';

describe('a threshold of coverage', () => {
  it('is a check that waits for the tests which it looks at, and these are measured', async () => {
    const gates = await detected(ci(TESTS, 'run: uv run coverage report --fail-under=90'));
    assert.deepEqual(
      gates.map(({ id, needs }) => [id, needs]),
      [
        ['pytest', []],
        ['coverage', ['pytest']],
      ],
    );
    assert.deepEqual(await gatesOf(ci(TESTS, 'run: python -m coverage report --fail-under=90')), [
      MEASURED,
      'coverage: coverage report --fail-under=90',
    ]);
  });

  it('is never answered from before, nor are tests whose data it needs', async () => {
    const gates = await detected(ci(TESTS, 'run: coverage report --fail-under=90'));
    assert.deepEqual(
      gates.map(({ reads }) => reads),
      [undefined, undefined],
    );
  });

  it('may stand in the files that coverage reads', async () => {
    const files: readonly Readonly<Record<string, string>>[] = [
      { '.coveragerc': '[report]\nfail_under = 90\n' },
      { 'pyproject.toml': '[tool.coverage]\nreport.fail_under = 90\n' },
      { 'setup.cfg': '[coverage:report]\nfail_under = 90\n' },
      { 'setup.cfg': '[coverage:run]\nplugins = covdefaults\n' },
      { 'pyproject.toml': '[tool.coverage.run]\nplugins = ["covdefaults"]\n' },
    ];
    for (const each of files)
      assert.deepEqual(await gatesOf({ ...ci(TESTS, 'run: coverage report'), ...each }), [MEASURED, 'coverage: coverage report']);
  });

  it('is found in an environment of tox, where its tests are', async () => {
    const commands = ['coverage erase', 'coverage run -m pytest {posargs:tests}', 'coverage report --fail-under 90'];
    assert.deepEqual(await gatesOf({ 'tox.ini': `[testenv]\ncommands =\n${commands.map((line) => `    ${line}\n`).join('')}` }), [
      MEASURED,
      'coverage: coverage report --fail-under 90',
    ]);
  });

  it('comes after what turns the data into what it looks at', async () => {
    const gates = await detected(
      ci(TESTS, 'run: coverage combine', 'run: coverage xml', 'run: diff-cover coverage.xml --fail-under=90'),
    );
    assert.deepEqual(
      gates.map(({ id, needs }) => [id, needs]),
      [
        ['pytest', []],
        ['build:coverage', ['pytest']],
        ['build:coverage-2', ['build:coverage']],
        ['diff-cover', ['build:coverage-2']],
      ],
    );
  });

  it('waits for tests that measure by themselves as they are', async () => {
    const gates = await gatesOf(ci('run: pytest --cov=src --cov-report=xml', 'run: diff-cover coverage.xml --fail-under=90'));
    assert.deepEqual(gates, [
      `pytest: pytest --cov=src --cov-report=xml ${REPORT}`,
      'diff-cover: diff-cover coverage.xml --fail-under=90',
    ]);
  });

  it('is none where nothing fails by it, or no gate is its tests', async () => {
    const plain = `pytest: python -m pytest tests ${REPORT}`;
    assert.deepEqual(await gatesOf(ci(TESTS, 'run: coverage report', 'run: diff-cover coverage.xml')), [plain]);
    assert.deepEqual(await gatesOf(ci(TESTS, 'run: coverage report --fail-under=0')), [plain]);
    assert.deepEqual(await gatesOf(ci('run: coverage report --fail-under=90')), []);
  });
});

describe('a call of coverage', () => {
  const kindOf = (text: string) => coverageCall(text.split(' '))?.kind;

  it('measures, turns, or looks, whatever starts it', () => {
    assert.equal(kindOf('poetry run coverage run --source src -a -m unittest'), 'measures');
    assert.equal(kindOf('python3 -m pytest --cov'), 'measures');
    assert.equal(kindOf('coverage lcov -o x'), 'turns');
    assert.equal(kindOf('coverage xml --fail-under=1'), 'looks');
  });

  it('is none about something else, or with words that nobody knows', () => {
    for (const text of [
      'pytest',
      'coverage erase',
      'coverage debug sys',
      'coverage report --fail-under=$LEAST',
      'make coverage',
      'coverage run $TESTS',
    ])
      assert.equal(kindOf(text), undefined, text);
  });
});

describe('a program that coverage runs by its file', () => {
  it('is the check that it is without', async () => {
    const files = { ...ci('name: Test\nrun: coverage run --source app -a manage.py test'), 'manage.py': '' };
    assert.deepEqual(await gatesOf(files), ['manage: python manage.py test']);
  });
});

describe('an environment of tox without commands of its own', () => {
  it('runs those of all, so that what is named beside it is found', async () => {
    const tox = '[testenv]\ncommands = pytest\n[testenv:base]\ndeps = x\n[testenv:docs]\ncommands = mkdocs build\n';
    assert.deepEqual(await gatesOf({ ...ci('run: tox -e base,docs'), 'tox.ini': tox }), [
      'build:mkdocs: mkdocs build',
      `pytest: pytest ${REPORT}`,
    ]);
  });
});
