import assert from 'node:assert/strict';
import fc from 'fast-check';
import { comparesWithGit, madeBy, neededBy, verdictOf } from '../../../src/core/gates/script-verdict.js';

/** `compares`, `makes` and the script that is left; undefined where it is no check by itself. */
function check(text: string, expected: string | undefined, known: readonly string[] = []) {
  const found = verdictOf(text, known);
  const said = found && [found.compares ? 'compares' : 'looks', ...(found.makes ? ['makes'] : [])].join(' ');
  assert.equal(said, expected, text);
}

describe('a command after others', () => {
  it('compares what they left with git where it fails for a difference, whatever else it does', () => {
    for (const text of [
      'git diff --exit-code',
      'curl -O url; git diff --quiet || (echo "run make fmt"; exit 1)',
      'if [ -n "$(git status --porcelain)" ]; then exit 1; fi',
      'test -z "$(git status --porcelain)"',
    ])
      assert.equal(comparesWithGit(text), true, text);
    for (const text of [
      'git diff --exit-code || true',
      'git diff --exit-code || git commit -am "Format"',
      'git status --porcelain',
      'git diff --no-index --exit-code a b',
      'echo "git diff --exit-code"',
    ])
      assert.equal(comparesWithGit(text), false, text);
  });
});

describe('a script that is a check itself', () => {
  it('compares files with what git knows of them', () => {
    check('git diff --exit-code', 'compares');
    check('git diff --quiet -- src || exit 1', 'compares');
    check('make docs\ngit diff --exit-code', 'compares makes');
    check('git status --porcelain | tee out.txt\n[ ! -s out.txt ]', 'compares');
    check('if [ "$(git diff --ignore-space-at-eol dist/ | wc -l)" -gt "0" ]; then git diff; exit 1; fi', 'compares');
    check('if [[ -n $(git status --porcelain) ]]; then\n  echo changed\n  exit 1\nfi', 'compares');
  });

  it('fails where it finds something, or does not', () => {
    check("if grep -rne '\\s$' .; then echo; exit 1; fi", 'looks');
    check('! grep -R TODO src', 'looks');
    check('diff README.md core/README.md', 'looks');
    check('diff <(sort words.txt) words.txt', 'looks');
    check('test -z "$(git ls-files -i -c --exclude-standard)"', 'looks');
    check('grep -q "$(head -1 VERSION)" README.md', 'looks');
    check('grep -x "1.0" CHANGELOG.md || (echo "not there" && exit 1)', 'looks');
    check('bad=0\nfor f in $(git ls-files "*.md"); do grep -q TODO "$f" && bad=1; done\nexit $bad', 'looks');
    check('sort -c words.txt', 'looks');
  });

  it('is left without what it installs', () => {
    assert.equal(verdictOf('apk add git\npip install x\n! grep -R TODO src')?.script, '! grep -R TODO src');
    assert.equal(verdictOf('sudo apt-get update && sudo apt-get install -y foo\ndiff a b')?.script, 'diff a b');
  });

  it('is none where it ends as its commands do', () => {
    for (const text of [
      'npm test',
      'git status',
      'grep -c x y',
      'make\nmake check',
      'cat a | sort',
      'if true; then echo a; fi',
      '',
    ])
      check(text, undefined);
    // That a tool fails is tried there, and of what is negated a shell minds only the last.
    check('! bin/app broken', undefined);
    check('! grep a b\necho done', undefined);
  });

  it('is none where it reaches beyond the repository', () => {
    const reaching = [
      'curl -f https://example.org',
      'docker run x',
      'git push',
      'git checkout main',
      'npm publish',
      'sudo rm x',
      'gh pr list',
    ];
    for (const call of [...reaching, 'git add -A', 'git fetch origin main'])
      check(`if ${call}; then git diff --exit-code || exit 1; fi`, undefined);
    check('git diff --exit-code origin/main', undefined);
    check('git diff --quiet HEAD~1', undefined);
    // A check leaves the index of a user alone.
    check('make\ngit add -N .\ngit diff --exit-code', undefined);
  });

  it('is none where nobody knows what it names', () => {
    check('if [ "$GITHUB_BASE_REF" != main ]; then exit 1; fi', undefined);
    check('grep -q "$VERSION" README.md', undefined);
    check('grep -q "$VERSION" README.md', 'looks', ['VERSION']);
    check('VERSION=1\ngrep -q "$VERSION" README.md', 'looks');
    check(`grep -q "\${VERSION:-1}" README.md`, 'looks');
    check('grep -q $MATRIX_version README.md', undefined);
    check('if git diff --quiet; then echo "::set-output name=a::b"; else exit 1; fi', undefined);
  });

  it('is none where it only asks what the machine has', () => {
    check('if ! command -v foo; then echo missing; exit 1; fi', undefined);
    check('[ "$(foo --version)" = 1.2 ]', undefined);
    check('foo --version | grep -q 1.2', undefined);
  });

  it('says what a step before it has made, and nothing where that reaches further', () => {
    assert.equal(madeBy('npm ci\nnpm run build'), 'npm run build');
    assert.equal(madeBy('npm ci'), undefined);
    assert.equal(madeBy('curl -o a.json https://example.org'), undefined);
    assert.equal(madeBy('cat a'), undefined);
    assert.equal(madeBy('gen --token "$TOKEN"'), undefined);
  });

  it('tells what it needs of others', () => {
    const { calls, asked } = neededBy('A=1\nfor f in a b; do tool "$A" "$f" "$B"; done');
    assert.deepEqual(calls, [['tool', '$A', '$f', '$B']]);
    assert.deepEqual([...asked], ['B']);
  });

  it('never throws, whatever it is', () => {
    const words = fc.constantFrom(
      'if',
      'then',
      'fi',
      '!',
      '|',
      '||',
      '&&',
      '(',
      ')',
      '{',
      '}',
      'git diff --exit-code',
      'exit 1',
      '$(',
      '"',
      '\n',
      'for',
      'do',
      'done',
      'case',
      'esac',
      '[[',
      ']]',
      '<(',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
        verdictOf(parts.join(' '));
        comparesWithGit(parts.join(' '));
        madeBy(parts.join(' '));
        neededBy(parts.join(' '));
      }),
    );
  });
});
