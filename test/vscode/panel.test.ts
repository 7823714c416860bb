import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { OperationId, RunId, VerificationId } from '../../src/core/model.js';
import type { ToWebview } from '../../src/protocol.js';
import type { VolleyApi } from '../../src/vscode/extension.js';
import { parseMemory, parseMessage } from '../../src/vscode/panel-messages.js';
import { commonRoot, pageOf } from '../../src/vscode/timing-panel.js';
import { openSession, type SessionRig } from '../support/editor-session.js';
import { openPanel, type PanelRig } from '../support/panel.js';

describe('The timing panel', () => {
  let rig: SessionRig;
  let panel: PanelRig;
  beforeEach(async () => {
    rig = await openSession();
    panel = openPanel(rig);
  });
  afterEach(async () => {
    panel.feed.dispose();
    await rig.dispose();
  });

  const updates = () => panel.posted.flatMap((message) => (message.type === 'update' ? [message] : []));
  const finding = 'a.ts(2,5): error TS2322: No.';

  it('is told nothing before its page is ready', async () => {
    await rig.runToEnd(rig.gate('a'));
    await panel.feed.show({ kind: 'latest' });
    assert.deepEqual(panel.posted, []);
  });

  it('says that there is nothing yet', async () => {
    await panel.ready();
    assert.deepEqual(panel.posted, [{ type: 'show', view: { kind: 'empty', trusted: true }, root: rig.folder }]);
  });

  it('is told the whole once, then only the operations that changed, until the run has ended', async () => {
    const gates = [rig.gate('a'), rig.gate('b')];
    const activity = rig.start(gates);
    await rig.until(() => gates.every(({ id }) => rig.session.live(id)?.phase === 'running'));
    await panel.ready();
    const [view] = panel.views();
    assert.equal(view?.kind, 'run');
    panel.posted.length = 0;
    await rig.release('a', { exitCode: 1, findings: [finding] });
    const changed = new Set(updates().flatMap(({ operations }) => operations.map(({ id }) => id as string)));
    assert.ok(changed.has('a'));
    assert.equal(
      updates()
        .flatMap(({ operations }) => operations)
        .find((each) => each.outcome)?.findings.length,
      1,
    );
    await rig.release('b');
    await activity.finished;
    assert.equal(updates().at(-1)?.outcome, 'failed');
    const clocks = updates().flatMap(({ outcome, now }) => (outcome === undefined ? [] : [now]));
    assert.deepEqual(new Set(clocks), new Set([rig.session.run?.at]), 'the clock of a run that has ended stands still');
    assert.deepEqual(panel.views(), [], 'no second time the whole');
  });

  it('follows a run that starts while it is open, with the edges of its plan', async () => {
    await panel.ready();
    const first = rig.gate('a');
    const second = { ...rig.gate('b'), needs: [first.id] };
    const activity = rig.start([first, second]);
    await rig.release('a');
    await rig.release('b');
    await activity.finished;
    const view = panel.view();
    assert.ok(view?.kind === 'run');
    assert.deepEqual(
      view.state.edges.map(({ from, to }) => [from, to]),
      [['a', 'b']],
    );
  });

  it('is told nothing while it is hidden, and everything when it is back', async () => {
    const activity = rig.start([rig.gate('a')]);
    await panel.ready();
    panel.feed.hidden();
    panel.posted.length = 0;
    await rig.release('a');
    await activity.finished;
    assert.deepEqual(panel.posted, []);
    await panel.ready();
    const [view] = panel.views();
    assert.ok(view?.kind === 'run');
    assert.equal(view.state.outcome, 'passed');
  });

  it('shows a past run from the history, and the newest again as soon as one starts', async () => {
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [finding] });
    const past = rig.session.run?.run as RunId;
    await rig.runToEnd(rig.gate('b'));
    await panel.ready();
    await panel.feed.show({ kind: 'run', run: past });
    const shown = () => {
      const view = panel.view();
      return view?.kind === 'run' ? view.state.operations.map(({ id }) => id as string) : undefined;
    };
    assert.deepEqual(shown(), ['a']);
    await rig.runToEnd(rig.gate('c'));
    assert.deepEqual(shown(), ['c']);
  });

  it('shows the newest run of an earlier window when nothing ran in this one', async () => {
    await rig.runToEnd(rig.gate('a'));
    const other = openPanel({ session: rig.reloaded(), folder: rig.folder });
    await other.ready();
    const view = other.view();
    assert.ok(view?.kind === 'run');
    assert.equal(view.state.operations[0]?.outcome?.kind, 'passed');
    other.feed.dispose();
  });

  it('shows a verification with all its trials, live and when it is over', async () => {
    await panel.ready();
    await rig.verifyToEnd(rig.gate('a'), 1);
    // The last look at it takes a turn of its own.
    await panel.feed.show({ kind: 'latest' });
    const views = panel.views().filter((view) => view.kind === 'verification');
    assert.ok(views.some(({ progress }) => progress?.trial === 1 && progress.of === 2));
    const last = views.at(-1);
    assert.equal(last?.progress, undefined);
    assert.equal(last?.runs.length, 2);
    assert.equal(last?.verification.trials.length, 2);
  });

  it('tells with a run what was measured of the same gates', async () => {
    const gate = rig.gate('a');
    const measured = await rig.verifyToEnd(gate, 1);
    const runWith = async (slots: number) => {
      const activity = rig.start([gate], { slots });
      await rig.release('a');
      await activity.finished;
      await panel.ready();
      const view = panel.view();
      assert.ok(view?.kind === 'run');
      return view.measured?.id;
    };
    const told = () => panel.views().some((view) => view.kind === 'run' && view.measured?.id === measured?.id);
    assert.equal(await runWith(2), measured?.id);
    panel.posted.length = 0;
    const live = rig.start([gate], { slots: 2 });
    await rig.release('a');
    await live.finished;
    // The history is read for it.
    while (!told()) await rig.session.history();
    assert.equal(await runWith(3), undefined, 'with other slots it is other work');
  });

  it('shows the newest when what it showed before a reload is gone', async () => {
    await rig.runToEnd(rig.gate('a'));
    await panel.ready();
    for (const target of [
      { kind: 'run', run: 'gone' as RunId },
      { kind: 'verification', verification: 'gone' as VerificationId },
    ] as const) {
      await panel.feed.show(target);
      const view = panel.view();
      assert.ok(view?.kind === 'run');
      assert.equal(view.state.run, rig.session.run?.run);
    }
    panel.posted.length = 0;
    await rig.runToEnd(rig.gate('b'));
    assert.ok(panel.posted.length > 0, 'and it follows what goes on');
  });

  it('tells the clock of the trial that goes on', async () => {
    const gate = rig.gate('a');
    const activity = rig.session.verify({ gates: [gate], scope: { kind: 'workspace' }, slots: 2, pairs: 1 });
    await rig.until(() => rig.session.live(gate.id)?.phase === 'running');
    const at = activity?.state()?.at ?? 0;
    assert.ok((activity?.now() ?? 0) > at, 'time passes without an event');
    await rig.session.cancel();
  });

  it('says so when an output is no longer kept, or there was none', async () => {
    await rig.runToEnd(rig.gate('a'));
    const run = rig.session.run?.run as RunId;
    await panel.ready();
    panel.posted.length = 0;
    for (const file of (await rig.engine.output(run, 'a' as OperationId, 1))?.files ?? []) await rm(file, { force: true });
    await panel.feed.receive({ type: 'request output', run, operation: 'a' });
    const [message] = panel.posted;
    assert.ok(message?.type === 'output');
    assert.equal(message.text, 'This output is no longer kept.');
  });

  it('shows paths from what lies above all folders', () => {
    const root = (...folders: string[]) => commonRoot(folders.map((folder) => path.resolve(folder)));
    assert.equal(root('/w/app'), path.resolve('/w/app'));
    assert.equal(root('/w/app', '/w/api/server'), path.resolve('/w'));
    assert.equal(root('/w/app', '/w/application'), path.resolve('/w'));
    assert.equal(root('/w', '/w/app'), path.resolve('/w'));
    assert.equal(commonRoot([]), '');
  });

  it('opens a place that a gate found, and no other', async () => {
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [finding] });
    await panel.ready();
    const file = rig.session.run?.operations[0]?.findings[0]?.file ?? '';
    await panel.feed.receive({ type: 'open finding', file, line: 2, column: 5 });
    await panel.feed.receive({ type: 'open finding', file, line: 3, column: 5 });
    await panel.feed.receive({ type: 'open finding', file: '/etc/passwd', line: 1, column: 1 });
    assert.deepEqual(panel.done, [`open ${file}:2`]);
  });

  it('gives the output of what it shows, and of nothing else', async () => {
    await rig.runToEnd(rig.gate('a'));
    const run = rig.session.run?.run as RunId;
    await panel.ready();
    panel.posted.length = 0;
    await panel.feed.receive({ type: 'request output', run, operation: 'a' });
    await panel.feed.receive({ type: 'request output', run, operation: '../../x' });
    await panel.feed.receive({ type: 'request output', run: '../..', operation: 'a' });
    assert.equal(panel.posted.length, 1);
    const [message] = panel.posted;
    assert.ok(message?.type === 'output');
    assert.match(message.text, /^Waiting for /);
    await panel.feed.receive({ type: 'open output', run, operation: 'a' });
    assert.deepEqual(panel.done, ['output a']);
  });

  it('runs, verifies and cancels on demand', async () => {
    await panel.ready();
    for (const message of [{ type: 'run again', operation: 'a' }, { type: 'run all' }, { type: 'verify' }, { type: 'cancel' }]) {
      await panel.feed.receive(message);
    }
    assert.deepEqual(panel.done, ['run a', 'run all', 'verify', 'cancel']);
  });

  it('ignores whatever is not a message', () => {
    const wrong = [
      undefined,
      null,
      'ready',
      {},
      { type: 'quit' },
      { type: 'run again' },
      { type: 'open finding', file: '/x', line: '1', column: 1 },
      { type: 'open finding', file: '/x', line: 0, column: 1 },
      { type: 'open finding', file: '/x', line: Number.NaN, column: 1 },
      { type: 'request output', run: 1, operation: 'a' },
    ];
    for (const message of wrong) assert.equal(parseMessage(message), undefined, JSON.stringify(message));
    assert.deepEqual(parseMessage({ type: 'cancel', more: 'ignored' }), { type: 'cancel' });
    assert.deepEqual(parseMessage({ type: 'run again', operation: 'a' }), { type: 'run again', operation: 'a' as OperationId });
  });

  it('shows after a reload what it showed before', () => {
    const memory = { version: 1, collapsed: [], sort: { column: 'order', descending: false } };
    assert.deepEqual(parseMemory({ ...memory, run: 'r-1' }), { kind: 'run', run: 'r-1' });
    assert.deepEqual(parseMemory({ ...memory, verification: 'v-1' }), { kind: 'verification', verification: 'v-1' });
    assert.deepEqual(parseMemory(memory), { kind: 'latest' });
    for (const damaged of [undefined, 'x', { version: 2, run: 'r-1' }, { ...memory, run: '../../x' }]) {
      assert.deepEqual(parseMemory(damaged), { kind: 'latest' });
    }
  });

  it('has a page that allows its own bundle and nothing else', () => {
    const webview = {
      cspSource: 'https://own.example',
      asWebviewUri: (uri: vscode.Uri) => uri.with({ scheme: 'https', authority: 'own.example' }),
    };
    const page = pageOf(webview, vscode.Uri.file('/extension'));
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'nonce-[0-9a-f]{32}'; style-src https:\/\/own\.example;/);
    assert.ok(!policy.includes('unsafe'));
    const nonce = /'nonce-(\w+)'/.exec(policy)?.[1];
    assert.deepEqual(
      [...page.matchAll(/<script ([^>]*)>/g)].map(([, attributes]) => attributes),
      [`nonce="${nonce}" src="https://own.example/extension/dist/webview.js"`],
    );
    assert.notEqual(page, pageOf(webview, vscode.Uri.file('/extension')), 'a nonce is used once');
  });
});

describe('The timing panel in the editor', () => {
  it('loads its page under its policy, and again after it was hidden', async () => {
    const api = await vscode.extensions.getExtension<VolleyApi>('volley.volley')?.activate();
    assert.ok(api);
    const { panel } = api;
    const shown = () =>
      new Promise<ToWebview>((resolve) => {
        const listener = panel.onDidPost((message) => {
          if (message.type !== 'show') return;
          listener.dispose();
          resolve(message);
        });
      });
    // Its page says `ready` when its script runs; only then it is sent anything.
    const first = shown();
    await panel.show();
    assert.equal((await first).type, 'show');
    assert.equal(panel.visible, true);
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, 'package.json'), { viewColumn: vscode.ViewColumn.Active });
    const second = shown();
    await panel.show();
    assert.equal((await second).type, 'show');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal(panel.visible, false);
  });
});
