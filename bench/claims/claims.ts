/** All claims, by number. */
import { BEHAVIOUR } from './behaviour.js';
import { CONTEXT_BUDGET } from './budget.js';
import type { Claim } from './claim.js';
import { COMMAND_LINE } from './command-line.js';
import { DEPENDENCIES } from './dependencies.js';
import type { Place } from './place.js';
import { SAMPLE } from './sample.js';
import { STRUCTURE } from './structure.js';
import { TASK_GRAPHS } from './task-graphs.js';
import { THROUGHPUT } from './throughput.js';
import { WAITING } from './waiting.js';

const ALL = [WAITING, THROUGHPUT, COMMAND_LINE, STRUCTURE, BEHAVIOUR, SAMPLE, CONTEXT_BUDGET, DEPENDENCIES, TASK_GRAPHS];

export const CLAIMS: readonly Claim<Place>[] = ALL.flat().sort((a, b) => a.number - b.number);
