// Stands in for VS Code's native logger, so that log files and output channels work without a native build.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

let globalLevel = 0;

class Logger {
  #file;
  #level = globalLevel;
  #pattern = '%Y-%m-%d %H:%M:%S.%e [%l] %v';
  #formatted = true;

  constructor(_type, _name, file) {
    this.#file = file;
  }

  trace = (message) => this.#write(0, message);
  debug = (message) => this.#write(1, message);
  info = (message) => this.#write(2, message);
  warn = (message) => this.#write(3, message);
  error = (message) => this.#write(4, message);
  critical = (message) => this.#write(5, message);

  getLevel = () => this.#level;
  setLevel = (level) => void (this.#level = level);
  setPattern = (pattern) => void (this.#pattern = pattern);
  clearFormatters = () => void (this.#formatted = false);
  flush = () => undefined;
  drop = () => undefined;

  #write(level, message) {
    if (level < this.#level) return;
    const text = this.#formatted ? `${this.#format(level, message)}\n` : message;
    try {
      // Not buffered: several processes append to the same files, and tests read them at any time.
      fs.appendFileSync(this.#file, text);
    } catch {
      // The folder may be gone already when a test has ended; a log has nowhere to report that.
    }
  }

  #format(level, message) {
    const now = new Date();
    const two = (value) => String(value).padStart(2, '0');
    const fields = {
      Y: now.getFullYear(),
      m: two(now.getMonth() + 1),
      d: two(now.getDate()),
      H: two(now.getHours()),
      M: two(now.getMinutes()),
      S: two(now.getSeconds()),
      e: String(now.getMilliseconds()).padStart(3, '0'),
      l: LEVELS[level],
      v: message,
    };
    return this.#pattern.replace(/%([YmdHMSelv])/g, (_, name) => fields[name]);
  }
}

async function createLogger(name, file) {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  return new Logger('rotating', name, file);
}

// One by one: VS Code imports these by name, which Node only finds in assignments like these.
exports.version = 11500;
exports.Logger = Logger;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
exports.setLevel = (level) => void (globalLevel = level);
exports.setFlushOn = () => undefined;
