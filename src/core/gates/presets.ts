/** The one table of tools that Volley knows: what shows that a workspace uses one, how to call it, how to read it. Pure. */
import type { Preset } from './preset.js';
import { nodePresets } from './presets-node.js';
import { pythonPresets } from './presets-python.js';

/** All tools, in the order in which a maintainer would run them: quick and certain checks first, tests last. */
export const PRESETS: readonly Preset[] = [...nodePresets, ...pythonPresets];

/** The preset with this id. Throws for an id that the table does not have: that is a defect of the caller. */
export function presetOf(id: string): Preset {
  const preset = PRESETS.find((candidate) => candidate.id === id);
  if (preset === undefined) throw new Error(`There is no preset '${id}'.`);
  return preset;
}
