/** Tools that something of their language starts, with nothing that changes what they check. Pure. */
import type { Word } from './script-runners.js';

/**
 * `go tool golangci-lint run` and `go run honnef.co/go/tools/cmd/staticcheck@latest ./...`: the name of the tool, and where in `args` its
 * own arguments begin; undefined where Go starts something else, or a program of the module itself.
 */
export function toolOfGo(args: readonly string[]): { readonly name: string; readonly start: number } | undefined {
  const command = args[0];
  if (command !== 'tool' && command !== 'run') return undefined;
  const at = args.findIndex(
    (arg, index) => index > 0 && !arg.startsWith('-') && !/^-(?:modfile|tags|C|mod)$/.test(args[index - 1] ?? ''),
  );
  const place = args[at] ?? '';
  if (at < 0 || (command === 'run' && !/^[\w-]+(?:\.[\w-]+)+\/.*$/.test(place))) return undefined;
  const segments = place.replace(/@.*$/, '').split('/');
  // The major version is the last part of a path without being the name.
  const name = segments.filter((segment) => !/^v\d+$/.test(segment)).at(-1) ?? '';
  return name === '' ? undefined : { name, start: at + 1 };
}

/**
 * What gotestsum tells `go test`: its own options only say how results are shown. Undefined where they say more: which tests run again, what
 * it does for ever, or what runs in place of `go test`.
 */
export function summedTests(words: readonly Word[]): readonly Word[] | undefined {
  const end = words.findIndex(({ value }) => value === '--');
  const own = end < 0 ? words : words.slice(0, end);
  const packages: Word[] = [];
  let index = 0;
  for (; index < own.length && own[index]?.value.startsWith('-'); index += 1) {
    const [name = '', ...inline] = (own[index]?.value ?? '').split('=');
    if (!SHOWS_TESTS.test(name) && name !== '--packages') return undefined;
    const follows = inline.length === 0 && !/^--(?:no-color|hide-summary-skipped|debug|jsonfile-timing-events)$/.test(name);
    const value = inline.length > 0 ? inline.join('=') : own[index + 1]?.value;
    if (name === '--packages' && value !== undefined)
      packages.push(...value.split(/\s+/).map((each) => ({ value: each, glob: false })));
    if (follows) index += 1;
  }
  return [...(end < 0 ? [] : words.slice(end + 1)), ...own.slice(index), ...packages];
}

const SHOWS_TESTS =
  /^(?:-f|--(?:format|format-icons|format-hide-empty-pkg|hide-summary|no-summary|junitfile|junitfile-[a-z-]+|jsonfile|jsonfile-timing-events|no-color|debug|max-fails))$/;

/** `php -d memory_limit=-1 vendor/bin/phpstan analyse` → `vendor/bin/phpstan analyse`; undefined for a program of the project's own. */
export function toolOfPhp(words: readonly Word[]): readonly Word[] | undefined {
  const [first, ...rest] = words;
  if (first?.value !== 'php') return undefined;
  const at = rest.findIndex(({ value }, index) => !value.startsWith('-') && rest[index - 1]?.value !== '-d');
  return /^(?:\.\/)?vendor\/bin\/[\w.-]+$/.test(rest[at]?.value ?? '') ? rest.slice(at) : undefined;
}

/** What a runner of a monorepo is told to run in its projects: `nx run-many -t lint test`, `nx run app:lint`, `moon run :lint`, `lage test`. */
export function targetsOfRunner(program: string, args: readonly string[]): readonly string[] {
  if (!RUNNERS_OF_PROJECTS.test(program)) return [];
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const named = own.flatMap((arg, index) => {
    if (!/^(?:-t|--targets?)(?:=|$)/.test(arg)) return [];
    if (arg.includes('=')) return arg.slice(arg.indexOf('=') + 1).split(',');
    const next = own.slice(index + 1).findIndex((each) => each.startsWith('-'));
    return own.slice(index + 1, next < 0 ? undefined : index + 1 + next).flatMap((each) => each.split(','));
  });
  if (named.length > 0) return named;
  const [command = '', ...operands] = own.filter((arg) => !arg.startsWith('-'));
  if (command === 'run')
    return operands.slice(0, program === 'moon' ? undefined : 1).map((operand) => operand.split(':')[1] ?? operand);
  // Of moon and lage all operands are targets, of nx what follows is a project.
  return program === 'lage' ? [command, ...operands] : program === 'nx' ? [command] : [];
}

const RUNNERS_OF_PROJECTS = /^(?:nx|moon|lage)$/;
