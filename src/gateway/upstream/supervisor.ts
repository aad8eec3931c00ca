import { PeerClosedError } from '../../protocol/errors.js';
import type { CatalogKind, StoredCatalog } from '../model/catalog.js';
import type { ServerDefinition, ServerId } from '../model/definition.js';
import { gatewayDisposed, serverUnavailable } from '../model/errors.js';
import type { ConnectionPhase, Failure, ServerStatus } from '../model/status.js';
import type { Logger } from '../ports.js';
import { abortable } from '../util/abort.js';
import { Closings } from '../util/closings.js';
import { Backoff } from './backoff.js';
import { CatalogHolder } from './catalogHolder.js';
import type { Connection } from './connection.js';
import { describeFailure } from './failure.js';
import type { UpstreamHost } from './guardian.js';
import { LiveServer } from './liveServer.js';
import { startServer, SupersededError } from './startServer.js';

/** One try to bring a server to life. */
interface Attempt {
  readonly controller: AbortController;
  /** Follows the next attempt when this one is superseded. */
  readonly promise: Promise<Connection>;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting'; readonly attempt: Attempt }
  | { readonly kind: 'live'; readonly server: LiveServer }
  | { readonly kind: 'waiting'; readonly retryAt: number }
  | { readonly kind: 'disposed' };

export interface SupervisorHooks {
  onStatus(): void;
  onCatalog(kinds: readonly CatalogKind[]): void;
}

/** Owns one server's whole life: nobody else starts, stops or closes anything of it. */
export class Supervisor {
  readonly id: ServerId;
  readonly #host: UpstreamHost;
  readonly #hooks: SupervisorHooks;
  readonly #logger: Logger;
  readonly #holder: CatalogHolder;
  readonly #backoff = new Backoff();
  /** The next start waits for these, so that two processes of one server never overlap. */
  readonly #closings = new Closings();
  /** Those whose lists changed while they were first read. */
  readonly #changedEarly = new WeakSet<Connection>();
  #definition: ServerDefinition;
  #state: State = { kind: 'idle' };
  #failure: Failure | undefined;
  #lastStart: ServerStatus['lastStart'];

  constructor(definition: ServerDefinition, host: UpstreamHost, hooks: SupervisorHooks) {
    this.id = definition.id;
    this.#definition = definition;
    this.#host = host;
    this.#hooks = hooks;
    this.#logger = host.logs.server(definition.id);
    this.#holder = new CatalogHolder(definition.id, host.store, (kinds) => {
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

  /** Whether a live server's lists are being read anew. */
  get refreshing(): boolean {
    return this.#state.kind === 'live' && this.#state.server.refreshing !== undefined;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get lastStart(): ServerStatus['lastStart'] {
    return this.#lastStart;
  }

  /** Resolves once the disk cache was looked into for the definition in force. */
  load(): Promise<void> {
    return this.#holder.load(this.#definition.fingerprint);
  }

  /** A start that a list may wait for; `undefined` while there is none (live, or too soon after a failure). */
  attemptForList(): Promise<unknown> | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'live':
        return state.server.refreshing;
      case 'starting':
        return state.attempt.promise;
      case 'waiting':
        return Date.now() < state.retryAt ? undefined : this.#begin();
      case 'idle':
        return this.#begin();
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
        return Promise.resolve(state.server.connection);
      case 'starting':
        return abortable(state.attempt.promise, signal);
      case 'idle':
      case 'waiting':
        return abortable(this.#begin(), signal);
      case 'disposed':
        return Promise.reject(gatewayDisposed());
    }
  }

  /** A request to the server succeeded: it is good, whatever came before (invariant BudgetNeedsProof). */
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
      if (wasRunning) void this.#begin();
    }
    this.#hooks.onStatus();
    return changed;
  }

  /** Stops the server if it runs and starts it anew, at once. @throws as `connect` */
  async restart(signal?: AbortSignal): Promise<void> {
    if (this.#state.kind === 'disposed') throw gatewayDisposed();
    this.#supersede();
    await abortable(this.#begin(), signal);
  }

  /** Lists everything anew: on the live connection, or by starting. @throws as `connect` */
  async refresh(signal?: AbortSignal): Promise<void> {
    if (this.#state.kind !== 'live') {
      await this.connect(signal);
      return;
    }
    await abortable(this.#state.server.refresh(), signal);
    if (this.#failure)
      throw serverUnavailable(this.id, `${this.#definition.title}: ${this.#failure.message}`);
  }

  /** Forgets what is cached; a live server lists anew. */
  async resetCache(): Promise<void> {
    await this.#host.store.clear(this.id);
    if (this.#state.kind === 'live') {
      await this.#state.server.refresh();
      return;
    }
    this.#backoff.reset();
    if (this.#state.kind === 'waiting') this.#state = { kind: 'idle' };
    this.#holder.forget();
    this.#hooks.onStatus();
  }

  /** Resolves when nothing of the server is left and its catalog is written. */
  async dispose(): Promise<void> {
    this.#supersede();
    this.#state = { kind: 'disposed' };
    await Promise.all([this.#closings.all(), this.#holder.flushed()]);
  }

  /** Ends whatever runs, and leaves the server idle with a clean record. */
  #supersede(): void {
    const state = this.#state;
    if (state.kind === 'disposed') return;
    this.#state = { kind: 'idle' };
    this.#failure = undefined;
    this.#backoff.reset();
    if (state.kind === 'starting') state.attempt.controller.abort(new SupersededError());
    if (state.kind === 'live') void this.#closings.add(state.server.close());
  }

  #begin(): Promise<Connection> {
    const controller = new AbortController();
    const start = this.#start(controller);
    const promise = start.catch((error: unknown) => {
      if (!(error instanceof SupersededError)) throw error;
      if (this.#state.kind === 'starting') return this.#state.attempt.promise;
      throw gatewayDisposed();
    });
    promise.catch(() => undefined);
    void this.#closings.add(start);
    this.#state = { kind: 'starting', attempt: { controller, promise } };
    this.#hooks.onStatus();
    return promise;
  }

  async #start(controller: AbortController): Promise<Connection> {
    const definition = this.#definition;
    await this.#closings.present();
    controller.signal.throwIfAborted();
    const at = Date.now();
    this.#lastStart = { at, durationMs: undefined };
    return startServer(definition, this.#host, this.#logger, controller, {
      onListChanged: (connection) => {
        const server = this.#liveOn(connection);
        if (server) void server.refresh();
        else this.#changedEarly.add(connection);
      },
      onClose: (connection) => {
        this.#lost(connection);
      },
      onReady: (connection, catalog) => {
        const durationMs = Date.now() - at;
        this.#lastStart = { at, durationMs };
        this.#logger.info(`Ready in ${durationMs} ms: ${catalog.tools.length} tools.`);
        const server = this.#newLiveServer(connection, definition);
        this.#state = { kind: 'live', server };
        server.publish(catalog);
        // What was read may have been old already.
        if (this.#changedEarly.has(connection)) void server.refresh();
      },
      onFailed: (failure) => {
        this.#fail(failure);
      },
      onAbandon: (connection) => this.#closings.add(connection.close()),
    });
  }

  /** The connection ended by itself. */
  #lost(connection: Connection): void {
    const server = this.#liveOn(connection);
    if (!server) return;
    void this.#closings.add(server.close());
    this.#fail(describeFailure(this.#definition, new PeerClosedError(true), connection.processReport));
  }

  #newLiveServer(connection: Connection, definition: ServerDefinition): LiveServer {
    const ifCurrent = (act: () => void): void => {
      if (!this.#liveOn(connection)) return;
      act();
      this.#hooks.onStatus();
    };
    return new LiveServer(connection, definition, {
      onRefreshing: () => {
        this.#hooks.onStatus();
      },
      onCatalog: (catalog) => {
        ifCurrent(() => {
          this.#failure = undefined;
          this.#holder.publish({ fingerprint: definition.fingerprint, catalog });
        });
      },
      onRefreshFailed: (failure) => {
        ifCurrent(() => {
          this.#failure = failure;
          this.#logger.warn(`Its lists could not be read anew; the last ones stay. ${failure.message}`);
        });
      },
      onProven: () => {
        this.prove();
      },
    });
  }

  #liveOn(connection: Connection): LiveServer | undefined {
    return this.#state.kind === 'live' && this.#state.server.connection === connection
      ? this.#state.server
      : undefined;
  }

  #fail(failure: Failure): void {
    this.#failure = failure;
    const waitMs = this.#backoff.fail();
    const retry = `It is tried again after ${Math.round(waitMs)} ms, when it is needed.`;
    this.#logger.error([failure.message, failure.detail, retry].filter(Boolean).join(' '));
    this.#state = { kind: 'waiting', retryAt: Date.now() + waitMs };
    this.#hooks.onStatus();
  }
}
