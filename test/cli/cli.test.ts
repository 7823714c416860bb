import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { access, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Ajv, type AnySchema } from 'ajv';
import { eventually, lives, pidsIn, STUBBORN } from '../support/processes.js';
import { type Workspace, withWorkspace } from '../support/workspaces.js';

const root = path.join(import.meta.dirname, '../..');
const program = path.join(root, 'dist/cli.cjs');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built command line in the workspace, with its data outside of it. */
function start({ folder, outside }: Workspace, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const { CI: _ci, FORCE_COLOR: _forced, NO_COLOR: _none, GITHUB_ACTIONS: _actions, ...rest } = process.env;
  return spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { ...rest, VOLLEY_HOME: outside, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

const volley = (workspace: Workspace, ...args: string[]) => ended(start(workspace, args));

async function validate(name: 'list' | 'run' | 'verify' | 'error', text: string) {
  const schema = JSON.parse(await readFile(path.join(root, 'schemas', `${name}.schema.json`), 'utf8')) as AnySchema;
  const ajv = new Ajv({ allErrors: true });
  const document = JSON.parse(text);
  assert.ok(ajv.validate(schema, document), ajv.errorsText());
  return document;
}

const scripts = (entries: Record<string, string>) => ({ 'package.json': { name: 'x', private: true, scripts: entries } });
const PASSING = scripts({ 'test:a': 'echo a | cat', 'lint:b': 'echo b | cat' });
const FAILING = scripts({ 'test:a': 'echo a | cat', 'test:b': 'echo oops | cat; exit 1' });

describe('The command line', () => {
  before(() => access(program));

  it('fails for new findings only, and lists the others in the document', async () => {
    const check = (line: string) => `echo 'src/a.py:1:1: E1 bad'; ${line}`;
    const configuration = (line: string) => ({
      'volley.jsonc': { gates: { words: { command: { shell: check(line) }, parser: 'flake8' } } },
    });
    await withWorkspace({ 'src/a.py': 'x', ...configuration('exit 1') }, async (workspace) => {
      const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: workspace.folder });
      await git('init', '-q', '-b', 'main');
      await git('add', '.');
      await git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'first');
      assert.equal((await volley(workspace, 'run')).code, 1);
      const { code, stdout } = await volley(workspace, 'run', '--new');
      assert.equal(code, 0, stdout);
      assert.match(stdout, /new findings only/);
      assert.match(stdout, /1 gate ran, 0 new findings, 1 there before: passed/);
      const document = await validate('run', (await volley(workspace, 'run', '--new', '--json')).stdout);
      assert.deepEqual([document.newOnly, document.gates[0].findings.length, document.gates[0].known.length], [true, 0, 1]);
      await writeFile(path.join(workspace.folder, 'src/a.py'), 'y');
      const failed = await volley(workspace, 'run', '--new');
      assert.equal(failed.code, 1);
      assert.match(failed.stdout, /1 gate ran, 1 new finding, 0 there before: failed/);
    });
  });

  it('lists gates with their evidence', async () => {
    await withWorkspace(PASSING, async (workspace) => {
      const { code, stdout } = await volley(workspace, 'list');
      assert.equal(code, 0);
      assert.match(stdout, /test:a/);
      assert.match(stdout, /package\.json:5 {2}"test:a": "echo a \| cat"/);
    });
  });

  it('prints one document that fits its schema, and nothing else, with --json', async () => {
    await withWorkspace(FAILING, async (workspace) => {
      const list = await volley(workspace, 'list', '--json');
      assert.equal((await validate('list', list.stdout)).gates.length, 2);
      const run = await volley(workspace, 'run', '--json');
      assert.deepEqual([run.code, run.stderr], [1, '']);
      const document = await validate('run', run.stdout);
      assert.deepEqual(
        [document.outcome, document.gates.map((gate: { outcome: string }) => gate.outcome)],
        ['failed', ['passed', 'failed']],
      );
      const verify = await volley(workspace, 'verify', '--pairs', '1', '--seed', '3', '--json');
      assert.equal(verify.code, 0);
      assert.deepEqual(
        (await validate('verify', verify.stdout)).trials.map(({ mode }: { mode: string }) => mode),
        ['sequential', 'parallel'],
      );
    });
  });

  it('tells in its document why trials differ, and how many do', async () => {
    const exclusive = { shell: 'mkdir held || exit 1; sleep 0.3; rmdir held' };
    const gates = { a: { command: exclusive }, b: { command: exclusive } };
    await withWorkspace({ 'volley.jsonc': { gates } }, async (workspace) => {
      const { code, stdout } = await volley(workspace, 'verify', '--pairs', '2', '--jobs', '2', '--json');
      assert.equal(code, 1);
      const { verdict, differences } = await validate('verify', stdout);
      assert.equal(verdict, 'results differ');
      for (const { cause, seen } of differences)
        assert.ok(cause === 'undecided' && seen.parallel === 2 && seen.sequential === 2, JSON.stringify(differences));
    });
  }).timeout(60_000);

  it('prints a document with the reason when nothing could be done, with --json', async () => {
    await withWorkspace(PASSING, async (workspace) => {
      for (const args of [
        ['run', 'nope'],
        ['run', '--files', 'nope.ts'],
        ['verify', 'nope'],
        ['fix'],
        ['list', '-C', 'package.json'],
        ['fix', '--undo'],
        ['run', '--what'],
      ]) {
        const { code, stdout, stderr } = await volley(workspace, ...args, '--json');
        assert.equal(code, 2, args.join(' '));
        assert.ok(stderr.includes((await validate('error', stdout)).error));
      }
    });
  });

  it('says that nothing ran, and not that it passed', async () => {
    await withWorkspace({ 'volley.jsonc': { gates: { a: { command: ['true'], inputs: ['*.txt'] } } } }, async (workspace) => {
      const { code, stdout } = await volley(workspace, 'run', '--files', 'volley.jsonc');
      assert.equal(code, 0);
      assert.match(stdout, /^Run All Gates · nothing ran/m);
    });
  });

  it('exits with 0 when all passed, 1 when a gate failed, 2 when one could not run', async () => {
    await withWorkspace(PASSING, async (workspace) => assert.equal((await volley(workspace, 'run')).code, 0));
    await withWorkspace(FAILING, async (workspace) => {
      const { code, stdout } = await volley(workspace, 'run');
      assert.equal(code, 1);
      assert.match(stdout, /oops/, 'a gate that failed without findings shows what it printed');
      assert.equal((await volley(workspace, 'run', 'test:a')).code, 0);
    });
    await withWorkspace(scripts({ test: 'echo broken | cat; kill -SEGV $$' }), async (workspace) =>
      assert.equal((await volley(workspace, 'run', '--timeout', '60')).code, 2),
    );
    await withWorkspace(scripts({ test: 'sleep 600 | cat' }), async (workspace) => {
      const { code, stdout } = await volley(workspace, 'run', '--timeout', '0.3');
      assert.equal(code, 2);
      assert.match(stdout, /timed out/);
    });
  });

  it('refuses bad usage with exit code 2 and a hint', async () => {
    await withWorkspace(PASSING, async (workspace) => {
      for (const [args, message] of [
        [['run', 'nope'], /No gate, tool or category is called "nope"\. There are: .*script:test-a/],
        [['run', '--jobs', 'many'], /It has to be a number above 0/],
        [['run', '--changed', '--staged'], /cannot be used with/],
        [['frobnicate'], /unknown command/],
        [['run', '--what'], /unknown option/],
      ] as const) {
        const { code, stderr } = await volley(workspace, ...args);
        assert.equal(code, 2, args.join(' '));
        assert.match(stderr, message);
      }
    });
    await withWorkspace({}, async (workspace) => {
      const { code, stderr } = await volley(workspace, 'run');
      assert.equal(code, 2);
      assert.match(stderr, /No gate was found/);
    });
  });

  it('refuses a workspace that is none, files that are not in it, and a report that cannot be written', async () => {
    await withWorkspace(PASSING, async (workspace) => {
      for (const [args, message] of [
        [['list', '-C', 'nowhere'], /nowhere is not a folder/],
        [['run', '--json', '-C', 'package.json'], /package\.json is not a folder/],
        [['run', '--files', 'nope.ts', '/etc/hostname'], /no files or folders of .*: nope\.ts, \/etc\/hostname/],
        [['run', '--html', 'no/such/folder.html'], /The report could not be written to .*folder\.html: ENOENT/],
      ] as const) {
        const { code, stderr } = await volley(workspace, ...args);
        assert.equal(code, 2, args.join(' '));
        assert.match(stderr, message);
      }
    });
  });

  it('keeps its exit code when nobody reads its output, and fails when that cannot be written', async () => {
    await withWorkspace(FAILING, async (workspace) => {
      const child = start(workspace, ['run']);
      child.stdout?.destroy();
      const [code] = await once(child, 'close');
      assert.equal(code, 1);
      const full = spawn('sh', ['-c', '"$0" "$1" list --json > /dev/full', process.execPath, program], {
        cwd: workspace.folder,
        stdio: 'ignore',
      });
      assert.equal((await once(full, 'close'))[0], 2);
    });
  });

  it('runs although its own data cannot be written, and says so', async () => {
    await withWorkspace(PASSING, async (workspace) => {
      const { code, stderr } = await ended(
        start(workspace, ['run'], { VOLLEY_HOME: path.join(workspace.folder, 'package.json') }),
      );
      assert.equal(code, 0);
      assert.match(stderr, /Nothing can be written to/);
    });
  });

  it('explains itself, with examples and exit codes', async () => {
    await withWorkspace({}, async (workspace) => {
      const help = await volley(workspace, '--help');
      assert.equal(help.code, 0);
      for (const word of ['list', 'run', 'verify', '130']) assert.ok(help.stdout.includes(word), word);
      assert.match((await volley(workspace, 'run', '--help')).stdout, /--changed[\s\S]*Examples:/);
      assert.match((await volley(workspace, '--version')).stdout, /^\d+\.\d+\.\d+\n$/);
    });
  });

  it('goes on with everything else when a package.json is malformed, and says where', async () => {
    await withWorkspace({ 'package.json': '{\n  "scripts": { "test": oops }\n}' }, async (workspace) => {
      const { stderr } = await volley(workspace, 'list');
      assert.match(stderr, /warning: package\.json:2:\d+: /);
    });
  });

  it('colours nothing unless it writes to a terminal or is told to', async () => {
    await withWorkspace(FAILING, async (workspace) => {
      assert.ok(!(await volley(workspace, 'run')).stdout.includes('\u001b['));
      assert.ok((await ended(start(workspace, ['run'], { FORCE_COLOR: '1' }))).stdout.includes('\u001b['));
      assert.ok(!(await ended(start(workspace, ['run'], { FORCE_COLOR: '1', NO_COLOR: '1' }))).stdout.includes('\u001b['));
    });
  });

  it('stops the others at the first failure with --fail-fast', async () => {
    await withWorkspace(scripts({ 'test:bad': 'exit 1 | exit 1', 'test:long': 'sleep 600 | cat' }), async (workspace) => {
      const { code, stdout } = await volley(workspace, 'run', '--fail-fast', '--jobs', '2');
      assert.equal(code, 1);
      assert.match(stdout, /stopped because "npm run test:bad" failed/);
    });
  });

  it('starts nothing new after the first failure with --stop, and lets what runs come to its end', async () => {
    const checks = {
      'test:bad': 'exit 1 | exit 1',
      'test:running': 'while [ ! -e end ]; do sleep 0.02; done; cat end',
      'test:waiting': 'touch started | cat',
    };
    await withWorkspace(scripts(checks), async (workspace) => {
      const run = start(workspace, ['run', '--stop', '--jobs', '2']);
      const end = ended(run);
      let said = '';
      run.stdout?.on('data', (data) => {
        said += data;
      });
      await eventually('the failure', async () => said.includes('test:bad'));
      await writeFile(path.join(workspace.folder, 'end'), '');
      const { code, stdout } = await end;
      assert.equal(code, 1);
      assert.match(stdout, /passed +npm run test:running/);
      assert.ok(!existsSync(path.join(workspace.folder, 'started')), stdout);
      assert.match((await volley(workspace, 'run', '--stop', '--fail-fast')).stderr, /cannot be used with/);
    });
  });

  it('writes a configuration that changes nothing, and never over one that is there', async () => {
    await withWorkspace(PASSING, async (workspace) => {
      const before = await volley(workspace, 'list');
      const written = await volley(workspace, 'init');
      assert.deepEqual([written.code, written.stderr], [0, '']);
      assert.match(await readFile(path.join(workspace.folder, 'volley.jsonc'), 'utf8'), /"test:a"|script:test-a/);
      assert.deepEqual(await volley(workspace, 'list'), before);
      const again = await volley(workspace, 'init');
      assert.equal(again.code, 2);
      assert.match(again.stderr, /volley\.jsonc was not written: it is there already/);
    });
  });

  it('gives up on a regular expression of a problem matcher that would take for ever', async () => {
    const matcher = { pattern: { regexp: '^(a+)+$', kind: 'file' } };
    const gate = { command: { shell: `echo ${'a'.repeat(60)}!; exit 1` }, problemMatcher: matcher };
    await withWorkspace({ 'volley.jsonc': JSON.stringify({ gates: { evil: gate } }) }, async (workspace) => {
      const { code, stdout } = await volley(workspace, 'run');
      assert.equal(code, 2);
      assert.match(stdout, /reading it took longer than \d+ seconds/);
    });
  }).timeout(90_000);

  it('writes a configuration where nothing was found: there one adds gates of one’s own', async () => {
    await withWorkspace({ 'notes.txt': '' }, async (workspace) => {
      assert.deepEqual(await volley(workspace, 'init').then(({ code, stderr }) => [code, stderr]), [0, '']);
      const list = await volley(workspace, 'list');
      assert.deepEqual([list.code, list.stderr.includes('warning')], [0, false]);
    });
  });

  it('changes gates as volley.jsonc says, and says where that is wrong', async () => {
    const configuration = `{
  // Whatever else there is.
  "gates": {
    "script:test-a": false,
    "greets": { "command": { "shell": "echo 'a.txt:3: hello'; exit 1" }, "problemMatcher": {
      "pattern": { "regexp": "^(.*):(\\\\d+): (.*)$", "file": 1, "line": 2, "message": 3 } } },
    "wrong": { "comand": ["x"] },
  },
}`;
    await withWorkspace({ ...PASSING, 'volley.jsonc': configuration }, async (workspace) => {
      const { stdout, stderr, code } = await volley(workspace, 'run', '--json');
      assert.equal(code, 1);
      assert.match(stderr, /volley\.jsonc:7:\d+: .*comand/);
      const { gates } = JSON.parse(stdout) as {
        gates: { id: string; findings: { file: string; line: number; message: string }[] }[];
      };
      assert.deepEqual(
        gates.map(({ id }) => id),
        ['script:lint-b', 'greets'],
      );
      const [finding] = gates[1]?.findings ?? [];
      assert.deepEqual([finding?.file, finding?.line, finding?.message], ['a.txt', 3, 'hello']);
    });
  });

  it('fixes, checks again, and undoes', async () => {
    const files = {
      'package.json': { name: 'x', private: true },
      'a.txt': 'bad',
      'volley.jsonc': JSON.stringify({
        gates: {
          good: { command: { shell: 'grep -q good a.txt' }, inputs: ['*.txt'], fix: ['sh', '-c', 'printf good > a.txt'] },
        },
      }),
    };
    await withWorkspace(files, async (workspace) => {
      const text = () => readFile(path.join(workspace.folder, 'a.txt'), 'utf8');
      const fixed = await volley(workspace, 'fix');
      assert.equal(fixed.code, 0, fixed.stdout + fixed.stderr);
      assert.match(fixed.stdout, /1 file changed; volley fix --undo puts them back\n {2}a\.txt/);
      const document = await validate('run', (await volley(workspace, 'fix', '--json')).stdout);
      assert.deepEqual(document.fix, { outcome: 'passed', changed: [], gates: [{ id: 'fix:good', outcome: 'passed' }] });
      assert.equal(await text(), 'good');
      const undone = await volley(workspace, 'fix', '--undo');
      assert.equal(undone.code, 0);
      assert.equal(await text(), 'bad');
      assert.equal((await volley(workspace, 'fix', '--undo')).code, 2);
    });
    await withWorkspace(PASSING, async (workspace) => {
      const none = await volley(workspace, 'fix');
      assert.equal(none.code, 2);
      assert.match(none.stderr, /None of these gates has a fixer/);
    });
  });

  it('runs again what a change concerns with watch, until it is interrupted', async () => {
    const files = { ...scripts({ 'test:a': 'cat input.txt | grep good' }), 'input.txt': 'bad', '.gitignore': 'ignored.txt\n' };
    await withWorkspace(files, async (workspace) => {
      // A link that is met while the folder is gone through is no change.
      await symlink('input.txt', path.join(workspace.folder, 'link.txt'));
      const child = start(workspace, ['watch']);
      let stdout = '';
      child.stdout?.on('data', (data) => {
        stdout += data;
      });
      const closed = once(child, 'close');
      const runs = () => stdout.match(/gate: (?:passed|failed)/g) ?? [];
      await eventually('the first run', () => runs().length === 1);
      await writeFile(path.join(workspace.folder, 'ignored.txt'), 'nothing to anybody');
      await writeFile(path.join(workspace.folder, 'input.txt'), 'good');
      await eventually('the second run', () => runs().length === 2);
      child.kill('SIGINT');
      const [code] = await closed;
      assert.equal(code, 130);
      assert.deepEqual(runs(), ['gate: failed', 'gate: passed']);
      assert.doesNotMatch(stdout, /cancelled/);
    });
  });

  it('says that not everything can be watched, and what to do, and runs nothing', async function () {
    await withWorkspace({ ...PASSING, 'a/1.txt': '', 'b/1.txt': '', 'c/1.txt': '' }, async (workspace) => {
      const limited = 'echo 2 > /proc/sys/user/max_inotify_watches && exec "$@"';
      const probe = await promisify(execFile)('unshare', ['-Ur', 'sh', '-c', limited, 'sh', 'true']).catch(() => undefined);
      if (!probe) this.skip();
      const args = ['-Ur', 'sh', '-c', limited, 'sh', process.execPath, program, 'watch', '-C', workspace.folder];
      const ended = await promisify(execFile)('unshare', args, { env: { ...process.env, VOLLEY_HOME: workspace.outside } }).catch(
        (error: { code: number; stderr: string; stdout: string }) => error,
      );
      assert.ok('code' in ended);
      assert.equal(ended.code, 2);
      assert.match(ended.stderr, /^Not everything can be watched: ENOSPC.*max_user_watches/m);
      assert.doesNotMatch(ended.stdout, /gate/);
    });
  });

  it('writes a report that stands alone', async () => {
    await withWorkspace(FAILING, async (workspace) => {
      const file = path.join(workspace.outside, 'report.html');
      await volley(workspace, 'run', '--html', file);
      const html = await readFile(file, 'utf8');
      assert.match(html, /^<!doctype html>/i);
      assert.ok(html.includes('test:b'));
      assert.doesNotMatch(html, /(src|href)="(?!data:|#)/);
    });
  });

  for (const [name, send] of [
    ['SIGINT to the process', (child: ChildProcess) => child.kill('SIGINT')],
    ['SIGTERM to the process', (child: ChildProcess) => child.kill('SIGTERM')],
    ['SIGHUP to the process', (child: ChildProcess) => child.kill('SIGHUP')],
  ] as const) {
    it(`ends with 130 and leaves nothing behind on ${name}`, async () => {
      await withWorkspace(
        { ...scripts({ test: 'sh stubborn.sh pids | cat' }), 'stubborn.sh': STUBBORN.deaf },
        async (workspace) => {
          const child = start(workspace, ['run']);
          const end = ended(child);
          const started = await pidsIn(path.join(workspace.folder, 'pids'), 2);
          send(child);
          assert.equal((await end).code, 130);
          assert.ok((await Promise.all(started.map(lives))).every((alive) => !alive));
        },
      );
    });
  }

  it('leaves nothing behind when it is killed', async () => {
    await withWorkspace(
      { ...scripts({ test: 'sh stubborn.sh pids | cat' }), 'stubborn.sh': STUBBORN.escaping },
      async (workspace) => {
        const child = start(workspace, ['run']);
        const end = ended(child);
        const started = await pidsIn(path.join(workspace.folder, 'pids'), 1);
        child.kill('SIGKILL');
        await end;
        await eventually('its processes are gone', async () => (await Promise.all(started.map(lives))).every((alive) => !alive));
      },
    );
  });
});
