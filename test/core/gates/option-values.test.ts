import assert from 'node:assert/strict';
import { splitArguments } from '../../../src/core/gates/drafts.js';
import { presetOf } from '../../../src/core/gates/presets.js';

describe('The words of a call', () => {
  it('are options with their values, and what the tool is to look at', () => {
    const check = (id: string, options: string, targets: string) => {
      const args = `${options} ${targets}`.split(' ').filter((word) => word !== '');
      const split = splitArguments(args, presetOf(id));
      assert.deepEqual([split.options.join(' '), split.targets.join(' ')], [options, targets], id);
    };
    check('pylint', '--max-line-length 120 --good-names i,j -r n -s n', 'src tests');
    check('pylint', '--errors-only --load-plugins a,b --verbose', 'src');
    check('flake8', '--docstring-convention google --hang-closing', 'src');
    check('flake8', '--max-cognitive-complexity 10 -v --count', '.');
    check('isort', '--check-only --line-width 100 -t os --combine-as', 'src');
    check('bandit', '-r --msg-template {line} -ll', 'src');
    check('rubocop', '--parallel -C false', 'lib');
    check('eslint', '--suppressions-location a.json --pass-on-unpruned-suppressions', 'src');
    check('stylelint', '--cache-strategy content --globby-options {} --cache', '**/*.css');
    check('cspell', 'lint --max-file-size 1MB --gitignore-root .. --stop-config-search-at .', '**');
    check('biome', 'check --javascript-formatter-quote-style single --staged --vcs-enabled true', 'src');
    check('clang-format', '--dry-run --style file -Werror --fallback-style none', 'a.c');
    check('prettier', '--check --plugin-search-dir . --no-semi', 'src');
    check('oxlint', '--report-unused-disable-directives-severity warn --type-aware', 'src');
    check('markdownlint-cli', '--configPointer /a --dot', 'docs');
    check('shellcheck', '-x -P SCRIPTDIR --severity warning', 'a.sh');
    check('shfmt', '-d -i 2 -ci', 'scripts');
    check('yamllint', '--strict -c a.yml', '.');
    check('black', '--check --line-ranges 1-3 -q', 'src');
    check('ruff', 'check --line-length 100 --output-format github --extension a:b --preview', 'src');
    check('ruff-format', 'format --check --extension a:b --line-length 100 --isolated', 'src');
    check('hadolint', '--disable-ignore-pragma --require-label a:text', 'Dockerfile');
    check('gofmt', '-l -r a->b -s', '.');
  });
});
