/** Calls of Rush, which runs scripts of the projects of a repository by name. Pure. */
import type { Call } from './script-delegation.js';

/** `node common/scripts/install-run-rush.js test` → `rush test`: a file that Rush puts there brings it in. */
export function startedByRushFile(words: readonly string[]): readonly string[] | undefined {
  const [program, file = '', ...rest] = words;
  return program === 'node' && /(?:^|\/)common\/scripts\/install-run-rush(?:-pnpm)?\.js$/.test(file)
    ? ['rush', ...rest]
    : undefined;
}

/** What Rush does itself. */
const OWN =
  /^(?:add|alert|bridge-package|change|check|deploy|help|init|init-[\w-]+|install|install-[\w-]+|link|link-package|list|publish|purge|remove|scan|setup|unlink|update|update-[\w-]+|upgrade-interactive|version)$/;

/** They show more, or do more at once. */
const HARMLESS =
  /^(?:-v|--verbose|--timeline|--debug|-d|--quiet|-q|--ignore-hooks|-p|--parallelism(?:=.*)?|--changed-projects-only|-c)$/;

/** The scripts that a call starts, and in which projects: all where none is named; undefined for anything else. */
export function rushCall(words: readonly string[]): { readonly call: Call; readonly selectors: readonly string[] } | undefined {
  const own = words.filter((word, index) => !/^(?:-p|--parallelism)$/.test(words[index - 1] ?? '') && !HARMLESS.test(word));
  const [command = '', ...options] = own;
  if (!/^[a-z][\w:-]*$/.test(command) || OWN.test(command)) return undefined;
  const selectors: string[] = [];
  for (let index = 0; index < options.length; index += 2) {
    const [option, value] = [options[index], options[index + 1]];
    // What else is built for it, or has changed, nobody knows here.
    if ((option !== '-o' && option !== '--only') || value === undefined || value.includes(':')) return undefined;
    selectors.push(value);
  }
  const script = command === 'rebuild' ? 'build' : command;
  return { call: { script, words: ['npm', 'run', script] }, selectors };
}
