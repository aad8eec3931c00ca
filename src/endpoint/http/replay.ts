/** One event of a stream, as it is kept for a client that comes back. */
export interface KeptEvent {
  readonly stream: string;
  /** Counts within the stream, from 1. */
  readonly number: number;
  /** A message as JSON. */
  readonly text: string;
  /** It ends its stream, and nobody will say it again. */
  readonly answer: boolean;
}

/** The newest events of all streams of a session, within bounds; what is no answer goes first. */
export class Replay {
  readonly #events: KeptEvent[] = [];
  #chars = 0;

  /** @param maxChars the newest event is kept whatever its size */
  constructor(
    private readonly maxEvents: number,
    private readonly maxChars: number,
  ) {}

  add(event: KeptEvent): void {
    this.#events.push(event);
    this.#chars += event.text.length;
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
  }

  #drop(): void {
    const last = this.#events.length - 1;
    const oldest = this.#events.findIndex((event, index) => !event.answer && index < last);
    const [gone] = this.#events.splice(Math.max(oldest, 0), 1);
    this.#chars -= gone?.text.length ?? 0;
  }
}
