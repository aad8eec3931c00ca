import type { Catalog, CatalogKind, StoredCatalog } from '../model/catalog.js';
import type { CacheState } from '../model/cacheState.js';
import type { ServerDefinition, ServerId } from '../model/definition.js';
import { gatewayDisposed, serverUnavailable } from '../model/errors.js';
import type { ConnectionPhase, Failure, ServerStatus } from '../model/status.js';
import type { GatewayPorts, Logger } from '../ports.js';
import { abortable } from '../util/abort.js';
import { Backoff } from './backoff.js';
import { CatalogHolder } from './catalogHolder.js';
import { Connection } from './connection.js';
import { describeFailure, StartTimeoutError } from './failure.js';
import { Refresher } from './refresher.js';

/** One try to bring a server to life. */
interface Attempt {
  readonly controller: AbortController;
  /** Follows the next attempt when this one is superseded. */
  readonly promise: Promise<Connection>;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting'; readonly attempt: Attempt }
  | { readonly kind: 'live'; readonly connection: Connection; readonly provenTimer: NodeJS.Timeout }
  | { readonly kind: 'waiting'; readonly retryAt: number }
  | { readonly kind: 'disposed' };

/** Milliseconds; a connection that lived this long counts as good (invariant BudgetNeedsProof). */
const PROVEN_AFTER_MS = 10_000;

/** An attempt was overtaken by a new definition, a restart or the end. */
class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

export interface SupervisorHooks {
  onStatus(): void;
  onCatalog(kinds: readonly CatalogKind[]): void;
}

/** How the cache state is derived; handed in, because the derivation lives in another room. */
export type DeriveState = (facts: {
  fingerprint: string;
  catalogFingerprint: string | undefined;
  connection: 'none' | 'connecting' | 'open';
  refreshing: boolean;
}) => CacheState;

/** Owns one server's whole life: nobody else starts, stops or closes anything of it. */
export class Supervisor {
  readonly id: ServerId;
  readonly #ports: GatewayPorts;
  readonly #hooks: SupervisorHooks;
  readonly #logger: Logger;
  readonly #holder: CatalogHolder;
  readonly #backoff = new Backoff();
  /** Closings under way; the next start waits for them, so that two processes of one server never overlap. */
  readonly #retiring = new Set<Promise<unknown>>();
  #definition: ServerDefinition;
  #state: State = { kind: 'idle' };
  #refresher: Refresher | undefined;
  #failure: Failure | undefined;
  #lastStart: ServerStatus['lastStart'];

  constructor(definition: ServerDefinition, ports: GatewayPorts, hooks: SupervisorHooks) {
    this.id = definition.id;
    this.#definition = definition;
    this.#ports = ports;
    this.#hooks = hooks;
    this.#logger = ports.logs.server(definition.id);
    this.#holder = new CatalogHolder(definition.id, ports.store, (kinds) => {
      hooks.onCatalog(kinds);
      hooks.onStatus();
    });
  }

  get definition(): ServerDefinition {
    return this.#definition;
  }

  get stored(): StoredCatalog | undefined {
    return this.#holder.stored;
  }

  get phase(): ConnectionPhase {
    return this.#state.kind;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get lastStart(): ServerStatus['lastStart'] {
    return this.#lastStart;
  }

  cacheState(derive: DeriveState): CacheState {
    const { kind } = this.#state;
    return derive({
      fingerprint: this.#definition.fingerprint,
      catalogFingerprint: this.stored?.fingerprint,
      connection: kind === 'live' ? 'open' : kind === 'starting' ? 'connecting' : 'none',
      refreshing: this.#refresher?.running ?? false,
    });
  }

  /** Resolves once the disk cache was looked into for the definition in force. */
  load(): Promise<void> {
    return this.#holder.load(this.#definition.fingerprint);
  }

  /** A start that a list may wait for, or `undefined` while there is none to wait for (live, or too soon after a failure). */
  attemptForList(): Promise<unknown> | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'live':
        return this.#refresher?.current;
      case 'starting':
        return state.attempt.promise;
      case 'waiting':
        return Date.now() < state.retryAt ? undefined : this.#begin().promise;
      case 'idle':
        return this.#begin().promise;
      case 'disposed':
        return undefined;
    }
  }

  /**
   * The live connection; started if need be, whatever failed before. One start serves all who ask (SingleFlight).
   * @throws `server-unavailable`, `disposed`, or the signal's reason
   */
  connect(signal?: AbortSignal): Promise<Connection> {
    const state = this.#state;
    switch (state.kind) {
      case 'live':
        return Promise.resolve(state.connection);
      case 'starting':
        return abortable(state.attempt.promise, signal);
      case 'idle':
      case 'waiting':
        return abortable(this.#begin().promise, signal);
      case 'disposed':
        return Promise.reject(gatewayDisposed());
    }
  }

  /** A request to the server succeeded: the connection is good, whatever came before. */
  prove(): void {
    this.#backoff.reset();
  }

  /**
   * Takes a new definition of the same server; restarts it only if the fingerprint differs and it was running.
   * @returns whether the fingerprint differs
   */
  redefine(definition: ServerDefinition): boolean {
    const changed = definition.fingerprint !== this.#definition.fingerprint;
    this.#definition = definition;
    if (changed) {
      const wasRunning = this.#state.kind === 'live' || this.#state.kind === 'starting';
      this.#logger.info(wasRunning ? 'Its settings changed; restarting.' : 'Its settings changed.');
      this.#supersede();
      if (wasRunning) this.#begin();
    }
    this.#hooks.onStatus();
    return changed;
  }

  /** Stops the server if it runs and starts it anew, at once. @throws as `connect` */
  async restart(signal?: AbortSignal): Promise<void> {
    if (this.#state.kind === 'disposed') throw gatewayDisposed();
    this.#supersede();
    await abortable(this.#begin().promise, signal);
  }

  /** Lists everything anew: on the live connection, or by starting. @throws as `connect` */
  async refresh(signal?: AbortSignal): Promise<void> {
    if (this.#state.kind === 'live' && this.#refresher) {
      await abortable(this.#refresher.run(), signal);
      if (this.#failure) throw serverUnavailable(this.id, this.#failure.message);
    } else {
      await this.connect(signal);
    }
  }

  /** Forgets what is cached; a live server lists anew. */
  async resetCache(): Promise<void> {
    await this.#ports.store.clear(this.id);
    if (this.#state.kind === 'live') {
      await this.#refresher?.run();
    } else {
      this.#backoff.reset();
      if (this.#state.kind === 'waiting') this.#state = { kind: 'idle' };
      this.#holder.forget();
    }
  }

  /** Resolves when nothing of the server is left and its catalog is written. */
  async dispose(): Promise<void> {
    this.#supersede();
    this.#state = { kind: 'disposed' };
    await Promise.all([this.#retired(), this.#holder.saved]);
  }

  /** Ends whatever runs, and leaves the server idle with a clean record. */
  #supersede(): void {
    const state = this.#state;
    this.#state = state.kind === 'disposed' ? state : { kind: 'idle' };
    this.#failure = undefined;
    this.#backoff.reset();
    if (state.kind === 'starting') state.attempt.controller.abort(new SupersededError());
    if (state.kind === 'live') void this.#retire(state.connection, state.provenTimer);
  }

  #begin(): Attempt {
    const controller = new AbortController();
    const raw = this.#start(controller);
    const promise = raw.catch((error: unknown) => {
      if (error instanceof SupersededError) {
        if (this.#state.kind === 'starting') return this.#state.attempt.promise;
        throw gatewayDisposed();
      }
      throw error;
    });
    promise.catch(() => undefined);
    void this.#track(raw);
    const attempt = { controller, promise };
    this.#state = { kind: 'starting', attempt };
    this.#hooks.onStatus();
    return attempt;
  }

  async #start(controller: AbortController): Promise<Connection> {
    const definition = this.#definition;
    const { signal } = controller;
    // Those that were there before this start; it must not wait for itself.
    await Promise.all([...this.#retiring]);
    signal.throwIfAborted();
    const startedAt = Date.now();
    this.#lastStart = { at: startedAt, durationMs: undefined };
    const timer = setTimeout(() => {
      controller.abort(new StartTimeoutError());
    }, definition.timeouts.connectMs);
    const connection = this.#newConnection(definition);
    try {
      await connection.open(signal);
      const catalog = await connection.readCatalog(signal);
      signal.throwIfAborted();
      const durationMs = Date.now() - startedAt;
      this.#lastStart = { at: startedAt, durationMs };
      this.#logger.info(`Ready in ${durationMs} ms: ${catalog.tools.length} tools.`);
      this.#becomeLive(connection, definition, catalog);
      return connection;
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : error;
      const closed = this.#retire(connection);
      if (reason instanceof SupersededError) {
        // The next start waits for this one to settle, and must not overlap with its process.
        await closed;
        throw reason;
      }
      const failure = describeFailure(definition, reason, connection.processReport);
      this.#fail(failure);
      throw serverUnavailable(this.id, failure.message, reason);
    } finally {
      clearTimeout(timer);
    }
  }

  #newConnection(definition: ServerDefinition): Connection {
    const connection: Connection = new Connection(definition.launch, this.#ports, this.#logger, {
      onListChanged: () => {
        if (this.#isCurrent(connection)) void this.#refresher?.run();
      },
      onClose: () => {
        this.#lost(connection);
      },
    });
    return connection;
  }

  #becomeLive(connection: Connection, definition: ServerDefinition, catalog: Catalog): void {
    this.#failure = undefined;
    const provenTimer = setTimeout(() => {
      this.prove();
    }, PROVEN_AFTER_MS);
    provenTimer.unref();
    this.#state = { kind: 'live', connection, provenTimer };
    const publish = (fresh: Catalog): void => {
      if (!this.#isCurrent(connection)) return;
      this.#failure = undefined;
      this.#holder.publish({ fingerprint: definition.fingerprint, catalog: fresh });
      this.#hooks.onStatus();
    };
    this.#refresher = new Refresher(connection, definition.timeouts.connectMs, {
      onChange: () => {
        this.#hooks.onStatus();
      },
      onCatalog: publish,
      onFailure: (error) => {
        if (!this.#isCurrent(connection)) return;
        this.#failure = describeFailure(definition, error, connection.processReport);
        this.#logger.warn(`Its lists could not be read anew; the last ones stay. ${this.#failure.message}`);
      },
    });
    publish(catalog);
  }

  #isCurrent(connection: Connection): boolean {
    return this.#state.kind === 'live' && this.#state.connection === connection;
  }

  /** The connection died by itself. */
  #lost(connection: Connection): void {
    if (this.#state.kind !== 'live' || this.#state.connection !== connection) return;
    void this.#retire(connection, this.#state.provenTimer);
    const ended = connection.processReport?.ended ?? 'The connection was closed by the server.';
    this.#fail({ code: 'connection-lost', message: `${this.#definition.title}: ${ended}` });
  }

  #fail(failure: Failure): void {
    this.#failure = failure;
    this.#refresher = undefined;
    const waitMs = this.#backoff.fail();
    this.#logger.error(
      `${failure.message} It is tried again after ${Math.round(waitMs)} ms, when it is needed.`,
    );
    this.#state = { kind: 'waiting', retryAt: Date.now() + waitMs };
    this.#hooks.onStatus();
  }

  #retire(connection: Connection, provenTimer?: NodeJS.Timeout): Promise<unknown> {
    clearTimeout(provenTimer);
    this.#refresher = undefined;
    return this.#track(connection.close());
  }

  #track(closing: Promise<unknown>): Promise<unknown> {
    const tracked = closing
      .catch(() => undefined)
      .finally(() => {
        this.#retiring.delete(tracked);
      });
    this.#retiring.add(tracked);
    return tracked;
  }

  async #retired(): Promise<void> {
    while (this.#retiring.size > 0) await Promise.all([...this.#retiring]);
  }
}
