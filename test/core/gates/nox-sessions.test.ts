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

describe('what a noxfile calls by names', () => {
  it('is what it is given once: texts, lists and places, seen from where the session is', () => {
    const text = `ROOT = Path(__file__).parent
DOCS = ROOT / "docs"
SOURCES = ["src", "tests"]
@nox.session
def lint(session):
    tool = ["python", "-m", "mypy"]
    session.run(*tool, "--config", ROOT / "mypy.ini", *SOURCES, os.devnull)
    with session.chdir(DOCS):
        session.run("doc8", "--config", str(ROOT / "pyproject.toml"), f"{ROOT}/docs/api", DOCS)
    changed = "a"
    changed = "b"
    session.run("ruff", changed)
    args = ["-q"]
    args.append("-v")
    session.run("flake8", *args)
    for each in SOURCES:
        session.run("pylint", each)
`;
    assert.deepEqual(commandsOf(text), [
      'lint python -m mypy --config mypy.ini src tests /dev/null',
      'lint docs doc8 --config ../pyproject.toml api .',
    ]);
  });

  it('is left alone where it leads out of the repository', () => {
    const text = 'A = Path(__file__).parent.parent / "x"\n@nox.session\ndef a(session):\n    session.run("mypy", A)\n';
    assert.deepEqual(commandsOf(text), ['a']);
  });

  it('decides which lines run, where it is known', () => {
    const text = `@nox.session
def tests(session):
    own, rest = parser.parse_known_args(session.posargs)
    if session.posargs and session.posargs[0] == "slow":
        session.run("pytest", "slow")
    elif unheard_of:
        session.run("pytest", "perhaps", *rest)
    else:
        session.run("pytest", "quick")
    if not session.posargs:
        session.run("coverage", "report")
`;
    assert.deepEqual(commandsOf(text), ['tests pytest perhaps', 'tests pytest quick', 'tests coverage report']);
  });

  it('is where builds put packages, for a folder of its own', () => {
    const text = `@nox.session
def build(session):
    with TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--outdir", folder, ".")
        session.run("twine", "check", "--strict", folder + "/*")
        session.run("sphinx-build", "docs", folder)
        session.run("twine", "check", *glob.glob("other/*"))
`;
    assert.deepEqual(commandsOf(text), ['build python -m build .', 'build twine check --strict dist/*']);
  });
});

describe('sessions that CI does not name', () => {
  const NOXFILE = `import nox
nox.options.sessions = []
def session(default=True, **others):
    def inner(function):
        if default:
            nox.options.sessions.append(function.__name__)
        return nox.session(**others)(function)
    return inner
@session(tags=["style"])
def types(session):
    session.run("mypy", "src")
@session()
def secrets(session):
    session.run("detect-secrets", "scan", ".")
@session(tags=["docs"])
@nox.parametrize("builder", ["html", "man"])
def docs(session, builder):
    session.run("sphinx-build", "-b", builder, "docs", "out")
@session(default=False)
def speed(session):
    session.run("python", "speed.py", given)
@session()
def release_notes(session):
    session.run("towncrier", unheard_of)
@session(tags=["build"])
def build(session):
    session.run("pyproject-build", ".")
    session.run("twine", "check", "dist/*")
`;
  const ci = (matrix: string, run: string) =>
    `on: [pull_request]\njobs:\n  ci:\n    strategy: { matrix: ${matrix} }\n    steps:\n      - name: Run nox\n        run: ${run}\n`;
  const idsOf = async (text: string) =>
    (await gatesOf({ 'noxfile.py': NOXFILE, [CI]: text })).map((each) => each.replace(/: .*/, ''));

  it('are those that nox runs by itself, each of which is a check, in one piece where nobody knows its lines', async () => {
    const computed = "{ name: '$" + "{{ fromJson(needs.list.outputs.names) }}', include: [{ name: speed, os: linux }] }";
    const all = ['build:pyproject-build', 'mypy', 'script:nox-s-docs', 'script:nox-s-secrets', 'twine'];
    assert.deepEqual((await idsOf(ci(computed, 'uvx nox -s "$' + '{{ matrix.name }}" -- -v'))).sort(), all);
    assert.deepEqual((await idsOf(ci('{}', 'nox'))).sort(), all);
  });

  it('are of the runner that CI uses, where another one was there before', async () => {
    const files = {
      'noxfile.py': '@nox.session\ndef types(session):\n    session.run("mypy", "src", "tests")\n',
      'tox.ini': '[testenv:types]\ncommands = mypy src\n',
    };
    const mypy = async (run: string) => (await gatesOf({ ...files, [CI]: ci('{}', run) })).map((each) => each.slice(0, 60));
    assert.match((await mypy('nox -s types')).join(), /mypy src tests/);
    assert.match((await mypy('tox -e types')).join(), /mypy src --/);
  });

  it('are environments of tox by a factor that it is told', async () => {
    const tox =
      '[testenv:py-odd]\ncommands = ./odd {posargs:other} $X\n[testenv:release]\ncommands = ./release\n[testenv:docs]\ncommands = sphinx-build -W docs out\n';
    const ids = async (run: string) =>
      (await gatesOf({ 'tox.ini': tox, [CI]: ci('{}', run) })).map((each) => each.replace(/: .*/, '')).sort();
    assert.deepEqual(await ids('tox run -f odd'), ['script:tox-e-py-odd', 'sphinx']);
    assert.deepEqual(await ids('tox run -f release'), ['sphinx']);
  });

  it('are those with the tags that it is told', async () => {
    const ids = await idsOf(ci('{}', 'nox -t docs'));
    assert.ok(ids.includes('script:nox-s-docs'));
    assert.ok(!ids.includes('script:nox-s-secrets'));
  });

  it('are none where CI only lists them, or only installs what they need', async () => {
    for (const run of ['nox --list', 'nox --install-only'])
      assert.ok(!(await idsOf(ci('{}', run))).includes('script:nox-s-secrets'));
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
