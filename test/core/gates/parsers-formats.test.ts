/** What SARIF says in more ways than the golden files of the tools show. */
import assert from 'node:assert/strict';
import { parseSarif } from '../../../src/core/gates/parsers/formats.js';

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
