/** The work of a thread: one report, so that a large run holds nobody up. */
import { parentPort, workerData } from 'node:worker_threads';
import { renderReport } from '../core/report/formats.js';
import type { ReportWork } from './export-report.js';

const { format, input } = workerData as ReportWork;
parentPort?.postMessage(renderReport(format, input));
