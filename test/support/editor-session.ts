/** A session on a workspace of its own, with gates that a test releases by hand. For tests inside VS Code's extension host. */
import { mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type * as vscode from 'vscode';
import { createEngine, type Engine, type RunRequest } from '../../src/core/engine.js';
import type { Category, Detection, Gate, Warning } from '../../src/core/gate-model.js';
import type { Host } from '../../src/core/host.js';
import type { Verification } from '../../src/core/measured.js';
import type { GateId } from '../../src/core/model.js';
import { type Activity, createSession, type Session } from '../../src/vscode/session.js';

/** By which the sequential trial comes first in the first pair, and the parallel one in the second. */
const SEED = 3;

/** Runs until the file that it is given exists, then writes what stands there and ends with the exit code that stands there. */
const PROGRAM = `
import { readFileSync, rmSync } from 'node:fs';

const file = process.argv[2];
console.log('Waiting for ' + file);
const timer = setInterval(() => {
  let text;
  try { text = readFileSync(file, 'utf8'); } catch { return; }
  clearInterval(timer);
  rmSync(file);
  const { output, exitCode } = JSON.parse(text);
  console.log(output);
  process.exitCode = exitCode;
}, 10);
`;

export interface GateOptions {
  readonly name?: string;
  readonly category?: Category;
  readonly unavailable?: boolean;
}

/** How a released gate ends. Lines of \`findings\` are as tsc writes them: \`a.ts(1,5): error TS2322: Message.\` */
export interface GateEnd {
  readonly exitCode?: number;
  readonly findings?: readonly string[];
}

export interface SessionRig {
  /** Absolute, without links. */
  readonly folder: string;
  readonly session: Session;
  readonly engine: Engine;
  /** The gates that the next detection finds, and its warnings. */
  detects(gates: readonly Gate[], warnings?: readonly Warning[]): void;
  gate(id: string, options?: GateOptions): Gate;
  /** Starts a run with as many slots as gates. */
  start(gates: readonly Gate[], more?: Partial<RunRequest>): Activity;
  /** Lets a gate end; resolves when the session knows. */
  release(id: string, end?: GateEnd): Promise<void>;
  /** Runs one gate to its end. */
  runToEnd(gate: Gate, end?: GateEnd): Promise<void>;
  /** Verifies the speedup of one gate, which passes in the warm-up and in every trial. */
  verifyToEnd(gate: Gate, pairs: number): Promise<Verification | undefined>;
  /** Resolves when the condition holds after a change of the session; at once when it holds. */
  until(condition: () => boolean): Promise<void>;
  /** Another session on the same storage, as after a reload of the window. */
  reloaded(): Session;
  dispose(): Promise<void>;
}

export async function openSession(): Promise<SessionRig> {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'volley-session-')));
  await writeFile(path.join(folder, 'gate.mjs'), PROGRAM);
  const host = hostOn(folder);
  let detection: Detection = { gates: [], warnings: [] };
  const create = (): Engine => ({ ...createEngine(host), detect: async () => detection });
  const openOne = () => createSession({ createEngine: create, log: host.log, now: host.now });
  const session = openOne();
  const others: Session[] = [];
  const until = (condition: () => boolean) => untilChange(session, condition);
  const release = async (id: string, { exitCode = 0, findings = [] }: GateEnd = {}) => {
    const known = session.last(id as GateId);
    const file = path.join(folder, `${id}.release`);
    // Whole at once: the gate must not read half of it.
    await writeFile(`${file}.new`, JSON.stringify({ exitCode, output: findings.join('\n') }));
    await rename(`${file}.new`, file);
    await until(() => session.last(id as GateId) !== known);
  };
  const start = (gates: readonly Gate[], more: Partial<RunRequest> = {}): Activity => {
    const scope = { kind: 'workspace' } as const;
    const activity = session.start({
      gates,
      scope,
      mode: 'parallel',
      slots: gates.length,
      failure: 'continue',
      label: 'Test',
      ...more,
    });
    if (!activity) throw new Error('Something runs already.');
    return activity;
  };
  return {
    folder,
    session,
    get engine() {
      return session.engine;
    },
    detects(gates, warnings = []) {
      detection = { gates, warnings };
    },
    gate: (id, options) => gateIn(folder, id, options),
    start,
    release,
    async runToEnd(gate, end) {
      const activity = start([gate]);
      await release(gate.id, end);
      await activity.finished;
    },
    async verifyToEnd(gate, pairs) {
      const activity = session.verify({ gates: [gate], scope: { kind: 'workspace' }, slots: 2, pairs, seed: SEED });
      for (let trial = 0; trial <= 2 * pairs; trial += 1) {
        await until(() => activity?.progress()?.trial === trial && session.live(gate.id)?.phase === 'running');
        await release(gate.id);
      }
      return (await activity?.finished)?.verification;
    },
    until,
    reloaded() {
      const other = openOne();
      others.push(other);
      return other;
    },
    async dispose() {
      for (const each of [session, ...others]) {
        await each.close();
        each.dispose();
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the condition holds after a change of the session; at once when it holds. */
export function untilChange(session: Session, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const listener = session.onDidChange(() => {
      if (!condition()) return;
      listener.dispose();
      resolve();
    });
    if (!condition()) return;
    listener.dispose();
    resolve();
  });
}

/** A workspace memory that is gone with the test. */
export function memento(values: Record<string, unknown> = {}): vscode.Memento {
  const kept = new Map(Object.entries(values));
  return {
    keys: () => [...kept.keys()],
    get: (key: string, otherwise?: unknown) => kept.get(key) ?? otherwise,
    update: async (key: string, value: unknown) => {
      kept.set(key, structuredClone(value));
    },
  };
}

function hostOn(folder: string): Host {
  const log = { debug() {}, info() {}, warn() {}, error: (message: string) => console.error(message) };
  return {
    now: () => performance.now(),
    date: () => new Date(),
    log,
    folders: () => [{ name: 'workspace', path: folder }],
    trusted: () => true,
    storage: path.join(folder, '.storage'),
    env: process.env,
  };
}

function gateIn(folder: string, id: string, { name = id, category = 'lint', unavailable = false }: GateOptions = {}): Gate {
  return {
    id: id as GateId,
    name,
    tool: 'Test Tool',
    category,
    folder: { name: 'workspace', path: folder },
    command: { argv: ['node', 'gate.mjs', path.join(folder, `${id}.release`)], cwd: folder, env: {}, shell: false },
    files: { kind: 'whole', inputs: ['**'] },
    access: { reads: [], writes: [], locks: [] },
    needs: [],
    exitCodes: { passed: [0], failed: [1] },
    parser: 'tsc',
    availability: unavailable
      ? { kind: 'unavailable', reason: 'Test Tool is not installed.', install: 'npm install test-tool' }
      : { kind: 'available' },
    evidence: [{ file: 'package.json', line: 3, text: `"${id}": "test-tool *src*"` }],
    timeoutMs: 60_000,
  };
}
