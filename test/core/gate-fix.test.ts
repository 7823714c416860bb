import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { createEngine, type Engine, type FixRequest } from '../../src/core/engine.js';
import type { Gate } from '../../src/core/gate-model.js';
import { nodeHost } from '../../src/core/host.js';
import { type Setup, withEngine } from '../support/engine.js';
import { eventually } from '../support/processes.js';

/** Each entry below a folder: a directory, a link with its target, or a file with its permissions and its text. */
async function tree(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const file = path.join(folder, name);
    const stats = await lstat(file);
    if (stats.isDirectory()) found[name] = 'directory';
    else if (stats.isSymbolicLink()) found[name] = `link ${await readlink(file)}`;
    else found[name] = `${(stats.mode & 0o777).toString(8)} ${await readFile(file, 'utf8')}`;
  }
  return found;
}

/** A gate with a fixer that is a line of shell and may change anything. */
function fixedBy({ gate, folder }: Pick<Setup, 'gate' | 'folder'>, script: string, takes?: readonly string[]): Gate {
  const command = { argv: ['sh', '-c', script, 'sh'], cwd: folder, env: {}, shell: false };
  const files = takes ? ({ kind: 'files', takes, targets: [] } as const) : ({ kind: 'whole', inputs: ['**'] } as const);
  return gate('gate', 'true', { fix: { command, files } });
}

async function fixed(engine: Engine, gate: Gate, more: Partial<FixRequest> = {}) {
  const active = await engine.fix({ gates: [gate], scope: { kind: 'workspace' }, slots: 2, ...more });
  assert.ok(active);
  return active.finished;
}

/** What a fixer may do to a workspace of `a`, `b`, `d/c`, `x.gen` that git ignores, and links to a file, a directory and a file outside. */
const ACTS = [
  'echo new > a',
  'echo new >> b; exit 1',
  'rm -f a',
  'mv b moved',
  'mkdir -p made/deep; echo m > made/deep/m',
  'rm -rf d',
  'rm -rf d; echo file > d',
  'rm -f a; mkdir a; echo inner > a/inner',
  'chmod 755 b',
  'rm -f link; echo file > link',
  'rm -f b; ln -s a b',
  'rm -f directory; ln -s nowhere directory',
  'echo through > link',
  'echo outside > out',
  'echo log >> x.gen',
  'echo half > a; kill -KILL $$',
  'echo more > "name with spaces"; echo dash > ./-dash',
];

describe('A fix', () => {
  it('is undone in one step, whatever a fixer did: contents, permissions, links, what came, went or was renamed', async function () {
    if (process.platform === 'win32') this.skip();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...ACTS), { minLength: 1, maxLength: 4 }), async (acts) => {
        await withEngine(async (setup) => {
          const { engine, folder } = setup;
          const place = (name: string) => path.join(folder, name);
          const outside = path.join(path.dirname(folder), 'outside');
          await mkdir(place('d'));
          for (const [name, text] of Object.entries({ a: 'a', b: 'b', 'd/c': 'c', 'x.gen': 'x', '.gitignore': '*.gen\n' }))
            await writeFile(place(name), text);
          await chmod(place('a'), 0o640);
          await writeFile(outside, 'outside');
          await symlink('a', place('link'));
          await symlink('d', place('directory'));
          await symlink(outside, place('out'));
          const before = await tree(folder);
          const { undo, changed, notKept } = await fixed(engine, fixedBy(setup, acts.join('\n')));
          assert.deepEqual(notKept, []);
          assert.equal(undo === undefined, changed.length === 0);
          if (undo !== undefined) {
            const undone = await engine.undoFix(undo);
            assert.deepEqual([undone?.conflicts, undone?.failed], [[], []]);
          }
          assert.deepEqual(await tree(folder), before);
          assert.equal(await readFile(outside, 'utf8'), 'outside');
        });
      }),
      { numRuns: 25 },
    );
  });

  it('also puts back what it changed without taking such files, and names what it could not keep and what was made', async () => {
    await withEngine(async (setup) => {
      const { engine, folder } = setup;
      for (const name of ['a.txt', 'b.md', 'c.md']) await writeFile(path.join(folder, name), 'old');
      await writeFile(path.join(folder, 'large.bin'), Buffer.alloc(6_000_000));
      const gate = fixedBy(setup, 'for file in a.txt b.md d.md large.bin; do echo new > $file; done', ['**/*.txt']);
      const { changed, notKept, undo } = await fixed(engine, gate);
      assert.deepEqual(
        [changed, notKept].map((files) => files.map((file) => path.basename(file))),
        [
          ['a.txt', 'b.md'],
          ['d.md', 'large.bin'],
        ],
      );
      await engine.undoFix(undo ?? '');
      assert.deepEqual((await readdir(folder)).sort(), ['a.txt', 'b.md', 'c.md', 'd.md', 'large.bin']);
      for (const name of ['a.txt', 'b.md']) assert.equal(await readFile(path.join(folder, name), 'utf8'), 'old');
    });
  });

  it('does not take for its own what the user has written meanwhile', async () => {
    await withEngine(async (setup) => {
      const { engine, folder } = setup;
      const place = (name: string) => path.join(folder, name);
      for (const name of ['mine', 'both', 'fixed']) await writeFile(place(name), 'old');
      const script = 'until test -e go; do sleep 0.02; done; echo fixed > both; echo fixed > fixed; rm go';
      const active = await engine.fix({ gates: [fixedBy(setup, script)], scope: { kind: 'workspace' }, slots: 2 });
      for (const name of ['mine', 'both', 'new']) {
        await writeFile(place(name), 'by the user');
        active?.edited(place(name));
      }
      await eventually('what the user has written is kept', async () => {
        const [change] = await engine.fixes();
        return change === undefined || change.files.every((file) => file === place('new'));
      });
      await writeFile(place('go'), '');
      const { changed, undo } = (await active?.finished) ?? {};
      assert.deepEqual(changed, [place('both'), place('fixed')]);
      await engine.undoFix(undo ?? '');
      assert.deepEqual(await Promise.all(['mine', 'both', 'new', 'fixed'].map((name) => readFile(place(name), 'utf8'))), [
        'by the user',
        'by the user',
        'by the user',
        'old',
      ]);
    });
  });

  it('waits for the fix of another window or terminal on the same folder', async () => {
    await withEngine(async (setup) => {
      const { engine, folder, storage } = setup;
      const other = createEngine(nodeHost({ folder, storage: `${storage}-other` }));
      const first = await engine.fix({
        gates: [fixedBy(setup, 'until test -e go; do sleep 0.02; done; echo first >> order')],
        ...{ scope: { kind: 'workspace' }, slots: 2 },
      });
      const waiting = new AbortController();
      assert.equal(
        await other.fix({
          gates: [fixedBy(setup, 'echo never >> order')],
          ...{ scope: { kind: 'workspace' }, slots: 2, signal: waiting.signal, onWait: () => waiting.abort() },
        }),
        undefined,
      );
      let waited = 0;
      const second = fixed(other, fixedBy(setup, 'echo second >> order'), {
        onWait() {
          waited += 1;
          void writeFile(path.join(folder, 'go'), '');
        },
      });
      await first?.finished;
      assert.equal((await second).run.outcome, 'passed');
      assert.equal(waited, 1);
      assert.equal(await readFile(path.join(folder, 'order'), 'utf8'), 'first\nsecond\n');
      await other.dispose();
    });
  });
});
