/** Behind the face: trends, time saved and comparisons of the runs that are kept. Long work goes in slices, so that the event loop goes on. */
import { compareRuns } from './compare.js';
import { figuresOf } from './figures.js';
import type { History } from './history.js';
import type { RunId, RunState } from './model.js';
import { inSlices } from './slices.js';
import { timeSaved } from './time-saved.js';
import type { Comparison, RunFigures, TimeSaved, Trends } from './trend-model.js';
import { changesOfAll, trendsOf } from './trends.js';

/** What is read. */
export interface TrendSource {
  readonly history: History;
  readonly loadRun: (run: RunId) => Promise<RunState | undefined>;
}

/** The trend of each gate and of each operation of a batch, over all runs whose figures are kept. */
export async function readTrends(source: TrendSource): Promise<Trends> {
  const runs = await figuresOfAll(source);
  const kept = new Set((await source.history.entries()).map(({ run }) => run));
  const plain = await inSlices(trendsOf(runs, kept));
  const { gates, machine, count: tests, level } = await inSlices(changesOfAll(plain));
  return {
    gates,
    saved: timeSaved(runs, await source.history.measurements()),
    runs: runs.length,
    level,
    tests,
    ...(machine.length === 0 ? {} : { machine }),
  };
}

/** Only what running at once has saved so far. */
export async function readTimeSaved(source: TrendSource): Promise<TimeSaved> {
  return timeSaved(await figuresOfAll(source), await source.history.measurements());
}

/** Undefined when one of them is no longer kept. */
export async function readComparison(source: TrendSource, before: RunId, after: RunId): Promise<Comparison | undefined> {
  const [first, second] = await Promise.all([source.loadRun(before), source.loadRun(after)]);
  return first && second && compareRuns(first, second);
}

/** Runs of a version that kept no figures are read from their events, once. */
async function figuresOfAll({ history, loadRun }: TrendSource): Promise<readonly RunFigures[]> {
  const known = await history.figures.runs();
  const names = new Set(known.map(({ run }) => run));
  const missing = (await history.entries()).filter(({ run, inspection }) => !names.has(run) && !inspection).reverse();
  const found: RunFigures[] = [];
  for (const { run } of missing) {
    const state = await loadRun(run);
    const figures = state && figuresOf(state);
    if (!figures) continue;
    await history.figures.add(figures);
    found.push(figures);
  }
  return found.length === 0 ? known : [...known, ...found].sort((a, b) => (a.run < b.run ? -1 : 1));
}
