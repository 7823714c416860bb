/** The tools of Rust, Go, C and C++: rows of the table in presets.ts. */
import type { Preset } from '../preset.js';

/** In the order of presets.ts. */
export const systemPresets: readonly Preset[] = [];
