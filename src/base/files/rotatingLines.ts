import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { underLock } from './fileLock.js';
import { makeFolder } from './makeFolder.js';
import { renameOver } from './renameOver.js';

/** Where lines go when the file is full; what was there before is lost. */
export const olderFile = (path: string): string => `${path}.1`;

export interface RotatingLinesOptions {
  /** Absolute path of the newest lines; the older ones are beside it. */
  readonly path: string;
  /** Bytes after which a new file begins, so that at most twice as many are kept. */
  readonly maxBytes: number;
  /** Lines that wait to be written; more of them push out the oldest. */
  readonly maxWaiting: number;
  /** Milliseconds that lines are gathered for. */
  readonly gatherMs: number;
  /** Called when lines cannot be written, once for each spell of it. */
  readonly onProblem: (error: Error) => void;
}

/**
 * Appends lines to a file that only the user can read and that starts over when it is full. Several processes may write to
 * the same file: each gathers what it has into one append, and opens the file anew for it.
 */
export class RotatingLines {
  readonly #options: RotatingLinesOptions;
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failing = false;
  #disposed = false;

  constructor(options: RotatingLinesOptions) {
    this.#options = options;
  }

  /** @param line without a line break. Never throws and never waits. */
  add(line: string): void {
    if (this.#disposed) return;
    this.#waiting.push(line);
    if (this.#waiting.length > this.#options.maxWaiting) this.#waiting.shift();
    this.#timer ??= setTimeout(() => {
      void this.flush();
    }, this.#options.gatherMs).unref();
  }

  /** Resolves when all that was added has been written, or could not be. Never throws. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Takes nothing more; resolves when the last line has been written. Never throws. */
  dispose(): Promise<void> {
    this.#disposed = true;
    return this.flush();
  }

  async #write(): Promise<void> {
    const lines = this.#waiting;
    if (lines.length === 0) return;
    this.#waiting = [];
    const { path, maxBytes, onProblem } = this.#options;
    try {
      const content = `${lines.join('\n')}\n`;
      await this.#rotate(path, maxBytes - Buffer.byteLength(content));
      await append(path, content);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) onProblem(error as Error);
      this.#failing = true;
    }
  }

  /** Only one writer at a time: the second one of two would move the file that the first has just begun over the full one. */
  async #rotate(path: string, room: number): Promise<void> {
    const isFull = async (): Promise<boolean> => (await sizeOf(path)) > Math.max(0, room);
    if (!(await isFull())) return;
    // Where another one sees to it, what is appended meanwhile is a little too much for the file.
    await underLock(path, async () => {
      if (await isFull()) await renameOver(path, olderFile(path));
    });
  }
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function append(path: string, content: string): Promise<void> {
  const write = async (): Promise<void> => {
    const file = await open(path, 'a', 0o600);
    try {
      await file.appendFile(content);
    } finally {
      await file.close();
    }
  };
  try {
    await write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await makeFolder(dirname(path));
    await write();
  }
}
