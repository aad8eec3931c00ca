import type { Tuning } from '../../model/tuning.js';

/** What a failure leads to; milliseconds until the server is tried again by itself, `Infinity` for never. */
export interface Verdict {
  readonly kind: 'wait' | 'park';
  readonly waitMs: number;
}

/**
 * When a server that failed may be started again: exponential with full jitter, a floor and a cap; after
 * `parkAfter` failures in a row it is parked. The floor of two base steps holds for calls too, so that no mix of callers
 * starts a broken server more than five times in ten base steps.
 */
export class Backoff {
  #failures = 0;
  #failedAt = -Infinity;

  constructor(
    private readonly tuning: Pick<Tuning, 'backoffBaseMs' | 'backoffCapMs' | 'parkAfter' | 'probeMs'>,
    private readonly random: () => number = Math.random,
  ) {}

  /** In a row, without a proof in between. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure. @param now milliseconds on a monotonic clock */
  fail(now: number): Verdict {
    const { backoffBaseMs, backoffCapMs, parkAfter, probeMs } = this.tuning;
    this.#failures++;
    this.#failedAt = now;
    // Not all parked servers at the same moment.
    if (this.#failures >= parkAfter) return { kind: 'park', waitMs: probeMs * (0.5 + this.random() / 2) };
    const step = Math.min(backoffCapMs, backoffBaseMs * 2 ** this.#failures);
    return { kind: 'wait', waitMs: Math.max(this.#floorMs, step * this.random()) };
  }

  /** Counts a loss that the server may not be to blame for, a forgotten session: the first one costs no wait. */
  lose(now: number): Verdict {
    const verdict = this.fail(now);
    if (this.#failures > 1) return verdict;
    this.#failedAt = -Infinity;
    return { kind: 'wait', waitMs: 0 };
  }

  /** Milliseconds that a call, which does not wait for the whole step, still waits before it starts the server. */
  callWaitMs(now: number): number {
    return Math.max(0, this.#failedAt + this.#floorMs - now);
  }

  reset(): void {
    this.#failures = 0;
    this.#failedAt = -Infinity;
  }

  get #floorMs(): number {
    return 2 * this.tuning.backoffBaseMs;
  }
}

/** What happens next, for the log. @param failures in a row */
export function verdictText({ kind, waitMs }: Verdict, failures: number): string {
  if (waitMs === Infinity) return 'It is not started again by itself.';
  if (kind === 'park')
    return `It failed ${failures} times in a row and is left alone for ${Math.round(waitMs)} ms. Restart it to try at once.`;
  if (waitMs === 0) return 'It is started again when it is needed.';
  return `It is tried again after ${Math.round(waitMs)} ms.`;
}
