/**
 * What users start: has code optimised later and compiled code kept, by Node where it can (from 22.1 on), then loads the command line.
 * Nothing else is compiled before.
 */
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';
import v8 from 'node:v8';
import { loadCompiled } from './compiled.js';

// About twice as much as usual has to run in a function before it is optimised, since most commands end before that pays. Only where V8
// has the option, which newer ones lack: of an unknown one it complains on standard error.
if (process.versions.node.startsWith('20.')) v8.setFlagsFromString('--interrupt-budget=150000');

const { enableCompileCache } = module as { enableCompileCache?: (directory: string) => unknown };
const compiled = path.join(cacheDirectory(process.platform, process.env), 'compiled');
if (enableCompileCache) {
  // It says in its result that it could not, and throws nothing.
  enableCompileCache(compiled);
  require('./cli/main.cjs');
} else {
  loadCompiled(path.join(__dirname, 'cli', 'main.cjs'), compiled);
}

/** The platform's place for what can be made anew: XDG cache, Caches, or LocalAppData. */
function cacheDirectory(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  if (env['VOLLEY_HOME']) return path.resolve(env['VOLLEY_HOME'], 'cache');
  const home = os.homedir();
  if (platform === 'win32') return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'volley', 'cache');
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'volley');
  return path.join(env['XDG_CACHE_HOME'] ?? path.join(home, '.cache'), 'volley');
}
