/**
 * What a tool passes over by itself while it looks for files, and would look at all the same when such a file is named: a gate that is
 * limited to files, or divided by them, must not find what it would not find as a whole. Pure.
 */
import { valuesOf } from './options.js';
import type { Preset } from './preset.js';
import type { Project } from './project.js';

interface Call {
  /** As the project wrote them. */
  readonly options: readonly string[];
  readonly targets: readonly string[];
}

/** Globs that begin with `!` of what is not to be named to the tool. */
export function passedOver(
  { passesOver }: Preset,
  { options, targets }: Call,
  project: Pick<Project, 'setting'>,
): readonly string[] {
  if (!passesOver) return [];
  const isAsked =
    targets.some((target) => /(?:^|\/)\.\w/.test(target)) || options.some((option) => /^(?:-d|--dot)$/.test(option));
  const hidden = passesOver.hidden && !isAsked ? ['.*'] : [];
  const said = valuesOf(options, passesOver.options ?? []);
  const configured = (passesOver.keys ?? []).map(({ file, key }) => project.setting(file, key)?.value);
  const names = [...said, ...configured.flat()].flatMap((value) =>
    typeof value === 'string' ? value.split(/[,\s]+/).filter((name) => name !== '' && !name.startsWith('#')) : [],
  );
  return [...hidden, ...names].flatMap(globsOf);
}

/** A name without a slash may stand anywhere; a star between slashes stands for any number of directories. */
function globsOf(name: string): readonly string[] {
  const bare = name.replace(/^(?:\.\/)+|\/+$/g, '');
  if (bare === '' || bare === '.' || bare.startsWith('/')) return [];
  const glob = bare.includes('/') ? bare.replace(/(?<=^|\/)\*(?=\/|$)/g, '**') : `**/${bare}`;
  return [`!${glob}`, `!${glob}/**`];
}
