import assert from 'node:assert/strict';
import path from 'node:path';
import type { Detection, Gate } from '../../../src/core/gate-model.js';
import { detectGates } from '../../../src/core/gates/detect.js';
import { shardingOf } from '../../../src/core/gates/gate-abilities.js';
import type { Mention } from '../../../src/core/gates/mention.js';
import { definePreset, type Preset } from '../../../src/core/gates/preset.js';
import { PRESETS } from '../../../src/core/gates/presets.js';
import { detected } from '../../support/detected.js';
import { temporaryFolder } from '../../support/folder.js';

/** A tool of which only what `row` says matters. */
function tool(id: string, row: Partial<Parameters<typeof definePreset>[0]> = {}): Preset {
  return definePreset({
    id,
    tool: id,
    category: 'lint',
    ecosystem: 'system',
    documentation: `https://example.org/${id}`,
    programs: [id],
    detectedBy: 'configuration',
    isCheck: () => true,
    parser: 'none',
    install: `install ${id}`,
    ...row,
  });
}

const is =
  (...words: string[]) =>
  (args: readonly string[]) =>
    words.includes(args[0] ?? '');

const TOOLS: readonly Preset[] = [
  tool('ruff', {
    programs: ['ruff'],
    ecosystem: 'python',
    isCalledBy: is('check'),
    subcommands: ['check'],
    valueOptions: ['--select'],
    isCheck: (args) => !args.includes('--fix'),
    isFix: (args) => args.includes('--fix'),
    fix: (options) => [...options, '--fix'],
    configFiles: ['ruff.toml'],
    defaultOptions: ['check'],
    takes: ['**/*.py'],
    fileOptions: ['--force-exclude'],
    reads: ['**/*.py'],
    sharding: { kind: 'files' },
  }),
  tool('ruff-format', {
    programs: ['ruff'],
    category: 'format',
    ecosystem: 'python',
    isCalledBy: is('format'),
    subcommands: ['format'],
    isCheck: (args) => args.includes('--check'),
    isFix: (args) => !args.includes('--check'),
    defaultOptions: ['format', '--check'],
  }),
  tool('pytest', {
    category: 'test',
    ecosystem: 'python',
    configFiles: ['pytest.ini'],
    workers: { own: 1, options: ['-n', '{workers}'], env: {}, saidBy: ['-n', '--numprocesses'] },
  }),
  tool('unittest', { category: 'test', ecosystem: 'python', detectedBy: 'command only' }),
  tool('cargo-test', {
    programs: ['cargo'],
    category: 'test',
    ecosystem: 'rust',
    isCalledBy: is('test'),
    subcommands: ['test'],
    configFiles: ['Cargo.toml'],
    defaultOptions: ['test'],
    workers: { own: 'processors', options: ['--jobs={workers}'], env: {}, saidBy: ['--jobs', '-j'] },
    sharding: { kind: 'option', args: ['--shard={shard}/{shards}'], unless: [] },
  }),
  tool('cargo-check', { programs: ['cargo'], category: 'types', ecosystem: 'rust', isCalledBy: is('check'), configFiles: ['Cargo.toml'], defaultOptions: ['check'] }),
  tool('cargo-clippy', { programs: ['cargo'], ecosystem: 'rust', isCalledBy: is('clippy'), detectedBy: 'command only', subcommands: ['clippy'] }),
  tool('golangci-lint', { subcommands: ['run'], configFiles: ['.golangci.yml'], defaultOptions: ['run'], isCheck: is('run') }),
  tool('pip-audit', { category: 'security', detectedBy: 'command only', ecosystem: 'python' }),
  tool('pre-commit', { detectedBy: 'command only', ecosystem: 'python' }),
]; // biome-ignore format: a table is read by rows

type Said = Partial<Mention> & { readonly run: string | readonly string[] };

function mention({ run, ...rest }: Said): Mention {
  const command = typeof run === 'string' ? ({ kind: 'shell', text: run } as const) : ({ kind: 'argv', argv: run } as const);
  const text = typeof run === 'string' ? run : run.join(' ');
  return { file: 'x', text, command, cwd: '', env: {}, role: 'workflow', name: 'ci', ...rest };
}

const make = (name: string, run: string, more: Partial<Mention> = {}) =>
  mention({ run, role: 'task', name, file: 'Makefile', runner: { program: 'make', args: [name] }, ...more });
const ci = (run: string, more: Partial<Mention> = {}) => mention({ run, file: '.github/workflows/ci.yml', ...more });
const hook = (...argv: string[]) => mention({ run: argv, role: 'hook', name: argv[0] ?? '', file: '.pre-commit-config.yaml' });

async function detect(
  said: readonly Mention[],
  files: Readonly<Record<string, string>> = {},
  env: Record<string, string> = {},
): Promise<Detection & { readonly root: string }> {
  const folder = await temporaryFolder(files);
  try {
    const readMentions = async (directory: string) => (directory === folder.path ? said : []);
    const found = await detectGates({ folders: [{ name: 'app', path: folder.path }], env, presets: TOOLS, readMentions });
    return { ...found, root: folder.path };
  } finally {
    await folder.dispose();
  }
}

/** Each gate as its id and what it runs after its program. */
async function shown(said: readonly Mention[], files: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const { gates } = await detect(said, files);
  return gates.map((gate) => `${gate.id}: ${[...gate.command.argv.slice(1), ...targets(gate)].join(' ')}`);
}

const targets = (gate: Gate) => (gate.files.kind === 'files' ? gate.files.targets : []);

describe('what a repository says of its commands', () => {
  it('tells tools of one program apart by their arguments', async () => {
    assert.deepEqual(await shown([ci('ruff check src\nruff format --check src\nruff clean\ncargo +nightly test --locked')]), [
      'ruff: check src',
      'ruff-format: format --check src',
      'cargo-test: test --locked',
    ]);
  });

  it('makes one gate of a task, a CI step, a hook and a configuration that are the same check', async () => {
    const said = [
      make('lint', 'poetry run ruff check .'),
      ci('make lint'),
      ci('uv run --group dev ruff check'),
      hook('ruff', 'check', '--fix'),
    ];
    const { gates } = await detect(said, { 'ruff.toml': '' });
    assert.deepEqual(
      gates.map(({ id }) => id),
      ['ruff'],
    );
    assert.deepEqual(
      gates[0]?.evidence.map(({ file, text }) => `${file}: ${text}`),
      [
        'Makefile: poetry run ruff check .',
        '.github/workflows/ci.yml: make lint',
        '.github/workflows/ci.yml: uv run --group dev ruff check',
        '.pre-commit-config.yaml: ruff check --fix',
        'ruff.toml: ruff.toml',
      ],
    );
  });

  it('keeps what CI checks besides, when it names other targets or another configuration', async () => {
    const test = make('test', 'pytest tests/unit');
    assert.deepEqual(await shown([test, ci('pytest tests/unit/a.py')]), ['pytest: tests/unit']);
    assert.deepEqual(await shown([test, ci('pytest e2e')]), ['pytest: tests/unit', 'pytest:ci: e2e']);
    assert.deepEqual(await shown([test, ci('pytest $DIRECTORY')]), ['pytest: tests/unit']);
    assert.deepEqual(await shown([ci('pytest --config-file=ci/other.ini'), test]), [
      'pytest: tests/unit',
      'pytest:ci: --config-file=ci/other.ini',
    ]);
  });

  it('takes a script of the package before a task, and a task before CI', async () => {
    const files = { 'package.json': JSON.stringify({ scripts: { lint: 'golangci-lint run --fast' } }) };
    const said = [ci('golangci-lint run --verbose'), make('lint', 'golangci-lint run --timeout 5m')];
    assert.deepEqual(await shown(said, files), ['golangci-lint: run --fast']);
    assert.deepEqual(await shown(said), ['golangci-lint: run --timeout 5m']);
    assert.deepEqual(await shown(said.slice(0, 1)), ['golangci-lint: run --verbose']);
  });

  it('leaves out what installs, releases, measures or is allowed to fail', async () => {
    const said = [
      ci('pip install -e .\npython -m pip install x\nruff check . || true'),
      ci('pytest', { name: 'publish' }),
      ci('pytest', { file: '.github/workflows/release.yml' }),
    ];
    assert.deepEqual(await shown(said), []);
  });

  it('finds the check in conditions, pipes and with values that only CI knows', async () => {
    const step = 'set -e\nif [ "$X" ]; then\n  cargo test --target $TARGET | tee log\nfi\n';
    const expression = ['$', '{{ matrix.flags }}'].join('');
    assert.deepEqual(await shown([ci(`pytest ${expression} -q`)]), ['pytest: -q']);
    assert.deepEqual(await shown([ci(step)]), ['cargo-test: test']);
  });

  it('runs a task in one piece only where no other gate does what its name says', async () => {
    const weird = make('test', './run-everything.sh | tee log');
    assert.deepEqual(await shown([weird]), ['script:make-test: test']);
    const { gates } = await detect([weird, ci('make test')]);
    assert.deepEqual(
      gates[0]?.evidence.map(({ file }) => file),
      ['Makefile', '.github/workflows/ci.yml'],
    );
    assert.deepEqual(await shown([weird, ci('pytest')]), ['pytest: ']);
    assert.deepEqual(await shown([make('deploy', './deploy.sh | tee log'), make('all', './x | y')]), []);
    const partly = make('lint', 'golangci-lint run && ./more.sh');
    assert.deepEqual(await shown([partly]), ['golangci-lint: run']);
  });

  it('follows tasks that call others, and ends for those that call each other', async () => {
    const said = [
      make('check', '', { needs: ['lint'] }),
      make('check', 'make test'),
      make('lint', 'golangci-lint run'),
      make('test', 'pytest -q'),
    ];
    assert.deepEqual(await shown(said), ['golangci-lint: run', 'pytest: -q']);
    assert.deepEqual(await shown([make('a', 'make b'), make('b', 'make a && pytest')]), ['pytest: ']);
  });

  it('makes gates of hooks, of those that mend with the options of the check', async () => {
    assert.deepEqual(await shown([hook('ruff', 'check', '--fix'), hook('ruff', 'format')]), [
      'ruff: check',
      'ruff-format: format --check',
    ]);
  });

  it('runs pre-commit only where none of its hooks is a gate', async () => {
    const all = ci('pre-commit run --all-files');
    assert.deepEqual(await shown([all]), ['pre-commit: run --all-files']);
    assert.deepEqual(await shown([all, hook('ruff', 'check')]), ['ruff: check']);
    assert.deepEqual(await shown([all, hook('unknown-tool')]), ['pre-commit: run --all-files']);
  });

  it('leaves out what another gate checks already, unless the project runs it itself', async () => {
    assert.deepEqual(await shown([], { 'Cargo.toml': '' }), ['cargo-test: test']);
    assert.deepEqual(await shown([ci('cargo check')], { 'Cargo.toml': '' }), ['cargo-test: test']);
    assert.deepEqual(await shown([make('check', 'cargo check')], { 'Cargo.toml': '' }), [
      'cargo-check: check',
      'cargo-test: test',
    ]);
    assert.deepEqual(await shown([ci('python -m unittest && pytest')]), ['pytest: ']);
  });

  it('puts a command with a directory of its own into the package there', async () => {
    const said = [
      ci('cd backend && pytest -q'),
      ci('ruff check', { cwd: 'backend' }),
      make('test', 'cd other && pytest'),
      ci('cd made && pytest'),
    ];
    const { gates, root } = await detect(said, { 'backend/pytest.ini': '', 'backend/pyproject.toml': '', 'other/a.py': '' });
    assert.deepEqual(
      gates.map(({ id, command }) => [id as string, path.relative(root, command.cwd)]),
      [
        ['backend/ruff', 'backend'],
        ['backend/pytest', 'backend'],
        ['other/pytest', 'other'],
      ],
    );
    assert.deepEqual(
      gates[1]?.evidence.map(({ file }) => file),
      ['.github/workflows/ci.yml', 'backend/pytest.ini'],
    );
  });

  it('looks into folders that no manifest names, two levels down', async () => {
    const manifest = {
      'backend/Cargo.toml': '',
      'services/api/Cargo.toml': '',
      'a/b/c/Cargo.toml': '',
      'vendor/x/Cargo.toml': '',
    };
    assert.deepEqual(await shown([], manifest), ['backend/cargo-test: test', 'services/api/cargo-test: test']);
    assert.deepEqual(await shown([], { ...manifest, 'Cargo.toml': '' }), ['cargo-test: test']);
  });
});

describe('what a gate can do', () => {
  const find = async (said: readonly Mention[], files: Readonly<Record<string, string>> = {}) => {
    const { gates, root } = await detect(said, files);
    const [gate] = gates;
    assert.ok(gate);
    return { gate, root };
  };

  it('is told by its row: documentation, options for named files, how it is split', async () => {
    const { gate } = await find([ci('ruff check src')]);
    assert.deepEqual([gate.preset, gate.documentation], ['ruff', 'https://example.org/ruff']);
    assert.deepEqual(gate.files, { kind: 'files', takes: ['**/*.py'], targets: ['src'], fileOptions: ['--force-exclude'] });
    assert.deepEqual(gate.sharding, { kind: 'files' });
    assert.equal(gate.workers, undefined);
  });

  it('mends by the call of the project, else by the options of the check', async () => {
    const { gate } = await find([ci('ruff check --select E src')]);
    assert.deepEqual(gate.fix?.command.argv, ['ruff', 'check', '--select', 'E', '--fix']);
    assert.deepEqual(gate.fix?.files.kind === 'files' && gate.fix.files.targets, ['src']);
    const own = await find([ci('ruff check src'), make('fix', 'A=1 ruff check --fix --unsafe-fixes src')]);
    assert.deepEqual(own.gate.fix?.command.argv, ['ruff', 'check', '--fix', '--unsafe-fixes']);
    assert.equal(own.gate.fix?.command.env['A'], '1');
  });

  it('is told how many workers after its subcommand, unless its own command says so', async () => {
    const { gate } = await find([ci('cargo test --locked')]);
    assert.deepEqual(gate.workers, { own: 'processors', limit: { args: ['--jobs={workers}'], at: 2, env: {} } });
    assert.deepEqual(gate.sharding, { kind: 'option', args: ['--shard={shard}/{shards}'], at: 2 });
    for (const run of ['cargo test --jobs 2', 'cargo test --jobs=2', 'cargo test -j2']) {
      assert.deepEqual((await find([ci(run)])).gate.workers, { own: 'processors' }, run);
    }
    const divided = (await find([ci('cargo test --shard=1/2')])).gate.sharding;
    assert.equal(divided?.kind, 'never');
  });

  it('is told how many workers where the project lets pytest choose', async () => {
    const workersIn = async (files: Readonly<Record<string, string>>) =>
      (await detected({ 'tests/test_a.py': '', ...files })).find(({ preset }) => preset === 'pytest')?.workers;
    const limit = { args: [], at: 1, env: { PYTEST_XDIST_AUTO_NUM_WORKERS: '{workers}' } };
    for (const options of ['-ra -n auto', '-nlogical', '--numprocesses=auto']) {
      const workers = await workersIn({ 'pytest.ini': `[pytest]\naddopts = ${options}\n` });
      assert.deepEqual(workers?.limit?.env, limit.env, options);
    }
    const below = '[pytest]\naddopts =\n    -ra\n    -n auto\n';
    assert.equal((await workersIn({ 'pytest.ini': below }))?.own, 'processors');
    const list = '[tool.pytest.ini_options]\naddopts = ["-ra", "-n", "auto"]\n';
    assert.deepEqual((await workersIn({ 'pyproject.toml': list }))?.own, 'processors');
    for (const options of ['-ra', '-n 4', '-k "not auto"']) {
      assert.equal(await workersIn({ 'pytest.ini': `[pytest]\naddopts = ${options}\n` }), undefined, options);
    }
    assert.equal((await workersIn({ Makefile: 'test:\n\tpytest -n auto\n', 'pytest.ini': '' }))?.own, 'processors');
  });

  it('is divided by packages only where nothing is about all of them together', () => {
    const goTest = PRESETS.find(({ id }) => id === 'go-test');
    assert.ok(goTest);
    const divided = (...args: readonly string[]) => {
      const options = goTest.machineReadable(args);
      const command = {
        kind: 'program',
        program: 'go',
        asModule: false,
        options,
        targets: [],
        written: args,
        given: args,
        env: {},
      };
      const called = { command, programLength: 1, asked: [], configured: '', version: undefined, env: {} };
      return shardingOf(goTest, called as Parameters<typeof shardingOf>[1]);
    };
    assert.deepEqual(divided('test', '-race', '-v', '-tags', 'a', '-run=X', './...'), { kind: 'packages', patterns: ['./...'] });
    assert.deepEqual(divided('test', './a/...', './b'), { kind: 'packages', patterns: ['./a/...', './b'] });
    for (const args of [
      ['-coverprofile=c.out', './...'],
      ['-p', '1', './...'],
      ['-failfast', './...'],
      ['./...', '-args', '-x'],
      ['./a', './b'],
      ['example.org/x/...', './...'],
      [],
    ])
      assert.equal(divided('test', ...args).kind, 'never', args.join(' '));
  });

  it('names what decides its result, where that can be named', async () => {
    const { gate, root } = await find([ci('ruff check')], { 'uv.lock': '', '.venv/bin/ruff': '' });
    assert.deepEqual(gate.reads?.files, ['**/*.py', 'ruff.toml']);
    for (const name of ['uv.lock', 'pyproject.toml', '.venv/bin/ruff', '.venv/pyvenv.cfg']) {
      assert.ok(gate.reads?.also.includes(path.join(root, name)), name);
    }
    assert.ok(gate.reads?.env.includes('CI') && gate.reads.env.includes('PYTHON*'));
    assert.equal((await find([ci('pip-audit')])).gate.reads, undefined);
    assert.equal((await find([make('test', 'a | b')])).gate.reads, undefined);
    const built = { 'package.json': JSON.stringify({ scripts: { test: 'esbuild a.ts --outfile=a.js && pytest' } }) };
    const { gates } = await detect([], built);
    assert.deepEqual(
      gates.map(({ category, reads }) => [category, reads]),
      [
        ['build', undefined],
        ['test', undefined],
      ],
    );
  });

  it('says what to install when a subcommand is a program of its own', async () => {
    const { gates } = await detect([ci('cargo clippy')], { 'bin/cargo': '' }, { HOME: '/nowhere' });
    assert.deepEqual(gates[0]?.availability, {
      kind: 'unavailable',
      reason: 'cargo-clippy is not installed.',
      install: 'Install Rust from https://rustup.rs',
    });
  });
});
