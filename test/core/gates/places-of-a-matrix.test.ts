import assert from 'node:assert/strict';
import { keyOfPlace } from '../../../src/core/gates/evidence/matrix.js';
import { CI, detected } from '../../support/detected.js';

const job = (...lines: readonly string[]) => ({
  [CI]: `on: pull_request\njobs:\n  test:\n    strategy: { matrix: { part: [unit, system], os: [linux, windows] } }\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`,
});
const commands = async (line: string) => (await detected(job(line))).map(({ command: { argv } }) => argv.slice(0, 4).join(' '));

describe('a matrix that says where a command looks', () => {
  it('makes one gate for each of its places', async () => {
    assert.deepEqual(await commands('python -m pytest tests/${{ matrix.part }}/all_test.py'), [
      'python -m pytest tests/unit/all_test.py',
      'python -m pytest tests/system/all_test.py',
    ]);
    assert.deepEqual(await commands('docker build --target test images/${{ matrix.part }}'), [
      'docker build --target test',
      'docker build --target test',
    ]);
    assert.equal((await commands('go test ./${{ matrix.part }}/...')).length, 2);
    assert.equal((await commands('cargo test -p ${{ matrix.part }}')).length, 2);
  });

  it('makes one gate where it says on which machine, or where to put what is made', async () => {
    assert.equal((await commands('pytest tests --platform ${{ matrix.os }}')).length, 1);
    assert.equal((await commands('pytest tests --output out/${{ matrix.os }}')).length, 1);
    assert.equal((await commands('go build -o bin/${{ matrix.os }}/app .')).length, 1);
  });
});

describe('a matrix of which only the service knows the values', () => {
  const languages = 'coverage run -m pytest tests/languages/${{ matrix.language }}_test.py';
  const said = (...lines: readonly string[]) => {
    const text = job(...lines)[CI] ?? '';
    return { [CI]: text.replace(/matrix: \{.*\} \}/, 'matrix: { language: "${{ fromJSON(needs.vars.outputs.all) }}" } }') };
  };
  const testsOf = async (...lines: readonly string[]) =>
    (await detected(said(...lines))).map(({ command: { argv } }) => argv.filter((arg) => /tests/.test(arg)).join(' '));

  it('makes one gate of the folder in which it names files of tests', async () => {
    assert.deepEqual(await testsOf(languages), ['tests/languages']);
  });

  it('makes a gate beside one that leaves out this folder, none beside one that looks at it', async () => {
    for (const option of ['--ignore=tests/languages', '--ignore tests/languages'])
      assert.equal((await testsOf(`pytest tests ${option}`, languages)).length, 2, option);
    assert.deepEqual(await testsOf('pytest tests --ignore=tests/other', languages), ['tests --ignore=tests/other']);
    assert.deepEqual(await testsOf('pytest tests', languages), ['tests']);
  });

  it('makes none of what is no tool for tests in folders', async () => {
    assert.deepEqual(await detected(said('python tests/${{ matrix.language }}.py')), []);
  });
});

describe('the key of the place in a line', () => {
  it('is that of the first operand which is a path, or of the package that cargo is told of', () => {
    const cases: readonly (readonly [string, string | undefined])[] = [
      ['pytest tests/$MATRIX_a', 'a'],
      ['uv run pytest "tests/$MATRIX_a.py"', 'a'],
      ['cargo test --package $MATRIX_a', 'a'],
      ['pytest $MATRIX_a', undefined],
      ['pytest -p $MATRIX_a', undefined],
      ['pytest --out=x/$MATRIX_a', undefined],
      ['A=b/$MATRIX_a pytest', undefined],
      ['curl https://a.b/$MATRIX_a', undefined],
      ['pytest tests/$MATRIX_a | tee x', undefined],
    ];
    for (const [line, key] of cases) assert.equal(keyOfPlace(line), key, line);
  });
});
