import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type CachedResult, openCache } from '../../src/core/cache.js';
import type { Log } from '../../src/core/host.js';
import type { GateId, RunId } from '../../src/core/model.js';

const log = { info() {}, warn() {}, error() {} } as unknown as Log;
const gate = { id: 'lint' as GateId, folder: { name: 'a', path: '/a' } };
const result: CachedResult = {
  was: 'passed',
  findings: [],
  exitCode: 0,
  run: 'r1' as RunId,
  at: '2026-01-01T00:00:00Z',
  outputBytes: 3,
};
const same = (key: string) => ({ before: key, after: key });

describe('the cache of results', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'volley-cache-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const files = async () => (await readdir(directory, { recursive: true })).filter((name) => /\.(json|tmp)$/.test(name));

  it('returns what was put, to another window too', async () => {
    await openCache(directory, log).put(gate, same('k'), result);
    assert.deepEqual(await openCache(directory, log).get(gate, 'k'), result);
  });

  it('misses for another key, gate or folder', async () => {
    const cache = openCache(directory, log);
    await cache.put(gate, same('k'), result);
    assert.equal(await cache.get(gate, 'other'), undefined);
    assert.equal(await cache.get({ ...gate, id: 'types' as GateId }, 'k'), undefined);
    assert.equal(await cache.get({ ...gate, folder: { name: 'a', path: '/b' } }, 'k'), undefined);
  });

  it('keeps nothing when a file changed during the run', async () => {
    await openCache(directory, log).put(gate, { before: 'k', after: 'l' }, result);
    assert.deepEqual(await files(), []);
  });

  it('removes damaged entries and misses', async () => {
    const cache = openCache(directory, log);
    for (const damage of [(text: string) => text.slice(0, -4), (text: string) => text.replace('passed', 'failed'), () => '']) {
      await cache.put(gate, same('k'), result);
      const [name] = await files();
      assert.ok(name);
      const file = path.join(directory, name);
      await writeFile(file, damage(await readFile(file, 'utf8')));
      assert.equal(await cache.get(gate, 'k'), undefined);
      assert.deepEqual(await files(), []);
    }
  });

  it('keeps the last eight keys of a gate', async () => {
    const cache = openCache(directory, log);
    for (let index = 0; index < 12; index++) await cache.put(gate, same(`k${index}`), result);
    assert.equal((await files()).length, 8);
    assert.deepEqual(await cache.get(gate, 'k11'), result);
  });

  it('survives two windows that put at once', async () => {
    const windows = [openCache(directory, log), openCache(directory, log)];
    await Promise.all(windows.flatMap((cache) => ['a', 'b', 'c'].map((key) => cache.put(gate, same(key), result))));
    for (const key of ['a', 'b', 'c']) assert.deepEqual(await openCache(directory, log).get(gate, key), result);
    assert.equal((await files()).length, 3);
  });
});
