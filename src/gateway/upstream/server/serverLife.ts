import { PeerClosedError } from '../../../protocol/errors.js';
import type { ServerDefinition } from '../../model/definition.js';
import type { Failure } from '../../model/failure.js';
import type { ServerStatus } from '../../model/status.js';
import type { Logger } from '../../ports.js';
import { abortable, atMost } from '../../../base/async/abort.js';
import { Backoff, verdictText, type Verdict } from './backoff.js';
import { Drains } from './drains.js';
import { describeFailure, REVISION_REFUSED, UnresponsiveError } from './failure.js';
import type { Generation } from './generation.js';
import type { UpstreamHost } from '../host.js';
import { finalError, type LifeOwner } from './lifeOwner.js';
import { Lifecycle, type Current, type State, type StateOf } from './lifecycle.js';
import type { StartPriority, StartTicket } from './startQueue.js';
import { startServer, SupersededError, type StartHooks } from './startServer.js';

/** `patient`: a server that has just failed is left alone for a moment. `at-once`: somebody asked for it by hand. */
export type Urgency = 'patient' | 'at-once';

type Loss = 'ended' | 'expired' | 'dead';

/** One server's connections, one after another: how they start, take over from each other, fail, rest and end. */
export class ServerLife {
  readonly #backoff: Backoff;
  readonly #drains = new Drains();
  readonly #states: Lifecycle;
  #failure: Failure | undefined;
  #lastStart: ServerStatus['lastStart'];

  constructor(
    private readonly owner: LifeOwner,
    private readonly host: UpstreamHost,
    private readonly logger: Logger,
  ) {
    this.#backoff = new Backoff(host.tuning);
    this.#states = new Lifecycle(() => {
      owner.onStatus();
    });
  }

  get state(): State {
    return this.#states.state;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get lastStart(): ServerStatus['lastStart'] {
    return this.#lastStart;
  }

  /** A start that a list may wait for; `undefined` while there is none (live, parked, or too soon after a failure). */
  attemptForList(priority: StartPriority): Promise<unknown> | undefined {
    const { state } = this;
    switch (state.kind) {
      case 'live':
        return state.generation.refreshing;
      case 'starting':
        state.attempt.ticket?.hurry(priority);
        return state.attempt.promise;
      case 'waiting':
        return performance.now() < state.retryAt ? undefined : this.#begin(state, priority);
      case 'idle':
      case 'draining':
        return this.#begin(state, priority);
      case 'parked':
      case 'disposed':
        return undefined;
    }
  }

  /**
   * The live generation; started if need be. One start serves all who ask (invariant SingleFlight).
   * @throws `server-unavailable`, the owner's `goneError`, or the signal's reason
   */
  async connect(
    signal?: AbortSignal,
    urgency: Urgency = 'patient',
    priority: StartPriority = urgency === 'patient' ? 'front' : 'list',
  ): Promise<Generation> {
    for (;;) {
      const { state } = this;
      if (state.kind === 'live') return state.generation;
      if (state.kind === 'starting') {
        state.attempt.ticket?.hurry(priority);
        return abortable(state.attempt.promise, signal);
      }
      if (state.kind === 'disposed') throw this.owner.goneError();
      if (state.kind === 'parked' && !state.timer && urgency === 'patient')
        throw finalError(this.owner, this.#failure);
      const waitMs = urgency === 'at-once' ? 0 : this.#backoff.callWaitMs(performance.now());
      if (waitMs === 0) return abortable(this.#begin(state, priority), signal);
      await atMost(this.#states.changed, waitMs, signal);
    }
  }

  /** Starts anew, at once; what ran before drains. @throws as `connect` */
  restart(signal?: AbortSignal, priority: StartPriority = 'front'): Promise<Generation> {
    const { state } = this;
    if (state.kind === 'disposed') return Promise.reject(this.owner.goneError());
    return abortable(this.#begin(this.#supersede(state), priority), signal);
  }

  /** Starts anew what nobody has used yet. @returns whether it does */
  renewUnused(): boolean {
    const { state } = this;
    if (state.kind !== 'live' || state.generation.used) return false;
    void this.#begin(this.#supersede(state), 'list');
    return true;
  }

  /** Takes leave of whatever runs, has failed or is parked; the next who asks begins anew. */
  reset(): void {
    if (this.state.kind !== 'disposed') this.#supersede(this.state);
  }

  /** Resolves when the processes are gone that nobody uses any more and that are ending now. */
  exits(): Promise<void> {
    return this.#drains.exits();
  }

  /** The first start waits for this. */
  startAfter(gone: Promise<void>): void {
    void this.#drains.exit(gone);
  }

  /** No more starts. @returns resolves when the calls in flight have ended, or their deadline is over */
  async retire(): Promise<void> {
    const { state } = this;
    if (state.kind !== 'disposed') this.#states.move(this.#supersede(state), { kind: 'disposed' });
    await this.#drains.drained();
  }

  /** Resolves when nothing of the server is left. */
  async dispose(): Promise<void> {
    void this.retire();
    this.#drains.hurry();
    await this.#drains.all();
  }

  #supersede(state: Current): StateOf<'idle'> {
    const idle = { kind: 'idle' } as const;
    this.#failure = undefined;
    this.#backoff.reset();
    this.#states.move(state, idle);
    if (state.kind === 'starting') state.attempt.controller.abort(new SupersededError());
    if (state.kind === 'live')
      void this.#drains.add(state.generation, this.owner.definition.timeouts.drainMs);
    return idle;
  }

  #begin(
    from: StateOf<'idle' | 'draining' | 'waiting' | 'parked'>,
    priority: StartPriority,
  ): Promise<Generation> {
    const { definition, startMs } = this.owner;
    const controller = new AbortController();
    const ticket = definition.launch.type === 'stdio' ? this.host.starts.enter(priority, startMs) : undefined;
    const start = this.#start(controller, ticket).finally(() => ticket?.leave());
    const promise = start.catch((error: unknown) => {
      if (error instanceof SupersededError) return this.connect(undefined, 'patient', priority);
      throw error;
    });
    promise.catch(() => undefined);
    void this.#drains.exit(start);
    this.#states.move(from, { kind: 'starting', attempt: { controller, promise, ticket } });
    return promise;
  }

  async #start(controller: AbortController, ticket: StartTicket | undefined): Promise<Generation> {
    await this.#drains.room();
    if (ticket) await abortable(ticket.admitted, controller.signal);
    controller.signal.throwIfAborted();
    const { definition } = this.owner;
    this.#lastStart = { at: Date.now(), durationMs: undefined };
    const hooks = { ...this.#hooksOf(definition, controller), onProcess: ticket?.follow };
    const current = (): ServerDefinition => this.owner.definition;
    return startServer(definition, this.host, current, this.logger, controller, hooks);
  }

  #hooksOf(definition: ServerDefinition, controller: AbortController): StartHooks {
    const startedAt = performance.now();
    const starting = (): StateOf<'starting'> | undefined =>
      this.state.kind === 'starting' && this.state.attempt.controller === controller ? this.state : undefined;
    const lost =
      (how: Loss) =>
      (generation: Generation): void => {
        this.#lose(generation, how);
      };
    return {
      onReady: (generation, reading) => {
        const state = starting();
        if (!state) return;
        const durationMs = Math.round(performance.now() - startedAt);
        this.#lastStart = this.#lastStart && { ...this.#lastStart, durationMs };
        const { items, unread } = reading;
        this.logger.info(`Ready in ${durationMs} ms: ${items.tools?.length ?? 'unknown'} tools.`);
        for (const { message } of Object.values(unread)) this.logger.warn(message);
        this.#failure = undefined;
        this.#states.move(state, { kind: 'live', generation });
        this.owner.publish(definition.fingerprint, reading, durationMs);
      },
      onFailed: (failure) => {
        const state = starting();
        if (!state) return;
        const verdict = this.#backoff.fail(performance.now());
        // Another try would only get the same answer.
        const final = failure.code === REVISION_REFUSED;
        this.#fail(state, failure, final ? { kind: 'park', waitMs: Infinity } : verdict);
      },
      onAbandon: (connection) => this.#drains.exit(connection.close()),
      onRefreshing: () => {
        this.owner.onStatus();
      },
      onReading: (generation, reading) => {
        if (!this.#liveOn(generation)) return;
        this.#failure = undefined;
        for (const { message } of Object.values(reading.unread)) this.logger.warn(message);
        this.owner.publish(definition.fingerprint, reading);
        this.owner.onStatus();
      },
      onRefreshFailed: (generation, failure) => {
        if (!this.#liveOn(generation)) return;
        this.#failure = failure;
        this.logger.warn(`Its lists could not be read anew; the last ones stay. ${failure.message}`);
        this.owner.onStatus();
      },
      onProven: (generation) => {
        if (this.#liveOn(generation)) this.#backoff.reset();
      },
      onExpired: lost('expired'),
      onEnded: lost('ended'),
      onDead: lost('dead'),
      onIdle: (generation) => {
        this.#rest(generation);
      },
    };
  }

  #liveOn(generation: Generation): StateOf<'live'> | undefined {
    return this.state.kind === 'live' && this.state.generation === generation ? this.state : undefined;
  }

  /** The connection is of no use any more: it ended, the server has forgotten it, or does not answer on it. */
  #lose(generation: Generation, how: Loss): void {
    const state = this.#liveOn(generation);
    if (!state) return;
    const { definition } = this.owner;
    const error = how === 'dead' ? new UnresponsiveError() : new PeerClosedError(true);
    const failure = describeFailure(definition, error, generation.connection.processReport);
    const now = performance.now();
    if (!generation.proven) {
      this.#fail(state, failure, how === 'expired' ? this.#backoff.lose(now) : this.#backoff.fail(now));
    } else if (definition.launch.type !== 'stdio' && (how === 'expired' || !generation.leased)) {
      // Servers end sessions that nobody uses; that is no failure of anyone.
      this.logger.info('Its session has ended; the next call begins another.');
      this.#states.move(state, { kind: 'idle' });
    } else {
      // A server that was good before is worth a start at once.
      this.#fail(state, failure, { kind: 'wait', waitMs: 0 });
    }
    // Only now: closing is told at once, and is no second loss. What the server took before it forgot may be answered.
    if (how === 'expired') void this.#drains.add(generation, definition.timeouts.drainMs);
    else void this.#drains.exit(generation.close());
  }

  /** Stops what nobody uses. */
  #rest(generation: Generation): void {
    const state = this.#liveOn(generation);
    if (!state) return;
    const draining = { kind: 'draining' } as const;
    this.logger.info('Stopped, because nobody used it for a while; the next call starts it again.');
    this.#states.move(state, draining);
    void this.#drains.add(generation, 0).then(() => this.#states.move(draining, { kind: 'idle' }));
  }

  #fail(from: StateOf<'starting' | 'live'>, failure: Failure, { kind, waitMs }: Verdict): void {
    const next = verdictText({ kind, waitMs }, this.#backoff.failures);
    this.#failure = failure;
    this.logger.error([failure.message, failure.detail, next].filter(Boolean).join(' '));
    const timer = waitMs === Infinity ? undefined : this.#later(waitMs);
    if (kind === 'park' || !timer) this.#states.move(from, { kind: 'parked', timer });
    else this.#states.move(from, { kind: 'waiting', retryAt: performance.now() + waitMs, timer });
  }

  /** Tries again by itself: a parked server, and one whose tools are not known as they are now. */
  #later(waitMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      const { state } = this;
      const needed = !this.owner.isCurrent() || this.host.traffic.hasSubscribers(this.owner.definition.id);
      if (state.kind === 'parked' || (state.kind === 'waiting' && needed))
        void this.#begin(state, 'background');
      // It has not failed at anything that somebody wants now; the next call starts it.
      else if (state.kind === 'waiting') this.#states.move(state, { kind: 'idle' });
    }, waitMs).unref();
  }
}
