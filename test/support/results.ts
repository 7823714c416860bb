/** What a mocha run leaves for the script that started it: counts, and proof that each test file was really read. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Names, in the environment, the file that a run writes its results to. */
const VARIABLE = 'VOLLEY_TEST_RESULTS';

/** Starts each text of a suite, where what VS Code itself writes comes the same way. Names no character that anybody sees. */
export const LINE_MARK = '\u2063';

export interface TestResults {
  readonly passed: number;
  readonly failed: number;
  readonly pending: number;
  /** The files that registered a test, relative to the checkout, with `/`, without their ending: `test/core/plan.test`. */
  readonly files: readonly string[];
}

/** Writes the results of `runner` where the environment asks for them. `base`: what the names of files are relative to. */
export function recordResults(runner: Mocha.Runner, base: string): void {
  const file = process.env[VARIABLE];
  if (file === undefined) return;
  // Mocha may end the process as soon as it has emitted `end`: only a synchronous write is certain to arrive.
  runner.once('end', () => process.getBuiltinModule('node:fs').writeFileSync(file, JSON.stringify(resultsOf(runner, base))));
}

/** The results of a run that ended. */
export function resultsOf(runner: Mocha.Runner, base: string): TestResults {
  const name = (file: string) =>
    path
      .relative(base, file)
      .replaceAll('\\', '/')
      .replace(/\.[^.]+$/, '');
  const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
  return { passed: passes, failed: failures, pending, files: [...new Set(filesOf(runner.suite).map(name))].sort() };
}

export const noResults: TestResults = { passed: 0, failed: 0, pending: 0, files: [] };

/** What several runs of the same files, or runs of different files, amount to. */
export function sumResults(results: readonly TestResults[]): TestResults {
  return {
    passed: sum(results.map(({ passed }) => passed)),
    failed: sum(results.map(({ failed }) => failed)),
    pending: sum(results.map(({ pending }) => pending)),
    files: [...new Set(results.flatMap(({ files }) => files))].sort(),
  };
}

/** Reads what `recordResults` wrote; undefined when the run never got to its end. */
export async function readResults(file: string): Promise<TestResults | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as TestResults);
}

/** Hands results on to the script that started this process. */
export async function reportResults(results: TestResults): Promise<void> {
  const file = process.env[VARIABLE];
  if (file !== undefined) await writeFile(file, JSON.stringify(results));
}

/** The environment of a run that writes its results to `file`. */
export function resultsEnvironment(file: string): Readonly<Record<string, string>> {
  return { [VARIABLE]: file };
}

function filesOf(suite: Mocha.Suite): readonly string[] {
  const own = suite.tests.map((test) => test.file).filter((file) => file !== undefined);
  return [...own, ...suite.suites.flatMap(filesOf)];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
