import { setTimeout as delay } from 'node:timers/promises';
import type { Catalog } from '../model/catalog.js';
import type { Connection } from './connection.js';
import { StartTimeoutError } from './failure.js';

/** Milliseconds; a server that announces many changes in a row is listed once for all of them. */
const SETTLE_MS = 50;

export interface RefreshHooks {
  /** It began or ended. */
  onChange(): void;
  onCatalog(catalog: Catalog): void;
  /** What was published before stays. */
  onFailure(error: unknown): void;
}

/**
 * Reads a live connection's lists anew, one reading at a time. A request during a reading makes exactly one more
 * follow, because what is being read may already be old.
 */
export class Refresher {
  #current: Promise<void> | undefined;
  #again = false;

  constructor(
    private readonly connection: Connection,
    /** Milliseconds for one reading. */
    private readonly timeoutMs: number,
    private readonly hooks: RefreshHooks,
  ) {}

  get running(): boolean {
    return this.#current !== undefined;
  }

  /** The reading under way, if any. */
  get current(): Promise<void> | undefined {
    return this.#current;
  }

  /** Resolves when a reading that began after this call has ended, well or badly. */
  run(): Promise<void> {
    if (this.#current) this.#again = true;
    else {
      this.#current = this.#loop().finally(() => {
        this.#current = undefined;
        this.hooks.onChange();
      });
      this.hooks.onChange();
    }
    return this.#current;
  }

  async #loop(): Promise<void> {
    do {
      await delay(SETTLE_MS);
      this.#again = false;
      await this.#readOnce();
    } while (this.#wantsMore());
  }

  #wantsMore(): boolean {
    return this.#again && !this.connection.closed;
  }

  async #readOnce(): Promise<void> {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      controller.abort(new StartTimeoutError());
    }, this.timeoutMs);
    try {
      this.hooks.onCatalog(await this.connection.readCatalog(controller.signal));
    } catch (error) {
      if (!this.connection.closed) this.hooks.onFailure(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
