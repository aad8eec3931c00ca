import type { ServerResponse } from 'node:http';
import { writeJson, type MessageJson } from '../../protocol/large/messageJson.js';
import type { DoorLimits } from './limits.js';
import type { KeptEvent, Replay } from './replay.js';

/** Where in which stream of its session a client is (the `id` of an event). */
export interface Position {
  readonly stream: string;
  readonly number: number;
}

export function readPosition(eventId: string): Position | undefined {
  const [, stream, number] = /^([a-z]\d*)-(\d{1,15})$/.exec(eventId) ?? [];
  return stream === undefined ? undefined : { stream, number: Number(number) };
}

/** Begins the answer that is a stream of events. @param headers beside those that every stream has */
export function startEvents(response: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
  // An error of the connection is followed by its end, which is what is listened to.
  response.on('error', () => undefined);
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.flushHeaders();
}

export function writeEvent(response: ServerResponse, { stream, number, message }: KeptEvent): void {
  writeJson(response, message, `id: ${stream}-${number}\nevent: message\ndata: `, '\n\n');
}

/**
 * One stream of messages to a client (MCP 2025-11-25, "Transports"). It outlives its connections: what is said while there
 * is none, or while one breaks, waits in the session's replay buffer.
 */
export class EventStream {
  #connection: ServerResponse | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = 0;
  #written = 0;
  #ended = false;

  constructor(
    readonly id: string,
    private readonly replay: Replay,
    private readonly limits: Pick<DoorLimits, 'keepAliveMs' | 'unreadBytes'>,
    private readonly onDetached: () => void,
  ) {}

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** The number of the newest event; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The number of the newest event that was written to a connection. */
  get written(): number {
    return this.#written;
  }

  /** @param answer whether it is the answer that the stream is for */
  say(message: MessageJson, answer = false): void {
    if (this.#ended) return;
    const event: KeptEvent = { stream: this.id, number: ++this.#last, message, answer };
    this.replay.add(event);
    this.#write(event);
  }

  /**
   * Goes on over this connection after the event of that number. An earlier connection is ended: a client has only one,
   * unless it has not noticed yet that the earlier one is broken.
   * @param primed whether to begin with an event without data, so that the client knows from the start where it is
   */
  attach(response: ServerResponse, after: number, primed: boolean): void {
    const earlier = this.#connection;
    this.#connection = response;
    if (earlier?.writableLength) earlier.destroy();
    else earlier?.end();
    response.once('close', () => {
      if (this.#connection === response) this.#detach();
    });
    if (primed) response.write(`id: ${this.id}-${after}\ndata: \n\n`);
    for (const event of this.replay.after(this.id, after)) {
      writeEvent(response, event);
      this.#written = Math.max(this.#written, event.number);
    }
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      // Where something waits to be read already, nothing is to be shown.
      if (response.writableLength === 0) response.write(': keep-alive\n\n');
    }, this.limits.keepAliveMs);
    this.#timer.unref();
    if (response.destroyed) this.#detach();
  }

  /** Nothing more will be said; what was said can still be asked for. */
  end(): void {
    this.#ended = true;
    const connection = this.#connection;
    if (!connection) return;
    this.#detach();
    connection.end();
  }

  #write(event: KeptEvent): void {
    const connection = this.#connection;
    if (!connection) return;
    if (connection.writableLength > this.limits.unreadBytes) {
      // It can come back and read on from where it was.
      this.#detach();
      connection.destroy();
      return;
    }
    writeEvent(connection, event);
    this.#written = event.number;
  }

  #detach(): void {
    this.#connection = undefined;
    clearInterval(this.#timer);
    this.onDetached();
  }
}
