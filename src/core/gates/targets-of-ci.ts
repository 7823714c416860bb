/** Targets that CI does not run, of whose tools it runs what they would do: they are there for whoever works by hand. Pure. */
import { aimOf, covers } from './aim.js';
import { type Draft, isCheckedByCi } from './drafts.js';

/** Whether CI runs `other`, and not `draft`, which is a target of make or its kin that does no more than that in another way. */
export function isTargetLeftToCi(draft: Draft, other: Draft): boolean {
  const { origin, script = '', needs, command } = draft;
  if (origin !== 'task' || draft === other || needs.size > 0 || !TARGET.test(script)) return false;
  if (isCheckedByCi([draft]) || !isCheckedByCi([other]) || other.preset === undefined) return false;
  if (command.kind === 'script')
    return other.category === draft.category && other.category !== 'test' && isNamed(other.preset.id, draft);
  if (draft.preset?.id !== other.preset.id || other.command.kind !== 'program') return false;
  const [mine, its] = [aimOf(draft), aimOf(other)];
  if (!mine || !its || mine.config !== its.config) return false;
  // With other tags or features it is other code; the short tests are some of all.
  const variant = mine.variant.replace(/(?:^|\s)--?short(?=\s|$)/, '').trim();
  if (variant !== '' && variant !== its.variant) return false;
  if (mine.targets.length === 0) return its.targets.length === 0;
  return mine.targets.every((target) => its.targets.some((upper) => covers(upper, target)));
}

const TARGET = /^(?:make|just|task) \S+$/;

/** Whether the line that speaks for a target starts the tool, by its name or by a variable that is called after it. */
function isNamed(id: string, { evidence }: Draft): boolean {
  const text = (evidence[0]?.text ?? '').replace(/\$[({](\w+)[)}]/g, (_, name: string) =>
    name.toLowerCase().replaceAll('_', '-'),
  );
  return new RegExp(`^[@+-]*${id}(?:\\s|$)`).test(text);
}
