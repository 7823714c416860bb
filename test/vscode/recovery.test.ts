/** What a terminal whose process was killed left half done, in a window that is opened afterwards. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { meetingPlace } from '../../src/core/host.js';
import { openJournal } from '../../src/core/journal.js';
import { openJournals } from '../../src/core/journals.js';
import { askAboutInterrupted } from '../../src/vscode/batch-end.js';
import { openSession, type SessionRig } from '../support/editor-session.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe('A window on a folder in which a terminal was cut short', () => {
  let rig: SessionRig;
  let asked: string[];
  let answer: string;
  const original = vscode.window.showWarningMessage;
  const told: string[] = [];
  const originalInformation = vscode.window.showInformationMessage;

  beforeEach(async () => {
    rig = await openSession();
    asked = [];
    told.length = 0;
    Object.assign(vscode.window, {
      showWarningMessage: async (text: string) => {
        asked.push(text);
        return answer;
      },
      showInformationMessage: async (text: string) => void told.push(text),
    });
  });
  afterEach(async () => {
    Object.assign(vscode.window, { showWarningMessage: original, showInformationMessage: originalInformation });
    await rm(meetingPlace(rig.folder), { recursive: true, force: true });
    await rig.dispose();
  });

  /** As a terminal has it: a storage of its own, and a process that is gone. */
  async function cutShort(): Promise<string> {
    const file = path.join(rig.folder, 'a.txt');
    await writeFile(file, 'whole');
    const directory = path.join(rig.folder, '.terminal', 'fixes');
    const own = openJournal(directory, silent);
    await openJournals({ own, directory, folders: () => [rig.folder], meetingPlace, log: silent }).announce(rig.folder);
    const change = await own.begin('Batch x.batch.jsonc, both', [file], new Date(), { atomic: true });
    await writeFile(file, 'half');
    const record = path.join(directory, change.id, 'journal.json');
    const dead = { process: 2 ** 31 - 1 };
    await writeFile(record, JSON.stringify({ ...JSON.parse(await readFile(record, 'utf8')), owner: dead }));
    return file;
  }

  it('asks, and puts back what the terminal had changed', async () => {
    const file = await cutShort();
    answer = 'Put Back';
    await askAboutInterrupted(rig.engine);
    assert.match(asked.join(), /^Batch x\.batch\.jsonc, both was cut short before it was whole\. 1 file can be put back/);
    assert.equal(await readFile(file, 'utf8'), 'whole');
    assert.deepEqual(told, ['1 file put back.']);
    await askAboutInterrupted(rig.engine);
    assert.equal(asked.length, 1, 'once');
  });

  it('keeps it where the user says so, and nobody asks again', async () => {
    const file = await cutShort();
    answer = 'Keep as It Is';
    await askAboutInterrupted(rig.engine);
    await askAboutInterrupted(rig.reloaded().engine);
    assert.equal(asked.length, 1);
    assert.equal(await readFile(file, 'utf8'), 'half');
  });
});
