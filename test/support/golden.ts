/**
 * Golden files: what the real tools write when they are called as Volley calls them.
 *
 *     npx tsx test/support/golden.ts [tool…]            runs the tools and writes their output anew
 *     npx tsx test/support/golden.ts --accept [tool…]   also writes what the parsers make of it to expected.json: review it
 *     npx tsx test/support/golden.ts --reread [tool…]   writes expected.json anew from the output that is there, after a change of a parser
 *     npx tsx test/support/golden.ts --check [tool…]    runs the tools that are here and compares: `npm run test:tools`
 *     npx tsx test/support/golden.ts --debian           prints the packages of Debian that hold tools
 *     npx tsx test/support/golden.ts --sample           writes what the gates of test/fixtures/sample find (npm ci there first)
 *
 * A tool is a folder test/fixtures/golden/<preset id> with a `tool.json` (how it is installed). Each case is a folder in it: `project`
 * holds the sources, `call.json` how the tool is called, `input.json` what was called, `stdout.txt`, `stderr.txt` and `report.txt` (when
 * there is one) hold what the tool wrote, `expected.json` what it means. Where the tool cannot be installed from npm or Debian, a case
 * has no `call.json`: its output is quoted from the tool's documentation, whose address stands in `input.json` as `source`. What asks a
 * registry about packages gets one on loopback (`registry` in `call.json`), which knows what stands in test/fixtures/golden/registry.json.
 * The JavaScript tools are installed by npm in the temporary directory; others are taken from PATH, or from the directory that
 * VOLLEY_GOLDEN_PYTHON names. With VOLLEY_REQUIRE_TOOLS=1 a tool that is not here is a failure of --check.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ParserId } from '../../src/core/gate-model.js';
import { type Parsed, type ParserInput, parse } from '../../src/core/gates/parsers.js';
import type { Preset } from '../../src/core/gates/preset.js';
import { PRESETS } from '../../src/core/gates/presets.js';
import { REPORT_PLACEHOLDER } from '../../src/core/model.js';
import { type RegistryKind, startAuditRegistry } from './audit-registry.js';

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

/** `tool.json` of a tool: how it comes onto a machine. Without one its cases are quoted from its documentation. */
interface Installation {
  /** Packages for npm with exact versions; an empty list: the tool comes with Node.js. */
  readonly npm?: readonly string[];
  /** Packages of Debian that put the tool on PATH. */
  readonly debian?: readonly string[];
}

/** `call.json` of a case: how the tool is called; without options and targets, like a gate that no command describes. */
interface Call {
  readonly options?: readonly string[];
  readonly targets?: readonly string[];
  /** In place of the preset's first program: `["python3", "-m", "unittest"]`. */
  readonly program?: readonly string[];
  /** Messages of commits that a repository in the project gets first. */
  readonly commits?: readonly string[];
  /** Commands that run in the project first: builds. */
  readonly prepare?: readonly (readonly string[])[];
  /** In place of those of the tool. */
  readonly npm?: readonly string[];
  /** The case whose sources are used. */
  readonly project?: string;
  /** What a registry on loopback answers while the tool runs; without it there is none. */
  readonly registry?: RegistryKind;
}

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

async function main(args: readonly string[]): Promise<void> {
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  const tools = folders(GOLDEN).filter((tool) => wanted.length === 0 || wanted.includes(tool));
  if (args.includes('--sample')) await recordSample();
  else if (args.includes('--debian'))
    console.log([...new Set(tools.flatMap((tool) => installation(tool)?.debian ?? []))].join('\n'));
  else if (args.includes('--check')) await checkAll(tools);
  else if (args.includes('--reread')) for (const tool of tools) rereadTool(tool);
  else for (const tool of tools) await recordTool(tool, args.includes('--accept'));
}

async function recordTool(tool: string, accept: boolean): Promise<void> {
  for (const [name, call] of callsOf(tool)) {
    const exitCode = await record(preset(tool), name, call);
    const folder = path.join(GOLDEN, tool, name);
    if (accept) writeFileSync(path.join(folder, 'expected.json'), json(parse(preset(tool).parser, readInput(folder))));
    console.log(`${tool}/${name}: exit code ${exitCode}`);
  }
}

function rereadTool(tool: string): void {
  for (const name of folders(path.join(GOLDEN, tool))) {
    const folder = path.join(GOLDEN, tool, name);
    writeFileSync(path.join(folder, 'expected.json'), json(parse(preset(tool).parser, readInput(folder))));
  }
}

/** Runs every tool that is here and compares what its parser makes of it with expected.json. Ends with 1 when something differs. */
async function checkAll(tools: readonly string[]): Promise<void> {
  const ran: string[] = [];
  const missing: string[] = [];
  let different = 0;
  for (const tool of tools) {
    const calls = callsOf(tool);
    if (calls.length === 0) continue;
    if (!isHere(tool, calls[0]?.[1] ?? {})) {
      missing.push(tool);
      continue;
    }
    ran.push(tool);
    for (const [name, call] of calls) {
      const { neutral, ended } = await execute(preset(tool), name, call);
      const { stdout, stderr, report, exitCode } = ended.input;
      const input = {
        ...goPackage(path.join(GOLDEN, tool, call.project ?? name, 'project')),
        stdout: neutral(stdout),
        stderr: neutral(stderr),
        exitCode,
        ...(report === undefined ? {} : { report: neutral(report) }),
      };
      const expected = readFileSync(path.join(GOLDEN, tool, name, 'expected.json'), 'utf8');
      const same = json(parse(preset(tool).parser, input)) === expected;
      if (!same) {
        different += 1;
        console.log(
          `${tool}/${name}: DIFFERS\n--- expected\n${expected}\n--- actual\n${json(parse(preset(tool).parser, input))}`,
        );
        console.log(`--- standard output\n${stdout.slice(0, 2000)}\n--- standard error\n${stderr.slice(0, 2000)}`);
      }
    }
    console.log(`${tool}: ${calls.length} calls compared`);
  }
  console.log(`${ran.length} tools were run for real: ${ran.join(', ')}.`);
  if (missing.length > 0) console.log(`${missing.length} tools are not on this machine: ${missing.join(', ')}.`);
  const required = process.env['VOLLEY_REQUIRE_TOOLS'] === '1' && missing.length > 0;
  if (different > 0 || required) process.exitCode = 1;
}

function isHere(tool: string, call: Call): boolean {
  const { ecosystem, programs } = preset(tool);
  if ((ecosystem === 'node' && !call.program) || installation(tool)?.npm?.length) return true;
  const [program = ''] = call.program ?? programs;
  return (environment()['PATH'] ?? '').split(path.delimiter).some((directory) => existsSync(path.join(directory, program)));
}

function installation(tool: string): Installation | undefined {
  return readJson(path.join(GOLDEN, tool, 'tool.json')) as Installation | undefined;
}

/** The cases that the real tool is run for. */
function callsOf(tool: string): readonly (readonly [string, Call])[] {
  return folders(path.join(GOLDEN, tool)).flatMap((name) => {
    const call = readJson(path.join(GOLDEN, tool, name, 'call.json')) as Call | undefined;
    return call === undefined ? [] : [[name, call] as const];
  });
}

function readJson(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Runs the gates of the sample workspace one after another and writes down what they find and how long they take here. */
async function recordSample(): Promise<void> {
  const folder = path.join(path.dirname(GOLDEN), 'sample');
  const bin = path.join(folder, 'node_modules/.bin');
  const report = path.join(os.tmpdir(), 'volley-sample-report.txt');
  const gates: [string, unknown][] = [];
  for (const [id, call] of Object.entries(SAMPLE_CALLS)) {
    const tool = preset(id);
    const started = performance.now();
    const { input } = await run(tool, call, { cwd: folder, bin, report });
    console.log(`${id}: exit code ${input.exitCode}, ${Math.round(performance.now() - started)} ms`);
    const parsed = parse(tool.parser, input);
    if (parsed.kind === 'unreadable') throw new Error(`${tool.tool}: ${parsed.detail}`);
    const relative = (file: string) => path.relative(folder, path.resolve(folder, file)).replaceAll(path.sep, '/');
    const findings = parsed.findings.map(({ file, ...rest }) => ({
      ...(file === undefined ? {} : { file: relative(file) }),
      ...rest,
    }));
    gates.push([id, { outcome: tool.exitCodes.passed.includes(input.exitCode) ? 'passed' : 'failed', findings }]);
  }
  writeFileSync(path.join(folder, 'expected-findings.json'), json({ gates: Object.fromEntries(gates) }));
}

/** Runs one call in a copy of its project and writes down what came of it. */
async function record(tool: Preset, name: string, call: Call): Promise<number> {
  const { ended, neutral } = await execute(tool, name, call);
  const { argv, program, input } = ended;
  const folder = path.join(GOLDEN, tool.id, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'input.json'), json({ argv, exitCode: input.exitCode, version: version(program) }));
  writeFileSync(path.join(folder, 'stdout.txt'), neutral(input.stdout));
  writeFileSync(path.join(folder, 'stderr.txt'), neutral(input.stderr));
  rmSync(path.join(folder, 'report.txt'), { force: true });
  if (input.report !== undefined) writeFileSync(path.join(folder, 'report.txt'), neutral(input.report));
  return input.exitCode;
}

/** `neutral` takes out of a text what belongs to this machine and this moment. */
async function execute(
  tool: Preset,
  name: string,
  call: Call,
): Promise<{ readonly ended: Ended; readonly neutral: (text: string) => string }> {
  const base = toolchain(call.npm ?? installation(tool.id)?.npm ?? []);
  const work = path.join(base, 'work', tool.id, name);
  rmSync(work, { recursive: true, force: true });
  cpSync(path.join(GOLDEN, tool.id, call.project ?? name, 'project'), work, { recursive: true });
  commit(work, call.commits ?? []);
  for (const [program = '', ...args] of call.prepare ?? []) execFileSync(program, args, { cwd: work, stdio: 'pipe' });
  const report = path.join(base, 'work', 'report.txt');
  const registry = call.registry === undefined ? undefined : await startAuditRegistry(call.registry);
  try {
    const bin = path.join(base, 'node_modules/.bin');
    const ended = await run(tool, call, { cwd: work, bin, report, env: registry?.environment ?? {} });
    return { ended, neutral: (text) => neutralised(text, { [work]: NEUTRAL, [report]: '/report', [base]: NEUTRAL }) };
  } finally {
    await registry?.close();
  }
}

/** Makes the folder a repository with these commits; nothing when there is none. */
function commit(folder: string, messages: readonly string[]): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: folder });
  if (messages.length > 0) git('init', '-q');
  if (messages.length > 0) git('add', '--all');
  for (const message of messages) git('commit', '--quiet', '--allow-empty', '-m', message);
}

interface Ended {
  /** As the preset makes it, with the placeholder. */
  readonly argv: readonly string[];
  /** Program and the arguments before those of the tool. */
  readonly program: readonly string[];
  readonly input: ParserInput;
}

/** Where a tool runs, and what it is told of there. */
interface Surroundings {
  readonly cwd: string;
  /** Holds the programs of Node packages. */
  readonly bin: string;
  readonly report: string;
  /** Beside what every tool is told. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a tool as Volley would. */
async function run(tool: Preset, call: Call, { cwd, bin, report, env }: Surroundings): Promise<Ended> {
  rmSync(report, { force: true });
  const options = tool.machineReadable(call.options ?? tool.defaultOptions);
  const given = call.program ?? tool.programs.slice(0, 1);
  const args = [...options, ...(call.targets ?? tool.defaultTargets)];
  const [name = '', ...first] = given;
  const found =
    tool.id === 'node-test' ? process.execPath : existsSync(path.join(bin, name)) && !call.program ? path.join(bin, name) : name;
  const written = [...first, ...args].map((arg) => arg.replace(REPORT_PLACEHOLDER, report));
  const ended = await runToEnd(found, written, { cwd, env: { ...environment(), ...tool.env, ...env } });
  return {
    argv: [...given, ...args],
    program: [found, ...first],
    input: { ...ended, ...(existsSync(report) ? { report: readFileSync(report, 'utf8') } : {}) },
  };
}

/** Runs a program with an empty standard input. Throws when it cannot be started or has not ended after two minutes. */
function runToEnd(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<ParserInput> {
  return new Promise((resolve, reject) => {
    const limits = { encoding: 'utf8', timeout: 120_000, maxBuffer: 64_000_000 } as const;
    const child = execFile(program, args, { ...options, ...limits }, (error, stdout, stderr) => {
      if (error !== null && (error.killed || typeof error.code === 'string')) reject(error);
      else resolve({ stdout, stderr, exitCode: child.exitCode ?? -1 });
    });
    child.stdin?.end();
  });
}

/** Without what belongs to this machine and this moment. */
function neutralised(text: string, directories: Readonly<Record<string, string>>): string {
  const named = Object.entries(directories).reduce((result, [from, to]) => result.replaceAll(from, to), text);
  return named
    .replaceAll(/(?:\/[\w.-]+)+(?=\/lib\/python3)/g, '/usr')
    .replaceAll(/(?:\/[\w.-]+)+(?=\/bin\/(?:flake8|black|mypy|pytest)\b)/g, '/usr')
    .replaceAll(os.homedir(), '/home/user')
    .replaceAll(/https?:\/\/[^\s/"]+(?=\/-\/npm\/)/g, '/registry')
    .replaceAll(/ hostname="[^"]*"/g, ' hostname="host"')
    .replaceAll(/\(node:\d+\)/g, '(node:1)')
    .replaceAll(/0x[0-9a-f]{8,}/g, '0x7f0000000000')
    .replaceAll(/\?mtime=\d+/g, '');
}

/** The directory with these packages installed; the first call for a list installs them. */
function toolchain(packages: readonly string[]): string {
  const name = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12);
  const folder = path.join(realpathSync(os.tmpdir()), 'volley-golden', name);
  const stamp = path.join(folder, 'installed.txt');
  if (existsSync(stamp)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "golden", "private": true }\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const install = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages];
  if (packages.length > 0) execFileSync(npm, install, { cwd: folder, stdio: 'inherit' });
  writeFileSync(stamp, packages.join('\n'));
  return folder;
}

/** As the engine sets it for gates: no colours, one language. Nothing that would tell a tool about this machine. */
function environment(): NodeJS.ProcessEnv {
  const python = process.env['VOLLEY_GOLDEN_PYTHON'];
  const search = [...(python === undefined ? [] : [python]), process.env['PATH'] ?? ''].join(path.delimiter);
  return { PATH: search, HOME: os.homedir(), NO_COLOR: '1', LC_ALL: 'C.UTF-8' };
}

function version([program = '', ...first]: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, [...first, '--version'], {
    env: environment(),
    encoding: 'utf8',
    timeout: 30_000,
  });
  return (stdout || stderr).split('\n')[0]?.trim() ?? '';
}

function readInput(folder: string): ParserInput {
  const { exitCode } = JSON.parse(readFileSync(path.join(folder, 'input.json'), 'utf8')) as { readonly exitCode: number };
  const report = path.join(folder, 'report.txt');
  return {
    ...goPackage(path.join(folder, 'project')),
    stdout: readFileSync(path.join(folder, 'stdout.txt'), 'utf8'),
    stderr: readFileSync(path.join(folder, 'stderr.txt'), 'utf8'),
    exitCode,
    ...(existsSync(report) ? { report: readFileSync(report, 'utf8') } : {}),
  };
}

/** As the engine tells it to the parser of Go's tests. */
function goPackage(project: string): { readonly goPackage?: string } {
  const manifest = path.join(project, 'go.mod');
  const module = existsSync(manifest) ? /^module (\S+)/m.exec(readFileSync(manifest, 'utf8'))?.[1] : undefined;
  return module === undefined ? {} : { goPackage: module };
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
