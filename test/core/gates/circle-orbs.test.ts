import assert from 'node:assert/strict';
import { readCircle } from '../../../src/core/gates/evidence/circleci.js';
import { gatesOf } from '../../support/detected.js';

/** `line job(cwd): command` of each mention of a pipeline, marked where it counts for review. */
function mentioned(text: string): readonly string[] {
  const found = readCircle({ file: '.circleci/config.yml', text, warn: () => {} });
  return found.map(
    ({ line, name, cwd, command, reviewed }) =>
      `${line} ${name}${cwd && `(${cwd})`}: ${command.kind === 'shell' ? command.text : ''}${reviewed ? '' : ' (not for review)'}`,
  );
}

const jobs = (orbs: string, ...calls: readonly string[]) =>
  `orbs: ${orbs}\nworkflows:\n  w:\n    jobs:\n${calls.map((call) => `      - ${call}\n`).join('')}`;

const steps = (orbs: string, ...calls: readonly string[]) =>
  `orbs: ${orbs}\njobs:\n  check:\n    steps:\n${calls.map((call) => `      - ${call}\n`).join('')}`;

describe('Orbs of CircleCI', () => {
  it('that many use run what their jobs run by themselves, or are told to', () => {
    const table: readonly (readonly [string, string, string])[] = [
      ['circleci/node@7', 'x/test', '5 x/test: npm run test'],
      [
        'circleci/node@7',
        'x/test: { pkg-manager: yarn-berry, run-command: lint, app-dir: ~/project/web }',
        '5 x/test(web): yarn run lint',
      ],
      ['circleci/node@7', 'x/test: { pkg-manager: bun, test-results-for: bun }', '5 x/test: bun test'],
      ['circleci/node@7', 'x/run: { npm-run: lint }', '5 x/run: npm run lint'],
      ['circleci/python@3', 'x/test', '5 x/test: pytest'],
      ['circleci/python@3', 'x/test: { pkg-manager: poetry, test-tool-args: -q tests }', '5 x/test: poetry run pytest -q tests'],
      ['circleci/python@3', 'x/test: { test-tool: unittest }', '5 x/test: python -m unittest'],
      ['circleci/gradle@3', 'x/test', '5 x/test: ./gradlew test'],
      ['circleci/maven@1', 'x/test: { app_src_directory: server }', '5 x/test(server): mvn verify'],
    ];
    for (const [orb, call, expected] of table) assert.deepEqual(mentioned(jobs(`{ x: ${orb} }`, call)), [expected], call);
    const filtered = 'x/test: { filters: { branches: { only: main } } }';
    assert.deepEqual(mentioned(jobs('{ x: circleci/node@7 }', filtered)), ['5 x/test: npm run test (not for review)']);
  });

  it('run what their commands do in a job of the pipeline', () => {
    const text = steps(
      '{ go: circleci/go@3, rust: circleci/rust@1, ruby: circleci/ruby@2 }',
      'go/test: { race: true, packages: ./internal/... }',
      'rust/clippy: { flags: --workspace }',
      'rust/format',
      'ruby/rubocop-check: { app-dir: api }',
      'ruby/rspec-test',
    );
    assert.deepEqual(mentioned(text), [
      '5 check: go test -race ./internal/...',
      '6 check: cargo clippy --workspace',
      '7 check: cargo fmt -- --check',
      '8 check(api): bundle exec rubocop .',
      '9 check: bundle exec rspec',
    ]);
  });

  it('that a pipeline defines itself are read as its own commands and jobs', () => {
    const text = `orbs:
  own:
    commands:
      style: { parameters: { where: { default: . } }, steps: [{ run: "ruff check << parameters.where >>" }] }
    jobs:
      lint: { steps: [checkout, { style: { where: src } }] }
workflows:
  w:
    jobs: [own/lint, check]
jobs:
  check: { steps: [own/style] }
`;
    assert.deepEqual(mentioned(text), ['4 check: ruff check .', '4 own/lint: ruff check src']);
  });

  it('of which nothing is known say nothing', () => {
    assert.deepEqual(mentioned(jobs('{ x: somebody/else@1 }', 'x/test', 'y/test')), []);
    assert.deepEqual(mentioned(steps('{ x: circleci/node@7 }', 'x/install', 'x/install-packages')), []);
  });

  it('become gates like any other line of CI', async () => {
    const files = {
      '.circleci/config.yml': jobs('{ node: circleci/node@7, python: circleci/python@3 }', 'node/test', 'python/test'),
      'package.json': '{ "scripts": { "test": "mocha" }, "devDependencies": { "mocha": "11" } }',
      'requirements.txt': 'pytest\n',
    };
    assert.deepEqual(
      (await gatesOf(files)).map((each) => each.split(':')[0]),
      ['mocha', 'pytest'],
    );
  });
});
