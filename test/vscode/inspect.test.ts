import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { FileProblems, InspectedFile } from '../../src/core/inspect/row.js';
import type { RunId } from '../../src/core/model.js';
import type { ToWebview } from '../../src/protocol.js';
import type { VolleyApi } from '../../src/vscode/extension.js';
import { exportInspection } from '../../src/vscode/inspection-export.js';
import { createInspectionFeed } from '../../src/vscode/inspection-feed.js';
import { eventually } from '../support/processes.js';

type Shown = Extract<ToWebview, { type: 'show' }>['view'];

describe('Inspect Selected Files', () => {
  let api: VolleyApi;
  let folder: string;
  let messages: ToWebview[];
  let listening: vscode.Disposable;
  const restore: (() => void)[] = [];

  before(async () => {
    const found = await vscode.extensions.getExtension<VolleyApi>('volley.volley')?.activate();
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.ok(found && root);
    api = found;
    folder = await realpath(await mkdtemp(path.join(root, 'inspect-')));
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    messages = [];
    listening = api.panel.onDidPost((message) => messages.push(message));
    await write('a.ts', 'one\n// TODO two\n');
    await write('b #1 ü.md', '# Two \r\n');
  });
  afterEach(async () => {
    listening.dispose();
    for (const undo of restore.splice(0)) undo();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  async function write(name: string, text: string): Promise<vscode.Uri> {
    await writeFile(path.join(folder, name), text);
    return vscode.Uri.file(path.join(folder, name));
  }
  function replace<Target extends object, Key extends keyof Target>(target: Target, key: Key, value: unknown): void {
    const original = target[key];
    Object.assign(target, { [key]: value });
    restore.push(() => Object.assign(target, { [key]: original }));
  }
  const uri = (name: string) => vscode.Uri.file(path.join(folder, name));
  const ended = (): (Shown & { kind: 'inspection' }) | undefined =>
    messages
      .flatMap((message) => (message.type === 'show' && message.view.kind === 'inspection' ? [message.view] : []))
      .findLast((view) => view.state.kind === 'ended');
  const rows = (): readonly InspectedFile[] => {
    const view = ended();
    // Those of while it went on are sent anew.
    const after = messages.slice(messages.findLastIndex((message) => message.type === 'show' && message.view === view));
    return after.flatMap((message) => (message.type === 'inspected' && message.run === view?.run ? message.files : []));
  };
  const names = () => rows().map((row) => path.posix.basename(row.path));
  const table = async () => {
    await eventually('the table', async () => {
      const view = ended();
      return view?.state.kind === 'ended' && rows().length === view.state.files;
    });
    return ended()?.run as RunId;
  };

  it('shows a table of what is selected in the Explorer, and of what lies in a folder', async () => {
    await vscode.commands.executeCommand('volley.inspectSelected', uri('a.ts'), [uri('a.ts'), uri('b #1 ü.md')]);
    await table();
    assert.deepEqual(names(), ['a.ts', 'b #1 ü.md']);
    const [first, second] = rows();
    assert.ok(first?.kind === 'text' && second?.kind === 'text');
    assert.deepEqual(
      [first.language, first.markers.length, second.lineEndings, second.trailingWhitespace?.count],
      ['TypeScript', 1, 'crlf', 1],
    );
    assert.ok(api.panel.visible);
    messages.length = 0;
    await vscode.commands.executeCommand('volley.inspectSelected', vscode.Uri.file(folder));
    await table();
    assert.deepEqual(names(), ['a.ts', 'b #1 ü.md']);
  });

  it('inspects what is chosen in the Files view, a row of it, and what the next run is about', async () => {
    await api.choices.addFiles([uri('a.ts'), uri('b #1 ü.md')]);
    restore.push(() => api.choices.removeFiles(api.choices.files.map((file) => file.path)));
    const [, , , , selected] = (await api.files.getChildren()) ?? [];
    const [first] = (await api.files.getChildren(selected)) ?? [];
    await vscode.commands.executeCommand('volley.inspectSelected', first);
    await table();
    assert.deepEqual(names(), ['a.ts']);
    messages.length = 0;
    await vscode.commands.executeCommand('volley.inspectScope', selected);
    await table();
    assert.deepEqual(names(), ['a.ts', 'b #1 ü.md']);
    messages.length = 0;
    await vscode.commands.executeCommand('volley.inspectScope');
    await table();
    assert.deepEqual(names(), ['a.ts', 'b #1 ü.md']);
  });

  it('sends rows as pieces end: each once, until another is shown', async () => {
    const posted: ToWebview[] = [];
    const feed = createInspectionFeed((message) => posted.push(message));
    const files: InspectedFile[] = [];
    const soFar = { folder, files };
    const add = (...names: readonly string[]) =>
      files.push(...names.map((name): InspectedFile => ({ kind: 'unread', path: name, message: '' })));
    const sent = () =>
      posted.flatMap((message) => (message.type === 'inspected' ? [[message.from, message.files.map((file) => file.path)]] : []));
    const run = 'one' as RunId;
    add('b.ts');
    const first = feed.grow(run, soFar);
    add('a.ts');
    // What comes while others are on their way goes with these.
    await Promise.all([first, feed.grow(run, soFar)]);
    await feed.grow(run, soFar);
    assert.deepEqual(sent(), [
      [0, ['b.ts']],
      [1, ['a.ts']],
    ]);
    assert.equal(feed.file(run, 1), path.join(folder, 'a.ts'));
    assert.equal(feed.file(run, 2), undefined);
    assert.equal(feed.file('other' as RunId, 0), undefined);
    feed.hide();
    posted.length = 0;
    await feed.grow(run, soFar);
    assert.deepEqual(sent(), [[0, ['b.ts', 'a.ts']]], 'a page that comes back begins with nothing');
    feed.dispose();
  });

  it('asks from the palette, where nothing is selected', async () => {
    await vscode.window.showTextDocument(uri('a.ts'));
    const offered: string[] = [];
    replace(vscode.window, 'showQuickPick', async (items: readonly { readonly label: string }[]) => {
      offered.push(...items.map(({ label }) => label));
      return items.find(({ label }) => label === 'Open Editors');
    });
    await vscode.commands.executeCommand('volley.inspectSelected');
    await table();
    assert.deepEqual(offered, ['Open Editors', 'Changed Files', 'Staged Files', 'Workspace']);
    assert.deepEqual(names(), ['a.ts']);
  });

  it('inspects unsaved text as the user sees it, and saves nothing', async () => {
    const { document } = await vscode.window.showTextDocument(uri('a.ts'));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), 'BUG\nFIXME\n');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await vscode.commands.executeCommand('volley.inspectSelected', document.uri);
    await table();
    const [row] = rows();
    assert.ok(row?.kind === 'text' && row.unsaved);
    assert.deepEqual(
      row.markers.map(({ kind }) => kind),
      ['BUG', 'FIXME', 'TODO'],
    );
    assert.ok(document.isDirty);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('tells the problems of the files as they change', async () => {
    const collection = vscode.languages.createDiagnosticCollection('inspected');
    restore.push(() => collection.dispose());
    const problem = (line: number, severity: vscode.DiagnosticSeverity) =>
      new vscode.Diagnostic(new vscode.Range(line, 2, line, 3), 'x', severity);
    const { Error: error, Warning: warning } = vscode.DiagnosticSeverity;
    collection.set(uri('a.ts'), [problem(1, warning), problem(0, error)]);
    await vscode.commands.executeCommand('volley.inspectSelected', uri('a.ts'), [uri('a.ts'), uri('b #1 ü.md')]);
    await table();
    const known = () => {
      const all = new Map<number, FileProblems | null>();
      for (const message of messages)
        if (message.type === 'problems') for (const [index, each] of message.files) all.set(index, each);
      return all;
    };
    await eventually('problems', async () => known().get(0)?.errors === 1);
    assert.deepEqual(known().get(0), { errors: 1, warnings: 1, others: 0, place: { line: 1, column: 3 } });
    collection.set(uri('b #1 ü.md'), [problem(0, warning)]);
    await eventually('a new problem', async () => known().get(1)?.warnings === 1);
    collection.delete(uri('a.ts'));
    await eventually('no problem any more', async () => known().get(0) === null);
  });

  it('opens its table again from the Runs view, and the timing tree of it', async () => {
    await vscode.commands.executeCommand('volley.inspectSelected', uri('a.ts'));
    const run = await table();
    const nodes = (await api.runs.getChildren()) ?? [];
    const node = nodes.find((each) => each.kind === 'run' && each.entry.run === run);
    assert.ok(node);
    const item = await api.runs.getTreeItem(node);
    assert.equal(item.label, 'Inspect 1 file');
    assert.deepEqual(item.command?.arguments, [{ inspection: run }]);
    messages.length = 0;
    await vscode.commands.executeCommand('volley.openRun', { run });
    await eventually('the timing tree', async () =>
      messages.some(
        (message) => message.type === 'show' && message.view.kind === 'run' && message.view.state.inspection === true,
      ),
    );
    messages.length = 0;
    await vscode.commands.executeCommand(item.command?.command ?? '', ...(item.command?.arguments ?? []));
    await table();
    assert.deepEqual(names(), ['a.ts']);
  });

  it('exports rows where the user says', async () => {
    await vscode.commands.executeCommand('volley.inspectSelected', vscode.Uri.file(folder));
    const inspection = await api.session.engine.inspection(await table());
    assert.ok(inspection);
    const target = uri('table.out');
    replace(vscode.window, 'showSaveDialog', async () => target);
    const told: string[] = [];
    replace(vscode.window, 'showInformationMessage', async (text: string) => void told.push(text));
    const exported = inspection.files.map((file) => ({ file }));
    await exportInspection(inspection, exported, 'csv');
    assert.match(await readFile(target.fsPath, 'utf8'), /^\ufeffFile,Kind,Lines.*\r\n.*\/a\.ts,text,2,/);
    await exportInspection(inspection, exported.slice(0, 1), 'json');
    assert.equal(JSON.parse(await readFile(target.fsPath, 'utf8')).files.length, 1);
    await exportInspection(inspection, exported, 'markdown');
    assert.match(await readFile(target.fsPath, 'utf8'), /\| File \| Lines \|/);
    assert.equal(told[0], '2 rows exported to table.out.');
    await rm(target.fsPath);
  });

  it('says why there is nothing to inspect', async () => {
    const told: string[] = [];
    replace(vscode.window, 'showInformationMessage', async (text: string) => void told.push(text));
    await vscode.commands.executeCommand('volley.inspectSelected', vscode.Uri.file('/'));
    assert.match(told[0] ?? '', /does not lie in the workspace/);
  });
});
