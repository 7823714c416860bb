import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Gate } from '../../src/core/gate-model.js';
import type { GateId } from '../../src/core/model.js';
import { fixGates, undoFix } from '../../src/vscode/fix.js';
import { createLauncher, type Launcher } from '../../src/vscode/launch.js';
import { statusOf } from '../../src/vscode/status-bar.js';
import { createWatching, type Watching } from '../../src/vscode/watching.js';
import { openSession, type SessionRig } from '../support/editor-session.js';
import { eventually } from '../support/processes.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe('Watching and fixing', () => {
  let rig: SessionRig;
  let launcher: Launcher;
  let watching: Watching;
  let told: string[];
  let answer: (text: string) => string | undefined;
  const restore: (() => void)[] = [];

  beforeEach(async () => {
    rig = await openSession();
    told = [];
    answer = () => undefined;
    launcher = createLauncher({ session: rig.session, panel: { visible: true, async show() {} }, log: silent });
    watching = createWatching(rig.session, silent);
    for (const method of ['showInformationMessage', 'showWarningMessage'] as const) {
      const original = vscode.window[method];
      Object.assign(vscode.window, {
        [method]: async (text: string) => {
          told.push(text);
          return answer(text);
        },
      });
      restore.push(() => Object.assign(vscode.window, { [method]: original }));
    }
  });
  afterEach(async () => {
    for (const undo of restore.splice(0)) undo();
    await watching.stop();
    watching.dispose();
    launcher.dispose();
    await rig.dispose();
  });

  /** A gate that passes when its file says good, with a fixer that makes it so. */
  function fixable(id: string): Gate {
    const file = path.join(rig.folder, `${id}.txt`);
    const node = (code: string) => ({ argv: ['node', '-e', code, file], cwd: rig.folder, env: {}, shell: false });
    return {
      ...rig.gate(id),
      command: node(
        "process.exitCode = require('fs').readFileSync(process.argv[1], 'utf8') === 'good' ? 0 : (console.log('a.ts(1,1): error TS1: Bad.'), 1)",
      ),
      fix: {
        command: node("require('fs').writeFileSync(process.argv[1], 'good')"),
        files: { kind: 'whole', inputs: ['**/*.txt'] },
      },
    };
  }

  it('a fix changes files, checks again, and can be undone in one step', async () => {
    const gate = fixable('a');
    const file = path.join(rig.folder, 'a.txt');
    await writeFile(file, 'bad');
    await fixGates(rig.session, launcher, [gate, rig.gate('b')], { kind: 'workspace' });
    assert.equal(await readFile(file, 'utf8'), 'good');
    assert.equal(rig.session.last('a' as GateId)?.operation.outcome?.kind, 'passed');
    assert.equal(rig.session.last('b' as GateId), undefined);
    assert.deepEqual(told, ['The fixers changed 1 file: a.txt.']);
    const labels = (await rig.session.history()).map(({ label }) => label);
    assert.deepEqual(labels, ['Check after Fix', 'Fix']);
    await undoFix(rig.session, new Date());
    assert.equal(await readFile(file, 'utf8'), 'bad');
    assert.equal(told.at(-1), '1 file put back as before the fix.');
    await undoFix(rig.session, new Date());
    assert.equal(told.at(-1), 'There is no fix to undo.');
  });

  it('a fix does not take for its own what is saved while it runs', async () => {
    const mine = path.join(rig.folder, 'mine.txt');
    const go = `${rig.folder}-go`;
    await writeFile(mine, 'old');
    const started = `${rig.folder}-started`;
    const code = `const fs = require('fs');
      fs.writeFileSync(process.argv[1] + '-started', '');
      const wait = () => (fs.existsSync(process.argv[1] + '-go') ? fs.writeFileSync('fixed.txt', 'new') : setTimeout(wait, 20));
      wait();`;
    const command = { argv: ['node', '-e', code, rig.folder], cwd: rig.folder, env: {}, shell: false };
    const gate: Gate = { ...fixable('a'), fix: { command, files: { kind: 'whole', inputs: ['**/*.txt'] } } };
    await writeFile(path.join(rig.folder, 'a.txt'), 'good');
    const document = await vscode.workspace.openTextDocument(mine);
    const fixing = fixGates(rig.session, launcher, [gate], { kind: 'workspace' });
    await eventually('the fixer runs', async () => existsSync(started));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), 'by hand, ');
    await vscode.workspace.applyEdit(edit);
    assert.ok(await document.save());
    await writeFile(go, '');
    await fixing;
    assert.deepEqual(told, ['The fixers changed 1 file: fixed.txt.']);
    await undoFix(rig.session, new Date());
    assert.equal(await readFile(mine, 'utf8'), 'by hand, old');
    for (const file of [go, started]) await rm(file);
  });

  it('a fix says when there is nothing to fix with, and when nothing had to be changed', async () => {
    await fixGates(rig.session, launcher, [rig.gate('b')], { kind: 'workspace' });
    assert.deepEqual(told, ['None of these gates has a fixer, so there is nothing to fix with.']);
    await writeFile(path.join(rig.folder, 'a.txt'), 'good');
    await fixGates(rig.session, launcher, [fixable('a')], { kind: 'workspace' });
    assert.equal(told.at(-1), 'The fixers changed no file.');
  });

  it('the undo that is offered right after a fix works', async () => {
    const file = path.join(rig.folder, 'a.txt');
    await writeFile(file, 'bad');
    answer = (text) => (text.startsWith('The fixers changed') ? 'Undo' : undefined);
    await fixGates(rig.session, launcher, [fixable('a')], { kind: 'workspace' });
    assert.ok(told.includes('1 file put back as before the fix.'));
    assert.equal(await readFile(file, 'utf8'), 'bad');
  });

  it('a watch runs its gates at once, says so in the status bar, and waits while something else runs', async () => {
    rig.detects([rig.gate('a')]);
    await rig.session.detect();
    const other = rig.start([rig.gate('other')]);
    await watching.start([rig.gate('a')]);
    assert.equal(watching.active, true);
    assert.match(statusOf(rig.session, watching.active)?.text ?? '', /\$\(eye\)$/);
    assert.equal(rig.session.live('a' as GateId), undefined);
    await rig.release('other');
    await other.finished;
    await rig.until(() => rig.session.live('a' as GateId)?.phase === 'running');
    await rig.release('a', { exitCode: 1 });
    assert.deepEqual(told, [], 'nobody is told of failures that come again and again');
    await watching.stop();
    assert.equal(watching.active, false);
    assert.doesNotMatch(statusOf(rig.session, watching.active)?.text ?? '', /eye/);
  });

  it('a watch stops what it runs when it is stopped', async () => {
    await watching.start([rig.gate('a')]);
    await rig.until(() => rig.session.live('a' as GateId)?.phase === 'running');
    await watching.stop();
    assert.equal(rig.session.last('a' as GateId)?.operation.outcome?.kind, 'cancelled');
  });
});
