import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { RunRequest } from '../../src/core/engine.js';
import type { Gate, GateId } from '../../src/core/model.js';
import type { VolleyApi } from '../../src/vscode/extension.js';
import type { ActivityEnd } from '../../src/vscode/session.js';
import { type LoopSample, watchLoop } from '../support/loop.js';

const OPERATIONS = 500;

describe('The event loop of the extension host', () => {
  it('is not held for 50 ms by the extension while 500 operations run and the panel shows them', async () => {
    const extension = vscode.extensions.getExtension<VolleyApi>('volley.volley');
    const { session, activationMs } = (await extension?.activate()) ?? {};
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(session && folder, 'the extension is active in a folder');
    await vscode.commands.executeCommand('volley.showTimingPanel');
    const samples: LoopSample[] = [];
    // Work of the extension would hold the loop each time; what a busy machine adds does not come three times.
    while (samples.length < 3 && !samples.some(isShort)) {
      const loop = watchLoop();
      const end: ActivityEnd | undefined = await session.start(fiveHundred({ name: folder.name, path: folder.uri.fsPath }))
        ?.finished;
      samples.push(loop.stop());
      assert.equal(end?.outcome, 'passed', 'all of them passed');
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const text = samples
      .map(({ longestMs, busiestMs }) => `${longestMs.toFixed(1)} ms, ${busiestMs.toFixed(1)} ms of processor time`)
      .join('; ');
    console.log(`Activated in ${activationMs?.toFixed(1)} ms. Longest between two turns of the loop: ${text}.`);
    assert.ok(samples.some(isShort), `held for ${text}`);
  });
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
    failFast: false,
    label: 'Five hundred',
  };
}

function trueGate(id: string, folder: Gate['folder']): Gate {
  return {
    id: id as GateId,
    name: id,
    tool: 'true',
    category: 'test',
    folder,
    command: { argv: ['true'], cwd: folder.path, env: {}, shell: false },
    files: { kind: 'whole', inputs: ['**'] },
    access: { reads: [`${folder.path}/**`], writes: [], locks: [] },
    needs: [],
    exitCodes: { passed: [0], failed: [1] },
    parser: 'none',
    availability: { kind: 'available' },
    evidence: [],
    timeoutMs: 60_000,
  };
}
