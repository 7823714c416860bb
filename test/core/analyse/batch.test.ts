import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AnalyseContext, type AnalyseRequest, analyse } from '../../../src/core/analyse/analyse.js';
import type { Analysis } from '../../../src/core/analyse/analysis.js';
import { durationsOf } from '../../../src/core/durations.js';
import type { Verification } from '../../../src/core/measured.js';
import type { RunState, VerificationId } from '../../../src/core/model.js';
import { type BatchWorld, batchWorld } from '../../support/batch-world.js';

describe('The batch of an analysis', () => {
  let world: BatchWorld;
  before(() => {
    world = batchWorld();
  });
  after(() => world.dispose());

  const context = (more: Partial<AnalyseContext> = {}): AnalyseContext => ({
    batches: world.context,
    history: world.context.history,
    folders: [{ name: 'w', path: world.folder }],
    processors: 2,
    loadRun: async () => undefined,
    ...more,
  });
  const analysed = async (
    request: Partial<AnalyseRequest> & { readonly text: string },
    more: Partial<AnalyseContext> = {},
  ): Promise<Analysis> => {
    const result = await analyse({ slots: 2, ...request }, context(more));
    assert.ok(result.kind === 'analysed', JSON.stringify(result));
    return result.analysis;
  };
  const needs = ({ plan }: Analysis) => Object.fromEntries(plan.operations.map(({ id, needs: own }) => [id as string, own]));

  it('needs what has to pass first where it leaves something behind, and lets run what only looks', async () => {
    world.fresh({ 'a.txt': 'a' });
    const analysis = await analysed({
      kind: 'commands',
      text: 'grep -c a a.txt && wc -l a.txt && cp a.txt b.txt && cat b.txt && cat a.txt && git push && node x.mjs',
    });
    assert.deepEqual(needs(analysis), {
      'grep-a-a-txt': [],
      'wc-a-txt': [],
      'cp-a-txt-b-txt': ['grep-a-a-txt', 'wc-a-txt'],
      'cat-b-txt': ['cp-a-txt-b-txt'],
      'cat-a-txt': [],
      'git-push': ['cat-b-txt', 'cat-a-txt'],
      'node-x-mjs': ['git-push'],
    });
    assert.ok(
      analysis.opportunities.some(({ kind, operations }) => kind === 'order of failure' && operations[0] === 'cp-a-txt-b-txt'),
    );
    assert.deepEqual(
      analysis.barriers.map(({ operation }) => operation),
      ['node-x-mjs'],
    );
  });

  it('says above each operation where it comes from, and what was left out', async () => {
    world.fresh({});
    const text = [
      '{"tool":"Read","input":{"path":"a.ts"}}',
      '{"tool":"TodoWrite","input":{}}',
      '{"tool":"Bash","input":{"command":"echo ${x.output} // */ \\u2028 \\n ls"}}',
    ].join('\n');
    const { batch, operations } = await analysed({ kind: 'transcript', text, label: 's.jsonl' });
    assert.match(batch, /^\/\/ The same as s\.jsonl: 2 operations/);
    assert.match(batch, /^\/\/ Left out \(line 2\): TodoWrite, because /m);
    assert.match(batch, /\/\/ s\.jsonl:1 Read a\.ts\n {4}\{ "id": "read-a-ts"/);
    const planned = await world.planned(batch);
    assert.ok(planned.kind === 'batch');
    assert.deepEqual(planned.batch.plan.operations[1]?.tool === 'command' && planned.batch.plan.operations[1].input.argv, [
      operations[1]?.input['shell'],
    ]);
  });

  it('knows durations from earlier runs before those of the source', async () => {
    world.fresh({});
    const text =
      '{"tool":"Read","input":{"path":"a"},"durationMs":5}\n{"tool":"Read","input":{"path":"b"},"durationMs":7}\n{"tool":"LS","input":{}}';
    const first = await analysed({ kind: 'transcript', text });
    assert.deepEqual([...first.durations.values()], [{ kind: 'source', ms: 5 }, { kind: 'source', ms: 7 }, { kind: 'unknown' }]);
    const durations = Object.fromEntries(first.plan.operations.map(({ remember = '' }, index) => [remember, 100 + index]));
    const run = { startedAt: '2026-01-01T00:00:00.000Z', mode: 'parallel' as const, durations };
    const history = { ...world.context.history, durations: async () => durationsOf([run], 0) };
    const again = await analysed({ kind: 'transcript', text }, { batches: { ...world.context, history } });
    assert.deepEqual(
      [...again.durations.values()].map(({ kind }) => kind),
      ['history', 'history', 'history'],
    );
    assert.equal(again.projections.sequential, 303);
  });

  it('has the verification of exactly this batch', async () => {
    world.fresh({});
    const request = { kind: 'commands' as const, text: 'cat a\ncat b' };
    const { plan } = await analysed(request);
    const verification = {
      id: 'v' as VerificationId,
      trials: [
        { pair: 1, mode: 'parallel', run: 'r', makespanMs: 1 },
        { pair: 1, mode: 'sequential', run: 's', makespanMs: 2 },
      ],
    } as unknown as Verification;
    const history = { ...world.context.history, verifications: async () => [verification] };
    const took = (ms: number) => ({ outcome: { kind: 'passed' }, segments: [{ phase: 'running', from: 1, to: 1 + ms }] });
    const run = (memory: (id: string) => string | undefined) => async (trial: string) =>
      ({
        at: 100,
        operations: plan.operations.map(({ id }) => ({ id, remember: memory(id), ...took(trial === 's' ? 7 : 50) })),
      }) as unknown as RunState;
    const own = new Map(plan.operations.map(({ id, remember }) => [id as string, remember]));
    const measured = await analysed(request, { history, loadRun: run((id) => own.get(id)) });
    assert.equal(measured.verification?.id, 'v');
    // What was measured where nothing ran beside it.
    assert.deepEqual(
      [...measured.durations.values()],
      [
        { kind: 'verification', ms: 7 },
        { kind: 'verification', ms: 7 },
      ],
    );
    assert.equal((await analysed(request, { history, loadRun: run(() => 'another') })).verification, undefined);
    assert.equal((await analysed(request, { history })).verification, undefined);
  });

  it('offers what there is to choose, takes the only one, and says what is not there', async () => {
    world.fresh({});
    const text = JSON.stringify({ scripts: { a: 'ls', b: 'ls' } });
    const file = `${world.folder}/package.json`;
    const choices = await analyse({ text, file, slots: 2 }, context());
    assert.ok(choices.kind === 'choices');
    assert.deepEqual([choices.option, choices.choices.map(({ name }) => name)], ['script', ['a', 'b']]);
    const unknown = await analyse({ text, file, choice: 'c', slots: 2 }, context());
    assert.ok(unknown.kind === 'choices' && unknown.unknown === 'c');
    assert.equal((await analyse({ text: '{}', file, slots: 2 }, context())).kind, 'problems');
    assert.equal((await analyse({ text: '', kind: 'commands', slots: 2 }, context())).kind, 'problems');
    world.fresh({ 'package.json': JSON.stringify({ scripts: { only: 'ls' } }) });
    assert.equal(
      (await analysed({ text: JSON.stringify({ scripts: { only: 'ls' } }), file })).title,
      'package.json, script only',
    );
  });

  it('plans without a problem, whatever is analysed', async () => {
    world.fresh({ 'a.txt': 'a' });
    const word = fc.constantFrom(
      'cat a.txt',
      'echo ${a.output}',
      'echo $${x}',
      'cp a.txt b.txt',
      'rm -rf b',
      'npm test',
      'git commit -m "x"',
      'cd sub',
      'export A=1',
      'source x',
      "echo '",
      'for f in *; do cat $f; done',
      'a | b',
      'node x.mjs &',
      'x=$(date)',
      'cat <<E\nx\nE',
      '# c',
      '',
    );
    const commands = fc
      .array(fc.tuple(word, fc.constantFrom('\n', ' && ', '; ', ' || ')), { minLength: 1, maxLength: 8 })
      .map((parts) => ({ kind: 'commands' as const, text: parts.map((part) => part.join('')).join('') }));
    const name = fc.constantFrom('a.txt', 'b.txt', 'sub/c.txt', '${a.output}', '../x', '.', 'ä "b"');
    const text = fc.oneof(fc.string(), fc.constantFrom('${a.files}', '$${', '${item}', '${matrix.x}'));
    const call = fc.oneof(
      fc.record({
        tool: fc.constant('Read'),
        input: fc.record({ file_path: name, offset: fc.option(fc.nat(5), { nil: undefined }) }),
      }),
      fc.record({ tool: fc.constant('Write'), input: fc.record({ file_path: name, content: text }) }),
      fc.record({ tool: fc.constant('Edit'), input: fc.record({ file_path: name, old_string: text, new_string: text }) }),
      fc.record({ tool: fc.constant('Grep'), input: fc.record({ pattern: text, path: name }) }),
      fc.record({ tool: fc.constant('Glob'), input: fc.record({ pattern: text }) }),
      fc.record({ tool: fc.constant('Bash'), input: fc.record({ command: fc.oneof(word, text) }) }),
    );
    const calls = fc
      .array(call, { minLength: 1, maxLength: 10 })
      .map((all) => ({ kind: 'transcript' as const, text: all.map((each) => JSON.stringify(each)).join('\n') }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(commands, calls), async (request) => {
        const result = await analyse({ slots: 3, ...request }, context());
        if (result.kind !== 'analysed') {
          assert.equal(result.kind, 'problems');
          for (const { message } of result.problems) assert.doesNotMatch(message, /cannot be planned/);
          return;
        }
        const planned = await world.planned(result.analysis.batch);
        assert.ok(planned.kind === 'batch', JSON.stringify(planned));
        const inputs = planned.batch.plan.operations.map((operation) =>
          operation.tool === 'command'
            ? operation.input.shell
              ? operation.input.argv[0]
              : operation.input.argv
            : operation.input,
        );
        assert.deepEqual(
          inputs,
          result.analysis.operations.map(({ tool, input }) => (tool === 'command' ? (input['shell'] ?? input['argv']) : input)),
          'inputs mean what they meant',
        );
      }),
      { numRuns: 150 },
    );
  });
});
