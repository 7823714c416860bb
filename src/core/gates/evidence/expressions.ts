/** What expressions and variables of a workflow stand for, as far as the file says. Pure. */
import { runsByName } from '../script-unknown.js';
import { callsIn } from '../script-words.js';
import { type Matrix, variableOf } from './matrix.js';
import { fallbackIn, variableWithFallback, whereGiven } from './matrix-fallback.js';
import type { YamlNode } from './yaml.js';

/** A choice between two texts by what a matrix says; of one by the event the other is no less usual. */
const CHOICE = /^matrix\.(?:(?!&&|\|\|).)+&&\s*'[^']*'\s*\|\|\s*'([^']*)'$/;

const EXPRESSION = /\$\{\{((?:(?!\}\}|\$\{\{).)*)\}\}/g;

/**
 * With what the workflow's own `env` says in its place; of all else a variable of the shell, whose value nobody knows here. `adds`: what only
 * some of the jobs of a matrix say, comes on top of what the others do, and is left to whoever reads the line.
 */
export function withoutExpressions(text: string, env: Readonly<Record<string, string>>, matrix: Matrix, adds = false): string {
  const here = text
    .replace(/\$\{\{\s*runner\.(?:workspace|temp)\s*\}\}\/(?=[\w-]*build)/g, '')
    .replace(/\$(?:GITHUB_WORKSPACE\b|\{GITHUB_WORKSPACE\})/g, '.');
  return here.replace(EXPRESSION, (_, inner: string) => {
    const either = fallbackIn(inner.trim());
    if (either) return `$MATRIX_${variableWithFallback(variableOf(either.key), either.fallback)}`;
    const expression = whereGiven(inner.trim());
    const [, plain, input] = /^(?:env\.(\w+)|(inputs\.[\w-]+))$/.exec(expression) ?? [];
    const variable = plain ?? input ?? '';
    const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
    if (value !== undefined && !value.includes('${{')) return value;
    if (expression === 'github.workspace') return '.';
    const key = /^matrix\.([\w.-]+)$/.exec(expression)?.[1];
    const isAll = key !== undefined && !matrix.isOpen(variableOf(key));
    const [only, ...others] = (isAll ? matrix.values.get(variableOf(key)) : undefined) ?? [];
    // A matrix of one value is a constant.
    if (only !== undefined && others.length === 0 && !(adds && matrix.sometimes.has(variableOf(key ?? '')))) return only;
    // What is said for everything else is usual: `${{ matrix.cross && 'cross' || 'cargo' }}`.
    const usual = CHOICE.exec(expression)?.[1];
    if (usual !== undefined) return usual;
    return key === undefined ? '$EXPRESSION' : `$MATRIX_${variableOf(key)}`;
  });
}

/** `$CARGO build`: a program that the environment names, or that the variable is called after, in its place. */
export function withPrograms(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(PROGRAM_VARIABLE, (whole, before: string, name: string) => {
    const value = Object.hasOwn(env, name) ? (env[name] ?? '') : '';
    if (/^[\w./-]+$/.test(value)) return `${before}${value}`;
    const program = name.toLowerCase();
    return value === '' && runsByName(program) ? `${before}${program}` : whole;
  });
}

/** What steps write down for those after them: `echo "CABAL=$HOME/bin/cabal-3.16 -v1" >> "$GITHUB_ENV"` is a program with its options. */
export function programsToldBy(steps: readonly YamlNode[]): Readonly<Record<string, string>> {
  const texts = steps.map((step) => step.get('run')?.text() ?? '').filter((text) => text.includes('GITHUB_ENV'));
  const said = texts.flatMap(callsIn).flatMap(([program, ...args]) => (program === 'echo' ? args : []));
  return Object.fromEntries(
    said.flatMap((text) => {
      const [, name = '', value = ''] = /^([A-Za-z_]\w*)=(\S+)/.exec(text) ?? [];
      const [program = ''] = /^[a-z][\w]*(?:-[a-z]+)*/.exec(value.split('/').at(-1) ?? '') ?? [];
      return name === '' || program === '' ? [] : [[name, program] as const];
    }),
  );
}

/** With the environments that tox takes from a variable where it is told of none. */
export function withToxEnvironment(line: string, toxenv: string): string {
  const runs = /^\s*(?:(?:uvx|uv run|pipx run)\s(?:.*\s)?|python[\d.]*\s+-m\s+)?tox(?:\s|$)/.test(line);
  return runs && toxenv !== '' && !/\s(?:-e|-f|--notest|-l|--listenvs|config|devenv)(?:\s|$)|[|;&\\]/.test(line)
    ? `${line} -e ${toxenv}`
    : line;
}

/** A variable where a command begins. */
const PROGRAM_VARIABLE = /(^\s*|(?:&&|\|\||;)\s*)"?\$\{?([A-Za-z_]\w*)\}?"?(?=\s)/gm;

/** With what the environment around it says of the variables that it names. */
export function resolvedIn(
  outer: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const named = /\$\{\{\s*(?:env\.(\w+)|(inputs\.[\w-]+))\s*\}\}/g;
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [
      name,
      value.replace(named, (whole, plain: string | undefined, input: string | undefined) => {
        const variable = plain ?? input ?? '';
        return Object.hasOwn(outer, variable) ? (outer[variable] ?? whole) : whole;
      }),
    ]),
  );
}

/** What a step alone is told in its environment: the project's own switches. Of a matrix the first value stands for all. */
export function settingsOf(own: Readonly<Record<string, string>>, matrix: Matrix): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(own).flatMap(([name, value]) => {
      const key = /^\$\{\{\s*matrix\.([\w.-]+)\s*\}\}$/.exec(value)?.[1];
      const known = key === undefined ? value : (matrix.values.get(variableOf(key))?.[0] ?? '');
      return known === '' || known.includes('${{') || known.includes('\n') || SERVICE.test(name) ? [] : [[name, known] as const];
    }),
  );
}

/** Names of settings that are for the service, for others that it talks to, or for how things are shown and kept. */
const SERVICE =
  /URL|URI|HOST|PORT|TOKEN|KEY|SECRET|PASS|USER|PATH|DIR|HOME|CACHE|COLOR|GITHUB|RUNNER|COV|DEBUG|LOG|DSN|MAIL|NAME|VERSION|REGISTRY|BROWSER|TIMEOUT|JOBS|WORKER|PARALLEL|RETR|^(?:CI|PYTHON\w*|PIP\w*|UV_\w+|TOX\w*|HUSKY|CARGO_\w+|RUST_\w+|npm_\w+|NPM_\w+|GH_\w+|COMPOSER_\w+|BUNDLE\w*|JAVA\w*|GRADLE\w*|MAVEN\w*|DOTNET\w*|PG\w+|MYSQL\w+)$/i;
