import assert from 'node:assert/strict';
import { withValue } from '../../../src/core/gates/evidence/matrix.js';
import { whereGiven } from '../../../src/core/gates/evidence/matrix-fallback.js';
import { readNoxfile } from '../../../src/core/gates/evidence/nox.js';
import { withVariables } from '../../../src/core/gates/evidence/variables.js';
import { CI, gatesOf, workflow } from '../../support/detected.js';

const commandsOf = (text: string) =>
  readNoxfile({ file: 'noxfile.py', text, warn: () => {} }).map(({ name, command, cwd, manyPlaces }) =>
    [name, manyPlaces ? '?' : cwd, ...(command.kind === 'argv' ? command.argv : [])].filter((word) => word !== '').join(' '),
  );

const HELPER = `import nox
def tests_impl(session: nox.Session, extra: list[str] = [], slow: bool = False, bytes_too: bool = False):
    session.run("python", "--version")
    session.run("python", *(("-bb",) if bytes_too else ()), "-m", "pytest", *(("--slow",) if slow else ()),
        *(("-n", "2") if unheard_of else ()), *extra, *(session.posargs or ("test/",)), env=some)
@nox.session(python=["3.12", "3.13"])
def test(session):
    tests_impl(session)
@nox.session
def slow(session):
    tests_impl(session, slow=True, extra=["-x", "--durations" "=3"])
@nox.session
def browser(session):
    tests_impl(session, extra=[f"{session.name}-host"])
`;

describe('a session of nox', () => {
  it('runs what the helpers run that it hands itself on to, with what it tells them', () => {
    assert.deepEqual(commandsOf(HELPER), [
      'test python -m pytest test/',
      'slow python -m pytest --slow -x --durations=3 test/',
      'browser',
    ]);
    const round =
      'def a(session):\n    b(session)\ndef b(session):\n    a(session)\n@nox.session\ndef c(session):\n    a(session)\n';
    assert.deepEqual(commandsOf(round), ['c']);
  });

  it('ends soon, however often helpers call helpers', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const helpers = names.map(
      (name, index) => `def ${name}(session):\n${`    ${names[index + 1] ?? 'x'}(session)\n`.repeat(60)}`,
    );
    assert.deepEqual(commandsOf(`${helpers.join('')}@nox.session\ndef last(session):\n    a(session)\n`), ['last']);
  });

  it('runs where it has changed to, which may be known to it alone', () => {
    const text = `@nox.session
def docs(session):
    with session.chdir("docs"):
        session.run("make", "html")
    session.run("ruff", "check")
    session.chdir("./docs/")
    session.run("sphinx-build", ".", "out")
    session.cd(session.create_tmp())
    session.run("pytest", "tests")
`;
    assert.deepEqual(commandsOf(text), [
      'docs docs make html',
      'docs ruff check',
      'docs docs sphinx-build . out',
      'docs ? pytest tests',
    ]);
  });

  it('is a gate in one piece where nobody knows what it runs, and the step of CI that starts it is called a check', async () => {
    const files = (name: string, run: string) => ({
      'noxfile.py': `${HELPER}@nox.session\ndef other(session):\n    session.cd(tmp())\n    session.run("pytest", "tests")\n`,
      [CI]: `on: [pull_request]\njobs:\n  x:\n    strategy: { matrix: { session: [test-3.12, 'browser(node)', other] } }\n    steps:\n      - name: ${name}\n        run: ${run}\n        env: { SESSION: "\${{ matrix.session || 'test' }}" }\n`,
    });
    const ids = async (name: string, run: string) => (await gatesOf(files(name, run))).map((each) => each.replace(/: .*/, ''));
    const all = ['pytest', 'pytest:nox-s-test', 'script:nox-s-other', 'script:nox-s-browser'];
    assert.deepEqual((await ids('Run tests', 'uvx nox -s "$SESSION"')).sort(), all.sort());
    assert.ok(!(await ids('Prepare', 'nox -s "$SESSION"')).includes('script:nox-s-browser'));
  });
});

describe('a variable of a step', () => {
  it('stands for what it was told where it names what runs', () => {
    const values = { SESSION: '$MATRIX_session', HOME: '~' };
    assert.equal(withVariables('nox -s "$SESSION"', values), 'nox -s "$MATRIX_session"');
    assert.equal(withVariables('make $' + '{SESSION} $HOME $OTHER', values), 'make $MATRIX_session $HOME $OTHER');
    assert.equal(withValue('nox -s $M', '$M', 'a(b)'), 'nox -s "a(b)"');
    assert.equal(withValue('nox -s "$M"', '$M', 'a(b)'), 'nox -s "a(b)"');
  });

  it('is a key of the matrix where that is given', () => {
    assert.equal(whereGiven("matrix.task || 'test'"), 'matrix.task');
    assert.equal(whereGiven("matrix.a != '' && matrix.a || format('test-{0}', matrix.b)"), 'matrix.a');
    assert.equal(whereGiven("matrix.a && matrix.b || 'c'"), "matrix.a && matrix.b || 'c'");
    assert.equal(whereGiven('matrix.a'), 'matrix.a');
    assert.equal(whereGiven("matrix.a == 'x'"), "matrix.a == 'x'");
  });
});

describe('a step that is called a check', () => {
  it('makes one of what it starts by name and nothing else says', async () => {
    const files = { Makefile: 'downstream:\n\t./tools/other $(X)\n' };
    const said = (name: string) => workflow(`name: ${name}\nrun: make downstream`).replace('jobs:', 'on: [pull_request]\njobs:');
    assert.deepEqual(await gatesOf({ ...files, [CI]: said('Run downstream tests') }), [
      'script:make-downstream: make downstream',
    ]);
    assert.deepEqual(await gatesOf({ ...files, [CI]: said('Prepare others') }), []);
  });
});
