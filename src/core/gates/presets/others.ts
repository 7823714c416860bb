/** Tools of shells, containers, infrastructure and other languages: rows of the table in presets.ts. */
import type { Preset } from '../preset.js';

/** In the order of presets.ts. */
export const otherPresets: readonly Preset[] = [];
