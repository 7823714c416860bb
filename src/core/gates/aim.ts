/** What tells calls of one tool apart: the targets, the configuration and the variant of the code that they name. Pure. */
import { globMatcher, hasGlob } from '../glob-match.js';
import { cargoChoice, coversOfCargo, isCargoChoice } from './cargo-arguments.js';
import { type Draft, splitArguments } from './drafts.js';
import { nativeBuild } from './native-builds.js';
import type { Preset } from './preset.js';
import { mavenProfiles } from './script-maven.js';
import { choosesTests } from './suite-settings.js';

/** Whether `target` lies in what `upper` names, as far as paths say so. */
export function covers(upper: string, target: string): boolean {
  if (isCargoChoice(upper) && isCargoChoice(target)) return coversOfCargo(upper, target);
  const plain = (text: string) => text.replace(/^\.\//, '').replace(/(?:\/\.\.\.|\/)$/, '');
  const [a, b] = [plain(upper), plain(target)];
  return a === '.' || a === '' || a === '...' || a === b || b.startsWith(`${a}/`) || /[*{]/.test(a);
}

/** Whether it is compiled for a machine of its own: it is no more of the same. */
export function isForMachine({ command }: Draft): boolean {
  return command.kind === 'program' && command.given.some((arg) => /^--target(?:=|$)/.test(arg));
}

/** What a call checks. */
export interface Aim {
  /** Of a file that the tool would not have found by itself. */
  readonly config: string | undefined;
  readonly targets: readonly string[];
  /** Which of several programs the same sources are: by features, tags and conditions. */
  readonly variant: string;
}

const CONFIGURATION = /^(?:-c|--config|--root|--rootDir|--config-file|--project|--configuration|--config-path|--manifest-path)$/;

function isFile(value: string): boolean {
  return /\.[a-z]+$/i.test(value);
}

const NAMED_CONFIGURATION = /^(?:-c|--(?:config|config-file|configuration|config-path|manifest-path|root|rootDir))$/;

/** Undefined for a script in one piece, of which nobody knows what it checks. */
export function aimOf(draft: Draft): Aim | undefined {
  if (!AIMS.has(draft)) AIMS.set(draft, newAim(draft));
  return AIMS.get(draft);
}

/** Each may be compared with thousands. */
const AIMS = new WeakMap<Draft, Aim | undefined>();

function newAim({ command, preset }: Draft): Aim | undefined {
  if (command.kind !== 'program' || !preset) return undefined;
  const given = forTool(command.given, preset);
  const { options, targets: named } = splitArguments(given, preset);
  // Cargo is told of packages and tests by options.
  const cargo = command.program === 'cargo' ? cargoChoice(command.given) : undefined;
  const targets = cargo?.targets ?? named;
  // Which options of a tool that is not known in detail take values, nobody says: of these names all do, where a file follows.
  const said =
    preset.documentation === '' ? valuesOf(command.given, NAMED_CONFIGURATION).filter(isFile) : valuesOf(options, CONFIGURATION);
  const [config] = said;
  return {
    config: config === undefined || /^(?:\.\/?)?$/.test(config) || isUsual(config, preset) ? undefined : config,
    targets,
    // What was built for another machine, or with another compiler, runs the same tests.
    variant: isOfBuild(command.program, command.given)
      ? ''
      : [
          ...variantOf(cargo || preset.id === 'maven' ? given : options, preset),
          ...(cargo?.variant ?? []),
          ...conditionsOf(command.env, preset),
        ]
          .sort()
          .join(' '),
  };
}

/** Without what is for the compiler that a linter of Rust starts: that says what counts as an error, not what is looked at. */
function forTool(given: readonly string[], { ecosystem, category }: Preset): readonly string[] {
  const end = ecosystem === 'rust' && category === 'lint' ? given.indexOf('--') : -1;
  return end < 0 ? given : given.slice(0, end);
}

function isOfBuild(program: string, given: readonly string[]): boolean {
  return program === 'ctest' || nativeBuild(program, given) !== undefined;
}

/** The values of an option. */
function valuesOf(given: readonly string[], option: RegExp): readonly string[] {
  return given.flatMap((arg, index) => {
    const [name = '', ...inline] = arg.split('=');
    const value = option.test(name) ? (inline.length > 0 ? inline.join('=') : given[index + 1]) : undefined;
    return value === undefined || value.startsWith('-') ? [] : [value.replace(/^\.\//, '')];
  });
}

/** Features of Rust and tags of Go, by which other code is compiled; marks by which pytest chooses tests, and how it rewrites what they assert; a browser. */
function variantOf(options: readonly string[], { ecosystem, id }: Preset): readonly string[] {
  // In a browser tests are others, in whichever.
  if (id === 'vitest') return options.some((option) => /^--browser(?:[.=]|$)/.test(option)) ? ['--browser'] : [];
  if (id === 'pytest')
    return [...valuesOf(options, /^(?:-m|--assert|--import-mode)$/), ...options.filter((option) => LETS_IN.test(option))];
  // A profile of Maven chooses modules and tests.
  if (id === 'maven') return mavenProfiles(options);
  // Tests of a group may be left out of all others.
  if (id === 'phpunit') return valuesOf(options, /^--(?:group|testsuite)$/);
  if (ecosystem !== 'rust' && ecosystem !== 'go') return [];
  const named = valuesOf(options, /^(?:--features|-F|--?tags)$/).flatMap((list) => list.split(/[\s,]+/));
  // What is fuzzed is no test of the others.
  const fuzzed = valuesOf(options, /^--?fuzz$/).map((name) => `fuzz ${name}`);
  // So do tests that are long.
  const chosen = options.filter((option) => /^--(?:all-features|no-default-features)$|^--?short$/.test(option));
  return [...chosen, ...named.filter(Boolean), ...fuzzed];
}

/** Options by which pytest runs what it leaves out else, or looks at something else while it runs tests; by habit those of projects, too. */
const LETS_IN =
  /^--(?:doctest-(?:modules|plus|rst|glob)|memray|nbval(?:-lax)?|mpl|(?:run|only|with|test)-[a-z][\w-]*|integration|e2e|slow|runslow|network|live)(?:=|$)/;

/** What a project sets for a call so that it does something else; not what decides how it is shown, or how a service is told. */
function conditionsOf(env: Readonly<Record<string, string>>, { category }: Preset): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (name === 'RUSTFLAGS') return [...value.matchAll(/--cfg[ =](\w+)/g)].map(([, condition = '']) => condition);
    // The same tests in another environment are one suite.
    if (category === 'test' && !choosesTests(name, value)) return [];
    return ASIDE.test(name) ? [] : [`${name}=${value}`];
  });
}

const ASIDE =
  /^(?:RUST\w*|MIRIFLAGS|GOFLAGS|GOEXPERIMENT|GOWORK|GOOS|GOARCH|GOARM|GOAMD64|GOPROXY|GOTOOLCHAIN|GOMAXPROCS|GOGC|GOTRACEBACK|GOPRIVATE|GONOSUMDB|GOSUMDB|GOBIN|GOPATH|GO111MODULE|NODE_\w+|TZ|TERM|COLUMNS|LINES|LANG|LC_\w+|CI|CARGO_\w+|VIRTUALENV_\w+|PYTHON\w*|PYTEST\w*|DJANGO_\w+|RAILS_ENV|XDEBUG_MODE|COMPOSER_\w+)$|COLOR|COV|DEBUG|LOG|VERBOSE|QUIET|TOKEN|TIMEOUT|BROWSERSLIST|_CACHE|CACHE_|^npm_/i;

/** Whether the tool would have found the file by itself. */
function isUsual(config: string, { configFiles, configKeys }: Preset): boolean {
  const own = [...configFiles, ...configKeys.map(({ file }) => file)];
  return USUAL.test(config) || own.includes(config) || own.some((name) => hasGlob(name) && globMatcher([name])(config));
}

/** Names that several tools look for. */
const USUAL = /^(?:Cargo\.toml|pyproject\.toml|setup\.cfg|tox\.ini|tsconfig\.json)$/;
