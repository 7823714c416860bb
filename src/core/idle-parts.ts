/** Parts of a gate that passed because there was nothing for them to do: together they are no pass unless another part did something. */
import type { Gate } from './gate-model.js';
import type { Judgement } from './gates/operation.js';
import { foundNoTests } from './gates/operation.js';
import type { Part } from './model.js';
import type { CommandOutput } from './tools/command.js';

/** Of one run. */
export interface IdleParts {
  /** What a part that ended comes to: as it was judged, but failed when it is the last one of a gate whose parts all had nothing to do. */
  judged(gate: Gate, part: Part, judgement: Judgement, output: CommandOutput): Judgement;
}

export function openIdleParts(): IdleParts {
  const idle = new Map<string, Set<number>>();
  return {
    judged(gate, part, judgement, { stdout, stderr, report }) {
      const { sharding } = gate;
      if (sharding?.kind !== 'option' || sharding.nothing === undefined) return judgement;
      const said = new RegExp(sharding.nothing);
      if (judgement.outcome.kind !== 'passed' || ![report ?? '', stdout, stderr].some((text) => said.test(text)))
        return judgement;
      const known = idle.get(part.of) ?? new Set<number>();
      idle.set(part.of, known.add(part.index));
      return known.size === part.count ? foundNoTests(gate) : judgement;
    },
  };
}
