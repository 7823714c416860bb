/** An atomic group whose process is killed at any moment is as before or as after, never between. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { createEngine } from '../../../src/core/engine.js';
import { nodeHost } from '../../../src/core/host.js';
import { treeIn } from '../../support/batch-world.js';
import { inTemporaryDirectory } from '../../support/processes.js';

const KILLS = Number(process.env['VOLLEY_KILLS'] ?? (process.env['CI'] ? 100 : 25));
const FILES = 12;
/** By which a failure is repeated: the moments at which Volley is told to die follow from it. */
const SEED = Number(process.env['VOLLEY_SEED'] ?? Date.now() % 2 ** 31);
const random = randomFrom(SEED);

const BEFORE = Object.fromEntries(Array.from({ length: FILES }, (_, index) => [`f${index}.txt`, `before ${index}\n`]));
const GROUP = {
  atomic: true,
  parallel: [
    ...Array.from({ length: FILES }, (_, index) => ({
      sequence: [
        { tool: 'edit', input: { path: `f${index}.txt`, replacements: [{ old: 'before', new: 'between' }] } },
        { tool: 'edit', input: { path: `f${index}.txt`, replacements: [{ old: 'between', new: 'after' }] } },
      ],
    })),
    ...Array.from({ length: 6 }, (_, index) => ({
      tool: 'write',
      input: { path: `new/${index % 2}/n${index}.txt`, content: `after ${index}\n` },
    })),
  ],
};

interface Place {
  readonly folder: string;
  readonly storage: string;
  start(): ChildProcess;
}

/** Numbers from 0 to 1, always the same for a seed (mulberry32, public domain). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('A batch whose process is killed', function () {
  this.timeout(180_000);

  async function withPlace(use: (place: Place) => Promise<void>, operations: readonly unknown[] = [GROUP]): Promise<void> {
    await inTemporaryDirectory(async (temporary) => {
      const directory = await realpath(temporary);
      const program = path.join(directory, 'program.mjs');
      await build({
        ...{
          entryPoints: ['test/support/batch-program.ts'],
          outfile: program,
          bundle: true,
          platform: 'node',
          format: 'esm',
          mainFields: ['module', 'main'],
          logLevel: 'silent',
        },
        banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" },
      });
      const batch = path.join(directory, 'x.batch.jsonc');
      await writeFile(batch, JSON.stringify({ operations }));
      const folder = path.join(directory, 'w');
      const storage = path.join(directory, 'storage');
      const env = { ...process.env, VOLLEY_HOME: path.join(directory, 'home') };
      const start = () =>
        spawn(process.execPath, [program, folder, storage, batch], { stdio: ['ignore', 'pipe', 'inherit'], env });
      await use({ folder, storage, start });
    });
  }

  async function fresh({ folder, storage }: Place): Promise<void> {
    for (const each of [folder, storage]) await rm(each, { recursive: true, force: true });
    await mkdir(folder);
    for (const [name, content] of Object.entries(BEFORE)) await writeFile(path.join(folder, name), content);
  }

  /** Kills it at the line with this number, or lets it end. Whether it was killed. */
  async function killedAt(line: number, turns: number, child: ChildProcess): Promise<boolean> {
    const closed = once(child, 'close');
    let lines = 0;
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
      lines += chunk.filter((byte) => byte === 10).length;
      if (lines >= line) later(turns, () => child.kill('SIGKILL'));
    });
    await closed;
    return !text.includes('done');
  }

  function later(turns: number, act: () => void): void {
    if (turns <= 0) act();
    else setImmediate(() => later(turns - 1, act));
  }

  async function recovered({ folder, storage }: Place): Promise<readonly string[]> {
    const engine = createEngine(nodeHost({ folder, storage }));
    const conflicts: string[] = [];
    for (const { id } of await engine.interrupted()) conflicts.push(...((await engine.undoFix(id))?.conflicts ?? []));
    assert.deepEqual(await engine.interrupted(), []);
    await engine.dispose();
    return conflicts;
  }

  it(`is as before or as after at ${KILLS} random moments of the seed ${SEED}, and leaves nothing behind`, async () => {
    await withPlace(async (place) => {
      await fresh(place);
      const before = treeIn(place.folder);
      assert.equal(await killedAt(Number.POSITIVE_INFINITY, 0, place.start()), false);
      const after = treeIn(place.folder);
      assert.equal(after['f3.txt'], '644 after 3\n');
      let killed = 0;
      let between = 0;
      for (let kill = 0; kill < KILLS; kill += 1) {
        await fresh(place);
        const line = 1 + Math.floor(random() * 2 * (2 * FILES + 6));
        const turns = Math.floor(random() * 20);
        if (await killedAt(line, turns, place.start())) killed += 1;
        const found = treeIn(place.folder);
        if (!same(found, before) && !same(found, after)) between += 1;
        assert.deepEqual(await recovered(place), []);
        const now = treeIn(place.folder);
        assert.deepEqual(now, same(now, after) ? after : before, `killed at line ${line}, ${turns} turns later`);
      }
      assert.ok(killed > KILLS / 2 && between > KILLS / 4, `${killed} killed, ${between} of them between`);
    });
  });

  it('outside of a group leaves each file whole, and the next run takes away what lies beside them', async () => {
    await withPlace(async (place) => {
      for (let kill = 0; kill < 8; kill += 1) {
        await fresh(place);
        await killedAt(4 + 5 * kill, kill, place.start());
        const engine = createEngine(nodeHost({ folder: place.folder, storage: place.storage }));
        const planned = await engine.planBatch('{"operations": [{"tool": "list", "input": {}}]}', { slots: 1 });
        assert.ok(planned.kind === 'batch');
        const request = { batch: planned.batch, mode: 'parallel', slots: 1, failure: 'continue', label: 'Next' } as const;
        assert.equal((await engine.runBatch(request).finished).outcome, 'passed');
        await engine.dispose();
        for (const [name, text] of Object.entries(treeIn(place.folder))) {
          assert.ok(!name.endsWith('.tmp'), name);
          if (name.startsWith('f')) assert.match(text, /^644 (?:before|between|after) \d+\n$/);
        }
      }
    }, GROUP.parallel);
  });

  it('leaves what somebody else has changed since, says so, and keeps the old version', async () => {
    await withPlace(async (place) => {
      for (const line of [12, 25, 40]) {
        await fresh(place);
        await killedAt(line, 0, place.start());
        const found = treeIn(place.folder);
        const touched = Object.keys(BEFORE).find((name) => found[name] !== `644 ${BEFORE[name]}`);
        assert.ok(touched !== undefined, 'nothing was changed yet');
        await writeFile(path.join(place.folder, touched), 'by hand');
        assert.deepEqual(await recovered(place), [path.join(place.folder, touched)]);
        const { [touched]: left, ...others } = treeIn(place.folder);
        assert.equal(left, '644 by hand');
        for (const [name, text] of Object.entries(BEFORE)) if (name !== touched) assert.equal(others[name], `644 ${text}`);
        assert.ok((await keptVersions(place.storage)).includes(BEFORE[touched] ?? ''));
      }
    });
  });
});

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function keptVersions(storage: string): Promise<readonly string[]> {
  const entries = await readdir(path.join(storage, 'fixes'), { recursive: true, withFileTypes: true });
  const copies = entries.filter((entry) => entry.isFile() && path.basename(entry.parentPath) === 'before');
  return Promise.all(copies.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'utf8')));
}
