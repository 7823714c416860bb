import assert from 'node:assert/strict';
import { withSetting } from '../../src/core/settings-text.js';

function check(text: string, expected: string, before?: unknown): void {
  const result = withSetting(text, 'volley.slots', 4);
  assert.deepEqual(result, { kind: 'text', text: expected, ...(before === undefined ? {} : { before }) });
}

describe('A setting in a settings.json', () => {
  it('is added behind the others, or changed in place, and comments stay', () => {
    check('', '{\n  "volley.slots": 4\n}\n');
    check('{}', '{\n  "volley.slots": 4\n}');
    check('{\n  // mine\n  "a": 1\n}\n', '{\n  // mine\n  "a": 1,\n  "volley.slots": 4\n}\n');
    check('{\n  "volley.slots": 2, // two\n  "a": 1\n}\n', '{\n  "volley.slots": 4, // two\n  "a": 1\n}\n', 2);
    check('{\n\t"a": 1\n}\n', '{\n\t"a": 1,\n\t"volley.slots": 4\n}\n');
    check('{\n    "a": 1,\n}\n', '{\n    "a": 1,\n    "volley.slots": 4,\n}\n');
    check('{\r\n  "a": 1\r\n}\r\n', '{\r\n  "a": 1,\r\n  "volley.slots": 4\r\n}\r\n');
    check('\uFEFF{ "volley.slots": "x" }', '\uFEFF{ "volley.slots": 4 }', 'x');
    check('// nothing yet\n', '// nothing yet\n{\n  "volley.slots": 4\n}\n');
  });

  it('is not written into what is no object of settings', () => {
    for (const text of ['{ "a": ', '[1]', '{ "a" 1 }', 'null'])
      assert.equal(withSetting(text, 'volley.slots', 4).kind, 'problem', text);
  });
});
