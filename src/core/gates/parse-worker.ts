/** The thread that parses large outputs; the entry point of a bundle of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { parse } from './parsers.js';
import type { ParseJob } from './read-output.js';

const { parser, input } = workerData as ParseJob;
parentPort?.postMessage(parse(parser, input));
