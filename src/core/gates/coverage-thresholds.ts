/** Calls that fail where tests, which have run before, covered too little. Pure. */
import { addNeed, type Drafts } from './drafts.js';
import type { Preset } from './preset.js';
import { COVERAGE } from './script-programs.js';
import { newPreset } from './script-unknown.js';

const ID = 'coverage-threshold';

/** The check of what was measured: `c8 report --check-coverage`, `nyc check-coverage`; undefined for calls that measure or only show. */
export function thresholdOf(program: string, args: readonly string[]): Preset | undefined {
  const [command = ''] = args;
  const checks = command === 'check-coverage' || (command === 'report' && args.includes('--check-coverage'));
  if (!COVERAGE.has(program) || !checks) return undefined;
  // Whatever else starts the program measures.
  return { ...newPreset(ID, { program, name: `${program} thresholds` }, 'test', 'node'), programs: [] };
}

/** Has such checks wait for the tests that are measured; takes out those for which nothing measures. */
export function orderThresholds(drafts: Drafts): void {
  const all = [...drafts.byKey.values()];
  const measured = all.filter(({ command, preset, category, evidence }) => {
    if (category !== 'test' || preset?.id === ID) return false;
    return command.kind === 'program' ? COVERAGE.has(command.program) : evidence.some(({ text }) => /\b(?:c8|nyc)\s/.test(text));
  });
  for (const draft of all.filter(({ preset }) => preset?.id === ID)) {
    if (measured.length === 0) drafts.byKey.delete(draft.key);
    for (const { key } of measured) addNeed(drafts, draft, key);
  }
}
