// Stands in for @vscode/spdlog, which needs a compiler: the same calls, the same files, less speed.
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

/** One log file. Log lines are a convenience of whoever looks for a fault: what cannot be written is dropped. */
class Logger {
  #file;
  #level = levels.indexOf('info');
  #bare = false;

  constructor(file) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    for (const [rank, name] of levels.entries()) this[name] = (message) => this.#write(rank, name, message);
  }

  getLevel() {
    return this.#level;
  }
  setLevel(level) {
    this.#level = level;
  }
  clearFormatters() {
    this.#bare = true;
  }
  setPattern() {}
  flush() {}
  drop() {}

  #write(rank, name, message) {
    if (rank < this.#level) return;
    const stamp = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const line = this.#bare ? message : `${stamp} [${name === 'warn' ? 'warning' : name}] ${message}\n`;
    try {
      appendFileSync(this.#file, line);
    } catch {}
  }
}

const create = async (_name, file) => new Logger(file);

// One by one: an `import` of this file sees only what is assigned like this.
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
