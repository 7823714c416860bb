/** Programs of the repository that a tool of their language builds and starts at once. Pure. */
import type { Preset } from './preset.js';
import { slugOf, wordsOf } from './script-names.js';
import { saysThatItChecks } from './script-of-job.js';
import { categoryOf, newPreset } from './script-unknown.js';

/**
 * The check that `go run ./internal/check-licenses` is by the name of the package that it starts, or of its folder where it names the file of
 * that; undefined for any other call. Only its exit code is read.
 */
export function ownProgramCheck(program: string, args: readonly string[]): Preset | undefined {
  const place =
    program === 'go' && args[0] === 'run' ? args.slice(1).find((arg) => /^\.{0,2}\/[\w./-]+$|^[\w-]+\.go$/.test(arg)) : undefined;
  const segments = (place ?? '').split('/').filter((segment) => segment !== '.' && segment !== '');
  const name =
    (/^main(?:_\w+)?\.go$/.test(segments.at(-1) ?? '') ? segments.at(-2) : segments.at(-1))?.replace(/\.go$|^_+/g, '') ?? '';
  if (place === undefined || name === '' || !saysThatItChecks(name)) return undefined;
  return known(slugOf(name), `go run ${place}`, wordsOf(name));
}

/** The same for the same program, so that calls of it are of one tool. */
function known(id: string, name: string, words: readonly string[]): Preset {
  const preset = PRESETS.get(name) ?? newPreset(id, { program: 'go', name }, categoryOf(words), 'go');
  PRESETS.set(name, preset);
  return preset;
}

const PRESETS = new Map<string, Preset>();
