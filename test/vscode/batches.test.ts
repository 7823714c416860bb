import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Engine } from '../../src/core/engine.js';
import type { OperationId, RunOutcome } from '../../src/core/model.js';
import { askAboutInterrupted } from '../../src/vscode/batch-end.js';
import { type Batches, batchUriOf, createBatches } from '../../src/vscode/batches.js';
import { createChoices } from '../../src/vscode/choices.js';
import { type Handler, handlersOf } from '../../src/vscode/commands.js';
import { editorHost } from '../../src/vscode/editor-host.js';
import type { VolleyApi } from '../../src/vscode/extension.js';
import { createGatesProvider } from '../../src/vscode/gates-view.js';
import { editorModel } from '../../src/vscode/language-model.js';
import { createLauncher, failureSummary, type Launcher } from '../../src/vscode/launch.js';
import { batchFileOf, batchLabel, type CommandId, PLAN_SCHEME } from '../../src/vscode/names.js';
import { createRunsProvider } from '../../src/vscode/runs-view.js';
import { type ActivityEnd, operationOf } from '../../src/vscode/session.js';
import { statusOf } from '../../src/vscode/status-bar.js';
import { createWatching, type Watching } from '../../src/vscode/watching.js';
import { memento, openSession, type SessionRig, untilChange } from '../support/editor-session.js';
import { openPanel } from '../support/panel.js';
import { eventually } from '../support/processes.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const read = (id: string, file: string) => ({ id, tool: 'read', input: { path: file } });
const sh = (id: string, shell: string) => ({ id, tool: 'command', input: { shell } });
const batchText = (...operations: readonly unknown[]) => JSON.stringify({ operations }, null, 2);

describe('Batch files', () => {
  let rig: SessionRig;
  let launcher: Launcher;
  let watching: Watching;
  let batches: Batches;
  let handlers: Readonly<Record<CommandId, Handler>>;
  let told: string[];
  let answer: (text: string) => string | undefined;
  let ends: ActivityEnd[];
  const restore: (() => void)[] = [];

  beforeEach(async () => {
    rig = await openSession();
    told = [];
    ends = [];
    answer = () => undefined;
    const choices = createChoices(memento());
    const panel = {
      visible: false,
      shown: () => undefined,
      onDidPost: new vscode.EventEmitter<never>().event,
      async show() {},
      dispose() {},
    };
    const outputs = { open: async () => undefined as never, dispose() {} };
    const log = { ...silent, show() {} } as unknown as vscode.LogOutputChannel;
    launcher = createLauncher({ session: rig.session, panel, log: silent });
    watching = createWatching(rig.session, silent);
    batches = createBatches(rig.session, silent);
    const analyses = { async analyse() {}, async openBatch() {}, async saveReport() {}, dispose() {} };
    const reports = { session: rig.session, panel, extensionUri: vscode.Uri.file('/'), version: '0.0.0', async copy() {} };
    const plans = { async explain() {}, dispose() {} };
    const others = { plans, analyses, outputs, reports, log };
    handlers = handlersOf({ session: rig.session, choices, launcher, watching, batches, panel, ...others });
    const listener = rig.session.onDidFinish((end) => ends.push(end));
    restore.push(() => vscode.Disposable.from(listener, choices).dispose());
    for (const method of ['showInformationMessage', 'showWarningMessage', 'showErrorMessage'] as const) {
      replace(vscode.window, method, async (text: string) => {
        told.push(text);
        return answer(text);
      });
    }
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const undo of restore.splice(0)) undo();
    await watching.stop();
    vscode.Disposable.from(watching, batches, launcher).dispose();
    await rig.dispose();
  });

  function replace<Target extends object, Key extends keyof Target>(target: Target, key: Key, value: unknown): void {
    const original = target[key];
    Object.assign(target, { [key]: value });
    restore.push(() => Object.assign(target, { [key]: original }));
  }
  async function write(name: string, text: string): Promise<vscode.Uri> {
    const file = path.join(rig.folder, name);
    await writeFile(file, text);
    return vscode.Uri.file(file);
  }
  const batch = (...operations: readonly unknown[]) => write('own.batch.jsonc', batchText(...operations));
  const run = (id: CommandId, ...args: unknown[]) => handlers[id](...args) as Promise<RunOutcome | undefined>;
  const outcomes = () => rig.session.run?.operations.map(({ id, outcome }) => `${id}: ${outcome?.kind}`);
  const text = async (id: string) => {
    const shown = rig.session.run;
    return shown && (await rig.engine.output(shown.run, id as OperationId, 10_000))?.text;
  };
  const running = () => rig.session.run?.operations.some(({ phase }) => phase === 'running') ?? false;
  const replaceText = async (document: vscode.TextDocument, text: string) => {
    const edit = new vscode.WorkspaceEdit();
    const all = new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end);
    edit.replace(document.uri, all, text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  };

  it('have their problems in place, as they are typed, which go away when they are mended', async () => {
    // By the extension itself: what is typed is looked at without a command.
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder');
    const uri = vscode.Uri.joinPath(folder, 'problems.batch.jsonc');
    await writeFile(uri.fsPath, '{\n  "operations": [\n    { "id": "a", "tool": "reed", "input": {} }\n  ]\n}\n');
    const own = () => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'volley');
    await vscode.extensions.getExtension<VolleyApi>('volley.volley')?.activate();
    const { document } = await vscode.window.showTextDocument(uri);
    assert.equal(document.languageId, 'jsonc');
    await eventually('a problem', async () => own().length > 0);
    const [problem] = own();
    assert.equal(problem?.range.start.line, 2);
    assert.match(problem.message, /tool.*has to be "read"/);
    await replaceText(document, '{ "operations": [{ "id": "a", "tool": "read", "input": { "path": "package.json" } }] }');
    await eventually('no problem', async () => own().length === 0);
    await replaceText(document, '{ "operations": [{ "id": "a" ');
    await eventually('a problem again', async () => own().length > 0);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await rm(uri.fsPath);
  });

  it('have commands above their operations', async () => {
    const uri = await write('lens.batch.jsonc', '{\n  // Note.\n  "operations": []\n}\n');
    await vscode.workspace.openTextDocument(uri);
    const lenses = (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri)) ?? [];
    // Those of this test's own provider and of the extension's.
    const shown = new Map(lenses.map(({ command, range }) => [command?.title, [command?.command, range.start.line]]));
    assert.deepEqual(
      [...shown],
      [
        ['$(run-all) Run', ['volley.runBatch', 2]],
        ['$(dashboard) Verify', ['volley.verifyBatch', 2]],
        ['$(settings) Tune', ['volley.tuneBatch', 2]],
        ['$(list-tree) Explain Plan', ['volley.explainBatch', 2]],
      ],
    );
    assert.equal(String(lenses[0]?.command?.arguments?.[0]), uri.toString());
  });

  it('say when their budget was used up, and open what is left', async () => {
    await write('long.txt', 'word '.repeat(400));
    const operations = Array.from({ length: 12 }, (_, index) => read(`r${index}`, 'long.txt'));
    const uri = await write('budget.batch.jsonc', JSON.stringify({ budget: { tokens: 600 }, operations }));
    answer = (text) => (text.includes('context budget') ? 'Open the Rest' : undefined);
    await run('volley.runBatch', uri);
    await eventually(
      'the rest',
      () => vscode.window.activeTextEditor?.document.fileName.endsWith('handoff.batch.jsonc') ?? false,
    );
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /What is left of a batch/);
  });

  it('say which group was put back, and why', async () => {
    const group = [
      { id: 'w', tool: 'write', input: { path: 'new.txt', content: 'x' } },
      { ...sh('fails', 'exit 1'), writes: [] },
    ];
    await run('volley.runBatch', await batch({ id: 'g', atomic: true, sequence: group }));
    await eventually('a message', () =>
      told.some((text) => text.includes('was rolled back because “fails” did not pass: 1 file put back')),
    );
  });

  it('that were cut short are asked about when the folder is opened again', async () => {
    const left = { label: 'Batch x', at: '2026-01-01T00:00:00.000Z', files: ['/a', '/b'] };
    const done: string[] = [];
    const engine = {
      interrupted: async () => ['one', 'two', 'three'].map((id) => ({ id, ...left })),
      keepInterrupted: async (id: string) => void done.push(`keep ${id}`),
      undoFix: async (id: string) => {
        done.push(`undo ${id}`);
        return { restored: ['/a'], conflicts: ['/b'], failed: [] };
      },
    } as unknown as Engine;
    const answers = ['Put Back', 'Keep as It Is', undefined];
    answer = (text) => (text.includes('cut short') ? answers.shift() : undefined);
    await askAboutInterrupted(engine);
    assert.deepEqual(done, ['undo one', 'keep two']);
    assert.match(told[0] ?? '', /^Batch x was cut short before it was whole\. 2 files can be put back/);
    assert.match(told[1] ?? '', /^1 file put back\. Not put back, since changed again/);
  });

  it('run, and their results are those of the session and of the Runs view, but of no gate', async () => {
    await write('a.txt', 'of a');
    const gate = rig.gate('a');
    rig.detects([gate]);
    await rig.session.detect();
    const uri = await batch(read('a', 'a.txt'), sh('b', 'exit 3'));
    assert.equal(await run('volley.runBatch', uri), 'failed');
    assert.deepEqual(outcomes(), ['a: passed', 'b: failed']);
    assert.equal(await text('a'), 'of a');
    assert.equal(rig.session.last(gate.id), undefined, 'a gate with the id of an operation has no result by it');
    const gates = createGatesProvider({ session: rig.session, choices: createChoices(memento()) });
    const rows = await gates.getChildren();
    const [row] = (await gates.getChildren(rows?.[0])) ?? [];
    assert.ok(row);
    assert.doesNotMatch(String((await gates.getTreeItem(row)).description), /passed|running/);
    gates.dispose();
    const runs = createRunsProvider(rig.session);
    const [entry] = (await runs.getChildren()) ?? [];
    assert.ok(entry);
    const item = await runs.getTreeItem(entry);
    assert.match(String(item.label), /^Batch .*own\.batch\.jsonc$/);
    assert.match(String(item.tooltip), /\n2 operations in parallel in [^,]*\n/);
    runs.dispose();
    assert.deepEqual(
      ends.map((end) => failureSummary(end)),
      [`${batchLabel(vscode.workspace.asRelativePath(uri), false)}: 1 of 2 operations failed.`],
    );
    assert.match(statusOf(rig.session)?.text ?? '', /1 gate$/, 'the status bar sums up gates');
    // Another window knows of no result of the gate either.
    const later = rig.reloaded();
    await later.restored();
    assert.equal(later.last(gate.id), undefined);
  });

  it('ask as gates do when something runs already, and count as operations meanwhile', async () => {
    const first = await batch(sh('slow', 'while [ ! -e end ]; do sleep 0.02; done'));
    const second = await write('second.batch.jsonc', batchText(sh('quick', 'true')));
    const ended = run('volley.runBatch', first);
    await rig.until(running);
    assert.match(statusOf(rig.session)?.tooltip ?? '', /0 of 1 operation done/);
    assert.equal(rig.session.live(rig.gate('slow').id), undefined);
    assert.equal(await run('volley.runBatch', second), undefined);
    assert.match(told.join(), /own\.batch\.jsonc" still runs.*second\.batch\.jsonc" has not started/);
    answer = () => 'Cancel It and Start';
    assert.equal(await run('volley.runBatch', second), 'passed');
    assert.equal(await ended, 'cancelled');
    assert.deepEqual(outcomes(), ['quick: passed']);
  });

  it('run as they stand in the editor, and not at all while something is wrong with them', async () => {
    const uri = await batch(sh('old', 'true'));
    const { document } = await vscode.window.showTextDocument(uri);
    await replaceText(document, batchText(sh('new', 'true')));
    assert.equal(await run('volley.runBatch'), 'passed', 'the active editor is meant when nothing is');
    assert.deepEqual(outcomes(), ['new: passed']);
    await replaceText(document, batchText({ id: 'wrong', tool: 'nothing', input: {} }, read('other', '')));
    assert.equal(await run('volley.runBatch', uri), undefined);
    assert.match(told.join(), /The batch has .*problem.*nothing of it runs/);
    assert.deepEqual(outcomes(), ['new: passed']);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    assert.equal(await run('volley.runBatch', await write('other.json', '{}')), undefined);
    assert.match(told.at(-1) ?? '', /Open a batch file first/);
  });

  it('have their plan explained in a document beside them', async () => {
    const uri = await batch({ id: 'w', tool: 'write', input: { path: 'a.txt', content: 'a' } }, read('r', 'a.txt'));
    await run('volley.explainBatch', uri);
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, PLAN_SCHEME);
    assert.match(document.uri.path, /own\.batch\.jsonc\.plan\.txt$/);
    assert.match(document.getText(), /it reads what that one writes \(a\.txt\)/);
    assert.equal(rig.session.run, undefined, 'nothing ran');
  });

  it('are measured, each file as it was after each trial', async () => {
    await write('count.txt', '1');
    const uri = await batch(
      { id: 'edit', tool: 'edit', input: { path: 'count.txt', replacements: [{ old: '1', new: '2' }] } },
      sh('check', 'test "$(cat count.txt)" = 2'),
    );
    const settings = vscode.workspace.getConfiguration('volley');
    await settings.update('verify.pairs', 3, vscode.ConfigurationTarget.Global);
    assert.equal(await run('volley.verifyBatch', uri), 'passed', JSON.stringify(outcomes()));
    await settings.update('verify.pairs', undefined, vscode.ConfigurationTarget.Global);
    assert.equal(await readFile(path.join(rig.folder, 'count.txt'), 'utf8'), '1');
    const { verification, runs } = rig.session.verification ?? assert.fail('nothing was measured');
    assert.equal(verification.ratios.length, 3);
    assert.deepEqual(verification.differences, []);
    assert.ok(runs.every(({ label, batch }) => batch && batchFileOf(label)?.endsWith('own.batch.jsonc')));
    assert.match(told.join(), /^Verify .*own\.batch\.jsonc: /);
    const provider = createRunsProvider(rig.session);
    const [entry] = (await provider.getChildren()) ?? [];
    assert.ok(entry);
    assert.match(String((await provider.getTreeItem(entry)).label), /^Verify .*own\.batch\.jsonc$/);
    provider.dispose();
  });

  it('execute nothing in Restricted Mode', async () => {
    const original = Object.getOwnPropertyDescriptor(vscode.workspace, 'isTrusted') ?? assert.fail();
    Object.defineProperty(vscode.workspace, 'isTrusted', { configurable: true, enumerable: true, get: () => false });
    restore.push(() => Object.defineProperty(vscode.workspace, 'isTrusted', original));
    const uri = await batch(sh('trap', 'touch executed'));
    for (const id of ['volley.runBatch', 'volley.verifyBatch', 'volley.explainBatch'] as const) {
      told.length = 0;
      assert.equal(await run(id, uri), undefined, id);
      assert.match(told.join(), /batches in Restricted Mode/, id);
    }
    assert.equal(rig.session.run, undefined);
    await assert.rejects(readFile(path.join(rig.folder, 'executed')));
  });

  it('run again from the panel as a whole, whatever the page asks for', async () => {
    const panel = openPanel(rig);
    const uri = await batch(sh('a', 'echo said'));
    await run('volley.runBatch', uri);
    await panel.ready();
    const shown = rig.session.run?.run;
    for (const message of [
      { type: 'run again', operation: 'a' },
      { type: 'run all' },
      { type: 'verify' },
      { type: 'open output', run: shown, operation: 'a' },
      { type: 'open answer', run: shown },
      { type: 'copy answer', run: shown },
      { type: 'copy answer', run: 'another' },
    ])
      await panel.feed.receive(message);
    const file = vscode.workspace.asRelativePath(uri);
    assert.deepEqual(panel.done, [
      `run ${batchLabel(file, false)}`,
      `verify ${batchLabel(file, false)}`,
      'output a',
      'open answer',
      'copy answer',
    ]);
    panel.feed.dispose();
  });

  it('are found again by the label of a run, as long as they are there', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder');
    const uri = vscode.Uri.joinPath(folder, 'again, once more.batch.jsonc');
    await writeFile(uri.fsPath, batchText());
    const label = batchLabel(vscode.workspace.asRelativePath(uri), true);
    for (const each of [label, `${label}, sequential 1`]) assert.equal((await batchUriOf(each))?.toString(), uri.toString());
    await rm(uri.fsPath);
    assert.equal(await batchUriOf(label), undefined);
    assert.equal(await batchUriOf('Run All Gates'), undefined);
  });
});

describe('What the editor supplies to batches', () => {
  let folder: string;
  beforeEach(async () => {
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no folder');
    folder = await realpath(await mkdtemp(path.join(workspace, 'unsaved-')));
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await rm(folder, { recursive: true });
  });

  it('is the unsaved text of editors: it is what is read, and what is not written over', async () => {
    const { session } = (await vscode.extensions.getExtension<VolleyApi>('volley.volley')?.activate()) ?? assert.fail();
    const file = path.join(folder, 'a.txt');
    await writeFile(file, 'on disk');
    const base = path.basename(folder);
    const operations = [
      read('read', `${base}/a.txt`),
      { id: 'grep', tool: 'grep', input: { pattern: 'typed', paths: base } },
      { id: 'write', tool: 'write', input: { path: `${base}/a.txt`, content: 'written' } },
      { id: 'edit', tool: 'edit', input: { path: `${base}/a.txt`, replacements: [{ old: 'typed', new: 'edited' }] } },
    ];
    const uri = vscode.Uri.file(path.join(folder, 'unsaved.batch.jsonc'));
    await writeFile(uri.fsPath, batchText(...operations));
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(file));
    const host = editorHost({ storageUri: undefined, globalStorageUri: uri, asAbsolutePath: (each) => each }, silent as never);
    assert.equal(host.unsaved?.(file), undefined);
    assert.deepEqual(host.unsavedFiles?.(), []);
    assert.ok(await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'typed, not ')));
    assert.equal(host.unsaved?.(file), 'typed, not on disk');
    assert.deepEqual(host.unsavedFiles?.(), [file]);
    await vscode.commands.executeCommand('volley.runBatch', uri);
    await untilIdle(session);
    const shown = session.run ?? assert.fail('nothing ran');
    const said = async (id: string) => (await session.engine.output(shown.run, operationOf(id as never), 10_000))?.text;
    assert.deepEqual(
      shown.operations.map(({ id, outcome }) => `${id}: ${outcome?.kind}`),
      ['read: passed', 'grep: passed', 'write: errored', 'edit: errored'],
    );
    assert.equal(await said('read'), 'typed, not on disk');
    assert.match((await said('grep')) ?? '', /typed, not on disk/);
    for (const id of ['write', 'edit']) assert.match((await said(id)) ?? '', /unsaved changes in the editor/, id);
    assert.equal(editor.document.getText(), 'typed, not on disk');
    assert.equal(await readFile(file, 'utf8'), 'on disk');
    await vscode.window.showTextDocument(editor.document);
  });

  it('is its language model, by name or its first, with what holds for the whole before the prompt', async () => {
    const asked: string[][] = [];
    const model = (family: string, piece = family) =>
      ({
        ...{ id: `${family}-1`, family, name: family.toUpperCase(), countTokens: async (text: string) => text.length },
        async sendRequest(messages: vscode.LanguageModelChatMessage[], _options: object, token: vscode.CancellationToken) {
          asked.push(messages.map(({ content }) => (content[0] as vscode.LanguageModelTextPart).value));
          assert.equal(token.isCancellationRequested, false);
          const text = (async function* () {
            yield 'I am ';
            yield piece;
          })();
          return { text };
        },
      }) as unknown as vscode.LanguageModelChat;
    const { ask, count } = editorModel(async () => [model('one'), model('two')]);
    const { signal } = new AbortController();
    assert.deepEqual(await ask({ prompt: 'Who?' }, signal), { text: 'I am one', model: 'one', tokens: 12 });
    assert.deepEqual(await ask({ prompt: 'Who?', system: 'Be brief.', model: 'TWO' }, signal), {
      ...{ text: 'I am two', model: 'two', tokens: 21 },
    });
    assert.deepEqual(asked, [['Who?'], ['Be brief.', 'Who?']]);
    assert.equal(await count?.('four'), 4);
    await assert.rejects(ask({ prompt: 'Who?', model: 'three' }, signal), /no language model named “three”.*one, two/);
    const none = editorModel(async () => []);
    await assert.rejects(none.ask({ prompt: 'Who?' }, signal), /No language model is installed in this editor\./);
  });
});

function untilIdle(session: VolleyApi['session']): Promise<void> {
  return untilChange(session, () => session.activity === undefined);
}
