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
  /** The model plans or answers: an agent of the command line. Else a tool or a model is called, by a request over HTTP as there. */
  readonly agent: boolean;
}

interface Graph {
  readonly name: string;
  readonly calls: readonly Call[];
  /** Waits are divided by this. */
  readonly scale: number;
}

const call = (id: string, ms: number, needs: readonly string[]): Call => ({ id, ms, needs, agent: false });
const agent = (id: string, ms: number, needs: readonly string[]): Call => ({ id, ms, needs, agent: true });
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** A plan, two searches at the same time, and the model that compares what they found. */
const HOTPOT_QA: Graph = {
  name: 'HotpotQA',
  scale: 4,
  calls: [
    agent('plan', 1500, []),
    call('search-1', 2000, ['plan']),
    call('search-2', 2000, ['plan']),
    agent('join', 1600, ['search-1', 'search-2']),
  ],
};

/** A plan, eight searches at the same time, one for each film, and the model that chooses. */
const MOVIES: Graph = {
  name: 'Movie Recommendation',
  scale: 7,
  calls: [
    agent('plan', 2500, []),
    ...range(8).map((film) => call(`film-${film}`, 2000, ['plan'])),
    agent(
      'join',
      2000,
      range(8).map((film) => `film-${film}`),
    ),
  ],
};

/** Two pairs of searches, a calculation on each pair by a model, one on both results, and the answer. */
const PARALLEL_QA: Graph = {
  name: 'ParallelQA',
  scale: 12,
  calls: [
    agent('plan', 5000, []),
    ...range(4).map((search) => call(`search-${search}`, 3000, ['plan'])),
    call('math-1', 5000, ['search-1', 'search-2']),
    call('math-2', 5000, ['search-3', 'search-4']),
    call('math-3', 5000, ['math-1', 'math-2']),
    agent('join', 4000, ['math-3']),
  ],
};

/** Three rounds; in each, five states are thought on and judged at the same time, and the best are chosen before the next round is planned. */
const GAME_OF_24: Graph = {
  name: 'Game of 24',
  scale: 40,
  calls: range(3).flatMap((round) => [
    agent(`plan-${round}`, 5000, round === 1 ? [] : [`select-${round - 1}`]),
    ...range(5).flatMap((state) => [
      call(`think-${round}-${state}`, 7000, [`plan-${round}`]),
      call(`judge-${round}-${state}`, 7000, [`think-${round}-${state}`]),
    ]),
    call(
      `select-${round}`,
      4000,
      range(5).map((state) => `judge-${round}-${state}`),
    ),
  ]),
};

/** A search, then of five results each is opened and each has its options looked at, all five at the same time, and the model that buys. */
const WEB_SHOP: Graph = {
  name: 'WebShop',
  scale: 6,
  calls: [
    agent('plan', 1600, []),
    call('search', 1600, ['plan']),
    ...range(5).flatMap((item) => [call(`open-${item}`, 1600, ['search']), call(`options-${item}`, 1200, [`open-${item}`])]),
    agent(
      'buy',
      1600,
      range(5).map((item) => `options-${item}`),
    ),
  ],
};

const GRAPHS = [HOTPOT_QA, MOVIES, PARALLEL_QA, GAME_OF_24, WEB_SHOP];

function operationsOf({ calls, scale }: Graph, make: StandIns): readonly object[] {
  return calls.map(({ id, ms, needs, agent: isAgent }) => {
    const wait = Math.round(ms / scale);
    return isAgent ? make.agent(id, wait, { needs }) : make.fetch(id, wait, { needs });
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
    'Its five benchmarks as batches: requests to a server that answers late stand for calls of tools and models, agents of the command line for the planner and for whoever joins the results. The graphs are those of the paper and of the prompts in its repository, of Game of 24 and WebShop as the paper describes them; the waits of single calls are reconstructed (see task-graphs.ts).',
  scale: GRAPHS.map(({ name, scale }) => `${name} ÷ ${scale}`).join(', '),
  async check(place) {
    const checks: Check[] = [];
    for (const graph of GRAPHS) checks.push(...(await measureGraph(place, graph)));
    return checks;
  },
};

export const TASK_GRAPHS: readonly Claim<Place>[] = [LLM_COMPILER];
