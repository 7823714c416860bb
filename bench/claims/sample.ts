/** Templates of batches and gates on the sample workspace: claims 16 and 18. */
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { sample } from '../../scripts/setup.mjs';
import { answersOf } from '../../src/core/batch/answers.js';
import { separateTexts } from '../../src/core/batch/combined.js';
import { createEngine, type Engine } from '../../src/core/engine.js';
import { nodeHost } from '../../src/core/host.js';
import type { ContextUse } from '../../src/core/measured.js';
import type { Mode } from '../../src/core/model.js';
import { copySample } from '../../test/support/sample.js';
import { type Check, type Claim, fact } from './claim.js';
import { filesIn } from './measure.js';
import type { Place } from './place.js';

const SLOTS = 4;

/** One run of a template on a fresh copy of the sample. */
interface TemplateRun {
  /** Outcomes and digests of answers by operation, and contents of files by name. */
  readonly results: Readonly<Record<string, string>>;
  readonly context: ContextUse | undefined;
  /** Texts of answers that could not be given back from the combined answer. */
  readonly lost: readonly string[];
}

async function withSample<Result>(use: (engine: Engine, folder: string) => Promise<Result>): Promise<Result> {
  const { folder, remove } = await copySample();
  const engine = createEngine(nodeHost({ folder, storage: path.join(path.dirname(folder), 'storage') }));
  try {
    return await use(engine, folder);
  } finally {
    await engine.dispose();
    await remove();
  }
}

/** As the sample was at first, in the same place, so that messages with paths are the same. */
async function renew(folder: string): Promise<void> {
  const left = ['node_modules', '.mypy_cache', '.pytest_cache', '__pycache__'];
  for (const name of Object.keys(filesOf(folder))) await rm(path.join(folder, name), { force: true });
  await mkdir(folder, { recursive: true });
  await cp(sample, folder, { recursive: true, filter: (source) => !left.includes(path.basename(source)) });
}

/** What a batch can have changed. */
function filesOf(folder: string): Readonly<Record<string, string>> {
  return filesIn(folder, '', (name) => name !== 'node_modules' && !/cache/.test(name));
}

async function runTemplate(engine: Engine, folder: string, text: string, mode: Mode): Promise<TemplateRun> {
  const planned = await engine.planBatch(text, { slots: SLOTS });
  if (planned.kind !== 'batch') throw new Error(planned.problems.map(({ message }) => message).join(' '));
  const run = engine.runBatch({
    batch: planned.batch,
    mode,
    slots: SLOTS,
    failure: 'continue',
    label: 'template',
    countTokens: true,
  });
  const state = await run.finished;
  const answers = answersOf(state, run.results);
  const given = separateTexts(run.combined(), answers);
  return {
    results: {
      ...Object.fromEntries(
        state.operations.map(({ id, outcome, answer }) => [`outcome of ${id}`, `${outcome?.kind} ${answer?.digest ?? ''}`]),
      ),
      ...Object.fromEntries(Object.entries(filesOf(folder)).map(([name, content]) => [`file ${name}`, content])),
    },
    context: run.context(),
    lost: answers.filter(({ id, text: own }) => given.get(id) !== own.replace(/\n$/, '')).map(({ id }) => id),
  };
}

/** Names of what two runs do not have alike. */
function differing(one: TemplateRun, other: TemplateRun): readonly string[] {
  const names = new Set([...Object.keys(one.results), ...Object.keys(other.results)]);
  return [...names].filter((name) => one.results[name] !== other.results[name]);
}

interface BothWays {
  readonly title: string;
  readonly parallel: TemplateRun;
  readonly sequential: TemplateRun;
}

/** Runs every template both ways, once in this process. */
let templates: Promise<readonly BothWays[]> | undefined;

function runTemplates(): Promise<readonly BothWays[]> {
  templates ??= withSample(async (engine, folder) => {
    const all: BothWays[] = [];
    for (const { title, text } of await engine.templates()) {
      await renew(folder);
      const parallel = await runTemplate(engine, folder, text, 'parallel');
      await renew(folder);
      all.push({ title, parallel, sequential: await runTemplate(engine, folder, text, 'sequential') });
    }
    return all;
  });
  return templates;
}

const CONTEXT: Claim<Place> = {
  number: 16,
  title: 'context used, batched against one by one',
  theirs: '10–20 % less',
  standIn:
    'Every template of batches on the sample workspace. Tokens of the batch and its combined answer against those of one call and one answer for each operation, both as models are sent them; every single answer is given back from the combined one.',
  async check() {
    return (await runTemplates()).flatMap(({ title, parallel: { context, lost } }): readonly Check[] => {
      if (!context) return [fact(title, false, 'tokens were not counted')];
      const { batchTokens, combinedTokens, callsTokens, answersTokens } = context;
      const [batched, single] = [batchTokens + combinedTokens, callsTokens + answersTokens];
      return [
        {
          kind: 'figure',
          name: `${title}, less`,
          unit: '%',
          ours: 1 - batched / single,
          target: { kind: 'at least', value: 0.2 },
        },
        fact(
          `${title}, nothing lost`,
          lost.length === 0,
          lost.length === 0 ? `${batched} tokens against ${single}` : `lost: ${lost.join(', ')}`,
        ),
      ];
    });
  },
};

/** Real gates on the sample, which has known defects. */
async function gatesBothWays(pairs: number): Promise<readonly Check[]> {
  return withSample(async (engine) => {
    const { gates } = await engine.detect();
    const available = gates.filter(({ availability }) => availability.kind === 'available');
    const verification = await engine.verify({ gates: available, scope: { kind: 'workspace' }, slots: SLOTS, pairs }).finished;
    const loaded = await engine.loadVerification(verification.id);
    const operations = loaded?.runs[0]?.operations ?? [];
    const findings = operations.reduce((sum, each) => sum + each.findings.length, 0);
    const ended = operations.map(({ name, outcome }) => `${name} ${outcome?.kind}`).join(', ');
    const broken = operations.filter(({ outcome }) => outcome?.kind === 'errored');
    const found = `${verification.differences.length} differences in ${verification.trials.length} trials of ${available.length} gates with ${findings} findings`;
    return [
      fact(
        'gates: identical outcomes and findings',
        available.length > 0 && broken.length === 0 && verification.differences.length === 0,
        found,
      ),
      {
        kind: 'note',
        text: `gates: ${ended}; ${(verification.ratio ?? 0).toFixed(2)}× in parallel, of work that computes on this machine's processors`,
      },
    ];
  });
}

const QUALITY: Claim<Place> = {
  number: 18,
  title: 'quality parallel against sequential',
  theirs: '96 % against 97 %, “under 2 % degradation”',
  standIn:
    'Every template of batches, each on a fresh copy of the sample workspace, and every quality gate whose tool is installed there; besides, each batch that other claims measure.',
  async check() {
    const all = await runTemplates();
    const odd = all.flatMap(({ title, parallel, sequential }) =>
      differing(parallel, sequential).map((what) => `${title}: ${what}`),
    );
    const compared = all.reduce((sum, { parallel }) => sum + Object.keys(parallel.results).length, 0);
    return [
      fact(
        'templates: identical outcomes, answers and files',
        odd.length === 0,
        odd[0] ?? `${all.length} templates, ${compared} outcomes and files, 0 differ`,
      ),
      ...(await gatesBothWays(2)),
    ];
  },
};

export const SAMPLE: readonly Claim<Place>[] = [CONTEXT, QUALITY];
