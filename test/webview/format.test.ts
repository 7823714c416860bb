import assert from 'node:assert/strict';
import { commandLine, shortCommandLine } from '../../src/webview/format.js';

const command = (argv: readonly string[], shell = false) => ({ argv, cwd: '/', env: {}, shell });

describe('a command line', () => {
  it('quotes what a shell would take apart, and leaves a line for a shell as it is', () => {
    assert.equal(commandLine(command(['a', "it's", '', '-x=1'])), "a 'it'\\''s' '' -x=1");
    assert.equal(commandLine(command(['a && b | c'], true)), 'a && b | c');
  });

  it('is shown whole while it is short, and says how many arguments are left out when it is not', () => {
    const files = (count: number, name: string) => Array.from({ length: count }, () => name);
    assert.deepEqual(shortCommandLine(command(['tool', 'a', 'b'])), { text: 'tool a b', omitted: 0 });
    const many = shortCommandLine(command(['tool', ...files(500, 'f')]));
    assert.equal(many.text.split(' ').length + many.omitted, 501);
    assert.ok(many.text.startsWith('tool f f') && many.omitted > 400);
    const long = shortCommandLine(command(['tool', ...files(10, 'x'.repeat(200))]));
    assert.ok(long.text.length <= 480 && long.omitted > 0);
    assert.equal(shortCommandLine(command([files(1, 'y'.repeat(5_000)).join('')], true)).omitted, 0);
  });
});
