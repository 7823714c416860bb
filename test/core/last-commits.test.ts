import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lastCommits } from '../../src/core/last-commits.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';

describe('the last commits of files', () => {
  let folder: TemporaryFolder;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false', ...args], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder.path, name)), { recursive: true });
    writeFileSync(path.join(folder.path, name), text);
  };
  const commit = (subject: string) => {
    git('add', '-A');
    git('commit', '-qm', subject);
    return git('rev-parse', 'HEAD');
  };
  const look = (paths: readonly string[], more: Partial<Parameters<typeof lastCommits>[0]> = {}) =>
    lastCommits({ cwd: folder.path, paths, env: process.env, signal: new AbortController().signal, ...more });

  beforeEach(async () => {
    folder = await temporaryFolder();
    git('init', '-q', '-b', 'main');
  });
  afterEach(() => folder.dispose());

  it('are those that changed each file last, with names of any kind', async () => {
    const strange = 'src/ü "quoted"\n\tname [x].ts';
    write('a.txt', '1');
    write(strange, '1');
    const first = commit('First');
    write('a.txt', '2');
    const second = commit('Second: with a\tword');
    write('new.txt', '');
    const found = await look(['a.txt', strange, 'new.txt', 'nowhere.txt']);
    assert.equal(found?.found.get('a.txt')?.hash, second);
    assert.equal(found?.found.get('a.txt')?.subject, 'Second: with a\tword');
    assert.equal(found?.found.get('a.txt')?.author, 'Ada');
    assert.match(found?.found.get('a.txt')?.date ?? '', /^\d{4}-\d\d-\d\dT/);
    assert.equal(found?.found.get(strange)?.hash, first);
    assert.deepEqual([found?.found.size, found?.beyond], [2, 0], 'what is in no commit has none');
  });

  it('are those of a directory below the root of the repository', async () => {
    write('packages/one/a.ts', '');
    const first = commit('In a package');
    write('other.ts', '');
    commit('Elsewhere');
    const found = await look(['a.ts'], { cwd: path.join(folder.path, 'packages/one') });
    assert.equal(found?.found.get('a.ts')?.hash, first);
  });

  it('are found through merges', async () => {
    write('a', '1');
    write('b', '1');
    commit('Base');
    git('switch', '-qc', 'topic');
    write('b', '2');
    const topic = commit('On the branch');
    git('switch', '-q', 'main');
    write('a', '2');
    const main = commit('On main');
    git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
    const found = await look(['a', 'b']);
    assert.deepEqual([found?.found.get('a')?.hash, found?.found.get('b')?.hash], [main, topic]);
  });

  it('stop as soon as all are found', async () => {
    for (let index = 0; index < 8; index += 1) {
      write('often', String(index));
      commit(`Change ${index}`);
    }
    assert.equal((await look(['often']))?.walked, 1);
  });

  it('say how many lie further back than they look', async () => {
    write('old', '');
    commit('Old');
    for (let index = 0; index < 4; index += 1) {
      write('often', String(index));
      commit(`Change ${index}`);
    }
    // So many files that git is not told of each.
    const many = Array.from({ length: 300 }, (_, index) => `none-${index}`);
    const found = await look(['old', 'often', ...many], { most: 2 });
    assert.deepEqual([found?.found.size, found?.beyond, found?.walked], [1, 1, 2]);
  });

  it('are none without a repository, a commit or git, and when they are cancelled', async () => {
    assert.equal(await look(['a']), undefined, 'before the first commit');
    write('a', '');
    commit('First');
    const stop = new AbortController();
    stop.abort();
    assert.equal(await look(['a'], { signal: stop.signal }), undefined);
    assert.equal(await look(['a'], { env: { PATH: '/nowhere' } }), undefined);
    rmSync(path.join(folder.path, '.git'), { recursive: true });
    assert.equal(await look(['a'], { env: { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(folder.path) } }), undefined);
  });
});
