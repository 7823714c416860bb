/** What a script or a task runs by hand of the tests that CI runs in its own way. Pure. */
import { type Aim, aimOf, covers } from './aim.js';
import { type Draft, isCheckedByCi } from './drafts.js';

/**
 * Whether CI runs the tests of `draft`, which it does not run itself: a task's by another call of their tool that looks at the same, or at
 * a part of it that the task does not leave out; a script's in parts, each by its name.
 */
export function isRunInOtherWords(draft: Draft, all: readonly Draft[]): boolean {
  const { origin, preset, category } = draft;
  const byHand = origin === 'task' || origin === 'script';
  if (!byHand || category !== 'test' || !preset || preset.documentation === '' || isCheckedByCi([draft])) return false;
  const mine = aimOf(draft);
  const same = all.filter((other) => other !== draft && other.preset?.id === preset.id);
  // That is the same whoever runs the other.
  if (mine && origin === 'task' && same.some((other) => leavesOutOf(mine, aimOf(other)))) return true;
  const others = same.filter((other) => isCheckedByCi([other]));
  if (mine === undefined || mine.targets.length > 0 || others.length === 0) return false;
  if (origin === 'script')
    return (
      mine.variant === '' &&
      mine.config === undefined &&
      (new Set(others.flatMap(projectsOf)).size > 1 || isInParts(draft, others))
    );
  return others.some((other) => {
    const its = aimOf(other);
    return its !== undefined && its.config === mine.config && (mine.variant === '' || chosenBy(its) === chosenBy(mine));
  });
}

/** Whether two of the others stand in scripts that are called after the draft's, each told of a configuration of its own: `test:unit`. */
function isInParts({ script }: Draft, others: readonly Draft[]): boolean {
  const parts = others.filter((other) => script !== undefined && other.script?.startsWith(`${script}:`));
  const configurations = parts.flatMap((part) => aimOf(part)?.config ?? []);
  return configurations.length === parts.length && new Set(configurations).size > 1;
}

/** Whether a task runs what another call does, but for tests with marks that it names: `pytest -m 'not slow'`. */
function leavesOutOf(mine: Aim, its: Aim | undefined): boolean {
  if (its === undefined || its.config !== mine.config || !LEAVES_OUT.test(mine.variant) || /^not /.test(its.variant))
    return false;
  return its.targets.length === 0 || mine.targets.every((target) => its.targets.some((upper) => covers(upper, target)));
}

const LEAVES_OUT = /^not \w+(?: (?:and|or) not \w+)*$/;

/** What chooses tests, without what the environment of a step of CI sets. */
function chosenBy({ variant }: Aim): string {
  return variant
    .split(' ')
    .filter((word) => !/^\w+=/.test(word))
    .join(' ');
}

/** The projects of one configuration that a call names. */
function projectsOf({ command }: Draft): readonly string[] {
  const given = command.kind === 'program' ? command.given : [];
  return given.flatMap((arg, index) => {
    const [name, ...value] = arg.split('=');
    if (name !== '--project' && name !== '--projects' && name !== '--selectProjects') return [];
    return [value.length > 0 ? value.join('=') : (given[index + 1] ?? '')];
  });
}
