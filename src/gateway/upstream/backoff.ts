const BASE_MS = 1000;
const CAP_MS = 5 * 60_000;

/** How long to wait before a failed server is started for a list again: exponential, capped, with jitter. */
export class Backoff {
  #failures = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** Counts a failure. @returns milliseconds to wait, between half of the step and the whole of it */
  fail(): number {
    const step = Math.min(CAP_MS, BASE_MS * 2 ** this.#failures);
    this.#failures++;
    return step / 2 + (step / 2) * this.random();
  }

  reset(): void {
    this.#failures = 0;
  }
}
