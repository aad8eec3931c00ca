import { LineFramer } from './lineFramer.js';
import { isMessage, type Message, type RequestId } from './messages.js';
import { Outline } from './outline.js';

/** What a `MessageReader` found. */
export interface MessageHandlers {
  onMessage(message: Message): void;
  /** A line that is no message. */
  onGarbage(line: string): void;
  /**
   * A message beyond the bound is dropped.
   * @param answers the request that waits for it, where that can be told
   * @param asks the id of the request that it is, where it is one
   */
  onTooLarge(answers: RequestId | undefined, asks: RequestId | undefined): void;
}

/** MCP's framing on stdio (2025-11-25, "Transports"): one message a line, with a bound on its size. */
export class MessageReader {
  readonly #handlers: MessageHandlers;
  readonly #framer: LineFramer;
  #outline: Outline | undefined;
  #tooLargeTold = false;

  /** @param maxBytes of one message */
  constructor(maxBytes: number, handlers: MessageHandlers) {
    this.#handlers = handlers;
    this.#framer = new LineFramer(maxBytes, {
      onLine: (line) => {
        this.#read(line);
      },
      onPart: (part, first) => {
        if (first) this.#outline = beginsObject(part) ? new Outline() : undefined;
        this.#outline?.push(part);
      },
      onTooLong: () => {
        this.#tooLargeTold = false;
        // Its end may be far off, or never come; most servers say first whom they answer.
        if (this.#outline?.answers !== undefined) this.#tellTooLarge();
      },
      onTooLongEnd: () => {
        this.#tellTooLarge();
      },
    });
  }

  push(chunk: Buffer): void {
    this.#framer.push(chunk);
  }

  #tellTooLarge(): void {
    if (this.#tooLargeTold) return;
    this.#tooLargeTold = true;
    this.#handlers.onTooLarge(this.#outline?.answers, this.#outline?.asks);
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
    if (isMessage(message)) this.#handlers.onMessage(message);
    else this.#handlers.onGarbage(text);
  }
}

/** Anything else may well quote a message, but is none. */
const beginsObject = (part: Buffer): boolean =>
  part.subarray(0, 100).toString('latin1').trimStart().startsWith('{');
