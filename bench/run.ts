/** Prints what the benchmarks measure. Read ratios, not seconds; nothing here passes or fails. `npm run bench` */
import { canMeasureDispatch, measureDispatch } from './dispatch.js';
import { measureLoopDelay } from './loop-delay.js';
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
