import { PeerClosedError, RequestTimeoutError, RpcError, SendError } from './errors.js';
import {
  INTERNAL_ERROR,
  isObject,
  ownId,
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
  readonly progress: (params: Params) => void;
  /** As `RequestClock.hold`. */
  hold(): () => void;
  readonly context: object | undefined;
}

/** Requests that were given up, and tasks that are in work, which are still known. */
const MAX_REMEMBERED = 256;

/** The requests of this side that have no answer yet. */
export class Outgoing {
  readonly #pending = new Map<RequestId, Pending>();
  /** Contexts of requests that were given up: what the other side still says during them is not meant for others. */
  readonly #givenUp = new Remembered<object>();
  /** The answer to a request that began a task is not its end (MCP 2025-11-25, "Tasks", progress). */
  readonly #tasks = new Remembered<(params: Params) => void>();
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
        if (context) this.#givenUp.add(id, context);
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
          if (onProgress && isObject(result.task)) this.#tasks.add(id, pending.progress);
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
    const pending = this.#pending.get(ownId(message.id));
    if (!pending) return;
    if ('result' in message && isObject(message.result)) pending.resolve(message.result);
    else pending.reject(rpcError(message));
  }

  progressed(params: Params): void {
    const token = ownId(params.progressToken);
    const progress = this.#pending.get(token)?.progress ?? this.#tasks.get(token);
    progress?.(params);
  }

  /** @param during the request that a message belongs to, where the transport can tell */
  meant(during: RequestId | undefined): Meant {
    if (during === undefined) return { requests: [...this.#pending.values()], certain: false };
    const one = this.#pending.get(during);
    const context = this.#givenUp.get(during);
    return { requests: one ? [one] : context ? [{ context, hold: () => release }] : [], certain: true };
  }

  /** No answer to this one will come. */
  lost(id: RequestId, error: Error | undefined): void {
    const pending = this.#pending.get(ownId(id));
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

/** Whatever the other side calls an error, as JSON-RPC has it. */
function rpcError(message: ResultMessage | ErrorMessage): RpcError {
  const { code, message: text, data } = 'error' in message && isObject(message.error) ? message.error : {};
  return new RpcError(
    Number.isInteger(code) ? (code as number) : INTERNAL_ERROR,
    typeof text === 'string' ? text : 'It answered with an error and did not say which.',
    data,
  );
}

/** The newest of what is known by ids that only grow. */
class Remembered<T> {
  readonly #all = new Map<RequestId, T>();

  add(id: RequestId, value: T): void {
    this.#all.set(id, value);
    const [oldest] = this.#all.keys();
    if (this.#all.size > MAX_REMEMBERED && oldest !== undefined) this.#all.delete(oldest);
  }

  get(id: RequestId): T | undefined {
    return this.#all.get(id);
  }
}

const release = (): void => undefined;

export const toError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));
