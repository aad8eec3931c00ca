/* eslint-disable @typescript-eslint/no-deprecated -- HTTP+SSE is deprecated, but servers that speak only it are still about. */
import type { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Message } from '../../protocol/messages.js';
import type { Transport } from '../../protocol/transport.js';
import type { HttpLaunch } from '../model/definition.js';

const END_SESSION_MS = 1000;
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

  readonly #launch: HttpLaunch;
  #inner: StreamableHTTPClientTransport | SSEClientTransport | undefined;
  #streamable: StreamableHTTPClientTransport | undefined;
  #answered = false;
  #closed = false;

  constructor(launch: HttpLaunch) {
    this.#launch = launch;
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
    const first = !this.#answered;
    if (!inner || this.#closed) throw new Error('The connection is closed.');
    try {
      await inner.send(message);
      this.#answered = true;
    } catch (error) {
      const status = (error as { code?: unknown }).code;
      if (!first || inner !== this.#streamable || !OLD_TRANSPORT_STATUS.has(status as number)) throw error;
      await this.#fallBack(message, error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#streamable && this.#inner === this.#streamable) {
      const ended = this.#streamable.terminateSession().catch(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, END_SESSION_MS)))]);
      clearTimeout(timer);
    }
    await this.#inner?.close().catch(() => undefined);
    this.onclose?.();
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
    const { SSEClientTransport } = await import('@modelcontextprotocol/sdk/client/sse.js');
    const sse = new SSEClientTransport(new URL(this.#launch.url), this.#options());
    await this.#use(sse);
    // Its event stream is its session: when it breaks, the session is lost and a new connection is needed.
    sse.onerror = (error) => {
      this.onerror?.(error);
      void this.close();
    };
  }

  async #use(inner: StreamableHTTPClientTransport | SSEClientTransport): Promise<void> {
    inner.onmessage = (message) => this.onmessage?.(message as Message);
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
      this.#inner = before;
      throw error;
    }
  }

  #options(): { requestInit: RequestInit } {
    return { requestInit: { headers: { ...this.#launch.headers } } };
  }
}
