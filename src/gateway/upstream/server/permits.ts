import { FairQueue } from '../../../base/async/fairQueue.js';
import { abortReason } from '../../../base/async/abort.js';

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
   * Gives it to others for as long as its holder only waits for requests that its server made back into the gateway
   * (invariant NoWaitWhileHolding). Call the answer to take it back; that never waits, even if there are then more
   * requests in work than the limit says.
   */
  lend(): () => void;
  /** Gives it back for good. */
  release(): void;
}

/**
 * Who is let in first. `top`: in order · `descendant`: before those, because somebody holds a permit elsewhere until it
 * has ended · `comes-back`: at once, because this very server waits for it.
 */
export type Precedence = 'top' | 'descendant' | 'comes-back';

interface Waiter {
  admit(permit: Permit): void;
  refuse(error: Error): void;
}

/**
 * How many requests a server works on at once; the rest wait, up to a bound, and are let in by turns of the clients whose
 * they are, so that no client waits for all that another one has queued.
 */
export class Permits {
  #taken = 0;
  readonly #queues = { descendant: new FairQueue<Waiter>(), top: new FairQueue<Waiter>() };

  /** @param limit asked anew each time, because the settings may change */
  constructor(
    private readonly limit: () => number,
    private readonly maxQueued: number,
  ) {}

  /**
   * @param boundMs milliseconds that it may wait
   * @param client whose request it is; a full queue makes room for a client that has clearly fewer requests in it
   * @throws QueueFullError, QueueTimeoutError, the signal's reason, or what `refuse` was given
   */
  acquire(
    boundMs: number,
    signal?: AbortSignal,
    precedence: Precedence = 'top',
    client = '',
  ): Promise<Permit> {
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    if (precedence === 'comes-back') return Promise.resolve(this.#take());
    const queue = this.#queues[precedence];
    if (queue.size === 0 && this.#taken < this.limit()) return Promise.resolve(this.#take());
    if (!this.#hasRoom(queue.count(client))) return Promise.reject(new QueueFullError());
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        queue.delete(client, waiter);
      };
      const waiter: Waiter = {
        admit: (permit) => {
          leave();
          resolve(permit);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = (): void => {
        if (signal) waiter.refuse(abortReason(signal));
      };
      const timer = setTimeout(() => {
        waiter.refuse(new QueueTimeoutError(boundMs));
      }, boundMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.add(client, waiter);
    });
  }

  /** Lets in whom a raised limit has room for. */
  admit(): void {
    const { descendant, top } = this.#queues;
    while (this.#taken < this.limit()) {
      const waiter = descendant.take() ?? top.take();
      if (!waiter) return;
      waiter.admit(this.#take());
    }
  }

  /** Sends all away who wait. */
  refuse(error: Error): void {
    for (const queue of [this.#queues.descendant, this.#queues.top])
      for (const waiter of queue.values()) waiter.refuse(error);
  }

  /** Whether one more may wait; the newest request of the client that has the most gives way to a client that has fewer. */
  #hasRoom(waiting: number): boolean {
    const { descendant, top } = this.#queues;
    if (descendant.size + top.size < this.maxQueued) return true;
    const longest = top.longest();
    // With a difference of one the two would only trade places.
    if (!longest || longest.count <= waiting + 1) return false;
    longest.newest.refuse(new QueueFullError());
    return true;
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
