/** The user's settings, checked: a value of the wrong kind counts as the default. */
import * as vscode from 'vscode';
import type { MeasureOptions } from '../core/engine.js';
import { availableProcessors } from '../core/machine.js';
import type { FailureMode } from '../core/model.js';
import { automaticSlots, type SlotRange } from '../core/slots.js';
import type { TuningLimits } from '../core/tuning-model.js';
import { FAILURE_MODES, SETTING_DEFAULTS, SHOW_PANEL, type ShowPanel } from './names.js';

export interface Settings {
  /** How many gates or operations run at once. */
  readonly slots: SlotRange;
  /** What happens to the rest when something does not pass. */
  readonly failure: FailureMode;
  /** Replaces every gate's own limit. */
  readonly timeoutMs?: number;
  readonly saveBeforeRun: boolean;
  /** Answer gates from the cache whose result nothing has changed since. */
  readonly cache: boolean;
  /** Set apart what was found where the branch left the default branch. */
  readonly newOnly: boolean;
  /** Count what each batch takes of the context of a language model. */
  readonly countTokens: boolean;
  readonly showPanelOnRun: ShowPanel;
  /** How a speedup is verified. */
  readonly measure: MeasureOptions;
  /** Until when a tuning measures. */
  readonly tuning: TuningLimits;
  /** Where OpenTelemetry spans go; empty when nothing is set. */
  readonly otlpEndpoint: string;
}

/** The settings as they are now. */
export function readSettings(): Settings {
  const timeout = number('timeout', 0, 86_400);
  return {
    slots: slotsAsSet(),
    failure: failureAsSet(),
    ...(timeout > 0 ? { timeoutMs: timeout * 1000 } : {}),
    saveBeforeRun: boolean('saveBeforeRun'),
    cache: boolean('cache'),
    newOnly: boolean('newFindingsOnly'),
    countTokens: boolean('countTokens'),
    showPanelOnRun: SHOW_PANEL.find((value) => value === setting('showPanelOnRun')) ?? SETTING_DEFAULTS.showPanelOnRun,
    measure: {
      pairs: Math.floor(number('verify.pairs', 1, 200)),
      mostMs: number('verify.mostTime', 1, 86_400) * 1000,
      target: number('verify.target', 0.1, 1000),
    },
    tuning: { rounds: Math.floor(number('tune.rounds', 1, 100)), mostMs: 1000 * number('tune.mostTime', 1, 86_400) },
    otlpEndpoint: text('otlp.endpoint'),
  };
}

/** What `volley.failFast` of earlier versions says counts where nobody has chosen since. */
function failureAsSet(): FailureMode {
  const configuration = vscode.workspace.getConfiguration('volley');
  const chosen = configuration.inspect('onFailure');
  const isChosen = [chosen?.globalValue, chosen?.workspaceValue, chosen?.workspaceFolderValue].some(
    (value) => value !== undefined,
  );
  if (!isChosen && configuration.get('failFast') === true) return 'kill';
  return FAILURE_MODES.find((mode) => mode === setting('onFailure')) ?? SETTING_DEFAULTS.onFailure;
}

function slotsAsSet(): SlotRange {
  const fixed = Math.floor(number('slots', 0, 256));
  return fixed === 0 ? automaticSlots(availableProcessors(), Math.floor(number('mostSlots', 1, 256))) : { slots: fixed };
}

function setting(key: keyof typeof SETTING_DEFAULTS): unknown {
  return vscode.workspace.getConfiguration('volley').get(key);
}

type NumberSetting =
  | 'slots'
  | 'mostSlots'
  | 'timeout'
  | 'verify.pairs'
  | 'verify.mostTime'
  | 'verify.target'
  | 'tune.rounds'
  | 'tune.mostTime';

function number(key: NumberSetting, least: number, most: number): number {
  const value = setting(key);
  return typeof value === 'number' && value >= least ? Math.min(value, most) : SETTING_DEFAULTS[key];
}

function text(key: 'otlp.endpoint'): string {
  const value = setting(key);
  return typeof value === 'string' ? value.trim() : SETTING_DEFAULTS[key];
}

function boolean(key: 'saveBeforeRun' | 'cache' | 'newFindingsOnly' | 'countTokens'): boolean {
  const value = setting(key);
  return typeof value === 'boolean' ? value : SETTING_DEFAULTS[key];
}
