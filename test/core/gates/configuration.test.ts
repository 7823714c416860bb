import assert from 'node:assert/strict';
import path from 'node:path';
import fc from 'fast-check';
import type { Warning } from '../../../src/core/gate-model.js';
import {
  CONFIGURATION_FILE,
  type Configuration,
  configureGates,
  parseConfiguration,
  readConfiguration,
} from '../../../src/core/gates/configuration.js';
import { configurationSchema } from '../../../src/core/gates/configuration-schema.js';
import type { Folder } from '../../../src/core/model.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';

const FOLDER: Folder = { name: 'project', path: path.resolve('/project') };
const FILE = path.join(FOLDER.path, CONFIGURATION_FILE);

function parsed(content: unknown): { readonly configuration: Configuration; readonly warnings: readonly Warning[] } {
  const warnings: Warning[] = [];
  const text = typeof content === 'string' ? content : JSON.stringify(content, undefined, 2);
  return { configuration: parseConfiguration(FILE, text, (warning) => warnings.push(warning)), warnings };
}

const told = (warnings: readonly Warning[]) => warnings.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('Reading volley.jsonc', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.dispose());

  it('knows comments, trailing commas, a byte order mark and an empty file, and says nothing where there is no file', async () => {
    const warnings: Warning[] = [];
    const read = () => readConfiguration({ name: 'x', path: folder.path }, (warning) => warnings.push(warning));
    assert.equal(await read(), undefined);
    for (const text of ['', '// nothing yet\n', '\uFEFF{\n  /* all */ "gates": { "eslint": false, },\n}\n']) {
      await folder.write({ [CONFIGURATION_FILE]: text });
      const configuration = await read();
      assert.equal(configuration?.file, path.join(folder.path, CONFIGURATION_FILE));
      assert.deepEqual([...configuration.gates], text.includes('eslint') ? [['eslint', false]] : []);
    }
    assert.deepEqual(warnings, []);
  });

  const wrong: readonly (readonly [string, readonly string[]])[] = [
    ['[]', ['1:1 volley.jsonc has to hold an object {…}.']],
    ['{ "gatez": {} }', ['1:3 “gatez” is not known here. Did you mean “gates”?']],
    ['{ "gates": [] }', ['1:12 “gates” has to be an object {…} of gates by id.']],
    ['{ "$schema": 1 }', ['1:14 “$schema” has to be a text in double quotes.']],
    ['{ "gates": { "a": 3 } }', ['1:19 The gate “a” has to be an object {…}, or false to leave it out.']],
    ['{ "gates": { "a\\u001b[2J": {} } }', ['1:14 The id of a gate cannot hold what cannot be seen, as “a\uFFFD[2J” does.']],
    ['{ "gates": { "": {} } }', ['1:14 The id of a gate has to hold some text.']],
    [
      '{ "defaults": {\r\n  "timeout": -1,\r\n  "exclud": [] } }',
      [
        '2:14 “timeout” has to be more than 0 (so this default does not hold).',
        '3:3 “exclud” is not known here. Did you mean “exclude”?',
      ],
    ],
    [
      '{ "gates": {\n  "a": { "timout": 3 } } }',
      ['2:10 “timout” is not known here. Did you mean “timeout”? (so nothing of the gate “a” holds).'],
    ],
    [
      '{ "gates": {\n  "a": { "command": "eslint ." } } }',
      ['2:21 “command” has to be an array, as in ["eslint", "."], or {"shell": "…"} (so nothing of the gate “a” holds).'],
    ],
    [
      '{ "gates": { "a": { "cwd": "../b" } } }',
      ['1:28 “cwd” has to be a path below its folder, without a leading / and without .. (so nothing of the gate “a” holds).'],
    ],
    [
      '{ "gates": { "a": { "scopes": ["stage"] } } }',
      [
        '1:32 “scopes[0]” has to be "workspace" or "changed" or "staged" or "open" or "selected" (so nothing of the gate “a” holds).',
      ],
    ],
    [
      '{ "gates": { "a": { "parser": "eslnt" } } }',
      ['1:31 “parser” names “eslnt”, which is no parser. Did you mean “eslint”? (so nothing of the gate “a” holds).'],
    ],
    [
      '{ "gates": { "a": { "parser": "none", "problemMatcher": "$tsc" } } }',
      ['1:31 “parser” cannot stand beside “problemMatcher”. Remove one of the two (so nothing of the gate “a” holds).'],
    ],
    [
      '{ "gates": { "a": { "problemMatcher": ["$gcc", "$tcs"] } } }',
      ['1:48 “problemMatcher[1]” names “$tcs”, which is not known. Did you mean “$tsc”? (so nothing of the gate “a” holds).'],
    ],
    [
      '{ "gates": { "a": { "problemMatcher": {\n "pattern": [{ "regexp": "(", "file": 1, "line": 1, "message": 1 }] } } } }',
      [
        '2:26 “problemMatcher.pattern[0].regexp” has a regular expression that cannot be read: Unterminated group (so nothing of the gate “a” holds).',
      ],
    ],
    [
      '{ "gates": { "a": { "problemMatcher": { "pattern": [{ "regexp": "a", "loop": true }, { "regexp": "b", "kind": "file" }] } } } }',
      [
        '1:78 “problemMatcher.pattern[0].loop” may “loop” only in the last of several patterns (so nothing of the gate “a” holds).',
        '1:111 “problemMatcher.pattern[1].kind” may have a “kind” only in its first pattern (so nothing of the gate “a” holds).',
        '1:52 “problemMatcher.pattern” needs patterns that together capture “file” and “message” (so nothing of the gate “a” holds).',
      ],
    ],
    [
      '{ "gates": { "a": { "problemMatcher": { "base": "$tsc", "fileLocation": ["relatve", "x"] } } } }',
      [
        '1:73 “problemMatcher.fileLocation” has to be "absolute", "relative", "autoDetect" or "search", or one of them and where, as in ["relative", "${workspaceFolder}"] (so nothing of the gate “a” holds).',
      ],
    ],
    [
      '{ "gates": { "a": { "command": [""] }, "b": { "command": [] } } }',
      [
        '1:33 “command[0]” has to hold some text (so nothing of the gate “a” holds).',
        '1:58 “command[0]” has to be a text in double quotes (so nothing of the gate “b” holds).',
      ],
    ],
    [
      '{ "gates": { "a": { "problemMatcher": { "pattern": "$cps" } } } }',
      [
        '1:52 “problemMatcher.pattern” names “$cps”, which is not known. Did you mean “$cpp”? (so nothing of the gate “a” holds).',
      ],
    ],
    ['{ "gates": {\n  "a": false,\n  "a": {} } }', ['3:3 “a” stands here a second time. Remove one: the last one holds.']],
    [
      '{ "gates": { "__proto__": { "command": ["x"] }, "a": { "env": { "__proto__": "x" } } } }',
      ['1:14 “__proto__” cannot be used as a name here.', '1:65 “__proto__” cannot be used as a name here.'],
    ],
  ];
  for (const [text, expected] of wrong) {
    it(`says where and what is wrong in ${text.replaceAll(/\s+/g, ' ')}`, () => {
      assert.deepEqual(told(parsed(text).warnings), expected);
    });
  }

  it('loses only the gate in which something is wrong', () => {
    const { configuration, warnings } = parsed(
      '{ "gates": {\n "a": { "name": 1 },\n "b": { "name": "B" "timeout": 1 },\n "c": { "name": "C" }\n "d": false } }',
    );
    assert.deepEqual(
      [...configuration.gates],
      [
        ['c', { name: 'C' }],
        ['d', false],
      ],
    );
    assert.deepEqual(told(warnings), [
      '3:21 volley.jsonc is not valid: a comma is missing here.',
      '5:2 volley.jsonc is not valid: a comma is missing here.',
      '2:17 “name” has to be a text in double quotes (so nothing of the gate “a” holds).',
    ]);
  });

  it('reads ten thousand gates, and stops complaining after a hundred warnings', () => {
    const gates = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`g${index}`, index % 2 ? false : { nam: 'x' }]),
    );
    const { configuration, warnings } = parsed({ gates });
    assert.equal(configuration.gates.size, 5_000);
    assert.equal(warnings.length, 100);
    assert.match(warnings.at(-1)?.message ?? '', /More is wrong behind this\.$/);
  });

  it('answers for brackets that lie too deep with a warning', () => {
    for (const text of [
      '['.repeat(100_000),
      `{"gates":${'{"a":'.repeat(100_000)}`,
      `{"gates":{"a":${'['.repeat(300)}${']'.repeat(300)}}}`,
    ]) {
      const { configuration, warnings } = parsed(text);
      assert.equal(configuration.gates.size, 0);
      assert.match(warnings[0]?.message ?? '', /lie too deep in each other/);
    }
  });

  it('never throws and places every warning inside the file, whatever stands in it', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom(
        ...Object.keys(configurationSchema.shape),
        'command',
        'files',
        'problemMatcher',
        'pattern',
        'regexp',
        'fileLocation',
        '__proto__',
        'fix',
        'env',
      ),
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom('$tsc', '(', 'none', 1, true, false, null),
        fc.string(),
        fc.array(tie('any')),
        fc.array(fc.tuple(name, tie('any'))).map((pairs) => Object.fromEntries(pairs)),
      ),
    })).any;
    const document = fc.oneof(
      value,
      fc.dictionary(name, value).map((gates) => ({ gates })),
      value.map((any) => ({ gates: { a: any, b: { problemMatcher: any, fix: any } } })),
    );
    const text = fc.oneof(
      fc.string(),
      document.map((any) => JSON.stringify(any, undefined, 1) ?? ''),
      fc.tuple(document, fc.nat(), fc.string()).map(([any, at, noise]) => {
        const whole = JSON.stringify(any, undefined, 1) ?? '';
        return whole.slice(0, at % (whole.length + 1)) + noise + whole.slice(at % (whole.length + 1));
      }),
    );
    fc.assert(
      fc.property(text, (content) => {
        const { configuration, warnings } = parsed(content);
        const lines = content.split(/\r\n|\n|\r/);
        for (const { file, line = 0, column = 0, message } of [
          ...warnings,
          ...configureGates([], configuration, FOLDER).warnings,
        ]) {
          assert.equal(file, FILE);
          assert.ok(line >= 1 && line <= lines.length, `${line}:${column} ${message}`);
          assert.ok(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 2, `${line}:${column} ${message}`);
        }
      }),
      { numRuns: 500 },
    );
  });
});
