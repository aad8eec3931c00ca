import { PeerClosedError, RequestTimeoutError, RpcError, SendError } from './errors.js';
import {
  isObject,
  type ErrorMessage,
  type Message,
  type Params,
  type RequestId,
  type RequestMessage,
  type ResultMessage,
} from './messages.js';
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

/** This side's requests during which a message may have come. */
export interface Meant {
  readonly requests: readonly Pick<Pending, 'hold' | 'context'>[];
  readonly certain: boolean;
}

interface Pending {
  /** Whether it was handed to the transport. */
  sent: boolean;
  resolve(result: Params): void;
  reject(error: Error): void;
  progress(params: Params): void;
  /** As `RequestClock.hold`. */
  hold(): () => void;
  readonly context: object | undefined;
}

/** The requests of this side that have no answer yet. */
export class Outgoing {
  readonly #pending = new Map<RequestId, Pending>();
  #nextId = 1;
  #closed = false;

  constructor(
    private readonly send: (message: Message, options: SendOptions) => Promise<void>,
    private readonly onError: (error: Error) => void,
  ) {}

  /** As `Peer.request`. */
  request(method: string, params: Params | undefined, options: PeerRequestOptions): Promise<Params> {
    const { signal, timeoutMs, maxTotalMs = Infinity, onProgress, during, context } = options;
    return new Promise<Params>((resolve, reject) => {
      if (signal?.aborted) {
        reject(toError(signal.reason));
        return;
      }
      if (this.#closed) {
        reject(new PeerClosedError(false));
        return;
      }
      const id = this.#nextId++;

      const settle = (): void => {
        clock.stop();
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(id);
      };
      const giveUp = (error: Error, reason: string): void => {
        settle();
        reject(error);
        // MCP 2025-11-25, "Cancellation": a client must not cancel its initialize request. What was not sent needs none.
        if (pending.sent && method !== 'initialize') this.#cancel(id, reason, during);
      };
      const onAbort = (): void => {
        giveUp(toError(signal?.reason), 'The request was cancelled.');
      };
      const clock = new RequestClock(timeoutMs, maxTotalMs, (tookMs) => {
        giveUp(new RequestTimeoutError(tookMs), 'The request timed out.');
      });

      const pending: Pending = {
        sent: false,
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
        progress: (progressParams) => {
          clock.heard();
          try {
            onProgress?.(progressParams);
          } catch (error) {
            // A listener's bug must not end the connection that it listens to.
            this.onError(toError(error));
          }
        },
        hold: () => clock.hold(),
        context,
      };
      this.#pending.set(id, pending);
      signal?.addEventListener('abort', onAbort, { once: true });

      const message: RequestMessage = {
        jsonrpc: '2.0',
        id,
        method,
        ...(onProgress ? { params: withProgressToken(params, id) } : params ? { params } : {}),
      };
      // In a promise chain, because what cannot be written as JSON throws at once.
      Promise.resolve()
        .then(() => {
          if (this.#pending.get(id) !== pending) return undefined;
          pending.sent = true;
          return this.send(message, { during });
        })
        .catch((error: unknown) => {
          this.#pending.get(id)?.reject(new SendError(error));
        });
    });
  }

  #cancel(requestId: RequestId, reason: string, during: RequestId | undefined): void {
    const method = 'notifications/cancelled';
    this.send({ jsonrpc: '2.0', method, params: { requestId, reason } }, { during }).catch(() => undefined);
  }

  /** An answer came; one to a request that was given up is no fault of anyone. */
  answered(message: ResultMessage | ErrorMessage): void {
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if ('error' in message) {
      const { code, message: text, data } = message.error;
      pending.reject(new RpcError(code, text, data));
    } else {
      pending.resolve(message.result);
    }
  }

  progressed(params: Params): void {
    this.#pending.get(params.progressToken as RequestId)?.progress(params);
  }

  /** @param during the request that a message belongs to, where the transport can tell */
  meant(during: RequestId | undefined): Meant {
    const one = during === undefined ? undefined : this.#pending.get(during);
    return { requests: one ? [one] : [...this.#pending.values()], certain: one !== undefined };
  }

  /** No answer to this one will come. */
  lost(id: RequestId, error: Error | undefined): void {
    const pending = this.#pending.get(id);
    pending?.reject(error ?? new PeerClosedError(pending.sent));
  }

  /** Nothing is sent any more, and nothing will be answered. */
  end(): void {
    this.#closed = true;
    for (const pending of [...this.#pending.values()]) pending.reject(new PeerClosedError(pending.sent));
  }
}

function withProgressToken(params: Params | undefined, token: RequestId): Params {
  const meta = isObject(params?._meta) ? params._meta : {};
  return { ...params, _meta: { ...meta, progressToken: token } };
}

export const toError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));
