import assert from 'node:assert/strict';
import { spokenCheck } from '../../../src/core/gates/script-unknown.js';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

describe('a configuration of a tool of which the exit code is read', () => {
  it('makes a gate where the tool checks by it alone', async () => {
    assert.deepEqual(await gatesOf({ 'phpcs.xml.dist': '<ruleset/>', 'psalm.xml': '<psalm/>' }), [
      'phpcs: phpcs',
      'psalm: psalm',
    ]);
  });
});

describe('what is no gate of its own', () => {
  const scripted = (scripts: Readonly<Record<string, string>>, called: string) =>
    gatesOf({ [CI]: workflow(`run: ${called}`), 'package.json': JSON.stringify({ scripts }) });

  it('is what changes the repository or anything elsewhere, whatever its name says', async () => {
    const scripts = {
      'check:git': 'git checkout . && git clean -fd',
      'check:tag': 'git push --tags',
      'check:updates': 'ncu -u && npm install',
      'check:all': 'npm run check:tag | tee log',
      'test:smoke': 'curl -XPOST localhost | cat',
      'check:diff': 'git diff --exit-code | cat',
    };
    assert.deepEqual(await gatesOf({ 'package.json': JSON.stringify({ scripts }) }), ['script:check-diff: npm run check:diff']);
    assert.deepEqual(await gatesOf({ Makefile: 'test-upload:\n\ttwine upload dist/$(shell ls)\n' }), []);
    const whole = { 'test:db': 'docker-compose up -d && prisma migrate status && mocha db' };
    assert.deepEqual(await gatesOf({ 'package.json': JSON.stringify({ scripts: whole }) }), ['script:test-db: npm run test:db']);
  });

  it('is a collection of scripts that are', async () => {
    const scripts = {
      'test:ci': 'nx run-many --targets=test:lib,test:types',
      'test:lib': 'nx affected --target=test:lib',
      'test:types': 'nx affected --target=test:types',
    };
    assert.deepEqual(await scripted(scripts, 'npm run test:ci'), [
      'script:test-types: npm run test:types',
      'script:test-lib: npm run test:lib',
    ]);
  });

  it('is what CI runs with another reporter, coverage or environment', async () => {
    const scripts = { unit: 'mocha test', 'test:cov': 'COVERAGE=1 mocha test --reporter dot', test: 'npm run unit' };
    assert.equal((await scripted(scripts, 'npm test')).length, 1);
    const covered = { 'unit:all': 'mocha test', test: 'nyc npm run unit:all' };
    assert.deepEqual(await scripted(covered, 'npm test'), ['script:test: npm run test']);
  });
});

describe('a step that nobody knows', () => {
  it('waits for the tests and the builds before it, whose traces it may look at', async () => {
    const scripts = { test: 'eslint . && mocha && node scripts/check-traces.mjs && node scripts/make.mjs && tsd' };
    const found = await detected({ 'package.json': JSON.stringify({ scripts }) });
    assert.deepEqual(
      found.map(({ id, needs }) => [id, needs]),
      [
        ['eslint', []],
        ['mocha', []],
        ['scripts-check-traces', ['mocha']],
        ['build:node', ['mocha', 'scripts-check-traces']],
        ['tsd', ['build:node']],
      ],
    );
  });
});

describe('goals of Maven', () => {
  it('are checks of their own, after the phases that make what they look at', async () => {
    const pom =
      '<project>\n<build>\n<defaultGoal>clean verify checkstyle:check japicmp:cmp javadoc:javadoc</defaultGoal></build></project>';
    const found = await detected({ 'pom.xml': pom });
    assert.deepEqual(
      found.map(({ id, command, needs }) => [id, command.argv.slice(1).join(' '), needs]),
      [
        ['maven', 'clean verify javadoc:javadoc -B -ntp', []],
        ['mvn-checkstyle-check', 'checkstyle:check', ['maven']],
        ['mvn-japicmp-cmp', 'japicmp:cmp', ['maven']],
      ],
    );
    assert.equal(found[1]?.evidence[0]?.line, 3);
  });

  it('keep the options of their call', async () => {
    const said = workflow("run: mvn -B verify spotless:check -P ci --projects '!a'");
    assert.deepEqual([...(await gatesOf({ [CI]: said, 'pom.xml': '<project/>' }))].sort(), [
      'maven: mvn verify -P ci --projects !a -B -ntp',
      'mvn-spotless-check: mvn -B spotless:check -P ci --projects !a',
    ]);
  });

  it('stay with the tests beside which CI names them, unless they report', async () => {
    const said = workflow('run: mvn verify javadoc:jar jacoco:report sonar:sonar');
    assert.deepEqual(await gatesOf({ [CI]: said, 'pom.xml': '<project/>' }), ['maven: mvn verify javadoc:jar -B -ntp']);
  });

  it('stand behind tests where the phase packs, which tests first, unless it is told not to', async () => {
    const files = { 'pom.xml': '<project/>' };
    assert.deepEqual(await gatesOf({ ...files, [CI]: workflow('run: mvn -B package --file pom.xml') }), [
      'maven: mvn package --file pom.xml -B -ntp',
    ]);
    const untested = workflow('run: mvn package -DskipTests', 'run: mvn test');
    assert.deepEqual(await gatesOf({ ...files, [CI]: untested }), ['maven: mvn test -B -ntp']);
  });

  it('keep the phases that make what they look at, where these are no tests', async () => {
    const said = workflow(
      'run: mvn test',
      'run: mvn compile animal-sniffer:check@android -Dmaven.test.skip',
      'run: mvn package japicmp:cmp -DskipTests',
    );
    assert.deepEqual([...(await gatesOf({ [CI]: said, 'pom.xml': '<project/>' }))].sort(), [
      'maven: mvn test -B -ntp',
      'mvn-animal-sniffer-check-android: mvn compile animal-sniffer:check@android -Dmaven.test.skip',
      'mvn-japicmp-cmp: mvn package japicmp:cmp -DskipTests',
    ]);
  });

  it('do not run beside other calls of Maven, which write into the same folder', async () => {
    const said = workflow('run: mvn test', 'run: mvn compile animal-sniffer:check');
    const locks = (await detected({ [CI]: said, 'pom.xml': '<project/>' })).map(({ access }) => access.locks);
    assert.equal(locks.length, 2);
    assert.deepEqual(
      locks[0]?.map((lock) => lock.split(/[\\/]/).at(-1)),
      ['target'],
    );
    assert.deepEqual(locks[0], locks[1]);
  });

  it('are run again by a profile that chooses what is tested, not by one for the service or a version of Java', async () => {
    const said = workflow(
      'run: mvn verify',
      'run: mvn verify -P ci,jdk-17',
      'run: mvn test --activate-profiles native --projects a ${{ matrix.more }}',
      'run: mvn test -Psubset --projects b',
    );
    assert.deepEqual(
      (await gatesOf({ [CI]: said, 'pom.xml': '<project/>' })).map((gate) => gate.replace(/^.*: /, '')).sort(),
      [
        'mvn test --activate-profiles native --projects a -B -ntp',
        'mvn test -Psubset --projects b -B -ntp',
        'mvn verify -B -ntp',
      ].sort(),
    );
  });
});

describe('scripts of hatch', () => {
  const PROJECT = `[tool.hatch.envs.style.scripts]
lint = ["ruff check {args:src}", "- black --check ."]
both = ["lint", "mypy src"]
fix = "ruff check --fix"
[tool.hatch.envs.default.scripts]
test = "python -m unittest discover -s lib"
round = "round"
`;
  it('are what CI calls by the names of environments and scripts', async () => {
    const said = workflow('run: hatch run +py=3.12 style:both', 'run: hatch run test', 'run: hatch run +x=1 nowhere:check');
    assert.deepEqual(
      (await gatesOf({ [CI]: said, 'pyproject.toml': PROJECT })).filter((gate) => !gate.startsWith('check')).sort(),
      [
        'mypy: mypy src --show-column-numbers --show-error-codes --no-pretty --no-color-output --no-error-summary',
        'ruff: ruff check --output-format=json',
        'unittest: python -m unittest discover -s lib',
      ],
    );
    const own = `[envs.types.scripts]\ncheck = "mypy src"\n`;
    assert.deepEqual(
      (await detected({ [CI]: workflow('run: hatch run types:check'), 'hatch.toml': own })).map(({ id }) => id),
      ['mypy'],
    );
  });
});

describe('what CI builds', () => {
  const built = async (files: Readonly<Record<string, string>>) =>
    (await detected(files)).filter(({ category }) => category === 'build').map(({ command }) => command.argv.join(' '));

  it('in a job for checks is checked to build', async () => {
    const files = { [CI]: workflow('run: pnpm build', 'run: go build ./...', 'run: pnpm test') };
    const scripts = { build: 'tsdown', test: 'vitest run' };
    assert.deepEqual(await built({ ...files, 'package.json': JSON.stringify({ scripts }) }), ['tsdown', 'go build ./...']);
    const unknown = { ...scripts, build: 'obuild src' };
    assert.deepEqual((await built({ ...files, 'package.json': JSON.stringify({ scripts: unknown }) })).sort(), [
      'go build ./...',
      'npm run build',
    ]);
  });

  it('is none where a check compiles the same, it is packed or made for readers, or it may be there to fail', async () => {
    const steps = [
      'run: cargo build --verbose',
      'run: cargo test',
      'run: npm pack',
      'run: npm run build:docs',
      run('if go build ./bad; then exit 1; fi'),
    ];
    const scripts = { 'build:docs': 'vite build docs', build: 'vite build' };
    assert.deepEqual(
      await built({ [CI]: workflow(...steps), 'package.json': JSON.stringify({ scripts }), 'Cargo.toml': '' }),
      [],
    );
    const other = ['run: cargo build --target wasm32-unknown-unknown', 'run: cargo test'];
    assert.equal((await built({ [CI]: workflow(...other), 'Cargo.toml': '' })).length, 1);
    const unknown = { format: 'prettier --write .', test: 'vitest run' };
    const job =
      'jobs:\n  format:\n    steps:\n      - run: git add -A && git commit -m x\n      - run: curl -s https://example.org\n      - run: npm test\n';
    assert.deepEqual(await built({ [CI]: job, 'package.json': JSON.stringify({ scripts: unknown }) }), []);
    const release = 'jobs:\n  release:\n    steps:\n      - run: go build ./...\n';
    assert.deepEqual(await built({ [CI]: release }), []);
  });
});

describe('the words of a program', () => {
  const said = (program: string, ...args: readonly string[]) => spokenCheck(program, args, 'system')?.category;
  const table: readonly (readonly [readonly [string, ...string[]], string | undefined])[] = [
    [['zig', 'build', 'test'], 'test'],
    [['swift', 'test'], 'test'],
    [['mix', 'format', '--check-formatted'], 'format'],
    [['composer', 'validate'], 'lint'],
    [['dart', 'analyze'], 'lint'],
    [['npm-audit-level', 'audit'], 'security'],
    [['node', 'scripts/check-types.mjs'], 'types'],
    [['node', 'test/fixtures/build.js'], undefined],
    [['python', '-c', 'test'], undefined],
    [['ts-node', 'test/types/a.ts'], 'test'],
    [['cargo', 'llvm-cov', 'test'], undefined],
    [['test-setup'], undefined],
    [['watch-tests'], undefined],
    [['sudo', 'test'], undefined],
    [['unknown', '--verify-content'], 'lint'],
    [['make', 'diffcheck'], undefined],
    [['make', 'unittests'], 'test'],
    [['make', 'latest'], undefined],
  ];
  for (const [[program, ...args], expected] of table)
    it(`${[program, ...args].join(' ')}: ${expected ?? 'nothing'}`, () => assert.equal(said(program, ...args), expected));
});

describe('hooks of pre-commit that only look', () => {
  const config = (hooks = '', repository = 'https://github.com/pre-commit/pre-commit-hooks') => ({
    '.pre-commit-config.yaml': `repos:
- repo: ${repository}
  hooks: [{ id: check-yaml }, { id: trailing-whitespace }, { id: check-json, entry: ./mine }${hooks}]
- repo: https://github.com/astral-sh/ruff-pre-commit
  hooks: [{ id: ruff }]
- repo: local
  hooks: [{ id: mine, entry: ./fix.sh, language: system }]
- repo: https://github.com/python-jsonschema/check-jsonschema
  hooks: [{ id: check-github-workflows }]
`,
    'tox.ini': '[testenv:lint]\ncommands = pre-commit run --all-files {posargs}\n',
  });
  const others = async (files: Readonly<Record<string, string>>) =>
    (await detected(files)).filter(({ tool }) => tool.startsWith('pre-commit'));

  it('are one gate where CI runs all hooks, which skips whatever may change files', async () => {
    for (const step of [
      'run: pre-commit run --all-files',
      'run: uvx prek run -a --show-diff-on-failure',
      'run: tox -e lint -- --show-diff-on-failure',
      'uses: pre-commit/action@v3.0.1',
    ]) {
      const [gate, ...more] = await others({ ...config(), [CI]: workflow(step) });
      assert.deepEqual(more, [], step);
      assert.equal(gate?.name, 'pre-commit (other hooks)', step);
      assert.deepEqual(gate?.command.argv.slice(1), ['run', '--all-files', '--color=never']);
      assert.deepEqual(gate?.command.env, { SKIP: 'trailing-whitespace,check-json,ruff,mine' });
      assert.ok(gate?.evidence.some(({ file }) => file === CI));
    }
  });

  it('are none where CI runs single ones by name, where none of them only looks, or where one cannot be skipped', async () => {
    const all = { [CI]: workflow('run: pre-commit run --all-files') };
    assert.deepEqual(await others({ ...config(), [CI]: workflow('run: pre-commit run ruff --all-files') }), []);
    assert.equal((await others({ '.pre-commit-config.yaml': config()['.pre-commit-config.yaml'] })).length, 1);
    assert.deepEqual(await others({ ...config(', { id: "a,b" }'), ...all }), []);
    const local = config('', 'https://example.org/hooks')
      ['.pre-commit-config.yaml'].replace('check-github-workflows', 'x')
      .replace('check-yaml', 'arrange');
    assert.deepEqual(await others({ '.pre-commit-config.yaml': local, ...all }), []);
  });

  it('and hooks that have a mode which only looks are gates in that mode', async () => {
    const hooks = `repos:
- repo: https://github.com/google/yamlfmt
  hooks: [{ id: yamlfmt }]
- repo: https://github.com/tox-dev/pyproject-fmt
  hooks: [{ id: pyproject-fmt }]
- repo: https://github.com/PyCQA/autoflake
  hooks: [{ id: autoflake, args: [--in-place, --remove-all-unused-imports] }]
`;
    assert.deepEqual([...(await gatesOf({ '.pre-commit-config.yaml': hooks }))].sort(), [
      'autoflake: autoflake --check --recursive . --remove-all-unused-imports',
      'pyproject-fmt: pyproject-fmt --check pyproject.toml',
      'yamlfmt: yamlfmt -lint .',
    ]);
    const wrapper = hooks.replace('google/yamlfmt', 'jumanjihouse/pre-commit-hook-yamlfmt');
    assert.deepEqual(
      (await gatesOf({ '.pre-commit-config.yaml': wrapper })).filter((each) => each.startsWith('yamlfmt')),
      ['yamlfmt: pre-commit run yamlfmt --all-files --color=never'],
    );
  });
});

describe('a script that CI does not run', () => {
  /** Where CI runs `npm test`. */
  const beside = async (scripts: Readonly<Record<string, string>>) =>
    (await gatesOf({ 'package.json': JSON.stringify({ scripts }), [CI]: workflow('run: npm test') })).map((gate) =>
      gate.replace(/ --(?:test-)?reporter.*/, '').replace(/^[^:]*(?::[\w-]*)?: /, ''),
    );

  it('counts where it calls something else, or the same with other arguments, other files or another configuration', async () => {
    for (const [test, other] of [
      ['mocha', 'mocha int'],
      ['mocha', 'node int.js'],
      ['mocha', 'docker compose up -d && mocha int'],
      ['mocha', 'mocha --config int.json | tap'],
      ['node --test', 'node --test int/'],
      ['node run.js', 'node run.js --integration'],
      ['node run.js unit | tap', 'node run.js integration | tap'],
      ['vitest run', 'vitest run --config int.config.ts'],
    ] as const)
      assert.equal((await beside({ test, 'test:integration': other })).length, 2, other);
  });

  it('does not, where it is what CI runs in another environment, under coverage, or shown otherwise', async () => {
    for (const [test, other] of [
      ['mocha', 'nyc --reporter=lcov mocha | cat'],
      ['mocha', 'nyc npm test'],
      ['mocha a.js', 'mocha a.js | tap-spec'],
      ['karma start | cat', 'cross-env BROWSER=firefox karma start | cat'],
      ['node run.js', 'BROWSER=firefox node run.js'],
      ['node run.js a | tap', 'c8 -r lcov node run.js a'],
      ['vitest run', 'vitest run unit'],
    ] as const)
      assert.equal((await beside({ test, 'test:firefox': other })).length, 1, other);
  });
});
