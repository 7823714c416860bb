/** The reporter of the unit and end-to-end tests: mocha's own `spec`, and results for scripts/test.mjs. */
import path from 'node:path';
import Mocha from 'mocha';
import { recordResults } from './results.js';

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    recordResults(runner, path.resolve(import.meta.dirname, '..', '..'));
  }
}
