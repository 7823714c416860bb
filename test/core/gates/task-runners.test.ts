import assert from 'node:assert/strict';
import { CI, detected, gatesOf, workflow } from '../../support/detected.js';

/** The gates of a folder, each as its id and the files that it is for, or all that it is told. */
async function found(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await detected(files)).map(({ id, files: taken }) =>
    `${id} ${taken.kind === 'files' ? taken.targets.join(' ') : ''}`.trim(),
  );
}

describe('tasks of Python', () => {
  const [ruff, pytest] = ['ruff src', 'pytest'];

  it('of poe run what they name, one after another', async () => {
    const text = `[tool.poe.tasks]
lint = "ruff check src"
test = { cmd = ["pytest", "-q"], env = { A = "1" } }
types.shell = "mypy src"
docs = { script = "docs:build" }
check = { sequence = ["lint", { ref = "test" }, { cmd = "mypy src" }] }
_private = "flake8"
`;
    assert.deepEqual(await found({ 'pyproject.toml': text, [CI]: workflow('run: poetry run poe check --verbose') }), [
      ruff,
      'mypy',
      pytest,
    ]);
  });

  it('of PDM, Rye, taskipy and pixi are the commands that stand there', async () => {
    for (const [table, line] of [
      [
        'tool.pdm.scripts',
        'lint = { composite = ["ruff check src", "types"] }\n_ = { env_file = ".env" }\ntypes = { call = "a:b" }',
      ],
      ['tool.rye.scripts', 'lint = { chain = ["style"] }\nstyle = "ruff check src"'],
      ['tool.taskipy.tasks', 'pre_lint = "echo"\nlint = { cmd = "ruff check src", help = "x" }'],
      ['tool.pixi.tasks', 'lint = { cmd = "ruff check src", depends-on = ["a"] }\na = "echo"'],
    ])
      assert.deepEqual(await found({ 'pyproject.toml': `[${table}]\n${line}\n` }), [ruff], table);
    assert.deepEqual(await found({ 'pixi.toml': '[tasks]\nlint = "ruff check src"\n' }), [ruff]);
  });

  it('of Invoke are what they tell their context to run, as far as that is plain', async () => {
    const text = `from invoke import task

@task(help={"fix": "x"})
def lint_all(c, fix=False):
    c.run("ruff check src")
    c.run(f"mypy {fix}")

@task
def test(context):
    """Runs c.run("flake8")."""
    context.run('pytest -q', pty=True)

def helper(c):
    c.run("pylint src")
`;
    assert.deepEqual(await found({ 'tasks.py': text }), [ruff, pytest]);
    assert.deepEqual(await found({ 'tasks.py': text.replace('invoke', 'celery') }), []);
  });
});

describe('a line that a shell is given', () => {
  it('runs in the folder that it changes to, by what starts the shell', async () => {
    const files = {
      [CI]: workflow(
        "run: uv run bash -c 'cd typing && pyright --version && pyright -p pyproject.toml'",
        "run: bash -c 'mypy src'",
      ),
      'typing/pyproject.toml': '[tool.pyright]\n',
    };
    assert.deepEqual(
      (await detected(files)).map(({ id, command }) => `${id} ${command.argv.slice(1, 3).join(' ')}`),
      ['mypy src --show-column-numbers', 'typing/pyright -p pyproject.toml'],
    );
  });
});

describe('tasks of other ecosystems', () => {
  it('by an alias of Cargo count where somebody calls them', async () => {
    const files = {
      'Cargo.toml': '[package]\nname = "a"\n',
      '.cargo/config.toml': '[alias]\nlint = "clippy --all-targets"\nxtask = ["run", "-p", "xtask", "--"]\n',
    };
    assert.ok(!(await gatesOf(files)).some((each) => each.includes('--all-targets')));
    const said = await gatesOf({ ...files, [CI]: workflow('run: cargo lint', 'run: cargo xtask verify') });
    assert.ok(
      said.some((each) => /cargo-clippy: .*--all-targets/.test(each)),
      said.join('\n'),
    );
    assert.ok(
      said.some((each) => each.endsWith('cargo xtask verify')),
      said.join('\n'),
    );
  });

  it('of moon have their command and what it is given', async () => {
    const text =
      'tasks:\n  lint:\n    command: eslint\n    args: [--cache, src]\n  serve:\n    command: vite\n    options: { persistent: true }\n';
    assert.deepEqual(await found({ 'moon.yml': text }), ['eslint src']);
  });

  it('of wireit are their command after what they depend on', async () => {
    const manifest = {
      scripts: { lint: 'wireit', build: 'wireit', types: 'wireit', test: 'wireit', serve: 'wireit' },
      wireit: {
        lint: { command: 'eslint src' },
        build: { command: 'rollup -c' },
        types: { command: 'tsc --noEmit', dependencies: ['../other:build'] },
        test: { command: 'mocha', dependencies: ['build', { script: 'lint' }] },
        serve: { command: 'eslint .', service: true },
      },
    };
    assert.deepEqual(
      (await gatesOf({ 'package.json': JSON.stringify(manifest) })).map((each) => each.replace(/: .*/, '')),
      ['script:types', 'build:rollup', 'eslint', 'mocha'],
    );
  });
});

describe('hooks of git in other places', () => {
  it('of simple-git-hooks, husky and yorkie are read in package.json', async () => {
    for (const hooks of [
      { 'simple-git-hooks': { 'pre-commit': 'npx eslint src', 'commit-msg': 'node verify.js' } },
      { husky: { hooks: { 'pre-push': 'npx eslint src' } } },
      { gitHooks: { 'pre-commit': 'npx eslint src' } },
    ])
      assert.equal((await gatesOf({ 'package.json': JSON.stringify(hooks) })).length, 1, JSON.stringify(hooks));
  });

  it('of lefthook that git does not know are tasks', async () => {
    const text =
      'check:\n  jobs:\n    - run: eslint {all_files}\ncolors: false\npost-merge:\n  commands: { a: { run: mocha } }\n';
    const [gate = '', ...others] = await gatesOf({ 'lefthook.yml': text });
    assert.match(gate, /^eslint: /);
    assert.deepEqual(others, []);
  });
});

describe('a tool that something of its language starts', () => {
  it('is that tool, started as it stands where Go lists or fetches it', async () => {
    const said = workflow(
      'run: go tool golangci-lint run ./...',
      'run: go run -modfile=tools.mod honnef.co/go/tools/cmd/staticcheck/v2@latest ./cmd/...',
      'run: go tool cover -func=a.out',
      'run: go run ./cmd/app lint',
      'run: php -d memory_limit=-1 vendor/bin/phpstan analyse',
    );
    assert.deepEqual(
      (await gatesOf({ 'go.mod': 'module a', [CI]: said })).map((each) =>
        each.replace(/ --error.*/, '').replace(/: \S*\/go /, ': go '),
      ),
      ['golangci-lint: go tool golangci-lint run ./...', 'phpstan: phpstan analyse', 'go-test: go test -json ./...'],
    );
  });

  it('is what a runner of a monorepo is told to run in its projects, as one piece', async () => {
    const said = workflow(
      'run: npx nx run-many -t lint test --parallel=3',
      'run: npx nx affected --target=typecheck,build',
      'run: npx nx run app:serve',
      'run: moon run :lint',
      'run: npx nx reset',
    );
    assert.deepEqual(await gatesOf({ 'package.json': '{}', [CI]: said }), [
      'moon-lint: moon run :lint',
      'nx-typecheck: nx affected --target=typecheck,build',
      'nx-lint-test: nx run-many -t lint test --parallel=3',
    ]);
  });
});
