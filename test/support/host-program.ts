/** Stands for a host that dies: starts one process the way the engine does, and waits for it. */
import path from 'node:path';
import { startGuard } from '../../src/core/guard.js';
import { runProcess } from '../../src/core/process.js';

const [launcher = '', directory = '', ...argv] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const how = launcher === 'undefined' ? {} : { launcher };
const guard = startGuard(`host-program-${process.pid}`, process.env, log, how);
await runProcess({
  command: { argv, cwd: directory, env: {}, shell: false },
  env: { ...process.env, ...guard.env },
  stdout: path.join(directory, 'stdout'),
  stderr: path.join(directory, 'stderr'),
  signal: new AbortController().signal,
  limitBytes: 1e9,
  guard,
});
await guard.close();
