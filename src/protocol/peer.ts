import { PeerClosedError, RequestTimeoutError, RpcError, SendError } from './errors.js';
import { Incoming, type IncomingRequest } from './incoming.js';
import {
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
import { RequestClock } from './requestClock.js';
import type { SendOptions, Transport } from './transport.js';

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

/** What the owner of a peer wants to hear of. */
export interface PeerHandlers {
  /** @param during as `IncomingRequest.during` */
  onNotification?(method: string, params: Params, during: readonly object[]): void;
  /** Answers a request of the other side; throw `RpcError` to answer with an error. `ping` is answered by the peer. */
  onRequest?(method: string, params: Params, incoming: IncomingRequest): Promise<Params>;
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
  /** As `RequestClock.hold`. */
  hold(): () => void;
  readonly context: object | undefined;
}

/** This side's requests during which a message may have come. */
interface Meant {
  readonly requests: readonly Pending[];
  readonly certain: boolean;
}

/**
 * Correlates the messages of one transport: ids, progress, cancellation, timeouts, requests in both directions. Knows
 * nothing of what the messages say, so that what it does not know is passed on.
 */
export class Peer {
  readonly #transport: Transport;
  readonly #handlers: PeerHandlers;
  readonly #pending = new Map<RequestId, Pending>();
  readonly #incoming = new Incoming();
  #nextId = 1;
  #closed = false;

  constructor(transport: Transport, handlers: PeerHandlers) {
    this.#transport = transport;
    this.#handlers = handlers;
    transport.onmessage = (message, during) => {
      this.#receive(message, during);
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
        if (pending.sent && method !== 'initialize')
          this.notify('notifications/cancelled', { requestId: id, reason }, { during }).catch(
            () => undefined,
          );
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
            this.#handlers.onError?.(toError(error));
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
          return this.#transport.send(message, { during });
        })
        .catch((error: unknown) => {
          this.#pending.get(id)?.reject(new SendError(error));
        });
    });
  }

  notify(method: string, params?: Params, options?: SendOptions): Promise<void> {
    if (this.#closed) return Promise.reject(new PeerClosedError(false));
    return this.#transport.send({ jsonrpc: '2.0', method, ...(params ? { params } : {}) }, options);
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
    this.#incoming.cancelAll();
    this.#handlers.onClose?.();
  }

  #receive(message: Message, during: RequestId | undefined): void {
    if ('method' in message) {
      if ('id' in message) void this.#answer(message, this.#meant(during));
      else this.#receiveNotification(message, this.#meant(during));
    } else {
      this.#receiveResponse(message);
    }
  }

  /** This side's requests during which something came. */
  #meant(during: RequestId | undefined): Meant {
    const one = during === undefined ? undefined : this.#pending.get(during);
    return { requests: one ? [one] : [...this.#pending.values()], certain: one !== undefined };
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

  #receiveNotification(message: NotificationMessage, meant: Meant): void {
    const params = message.params ?? {};
    switch (message.method) {
      case 'notifications/progress':
        this.#pending.get(params.progressToken as RequestId)?.progress(params);
        return;
      case 'notifications/cancelled':
        this.#incoming.cancel(params.requestId as RequestId);
        return;
      default:
        this.#handlers.onNotification?.(message.method, params, contexts(meant.requests));
    }
  }

  async #answer(request: RequestMessage, meant: Meant): Promise<void> {
    const answer = await this.#incoming.answer(request, (signal) =>
      request.method === 'ping' ? Promise.resolve({}) : this.#handle(request, meant, signal),
    );
    if (!answer || this.#closed) return;
    await this.#transport.send(answer).catch((error: unknown) => this.#handlers.onError?.(toError(error)));
  }

  async #handle(
    { id, method, params = {} }: RequestMessage,
    meant: Meant,
    signal: AbortSignal,
  ): Promise<Params> {
    if (!this.#handlers.onRequest) throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${method}`);
    const token = isObject(params._meta) ? params._meta.progressToken : undefined;
    const onProgress =
      token === undefined
        ? undefined
        : (progress: Params): void => {
            const told = { ...progress, progressToken: token };
            this.notify('notifications/progress', told, { during: id }).catch(() => undefined);
          };
    // The other side cannot answer while it waits for this one, who may have to ask a person.
    const releases = meant.requests.map((pending) => pending.hold());
    try {
      return await this.#handlers.onRequest(method, params, {
        id,
        signal,
        during: contexts(meant.requests),
        certain: meant.certain,
        onProgress,
      });
    } finally {
      for (const release of releases) release();
    }
  }
}

const contexts = (meant: readonly Pending[]): object[] =>
  meant.flatMap(({ context }) => (context ? [context] : []));

function withProgressToken(params: Params | undefined, token: RequestId): Params {
  const meta = isObject(params?._meta) ? params._meta : {};
  return { ...params, _meta: { ...meta, progressToken: token } };
}

const toError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));
