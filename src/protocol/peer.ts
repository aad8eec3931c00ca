import { PeerClosedError, RequestTimeoutError, RpcError, SendError } from './errors.js';
import {
  INTERNAL_ERROR,
  METHOD_NOT_FOUND,
  isObject,
  type ErrorMessage,
  type Message,
  type NotificationMessage,
  type Params,
  type RequestId,
  type RequestMessage,
  type ResultMessage,
} from './messages.js';
import type { Transport } from './transport.js';

export interface PeerRequestOptions {
  /** Aborting sends `notifications/cancelled` and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without an answer or a progress notification. */
  readonly timeoutMs: number;
  /** Milliseconds in all, however much progress is reported. */
  readonly maxTotalMs?: number;
  readonly onProgress?: ((params: Params) => void) | undefined;
}

/** What the owner of a peer wants to hear of. */
export interface PeerHandlers {
  onNotification?(method: string, params: Params): void;
  /** Answers a request of the other side; throw `RpcError` to answer with an error. `ping` is answered by the peer. */
  onRequest?(method: string, params: Params, signal: AbortSignal): Promise<Params>;
  /** Called once. */
  onClose?(): void;
  onError?(error: Error): void;
}

interface Pending {
  /** Whether it was handed to the transport. */
  sent: boolean;
  resolve(result: Params): void;
  reject(error: Error): void;
  progress(params: Params): void;
}

/** How many requests of the other side may be in work at once; beyond it they are refused. */
const MAX_INCOMING = 256;

/**
 * Correlates the messages of one transport: ids, progress, cancellation, timeouts, requests in both directions. Knows
 * nothing of what the messages say, so that what it does not know is passed on.
 */
export class Peer {
  readonly #transport: Transport;
  readonly #handlers: PeerHandlers;
  readonly #pending = new Map<RequestId, Pending>();
  readonly #incoming = new Map<RequestId, AbortController>();
  #nextId = 1;
  #closed = false;

  constructor(transport: Transport, handlers: PeerHandlers) {
    this.#transport = transport;
    this.#handlers = handlers;
    transport.onmessage = (message) => {
      this.#receive(message);
    };
    transport.onclose = () => {
      this.#end();
    };
    transport.onerror = (error) => handlers.onError?.(error);
    transport.onrequestlost = (id, error) => {
      const pending = this.#pending.get(id);
      pending?.reject(error ?? new PeerClosedError(pending.sent));
    };
  }

  get closed(): boolean {
    return this.#closed;
  }

  start(): Promise<void> {
    return this.#transport.start();
  }

  /**
   * Sends a request once and waits for its answer.
   * @throws RpcError, PeerClosedError, SendError, RequestTimeoutError, MessageTooLargeError, or the signal's reason
   */
  request(method: string, params: Params | undefined, options: PeerRequestOptions): Promise<Params> {
    const { signal, timeoutMs, maxTotalMs = Infinity, onProgress } = options;
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
      const startedAt = performance.now();
      let timer: NodeJS.Timeout | undefined;

      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(id);
      };
      const giveUp = (error: Error, reason: string): void => {
        settle();
        reject(error);
        // MCP 2025-11-25, "Cancellation": a client must not cancel its initialize request. What was not sent needs none.
        if (pending.sent && method !== 'initialize')
          this.notify('notifications/cancelled', { requestId: id, reason }).catch(() => undefined);
      };
      const onAbort = (): void => {
        giveUp(toError(signal?.reason), 'The request was cancelled.');
      };
      const arm = (): void => {
        clearTimeout(timer);
        const left = Math.min(timeoutMs, startedAt + maxTotalMs - performance.now());
        timer = setTimeout(
          () => {
            giveUp(
              new RequestTimeoutError(Math.round(performance.now() - startedAt)),
              'The request timed out.',
            );
          },
          Math.max(0, left),
        );
      };

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
          arm();
          try {
            onProgress?.(progressParams);
          } catch (error) {
            // A listener's bug must not end the connection that it listens to.
            this.#handlers.onError?.(toError(error));
          }
        },
      };
      this.#pending.set(id, pending);
      signal?.addEventListener('abort', onAbort, { once: true });
      arm();

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
          return this.#transport.send(message);
        })
        .catch((error: unknown) => {
          this.#pending.get(id)?.reject(new SendError(error));
        });
    });
  }

  notify(method: string, params?: Params): Promise<void> {
    if (this.#closed) return Promise.reject(new PeerClosedError(false));
    return this.#transport.send({ jsonrpc: '2.0', method, ...(params ? { params } : {}) });
  }

  setProtocolVersion(version: string): void {
    this.#transport.setProtocolVersion?.(version);
  }

  /** Ends the transport; requests still open are rejected with `PeerClosedError`. */
  async close(): Promise<void> {
    try {
      await this.#transport.close();
    } finally {
      this.#end();
    }
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const pending of [...this.#pending.values()]) pending.reject(new PeerClosedError(pending.sent));
    for (const controller of this.#incoming.values()) controller.abort();
    this.#handlers.onClose?.();
  }

  #receive(message: Message): void {
    if ('method' in message) {
      if ('id' in message) void this.#answer(message);
      else this.#receiveNotification(message);
    } else {
      this.#receiveResponse(message);
    }
  }

  #receiveResponse(message: ResultMessage | ErrorMessage): void {
    // An answer to a request that was given up is no fault of anyone.
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if ('error' in message) {
      const { code, message: text, data } = message.error;
      pending.reject(new RpcError(code, text, data));
    } else {
      pending.resolve(message.result);
    }
  }

  #receiveNotification(message: NotificationMessage): void {
    const params = message.params ?? {};
    switch (message.method) {
      case 'notifications/progress':
        this.#pending.get(params.progressToken as RequestId)?.progress(params);
        return;
      case 'notifications/cancelled':
        this.#incoming.get(params.requestId as RequestId)?.abort();
        return;
      default:
        this.#handlers.onNotification?.(message.method, params);
    }
  }

  async #answer(request: RequestMessage): Promise<void> {
    const { id } = request;
    const controller = new AbortController();
    let answer: ResultMessage | ErrorMessage;
    const busy = this.#incoming.size >= MAX_INCOMING;
    if (!busy) this.#incoming.set(id, controller);
    try {
      if (busy) throw new RpcError(INTERNAL_ERROR, 'Too many requests at once.');
      const result =
        request.method === 'ping'
          ? {}
          : await this.#handle(request.method, request.params ?? {}, controller.signal);
      answer = { jsonrpc: '2.0', id, result };
    } catch (error) {
      const rpc = error instanceof RpcError ? error : new RpcError(INTERNAL_ERROR, toError(error).message);
      answer = {
        jsonrpc: '2.0',
        id,
        error: {
          code: rpc.code,
          message: rpc.message,
          ...(rpc.data === undefined ? {} : { data: rpc.data }),
        },
      };
    } finally {
      if (!busy) this.#incoming.delete(id);
    }
    // MCP 2025-11-25, "Cancellation": a cancelled request gets no response.
    if (controller.signal.aborted || this.#closed) return;
    await this.#transport.send(answer).catch((error: unknown) => this.#handlers.onError?.(toError(error)));
  }

  #handle(method: string, params: Params, signal: AbortSignal): Promise<Params> {
    if (!this.#handlers.onRequest) throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${method}`);
    return this.#handlers.onRequest(method, params, signal);
  }
}

function withProgressToken(params: Params | undefined, token: RequestId): Params {
  const meta = isObject(params?._meta) ? params._meta : {};
  return { ...params, _meta: { ...meta, progressToken: token } };
}

const toError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));
