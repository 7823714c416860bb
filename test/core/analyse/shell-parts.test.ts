import assert from 'node:assert/strict';
import {
  FRESH_SHELL,
  firstWords,
  nameOfCommand,
  type ShellState,
  shellParts,
  withLocalPrograms,
} from '../../../src/core/analyse/shell-parts.js';

/** Each part on a line: where, with what, `&` when it runs only if others before it passed. */
function check(text: string, expected: readonly string[], state: ShellState = FRESH_SHELL): void {
  const found = shellParts(text, state);
  assert.ok(found.kind === 'parts', `${text}: ${JSON.stringify(found)}`);
  const lines = found.parts.map(
    ({ text: part, cwd, env, chained }) =>
      `${chained === 'no' ? '' : '& '}${part}${cwd === '' ? '' : ` @${cwd}`}${Object.entries(env)
        .map(([name, value]) => ` ${name}=${value}`)
        .join('')}`,
  );
  assert.deepEqual(lines, expected, text);
}

describe('A script of a shell', () => {
  it('is taken apart at && and between statements', () => {
    check('eslint . && tsc && mocha', ['eslint .', '& tsc', '& mocha']);
    check('a; b\nc', ['a', 'b', 'c']);
    check('a && b; c', ['a', '& b', 'c']);
    check('', []);
  });

  it('keeps pipes, alternatives, conditions and loops in one piece', () => {
    check('a | b && c', ['a | b', '& c']);
    check('a || b', ['a || b']);
    check('a && b || c', ['a && b || c']);
    check('(cd x && a) && b', ['(cd x && a)', '& b']);
    check('if test -f a; then b; fi\nc', ['if test -f a; then b; fi', 'c']);
    check('for f in a b; do echo $f; done\nc', ['for f in a b; do echo $f; done', 'c']);
  });

  it('runs what follows cd, export and set where and as these say', () => {
    check('cd web && npm ci && cd lib\nls', ['& npm ci @web', 'ls @web/lib']);
    check('cd ./a/../b && x', ['& x @b']);
    check('export A=1 B="two"\nrun', ['run A=1 B=two']);
    check('set -e\na\nb', ['& a', '& b']);
    check('set -euo pipefail\na | b', ['& set -euo pipefail && a | b']);
  });

  it('puts what changes the shell before each command that follows, where it can be done again', () => {
    check('source env.sh\na\nb', ['source env.sh && a', 'source env.sh && b']);
    check('V=1\necho $V', ['V=1 && echo $V']);
    check('cd /elsewhere && a', ['& cd /elsewhere && a']);
    check('cd .. && a', ['& cd .. && a']);
  });

  it('keeps the rest in one piece where only the shell knows what follows', () => {
    check('a\nD=$(mktemp)\nuse $D\nb', ['a', 'D=$(mktemp)\nuse $D\nb']);
    check('server &\ntest', ['server &\ntest']);
    check('pushd x; a; popd', ['pushd x; a; popd']);
    check('f() { a; }\nf', ['f() { a; }\nf']);
    check('for f in a b; do :; done\necho $f', ['for f in a b; do :; done\necho $f']);
    check('if x; then cd y; fi\nls', ['if x; then cd y; fi\nls']);
    check('exit 1', ['exit 1']);
  });

  it('keeps a text that follows below a command with it', () => {
    check('cat <<EOF > a && b\nx && y\nEOF\nc', ['cat <<EOF > a && b\nx && y\nEOF', 'c']);
    check('cat <<A; b\nx\nA\nc', ['cat <<A; b\nx\nA\nc']);
    assert.equal(shellParts('cat <<EOF\nx', FRESH_SHELL).kind, 'broken');
  });

  it('is broken where the parser would pass over something', () => {
    for (const text of ['eslint ( && x', 'a ) b', 'a &&', 'a | | b'])
      assert.equal(shellParts(text, FRESH_SHELL).kind, 'broken', text);
  });

  it('says where it is broken', () => {
    const found = shellParts('a\nb )\nc', FRESH_SHELL);
    assert.ok(found.kind === 'broken');
    assert.equal(found.line, 1);
  });

  it('finds programs of packages with npx, wherever they are called', () => {
    const local = (text: string) => withLocalPrograms(text, (program) => program === 'eslint' || program === 'tsc');
    assert.equal(local('eslint .'), 'npx --no-install eslint .');
    assert.equal(local('A=1 eslint . | tee log'), 'A=1 npx --no-install eslint . | tee log');
    assert.equal(local('if tsc; then (eslint eslint); fi'), 'if npx --no-install tsc; then (npx --no-install eslint eslint); fi');
    assert.equal(local('npx eslint . && echo "eslint"'), 'npx eslint . && echo "eslint"');
    assert.equal(local('broken ( eslint'), 'broken ( eslint');
  });

  it('is named by its program and what that is told to do', () => {
    const name = (text: string) => nameOfCommand(firstWords(text));
    assert.equal(name('npm run build --if-present'), 'npm run build');
    assert.equal(name('npx --no-install eslint src'), 'eslint src');
    assert.equal(name('./node_modules/.bin/mocha --exit test'), 'mocha test');
    assert.equal(name('cd x && cargo test --all'), 'cargo test');
    assert.equal(name('for f in *; do wc -l $f; done'), 'wc');
  });
});
