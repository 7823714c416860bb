/**
 * Golden files: what the real tools write when they are called as Volley calls them.
 *
 *     npx tsx test/support/golden.ts [tool…]            runs the tools and writes their output anew
 *     npx tsx test/support/golden.ts --accept [tool…]   also writes what the parsers make of it to expected.json: review it
 *     npx tsx test/support/golden.ts --sample           writes what the gates of test/fixtures/sample find (npm ci there first)
 *
 * Each case is a folder test/fixtures/golden/<tool>/<case>: `project` holds the sources, `input.json` says what was called,
 * `stdout.txt`, `stderr.txt` and `report.txt` (when there is one) hold what the tool wrote, `expected.json` what it means.
 * The JavaScript tools are installed by npm in the temporary directory; those of Python are taken from PATH, or from the
 * directory that VOLLEY_GOLDEN_PYTHON names.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Parsed, type ParserInput, parse } from '../../src/core/gates/parsers.js';
import type { Preset } from '../../src/core/gates/preset.js';
import { PRESETS } from '../../src/core/gates/presets.js';
import { type ParserId, REPORT_PLACEHOLDER } from '../../src/core/model.js';

/** One recorded call of a real tool, and what the parser should make of it. */
export interface GoldenCase {
  /** `eslint/failing`. */
  readonly name: string;
  readonly parser: ParserId;
  readonly input: ParserInput;
  readonly expected: Parsed;
}

/** Reads all recorded cases, sorted by name. */
export function goldenCases(): readonly GoldenCase[] {
  return folders(GOLDEN).flatMap((tool) =>
    folders(path.join(GOLDEN, tool)).map((name) => ({
      name: `${tool}/${name}`,
      parser: preset(tool).parser,
      input: readInput(path.join(GOLDEN, tool, name)),
      expected: JSON.parse(readFileSync(path.join(GOLDEN, tool, name, 'expected.json'), 'utf8')) as Parsed,
    })),
  );
}

const GOLDEN = fileURLToPath(new URL('../fixtures/golden', import.meta.url));
/** What the machine's own directories are called in golden files. */
const NEUTRAL = '/workspace';

/** Packages that cannot live in one node_modules are installed apart. */
const TOOLCHAINS = {
  common: [
    ...['eslint@10.15.0', 'typescript-eslint@8.73.0', 'prettier@3.10.1', '@biomejs/biome@2.6.8', 'mocha@12.0.3', 'vitest@4.1.12'],
    ...['ava@7.0.0', 'tsd@0.33.0', 'typescript@6.0.3'],
  ],
  xo: ['xo@2.0.2'],
  'typescript-7': ['typescript@7.0.2'],
} as const;
type Toolchain = keyof typeof TOOLCHAINS;

/** How a case is called; without options and targets, like a gate that no script describes. */
interface Call {
  readonly options?: readonly string[];
  readonly targets?: readonly string[];
  readonly toolchain?: Toolchain;
  /** Sources of another case. */
  readonly project?: string;
}

const CALLS: Readonly<Record<string, Readonly<Record<string, Call>>>> = {
  eslint: {
    failing: { options: ['--format', 'stylish'] },
    clean: {},
    crash: {},
    'ignored-file': { options: ['--max-warnings', '5'], targets: ['build/output.js'] },
  },
  xo: { failing: { toolchain: 'xo' }, clean: { toolchain: 'xo' }, crash: { toolchain: 'xo' } },
  tsc: {
    failing: {},
    'failing-typescript-7': { toolchain: 'typescript-7', project: 'failing' },
    clean: {},
    build: { options: ['-b', '--verbose'] },
    'bad-configuration': {},
    crash: {},
  },
  prettier: { failing: {}, clean: {}, 'syntax-error': {}, crash: {} },
  biome: { failing: {}, clean: {}, crash: {} },
  mocha: {
    failing: { targets: ['test/*.test.js'] },
    clean: { targets: ['test/*.test.js'] },
    crash: { targets: ['test/*.test.js'] },
  },
  vitest: { failing: { options: ['--reporter=dot'] }, clean: {}, crash: {}, unhandled: {} },
  'node-test': {
    failing: { options: ['--test'], targets: ['test/price.test.js', 'test/import.test.js'] },
    clean: { options: ['--test'], targets: ['test/math.test.js'] },
    crash: { options: ['--test'], targets: ['not-there.test.js'] },
  },
  ava: { failing: {}, clean: {}, crash: {} },
  tsd: { failing: {}, clean: {}, crash: {} },
  pytest: {
    failing: {},
    'failing-native': { options: ['--tb=native'], project: 'failing' },
    'import-error': {},
    clean: {},
    crash: {},
  },
  mypy: {
    failing: { targets: ['src'] },
    'failing-with-ends': { options: ['--show-error-end', '--strict'], targets: ['src'], project: 'failing' },
    clean: { targets: ['src'] },
    'syntax-error': { targets: ['src'] },
    crash: { targets: ['nowhere'] },
  },
  flake8: { failing: {}, clean: {}, crash: {} },
  black: { failing: {}, clean: {}, 'syntax-error': {}, crash: {} },
};

/** How the gates of the sample workspace are called, by preset. */
const SAMPLE_CALLS: Readonly<Record<string, Call>> = {
  prettier: { targets: ['src', 'test'] },
  eslint: { targets: ['src', 'test'] },
  tsc: { options: ['-p', '.', '--noEmit'] },
  mocha: {},
  'node-test': { options: ['--import', 'tsx', '--test'], targets: ['test/integration/render.test.ts'] },
  black: {},
  flake8: {},
  mypy: { targets: [] },
  pytest: {},
};

function main(args: readonly string[]): void {
  if (args.includes('--sample')) {
    recordSample();
    return;
  }
  const accept = args.includes('--accept');
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  for (const [tool, calls] of Object.entries(CALLS)) {
    if (wanted.length > 0 && !wanted.includes(tool)) continue;
    for (const [name, call] of Object.entries(calls)) {
      const exitCode = record(preset(tool), name, call);
      const folder = path.join(GOLDEN, tool, name);
      if (accept) writeFileSync(path.join(folder, 'expected.json'), json(parse(preset(tool).parser, readInput(folder))));
      console.log(`${tool}/${name}: exit code ${exitCode}`);
    }
  }
}

/** Runs the gates of the sample workspace one after another and writes down what they find and how long they take here. */
function recordSample(): void {
  const folder = path.join(path.dirname(GOLDEN), 'sample');
  const gates = Object.entries(SAMPLE_CALLS).map(([id, call]) => {
    const tool = preset(id);
    const started = performance.now();
    const { input } = run(
      tool,
      call,
      folder,
      path.join(folder, 'node_modules/.bin'),
      path.join(os.tmpdir(), 'volley-sample-report.txt'),
    );
    console.log(`${id}: exit code ${input.exitCode}, ${Math.round(performance.now() - started)} ms`);
    const parsed = parse(tool.parser, input);
    if (parsed.kind === 'unreadable') throw new Error(`${tool.tool}: ${parsed.detail}`);
    const relative = (file: string) => path.relative(folder, path.resolve(folder, file)).replaceAll(path.sep, '/');
    const findings = parsed.findings.map(({ file, ...rest }) => ({
      ...(file === undefined ? {} : { file: relative(file) }),
      ...rest,
    }));
    return [id, { outcome: tool.exitCodes.passed.includes(input.exitCode) ? 'passed' : 'failed', findings }];
  });
  writeFileSync(path.join(folder, 'expected-findings.json'), json({ gates: Object.fromEntries(gates) }));
}

/** Runs one call in a copy of its project and writes down what came of it. */
function record(tool: Preset, name: string, call: Call): number {
  const base = toolchain(call.toolchain ?? 'common');
  const work = path.join(base, 'work', tool.id, name);
  rmSync(work, { recursive: true, force: true });
  cpSync(path.join(GOLDEN, tool.id, call.project ?? name, 'project'), work, { recursive: true });
  const report = path.join(base, 'work', 'report.txt');
  const { argv, program, input } = run(tool, call, work, path.join(base, 'node_modules/.bin'), report);
  const neutral = (text: string) => neutralised(text, { [work]: NEUTRAL, [report]: '/report', [base]: NEUTRAL });
  const folder = path.join(GOLDEN, tool.id, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'input.json'), json({ argv, exitCode: input.exitCode, version: version(program) }));
  writeFileSync(path.join(folder, 'stdout.txt'), neutral(input.stdout));
  writeFileSync(path.join(folder, 'stderr.txt'), neutral(input.stderr));
  rmSync(path.join(folder, 'report.txt'), { force: true });
  if (input.report !== undefined) writeFileSync(path.join(folder, 'report.txt'), neutral(input.report));
  return input.exitCode;
}

interface Ended {
  /** As the preset makes it, with the placeholder. */
  readonly argv: readonly string[];
  readonly program: string;
  readonly input: ParserInput;
}

/** Runs a tool in `cwd` as Volley would. `bin` holds the programs of Node packages. */
function run(tool: Preset, call: Call, cwd: string, bin: string, report: string): Ended {
  rmSync(report, { force: true });
  const options = tool.machineReadable(call.options ?? tool.defaultOptions);
  const [name = '', ...args] = [tool.programs[0] ?? '', ...options, ...(call.targets ?? tool.defaultTargets)];
  const program = tool.id === 'node-test' ? process.execPath : tool.ecosystem === 'node' ? path.join(bin, name) : name;
  const ended = spawnSync(
    program,
    args.map((arg) => arg.replace(REPORT_PLACEHOLDER, report)),
    { cwd, env: environment(), encoding: 'utf8', timeout: 60_000 },
  );
  if (ended.error !== undefined) throw ended.error;
  const { stdout, stderr } = ended;
  const written = existsSync(report) ? { report: readFileSync(report, 'utf8') } : {};
  return { argv: [name, ...args], program, input: { stdout, stderr, exitCode: ended.status ?? -1, ...written } };
}

/** Without what belongs to this machine and this moment. */
function neutralised(text: string, directories: Readonly<Record<string, string>>): string {
  const named = Object.entries(directories).reduce((result, [from, to]) => result.replaceAll(from, to), text);
  return named
    .replaceAll(/(?:\/[\w.-]+)+(?=\/lib\/python3)/g, '/usr')
    .replaceAll(/(?:\/[\w.-]+)+(?=\/bin\/(?:flake8|black|mypy|pytest)\b)/g, '/usr')
    .replaceAll(os.homedir(), '/home/user')
    .replaceAll(/ hostname="[^"]*"/g, ' hostname="host"')
    .replaceAll(/\(node:\d+\)/g, '(node:1)')
    .replaceAll(/0x[0-9a-f]{8,}/g, '0x7f0000000000')
    .replaceAll(/\?mtime=\d+/g, '');
}

/** The directory with these packages installed; the first call of a version installs them. */
function toolchain(name: Toolchain): string {
  const packages = TOOLCHAINS[name];
  const folder = path.join(realpathSync(os.tmpdir()), 'volley-golden', name);
  const stamp = path.join(folder, 'installed.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === packages.join('\n')) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "golden", "private": true }\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], { cwd: folder, stdio: 'inherit' });
  writeFileSync(stamp, packages.join('\n'));
  return folder;
}

/** As the engine sets it for gates: no colours, one language. Nothing that would tell a tool about this machine. */
function environment(): NodeJS.ProcessEnv {
  const python = process.env['VOLLEY_GOLDEN_PYTHON'];
  const search = [...(python === undefined ? [] : [python]), process.env['PATH'] ?? ''].join(path.delimiter);
  return { PATH: search, HOME: os.homedir(), NO_COLOR: '1', LC_ALL: 'C.UTF-8' };
}

function version(program: string): string {
  const { stdout, stderr } = spawnSync(program, ['--version'], { env: environment(), encoding: 'utf8', timeout: 30_000 });
  return (stdout || stderr).split('\n')[0]?.trim() ?? '';
}

function readInput(folder: string): ParserInput {
  const { exitCode } = JSON.parse(readFileSync(path.join(folder, 'input.json'), 'utf8')) as { readonly exitCode: number };
  const report = path.join(folder, 'report.txt');
  return {
    stdout: readFileSync(path.join(folder, 'stdout.txt'), 'utf8'),
    stderr: readFileSync(path.join(folder, 'stderr.txt'), 'utf8'),
    exitCode,
    ...(existsSync(report) ? { report: readFileSync(report, 'utf8') } : {}),
  };
}

function preset(id: string): Preset {
  const found = PRESETS.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`There is no preset '${id}'.`);
  return found;
}

function folders(parent: string): readonly string[] {
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
