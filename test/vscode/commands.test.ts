import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Gate } from '../../src/core/gate-model.js';
import type { OperationId, RunId, RunOutcome } from '../../src/core/model.js';
import { createBatches } from '../../src/vscode/batches.js';
import { type Choices, createChoices } from '../../src/vscode/choices.js';
import { type Handler, handlersOf } from '../../src/vscode/commands.js';
import { contextOf } from '../../src/vscode/context-keys.js';
import type { VolleyApi } from '../../src/vscode/extension.js';
import { createGatesProvider } from '../../src/vscode/gates-view.js';
import { createLauncher, failureSummary, type Launcher } from '../../src/vscode/launch.js';
import { COMMANDS, CONTEXT, type CommandId, OUTPUT_SCHEME } from '../../src/vscode/names.js';
import { documentText, outputText } from '../../src/vscode/output-document.js';
import type { PanelTarget } from '../../src/vscode/panel-messages.js';
import { statusOf } from '../../src/vscode/status-bar.js';
import { concernsDetection, isConfiguration } from '../../src/vscode/watch.js';
import { createWatching, type Watching } from '../../src/vscode/watching.js';
import { memento, openSession, type SessionRig, untilChange } from '../support/editor-session.js';

const finding = 'a.ts(1,1): error TS2322: No.';

const analysesDouble = { async analyse() {}, async openBatch() {}, async saveReport() {}, dispose() {} };

const plansDouble = { async explain() {}, dispose() {} };

describe('Commands', () => {
  let rig: SessionRig;
  let choices: Choices;
  let launcher: Launcher;
  let watching: Watching;
  let handlers: Readonly<Record<CommandId, Handler>>;
  let panelShown: (PanelTarget | undefined)[];
  let outputsOpened: [RunId, OperationId][];
  let told: string[];
  /** What the user answers to a message, when there is one of that kind. */
  let answer: (text: string, choices: readonly string[]) => string | undefined;
  const restore: (() => void)[] = [];
  const panelDouble = {
    visible: false,
    shown: () => undefined,
    onDidPost: new vscode.EventEmitter<never>().event,
    async show(target?: PanelTarget) {
      panelShown.push(target);
    },
    dispose() {},
  };
  const outputsDouble = {
    async open(run: RunId, operation: OperationId) {
      outputsOpened.push([run, operation]);
      return undefined as never;
    },
    dispose() {},
  };

  beforeEach(async () => {
    rig = await openSession();
    choices = createChoices(memento());
    panelShown = [];
    outputsOpened = [];
    told = [];
    answer = () => undefined;
    const log = { error() {}, show() {} } as unknown as vscode.LogOutputChannel;
    launcher = createLauncher({ session: rig.session, panel: panelDouble, log });
    watching = createWatching(rig.session, { debug() {}, info() {}, warn() {}, error() {} });
    handlers = handlersOf({
      session: rig.session,
      choices,
      launcher,
      watching,
      batches: createBatches(rig.session, log),
      plans: plansDouble,
      analyses: analysesDouble,
      panel: panelDouble,
      outputs: outputsDouble,
      reports: {
        session: rig.session,
        panel: panelDouble,
        extensionUri: vscode.Uri.file('/'),
        version: '0.0.0',
        async copy() {},
      },
      log,
    });
    for (const method of ['showInformationMessage', 'showWarningMessage'] as const) {
      replace(vscode.window, method, async (text: string, ...items: string[]) => {
        told.push(text);
        return answer(text, items);
      });
    }
  });
  afterEach(async () => {
    for (const undo of restore.splice(0)) undo();
    await watching.stop();
    watching.dispose();
    launcher.dispose();
    choices.dispose();
    await rig.dispose();
  });

  function replace<Target extends object, Key extends keyof Target>(target: Target, key: Key, value: unknown): void {
    const original = target[key];
    Object.assign(target, { [key]: value });
    restore.push(() => Object.assign(target, { [key]: original }));
  }
  function replaceGetter<Target extends object>(target: Target, key: keyof Target, value: unknown): void {
    const original = Object.getOwnPropertyDescriptor(target, key);
    assert.ok(original);
    Object.defineProperty(target, key, { configurable: true, enumerable: true, get: () => value });
    restore.push(() => Object.defineProperty(target, key, original));
  }
  const run = (id: CommandId, ...args: unknown[]) => handlers[id](...args) as Promise<RunOutcome | undefined>;
  const ids = () => rig.session.run?.operations.map(({ id }) => id as string);
  /** Starts a command and resolves with what it runs, once that runs; all of it is cancelled. */
  const gatesOf = async (id: CommandId, ...args: unknown[]) => {
    const ended = run(id, ...args);
    await rig.until(() => rig.session.activity !== undefined);
    const { label } = rig.session.activity ?? {};
    const started = { gates: ids(), scope: rig.session.run?.scope, label };
    await rig.session.cancel();
    assert.equal(await ended, 'cancelled');
    return started;
  };
  const detect = (...gates: Gate[]) => rig.detects(gates);

  it('run all gates that are available, checked or not', async () => {
    detect(rig.gate('a'), rig.gate('b'), rig.gate('c', { unavailable: true }));
    choices.check([rig.gate('a').id], false);
    assert.deepEqual(await gatesOf('volley.runAll'), { gates: ['a', 'b'], scope: 'workspace', label: 'Run All Gates' });
  });

  it('run checked gates in the scope of the Files view', async () => {
    detect(rig.gate('a'), rig.gate('b'));
    choices.check([rig.gate('a').id], false);
    choices.setScope('staged');
    const expected = { gates: ['b'], scope: 'staged', label: 'Run Checked Gates (Staged Files)' };
    assert.deepEqual(await gatesOf('volley.runChecked'), expected);
  });

  it('resolve with the outcome of the run', async () => {
    detect(rig.gate('a'));
    const ended = run('volley.runAll');
    await rig.release('a', { exitCode: 1, findings: [finding] });
    assert.equal(await ended, 'failed');
  });

  it('run what was picked, and pick the same again next time', async () => {
    detect(rig.gate('a'), rig.gate('b'), rig.gate('t', { category: 'test' }));
    const picked: (readonly string[])[] = [];
    const separators: string[] = [];
    replace(vscode.window, 'showQuickPick', async (items: readonly (vscode.QuickPickItem & { gate?: Gate })[]) => {
      separators.push(...items.filter(({ kind }) => kind === vscode.QuickPickItemKind.Separator).map(({ label }) => label));
      picked.push(items.filter((item) => item.picked).map(({ label }) => label));
      return items.filter(({ label }) => label === 'b');
    });
    assert.deepEqual((await gatesOf('volley.runGates')).gates, ['b']);
    await gatesOf('volley.runGates');
    assert.deepEqual(picked, [['t', 'a', 'b'], ['b']]);
    assert.deepEqual(separators.slice(0, 2), ['Tests', 'Lint']);
  });

  it('run nothing when the pick is dismissed', async () => {
    detect(rig.gate('a'));
    replace(vscode.window, 'showQuickPick', async () => undefined);
    assert.equal(await run('volley.runGates'), undefined);
    assert.equal(rig.session.run, undefined);
  });

  it('run on the files that were clicked in the Explorer', async () => {
    detect(rig.gate('a'));
    const [one, two] = ['gate.mjs', 'two.mjs'].map((name) => vscode.Uri.file(path.join(rig.folder, name)));
    assert.equal((await gatesOf('volley.runSelected', one, [one, two])).scope, 'selected');
    assert.equal((await gatesOf('volley.runSelected', one)).label, 'Run Gates (Selected Files)');
  });

  it('run on selected files only when there are any', async () => {
    detect(rig.gate('a'));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal(await run('volley.runSelected'), undefined);
    assert.match(told.join(), /No file is selected/);
  });

  it('run on changed files whatever the scope is', async () => {
    detect(rig.gate('a'));
    assert.equal((await gatesOf('volley.runChanged')).scope, 'changed');
  });

  it('run for new findings only, by the command or by the setting', async () => {
    detect(rig.gate('a'));
    const newOnly = async (id: CommandId) => {
      const ended = run(id);
      await rig.until(() => rig.session.run?.operations[0]?.outcome !== undefined);
      assert.equal(await ended, 'errored');
      // The folder of this test is in no repository, which only a run that compares has to know.
      return /New findings only compares with git/.test(JSON.stringify(rig.session.run?.operations[0]?.outcome));
    };
    assert.equal(await newOnly('volley.runNew'), true);
    const settings = vscode.workspace.getConfiguration('volley');
    await settings.update('newFindingsOnly', true, vscode.ConfigurationTarget.Global);
    try {
      assert.equal(await newOnly('volley.runAll'), true);
    } finally {
      await settings.update('newFindingsOnly', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('run again exactly the gates that did not pass', async () => {
    const gates = [rig.gate('a'), rig.gate('b'), rig.gate('c')];
    detect(...gates);
    await rig.session.detect();
    const activity = rig.start(gates);
    await rig.release('a');
    await rig.release('b', { exitCode: 1, findings: [finding] });
    await rig.release('c', { exitCode: 70 });
    await activity.finished;
    const asked: unknown[] = [];
    const { start } = rig.session;
    replace(rig.session, 'start', (request: Parameters<typeof start>[0]) => {
      asked.push(request.cache);
      return start.call(rig.session, request);
    });
    assert.deepEqual((await gatesOf('volley.rerunFailed')).gates, ['b', 'c']);
    assert.deepEqual(asked, [false], 'what is known already is not what was asked for');
  });

  it('say what is missing when there is nothing to run', async () => {
    await run('volley.runAll');
    detect(rig.gate('a'));
    await rig.session.refresh();
    await run('volley.rerunFailed');
    choices.check([rig.gate('a').id], false);
    await run('volley.runChecked');
    await run('volley.verify');
    const [none, notFailed, ...unchecked] = told;
    assert.match(none ?? '', /found no gate/);
    assert.match(notFailed ?? '', /No gate failed/);
    assert.deepEqual(unchecked, [
      'No gate is checked. Check gates in the Gates view.',
      'No gate is checked. Check gates in the Gates view.',
    ]);
  });

  it('run a gate without the cache on request, otherwise as the setting says', async () => {
    detect(rig.gate('a'));
    const asked: unknown[] = [];
    const { start } = rig.session;
    replace(rig.session, 'start', (request: Parameters<typeof start>[0]) => {
      asked.push(request.cache);
      return start.call(rig.session, request);
    });
    await gatesOf('volley.runGate', 'a');
    await gatesOf('volley.runGateAnyway', 'a');
    assert.deepEqual(asked, [true, false]);
  });

  it('run a row of the Gates view: a gate or a whole category', async () => {
    detect(rig.gate('a'), rig.gate('b'), rig.gate('t', { category: 'test' }));
    const provider = createGatesProvider({ session: rig.session, choices });
    const [tests, lint] = (await provider.getChildren()) ?? [];
    const [a] = (await provider.getChildren(lint)) ?? [];
    assert.deepEqual((await gatesOf('volley.runGate', a)).gates, ['a']);
    assert.deepEqual((await gatesOf('volley.runGate', lint)).gates, ['a', 'b']);
    assert.deepEqual((await gatesOf('volley.runGate', tests)).label, 't');
    assert.deepEqual((await gatesOf('volley.runGate', 'b')).gates, ['b'], 'the panel names a gate by its id');
    provider.dispose();
  });

  it('offer to cancel what runs and start after it, when asked for a run during a run', async () => {
    detect(rig.gate('a'), rig.gate('b'));
    const first = run('volley.runGate', 'a');
    await rig.until(() => rig.session.activity !== undefined);
    answer = (text, items) => (text.includes('still runs') ? items[0] : undefined);
    const second = run('volley.runGate', 'b');
    assert.equal(await first, 'cancelled');
    await rig.release('b');
    assert.equal(await second, 'passed');
  });

  it('wait for what runs when the user says so', async () => {
    detect(rig.gate('a'), rig.gate('b'));
    const first = run('volley.runGate', 'a');
    await rig.until(() => rig.session.activity !== undefined);
    answer = (text, items) => (text.includes('still runs') ? items[1] : undefined);
    const second = run('volley.runGate', 'b');
    await rig.release('a');
    assert.equal(await first, 'passed');
    await rig.release('b');
    assert.equal(await second, 'passed');
  });

  it('leave what runs alone when the user dismisses the question', async () => {
    detect(rig.gate('a'), rig.gate('b'));
    const first = run('volley.runGate', 'a');
    await rig.until(() => rig.session.activity !== undefined);
    assert.equal(await run('volley.runGate', 'b'), undefined);
    assert.equal(rig.session.activity?.label, 'a');
    await rig.release('a');
    assert.equal(await first, 'passed');
  });

  it('verify with the panel open', async () => {
    detect(rig.gate('a'));
    const ended = run('volley.verify');
    await rig.until(() => rig.session.activity !== undefined);
    assert.equal(rig.session.activity?.kind, 'verification');
    assert.equal(rig.session.activity?.progress()?.of, 60, 'thirty pairs by default');
    assert.deepEqual(panelShown, [{ kind: 'latest' }]);
    await rig.session.cancel();
    assert.equal(await ended, 'cancelled');
  });

  it('show the output of a gate from its row, of a past run, or of the one that is picked', async () => {
    detect(rig.gate('a'), rig.gate('b'));
    await rig.session.detect();
    await run('volley.showOutput', 'a');
    assert.match(told.join(), /a has not run yet/);
    await rig.runToEnd(rig.gate('a'));
    await run('volley.showOutput', 'a');
    const offered: string[] = [];
    replace(vscode.window, 'showQuickPick', async (items: readonly vscode.QuickPickItem[]) => {
      offered.push(...items.filter(({ kind }) => kind !== vscode.QuickPickItemKind.Separator).map(({ label }) => label));
      return items.find(({ label }) => label === 'a');
    });
    await run('volley.showOutput');
    const ran = rig.session.run?.run;
    assert.deepEqual(outputsOpened, [
      [ran, 'a'],
      [ran, 'a'],
    ]);
    assert.deepEqual(offered, ['a'], 'only gates that ran');
  });

  it('choose the scope, from a row or from the palette', async () => {
    await run('volley.setScope', 'open');
    assert.equal(choices.scope, 'open');
    await run('volley.setScope', 'nonsense');
    assert.equal(choices.scope, 'open');
    replace(vscode.window, 'showQuickPick', async (items: readonly vscode.QuickPickItem[]) =>
      items.find(({ label }) => label === 'Changed Files'),
    );
    await run('volley.setScope');
    assert.equal(choices.scope, 'changed');
  });

  it('add clicked files, remove rows and clear all', async () => {
    const folder = path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'commands');
    await mkdir(folder);
    const uris = ['one.ts', 'two.ts', 'three.ts'].map((name) => vscode.Uri.file(path.join(folder, name)));
    for (const uri of uris) await writeFile(uri.fsPath, '');
    await run('volley.addFiles', uris[0], uris);
    assert.equal(choices.files.length, 3);
    await run('volley.removeFile', { kind: 'file', file: choices.files[0] });
    assert.deepEqual(
      choices.files.map((file) => file.path),
      uris.slice(1).map((uri) => uri.fsPath),
    );
    await run('volley.clearFiles');
    assert.deepEqual(choices.files, []);
    await rm(folder, { recursive: true });
  });

  it('tell of a failure once, and of a success not at all', async () => {
    await rig.runToEnd(rig.gate('a'));
    assert.deepEqual(told, []);
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [finding] });
    assert.deepEqual(told, ['Volley: 1 of 1 gate failed with 1 finding.']);
    await rig.runToEnd(rig.gate('a'), { exitCode: 70 });
    assert.match(told[1] ?? '', /^Volley: 1 gate could not do its work\. a: It ended with exit code 70/);
    assert.equal(failureSummary({ kind: 'run', label: 'Test', outcome: 'cancelled' }), undefined);
  });

  it('have context keys that follow what can work', async () => {
    const keys = () => contextOf(rig.session, choices, watching);
    const nothing = {
      [CONTEXT.running]: false,
      [CONTEXT.watching]: false,
      [CONTEXT.nothingDetected]: false,
      [CONTEXT.nothingAvailable]: false,
      [CONTEXT.nothingFailed]: false,
      [CONTEXT.nothingRan]: false,
      [CONTEXT.hasSelection]: false,
    };
    assert.deepEqual(keys(), nothing);
    await rig.session.restored();
    const empty = { nothingDetected: true, nothingAvailable: true, nothingFailed: true, nothingRan: true } as const;
    for (const [key, value] of Object.entries(empty)) assert.equal(keys()[CONTEXT[key as keyof typeof empty]], value, key);
    detect(rig.gate('a', { unavailable: true }));
    await rig.session.refresh();
    assert.deepEqual([keys()[CONTEXT.nothingDetected], keys()[CONTEXT.nothingAvailable]], [false, true]);
    detect(rig.gate('a'));
    await rig.session.refresh();
    assert.deepEqual([keys()[CONTEXT.nothingDetected], keys()[CONTEXT.nothingAvailable]], [false, false]);
    const activity = rig.start([rig.gate('a')]);
    assert.equal(keys()[CONTEXT.running], true);
    await rig.release('a', { exitCode: 1, findings: [finding] });
    await activity.finished;
    assert.deepEqual(keys(), nothing);
    await rig.runToEnd(rig.gate('a'));
    assert.deepEqual(keys(), { ...nothing, [CONTEXT.nothingFailed]: true });
  });

  it('run again what failed before the window was reloaded, as the first thing that is asked for', async () => {
    detect(rig.gate('a'), rig.gate('b'));
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [finding] });
    await rig.runToEnd(rig.gate('b'));
    const session = rig.reloaded();
    const keys = contextOf(session, choices, watching);
    assert.deepEqual([keys[CONTEXT.nothingFailed], keys[CONTEXT.nothingRan]], [false, false], 'not known is not disabled');
    const log = { error() {}, show() {} } as unknown as vscode.LogOutputChannel;
    const own = createLauncher({ session, panel: panelDouble, log });
    const outcome = handlersOf({
      session,
      choices,
      launcher: own,
      watching,
      batches: createBatches(session, log),
      plans: plansDouble,
      analyses: analysesDouble,
      panel: panelDouble,
      outputs: outputsDouble,
      reports: { session, panel: panelDouble, extensionUri: vscode.Uri.file('/'), version: '0.0.0', async copy() {} },
      log,
    })['volley.rerunFailed']();
    await untilChange(session, () => session.activity !== undefined);
    assert.deepEqual(
      session.run?.operations.map(({ id }) => id as string),
      ['a'],
    );
    await session.cancel();
    assert.equal(await outcome, 'cancelled');
    own.dispose();
  });

  it('do nothing in Restricted Mode, whoever calls them', async () => {
    detect(rig.gate('a'));
    replaceGetter(vscode.workspace, 'isTrusted', false);
    for (const id of ['volley.runAll', 'volley.rerunFailed', 'volley.showOutput', 'volley.verify'] as const) {
      told.length = 0;
      assert.equal(await run(id), undefined, id);
      assert.match(told.join(), /Restricted Mode/, id);
    }
    assert.equal(rig.session.detection, undefined, 'nothing was even read');
    assert.equal(rig.session.run, undefined);
  });

  it('end when the session is closed', async () => {
    detect(rig.gate('a'));
    await rig.session.close();
    assert.equal(await run('volley.runAll'), undefined);
  });

  it('look again whether a tool that was missing is installed by now', async () => {
    detect(rig.gate('a'), rig.gate('b', { unavailable: true }));
    await rig.session.detect();
    detect(rig.gate('a'), rig.gate('b'));
    assert.deepEqual((await gatesOf('volley.runAll')).gates, ['a', 'b']);
  });

  it('run the gates of a configuration file as it is in the editor', async () => {
    detect(rig.gate('a'));
    await rig.session.detect();
    const uri = vscode.Uri.file(path.join(rig.folder, 'package.json'));
    await writeFile(uri.fsPath, '{}');
    const editor = await vscode.window.showTextDocument(uri);
    assert.ok(await editor.edit((edit) => edit.insert(new vscode.Position(0, 1), ' ')));
    assert.ok(editor.document.isDirty);
    detect(rig.gate('a'), rig.gate('b'));
    assert.deepEqual((await gatesOf('volley.runAll')).gates, ['a', 'b']);
    assert.equal(await readFile(uri.fsPath, 'utf8'), '{ }');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('cancel no gate of a verification by itself, and say why', async () => {
    detect(rig.gate('a'));
    const ended = run('volley.verify');
    await rig.until(() => rig.session.live(rig.gate('a').id)?.phase === 'running');
    await run('volley.cancelGate', 'a');
    await rig.session.cancel(rig.gate('a').id);
    assert.match(told.join(), /Cancel Run stops it as a whole/);
    assert.equal(rig.session.activity?.cancelling, false);
    assert.equal(rig.session.live(rig.gate('a').id)?.phase, 'running');
    await rig.session.cancel();
    assert.equal(await ended, 'cancelled');
  });

  it('are summed up in the status bar', async () => {
    assert.equal(statusOf(rig.session), undefined);
    const gates = [rig.gate('a'), rig.gate('b'), rig.gate('c')];
    detect(...gates);
    await rig.session.detect();
    assert.equal(statusOf(rig.session)?.text, '$(checklist) Volley 3 gates');
    const activity = rig.start(gates);
    await rig.release('a', { exitCode: 1, findings: [finding] });
    assert.match(statusOf(rig.session)?.text ?? '', /^\$\(sync~spin\) Volley 1\/3 · 1 failed · \d+s$/);
    await rig.release('b');
    await rig.release('c');
    await activity.finished;
    assert.deepEqual([statusOf(rig.session)?.text, statusOf(rig.session)?.background], ['$(error) Volley 1 failed', 'error']);
    await rig.runToEnd(rig.gate('a'));
    assert.equal(statusOf(rig.session)?.text, '$(pass) Volley 3 passed');
  });

  it('show the end of a large output, and say where the whole is', async () => {
    await rig.runToEnd(rig.gate('a'), { findings: ['x'.repeat(5000)] });
    const ran = rig.session.run?.run as RunId;
    const text = await outputText(rig.engine, ran, 'a' as OperationId, 1000);
    assert.match(text, /^\[Volley: .* before this were left out\. The whole output is in .*\]\n/);
    const whole = await outputText(rig.engine, ran, 'a' as OperationId);
    assert.ok(whole.includes('x'.repeat(5000)));
  });

  it('show less of a large output while its gate still writes', async () => {
    const gate = rig.gate('a');
    detect(gate);
    const asked: number[] = [];
    const { engine } = rig.session;
    const output = engine.output.bind(engine);
    engine.output = (ran, operation, limitBytes) => {
      asked.push(limitBytes);
      return output(ran, operation, limitBytes);
    };
    const activity = rig.start([gate]);
    await rig.until(() => rig.session.live(gate.id)?.phase === 'running');
    const ran = rig.session.run?.run as RunId;
    const shown = { run: ran, operation: 'a' as OperationId };
    assert.match(await documentText(rig.session, shown), /^(Waiting for .*)?$/s);
    await rig.release('a');
    await activity.finished;
    assert.match(await documentText(rig.session, shown), /^Waiting for /);
    assert.deepEqual(asked, [500_000, 10_000_000]);
    for (const file of (await engine.output(ran, shown.operation, 1))?.files ?? []) await rm(file, { force: true });
    assert.equal(await documentText(rig.session, shown), 'This output is no longer kept.\n');
  });

  it('detect again for configuration of the workspace, not of installed packages', () => {
    assert.equal(concernsDetection('/w/packages/a/package.json'), true);
    assert.equal(concernsDetection('/w/node_modules/a/package.json'), false);
    assert.equal(concernsDetection('/w/node_modules/.package-lock.json'), true);
    for (const file of ['.modules.yaml', '.yarn-integrity', '.yarn-state.yml']) {
      assert.equal(concernsDetection(`/w/node_modules/${file}`), true, file);
      assert.equal(concernsDetection(`/w/node_modules/a/${file}`), false, file);
    }
    assert.equal(concernsDetection('/w/.venv/pyvenv.cfg'), true);
    for (const file of ['package.json', 'uv.lock', 'poetry.lock', 'tsconfig.build.json', '.eslintrc.cjs']) {
      assert.equal(isConfiguration(`/w/${file}`), true, file);
    }
    for (const file of ['packageXjson', 'src/a.ts', 'node_modules/a/package.json']) {
      assert.equal(isConfiguration(`/w/${file}`), false, file);
    }
  });
});

describe('The extension', () => {
  let api: VolleyApi;
  before(async () => {
    const extension = vscode.extensions.getExtension<VolleyApi>('volley.volley');
    assert.ok(extension);
    api = await extension.activate();
  });

  it('registers every command', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      COMMANDS.filter((id) => !registered.has(id)),
      [],
    );
  });

  it('detects the gates of the open folder when asked to refresh, runs one and shows its output', async () => {
    await vscode.commands.executeCommand('volley.refresh');
    const gates = api.session.detection?.gates.filter(({ availability }) => availability.kind === 'available') ?? [];
    // Any gate does; a formatter is quick.
    const gate = gates.find(({ category }) => category === 'format') ?? gates[0];
    assert.ok(gate, 'the workspace of the tests has a gate');
    const outcome = await vscode.commands.executeCommand<RunOutcome>('volley.runGate', gate.id);
    assert.match(outcome, /^(passed|failed)$/);
    await untilChange(api.session, () => api.session.activity === undefined);
    await vscode.commands.executeCommand('volley.showOutput', gate.id);
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, OUTPUT_SCHEME);
    const last = api.session.last(gate.id);
    assert.ok(last);
    assert.equal(document?.getText(), await outputText(api.session.engine, last.run, last.operation.id));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('detects again when a configuration file changes', async () => {
    await api.session.detect();
    const file = path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'package.json');
    const text = await readFile(file, 'utf8');
    const detected = new Promise<void>((resolve) => {
      const listener = api.session.onDidChange((change) => {
        if (!change.detection) return;
        listener.dispose();
        resolve();
      });
    });
    await writeFile(file, `${text}\n`);
    await detected;
    await writeFile(file, text);
  });
});
