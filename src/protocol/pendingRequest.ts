import { RequestTimeoutError, toError } from './errors.js';
import type { Params } from './messages.js';
import type { LargeResult } from './large/largeResult.js';
import { RequestClock } from './requestClock.js';
import type { SendOptions } from './transport.js';

export interface PeerRequestOptions extends SendOptions {
  /** Aborting sends `notifications/cancelled` and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without an answer or a progress notification. */
  readonly timeoutMs: number;
  /** Milliseconds in all, however much progress is reported. */
  readonly maxTotalMs?: number;
  readonly onProgress?: ((params: Params) => void) | undefined;
  /** What `onRequest` and `onNotification` are told when the other side sends something during this request. */
  readonly context?: object | undefined;
}

/** Who keeps the requests that have no answer. */
export interface RequestKeeper {
  /** It is not waited for any more, whatever became of it. */
  onSettled(request: PendingRequest): void;
  /** Nobody wants its answer any more. */
  onGivenUp(request: PendingRequest, reason: string): void;
  /** A listener to its progress failed. */
  onListenerError(error: Error): void;
}

/** One request of this side that has no answer yet. Made for every request: what it needs only now and then is made then. */
export class PendingRequest {
  /** Whether it was handed to the transport. */
  sent = false;
  readonly answer: Promise<Params | LargeResult>;
  readonly #clock: RequestClock;
  #resolve!: (result: Params | LargeResult) => void;
  #reject!: (error: Error) => void;
  #onAbort: (() => void) | undefined;

  /** @param options its signal must not be aborted yet */
  constructor(
    readonly id: number,
    readonly method: string,
    readonly options: PeerRequestOptions,
    private readonly keeper: RequestKeeper,
  ) {
    const { signal, timeoutMs, maxTotalMs = Infinity } = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#clock = new RequestClock(timeoutMs, maxTotalMs, (tookMs) => {
      this.#giveUp(new RequestTimeoutError(tookMs), 'The request timed out.');
    });
    if (!signal) return;
    this.#onAbort = () => {
      this.#giveUp(toError(signal.reason), 'The request was cancelled.');
    };
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  resolve(result: Params | LargeResult): void {
    this.#settle();
    this.#resolve(result);
  }

  reject(error: Error): void {
    this.#settle();
    this.#reject(error);
  }

  progressed(params: Params): void {
    this.#clock.heard();
    try {
      this.options.onProgress?.(params);
    } catch (error) {
      // A listener's bug must not end the connection that it listens to.
      this.keeper.onListenerError(toError(error));
    }
  }

  /** As `RequestClock.hold`. */
  hold(): () => void {
    return this.#clock.hold();
  }

  get context(): object | undefined {
    return this.options.context;
  }

  #giveUp(error: Error, reason: string): void {
    this.reject(error);
    this.keeper.onGivenUp(this, reason);
  }

  #settle(): void {
    this.#clock.stop();
    if (this.#onAbort) this.options.signal?.removeEventListener('abort', this.#onAbort);
    this.keeper.onSettled(this);
  }
}
