/** What a `LineFramer` found. */
export interface LineHandlers {
  onLine(line: string): void;
  /** A line has grown beyond the bound; what came of it and what will come is dropped. */
  onTooLong(): void;
  /** The end of such a line. */
  onTooLongEnd?(): void;
  /** The bytes, as they come, of a line that comes in pieces or is too long. @param first whether it begins with these */
  onPart?(part: Buffer, first: boolean): void;
}

/** Cuts a byte stream into lines, with a bound on the length of one. */
export class LineFramer {
  #parts: Buffer[] = [];
  #size = 0;
  #skipping = false;

  constructor(
    /** Bytes; a longer line is dropped up to its end. */
    readonly maxLineBytes: number,
    private readonly handlers: LineHandlers,
  ) {}

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#finish(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** Gives out what is left when no more bytes will come, though no line feed ended it. */
  end(): void {
    if (this.#size > 0 || this.#skipping) this.#finish(Buffer.alloc(0));
  }

  #keep(part: Buffer): void {
    if (part.length > 0) this.handlers.onPart?.(part, this.#size === 0 && !this.#skipping);
    if (this.#skipping) return;
    this.#size += part.length;
    if (this.#size > this.maxLineBytes) {
      this.#skipping = true;
      this.#reset();
      this.handlers.onTooLong();
    } else {
      this.#parts.push(part);
    }
  }

  #finish(last: Buffer): void {
    const whole = this.#size === 0 && !this.#skipping && last.length <= this.maxLineBytes;
    if (whole) {
      this.handlers.onLine(last.toString('utf8'));
      return;
    }
    this.#keep(last);
    if (this.#skipping) {
      this.#skipping = false;
      this.handlers.onTooLongEnd?.();
      return;
    }
    const line = Buffer.concat(this.#parts).toString('utf8');
    this.#reset();
    this.handlers.onLine(line);
  }

  #reset(): void {
    this.#parts = [];
    this.#size = 0;
  }
}
