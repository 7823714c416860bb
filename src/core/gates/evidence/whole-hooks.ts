/** Hooks of pre-commit of which nothing more is known than that pre-commit runs them. Pure. */
import type { Mention } from '../mention.js';
import type { YamlNode } from './yaml.js';

/** Where the hooks stand, and what runs them. */
export interface HookFile {
  readonly file: string;
  readonly program: string;
  /** Settings for the service that runs all hooks for each change that is proposed. */
  readonly service: YamlNode | undefined;
  /** `default_stages`: when those run that say nothing of it. */
  readonly stages: readonly string[];
}

/**
 * What says of the hook that it is one as a whole: it fails for what it changes, whatever it does. Undefined where it looks at the commit
 * and not at files, or does not run when all hooks are run.
 */
export function wholeHook(hook: YamlNode, { program, service, stages }: HookFile): Mention['wholeHook'] {
  const id = hook.get('id')?.text() ?? '';
  const own = (hook.get('stages')?.items() ?? []).flatMap((item) => item.text() ?? []);
  const runsAt = own.length > 0 ? own : stages;
  if (id === '' || LOOKS_AT_COMMIT.test(id) || (runsAt.length > 0 && !runsAt.some((stage) => /^(?:pre-)?commit$/.test(stage))))
    return undefined;
  const left = (service?.get('skip')?.items() ?? []).some((item) => item.text() === id);
  return { program, id, ...(service !== undefined && !left ? { service: true } : {}) };
}

/** The mention of a hook of another repository that no table knows, and that does not only look. */
export function wholeHookMention(hook: YamlNode, from: HookFile): readonly Mention[] {
  const whole = wholeHook(hook, from);
  if (!whole) return [];
  const { id } = whole;
  return [
    {
      ...{ file: from.file, line: hook.line, text: `id: ${id}`, cwd: '', env: {}, role: 'hook', name: id },
      command: { kind: 'argv', argv: [] },
      step: { name: id, line: hook.line },
      wholeHook: whole,
    },
  ];
}

/** Texts of commits, and where they go. */
const LOOKS_AT_COMMIT = /commit|gitlint|(?:^|[-_])branch(?:$|[-_])/;
