/** Independent operations that wait: claims 1–4, 6, 12 and 13. */
import { timing } from '../../src/core/timing.js';
import { mapInterval } from './bounds.js';
import { type Check, type Claim, type Figure, fact } from './claim.js';
import { type Measurement, measure, speedup, timesText } from './measure.js';
import { FILES, type Place } from './place.js';
import { type StandIns, standIns } from './stand-ins.js';

/** Measures operations of which each has a slot, unless `slots` says how many there are. */
async function measured(
  place: Place,
  name: string,
  members: (make: StandIns) => readonly object[],
  slots?: number,
): Promise<Measurement> {
  const make = standIns(place);
  const operations = members(make);
  return measure(place, { name, operations, waits: make.waits, slots: slots ?? make.waits.size });
}

function checksOf(measurement: Measurement, atLeast: number): readonly Check[] {
  return [speedup(measurement, atLeast), measurement.equal, { kind: 'note', text: timesText(measurement) }];
}

const times = <Each>(count: number, make: (index: number) => Each): readonly Each[] =>
  Array.from({ length: count }, (_, index) => make(index));

const INDEPENDENT_READS: Claim<Place> = {
  number: 1,
  title: 'three independent file operations of 5 s',
  theirs: '15 s → 6 s, 2.5×',
  standIn:
    'Three commands that each read a real file of 8 KB with a wait between its halves, as a slow disk has; what they read is concluded from their text.',
  scale: '5 s → 1 s',
  async check(place) {
    const reads = (make: StandIns) => FILES.slice(0, 3).map((file, index) => make.slowRead(`read-${index}`, file, 1000));
    return checksOf(await measured(place, 'three reads', reads), 2.95);
  },
};

const MIXED_TOOLS: Claim<Place> = {
  number: 2,
  title: 'command 3 s, grep 4 s, read 2 s, list 1 s',
  theirs: '10 s → 5 s, 2.0×',
  standIn:
    'A program that waits; a search in, and a read of, a real file with a wait between its halves; a listing of a real directory followed by a wait.',
  scale: '1 s → 0.3 s',
  async check(place) {
    const [one = '', two = ''] = FILES;
    const mixed = (make: StandIns) => [
      make.command('command', 900),
      make.slowGrep('grep', one, 1200),
      make.slowRead('read', two, 600),
      make.slowList('list', 'data', 300),
    ];
    return checksOf(await measured(place, 'four tools', mixed), 2.45);
  },
};

const THREE_AGENTS: Claim<Place> = {
  number: 3,
  title: 'three agents of 8 s',
  theirs: '24 s → 10 s, 2.4×',
  standIn: 'Three agents of the command line that answer after a wait and keep their answer in a file of their own.',
  scale: '8 s → 1 s',
  async check(place) {
    return checksOf(
      await measured(place, 'three agents', (make) => times(3, (index) => make.agent(`agent-${index}`, 1000))),
      2.95,
    );
  },
};

const MEASURED_READS: Claim<Place> = {
  number: 4,
  title: 'several files read at once',
  theirs: '6 s → 3 s, 2.0×',
  standIn: 'Three files of a server that sends each piece by piece over its whole time, read by the tool Fetch.',
  scale: '2 s a file → 1 s',
  async check(place) {
    return checksOf(
      await measured(place, 'three files', (make) => times(3, (index) => make.pacedFetch(`file-${index}`, 1000))),
      2.95,
    );
  },
};

const ORCHESTRATED: Claim<Place> = {
  number: 6,
  title: 'orchestrated agents, four wide',
  theirs: '45 s → 12 s, 3.75×',
  standIn: 'A group of eight agents of the command line, at most four of them at the same time.',
  scale: '45 s of work → 6 s',
  async check(place) {
    const group = (make: StandIns) => [{ limit: 4, parallel: times(8, (index) => make.agent(`agent-${index}`, 750)) }];
    return checksOf(await measured(place, 'eight agents', group), 3.9);
  },
};

const SEVEN_AGENTS: Claim<Place> = {
  number: 12,
  title: 'seven agents at once',
  theirs: '4.93×, efficiency 70.5 %, 21 of 21 pairs overlapping',
  standIn: 'Seven agents of the command line that answer after a wait and keep their answer in a file of their own.',
  scale: 'no time is claimed; 1 s each',
  async check(place) {
    const measurement = await measured(place, 'seven agents', (make) => times(7, (index) => make.agent(`agent-${index}`, 1000)));
    const overlapping = measurement.pairs.map(({ parallel }) => Math.round(timing(parallel).overlap * 21));
    return [
      ...checksOf(measurement, 6.8),
      fact(
        'pairs of agents overlap in every parallel trial',
        overlapping.every((pairs) => pairs === 21),
        `${Math.min(...overlapping)} of 21`,
      ),
    ];
  },
};

/** How much less time, as a share of that of one after another. */
function lessTime({ name, ratio, interval, bound }: Measurement): Figure {
  const less = (speed: number) => 1 - 1 / speed;
  const range = mapInterval(interval, less);
  return {
    ...{ kind: 'figure', name, unit: '%', ours: less(ratio), limit: less(bound.limit) },
    target: { kind: 'at least', value: less(bound.limit) - 0.015 },
    ...(range ? { interval: range } : {}),
  };
}

const LESS_TIME: Claim<Place> = {
  number: 13,
  title: 'less time for equal operations',
  theirs: 'four files of 3 s: 75 % less; four checks of 10 s: 75 %; six modules of 2 s: 83 %',
  standIn: 'Four real files with a wait between their halves; four programs that wait; six agents of the command line.',
  scale: '3 s, 10 s and 2 s → 0.4 s each',
  async check(place) {
    const all = [
      await measured(place, 'four files', (make) =>
        FILES.slice(0, 4).map((file, index) => make.slowRead(`file-${index}`, file, 400)),
      ),
      await measured(place, 'four checks', (make) => times(4, (index) => make.command(`check-${index}`, 400))),
      await measured(place, 'six modules', (make) => times(6, (index) => make.agent(`module-${index}`, 400))),
    ];
    return all.flatMap((each): readonly Check[] => [
      lessTime(each),
      { ...each.equal, name: `${each.name}: ${each.equal.name}` },
      { kind: 'note', text: timesText(each) },
    ]);
  },
};

export const WAITING: readonly Claim<Place>[] = [
  INDEPENDENT_READS,
  MIXED_TOOLS,
  THREE_AGENTS,
  MEASURED_READS,
  ORCHESTRATED,
  SEVEN_AGENTS,
  LESS_TIME,
];
