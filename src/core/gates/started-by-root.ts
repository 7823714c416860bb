/** Scripts of packages that a gate of the root starts itself, in all of them at once. Pure. */
import type { Gate } from '../gate-model.js';
import { isPipelineFile } from './ci-files.js';
import { type Draft, isCheckedByCi } from './drafts.js';
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
    .flatMap(startedBy);
  return new Set(names);
}

/** The scripts that a call starts in all packages. */
function startedBy(words: readonly string[]): readonly string[] {
  const delegation = delegationOf(words);
  const everywhere = delegation?.where.kind === 'packages' && delegation.where.selectors.length === 0;
  return everywhere ? delegation.calls.flatMap(({ script }) => script ?? []) : [];
}

/**
 * Whether all that speaks for the gate of a package are its scripts of these names, what configures its tool, and lines of CI that start
 * these scripts in all packages, as the root does.
 */
export function isStartedBy(names: ReadonlySet<string>, { evidence }: Gate): boolean {
  const scripts = evidence.flatMap(({ file, text }) => (file.endsWith('/package.json') ? scriptIn(text, names) : []));
  const inCi = evidence.filter(({ file }) => isPipelineFile(file));
  const isSame = (text: string) => callsIn(text).some((call) => startedBy(call).some((name) => names.has(name)));
  return scripts.length > 0 && scripts.every((name) => names.has(name)) && inCi.every(({ text }) => isSame(text));
}

/** Whether all that speaks for the build of a package are lines of CI that run scripts of these names in it: `pnpm prepublishOnly`. */
export function isBuiltBy(names: ReadonlySet<string>, { evidence }: Gate): boolean {
  // How a workflow comes to the line says nothing of what it runs.
  const said = evidence.filter(({ text }) => !/^uses: \.\//.test(text));
  const runs = (text: string) =>
    callsIn(text).some(([program = '', ...words]) => {
      const [name = ''] = words.filter((word) => word !== 'run');
      return /^(?:npm|pnpm|yarn|bun)$/.test(program) && names.has(name);
    });
  return said.length > 0 && said.every(({ file, text }) => isPipelineFile(file) && runs(text));
}

/** The script of which a line of a manifest speaks. One word may also be the version of a dependency, unless it is called as `names` are. */
function scriptIn(text: string, names: ReadonlySet<string>): readonly string[] {
  const [, name = '', said = ''] = /^"([^"]+)":\s*"([^"]*)"$/.exec(text) ?? [];
  return name !== '' && (/\s/.test(said) || names.has(name)) ? [name] : [];
}

/** Folders that scripts of the root enter which CI runs and which stay one piece: what is done there, they say. */
export function enteredByRoot(root: readonly Draft[]): ReadonlySet<string> {
  const texts = root.flatMap((draft) =>
    draft.command.kind === 'script' && draft.origin === 'script' && isCheckedByCi([draft]) ? (draft.evidence[0]?.text ?? []) : [],
  );
  const entered = texts.flatMap((text) => /^"[^"]*":\s*"cd (?:\.\/)?([\w./-]+?)\/? && /.exec(text)?.[1] ?? []);
  return new Set(entered);
}
