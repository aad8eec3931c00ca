import { setTimeout as delay } from 'node:timers/promises';
import type { Catalog } from '../model/catalog.js';
import type { ServerDefinition } from '../model/definition.js';
import type { Failure } from '../model/status.js';
import type { Connection } from './connection.js';
import { describeFailure, StartTimeoutError } from './failure.js';

/** Milliseconds; a server that announces many changes in a row is listed once for all of them. */
const SETTLE_MS = 50;
/** Milliseconds; a connection that lived this long counts as good (invariant BudgetNeedsProof). */
const PROVEN_AFTER_MS = 10_000;

export interface LiveServerHooks {
  /** A refresh began or ended. */
  onRefreshing(): void;
  onCatalog(catalog: Catalog): void;
  /** What was published before stays (invariant NoEmptyPoison). */
  onRefreshFailed(failure: Failure): void;
  onProven(): void;
}

/**
 * A connection from its first catalog to its end. Its lists are read anew one reading at a time; a wish during a
 * reading makes exactly one more follow, because what is being read may already be old.
 */
export class LiveServer {
  readonly #provenTimer: NodeJS.Timeout;
  #refreshing: Promise<void> | undefined;
  #again = false;

  constructor(
    readonly connection: Connection,
    private readonly definition: ServerDefinition,
    private readonly hooks: LiveServerHooks,
  ) {
    this.#provenTimer = setTimeout(() => {
      hooks.onProven();
    }, PROVEN_AFTER_MS);
    this.#provenTimer.unref();
  }

  /** The reading under way, if any; never rejects. */
  get refreshing(): Promise<void> | undefined {
    return this.#refreshing;
  }

  publish(catalog: Catalog): void {
    this.hooks.onCatalog(catalog);
  }

  /** Resolves when a reading that began after this call has ended, well or badly. */
  refresh(): Promise<void> {
    if (this.#refreshing) {
      this.#again = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#loop().finally(() => {
      this.#refreshing = undefined;
      this.hooks.onRefreshing();
    });
    this.hooks.onRefreshing();
    return this.#refreshing;
  }

  close(): Promise<void> {
    clearTimeout(this.#provenTimer);
    return this.connection.close();
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
    }, this.definition.timeouts.connectMs);
    try {
      this.hooks.onCatalog(await this.connection.readCatalog(controller.signal));
    } catch (error) {
      if (!this.connection.closed)
        this.hooks.onRefreshFailed(describeFailure(this.definition, error, this.connection.processReport));
    } finally {
      clearTimeout(timer);
    }
  }
}
