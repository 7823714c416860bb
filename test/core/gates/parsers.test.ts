import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ParserId } from '../../../src/core/gate-model.js';
import { type ParsedFinding, type ParserInput, parse } from '../../../src/core/gates/parsers.js';
import { PRESETS } from '../../../src/core/gates/presets.js';
import { goldenCases } from '../../support/golden.js';

const PARSERS: readonly ParserId[] = [...new Set(PRESETS.map(({ parser }) => parser)), 'none'];
const CASES = goldenCases();

function input(given: Partial<ParserInput>): ParserInput {
  return { stdout: '', stderr: '', exitCode: 1, ...given };
}

/** What the parser finds; fails when it finds the output unreadable. */
function findings(parser: ParserId, given: Partial<ParserInput>): readonly ParsedFinding[] {
  const parsed = parse(parser, input(given));
  assert.equal(parsed.kind, 'findings', parsed.kind === 'unreadable' ? parsed.detail : '');
  return parsed.kind === 'findings' ? parsed.findings : [];
}

/** The places and messages that the parser finds. */
function check(parser: ParserId, given: Partial<ParserInput>, expected: readonly string[]): void {
  const places = findings(parser, given).map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  assert.deepEqual(places, expected);
}

/** Why the parser finds the output unreadable. */
function detail(parser: ParserId, given: Partial<ParserInput>): string {
  const parsed = parse(parser, input(given));
  assert.equal(parsed.kind, 'unreadable');
  return parsed.kind === 'unreadable' ? parsed.detail : '';
}

describe('parsing what real tools wrote', () => {
  for (const { name, parser, input: recorded, expected } of CASES) {
    it(`gives the findings expected of ${name}`, () => {
      assert.deepEqual(parse(parser, recorded), expected);
    });
  }

  it('has a failing and a clean case of each tool', () => {
    for (const { id, parser, testedOn } of PRESETS) {
      if (parser === 'none') continue;
      const kinds = CASES.filter(({ name }) => name.startsWith(`${id}/`));
      assert.ok(
        kinds.some(({ expected }) => expected.kind === 'findings' && expected.findings.length > 0),
        `${id} lacks a failing case`,
      );
      assert.ok(testedOn === 'documentation' || kinds.some(({ name }) => name === `${id}/clean`), `${id} lacks a clean case`);
    }
  });

  it('gives the same when the tool writes colours and Windows line ends', () => {
    for (const { name, parser, input: recorded, expected } of CASES) {
      const painted = (text: string) => text.replace(/^(?=\S)/gm, '\u001b[31m\u001b[1m').replace(/\r?\n/g, '\u001b[0m\r\n');
      const changed = { ...recorded, stdout: painted(recorded.stdout), stderr: painted(recorded.stderr) };
      assert.deepEqual(parse(parser, changed), expected, name);
    }
  });

  it('finds a JSON report between lines that something else printed', () => {
    for (const { name, parser, input: recorded, expected } of CASES) {
      if (!['eslint', 'mocha', 'vitest'].includes(parser) || recorded.report === undefined) continue;
      const report = `[config] loaded\n{"noise": [1, "]"]}\n{ not json\n${recorded.report}\n[done] {}\n`;
      assert.deepEqual(parse(parser, { ...recorded, report }), expected, name);
    }
  });

  it('tells a user why, for each tool that ended before its work', () => {
    for (const { name, parser, input: recorded } of CASES.filter((golden) => golden.name.endsWith('/crash'))) {
      assert.match(detail(parser, recorded), /^(?:it has no findings, but says “.{10,}”|\w.{10,})$/, name);
    }
  });
});

describe('parsing', () => {
  it('never throws and gives places within a file, whatever a tool wrote', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom(...CASES.map(({ input: { stdout } }) => stdout)),
      fragments(),
    );
    const any = fc.record({
      stdout: text,
      stderr: text,
      exitCode: fc.integer({ min: 0, max: 255 }),
      report: fc.option(text, { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...PARSERS), any, (parser, { report, ...rest }) => {
        const parsed = parse(parser, { ...rest, ...(report === undefined ? {} : { report }) });
        if (parsed.kind === 'unreadable') return parsed.detail.length > 0;
        return parsed.findings.every(
          (finding) => finding.line >= 1 && finding.column >= 1 && finding.source !== '' && endIsAfterStart(finding),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws on a golden file that ends too early', () => {
    const cut = fc.tuple(fc.constantFrom(...CASES), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(
        cut,
        ([
          {
            parser,
            input: { stdout, stderr, report, exitCode },
          },
          part,
        ]) => {
          const until = (all: string) => all.slice(0, Math.floor(all.length * part));
          parse(parser, {
            stdout: until(stdout),
            stderr: until(stderr),
            exitCode,
            ...(report === undefined ? {} : { report: until(report) }),
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is unreadable when a tool failed and wrote nothing, and says so', () => {
    for (const parser of PARSERS) {
      if (parser !== 'none') assert.equal(detail(parser, {}), 'it has no findings and no message');
    }
  });

  it('reads nothing from output that is for people only', () => {
    check('none', { stdout: 'src/a.ts(1,2): error TS1: message' }, []);
  });

  it('gets through very long lines and very many brackets', () => {
    for (const parser of PARSERS) {
      for (const text of [
        '('.repeat(50_000),
        '[\n'.repeat(50_000),
        'a:1:'.repeat(20_000),
        '  \n'.repeat(30_000),
        '\n'.repeat(100_000),
        ' '.repeat(500_000),
        `<testcase ${'a="" '.repeat(20_000)}`,
      ]) {
        parse(parser, input({ stdout: text, stderr: text, report: text }));
      }
    }
  }).timeout(10_000);
});

/** Pieces of which real output is made, in any order. */
function fragments(): fc.Arbitrary<string> {
  const pieces = [
    ...[
      'TAP version 13',
      'not ok 1 - a',
      '  ---',
      "  location: '/a.js:1:2'",
      '  stack: |-',
      '    at (',
      '  ...',
      '# Subtest: a',
      '1..1',
    ],
    ...[
      '<testsuites>',
      '<testcase name="a" file="b" line="0">',
      '<failure message="&#10;&#x110000;">',
      '</failure>',
      '</testcase>',
      ']]>',
    ],
    ...[
      '{"results":[{"messages":[{}]}]}',
      '[{"messages":[{"line":-1,"column":1e99}]}]',
      '{"testResults":[{"status":"failed"}]}',
      '{"stats":{},"failures":[{"err":{"stack":"at (a:1:1)"}}]}',
    ],
    ...[
      'a.ts(0,0): error TS1: x',
      'a:1:2:3:4: error: b  [c]',
      '::error title=a,file=%::b',
      '  ─',
      '  a › b',
      '  a.js:3',
      '\n\n\n\n',
      ' FAIL  a [ a ]',
      ' ❯ a.ts:1:2',
    ],
    ...[
      '[error] a: Error: b (1:2)',
      'would reformat a',
      'error: cannot format a: Cannot parse: 1:2: b',
      './a.py:1:1: E1 b',
      '  ✖  1:2  b',
      '  index.d.ts:1:2',
    ],
  ];
  return fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((lines) => lines.join('\n'));
}

function endIsAfterStart({ line, column, endLine, endColumn }: ParsedFinding): boolean {
  if (endLine === undefined || endColumn === undefined) return endLine === endColumn;
  return endLine > line || (endLine === line && endColumn > column);
}

describe('parsing the output of linters and formatters', () => {
  it('reads ESLint from standard output where there is no report', () => {
    const result = {
      filePath: 'C:\\work\\a b.ts',
      messages: [{ ruleId: 'eqeqeq', severity: 1, message: 'Expected', line: 2, column: 3, endLine: 2, endColumn: 5 }],
    };
    assert.deepEqual(findings('eslint', { stdout: `(node:1) Warning: old\n${JSON.stringify([result])}` }), [
      {
        file: 'C:\\work\\a b.ts',
        line: 2,
        column: 3,
        endLine: 2,
        endColumn: 5,
        severity: 'warning',
        rule: 'eqeqeq',
        ruleUrl: 'https://eslint.org/docs/latest/rules/eqeqeq',
        message: 'Expected',
        source: 'eslint',
      },
    ]);
  });

  it('knows no page of an ESLint rule of an unknown plugin', () => {
    const [finding] = findings('eslint', {
      stdout: '[{"filePath":"a","messages":[{"ruleId":"constructor/x","severity":2,"message":"m"}]}]',
    });
    assert.equal(finding?.ruleUrl, undefined);
  });

  it('reads the annotations of older and newer Biome alike', () => {
    check(
      'biome',
      { stdout: '::error title=lint/a/noB,file=./src/a%2Cb.ts,line=3,endLine=3,col=7,endColumn=9::Use %253D%0Anow' },
      ['./src/a,b.ts:3:7 Use %3D\nnow'],
    );
  });

  it('reads flake8 and Black on Windows', () => {
    check('flake8', { stdout: 'C:\\my work\\a.py:3:5: E741 ambiguous variable name' }, [
      'C:\\my work\\a.py:3:5 ambiguous variable name',
    ]);
    check('black', { stderr: 'error: cannot format C:\\a.py: Cannot parse: 2:0: )', exitCode: 123 }, [
      'C:\\a.py:2:1 Cannot parse: 2:0: )',
    ]);
  });

  it('reads newer and older Ruff alike', () => {
    const newer = [
      'a.py:2:7: invalid-syntax: Expected a parameter or the end of the parameter list',
      'b.py:2:1: unformatted: File would be reformatted',
      '1 file would be reformatted',
    ].join('\n');
    check('ruff-format', { stdout: newer, exitCode: 2 }, [
      'a.py:2:7 Expected a parameter or the end of the parameter list',
      'b.py:2:1 Ruff would format this file differently.',
    ]);
    check('ruff-format', { stdout: 'Would reformat: b.py\n1 file would be reformatted' }, [
      'b.py:1:1 Ruff would format this file differently.',
    ]);
    for (const code of [null, 'invalid-syntax', 'E999']) {
      const [finding] = findings('ruff', {
        stdout: JSON.stringify([{ code, filename: 'a.py', location: { row: 2, column: 7 } }]),
      });
      assert.equal(finding?.severity, 'error', String(code));
    }
  });

  it('takes no name of a file from a Prettier that found all formatted', () => {
    check('prettier', { stdout: 'A plugin says hello\n', exitCode: 0 }, []);
  });
});

describe('parsing the output of type checkers', () => {
  it('reads TypeScript on Windows, with continuation lines', () => {
    check('tsc', { stdout: 'C:\\x (1).ts(1,2): error TS2322: Type A.\n  Types of b.\n    More.\nFound 1 error.\n' }, [
      'C:\\x (1).ts:1:2 Type A.\n  Types of b.\n    More.',
    ]);
  });

  it('keeps an error of TypeScript that has no place', () => {
    check('tsc', { stdout: "error TS2688: Cannot find type definition file for 'x'." }, [
      "undefined:1:1 Cannot find type definition file for 'x'.",
    ]);
  });

  it('adds notes of mypy to the error that they explain', () => {
    const stdout = 'C:\\a.py:1:2: error: Bad  [arg-type]\nC:\\a.py:1:2: note: Because\nb.py:3: note: Revealed type is "int"\n';
    check('mypy', { stdout }, ['C:\\a.py:1:2 Bad\nBecause', 'b.py:3:1 Revealed type is "int"']);
  });
});

describe('parsing the output of cargo', () => {
  it('places files by the root of the workspace, whichever package it is run in', () => {
    const message = (file: string, manifest: string) =>
      JSON.stringify({
        reason: 'compiler-message',
        manifest_path: manifest,
        message: { message: 'm', level: 'error', spans: [{ file_name: file, line_start: 1, column_start: 2, is_primary: true }] },
      });
    const files = (file: string, manifest: string) =>
      findings('cargo-messages', { stdout: message(file, manifest) }).map((finding) => finding.file);
    assert.deepEqual(files('crates/one/src/lib.rs', '/w/crates/one/Cargo.toml'), ['/w/crates/one/src/lib.rs']);
    assert.deepEqual(files('src/lib.rs', '/w/Cargo.toml'), ['/w/src/lib.rs']);
    assert.deepEqual(files('crates\\one\\src\\lib.rs', 'C:\\w\\crates\\one\\Cargo.toml'), ['C:/w/crates/one/src/lib.rs']);
    assert.deepEqual(files('/rustc/library/core/src/lib.rs', '/w/Cargo.toml'), ['/rustc/library/core/src/lib.rs']);
  });
});

describe('parsing the output of cargo-nextest', () => {
  const block = (status: string, ...lines: string[]) =>
    [`  ${status} [   0.003s] (1/2) my-crate::basic rounds`, '  stderr ---', '', ...lines.map((line) => `    ${line}`), ''].join(
      '\n',
    );
  const panic = [
    "thread 'rounds' (274) panicked at src/lib.rs:14:9:",
    'assertion `left == right` failed',
    '  left: 2',
    ' right: 3',
  ];
  const summary =
    '     Summary [   0.003s] 1 test run: 0 passed, 1 failed\n        FAIL [   0.003s] (1/2) my-crate::basic rounds\n';

  it('places a failed test at its panic, once, with both values', () => {
    const [finding, ...others] = findings('cargo-nextest', { stderr: `${block('FAIL', ...panic)}\n${summary}` });
    assert.deepEqual(others, []);
    assert.deepEqual([finding?.file, finding?.line, finding?.column], ['src/lib.rs', 14, 9]);
    assert.deepEqual([finding?.expected, finding?.actual], ['3', '2']);
    assert.match(finding?.message ?? '', /^my-crate::basic rounds: assertion/);
  });

  it('leaves out a test that passed when it was tried again, and tells errors of the compiler', () => {
    const again = `${block('TRY 1 FAIL', ...panic)}\n  TRY 2 PASS [   0.002s] (1/2) my-crate::basic rounds\n`;
    const failed = '        FAIL [   0.1s] other\n';
    assert.deepEqual(
      findings('cargo-nextest', { stderr: again + failed }).map(({ message }) => message),
      ['other: failed'],
    );
    check('cargo-nextest', { stderr: 'error[E0425]: cannot find value `x`\n --> src/lib.rs:3:5\n' }, [
      'src/lib.rs:3:5 cannot find value `x`',
    ]);
  });
});

describe('tags', () => {
  it('tell what is unused or deprecated, by codes and by names of rules', () => {
    const tags = (parser: ParserId, stdout: string) => findings(parser, { stdout }).map((finding) => finding.tags);
    const tsc = (code: string) => `a.ts(1,2): error ${code}: text`;
    assert.deepEqual(tags('tsc', [tsc('TS6133'), tsc('TS6387'), tsc('TS2322')].join('\n')), [
      ['unused'],
      ['deprecated'],
      undefined,
    ]);
    const eslint = (ruleId: string) => ({
      filePath: '/a.js',
      messages: [{ ruleId, severity: 2, message: 'm', line: 1, column: 1 }],
    });
    const rules = ['@typescript-eslint/no-unused-vars', '@typescript-eslint/no-deprecated', 'eqeqeq'];
    assert.deepEqual(tags('eslint', JSON.stringify(rules.map(eslint))), [['unused'], ['deprecated'], undefined]);
    assert.deepEqual(tags('mypy', 'a.py:1: error: m  [unreachable]\na.py:2: error: m  [deprecated]'), [
      ['unused'],
      ['deprecated'],
    ]);
    assert.deepEqual(tags('flake8', 'a.py:1:1: F401 m\na.py:2:1: E501 m'), [['unused'], undefined]);
  });
});

describe('parsing the output of test runners', () => {
  it('gives what a test expected and what it got, where the runner gives both, cut when it is long', () => {
    const values = (parser: string, input: Partial<ParserInput>) => {
      const parsed = parse(parser, { stdout: '', stderr: '', exitCode: 1, ...input });
      return parsed.kind === 'findings' ? parsed.findings.map(({ expected, actual }) => [expected, actual]) : parsed;
    };
    const mocha = (expected: unknown, actual: unknown) => {
      const stack = 'Error: x\n    at f (file:///w/a%20b.js:1:1)\n    at async Context.<anonymous> (/w/a.test.js:7:9)';
      const failure = { fullTitle: 'a b', file: '/w/a.test.js', err: { message: 'not equal', expected, actual, stack } };
      return JSON.stringify({ stats: {}, failures: [failure] });
    };
    check('mocha', { report: mocha('1', '2') }, ['/w/a.test.js:7:9 a b: not equal']);
    assert.deepEqual(values('mocha', { report: mocha('1', '2') }), [['1', '2']]);
    assert.deepEqual(values('mocha', { report: mocha('1', undefined) }), [[undefined, undefined]]);
    assert.deepEqual(values('mocha', { report: mocha('x'.repeat(3000), '') }), [[`${'x'.repeat(2000)}…`, '']]);
  });

  it('places a failed test of Mocha without a usable stack at the start of its file', () => {
    check('mocha', { report: '{"stats":{},"failures":[{"title":"t","file":"/w/a.test.js","err":{}}]}' }, [
      '/w/a.test.js:1:1 t: failed',
    ]);
  });

  it('tells what failed in a build of Maven or Gradle besides tests, and what kept it from its work', () => {
    const ended = (kind: string) =>
      [
        '[INFO] BUILD FAILURE',
        '[ERROR] Failed to execute goal org.jacoco:jacoco-maven-plugin:0.8.12:check (check) on project shop: Coverage checks have not been met. -> [Help 1]',
        `[ERROR] [Help 1] http://cwiki.apache.org/confluence/display/MAVEN/${kind}`,
      ].join('\n');
    const [goal] = findings('maven', { stdout: ended('MojoFailureException') });
    assert.deepEqual([goal?.rule, goal?.message], ['jacoco-maven-plugin:check', 'shop: Coverage checks have not been met.']);
    assert.match(detail('maven', { stdout: ended('MojoExecutionException') }), /Coverage checks/);
    const wrong = (text: string) => `FAILURE: Build failed with an exception.\n\n* What went wrong:\n${text}\n\n* Try:\n`;
    const [task] = findings('gradle', {
      stderr: wrong("Execution failed for task ':app:checkstyleMain'.\n> Violations were found."),
    });
    assert.deepEqual([task?.rule, task?.message], [':app:checkstyleMain', 'Violations were found.']);
    const unresolved = wrong("Execution failed for task ':compileJava'.\n> Could not resolve all files for configuration ':a'.");
    assert.match(detail('gradle', { stderr: unresolved }), /Could not resolve/);
  });

  it('reads what frameworks of other languages expected and got', () => {
    const values = (parser: ParserId, given: Partial<ParserInput>) =>
      findings(parser, given).map(({ expected, actual }) => [expected, actual]);
    const go = (output: string) =>
      [
        ...output.split('\n').map((line) => ({ Action: 'output', Package: 'a', Test: 'TestA', Output: `${line}\n` })),
        { Action: 'fail', Package: 'a', Test: 'TestA' },
      ]
        .map((event) => JSON.stringify(event))
        .join('\n');
    const testify =
      '    a_test.go:9: \n        \tError:      \tNot equal: \n        \t            \texpected: 3\n        \t            \tactual  : 2';
    assert.deepEqual(values('go-test', { stdout: go(testify) }), [['3', '2']]);
    const junit = (text: string) => ({
      report: `<testsuite><testcase name="a" classname="B"><failure>${text}</failure></testcase></testsuite>`,
    });
    assert.deepEqual(values('junit', junit('java.lang.AssertionError: expected:&lt;3&gt; but was:&lt;2&gt;')), [['3', '2']]);
    assert.deepEqual(values('junit', junit('Assert.AreEqual failed. Expected:&lt;3&gt;. Actual:&lt;2&gt;. ')), [['3', '2']]);
    assert.deepEqual(values('junit', junit('  Expected: 3\n  But was:  2')), [['3', '2']]);
    assert.deepEqual(values('junit', junit('Failed.\n--- Expected\n+++ Actual\n@@ @@\n a\n-b\n+c\n\n/a.php:3')), [
      ['a\nb', 'a\nc'],
    ]);
    assert.deepEqual(values('junit', junit('It expected: nothing of the kind')), [[undefined, undefined]]);
    const gradle = 'shop.PriceTest &gt; adds FAILED\n    org.opentest4j.AssertionFailedError: expected: <3> but was: <2>'.replace(
      '&gt;',
      '>',
    );
    assert.deepEqual(values('gradle', { stdout: gradle }), [['3', '2']]);
  });

  it('places a test of Rust that should have panicked, where cargo says it', () => {
    const stdout = (note: string) =>
      `---- tests::panics stdout ----\n${note}\n\nfailures:\n    tests::panics\n\ntest result: FAILED.`;
    check('cargo-test', { stdout: stdout('note: test did not panic as expected at src/lib.rs:15:8'), exitCode: 101 }, [
      'src/lib.rs:15:8 tests::panics: note: test did not panic as expected at src/lib.rs:15:8',
    ]);
    check('cargo-test', { stdout: stdout('note: test did not panic as expected'), exitCode: 101 }, [
      'undefined:1:1 tests::panics: note: test did not panic as expected',
    ]);
  });

  it('tells what terraform fmt cannot parse', () => {
    const stderr = [
      '',
      'Error: Invalid expression',
      '',
      '  on mod/broken.tf line 2, in locals:',
      '   2:  b = ',
      '',
      'Expected the start of an expression, but found an invalid expression token.',
      '',
    ].join('\n');
    check('terraform-fmt', { stdout: 'main.tf\n', stderr, exitCode: 2 }, [
      'main.tf:1:1 terraform fmt would format this file differently.',
      'mod/broken.tf:2:1 Invalid expression\nExpected the start of an expression, but found an invalid expression token.',
    ]);
  });

  it('only warns where PHPUnit does', () => {
    const error = (type: string) => `<error type="${type}">ATest::testA\nsaid</error>`;
    const severity = (type: string) =>
      findings('phpunit', {
        report: `<testsuites><testsuite><testcase name="testA" classname="ATest" file="/a.php" line="3">${error(type)}</testcase></testsuite></testsuites>`,
      }).map((finding) => finding.severity);
    assert.deepEqual(severity('PHPUnit\\Framework\\RiskyTestError'), ['warning']);
    assert.deepEqual(severity('RuntimeException'), ['error']);
  });

  it('finds nothing in a run that failed for another reason than a test', () => {
    check('vitest', { report: '{"testResults":[]}', stderr: 'ERROR: Coverage for lines (1%) does not meet threshold (90%)' }, []);
    check(
      'node-test',
      { report: 'TAP version 13\nok 1 - a\n1..1\n# Error: 50.00% line coverage does not meet threshold of 90%.' },
      [],
    );
    check('pytest', { report: '<testsuites><testsuite><testcase name="a"/></testsuite></testsuites>' }, []);
  });

  it('leaves out tests that are to be done, and tests that only hold a failed one', () => {
    const report = [
      'TAP version 13',
      '# Subtest: outer',
      '    # Subtest: inner',
      '    not ok 1 - inner',
      '      ---',
      "      location: 'C:\\\\w\\\\a.test.js:3:4'",
      "      error: 'it\\'s wrong'",
      '      ...',
      '    not ok 2 - later # TODO',
      '    1..2',
      'not ok 1 - outer',
      '  ---',
      "  failureType: 'subtestsFailed'",
      '  ...',
    ].join('\r\n');
    check('node-test', { report }, ["C:\\w\\a.test.js:3:4 outer › inner: it's wrong"]);
  });

  it('reads entities and characters of pytest reports', () => {
    const report =
      '<testsuites><testcase classname="t.T" name="test_a[&lt;x&gt;]" file="t.py" line="4"><failure message="a &amp;#10; &#233;&#xe9;">t.py:9: in f</failure></testcase></testsuites>';
    check('pytest', { report }, ['t.py:9:1 T::test_a[<x>]: a &#10; éé']);
  });
});
