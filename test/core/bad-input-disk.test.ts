/** A disk that is full, and folders and files that may only be read: what was there stays, what was not written is said. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createEngine, type Engine } from '../../src/core/engine.js';
import { nodeHost } from '../../src/core/host.js';
import type { OperationId } from '../../src/core/model.js';
import { batchSummary } from '../../src/core/report/batch.js';

/** So much a file system holds. */
const SIZE = 1024 * 1024;
const LARGE = 'x'.repeat(SIZE + 100_000);

interface Ran {
  readonly outcomes: readonly string[];
  readonly undo: readonly string[];
  readonly outcome: string | undefined;
  readonly summary: string;
  message(id: string): string;
}

interface Place {
  readonly engine: Engine;
  readonly folder: string;
  readonly storage: string;
  readonly log: readonly string[];
  run(operations: readonly unknown[], more?: object): Promise<Ran>;
}

const write = (id: string, file: string, content: string, more: object = {}) => ({
  id,
  tool: 'write',
  input: { path: file, content },
  ...more,
});
const edit = (id: string, file: string, old: string, to: string) => ({
  id,
  tool: 'edit',
  input: { path: file, replacements: [{ old, new: to }] },
});

/** A workspace and a storage, either of which may be a small file system of its own. `undefined` when this machine does not let us mount one. */
async function withPlace(
  small: 'folder' | 'storage' | 'neither',
  use: (place: Place) => Promise<void>,
): Promise<'done' | 'cannot mount'> {
  const directory = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'volley-disk-')));
  const [folder, storage] = [path.join(directory, 'w'), path.join(directory, 'storage')];
  mkdirSync(folder);
  mkdirSync(storage);
  const mounted = small === 'neither' ? undefined : small === 'folder' ? folder : storage;
  if (mounted !== undefined && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', mounted]).status !== 0) {
    rmSync(directory, { recursive: true });
    return 'cannot mount';
  }
  const log: string[] = [];
  const tell = (text: string) => log.push(text);
  const engine = createEngine(nodeHost({ folder, storage, log: { debug() {}, info() {}, warn: tell, error: tell } }));
  try {
    await use({ engine, folder, storage, log, run: (operations, more = {}) => run(engine, operations, more) });
  } finally {
    await engine.dispose();
    if (mounted !== undefined) spawnSync('umount', [mounted]);
    rmSync(directory, { recursive: true, force: true });
  }
  return 'done';
}

async function run(engine: Engine, operations: readonly unknown[], more: object): Promise<Ran> {
  const planned = await engine.planBatch(JSON.stringify({ operations, ...more }), { slots: 4 });
  assert.ok(planned.kind === 'batch', JSON.stringify(planned));
  const { batch } = planned;
  const active = engine.runBatch({ batch, mode: 'parallel', slots: 4, failure: 'continue', label: 'Test' });
  const state = await active.finished;
  return {
    outcomes: state.operations.map(({ id, outcome }) => `${id}: ${outcome?.kind}`),
    outcome: state.outcome,
    undo: active.changed().undo,
    summary: batchSummary({ state, results: active.results, changed: active.changed(), root: batch.folder.path }),
    message: (id) => {
      const outcome = state.operations.find((each) => each.id === (id as OperationId))?.outcome;
      return outcome?.kind === 'errored' ? JSON.stringify(outcome.failure) : '';
    },
  };
}

/** Fills a file system up to the last byte. */
function fill(directory: string): void {
  for (const piece of [65_536, 4096, 1])
    for (let count = 0; count < 400; count += 1) {
      try {
        writeFileSync(path.join(directory, 'filling'), 'f'.repeat(piece), { flag: 'a' });
      } catch {
        break;
      }
    }
}

describe('A disk that is full', function () {
  this.timeout(60_000);
  const CANNOT = 'no file system can be mounted here, which needs to be root with the right to mount';

  it('loses nothing of a file that is written or edited, leaves no half of it, and says what to do', async function () {
    const done = await withPlace('folder', async ({ folder, run: ran }) => {
      for (const name of ['a.txt', 'b.txt']) writeFileSync(path.join(folder, name), `before ${name}\n`);
      fill(folder);
      const before = readdirSync(folder).sort();
      const { outcomes, message } = await ran([
        write('replaced', 'a.txt', LARGE),
        edit('edited', 'b.txt', 'before', LARGE),
        write('new', 'new/c.txt', LARGE),
      ]);
      assert.deepEqual(outcomes, ['replaced: errored', 'edited: errored', 'new: errored']);
      for (const id of ['replaced', 'edited', 'new']) assert.match(message(id), /disk is full \(ENOSPC\)\. Free some space/, id);
      for (const name of ['a.txt', 'b.txt']) assert.equal(readFileSync(path.join(folder, name), 'utf8'), `before ${name}\n`);
      assert.deepEqual(
        readdirSync(folder)
          .filter((name) => name !== 'new')
          .sort(),
        before,
      );
      assert.deepEqual(readdirSync(path.join(folder, 'new')), []);
    });
    if (done === 'cannot mount') skip(this, CANNOT);
  });

  it('puts an atomic group back where one of its writes found no room', async function () {
    const done = await withPlace('folder', async ({ folder, run: ran }) => {
      writeFileSync(path.join(folder, 'a.txt'), 'before\n');
      const { outcomes } = await ran([
        { atomic: true, sequence: [write('fits', 'a.txt', 'after\n'), write('no', 'b.txt', LARGE)] },
      ]);
      assert.deepEqual(outcomes, ['fits: rolled back', 'no: errored']);
      assert.deepEqual(readdirSync(folder), ['a.txt']);
      assert.equal(readFileSync(path.join(folder, 'a.txt'), 'utf8'), 'before\n');
    });
    if (done === 'cannot mount') skip(this, CANNOT);
  });

  it('is made room on by what a group has made before its files are put back; what finds none can be undone later', async function () {
    const done = await withPlace('folder', async ({ engine, folder, run: ran }) => {
      writeFileSync(path.join(folder, 'a.txt'), 'a'.repeat(600_000));
      const fills = { id: 'fills', tool: 'command', input: { shell: 'cat /dev/zero > filling' }, writes: ['filling'] };
      const { outcomes } = await ran([{ atomic: true, sequence: [write('small', 'a.txt', 'small'), fills] }]);
      assert.deepEqual(outcomes, ['small: rolled back', 'fills: failed']);
      assert.deepEqual(readdirSync(folder), ['a.txt']);
      assert.equal(statSync(path.join(folder, 'a.txt')).size, 600_000);
      const hides = { id: 'hides', tool: 'command', input: { shell: 'cat /dev/zero > hidden' }, writes: [] };
      const second = await ran([{ atomic: true, sequence: [write('small', 'a.txt', 'small'), hides] }]);
      assert.deepEqual(second.outcomes, ['small: rolled back', 'hides: failed']);
      assert.equal(readFileSync(path.join(folder, 'a.txt'), 'utf8'), 'small', 'there is no room for what it was');
      assert.match(
        second.summary,
        /did not let Volley put back a\.txt\. The versions before are kept: make room, then type volley fix --undo\./,
      );
      rmSync(path.join(folder, 'hidden'));
      const [change] = await engine.fixes();
      assert.deepEqual((await engine.undoFix(change?.id ?? ''))?.failed, []);
      assert.equal(statSync(path.join(folder, 'a.txt')).size, 600_000);
    });
    if (done === 'cannot mount') skip(this, CANNOT);
  });

  it('writes nothing of which no before-image can be kept', async function () {
    const done = await withPlace('storage', async ({ folder, storage, run: ran }) => {
      writeFileSync(path.join(folder, 'a.txt'), LARGE);
      fill(storage);
      const { outcomes, message } = await ran([write('one', 'a.txt', 'after\n'), edit('two', 'a.txt', LARGE, 'y')]);
      assert.deepEqual(outcomes, ['one: errored', 'two: errored']);
      assert.match(message('one'), /disk is full \(ENOSPC\)/);
      assert.equal(readFileSync(path.join(folder, 'a.txt'), 'utf8'), LARGE);
    });
    if (done === 'cannot mount') skip(this, CANNOT);
  });

  it('of the history costs a run its record, and nothing else', async function () {
    const done = await withPlace('storage', async ({ folder, storage, log, run: ran }) => {
      writeFileSync(path.join(folder, 'a.txt'), 'text\n');
      fill(storage);
      const result = await ran([
        { id: 'read', tool: 'read', input: { path: 'a.txt' } },
        { id: 'list', tool: 'list', input: {} },
      ]);
      assert.deepEqual(result.outcomes, ['read: passed', 'list: passed'], log.join('\n'));
      assert.equal(result.outcome, 'passed');
      assert.match(log.join('\n'), /could not be (?:written|kept)/);
    });
    if (done === 'cannot mount') skip(this, CANNOT);
  });

  it('that fills up while a batch writes leaves each file as it was or as it was to be, and all of it can be put back', async function () {
    const done = await withPlace('storage', async ({ engine, folder, run: ran }) => {
      const names = Array.from({ length: 40 }, (_, index) => `f${index}.txt`);
      const at = (name: string) => `${name} ${'b'.repeat(40_000)}`;
      for (const name of names) writeFileSync(path.join(folder, name), at(name));
      const { outcomes } = await ran(names.map((name, index) => write(`w${index}`, name, `after ${name}`)));
      assert.ok(
        outcomes.some((each) => each.endsWith('passed')) && outcomes.some((each) => each.endsWith('errored')),
        outcomes.join(),
      );
      for (const [index, name] of names.entries())
        assert.equal(
          readFileSync(path.join(folder, name), 'utf8'),
          outcomes[index]?.endsWith('passed') ? `after ${name}` : at(name),
        );
      const [change] = await engine.fixes();
      assert.ok(change);
      await engine.undoFix(change.id);
      for (const name of names) assert.equal(readFileSync(path.join(folder, name), 'utf8'), at(name));
      assert.deepEqual(readdirSync(folder).sort(), [...names].sort());
    });
    if (done === 'cannot mount') skip(this, CANNOT);
  });

  it('of the rest of a batch says that it could not be written, and the run ends as it ended', async function () {
    const done = await withPlace('storage', async ({ folder, storage, log, run: ran }) => {
      writeFileSync(path.join(folder, 'a.txt'), 'word '.repeat(400));
      fill(storage);
      const read = (id: string, needs: readonly string[] = []) => ({ id, tool: 'read', input: { path: 'a.txt' }, needs });
      const { outcomes } = await ran([read('one'), read('two', ['one'])], { budget: { tokens: 100 } });
      assert.deepEqual(outcomes, ['one: passed', 'two: cancelled']);
      assert.match(log.join('\n'), /rest of the batch could not be written/);
    });
    if (done === 'cannot mount') skip(this, CANNOT);
  });
});

describe('A file that is larger than the system allows', function () {
  this.timeout(60_000);

  it('is not written, not even half, and the rest of the batch goes on', async function () {
    if (process.platform === 'win32') skip(this, 'there is no such limit on Windows');
    await withPlace('neither', async ({ folder, storage }) => {
      writeFileSync(path.join(folder, 'a.txt'), 'before\n');
      const batch = path.join(path.dirname(folder), 'x.batch.jsonc');
      const large = 'x'.repeat(3_000_000);
      writeFileSync(batch, JSON.stringify({ operations: [write('large', 'a.txt', large), write('small', 'b.txt', 'b\n')] }));
      // In blocks of 512 bytes or of a kilobyte, by shell.
      const said = ran(['sh', '-c', 'ulimit -f 2048; exec "$@"', 'sh', ...node(folder, storage, batch)], path.dirname(folder));
      assert.match(said['large'] ?? '', /larger than a file may be here \(EFBIG\)/);
      assert.equal(said['small'], 'passed');
      assert.equal(readFileSync(path.join(folder, 'a.txt'), 'utf8'), 'before\n');
      assert.deepEqual(readdirSync(folder).sort(), ['a.txt', 'b.txt']);
    });
  });
});

describe('A folder or a file that may only be read', function () {
  this.timeout(60_000);

  /** The same in a process of a user who is nobody, where the tests run as root, who may write anywhere. */
  it('is left as it is, with a plain message, and an atomic group around it is put back', async function () {
    const asRoot = process.getuid?.() === 0;
    if (process.platform === 'win32') skip(this, 'permissions are other ones on Windows');
    if (asRoot && spawnSync('setpriv', ['--version']).status !== 0)
      skip(this, 'the tests run as root, and there is no setpriv to be somebody else');
    await withPlace('neither', async ({ folder }) => {
      mkdirSync(path.join(folder, 'locked'));
      writeFileSync(path.join(folder, 'locked/a.txt'), 'before\n');
      writeFileSync(path.join(folder, 'b.txt'), 'before\n');
      writeFileSync(path.join(folder, 'free.txt'), 'before\n');
      chmodSync(path.join(folder, 'locked'), 0o555);
      chmodSync(path.join(folder, 'b.txt'), 0o444);
      const operations = [
        write('new', 'locked/new.txt', 'x'),
        edit('edited', 'locked/a.txt', 'before', 'after'),
        write('below', 'locked/d/e.txt', 'x'),
        write('mode', 'b.txt', 'after\n'),
        { atomic: true, sequence: [write('fits', 'free.txt', 'after\n'), write('no', 'locked/b.txt', 'x')] },
      ];
      const batch = path.join(path.dirname(folder), 'x.batch.jsonc');
      writeFileSync(batch, JSON.stringify({ operations }));
      const said = asNobody(folder, path.join(path.dirname(folder), 'storage'), batch, asRoot);
      for (const id of ['new', 'edited', 'below', 'no'])
        assert.match(said[id] ?? '', /may not be accessed \(EACCES\)\. Change its permissions/, id);
      assert.match(said['fits'] ?? '', /rolled back/);
      assert.equal(said['mode'], 'passed', 'a file is replaced where its folder may be written');
      assert.equal(statSync(path.join(folder, 'b.txt')).mode & 0o777, 0o444);
      assert.deepEqual(readdirSync(folder).sort(), ['b.txt', 'free.txt', 'locked']);
      assert.deepEqual(readdirSync(path.join(folder, 'locked')), ['a.txt']);
      for (const name of ['free.txt', 'locked/a.txt']) assert.equal(readFileSync(path.join(folder, name), 'utf8'), 'before\n');
      chmodSync(path.join(folder, 'locked'), 0o755);
    });
  });
});

/** The program that runs a batch, with its arguments. */
function node(folder: string, storage: string, batch: string): readonly string[] {
  const program = path.join(import.meta.dirname, '../support/outcomes-program.ts');
  return [process.execPath, '--import', 'tsx', program, folder, storage, batch];
}

/** By operation what came of it: its outcome, or what it says went wrong. */
function ran([file = '', ...args]: readonly string[], directory: string): Readonly<Record<string, string>> {
  const env = { ...process.env, HOME: directory, TMPDIR: directory, VOLLEY_HOME: path.join(directory, 'home') };
  const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', env });
  assert.ok(stdout.startsWith('{'), stderr);
  return JSON.parse(stdout);
}

function asNobody(folder: string, storage: string, batch: string, asRoot: boolean): Readonly<Record<string, string>> {
  const directory = path.dirname(folder);
  if (!asRoot) return ran(node(folder, storage, batch), directory);
  const inside = readdirSync(folder, { recursive: true }).map((name) => path.join(folder, String(name)));
  for (const each of [directory, folder, storage, ...inside]) chownSync(each, NOBODY, NOBODY);
  const become = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  return ran([...become, ...node(folder, storage, batch)], directory);
}

const NOBODY = 65_534;

function skip(test: Mocha.Context, because: string): never {
  if (test.test) test.test.title += ` (not here: ${because})`;
  return test.skip();
}
