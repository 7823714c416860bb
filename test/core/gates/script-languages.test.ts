import assert from 'node:assert/strict';
import { LANGUAGE_CHECKS } from '../../../src/core/gates/script-languages.js';
import { toolTable } from '../../../src/core/gates/script-lookup.js';

describe('the table of checks that come with languages', () => {
  const tools = toolTable(LANGUAGE_CHECKS);

  it('holds rows that are found by a call as they name it, which checks', () => {
    for (const { id, programs, defaultOptions, isCheck } of LANGUAGE_CHECKS) {
      const [program = ''] = programs;
      const found = tools.of(program, defaultOptions);
      assert.equal(found?.programs[0], program, id);
      assert.ok(found?.isCalledBy(defaultOptions), id);
      assert.ok(isCheck(defaultOptions), `${id} ${defaultOptions.join(' ')}`);
    }
  });

  it('takes no call that writes, or only asks for a version, for a check', () => {
    const check = (line: string): boolean => {
      const [program = '', ...args] = line.split(' ');
      return tools.of(program, args)?.isCheck(args) ?? false;
    };
    for (const line of [
      'deno fmt',
      'hlint --version',
      'gofumpt -l -w .',
      'dart format .',
      'ormolu --mode inplace',
      'ec -v',
      'mix credo gen.config',
    ])
      assert.equal(check(line), false, line);
    for (const line of [
      'deno fmt --check',
      'hlint src',
      'gofumpt -l .',
      'dart format --set-exit-if-changed .',
      'ormolu --mode check',
      'ec',
      'mix credo --strict',
    ])
      assert.equal(check(line), true, line);
  });

  it('tells the tools of one program apart', () => {
    const ids = ['deno lint', 'deno test -A', 'mix dialyzer', 'crystal tool format --check', 'buf breaking --against .git'].map(
      (line) => {
        const [program = '', ...args] = line.split(' ');
        return tools.of(program, args)?.id;
      },
    );
    assert.deepEqual(ids, ['deno-lint', 'deno-test', 'mix-dialyzer', 'crystal-tool-format', 'buf-breaking']);
  });
});
