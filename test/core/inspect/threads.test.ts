import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { ScanJob } from '../../../src/core/inspect/scan.js';
import { createThreads, type Threads } from '../../../src/core/inspect/threads.js';

const root = path.join(import.meta.dirname, '../../..');

describe('threads that look at files', () => {
  let folder: string;
  let worker: string;
  let job: ScanJob;
  const open: Threads[] = [];
  const never = new AbortController().signal;

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'volley-threads-')));
    worker = path.join(folder, 'scan-worker.cjs');
    await build({
      absWorkingDir: root,
      entryPoints: ['src/core/inspect/scan-worker.ts'],
      outfile: worker,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'silent',
    });
    const names = ['a.ts', 'b.ts', 'c.ts'];
    for (const name of names) await writeFile(path.join(folder, name), 'one // TODO\ntwo\n');
    job = { folder, files: names.map((name) => ({ path: name, file: path.join(folder, name) })) };
  });
  after(() => rm(folder, { recursive: true, force: true }));
  afterEach(async () => {
    for (const threads of open.splice(0)) await threads.dispose();
  });
  const create = (file: string | undefined) => {
    const threads = createThreads(file);
    open.push(threads);
    return threads;
  };

  it('give the same as looking in place, any number of jobs at once', async () => {
    const inPlace = await create(undefined).scan(job, never);
    assert.equal(inPlace?.length, 3);
    const threads = create(worker);
    const answers = await Promise.all(Array.from({ length: 6 }, () => threads.scan(job, never)));
    for (const answer of answers) assert.deepEqual(answer, inPlace);
    assert.deepEqual(await threads.scan(job, never), inPlace, 'also one that was kept');
  });

  it('stop when they are told to, and take the next job all the same', async () => {
    for (const threads of [create(worker), create(undefined)]) {
      const stop = new AbortController();
      const answer = threads.scan(job, stop.signal);
      stop.abort();
      assert.equal(await answer, undefined);
      assert.equal(await threads.scan(job, stop.signal), undefined);
      assert.equal((await threads.scan(job, never))?.length, 3);
    }
  });

  it('say so when a thread breaks', async () => {
    const broken = path.join(folder, 'broken.cjs');
    await writeFile(broken, "throw new Error('no memory left');");
    await assert.rejects(create(broken).scan(job, never), /no memory left/);
    await writeFile(broken, "require('node:worker_threads').parentPort.on('message', () => process.exit(3));");
    await assert.rejects(create(broken).scan(job, never), /ended with 3/);
  });
});
