/** Loads a file by `loadCompiled` and prints what it exports: `compiled-program.ts FILE CACHE`. */
import { loadCompiled } from '../../src/cli/compiled.js';

const [, , file = '', cache = ''] = process.argv;
process.stdout.write(JSON.stringify(loadCompiled(file, cache)));
