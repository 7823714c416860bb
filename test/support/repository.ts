/** A repository with a default branch and a branch of it, in which gates run. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Gate } from '../../src/core/gate-model.js';
import type { Host } from '../../src/core/host.js';
import type { RunState } from '../../src/core/model.js';
import { type Setup, withEngine } from './engine.js';

const execute = promisify(execFile);

/** A repository with a default branch, on which `first` was committed, and a branch of it that is checked out. */
export interface Repository extends Setup {
  /** Where gates write down in which directory they ran. */
  readonly places: string;
  /** Reports each line of src that has BAD in it, and fails if there is one. */
  readonly lint: Gate;
  git(...args: string[]): Promise<string>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  commit(): Promise<void>;
  /** The directories in which a gate ran: `here` or `there`. */
  ran(): Promise<readonly string[]>;
}

export async function withRepository(
  first: Readonly<Record<string, string>>,
  use: (repository: Repository) => Promise<void>,
  host: Partial<Host> = {},
): Promise<void> {
  await withEngine(async (setup) => {
    const { folder, storage, gate } = setup;
    const places = path.join(path.dirname(folder), 'places');
    const git = async (...args: string[]) =>
      (await execute('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: folder })).stdout;
    const write = async (files: Readonly<Record<string, string>>) => {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
        await writeFile(path.join(folder, name), text);
      }
    };
    const commit = async () => {
      await git('add', '.');
      await git('commit', '-qm', 'change');
    };
    const script = `pwd >> '${places}'; grep -rnH BAD src | sed 's/^\\([^:]*:[0-9]*\\):.*/\\1:1: E999 bad/'; ! grep -rq BAD src`;
    await git('init', '-q', '-b', 'main');
    await write({ '.gitignore': 'node_modules\n', ...first });
    await commit();
    await git('switch', '-qc', 'feature');
    await use({
      ...setup,
      places,
      git,
      write,
      commit,
      lint: gate('lint', script),
      ran: async () =>
        (await readFile(places, 'utf8').catch(() => ''))
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => (line === folder ? 'here' : 'there')),
    });
    assert.equal((await git('worktree', 'list')).trim().split('\n').length, 1, 'no worktree is left in the repository');
    assert.deepEqual(await readdir(path.join(storage, 'worktrees')).catch(() => []), [], 'none is left on disk');
  }, host);
}

/** Of each operation how it ended, with the lines of its new findings and of those that were there before. */
export function told({ operations }: RunState) {
  return operations.map(({ outcome, findings, known }) => [
    outcome?.kind === 'cached' ? `cached ${outcome.was}` : outcome?.kind,
    findings.map(({ line }) => line),
    (known ?? []).map(({ line }) => line),
  ]);
}
