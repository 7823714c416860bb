/** What each tool does with hostile inputs and with a file system full of traps: a plain error, and nothing outside is touched. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { openChanges } from '../../src/core/batch/changes.js';
import { TOOL_REGISTRY } from '../../src/core/batch/tools.js';
import { openJournal } from '../../src/core/journal.js';
import { type OperationId, TOOLS, type ToolName } from '../../src/core/model.js';
import type { ToolContext, ToolResult } from '../../src/core/tools/tool.js';
import { treeIn } from '../support/batch-world.js';
import { messageOf, type ToolFolder, toolFolder } from '../support/tool-folder.js';

const CASES = Number(process.env['VOLLEY_CASES'] ?? 400);
const SECRET = 'what stands outside';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A folder with traps, and a directory beside it that has to stay as it is. */
interface Traps extends ToolFolder {
  run(tool: ToolName, input: unknown, more?: Partial<ToolContext>): Promise<ToolResult>;
  /** Everything outside, and everything of git. */
  untouched(): unknown;
}

async function traps(): Promise<Traps> {
  const folder = await toolFolder({ 'a.txt': 'inside\n', 'd/b.txt': 'inside\n', '.git/config': 'of git\n', 'sub/.git': 'gitdir: ../.git\n' });
  writeFileSync(path.join(folder.outside, 'secret.txt'), `${SECRET}\n`);
  mkdirSync(path.join(folder.outside, 'dir'));
  writeFileSync(path.join(folder.outside, 'dir/secret.txt'), `${SECRET}\n`);
  symlinkSync(path.join(folder.outside, 'secret.txt'), folder.at('link.txt'));
  symlinkSync(path.join(folder.outside, 'dir'), folder.at('out'));
  symlinkSync(path.join(folder.outside, 'none'), folder.at('dangling'));
  symlinkSync('.git', folder.at('git'));
  symlinkSync('/dev/zero', folder.at('zero'));
  symlinkSync('loop', folder.at('loop'));
  const journal = openJournal(path.join(path.dirname(folder.outside), `${path.basename(folder.outside)}-journal`), quiet);
  const changes = openChanges({ journal, label: 'Test', date: () => new Date(), log: quiet, groupOf: () => undefined });
  return {
    ...folder,
    run: async (tool, input, more = {}) =>
      TOOL_REGISTRY.get(tool).invoke(input, {
        ...(await folder.context()),
        writeFile: (file, content) => changes.write('o' as OperationId, file, content),
        ...more,
      }),
    untouched: () => {
      const { run: _run, ...outside } = Object.fromEntries(
        Object.entries(treeIn(folder.outside)).filter(([name]) => !/^run(?:\/|$)/.test(name)),
      ) as Record<string, string>;
      return { outside, git: readFileSync(folder.at('.git/config'), 'utf8'), sub: readFileSync(folder.at('sub/.git'), 'utf8') };
    },
    async dispose() {
      await folder.dispose();
      rmSync(path.join(path.dirname(folder.outside), `${path.basename(folder.outside)}-journal`), { recursive: true, force: true });
    },
  };
} // biome-ignore format: short

const HOSTILE = [
  ...['a\0b', '\0', '..', '../x', '../../../../../../etc/passwd', '/etc/passwd', '/', '//', '/proc/self/environ', 'd/../../x', './../x'],
  ...['a\nb', '\n', '\r', '\u2028', 'x'.repeat(300), 'x'.repeat(5000), 'x/'.repeat(3000), 'x'.repeat(50_000), '\ud800', 'a\udfffb'],
  ...['C:\\Windows\\win.ini', 'c:x', '\\\\server\\share\\x', '\\\\?\\C:\\x', 'a.', 'a ', ' a', 'd./b', 'a.txt.', 'CON', 'a:b', '~', '~/x', '$HOME', '%TEMP%'],
  ...['-rf', '--', '--help', '-', '-e', '--files', '--pre=sh', '-f/etc/passwd', '*', '**', '**/**', '{a,b}', '{a', '[', '!', '!a', '!(a)', '@(a|b)'],
  ...['link.txt', 'out', 'out/secret.txt', 'out/new.txt', 'dangling', 'git/config', 'git/new', '.git/config', '.GIT/config', '.Git', '.git./x', 'git~1/x', 'sub/.git'],
  ...['zero', 'loop', 'loop/x', '/dev/zero', '/dev/stdin', 'a.txt/x', 'd', 'd/', '.', './', '', '\u202egnp.txt', '.g\u200cit/x', '{a,b}'.repeat(30), '../*', '/**', 'out/*'],
  ...['out/../a.txt', 'd/../out/secret.txt', 'file:///etc/passwd', 'http://', 'http://[::1', 'javascript:x', 'http://x\0y/', 'data:text/plain,x'],
]; // biome-ignore format: a table is read by rows

/** The inputs of a tool into which a hostile text fits. Of commands only where they start: what they do is their own. */
const INPUTS: Readonly<Record<ToolName, readonly ((text: string) => unknown)[]>> = {
  read: [(path) => ({ path }), (path) => ({ path: ['a.txt', path] })],
  list: [(path) => ({ path })],
  glob: [(patterns) => ({ patterns }), (each) => ({ patterns: [each, 'a.txt'], ignored: true }), (each) => ({ patterns: ['**', `!${each}`] })],
  grep: [(pattern) => ({ pattern }), (paths) => ({ pattern: 'i', paths }), (glob) => ({ pattern: 'i', glob }), (pattern) => ({ pattern, fixed: true, paths: ['.'] })],
  inspect: [(paths) => ({ paths }), (paths) => ({ paths: ['a.txt', paths] }), (glob) => ({ glob }), (paths) => ({ paths, what: 'commits' })],
  command: [(cwd) => ({ argv: ['true'], cwd }), (program) => ({ argv: [`no-${program}`] }), (name) => ({ argv: ['true'], env: { [name]: name } })],
  write: [(path) => ({ path, content: 'written' })],
  edit: [(path) => ({ path, replacements: [{ old: 'stands', new: 'fell' }] }), (path) => ({ path, replacements: [{ old: 'of git', new: 'ours' }] })],
  fetch: [(url) => ({ url }), (name) => ({ url: 'http://127.0.0.1:1/', headers: { [name]: name }, timeout: 1 })],
  agent: [(cwd) => ({ prompt: 'x', agent: { argv: ['true'] }, cwd }), (model) => ({ prompt: 'x', agent: 'editor', model })],
}; // biome-ignore format: a table is read by rows

/** Nobody wants to read these. */
const NO_WORDS = /undefined|\[object|\bNaN\b|\bat \S+:\d+:\d+|Invalid input|TypeError|RangeError|ERR_[A-Z_]+/;

function checkResult(result: ToolResult, what: string): void {
  const { end } = result;
  if (end.kind === 'errored' && end.failure.kind === 'tool failed') {
    // What ripgrep says of a pattern is told in its own words.
    if (!/^regex parse error|^ *error: /m.test(end.failure.message)) assert.match(end.failure.message, /[.?!]$/, what);
    assert.doesNotMatch(end.failure.message, NO_WORDS, what);
    assert.doesNotMatch(end.failure.message, /\0/, what);
    assert.ok(end.failure.message.length < 1500, `${what}: a message of ${end.failure.message.length} characters`);
  }
  assert.ok(!JSON.stringify([result.text, result.json]).includes(SECRET), `${what} tells what stands outside`);
}

describe('A tool that is given a hostile text', function () {
  this.timeout(300_000);
  let folder: Traps;
  beforeEach(async () => {
    folder = await traps();
  });
  afterEach(() => folder.dispose());

  for (const tool of TOOLS)
    it(`does nothing outside of the workspace and says plainly what is wrong: ${tool}`, async () => {
      const before = folder.untouched();
      const { schema } = TOOL_REGISTRY.get(tool);
      for (const text of HOSTILE)
        for (const make of INPUTS[tool]) {
          const input = make(text);
          const checked = schema.safeParse(input);
          if (!checked.success) continue;
          const what = `${tool} ${JSON.stringify(input).slice(0, 200)}`;
          TOOL_REGISTRY.get(tool).describe(checked.data);
          TOOL_REGISTRY.get(tool).access(checked.data, { folder: { name: 'f', path: folder.path } });
          checkResult(await folder.run(tool, checked.data), what);
          assert.deepEqual(folder.untouched(), before, what);
        }
    });

  it(`never throws, whatever it is given, in ${CASES} random cases for each tool that reads and writes files`, async () => {
    const before = folder.untouched();
    const piece = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('/', '.', '..', '\\', 'd'));
    const text = fc.array(piece, { minLength: 1, maxLength: 4 }).map((all) => all.join('').slice(0, 9000));
    for (const tool of ['read', 'list', 'glob', 'write', 'edit'] as const)
      await fc.assert(
        fc.asyncProperty(text, fc.nat(), async (given, which) => {
          const input = INPUTS[tool][which % INPUTS[tool].length]?.(given);
          const checked = TOOL_REGISTRY.get(tool).schema.safeParse(input);
          if (!checked.success) return;
          checkResult(await folder.run(tool, checked.data), `${tool} ${JSON.stringify(input).slice(0, 200)}`);
          assert.deepEqual(folder.untouched(), before);
        }),
        { numRuns: CASES },
      );
  }); // biome-ignore format: short
});

/** What each tool says of what lies at a place; `ok`: it does its work. */
const OUTCOMES: readonly (readonly [place: string, expected: Readonly<Partial<Record<'read' | 'list' | 'grep' | 'glob' | 'write' | 'edit', RegExp>>>])[] = [
  ['../x', { read: /lies outside/, list: /lies outside/, grep: /lies outside/, glob: /may lead out/, write: /lies outside/, edit: /lies outside/ }],
  ['link.txt', { read: /symbolic link/, list: /symbolic link/, grep: /symbolic link/, glob: /symbolic link|ok/, write: /symbolic link/, edit: /symbolic link/ }],
  ['out', { read: /symbolic link/, list: /symbolic link/, grep: /symbolic link/, write: /symbolic link/, edit: /symbolic link/ }],
  ['out/secret.txt', { read: /symbolic link/, list: /symbolic link/, grep: /symbolic link/, glob: /symbolic link/, write: /symbolic link/, edit: /symbolic link/ }],
  ['dangling', { read: /symbolic link/, list: /symbolic link/, grep: /symbolic link/, write: /symbolic link/, edit: /symbolic link/ }],
  ['zero', { read: /symbolic link/, list: /symbolic link/, grep: /symbolic link/, write: /symbolic link/, edit: /symbolic link/ }],
  ['loop', { read: /leads to itself/, list: /leads to itself/, grep: /leads to itself/, write: /leads to itself/, edit: /leads to itself/ }],
  ['.git/config', { read: /^ok$/, write: /belongs to git/, edit: /belongs to git/ }],
  ['.GIT/config', { write: /belongs to git/, edit: /belongs to git/ }],
  ['git/config', { write: /belongs to git/, edit: /belongs to git/ }],
  ['sub/.git', { write: /belongs to git/, edit: /belongs to git/ }],
  ['fifo', { read: /neither a file nor a directory/, list: /is not a directory/, grep: /neither a file nor a directory|^ok$/, write: /neither a file nor a directory/, edit: /neither a file nor a directory/ }],
  ['socket', { read: /neither a file nor a directory/, list: /is not a directory/, grep: /neither a file nor a directory|^ok$/, write: /neither a file nor a directory/, edit: /neither a file nor a directory/ }],
  ['binary', { read: /^ok$/, list: /is not a directory/, grep: /^ok$/, write: /^ok$/ }],
  ['binary-edited', { edit: /is a binary file/ }],
  ['huge', { read: /^ok$/, list: /is not a directory/, edit: /are not edited/ }],
  ['none', { read: /does not exist/, list: /does not exist/, grep: /does not exist/, edit: /does not exist/, write: /^ok$/ }],
  ['d', { read: /is a directory/, list: /^ok$/, write: /is a directory/, edit: /is a directory/ }],
]; // biome-ignore format: a table is read by rows

const INPUT_AT: Readonly<Record<string, (place: string) => unknown>> = {
  read: (path) => ({ path }),
  list: (path) => ({ path }),
  grep: (paths) => ({ pattern: 'inside', paths }),
  glob: (patterns) => ({ patterns }),
  write: (path) => ({ path, content: 'x' }),
  edit: (path) => ({ path, replacements: [{ old: 'inside', new: 'x' }] }),
};

describe('A file system with traps', function () {
  this.timeout(60_000);
  let folder: Traps;
  let server: Server | undefined;
  beforeEach(async () => {
    folder = await traps();
  });
  afterEach(async () => {
    server?.close();
    server = undefined;
    await folder.dispose();
  });

  for (const [place, expected] of OUTCOMES)
    it(`has one outcome for each tool: ${place}`, async function () {
      if (place === 'fifo' && spawnSync('mkfifo', [folder.at('fifo')]).status !== 0) this.skip();
      if (place === 'socket') {
        server = createServer().listen(path.relative(process.cwd(), folder.at('socket')));
        await new Promise((resolve) => server?.once('listening', resolve));
      }
      if (place.startsWith('binary')) writeFileSync(folder.at(place), Buffer.from([0, 1, 2, 0xff, 0]));
      if (place === 'huge') {
        writeFileSync(folder.at('huge'), 'inside\n');
        truncateSync(folder.at('huge'), 3 * 2 ** 30);
      }
      const before = folder.untouched();
      for (const [tool, said] of Object.entries(expected)) {
        const result = await folder.run(tool as ToolName, INPUT_AT[tool]?.(place));
        checkResult(result, tool);
        assert.match(messageOf(result) ?? (result.end.kind === 'passed' || result.end.kind === 'failed' ? 'ok' : result.end.kind), said, `${tool} ${place}`);
        assert.deepEqual(folder.untouched(), before, `${tool} ${place}`);
      }
    }); // biome-ignore format: short

  it('keeps the before-image of a file of three gigabytes that is written over', async function () {
    // It takes so much of the disk, where that cannot clone files.
    if (!process.env['VOLLEY_HUGE']) this.skip();
    writeFileSync(folder.at('huge'), 'inside\n');
    truncateSync(folder.at('huge'), 3 * 2 ** 30);
    const result = await folder.run('write', { path: 'huge', content: 'small' });
    assert.equal(messageOf(result), undefined);
    assert.equal(readFileSync(folder.at('huge'), 'utf8'), 'small');
  });

  it('is not written through a directory that becomes a link between the check and the write', async () => {
    const before = folder.untouched();
    const swap = () => {
      renameSync(folder.at('d'), folder.at('d-moved'));
      symlinkSync(path.join(folder.outside, 'dir'), folder.at('d'));
    };
    const journal = mkdtempSync(path.join(os.tmpdir(), 'volley-journal-'));
    const changes = openChanges({ journal: openJournal(journal, quiet), label: 'x', date: () => new Date(), log: quiet, groupOf: () => undefined });
    const result = await folder.run('write', { path: 'd/secret.txt', content: 'x' }, {
      writeFile: (file, content) => {
        swap();
        return changes.write('o' as OperationId, file, content);
      },
    });
    rmSync(journal, { recursive: true });
    assert.match(messageOf(result) ?? 'written', /became a symbolic link|leads through a symbolic link/);
    assert.deepEqual(folder.untouched(), before);
  }); // biome-ignore format: short

  it('is not put back through a directory that has become a link', async () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'volley-journal-'));
    const journal = openJournal(directory, quiet);
    const change = await journal.begin('x', [folder.at('d/secret.txt'), folder.at('d/b.txt')], new Date(), { atomic: true });
    renameSync(folder.at('d'), folder.at('d-moved'));
    symlinkSync(path.join(folder.outside, 'dir'), folder.at('d'));
    const before = folder.untouched();
    const { restored, conflicts } = await change.restore();
    assert.deepEqual(folder.untouched(), before);
    assert.deepEqual([restored, conflicts.length], [[], 2]);
    rmSync(directory, { recursive: true });
  });
});
