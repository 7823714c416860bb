/** What SARIF, JUnit and TAP say in more ways than the golden files of the tools show. */
import assert from 'node:assert/strict';
import type { Parsed } from '../../../src/core/gates/parsed.js';
import { parseJunit, parseSarif, parseTap } from '../../../src/core/gates/parsers/formats.js';

type Json = Readonly<Record<string, unknown>>;

function findingsOf(result: Json, bases: Json = {}) {
  const run = {
    tool: { driver: { name: 'Tool' } },
    originalUriBaseIds: bases,
    results: [{ message: { text: 'Wrong' }, ...result }],
  };
  const parsed = parseSarif({ stdout: JSON.stringify({ version: '2.1.0', runs: [run] }), stderr: '', exitCode: 1 });
  assert.equal(parsed.kind, 'findings');
  return parsed.kind === 'findings' ? parsed.findings : [];
}

function fileOf(uri: string, uriBaseId?: string, bases?: Json) {
  const artifactLocation = { uri, ...(uriBaseId === undefined ? {} : { uriBaseId }) };
  return findingsOf({ locations: [{ physicalLocation: { artifactLocation } }] }, bases)[0]?.file;
}

describe('SARIF', () => {
  it('decodes an address once, so that a name with a percent sign stays itself', () => {
    assert.equal(fileOf('file:///project/100%2525.ts'), '/project/100%25.ts');
    assert.equal(fileOf('src/a%20b.ts'), 'src/a b.ts');
    assert.equal(fileOf('file:///C:/project/a%20b.ts'), 'C:/project/a b.ts');
  });

  it('leaves a name that is no valid address as it is', () => {
    assert.equal(fileOf('src/100%.ts'), 'src/100%.ts');
  });

  it('follows bases that are relative to other bases, and ends where they go round', () => {
    const bases = { SRC: { uri: 'src/', uriBaseId: 'ROOT' }, ROOT: { uri: 'file:///project/' } };
    assert.equal(fileOf('a%2525.ts', 'SRC', bases), '/project/src/a%25.ts');
    assert.equal(fileOf('file:///other/a.ts', 'SRC', bases), '/other/a.ts');
    assert.equal(fileOf('a.ts', 'X', { X: { uri: 'x/', uriBaseId: 'Y' }, Y: { uri: 'y/', uriBaseId: 'X' } }), 'y/x/a.ts');
  });

  it('says so when the tool could not do its work, but shows what it found before', () => {
    const text = 'The configuration is broken.';
    const invocations = [
      {
        executionSuccessful: false,
        toolExecutionNotifications: [{ level: 'error', message: { text } }, { message: { text: 'Late.' } }],
      },
    ];
    const read = (results: readonly Json[]) => {
      const runs = [{ tool: { driver: { name: 'Tool' } }, invocations, results }];
      return parseSarif({ stdout: JSON.stringify({ version: '2.1.0', runs }), stderr: '', exitCode: 1 });
    };
    assert.deepEqual(read([]), { kind: 'unreadable', detail: text });
    assert.equal(read([{ message: { text: 'Wrong' } }]).kind, 'findings');
  });

  it('says what columns count where a run does', () => {
    const results = [{ message: { text: 'Wrong' } }];
    const read = (more: Json) => {
      const runs = [{ tool: { driver: { name: 'Tool' } }, results, ...more }];
      const parsed = parseSarif({ stdout: JSON.stringify({ version: '2.1.0', runs }), stderr: '', exitCode: 1 });
      return parsed.kind === 'findings' ? parsed.findings.map(({ columnsOf }) => columnsOf) : [];
    };
    assert.deepEqual(read({ columnKind: 'unicodeCodePoints' }), ['characters']);
    assert.deepEqual(read({}), [undefined]);
  });

  it('leaves out what is suppressed, unless that was rejected or is still under review', () => {
    const count = (...suppressions: readonly Json[]) => findingsOf({ suppressions }).length;
    assert.equal(count(), 1);
    assert.equal(count({ kind: 'inSource' }), 0);
    assert.equal(count({ kind: 'external', status: 'accepted' }), 0);
    assert.equal(count({ kind: 'external', status: 'rejected' }), 1);
    assert.equal(count({ kind: 'inSource' }, { kind: 'external', status: 'underReview' }), 1);
  });
});

/** `file:line:column message`, each in one line */
function told(parsed: Parsed): readonly string[] {
  assert.equal(parsed.kind, 'findings');
  return parsed.kind === 'findings'
    ? parsed.findings.map(
        ({ file = '', line, column, message }) => `${file}:${line}:${column} ${message.replaceAll('\n', ' | ')}`,
      )
    : [];
}

describe('SARIF with a byte order mark', () => {
  it('is read', () => {
    const result = { message: { text: 'Wrong' } };
    const document = JSON.stringify({ runs: [{ tool: { driver: { name: 'T' } }, results: [result] }] }, undefined, 2);
    assert.deepEqual(told(parseSarif({ stdout: `\uFEFF${document}`, stderr: '', exitCode: 1 })), [':1:1 Wrong']);
  });
});

describe('JUnit', () => {
  const check = (xml: string, expected: readonly string[]) =>
    assert.deepEqual(told(parseJunit({ stdout: `<?xml version="1.0"?>${xml}`, stderr: '', exitCode: 1 })), expected);
  const failing = (name: string, more = '') =>
    `<testcase name="${name}" classname="c" file="a.js" line="2"${more}><failure message="m"/></testcase>`;

  it('has test cases at any depth, also beside suites', () => {
    const nested = `<testsuite name="s">${failing('in')}<testsuite name="t">${failing('deep')}</testsuite></testsuite>`;
    check(`<testsuites>${nested}${failing('beside')}</testsuites>`, [
      'a.js:2:1 c › in: m',
      'a.js:2:1 c › deep: m',
      'a.js:2:1 c › beside: m',
    ]);
    check(failing('alone', ' column="7"'), ['a.js:2:7 c › alone: m']);
  });

  it('has no failure in what was skipped, even if it says how it would fail', () => {
    const todo = '<testcase name="todo"><skipped type="todo"/><failure message="m"/></testcase>';
    check(`<testsuite name="s">${todo}${failing('real')}</testsuite>`, ['a.js:2:1 c › real: m']);
  });

  it('of linters names the file by its suite, and the place in words', () => {
    const problem =
      '<testcase name="no-var"><failure message="Bad"><![CDATA[line 3, col 5, Error - Bad (no-var)]]></failure></testcase>';
    check(`<testsuites><testsuite name="/p/src dir/a b.js">${problem}</testsuite></testsuites>`, [
      '/p/src dir/a b.js:3:5 no-var: Bad',
    ]);
    const unplaced = '<testcase name="x"><failure message="Bad"/></testcase>';
    check(`<testsuite name="v1.js">${unplaced}</testsuite>`, [':1:1 x: Bad']);
  });
});

describe('TAP', () => {
  const check = (lines: readonly string[], expected: readonly string[]) =>
    assert.deepEqual(told(parseTap({ stdout: ['TAP version 13', ...lines].join('\n'), stderr: '', exitCode: 1 })), expected);

  it('says a place in parts, as tap and ESLint write them', () => {
    check(
      ['not ok 1 - eq', '  ---', '  at:', '    line: 4', '    column: 42', '    file: my dir/t.js', '  ...'],
      ['my dir/t.js:4:42 eq: not ok'],
    );
    check(
      ['not ok 1 - /p/src dir/a b.js', '  ---', '  message: Bad', '  data:', '    line: 3', '    column: 5', '  ...'],
      ['/p/src dir/a b.js:3:5 /p/src dir/a b.js: Bad'],
    );
    check(['not ok 1 - x', '  ---', '  location: "/p/my dir/t.js:7:3"', '  ...'], ['/p/my dir/t.js:7:3 x: not ok']);
  });

  it('says in text below a test what went wrong, as Mocha and Perl write it', () => {
    check(
      [
        'not ok 1 adds',
        '  1 == 2',
        '      at Context.<anonymous> (t.spec.js:1:89)',
        '      at node:internal/timers:1:2',
        'ok 2 b',
        '# fail 1',
      ],
      ['t.spec.js:1:89 adds: 1 == 2'],
    );
    const perl = [
      'not ok 2 - numbers',
      "#   Failed test 'numbers'",
      '#   at my t/a.t line 3.',
      "#          got: '1'",
      "#     expected: '2'",
    ];
    check([...perl, '# Looks like you failed 1 test of 1.'], ['my t/a.t:3:1 numbers: not ok']);
    const parsed = parseTap({ stdout: perl.join('\n'), stderr: '', exitCode: 1 });
    assert.deepEqual(parsed.kind === 'findings' && parsed.findings.map(({ expected, actual }) => [expected, actual]), [
      ["'2'", "'1'"],
    ]);
    check(['not ok 1 - a', 'not ok 2 - b', '# text of b'], [':1:1 a: not ok', ':1:1 b: text of b']);
  });
});
