/** What a build of CI compiles is not compiled a second time without linking. Pure. */
import { type Draft, type Drafts, giveTo, isNeeded } from './drafts.js';
import { isAboutShowing } from './mention-beside.js';

/** Leaves out each `cargo check` beside which CI builds just the same: with the same features, targets and settings. */
export function dropBuiltAnyway(drafts: Drafts): void {
  const all = [...drafts.byKey.values()];
  const builds = all.filter((draft) => draft.category === 'build' && saidTo(draft, 'build') !== undefined);
  for (const draft of all) {
    const said = draft.preset?.id === 'cargo-check' && !isNeeded(draft, drafts) ? saidTo(draft, 'check') : undefined;
    const build = said === undefined ? undefined : builds.find((other) => saidTo(other, 'build') === said);
    if (build && drafts.byKey.has(build.key)) giveTo(build, draft, drafts);
  }
}

/** What a call of cargo with this command is told, without how it shows what it found; undefined for any other call. */
function saidTo({ command }: Draft, name: string): string | undefined {
  if (command.kind !== 'program' || command.program !== 'cargo' || command.given[0] !== name) return undefined;
  const told = command.given.slice(1).filter((arg) => !isAboutShowing(arg) && arg !== '--locked');
  return JSON.stringify([told, Object.entries(command.env).sort()]);
}
