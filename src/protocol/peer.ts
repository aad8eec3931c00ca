import { PeerClosedError, RpcError, toError } from './errors.js';
import { Incoming, type IncomingRequest } from './incoming.js';
import {
  METHOD_NOT_FOUND,
  isObject,
  paramsOf,
  type Message,
  type NotificationMessage,
  type Params,
  type RequestId,
  type RequestMessage,
} from './messages.js';
import { Outgoing, type Meant } from './outgoing.js';
import type { PeerRequestOptions } from './pendingRequest.js';
import { readResult, type LargeResult } from './large/largeResult.js';
import type { SendOptions, Transport } from './transport.js';

/** What the owner of a peer wants to hear of. */
export interface PeerHandlers {
  /** @param during as `IncomingRequest.during` */
  onNotification?(method: string, params: Params, during: readonly object[]): void;
  /** Answers a request of the other side; throw `RpcError` to answer with an error. `ping` is answered by the peer. */
  onRequest?(method: string, params: Params, incoming: IncomingRequest): Promise<Params | LargeResult>;
  /** Called once. */
  onClose?(): void;
  onError?(error: Error): void;
}

/**
 * Correlates the messages of one transport: ids, progress, cancellation, timeouts, requests in both directions. Knows
 * nothing of what the messages say, so that what it does not know is passed on.
 */
export class Peer {
  readonly #transport: Transport;
  readonly #handlers: PeerHandlers;
  readonly #outgoing: Outgoing;
  readonly #incoming = new Incoming();
  #closed = false;

  constructor(transport: Transport, handlers: PeerHandlers) {
    this.#transport = transport;
    this.#handlers = handlers;
    this.#outgoing = new Outgoing(
      (message, options) => transport.send(message, options),
      (error) => handlers.onError?.(error),
    );
    transport.onmessage = (message, during) => {
      try {
        this.#receive(message, during);
      } catch (error) {
        // Whatever one side sends, or does not take, is no reason for everybody else to end.
        handlers.onError?.(toError(error));
      }
    };
    transport.onclose = () => {
      this.#end();
    };
    transport.onerror = (error) => handlers.onError?.(error);
    transport.isAwaited = (id) => this.#outgoing.isAwaited(id);
    transport.onrequestlost = (id, error) => {
      this.#outgoing.lost(id, error);
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
  async request(method: string, params: Params | undefined, options: PeerRequestOptions): Promise<Params> {
    return readResult(await this.requestRaw(method, params, options));
  }

  /** The same, but a large result stays the bytes that it came as. */
  requestRaw(
    method: string,
    params: Params | undefined,
    options: PeerRequestOptions,
  ): Promise<Params | LargeResult> {
    return this.#outgoing.request(method, params, options);
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
    this.#outgoing.end();
    this.#incoming.cancelAll();
    this.#handlers.onClose?.();
  }

  #receive(message: Message, during: RequestId | undefined): void {
    if (!('method' in message)) this.#outgoing.answered(message);
    else if ('id' in message) void this.#answer(message, this.#outgoing.meant(during));
    else this.#receiveNotification(message, during);
  }

  #receiveNotification(message: NotificationMessage, during: RequestId | undefined): void {
    const { method } = message;
    const params = paramsOf(message);
    if (method === 'notifications/progress') this.#outgoing.progressed(params);
    else if (method === 'notifications/cancelled') this.#incoming.cancel(params.requestId as RequestId);
    else this.#handlers.onNotification?.(method, params, contexts(this.#outgoing.meant(during)));
  }

  async #answer(request: RequestMessage, meant: Meant): Promise<void> {
    const answer = await this.#incoming.answer(request, (signal) =>
      request.method === 'ping' ? Promise.resolve({}) : this.#handle(request, meant, signal),
    );
    if (!answer || this.#closed) return;
    await this.#transport.send(answer).catch((error: unknown) => this.#handlers.onError?.(toError(error)));
  }

  async #handle(request: RequestMessage, meant: Meant, signal: AbortSignal): Promise<Params | LargeResult> {
    const { id, method } = request;
    const params = paramsOf(request);
    if (!this.#handlers.onRequest) throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${method}`);
    const token = isObject(params._meta) ? params._meta.progressToken : undefined;
    const onProgress =
      token === undefined
        ? undefined
        : (progress: Params): void => {
            const told = { ...progress, progressToken: token };
            // A task goes on after the answer, which ended the way that progress went until then.
            const during = this.#incoming.has(id) ? id : undefined;
            this.notify('notifications/progress', told, { relatedRequestId: during }).catch(() => undefined);
          };
    // The other side cannot answer while it waits for this one, who may have to ask a person.
    const releases = meant.requests.map((pending) => pending.hold());
    try {
      return await this.#handlers.onRequest(method, params, {
        id,
        signal,
        during: contexts(meant),
        certain: meant.certain,
        onProgress,
      });
    } finally {
      for (const release of releases) release();
    }
  }
}

const contexts = ({ requests }: Meant): object[] =>
  requests.flatMap(({ context }) => (context ? [context] : []));
