/** What a call of cargo, or of a command that others have added to it, chooses: packages, kinds of targets, single tests. Pure. */

/** What tells calls of cargo apart. */
export interface CargoChoice {
  /** As `coversOfCargo` compares them; none for everything. */
  readonly targets: readonly string[];
  /** Options by which other code is compiled, or tests run that are left out else. */
  readonly variant: readonly string[];
}

/**
 * The options of cargo mean the same to its commands, also to those that others have added (`cargo hack test -p core`). Which targets and
 * which tests are chosen matters to test runs only: of what is compiled, each part needs others.
 */
export function cargoChoice(given: readonly string[]): CargoChoice {
  const end = given.indexOf('--');
  const own = end < 0 ? given : given.slice(0, end);
  const first = own.findIndex((arg) => arg.startsWith('-'));
  const command = first < 0 ? own : own.slice(0, first);
  const isTest = command.some((word) => /^(?:test|t|nextest)$/.test(word));
  const { packages, kinds, filters } = chosen(own.slice(command.length));
  const behind = end < 0 ? [] : given.slice(end + 1);
  const asked = behind.filter((arg) => LEFT_OUT_ELSE.test(arg));
  const tests = [...filters, ...filtersOfTests(behind)];
  const variant = [...own.filter((arg) => OF_FEATURES.test(arg)), ...(isTest ? asked : [])];
  const all = isTest ? product(packages, kinds, tests) : product(packages, [], []);
  return { targets: all, variant };
}

/** Whether what a choice stands for lies in what the other does. */
export function coversOfCargo(upper: string, target: string): boolean {
  const [above, below] = [parts(upper), parts(target)];
  return above.every((part, index) => part === '' || part === below[index] || below[index]?.startsWith(`${part}:`) === true);
}

/** Whether a target is a choice of cargo's. */
export function isCargoChoice(target: string): boolean {
  return target.startsWith(MARK);
}

const MARK = 'cargo|';

function parts(choice: string): readonly string[] {
  return choice.slice(MARK.length).split('|');
}

function product(packages: readonly string[], kinds: readonly string[], filters: readonly string[]): readonly string[] {
  if (packages.length + kinds.length + filters.length === 0) return [];
  const any = (list: readonly string[]) => (list.length > 0 ? list : ['']);
  return any(packages).flatMap((name) =>
    any(kinds).flatMap((kind) => any(filters).map((filter) => MARK + [name, kind, filter].join('|'))),
  );
}

/** Other sets of features than the usual, one after another. */
const OF_FEATURES = /^--(?:each-feature|feature-powerset)$/;
/** Tests that a project leaves out unless somebody asks for them. */
const LEFT_OUT_ELSE = /^--(?:ignored|include-ignored)$/;

/** Of a target of its own name: `--test api`. A pattern is all of the kind. */
const KINDS: Readonly<Record<string, string>> = { '--test': 'test', '--bin': 'bin', '--example': 'example', '--bench': 'bench' };
/** Documentation is tested where nothing is chosen, or by its own option. */
const ALL_KINDS = ['lib', 'bin', 'test', 'example'];
const SETS: Readonly<Record<string, readonly string[]>> = {
  '--lib': ['lib'],
  '--doc': ['doc'],
  '--bins': ['bin'],
  '--examples': ['example'],
  '--benches': ['bench'],
  '--tests': ALL_KINDS,
  '--all-targets': [...ALL_KINDS, 'bench'],
};

interface Chosen {
  readonly packages: readonly string[];
  readonly kinds: readonly string[];
  readonly filters: readonly string[];
}

function chosen(args: readonly string[]): Chosen {
  const packages: string[] = [];
  const kinds: string[] = [];
  const filters: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    const [name = '', ...inline] = arg.split('=');
    const next = args[index + 1];
    const follows = VALUED.test(name) && inline.length === 0 && next !== undefined && !next.startsWith('-');
    const value = inline.length > 0 ? inline.join('=') : follows ? next : undefined;
    if (follows) index += 1;
    if (/^(?:-p|--package)$/.test(name) && value !== undefined) packages.push(value);
    else if (Object.hasOwn(KINDS, name) && value !== undefined)
      kinds.push(/[*?]/.test(value) ? (KINDS[name] ?? '') : `${KINDS[name]}:${value}`);
    else if (Object.hasOwn(SETS, arg)) kinds.push(...(SETS[arg] ?? []));
    else if (!arg.startsWith('-')) filters.push(arg);
  }
  return { packages, kinds, filters };
}

/** Options of cargo that are followed by a value, and those of commands that are often added to it. */
const VALUED =
  /^(?:-[pFjZE]|--(?:package|exclude|features|target|target-dir|manifest-path|profile|message-format|color|test|bin|example|bench|jobs|config|exclude-features|exclude-no-default-features|skip|depth|include-features|at-least-one-of|group-features|mutually-exclusive-features|optional-deps|version-range|rust-version|release-type|toolchain|filter-expr|filterset|partition|cargo-profile|test-threads|retries|run-ignored))$/;

/** What the program that runs the tests is told to look for. */
function filtersOfTests(args: readonly string[]): readonly string[] {
  return args.filter(
    (arg, index) =>
      !arg.startsWith('-') &&
      !/^--(?:test-threads|format|color|logfile|skip|report-time|shuffle-seed)$|^-Z$/.test(args[index - 1] ?? ''),
  );
}
