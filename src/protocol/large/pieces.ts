/** A smaller part is copied, so that what a part costs beside its bytes does not matter. */
const SMALL = 16 * 1024;
const BLOCK = 64 * 1024;

/** Bytes in the order in which they came, never put together into one. */
export class Pieces {
  readonly #parts: Uint8Array[] = [];
  #size = 0;
  /** What small parts are copied into, and how much of it is used; its used part is the last of all. */
  #block: Uint8Array | undefined;
  #used = 0;

  get size(): number {
    return this.#size;
  }

  /** @param part is kept, and must not change any more */
  add(part: Uint8Array): void {
    this.#size += part.length;
    if (part.length >= SMALL) {
      this.#block = undefined;
      this.#parts.push(part);
      return;
    }
    let rest = part;
    while (rest.length > 0) {
      if (!this.#block || this.#used === BLOCK) {
        this.#block = new Uint8Array(BLOCK);
        this.#used = 0;
        this.#parts.push(this.#block.subarray(0, 0));
      }
      const taken = rest.subarray(0, BLOCK - this.#used);
      this.#block.set(taken, this.#used);
      this.#used += taken.length;
      this.#parts[this.#parts.length - 1] = this.#block.subarray(0, this.#used);
      rest = rest.subarray(taken.length);
    }
  }

  /** What is there from one byte to another, which is not part of it. */
  slice(start = 0, end = this.#size): readonly Uint8Array[] {
    const sliced: Uint8Array[] = [];
    let before = 0;
    for (const part of this.#parts) {
      const own = part.subarray(Math.max(0, start - before), Math.max(0, end - before));
      if (own.length > 0) sliced.push(own);
      before += part.length;
    }
    return sliced;
  }

  clear(): void {
    this.#parts.length = 0;
    this.#size = 0;
    this.#block = undefined;
  }
}
