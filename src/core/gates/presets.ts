/** The one table of tools that Volley knows: what shows that a workspace uses one, how to call it, how to read it. Pure. */
import type { Preset } from './preset.js';
import { nodeCheckPresets } from './presets/node-checks.js';
import { nodeStylePresets } from './presets/node-style.js';
import { nodeTestPresets } from './presets/node-tests.js';
import { nodeTypePresets } from './presets/node-types.js';
import { otherPresets } from './presets/others.js';
import { pythonPresets } from './presets/python.js';
import { pythonStylePresets } from './presets/python-style.js';
import { systemPresets } from './presets/systems.js';

/** All tools, in the order in which a maintainer would run them: quick and certain checks first, tests last. */
export const PRESETS: readonly Preset[] = [
  ...nodeStylePresets,
  ...nodeCheckPresets,
  ...nodeTypePresets,
  ...nodeTestPresets,
  ...pythonStylePresets,
  ...pythonPresets,
  ...systemPresets,
  ...otherPresets,
];

/** The preset with this id. Throws for an id that the table does not have: that is a defect of the caller. */
export function presetOf(id: string): Preset {
  const preset = PRESETS.find((candidate) => candidate.id === id);
  if (preset === undefined) throw new Error(`There is no preset '${id}'.`);
  return preset;
}
