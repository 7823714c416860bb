/** A context budget and the handoff of what it left: claim 17. */
import { readFile } from 'node:fs/promises';
import type { ActiveBatch } from '../../src/core/engine.js';
import type { RunState } from '../../src/core/model.js';
import { type Claim, fact } from './claim.js';
import { empty, filesIn } from './measure.js';
import type { Place } from './place.js';
import { standIns } from './stand-ins.js';

const SLOTS = 4;
/** Each answer takes a twenty-fifth of the budget, so that every limit is passed by an answer of its own. */
const SHARES = 25;
const ANSWERS = 30;
const WORDS = 60;
/** Above each of them less starts; a word of the sentence by which it is told. */
const LIMITS = [
  [0.7, 'half of the slots'],
  [0.9, 'one at a time'],
  [0.95, 'nothing new starts'],
] as const;

interface Ran {
  readonly run: ActiveBatch;
  readonly state: RunState;
}

async function runText({ engine }: Place, text: string, countTokens: boolean): Promise<Ran> {
  const planned = await engine.planBatch(text, { slots: SLOTS });
  if (planned.kind !== 'batch') throw new Error(planned.problems.map(({ message }) => message).join(' '));
  const run = engine.runBatch({
    batch: planned.batch,
    mode: 'parallel',
    slots: SLOTS,
    failure: 'continue',
    label: 'budget',
    countTokens,
  });
  return { run, state: await run.finished };
}

/** Texts by operation, of those that passed. */
function textsOf({ run, state }: Ran): ReadonlyMap<string, string> {
  const passed = new Set(state.operations.filter(({ outcome }) => outcome?.kind === 'passed').map(({ id }) => id));
  return new Map([...run.results].flatMap(([id, { text }]) => (passed.has(id) ? [[id, text] as const] : [])));
}

/** The share of the budget that was used when a limit was told. */
function reachedAt({ slotMoves }: RunState, sentence: string): { readonly share: number; readonly slots: number } | undefined {
  const move = slotMoves.find(({ because = '' }) => because.includes(sentence));
  const percent = /^(\d+) %/.exec(move?.because ?? '')?.[1];
  return move && percent !== undefined ? { share: Number(percent) / 100, slots: move.to } : undefined;
}

/** The most operations that ran at once, started after a moment. */
function mostAfter({ operations }: RunState, moment: number): number {
  const spans = operations.flatMap(({ segments }) => segments.filter(({ phase, from }) => phase === 'running' && from > moment));
  return Math.max(0, ...spans.map(({ from: at }) => spans.filter(({ from, to = 0 }) => from <= at && to > at).length));
}

const BUDGET: Claim<Place> = {
  number: 17,
  title: 'context limits and handoff',
  theirs: 'limit above 70 %, scale down above 90 %, hand off above 95 %',
  standIn:
    'Thirty requests to a server that answers late, each answer a twenty-fifth of the budget, and a file that is written from all answers. The batch that is handed over is run, and again what it hands over, until nothing is left.',
  async check(place) {
    const make = standIns(place);
    const ids = Array.from({ length: ANSWERS }, (_, index) => `answer-${index}`);
    const summary = {
      ...{ id: 'summary', tool: 'write' },
      input: { path: 'made/summary.txt', content: ids.map((id) => `\${${id}.output}`).join('') },
    };
    const operations = [...ids.map((id, index) => make.words(id, 40 + (index % 5) * 10, WORDS)), summary];
    const whole = await runText(place, JSON.stringify({ operations }), true);
    const tokens = whole.state.operations[0]?.answer?.tokens ?? 0;
    const [wanted, files] = [textsOf(whole), filesIn(place.folder)];
    empty(place.folder);
    const runs: Ran[] = [];
    for (let text = JSON.stringify({ budget: { tokens: SHARES * tokens }, operations }); text !== ''; ) {
      const ran = await runText(place, text, false);
      runs.push(ran);
      const { handoff } = ran.run.changed();
      // Each goes on where the one before stopped: more than a few would mean that it does not.
      text = handoff === undefined || runs.length > 3 ? '' : await readFile(handoff, 'utf8');
    }
    const [first] = runs;
    if (!first) throw new Error('Nothing ran.');
    const levels = LIMITS.map(([limit, sentence]) => ({ limit, sentence, reached: reachedAt(first.state, sentence) }));
    const told = levels.map(({ limit, sentence, reached }) => {
      const found = reached ? `told at ${Math.round(reached.share * 100)} %, then ${reached.slots} slots` : 'not told';
      return fact(
        `above ${limit * 100} %: ${sentence}`,
        reached !== undefined && reached.share > limit && reached.share <= limit + 1 / SHARES + 0.005,
        found,
      );
    });
    const halfAt = first.state.slotMoves.find(({ because = '' }) => because.includes(LIMITS[0][1]))?.at ?? 0;
    const left = first.state.operations.filter(({ outcome }) => outcome?.kind === 'cancelled').length;
    const got = new Map(runs.flatMap((ran) => [...textsOf(ran)]));
    const wrong = [...wanted].filter(([id, text]) => id !== 'summary' && got.get(id) !== text).length;
    const same = JSON.stringify(filesIn(place.folder)) === JSON.stringify(files);
    return [
      ...told,
      fact(
        'scaled down',
        mostAfter(first.state, halfAt) <= SLOTS / 2,
        `at most ${mostAfter(first.state, halfAt)} at once of those that started above 70 %`,
      ),
      fact(
        'handed off',
        left > 0 && runs.length > 1,
        `${left} operations handed over, done in ${runs.length - 1} further run${runs.length === 2 ? '' : 's'}`,
      ),
      fact(
        'the same results as without a budget',
        wrong === 0 && same && got.size === wanted.size,
        `${got.size - wrong} of ${wanted.size} answers and ${same ? 'all' : 'not all'} files equal`,
      ),
    ];
  },
};

export const CONTEXT_BUDGET: readonly Claim<Place>[] = [BUDGET];
