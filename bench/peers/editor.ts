/** VS Code's own compound tasks beside a batch of Volley, in the editor in which the tests run. */
import path from 'node:path';
import esbuild from 'esbuild';
import { temporaryFolder } from '../../scripts/editor-host.mjs';
import { newestHost } from '../../scripts/install-host.mjs';
import { root } from '../../scripts/processes.mjs';
import { median } from '../../src/core/statistics.js';
import type { TestResults } from '../../test/support/results.js';
import { makeWorkspace } from '../../test/support/sample.js';
import { runSuiteInServer } from '../../test/support/suite-host.js';
import type { Bench } from './bench.js';
import { atMost, orDash, plain, type Section, seconds, spread, type Target, times } from './results.js';

/** The same job so many times. */
export interface EditorJobs {
  readonly name: string;
  readonly count: number;
  readonly argv: readonly string[];
  /** What no schedule is below. */
  readonly boundMs?: number;
}

export interface EditorSample {
  readonly jobs: string;
  readonly repeat: number;
  readonly way: 'tasks' | 'Volley';
  readonly ms: number;
}

export interface EditorSamples extends TestResults {
  /** What the extension took to activate in this window, once. */
  readonly activationMs: number;
  readonly samples: readonly EditorSample[];
}

const SLOTS = 8;
const JOBS: readonly EditorJobs[] = [
  { name: 'twenty true', count: 20, argv: ['true'] },
  { name: 'eight sleep 1', count: 8, argv: ['sleep', '1'], boundMs: 1000 },
];

export async function measureEditor(bench: Bench): Promise<Section> {
  bench.say('Compound tasks and batches in the editor');
  const { samples, activationMs } = await runInEditor(bench);
  const of = (jobs: string, way: EditorSample['way'], first: boolean) =>
    samples.filter((each) => each.jobs === jobs && each.way === way && (each.repeat === 0) === first).map(({ ms }) => ms);
  const rows = JOBS.flatMap(({ name, boundMs }) =>
    (['tasks', 'Volley'] as const).map((way) => {
      const later = of(name, way, false);
      const [first = Number.NaN] = of(name, way, true);
      const ratio = (ms: number | undefined) =>
        orDash(boundMs === undefined || ms === undefined ? undefined : ms / boundMs, times);
      return [
        name,
        way === 'tasks' ? 'compound task' : 'Volley’s batch',
        seconds(first),
        ratio(first),
        spread(later, seconds),
        ratio(median(later)),
      ];
    }),
  );
  const ofVolley = (name: string, first: boolean) => median(of(name, 'Volley', first));
  const over = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);
  return {
    id: 'editor',
    title: 'In the editor: activation, and compound tasks',
    about:
      `VS Code ${newestHost.vscode} (server), both in the same extension host, in turn. The compound task has \`dependsOn\` with tasks of the type *process* that reveal nothing; the batch has as many commands and ${SLOTS} slots. ` +
      'From the call to the end of the last job, for the batch with its planning and its entry in the history. The first time is told apart; the others are medians. ' +
      'Activation is what the function took that the editor calls for it, once, in a window that has just opened.',
    tables: [{ columns: ['jobs', 'way', 'first time', '÷ bound', 'later', '÷ bound'], rows }],
    targets: [
      atMost('in the editor, activation', 50, activationMs, plain(0, ' ms')),
      atMost('in the editor, 20 `true`, first time', 150, ofVolley('twenty true', true), seconds),
      atMost('in the editor, 20 `true`, later', 150, ofVolley('twenty true', false), seconds),
      atMost('in the editor, eight `sleep 1` over the bound, first time', 1.05, over(ofVolley('eight sleep 1', true)), times),
      atMost('in the editor, eight `sleep 1` over the bound, later', 1.05, over(ofVolley('eight sleep 1', false)), times),
    ] satisfies Target[],
  };
}

async function runInEditor({ repeats, seed }: Bench): Promise<EditorSamples> {
  const scratch = await temporaryFolder('volley-peers-editor-');
  const workspace = await makeWorkspace({
    '.vscode/tasks.json': JSON.stringify({ version: '2.0.0', tasks: JOBS.flatMap(tasksOf) }),
    'asked.json': JSON.stringify({ jobs: JOBS, repeats: repeats + 1, seed, slots: SLOTS }),
  });
  try {
    const suite = path.join(scratch.folder, 'suite.cjs');
    await esbuild.build({
      ...{ entryPoints: [path.join(import.meta.dirname, 'editor-suite.ts')], outfile: suite, absWorkingDir: root },
      ...{ bundle: true, platform: 'node', target: 'node20.19', format: 'cjs', external: ['vscode'], logLevel: 'warning' },
    });
    const options = { version: newestHost, suite, extensions: [root], folder: workspace.folder };
    return (await runSuiteInServer(options)) as EditorSamples;
  } finally {
    await Promise.all([workspace.remove(), scratch.remove()]);
  }
}

function tasksOf({ name, count, argv: [command, ...args] }: EditorJobs): readonly object[] {
  const parts = Array.from({ length: count }, (_, index) => ({
    ...{ label: `${name} ${index}`, type: 'process', command, args, problemMatcher: [] },
    presentation: { reveal: 'never', panel: 'dedicated', showReuseMessage: false },
  }));
  return [...parts, { label: name, dependsOn: parts.map(({ label }) => label), dependsOrder: 'parallel', problemMatcher: [] }];
}
