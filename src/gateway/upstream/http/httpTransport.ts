/* eslint-disable @typescript-eslint/no-deprecated -- HTTP+SSE is deprecated, but servers that speak only it are still about. */
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { NotDeliveredError } from '../../../protocol/errors.js';
import { InFlightMap } from '../../../protocol/inFlightMap.js';
import { ownId, type Message, type RequestId } from '../../../protocol/messages.js';
import type { Transport } from '../../../protocol/transport.js';
import type { HttpLaunch } from '../../model/definition.js';
import type { TurnScheduler } from '../../../base/async/turnScheduler.js';
import { HttpRequest } from './httpRequest.js';
import { networkCode } from './networkCode.js';
import { MAX_FAILED_RESUMPTIONS, WatchedFetch } from './watchedFetch.js';

const END_SESSION_MS = 1000;
/** Milliseconds that the telling of a cancellation may keep the cancelled request's answer open. */
const CANCEL_MS = 1000;
/** Milliseconds that the answers which the server has begun may still take once it has forgotten their session. */
const FORGOTTEN_MS = 500;
/** The SDK's own delays; the number of tries is known to `WatchedFetch` too. */
const RECONNECTION = {
  initialReconnectionDelay: 1000,
  reconnectionDelayGrowFactor: 1.5,
  maxReconnectionDelay: 30_000,
  maxRetries: MAX_FAILED_RESUMPTIONS,
};
/** MCP 2025-11-25, "Transports", backwards compatibility: these answers to initialize mean "try the old transport". */
const OLD_TRANSPORT_STATUS = new Set([400, 404, 405]);

/**
 * Streamable HTTP, or the old HTTP+SSE: that one alone for `sse`, as a fallback for `http`. The SDK is loaded on first
 * use, so that nobody pays for it who has only stdio servers.
 */
export class HttpTransport implements Transport {
  onmessage?: (message: Message, during?: RequestId) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onrequestlost?: (id: RequestId, error?: Error) => void;

  readonly #unanswered = new InFlightMap<HttpRequest>();
  readonly #watched: WatchedFetch;
  readonly #launch: HttpLaunch;
  #inner: SdkTransport | undefined;
  #streamable: StreamableHTTPClientTransport | undefined;
  #answered = false;
  /** The server does not know the session any more, or takes nothing new: only what is unanswered keeps it open. */
  #over = false;
  #closed = false;
  #closing: Promise<void> | undefined;

  /**
   * @param checkReached rejects when an answer comes from, or redirects to, where none is wanted from
   * @param turns shared by all starts of servers
   */
  constructor(
    launch: HttpLaunch,
    checkReached: (url: string) => Promise<void>,
    private readonly turns: TurnScheduler,
  ) {
    this.#launch = launch;
    this.#watched = new WatchedFetch((id, error) => {
      this.#lose(id, error);
    }, checkReached);
  }

  async start(): Promise<void> {
    // The first use of Node's fetch, of the SDK and of the network each stop everything for some ten milliseconds.
    await this.turns.take();
    new Headers();
    await this.turns.take();
    if (this.#launch.type === 'sse') {
      await this.#startSse();
      return;
    }
    const { StreamableHTTPClientTransport } =
      await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    await this.turns.take();
    this.#streamable = new StreamableHTTPClientTransport(new URL(this.#launch.url), {
      ...this.#options(),
      reconnectionOptions: RECONNECTION,
    });
    await this.#use(this.#streamable);
  }

  async send(message: Message): Promise<void> {
    const cancelled = cancelledBy(message);
    if (cancelled === undefined) {
      await this.#send(message);
      return;
    }
    // Whoever cancels does not wait for the answer any more; the server is told first, but not for long.
    const drop = (): void => this.#settle(cancelled)?.abort();
    const timer = setTimeout(drop, CANCEL_MS).unref();
    await this.#send(message).finally(() => {
      clearTimeout(timer);
      drop();
    });
  }

  async #send(message: Message): Promise<void> {
    const inner = this.#inner;
    if (!inner || this.#closed || this.#over) throw new NotDeliveredError('The connection is closed.');
    const request = 'method' in message && 'id' in message ? new HttpRequest(message.id) : undefined;
    if (request) this.#unanswered.set(request.id, request);
    try {
      // The old transport's answers come another way than in answer to what was sent.
      await this.#watched.sendAs(inner === this.#streamable ? request : undefined, () =>
        inner.send(message as JSONRPCMessage, {
          onresumptiontoken: () => {
            if (request) request.resumable = true;
          },
        }),
      );
      this.#answered = true;
    } catch (error) {
      if (request) this.#settle(request.id);
      if (this.#answered) throw (request && this.#refused(request, error)) ?? error;
      const status = (error as { code?: unknown }).code;
      if (inner !== this.#streamable || !OLD_TRANSPORT_STATUS.has(status as number)) throw error;
      await this.#fallBack(message, error);
    }
  }

  /**
   * Takes note when a request was certainly not taken, because the server does not know the session any more or nobody
   * is there: nothing new is sent then, while what was taken before may still be answered. A failed notification shows
   * nothing: the next request will.
   */
  #refused(request: HttpRequest, error: unknown): NotDeliveredError | undefined {
    const absent = networkCode(error) === 'ECONNREFUSED';
    const forgotten = request.sessionUnknown && this.#streamable?.sessionId !== undefined;
    if (!absent && !forgotten) return undefined;
    if (forgotten) setTimeout(this.#loseTaken, FORGOTTEN_MS).unref();
    this.#over = true;
    this.#closeIfDone();
    return new NotDeliveredError(
      absent ? 'The server is not there any more.' : 'The server does not know this session any more.',
      { cause: error },
    );
  }

  /** What has not been taken yet goes on: the server will say of each that it was not. */
  readonly #loseTaken = (): void => {
    for (const { id, taken } of this.#unanswered.values()) if (taken) this.#lose(id);
  };

  #lose(id: RequestId, error?: Error): void {
    const request = this.#settle(id);
    if (!request) return;
    this.onrequestlost?.(id, error);
    request.abort();
  }

  /** @returns the request, if it was still without an answer */
  #settle(id: RequestId): HttpRequest | undefined {
    const request = this.#unanswered.get(id);
    this.#unanswered.delete(id);
    this.#closeIfDone();
    return request;
  }

  #closeIfDone(): void {
    // Only after the last one's outcome is known, which closing would turn into a loss.
    if (this.#over && this.#unanswered.size === 0) setImmediate(() => void this.close());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    // At once: nobody should use it any more while the server is told.
    this.onclose?.();
    const streamable = this.#streamable;
    if (streamable && this.#inner === streamable && !this.#over) {
      const ended = this.#watched
        .sendAs(undefined, () => streamable.terminateSession())
        .catch(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, END_SESSION_MS)))]);
      clearTimeout(timer);
    }
    for (const request of this.#unanswered.values()) request.abort();
    this.#unanswered.clear();
    await this.#inner?.close().catch(() => undefined);
  }

  setProtocolVersion(version: string): void {
    this.#inner?.setProtocolVersion?.(version);
  }

  async #fallBack(message: Message, original: unknown): Promise<void> {
    const streamable = this.#streamable;
    try {
      await this.#startSse();
    } catch {
      // The answer to the newer transport is the one that tells the user something.
      throw original;
    }
    if (streamable) {
      streamable.onclose = () => undefined;
      await streamable.close().catch(() => undefined);
    }
    await this.#inner?.send(message as JSONRPCMessage);
    this.#answered = true;
  }

  async #startSse(): Promise<void> {
    const { SSEClientTransport, SseError } = await import('@modelcontextprotocol/sdk/client/sse.js');
    await this.turns.take();
    const sse = new SSEClientTransport(new URL(this.#launch.url), this.#options());
    await this.#use(sse);
    // Its event stream is its session: when that breaks, a new connection is needed; a single bad message is no reason.
    sse.onerror = (error) => {
      this.onerror?.(error);
      if (error instanceof SseError) void this.close();
    };
  }

  async #use(inner: SdkTransport): Promise<void> {
    inner.onmessage = (received) => {
      const message = received as Message;
      if ('id' in message && !('method' in message)) this.#settle(ownId(message.id))?.answered();
      this.onmessage?.(message, this.#watched.current?.id);
    };
    inner.onerror = (error) => this.onerror?.(error);
    inner.onclose = () => {
      if (this.#closed) return;
      this.#closed = true;
      this.onclose?.();
    };
    if (this.#closed) throw new Error('The connection is closed.');
    const before = this.#inner;
    this.#inner = inner;
    try {
      await inner.start();
    } catch (error) {
      // The event source would go on trying by itself.
      inner.onclose = () => undefined;
      await inner.close().catch(() => undefined);
      this.#inner = before;
      throw error;
    }
  }

  #options(): { requestInit: RequestInit; fetch: WatchedFetch['fetch'] } {
    return { requestInit: { headers: { ...this.#launch.headers } }, fetch: this.#watched.fetch };
  }
}

/** The request that a message cancels, if that is what it does. */
function cancelledBy(message: Message): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined;
  const id = message.params?.requestId;
  return typeof id === 'number' || typeof id === 'string' ? id : undefined;
}
