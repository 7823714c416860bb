import assert from 'node:assert/strict';
import path from 'node:path';
import type { Detection, Gate } from '../../../src/core/gate-model.js';
import { detectGates } from '../../../src/core/gates/detect.js';
import { detectWith } from '../../support/detected.js';
import { temporaryFolder } from '../../support/folder.js';

type Files = Readonly<Record<string, string>>;

const json = (value: object) => JSON.stringify(value, null, 2);

/** Programs in node_modules/.bin. */
const installed = (...names: string[]): Files => Object.fromEntries(names.map((name) => [`node_modules/.bin/${name}`, '']));

function gate(detection: Detection, id: string): Gate {
  const found = detection.gates.find((candidate) => candidate.id === id);
  assert.ok(found, `no gate ${id} among ${detection.gates.map((each) => each.id).join(', ')}`);
  return found;
}

const ids = (detection: Detection) => detection.gates.map((each) => each.id as string);

describe('detecting gates', () => {
  it('finds nothing in a folder without anything to run', async () => {
    const { gates, warnings } = await detectWith({ 'README.md': '# hello' });
    assert.deepEqual({ gates, warnings }, { gates: [], warnings: [] });
  });

  it('makes a gate of each check in a chain, in the order of the maintainer', async () => {
    const found = await detectWith({
      'package.json': json({
        scripts: { test: 'xo && ava && tsd' },
        devDependencies: { ava: '^6.0.0', tsd: '^0.31.0', xo: '^0.60.0' },
        xo: { semicolon: false },
      }),
      ...installed('xo', 'ava', 'tsd'),
    });
    assert.deepEqual(ids(found), ['xo', 'ava', 'tsd']);
    assert.deepEqual(
      found.gates.map((each) => each.name),
      ['XO', 'AVA', 'tsd'],
    );
    assert.deepEqual(
      found.gates.map((each) => each.category),
      ['lint', 'test', 'types'],
    );
    assert.ok(found.gates.every((each) => each.needs.length === 0 && each.availability.kind === 'available'));
    assert.deepEqual(gate(found, 'xo').evidence, [
      { file: 'package.json', text: '"test": "xo && ava && tsd"', line: 3 },
      { file: 'package.json', text: '"xo": { "semicolon": false }', line: 10 },
      { file: 'package.json', text: '"xo": "^0.60.0"', line: 8 },
    ]);
  });

  it('joins a script and a configuration that are the same check, keeping the arguments of the project', async () => {
    const found = await detectWith({
      'package.json': json({
        scripts: {
          lint: 'eslint src --max-warnings 0',
          'lint:fix': 'npm run lint -- --fix',
          'lint:ci': 'eslint --max-warnings 0 src -f junit',
        },
      }),
      'eslint.config.js': 'export default [];',
      ...installed('eslint'),
    });
    assert.deepEqual(ids(found), ['eslint']);
    const { command, files, evidence } = gate(found, 'eslint');
    assert.deepEqual(command.argv.slice(0, 3), [path.join(found.root, 'node_modules/.bin/eslint'), '--max-warnings', '0']);
    assert.ok(command.argv.includes('--format') && !command.argv.includes('src') && !command.argv.includes('junit'));
    assert.deepEqual(files.kind === 'files' && files.targets, ['src']);
    assert.deepEqual(
      evidence.map(({ file, line }) => [file, line]),
      [
        ['package.json', 3],
        ['package.json', 5],
        ['eslint.config.js', undefined],
      ],
    );
    assert.ok(command.env['PATH']?.startsWith(path.join(found.root, 'node_modules/.bin')));
  });

  it('keeps calls with different arguments apart, under ids that do not move', async () => {
    const found = await detectWith({
      'package.json': json({
        scripts: {
          'lint:tests': 'eslint test --rule "no-console: off"',
          lint: 'eslint src',
          types: 'tsc --noEmit && tsc --noEmit -p web',
        },
      }),
      ...installed('eslint', 'tsc'),
    });
    assert.deepEqual([...ids(found)].sort(), ['eslint', 'eslint:lint-tests', 'tsc', 'tsc:types']);
    assert.equal(gate(found, 'eslint').name, 'ESLint (lint)');
    assert.equal(gate(found, 'eslint:lint-tests').name, 'ESLint (lint:tests)');
    assert.equal(gate(found, 'tsc:types').name, 'TypeScript (--noEmit -p web)');
  });

  it('makes gates of configuration alone, without the repairing that scripts do', async () => {
    const found = await detectWith({
      'package.json': json({ scripts: { format: 'prettier --write .', lint: 'eslint --fix .' } }),
      '.prettierrc': '{}',
      'eslint.config.mjs': '',
      'tsconfig.json': '{ "compilerOptions": { "strict": true, }, } // comments are fine',
    });
    assert.deepEqual(ids(found), ['eslint', 'prettier', 'tsc']);
    assert.deepEqual(found.warnings, []);
    assert.ok(!gate(found, 'eslint').command.argv.includes('--fix'));
    assert.ok(gate(found, 'tsc').command.argv.includes('--noEmit'));
  });

  it('puts a build before what needs it and lets the rest overlap', async () => {
    const found = await detectWith({
      'package.json': json({
        scripts: {
          check: 'npm run lint && npm run build && npm test',
          lint: 'eslint .',
          build: 'rimraf dist && tsc',
          test: 'mocha dist/test',
        },
      }),
      'tsconfig.json': '{ "compilerOptions": { "outDir": "dist" } }',
      '.gitignore': 'dist\n',
      'dist/a.js': '',
      'src/a.ts': '',
      ...installed('eslint', 'mocha', 'tsc', 'rimraf'),
    });
    assert.deepEqual(
      ids(found).filter((id) => id !== 'tsc'),
      ['eslint', 'build:build', 'mocha'],
    );
    assert.deepEqual(gate(found, 'mocha').needs, ['build:build']);
    assert.deepEqual(gate(found, 'eslint').needs, []);
    const dist = `${found.root}/dist/**`;
    assert.deepEqual(gate(found, 'build:build').access.writes, [dist]);
    assert.ok(!gate(found, 'eslint').access.reads.some((glob) => glob === dist || glob === `${found.root}/**`));
    assert.deepEqual(gate(found, 'mocha').access.reads, [`${found.root}/**`]);
    assert.deepEqual(gate(found, 'build:build').files, { kind: 'whole', inputs: ['**'] });
  });

  it('takes an emitting compiler for a build, and for a check where nothing waits for it', async () => {
    const chain = {
      'package.json': json({ scripts: { test: 'tsc && ava' } }),
      'tsconfig.json': '{"compilerOptions":{"outDir":"out"}}',
      ...installed('tsc', 'ava'),
    };
    const built = await detectWith(chain);
    assert.deepEqual(
      built.gates.map((each) => [each.id, each.category, each.parser]),
      [
        ['build:tsc', 'build', 'tsc'],
        ['ava', 'test', 'ava'],
      ],
    );
    assert.deepEqual(gate(built, 'build:tsc').access.writes, [`${built.root}/out/**`]);
    const config = '{"extends": "./base", "compilerOptions": {}}';
    const checked = await detectWith({ ...chain, 'tsconfig.json': config, 'base.json': '{"compilerOptions":{"noEmit":true}}' });
    assert.deepEqual(
      checked.gates.map((each) => [each.id, each.category, each.needs.length]),
      [
        ['tsc', 'types', 0],
        ['ava', 'test', 0],
      ],
    );
    const alone = await detectWith({ 'package.json': json({ scripts: { typecheck: 'tsc -b' } }), ...installed('tsc') });
    assert.deepEqual(
      alone.gates.map((each) => [each.id, each.category]),
      [['tsc', 'types']],
    );
    const only = await detectWith({
      'package.json': json({ scripts: { build: 'tsc' } }),
      'tsconfig.json': '{}',
      ...installed('tsc'),
    });
    assert.deepEqual(
      only.gates.map((each) => [each.id, each.category]),
      [['tsc', 'types']],
    );
  });

  it('runs through the package manager what cannot be taken apart', async () => {
    const scripts = {
      test: 'mocha | tee log',
      'check:docs': 'node docs.js > out',
      dev: 'vite | cat',
      release: 'np',
      weird: 'a | b',
    };
    for (const [lock, manager] of [
      ['package-lock.json', 'npm'],
      ['yarn.lock', 'yarn'],
      ['pnpm-lock.yaml', 'pnpm'],
      ['bun.lock', 'bun'],
    ] as const) {
      const found = await detectWith({ 'package.json': json({ scripts }), '.mocharc.json': '{}', [lock]: '' }, ['node', manager]);
      assert.deepEqual(ids(found), ['script:check-docs', 'script:test'], manager);
      const { command, name, parser, exitCodes, evidence } = gate(found, 'script:test');
      assert.deepEqual(command.argv.slice(1), ['run', 'test']);
      assert.equal(path.basename(command.argv[0] ?? ''), manager);
      assert.equal(command.shell, false);
      assert.deepEqual([name, parser, exitCodes.failed.length], [`${manager} run test`, 'none', 125]);
      // The configuration speaks for what the script runs, not for a second run of it.
      assert.deepEqual(
        evidence.map(({ file }) => file),
        ['package.json', '.mocharc.json'],
      );
    }
  });

  it('takes a script that others parametrize for a piece of them, unless its name says that it is a check', async () => {
    const scripts = { test: 'pnpm vitest-es run --silent', 'vitest-es': 'vitest', 'test:dom': 'vitest --config dom.config.ts' };
    const found = await detectWith(
      { 'package.json': json({ scripts, devDependencies: { vitest: '3' } }), 'pnpm-lock.yaml': '', ...installed('vitest') },
      ['node', 'pnpm'],
    );
    assert.deepEqual(
      found.gates.map(({ command }) => command.argv.slice(1).filter((arg) => !/report|outputFile/.test(arg))),
      [
        ['run', '--silent'],
        ['run', '--config', 'dom.config.ts'],
      ],
    );
  });

  it('takes apart a chain of scripts of which one runs what Volley does not know', async () => {
    const scripts = { test: 'npm run lint && npm run unit', lint: 'eslint .', unit: 'sh run-tests.sh' };
    const found = await detectWith({ 'package.json': json({ scripts }), ...installed('eslint') });
    assert.deepEqual(ids(found), ['eslint', 'script:unit']);
  });

  it('finds tasks of Rake in CI, tools of Composer scripts, and what runs below coverage', async () => {
    const workflow = (...runs: string[]) =>
      `on: push\njobs:\n  ci:\n    steps:\n${runs.map((run) => `      - run: ${run}\n`).join('')}`;
    const ruby = await detectWith({
      Rakefile: '',
      '.github/workflows/ci.yml': workflow('bundle exec rake lint:erb', 'bundle exec rake', 'bundle exec rake db:create'),
    });
    assert.deepEqual(ids(ruby), ['rake-lint', 'rake-test']);
    const php = await detectWith({
      'composer.json': json({ scripts: { test: ['@phpcs', '@phpstan'], phpcs: 'phpcs', phpstan: 'phpstan --memory-limit=-1' } }),
    });
    assert.deepEqual(ids(php), ['phpcs', 'phpstan']);
    const python = await detectWith({ '.github/workflows/ci.yml': workflow('coverage run -m pytest -q') });
    assert.deepEqual(ids(python), ['pytest']);
  });

  it('runs a shell script that CI calls by the name of a check as one piece, where nothing in it is understood', async () => {
    const workflow = 'on: push\njobs:\n  ci:\n    steps:\n      - run: bash script/test\n      - run: ./script/lint\n';
    const found = await detectWith(
      {
        '.github/workflows/ci.yml': workflow,
        'script/test': '#!/usr/bin/env bash\nfor each in $RUBIES; do run $each; done\n',
        'script/lint': '#!/bin/sh\nset -e\nPHP=vendor/bin\n$PHP/phpcs src\nvendor/bin/psalm.phar\n',
      },
      ['bash', 'sh'],
    );
    assert.deepEqual(ids(found), ['phpcs', 'psalm', 'script:bash-script-test']);
    assert.deepEqual(gate(found, 'script:bash-script-test').command.argv.slice(1), ['script/test']);
    assert.equal(gate(found, 'psalm').evidence[0]?.line, 5);
  });

  it('takes configuration of compilers and formatters for that of editors where CI runs checks without them', async () => {
    const files = {
      'package.json': json({ scripts: { lint: 'eslint .' }, devDependencies: { typescript: '5', prettier: '3', vitest: '3' } }),
      'tsconfig.json': '{}',
      '.prettierrc': '{}',
      'vitest.config.ts': '',
      ...installed('eslint', 'tsc', 'prettier', 'vitest'),
    };
    assert.deepEqual(ids(await detectWith(files)), ['eslint', 'prettier', 'tsc', 'vitest']);
    const workflow = 'on: push\njobs:\n  ci:\n    steps:\n      - run: npm run lint\n';
    assert.deepEqual(ids(await detectWith({ ...files, '.github/workflows/ci.yml': workflow })), ['eslint', 'vitest']);
  });

  it('takes the exit code that the project asks for as failed, and options of cargo before its command for those after it', async () => {
    const found = await detectWith(
      {
        Makefile: 'lint:\n\tcppcheck --error-exitcode=3 src\ncheck:\n\tcargo --locked test --all\n',
        'Cargo.toml': '[package]\nname = "a"\n',
      },
      ['cppcheck', 'cargo', 'make'],
    );
    assert.deepEqual(gate(found, 'cppcheck').exitCodes, { passed: [0], failed: [1, 3] });
    const args = gate(found, 'cargo-test')
      .command.argv.slice(1)
      .filter((arg) => !arg.startsWith('--message-format'));
    assert.deepEqual(args, ['test', '--locked', '--all']);
  });

  it('leaves out what repeats a check of CI for another purpose by its name, and takes a fixer that CI calls with --check', async () => {
    const scripts = {
      'test:karma': 'node run.js karma start',
      'test:karma:firefox': 'BROWSER=firefox node run.js karma start',
      'test:unit': 'vitest run',
      'test:unit-slow': 'SLOW=1 vitest run',
      'test:dom': 'vitest run --config dom.config.ts',
      format: 'oxfmt',
    };
    const steps = ['npm run test:karma', 'npm run test:unit', 'npm run format -- --check'].map((run) => `      - run: ${run}\n`);
    const found = await detectWith({
      'package.json': json({ scripts }),
      '.github/workflows/ci.yml': `on: push\njobs:\n  ci:\n    steps:\n${steps.join('')}`,
      ...installed('vitest', 'oxfmt'),
    });
    assert.deepEqual(ids(found).sort(), ['oxfmt', 'script:test-karma', 'vitest', 'vitest:test-unit']);
  });

  it('goes by what CI runs where scripts and configuration say more', async () => {
    const ci = (...runs: string[]) => ({
      '.github/workflows/ci.yml': `on: push\njobs:\n  ci:\n    steps:\n${runs.map((run) => `      - run: ${run}\n`).join('')}`,
    });
    const scripts = {
      lint: 'eslint src',
      'lint:pretty': 'eslint src | snazzy',
      'lint:links': 'node check-links.js',
      'examples:all': 'eslint examples',
    };
    const node = await detectWith({ 'package.json': json({ scripts }), ...ci('npm run lint'), ...installed('eslint') });
    assert.deepEqual(ids(node), ['eslint', 'script:lint-links']);
    const rust = await detectWith({ 'Cargo.toml': '[package]\nname = "a"\n', 'clippy.toml': '', ...ci('cargo fmt --check') }, [
      'cargo',
    ]);
    assert.deepEqual(ids(rust), ['cargo-fmt', 'cargo-test']);
    const go = await detectWith({ 'go.mod': 'module a\n', ...ci('go test ./...') }, ['go']);
    assert.deepEqual(ids(go), ['go-test']);
    const listed = '[project]\nname = "a"\n[dependency-groups]\ndev = ["black", "mypy"]\n[tool.mypy]\nstrict = true\n';
    const python = await detectWith({ 'pyproject.toml': listed, ...ci('pytest') }, ['python3']);
    assert.deepEqual(ids(python).sort(), ['mypy', 'pytest']);
    const ruby = await detectWith({ '.rspec': '', ...ci('bundle exec rake spec') }, ['ruby']);
    assert.deepEqual(ids(ruby), ['rspec']);
  });

  it('takes apart what pnpm selects by a regular expression', async () => {
    const scripts = { test: 'pnpm run "/^test:.*/"', 'test:lint': 'eslint .', 'test:spec': 'vitest run' };
    const found = await detectWith({ 'package.json': json({ scripts }), 'pnpm-lock.yaml': '', ...installed('eslint', 'vitest') });
    assert.deepEqual(ids(found), ['eslint', 'vitest']);
  });

  it('takes what has to run before a script for a build of it, where it is not understood', async () => {
    const scripts = { pretest: 'node make-fixtures.js', test: 'eslint . && mocha', lint: 'eslint .' };
    const found = await detectWith({ 'package.json': json({ scripts }), ...installed('eslint', 'mocha') });
    assert.deepEqual(ids(found).sort(), ['build:pretest', 'eslint', 'mocha']);
    assert.deepEqual(gate(found, 'mocha').needs, ['build:pretest']);
  });

  it('leaves out a script in one piece that repeats another one for CI', async () => {
    const scripts = { test: 'mocha', 'test-ci': 'nyc --reporter=lcov npm test', 'check:ci': 'a | b' };
    const found = await detectWith({ 'package.json': json({ scripts }), ...installed('mocha') });
    assert.deepEqual(ids(found), ['script:check-ci', 'mocha']);
  });

  it('obeys the packageManager field before lock files', async () => {
    const found = await detectWith(
      { 'package.json': json({ packageManager: 'pnpm@9.0.0', scripts: { test: 'a | b' } }), 'yarn.lock': '' },
      ['pnpm'],
    );
    assert.equal(gate(found, 'script:test').name, 'pnpm run test');
  });

  it("goes by what stands in a file whose name is not one tool's alone", async () => {
    assert.deepEqual(ids(await detectWith({ 'spec/spec_helper.rb': "require 'minitest'\n" })), []);
    assert.deepEqual(ids(await detectWith({ 'spec/spec_helper.rb': 'RSpec.configure {}\n' })), ['rspec']);
  });

  it('gives each workspace package gates of its own for what a script of the root only hands on', async () => {
    const found = await detectWith({
      'package.json': json({ workspaces: ['packages/*'], scripts: { lint: 'npm run lint --workspaces' } }),
      'eslint.config.js': '',
      'packages/a/package.json': json({
        scripts: { lint: 'eslint .', test: 'npm run build && mocha', build: 'esbuild a.js --outfile=dist/a.js' },
      }),
      'packages/b/package.json': '{',
      'packages/none/README.md': '',
      ...installed('eslint', 'mocha', 'esbuild'),
    });
    assert.deepEqual(ids(found), ['packages/a/eslint', 'packages/a/build:esbuild', 'packages/a/mocha']);
    assert.deepEqual(
      gate(found, 'packages/a/eslint').evidence.map(({ file, text }) => `${file} ${text}`),
      ['packages/a/package.json "lint": "eslint ."', 'package.json "lint": "npm run lint --workspaces"'],
    );
    const mocha = gate(found, 'packages/a/mocha');
    assert.deepEqual([mocha.name, mocha.command.cwd], ['Mocha (packages/a)', path.join(found.root, 'packages/a')]);
    assert.deepEqual(mocha.needs, ['packages/a/build:esbuild']);
    assert.equal(mocha.evidence[0]?.file, 'packages/a/package.json');
    assert.equal(mocha.command.argv[0], path.join(found.root, 'node_modules/.bin/mocha'));
    assert.deepEqual(
      found.warnings.map(({ file }) => path.relative(found.root, file)),
      [path.join('packages', 'b', 'package.json')],
    );
  });

  it('takes the configuration of a workspace package for a gate where the root does not check the like', async () => {
    const found = await detectWith({
      'package.json': json({ workspaces: ['packages/*'], scripts: { lint: 'eslint .' } }),
      'packages/a/package.json': json({ devDependencies: { vitest: '3' } }),
      'packages/a/vitest.config.ts': '',
      'packages/a/eslint.config.js': '',
    });
    assert.deepEqual(ids(found), ['eslint', 'packages/a/vitest']);
  });

  it('reads the packages of a pnpm workspace', async () => {
    const found = await detectWith({
      'package.json': '{}',
      'pnpm-workspace.yaml': '# all\npackages:\n  - \'libs/*\' # here\n  - "!libs/old"\nonlyBuiltDependencies:\n  - x\n',
      'libs/a/package.json': json({ scripts: { test: 'vitest run' } }),
      'libs/old/package.json': json({ scripts: { test: 'vitest run' } }),
    });
    assert.deepEqual(ids(found), ['libs/a/vitest']);
  });

  it('finds the tools of a Python project', async () => {
    const found = await detectWith(
      {
        'pyproject.toml':
          '[project]\nname = "x"\ndependencies = ["requests"]\n[project.optional-dependencies]\ndev = [\n  "Pytest>=7",\n]\n\n[tool.mypy]\nfiles = ["src"]\n[tool.black]\n',
        'setup.cfg': '[metadata]\nname = x\n\n[flake8]\nmax-line-length = 100\nignore =\n  E1,\n  E2\n',
        '.venv/bin/mypy': '',
      },
      ['pytest'],
    );
    assert.deepEqual(ids(found), ['flake8', 'black', 'mypy', 'pytest']);
    assert.deepEqual(gate(found, 'mypy').evidence, [{ file: 'pyproject.toml', text: '[tool.mypy]', line: 9 }]);
    assert.deepEqual(gate(found, 'flake8').evidence, [{ file: 'setup.cfg', text: '[flake8]', line: 4 }]);
    assert.deepEqual(gate(found, 'pytest').evidence, [{ file: 'pyproject.toml', text: 'Pytest>=7', line: 6 }]);
    assert.equal(gate(found, 'mypy').command.argv[0], path.join(found.root, '.venv/bin/mypy'));
    assert.ok(!gate(found, 'mypy').command.argv.includes('.'), 'mypy has its targets in the settings');
    assert.equal(gate(found, 'pytest').availability.kind, 'available');
    assert.deepEqual(gate(found, 'flake8').availability, {
      kind: 'unavailable',
      reason: 'flake8 is not installed.',
      install: 'pip install flake8',
    });
    assert.deepEqual(gate(found, 'mypy').access.locks, [path.join(found.root, '.mypy_cache')]);
  });

  it('calls a module as the script does', async () => {
    const files = {
      'package.json': json({ scripts: { test: 'python -m pytest -q tests' } }),
      '.venv/bin/python': '',
      '.venv/lib/python3.12/site-packages/pytest/x.py': '',
    };
    const found = await detectWith(files);
    assert.deepEqual(gate(found, 'pytest').command.argv.slice(0, 4), [
      path.join(found.root, '.venv/bin/python'),
      '-m',
      'pytest',
      '-q',
    ]);
  });

  it('reads requirements files and other .ini files', async () => {
    const found = await detectWith({
      'requirements-dev.txt': '# tools\nblack==24.1 ; python_version > "3.8"\n-r other.txt\n',
      'pytest.ini': '[pytest]\n',
      'tox.ini': '[flake8]\n',
    });
    assert.deepEqual(ids(found), ['flake8', 'black', 'pytest']);
    assert.deepEqual(gate(found, 'black').evidence[0], {
      file: 'requirements-dev.txt',
      text: 'black==24.1 ; python_version > "3.8"',
      line: 2,
    });
  });

  it('says what to install for a tool that is missing', async () => {
    const manifest = {
      scripts: { lint: 'eslint .', test: 'ava', docs: 'x', 'check:all': 'a | b' },
      devDependencies: { eslint: '9' },
    };
    const found = await detectWith({ 'package.json': json(manifest), 'yarn.lock': '' }, ['node', 'yarn', 'eslint']);
    assert.deepEqual(gate(found, 'eslint').availability, {
      kind: 'unavailable',
      reason: 'ESLint is not installed, though package.json lists eslint.',
      install: 'yarn install',
    });
    assert.deepEqual(gate(found, 'ava').availability, {
      kind: 'unavailable',
      reason: 'AVA is not installed.',
      install: 'npm install --save-dev ava',
    });
    assert.deepEqual(gate(found, 'script:check-all').availability, {
      kind: 'unavailable',
      reason: 'The packages that package.json lists are not installed.',
      install: 'yarn install',
    });
    const without = await detectWith(
      { 'package.json': json({ scripts: { test: 'a | b', lint: 'eslint .' } }), ...installed('eslint') },
      [],
    );
    assert.deepEqual(
      without.gates.map((each) => each.availability.kind === 'unavailable' && each.availability.reason),
      ['ESLint needs Node.js, which was not found on PATH.', 'npm was not found on PATH.'],
    );
  });

  it('takes a tool from PATH only where the project does not list it', async () => {
    const global = await detectWith({ 'package.json': json({ scripts: { lint: 'eslint .' } }) }, ['node', 'eslint']);
    assert.equal(gate(global, 'eslint').availability.kind, 'available');
  });

  it('puts the options of the node test runner before its files', async () => {
    const found = await detectWith({ 'package.json': json({ scripts: { test: 'node --import tsx --test test/*.ts' } }) });
    const { argv } = gate(found, 'node-test').command;
    assert.deepEqual([argv[1], argv[2], argv[3], argv.at(-1)], ['--import', 'tsx', '--test', 'test/*.ts']);
  });

  it('separates folders by name', async () => {
    const a = await temporaryFolder({ 'package.json': json({ scripts: { test: 'ava' } }) });
    try {
      const folders = ['app', 'app', 'lib'].map((name) => ({ name, path: a.path }));
      const { gates } = await detectGates({ folders, env: {} });
      assert.deepEqual(
        gates.map((each) => each.id),
        ['app/ava', 'app~2/ava', 'lib/ava'],
      );
    } finally {
      await a.dispose();
    }
  });

  it('warns once of scripts that call each other, and runs neither', async () => {
    const found = await detectWith({
      'package.json': json({ scripts: { test: 'npm run check', check: 'npm test', lint: 'xo' } }),
    });
    assert.deepEqual(ids(found), ['xo']);
    assert.deepEqual(
      found.warnings.map(({ line, message }) => [line, message]),
      [[3, 'The scripts "test" and "check" call each other without end, so they were left out.']],
    );
  });
});
