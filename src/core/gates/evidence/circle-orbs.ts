/** Orbs of CircleCI: what those that many projects use run for a project, by their own sources; and those that a pipeline defines itself. Pure. */
import { shellWord } from '../../shell-text.js';
import type { YamlNode } from './yaml.js';

/** What a job or a command of an orb runs. */
export interface OrbCall {
  /** Lines for a shell. */
  readonly commands: readonly string[];
  /** Where it is told to run, as it stands there. */
  readonly directory?: string | undefined;
}

/** What it is told, by the names of its parameters. */
type Told = Readonly<Record<string, string>>;
type Row = (told: Told) => OrbCall;

/**
 * What `alias/name` runs, told that; undefined for an orb, or a part of one, of which nothing is known. `orbs`: the `orbs` of a pipeline.
 */
export function callOfOrb(orbs: YamlNode | undefined, name: string, told: Told): OrbCall | undefined {
  const [alias = '', part = ''] = name.split('/');
  const orb = orbs?.get(alias)?.text()?.replace(/@.*$/, '');
  const key = `${orb}/${part}`;
  return orb !== undefined && Object.hasOwn(KNOWN, key) ? KNOWN[key]?.(told) : undefined;
}

/** Commands or jobs that a pipeline defines in orbs of its own, by the names by which it calls them. */
export function inlineOrbs(orbs: YamlNode | undefined, kind: 'commands' | 'jobs'): readonly (readonly [string, YamlNode])[] {
  return (orbs?.entries() ?? []).flatMap(([alias, orb]) =>
    (orb.get(kind)?.entries() ?? []).map(([name, node]) => [`${alias}/${name}`, node] as const),
  );
}

function node(told: Told, script: string | undefined): OrbCall {
  const manager = (told['pkg-manager'] ?? 'npm').replace(/^yarn-berry$/, 'yarn');
  const native = manager === 'bun' && told['test-results-for'] === 'bun';
  const command = native ? 'bun test' : `${manager} run ${script}`;
  return { commands: script === undefined ? [] : [command], directory: told['app-dir'] };
}

function python(told: Told): OrbCall {
  const manager = told['pkg-manager'] ?? 'auto';
  const tool = told['test-tool'] === 'unittest' ? 'python -m unittest' : 'pytest';
  const runner = /^(?:poetry|pipenv|uv)$/.test(manager) ? `${manager} run ` : '';
  return { commands: [joined(`${runner}${tool}`, told['test-tool-args'])], directory: told['app-dir'] };
}

function go(told: Told): OrbCall {
  const flags = ['race', 'short', 'failfast'].filter((flag) => told[flag] === 'true').map((flag) => `-${flag}`);
  const tags = told['build_tags'] ? [`-tags=${shellWord(told['build_tags'])}`] : [];
  return { commands: [joined('go test', ...flags, ...tags, told['packages'] ?? './...')], directory: told['project-path'] };
}

function cargo(command: (told: Told) => string): Row {
  return (told) => ({ commands: [command(told)], directory: told['working_directory'] });
}

function joined(...words: readonly (string | undefined)[]): string {
  return words.filter(Boolean).join(' ');
}

/** By `namespace/orb/part`, as the sources of these orbs have it. */
const KNOWN: Readonly<Record<string, Row>> = {
  'circleci/node/test': (told) => node(told, told['run-command'] ?? 'test'),
  'circleci/node/run': (told) =>
    node(told, told[`${(told['pkg-manager'] ?? 'npm').replace(/^yarn-berry$/, 'yarn')}-run`] ?? told['npm-run']),
  'circleci/python/test': python,
  'circleci/go/test': go,
  'circleci/go/gotestsum': (told) => ({
    commands: [`gotestsum ${told['packages'] ?? './...'}`],
    directory: told['project-path'],
  }),
  'circleci/rust/test': cargo((told) => joined('cargo test', told['package'])),
  'circleci/rust/clippy': cargo((told) => joined('cargo clippy', told['flags'] ?? '--all --all-targets')),
  'circleci/rust/format': cargo(() => 'cargo fmt -- --check'),
  'circleci/rust/lint-test-build': cargo((told) =>
    [joined('cargo clippy', told['clippy_arguments']), 'cargo test', 'cargo build'].join('\n'),
  ),
  'circleci/ruby/rspec-test': (told) => ({ commands: ['bundle exec rspec'], directory: told['app-dir'] }),
  'circleci/ruby/rubocop-check': (told) => ({
    commands: [`bundle exec rubocop ${told['check-path'] ?? '.'}`],
    directory: told['app-dir'],
  }),
  'circleci/shellcheck/check': ({ severity }) => ({
    commands: [joined('shellcheck', severity && `--severity=${severity}`)],
  }),
  'circleci/gradle/test': (told) => ({
    commands: [`./gradlew ${told['test_command'] ?? 'test'}`],
    directory: told['app_src_directory'],
  }),
  'circleci/maven/test': (told) => ({
    commands: [`${told['maven_command'] ?? 'mvn'} ${told['command'] ?? 'verify'}`],
    directory: told['app_src_directory'],
  }),
};
