import { lengthOf, type MessageJson } from '../../protocol/large/messageJson.js';

/** One event of a stream, as it is kept for a client that comes back. */
export interface KeptEvent {
  readonly stream: string;
  /** Counts within the stream, from 1. */
  readonly number: number;
  readonly message: MessageJson;
  /** It ends its stream, and nobody will say it again. */
  readonly answer: boolean;
}

/**
 * The newest events of all streams of a session, within bounds. What is no answer goes first, but answers, of which most
 * have arrived long ago, take no more than half of the room while there is something else.
 */
export class Replay {
  readonly #events: KeptEvent[] = [];
  #chars = 0;
  #answers = 0;
  #answerChars = 0;

  /** @param maxChars the newest event is kept whatever its size */
  constructor(
    private readonly maxEvents: number,
    private readonly maxChars: number,
  ) {}

  add(event: KeptEvent): void {
    this.#events.push(event);
    this.#count(event, 1);
    while (this.#events.length > 1 && (this.#events.length > this.maxEvents || this.#chars > this.maxChars))
      this.#drop();
  }

  /** What a stream said after an event, as far as it is still there. */
  after(stream: string, number: number): readonly KeptEvent[] {
    return this.#events.filter((event) => event.stream === stream && event.number > number);
  }

  clear(): void {
    this.#events.length = 0;
    this.#chars = 0;
    this.#answers = 0;
    this.#answerChars = 0;
  }

  #drop(): void {
    const last = this.#events.length - 1;
    const crowded = this.#answers * 2 > this.maxEvents || this.#answerChars * 2 > this.maxChars;
    const oldest = this.#events.findIndex(({ answer }, index) => answer === crowded && index < last);
    const [gone] = this.#events.splice(Math.max(oldest, 0), 1);
    if (gone) this.#count(gone, -1);
  }

  #count({ message, answer }: KeptEvent, sign: 1 | -1): void {
    const chars = sign * lengthOf(message);
    this.#chars += chars;
    if (!answer) return;
    this.#answers += sign;
    this.#answerChars += chars;
  }
}
