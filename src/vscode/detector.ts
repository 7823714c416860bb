/** Detects gates when it is asked to, never twice at the same time. */

import type { Detection, Gate } from '../core/gate-model.js';
import type { Log } from '../core/host.js';
import { faultText } from '../core/messages.js';

export interface DetectorOptions {
  readonly detect: () => Promise<Detection>;
  readonly log: Log;
  readonly onDetected: () => void;
}

/** At most one detection at a time; a wish during one is met by one more after it, since it may have read old files. */
export function createDetector({ detect, log, onDetected }: DetectorOptions) {
  let current: Detection | undefined;
  let working: Promise<Detection> | undefined;
  let next: Promise<Detection> | undefined;
  const work = async () => {
    current = await detect().catch((error: unknown): Detection => {
      log.error(`Detecting gates failed: ${faultText(error)}`);
      return current ?? { gates: [], warnings: [] };
    });
    working = undefined;
    for (const warning of current.warnings) log.warn(`${warning.file}:${warning.line ?? 1}: ${warning.message}`);
    onDetected();
    return current;
  };
  const refresh = (): Promise<Detection> => {
    if (!working) {
      working = work();
      return working;
    }
    next ??= working.then(() => {
      next = undefined;
      return refresh();
    });
    return next;
  };
  return { current: () => current, working: () => working, gates: (): readonly Gate[] => current?.gates ?? [], refresh };
}
