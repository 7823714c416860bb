/** What users start: keeps compiled code where Node can (from 22 on), then loads the command line. Nothing is compiled before. */
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';

const { enableCompileCache } = module as { enableCompileCache?: (directory: string) => unknown };
// It says in its result that it could not, and throws nothing.
enableCompileCache?.(path.join(cacheDirectory(process.platform, process.env), 'compiled'));
require('./cli/main.cjs');

/** The platform's place for what can be made anew: XDG cache, Caches, or LocalAppData. */
function cacheDirectory(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  if (env['VOLLEY_HOME']) return path.resolve(env['VOLLEY_HOME'], 'cache');
  const home = os.homedir();
  if (platform === 'win32') return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'volley', 'cache');
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'volley');
  return path.join(env['XDG_CACHE_HOME'] ?? path.join(home, '.cache'), 'volley');
}
