import { RpcError } from '../../../protocol/errors.js';
import type { Tuning } from '../../model/tuning.js';
import type { Connection } from '../connection.js';

/** Pings without an answer, one after another, after which a connection counts as dead. */
const MAX_MISSED = 3;
/** Milliseconds; how late an idle server may be stopped. */
const MAX_TICK_MS = 10_000;

export interface KeepaliveHooks {
  /** Whether requests are in work: then nothing is idle, and nothing is pinged without a reason. */
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
  readonly #tickMs: number;
  #usedAt = performance.now();
  #pingedAt = 0;
  #missed = 0;
  #pinging = false;

  constructor(
    private readonly connection: Connection,
    private readonly tuning: Pick<Tuning, 'pingMs' | 'pingTimeoutMs'>,
    private readonly hooks: KeepaliveHooks,
  ) {
    this.#tickMs = Math.min(tuning.pingMs, MAX_TICK_MS);
    this.#timer = setInterval(() => {
      this.#tick();
    }, this.#tickMs);
    this.#timer.unref();
  }

  /** A request began or ended. */
  used(): void {
    this.#usedAt = performance.now();
  }

  /** An answer came. */
  heard(): void {
    this.#missed = 0;
  }

  /** Asks now, also while requests are in work; one ping at a time. */
  async ping(): Promise<void> {
    if (this.#pinging || this.connection.closed) return;
    this.#pinging = true;
    const answered = await this.connection
      .request('ping', undefined, { timeoutMs: this.tuning.pingTimeoutMs })
      .then(
        () => true,
        // Some servers do not know the method, but that is an answer too.
        (error: unknown) => error instanceof RpcError,
      );
    this.#pinging = false;
    this.#pingedAt = performance.now();
    this.#missed = answered ? 0 : this.#missed + 1;
    if (this.#missed >= MAX_MISSED) this.hooks.onDead();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.hooks.busy()) return;
    const now = performance.now();
    const idleMs = now - this.#usedAt;
    const idleAfterMs = this.hooks.idleAfterMs();
    if (idleAfterMs > 0 && idleMs >= idleAfterMs) this.hooks.onIdle();
    // Nearer to this tick than to the next.
    else if (now - Math.max(this.#usedAt, this.#pingedAt) >= this.tuning.pingMs - this.#tickMs / 2)
      void this.ping();
  }
}
