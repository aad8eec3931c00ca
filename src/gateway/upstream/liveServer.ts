import { setTimeout as delay } from 'node:timers/promises';
import type { Catalog } from '../model/catalog.js';
import type { ServerDefinition } from '../model/definition.js';
import type { Failure } from '../model/status.js';
import type { Connection } from './connection.js';
import { describeFailure, StartTimeoutError } from './failure.js';

/** Milliseconds; a server that announces many changes in a row is listed once for all of them. */
const SETTLE_MS = 50;
const MAX_SETTLE_MS = 5000;
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
  #next: Deferred | undefined;

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

  /** Resolves when the first reading that began after this call has ended, well or badly. */
  refresh(): Promise<void> {
    this.#next ??= deferred();
    const { promise } = this.#next;
    if (!this.#refreshing) {
      this.#refreshing = this.#readWhileWanted().finally(() => {
        this.#refreshing = undefined;
        this.hooks.onRefreshing();
      });
      this.hooks.onRefreshing();
    }
    return promise;
  }

  close(): Promise<void> {
    clearTimeout(this.#provenTimer);
    return this.connection.close();
  }

  async #readWhileWanted(): Promise<void> {
    // A server that changes whenever it is read is read ever more slowly.
    for (let settleMs = SETTLE_MS; this.#next; settleMs = Math.min(settleMs * 2, MAX_SETTLE_MS)) {
      await delay(settleMs);
      const reading: Deferred = this.#next;
      this.#next = undefined;
      if (!this.connection.closed) await this.#readOnce();
      reading.resolve();
    }
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

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
