import assert from 'node:assert/strict';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { commandLine, PROGRAM, validated } from '../support/cli.js';
import { type Workspace, withWorkspace } from '../support/workspaces.js';

const volley = (workspace: Workspace, args: readonly string[], input = '', cwd = workspace.folder) =>
  commandLine(workspace, args, { input, cwd });

const TRAP = "node -e \"require('fs').writeFileSync('executed', '')\"";
const FILES = {
  'package.json': {
    scripts: { words: 'wc -w a.txt', lines: 'wc -l a.txt', all: 'npm run words && npm run lines && sort a.txt', trap: TRAP },
  },
  Makefile: 'all: one two\none:\n\twc -l a.txt\ntwo:\n\twc -w a.txt\n',
  '.github/workflows/ci.yml': 'jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - run: wc -l a.txt\n',
  '.vscode/tasks.json': { tasks: [{ label: 'count', type: 'shell', command: 'wc -l a.txt' }] },
  'session.jsonl':
    '{"tool":"Read","input":{"path":"a.txt"},"durationMs":40}\n{"tool":"Grep","input":{"pattern":"x"},"durationMs":60}\n{"tool":"TodoWrite","input":{}}\nbroken\n',
  'a.txt': 'x\n',
};

describe('volley analyse', () => {
  before(() => access(PROGRAM));

  it('lists what there is to analyse, and what there is to choose', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const all = await volley(workspace, ['analyse']);
      assert.equal(all.code, 0, all.stderr);
      for (const name of [
        'package.json  --script',
        'Makefile  --target',
        '.github/workflows/ci.yml  --job',
        '.vscode/tasks.json  --task',
        'session.jsonl  transcript',
      ])
        assert.ok(all.stdout.includes(`${name}\n`), name);
      const scripts = await volley(workspace, ['analyse', 'package.json']);
      assert.equal(scripts.code, 0);
      assert.match(scripts.stdout, /^ {2}words +wc -w a\.txt\n[\s\S]*Name one: volley analyse package\.json --script words\n$/);
      const { sources } = await validated('analyse', (await volley(workspace, ['analyse', '--json'])).stdout);
      assert.deepEqual(sources[1], { file: 'package.json', kind: 'package script', choices: sources[1].choices });
      const { choices, option } = await validated(
        'analyse',
        (await volley(workspace, ['analyse', 'package.json', '--json'])).stdout,
      );
      assert.deepEqual([option, choices[1]], ['script', { name: 'lines', summary: 'wc -l a.txt' }]);
      const unknown = await volley(workspace, ['analyse', 'package.json', '--script', 'al']);
      assert.deepEqual(
        [unknown.code, unknown.stderr],
        [2, 'package.json has no script “al”. There are: words, lines, all, trap.\n'],
      );
    });
  });

  it('says what could run at the same time, and executes nothing', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const before = await readdir(workspace.folder);
      const { code, stdout } = await volley(workspace, ['analyse', 'package.json', '--script', 'all', '--jobs', '4']);
      assert.equal(code, 0);
      assert.match(stdout, /3 of 3 operations \(100 %\) can run beside at least one other/);
      assert.match(stdout, /Projection, not measured: 3 operations one after another, 1 operation with 4 slots/);
      assert.equal((await volley(workspace, ['analyse', '--script', 'trap'])).code, 0);
      assert.deepEqual(await readdir(workspace.folder), before);
    });
  });

  it('writes the equivalent batch, which runs, and whose durations the next analysis has', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const written = await volley(workspace, ['analyse', 'Makefile', '--target', 'all', '--write', 'made/all.batch.jsonc']);
      assert.equal(written.code, 0, written.stderr);
      assert.match(written.stdout, /made\/all\.batch\.jsonc written\. volley batch made\/all\.batch\.jsonc runs it/);
      const ran = await volley(workspace, ['batch', 'made/all.batch.jsonc', '--json']);
      assert.equal(ran.code, 0, ran.stderr);
      const { projection, operations } = await validated(
        'analyse',
        (await volley(workspace, ['analyse', 'Makefile', '--target', 'all', '--json'])).stdout,
      );
      assert.equal(projection.unit, 'ms');
      assert.ok(operations.every(({ duration }: { duration: { from: string } }) => duration.from === 'history'));
      const again = await volley(workspace, ['analyse', 'Makefile', '--target', 'all', '--write', 'made/all.batch.jsonc']);
      assert.deepEqual([again.code, again.stderr], [2, 'made/all.batch.jsonc was not written: it is there already.\n']);
    });
  });

  it('writes a batch that leaves behind what the sequence leaves behind, also when something fails', async () => {
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['grep -q nothing a.txt && cp a.txt b.txt', []],
      ['wc -l a.txt && cp a.txt b.txt', ['b.txt']],
      ['cp a.txt b.txt && grep -q nothing a.txt && rm b.txt', ['b.txt']],
      ['grep -q nothing a.txt; cp a.txt b.txt', ['b.txt']],
      ['set -e; grep -q nothing a.txt; cp a.txt b.txt', []],
      ['mkdir d && cp a.txt d/b.txt && cd d && cp b.txt c.txt', ['d']],
      ['grep -q nothing a.txt || cp a.txt b.txt', ['b.txt']],
    ];
    for (const [commands, expected] of cases) {
      await withWorkspace({ 'a.txt': 'x\n' }, async (workspace) => {
        const written = await volley(workspace, ['analyse', '--commands', '-', '--write', '../outside/x.batch.jsonc'], commands);
        assert.equal(written.code, 0, written.stderr);
        await volley(workspace, ['batch', '../outside/x.batch.jsonc']);
        const left = (await readdir(workspace.folder)).filter((name) => name !== 'a.txt');
        assert.deepEqual(left, expected, commands);
      });
    }
  });

  it('has the newest verification of the batch in its report', async () => {
    await withWorkspace(FILES, async (workspace) => {
      await volley(
        workspace,
        ['analyse', '--commands', '-', '--write', 'two.batch.jsonc'],
        'sleep 0.05; wc -l a.txt\nsleep 0.05; wc -w a.txt\n',
      );
      const verified = await volley(workspace, ['verify', 'two.batch.jsonc', '--pairs', '2', '--jobs', '2']);
      assert.ok(verified.code < 2, verified.stderr);
      const report = await volley(
        workspace,
        ['analyse', '--commands', '-', '--report', 'two.md'],
        'sleep 0.05; wc -l a.txt\nsleep 0.05; wc -w a.txt\n',
      );
      assert.equal(report.code, 0, report.stderr);
      const markdown = await readFile(path.join(workspace.folder, 'two.md'), 'utf8');
      assert.match(markdown, /## Measured validation\n\n.* Measured on \d{4}-/);
      assert.match(markdown, /\| 2 \| parallel \| /);
    });
  });

  it('prints one document for each source', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const document = async (args: readonly string[], input = '') => {
        const { stdout, code, stderr } = await volley(workspace, ['analyse', ...args, '--json'], input);
        assert.equal(code, 0, stderr);
        return validated('analyse', stdout);
      };
      const transcript = await document(['session.jsonl']);
      assert.deepEqual([transcript.projection.unit, transcript.projection.sequential], ['ms', 100]);
      assert.deepEqual(
        transcript.notTaken.map(({ what }: { what: string }) => what),
        ['TodoWrite'],
      );
      assert.deepEqual(
        transcript.problems.map(({ line }: { line: number }) => line),
        [4],
      );
      assert.equal((await document(['.github/workflows/ci.yml'])).source.choice, 'a');
      assert.equal((await document(['--target', 'all'])).source.file, 'Makefile');
      assert.equal((await document(['--job', 'a'])).source.file, '.github/workflows/ci.yml');
      assert.equal((await document(['--task', 'count'])).source.file, '.vscode/tasks.json');
      assert.equal((await document(['.vscode/tasks.json'])).operations[0].input.shell, 'wc -l a.txt');
      assert.equal((await document(['--commands', '-'], 'ls\nls\n')).operations.length, 2);
      assert.equal((await document(['-'], '{"tool":"LS","input":{}}\n')).source.kind, 'transcript');
    });
  });

  it('writes reports as Markdown and as HTML', async () => {
    await withWorkspace(FILES, async (workspace) => {
      await mkdir(path.join(workspace.folder, 'out'));
      for (const [name, start] of [
        ['out/r.md', /^# Optimisation report: session\.jsonl\n/],
        ['out/r.html', /^<!DOCTYPE html>/],
      ] as const) {
        const { code } = await volley(workspace, ['analyse', 'session.jsonl', '--report', name]);
        assert.equal(code, 0);
        assert.match(await readFile(path.join(workspace.folder, name), 'utf8'), start);
      }
    });
  });

  it('says what is wrong and what to do, and ends with 2', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const wrong: readonly (readonly [readonly string[], RegExp])[] = [
        [['nowhere.txt'], /^nowhere\.txt cannot be read: /],
        [['package.json', '--script', 'all', '--write', 'all.json'], /the name of a batch file ends with \.batch\.jsonc/],
        [['package.json', '--script', 'all', '--report', 'all.txt'], /a report is Markdown \(\*\.md\) or HTML \(\*\.html\)/],
        [['--target', 'thr', '-C', '.'], /^No file of the workspace has a target “thr”\. Looked at: Makefile\. Name the file/],
        [['a.txt', '--commands', 'b.txt'], /^It is not clear what to analyse: a\.txt, or b\.txt\. Name one\.$/m],
        [['Makefile', '--script', 'all'], /^Makefile: Makefile holds no script that could be analysed/],
        [['--transcript', 'a.txt'], /^a\.txt:1: Line 1 of a\.txt is no JSON/],
        [['-C', 'nowhere'], /nowhere/],
      ];
      for (const [args, message] of wrong) {
        const { code, stdout, stderr } = await volley(workspace, ['analyse', ...args, '--json']);
        assert.equal(code, 2, args.join(' '));
        assert.match(stderr, message);
        await validated('error', stdout);
      }
    });
  });
});
