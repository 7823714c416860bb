/** Makes checks and builds of the steps of a script that nobody knows. Pure. */

import type { ScriptContext, Step, TakenApart } from './script-steps.js';
import { maySucceedAlone, spokenCheck } from './script-unknown.js';

/**
 * What nobody knows is a step of its own beside checks that are known: a check when its own words say so, a build when something
 * comes after it. Last in a script it may be either, so that such a script stays in one piece; as does one in which nothing is known.
 */
export function settled(taken: TakenApart, context: ScriptContext): TakenApart {
  if (taken.kind !== 'steps' || !taken.steps.some(holdsUnknown)) return taken;
  if (!taken.steps.some(holdsCheck)) return { kind: 'not understood' };
  const steps = settledList(taken.steps, false, context);
  return steps ? { kind: 'steps', steps } : { kind: 'not understood' };
}

function settledList(steps: readonly Step[], followed: boolean, context: ScriptContext): readonly Step[] | undefined {
  const result: Step[] = [];
  let after = followed;
  for (const step of steps.toReversed()) {
    const each = settledStep(step, after, context);
    if (!each) return undefined;
    result.unshift(each);
    after ||= holdsCheck(each);
  }
  return result;
}

function settledStep(step: Step, followed: boolean, context: ScriptContext): Step | undefined {
  if (step.kind === 'parallel') {
    const branches = step.branches.map((branch) => settledList(branch, followed, context));
    return branches.every((branch) => branch !== undefined) ? { kind: 'parallel', branches } : undefined;
  }
  if (step.kind !== 'build' || !step.call.unknown) return step;
  const { unknown: _, ...call } = step.call;
  const preset = spokenCheck(call.program, call.args, context.scripts.has(step.script) ? 'node' : 'system');
  // It may look at what the steps before it have made.
  if (preset) return { kind: 'check', script: step.script, call: { ...call, preset }, last: true };
  return followed && maySucceedAlone(call.program, call.args)
    ? { kind: 'build', script: step.script, call, last: true }
    : undefined;
}

function holdsUnknown(step: Step): boolean {
  if (step.kind === 'parallel') return step.branches.some((branch) => branch.some(holdsUnknown));
  return step.kind === 'build' && step.call.unknown === true;
}

function holdsCheck(step: Step): boolean {
  if (step.kind === 'parallel') return step.branches.some((branch) => branch.some(holdsCheck));
  return step.kind === 'check' || (step.kind === 'script' && step.role === 'check');
}
