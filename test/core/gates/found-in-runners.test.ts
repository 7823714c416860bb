import assert from 'node:assert/strict';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const HOOKS = '.pre-commit-config.yaml';

describe('a program that a package manager starts', () => {
  it('may be of a package that is named apart, before or after other options', async () => {
    for (const line of [
      'npx -y -p knip knip',
      'npx --package=knip --yes knip',
      'npm exec --yes --package=knip -- knip',
      'pnpm --package=knip dlx knip',
      'pnpm dlx --package knip knip',
      'yarn dlx -q -p knip knip',
      'bunx --bun --package knip knip',
    ])
      assert.deepEqual(
        (await detected({ [CI]: workflow(`run: ${line}`) })).map(({ id }) => id),
        ['knip'],
        line,
      );
  });

  it('is not started where a shell only looks for it', async () => {
    assert.deepEqual(await detected({ [CI]: workflow('run: command -v mypy > /dev/null') }), []);
    assert.equal((await detected({ [CI]: workflow('run: command mypy src') })).length, 1);
  });
});

describe('all hooks', () => {
  const config = (hooks: string, repository = 'https://github.com/pre-commit/pre-commit-hooks') =>
    `repos:\n- repo: ${repository}\n  hooks: [${hooks}]\n- repo: https://github.com/astral-sh/ruff-pre-commit\n  hooks: [{ id: ruff }]\n- repo: local\n  hooks: [{ id: mine, entry: ./fix.sh, language: system }]\n`;
  const others = async (files: Readonly<Record<string, string>>) =>
    (await detected(files)).filter(({ tool }) => tool.startsWith('pre-commit'));

  it('are run by a line of CI however it starts them, and on whatever has changed', async () => {
    for (const line of [
      'uv run --locked --group pre-commit pre-commit run --show-diff-on-failure --all-files',
      'uvx --with pre-commit-uv pre-commit@4 run -a',
      'uv tool run --from pre-commit pre-commit run --all-files',
      'python -m pre_commit run --all-files',
      'poetry run pre-commit run --hook-stage push -a',
      'pre-commit run --from-ref origin/main --to-ref HEAD',
      'pre-commit run --from-ref "origin/$GITHUB_BASE_REF" --to-ref HEAD',
      'pre-commit run -s origin/main -o HEAD',
      'pre-commit run --files $(git diff --name-only origin/main)',
      'prek run --last-commit',
      'prek --all-files',
    ])
      assert.deepEqual(
        (await others({ [HOOKS]: config('{ id: check-yaml }'), [CI]: workflow(`run: ${line}`) })).map(({ command }) =>
          command.argv.slice(1).join(' '),
        ),
        ['run --all-files --color=never'],
        line,
      );
    for (const line of [
      'pre-commit run check-yaml --from-ref a --to-ref b',
      'uv run --group pre-commit ruff check',
      'pre-commit run --files README.md',
      'pre-commit install',
      'prek auto-update --freeze',
    ]) {
      const found = await others({ [HOOKS]: config('{ id: check-yaml }'), [CI]: workflow(`run: ${line}`) });
      const isLedTo = found.some(({ evidence }) => evidence.some(({ file }) => file === CI));
      const isOfAll = found.some(({ command }) => command.argv.includes('--color=never'));
      assert.ok(!isLedTo || !isOfAll, line);
    }
  });

  it('are run by the program that CI has', async () => {
    const of = async (line: string) =>
      (await others({ [HOOKS]: config('{ id: check-yaml }'), [CI]: workflow(`run: ${line}`) })).map(
        ({ command }) => command.argv[0],
      );
    assert.deepEqual(await of('uv run prek run --from-ref a --to-ref HEAD'), ['prek']);
    assert.notDeepEqual(await of('pre-commit run -a'), ['prek']);
  });

  it('are a gate on all files, whatever commits CI compares', async () => {
    const config = 'repos:\n- repo: https://github.com/pre-commit/pre-commit-hooks\n  hooks: [{ id: no-commit-to-branch }]\n';
    for (const line of [
      'pre-commit run --from-ref "origin/$BASE" --to-ref HEAD',
      'pre-commit run --from-ref=main --to-ref=HEAD',
      'prek run --last-commit',
    ])
      assert.deepEqual(
        (await others({ [HOOKS]: config, [CI]: workflow(`run: ${line}`) })).map(({ command }) => command.argv.slice(1).join(' ')),
        ['run --all-files --color=never'],
        line,
      );
  });

  it('of which some forbid, those of patterns, and those about hooks themselves, only look', async () => {
    const skipped = async (hooks: string, repository?: string) =>
      (await others({ [HOOKS]: config(hooks, repository), [CI]: workflow('run: pre-commit run -a') })).map(
        ({ command }) => command.env['SKIP'],
      );
    assert.deepEqual(await skipped('{ id: forbid-submodules }, { id: forbid-new-submodules }'), ['ruff,mine']);
    assert.deepEqual(await skipped('{ id: rst-backticks }', 'https://github.com/pre-commit/pygrep-hooks'), ['ruff,mine']);
    assert.deepEqual(await skipped('{ id: check-hooks-apply }, { id: check-useless-excludes }', 'meta'), ['ruff,mine']);
  });
});

describe('tasks of pixi', () => {
  const text = `[tool.pixi.tasks]
style = "ruff format --check"
[tool.pixi.feature.dev.tasks]
lint = "pre-commit run --all-files"
type-check = { cmd = "mypy -p app" }
[tool.pixi.feature.test.tasks]
test = { cmd = "pytest -n auto", env = { BACKEND = "loop" } }
check-import = "python -Werror -c 'import app'"
[tool.pixi.feature.release.target.linux.tasks]
verify-dist = "python -m build"
[tool.pixi.environments]
default = { features = ["test"], no-default-feature = true }
checks = { features = ["dev"], solve-group = "a" }
ship = ["release"]
`;
  const ci = workflow(
    'run: pixi run -e checks lint',
    'run: pixi run --environment=checks type-check',
    'run: pixi run -e ${{ matrix.environment }} test',
    'run: pixi run -e test-3.12 check-import',
    'run: pixi run -e ship verify-dist',
    'run: pixi run style',
  );

  it('stand in features, too, and are what CI runs by their names in whatever environment', async () => {
    const config = 'repos:\n- repo: https://github.com/pre-commit/pre-commit-hooks\n  hooks: [{ id: check-yaml }]\n';
    const found = await detected({ 'pyproject.toml': text, [HOOKS]: config, [CI]: ci });
    assert.deepEqual(
      found.map(({ id, command }) => `${id}${'BACKEND' in command.env ? 'BACKEND' : ''}`).sort(),
      ['build:build', 'mypy', 'pre-commit', 'pytestBACKEND', 'ruff-format', 'script:pixi-run-check-import'].sort(),
    );
  });

  it('are run in an environment that has their feature', async () => {
    const only = '[feature.dev.tasks]\nlint = "./tool.sh | cat"\n[environments]\nx = []\nchecks = ["dev"]\n';
    assert.deepEqual(await gatesOf({ 'pixi.toml': only, [CI]: workflow('run: pixi run lint') }), [
      'script:pixi-run-e-checks-lint: pixi run -e checks lint',
    ]);
    const byDefault = only.replace('x = []', 'default = ["dev"]');
    assert.deepEqual(await gatesOf({ 'pixi.toml': byDefault, [CI]: workflow('run: pixi run lint') }), [
      'script:pixi-run-lint: pixi run lint',
    ]);
  });

  it('are no programs, and programs no tasks', async () => {
    const found = await gatesOf({
      'pixi.toml': '[feature.a.tasks]\nb = "ls"\n',
      [CI]: workflow('run: pixi run -e checks codespell src'),
    });
    assert.deepEqual(found, ['codespell: codespell src --disable-colors']);
  });
});

describe('tasks of mise', () => {
  const text = `[tools]
ruff = "0.8"
[tasks]
style = "ruff format --check"
[tasks.lint]
description = "x"
depends = ["style"]
run = ["ruff check src", "mypy src"]
[tasks.test]
run = """
export A=1
pytest -q {{arg(name='file')}}
"""
env = { BACKEND = "loop" }
[tasks.web]
dir = "web"
run = "eslint ."
[tasks.script]
run = """
#!/usr/bin/env python
import os
"""
`;

  it('are their commands after what they depend on, by whatever name CI calls them', async () => {
    for (const file of ['mise.toml', '.mise.toml', '.config/mise.toml'])
      for (const line of ['mise run lint', 'mise r lint', 'mise lint', 'mise run --jobs 2 lint ::: style', 'mise tasks run lint'])
        assert.deepEqual(
          (await detected({ [file]: text, [CI]: workflow(run(line)) }))
            .filter(({ evidence }) => evidence.some((each) => each.file === CI))
            .map(({ id }) => id)
            .sort(),
          ['mypy', 'ruff', 'ruff-format'],
          `${file} ${line}`,
        );
    assert.ok(
      (await detected({ 'mise.toml': text, 'test_a.py': '' })).some(
        ({ id, command }) => id === 'pytest' && 'BACKEND' in (command.env ?? {}),
      ),
    );
  });

  it('are no tools that mise starts, nor scripts in other languages', async () => {
    assert.deepEqual(
      (
        await detected({
          'mise.toml': '[tasks.a]\nrun = "#!/usr/bin/env python\\npytest -q"\n',
          [CI]: workflow('run: mise exec ruff@1 -- ruff check src'),
        })
      ).map(({ id }) => id),
      ['ruff'],
    );
  });
});

describe('scripts of Devbox', () => {
  it('are what they run, by name or as programs', async () => {
    const text = JSON.stringify({ shell: { scripts: { lint: ['ruff check src', 'mypy src'], test: 'pytest -q' } } });
    const ci = workflow('run: devbox run lint', 'run: devbox run -- typos');
    assert.deepEqual((await detected({ 'devbox.json': text, [CI]: ci })).map(({ id }) => id).sort(), [
      'mypy',
      'pytest',
      'ruff',
      'typos',
    ]);
  });
});

describe('a task that looks at a package', () => {
  it('comes after the task that builds it', async () => {
    const text =
      '[feature.release.tasks]\nbuild = "python -m build --sdist"\nverify = "twine check --strict dist/*"\n[environments]\nship = ["release"]\n';
    const gates = await detected({ 'pixi.toml': text, [CI]: workflow('run: pixi run -e ship verify') });
    const build = gates.find(({ id }) => id === 'build:build');
    assert.deepEqual(gates.find(({ id }) => id === 'twine')?.needs, [build?.id]);
    assert.ok(build);
  });
});
