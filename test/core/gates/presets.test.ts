import assert from 'node:assert/strict';
import { given, without } from '../../../src/core/gates/options.js';
import { PRESETS, presetOf } from '../../../src/core/gates/presets.js';
import { REPORT_PLACEHOLDER } from '../../../src/core/model.js';

function words(line: string): readonly string[] {
  return line === '' ? [] : line.split(' ');
}

/** Which of these command lines check. */
function checks(id: string, lines: Readonly<Record<string, boolean>>): void {
  for (const [line, expected] of Object.entries(lines)) {
    assert.equal(presetOf(id).isCheck(words(line)), expected, `${id} ${line}`);
  }
}

/** What a preset makes of the options that a user wrote. */
function check(id: string, options: string, expected: string): void {
  assert.equal(presetOf(id).machineReadable(words(options)).join(' '), expected);
}

describe('the table of presets', () => {
  it('calls each tool without a script in a way that checks', () => {
    for (const preset of PRESETS)
      assert.ok(preset.isCheck([...preset.defaultOptions, ...preset.defaultTargets]) || preset.id === 'prettier', preset.id);
  });

  it('makes calls that check into calls that still check', () => {
    for (const preset of PRESETS) assert.ok(preset.isCheck(preset.machineReadable(preset.defaultOptions)), preset.id);
  });

  it('makes a call machine-readable once and for all', () => {
    for (const preset of PRESETS) {
      const once = preset.machineReadable(preset.defaultOptions);
      assert.deepEqual(new Set(preset.machineReadable(once)), new Set(once), preset.id);
    }
  });

  it('never counts an exit code as passed and failed', () => {
    for (const { id, exitCodes } of PRESETS) {
      assert.ok(exitCodes.passed.includes(0) && exitCodes.failed.length > 0, id);
      assert.deepEqual(
        exitCodes.passed.filter((code) => exitCodes.failed.includes(code)),
        [],
        id,
      );
    }
  });

  it('names a report at most once', () => {
    for (const { id, machineReadable } of PRESETS) {
      assert.ok(machineReadable([]).filter((option) => option.includes(REPORT_PLACEHOLDER)).length <= 1, id);
    }
  });

  it('has no preset of a tool that it does not know', () => {
    assert.throws(() => presetOf('jslint'), /no preset 'jslint'/);
  });
});

describe('telling checks from other calls', () => {
  it('knows watchers, fixers and questions', () => {
    checks('eslint', {
      '.': true,
      '--max-warnings 0 src': true,
      '--fix .': false,
      '--fix-dry-run .': true,
      '--init': false,
      '--version': false,
      '-h': false,
    });
    checks('prettier', {
      '--check .': true,
      '-c src': true,
      '-l src': true,
      '--list-different .': true,
      '--write .': false,
      '--check --write .': false,
      src: false,
    });
    checks('biome', {
      'check .': true,
      'ci .': true,
      'lint src': true,
      'format src': true,
      'check --write .': false,
      'format --fix': false,
      migrate: false,
      '--version': false,
    });
    checks('knip', { '': true, '-W packages/a': true, '--workspace packages/a': true, '--watch': false, '--fix': false });
    checks('stylelint', { '**/*.css': true, '--suppress **/*.css': false });
    checks('tsc', {
      '': true,
      '--noEmit': true,
      '-b': true,
      '-p .': true,
      '--watch': false,
      '-w --noEmit': false,
      '--init': false,
      '-b --clean': false,
      '-v': false,
    });
    checks('vitest', {
      '': true,
      run: true,
      '--run': true,
      '--watch': false,
      '--watch=false': true,
      watch: false,
      bench: false,
      '-u run': false,
      'run --update': false,
      '--ui': false,
    });
    checks('mocha', { '': true, 'test/*.js': true, '-w': false, '--watch test': false, 'init .': false, '--version': false });
    checks('node-test', { '--test': true, '--import tsx --test a.ts': true, 'a.js': false, '--test --watch': false });
    checks('ava', { '': true, '-v': true, '--watch': false, '-u': false, 'reset-cache': false, debug: false });
    checks('xo', { '': true, '--fix': false, 'src/*.js': true });
    checks('tsd', { '': true, '--help': false });
    checks('black', { '--check .': true, '.': false, '--check --diff .': true, '--version': false });
    checks('flake8', { '': true, '--version': false });
    checks('mypy', { '': true, src: true, '--install-types --non-interactive': false, '-V': false });
    checks('pytest', { '': true, '-q -x': true, '--collect-only': false, '--pdb': false, '-V': false });
  });
});

describe('making output machine-readable', () => {
  it('replaces the reporters that a script asks for', () => {
    const report = '--format json-with-metadata --output-file {report}';
    check('eslint', '--max-warnings 0 -f unix --color -o out.txt --cache', `--max-warnings 0 --cache ${report}`);
    check('eslint', '--format=stylish --quiet', `--quiet ${report}`);
    check('mocha', '-Rdot --reporter spec -O a=b --bail', '--bail --reporter json --reporter-option output={report}');
    check('pytest', '-q --junitxml=x.xml --color yes', '-q --junitxml={report} -o junit_family=xunit1 --color=no');
    check('xo', '--reporter compact --space', '--space --reporter=json');
    check('tsc', '--pretty --noEmit -p src', '--noEmit -p src --pretty false');
    check('tsc', '--pretty false -b', '-b --pretty false');
    check('ava', '--tap --serial', '--serial');
    check('tsd', '--files a.ts', '--files a.ts');
  });

  it('ends a Vitest that a script would leave watching', () => {
    const reporters = '--reporter=default --reporter=json --outputFile.json={report}';
    check('vitest', '', `run ${reporters}`);
    check('vitest', 'run --coverage', `run --coverage ${reporters}`);
    // The command may stand behind options, and the value of an option may be called like it.
    check('vitest', '--coverage run', `run --coverage ${reporters}`);
    check('vitest', '--project run', `run --project run ${reporters}`);
    check('vitest', '--run --reporter=verbose --outputFile.junit=x.xml', `run ${reporters}`);
    check('vitest', 'related', `related --run ${reporters}`);
  });

  it('keeps a command of the tool in front', () => {
    const reporter = '--reporter=github --max-diagnostics=65535 --colors=off --no-errors-on-unmatched';
    check('biome', 'lint --reporter=summary --max-diagnostics 5 --error-on-warnings', `lint --error-on-warnings ${reporter}`);
  });

  it('leaves output for people on standard output where a tool can write two reports', () => {
    check(
      'node-test',
      '--import tsx --test --test-reporter dot',
      [
        '--import tsx --test --test-reporter=spec --test-reporter-destination=stdout',
        '--test-reporter=tap --test-reporter-destination={report}',
      ].join(' '),
    );
  });

  it('asks for names only where the format for people cannot be told from warnings', () => {
    check('prettier', '--check --log-level warn --cache', '--cache --list-different --ignore-unknown');
    check('black', '--check -q --diff', '--check --diff --no-color');
    check('flake8', '--format=pylint --max-line-length 100', '--max-line-length 100 --format=default');
    check(
      'mypy',
      '--strict --pretty -O json',
      '--strict --show-column-numbers --show-error-codes --no-pretty --no-color-output --no-error-summary',
    );
  });
});

describe('reading options', () => {
  it('finds an option alone or with its value attached', () => {
    assert.ok(given(['a', '--watch=src'], '--watch') && given(['-w'], '--watch', '-w'));
    assert.ok(!given(['--watcher', 'watch'], '--watch'));
  });

  it('removes an option with its value, however that is attached', () => {
    const unwanted = { flags: ['--color'], values: ['-f', '--format'] };
    assert.deepEqual(
      without(['-f', 'x', '--format=x', '-fx', '--format', '--color', '--color=always', '--formatter', 'y'], unwanted),
      ['--formatter', 'y'],
    );
  });
});
