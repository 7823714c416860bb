/**
 * The task graphs of LLMCompiler (Kim et al., “An LLM Compiler for Parallel Function Calling”, ICML 2024): claim 20.
 *
 * Published: the five benchmarks, which of them are parallel and which depend on each other, the number of films of a question (8), and the
 * plans in the prompts of their repository (searches, then calculations on their results). Reconstructed here: the waits. The paper gives the
 * latency of whole questions, not of single calls, so that each call has a wait that makes the sum of a graph about the published latency of one call after
 * another (ReAct; for Game of 24 tree of thoughts), 7.1 s, 20.5 s, 35.9 s and 241 s; of WebShop the graph is that of one round of exploration. What Volley
 * can gain is the limit of each graph with these waits; their speedups also hold fewer calls of the model, which is no matter of scheduling.
 */
import { type Check, type Claim, fact } from './claim.js';
import { measure, shareOfLimit, timesText } from './measure.js';
import type { Place } from './place.js';
import { type StandIns, standIns } from './stand-ins.js';

/** A call of a graph: what it needs, and how long it waits in milliseconds before scaling. */
interface Call {
  readonly id: string;
  readonly ms: number;
  readonly needs: readonly string[];
  /** Of a model: an agent of the command line. Else a tool: a request. */
  readonly model: boolean;
}

interface Graph {
  readonly name: string;
  readonly calls: readonly Call[];
  /** Waits are divided by this. */
  readonly scale: number;
}

const tool = (id: string, ms: number, needs: readonly string[]): Call => ({ id, ms, needs, model: false });
const model = (id: string, ms: number, needs: readonly string[]): Call => ({ id, ms, needs, model: true });
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** A plan, two searches at the same time, and the model that compares what they found. */
const HOTPOT_QA: Graph = {
  name: 'HotpotQA',
  scale: 4,
  calls: [
    model('plan', 1500, []),
    tool('search-1', 2000, ['plan']),
    tool('search-2', 2000, ['plan']),
    model('join', 1600, ['search-1', 'search-2']),
  ],
};

/** A plan, eight searches at the same time, one for each film, and the model that chooses. */
const MOVIES: Graph = {
  name: 'Movie Recommendation',
  scale: 5,
  calls: [
    model('plan', 2500, []),
    ...range(8).map((film) => tool(`film-${film}`, 2000, ['plan'])),
    model(
      'join',
      2000,
      range(8).map((film) => `film-${film}`),
    ),
  ],
};

/** Two pairs of searches, a calculation on each pair by a model, one on both results, and the answer. */
const PARALLEL_QA: Graph = {
  name: 'ParallelQA',
  scale: 8,
  calls: [
    model('plan', 5000, []),
    ...range(4).map((search) => tool(`search-${search}`, 3000, ['plan'])),
    model('math-1', 5000, ['search-1', 'search-2']),
    model('math-2', 5000, ['search-3', 'search-4']),
    model('math-3', 5000, ['math-1', 'math-2']),
    model('join', 4000, ['math-3']),
  ],
};

/** Three rounds; in each, five states are thought on and judged at the same time, and the best are chosen before the next round is planned. */
const GAME_OF_24: Graph = {
  name: 'Game of 24',
  scale: 50,
  calls: range(3).flatMap((round) => [
    model(`plan-${round}`, 5000, round === 1 ? [] : [`select-${round - 1}`]),
    ...range(5).flatMap((state) => [
      model(`think-${round}-${state}`, 7000, [`plan-${round}`]),
      model(`judge-${round}-${state}`, 7000, [`think-${round}-${state}`]),
    ]),
    tool(
      `select-${round}`,
      4000,
      range(5).map((state) => `judge-${round}-${state}`),
    ),
  ]),
};

/** A search, then of five results each is opened and each has its options looked at, all five at the same time, and the model that buys. */
const WEB_SHOP: Graph = {
  name: 'WebShop',
  scale: 4,
  calls: [
    model('plan', 1600, []),
    tool('search', 1600, ['plan']),
    ...range(5).flatMap((item) => [tool(`open-${item}`, 1600, ['search']), tool(`options-${item}`, 1200, [`open-${item}`])]),
    model(
      'buy',
      1600,
      range(5).map((item) => `options-${item}`),
    ),
  ],
};

const GRAPHS = [HOTPOT_QA, MOVIES, PARALLEL_QA, GAME_OF_24, WEB_SHOP];

function operationsOf({ calls, scale }: Graph, make: StandIns): readonly object[] {
  return calls.map(({ id, ms, needs, model: isModel }) => {
    const wait = Math.round(ms / scale);
    return isModel ? make.agent(id, wait, { needs }) : make.fetch(id, wait, { needs });
  });
}

async function measureGraph(place: Place, graph: Graph): Promise<readonly Check[]> {
  const make = standIns(place);
  const operations = operationsOf(graph, make);
  const measurement = await measure(place, { name: graph.name, operations, waits: make.waits, slots: 8 });
  return [
    shareOfLimit(measurement, 0.97),
    fact(`${graph.name}: ${measurement.equal.name}`, measurement.equal.holds, measurement.equal.found),
    { kind: 'note', text: timesText(measurement) },
  ];
}

const LLM_COMPILER: Claim<Place> = {
  number: 20,
  title: 'LLMCompiler, parallel function calling',
  theirs: 'up to 3.7× less latency (HotpotQA 1.80×, Movie Recommendation 3.74×)',
  standIn:
    'Its five benchmarks as batches: requests to a server that answers late stand for tools, agents of the command line for the model. The graphs are those of the paper and of the prompts in its repository, of Game of 24 and WebShop as the paper describes them; the waits of single calls are reconstructed (see task-graphs.ts).',
  scale: 'waits ÷ 4, 5, 8, 50 and 4',
  async check(place) {
    const checks: Check[] = [];
    for (const graph of GRAPHS) checks.push(...(await measureGraph(place, graph)));
    return checks;
  },
};

export const TASK_GRAPHS: readonly Claim<Place>[] = [LLM_COMPILER];
