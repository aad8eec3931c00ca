import { open, type FileHandle } from 'node:fs/promises';

/** Bytes that are read of a file, at most; of a larger one those at its end. */
const MAX_BYTES = 4 * 1024 * 1024;
const NEWLINE = 10;

/** The whole lines at the end of a file; none when it cannot be read. */
export const lastLines = (path: string): Promise<readonly string[]> => new FollowedLines(path).read();

/** Reads a file to which others append, and in whose place a new one may begin. */
export class FollowedLines {
  readonly #path: string;
  readonly #older: string | undefined;
  #inode: number | undefined;
  #position = 0;
  #rest: Buffer = Buffer.alloc(0);

  /**
   * @param path absolute
   * @param older where the file is moved when a new one begins
   */
  constructor(path: string, older?: string) {
    this.#path = path;
    this.#older = older;
  }

  /** The whole lines that have come since the last time. Never throws: a file that cannot be read has none. */
  async read(): Promise<readonly string[]> {
    const current = await this.#open(this.#path);
    if (!current) return [];
    try {
      const { ino } = await current.stat();
      const missed =
        this.#inode === undefined || ino === this.#inode ? [] : await this.#readMoved(this.#inode);
      if (ino !== this.#inode) this.#begin(ino);
      return [...missed, ...(await this.#readOn(current))];
    } catch {
      return [];
    } finally {
      await current.close();
    }
  }

  /** What came between the last reading and the move. */
  async #readMoved(inode: number): Promise<readonly string[]> {
    const moved = this.#older === undefined ? undefined : await this.#open(this.#older);
    if (!moved) return [];
    try {
      return (await moved.stat()).ino === inode ? await this.#readOn(moved) : [];
    } finally {
      await moved.close();
    }
  }

  async #readOn(file: FileHandle): Promise<readonly string[]> {
    const { size } = await file.stat();
    // It was cut: what comes now is new.
    if (size < this.#position) this.#begin(this.#inode);
    const skipped = size - this.#position > MAX_BYTES;
    const start = skipped ? size - MAX_BYTES : this.#position;
    const content = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(content, 0, content.length, start);
    this.#position = start + bytesRead;
    const all = Buffer.concat([skipped ? Buffer.alloc(0) : this.#rest, content.subarray(0, bytesRead)]);
    const end = all.lastIndexOf(NEWLINE) + 1;
    this.#rest = all.subarray(end);
    return all
      .subarray(0, end)
      .toString('utf8')
      .split('\n')
      .slice(skipped ? 1 : 0, -1);
  }

  async #open(path: string): Promise<FileHandle | undefined> {
    return open(path, 'r').catch(() => undefined);
  }

  #begin(inode: number | undefined): void {
    this.#inode = inode;
    this.#position = 0;
    this.#rest = Buffer.alloc(0);
  }
}
