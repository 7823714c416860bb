import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PRESETS } from '../../../src/core/gates/presets.js';
import { categoryOfName, isBuildName, isCheckName, isExcludedName } from '../../../src/core/gates/script-names.js';
import { matchingScripts } from '../../../src/core/gates/script-runners.js';
import type { Step, TakenApart } from '../../../src/core/gates/script-steps.js';
import { mentionedWords, takeApart } from '../../../src/core/gates/scripts.js';

/** `eslint src` is a check, `+ tsc` a build, `npm run x` a script in one piece, `{a | b}` what may overlap by the script's own word. */
function show(taken: TakenApart): string {
  if (taken.kind === 'cycle') return `cycle: ${taken.scripts.join(' > ')}`;
  return taken.kind === 'steps' ? taken.steps.map(showStep).join(', ') : 'not understood';
}

function showStep(step: Step): string {
  if (step.kind === 'parallel') return `{${step.branches.map((branch) => branch.map(showStep).join(', ')).join(' | ')}}`;
  const { env } = step.kind === 'script' ? step : step.call;
  const assigned = Object.entries(env).map(([name, value]) => `${name}=${value} `);
  const mark = step.kind === 'build' || (step.kind === 'script' && step.role === 'build') ? '+ ' : '';
  const words = step.kind === 'script' ? ['npm', 'run', step.script, ...step.args] : [step.call.program, ...step.call.args];
  return `${mark}${assigned.join('')}${words.join(' ')}`;
}

function check(scripts: Readonly<Record<string, string>>, expected: string): void {
  const [name = ''] = Object.keys(scripts);
  const taken = takeApart(name, {
    scripts: new Map(Object.entries(scripts)),
    presets: PRESETS,
    emits: (args) => !args.includes('--noEmit'),
  });
  assert.equal(show(taken), expected, JSON.stringify(scripts));
}

const lint = 'eslint src';

describe('taking scripts apart', () => {
  it('splits a chain of checks', () => {
    check({ test: 'xo && ava && tsd' }, 'xo, ava, tsd');
    // The last statement alone decides whether such a script passes.
    check({ test: 'xo; ava' }, 'not understood');
    check({ test: '(xo && ava) && { tsd; }' }, 'xo, ava, tsd');
    check({ test: 'xo && (ava; tsd)' }, 'not understood');
  });

  it('keeps arguments as a program would get them', () => {
    check({ lint: `eslint "src/**/*.ts" 'a b' --max-warnings 0` }, 'eslint src/**/*.ts a b --max-warnings 0');
    check({ lint: 'eslint {src,test}/*.js' }, 'eslint {src,test}/*.js');
    check({ lint: './node_modules/.bin/eslint src' }, 'eslint src');
  });

  it('follows other scripts to any depth, with their pre and post scripts', () => {
    check({ check: 'npm run lint && npm test', lint, test: 'mocha' }, 'eslint src, mocha');
    check({ ci: 'npm t', pretest: 'npm run -s lint', lint, test: 'mocha', posttest: 'tsd' }, 'eslint src, mocha, tsd');
    check({ a: 'npm run b', b: 'yarn c', c: 'pnpm run d', d: 'bun run e', e: 'node --run f', pref: 'tsd', f: 'ava' }, 'ava');
    check({ ci: 'yarn lint && pnpm lint', lint }, 'eslint src, eslint src');
  });

  it('passes arguments on as package managers do', () => {
    check({ ci: 'npm run lint -- --quiet "a b"', lint }, 'eslint src --quiet a b');
    check({ ci: 'npm run lint -- "it\'s"', lint }, "eslint src it's");
    check({ ci: 'yarn lint --quiet', lint }, 'eslint src --quiet');
    check({ ci: 'node --run lint -- --quiet', lint }, 'eslint src --quiet');
    check({ ci: 'npm run both -- --quiet', both: 'xo && eslint .' }, 'xo, eslint . --quiet');
  });

  it('sees through starters of programs', () => {
    check({ a: 'npx eslint .' }, 'eslint .');
    check({ a: 'npx --no-install eslint .' }, 'eslint .');
    check({ a: 'npm exec -- eslint .' }, 'eslint .');
    check({ a: 'pnpm exec eslint . && yarn eslint . && bunx eslint .' }, 'eslint ., eslint ., eslint .');
    check({ a: 'npx eslint@8 .' }, 'not understood');
    check({ a: 'pnpm dlx eslint .' }, 'not understood');
    check({ a: 'python -m pytest -q && python3 -m mypy src' }, 'pytest -q, mypy src');
  });

  it('keeps assignments with the programs they are for', () => {
    check({ test: 'A=1 mocha && ava' }, 'A=1 mocha, ava');
    check({ test: "cross-env A=1 B='x y' mocha" }, 'A=1 B=x y mocha');
    check({ test: 'A=1 npm run unit', unit: 'B=2 mocha' }, 'A=1 B=2 mocha');
    check({ test: 'A=$HOME mocha' }, 'not understood');
  });

  it('understands npm-run-all, run-p and run-s with patterns', () => {
    const scripts = { 'lint:js': 'eslint .', 'lint:md': 'markdownlint .', 'lint:a:b': 'xo', test: 'mocha' };
    check({ ci: 'run-p lint:* test', ...scripts }, '{eslint . | markdownlint . | mocha}');
    check({ ci: 'run-s lint:** test', ...scripts }, 'eslint ., markdownlint ., xo, mocha');
    check({ ci: 'npm-run-all --parallel "lint:js -- --quiet" test', ...scripts }, '{eslint . --quiet | mocha}');
    check({ ci: 'npm-run-all build -p lint:js test', build: 'tsc', ...scripts }, '+ tsc, {eslint . | mocha}');
    check({ ci: 'run-p missing:*', ...scripts }, 'not understood');
    check({ ci: 'run-p --race lint:js test', ...scripts }, 'not understood');
  });

  it('understands concurrently', () => {
    const scripts = { 'lint:js': 'eslint .', 'lint:md': 'xo', test: 'mocha' };
    check({ ci: 'concurrently -n a,b "npm:lint:*" "npm test"', ...scripts }, '{eslint . | xo | mocha}');
    check({ ci: 'concurrently -k "eslint a" "eslint b && xo"' }, '{eslint a | eslint b, xo}');
    check({ ci: 'concurrently --success first "xo" "ava"' }, 'not understood');
  });

  it('tells what is built from what is checked', () => {
    check({ test: 'tsc && mocha' }, '+ tsc, mocha');
    check({ test: 'tsc --noEmit && mocha' }, 'tsc --noEmit, mocha');
    check({ test: 'npm run build && mocha', build: 'rimraf dist && tsc && cp a dist' }, '+ npm run build, mocha');
    check(
      { test: 'npm run build && mocha', build: 'esbuild src/a.ts --outfile=a.js' },
      '+ esbuild src/a.ts --outfile=a.js, mocha',
    );
    check({ test: 'npm run build && mocha', build: 'node build.mjs' }, '+ npm run build, mocha');
    check({ test: 'npm run build && mocha', build: 'tsc --noEmit && vite build' }, 'tsc --noEmit, + vite build, mocha');
    check({ test: 'rimraf node_modules && mocha' }, 'not understood');
    check({ test: 'webpack --watch && mocha' }, 'not understood');
  });

  it('leaves out what only talks or repairs', () => {
    check({ test: 'echo "Error: no test specified" && exit 1' }, '');
    check({ test: 'prettier --write . && eslint --fix . && mocha' }, 'mocha');
    check({ test: 'mocha --watch' }, '');
  });

  it('keeps a script whole when its name says what it is', () => {
    check(
      { ci: 'npm run lint && npm run check:docs', lint, 'check:docs': 'node docs.js | tee log' },
      'eslint src, npm run check:docs',
    );
    check({ ci: 'npm run lint && npm run weird', lint, weird: 'node docs.js | tee log' }, 'not understood');
    check({ ci: 'npm run lint --workspaces', lint }, 'not understood');
    check({ lint: 'npm run lint -w a' }, 'not understood');
  });

  it('knows a tool by the file that node starts', () => {
    check({ test: 'node node_modules/.bin/mocha a.js' }, 'mocha a.js');
    check(
      { test: 'node --expose-gc ./node_modules/vitest/vitest.mjs run' },
      'node --expose-gc ./node_modules/vitest/vitest.mjs run',
    );
    check({ test: 'node node_modules/vitest/vitest.mjs --watch' }, '');
    check({ test: 'bun test src' }, 'bun test src');
  });

  it('does not guess', () => {
    for (const line of [
      'mocha | tee log', 'mocha > log', 'cd a && mocha', 'mocha || true', 'mocha &', '! mocha', 'for f in *; do mocha $f; done', 'if a; then mocha; fi',
      'mocha $FILES', 'mocha $(ls)', 'mocha `ls`', 'node test.js', 'unknown', 'mocha && unknown', 'cd a && mocha', 'mocha "', './run.sh', 'eslint ~/a', 'tape test/*.js',
      'turbo run test', 'npm ci', 'A=1', 'npm run', 'npm', 'npx', 'npm run missing',
    ]) check({ test: line }, 'not understood'); // biome-ignore format: a list of lines
    check({ test: 'npm run missing --if-present && mocha' }, 'mocha');
  });

  it('takes what nobody knows for a build of what follows, and for a check where its words say so', () => {
    check({ test: 'unknown --now && mocha' }, '+ unknown --now, mocha');
    check({ test: 'unknown && tsc && mocha && unknown' }, 'not understood');
    check(
      { types: 'tsc --noEmit && ts-node test/types.ts && attw --pack .' },
      'tsc --noEmit, ts-node test/types.ts, attw --pack .',
    );
    check({ lint: 'eslint . && node scripts/check-links.mjs --strict' }, 'eslint ., node scripts/check-links.mjs --strict');
    check({ test: 'node test/fixtures/make.js && mocha' }, '+ node test/fixtures/make.js, mocha');
    check({ ci: 'run-p a b', a: 'eslint . && license-checker', b: 'mocha' }, '{eslint ., license-checker | mocha}');
    // A script of which nothing is known, or that the shell itself takes part in, stays what it is.
    check({ test: 'node build.js && node test.js' }, 'not understood');
    check({ test: 'node build.js && tsc' }, 'not understood');
    check({ test: 'source env.sh && mocha' }, 'not understood');
    check({ ci: 'npm run other && mocha', other: 'unknown' }, 'not understood');
  });

  it('takes a test run under a coverage tool for the test run, as it stands', () => {
    check({ test: 'xo && c8 --all ava --serial' }, 'xo, c8 --all ava --serial');
    check({ test: 'nyc npm run unit', unit: 'mocha' }, 'not understood');
  });

  it('ends for scripts that call each other', () => {
    check({ a: 'npm run b', b: 'npm run a' }, 'cycle: a > b');
    check({ test: 'npm test' }, 'cycle: test');
    check({ ci: 'run-s *', lint: 'xo' }, 'cycle: ci');
    const doubling = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`s${index}`, `npm run s${index + 1} && npm run s${index + 1}`]),
    );
    check({ ...doubling, s40: 'xo' }, 'not understood');
    const deep = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`s${index}`, `npm run s${index + 1}`]));
    check({ ...deep, s5000: 'xo' }, 'not understood');
  });

  it('never throws and always ends, whatever the scripts hold', () => {
    const word = fc.constantFrom(
      ...[
        'xo',
        'mocha',
        'tsc',
        'npm',
        'run',
        'a',
        'b',
        '-p',
        '--',
        '&&',
        ';',
        '|',
        '(',
        ')',
        '{',
        '}',
        '"',
        "'",
        '\\',
        '$',
        '`',
        '*',
        'run-p',
        'a:*',
      ],
      ...[
        'concurrently',
        'npx',
        'cross-env',
        'X=1',
        '<<',
        '[[',
        'if',
        'for',
        'c8',
        'node',
        '--run',
        '@',
        '\n',
        '',
        '-m',
        'python',
      ],
    );
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(line, line, line, (a, b, c) => {
        const scripts = new Map([
          ['a', a],
          ['prea', b],
          ['b', c],
          ['a:x', b],
        ]);
        for (const name of scripts.keys()) {
          const taken = takeApart(name, { scripts, presets: PRESETS, emits: () => false });
          assert.ok(['steps', 'not understood', 'cycle'].includes(taken.kind));
          mentionedWords(name, scripts);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('names of scripts', () => {
  const names = (text: string) => text.split(' ');

  it('say that a script is a check', () => {
    for (const name of names(
      'test lint check typecheck type-check types format:check prettier:check audit verify spec e2e validate test:unit lint:css check-types docs:lint fmt:check',
    )) {
      assert.ok(isCheckName(name), name);
    }
    for (const name of names(
      'build start dev watch test:watch lint:fix format fmt prettier release publish deploy clean prepare postinstall build:test test:update coverage gen:types typesGenerate serve',
    )) {
      assert.ok(!isCheckName(name), name);
    }
  });

  it('say that a script builds, or is never a gate', () => {
    for (const name of names('build compile build:types prepare bundle')) assert.ok(isBuildName(name), name);
    for (const name of names('build:watch test')) assert.ok(!isBuildName(name), name);
    for (const name of names('dev lintFix prepublishOnly release:dry test:watch')) assert.ok(isExcludedName(name), name);
  });

  it('say what kind of check it is', () => {
    const of = {
      'check:types': 'types',
      'format:check': 'format',
      'lint:css': 'lint',
      'test:unit': 'test',
      audit: 'security',
      check: 'lint',
      verify: 'test',
      'type-check': 'types',
    };
    for (const [name, category] of Object.entries(of)) assert.equal(categoryOfName(name), category, name);
  });

  it('match the patterns of npm-run-all', () => {
    const scripts = new Map(['lint', 'lint:a', 'lint:a:b', 'test'].map((name) => [name, '']));
    assert.deepEqual(matchingScripts('lint:*', scripts), ['lint:a']);
    assert.deepEqual(matchingScripts('lint:**', scripts), ['lint:a', 'lint:a:b']);
    assert.deepEqual(matchingScripts('{lint,test}', scripts), ['lint', 'test']);
    assert.deepEqual(matchingScripts('lint', scripts), ['lint']);
    assert.deepEqual(matchingScripts('[', scripts), []);
  });
});
