import type { IncomingMessage } from 'node:http';
import { isMessage, type Message } from '../protocol/messages.js';
import { readEvents } from './events.js';

/** Milliseconds without a byte, after which a stream is asked for again; the gateway sends a comment more often. */
const SILENCE_MS = 60_000;
const RETRY_MS = 100;
const MAX_RETRY_MS = 10_000;

/** How far a stream was read, and how often it came to nothing since. */
export class Position {
  lastId: string | undefined;
  retryMs = RETRY_MS;
  failures = 0;
  #begunAt = Infinity;

  begin(): void {
    this.#begunAt = performance.now();
  }

  /** Counts an end of the stream. @returns milliseconds until it may be asked for again */
  pauseMs(): number {
    // One that stayed open for a while was a good one, though nothing may have been said.
    if (performance.now() - this.#begunAt > SILENCE_MS / 2) this.failures = 0;
    this.#begunAt = Infinity;
    return Math.min(this.retryMs * 2 ** this.failures++, MAX_RETRY_MS);
  }
}

/** The messages of an event stream, in order. @param at is kept at where the stream has been read to */
export async function* messagesIn(response: IncomingMessage, at: Position): AsyncGenerator<Message> {
  response.setTimeout(SILENCE_MS, () => response.destroy(new Error('The stream is silent.')));
  at.begin();
  const onRetry = (ms: number): void => {
    at.retryMs = Math.min(ms, MAX_RETRY_MS);
  };
  for await (const { id, data } of readEvents(response, onRetry)) {
    if (id !== undefined) at.lastId = id;
    const message = data === '' ? undefined : parse(data);
    if (!message) continue;
    at.failures = 0;
    yield message;
  }
}

/** @returns `undefined` for anything that is no message */
export function parse(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
