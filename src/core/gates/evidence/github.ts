/** GitHub workflows: which checks count, and with which arguments. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { commandsOf, relativeDirectory, shellMention } from './commands.js';
import { readYaml, type YamlNode } from './yaml.js';

/** A mention a command of each step, and for well-known actions what they run. */
export function readWorkflow(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  const env = root?.get('env')?.strings() ?? {};
  return (root?.get('jobs')?.entries() ?? []).flatMap(([job, node]) => jobMentions(input.file, job, node, env));
}

function jobMentions(file: string, name: string, job: YamlNode, outer: Readonly<Record<string, string>>): readonly Mention[] {
  const env = { ...outer, ...job.get('env')?.strings() };
  const standard = job.get('defaults')?.get('run')?.get('working-directory')?.text();
  return (job.get('steps')?.items() ?? []).flatMap((step) => {
    const cwd = relativeDirectory(literal(step.get('working-directory')?.text() ?? standard));
    if (cwd === undefined) return [];
    const common = { file, name, role: 'workflow', cwd, env: literals({ ...env, ...step.get('env')?.strings() }) } as const;
    const shell = step.get('shell')?.text();
    const run = step.get('run');
    if (run && (shell === undefined || /^(?:bash|sh)\b/.test(shell))) {
      return commandsOf(run.lines())
        .filter(({ text }) => !text.includes('${{'))
        .map((command) => shellMention(command, common));
    }
    const uses = step.get('uses');
    const action = uses?.text()?.split('@')[0]?.toLowerCase() ?? '';
    const argv = (Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined)?.(step.get('with')?.strings() ?? {});
    return argv === undefined
      ? []
      : [{ ...common, line: uses?.line ?? step.line, text: `uses: ${uses?.text()}`, command: { kind: 'argv', argv } } as const];
  });
}

/** What is only known while the workflow runs, is not. */
function literals(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => !value.includes('${{') && KEPT.test(name)));
}

/** Of the environment of a CI job what tools read; tokens and switches of the service are not for a user's own machine. */
const KEPT =
  /^(?:RUSTFLAGS|RUSTDOCFLAGS|CARGO_\w+|GOFLAGS|GO\w+|NODE_OPTIONS|NODE_ENV|PYTHON\w+|DJANGO_SETTINGS_MODULE|RAILS_ENV|TZ)$/;

function literal(text: string | undefined): string | undefined {
  return text?.includes('${{') ? '$' : text;
}

type Inputs = Readonly<Record<string, string>>;

function words(text: string | undefined): readonly string[] {
  return text === undefined || text.includes('${{') ? [] : text.split(/\s+/).filter((word) => word !== '');
}

/** Well-known actions that run a tool, and the command that does the same. */
const ACTIONS: Readonly<Record<string, (inputs: Inputs) => readonly string[] | undefined>> = {
  'golangci/golangci-lint-action': ({ args }) => ['golangci-lint', 'run', ...words(args)],
  'dominikh/staticcheck-action': () => ['staticcheck', './...'],
  'astral-sh/ruff-action': ({ args }) => ['ruff', ...(words(args).length > 0 ? words(args) : ['check'])],
  'chartboost/ruff-action': ({ args }) => ['ruff', ...(words(args).length > 0 ? words(args) : ['check'])],
  'psf/black': ({ options, src }) => [
    'black',
    ...(words(options).length > 0 ? words(options) : ['--check']),
    ...words(src ?? '.'),
  ],
  'isort/isort-action': () => ['isort', '--check-only', '.'],
  'jakebailey/pyright-action': () => ['pyright'],
  'pre-commit/action': () => ['pre-commit', 'run', '--all-files'],
  'codespell-project/actions-codespell': () => ['codespell'],
  'rhysd/actionlint': () => ['actionlint'],
  'raven-actions/actionlint': () => ['actionlint'],
  'hadolint/hadolint-action': ({ dockerfile }) => ['hadolint', dockerfile ?? 'Dockerfile'],
  'ludeeus/action-shellcheck': () => undefined,
  'gitleaks/gitleaks-action': () => ['gitleaks', 'dir', '.'],
  'embarkstudios/cargo-deny-action': () => ['cargo', 'deny', 'check'],
  'actions-rs/cargo': ({ command, args }) => (command === undefined ? undefined : ['cargo', command, ...words(args)]),
  'actions-rs/clippy-check': ({ args }) => ['cargo', 'clippy', ...words(args)],
  'crate-ci/typos': () => ['typos'],
  'wagoid/commitlint-github-action': () => undefined,
  'davidanson/markdownlint-cli2-action': ({ globs }) => [
    'markdownlint-cli2',
    ...(globs ?? '*.{md,markdown}').split('\n').filter(Boolean),
  ],
  'streetsidesoftware/cspell-action': () => ['cspell', '.'],
  'ibiqlik/action-yamllint': () => ['yamllint', '.'],
  'biomejs/setup-biome': () => undefined,
  'returntocorp/semgrep-action': () => ['semgrep', 'scan'],
};
