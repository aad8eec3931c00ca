import type { ServerResponse } from 'node:http';
import type { RequestId } from '../../protocol/messages.js';
import type { MessageJson } from '../../protocol/large/messageJson.js';
import type { Accepts } from './content.js';
import type { EventStream } from './eventStream.js';
import { startEvents } from './eventStream.js';
import { errorText, REFUSED, respondJson } from './refusal.js';

/** What one posted request needs of its session. */
export interface ExchangeHooks {
  /** How long to wait for the answer before it becomes a stream; 0: never become one before the answer is there. */
  readonly plainMs: number;
  newStream(): EventStream;
  /** Whether streams begin with an event without data. */
  primed(): boolean;
  /** The client went away before the answer came, which it had not been promised as a stream. */
  onGone(): void;
}

/**
 * One posted request and the way of its answer: plain JSON, or a stream as soon as something else is to be said first. Once
 * it is a stream, it goes on without its connection, and the client can come back for the answer.
 */
export class Exchange {
  #stream: EventStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #done = false;

  constructor(
    private readonly id: RequestId,
    private readonly response: ServerResponse,
    private readonly accepts: Accepts,
    private readonly hooks: ExchangeHooks,
  ) {
    response.on('error', () => undefined);
    response.once('close', () => {
      clearTimeout(this.#timer);
      if (!this.#done && !this.#stream) hooks.onGone();
    });
    if (this.#mayStream) this.#timer = setTimeout(() => void this.#becomeStream(), hooks.plainMs);
    this.#timer?.unref();
  }

  get stream(): EventStream | undefined {
    return this.#stream;
  }

  /** Whether something said now reaches the client, which waits for the answer. */
  get open(): boolean {
    return this.#stream ? !this.#done && this.#stream.connected : this.#mayStream;
  }

  /** Says something during the request, before its answer. @returns the stream that it is on; `undefined` when it cannot go this way */
  say(message: MessageJson): EventStream | undefined {
    const stream = this.#stream ?? (this.#mayStream ? this.#becomeStream() : undefined);
    stream?.say(message);
    return stream;
  }

  /** The answer, after which nothing more comes. It is dropped where nobody waits for it or can come back for it. */
  answer(message: MessageJson, headers: Readonly<Record<string, string>> = {}): void {
    if (this.#finish()) return;
    if (!this.#stream && this.accepts.json) {
      respondJson(this.response, 200, message, headers);
    } else if (this.#stream || !this.response.destroyed) {
      const stream = this.#becomeStream(headers);
      stream.say(message, true);
      stream.end();
    }
  }

  /** Ends without an answer, because the client wants none any more. */
  cancel(): void {
    if (this.#finish()) return;
    if (this.#stream) this.#stream.end();
    else if (this.accepts.events) {
      if (this.response.destroyed) return;
      startEvents(this.response);
      this.response.end();
    } else respondJson(this.response, 200, errorText(this.id, REFUSED, 'The request was cancelled.'));
  }

  /** Ends because there will be no answer. */
  fail(status: number, code: number, message: string): void {
    if (this.#finish()) return;
    if (this.#stream) this.#stream.end();
    else respondJson(this.response, status, errorText(this.id, code, message));
  }

  get #mayStream(): boolean {
    return this.accepts.events && this.hooks.plainMs > 0 && !this.response.destroyed && !this.#done;
  }

  /** @returns whether it was done before */
  #finish(): boolean {
    const before = this.#done;
    this.#done = true;
    clearTimeout(this.#timer);
    return before;
  }

  #becomeStream(headers: Readonly<Record<string, string>> = {}): EventStream {
    if (this.#stream) return this.#stream;
    clearTimeout(this.#timer);
    this.#stream = this.hooks.newStream();
    startEvents(this.response, headers);
    this.#stream.attach(this.response, 0, this.hooks.primed());
    return this.#stream;
  }
}
