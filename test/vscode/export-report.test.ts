import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import * as vscode from 'vscode';
import { REPORT_FORMATS } from '../../src/core/report/format-table.js';
import { exportReport, type ReportExport } from '../../src/vscode/export-report.js';
import { createRunsProvider, type RunsNode } from '../../src/vscode/runs-view.js';
import type { TimingPanel } from '../../src/vscode/timing-panel.js';
import { openSession, type SessionRig } from '../support/editor-session.js';

const finding = 'a.ts(1,1): error TS2322: No | way.';

describe('Export Report', () => {
  let rig: SessionRig;
  let options: ReportExport;
  let shown: ReturnType<TimingPanel['shown']>;
  let told: string[];
  /** What the user picks, in order; undefined where one is dismissed. */
  let picks: (RegExp | undefined)[];
  let offered: string[][];
  let typed: string | undefined;
  let copied: string;
  const restore: (() => void)[] = [];

  beforeEach(async () => {
    rig = await openSession();
    shown = undefined;
    told = [];
    picks = [];
    offered = [];
    const extensionUri = vscode.extensions.getExtension('volley.volley')?.extensionUri;
    assert.ok(extensionUri);
    copied = '';
    const copy = async (text: string) => {
      copied = text;
    };
    options = { session: rig.session, panel: { visible: true, shown: () => shown }, extensionUri, version: '1.2.3', copy };
    for (const method of ['showInformationMessage', 'showErrorMessage'] as const)
      replace(vscode.window, method, async (text: string) => void told.push(text));
    replace(vscode.window, 'showQuickPick', async (items: readonly vscode.QuickPickItem[]) => {
      offered.push(items.map(({ label }) => label));
      const wanted = picks.shift();
      return items.find(({ label }) => wanted?.test(label));
    });
    replace(vscode.window, 'showSaveDialog', async ({ defaultUri }: vscode.SaveDialogOptions) =>
      vscode.Uri.file(path.join(rig.folder, path.basename(defaultUri?.fsPath ?? 'unnamed'))),
    );
    replace(vscode.window, 'showInputBox', async ({ validateInput }: vscode.InputBoxOptions) => {
      const problem = typed === undefined ? undefined : await validateInput?.(typed);
      if (problem) told.push(String(problem));
      return problem ? undefined : typed;
    });
  });
  afterEach(async () => {
    for (const undo of restore.splice(0)) undo();
    await rig.dispose();
  });

  function replace<Target extends object, Key extends keyof Target>(target: Target, key: Key, value: unknown): void {
    const original = target[key];
    Object.assign(target, { [key]: value });
    restore.push(() => Object.assign(target, { [key]: original }));
  }

  async function exported(row: unknown, ...wanted: readonly RegExp[]): Promise<string> {
    picks = [...wanted];
    told = [];
    await exportReport(options, row);
    const [, name = ''] = /^The report was written to (.*)\.$/.exec(told[0] ?? '') ?? [];
    assert.ok(name, told.join());
    return readFile(path.join(rig.folder, name), 'utf8');
  }

  it('writes the newest run in every format of the table, where the user wants it', async () => {
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [finding] });
    for (const { name, id, endings } of REPORT_FORMATS) {
      const text = await exported(undefined, new RegExp(`^${name}$`), /Save to File/);
      assert.match(told[0] ?? '', new RegExp(`run-\\d{8}-\\d{6}\\.${endings[0]}\\.$`));
      if (id === 'html') assert.match(text, /^<!DOCTYPE html>(?:.|\n)*volley-data/);
      else if (id === 'json') assert.equal(JSON.parse(text).producer, 'volley 1.2.3');
      else assert.ok(text.length > 20, name);
    }
    assert.deepEqual(
      offered[0],
      REPORT_FORMATS.map(({ name }) => name),
    );
  });

  it('makes the report of a large run in a thread, the same as in place', async () => {
    for (const count of [3, 600]) assert.match(await withOperations(count, 'Many'), /^Many · passed/);
  });

  async function withOperations(count: number, label: string): Promise<string> {
    await rig.runToEnd(rig.gate('a'));
    const state = rig.session.run ?? assert.fail();
    const [first = assert.fail()] = state.operations;
    const operations = Array.from({ length: count }, (_, index) => ({
      ...first,
      id: `a${index}` as typeof first.id,
      name: `a${index}`,
    }));
    shown = { kind: 'run', state: { ...state, label, operations }, now: state.at };
    const text = await exported(undefined, /^Text tree$/, /Save/);
    assert.equal(text.match(/ a\d+ /g)?.length, count);
    shown = undefined;
    return text;
  }

  it('copies what is text, and does nothing when the user thinks better of it', async () => {
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [finding] });
    picks = [/^Markdown$/, /Copy/];
    await exportReport(options, undefined);
    assert.match(copied, /^# Test\n(?:.|\n)*No \\\| way\./);
    assert.deepEqual(told, ['The report was copied as Markdown.']);
    told = [];
    for (picks of [[undefined], [/^Markdown$/, undefined]]) await exportReport(options, undefined);
    assert.deepEqual(told, []);
  });

  it('waits for the end of a run that goes on, and says so', async () => {
    picks = [/./, /./];
    await exportReport(options, undefined);
    const activity = rig.start([rig.gate('a')]);
    shown = { kind: 'run', state: rig.session.run ?? assert.fail(), now: 0 };
    for (const row of [undefined, { kind: 'live' }]) await exportReport(options, row);
    shown = undefined;
    await exportReport(options, undefined);
    const goesOn = 'This run still goes on. It can be exported when it has ended.';
    assert.deepEqual(told, ['Nothing has run in this folder yet, so there is nothing to export.', goesOn, goesOn, goesOn]);
    await rig.release('a');
    await activity.finished;
    assert.match(await exported(undefined, /^Text tree$/, /Save/), /^Test · passed/);
  });

  it('takes the row that was clicked before what the panel shows, and that before the newest', async () => {
    await rig.runToEnd(rig.gate('first'));
    shown = { kind: 'run', state: rig.session.run ?? assert.fail(), now: 0 };
    await rig.verifyToEnd(rig.gate('second'), 1);
    const provider = createRunsProvider(rig.session);
    const rows: RunsNode[] = (await provider.getChildren()) ?? [];
    provider.dispose();
    const operations = async (row: unknown) => {
      const document = JSON.parse(await exported(row, /^JSON$/));
      return [document.kind, document.runs.length, document.runs[0].operations[0].id];
    };
    assert.deepEqual(await operations(undefined), ['run', 1, 'first']);
    assert.deepEqual(await operations(rows[0]), ['verification', 2, 'second']);
    shown = undefined;
    assert.deepEqual(await operations(undefined), ['verification', 2, 'second']);
    assert.deepEqual(await operations(rows[1]), ['run', 1, 'first']);
  });

  it('exports trends, a comparison and a tuning as the panel shows them, in the formats that suit what is no run', async () => {
    await rig.runToEnd(rig.gate('a'));
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [finding] });
    const { engine } = rig.session;
    shown = { kind: 'trends', trends: await engine.trends() };
    offered = [];
    assert.match(await exported(undefined, /^HTML$/), /^<!DOCTYPE html>(?:.|\n)*"kind":"trends"/);
    assert.deepEqual(offered, [['Text', 'HTML', 'JSON']]);
    assert.deepEqual(told, ['The report was written to trends.html.']);
    assert.equal(JSON.parse(await exported(undefined, /^JSON$/)).runs, 2);
    const [after, before] = (await engine.history()).map(({ run }) => run);
    assert.ok(before && after);
    shown = { kind: 'comparison', comparison: (await engine.compare(before, after)) ?? assert.fail() };
    assert.match(await exported(undefined, /^Text$/, /Save/), /passed → failed/);
    const tuning = { id: '20261130T120000000-abcdef', subject: { kind: 'gates', scope: 'workspace' }, trials: [] };
    const node = { kind: 'tuning', tuning: { ...tuning, curve: { points: [], certain: false }, differences: [] } };
    assert.match(await exported(node, /^HTML$/), /"kind":"tuning"/);
    assert.deepEqual(told, ['The report was written to tuning-20261130-120000.html.']);
    shown = { ...node, progress: { trial: 1, of: 3 } } as unknown as typeof shown;
    told = [];
    await exportReport(options, undefined);
    assert.deepEqual(told, ['This tuning still goes on. It can be exported when it has ended.']);
    shown = undefined;
  });

  it('sends spans to the endpoint that the user confirms, and says why when they did not arrive', async () => {
    await rig.runToEnd(rig.gate('a'));
    const received: unknown[] = [];
    const server = http.createServer(async (request, response) => {
      received.push(await json(request));
      response.writeHead(received.length === 1 ? 200 : 500).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const send = async (endpoint: string | undefined) => {
        picks = [/^OpenTelemetry/, /Send/];
        typed = endpoint;
        await exportReport(options, undefined);
        return told.splice(0).join();
      };
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      assert.match(await send(endpoint), /^\d+ spans sent to http:\/\/127\.0\.0\.1:\d+\/v1\/traces\.$/);
      assert.match(await send(endpoint), /answered 500, so no spans arrived/);
      assert.match(await send('words'), /is no address of an endpoint/);
      assert.equal(await send(undefined), '');
      assert.equal(received.length, 2);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
