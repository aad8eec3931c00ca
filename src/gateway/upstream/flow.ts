import type { Readable } from 'node:stream';
import { MAX_MESSAGE_BYTES } from '../../protocol/messages.js';

const WINDOW_MS = 100;
/** What reading one stream may cost in one window. */
const WINDOW_COST = 1000;
/** Bytes that cost as much as a line. */
const BYTES_PER_LINE = 8192;
/** Bytes that cost nothing after a rest: one large answer comes as fast as it can be read. */
const SPARE_BYTES = MAX_MESSAGE_BYTES;
/** Milliseconds in which a stream that had used all of them up has them again. */
const REST_MS = 1000;

/**
 * Counts what the reading of a stream costs, and says when it has had its share, so that a server that floods slows
 * itself down and nobody else (invariant FaultIsolation).
 */
export class Pace {
  #windowStart = 0;
  #cost = 0;
  #spareBytes = SPARE_BYTES;

  /** @param lines or what costs as much @returns milliseconds to wait before more is read */
  spend(lines: number, bytes = 0): number {
    const now = performance.now();
    const passedMs = now - this.#windowStart;
    if (passedMs >= WINDOW_MS) {
      this.#windowStart = now;
      this.#cost = 0;
      this.#spareBytes = Math.min(SPARE_BYTES, this.#spareBytes + (passedMs * SPARE_BYTES) / REST_MS);
    }
    const spared = Math.min(bytes, this.#spareBytes);
    this.#spareBytes -= spared;
    this.#cost += lines + (bytes - spared) / BYTES_PER_LINE;
    return this.#cost < WINDOW_COST ? 0 : this.#windowStart + WINDOW_MS - now;
  }
}

/** Holds a stream back whenever it has had its share. */
export class Flow {
  readonly #pace = new Pace();
  #paused = false;

  constructor(private readonly stream: Readable) {}

  /** As `Pace.spend`. */
  spend(lines: number, bytes = 0): void {
    const waitMs = this.#pace.spend(lines, bytes);
    if (waitMs === 0 || this.#paused) return;
    this.#paused = true;
    this.stream.pause();
    setTimeout(() => {
      this.#paused = false;
      this.stream.resume();
    }, waitMs).unref();
  }
}
