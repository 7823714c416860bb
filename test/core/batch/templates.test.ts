import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { sample } from '../../../scripts/setup.mjs';
import { BATCH_TEMPLATES, type BatchTemplate } from '../../../src/core/batch/templates.js';
import { createEngine, type Engine } from '../../../src/core/engine.js';
import { nodeHost } from '../../../src/core/host.js';
import type { ContextUse } from '../../../src/core/measured.js';
import type { Mode } from '../../../src/core/model.js';
import { inTemporaryDirectory } from '../../support/processes.js';
import { copySample } from '../../support/sample.js';

/** What does not pass on the sample, because of the defects that it is known for. */
const FAILING: Readonly<Record<string, readonly string[]>> = { validation: ['tests', 'lint', 'types'] };

interface Ended {
  readonly outcome: string | undefined;
  readonly failed: readonly string[];
  /** Digests of the answers, by operation. */
  readonly digests: Readonly<Record<string, string | undefined>>;
  /** Contents of all files, by name. */
  readonly files: Readonly<Record<string, string>>;
  text(id: string): string | undefined;
  readonly context: ContextUse | undefined;
}

async function withSample(use: (engine: Engine, folder: string) => Promise<void>): Promise<void> {
  const { folder, remove } = await copySample();
  try {
    await inTemporaryDirectory(async (storage) => {
      const engine = createEngine(nodeHost({ folder, storage }));
      try {
        await use(engine, folder);
      } finally {
        await engine.dispose();
      }
    });
  } finally {
    await remove();
  }
}

async function run(engine: Engine, folder: string, text: string, mode: Mode): Promise<Ended> {
  const planned = await engine.planBatch(text, { slots: 4 });
  assert.ok(planned.kind === 'batch', JSON.stringify(planned));
  const active = engine.runBatch({
    batch: planned.batch,
    mode,
    slots: 4,
    failure: 'continue',
    label: 'Template',
    countTokens: mode === 'parallel',
  });
  const state = await active.finished;
  const results = [...active.results];
  return {
    outcome: state.outcome,
    failed: state.operations.filter(({ outcome }) => outcome?.kind !== 'passed').map(({ id }) => id),
    digests: Object.fromEntries(results.map(([id, { answer }]) => [id as string, answer.digest]).sort()),
    files: await filesIn(folder),
    text: (id) => results.find(([each]) => each === id)?.[1].text,
    context: active.context(),
  };
}

async function filesIn(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const place = path.join(folder, entry.name);
    if (!entry.isDirectory()) files[entry.name] = await readFile(place, 'utf8');
    else for (const [name, text] of Object.entries(await filesIn(place))) files[`${entry.name}/${name}`] = text;
  }
  return files;
}

/** As the sample was at first, in the same place, so that messages with paths are the same. */
async function renew(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== 'node_modules') await rm(path.join(folder, name), { recursive: true });
  }
  await cp(sample, folder, {
    recursive: true,
    filter: (source) => !/node_modules|_cache|__pycache__/.test(path.relative(sample, source)),
  });
}

const named = (id: string): BatchTemplate => {
  const found = BATCH_TEMPLATES.find((template) => template.id === id);
  assert.ok(found, id);
  return found;
};

describe('Templates of batches', () => {
  it('say in a title, a sentence and comments what they are for', () => {
    assert.equal(BATCH_TEMPLATES.length, 12);
    assert.equal(new Set(BATCH_TEMPLATES.map(({ id }) => id)).size, 12);
    for (const { id, title, description, text } of BATCH_TEMPLATES) {
      assert.match(id, /^[a-z]+(-[a-z]+)*$/);
      assert.match(title, /^[A-Z]/);
      assert.match(description, /^[A-Z].*\.$/);
      assert.match(text, /^\/\/ .*\n(\/\/ .*\n)*\/\/ Change /, `${id} says at its start what to change`);
      if (text.includes('"agent": {')) assert.match(text, /"claude", "codex" or "editor"/, id);
    }
  });

  for (const { id, text } of BATCH_TEMPLATES) {
    it(`${id} runs as it is on the sample, with the same results and files one after another and in parallel`, async function () {
      this.timeout(100_000);
      await withSample(async (engine, folder) => {
        const together = await run(engine, folder, text, 'parallel');
        const failing = FAILING[id] ?? [];
        const why = together.failed.map((each) => `${each}: ${together.text(each)}`).join('\n');
        assert.deepEqual(together.failed, failing, why);
        assert.equal(together.outcome, failing.length > 0 ? 'failed' : 'passed');
        if (id === 'validation') {
          const table = /\| tests \| 1 \|\n\| lint \| 1 \|\n\| types \| [12] \|\n\| origins \| 0 \|/;
          assert.match(together.files['reports/validation.md'] ?? '', table, 'the report is written also where checks fail');
        }
        const { batchTokens, combinedTokens, callsTokens, answersTokens } = together.context ?? assert.fail('tokens are counted');
        assert.ok(combinedTokens <= 0.8 * answersTokens, `${combinedTokens} tokens of one answer against ${answersTokens}`);
        const whole = `${batchTokens} + ${combinedTokens} tokens against ${callsTokens} + ${answersTokens}`;
        assert.ok(batchTokens + combinedTokens <= 0.8 * (callsTokens + answersTokens), whole);
        await renew(folder);
        const inOrder = await run(engine, folder, text, 'sequential');
        assert.deepEqual(together.digests, inOrder.digests);
        assert.deepEqual(together.files, inOrder.files);
      });
    });
  }

  it('tdd puts everything back when the code does not make the test pass', async () => {
    await withSample(async (engine, folder) => {
      const before = await filesIn(folder);
      const { failed, files } = await run(engine, folder, named('tdd').text.replace('1 - share', '1 + share'), 'parallel');
      assert.ok(failed.includes('green'));
      assert.deepEqual(files, before);
    });
  });

  it('session restores the files when the check fails', async () => {
    await withSample(async (engine, folder) => {
      const before = await filesIn(folder);
      const { failed, files, text } = await run(
        engine,
        folder,
        named('session').text.replace("'export const", "'export constant"),
        'parallel',
      );
      assert.deepEqual([failed, text('restore')], [['check'], 'failed: restored\n']);
      assert.deepEqual(Object.fromEntries(Object.entries(files).filter(([name]) => !name.startsWith('.session/'))), before);
    });
  });

  it('fan-out goes on without an agent whose answer is not valid', async () => {
    await withSample(async (engine, folder) => {
      const broken = named('fan-out').text.replace("findings.length > 0 ? 'medium'", "findings.length > 0 ? 'unheard of'");
      const { failed, files } = await run(engine, folder, broken, 'parallel');
      assert.ok(failed.length > 0 && failed.every((id) => id.startsWith('valid')), failed.join());
      assert.match(files['reports/reviews.md'] ?? '', new RegExp(`${4 - failed.length} of 4 answers are valid`));
    });
  });
});
