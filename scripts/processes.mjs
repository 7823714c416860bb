// What every script here shares: child processes, clean ends and plain errors. Built-ins only: it runs before `npm ci` has.
// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';

/** Absolute path of the checkout. */
export const root = path.dirname(import.meta.dirname);

/** A failure that the reader of the terminal can do something about: shown as it is, without a stack. */
export class UserError extends Error {
  /**
   * @param {string} what what failed, a whole sentence
   * @param {string} [remedy] what to do about it, a whole sentence
   */
  constructor(what, remedy) {
    super(remedy ? `${what}\n  ${remedy}` : what);
    this.name = 'UserError';
  }
}

/**
 * @typedef {object} Ended
 * @property {number} exitCode 128 and the signal's number when a signal ended it, as a shell has it; 127 when it could not start
 * @property {string} output what it wrote; empty unless it was captured
 */

/**
 * Runs a program to its end. Never rejects. The child ends when this process does.
 *
 * @param {readonly string[]} argv program and arguments; no shell reads them
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, capture?: boolean }} [options]
 * @returns {Promise<Ended>}
 */
export function run(argv, options = {}) {
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: options.capture ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    const forget = onExit(() => child.kill('SIGTERM'));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (error) => {
      forget();
      resolve({ exitCode: 127, output: `${output}${error.message}` });
    });
    child.once('close', (code, signal) => {
      forget();
      resolve({ exitCode: code ?? 128 + constants.signals[signal ?? 'SIGTERM'], output });
    });
  });
}

/**
 * The command line that calls npm: the one that called us, so that `npm test` and its children agree on the version.
 *
 * @param {...string} args
 */
export function npm(...args) {
  const caller = process.env['npm_execpath'];
  if (caller && /npm-cli\.[cm]?js$/.test(caller)) return [process.execPath, caller, ...args];
  if (process.platform !== 'win32') return ['npm', ...args];
  return [process.execPath, path.join(path.dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'), ...args];
}

/** The environment for an npm that works in another folder than ours: without what our own npm says about this package. */
export function npmEnvironment() {
  const aboutUs = /^npm_(package|lifecycle)_|^npm_config_(local_prefix|global_prefix|prefix|noproxy)$|^npm_command$|^INIT_CWD$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !aboutUs.test(name)));
}

/** @type {Set<() => void>} */
const disposers = new Set();

/**
 * Has `dispose` called when this process ends in whatever way it can notice: done, an error, SIGINT, SIGTERM, SIGHUP.
 *
 * @param {() => void} dispose synchronous, for nothing else runs at that time
 * @returns {() => void} forgets it
 */
export function onExit(dispose) {
  if (disposers.size === 0) listen();
  disposers.add(dispose);
  return () => {
    disposers.delete(dispose);
    if (disposers.size === 0) unlisten();
  };
}

const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

function listen() {
  process.on('exit', disposeAll);
  for (const signal of signals) process.on(signal, exitBySignal);
}

function unlisten() {
  process.off('exit', disposeAll);
  for (const signal of signals) process.off(signal, exitBySignal);
}

function disposeAll() {
  for (const dispose of [...disposers].reverse()) {
    disposers.delete(dispose);
    try {
      dispose();
    } catch (error) {
      process.stderr.write(`While cleaning up: ${error instanceof Error ? error.message : error}\n`);
    }
  }
}

/** @param {NodeJS.Signals} signal */
function exitBySignal(signal) {
  process.exit(128 + constants.signals[signal]);
}

/**
 * The body of a script: its number is the exit code, and an error becomes one plain message.
 *
 * @param {() => Promise<number | undefined>} body
 */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    process.stderr.write(`\n${error instanceof UserError ? error.message : error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  }
}

/**
 * What a program wrote, indented, to follow a message; of long output the beginning and the end.
 *
 * @param {string} output
 */
export function excerpt(output, lines = 30) {
  const all = output.trimEnd().split('\n');
  const half = Math.floor(lines / 2);
  const kept =
    all.length <= lines ? all : [...all.slice(0, half), `… ${all.length - 2 * half} more lines …`, ...all.slice(-half)];
  return kept.map((line) => `    ${line}`).join('\n');
}
