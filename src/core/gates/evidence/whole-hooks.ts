/** Hooks of pre-commit of which nothing more is known than that pre-commit runs them. Pure. */
import type { HookLimits, Mention } from '../mention.js';
import { mendsAsHook } from './known-hooks.js';
import type { YamlNode } from './yaml.js';

/** Where the hooks stand, and what runs them. */
export interface HookFile {
  readonly file: string;
  readonly program: string;
  /** Settings for the service that runs all hooks for each change that is proposed. */
  readonly service: YamlNode | undefined;
  /** `default_stages`: when those run that say nothing of it. */
  readonly stages: readonly string[];
  /** What holds for the files of all hooks. */
  readonly limits: HookLimits;
}

/** What a node says of files. */
export function limitsIn(node: YamlNode | undefined): HookLimits {
  const said = (key: string) => [node?.get(key)?.text() ?? ''].filter((text) => text !== '');
  return { files: said('files'), exclude: said('exclude') };
}

/** What pre-commit tells a hook of known files; undefined where it tells none. */
export function aimedHook(hook: YamlNode, args: readonly string[], { program, limits }: HookFile): Mention['aimed'] {
  const id = hook.get('id')?.text() ?? '';
  if (hook.get('pass_filenames')?.text() === 'false' || !/^[\w.-]+$/.test(id)) return undefined;
  const own = limitsIn(hook);
  const all = { files: [...limits.files, ...own.files], exclude: [...limits.exclude, ...own.exclude] };
  return { program, id, limits: all, mends: mendsAsHook(id, args) };
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
  return { program, id, ...(left ? { left: true } : service !== undefined ? { service: true } : {}) };
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
const LOOKS_AT_COMMIT = /(?<!pre[-_])commit|gitlint|(?:^|[-_])branch(?:$|[-_])/;
