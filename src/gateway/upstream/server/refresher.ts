import { setTimeout as delay } from 'node:timers/promises';
import { deferred, type Deferred } from '../../../base/async/deferred.js';

/** Milliseconds; a server that announces many changes in a row is listed once for all of them. */
const SETTLE_MS = 50;
const MAX_SETTLE_MS = 5000;

/**
 * Reads something anew, one reading at a time; a wish during a reading makes exactly one more follow, because what is
 * being read may already be old.
 */
export class Refresher {
  #running: Promise<void> | undefined;
  #next: Deferred | undefined;

  /**
   * @param read never rejects
   * @param onRunning a reading began or the last one ended
   */
  constructor(
    private readonly read: () => Promise<void>,
    private readonly onRunning: () => void,
  ) {}

  /** The reading under way, if any; never rejects. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  /** Resolves when the first reading that began after this call has ended, well or badly. */
  refresh(): Promise<void> {
    this.#next ??= deferred();
    const { promise } = this.#next;
    if (!this.#running) {
      this.#running = this.#readWhileWanted().finally(() => {
        this.#running = undefined;
        this.onRunning();
      });
      this.onRunning();
    }
    return promise;
  }

  async #readWhileWanted(): Promise<void> {
    // A server that changes whenever it is read is read ever more slowly.
    for (let settleMs = SETTLE_MS; this.#next; settleMs = Math.min(settleMs * 2, MAX_SETTLE_MS)) {
      await delay(settleMs);
      const reading: Deferred = this.#next;
      this.#next = undefined;
      await this.read();
      reading.resolve();
    }
  }
}
