import assert from 'node:assert/strict';
import { delegationOf } from '../../../src/core/gates/script-delegation.js';
import { detected } from '../../support/detected.js';

const idsOf = async (files: Readonly<Record<string, string>>) => (await detected(files)).map(({ id }) => id);
const json = (value: unknown) => JSON.stringify(value, null, 2);
const root = (scripts: Readonly<Record<string, string>>) => json({ workspaces: ['packages/*'], scripts });
const member = (name: string, scripts: Readonly<Record<string, string>>) => ({
  [`packages/${name}/package.json`]: json({ name: `@x/${name}`, scripts }),
});
const CI = '.github/workflows/ci.yml';
const workflow = (...lines: readonly string[]) =>
  `jobs:\n  check:\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`;

/** As `where: what`, with `*` for all packages. */
function told(line: string): string | undefined {
  const delegation = delegationOf(line.split(' '));
  if (!delegation) return undefined;
  const { where, calls } = delegation;
  const place = where.kind === 'directory' ? `./${where.directory}` : where.selectors.join('+') || '*';
  return `${place}: ${calls.map(({ words }) => words.join(' ')).join(' & ')}`;
}

describe('what a workspace hands on', () => {
  for (const [line, expected] of [
    ['npm run lint --workspaces --if-present', '*: npm run lint'],
    ['npm test -ws', '*: npm run test'],
    ['npm test -w a --workspace=packages/b -- --bail', 'a+packages/b: npm run test -- --bail'],
    ['npm --prefix site run lint', './site: npm run lint'],
    ['npm run lint', undefined],
    ['npm install -ws', undefined],
    ['pnpm -r test', '*: npm run test'],
    ['pnpm -r --parallel run lint --max-warnings 0', '*: npm run lint -- --max-warnings 0'],
    ['pnpm --filter ./packages/* --filter !b test', './packages/*+!b: npm run test'],
    ['pnpm -F a exec tsc --noEmit', 'a: npx tsc --noEmit'],
    ['pnpm -C packages/a test', './packages/a: pnpm test'],
    ['pnpm -r --workspace-concurrency=1 test', undefined],
    ['pnpm --filter a... test', undefined],
    ['pnpm --filter [origin/main] test', undefined],
    ['pnpm -w run lint', undefined],
    ['pnpm -r publish', undefined],
    ['pnpm test', undefined],
    ['yarn workspace @x/a run test', '@x/a: npm run test'],
    ['yarn workspaces run lint', '*: npm run lint'],
    ['yarn workspaces foreach -Apt --include @x/* run lint', '@x/*: npm run lint'],
    ['yarn workspaces foreach -Rpt run lint', undefined],
    ['npx turbo run test --filter="$APP"', undefined],
    ['yarn workspaces foreach -A -p --include @x/* run lint', '@x/*: npm run lint'],
    ['yarn workspaces foreach -A --exclude b run lint', undefined],
    ['yarn --cwd a test', './a: yarn test'],
    ['bun run --filter @x/a test', '@x/a: npm run test'],
    ['lerna run lint,test --stream --scope a', 'a: npm run lint & npm run test'],
    ['lerna run test --since main', undefined],
    ['npx lerna run lint', '*: npm run lint'],
    ['turbo run lint test --filter=a --concurrency=2', 'a: npm run lint & npm run test'],
    ['turbo lint -- --quiet', '*: npm run lint -- --quiet'],
    ['turbo run test --filter=...[HEAD^1]', undefined],
    ['make -C docs lint', './docs: make lint'],
    ['make lint', undefined],
    ['nx run-many -t lint', undefined],
  ] as const)
    it(`${expected ? 'is understood' : 'is not guessed'}: ${line}`, () => assert.equal(told(line), expected));

  it('by a script makes a gate in each package that has the script, with both as evidence', async () => {
    const gates = await detected({
      'package.json': root({ lint: 'npm run lint -ws --if-present', test: 'npm run lint && npm test -ws' }),
      'eslint.config.js': '',
      ...member('a', { lint: 'eslint src', test: 'mocha', 'test:slow': 'mocha slow' }),
      ...member('b', { lint: 'eslint lib' }),
      ...member('c', { other: 'eslint x' }),
      [CI]: workflow('npm run lint'),
    });
    assert.deepEqual(
      gates.map(({ id }) => id),
      ['script:test', 'packages/a/eslint', 'packages/b/eslint'],
    );
    assert.deepEqual(
      gates[1]?.evidence.map(({ file }) => file),
      ['packages/a/package.json', 'package.json', CI],
    );
  });

  it('by a script stays one gate where there are too many packages, or each waits for others', async () => {
    const many = Object.assign({}, ...Array.from({ length: 30 }, (_, index) => member(`p${index}`, { test: 'mocha' })));
    assert.deepEqual(await idsOf({ 'package.json': root({ test: 'npm test -ws' }), ...many }), ['script:test']);
    const files = {
      'package.json': root({ lint: 'turbo run lint', test: 'turbo run test' }),
      'turbo.json': json({ tasks: { lint: { dependsOn: ['^lint'] }, test: { dependsOn: ['^build'] } } }),
      ...member('a', { lint: 'eslint .', test: 'mocha' }),
    };
    assert.deepEqual(await idsOf(files), ['script:test', 'packages/a/eslint']);
  });

  it('by CI counts in the package though the root checks the like, with its place and arguments', async () => {
    const gates = await detected({
      'package.json': root({ test: 'vitest run' }),
      [CI]: workflow('npm test', 'pnpm --filter @x/a test', 'pnpm -C packages/b e2e --project="$BROWSER"', 'make -C tools check'),
      ...member('a', { test: 'mocha' }),
      ...member('b', { e2e: 'playwright test', test: 'mocha' }),
      'tools/Makefile': 'check:\n\tpytest\n',
    });
    assert.deepEqual(
      gates.map(({ id, evidence }) => [id, evidence.at(-1)?.file]),
      [
        ['vitest', CI],
        ['packages/a/mocha', CI],
        ['packages/b/playwright', CI],
        ['tools/pytest', CI],
      ],
    );
  });

  it('by CI to some packages leaves the like in others to other purposes', async () => {
    const files = {
      'package.json': root({}),
      ...member('a', { test: 'mocha', lint: 'eslint .' }),
      ...member('b', { test: 'mocha', lint: 'eslint .' }),
      'tool/pyproject.toml': '[tool.pytest]\n',
      'tool/conftest.py': '',
    };
    assert.deepEqual(await idsOf({ ...files, [CI]: workflow('npm test -w @x/a') }), [
      'packages/a/eslint',
      'packages/a/mocha',
      'packages/b/eslint',
      'tool/pytest',
    ]);
    const unknown = await idsOf({ ...files, [CI]: workflow('npm test -w @x/a', 'npx nx affected -t test') });
    assert.ok(unknown.map(String).includes('nx-test'), 'nobody knows here what nx runs: it stays one gate');
    assert.ok(!unknown.map(String).includes('packages/b/mocha'));
  });

  it('of one kind of test leaves the other kinds that packages have by scripts of their own', async () => {
    const files = {
      'package.json': root({ test: 'npm run test:unit -ws' }),
      ...member('a', { 'test:unit': 'mocha', 'test:e2e': 'playwright test', 'test:slower': 'mocha slow' }),
      ...member('b', { 'test:unit': 'jest', 'test:integration': 'node int.js' }),
    };
    const all = ['packages/a/mocha', 'packages/a/playwright', 'packages/b/jest', 'packages/b/script:test-integration'];
    assert.deepEqual((await idsOf(files)).sort(), all);
    assert.deepEqual((await idsOf({ ...files, [CI]: workflow('npm test') })).sort(), all);
    const some = await idsOf({ ...files, [CI]: workflow('npm run test:unit -w @x/a'), 'package.json': root({}) });
    assert.deepEqual(some.sort(), ['packages/a/mocha', 'packages/a/playwright', 'packages/b/script:test-integration']);
  });

  it('by a script keeps its arguments and its environment, also where a package does in one piece what it does', async () => {
    const gates = await detected({
      'package.json': root({ test: 'FOO=1 npm test -ws -- --slow', 'test:docs': 'npm run test:docs -w @x/docs' }),
      ...member('a', { test: 'node t.js | cat' }),
      ...member('b', { test: 'jest', 'test:slow': 'jest slow' }),
      ...member('docs', { 'test:docs': 'tape a.js' }),
    });
    assert.deepEqual(
      gates.map(({ id, command: { argv, env } }) => [
        id,
        argv
          .slice(1)
          .join(' ')
          .replace(/ --json.*$/, ''),
        env['FOO'],
      ]),
      [
        ['packages/a/script:test', 'run test -- --slow', '1'],
        ['packages/b/jest', '--slow', '1'],
        ['packages/docs/tape', 'a.js', undefined],
      ],
    );
  });

  it('by several scripts is a check for each, beside what CI runs as it is', async () => {
    const scripts = { 'test:one': 'SUITE=one npm test -ws', 'test:two': 'SUITE=two npm test -ws' };
    const settings = async (files: Readonly<Record<string, string>>) =>
      (await detected({ 'package.json': root(scripts), ...member('a', { test: 'jest' }), ...files })).map(
        ({ command }) => command.env['SUITE'],
      );
    assert.deepEqual((await settings({})).sort(), ['one', 'two']);
    assert.deepEqual(await settings({ [CI]: workflow('npm test -w @x/a') }), [undefined], 'CI runs it as it is');
  });

  it('ends soon, whatever patterns it holds', async () => {
    const lines = [
      "pnpm run '/^(a|a)+$/'",
      "pnpm run '/^((a+))+$/'",
      `pnpm --filter './packages/${'*a'.repeat(30)}b' test`,
      `run-s "${'**:'.repeat(9)}x"`,
    ];
    const scripts = Object.fromEntries(lines.map((line, index) => [`test:${index}`, line]));
    const files = {
      'package.json': root({ ...scripts, [`${'a'.repeat(60)}b`]: 'x', [`${':'.repeat(120)}`]: 'x' }),
      ...member('a'.repeat(60), { test: 'jest' }),
    };
    assert.equal((await detected({ ...files, [CI]: workflow(`${'npm '.repeat(60_000)}test`) })).length > 0, true);
  });

  it('is something else than what hooks in a package.json run', async () => {
    const hooks = { 'lint-staged': { '*.js': 'eslint --quiet other.js' }, scripts: { lint: 'eslint .' } };
    const gates = await detected({ 'package.json': json(hooks) });
    assert.deepEqual(
      gates.map(({ id, command: { argv } }) => [id, argv.includes('--quiet')]),
      [['eslint', false]],
    );
  });

  it('stays whole where a build comes before it, or what it selects is not there', async () => {
    const build = { build: 'tsc -b', 'test:packages': 'npm test -ws' };
    for (const scripts of [
      { ...build, test: 'npm run build && npm run test:packages' },
      { ...build, pretest: 'npm run build', test: 'npm run test:packages' },
      { 'test:packages': 'npm test -w a -w gone' },
      { 'test:packages': "pnpm -r run '/^test:.*/'" },
      { ...build, test: 'run-s build test:packages' },
      { ...build, test: 'tsc -b && npm run test:packages' },
      { ...build, test: "npm run build && run-s 'test:*'" },
      { ...build, verify: 'npm run build && npm test', test: 'npm run lint && npm run test:packages', lint: 'eslint .' },
    ]) {
      const ids = await idsOf({ 'package.json': root(scripts), ...member('a', { test: 'jest' }) });
      assert.ok(ids.map(String).includes('script:test-packages'), ids.join());
    }
  });

  it('by patterns and folders reaches the packages that they mean', async () => {
    const packages = { ...member('a', { test: 'jest' }), ...member('b', { test: 'jest' }) };
    const both = ['packages/a/jest', 'packages/b/jest'];
    for (const line of [
      "pnpm --filter '*' test",
      'npm test -w packages',
      "pnpm --filter './packages/**' test",
      'pnpm --filter a --filter b test',
    ])
      assert.deepEqual(await idsOf({ 'package.json': root({ test: line }), ...packages }), both, line);
    assert.deepEqual(await idsOf({ 'package.json': root({}), [CI]: workflow('pnpm --filter a vitest run'), ...packages }), [
      'packages/a/vitest',
    ]);
  });

  it('by a name without its scope reaches a package only where the manager would find just one', async () => {
    const of = (line: string, ...names: readonly string[]) =>
      detected({
        'package.json': root({}),
        ...Object.fromEntries(
          names.map((name, index) => [`packages/p${index}/package.json`, json({ name, scripts: { test: 'jest' } })]),
        ),
        [CI]: workflow(line),
      }).then((gates) => gates.filter(({ evidence }) => evidence.some(({ file }) => file === CI)).map(({ id }) => id));
    assert.deepEqual(await of('npm test -w core', 'core', '@x/core'), ['packages/p0/jest']);
    assert.deepEqual(await of('npm test -w core', '@x/core'), []);
    assert.deepEqual(await of('npm test -w @x/core', '@x/core'), ['packages/p0/jest']);
    assert.deepEqual(await of('npm test -w packages/p1', 'a', 'b'), ['packages/p1/jest']);
    assert.deepEqual(await of('pnpm --filter core test', '@x/core', '@x/other'), ['packages/p0/jest']);
    assert.deepEqual(await of('pnpm --filter core test', '@x/core', 'core'), ['packages/p1/jest']);
    assert.deepEqual(await of('pnpm --filter core test', '@x/core', '@y/core'), []);
    assert.deepEqual(await of('turbo run test --filter=core', '@x/core', '@x/other'), ['packages/p0/jest']);
    assert.deepEqual(await of('yarn workspace core test', '@x/core'), []);
  });

  it('in a folder below the root is left to that folder, and nothing outside of the root is looked at', async () => {
    const said =
      'jobs:\n  a:\n    steps:\n      - run: npm test --workspaces\n        working-directory: front\n      - run: npm test -w @x/b\n';
    const files = {
      'package.json': root({}),
      'front/package.json': '{}',
      ...member('a', { test: 'jest' }),
      ...member('b', { test: 'jest' }),
    };
    const gates = await detected({ ...files, [CI]: said });
    assert.deepEqual(
      gates.filter(({ evidence }) => evidence.some(({ file }) => file === CI)).map(({ id }) => id),
      ['packages/b/jest'],
    );
    const outside = json({ workspaces: ['../*', './../**', '/tmp/*', 'packages/../../*'], scripts: { test: 'mocha' } });
    assert.deepEqual(await idsOf({ 'package.json': outside }), ['mocha']);
  });

  it('to nobody, and by hostile names, is nothing', async () => {
    assert.deepEqual(await idsOf({ 'package.json': root({ test: 'npm test -ws', lint: 'npm run lint -w "$(rm -rf .)"' }) }), [
      'script:lint',
      'script:test',
    ]);
  });
});
