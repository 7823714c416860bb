/** What may overlap, told from texts: claim 19. */
import { type Figures, measureBatches, measureCommands, measureSources, measureWorkspaces, readCorpus } from '../access.js';
import { type Check, type Claim, fact } from './claim.js';
import type { Place } from './place.js';

const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

const DETECTION: Claim<Place> = {
  number: 19,
  title: 'dependency detection',
  theirs: '90 % accurate; 60 % of operations suitable for parallel execution',
  standIn:
    'Commands and batches labelled by hand (bench/corpus): of every pair of operations whether they may overlap. The shares are those of the scripts and workflows of real repositories in the fixtures of detection.',
  async check() {
    const { commands, batches, workspaces } = await readCorpus();
    const sets: readonly (readonly [string, Figures])[] = [
      ['commands', measureCommands(commands)],
      ['batches', measureBatches(batches)],
      ['commands where scripts are known', measureWorkspaces(workspaces)],
    ];
    const checks = sets.flatMap(([name, { operations, pairs, right, missed }]): readonly Check[] => [
      {
        kind: 'figure',
        name: `${name}, right`,
        unit: '%',
        ours: right / pairs,
        limit: 1,
        target: { kind: 'at least', value: 0.98 },
      },
      fact(
        `${name}, no missed conflict`,
        missed.length === 0,
        missed[0] ?? `0 missed of ${pairs} pairs of ${operations} operations`,
      ),
    ]);
    const labelled = sets.map(([name, { operations, parallel }]) => `${name} ${percent(parallel, operations)}`);
    const sources = [...(await measureSources())].map(
      ([name, { operations, parallel }]) => `${name} ${percent(parallel, operations)} of ${operations}`,
    );
    return [...checks, { kind: 'note', text: `may overlap with another: ${[...labelled, ...sources].join('; ')}` }];
  },
};

export const DEPENDENCIES: readonly Claim<Place>[] = [DETECTION];
