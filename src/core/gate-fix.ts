/** Runs the fixers of gates: never two on one file at a time, and everything they change can be undone. */

import path from 'node:path';
import type { ActiveRun } from './active-run.js';
import type { Fix, Gate } from './gate-model.js';
import { type EngineContext, startGateRun } from './gate-run.js';
import { globMatcher } from './glob-match.js';
import type { OpenChange } from './journal.js';
import type { Folder, GateId, RunState, Scope } from './model.js';
import { slashes } from './paths.js';
import { resolveScope } from './scope.js';

export interface FixRequest {
  /** Those without a fixer are left out. */
  readonly gates: readonly Gate[];
  readonly scope: Scope;
  readonly slots: number;
  readonly timeoutMs?: number;
}

export interface ActiveFix {
  /** The run of the fixers; its operations are `fix:<gate id>`. */
  readonly run: ActiveRun;
  /** Resolves when the last fixer has ended and what it changed is known. */
  readonly finished: Promise<Fixed>;
}

export interface Fixed {
  readonly run: RunState;
  /** Absolute, native, sorted: what is no longer as it was. */
  readonly changed: readonly string[];
  /** Undoes it; absent when nothing was changed. */
  readonly undo?: string;
}

/** Copies what the fixers may change, and starts them. Undefined when none of the gates has a fixer. */
export async function startFix(context: EngineContext, request: FixRequest): Promise<ActiveFix | undefined> {
  const fixers = request.gates.flatMap((gate) => (gate.fix ? [fixerOf(gate, gate.fix)] : []));
  if (fixers.length === 0) return undefined;
  const { host, journal } = context;
  const change = host.trusted() ? await journal.begin('Fix', await mayChange(fixers), host.date()) : undefined;
  const run = startGateRun(context, {
    gates: fixers,
    scope: request.scope,
    mode: 'parallel',
    slots: request.slots,
    failure: 'continue',
    label: 'Fix',
    ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
  });
  return { run, finished: ended(run, change, fixers) };
}

async function ended(run: ActiveRun, change: OpenChange | undefined, fixers: readonly Gate[]): Promise<Fixed> {
  const state = await run.finished;
  const changed = change ? await change.end(await mayChange(fixers)) : [];
  return { run: state, changed, ...(change && changed.length > 0 ? { undo: change.id } : {}) };
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

/** Files of the workspace that one of the fixers takes, or that it depends on where it takes none. */
async function mayChange(fixers: readonly Gate[]): Promise<readonly string[]> {
  const folders = new Map<string, Folder>(fixers.map(({ folder }) => [folder.path, folder]));
  const found = new Set<string>();
  for (const folder of folders.values()) {
    const all = await resolveScope({ kind: 'selected', files: [folder.path] }, folder, async () => ({ ok: false, stdout: '' }));
    if (all.kind !== 'files') continue;
    for (const fixer of fixers.filter((each) => each.folder.path === folder.path)) {
      const matches = globMatcher(fixer.files.kind === 'files' ? fixer.files.takes : fixer.files.inputs);
      for (const file of all.files) {
        const relative = slashes(path.relative(fixer.command.cwd, file));
        if (!relative.startsWith('../') && matches(relative)) found.add(file);
      }
    }
  }
  return [...found].sort();
}
