import assert from 'node:assert/strict';
import { globMatcher } from '../../../src/core/glob-match.js';
import { detected } from '../../support/detected.js';

/** What a tool is given of these files when each of them is in scope, and its options for files that are named. */
async function given(preset: string, project: Readonly<Record<string, string>>, files: readonly string[]) {
  const gate = (await detected(project)).find((each) => each.preset === preset);
  assert.ok(gate, preset);
  assert.equal(gate.files.kind, 'files');
  if (gate.files.kind !== 'files') return { named: [], options: [] };
  const { takes, fileOptions = [] } = gate.files;
  const fixed = gate.fix?.files;
  if (fixed) assert.deepEqual(fixed.kind === 'files' ? fixed.takes : [], takes, 'its fixer is limited alike');
  return { named: files.filter(globMatcher(takes)), options: fileOptions };
}

const script = (text: string) => ({ 'package.json': JSON.stringify({ scripts: { lint: text } }) });

describe('What a tool passes over by itself', () => {
  const check = async (
    preset: string,
    project: Readonly<Record<string, string>>,
    files: readonly string[],
    expected: readonly string[],
  ) => assert.deepEqual((await given(preset, project, files)).named, expected);

  it('is not named to it where its globs pass over hidden files', async () => {
    const files = ['a.css', '.b/c.css', 'd/.e.css'];
    await check('stylelint', script("stylelint '**/*.css'"), files, ['a.css']);
    await check('stylelint', script("stylelint '**/*.css' '.b/**/*.css'"), files, files);
    const texts = ['a.md', '.github/b.md'];
    await check('markdownlint-cli', script("markdownlint '**/*.md'"), texts, ['a.md']);
    await check('markdownlint-cli', script("markdownlint --dot '**/*.md'"), texts, texts);
    await check('markdownlint-cli2', script("markdownlint-cli2 '**/*.md'"), texts, texts);
  });

  it('is not named to it where it ignores only what it finds', async () => {
    const html = script("htmlhint --ignore 'gen/**,old.html' '**/*.html'");
    await check('htmlhint', html, ['a.html', 'gen/b.html', 'old.html', 'x/gen.html'], ['a.html', 'x/gen.html']);
    const lint = { Makefile: 'lint:\n\tflake8 src\n' };
    const files = ['src/a.py', 'src/gen/b.py', 'x/build/c.py', 'x/migrations/d.py', 'src/generic.py'];
    const left = ['src/a.py', 'src/generic.py'];
    const exclude = 'exclude =\n    src/gen,\n    build,\n    */migrations/*\n';
    await check('flake8', { ...lint, '.flake8': `[flake8]\n${exclude}` }, files, left);
    const options = "flake8 --exclude=src/gen,build --extend-exclude '*/migrations/*' src";
    await check('flake8', { Makefile: `lint:\n\t${options}\n` }, files, left);
    await check('flake8', { ...lint, 'setup.cfg': '[flake8]\nmax-line-length = 100\n' }, files, files);
  });

  it('is told to Black as a pattern that holds for named files, too', async () => {
    const options = async (files: Readonly<Record<string, string>>, command = 'black --check src') =>
      (await given('black', { Makefile: `lint:\n\t${command}\n`, ...files }, [])).options;
    const verbose = "[tool.black]\nextend-exclude = '''\n/(\n  gen  # made\n)/\n'''\n";
    const [option, pattern] = await options({ 'pyproject.toml': verbose });
    assert.equal(option, '--force-exclude');
    assert.match(pattern ?? '', /^\(\?:\/\(\\\.direnv\|.*\|venv\)\/\n\)\|\(\?:\/\(\n {2}gen {2}# made\n\)\/\n\n\)$/s);
    assert.deepEqual(await options({}), []);
    assert.deepEqual(await options({}, "black --check --exclude '/a b/' --force-exclude=/c/ src"), [
      '--force-exclude',
      '(?:/a\\ b/\n)|(?:/c/\n)',
    ]);
  });

  it('is what has none of the endings that ESLint is told, unless its configuration says more', async () => {
    const files = ['a.js', 'b.ts', 'c.tsx'];
    await check('eslint', { ...script('eslint --ext .ts,tsx src'), '.eslintrc.json': '{}' }, files, ['b.ts', 'c.tsx']);
    await check('eslint', { ...script('eslint --ext .ts src'), 'eslint.config.js': '' }, files, files);
    await check('eslint', { ...script('eslint src'), '.eslintrc.json': '{}' }, files, files);
  });
});
