import assert from 'node:assert/strict';
import fc from 'fast-check';
import { withVariables } from '../../../src/core/gates/evidence/variables.js';
import { CI, detected, gatesOf } from '../../support/detected.js';

const job = (env: string, ...steps: readonly string[]) =>
  `env: { EVERYTHING: --all-features }\njobs:\n  test:\n    strategy: { matrix: { job: [{ target: a, cross: true }, { target: b }], kind: [unit, browser] } }\n    env: ${env}\n    steps:\n${steps.map((step) => `      - run: ${step}\n`).join('')}`;

describe('a variable that the environment of a workflow names', () => {
  it('is what it says where a command is told of it', async () => {
    assert.deepEqual(await gatesOf({ [CI]: job('{}', 'cargo test --locked "$' + '{EVERYTHING}"') }), [
      'cargo-test: cargo test --message-format=json --locked --all-features',
    ]);
  });

  it('is what most of a matrix says where that chooses between two', async () => {
    const env = '{ BUILD: "${{ matrix.job.cross && \'cross\' || \'cargo\' }}", target: "${{ matrix.job.target }}" }';
    assert.deepEqual(await gatesOf({ [CI]: job(env, '$BUILD build --release --target="$' + '{target}"') }), [
      'build:cargo: cargo build --release',
    ]);
  });

  it('names a script for each value of a matrix', async () => {
    const scripts = { 'test:unit': 'mocha unit', 'test:browser': 'wtr' };
    const files = {
      'package.json': JSON.stringify({ scripts }),
      [CI]: job('{ KIND: "${{ matrix.kind }}" }', 'npm run test:$KIND'),
    };
    assert.deepEqual(await gatesOf(files), ['mocha: mocha unit --reporter json --reporter-option output={report}', 'wtr: wtr']);
  });
});

describe('a variable that a pipeline of GitLab names', () => {
  it('is what it says where a command is told of it', async () => {
    const said = 'variables: { FEATURES: --all-features }\ntest:\n  script:\n    - cargo test $FEATURES --test "$CI_JOB_NAME"\n';
    assert.deepEqual(await gatesOf({ '.gitlab-ci.yml': said }), ['cargo-test: cargo test --message-format=json --all-features']);
  });
});

describe('coverage of Rust', () => {
  it('is a check where too little is a failure', async () => {
    const lines = ['cargo llvm-cov --fail-under-lines 80', 'cargo tarpaulin --fail-under=80', 'cargo llvm-cov --lcov'];
    assert.deepEqual(await gatesOf({ [CI]: job('{}', ...lines) }), [
      'cargo-llvm-cov: cargo llvm-cov --fail-under-lines 80',
      'cargo-tarpaulin: cargo tarpaulin --fail-under=80',
    ]);
  });
});

describe('what cargo clippy hands to the compiler', () => {
  it('does not make another call without it the one that looks at more', async () => {
    assert.deepEqual(
      await gatesOf({ [CI]: job('{}', 'cargo clippy --all-features -- -Dwarnings', 'cargo clippy --locked --all-features') }),
      ['cargo-clippy: cargo clippy --message-format=json --all-features -- -Dwarnings'],
    );
  });
});

describe('values in the place of variables', () => {
  const values = { A: 'a', B: 'b c', NOT: '$(rm)', EMPTY: '' };
  const cases: readonly (readonly [string, string])[] = [
    ['x $A ${B} "$A-${B}"', 'x a b c "a-b c"'],
    ["x '$A' \\$A \"\\$A '$A'\"", "x '$A' \\$A \"\\$A 'a'\""],
    ['x $NOT $AB ${A:-z} $EMPTY.', 'x $NOT $AB ${A:-z} .'],
    ["# don't\nx $A", "# don't\nx a"],
    ['A=z\nx $A $B', 'A=z\nx $A b c'],
    ['for A in 1; do x $A; done', 'for A in 1; do x $A; done'],
  ];
  for (const [script, expected] of cases)
    it(`are put into ${JSON.stringify(script)} as a shell would`, () => assert.equal(withVariables(script, values), expected));

  it('never change the number of lines, nor a text without variables', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', 'A', '{', '}', "'", '"', '\\', '\n', '#', ' ') }), (script) => {
        assert.equal(withVariables(script, values).split('\n').length, script.split('\n').length);
        const plain = script.replaceAll('$', '');
        assert.equal(withVariables(plain, values), plain);
      }),
    );
  });
});

describe('a variable that CI sets for a check', () => {
  const manifest = (test: string) => JSON.stringify({ scripts: { test }, devDependencies: { jest: '29' } });
  const environment = async (files: Readonly<Record<string, string>>) => {
    const [gate] = await detected(files);
    const { PATH: _, ...own } = gate?.command.env ?? {};
    return own;
  };
  const zone = "{ TZ: America/New_York, NODE_ENV: test, CI_TOKEN: x, LATER: '${{ runner.os }}' }";

  it('holds for the gate, also where CI starts it by a script, where it decides what is found', async () => {
    const files = { 'package.json': manifest('jest'), [CI]: job(zone, 'npm test') };
    assert.deepEqual(await environment(files), { TZ: 'America/New_York', NODE_ENV: 'test' });
  });

  it('gives way to what the script says itself, and to another job that says something else', async () => {
    const said = { 'package.json': manifest('cross-env TZ=UTC jest'), [CI]: job(zone, 'npm test') };
    assert.deepEqual(await environment(said), { TZ: 'UTC', NODE_ENV: 'test' });
    const other = { '.github/workflows/other.yml': job('{ TZ: UTC, NODE_ENV: test }', 'npm test') };
    assert.deepEqual(await environment({ ...other, 'package.json': manifest('jest'), [CI]: job(zone, 'npm test') }), {
      NODE_ENV: 'test',
    });
    const without = { '.github/workflows/other.yml': job('{}', 'npm test') };
    assert.deepEqual(await environment({ ...without, 'package.json': manifest('jest'), [CI]: job(zone, 'npm test') }), {});
  });
});
