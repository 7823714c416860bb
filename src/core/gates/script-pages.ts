/** Scripts that make pages for readers: by their names, or by what they start. Pure. */
import { delegationOf } from './script-delegation.js';
import { isDocumentationBuild } from './script-documentation.js';
import { isBuildName, isExcludedName, isPagesName, wordsOf } from './script-names.js';
import { isEndless } from './script-programs.js';
import { followScripts, matchingScripts } from './script-runners.js';
import { callsIn } from './script-words.js';

/**
 * Whether CI makes pages by a script: its name says that it builds them; or it is only called after them, `site`, and starts a program that
 * makes documentation, in a script that it calls, too, and none that shows it to somebody.
 */
export function makesPages(name: string, scripts: ReadonlyMap<string, string>): boolean {
  if (isPagesName(name)) return true;
  if (isExcludedName(name) || !wordsOf(name).every((word) => PAGES.test(word))) return false;
  const calls: (readonly string[])[] = [];
  followScripts(name, scripts, (text) => {
    const own = callsIn(text);
    calls.push(...own);
    return own.flat().flatMap((word) => matchingScripts(word, scripts));
  });
  const isBuilt = calls.some(
    (call) => buildsInPages(call) || call.some((word, index) => isDocumentationBuild(word, call.slice(index + 1))),
  );
  return isBuilt && !calls.some((call) => isEndless(call) || call.some((word) => SHOWS.test(word)));
}

/** Whether a call starts the build of a package in a folder that is called after pages: `pnpm --filter "./docs/**" build`. */
function buildsInPages(call: readonly string[]): boolean {
  const { where, calls = [] } = delegationOf(call) ?? {};
  if (where === undefined || !calls.every(({ script }) => script !== undefined && isBuildName(script))) return false;
  const places = where.kind === 'directory' ? [where.directory] : where.selectors;
  return places.length > 0 && places.every((place) => wordsOf(place).some((word) => PAGES.test(word)));
}

const PAGES = /^(?:api|docs?|documentation|apidocs?|site|website|book|html)$/;
const SHOWS = /^(?:serve|start|dev|watch|open|gh-pages|http-server|live-server|browser-sync|surge|netlify|vercel)$/;
