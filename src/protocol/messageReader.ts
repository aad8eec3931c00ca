import { makeGrammar } from './large/jsonGrammar.js';
import { LargeMessage } from './large/largeMessage.js';
import { LineFramer } from './lineFramer.js';
import type { MessageBudget } from './large/messageBudget.js';
import { isMessage, type Message, type RequestId } from './messages.js';

/** Bytes of a message up to which it is read as a text. */
export const LARGE_BYTES = 64 * 1024;

/** What a `MessageReader` found. */
export interface MessageHandlers {
  onMessage(message: Message): void;
  /** A line that is no message. @param start all of it, or how it begins @param length characters or bytes of all of it */
  onGarbage(start: string, length: number): void;
  /**
   * A message is dropped, for instance because it is too large.
   * @param answers the request that waits for it, where that can be told
   * @param asks the id of the request that it is, where it is one
   */
  onDropped(error: Error, answers: RequestId | undefined, asks: RequestId | undefined): void;
  /** As `Transport.isAwaited`; a large answer that is not is not kept. */
  isAwaited?(id: RequestId | undefined): boolean;
}

/** MCP's framing on stdio (2025-11-25, "Transports"): one message a line, with a bound on its size. */
export class MessageReader {
  readonly #framer: LineFramer;
  readonly #grammar = makeGrammar();
  /** The line in hand, when it comes in several pieces. */
  #line: LargeMessage | undefined;
  #isLarge = false;
  #told = false;

  /**
   * @param maxBytes of one message
   * @param budget what large messages take from, shared with other readers
   */
  constructor(
    readonly maxBytes: number,
    private readonly handlers: MessageHandlers,
    private readonly budget?: MessageBudget,
  ) {
    this.#framer = new LineFramer(Math.min(maxBytes, LARGE_BYTES), {
      onLine: (line) => {
        this.#line = undefined;
        this.#read(line);
      },
      onPart: (part, first) => {
        if (first) this.#line = new LargeMessage(maxBytes, this.#grammar);
        this.#line?.push(part);
        if (this.#isLarge) this.review();
      },
      onTooLong: () => {
        this.#isLarge = true;
        if (this.budget) this.#line?.account(this.budget);
        this.review();
      },
      onTooLongEnd: () => {
        this.#finishLarge();
      },
    });
  }

  push(chunk: Buffer): void {
    this.#framer.push(chunk);
  }

  /** Lets go of the message in hand when it is an answer that is not waited for any more, and says so early when it was dropped. */
  review(): void {
    const message = this.#line;
    if (!this.#isLarge || !message) return;
    if (message.isAnswer && this.handlers.isAwaited?.(message.answers) === false) message.abandon();
    // Its end may be far off, or never come; many servers say first whom they answer.
    if (message.dropped && message.answers !== undefined) this.#tellDropped(message, message.dropped);
  }

  /** Nothing more comes. */
  end(): void {
    this.#line?.abandon();
    this.#line = undefined;
  }

  #finishLarge(): void {
    const large = this.#line;
    if (large) {
      const message = large.finish();
      if (message) this.handlers.onMessage(message);
      else if (large.dropped) this.#tellDropped(large, large.dropped);
      else if (!large.abandoned) this.handlers.onGarbage(large.head, large.size);
    }
    this.#line = undefined;
    this.#isLarge = this.#told = false;
  }

  #tellDropped(message: LargeMessage, error: Error): void {
    if (this.#told) return;
    this.#told = true;
    this.handlers.onDropped(error, message.answers, message.asks);
  }

  #read(line: string): void {
    const text = line.trim();
    if (text === '') return;
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      message = undefined;
    }
    if (isMessage(message)) this.handlers.onMessage(message);
    else this.handlers.onGarbage(text, text.length);
  }
}
