import { RpcError } from '../../protocol/errors.js';
import type { Tuning } from '../model/tuning.js';
import type { Connection } from './connection.js';

/** Pings without an answer, one after another, after which a connection counts as dead. */
const MAX_MISSED = 3;

export interface KeepaliveHooks {
  /** Whether requests are in work: then nothing is pinged, and nothing is idle. */
  busy(): boolean;
  /** Milliseconds without a request after which the owner wants to hear; 0: never. */
  idleAfterMs(): number;
  onIdle(): void;
  /** It does not answer any more. */
  onDead(): void;
}

/** Asks a connection that nobody uses whether it is still there, and tells when it has been idle for long. */
export class Keepalive {
  readonly #timer: NodeJS.Timeout;
  #usedAt = performance.now();
  #missed = 0;
  #pinging = false;

  constructor(
    private readonly connection: Connection,
    private readonly tuning: Pick<Tuning, 'pingMs' | 'pingTimeoutMs'>,
    private readonly hooks: KeepaliveHooks,
  ) {
    this.#timer = setInterval(() => {
      void this.#tick();
    }, tuning.pingMs);
    this.#timer.unref();
  }

  /** A request began or ended. */
  used(): void {
    this.#usedAt = performance.now();
    this.#missed = 0;
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  async #tick(): Promise<void> {
    if (this.hooks.busy() || this.#pinging) return;
    const idleMs = performance.now() - this.#usedAt;
    const idleAfterMs = this.hooks.idleAfterMs();
    if (idleAfterMs > 0 && idleMs >= idleAfterMs) this.hooks.onIdle();
    // Timers are a little early at times.
    else if (idleMs >= this.tuning.pingMs / 2) await this.#ping();
  }

  async #ping(): Promise<void> {
    this.#pinging = true;
    const answered = await this.connection
      .request('ping', undefined, { timeoutMs: this.tuning.pingTimeoutMs })
      .then(
        () => true,
        // Some servers do not know the method, but that is an answer too.
        (error: unknown) => error instanceof RpcError,
      );
    this.#pinging = false;
    this.#missed = answered ? 0 : this.#missed + 1;
    if (this.#missed >= MAX_MISSED && !this.connection.closed) this.hooks.onDead();
  }
}
