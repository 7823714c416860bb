/** Calls of a test runner that leave out some of the tests that another call runs all of. Pure. */
import { aimOf } from './aim.js';
import type { Draft } from './drafts.js';

/**
 * Whether `draft` runs the tests of `whole` but for some: `pytest -m "not slow"` beside `pytest`. What is left out somewhere, for an older
 * version say, is no other check.
 */
export function isLeavingOut(draft: Draft, whole: Draft): boolean {
  if (draft === whole || draft.preset?.id !== 'pytest' || whole.preset?.id !== 'pytest') return false;
  const [mine, its] = [givenTo(draft), givenTo(whole)];
  const left = valueAfter(mine, '-m') ?? '';
  if (!/^not\s/.test(left) || /\b(?:and|or)\s+(?!not\b)/.test(left) || its.some((arg) => SELECTS.test(arg))) return false;
  const [part, all] = [aimOf(draft), aimOf(whole)];
  if (part === undefined || all === undefined || part.config !== all.config) return false;
  const others = part.variant.replace(left, '').trim();
  const plain = (targets: readonly string[]) => targets.map((target) => target.replace(/\/$/, '')).join(' ');
  return others === all.variant && (all.targets.length === 0 || plain(all.targets) === plain(part.targets));
}

const SELECTS = /^(?:-m|-k|--deselect|--ignore(?:-glob)?|--lf|--ff)(?:=|$)/;

function givenTo({ command }: Draft): readonly string[] {
  return command.kind === 'program' ? command.given : [];
}

function valueAfter(given: readonly string[], option: string): string | undefined {
  const at = given.indexOf(option);
  return at < 0 ? undefined : given[at + 1];
}
