import { PeerClosedError, RpcError, SendError, toError } from './errors.js';
import { InFlightMap } from './inFlightMap.js';
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
import { PendingRequest, type PeerRequestOptions, type RequestKeeper } from './pendingRequest.js';
import { factsOf, isLarge, type LargeResult } from './large/largeResult.js';
import type { SendOptions } from './transport.js';

/** This side's requests during which a message may have come. */
export interface Meant {
  readonly requests: readonly Pick<PendingRequest, 'hold' | 'context'>[];
  readonly certain: boolean;
}

/** Requests that were given up, and tasks that are in work, which are still known. */
const MAX_REMEMBERED = 256;

/** The requests of this side that have no answer yet. */
export class Outgoing implements RequestKeeper {
  readonly #pending = new InFlightMap<PendingRequest>();
  /** Contexts of requests that were given up: what the other side still says during them is not meant for others. */
  readonly #givenUp = new Remembered<object>();
  /** The answer to a request that began a task is not its end (MCP 2025-11-25, "Tasks", progress). */
  readonly #tasks = new Remembered<PendingRequest>();
  #nextId = 1;
  #closed = false;

  constructor(
    private readonly send: (message: Message, options: SendOptions) => Promise<void>,
    private readonly onError: (error: Error) => void,
  ) {}

  /** As `Peer.request`. */
  request(
    method: string,
    params: Params | undefined,
    options: PeerRequestOptions,
  ): Promise<Params | LargeResult> {
    const { signal, onProgress } = options;
    if (signal?.aborted) return Promise.reject(toError(signal.reason));
    if (this.#closed) return Promise.reject(new PeerClosedError(false));
    const id = this.#nextId++;
    const pending = new PendingRequest(id, method, options, this);
    this.#pending.set(id, pending);
    const told = onProgress ? withProgressToken(params, id) : params;
    void this.#send(pending, { jsonrpc: '2.0', id, method, ...(told ? { params: told } : {}) });
    return pending.answer;
  }

  onSettled({ id }: PendingRequest): void {
    this.#pending.delete(id);
  }

  onGivenUp({ id, method, sent, context, options }: PendingRequest, reason: string): void {
    if (context) this.#givenUp.add(id, context);
    // MCP 2025-11-25, "Cancellation": a client must not cancel its initialize request. What was not sent needs none.
    if (sent && method !== 'initialize') this.#cancel(id, reason, options.relatedRequestId);
  }

  onListenerError(error: Error): void {
    this.onError(error);
  }

  async #send(pending: PendingRequest, message: RequestMessage): Promise<void> {
    try {
      pending.sent = true;
      const isOneOfMany = this.#pending.size > 1;
      await this.send(message, { relatedRequestId: pending.options.relatedRequestId, isOneOfMany });
    } catch (error) {
      if (this.#pending.get(pending.id) === pending) pending.reject(new SendError(error));
    }
  }

  #cancel(requestId: RequestId, reason: string, during: RequestId | undefined): void {
    const method = 'notifications/cancelled';
    this.send({ jsonrpc: '2.0', method, params: { requestId, reason } }, { relatedRequestId: during }).catch(
      () => undefined,
    );
  }

  /** An answer came; one to a request that was given up is no fault of anyone. */
  answered(message: ResultMessage | ErrorMessage): void {
    const pending = this.#pending.get(ownId(message.id));
    if (!pending) return;
    const result = 'result' in message ? message.result : undefined;
    if (!isLarge(result) && !isObject(result)) {
      pending.reject(rpcError(message));
      return;
    }
    pending.resolve(result);
    if (pending.options.onProgress && isObject(factsOf(result).task)) this.#tasks.add(pending.id, pending);
  }

  /** As `Transport.isAwaited`. */
  isAwaited(id: RequestId | undefined): boolean {
    return id === undefined ? this.#pending.size > 0 : this.#pending.has(ownId(id));
  }

  progressed(params: Params): void {
    const token = ownId(params.progressToken);
    (this.#pending.get(token) ?? this.#tasks.get(token))?.progressed(params);
  }

  /** @param during the request that a message belongs to, where the transport can tell */
  meant(during: RequestId | undefined): Meant {
    if (during === undefined) return { requests: this.#pending.values(), certain: false };
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
    for (const pending of this.#pending.values()) pending.reject(new PeerClosedError(pending.sent));
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
