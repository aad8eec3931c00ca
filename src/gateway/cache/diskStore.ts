import { rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ownershipFault } from '../../base/files/ownership.js';
import type { StoredCatalog } from '../model/catalog.js';
import type { ServerId } from '../model/definition.js';
import type { CatalogStore, Logger } from '../ports.js';
import { decodeEntry, encodeEntry, parseEntry, type UnusableEntry, type WholeEntry } from './diskEntry.js';
import {
  errorCode,
  readBounded,
  removeQuietly,
  writeAtomically,
  fileInfo,
} from '../../base/files/atomicFiles.js';
import { entryName, entryNames } from './entryFiles.js';
import { newestFirst, pruneDirectory, type PruneLimits } from './diskPrune.js';
import { KeyedQueue } from '../../base/async/keyedQueue.js';

/** Bounds of the cache. */
export interface DiskStoreLimits extends PruneLimits {
  /** A larger file is neither written nor read. */
  readonly maxFileBytes: number;
  /** How many catalogs of one server are kept beside the one saved last. */
  readonly maxOlderPerServer: number;
}

const DEFAULT_DISK_STORE_LIMITS: DiskStoreLimits = {
  maxFileBytes: 4 * 1024 * 1024,
  maxTotalBytes: 64 * 1024 * 1024,
  maxFiles: 500,
  maxAgeMs: 60 * 24 * 60 * 60 * 1000,
  maxOlderPerServer: 3,
};

export interface DiskStoreOptions {
  /** Made when the first catalog is saved; may be shared by several processes. */
  readonly directory: string;
  readonly logger: Logger;
  readonly limits?: Partial<DiskStoreLimits>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Catalogs in files, one per server and fingerprint. */
export interface DiskStore extends CatalogStore {
  /** Resolves when no write, removal or pruning that was begun before is still going on. */
  idle(): Promise<void>;
}

const HOUR_MS = 60 * 60 * 1000;
const MAX_REPORTED = 1000;

/** Makes a store; touches no file before it is asked to. */
export const createDiskStore = (options: DiskStoreOptions): DiskStore => new FileStore(options);

class FileStore implements DiskStore {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #limits: DiskStoreLimits;
  readonly #now: () => number;
  readonly #queue = new KeyedQueue();
  /** By file name: what is still to be written. */
  readonly #unsaved = new Map<string, StoredCatalog>();
  /** Files whose fault was already told. */
  readonly #reported = new Set<string>();
  #saidUnusable = false;
  #isOwn = false;
  #lastSavedAt = 0;
  #lastPrune: number | undefined;
  #pruning: Promise<void> = Promise.resolve();

  constructor({ directory, logger, limits, now }: DiskStoreOptions) {
    this.#directory = directory;
    this.#logger = logger;
    this.#limits = { ...DEFAULT_DISK_STORE_LIMITS, ...limits };
    this.#now = now ?? Date.now;
  }

  async load(server: ServerId, fingerprint: string): Promise<StoredCatalog | undefined> {
    try {
      if (await this.#isForeign()) return undefined;
      const name = entryName(server, fingerprint);
      const exact = await this.#read(server, name);
      const stored = exact && (await this.#parse(name, exact));
      // The file's name holds only a part of the fingerprint's hash.
      return stored?.fingerprint === fingerprint ? stored : await this.#loadOther(server, name);
    } catch (error) {
      this.#unusable(error);
      return undefined;
    }
  }

  /**
   * Whether others can put catalogs there, which would say what tools there are until their servers have started. Looked at
   * once: a folder that is closed to others stays so.
   */
  async #isForeign(): Promise<boolean> {
    if (this.#isOwn) return false;
    const stats = await stat(this.#directory).catch(() => undefined);
    const fault = stats && ownershipFault(stats, 'unwritable');
    this.#isOwn = stats !== undefined && fault === undefined;
    if (fault !== undefined) this.#unusable(fault);
    return fault !== undefined;
  }

  /** The newest under another fingerprint. */
  async #loadOther(server: ServerId, exactName: string): Promise<StoredCatalog | undefined> {
    const names = (await this.#names(server)).filter((name) => name !== exactName);
    const files = await newestFirst(this.#directory, names);
    const entries: { name: string; entry: WholeEntry }[] = [];
    for (const { name } of files.slice(0, this.#limits.maxOlderPerServer + 1)) {
      const entry = await this.#read(server, name);
      if (entry) entries.push({ name, entry });
    }
    entries.sort((a, b) => b.entry.header.savedAt - a.entry.header.savedAt);
    for (const { name, entry } of entries) {
      const stored = await this.#parse(name, entry);
      if (stored) return stored;
    }
    return undefined;
  }

  async #read(server: ServerId, name: string): Promise<WholeEntry | undefined> {
    const file = await readBounded(join(this.#directory, name), this.#limits.maxFileBytes);
    if (file === undefined) return undefined;
    if (file === 'too-large') {
      this.#report(name, `it is larger than ${this.#limits.maxFileBytes} bytes`);
      return undefined;
    }
    const entry = await decodeEntry(file);
    if ('fault' in entry) return this.#discard(name, entry);
    const { header } = entry;
    if (header.server !== server || entryName(header.server, header.fingerprint) !== name)
      return this.#discard(name, { fault: 'corrupt', reason: 'it belongs under another name' });
    return entry;
  }

  async #parse(name: string, entry: WholeEntry): Promise<StoredCatalog | undefined> {
    const stored = await parseEntry(entry);
    if (!stored) return this.#discard(name, { fault: 'corrupt', reason: 'what it holds is not a catalog' });
    await this.#touch(name);
    return stored;
  }

  async #discard(name: string, { fault, reason }: UnusableEntry): Promise<undefined> {
    this.#report(name, reason);
    if (fault === 'corrupt') await removeQuietly(join(this.#directory, name));
    return undefined;
  }

  /** Counts as use, so that pruning takes others first. Not at each load: several windows may share the disk. */
  async #touch(name: string): Promise<void> {
    const file = await fileInfo(this.#directory, name);
    const now = this.#now();
    if (!file || now - file.usedAt < HOUR_MS) return;
    await utimes(join(this.#directory, name), now / 1000, now / 1000).catch(() => undefined);
  }

  save(server: ServerId, stored: StoredCatalog): Promise<void> {
    const name = entryName(server, stored.fingerprint);
    this.#unsaved.set(name, stored);
    return this.#queue.run(server, async () => {
      // A later save of the same file, or a clear, has taken its place.
      if (this.#unsaved.get(name) !== stored) return;
      this.#unsaved.delete(name);
      try {
        if (await this.#isForeign()) return;
        await this.#write(server, name, stored).catch((error: unknown) => {
          // Somebody removed the directory in between; it is made anew.
          if (errorCode(error) !== 'ENOENT') throw error;
          return this.#write(server, name, stored);
        });
      } catch (error) {
        this.#unusable(error);
      }
    });
  }

  async #write(server: ServerId, name: string, stored: StoredCatalog): Promise<void> {
    // Never twice the same, so that the newest of a server is always known.
    const savedAt = (this.#lastSavedAt = Math.max(this.#now(), this.#lastSavedAt + 1));
    const { maxFileBytes } = this.#limits;
    const content = await encodeEntry(server, stored, savedAt, maxFileBytes);
    if (!content || content.length > maxFileBytes) {
      this.#logger.info(
        `The catalog of ${server} is not kept on disk: it takes more than ${maxFileBytes} bytes there.`,
      );
      return;
    }
    await writeAtomically(join(this.#directory, name), this.#directory, content, savedAt);
    this.#reported.delete(name);

    const older = (await this.#names(server)).filter((other) => other !== name);
    const surplus = (await newestFirst(this.#directory, older)).slice(this.#limits.maxOlderPerServer);
    for (const file of surplus) await removeQuietly(join(this.#directory, file.name));
    this.#pruneInBackground();
  }

  #pruneInBackground(): void {
    const now = this.#now();
    if (this.#lastPrune !== undefined && now - this.#lastPrune < HOUR_MS) return;
    this.#lastPrune = now;
    this.#pruning = pruneDirectory(this.#directory, this.#limits, now).catch((error: unknown) => {
      this.#logger.debug(`Old cached catalogs could not be removed (${errorCode(error)}).`);
    });
  }

  clear(server?: ServerId): Promise<void> {
    const remove = async (): Promise<void> => {
      try {
        for (const name of await this.#names(server)) await rm(join(this.#directory, name), { force: true });
      } catch (error) {
        this.#unusable(error);
      }
    };
    return server === undefined ? this.#queue.runAlone(remove) : this.#queue.run(server, remove);
  }

  async idle(): Promise<void> {
    await this.#queue.idle();
    await this.#pruning;
  }

  async #names(server: ServerId | undefined): Promise<string[]> {
    try {
      return await entryNames(this.#directory, server);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #report(name: string, reason: string): void {
    if (this.#reported.has(name)) return;
    if (this.#reported.size >= MAX_REPORTED) this.#reported.clear();
    this.#reported.add(name);
    this.#logger.info(`The cached catalog ${name} is not used: ${reason}.`);
  }

  #unusable(error: unknown): void {
    const message =
      `The folder for cached tool lists, ${this.#directory}, cannot be used (${errorCode(error) || String(error)}). ` +
      'The gateway works without it, but after a restart tools are there only once their servers have started. ' +
      'Make the folder writable for you alone, free some space, or remove what is in its place.';
    if (this.#saidUnusable) this.#logger.debug(message);
    else this.#logger.warn(message);
    this.#saidUnusable = true;
  }
}
