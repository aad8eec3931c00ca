import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  errorCode,
  fileInfo,
  readBounded,
  removeQuietly,
  writeAtomically,
} from '../base/files/atomicFiles.js';
import type { Logger } from '../gateway/ports.js';

const MAX_BYTES = 16;
const MAX_PORT = 65_535;
/** Config files whose ports are remembered; of more the oldest are forgotten. */
const MAX_FILES = 100;

/**
 * Remembers the port of each config file, so that addresses survive a restart and two that run side by side do not take
 * each other's. A hint only: every failure is a port that is not known.
 */
export class PortFile {
  readonly #directory: string;
  readonly #path: string;

  /**
   * @param directory the folder for the ports of all config files
   * @param config absolute path of the config file
   */
  constructor(directory: string, config: string) {
    this.#directory = directory;
    this.#path = join(directory, createHash('sha256').update(config).digest('hex').slice(0, 16));
  }

  /** The port that was used last; 0 when it is not known. */
  async read(): Promise<number> {
    const content = await readBounded(this.#path, MAX_BYTES).catch(() => undefined);
    const text = Buffer.isBuffer(content) ? content.toString('latin1').trim() : '';
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    return port <= MAX_PORT ? port : 0;
  }

  /** Never throws. */
  async write(port: number, log: Logger): Promise<void> {
    try {
      await writeAtomically(this.#path, this.#directory, Buffer.from(`${port}\n`), Date.now());
      await this.#prune();
    } catch (error) {
      log.warn(`The port is another at the next start, because it could not be kept (${errorCode(error)}).`);
    }
  }

  async #prune(): Promise<void> {
    const names = await readdir(this.#directory);
    if (names.length <= MAX_FILES) return;
    const files = await Promise.all(names.map((name) => fileInfo(this.#directory, name)));
    const byAge = files.filter((file) => file !== undefined).sort((a, b) => b.usedAt - a.usedAt);
    for (const { name } of byAge.slice(MAX_FILES)) await removeQuietly(join(this.#directory, name));
  }
}
