/** Scripts of packages that a gate of the root starts itself, in all of them at once. Pure. */
import type { Gate } from '../gate-model.js';
import type { Draft } from './drafts.js';
import { delegationOf } from './script-delegation.js';
import { callsIn } from './script-words.js';

/** Names of the scripts that gates of the root start wherever a package has them: `lint` for `turbo lint`. */
export function startedByRoot(root: readonly Draft[]): ReadonlySet<string> {
  const names = root
    .filter(({ category }) => category !== 'build')
    .flatMap(({ command, evidence, origin }): readonly (readonly string[])[] => {
      if (command.kind === 'program') return [[command.program, ...command.given]];
      return origin === 'script' ? callsIn((evidence[0]?.text ?? '').replace(/^"[^"]*":\s*"?/, '').replace(/"$/, '')) : [];
    })
    .flatMap((words) => {
      const delegation = delegationOf(words);
      const everywhere = delegation?.where.kind === 'packages' && delegation.where.selectors.length === 0;
      return everywhere ? delegation.calls.flatMap(({ script }) => script ?? []) : [];
    });
  return new Set(names);
}

/** Whether all that speaks for the gate of a package are its scripts of these names, and what configures its tool. */
export function isStartedBy(names: ReadonlySet<string>, { evidence }: Gate): boolean {
  const scripts = evidence.flatMap(({ file, text }) =>
    file.endsWith('/package.json') ? (/^"([^"]+)":\s*"[^"]*\s[^"]*"$/.exec(text)?.slice(1, 2) ?? []) : [],
  );
  return scripts.length > 0 && scripts.every((name) => names.has(name));
}
