/** 20,000 files read, searched and listed: the tools of batches beside plain Node and ripgrep. */

import { root, run, UserError } from '../../scripts/processes.mjs';
import type { Comparison } from '../tools.js';
import type { Bench } from './bench.js';
import { atMost, orDash, pairedRatio, plain, type Section, spread, type Target, times } from './results.js';

/** What is compared with the first way of its comparison. */
const TARGETS = [
  { work: '20,000 files read, beside readFileSync', way: 'readTogether, one operation a file', limit: 1.2 },
  { work: 'four patterns over 20,000 files, beside one pass of ripgrep', way: 'grepTogether, four patterns', limit: 1.15 },
];

export async function measureFiles(bench: Bench): Promise<Section> {
  bench.say('20,000 files');
  const rounds = bench.repeats + 4;
  // In a process of its own, so that nothing that was left in memory is measured along.
  const argv = ['--import', 'tsx', 'bench/tools.ts', '--json', '--rounds', String(rounds), '--seed', String(bench.seed)];
  const { exitCode, output } = await run([process.execPath, ...argv], { cwd: root, capture: true });
  if (exitCode !== 0) throw new UserError(`bench/tools.ts ended with ${exitCode}:\n${output}`);
  const comparisons = JSON.parse(output) as readonly Comparison[];
  const ratios = new Map<string, number | undefined>();
  for (const { ways } of comparisons) for (const { name, ms } of ways) ratios.set(name, pairedRatio(ms, ways[0]?.ms ?? []));
  return {
    id: 'files',
    title: '20,000 files',
    about:
      `Files of 2 KB in 200 directories, warm, ${rounds} rounds. Volley's tools are called in a process that has started already (\`readTogether\`, \`grepTogether\` and the Glob operation are what a batch calls); ` +
      'ratios are to the first line of each table.',
    tables: comparisons.map(({ title, ways }) => ({
      columns: [title, 'ms', '×'],
      rows: ways.map(({ name, ms }) => [name, spread(ms, plain(0)), orDash(ratios.get(name), times)]),
    })),
    targets: TARGETS.map(({ work, way, limit }) => atMost(work, limit, ratios.get(way), times)) satisfies Target[],
  };
}
