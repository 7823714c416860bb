/** Well-known actions whose inputs are options of the tool that they run. Pure. */
import { type Inputs, lines, orElse, words } from './action-inputs.js';

type Command = (inputs: Inputs) => readonly string[] | undefined;

/** By name in lower case: the command that does the same. */
export const CHECK_ACTIONS: Readonly<Record<string, Command>> = {
  'zizmorcore/zizmor-action': zizmor,
  'woodruffw/zizmor-action': zizmor,
  'codespell-project/actions-codespell': (inputs) => [
    'codespell',
    ...switches(inputs, { check_filenames: '--check-filenames', check_hidden: '--check-hidden' }),
    ...told(inputs, {
      ...{ skip: '--skip', builtin: '--builtin', exclude_file: '--exclude-file', ignore_words_file: '--ignore-words' },
      ...{ ignore_words_list: '--ignore-words-list', uri_ignore_words_list: '--uri-ignore-words-list' },
    }),
    ...words(inputs['path']),
  ],
  'jakebailey/pyright-action': (inputs) => [
    'pyright',
    ...told(inputs, {
      ...{ project: '--project', level: '--level', 'python-version': '--pythonversion', 'verify-types': '--verifytypes' },
      'typeshed-path': '--typeshedpath',
    }),
    ...switches(inputs, { 'ignore-external': '--ignoreexternal', warnings: '--warnings', lib: '--lib' }),
    ...words(inputs['extra-args']),
  ],
  'isort/isort-action': (inputs) => [
    ...['isort', ...orElse(words(inputs['configuration']), ['--check-only'])],
    ...orElse(words(inputs['sort-paths']), ['.']),
  ],
  'hadolint/hadolint-action': (inputs) => [
    'hadolint',
    ...told(inputs, { config: '--config', 'failure-threshold': '--failure-threshold' }),
    ...(inputs['ignore'] ?? '').split(/[\s,]+/).flatMap((rule) => (/^\w+$/.test(rule) ? ['--ignore', rule] : [])),
    ...orElse(words(inputs['dockerfile']), ['Dockerfile']),
  ],
  'dominikh/staticcheck-action': (inputs) => ['staticcheck', ...told(inputs, { 'build-tags': '-tags' }), './...'],
  'golang/govulncheck-action': (inputs) => ['govulncheck', ...orElse(words(inputs['go-package']), ['./...'])],
  'ludeeus/action-shellcheck': (inputs) => ['shellcheck', ...assigned(inputs, { severity: '--severity' })],
  'py-actions/flake8': (inputs) => [
    'flake8',
    ...assigned(inputs, {
      ...{ ignore: '--ignore', exclude: '--exclude', select: '--select' },
      ...{ 'max-line-length': '--max-line-length', 'extend-ignore': '--extend-ignore' },
    }),
    ...words(inputs['args']),
    ...orElse(words(inputs['path']), ['.']),
  ],
  // By habit it fails, and of what is medium and more. Images and lists of what is in them, others make before.
  'anchore/scan-action': (inputs) => {
    const { path = '.', 'fail-build': fails = 'true', 'severity-cutoff': severity = 'medium', image, sbom } = inputs;
    if (fails !== 'true' || image !== undefined || sbom !== undefined || /\$\{\{|\s/.test(path + severity)) return undefined;
    return [
      ...['grype', `dir:${path.replace(/(?<=.)\/$/, '')}`, '--fail-on', severity],
      ...told(inputs, { config: '--config' }),
      ...switches(inputs, { 'only-fixed': '--only-fixed' }),
    ];
  },
  'wjdp/htmltest-action': (inputs) => ['htmltest', ...words(inputs['path']), ...told(inputs, { config: '-c' })],
  // It builds wheels, and tests each as the project says.
  'pypa/cibuildwheel': (inputs) => [
    'cibuildwheel',
    ...told(inputs, { only: '--only', 'config-file': '--config-file' }),
    ...words(inputs['package-dir']),
  ],
};

function zizmor(inputs: Inputs): readonly string[] {
  const options = {
    persona: '--persona',
    'min-severity': '--min-severity',
    'min-confidence': '--min-confidence',
    config: '--config',
  };
  const offline = inputs['online-audits'] === 'false' ? ['--no-online-audits'] : [];
  return ['zizmor', ...assigned(inputs, options), ...offline, ...orElse(lines(inputs['inputs']).flatMap(words), ['.'])];
}

/** `--option value` for each input of which the workflow says a plain text. */
function told(inputs: Inputs, options: Readonly<Record<string, string>>): readonly string[] {
  return plain(inputs, options).flat();
}

/** The same in one word: `--option=value`. */
function assigned(inputs: Inputs, options: Readonly<Record<string, string>>): readonly string[] {
  return plain(inputs, options).map(([option, value]) => `${option}=${value}`);
}

function plain(inputs: Inputs, options: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const value = (inputs[name] ?? '').trim();
    return value === '' || /\$\{\{|\n/.test(value) ? [] : [[option, value] as const];
  });
}

function switches(inputs: Inputs, options: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(options).flatMap(([name, option]) => (/^(?:true|1)$/i.test(inputs[name] ?? '') ? [option] : []));
}
