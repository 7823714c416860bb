/** Checks of packages, their dependencies and their commits in the JavaScript world: rows of the table in presets.ts. */
import type { Preset } from '../preset.js';

/** In the order of presets.ts. */
export const nodePackagePresets: readonly Preset[] = [];
