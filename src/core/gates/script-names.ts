/** What the name of a script says about it. Pure. */
import type { Category } from '../gate-model.js';

// biome-ignore format: a table is read by rows
const CATEGORY_OF_WORD: Readonly<Record<string, Category>> = {
  lint: 'lint', linter: 'lint', linting: 'lint', check: 'lint', checks: 'lint', xo: 'lint', eslint: 'lint', oxlint: 'lint', stylelint: 'lint', knip: 'lint', sherif: 'lint', publint: 'lint', style: 'lint',
  types: 'types', type: 'types', typecheck: 'types', typechecking: 'types', typings: 'types', tsc: 'types', tsd: 'types', mypy: 'types', dts: 'types', typing: 'types',
  format: 'format', fmt: 'format', formatting: 'format', prettier: 'format', black: 'format',
  audit: 'security', security: 'security',
  test: 'test', tests: 'test', spec: 'test', specs: 'test', e2e: 'test', unit: 'test', integration: 'test', smoke: 'test',
  verify: 'test', validate: 'test', pytest: 'test', mocha: 'test', jest: 'test', vitest: 'test', ava: 'test', playwright: 'test', cypress: 'test',
};

const CHECKS = new Set([
  'test',
  'tests',
  'unit',
  'integration',
  'lint',
  'check',
  'checks',
  'typecheck',
  'types',
  'audit',
  'verify',
  'spec',
  'specs',
  'e2e',
  'validate',
]);
/** `docs:check`; but `build-types` makes types. */
const CHECKS_AT_END = new Set(['test', 'tests', 'lint', 'check', 'checks', 'typecheck', 'audit', 'verify', 'e2e', 'validate']);
/** `resolve-audit` writes down what somebody has decided about the findings of a check. */
const DECIDES = /^(?:resolve|accept|approve|allow|ignore|suppress|skip|disable|record)$/;
const BUILDS = new Set([
  'build',
  'compile',
  'prepare',
  'prebuild',
  'postbuild',
  'bundle',
  'transpile',
  'generate',
  'codegen',
  'prepack',
  'dist',
]);
/** A script with one of these words in its name changes things, never ends, or repeats the same check for another purpose. */
const NEVER = new Set([
  ...['watch', 'serve', 'server', 'start', 'dev', 'develop', 'debug', 'ui', 'open', 'inspect', 'preview', 'storybook'],
  ...[
    'publish',
    'release',
    'deploy',
    'version',
    'bump',
    'install',
    'postinstall',
    'preinstall',
    'prepare',
    'prepublish',
    'prepublishonly',
  ],
  ...[
    'fix',
    'write',
    'update',
    'clean',
    'reset',
    'setup',
    'init',
    'emit',
    'gen',
    'generate',
    'coverage',
    'cov',
    'bench',
    'benchmark',
    'perf',
    'performance',
    'benchmarks',
    'report',
    'print',
    'show',
    'list',
    'warn',
    'help',
  ],
]);

/** Whether the name alone says that the script is a check: `test`, `lint:css`, `format:check`, `type-check`. */
export function isCheckName(name: string): boolean {
  const words = wordsOf(name);
  if (isExcludedName(name)) return false;
  if (words[0] === 'build' || words[0] === 'compile') return false;
  const formats = words.some((word) => CATEGORY_OF_WORD[word] === 'format');
  const checks = words.some((word) => word === 'check' || word === 'lint' || word === 'test' || word === 'verify');
  if (formats) return checks;
  return (
    CHECKS.has(words[0] ?? '') ||
    (words[0] === 'type' && checks) ||
    (words.length > 1 && CHECKS_AT_END.has(words.at(-1) ?? '') && !DECIDES.test(words[0] ?? '')) ||
    /^\w{3,}(?:check|lint)$/.test(words.at(-1) ?? '')
  );
}

/**
 * Whether the name says that CI, which runs it, tests a surface or against a server, and ends: by hand `test:ui` opens a window, and
 * `dev` alone never ends, but `test:dev` only says what is tested.
 */
export function isTestOfSurface(name: string): boolean {
  const [first = '', ...others] = wordsOf(name);
  const rest = others.filter((word) => !SERVED.test(word));
  return /^(?:tests?|e2e|check)$/.test(first) && rest.length < others.length && !rest.some((word) => NEVER.has(word));
}

const SERVED = /^(?:ui|dev|start)$/;

/** `test-coverage` as `test`. */
export function withoutCoverage(name: string): string {
  return name.replace(/[-:_](?:ci|cov|coverage)$/, '');
}

/**
 * The script that `name` is again with coverage or for CI, by its name: `test` of `test-coverage`. Undefined where there is none, or where
 * the two are told different places, so that they are different tests: `pnpm --filter a test` and `pnpm --filter b test`.
 */
export function baseOfMeasured(name: string, scripts: ReadonlyMap<string, string>): string | undefined {
  const base = withoutCoverage(name);
  if (base === name || !scripts.has(base)) return undefined;
  const [own, its] = [placesIn(scripts.get(name) ?? ''), placesIn(scripts.get(base) ?? '')];
  return own === '' || its === '' || own === its ? base : undefined;
}

/** The packages that a script is told to go to. */
function placesIn(text: string): string {
  return [...text.matchAll(/(?:--filter|--workspace|-[wF])[ =]('[^']*'|"[^"]*"|\S+)/g)].map(([, place = '']) => place).join();
}

/** Tools that only check, by whose names scripts are called that start them in some way. */
const TOOLS = new Set(
  'playwright cypress jest vitest mocha ava pytest eslint xo oxlint stylelint knip sherif publint tsc tsd mypy'.split(' '),
);

/** Whether the name begins with that of a tool: `playwright`, `vitest:browser`. What CI runs by such a name is a check. */
export function isToolName(name: string): boolean {
  return TOOLS.has(wordsOf(name)[0] ?? '');
}

/** Whether the name alone says that the script produces something: `build`, `compile:test`. */
export function isBuildName(name: string): boolean {
  const [first = ''] = wordsOf(name);
  return BUILDS.has(first) && !wordsOf(name).some((word) => word === 'watch' || word === 'dev' || word === 'serve');
}

/** Whether the name says that the script makes what something else needs, and builds nothing: `generate-pem`. */
export function onlyGenerates(name: string): boolean {
  const [first = '', ...others] = wordsOf(name);
  return (
    /^(?:generate|codegen|prepare)$/.test(first) &&
    !others.some((word) => BUILDS.has(word) && !/^(?:generate|codegen)$/.test(word))
  );
}

/** Whether the name says that the script makes pages for readers, and nothing else: `docs:build`, `build-website`. */
export function isPagesName(name: string): boolean {
  const words = wordsOf(name);
  return (
    words.some((word) => PAGES.has(word)) &&
    words.some((word) => BUILDS.has(word)) &&
    words.every((word) => PAGES.has(word) || BUILDS.has(word))
  );
}

const PAGES = new Set('doc docs documentation site website book'.split(' '));

/** Whether the name says that running the script is not a check, whatever it contains: `lint:fix`, `test:watch`, `release`. */
export function isExcludedName(name: string): boolean {
  return wordsOf(name).some((word) => NEVER.has(word));
}

/** What kind of check the name speaks of. */
export function categoryOfName(name: string): Category {
  const categories = wordsOf(name).flatMap((word) => CATEGORY_OF_WORD[word] ?? []);
  // `check` says little, so a word next to it decides: `check:types`, `format:check`.
  const telling = wordsOf(name)
    .filter((word) => word !== 'check' && word !== 'checks')
    .flatMap((word) => CATEGORY_OF_WORD[word] ?? []);
  // `test:types` is one of several scripts whose family is called test.
  const family = /^tests?[:/-]/i.test(name) ? telling.find((category) => category !== 'test') : undefined;
  // A test of something is a test, a format check of tests is not: the first word that says something wins.
  return family ?? telling[0] ?? categories[0] ?? 'test';
}

/** The name as part of an id: `lint:tests` becomes `lint-tests`. */
export function slugOf(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') || 'script'
  );
}

/** The words of a name, whatever divides them: `checkTypes` and `check-types` are `check` and `types`. */
export function wordsOf(name: string): readonly string[] {
  const separated = name.replace(/([a-z\d])([A-Z])/g, '$1-$2').toLowerCase();
  return separated.split(/[^a-z0-9]+/).filter((word) => word !== '');
}
