import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { CATALOG_KINDS, type CatalogKind, type StoredCatalog } from '../model/catalog.js';
import type { ServerId } from '../model/definition.js';
import type { CatalogStore } from '../ports.js';
import { catalogAfter, unreadKinds, type Reading } from './reading.js';

/** Milliseconds; the cache is only a hint. */
const MAX_SAVE_MS = 2000;

/** One server's catalog: read from the store when first needed, replaced as a whole, written back. */
export class CatalogHolder {
  #stored: StoredCatalog | undefined;
  #saved = Promise.resolve();
  #written: StoredCatalog | undefined;
  /** While what could not be read is looked for in the store. */
  #filling: Promise<void> | undefined;
  #loaded: { readonly fingerprint: string; readonly done: Promise<void> } | undefined;

  constructor(
    private readonly server: ServerId,
    private readonly store: CatalogStore,
    /** Told once per publication, with the kinds that differ. */
    private readonly onChange: (kinds: readonly CatalogKind[]) => void,
  ) {}

  get stored(): StoredCatalog | undefined {
    return this.#stored;
  }

  /** Reads the store once per fingerprint; never replaces a catalog that fits better. */
  load(fingerprint: string): Promise<void> {
    if (this.#loaded?.fingerprint === fingerprint) return this.#loaded.done;
    const done = this.store.load(this.server, fingerprint).then((found) => {
      // A newer definition, a reset or a start may have come in between.
      if (this.#loaded?.done !== done || !found || this.#stored?.fingerprint === fingerprint) return;
      if (this.#stored && found.fingerprint !== fingerprint) return;
      this.#replace(found);
    });
    this.#loaded = { fingerprint, done };
    return done;
  }

  /**
   * In one transaction; the store is written in the background. What could not be read keeps the items that are held, or
   * stored, for the same definition (invariant NoEmptyPoison).
   */
  publish(fingerprint: string, reading: Reading, took?: number): void {
    const own = this.#stored?.fingerprint === fingerprint ? this.#stored : undefined;
    const held = own?.catalog;
    const startMs = took ?? own?.startMs;
    const stored = { fingerprint, catalog: catalogAfter(held, reading), startMs };
    if (unreadKinds(reading).length === 0 || (held && !this.#filling)) {
      this.#loaded = { fingerprint, done: Promise.resolve() };
      this.#save(stored);
      this.#replace(stored);
      return;
    }
    // What the store has of it is not known yet, and must not be written over.
    this.#replace(stored);
    const done: Promise<void> = this.store.load(this.server, fingerprint).then((found) => {
      if (this.#filling === done) this.#filling = undefined;
      if (this.#loaded?.done !== done || this.#stored !== stored) return;
      const before = found?.fingerprint === fingerprint ? found.catalog : undefined;
      const filled = { fingerprint, catalog: catalogAfter(before, reading), startMs };
      this.#save(filled);
      this.#replace(filled);
    });
    this.#loaded = { fingerprint, done };
    this.#filling = done;
  }

  #save(stored: StoredCatalog): void {
    const { startMs: before = Infinity, ...written } = this.#written ?? {};
    const { startMs = before, ...content } = stored;
    // How long a start took is a hint, and differs each time.
    const isAsQuick = startMs <= 2 * before && before <= 2 * startMs;
    if (isAsQuick && isDeepStrictEqual(content, written)) return;
    this.#written = stored;
    this.#saved = this.store.save(this.server, stored);
  }

  /** Resolves when what was published last has been written; a disk that hangs must not keep the host from ending. */
  async flushed(): Promise<void> {
    const saved = this.#filling ? this.#filling.then(() => this.#saved) : this.#saved;
    await Promise.race([saved, delay(MAX_SAVE_MS, undefined, { ref: false })]);
  }

  /** The store was emptied: what is published next is written, even if it is the same. */
  unwritten(): void {
    this.#written = undefined;
  }

  forget(): void {
    this.#written = undefined;
    if (this.#loaded) this.#loaded = { ...this.#loaded, done: Promise.resolve() };
    this.#replace(undefined);
  }

  #replace(next: StoredCatalog | undefined): void {
    const before = this.#stored?.catalog;
    const after = next?.catalog;
    const changed = CATALOG_KINDS.filter(
      (kind) => !isDeepStrictEqual(before?.[kind] ?? [], after?.[kind] ?? []),
    );
    this.#stored = next;
    if (changed.length > 0 || (before === undefined) !== (after === undefined)) this.onChange(changed);
  }
}
