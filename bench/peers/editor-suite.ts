/**
 * Runs inside the extension host: the same jobs as a compound task of VS Code and as a batch of Volley, in turn. What it measured goes
 * beside the counts that `runSuiteInServer` reads.
 */
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import * as vscode from 'vscode';
import { seededRandom } from '../../src/core/statistics.js';
import type { VolleyApi } from '../../src/vscode/extension.js';
import type { EditorJobs, EditorSample, EditorSamples } from './editor.js';

/** Asked for by the workspace, since a suite has no arguments. */
interface Asked {
  readonly jobs: readonly EditorJobs[];
  readonly repeats: number;
  readonly seed: number;
  readonly slots: number;
}

/** What VS Code calls. Rejects when a job did not pass. */
export async function run(): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const api = await vscode.extensions.getExtension<VolleyApi>('volley.volley')?.activate();
  if (!folder || !api) throw new Error('Volley is not active in a folder.');
  const text = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder.uri, 'asked.json'));
  const asked = JSON.parse(new TextDecoder().decode(text)) as Asked;
  const tasks = await vscode.tasks.fetchTasks();
  const random = seededRandom(asked.seed);
  const samples: EditorSample[] = [];
  for (let repeat = 0; repeat < asked.repeats; repeat += 1) {
    for (const jobs of asked.jobs) {
      const ways = [
        async () => ({ way: 'tasks' as const, ms: await compoundTask(tasks, jobs) }),
        async () => ({ way: 'Volley' as const, ms: await batch(api, jobs, asked.slots) }),
      ];
      if (random() < 0.5) ways.reverse();
      for (const way of ways) samples.push({ jobs: jobs.name, repeat, ...(await way()) });
    }
  }
  const results: EditorSamples = {
    passed: samples.length,
    failed: 0,
    pending: 0,
    files: [],
    samples,
    activationMs: api.activationMs,
  };
  await writeFile(process.env['VOLLEY_TEST_RESULTS'] ?? '', JSON.stringify(results));
}

/** From the call to the end of the last of its tasks, in milliseconds. */
async function compoundTask(tasks: readonly vscode.Task[], { name, count }: EditorJobs): Promise<number> {
  const task = tasks.find((each) => each.name === name);
  if (!task) throw new Error(`VS Code has no task ${name}.`);
  const names = new Set(Array.from({ length: count }, (_, index) => `${name} ${index}`));
  const ended = new Promise<number>((resolve, reject) => {
    const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (!names.delete(execution.task.name)) return;
      if (exitCode !== 0) reject(new Error(`${execution.task.name} ended with ${exitCode}.`));
      if (names.size > 0) return;
      listening.dispose();
      resolve(performance.now());
    });
  });
  const startedAt = performance.now();
  await vscode.tasks.executeTask(task);
  return (await ended) - startedAt;
}

/** From the text of the batch to the end of its run, in milliseconds. */
async function batch({ session }: VolleyApi, { name, count, argv }: EditorJobs, slots: number): Promise<number> {
  const operations = Array.from({ length: count }, (_, index) => ({
    ...{ id: `${name}-${index}`.replaceAll(' ', '-'), tool: 'command', input: { argv }, reads: [], writes: [] },
  }));
  const startedAt = performance.now();
  const planned = await session.engine.planBatch(JSON.stringify({ operations }), { slots });
  if (planned.kind !== 'batch') throw new Error(JSON.stringify(planned.problems));
  const activity = session.startBatch({ batch: planned.batch, slots, mode: 'parallel', failure: 'continue', label: name });
  const end = await activity?.finished;
  const ms = performance.now() - startedAt;
  if (end?.outcome !== 'passed') throw new Error(`The batch of ${name} ended as ${end?.outcome}.`);
  return ms;
}
