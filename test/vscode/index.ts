/** What VS Code calls inside its extension host: runs every `*.test` bundle beside this one. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'node:util';
import { recordResults } from '../support/results.js';

/** Resolves when every test passed. Results go where the environment asks for them. */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  // Mocha is an ES module, and this bundle is not.
  const { default: Mocha } = await import('mocha');
  // The extension host hands on each argument of a console call by itself, and much else; the terminal wants these texts only.
  const mark = process.env['VOLLEY_TEST_LINE_MARK'] ?? '';
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => console.log(mark + format(...args));
  const mocha = new Mocha({
    ui: 'bdd',
    reporter: 'spec',
    color: process.env['VOLLEY_TEST_COLOR'] === '1',
    timeout: 60_000,
    forbidOnly: true,
  });
  const names = (await readdir(__dirname)).filter((name) => name.endsWith('.test.cjs')).sort();
  for (const name of names) mocha.addFile(path.join(__dirname, name));
  try {
    await mocha.loadFilesAsync();
  } catch (error) {
    Mocha.reporters.Base.consoleLog(error);
    throw error;
  }
  const failures = await new Promise<number>((resolve) => {
    recordResults(mocha.run(resolve), distFolder());
  });
  if (failures > 0) throw new Error(`${failures} failed`);
}

/** Of the names of test files, what comes after `dist/` is the same as in the checkout. */
function distFolder(): string {
  const tests = `${path.sep}dist${path.sep}`;
  return __dirname.slice(0, __dirname.lastIndexOf(tests) + tests.length);
}
