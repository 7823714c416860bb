import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readTranscript } from '../../../src/core/analyse/transcript.js';
import { linesOf, sourceOf } from '../../support/analysis.js';

const read = (lines: readonly unknown[], folder = '/w') =>
  readTranscript(
    sourceOf(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'), {
      file: 's.jsonl',
      folder,
    }),
  );

async function check(lines: readonly unknown[], expected: readonly string[]): Promise<void> {
  const sequence = await read(lines);
  assert.deepEqual(linesOf(sequence), expected);
  assert.deepEqual(sequence.problems, []);
}

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

describe('A transcript', () => {
  it('of messages of Anthropic has the calls of a message together', async () => {
    await check(
      [
        { role: 'user', content: 'Look.' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Reading.' },
            { type: 'tool_use', id: 'a', name: 'Read', input: { file_path: '/w/src/a.ts', offset: 10, limit: 5 } },
            { type: 'tool_use', id: 'b', name: 'Glob', input: { pattern: '**/*.ts', path: '/w/src' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: 'x' },
            { type: 'tool_result', tool_use_id: 'b', is_error: true },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'LS', input: { path: '/w' } }] },
      ],
      [
        '0 | read | {"path":"src/a.ts","range":{"from":10,"to":14}} | together | line 2',
        '1 | glob | {"patterns":"src/**/*.ts"} | together | failed | line 2',
        '2 | list | {} | line 4',
      ],
    );
  });

  it('of Gemini has the calls among the parts of a message, and those beside the text in a session', async () => {
    const call = (name: string, args: object, id?: string) => ({ functionCall: { name, args, ...(id ? { id } : {}) } });
    await check(
      [
        { role: 'user', parts: [{ text: 'Look.' }] },
        {
          role: 'model',
          parts: [
            { text: 'Reading.' },
            call('read_file', { absolute_path: '/w/src/a.ts' }, 'one'),
            call('search_file_content', { pattern: 'TODO', include: '*.ts' }),
          ],
        },
        {
          role: 'user',
          parts: [{ functionResponse: { id: 'one', name: 'read_file', response: { error: 'It is not there.' } } }],
        },
        { role: 'model', parts: [call('run_shell_command', { command: 'npm test', directory: 'web' })] },
      ],
      [
        '0 | read | {"path":"src/a.ts"} | together | failed | line 2',
        '1 | grep | {"pattern":"TODO","glob":"*.ts"} | together | line 2',
        '2 | npm test | in web | line 4',
      ],
    );
    const session = {
      sessionId: 's',
      messages: [
        { id: 'm1', type: 'user', content: 'Look.' },
        {
          ...{ id: 'm2', type: 'gemini', content: 'Reading.', timestamp: at(1) },
          toolCalls: [
            { id: 'a', name: 'read_file', args: { file_path: 'a.ts' }, status: 'success' },
            { id: 'b', name: 'write_file', args: { file_path: 'b.ts', content: 'x' }, status: 'error' },
          ],
        },
        { id: 'm3', type: 'gemini', content: 'Done.' },
      ],
    };
    await check(
      [JSON.stringify(session, null, 2)],
      [
        '0 | read | {"path":"a.ts"} | together | line 1',
        '1 | write | {"path":"b.ts","content":"x"} | together | failed | line 1',
      ],
    );
  });

  it('of Codex has a patch as a write, an edit or a removal of each of its files', async () => {
    const patch = [
      '*** Begin Patch',
      '*** Add File: src/new.ts',
      '+one',
      '+',
      '+two',
      '*** Update File: src/a.ts',
      '@@ function f()',
      ' before',
      '-old',
      '+new',
      '+newer',
      '@@',
      '-x',
      ' y',
      '*** Delete File: src/gone.ts',
      '*** End Patch',
    ].join('\n');
    const edited =
      '{"path":"src/a.ts","replacements":[{"old":"before\\nold","new":"before\\nnew\\nnewer"},{"old":"x\\ny","new":"y"}]}';
    const lines = [
      '0 | write | {"path":"src/new.ts","content":"one\\n\\ntwo\\n"} | line 1',
      `1 | edit | ${edited} | line 1`,
      '2 | [rm src/gone.ts] | line 1',
    ];
    const item = (payload: object) => ({ type: 'response_item', payload });
    const shell = (command: unknown) => item({ type: 'function_call', name: 'shell', arguments: JSON.stringify({ command }) });
    await check([item({ type: 'custom_tool_call', call_id: 'c', name: 'apply_patch', input: patch })], lines);
    await check([item({ type: 'function_call', name: 'apply_patch', arguments: JSON.stringify({ input: patch }) })], lines);
    await check([shell(['apply_patch', patch])], lines);
    await check([shell(['bash', '-lc', `apply_patch <<'EOF'\n${patch}\nEOF`])], lines);
  });

  it('of Codex leaves out of a patch what only its program finds or does, and divides what the rest took', async () => {
    const patch = [
      '*** Begin Patch',
      '*** Update File: a.ts',
      '*** Move to: b.ts',
      '@@',
      '-x',
      '+y',
      '*** Update File: c.ts',
      '+only new',
      '*** Add File: /elsewhere/d.ts',
      '+x',
      '*** Add File: e.ts',
      '+e',
      '*** Add File: f.ts',
      '+f',
      '*** End Patch',
    ].join('\n');
    const sequence = await read([{ tool: 'apply_patch', input: { input: patch }, durationMs: 10 }]);
    assert.deepEqual(
      sequence.operations.map(({ name, durationMs }) => [name, durationMs]),
      [
        ['write e.ts', 5],
        ['write f.ts', 5],
      ],
    );
    assert.deepEqual(
      sequence.notTaken.map(({ because }) => because),
      [
        'it moves a file, for which a batch has no tool',
        'where a part of it belongs is found only by looking into the file',
        'it is about something outside of the workspace',
      ],
    );
    assert.ok(sequence.notes.some((note) => note.includes('divided evenly')));
    const none = await read([{ tool: 'apply_patch', input: { input: 'no patch' } }]);
    assert.deepEqual([none.operations.length, none.notTaken.length], [0, 1]);
  });

  it('of Claude Code has times from a call to its answer, folders, and messages over several lines', async () => {
    const line = (seconds: number, id: string, block: object) => ({
      type: 'assistant',
      timestamp: at(seconds),
      cwd: '/home/me/p/web',
      message: { id, role: 'assistant', content: [block] },
    });
    const answer = (seconds: number, id: string, more: object = {}) => ({
      type: 'user',
      timestamp: at(seconds),
      message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'x' }] },
      ...more,
    });
    await check(
      [
        { type: 'summary', summary: 'x' },
        {
          type: 'assistant',
          timestamp: at(0),
          cwd: '/home/me/p',
          message: {
            id: 'm0',
            content: [{ type: 'tool_use', id: 't0', name: 'Bash', input: { command: 'cd /home/me/p/api && npm test' } }],
          },
        },
        answer(2, 't0'),
        line(3, 'm1', { type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'npm run lint', timeout: 1000 } }),
        line(3.01, 'm1', {
          type: 'tool_use',
          id: 't2',
          name: 'Grep',
          input: { pattern: 'x|y', path: '/home/me/p', glob: '*.ts', output_mode: 'files_with_matches', '-i': true },
        }),
        answer(3.5, 't1'),
        answer(4, 't2', { toolUseResult: { durationMs: 42 } }),
        {
          ...line(5, 'm2', { type: 'tool_use', id: 't3', name: 'Read', input: { file_path: '/home/me/p/a' } }),
          isSidechain: true,
        },
      ],
      [
        '0 | npm test | in api | 2000 ms | line 2',
        '1 | npm run lint | in web | together | 500 ms | line 4',
        '2 | grep | {"pattern":"x|y","glob":"*.ts","mode":"files","ignoreCase":true} | together | 42 ms | line 5',
      ],
    );
  });

  it('of a chat of OpenAI has its arguments read', async () => {
    const call = (id: string, name: string, args: object) => ({
      id,
      type: 'function',
      function: { name, arguments: JSON.stringify(args) },
    });
    await check(
      [
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            call('1', 'read_file', { path: 'a.ts', start_line: 1, end_line: 9 }),
            call('2', 'run_terminal_cmd', { command: 'ls -l' }),
          ],
        },
        { role: 'tool', tool_call_id: '1', content: 'x' },
        { role: 'assistant', tool_calls: [call('3', 'functions.write_file', { path: './b/../c.ts', content: 'new' })] },
      ],
      [
        '0 | read | {"path":"a.ts","range":{"from":1,"to":9}} | together | line 1',
        '1 | ls -l | together | line 1',
        '2 | write | {"path":"c.ts","content":"new"} | line 3',
      ],
    );
  });

  it('of Codex, bare or in its log, has commands as lists and what they took', async () => {
    await check(
      [
        {
          timestamp: at(0),
          type: 'response_item',
          payload: {
            type: 'function_call',
            name: 'shell',
            call_id: 'x',
            arguments: JSON.stringify({ command: ['bash', '-lc', 'cargo test'], workdir: '/w/core' }),
          },
        },
        {
          timestamp: at(9),
          type: 'response_item',
          payload: {
            type: 'function_call_output',
            call_id: 'x',
            output: JSON.stringify({ output: '', metadata: { exit_code: 101, duration_seconds: 8.5 } }),
          },
        },
        { type: 'function_call', name: 'exec_command', call_id: 'y', arguments: JSON.stringify({ cmd: 'git status' }) },
        { type: 'function_call', name: 'shell', call_id: 'z', arguments: JSON.stringify({ command: ['git', 'log', '-1'] }) },
        { type: 'function_call_output', call_id: 'y', output: 'x' },
        { type: 'local_shell_call', call_id: 'l', action: { type: 'exec', command: ['ls'], working_directory: '/w' } },
      ],
      [
        '0 | cargo test | in core | 8500 ms | failed | line 1',
        '1 | git status | together | line 3',
        '2 | [git log -1] | together | line 4',
        '3 | [ls] | line 6',
      ],
    );
  });

  it('of what agents stream says where they are, leaves out what started agents do, and has each call once', async () => {
    const call = {
      type: 'assistant',
      message: { id: 'm', content: [{ type: 'tool_use', id: 'a', name: 'Read', input: { file_path: '/home/me/p/a.ts' } }] },
    };
    await check([{ type: 'system', subtype: 'init', cwd: '/home/me/p' }, call, call], ['0 | read | {"path":"a.ts"} | line 2']);
    const { operations, notTaken } = await read([{ ...call, parent_tool_use_id: 't' }]);
    assert.deepEqual([operations.length, notTaken.length], [0, 1]);
    await check(
      [
        { type: 'session_meta', payload: { cwd: '/home/me/p' } },
        { type: 'item.started', item: { id: 'i', type: 'command_execution', command: 'cargo test', status: 'in_progress' } },
        { type: 'item.completed', item: { id: 'i', type: 'command_execution', command: 'cargo test', exit_code: 1 } },
        { type: 'function_call', name: 'view', call_id: 'v', arguments: '{"path": "/home/me/p/b.rs"}' },
      ],
      ['0 | cargo test | failed | line 2', '1 | read | {"path":"b.rs"} | line 4'],
    );
  });

  it('of plain lines, or as one document, is read, too', async () => {
    await check(
      [
        { tool: 'Read', input: { path: 'a.ts' }, durationMs: 12 },
        { tool: 'grep_search', args: { query: 'TODO', include_pattern: '*.ts' } },
        { tool: 'str_replace_based_edit_tool', input: { command: 'str_replace', path: 'a.ts', old_str: 'x', new_str: 'y' } },
        { tool: 'MultiEdit', input: { file_path: 'b.ts', edits: [{ old_string: 'x', new_string: 'y', replace_all: true }] } },
        { tool: 'WebFetch', input: { url: 'https://example.com/', prompt: 'x' } },
        { tool: 'Task', input: { prompt: 'Think.', description: 'think hard' } },
      ],
      [
        '0 | read | {"path":"a.ts"} | 12 ms | line 1',
        '1 | grep | {"pattern":"TODO","glob":"*.ts"} | line 2',
        '2 | edit | {"path":"a.ts","replacements":[{"old":"x","new":"y"}]} | line 3',
        '3 | edit | {"path":"b.ts","replacements":[{"old":"x","new":"y","all":true}]} | line 4',
        '4 | fetch | {"url":"https://example.com/"} | line 5',
        '5 | agent | {"prompt":"Think."} | line 6',
      ],
    );
    const document = JSON.stringify(
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Read', input: { path: 'a' } }] }] },
      null,
      2,
    );
    assert.deepEqual(linesOf(await readTranscript(sourceOf(document))), ['0 | read | {"path":"a"} | line 1']);
  });

  it('lists what is no operation of a batch, with the reason', async () => {
    const plain = (tool: string, input: object) => ({ tool, input });
    const { operations, notTaken } = await read([
      plain('TodoWrite', {}),
      plain('mcp__db__query', {}),
      plain('Read', { file_path: '/etc/passwd' }),
      plain('Read', { path: '../x' }),
      plain('Read', {}),
      plain('Bash', { command: 'npm run dev', run_in_background: true }),
      plain('Grep', { pattern: 'x', type: 'cobol' }),
      plain('str_replace_editor', { command: 'undo_edit', path: 'a' }),
    ]);
    assert.deepEqual(operations, []);
    assert.deepEqual(
      notTaken.map(({ because }) => because),
      [
        'Volley has no tool that does what “TodoWrite” does',
        'it belongs to a server of the agent',
        'it is about something outside of the workspace',
        'it is about something outside of the workspace',
        'its input is not what such a tool takes',
        'it goes on in the background, and a batch waits for what it starts',
        'it searches files of the type “cobol”, which Volley does not know',
        'Volley has nothing that does what its command “undo_edit” does',
      ],
    );
  });

  it('costs a line that is no JSON only itself', async () => {
    const { operations, problems } = await read([
      { tool: 'Read', input: { path: 'a' } },
      '{"tool": "Read", ',
      { tool: 'Read', input: { path: 'b' } },
    ]);
    assert.equal(operations.length, 2);
    assert.deepEqual(
      problems.map(({ file, line }) => [file, line]),
      [['s.jsonl', 2]],
    );
    assert.match(problems[0]?.message ?? '', /It was left out; a line of JSON Lines is one whole value/);
    const many = await read(Array.from({ length: 50 }, () => 'no'));
    assert.equal(many.problems.length, 21);
    assert.match(many.problems.at(-1)?.message ?? '', /^30 more places of s\.jsonl could not be read/);
    assert.match((await read(['{"a": 1}'])).problems[0]?.message ?? '', /holds no call of a tool in a shape that Volley knows/);
  });

  it('may hold anything', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.jsonValue(),
            fc.record({ tool: fc.string(), input: fc.jsonValue() }),
            fc.record({
              role: fc.constant('assistant'),
              content: fc.array(
                fc.record({
                  type: fc.constant('tool_use'),
                  name: fc.constantFrom('Read', 'Bash', 'Edit', 'Glob', 'Grep', '__proto__', 'constructor'),
                  input: fc.jsonValue(),
                }),
              ),
            }),
          ),
          { maxLength: 8 },
        ),
        async (lines) => {
          const { operations } = await read(lines);
          for (const { input } of operations) assert.ok(typeof input === 'object' && input !== null);
        },
      ),
    );
  });
});
