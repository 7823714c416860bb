/** What go is told to look at where only the shell knows the packages. Pure. */
import { isHole, takesValue } from './script-words.js';

/**
 * `args` of go, which are `given` without what only the shell knows: where the last word is such and no package is left, all packages,
 * since without one go looks at the folder alone. A word that holds nothing names no package.
 */
export function goArguments(given: readonly string[], args: readonly string[]): readonly string[] {
  const [command = ''] = args;
  if (command !== 'test' && command !== 'vet') return args;
  const said = args.filter((arg) => arg !== '');
  const last = given.findLast((arg) => arg !== '');
  const isNamed = said.slice(1).some((arg) => /^\.{0,2}\/|^\.$|\.\.\.$|^[\w.-]+\/[\w./-]+$/.test(arg));
  return last !== undefined && isHole(last) && !isNamed ? [...said, './...'] : said;
}

/** Whether go is told to install what the module itself is, all of it: that builds it. */
export function buildsModule(program: string, args: readonly string[]): boolean {
  const [command, ...rest] = args;
  const places = rest.filter((arg, index) => !arg.startsWith('-') && !takesValue((rest[index - 1] ?? '').replace(/^--?/, '-')));
  return program === 'go' && command === 'install' && places.every((place) => /^\.(?:\/\.\.\.|\/)?$/.test(place));
}
