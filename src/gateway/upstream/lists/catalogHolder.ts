import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { CATALOG_KINDS, type Catalog, type CatalogKind, type StoredCatalog } from '../../model/catalog.js';
import type { ServerId } from '../../model/definition.js';
import type { CatalogStore } from '../../ports.js';
import { Slices } from '../../../base/async/slices.js';
import type { TurnScheduler } from '../../../base/async/turnScheduler.js';
import { digestsOf, type ListDigests } from './listDigests.js';
import { catalogAfter, digestsAfter, unreadKinds, type Reading } from './reading.js';

/** Milliseconds; the cache is only a hint. */
const MAX_SAVE_MS = 2000;

/** A catalog with what tells its lists from others. */
interface Held {
  readonly stored: StoredCatalog;
  readonly digests: ListDigests;
}

/** One server's catalog: read from the store when first needed, replaced as a whole, written back. */
export class CatalogHolder {
  #held: Held | undefined;
  #saved = Promise.resolve();
  #written: Held | undefined;
  /** While what could not be read is looked for in the store. */
  #filling: Promise<void> | undefined;
  #loaded: { readonly fingerprint: string; readonly done: Promise<void> } | undefined;

  constructor(
    private readonly server: ServerId,
    private readonly store: CatalogStore,
    private readonly turns: TurnScheduler,
    /** Told once per publication, with the kinds that differ. */
    private readonly onChange: (kinds: readonly CatalogKind[]) => void,
  ) {}

  get stored(): StoredCatalog | undefined {
    return this.#held?.stored;
  }

  /** Reads the store once per fingerprint; never replaces a catalog that fits better. */
  load(fingerprint: string): Promise<void> {
    if (this.#loaded?.fingerprint === fingerprint) return this.#loaded.done;
    const done = this.#find(fingerprint).then((found) => {
      // A newer definition, a reset or a start may have come in between.
      if (this.#loaded?.done !== done || !found || this.stored?.fingerprint === fingerprint) return;
      if (this.stored && found.stored.fingerprint !== fingerprint) return;
      this.#replace(found);
    });
    this.#loaded = { fingerprint, done };
    return done;
  }

  async #find(fingerprint: string): Promise<Held | undefined> {
    const stored = await this.store.load(this.server, fingerprint);
    return stored && { stored, digests: await digestsOf(stored.catalog, new Slices(this.turns)) };
  }

  /**
   * In one transaction; the store is written in the background. What could not be read keeps the items that are held, or
   * stored, for the same definition (invariant NoEmptyPoison).
   */
  publish(fingerprint: string, reading: Reading, took?: number): void {
    const own = this.stored?.fingerprint === fingerprint ? this.#held : undefined;
    const startMs = took ?? own?.stored.startMs;
    const after = (before: Held | undefined): Held => ({
      stored: { fingerprint, catalog: catalogAfter(before?.stored.catalog, reading), startMs },
      digests: digestsAfter(before?.digests, reading),
    });
    const held = after(own);
    if (unreadKinds(reading).length === 0 || (own && !this.#filling)) {
      this.#loaded = { fingerprint, done: Promise.resolve() };
      this.#save(held);
      this.#replace(held);
      return;
    }
    // What the store has of it is not known yet, and must not be written over.
    this.#replace(held);
    const done: Promise<void> = this.#find(fingerprint).then((found) => {
      if (this.#filling === done) this.#filling = undefined;
      if (this.#loaded?.done !== done || this.#held !== held) return;
      const filled = after(found?.stored.fingerprint === fingerprint ? found : undefined);
      this.#save(filled);
      this.#replace(filled);
    });
    this.#loaded = { fingerprint, done };
    this.#filling = done;
  }

  #save(held: Held): void {
    const { startMs: before = Infinity } = this.#written?.stored ?? {};
    const { startMs = before } = held.stored;
    // How long a start took is a hint, and differs each time.
    const isAsQuick = startMs <= 2 * before && before <= 2 * startMs;
    if (isAsQuick && isSame(held, this.#written)) return;
    this.#written = held;
    this.#saved = this.store.save(this.server, held.stored);
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

  #replace(next: Held | undefined): void {
    const before = this.#held;
    const changed = CATALOG_KINDS.filter((kind) => before?.digests[kind] !== next?.digests[kind]);
    this.#held = next;
    if (changed.length > 0 || (before === undefined) !== (next === undefined)) this.onChange(changed);
  }
}

/** Whether one would be written as the other, but for how long its start took. */
const isSame = (a: Held, b: Held | undefined): boolean =>
  b !== undefined &&
  a.stored.fingerprint === b.stored.fingerprint &&
  isDeepStrictEqual(a.digests, b.digests) &&
  isDeepStrictEqual(withoutItems(a.stored.catalog), withoutItems(b.stored.catalog));

const withoutItems = (catalog: Catalog): Catalog => ({
  ...catalog,
  tools: [],
  resources: [],
  resourceTemplates: [],
  prompts: [],
});
