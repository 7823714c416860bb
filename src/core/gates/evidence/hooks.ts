/** Hooks of git that a repository brings along: lefthook, lint-staged, husky. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { commandsOf, relativeDirectory, shellMention } from './commands.js';
import { tomlAsJson } from './toml.js';
import { readYaml, type YamlNode } from './yaml.js';

const CHECKED = ['pre-commit', 'pre-push', 'commit-msg'];

/** Hooks of git that check nothing of the repository, and settings of lefthook. */
const OF_GIT_OR_OPTIONS =
  /^(?:pre-|post-|commit-msg|prepare-|applypatch|sendemail|push-to-checkout|update$|reference-transaction|fsmonitor|p4-|proc-receive|assert_|colors|extends|lefthook|min_version|no_tty|output|skip_|glob_matcher|install_|templates|rc$|remotes?$|source_dir|\$schema)/;

/** Commands and jobs of the hooks that check, and of those of the project's own, which are tasks. */
export function readLefthook(input: EvidenceFile): readonly Mention[] {
  // JSON is YAML; TOML says the same in other words.
  const root = input.file.endsWith('.toml') ? readYaml({ ...input, text: tomlAsJson(input) }) : readYaml(input);
  // `lefthook run check`: hooks that git does not know are for people and for CI.
  const own = (root?.entries() ?? []).map(([name]) => name).filter((name) => !OF_GIT_OR_OPTIONS.test(name));
  return [...CHECKED, ...own].flatMap((hook) => {
    const node = root?.get(hook);
    const commands =
      node
        ?.get('commands')
        ?.entries()
        .map(([, command]) => command) ?? [];
    return [...commands, ...jobs(node?.get('jobs'))].flatMap((command) => lefthookCommand(input.file, hook, command));
  });
}

function jobs(list: YamlNode | undefined): readonly YamlNode[] {
  return (list?.items() ?? []).flatMap((job) => (job.get('group') ? jobs(job.get('group')?.get('jobs')) : [job]));
}

function lefthookCommand(file: string, hook: string, command: YamlNode): readonly Mention[] {
  const run = command.get('run');
  const cwd = relativeDirectory(command.get('root')?.text());
  if (!run || cwd === undefined) return [];
  const env = command.get('env')?.strings() ?? {};
  const isHook = CHECKED.includes(hook);
  const role = isHook
    ? ({ role: 'hook' } as const)
    : ({ role: 'task', runner: { program: 'lefthook', args: ['run', hook] } } as const);
  return commandsOf(run.lines()).map(({ text, line }) =>
    shellMention({ text: withoutPlaceholders(text), line }, { file, name: hook, ...role, cwd, env, text }),
  );
}

/** `{staged_files}` and the like: the files are Volley's to choose. */
function withoutPlaceholders(text: string): string {
  return text.replace(/\s*["']?\{[\w-]+\}["']?/g, '').trim();
}

/** Commands of lint-staged, whose files are appended. Configuration that is a program is not read. */
export function readLintStaged(input: EvidenceFile): readonly Mention[] {
  return stagedCommands(input, readYaml(input));
}

function stagedCommands({ file }: EvidenceFile, root: YamlNode | undefined): readonly Mention[] {
  return (root?.entries() ?? []).flatMap(([, value]) =>
    (value.items().length > 0 ? value.items() : [value]).flatMap((item) => {
      const text = item.text();
      return text === undefined ? [] : [shellMention({ text, line: item.line }, { file, name: 'lint-staged', role: 'hook' })];
    }),
  );
}

/** What a script of husky runs. */
export function readHusky({ file, text }: EvidenceFile): readonly Mention[] {
  const lines = text.split(/\r?\n/).map((each, index) => ({ text: each, line: index + 1 }));
  const name = file.slice(file.lastIndexOf('/') + 1);
  return commandsOf(lines)
    .filter(({ text, quoted }) => !/^(?:\.|source)\s/.test(quoted ?? text))
    .map((command) => shellMention(command, { file, name, role: 'hook' }));
}
