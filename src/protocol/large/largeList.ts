import { makeGrammar, OPEN_ARRAY, OPEN_OBJECT } from './jsonGrammar.js';
import { JsonScanner } from './jsonScanner.js';
import type { LargeResult } from './largeResult.js';

/** Bytes that are looked at in one step. */
const STEP = 16 * 1024;
/** Bytes of a key, with its quotes; a longer one is none of those that are looked for. */
const MAX_KEY = 128;

/**
 * A list that came as a part of a large result. Where its items are is found out step by step, so that it is known how
 * many they are, and how large, before any of them is parsed; then each is parsed by itself.
 */
export class LargeList extends JsonScanner {
  readonly #parts: readonly Uint8Array[];
  /** The parts in one, as far as they have been looked at. */
  readonly #bytes: Buffer;
  #nextPart = 0;
  #filled = 0;
  /** Where the bytes in hand begin, and where what comes next. */
  #base = 0;
  #next = 0;

  #keyStart = 0;
  #member: unknown;
  #isList = false;
  #inList = false;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #cursor: readonly [start: number, end: number] = [0, 0];

  /** @param name that of the list in the result */
  constructor(
    { parts, size }: LargeResult,
    private readonly name: string,
  ) {
    super(makeGrammar());
    this.#parts = parts;
    this.#bytes = Buffer.allocUnsafe(size);
  }

  /** Looks at some more of the result. @returns whether that was not the last of it */
  step(): boolean {
    if (this.#next === this.#filled) this.#fill();
    this.#base = this.#next;
    this.#next = Math.min(this.#base + STEP, this.#filled);
    this.scan(this.#bytes.subarray(this.#base, this.#next));
    return this.#next < this.#bytes.length;
  }

  /** Whether it is a list at all. */
  get isList(): boolean {
    return this.#isList;
  }

  /** How many items there are, as far as it was looked at. */
  get length(): number {
    return this.#starts.length;
  }

  /** An item, parsed anew each time; `undefined` when it has more bytes than these. */
  at(index: number, maxBytes = Infinity): unknown {
    const [start, end] = [this.#starts[index] ?? 0, this.#ends[index] ?? 0];
    return end - start > maxBytes ? undefined : this.#parse(start, end);
  }

  /** The result's `nextCursor`; an object or an array, which is none, is not parsed but emptied. */
  get nextCursor(): unknown {
    const [start, end] = this.#cursor;
    const first = this.#bytes[start];
    if (end === 0) return undefined;
    return first === OPEN_OBJECT || first === OPEN_ARRAY ? {} : this.#parse(start, end);
  }

  // Of members with the same name the last counts, as for `JSON.parse`.

  protected override keyBegan(at: number, depth: number): void {
    if (depth === 1) this.#keyStart = this.#base + at - 1;
  }

  protected override keyEnded(at: number, depth: number): void {
    if (depth !== 1) return;
    const end = this.#base + at;
    this.#member = end - this.#keyStart > MAX_KEY ? undefined : this.#parse(this.#keyStart, end);
  }

  protected override valueBegan(at: number, depth: number, byte: number): void {
    if (depth === 1) {
      if (this.#member === 'nextCursor') this.#cursor = [this.#base + at, 0];
      if (this.#member !== this.name) return;
      this.#isList = this.#inList = byte === OPEN_ARRAY;
      this.#starts.length = this.#ends.length = 0;
    } else if (this.#inList) this.#starts.push(this.#base + at);
  }

  protected override valueEnded(at: number, depth: number): void {
    if (depth === 1) {
      if (this.#member === 'nextCursor') this.#cursor = [this.#cursor[0], this.#base + at];
      this.#inList = false;
    } else if (this.#inList) this.#ends.push(this.#base + at);
  }

  #fill(): void {
    const part = this.#parts[this.#nextPart++];
    if (!part) return;
    this.#bytes.set(part, this.#filled);
    this.#filled += part.length;
  }

  #parse(start: number, end: number): unknown {
    return JSON.parse(this.#bytes.toString('utf8', start, end));
  }
}
