/** The suite that runs against the packaged extension: the test files beside this one. */
export { run } from '../index.js';
