/** The work of a thread: one report, so that a large run holds nobody up. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ReportWork, renderWork } from '../core/report/formats.js';

parentPort?.postMessage(renderWork(workerData as ReportWork));
