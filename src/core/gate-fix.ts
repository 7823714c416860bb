/** Runs the fixers of gates: never two on one file at a time, and everything they change can be undone. */

import type { ActiveRun } from './active-run.js';
import { differenceOf, type FixLook, lookForFixers } from './fix-files.js';
import type { Fix, Gate } from './gate-model.js';
import { type EngineContext, startGateRun } from './gate-run.js';
import type { OpenChange } from './journal.js';
import type { GateId, RunState, Scope } from './model.js';
import { isInside, slashes } from './paths.js';
import { realPlace } from './real-place.js';

export interface FixRequest {
  /** Those without a fixer are left out. */
  readonly gates: readonly Gate[];
  readonly scope: Scope;
  readonly slots: number;
  readonly timeoutMs?: number;
  /** Ends the waiting for a fix of another window or terminal; then nothing is fixed. */
  readonly signal?: AbortSignal;
  /** Called once if another window or terminal is fixing one of the folders, whose end is waited for. */
  readonly onWait?: () => void;
}

export interface ActiveFix {
  /** The run of the fixers; its operations are `fix:<gate id>`. */
  readonly run: ActiveRun;
  /** Resolves when the last fixer has ended and what it changed is known. */
  readonly finished: Promise<Fixed>;
  /** The user has just written this file, absolute, while fixers run: an undo goes back to what it holds now. Never rejects. */
  edited(file: string): void;
}

export interface Fixed {
  readonly run: RunState;
  /** Absolute, native, sorted: what is no longer as it was. */
  readonly changed: readonly string[];
  /** Besides `changed`: what was changed or made although no fixer takes it, so that nothing of it was kept and an undo leaves it as it is. */
  readonly notKept: readonly string[];
  /** Undoes it; absent when nothing was changed. */
  readonly undo?: string;
}

/** Copies what the fixers may change, and starts them. Undefined when none of the gates has a fixer, or when `signal` ended the waiting. */
export async function startFix(context: EngineContext, request: FixRequest): Promise<ActiveFix | undefined> {
  const fixers = request.gates.flatMap((gate) => (gate.fix ? [fixerOf(gate, gate.fix)] : []));
  if (fixers.length === 0) return undefined;
  const free = await alone(context, fixers, request);
  if (!free) return undefined;
  try {
    const { host, journal } = context;
    const before = host.trusted() ? await lookForFixers(fixers, host.storage) : undefined;
    const change = before && (await journal.begin('Fix', before.files, host.date(), { entries: true }));
    const run = startGateRun(context, {
      gates: fixers,
      scope: request.scope,
      mode: 'parallel',
      slots: request.slots,
      failure: 'continue',
      label: 'Fix',
      ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
    });
    const kept = before && change && { before, change, own: host.storage };
    const edits = new Set<string>();
    return {
      run,
      finished: ended(run, kept, fixers, edits).finally(free),
      edited(file) {
        if (!fixers.some(({ folder }) => isInside(folder.path, file))) return;
        edits.add(file);
        change?.keepAsTheyAre([file]).catch((error: unknown) => host.log.warn(`${file} could not be kept: ${String(error)}.`));
      },
    };
  } catch (error) {
    await free();
    throw error;
  }
}

/** One fix at a time in a folder, whichever window or terminal asks for it: never two fixers on one file, and each undo knows what was before. */
async function alone({ locks }: EngineContext, fixers: readonly Gate[], { signal, onWait }: FixRequest) {
  const folders = await Promise.all([...new Set(fixers.map(({ folder }) => folder.path))].map(realPlace));
  const names = folders.map((folder) => `fix ${folder}`);
  return locks.take(names, signal ?? new AbortController().signal, onWait ?? (() => undefined));
}

interface Kept {
  readonly before: FixLook;
  /** Where Volley keeps what is its own. */
  readonly own: string;
  readonly change: OpenChange;
}

async function ended(
  run: ActiveRun,
  kept: Kept | undefined,
  fixers: readonly Gate[],
  edits: ReadonlySet<string>,
): Promise<Fixed> {
  const state = await run.finished;
  if (!kept) return { run: state, changed: [], notKept: [] };
  const { before, change } = kept;
  const { created, made, notKept, untouched } = differenceOf(before, await lookForFixers(fixers, kept.own));
  const changed = await change.end(created, { untouched, made });
  return {
    run: state,
    changed,
    notKept: notKept.filter((file) => !edits.has(file)),
    ...(changed.length > 0 ? { undo: change.id } : {}),
  };
}

/** The fixer as a gate: it passes when it did its work, whether or not something is left that it cannot mend. */
function fixerOf(gate: Gate, { command, files }: Fix): Gate {
  const { matchers: _m, reads: _r, sharding: _s, fix: _f, workers: _w, inCopy: _c, ...rest } = gate;
  const globs = files.kind === 'files' ? files.takes : files.inputs;
  const places = globs.filter((glob) => !glob.startsWith('!')).map((glob) => absoluteGlob(gate.command.cwd, glob));
  return {
    ...rest,
    id: `fix:${gate.id}` as GateId,
    name: `Fix with ${gate.name}`,
    command,
    files,
    parser: 'none',
    needs: [],
    exitCodes: { passed: [...gate.exitCodes.passed, ...gate.exitCodes.failed], failed: [] },
    access: { reads: places, writes: places, locks: gate.access.locks },
  };
}

function absoluteGlob(cwd: string, glob: string): string {
  return `${slashes(cwd)}/${glob}`;
}
