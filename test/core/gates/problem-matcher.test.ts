import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ProblemMatcher } from '../../../src/core/gate-model.js';
import { type MatcherPlaces, normaliseMatchers } from '../../../src/core/gates/configuration-matchers.js';
import type { GateSettings } from '../../../src/core/gates/configuration-schema.js';
import type { Parsed } from '../../../src/core/gates/parsed.js';
import { parseWithMatchers } from '../../../src/core/gates/problem-matcher.js';

type Settings = NonNullable<GateSettings['problemMatcher']>;
const PLACES: MatcherPlaces = { folder: '/project', cwd: '/project/app' };

function matchersOf(settings: Settings): readonly ProblemMatcher[] {
  const { matchers, problems } = normaliseMatchers(settings, PLACES);
  assert.deepEqual(problems, []);
  return matchers;
}

function parse(settings: Settings, stdout: string, stderr = ''): Parsed {
  return parseWithMatchers({ stdout, stderr, exitCode: 1, matchers: matchersOf(settings) });
}

/** `file:line:column-line:column severity rule message` */
function told(parsed: Parsed): readonly string[] {
  if (parsed.kind === 'unreadable') return [`unreadable: ${parsed.detail}`];
  return parsed.findings.map(({ file, line, column, endLine, endColumn, severity, rule, message }) => {
    const end = endLine === undefined ? '' : `-${endLine}:${endColumn}`;
    return [`${file}:${line}:${column}${end}`, severity, ...(rule === undefined ? [] : [rule]), message].join(' ');
  });
}

describe('Problem matchers', () => {
  const wellKnown: readonly (readonly [string, string, readonly string[]])[] = [
    [
      '$tsc',
      "src/a.ts(3,7): error TS2322: Type 'string' is not assignable.",
      ["/project/app/src/a.ts:3:7 error TS2322 Type 'string' is not assignable."],
    ],
    ['$tsc', 'src/a.ts:3:7 - error TS1005: “;” expected.', ['/project/app/src/a.ts:3:7 error TS1005 “;” expected.']],
    [
      '$eslint-stylish',
      '\n/project/a.js\n  1:10  error    Unexpected var   no-var\n  2:1   warning  Missing semicolon\n\n/project/b.js\n  4:2  error  Parsing error: Unexpected token\n\n✖ 3 problems',
      [
        '/project/a.js:1:10 error no-var Unexpected var',
        '/project/a.js:2:1 warning Missing semicolon',
        '/project/b.js:4:2 error Parsing error: Unexpected token',
      ],
    ],
    ['$eslint-stylish', 'C:\\p\\a.js\r\n  1:10  error  Bad  no-bad\r\n', ['C:\\p\\a.js:1:10 error no-bad Bad']],
    [
      '$eslint-compact',
      '/project/a.js: line 1, col 2, Warning - Unexpected console statement. (no-console)\n\n1 problem',
      ['/project/a.js:1:2 warning no-console Unexpected console statement.'],
    ],
    [
      '$gcc',
      'main.c: In function ‘main’:\nmain.c:4:9: warning: unused variable ‘x’ [-Wunused-variable]\n/usr/include/a.h:2: fatal error: b.h: No such file\nmain.c:4:9: note: declared here',
      ['main.c:4:9 warning -Wunused-variable unused variable ‘x’', '/usr/include/a.h:2:1 error b.h: No such file'],
    ],
    [
      '$go',
      '# example.com/a\n./main.go:5:2: undefined: fmt\nvet: ./b.go:7:1: expected operand',
      ['/project/app/main.go:5:2 error undefined: fmt', '/project/app/b.go:7:1 error expected operand'],
    ],
    ['$jshint', '/p/a.js: line 2, col 14, Missing semicolon. (W033)\n\n1 error', ['/p/a.js:2:14 warning 033 Missing semicolon.']],
    [
      '$lessCompile',
      'ParseError: Unrecognised input in file /p/a.less line no. 4',
      ['/p/a.less:4:1 error ParseError: Unrecognised input'],
    ],
    [
      '$mscompile',
      '  1>C:\\p\\a.cs(12,5): error CS1002: ; expected [C:\\p\\a.csproj]\nC:\\p\\b.cs(3,1,3,9): warning CS0168: The variable is unused',
      ['C:\\p\\a.cs:12:5 error CS1002 ; expected', 'C:\\p\\b.cs:3:1-3:9 warning CS0168 The variable is unused'],
    ],
    ['$tsc-watch', 'src/a.ts(3,7): error TS2322: No.', ['/project/app/src/a.ts:3:7 error TS2322 No.']],
    ['$gulp-tsc', 'src/a.ts(3,7): 2322 No.', ['/project/app/src/a.ts:3:7 error 2322 No.']],
    [
      '$jshint-stylish',
      "\n/p/a.js\n  line 1  col 9   Missing semicolon.  (W033)\n  line 2  col 1   'a' is not defined.\n\n  2 problems\n",
      ['/p/a.js:1:9 warning 033 Missing semicolon.', "/p/a.js:2:1 error 'a' is not defined."],
    ],
    [
      '$lessc',
      'ParseError: Unrecognised input in /p/a b.less on line 4, column 2:\n3 \n4  {',
      ['/p/a b.less:4:2 error ParseError: Unrecognised input'],
    ],
    [
      '$node-sass',
      '{\n  "status": 1,\n  "file": "/p/a.scss",\n  "line": 3,\n  "column": 10,\n  "message": "Undefined variable.",\n  "formatted": "Error"\n}',
      ['/p/a.scss:3:10 error Undefined variable.'],
    ],
    [
      '$nvcc',
      'a.cu(12): error: identifier "x" is undefined\na.cu(14): warning #177-D: variable "y" was declared',
      [
        '/project/app/a.cu:12:1 error identifier "x" is undefined',
        '/project/app/a.cu:14:1 warning 177-D variable "y" was declared',
      ],
    ],
    ['$msCompile', 'C:\\p\\a.cs(12,5): fatal error : it ends', ['C:\\p\\a.cs:12:5 error it ends']],
  ];
  for (const [name, output, expected] of wellKnown) {
    it(`read what ${name} is for: ${output.trim().split(/\r?\n/)[0]}`, () => {
      assert.deepEqual(told(parse(name, output)), expected);
    });
  }

  const line = { regexp: '^(\\S+):(\\d+): (.*)$', file: 1, line: 2, message: 3 };
  const tables: readonly (readonly [string, Settings, string, readonly string[]])[] = [
    [
      'give a pattern alone its documented groups',
      { pattern: { regexp: '^(\\S+) (\\d+) (\\d+) .*$' } },
      'a 2 3 b',
      ['/project/app/a:2:3 error a 2 3 b'],
    ],
    [
      'take a place from one group',
      { pattern: { regexp: '^(\\S+)\\(([\\d,]+)\\) (.*)$', location: 2, message: 3 } },
      'a(4) x\nb(4,2) y\nc(4,2,5,1) z',
      ['/project/app/a:4:1 error x', '/project/app/b:4:2 error y', '/project/app/c:4:2-5:1 error z'],
    ],
    [
      'place a problem of a whole file at its start',
      { pattern: { regexp: '^(\\S+) is not formatted$', kind: 'file' } },
      'a.ts is not formatted',
      ['/project/app/a.ts:1:1 error a.ts is not formatted'],
    ],
    [
      'end on the same line when only a column is given',
      { pattern: { regexp: '^(\\S+) (\\d+) (\\d+)-(\\d+) (.*)$', endColumn: 4, message: 5 } },
      'a 2 3-8 m',
      ['/project/app/a:2:3-2:8 error m'],
    ],
    [
      'read severities as words and letters',
      { severity: 'info', pattern: { regexp: '^(\\S+) (\\d+) (\\d+) (\\w*):(.*)$', severity: 4, message: 5 } },
      ['Error', 'WARN', 'warning', 'Info', 'note', 'hint', 'E', 'w', 'I', 'convention', '']
        .map((word, index) => `a ${index + 1} 1 ${word}:m`)
        .join('\n'),
      [
        'error',
        'warning',
        'warning',
        'information',
        'information',
        'hint',
        'error',
        'warning',
        'information',
        'information',
        'information',
      ].map((word, index) => `/project/app/a:${index + 1}:1 ${word} m`),
    ],
    [
      'join messages of several lines, and keep the first of everything else',
      {
        pattern: [
          { regexp: '^(\\w+)> (.*)$', file: 1, message: 2 },
          { regexp: '^ at (\\w+):(\\d+)(.*)$', file: 1, line: 2, message: 3 },
        ],
      },
      'a> first\n at b:7 second\n',
      ['/project/app/a:7:1 error first\nsecond'],
    ],
    [
      'need the lines of a pattern to follow each other',
      {
        pattern: [
          { regexp: '^file (.*)$', file: 1 },
          { regexp: '^(\\d+) (.*)$', line: 1, message: 2 },
        ],
      },
      'file a\nnoise\n1 lost\nfile b\n2 found\n3 no loop',
      ['/project/app/b:2:1 error found'],
    ],
    [
      'go on with the last pattern for as long as lines fit',
      {
        pattern: [
          { regexp: '^file (.*)$', file: 1 },
          { regexp: '^(\\d+) (.*)$', line: 1, message: 2, loop: true },
        ],
      },
      'file a\n1 x\n2 y\n\n3 lost\nfile b\n4 z',
      ['/project/app/a:1:1 error x', '/project/app/a:2:1 error y', '/project/app/b:4:1 error z'],
    ],
    [
      'give a line to the matcher that fits most lines, then to the first',
      [
        { pattern: line, severity: 'info' },
        {
          pattern: [
            { regexp: '^== (.*)$', message: 1 },
            { regexp: '^(\\S+):(\\d+): .*$', file: 1, line: 2 },
          ],
        },
        { pattern: line },
      ],
      '== title\na:1: two lines\nb:2: one line',
      ['/project/app/a:1:1 error title', '/project/app/b:2:1 information one line'],
    ],
    [
      'make nothing of what lacks a file, a line or a message',
      { pattern: { regexp: '^(\\w*):(\\w*): ?(.*)$', message: 3 } },
      ':1: m\na:x: m\na:1:',
      [],
    ],
    [
      'tell the same problem once, as often as it is told',
      { pattern: line },
      'a:1: x\nb:2: y\na:1: x\na:1: z',
      ['/project/app/a:1:1 error x', '/project/app/b:2:1 error y', '/project/app/a:1:1 error z'],
    ],
    [
      'read numbers that something follows in their group',
      [
        { pattern: { regexp: '^(\\S+)@(\\S+) (\\S+) (.*)$', message: 4 } },
        { pattern: { regexp: '^(\\S+)=(\\S+) (.*)$', location: 2, message: 3 } },
      ],
      'a@4: 2, m\nb=4:2 n\nc=7,3: o\nd=x,3 p',
      ['/project/app/a:4:2 error m', '/project/app/b:4:1 error n', '/project/app/c:7:3 error o'],
    ],
    [
      'let a pattern alone say that it loops',
      { pattern: { ...line, loop: true } },
      'a:1: x\n\nb:2: y',
      ['/project/app/a:1:1 error x', '/project/app/b:2:1 error y'],
    ],
    ['look past a byte order mark', { pattern: line }, '\uFEFFa:1: x', ['/project/app/a:1:1 error x']],
    ['look past colours', { pattern: line }, '\u001b[31ma:1:\u001b[0m red', ['/project/app/a:1:1 error red']],
    [
      'prefer their own properties to those of their base',
      { base: '$tsc', severity: 'warning', fileLocation: 'absolute' },
      '/a.ts(1,2): error TS1: m',
      ['/a.ts:1:2 error TS1 m'],
    ],
    [
      'take the pattern of a well-known matcher by name',
      { pattern: '$tsc', fileLocation: ['relative', `\${workspaceFolder}/lib`] },
      'a.ts(1,2): error TS1: m',
      ['/project/lib/a.ts:1:2 error TS1 m'],
    ],
  ];
  for (const [title, settings, output, expected] of tables) {
    it(title, () => {
      assert.deepEqual(told(parse(settings, output)), expected);
    });
  }

  const locations: readonly (readonly [ProblemMatcher['fileLocation'], string, string])[] = [
    [{ kind: 'absolute' }, '/a/b.c', '/a/b.c'],
    [{ kind: 'relative', base: '/base/' }, './a.c', '/base/a.c'],
    [{ kind: 'relative', base: '/base' }, '../a.c', '/base/../a.c'],
    [{ kind: 'relative', base: '/' }, 'a.c', '/a.c'],
    [{ kind: 'relative', base: 'C:\\base' }, 'lib/a.c', 'C:\\base\\lib\\a.c'],
  ];
  for (const [fileLocation, file, expected] of locations) {
    it(`find ${file} by ${JSON.stringify(fileLocation)}`, () => {
      const matcher: ProblemMatcher = {
        severity: 'error',
        fileLocation,
        patterns: [{ regexp: '^(.*)#$', kind: 'file', file: 1, message: 0 }],
      };
      const parsed = parseWithMatchers({ stdout: `${file}#`, stderr: '', exitCode: 1, matchers: [matcher] });
      assert.deepEqual(parsed.kind === 'findings' && parsed.findings.map((finding) => finding.file), [expected]);
    });
  }

  it('read standard output, standard error and the report, each by itself', () => {
    const matchers = matchersOf({ pattern: line, owner: 'mine' });
    const parsed = parseWithMatchers({ stdout: 'a:1: x', stderr: 'b:1: y', report: 'c:1: z', exitCode: 1, matchers });
    assert.deepEqual(told(parsed), ['/project/app/a:1:1 error x', '/project/app/b:1:1 error y', '/project/app/c:1:1 error z']);
    assert.deepEqual(parsed.kind === 'findings' && parsed.findings.map(({ source }) => source), ['mine', 'mine', 'mine']);
  });

  it('find nothing in output that none of them fits, whatever the exit code: that says what it means', () => {
    for (const exitCode of [0, 1]) {
      const parsed = parseWithMatchers({
        stdout: 'Cannot find tsconfig.json',
        stderr: '',
        exitCode,
        matchers: matchersOf('$tsc'),
      });
      assert.deepEqual(parsed, { kind: 'findings', findings: [] });
    }
  });

  it('look at the first 10,000 characters of a line', () => {
    const matchers = matchersOf({ pattern: { regexp: '^(x+):(\\d+):(\\d+)$', kind: 'file' } });
    const read = (length: number) =>
      parseWithMatchers({ stdout: `${'x'.repeat(length)}:1:1`, stderr: '', exitCode: 0, matchers });
    assert.equal((read(9_996) as { findings: readonly unknown[] }).findings.length, 1);
    assert.equal((read(10_000) as { findings: readonly unknown[] }).findings.length, 0);
  });

  it('pass over a pattern that does not compile and go on with the others', () => {
    const broken: ProblemMatcher = {
      severity: 'error',
      fileLocation: { kind: 'absolute' },
      patterns: [{ regexp: '(', kind: 'file', file: 1, message: 0 }],
    };
    const parsed = parseWithMatchers({
      stdout: 'a:1: x',
      stderr: '',
      exitCode: 1,
      matchers: [broken, ...matchersOf({ pattern: line })],
    });
    assert.deepEqual(told(parsed), ['/project/app/a:1:1 error x']);
  });

  it('never throw, and give each line to at most one finding, whatever a tool writes', () => {
    const texts = fc.array(
      fc.oneof(fc.string(), fc.constantFrom('/a.js', '  1:2  error  m  r', 'a:1:2: error: m', 'a.ts(1,2): error TS1: m')),
    );
    fc.assert(
      fc.property(texts, (written) => {
        const stdout = written.join('\n');
        const parsed = parse(['$tsc', '$eslint-stylish', '$gcc', '$go', '$msCompile'], stdout);
        const count = parsed.kind === 'findings' ? parsed.findings.length : 0;
        assert.ok(count <= stdout.split(/\r\n?|\n/).length);
        for (const { line: at, column, severity } of parsed.kind === 'findings' ? parsed.findings : []) {
          assert.ok(at >= 1 && column >= 1 && severity.length > 0);
        }
      }),
    );
  });
});
