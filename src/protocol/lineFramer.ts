/** Cuts a byte stream into lines, with a bound on the length of one. */
export class LineFramer {
  #parts: Buffer[] = [];
  #size = 0;
  #skipping = false;

  constructor(
    /** Bytes; a longer line is dropped up to its end. */
    readonly maxLineBytes: number,
    private readonly onLine: (line: string) => void,
    private readonly onTooLong: () => void,
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
    if (this.#size > 0 && !this.#skipping) this.#finish(Buffer.alloc(0));
  }

  #keep(part: Buffer): void {
    if (this.#skipping) return;
    this.#size += part.length;
    if (this.#size > this.maxLineBytes) {
      this.#skipping = true;
      this.#reset();
      this.onTooLong();
    } else {
      this.#parts.push(part);
    }
  }

  #finish(last: Buffer): void {
    this.#keep(last);
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    const line =
      this.#parts.length === 1 ? last.toString('utf8') : Buffer.concat(this.#parts).toString('utf8');
    this.#reset();
    this.onLine(line);
  }

  #reset(): void {
    this.#parts = [];
    this.#size = 0;
  }
}
