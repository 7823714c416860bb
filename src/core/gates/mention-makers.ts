/** What makes the files that a check looks at, where lines of CI or of tasks say so. Pure. */

import { addDraft, addNeed, draftOf } from './drafts.js';
import type { Mention } from './mention.js';
import { flatten, type MentionContext } from './mention-merge.js';
import type { Mentioned } from './mentioned.js';
import type { Preset } from './preset.js';
import { findChecks } from './script-fragments.js';
import type { Call, ScriptContext, Step } from './script-steps.js';
import { evidenceOfMention } from './script-tasks.js';

function buildsIn(mention: Mention, scripts: ScriptContext): readonly (Step & { readonly kind: 'build' })[] {
  const known = BUILDS.get(mention);
  if (known) return known;
  const { onFix: _, ...silent } = scripts;
  const found = flatten(findChecks(mention, mention.name, silent)).filter((step) => step.kind === 'build');
  BUILDS.set(mention, found);
  return found;
}

/** Each may be asked for by many checks. */
const BUILDS = new WeakMap<Mention, readonly (Step & { readonly kind: 'build' })[]>();

/** As CI calls it: before the check in its job, else anywhere. */
export function makerOf(
  check: Call,
  preset: Preset,
  own: Mention,
  mentions: readonly Mentioned[],
  { scripts }: MentionContext,
): Step | undefined {
  const { isMadeBy } = preset;
  if (!isMadeBy) return undefined;
  const at = mentions.findIndex(({ mention }) => mention === own);
  const inJob = ({ mention }: Mentioned) => mention.file === own.file && mention.name === own.name;
  const before = mentions.slice(0, Math.max(at, 0)).toReversed();
  for (const { mention } of [...before.filter(inJob), ...before, ...mentions.slice(at + 1)]) {
    const found = buildsIn(mention, scripts).find(({ call }) => isMadeBy(check.args, [call.program, ...call.args].join(' ')));
    if (found) return found;
  }
  return undefined;
}

/** What a task looks at, another task may make: CI calls neither by its own words. */
export function addMakers(mentions: readonly Mentioned[], context: MentionContext): void {
  const { drafts, info } = context;
  for (const draft of [...drafts.byKey.values()]) {
    const { preset, command, origin, needs } = draft;
    if (origin !== 'task' || !preset?.isMadeBy || command.kind !== 'program' || needs.size > 0) continue;
    const made = mentions
      .flatMap(({ mention, from }) =>
        mention.role === 'task' ? buildsIn(mention, context.scripts).map((build) => ({ build, mention, from })) : [],
      )
      .find(
        ({ build: { call } }) =>
          !call.args.some((arg) => /^(?:-h|--help|--version)$/.test(arg)) &&
          preset.isMadeBy?.(command.given, [call.program, ...call.args].join(' ')),
      );
    if (made === undefined) continue;
    const evidence = [evidenceOfMention(made.mention, made.from)];
    addNeed(drafts, draft, addDraft(drafts, { ...draftOf(made.build, false, info), origin: 'task', evidence }).key);
  }
}
