import { isNotDelivered } from '../../../protocol/errors.js';
import type { CatalogKind } from '../../model/catalog.js';
import type { ServerDefinition } from '../../model/definition.js';
import type { Failure } from '../../model/failure.js';
import type { Tuning } from '../../model/tuning.js';
import { deferred } from '../../../base/async/deferred.js';
import { Backoff } from './backoff.js';
import type { Connection } from '../connection.js';
import { describeFailure, ListTimeoutError } from './failure.js';
import { Keepalive } from './keepalive.js';
import { readingOf, unreadKinds, type Reading } from '../lists/reading.js';
import { Refresher } from './refresher.js';

/** The right to use a generation's connection: but for a deadline, it is not closed before this is given back. */
export interface Lease {
  readonly connection: Connection;
  /** A request on it succeeded. */
  prove(): void;
  /** The server does not know this connection any more, and took nothing: a fresh one is needed. */
  expire(): void;
  /** A request on it got no answer in time. */
  doubt(): void;
  /** Call it once, whatever became of the request. */
  release(): void;
}

/** What a generation tells its supervisor; each with itself, because it may be superseded by then. */
export interface GenerationHooks {
  /** A reading of its lists began or ended. */
  onRefreshing(generation: Generation): void;
  onReading(generation: Generation, reading: Reading): void;
  /** What was published before stays (invariant NoEmptyPoison). */
  onRefreshFailed(generation: Generation, failure: Failure): void;
  onProven(generation: Generation): void;
  onExpired(generation: Generation): void;
  /** Nobody used it for so long that it may be stopped. */
  onIdle(generation: Generation): void;
  /** The connection ended. */
  onEnded(generation: Generation): void;
  /** It answers no pings. */
  onDead(generation: Generation): void;
}

export interface GenerationOptions {
  /** As the settings are now; its timeouts may change during a generation's life. */
  readonly definition: () => ServerDefinition;
  readonly tuning: Tuning;
  /** Milliseconds without a request after which a stdio server is stopped; 0: never. Asked anew each time. */
  readonly idleStopMs: () => number;
  /** Whether somebody waits for what only a running server sends. */
  readonly wanted: () => boolean;
}

/**
 * One connection's life from its first catalog to its end. Calls lease it; when it is superseded it drains: no new
 * lease, and it closes after the last one is back, or at the deadline (invariant GenerationLease).
 */
export class Generation {
  readonly #provenTimer: NodeJS.Timeout;
  readonly #keepalive: Keepalive;
  readonly #refresher: Refresher;
  readonly #drained = deferred();
  /** When the kinds that could not be read are tried again. */
  readonly #retries: Backoff;
  #retryTimer: NodeJS.Timeout | undefined;
  #unread: readonly CatalogKind[] = [];
  /** What the next reading is to read; `undefined` for everything. */
  #only: readonly CatalogKind[] | undefined;
  #leases = 0;
  #used = false;
  #proven = false;
  #draining = false;
  #closing: Promise<void> | undefined;

  constructor(
    readonly connection: Connection,
    private readonly options: GenerationOptions,
    private readonly hooks: GenerationHooks,
  ) {
    this.#provenTimer = setTimeout(() => {
      this.#prove();
    }, options.tuning.provenAfterMs);
    this.#provenTimer.unref();
    this.#retries = new Backoff(options.tuning);
    this.#keepalive = new Keepalive(connection, options.tuning, {
      busy: () => this.leased || this.#draining || this.refreshing !== undefined,
      idleAfterMs: () =>
        options.definition().launch.type === 'stdio' && !options.wanted() ? options.idleStopMs() : 0,
      onIdle: () => {
        hooks.onIdle(this);
      },
      onDead: () => {
        hooks.onDead(this);
      },
    });
    this.#refresher = new Refresher(
      async () => {
        if (!connection.closed) await this.#readLists();
      },
      () => {
        hooks.onRefreshing(this);
      },
    );
  }

  /** Whether it is known to be good: a request succeeded, or it lived for long enough. */
  get proven(): boolean {
    return this.#proven;
  }

  get leased(): boolean {
    return this.#leases > 0;
  }

  /** Whether anybody had a lease of it: then the server may keep what belongs to its clients. */
  get used(): boolean {
    return this.#used;
  }

  /** The reading of its lists under way, if any; never rejects. */
  get refreshing(): Promise<void> | undefined {
    return this.#refresher.running;
  }

  /** Resolves when the first reading of its lists that began after this call has ended, well or badly. */
  refresh(): Promise<void> {
    this.#only = undefined;
    return this.#refresher.refresh();
  }

  /** A reading of its lists has ended, and was told; what could not be read is tried again after a while. */
  readingEnded(reading: Reading): void {
    this.#unread = unreadKinds(reading);
    this.#retryLater();
  }

  #retryLater(): void {
    clearTimeout(this.#retryTimer);
    if (this.#unread.length === 0) this.#retries.reset();
    if (this.#unread.length === 0 || this.connection.closed) return;
    const { waitMs } = this.#retries.fail(performance.now());
    this.#retryTimer = setTimeout(() => {
      // One that is under way reads everything, or these.
      if (this.refreshing || this.#draining) return;
      this.#only = this.#unread;
      void this.#refresher.refresh();
    }, waitMs).unref();
  }

  /** @returns `undefined` when it is superseded or closed */
  lease(): Lease | undefined {
    if (this.#draining || this.connection.closed) return undefined;
    this.#leases++;
    this.#used = true;
    this.#keepalive.used();
    let held = true;
    return {
      connection: this.connection,
      prove: () => {
        this.#keepalive.heard();
        this.#prove();
      },
      doubt: () => {
        void this.#keepalive.ping();
      },
      expire: () => {
        this.hooks.onExpired(this);
      },
      release: () => {
        if (!held) return;
        held = false;
        this.#leases--;
        this.#keepalive.used();
        if (this.#draining && this.#leases === 0) this.#drained.resolve();
      },
    };
  }

  /**
   * Gives out no further lease and closes once the last is back, or after `deadlineMs`.
   * @returns resolves when the connection is gone
   */
  async drain(deadlineMs: number): Promise<void> {
    this.#draining = true;
    if (this.#leases > 0 && !this.connection.closed) {
      const timer = setTimeout(this.#drained.resolve, deadlineMs);
      await this.#drained.promise;
      clearTimeout(timer);
    }
    await this.close();
  }

  /** Closes it now, under whatever is in work. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Its connection has closed, whoever closed it. */
  ended(): void {
    this.#stopTimers();
    this.#drained.resolve();
    this.hooks.onEnded(this);
  }

  #close(): Promise<void> {
    this.#draining = true;
    this.#stopTimers();
    this.#drained.resolve();
    return this.connection.close();
  }

  #stopTimers(): void {
    clearTimeout(this.#provenTimer);
    clearTimeout(this.#retryTimer);
    this.#keepalive.dispose();
  }

  #prove(): void {
    if (this.#proven) return;
    this.#proven = true;
    this.hooks.onProven(this);
  }

  async #readLists(): Promise<void> {
    const definition = this.options.definition();
    const { listMs } = definition.timeouts;
    const only = this.#only;
    this.#only = undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      controller.abort(new ListTimeoutError(listMs));
    }, listMs);
    try {
      const read = await this.connection.readItems(controller.signal, only);
      const { facts } = this.connection;
      if (!facts) return;
      const reading = readingOf(definition, facts, read);
      this.hooks.onReading(this, reading);
      this.readingEnded(reading);
    } catch (error) {
      if (isNotDelivered(error)) this.hooks.onExpired(this);
      else if (!this.connection.closed) this.#readingFailed(definition, error, only);
    } finally {
      clearTimeout(timer);
    }
  }

  #readingFailed(
    definition: ServerDefinition,
    error: unknown,
    only: readonly CatalogKind[] | undefined,
  ): void {
    const { facts } = this.connection;
    if (only && facts) {
      // These had failed before; the others were not asked for, and are as good as they were.
      const errors = new Map(only.map((kind) => [kind, error]));
      const reading = readingOf(definition, facts, { items: {}, digests: {}, errors });
      this.hooks.onReading(this, reading);
      this.readingEnded(reading);
      return;
    }
    this.hooks.onRefreshFailed(this, describeFailure(definition, error, this.connection.processReport));
    this.#retryLater();
  }
}
