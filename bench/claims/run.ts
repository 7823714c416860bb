/**
 * `npm run claims`: checks each claim of bench/claims/README.md with real operations and real waiting. `npm run claims -- 7 12` checks some of them;
 * `--pairs 8` measures longer; `--write` writes bench/CLAIMS.md. Ends with exit code 1 when a target is missed.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { main, UserError } from '../../scripts/processes.mjs';
import { type Checked, type Claim, isReached } from './claim.js';
import { CLAIMS } from './claims.js';
import { type Place, withPlace } from './place.js';
import { type Circumstances, claimText, markdownOf, tableText, verdictText } from './report.js';

/** Four give an interval by three degrees of freedom, and all claims together stay within ten minutes. */
const PAIRS = 6;

/** Checks what the arguments name, and sets the exit code of this process. */
export async function runClaims(args: readonly string[]): Promise<void> {
  await main(() => checkClaims(args));
}

/** Resolves with the exit code. */
async function checkClaims(args: readonly string[]): Promise<number> {
  const { chosen, pairs, write } = read(args);
  const circumstances = await now(pairs);
  const all: Checked[] = [];
  for (const numbers of together(chosen.map(({ number }) => number))) {
    await inOwnProcess(numbers, pairs, (checked) => {
      console.log(`${claimText(checked)}\n`);
      all.push(checked);
    });
  }
  all.sort((a, b) => a.claim.number - b.claim.number);
  console.log(`${tableText(all)}\n\n${verdictText(all)}`);
  if (write) {
    const file = path.join(import.meta.dirname, '..', 'CLAIMS.md');
    await writeFile(file, markdownOf(all, circumstances));
    console.log(`Written: ${path.relative(process.cwd(), file)}`);
  }
  return all.every(isReached) ? 0 : 1;
}

function read(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { write: { type: 'boolean', default: false }, pairs: { type: 'string', default: String(PAIRS) } },
  });
  const pairs = Number(values.pairs);
  if (!Number.isSafeInteger(pairs) || pairs < 2)
    throw new UserError('--pairs takes a whole number from 2: fewer have no interval.');
  const unknown = positionals.filter((each) => !CLAIMS.some(({ number }) => String(number) === each));
  if (unknown.length > 0)
    throw new UserError(
      `There is no claim ${unknown.join(', ')}.`,
      `Claims are: ${CLAIMS.map(({ number }) => number).join(', ')}.`,
    );
  if (values.write && positionals.length > 0)
    throw new UserError('bench/CLAIMS.md is written from one run of all claims.', 'Leave out the numbers, or --write.');
  const chosen = CLAIMS.filter(({ number }) => positionals.length === 0 || positionals.includes(String(number)));
  return { chosen, pairs, write: values.write };
}

/** Those whose checks share work: the runs of all templates. */
const SHARED: readonly number[] = [16, 18];

function together(numbers: readonly number[]): readonly (readonly number[])[] {
  const shared = numbers.filter((number) => SHARED.includes(number));
  return numbers.flatMap((number) => (number === shared[0] ? [shared] : shared.includes(number) ? [] : [[number]]));
}

/**
 * In a process of its own, so that none measures what another has left in memory: on Linux the start of a child takes the longer, the more memory its
 * parent has.
 */
async function inOwnProcess(numbers: readonly number[], pairs: number, tell: (checked: Checked) => void): Promise<void> {
  const program = `const { checkHere } = await import(${JSON.stringify(import.meta.url)}); await checkHere(${JSON.stringify(numbers)}, ${pairs});`;
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', program], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const left = new Set(numbers);
  child.on('message', (message) => {
    const checked = message as Checked;
    left.delete(checked.claim.number);
    tell(checked);
  });
  // After its last message, too.
  const [exitCode, signal] = await once(child, 'close');
  const error = `Its process ended with ${signal === null ? `exit code ${exitCode}` : signal} before it was checked.`;
  for (const claim of CLAIMS.filter(({ number }) => left.has(number))) tell({ claim, checks: [], error, seconds: 0 });
}

/** Checks claims in this process, and sends what each came to to the one that started it. */
export async function checkHere(numbers: readonly number[], pairs: number): Promise<void> {
  for (const claim of CLAIMS.filter(({ number }) => numbers.includes(number))) {
    const checked = await withPlace(pairs, (place) => checkOne(claim, place));
    process.send?.(checked);
  }
  process.disconnect?.();
}

/** What throws is a claim that could not be checked: it is missed, and the others go on. */
async function checkOne(claim: Claim<Place>, place: Place): Promise<Checked> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  try {
    return { claim, checks: await claim.check(place), seconds: seconds() };
  } catch (error) {
    return {
      claim,
      checks: [],
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      seconds: seconds(),
    };
  }
}

async function now(pairs: number): Promise<Circumstances> {
  const [processor] = os.cpus();
  const gigabytes = Math.round(os.totalmem() / 2 ** 30);
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default;
  return {
    machine: `${os.availableParallelism()} × ${processor?.model.trim() ?? 'an unknown processor'}, ${gigabytes} GB, ${os.type()} ${os.release()}`,
    versions: `Volley ${version}${commit()}, Node ${process.version}`,
    date: new Date().toISOString(),
    load: (os.loadavg()[0] ?? 0).toFixed(2),
    pairs,
  };
}

/** Where there is a git checkout. */
function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const changed = git('status', '--porcelain', '--', '../../src') === '' ? '' : ' with changes';
    return ` (${git('rev-parse', '--short', 'HEAD')}${changed})`;
  } catch {
    return '';
  }
}

if (process.argv[1] === import.meta.filename) await runClaims(process.argv.slice(2));
