import { abortReason } from '../util/abort.js';

/** Too many requests wait already. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** No permit became free in the time allowed. */
export class QueueTimeoutError extends Error {
  override readonly name = 'QueueTimeoutError';

  constructor(readonly waitedMs: number) {
    super(`No permit within ${waitedMs} ms.`);
  }
}

/** The right to have one request in work at a server. */
export interface Permit {
  /**
   * While the holder waits for a request of its own server's back into the gateway, others may have its permit
   * (invariant NoWaitWhileHolding). Call the answer once to take it back; that never waits.
   */
  lend(): () => void;
  /** Gives it back for good. */
  release(): void;
}

interface Waiter {
  admit(permit: Permit): void;
}

/** How many requests a server works on at once; the rest wait in order, up to a bound. */
export class Permits {
  #taken = 0;
  readonly #queue = new Set<Waiter>();

  /** @param limit asked anew each time, because the settings may change */
  constructor(
    private readonly limit: () => number,
    private readonly maxQueued: number,
  ) {}

  /**
   * @param boundMs milliseconds that it may wait
   * @throws QueueFullError, QueueTimeoutError, or the signal's reason
   */
  acquire(boundMs: number, signal?: AbortSignal): Promise<Permit> {
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    if (this.#queue.size === 0 && this.#taken < this.limit()) return Promise.resolve(this.#take());
    if (this.#queue.size >= this.maxQueued) return Promise.reject(new QueueFullError());
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#queue.delete(waiter);
      };
      const onAbort = (): void => {
        leave();
        if (signal) reject(abortReason(signal));
      };
      const timer = setTimeout(() => {
        leave();
        reject(new QueueTimeoutError(boundMs));
      }, boundMs);
      const waiter: Waiter = {
        admit: (permit) => {
          leave();
          resolve(permit);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.add(waiter);
    });
  }

  /** Lets in whom a raised limit has room for. */
  admit(): void {
    for (const waiter of this.#queue) {
      if (this.#taken >= this.limit()) return;
      waiter.admit(this.#take());
    }
  }

  #take(): Permit {
    this.#taken++;
    let state: 'held' | 'lent' | 'released' = 'held';
    return {
      lend: () => {
        if (state === 'held') {
          state = 'lent';
          this.#giveBack();
        }
        return () => {
          if (state !== 'lent') return;
          state = 'held';
          this.#taken++;
        };
      },
      release: () => {
        const wasHeld = state === 'held';
        state = 'released';
        if (wasHeld) this.#giveBack();
      },
    };
  }

  #giveBack(): void {
    this.#taken--;
    this.admit();
  }
}
