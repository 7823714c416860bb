/** Every name that package.json and the code share. Pure, so that a test outside the editor compares the two. */
import type { FailureMode, ScopeKind } from '../core/model.js';
import { DEFAULT_MOST_SLOTS } from '../core/slots.js';
import { TUNING_LIMITS } from '../core/tuning-model.js';

/** All commands. `commands.ts` has a handler for each, package.json a title. */
export const COMMANDS = [
  'volley.runAll',
  'volley.runGates',
  'volley.runChecked',
  'volley.runSelected',
  'volley.runChanged',
  'volley.runNew',
  'volley.rerunFailed',
  'volley.cancel',
  'volley.showTimingPanel',
  'volley.showOutput',
  'volley.verify',
  'volley.tune',
  'volley.explainGates',
  'volley.tuneBatch',
  'volley.tuneFiles',
  'volley.refresh',
  'volley.watch',
  'volley.stopWatching',
  'volley.fix',
  'volley.fixGate',
  'volley.undoFix',
  'volley.createConfiguration',
  'volley.newBatch',
  'volley.runBatch',
  'volley.runBatchWith',
  'volley.verifyBatch',
  'volley.explainBatch',
  'volley.openCombinedAnswer',
  'volley.copyCombinedAnswer',
  'volley.analyse',
  'volley.openAnalysedBatch',
  'volley.saveReport',
  'volley.exportReport',
  'volley.inspectSelected',
  'volley.inspectScope',
  'volley.chooseFailureMode',
  'volley.showLog',
  'volley.setScope',
  'volley.addFiles',
  'volley.clearFiles',
  'volley.runGate',
  'volley.runGateAnyway',
  'volley.cancelGate',
  'volley.removeFile',
  'volley.openRun',
  'volley.showTrends',
  'volley.compareRuns',
] as const;
export type CommandId = (typeof COMMANDS)[number];

/** Commands that only make sense with a row of a tree; hidden from the palette. */
export const ROW_COMMANDS: readonly CommandId[] = [
  'volley.runGate',
  'volley.runGateAnyway',
  'volley.fixGate',
  'volley.cancelGate',
  'volley.removeFile',
  'volley.inspectScope',
  'volley.openRun',
];

export const VIEWS = { gates: 'volley.gates', files: 'volley.files', runs: 'volley.runs' } as const;

/** Type of the timing panel's webview. */
export const PANEL = 'volley.timing';

/** Scheme of the read-only documents that show the output of gates. */
export const OUTPUT_SCHEME = 'volley-output';

/** Scheme of the read-only documents that explain plans of batches. */
export const PLAN_SCHEME = 'volley-plan';

/** Scheme of the read-only document that explains the plan of gates. */
export const GATE_PLAN_SCHEME = 'volley-gate-plan';

/** Scheme of the read-only documents that show all answers of a batch as one text. */
export const ANSWER_SCHEME = 'volley-answer';

/** Scheme of the read-only documents that show analyses. */
export const ANALYSIS_SCHEME = 'volley-analysis';

/** What a run of a batch is called. `file` as the editor names it, relative to the workspace. */
export function batchLabel(file: string, measure: boolean): string {
  return `${measure ? 'Verify' : 'Batch'} ${file}`;
}

/** The file in the label of a run of a batch, also in that of a trial; undefined in any other. */
export function batchFileOf(label: string): string | undefined {
  return /^(?:Batch|Verify) (.*\.batch\.jsonc?)(?:, [^/]*)?$/.exec(label)?.[1];
}

/** Scheme of the resources that only exist to give a row of the Gates view its colour. */
export const GATE_SCHEME = 'volley-gate';

/**
 * Context keys for `when` clauses. Until Volley was asked for something it knows nothing and none is set, so those that disable a
 * command are negatives: commands stay enabled until it is known that they cannot work.
 */
export const CONTEXT = {
  running: 'volley.running',
  watching: 'volley.watching',
  nothingDetected: 'volley.nothingDetected',
  nothingAvailable: 'volley.nothingAvailable',
  nothingFailed: 'volley.nothingFailed',
  nothingRan: 'volley.nothingRan',
  hasSelection: 'volley.hasSelection',
} as const;
export type ContextKey = (typeof CONTEXT)[keyof typeof CONTEXT];

export const SHOW_PANEL = ['never', 'onRun', 'onFailure'] as const;
export type ShowPanel = (typeof SHOW_PANEL)[number];

/** What may happen to the rest of a run when a gate or an operation does not pass, in the order in which it is offered. */
export const FAILURE_MODES = ['continue', 'stop', 'kill'] as const satisfies readonly FailureMode[];

/** The same for people, as package.json says it in the settings. */
export const FAILURE_MODE_TEXTS: Readonly<Record<FailureMode, { readonly label: string; readonly detail: string }>> = {
  continue: { label: 'Continue Independents', detail: 'Everything that does not depend on it goes on.' },
  stop: { label: 'Stop New', detail: 'Nothing new starts. What runs goes on to its end.' },
  kill: { label: 'Kill', detail: 'Nothing new starts, and what runs is stopped.' },
};

/** Settings as they stand in settings.json, below `volley.`, with their defaults. */
export const SETTING_DEFAULTS = {
  slots: 0,
  mostSlots: DEFAULT_MOST_SLOTS,
  onFailure: 'continue' as FailureMode,
  failFast: false,
  timeout: 0,
  saveBeforeRun: true,
  cache: true,
  newFindingsOnly: false,
  countTokens: false,
  showPanelOnRun: 'never' as ShowPanel,
  'verify.pairs': 30,
  'verify.mostTime': 600,
  'verify.target': 1.67,
  'tune.rounds': TUNING_LIMITS.rounds,
  'tune.mostTime': TUNING_LIMITS.mostMs / 1000,
  'otlp.endpoint': '',
} as const;

/** The scopes as a user reads them. */
export const SCOPE_LABELS: Readonly<Record<ScopeKind, string>> = {
  workspace: 'Workspace',
  changed: 'Changed Files',
  staged: 'Staged Files',
  open: 'Open Editors',
  selected: 'Selected Files',
};
