/** What users start: has compiled code kept, by Node where it can (from 22.1 on), then loads the command line. Nothing else is compiled before. */
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { loadCompiled } from './compiled.js';

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
