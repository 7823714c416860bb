import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRequest } from '../../src/core/engine.js';
import type { Gate } from '../../src/core/gate-model.js';
import type { GateId, RunOutcome } from '../../src/core/model.js';
import type { VolleyApi } from '../../src/vscode/extension.js';
import type { Activity } from '../../src/vscode/session.js';
import { type LoopSample, watchLoop } from '../support/loop.js';
import { plainGate } from '../support/plain-gate.js';
import { eventually } from '../support/processes.js';

const OPERATIONS = 500;

/** Reads, which are quick and done several in one pass, some commands that take a while, and what waits for them. */
const OF_A_BATCH = Array.from({ length: OPERATIONS }, (_, index) => {
  const id = `of-a-batch-${index}`;
  if (index % 25 === 0) return { id, tool: 'command', input: { argv: ['true'] }, reads: [], writes: [] };
  if (index % 25 === 1) return { id, tool: 'read', input: { path: 'package.json' }, needs: [`of-a-batch-${index - 1}`] };
  return {
    id,
    tool: index % 2 === 0 ? 'read' : 'glob',
    input: index % 2 === 0 ? { path: 'package.json' } : { patterns: 'src/*' },
  };
});

const FILES = 5000;
const SOURCE = `export const value = 1; // TODO name it\n${'  const line = compute(value) ?? fallback;\n'.repeat(60)}`;

describe('The event loop of the extension host', () => {
  let api: VolleyApi;
  let folder: vscode.WorkspaceFolder;
  before(async () => {
    const found = await vscode.extensions.getExtension<VolleyApi>('volley.volley')?.activate();
    const [first] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(found && first, 'the extension is active in a folder');
    api = found;
    folder = first;
  });

  it('is not held for 50 ms by the extension while 500 operations run and the panel shows them', async () => {
    await isHeldBriefly(() => api.session.start(fiveHundred({ name: folder.name, path: folder.uri.fsPath })));
  });

  it('is not held for 50 ms either while 500 operations of a batch run, most of them in a moment', async () => {
    const { session } = api;
    const planned = await session.engine.planBatch(JSON.stringify({ operations: OF_A_BATCH }), { slots: 8 });
    assert.ok(planned.kind === 'batch', JSON.stringify(planned));
    const { batch } = planned;
    const request = { batch, slots: 8, mode: 'parallel', failure: 'continue', label: 'Batch of five hundred' } as const;
    await isHeldBriefly(() => session.startBatch(request));
  });

  it('is not held for 50 ms either while 5,000 files are found, inspected, kept and shown', async () => {
    const place = await realpath(await mkdtemp(path.join(folder.uri.fsPath, 'five-thousand-')));
    try {
      for (let index = 0; index < FILES; index += 1) {
        const directory = path.join(place, `package-${Math.floor(index / 50)}`);
        if (index % 50 === 0) await mkdir(directory);
        await writeFile(path.join(directory, `module-${index}.ts`), SOURCE);
      }
      let rows = 0;
      const listening = api.panel.onDidPost((message) => {
        if (message.type === 'show') rows = 0;
        if (message.type === 'inspected') rows += message.files.length;
      });
      await isHeldBriefly(undefined, async () => {
        const before = api.session.run?.run;
        await vscode.commands.executeCommand('volley.inspectSelected', vscode.Uri.file(place));
        await eventually('the table', async () => rows === FILES);
        assert.notEqual(api.session.run?.run, before);
        return api.session.run?.outcome;
      });
      listening.dispose();
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }).timeout(180_000);

  async function isHeldBriefly(
    start: (() => Activity | undefined) | undefined,
    work = async (): Promise<RunOutcome | undefined> => (await start?.()?.finished)?.outcome,
  ): Promise<void> {
    await vscode.commands.executeCommand('volley.showTimingPanel');
    const samples: LoopSample[] = [];
    // Work of the extension would hold the loop each time; what a busy machine adds does not come three times.
    while (samples.length < 3 && !samples.some(isShort)) {
      const loop = watchLoop();
      const outcome = await work();
      samples.push(loop.stop());
      assert.equal(outcome, 'passed', 'all of them passed');
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const text = samples
      .map(({ longestMs, busiestMs }) => `${longestMs.toFixed(1)} ms, ${busiestMs.toFixed(1)} ms of processor time`)
      .join('; ');
    console.log(`Longest between two turns of the loop: ${text}.`);
    assert.ok(samples.some(isShort), `held for ${text}`);
  }
});

/** Processor time, so that waiting for a processor does not count against the extension. */
function isShort({ busiestMs }: LoopSample): boolean {
  return busiestMs < 50;
}

function fiveHundred(folder: Gate['folder']): RunRequest {
  return {
    gates: Array.from({ length: OPERATIONS }, (_, index) => trueGate(`loop-${index}`, folder)),
    scope: { kind: 'workspace' },
    mode: 'parallel',
    slots: 8,
    failure: 'continue',
    label: 'Five hundred',
  };
}

function trueGate(id: string, folder: Gate['folder']): Gate {
  return plainGate(folder.path, {
    id: id as GateId,
    name: id,
    tool: 'true',
    category: 'test',
    folder,
    command: { argv: ['true'], cwd: folder.path, env: {}, shell: false },
    access: { reads: [`${folder.path}/**`], writes: [], locks: [] },
    timeoutMs: 60_000,
  });
}
