/** How long whole processes of the command line take beside an empty one of Node: a run of one `true`, and 50 gates that are all answered. */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { median, summary } from './support.js';

const PROGRAM = path.join(import.meta.dirname, '../dist/cli.cjs');
const GATES = 50;
const FILES = 2000;
/** A file that has just been written is always read anew. */
const SETTLED_MS = 3000;

/** In the order of the repeats. */
export interface Samples {
  /** From the start of the process to its end. */
  readonly ms: readonly number[];
  /** Peak of memory in MB, of the process without its children, in runs of its own. */
  readonly megabytes: readonly number[];
}

export interface StartUp {
  /** `node -e 0`. */
  readonly nothing: Samples;
  /** `volley --version`. */
  readonly version: Samples;
  /** `volley run` of one gate that runs `true`. */
  readonly one: Samples;
  /** `volley run` of 50 gates over 2,000 files, nothing of which has changed. */
  readonly answered: Samples;
}

/** Runs each of the programs once in each repeat, after one run of each that does not count. Needs the built command line. */
export async function measureStartUp(repeats: number): Promise<StartUp> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'volley-bench-start-'));
  const samples = { nothing: empty(), version: empty(), one: empty(), answered: empty() };
  try {
    const env = { ...process.env, VOLLEY_HOME: path.join(directory, 'home') };
    const one = await workspace(path.join(directory, 'one'), 0, 1);
    const many = await workspace(path.join(directory, 'many'), FILES, GATES);
    const peak = { program: path.join(directory, 'peak.cjs'), file: path.join(directory, 'peak') };
    const say = `require('node:fs').writeFileSync(${JSON.stringify(peak.file)}, String(process.resourceUsage().maxRSS))`;
    await writeFile(peak.program, `process.on('exit', () => ${say});`);
    await delay(SETTLED_MS);
    const programs = {
      nothing: { cwd: directory, args: ['-e', '0'] },
      version: { cwd: directory, args: [PROGRAM, '--version'] },
      one: { cwd: one, args: [PROGRAM, 'run', '--no-cache'] },
      answered: { cwd: many, args: [PROGRAM, 'run'] },
    };
    for (let repeat = 0; repeat <= repeats; repeat += 1) {
      for (const [name, { cwd, args }] of Object.entries(programs) as [keyof StartUp, { cwd: string; args: string[] }][]) {
        const ms = run(args, cwd, env);
        if (repeat === 0) continue;
        samples[name].ms.push(ms);
        run(['--require', peak.program, ...args], cwd, env);
        samples[name].megabytes.push(Number(await readFile(peak.file, 'utf8')) / 1024);
      }
    }
    return samples;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function empty(): { readonly ms: number[]; readonly megabytes: number[] } {
  return { ms: [], megabytes: [] };
}

async function workspace(folder: string, files: number, gates: number): Promise<string> {
  await mkdir(path.join(folder, 'src'), { recursive: true });
  for (let index = 0; index < files; index += 1)
    await writeFile(path.join(folder, `src/f${index}.ts`), `export const n${index} = ${index};\n`);
  const entries = Array.from({ length: gates }, (_, index) => [`g${index}`, { command: ['true'], inputs: ['src/**'] }]);
  await writeFile(path.join(folder, 'volley.jsonc'), JSON.stringify({ gates: Object.fromEntries(entries) }));
  spawnSync('git', ['init', '-q'], { cwd: folder });
  return folder;
}

function run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return ms;
}

if (process.argv[1] === import.meta.filename) {
  for (const line of startUpLines(await measureStartUp(15))) console.log(line);
}

/** For people. */
export function startUpLines({ nothing, version, one, answered }: StartUp): readonly string[] {
  const line = (name: string, { ms, megabytes }: Samples) => {
    const ratios = ms.map((each, index) => each / (nothing.ms[index] ?? each));
    const above = ms.map((each, index) => each - (nothing.ms[index] ?? each));
    return `  ${name.padEnd(18)} ms ${summary(ms)}  above nothing ${median(above).toFixed(0)}  ratio ${median(ratios).toFixed(2)}  MB ${median(megabytes).toFixed(0)}`;
  };
  return [
    `Whole processes, ${nothing.ms.length} interleaved runs (targets: one true 150 ms above nothing and 45 MB, 50 answered gates 200 ms)`,
    line('node -e 0', nothing),
    line('volley --version', version),
    line('one true', one),
    line('50 answered gates', answered),
  ];
}
