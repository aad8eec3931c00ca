import type { Readable } from 'node:stream';
import { MAX_MESSAGE_BYTES } from '../../../protocol/messages.js';

const WINDOW_MS = 100;
/** What reading one stream may cost in one window. */
const WINDOW_COST = 1000;
/** Bytes that cost as much as a line. */
const BYTES_PER_LINE = 8192;
/** Milliseconds in which a stream that had used all its spare bytes up has them again. */
const SPARE_MS = 1000;
/** Milliseconds for which a stream may stop everything else without having to make up for it. */
const LONG_MS = 20;
/** Milliseconds of work on one stream after which everything else has its turn; a pipe may hand out megabytes at once. */
const SLICE_MS = 4;

/**
 * Counts what the reading of a stream costs, and says when it has had its share, so that a server that floods slows
 * itself down and nobody else (invariant FaultIsolation).
 */
export class ReadBudget {
  #windowStart = 0;
  #cost = 0;
  #spareBytes: number;

  /** @param spare bytes that cost nothing: as many at first, and again after a while */
  constructor(private readonly spare = 0) {
    this.#spareBytes = spare;
  }

  /** Something large came that had been asked for: the next such may cost nothing either. */
  refill(): void {
    this.#spareBytes = this.spare;
  }

  /** @param lines or what costs as much @returns milliseconds to wait before more is read */
  spend(lines: number, bytes = 0): number {
    const now = performance.now();
    const passedMs = now - this.#windowStart;
    if (passedMs >= WINDOW_MS) {
      this.#windowStart = now;
      this.#cost = 0;
      this.#spareBytes = Math.min(this.spare, this.#spareBytes + (passedMs * this.spare) / SPARE_MS);
    }
    const spared = Math.min(bytes, this.#spareBytes);
    this.#spareBytes -= spared;
    this.#cost += lines + (bytes - spared) / BYTES_PER_LINE;
    return this.#cost < WINDOW_COST ? 0 : this.#windowStart + WINDOW_MS - now;
  }
}

/** Holds a stream back whenever it has had its share. */
export class ReadThrottle {
  readonly #pace: ReadBudget;
  #resumeAt = 0;
  #workedMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param spare as for `Pace`; as many as one message may have, so that one large answer comes as fast as it can */
  constructor(
    private readonly stream: Readable,
    spare = MAX_MESSAGE_BYTES,
  ) {
    this.#pace = new ReadBudget(spare);
  }

  /** As `Pace.spend`. */
  spend(lines: number, bytes = 0): void {
    this.#hold(this.#pace.spend(lines, bytes));
  }

  /** As `Pace.refill`. */
  refill(): void {
    this.#pace.refill();
  }

  /** Reads some bytes. What stops everything else for long is paid for with as long a pause: bytes differ in what they cost. */
  read(bytes: number, work: () => void): void {
    this.spend(0, bytes);
    const begun = performance.now();
    work();
    const tookMs = performance.now() - begun;
    if (tookMs > LONG_MS) this.#hold(tookMs);
    this.#workedMs += tookMs;
    if (this.#workedMs > SLICE_MS) this.#rest();
  }

  /** Goes on when everything else has had its turn. */
  #rest(): void {
    this.#workedMs = 0;
    this.stream.pause();
    setImmediate(() => {
      if (this.#resumeAt === 0) this.stream.resume();
    });
  }

  #hold(waitMs: number): void {
    const resumeAt = performance.now() + waitMs;
    if (waitMs === 0 || resumeAt <= this.#resumeAt) return;
    this.#resumeAt = resumeAt;
    this.stream.pause();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#resumeAt = 0;
      this.stream.resume();
    }, waitMs).unref();
  }
}
