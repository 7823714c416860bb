/**
 * The entry point of a bundle of its own: the thread that looks at files. The table of languages in it is large and needed nowhere else, so
 * that a host without threads loads the same bundle.
 */
import { parentPort } from 'node:worker_threads';
import { type ScanJob, scan } from './scan.js';

export { createScanner } from './scan.js';

parentPort?.on('message', (job: ScanJob) => parentPort?.postMessage(scan(job)));
