/* eslint-disable @typescript-eslint/no-deprecated -- HTTP+SSE is deprecated, but servers that speak only it are still about. */
import type { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { NotDeliveredError } from '../../protocol/errors.js';
import type { Message, RequestId } from '../../protocol/messages.js';
import type { Transport } from '../../protocol/transport.js';
import type { HttpLaunch } from '../model/definition.js';
import { networkCode } from './networkCode.js';
import { WatchedFetch } from './watchedFetch.js';

const END_SESSION_MS = 1000;
/** Milliseconds that what was asked in a session may still take once the server has forgotten it. */
const FORGOTTEN_MS = 500;
/** MCP 2025-11-25, "Transports", backwards compatibility: these answers to initialize mean "try the old transport". */
const OLD_TRANSPORT_STATUS = new Set([400, 404, 405]);

/**
 * Streamable HTTP, or the old HTTP+SSE: that one alone for `sse`, as a fallback for `http`. The SDK is loaded on first
 * use, so that nobody pays for it who has only stdio servers.
 */
export class HttpTransport implements Transport {
  onmessage?: (message: Message) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onrequestlost?: (id: RequestId, error?: Error) => void;

  readonly #unanswered = new Set<RequestId>();
  readonly #watched: WatchedFetch;
  readonly #launch: HttpLaunch;
  #inner: StreamableHTTPClientTransport | SSEClientTransport | undefined;
  #streamable: StreamableHTTPClientTransport | undefined;
  #answered = false;
  #forgotten = false;
  #closed = false;
  #closing: Promise<void> | undefined;

  /** @param checkReached rejects when an answer comes from, or redirects to, where none is wanted from */
  constructor(launch: HttpLaunch, checkReached: (url: string) => Promise<void>) {
    this.#launch = launch;
    this.#watched = new WatchedFetch((id, error) => {
      if (this.#settle(id)) this.onrequestlost?.(id, error);
    }, checkReached);
  }

  async start(): Promise<void> {
    if (this.#launch.type === 'sse') {
      await this.#startSse();
      return;
    }
    const { StreamableHTTPClientTransport } =
      await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    this.#streamable = new StreamableHTTPClientTransport(new URL(this.#launch.url), this.#options());
    await this.#use(this.#streamable);
  }

  async send(message: Message): Promise<void> {
    const inner = this.#inner;
    if (!inner || this.#closed || this.#forgotten) throw new NotDeliveredError('The connection is closed.');
    const id = 'method' in message && 'id' in message ? message.id : undefined;
    if (id !== undefined) this.#unanswered.add(id);
    try {
      await this.#watched.sendAs(id, () => inner.send(message));
      this.#answered = true;
    } catch (error) {
      if (id !== undefined) this.#settle(id);
      if (this.#answered) throw this.#sessionLost(error) ?? error;
      const status = (error as { code?: unknown }).code;
      if (inner !== this.#streamable || !OLD_TRANSPORT_STATUS.has(status as number)) throw error;
      await this.#fallBack(message, error);
    }
  }

  /**
   * Ends the transport when the error says that the server does not know this session any more (MCP 2025-11-25,
   * "Session management": 404), or that nobody is there. Either way the message was not taken; what was taken before
   * may still be answered.
   */
  #sessionLost(error: unknown): NotDeliveredError | undefined {
    const status = (error as { code?: unknown }).code;
    const refused = networkCode(error) === 'ECONNREFUSED';
    // Some answer 400, which may also be said of the message; only a text that names the session tells.
    const unknown = status === 404 || (status === 400 && /session|initializ/i.test(String(error)));
    if (!refused && !(unknown && this.#streamable?.sessionId !== undefined)) return undefined;
    this.#forgotten = true;
    setTimeout(() => void this.close(), FORGOTTEN_MS).unref();
    this.#closeIfDone();
    return new NotDeliveredError(
      refused ? 'The server is not there any more.' : 'The server does not know this session any more.',
      { cause: error },
    );
  }

  /** @returns whether the request was still without an answer */
  #settle(id: RequestId): boolean {
    const open = this.#unanswered.delete(id);
    this.#closeIfDone();
    return open;
  }

  #closeIfDone(): void {
    // Only after the last one's outcome is known, which closing would turn into a loss.
    if (this.#forgotten && this.#unanswered.size === 0) setImmediate(() => void this.close());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    // At once: nobody should use it any more while the server is told.
    this.onclose?.();
    if (this.#streamable && this.#inner === this.#streamable) {
      const ended = this.#streamable.terminateSession().catch(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, END_SESSION_MS)))]);
      clearTimeout(timer);
    }
    await this.#inner?.close().catch(() => undefined);
  }

  setProtocolVersion(version: string): void {
    this.#inner?.setProtocolVersion(version);
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
    await this.#inner?.send(message);
    this.#answered = true;
  }

  async #startSse(): Promise<void> {
    const { SSEClientTransport, SseError } = await import('@modelcontextprotocol/sdk/client/sse.js');
    const sse = new SSEClientTransport(new URL(this.#launch.url), this.#options());
    await this.#use(sse);
    // Its event stream is its session: when that breaks, a new connection is needed; a single bad message is no reason.
    sse.onerror = (error) => {
      this.onerror?.(error);
      if (error instanceof SseError) void this.close();
    };
  }

  async #use(inner: StreamableHTTPClientTransport | SSEClientTransport): Promise<void> {
    inner.onmessage = (received) => {
      const message = received as Message;
      if ('id' in message && !('method' in message)) this.#settle(message.id);
      this.onmessage?.(message);
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
