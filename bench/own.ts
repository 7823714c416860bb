/** Prints what Volley's own benchmarks measure. Read ratios, not seconds; nothing here passes or fails. `npm run bench -- own` */

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { batchLines, measureBatches } from './batch.js';
import { measureLargeRepositories, measureRecognition, shares } from './detect.js';
import { canMeasureDispatch, measureDispatch } from './dispatch.js';
import { measureLoopDelay } from './loop-delay.js';
import { measureStartUp, startUpLines } from './start-up.js';
import { summary } from './support.js';

const REPEATS = 5;

const delays = [];
for (let repeat = 0; repeat < REPEATS; repeat += 1) delays.push(await measureLoopDelay());
console.log(`Event loop while 500 operations run, 8 slots, ${REPEATS} repeats (target: never longer than 50 ms)`);
console.log(`  longest time between turns, ms         ${summary(delays.map(({ longestMs }) => longestMs))}`);
console.log(`  most processor time between turns, ms  ${summary(delays.map(({ busiestMs }) => busiestMs))}`);
console.log(`  makespan, ms                           ${summary(delays.map(({ makespanMs }) => makespanMs))}`);

if (canMeasureDispatch()) {
  const { volley, xargs } = await measureDispatch(REPEATS);
  console.log(
    `\nDispatch of 500 trivial commands, processor time in ms a job, ${REPEATS} interleaved pairs (target: 2.0 times xargs)`,
  );
  console.log(`  Volley ${summary(volley)}`);
  console.log(`  xargs  ${summary(xargs)}`);
  console.log(`  ratio  ${summary(volley.map((ms, index) => ms / (xargs[index] ?? ms)))}`);
}

const recognised = await measureRecognition();
const { recall, precision } = shares(recognised);
console.log('\nDetection in the fixtures against lists written by hand (target: both at least 0.95)');
for (const { name, expected, found, right, missing, surplus, ms } of recognised) {
  console.log(`  ${name.padEnd(16)} ${right} of ${expected} found, ${found - right} surplus, ${ms.toFixed(0)} ms`);
  for (const each of missing) console.log(`    missing  ${each}`);
  for (const each of surplus) console.log(`    surplus  ${each}`);
}
console.log(`  recall ${recall.toFixed(3)}  precision ${precision.toFixed(3)}`);
const large = await measureLargeRepositories(REPEATS);
console.log(`\nDetection in large repositories, ms, ${REPEATS} repeats (target: 300 ms for 20,000 files)`);
console.log(`  20,000 files    ${summary(large.files)}`);
console.log(`  1,000 packages  ${summary(large.packages)}`);

console.log(`\n${startUpLines(await measureStartUp(15)).join('\n')}`);

console.log(`\n${batchLines(await measureBatches()).join('\n')}`);

// Each in a process of its own, so that none measures what another has left in memory.
for (const name of ['access', 'tools', 'inspect', 'slots', 'schedules']) {
  console.log(`\nbench/${name}.ts`);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, `${name}.ts`)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
