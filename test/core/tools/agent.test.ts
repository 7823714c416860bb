import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Agents, trackAgents } from '../../../src/core/agents.js';
import type { Host, LanguageModel } from '../../../src/core/host.js';
import { type AgentInput, agentInput, agentTool } from '../../../src/core/tools/agent.js';
import type { ToolResult } from '../../../src/core/tools/tool.js';
import { eventually, inTemporaryDirectory, lives, pidsIn, STUBBORN } from '../../support/processes.js';
import { malformed, type Place, withTool } from '../../support/tool-place.js';

const ask = (place: Place, input: AgentInput) => agentTool.invoke(input, place.context);

/** Programs that stand for agents: shell scripts that are found on PATH under these names. */
async function withPrograms(scripts: Readonly<Record<string, string>>, use: (place: Place) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (bin) => {
    for (const [name, script] of Object.entries(scripts)) {
      await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`);
      await chmod(path.join(bin, name), 0o755);
    }
    await withTool(use, { env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` } });
  });
}

async function check(
  scripts: Record<string, string>,
  input: AgentInput,
  use: (result: ToolResult, place: Place) => Promise<void> | void,
) {
  await withPrograms(scripts, async (place) => use(await ask(place, input), place));
}

/** Prints `value` as the real program does. */
const prints = (...values: readonly unknown[]) => values.map((value) => `cat <<'END'\n${JSON.stringify(value)}\nEND`).join('\n');
const ARGUMENTS = 'for a in "$@"; do printf "%s\\n" "$a"; done > arguments; cat > input';
const argumentsOf = async ({ folder }: Place) =>
  (await readFile(path.join(folder, 'arguments'), 'utf8')).split('\n').slice(0, -1);
const inputOf = ({ folder }: Place) => readFile(path.join(folder, 'input'), 'utf8');

/** As the documentation shows it. */
const claudeResult = (more: object = {}) => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  duration_ms: 4460,
  duration_api_ms: 3630,
  num_turns: 2,
  result: 'The answer.',
  session_id: '20b9174b-7e05-4610-a44e-5190c849f2aa',
  total_cost_usd: 0.25,
  usage: { input_tokens: 10, cache_creation_input_tokens: 5, cache_read_input_tokens: 3, output_tokens: 7 },
  ...more,
});
const codexEvents = (text: string) => [
  { type: 'thread.started', thread_id: '67e55044-10b1-426f-9247-bb680e5fe0c8' },
  { type: 'turn.started' },
  { type: 'item.completed', item: { id: 'item_0', type: 'reasoning', text: 'Thinking' } },
  { type: 'item.completed', item: { id: 'item_1', type: 'agent_message', text: 'I look.' } },
  {
    type: 'item.completed',
    item: { id: 'item_2', type: 'command_execution', command: 'ls', aggregated_output: '', exit_code: 0, status: 'completed' },
  },
  { type: 'item.completed', item: { id: 'item_3', type: 'agent_message', text } },
  { type: 'turn.completed', usage: { input_tokens: 1200, cached_input_tokens: 200, output_tokens: 345 } },
];

describe('The agent claude', () => {
  it('is given the prompt, the model and the rules, and its result is the answer', async () => {
    const input: AgentInput = { prompt: 'Do\n"it"', agent: 'claude', model: 'opus', system: 'Be $HOME' };
    await check({ claude: `${ARGUMENTS}; echo noise >&2; ${prints(claudeResult())}` }, input, async (result, place) => {
      assert.deepEqual(result.end, { kind: 'passed' });
      assert.deepEqual(
        [result.text, result.json, result.answer.summary],
        ['The answer.', null, 'claude: 11 characters, 25 tokens'],
      );
      const expected = ['-p', '--output-format', 'json', '--model', 'opus', '--append-system-prompt', 'Be $HOME', 'Do', '"it"'];
      assert.deepEqual(await argumentsOf(place), expected);
      assert.equal(await inputOf(place), '');
    });
  });

  it('is given on standard input what is too long for an argument, or looks like an option', async () => {
    for (const prompt of ['x'.repeat(300_000), '--help {report}']) {
      await check({ claude: `${ARGUMENTS}; ${prints(claudeResult())}` }, { prompt, agent: 'claude' }, async ({ end }, place) => {
        assert.deepEqual(end, { kind: 'passed' });
        assert.deepEqual(await argumentsOf(place), ['-p', '--output-format', 'json']);
        assert.equal(await inputOf(place), prompt);
      });
    }
  });

  it('fails when it says that it did, with its words', async () => {
    for (const [more, says] of [
      [
        { is_error: true, result: 'There is an issue with the selected model.' },
        /^claude failed: There is an issue with the selected model\.$/,
      ],
      [{ subtype: 'error_during_execution', result: undefined, errors: ['Disconnected.'] }, /^claude failed: Disconnected\.$/],
      [{ subtype: 'error_max_turns', result: undefined }, /^claude failed: error_max_turns$/],
    ] as const) {
      await check(
        { claude: `${prints(claudeResult(more))}\nexit 1` },
        { prompt: 'x', agent: 'claude' },
        ({ end, answer, exitCode }) => {
          assert.deepEqual([end.kind, exitCode], ['failed', 1]);
          assert.match(answer.summary, says);
        },
      );
    }
    await check({ claude: 'echo "Not logged in" >&2; exit 1' }, { prompt: 'x', agent: 'claude' }, ({ end, answer }) => {
      assert.equal(end.kind, 'failed');
      assert.equal(answer.summary, 'claude failed: exit code 1: Not logged in');
    });
  });

  it('errors when it cannot be found, dies, or writes what it is not known to write', async () => {
    await withTool(
      async (place) => {
        const { end } = await ask(place, { prompt: 'x', agent: 'claude' });
        assert.deepEqual(end, { kind: 'errored', failure: { kind: 'could not start', program: 'claude', code: 'ENOENT' } });
      },
      { env: { ...process.env, PATH: '/no-such-folder' } },
    );
    await check({ claude: 'kill -SEGV $$' }, { prompt: 'x', agent: 'claude' }, ({ end }) =>
      assert.deepEqual(end, { kind: 'errored', failure: { kind: 'died', signal: 'SIGSEGV' } }),
    );
    for (const output of ['plain words', '', '{"type":"other"}', '[]', 'null'])
      await check({ claude: `echo '${output}'` }, { prompt: 'x', agent: 'claude' }, ({ end, answer }) => {
        assert.equal(end.kind, 'errored');
        assert.match(answer.summary, /claude gave output that Volley cannot read: there is no answer in it/);
      });
  });
});

describe('The agent codex', () => {
  it('is given the rules before the prompt, and its last message is the answer', async () => {
    const input: AgentInput = { prompt: 'Look', agent: 'codex', model: 'gpt-5', system: 'Rules' };
    await check({ codex: `${ARGUMENTS}; ${prints(...codexEvents('Found.'))}` }, input, async (result, place) => {
      assert.deepEqual([result.end.kind, result.text], ['passed', 'Found.']);
      assert.equal(result.answer.summary, 'codex: 6 characters, 1545 tokens');
      assert.deepEqual(await argumentsOf(place), ['exec', '--json', '--model', 'gpt-5', 'Rules', '', 'Look']);
    });
    await check(
      { codex: `${ARGUMENTS}; ${prints(...codexEvents('Found.'))}` },
      { prompt: '-x', agent: 'codex' },
      async (_, place) => {
        assert.deepEqual(await argumentsOf(place), ['exec', '--json', '-']);
        assert.equal(await inputOf(place), '-x');
      },
    );
  });

  it('fails when its turn does, and not for an error that it got over', async () => {
    const error = { type: 'error', message: 'Reconnecting 1/5' };
    const failed = [error, { type: 'turn.failed', error: { message: 'No quota left' } }];
    await check({ codex: `${prints(...failed)}\nexit 1` }, { prompt: 'x', agent: 'codex' }, ({ end, answer }) => {
      assert.deepEqual([end.kind, answer.summary], ['failed', 'codex failed: No quota left']);
    });
    await check({ codex: prints(error, ...codexEvents('Fine.')) }, { prompt: 'x', agent: 'codex' }, ({ end, text }) =>
      assert.deepEqual([end.kind, text], ['passed', 'Fine.']),
    );
    await check({ codex: prints({ type: 'turn.started' }) }, { prompt: 'x', agent: 'codex' }, ({ end }) =>
      assert.equal(end.kind, 'errored'),
    );
  });
});

describe('An agent of one’s own', () => {
  it('is given the prompt as an argument where one stands for it, else on standard input', async () => {
    const own = (argv: readonly string[]): AgentInput => ({ prompt: 'a\nb', system: 'S', agent: { argv: [...argv] } });
    await check({ mine: 'printf "%s|" "$@"; cat' }, own(['mine', '-q', '{prompt}', 'x{prompt}']), ({ text }) =>
      assert.equal(text, '-q|S\n\na\nb|x{prompt}|'),
    );
    await check({ mine: 'printf "%s|" "$@"; cat' }, own(['mine', '-q']), ({ text, answer }) => {
      assert.equal(text, '-q|S\n\na\nb');
      assert.equal(answer.summary, 'mine: 9 characters');
    });
  });

  it('runs in the folder that was named, inside the workspace folder only', async () => {
    await withTool(async (place) => {
      await mkdir(path.join(place.folder, 'sub'));
      assert.equal((await ask(place, { prompt: 'x', agent: { argv: ['pwd'] }, cwd: 'sub' })).text, `${place.folder}/sub\n`);
    });
    await withTool(async (place) =>
      assert.match(
        (await ask(place, { prompt: 'x', agent: { argv: ['pwd'] }, cwd: '..' })).answer.summary,
        /outside the workspace folder/,
      ),
    );
  });

  it('has to answer JSON where that was asked for', async () => {
    const script = { mine: 'cat > input; cat answer' };
    for (const [answer, json] of [
      ['{"a":1}\n', { a: 1 }],
      ['```json\n[1,\n2]\n```\n', [1, 2]],
      ['```\ntrue\n```', true],
    ] as const)
      await withPrograms(script, async (place) => {
        await writeFile(path.join(place.folder, 'answer'), answer);
        const result = await ask(place, { prompt: 'x', agent: { argv: ['mine'] }, json: true });
        assert.deepEqual([result.end.kind, result.json, result.text], ['passed', json, answer]);
        assert.match(await inputOf(place), /^x\n\nAnswer with one JSON document/);
      });
    for (const answer of ['Sure! {"a":1}', '', '{"a":1} {"b":2}'])
      await withPrograms(script, async (place) => {
        await writeFile(path.join(place.folder, 'answer'), answer);
        const result = await ask(place, { prompt: 'x', agent: { argv: ['mine'] }, json: true });
        assert.deepEqual([result.end.kind, result.json], ['failed', null]);
        assert.match(result.answer.summary, /^mine was asked for JSON and answered something else: (Sure|nothing|\{"a":1\} )/);
      });
  });

  it('is cut when it answers too much', async () => {
    await check({ mine: 'yes 0123456 | head -n 200000' }, { prompt: 'x', agent: { argv: ['mine'] } }, ({ text, answer }) => {
      assert.equal(answer.cutBytes, 600_000);
      assert.ok(text.endsWith('0123456\n\n[… 600000 bytes left out …]'));
    });
  });

  it('leaves nothing when it is cancelled, nor after the time it was given', async () => {
    for (const timeout of [undefined, 0.5]) {
      await withTool(async (place) => {
        const pids = path.join(place.folder, 'pids');
        const agent = { argv: ['sh', '-c', STUBBORN.deaf, 'sh', pids] };
        const ended = ask(place, { prompt: 'x', agent, ...(timeout ? { timeout } : {}) });
        const started = await pidsIn(pids, 2);
        if (timeout === undefined) place.abort();
        const { end, answer } = await ended;
        assert.equal(end.kind, timeout === undefined ? 'interrupted' : 'errored');
        if (timeout !== undefined) assert.match(answer.summary, /^sh did not answer within 0\.5 s and was stopped/);
        for (const pid of started) assert.equal(await lives(pid), false);
      });
    }
  });

  it('that cannot be given its prompt is told', async () => {
    await withTool(async (place) => {
      const context = { ...place.context, files: { ...place.context.files, report: path.join(place.folder, 'none/report') } };
      const { end, answer } = await agentTool.invoke({ prompt: 'x', agent: { argv: ['cat'] } }, context);
      assert.equal(end.kind, 'errored');
      assert.match(answer.summary, /^The prompt or the answer could not be kept: ENOENT.*Check the disk\.$/);
    });
  });

  it('does not run in a workspace that is not trusted', async () => {
    const asked: string[] = [];
    const host: Partial<Host> = { trusted: () => false, languageModel: model((prompt) => asked.push(prompt)) };
    await withTool(async (place) => {
      for (const agent of ['editor', { argv: ['touch', 'ran'] }] as const) {
        const result = await ask(place, { prompt: 'x', agent: typeof agent === 'string' ? agent : { argv: [...agent.argv] } });
        assert.deepEqual(result.end, { kind: 'errored', failure: { kind: 'untrusted workspace' } });
      }
      await assert.rejects(readFile(path.join(place.folder, 'ran')));
    }, host);
    assert.deepEqual(asked, []);
  });
});

function model(asked: (prompt: string) => void, ask: Partial<LanguageModel> = {}): LanguageModel {
  return {
    ask(request) {
      asked(request.prompt);
      return Promise.resolve({ text: `${request.system}/${request.model}/${request.prompt}`, tokens: 12, model: 'gpt-5' });
    },
    ...ask,
  };
}

describe('The language model of the editor', () => {
  it('is asked where nothing else was named, and its text is the answer', async () => {
    await withTool(
      async (place) => {
        const result = await ask(place, { prompt: 'p', system: 's', model: 'm' });
        assert.deepEqual(
          [result.end.kind, result.text, result.answer.summary],
          ['passed', 's/m/p', 'editor: 5 characters, 12 tokens'],
        );
      },
      { languageModel: model(() => {}) },
    );
  });

  it('that is not there, or gives no answer, is told', async () => {
    await withTool(async (place) =>
      assert.match((await ask(place, { prompt: 'p' })).answer.summary, /no language model here.*"agent": "claude"/),
    );
    for (const refuse of [
      () => Promise.reject(new Error('No consent.')),
      () => {
        throw new Error('No consent.');
      },
    ])
      await withTool(
        async (place) => {
          const { end, answer } = await ask(place, { prompt: 'p' });
          assert.equal(end.kind, 'errored');
          assert.equal(answer.summary, 'The language model of the editor gave no answer: No consent.');
        },
        { languageModel: model(() => {}, { ask: refuse }) },
      );
  });

  it('is not waited for when it is cancelled or takes too long, even if it does not listen', async () => {
    for (const timeout of [undefined, 0.05]) {
      let told: AbortSignal | undefined;
      const deaf = model(() => {}, {
        ask: (_, signal) => {
          told = signal;
          return new Promise(() => {});
        },
      });
      await withTool(
        async (place) => {
          const ended = ask(place, { prompt: 'p', ...(timeout ? { timeout } : {}) });
          await eventually('it is asked', () => told !== undefined);
          if (timeout === undefined) place.abort();
          assert.equal((await ended).end.kind, timeout === undefined ? 'interrupted' : 'errored');
          assert.equal(told?.aborted, true);
        },
        { languageModel: deaf },
      );
    }
  });
});

describe('Agents at work', () => {
  const states = (agents: Agents) => agents.snapshot().map(({ name, status, tokens }) => [name, status, tokens]);

  it('are seen from their start to their end, with what they took', async () => {
    const agents = trackAgents({ keepMs: 1e9, now: () => 0 });
    const hold = 'while [ ! -e "$1" ]; do sleep 0.01; done';
    await withPrograms(
      { claude: `echo here >> started; set -- go; ${hold}; ${prints(claudeResult())}`, mine: `set -- go2; ${hold}; exit 3` },
      async (untracked) => {
        const place = { ...untracked, context: { ...untracked.context, agents } };
        const first = ask(place, { prompt: 'x', agent: 'claude' });
        await eventually('the first runs', () => states(agents)[0]?.[1] === 'running');
        const files = { ...place.context.files, report: `${place.context.files.report}2` };
        const second = agentTool.invoke({ prompt: 'x', agent: { argv: ['mine'] } }, { ...place.context, files });
        await eventually(
          'both run',
          () => states(agents).every(([, status]) => status === 'running') && states(agents).length === 2,
        );
        await writeFile(path.join(place.folder, 'go2'), '');
        assert.equal((await second).end.kind, 'failed');
        await writeFile(path.join(place.folder, 'go'), '');
        assert.equal((await first).end.kind, 'passed');
        const third = ask(place, { prompt: 'x', agent: { argv: ['sleep', '600'] } });
        await eventually('the third runs', () => states(agents)[2]?.[1] === 'running');
        place.abort();
        assert.equal((await third).end.kind, 'interrupted');
      },
    );
    assert.deepEqual(states(agents), [
      ['claude', 'done', 25],
      ['mine', 'failed', undefined],
      ['sleep', 'cancelled', undefined],
    ]);
    assert.match(agents.snapshot()[0]?.startedAt ?? '', /^\d{4}-.*Z$/);
  });

  it('are listed no longer than asked after their end', async () => {
    let now = 0;
    const agents = trackAgents({ keepMs: 1000, now: () => now });
    agents.add('a', new Date(0)).ended('done');
    const second = agents.add('b', new Date(0));
    now = 999;
    second.ended('failed', 3);
    second.ended('done');
    assert.deepEqual(states(agents), [
      ['a', 'done', undefined],
      ['b', 'failed', 3],
    ]);
    now = 1000;
    assert.deepEqual(states(agents), [['b', 'failed', 3]]);
    const none = trackAgents({ keepMs: 0, now: () => now });
    none.add('a', new Date(0)).ended('done');
    assert.deepEqual(none.snapshot(), []);
  });

  it('have the name of the model of the editor, and end with an error, too', async () => {
    const agents = trackAgents({ keepMs: 1e9, now: () => 0 });
    const asked = async (place: Place) => {
      await ask({ ...place, context: { ...place.context, agents } }, { prompt: 'p' });
    };
    await withTool(asked, { languageModel: model(() => {}) });
    await withTool(asked);
    assert.deepEqual(states(agents), [
      ['editor (gpt-5)', 'done', 12],
      ['editor', 'failed', undefined],
    ]);
  });
});

describe('What an agent touches', () => {
  it('is nothing for the model of the editor, and may be anything for a program', () => {
    const access = (input: AgentInput) => agentTool.access(input, { folder: { name: 'w', path: '/w' } });
    const nothing = { reads: [], writes: [], locks: [] };
    assert.deepEqual(access({ prompt: `\${a.output}` }), nothing);
    assert.deepEqual(access({ prompt: 'x', agent: 'editor' }), nothing);
    for (const agent of ['claude', 'codex', { argv: ['mine'] }] as const)
      assert.match(access({ prompt: 'x', agent: agent as 'claude' }).barrier?.because ?? '', /may read and change anything$/);
  });

  it('is described by who is asked and the first line', () => {
    assert.equal(agentTool.describe({ prompt: 'Find it.\nThen stop.', agent: 'claude' }), 'claude: Find it.…');
    assert.equal(agentTool.describe({ prompt: 'Find it.' }), 'editor: Find it.');
  });
});

describe('The input of Agent', () => {
  it('answers 10,000 malformed inputs with a clear error', () => {
    for (const input of [
      { prompt: '' },
      { prompt: 'x', agent: { argv: [] } },
      { prompt: 'x', agent: { argv: ['a'] }, model: 'b' },
    ])
      assert.equal(agentInput.safeParse(input).success, false);
    malformed(agentInput, [
      { prompt: 'x', agent: 'claude', model: 'm', timeout: 1, system: 's', json: true, cwd: 'a' },
      { prompt: 'x', agent: { argv: ['a', '{prompt}'] } },
    ]);
  });
});
