/** What actions of others run. Pure. */
import { type Inputs, lines, orElse, words } from './action-inputs.js';
import { CHECK_ACTIONS } from './check-actions.js';
import { bakedTargets, startedInImage } from './image-actions.js';
import { LANGUAGE_ACTIONS, SEVERAL_TOOLS } from './language-actions.js';

function yamllint(place: string | undefined, config: string | undefined, strict: string | undefined): readonly string[] {
  const told = [...(config ? ['-c', config] : []), ...(/^(?:true|1)$/.test(strict ?? '') ? ['--strict'] : [])];
  return ['yamllint', ...told, ...orElse(words(place), ['.'])];
}

/** What a well-known action runs, one after another; undefined for any other. */
export function commandsOfAction(uses: string, inputs: Inputs): readonly (readonly string[])[] | undefined {
  const name = uses
    .toLowerCase()
    .replace(/@.*$/, '')
    .replace(/^(docker:\/\/.*):[^/]*$/, '$1')
    .replace(/^docker:\/\//, '');
  if (name === 'hynek/build-and-inspect-python-package') return PACKAGE_CHECKS;
  const several = Object.hasOwn(SEVERAL_TOOLS, name) ? SEVERAL_TOOLS[name]?.(inputs) : undefined;
  if (several) return several;
  const more = Object.hasOwn(LANGUAGE_ACTIONS, name) ? LANGUAGE_ACTIONS[name]?.(inputs) : undefined;
  if (more) return [more];
  const known = [ACTIONS, CHECK_ACTIONS].find((table) => Object.hasOwn(table, name));
  const argv = known ? known[name]?.(inputs) : (startedInImage(uses, inputs) ?? bakedTargets(uses, inputs));
  return argv && [argv];
}

/** Which packages are compared, with which features, and as what they are to be released. */
function semverChecks(inputs: Inputs): readonly string[] {
  const list = (option: string, text: string | undefined) =>
    lines(text)
      .flatMap((line) => line.split(/[\s,]+/))
      .filter(Boolean)
      .flatMap((each) => [option, each]);
  const group = inputs['feature-group'] ?? '';
  return [
    ...['cargo', 'semver-checks'],
    ...[...list('--package', inputs['package']), ...list('--exclude', inputs['exclude'])],
    ...list('--manifest-path', inputs['manifest-path']),
    ...lines(inputs['release-type']).map((type) => `--release-type=${type}`),
    ...(/^(?:all|default|only-explicit)-features$/.test(group) ? [`--${group}`] : []),
    ...lines(inputs['features']?.replace(/[\s,]+/g, ',')).flatMap((features) => ['--features', features]),
  ];
}

/** A package is built, and what was built is looked at. */
const PACKAGE_CHECKS = [
  ['python', '-m', 'build'],
  ['check-wheel-contents', 'dist'],
  ['twine', 'check', '--strict', 'dist/*'],
];

/** Well-known actions that run a tool, and the command that does the same. */
const ACTIONS: Readonly<Record<string, (inputs: Inputs) => readonly string[] | undefined>> = {
  'golangci/golangci-lint-action': ({ args }) => ['golangci-lint', 'run', ...words(args)],
  'astral-sh/ruff-action': ({ args }) => ['ruff', ...(words(args).length > 0 ? words(args) : ['check'])],
  'chartboost/ruff-action': ({ args }) => ['ruff', ...(words(args).length > 0 ? words(args) : ['check'])],
  'ergebnis/composer-normalize-action': () => ['composer', 'normalize', '--dry-run'],
  'dprint/check': () => ['dprint', 'check'],
  'johnnymorganz/stylua-action': ({ args }) => ['stylua', ...words(args)],
  'psf/black': ({ options, src }) => [
    'black',
    ...(words(options).length > 0 ? words(options) : ['--check']),
    ...words(src ?? '.'),
  ],
  'pre-commit/action': ({ extra_args: args }) => ['pre-commit', 'run', ...orElse(words(args), ['--all-files'])],
  'rhysd/actionlint': () => ['actionlint'],
  'raven-actions/actionlint': () => ['actionlint'],
  'gitleaks/gitleaks-action': () => ['gitleaks', 'dir', '.'],
  'embarkstudios/cargo-deny-action': ({ command, 'command-arguments': more }) => [
    ...['cargo', 'deny'],
    ...orElse(words(command), ['check']),
    ...words(more),
  ],
  'actions-rs/cargo': ({ command, args }) => (command === undefined ? undefined : ['cargo', command, ...words(args)]),
  'actions-rs/clippy-check': ({ args }) => ['cargo', 'clippy', ...words(args)],
  'crate-ci/typos': ({ files, config }) => ['typos', ...(config === undefined ? [] : ['--config', config]), ...words(files)],
  'davidanson/markdownlint-cli2-action': ({ globs, config }) => [
    ...['markdownlint-cli2', ...(config === undefined ? [] : ['--config', config])],
    ...orElse(lines(globs), ['*.{md,markdown}']),
  ],
  'streetsidesoftware/cspell-action': ({ files, config }) => [
    ...['cspell', ...(config === undefined ? [] : ['--config', config])],
    ...orElse(lines(files), ['.']),
  ],
  'ibiqlik/action-yamllint': ({ file_or_dir: place, config_file: config, strict }) => yamllint(place, config, strict),
  'frenck/action-yamllint': ({ path: place, config, strict }) => yamllint(place, config, strict),
  'karancode/yamllint-github-action': ({
    yamllint_file_or_dir: place,
    yamllint_config_filepath: config,
    yamllint_strict: strict,
  }) => yamllint(place, config, strict),
  'returntocorp/semgrep-action': () => ['semgrep', 'scan'],
  'obi1kenobi/cargo-semver-checks-action': semverChecks,
  'rustsec/audit-check': () => ['cargo', 'audit'],
  'lycheeverse/lychee-action': ({ args = '.' }) => ['lychee', ...words(args)],
  'rojopolis/spellcheck-github-actions': ({ config_path: path }) => ['pyspelling', ...(path === undefined ? [] : ['-c', path])],
  'ansible/ansible-lint': () => ['ansible-lint'],
  'pycqa/bandit-action': ({ targets = '.' }) => ['bandit', '-r', ...words(targets)],
  'fsfe/reuse-action': () => ['reuse', 'lint'],
  // Without an exit code it reports, whatever it finds.
  'aquasecurity/trivy-action': (inputs) => {
    const { 'scan-type': type = 'image', 'scan-ref': ref = '.', 'exit-code': code, scanners, severity } = inputs;
    if ((type !== 'fs' && type !== 'config') || !/^[1-9]/.test(code ?? '')) return undefined;
    const options = [
      ...(scanners === undefined ? [] : ['--scanners', scanners]),
      ...(severity === undefined ? [] : ['--severity', severity]),
    ];
    return ['trivy', type, '--exit-code', '1', ...options, ref];
  },
  // What it publishes is no check.
  'goreleaser/goreleaser-action': ({ args, distribution }) => {
    const [command, ...rest] = words(args);
    const tries = command === 'check' || (/^(?:build|release)$/.test(command ?? '') && rest.includes('--snapshot'));
    return tries && distribution !== 'goreleaser-pro' ? ['goreleaser', ...words(args)] : undefined;
  },
  // It compares the sizes of two builds, and fails where one does.
  'preactjs/compressed-size-action': ({ 'build-script': script }) => {
    const [name = 'build', ...told] = words(script);
    return ['npm', 'run', name, ...(told.length > 0 ? ['--', ...told] : [])];
  },
  'rinchsan/renovate-config-validator': ({ pattern }) => ['renovate-config-validator', ...words(pattern)],
  'suzuki-shunsuke/github-action-renovate-config-validator': ({ config_file_path: file }) => [
    ...['renovate-config-validator', ...words(file)],
  ],
  'julia-actions/julia-runtest': () => ['julia', '--project', '-e', 'using Pkg; Pkg.test()'],
  'r-lib/actions/check-r-package': () => ['R', 'CMD', 'check', '.'],
  'editorconfig-checker/action-editorconfig-checker': () => ['editorconfig-checker'],
  'j178/prek-action': ({ 'extra-args': args }) => ['prek', 'run', ...orElse(words(args), ['--all-files'])],
  'tox-dev/action-pre-commit-uv': ({ extra_args: args }) => ['pre-commit', 'run', ...orElse(words(args), ['--all-files'])],
  'actions-rust-lang/rustfmt': () => ['cargo', 'fmt', '--all', '--check'],
  'giraffate/clippy-action': () => ['cargo', 'clippy'],
  'aglipanci/laravel-pint-action': () => ['pint', '--test'],
  'standardrb/standard-ruby-action': () => ['standardrb'],
  'bufbuild/buf-lint-action': ({ input }) => ['buf', 'lint', ...words(input)],
  // Of what it compares with nobody knows without.
  'bufbuild/buf-breaking-action': ({ input, against }) =>
    words(against).length === 0 ? undefined : ['buf', 'breaking', ...words(input), '--against', ...words(against)],
  'bridgecrewio/checkov-action': ({ directory = '.' }) => ['checkov', '-d', directory],
  'bearer/bearer-action': () => ['bearer', 'scan', '.'],
  'andresz1/size-limit-action': () => ['size-limit'],
  'securego/gosec': ({ args }) => ['gosec', ...(words(args).length > 0 ? words(args) : ['./...'])],
  'pypa/gh-action-pip-audit': ({ inputs = '' }) => ['pip-audit', ...words(inputs).flatMap((file) => ['-r', file])],
};

/** An action of others that does what a tool does which it is named after. */
const ACTS =
  /^(?!(?:actions|github|docker)\/)[\w.-]+\/[\w./-]*(?:lint|check|scan|format|fmt|action|run|test|spell|style)[\w./-]*(?:@|$)/i;
/** It only brings in what others run, or tells somebody of it. */
const SETS_UP =
  /setup|install|cache|upload|publish|release|deploy|report|comment|login|label|badge|changed|filter|review|annotate|autofix|commit|push|docs|sarif|result/i;

/** They take what earlier steps have changed back to whoever proposed the change: nothing may be left to mend. */
const COMPARES =
  /^(?:autofix-ci\/action|pre-commit-ci\/lite-action|stefanzweifel\/git-auto-commit-action|endbug\/add-and-commit)@/i;

/** Whether an action looks at whether the steps before it have changed anything. */
export function comparesAfterwards(uses: string): boolean {
  return COMPARES.test(uses);
}

/** Whether an action of which nothing more is known may do what a tool does after which it is called, and is told nothing of what to look at. */
export function isNamedAfterTool(uses: string, inputs: Inputs): boolean {
  const isTold = Object.keys(inputs).some((name) => /arg|path|file|glob|option|dir|target|src/i.test(name));
  return !isTold && ACTS.test(uses) && !SETS_UP.test(uses);
}
