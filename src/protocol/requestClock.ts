/** Beyond it Node's timers overflow and fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How long one request may still take: so long without a sign of life, so long in all. */
export class RequestClock {
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #held = 0;
  #stopped = false;

  /** @param onOver is told, once, how many milliseconds the request has taken */
  constructor(
    private readonly timeoutMs: number,
    private readonly maxTotalMs: number,
    private readonly onOver: (tookMs: number) => void,
  ) {
    this.heard();
  }

  /** A sign of life: the time begins anew. */
  heard(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const leftMs = this.#startedAt + this.maxTotalMs - performance.now();
    // While the other side waits for this one, only the time in all counts.
    const waitMs = this.#held > 0 ? leftMs : Math.min(this.timeoutMs, leftMs);
    this.#timer = setTimeout(
      () => {
        this.onOver(Math.round(performance.now() - this.#startedAt));
      },
      Math.min(Math.max(0, waitMs), MAX_TIMER_MS),
    );
  }

  /** The other side waits for this one. @returns call it, once, when it does not any more */
  hold(): () => void {
    this.#held++;
    this.heard();
    return () => {
      this.#held--;
      if (this.#held === 0) this.heard();
    };
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
