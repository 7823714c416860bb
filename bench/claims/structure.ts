/** Phases, levels and pipelines: claims 11, 14 and 15. */
import type { RunState } from '../../src/core/model.js';
import { median } from '../../src/core/statistics.js';
import { timing } from '../../src/core/timing.js';
import { boundOf, flowShopBound, ratioInterval } from './bounds.js';
import { type Claim, type Figure, fact } from './claim.js';
import { type Measurement, measure, shareOfLimit, timesText } from './measure.js';
import type { Place } from './place.js';
import { standIns, waitOf } from './stand-ins.js';

// --------------------------------------------------------------------------------------------------------------- phases

/** Milliseconds of the tasks of each phase. */
const PHASES: Readonly<Record<string, readonly number[]>> = {
  research: [550, 550, 550, 550],
  implementation: [600, 550, 550, 500, 500],
  validation: [550, 500, 400, 400],
};

/** From the first start to the last end of what belongs to a phase. */
function spanOf({ operations }: RunState, phase: string): { readonly from: number; readonly to: number } {
  const running = operations
    .filter(({ id }) => id.startsWith(phase))
    .flatMap(({ segments }) => segments.filter((each) => each.phase === 'running'));
  return { from: Math.min(...running.map(({ from }) => from)), to: Math.max(...running.map(({ to = 0 }) => to)) };
}

function phaseFigure({ pairs }: Measurement, phase: string, lengths: readonly number[]): Figure {
  const length = (state: RunState) => spanOf(state, phase).to - spanOf(state, phase).from;
  const ratios = pairs.map(({ sequential, parallel }) => length(sequential) / length(parallel));
  const { limit } = boundOf(
    lengths.map((ms, index) => ({ id: String(index), ms })),
    [],
    lengths.length,
  );
  const interval = ratioInterval(ratios);
  return {
    ...{ kind: 'figure', name: phase, unit: '×', ours: median(ratios) ?? 0, limit },
    target: { kind: 'at least', value: 0.97 * limit },
    ...(interval ? { interval } : {}),
  };
}

const THREE_PHASES: Claim<Place> = {
  number: 11,
  title: 'three phases, 13 tasks',
  theirs: '3.38×, 3.59×, 3.05×; mean 3.34×',
  standIn: 'One batch of three phases in sequence: 4, 5 and 4 agents of the command line that answer after unequal waits.',
  scale: 'no time is claimed; 0.4 s to 0.6 s a task',
  async check(place) {
    const make = standIns(place);
    const phases = Object.entries(PHASES);
    const sequence = phases.map(([phase, lengths]) => ({
      id: phase,
      limit: lengths.length,
      parallel: lengths.map((ms, index) => make.agent(`${phase}-${index}`, ms)),
    }));
    const operations = [{ id: 'phases', sequence }];
    const measurement = await measure(place, { name: 'all phases', operations, waits: make.waits, slots: 5 });
    const names = Object.keys(PHASES);
    const inOrder = measurement.pairs.every(({ parallel }) =>
      names.every((name, index) => index === 0 || spanOf(parallel, names[index - 1] ?? '').to <= spanOf(parallel, name).from),
    );
    return [
      ...phases.map(([phase, lengths]) => phaseFigure(measurement, phase, lengths)),
      shareOfLimit(measurement, 0.97),
      fact('no phase begins before the one before it has ended', inOrder, `${measurement.pairs.length} parallel trials`),
      measurement.equal,
      { kind: 'note', text: timesText(measurement) },
    ];
  },
};

// --------------------------------------------------------------------------------------------------------------- levels

const TEAMS = ['a', 'b', 'c'];
const MEMBERS = [1, 2, 3];

const LEVELS: Claim<Place> = {
  number: 14,
  title: 'three levels, each orchestrator with at most 4 targets',
  theirs: 'described, not measured',
  standIn:
    'An orchestrating agent, three leading agents after it, and after each of these three agents of its own: nested groups of at most 4 members.',
  scale: 'no time is claimed; 0.5 s an agent',
  async check(place) {
    const make = standIns(place);
    const team = (name: string) => ({
      id: `team-${name}`,
      sequence: [
        make.agent(`lead-${name}`, 500),
        { id: `targets-${name}`, limit: 4, parallel: MEMBERS.map((member) => make.agent(`member-${name}${member}`, 500)) },
      ],
    });
    const operations = [
      { id: 'level-1', sequence: [make.agent('orchestrator', 500), { id: 'level-2', limit: 4, parallel: TEAMS.map(team) }] },
    ];
    const measurement = await measure(place, { name: '13 agents', operations, waits: make.waits, slots: 9 });
    const tree = new Map(measurement.batch.operations.map(({ id, groups }) => [id, groups.join(' / ')]));
    const wanted = [
      ['orchestrator', 'level-1'],
      ...TEAMS.map((name) => [`lead-${name}`, `level-1 / level-2 / team-${name}`]),
      ...TEAMS.flatMap((name) =>
        MEMBERS.map((member) => [`member-${name}${member}`, `level-1 / level-2 / team-${name} / targets-${name}`]),
      ),
    ] as const;
    const wrong = wanted.filter(([id = '', groups]) => tree.get(id) !== groups);
    return [
      shareOfLimit(measurement, 0.97),
      fact(
        'the same tree as nested groups',
        wrong.length === 0 && tree.size === wanted.length,
        `${tree.size} agents, ${wrong.length} in another place`,
      ),
      measurement.equal,
      { kind: 'note', text: timesText(measurement) },
    ];
  },
};

// ------------------------------------------------------------------------------------------------------------- pipeline

/** Milliseconds of each stage; the second is the longest. */
const STAGES = [100, 320, 80] as const;
const ITEMS = 12;

const PIPELINE: Claim<Place> = {
  number: 15,
  title: 'pipeline of 3 stages over 12 items',
  theirs: 'stage after stage',
  standIn:
    'Each item is fetched from a server that answers late, worked on by a program that waits, and reported on by an agent; each stage takes one item at a time.',
  scale: 'no time is claimed; stages of 0.1 s, 0.32 s and 0.08 s',
  async check(place) {
    const make = standIns(place);
    const [fetched, worked, reported] = STAGES;
    const stages = [
      make.fetch('fetched', fetched, { locks: ['fetching'] }),
      make.command('worked', worked, { locks: ['working'] }),
      make.agent('reported', reported, { locks: ['reporting'], writes: ['made/report-${item}.txt'] }, 'report-${item}'),
    ];
    const items = Array.from({ length: ITEMS }, (_, index) => index + 1);
    const operations = [{ id: 'pipeline', over: items, pipeline: stages }];
    const measurement = await measure(place, { name: '12 items', operations, waits: make.waits, slots: STAGES.length });
    const bound = flowShopBound(items.map(() => ['fetched', 'worked', 'reported'].map((id) => waitOf(make.waits, id))));
    const over = measurement.pairs.map(({ parallel }) => timing(parallel).makespanMs / bound);
    const interval = ratioInterval(over);
    return [
      {
        ...{ kind: 'figure', name: 'makespan ÷ lower bound of the flow shop', unit: '×', ours: median(over) ?? 0, limit: 1 },
        target: { kind: 'at most', value: 1.05 },
        ...(interval ? { interval } : {}),
      },
      measurement.equal,
      { kind: 'note', text: `${timesText({ ...measurement, bound: { ...measurement.bound, boundMs: bound } })}` },
    ];
  },
};

export const STRUCTURE: readonly Claim<Place>[] = [THREE_PHASES, LEVELS, PIPELINE];
