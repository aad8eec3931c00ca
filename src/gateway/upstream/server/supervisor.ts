import { PeerClosedError } from '../../../protocol/errors.js';
import type { CatalogKind, StoredCatalog, Unread } from '../../model/catalog.js';
import type { ServerDefinition, ServerId } from '../../model/definition.js';
import { connectionLost, gatewayDisposed, serverUnavailable, type GatewayError } from '../../model/errors.js';
import type { Failure } from '../../model/failure.js';
import type { ConnectionPhase, ServerStatus } from '../../model/status.js';
import type { Logger } from '../../ports.js';
import { abortable, atMost } from '../../../base/async/abort.js';
import { CatalogHolder } from '../lists/catalogHolder.js';
import type { Connection } from '../connection.js';
import type { Generation, Lease } from './generation.js';
import type { UpstreamHost } from '../host.js';
import { Permits } from './permits.js';
import type { Reading } from '../lists/reading.js';
import type { LifeOwner } from './lifeOwner.js';
import { ServerLife } from './serverLife.js';
import type { StartPriority } from './startQueue.js';

/** Requests that may wait for a permit of one server. */
const MAX_QUEUED = 1000;
/** Milliseconds that anybody waits for the cache on disk. */
const MAX_LOAD_MS = 1000;
/** How often a lease is tried anew because the generation was superseded in between. */
const MAX_LEASE_TRIES = 10;

export interface SupervisorHooks {
  onStatus(): void;
  onCatalog(kinds: readonly CatalogKind[]): void;
}

/** Owns one server's whole life: nobody else starts, stops or closes anything of it. */
export class Supervisor implements LifeOwner {
  readonly id: ServerId;
  /** How many requests it works on at once; taken before a lease, and held for as long as the request lasts. */
  readonly permits = new Permits(() => this.#definition.maxConcurrency, MAX_QUEUED);
  readonly #host: UpstreamHost;
  readonly #hooks: SupervisorHooks;
  readonly #logger: Logger;
  readonly #holder: CatalogHolder;
  readonly #life: ServerLife;
  #definition: ServerDefinition;
  /** Its catalog was made for clients that could do less; until the next one. */
  #renewing = false;
  #goneError: () => GatewayError = gatewayDisposed;

  /** @param predecessors of the same id, retired but not gone yet */
  constructor(
    definition: ServerDefinition,
    host: UpstreamHost,
    hooks: SupervisorHooks,
    predecessors: readonly Supervisor[] = [],
  ) {
    this.id = definition.id;
    this.#definition = definition;
    this.#host = host;
    this.#hooks = hooks;
    this.#logger = host.logs.server(definition.id);
    this.#holder = new CatalogHolder(definition.id, host.store, host.turns, (kinds) => {
      hooks.onCatalog(kinds);
      hooks.onStatus();
    });
    this.#life = new ServerLife(this, host, this.#logger);
    for (const predecessor of predecessors) this.#life.startAfter(predecessor.#life.exits());
  }

  get definition(): ServerDefinition {
    return this.#definition;
  }

  get stored(): StoredCatalog | undefined {
    return this.#holder.stored;
  }

  /** Whether the catalog at hand is of the definition in force, and so answers a list without waiting. */
  isCurrent(): boolean {
    return this.stored?.fingerprint === this.#definition.fingerprint && !this.#renewing;
  }

  /** The kinds that could not be read last time, each with the reason; of the definition in force. */
  get unread(): Unread {
    return (this.isCurrent() ? this.stored?.catalog.unread : undefined) ?? {};
  }

  get phase(): ConnectionPhase {
    return this.#life.state.kind;
  }

  /** Of the live server, if it is live. */
  get connection(): Connection | undefined {
    const { state } = this.#life;
    return state.kind === 'live' ? state.generation.connection : undefined;
  }

  /** Whether a live server's lists are being read anew. */
  get refreshing(): boolean {
    const { state } = this.#life;
    return state.kind === 'live' && state.generation.refreshing !== undefined;
  }

  get failure(): Failure | undefined {
    return this.#life.failure;
  }

  get lastStart(): ServerStatus['lastStart'] {
    return this.#life.lastStart;
  }

  /**
   * Resolves once the disk cache was looked into for the definition in force. It is only a hint: a slow disk holds nobody up.
   * @throws the signal's reason
   */
  load(signal?: AbortSignal): Promise<void> {
    const loaded = this.#holder.load(this.#definition.fingerprint);
    if (this.phase === 'idle' && !this.stored) this.#host.starts.gather(loaded);
    return atMost(loaded, MAX_LOAD_MS, signal);
  }

  /** A start that a list may wait for; `undefined` while there is none (live, parked, or too soon after a failure). */
  attemptForList(priority: StartPriority = 'list'): Promise<unknown> | undefined {
    return this.#life.attemptForList(priority);
  }

  /**
   * The live generation; started if need be. One start serves all who ask (invariant SingleFlight).
   * @throws `server-unavailable`, `disposed`, or the signal's reason
   */
  connect(signal?: AbortSignal): Promise<Generation> {
    return this.#life.connect(signal);
  }

  /**
   * Leases the live generation, started if need be; give it back with `release`.
   * @throws as `connect`
   */
  async lease(signal?: AbortSignal): Promise<Lease> {
    for (let tries = 0; tries < MAX_LEASE_TRIES; tries++) {
      const lease = (await this.#life.connect(signal)).lease();
      if (lease) return lease;
    }
    throw connectionLost(this.id, 'not-executed', new PeerClosedError(false));
  }

  /**
   * Takes a new definition of the same server; restarts it only if the fingerprint differs and it was running.
   * @returns whether the fingerprint differs
   */
  redefine(definition: ServerDefinition): boolean {
    const changed = definition.fingerprint !== this.#definition.fingerprint;
    const wasRunning = this.phase === 'live' || this.phase === 'starting';
    if (changed) {
      this.#logger.info(wasRunning ? 'Its settings changed; restarting.' : 'Its settings changed.');
      this.#life.reset();
    }
    this.#definition = definition;
    if (changed && wasRunning) this.#life.restart(undefined, 'list').catch(() => undefined);
    this.permits.admit();
    this.#hooks.onStatus();
    return changed;
  }

  /** Starts the server anew, at once; what ran before closes when its calls in flight are over. @throws as `connect` */
  async restart(signal?: AbortSignal): Promise<void> {
    await this.#life.restart(signal);
  }

  /**
   * Begins a fresh connection, if nobody has used the live one: what the server was told at its start is out of date, and so
   * may be what it lists. @returns whether it does
   */
  renewUnused(): boolean {
    const renews = this.#life.renewUnused();
    if (renews) this.#renewing = true;
    return renews;
  }

  /** Lists everything anew: on the live connection, or by starting. @throws as `connect` */
  async refresh(signal?: AbortSignal): Promise<void> {
    const { state } = this.#life;
    if (state.kind !== 'live') {
      await this.#life.connect(signal, 'at-once');
      return;
    }
    await abortable(state.generation.refresh(), signal);
    // Its session had ended: then a new one is begun, which lists everything too.
    if (this.phase === 'idle') await this.#life.connect(signal, 'at-once');
    const failure = this.failure ?? Object.values(this.unread)[0];
    if (failure) throw serverUnavailable(this.id, `${this.#definition.title}: ${failure.message}`);
  }

  /** Forgets what is cached; a live server lists anew. */
  async resetCache(): Promise<void> {
    await this.#host.store.clear(this.id);
    const { state } = this.#life;
    if (state.kind === 'live') {
      this.#holder.unwritten();
      await state.generation.refresh();
      return;
    }
    if (state.kind === 'waiting' || state.kind === 'parked') this.#life.reset();
    this.#holder.forget();
    this.#hooks.onStatus();
  }

  /**
   * As `dispose`, but lets the calls in flight end first, up to the drain deadline; those that wait are sent away.
   * For a server that the settings do not have any more.
   */
  async retire(): Promise<void> {
    const { id, title } = this.#definition;
    this.#goneError = () =>
      serverUnavailable(id, `${title} was removed from the settings meanwhile; nothing was run.`);
    const drained = this.#life.retire();
    this.permits.refuse(this.#goneError());
    await drained;
    await this.dispose();
  }

  /** Resolves when nothing of the server is left and its catalog is written. */
  async dispose(): Promise<void> {
    const gone = this.#life.dispose();
    this.permits.refuse(this.#goneError());
    await Promise.all([gone, this.#holder.flushed()]);
  }

  goneError(): GatewayError {
    return this.#goneError();
  }

  /** Milliseconds that its last start took, where that is known. */
  get startMs(): number | undefined {
    return this.lastStart?.durationMs ?? this.stored?.startMs;
  }

  publish(fingerprint: string, reading: Reading, startMs?: number): void {
    this.#renewing = false;
    this.#holder.publish(fingerprint, reading, startMs);
  }

  onStatus(): void {
    this.#hooks.onStatus();
  }
}
