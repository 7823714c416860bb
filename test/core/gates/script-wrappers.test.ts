import assert from 'node:assert/strict';
import { unwrapped } from '../../../src/core/gates/script-wrappers.js';

/** What a line of words starts, all wrappers taken away; undefined where its program is none or it works elsewhere. */
function started(line: string): string | undefined {
  const inner = unwrapped(line.split(' ').map((value) => ({ value, glob: false })));
  return inner?.map(({ value }) => value).join(' ');
}

describe('what starts another program', () => {
  it('is told values by its options, which are not that program', () => {
    for (const [line, expected] of [
      ['uv run --locked --group pre-commit pre-commit run -a', 'pre-commit run -a'],
      ['uv run --only-group lint ruff check', 'ruff check'],
      ['uv run --no-extra x --default-index y --group=docs pytest -q', 'pytest -q'],
      ['uv --color never run --frozen mypy', 'mypy'],
      ['uv run -w pytest-cov pytest', 'pytest'],
      ['uvx --from build --with wheel pyproject-build', 'python -m build'],
      ['pipx run build==1.2 --sdist', 'python -m build --sdist'],
      ['uvx --index x -p 3.12 ruff@0.5 check', 'ruff check'],
      ['uv tool run --constraints c.txt ruff check', 'ruff check'],
      ['pipx run --spec black==24 --pip-args=-q black .', 'black .'],
      ['poetry --quiet run -- pytest', 'pytest'],
      ['pdm run --venv ci pytest', 'pytest'],
      ['hatch -e lint run ruff check', 'ruff check'],
      ['hatch env run -e test -- pytest -q', 'pytest -q'],
      ['rye run --pyproject pyproject.toml ruff check', 'ruff check'],
      ['conda run -n ci --no-capture-output pytest', 'pytest'],
      ['pixi run --frozen -e test pytest', 'pytest'],
      ['pixi exec -s ruff ruff check', 'ruff check'],
      ['mise exec node@22 -- eslint .', 'eslint .'],
      ['mise x -- eslint .', 'eslint .'],
      ['direnv exec . make lint', 'make lint'],
      ['devbox run -e A=1 -- eslint .', 'eslint .'],
      ['nix develop .#ci --command eslint .', 'eslint .'],
      ['nix shell nixpkgs#statix -c statix check', 'statix check'],
      ['nix run nixpkgs#statix -- check .', 'statix check .'],
      ['bundle exec rubocop', 'rubocop'],
      ['stdbuf -o L pytest', 'pytest'],
      ['sudo -E -u ci A=1 pytest', 'pytest'],
      ['timeout --signal KILL 5m pytest', 'pytest'],
      ['dotenv -e .env.test -- vitest run', 'vitest run'],
    ])
      assert.equal(started(line ?? ''), expected, line);
  });

  it('may start a module of Python', () => {
    assert.equal(started('uv run --group test -m pytest -q'), 'python -m pytest -q');
    assert.equal(started('python -m poetry run pytest'), 'pytest');
    assert.equal(started('python -m pipx run black .'), 'black .');
  });

  it('is left alone where it works in another folder, or starts nothing', () => {
    for (const line of [
      'uv run --directory docs pytest',
      'uv --directory=docs run pytest',
      'uv sync --group test',
      'mise install',
      'pixi install -e test',
      'nix run .#check',
      'python -m pytest',
    ])
      assert.equal(started(line), undefined, line);
    assert.equal(started('uv run --directory . pytest'), 'pytest');
  });
});
