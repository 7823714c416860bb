import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunOutcome } from '../../src/core/model.js';
import { createBatches } from '../../src/vscode/batches.js';
import { createChoices } from '../../src/vscode/choices.js';
import { type Handler, handlersOf } from '../../src/vscode/commands.js';
import { createLauncher } from '../../src/vscode/launch.js';
import type { CommandId } from '../../src/vscode/names.js';
import { readSettings } from '../../src/vscode/settings.js';
import { createWatching } from '../../src/vscode/watching.js';
import { memento, openSession, type SessionRig } from '../support/editor-session.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const { Global, Workspace } = vscode.ConfigurationTarget;

describe('What happens after a failure', () => {
  let rig: SessionRig;
  let handlers: Readonly<Record<CommandId, Handler>>;
  let parts: vscode.Disposable;
  let offered: readonly (vscode.QuickPickItem & { readonly mode?: string })[];
  let pick: string | undefined;
  const original = vscode.window.showQuickPick;
  const settings = () => vscode.workspace.getConfiguration('volley');

  beforeEach(async () => {
    rig = await openSession();
    const { session } = rig;
    const choices = createChoices(memento());
    const panel = {
      visible: true,
      shown: () => undefined,
      onDidPost: new vscode.EventEmitter<never>().event,
      async show() {},
      dispose() {},
    };
    const launcher = createLauncher({ session, panel, log: silent });
    const watching = createWatching(session, silent);
    const batches = createBatches(session, silent);
    const others = {
      plans: { async explain() {}, dispose() {} },
      outputs: { open: async () => undefined as never, dispose() {} },
      analyses: { async analyse() {}, async openBatch() {}, async saveReport() {}, dispose() {} },
      log: { ...silent, show() {} } as unknown as vscode.LogOutputChannel,
    };
    const reports = { session, panel, extensionUri: vscode.Uri.file('/'), version: '0.0.0', async copy() {} };
    handlers = handlersOf({ session, choices, launcher, watching, batches, panel, reports, ...others });
    parts = vscode.Disposable.from(choices, launcher, watching, batches);
    offered = [];
    const showQuickPick = async (items: typeof offered) => {
      offered = items;
      return items.find(({ label }) => label === pick);
    };
    Object.assign(vscode.window, { showQuickPick });
  });
  afterEach(async () => {
    Object.assign(vscode.window, { showQuickPick: original });
    for (const key of ['onFailure', 'failFast'])
      for (const target of [Global, Workspace]) await settings().update(key, undefined, target);
    parts.dispose();
    await rig.dispose();
  });

  /** One fails, one runs until the file `end` is there, one needs that. */
  async function batch(): Promise<vscode.Uri> {
    const operations = [
      { id: 'held', tool: 'command', input: { shell: 'while [ ! -e end ]; do sleep 0.02; done' }, writes: [] },
      { id: 'bad', tool: 'command', input: { shell: 'exit 1' }, writes: [] },
      { id: 'later', tool: 'command', input: { argv: ['true'] }, needs: ['held'] },
    ];
    const file = path.join(rig.folder, 'own.batch.jsonc');
    await writeFile(file, JSON.stringify({ operations }));
    return vscode.Uri.file(file);
  }
  async function outcomesOf(run: unknown): Promise<readonly string[]> {
    const of = (id: string) => rig.session.run?.operations.find((operation) => operation.id === id)?.outcome?.kind;
    await rig.until(() => of('bad') === 'failed');
    await writeFile(path.join(rig.folder, 'end'), '');
    await (run as Promise<RunOutcome | undefined>);
    return ['held', 'bad', 'later'].map((id) => `${id}: ${of(id)}`);
  }

  it('is that what does not depend on it goes on, unless a setting says something else', async () => {
    assert.equal(readSettings().failure, 'continue');
    assert.deepEqual(await outcomesOf(handlers['volley.runBatch'](await batch())), [
      'held: passed',
      'bad: failed',
      'later: passed',
    ]);
  });

  it('is that nothing new starts, where that is set', async () => {
    await settings().update('onFailure', 'stop', Global);
    const [held, bad, later] = await outcomesOf(handlers['volley.runBatch'](await batch()));
    assert.deepEqual([held, bad], ['held: passed', 'bad: failed']);
    assert.match(later ?? '', /^later: (cancelled|skipped)$/);
  });

  it('is chosen for one run, in which what runs is stopped, too', async () => {
    pick = 'Kill';
    const [held, bad, later] = await outcomesOf(handlers['volley.runBatchWith'](await batch()));
    assert.deepEqual([held, bad], ['held: cancelled', 'bad: failed']);
    assert.match(later ?? '', /^later: (cancelled|skipped)$/);
    assert.deepEqual(
      offered.map(({ label, description }) => [label, description]),
      [
        ['Continue Independents', 'as set'],
        ['Stop New', ''],
        ['Kill', ''],
      ],
    );
    assert.equal(readSettings().failure, 'continue', 'the setting stays');
    pick = undefined;
    assert.equal(await handlers['volley.runBatchWith'](await batch()), undefined, 'dismissed: nothing runs');
  });

  it('is chosen for all runs, in the workspace where it is set there', async () => {
    pick = 'Stop New';
    await handlers['volley.chooseFailureMode']();
    assert.equal(settings().inspect('onFailure')?.globalValue, 'stop');
    await settings().update('onFailure', 'kill', Workspace);
    pick = 'Continue Independents';
    await handlers['volley.chooseFailureMode']();
    const { globalValue, workspaceValue } = settings().inspect('onFailure') ?? {};
    assert.deepEqual([globalValue, workspaceValue], ['stop', 'continue']);
    assert.equal(readSettings().failure, 'continue');
  });

  it('is as the setting of earlier versions says, until the new one is set', async () => {
    await settings().update('failFast', true, Workspace);
    assert.equal(readSettings().failure, 'kill');
    await settings().update('onFailure', 'continue', Global);
    assert.equal(readSettings().failure, 'continue');
  });
});
