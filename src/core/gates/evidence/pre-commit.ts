/** .pre-commit-config.yaml and prek.toml: which checks their hooks are. Pure. */
import { shellWord } from '../../shell-text.js';
import { OTHER_HOOKS } from '../drafts.js';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { wordsOf } from '../script-names.js';
import { checkOfHook, isKnownHook, isMendingHook } from './known-hooks.js';
import { tomlAsJson } from './toml.js';
import { aimedHook, type HookFile, limitsIn, wholeHook, wholeHookMention } from './whole-hooks.js';
import { readYaml, type YamlNode } from './yaml.js';

/** A mention a hook that does not only look, one of pre-commit itself, and one of all hooks that only look. */
export function readPreCommit(input: EvidenceFile): readonly Mention[] {
  const isToml = input.file.endsWith('.toml');
  // JSON is YAML; TOML says the same in other words.
  const root = readYaml(isToml ? { ...input, text: tomlAsJson(input) } : input);
  const program = isToml ? 'prek' : 'pre-commit';
  const repositories = root?.get('repos')?.items() ?? [];
  const stages = (root?.get('default_stages')?.items() ?? []).flatMap((item) => item.text() ?? []);
  const place = { file: input.file, program, service: root?.get('ci'), stages, limits: limitsIn(root) };
  const hooks = repositories.flatMap((repository) => {
    const from = repository.get('repo')?.text() ?? '';
    return (repository.get('hooks')?.items() ?? []).flatMap((hook) => hookMention(place, hook, from));
  });
  if (repositories.length === 0) return hooks;
  const args = ['run', '--all-files'];
  const whole: Mention = {
    file: input.file,
    line: root?.get('repos')?.line ?? 1,
    text: 'repos:',
    command: { kind: 'argv', argv: [program, ...args] },
    cwd: '',
    env: {},
    role: 'task',
    name: program,
    runner: { program, args },
  };
  return [...hooks, whole, ...otherHooks({ file: input.file, program }, repositories, root?.get('ci'))];
}

/** One of all hooks together that only look: pre-commit runs them, and is told to skip whatever may change files. */
function otherHooks(
  { file, program }: { readonly file: string; readonly program: string },
  repositories: readonly YamlNode[],
  service: YamlNode | undefined,
): readonly Mention[] {
  const notThere = new Set((service?.get('skip')?.items() ?? []).map((item) => item.text()));
  const all = repositories.flatMap((repository) => {
    const from = repository.get('repo')?.text() ?? '';
    return (repository.get('hooks')?.items() ?? []).map((hook) => {
      const id = hook.get('id')?.text() ?? '';
      return { id, looks: onlyLooks(hook, from) && (from === 'local' || !notThere.has(id)), line: hook.line };
    });
  });
  const skipped = new Set(all.filter(({ looks }) => !looks).map(({ id }) => id));
  const [first] = all.filter(({ id }) => !skipped.has(id));
  // What cannot be named in a list cannot be skipped.
  if (!first || ![...skipped].every((id) => /^[\w.-](?:[\w. -]*[\w.-])?$/.test(id))) return [];
  const env: Mention['env'] = skipped.size > 0 ? { SKIP: [...skipped].join(',') } : {};
  // The option tells it from a call of the task that runs all of them.
  const command = { kind: 'argv', argv: [program, 'run', '--all-files', '--color=never'] } as const;
  // What stands under `ci` is for the service that runs all hooks for each change.
  const reviewed = service === undefined ? {} : ({ reviewed: true } as const);
  return [
    { file, line: first.line, text: `id: ${first.id}`, command, cwd: '', env, role: 'task', name: OTHER_HOOKS, ...reviewed },
  ];
}

/** Whether a hook of the repository `from` changes no file, as far as that is known. */
function onlyLooks(hook: YamlNode, from: string): boolean {
  if (isManual(hook)) return false;
  const id = hook.get('id')?.text() ?? '';
  if (from === 'local') return LOOKING_LANGUAGES.has(hook.get('language')?.text() ?? '');
  // With a command of the project's own it is another hook.
  if (hook.get('entry') !== undefined) return false;
  const own = LOOKING.find(({ repository }) => repository.test(from));
  return own ? own.looks(id, argsOf(hook)) : saysThatItLooks(id, from, argsOf(hook));
}

/** Hooks that never change a file, by the repository that they are of. */
const LOOKING: readonly { readonly repository: RegExp; readonly looks: (id: string, args: readonly string[]) => boolean }[] = [
  {
    repository: /[/:]pre-commit\/pre-commit-hooks(?:\.git)?\/?$/,
    looks: (id, args) =>
      LOOKING_IDS.has(id) ||
      (id === 'pretty-format-json' && !args.includes('--autofix')) ||
      (id === 'mixed-line-ending' && args.join('=').includes('--fix=no')),
  },
  // Patterns that must not stand in texts, and what hooks of the file are for.
  { repository: /[/:]pre-commit\/pygrep-hooks(?:\.git)?\/?$/, looks: () => true },
  { repository: /^meta$/, looks: () => true },
  { repository: /\/check-jsonschema(?:\.git)?\/?$/, looks: (id) => /^check-[\w-]+$/.test(id) },
];

/** Whether the name of a hook that nobody knows says that it only looks: `cython-lint`. */
function saysThatItLooks(id: string, from: string, args: readonly string[]): boolean {
  const words = wordsOf(id);
  const checks = words.some((word) => /^(?:lint(?:er)?|check(?:er)?|validat(?:e|or))$/.test(word));
  const changes = words.some((word) => /^(?:format(?:ter)?|fmt|fix(?:er)?|autofix|update|sort(?:er)?|generate)$/.test(word));
  return checks && !changes && from !== 'local' && !isKnownHook(id) && !args.some(isMendingHook);
}

const LOOKING_IDS = new Set(
  (
    'check-added-large-files check-ast check-builtin-literals check-byte-order-marker check-case-conflict check-docstring-first ' +
    'check-executables-have-shebangs check-illegal-windows-names check-json check-merge-conflict check-symlinks check-toml check-xml ' +
    'check-shebang-scripts-are-executable check-vcs-permalinks check-yaml debug-statements destroyed-symlinks detect-private-key ' +
    'forbid-submodules forbid-new-submodules name-tests-test'
  ).split(' '),
);

function argsOf(hook: YamlNode): readonly string[] {
  return (hook.get('args')?.items() ?? []).flatMap((item) => item.text() ?? []);
}

/** Whether it runs only when it is asked for, or over something else than files: a message, or what git has just done. */
function isManual(hook: YamlNode): boolean {
  const stages = (hook.get('stages')?.items() ?? []).flatMap((item) => item.text() ?? []);
  return stages.length > 0 && stages.every((stage) => /^(?:manual|commit-msg|prepare-commit-msg|post-[a-z]+)$/.test(stage));
}

/** Local hooks that are no commands, but patterns and words that must not be there. */
const LOOKING_LANGUAGES = new Set(['pygrep', 'fail']);

function hookMention(place: HookFile, hook: YamlNode, repository: string): readonly Mention[] {
  const id = hook.get('id')?.text() ?? '';
  const args = argsOf(hook);
  if (id === '' || isManual(hook)) return [];
  const common = { file: place.file, line: hook.line, text: `id: ${id}`, cwd: '', env: {}, role: 'hook', name: id } as const;
  if (repository === 'local') return localMention(hook, args, common, place);
  // Another tool has the same name.
  const isOther = id === 'yamlfmt' && !/\/google\/yamlfmt(?:\.git)?\/?$/.test(repository);
  const argv = isOther ? undefined : checkOfHook(id, args);
  const aimed = aimedHook(hook, args, place);
  if (argv) return [{ ...common, command: { kind: 'argv', argv }, ...(aimed ? { aimed } : {}) }];
  return onlyLooks(hook, repository) ? [] : wholeHookMention(hook, place);
}

/** A hook whose command stands in the file. */
function localMention(
  hook: YamlNode,
  args: readonly string[],
  common: Omit<Mention, 'command'>,
  place: HookFile,
): readonly Mention[] {
  const language = hook.get('language')?.text() ?? '';
  if (LOOKING_LANGUAGES.has(language)) return [];
  const entry = hook.get('entry')?.text()?.trim() ?? '';
  // What an image does is for whoever made it.
  if (entry === '' || language.startsWith('docker')) return wholeHookMention(hook, place);
  const text = [entry, ...args.map(shellWord)].join(' ');
  const called = hook.get('name')?.text() ?? common.name;
  const takesFiles = hook.get('pass_filenames')?.text() !== 'false' && /^[\w.-]+$/.test(common.name);
  const whole = wholeHook(hook, place);
  const aimed = aimedHook(hook, text.split(/\s+/), place);
  return [
    {
      ...common,
      command: { kind: 'shell', text },
      step: { name: called, line: hook.line },
      ...(takesFiles ? { hook: { program: place.program, id: common.name } } : {}),
      ...(whole ? { wholeHook: whole } : {}),
      ...(aimed ? { aimed } : {}),
    },
  ];
}
