/**
 * How long lists may still wait for one server. The first list that waits opens the window; later ones join with what
 * is left of it; only a new epoch (changed definition, cache reset, explicit restart) opens another
 * (invariant GraceOncePerEpoch).
 */
export class GraceEpoch {
  #openedAt: number | undefined;

  /** @param graceMs the whole grace @param now milliseconds on a monotonic clock @returns milliseconds left */
  remaining(graceMs: number, now: number): number {
    this.#openedAt ??= now;
    return Math.max(0, this.#openedAt + graceMs - now);
  }

  renew(): void {
    this.#openedAt = undefined;
  }
}

/**
 * Waits for a start attempt to end, well or badly, but no longer than the grace that is left. Every list method waits
 * through this and nothing else.
 * @throws the signal's reason when it aborts first
 */
export function raceAgainstGrace(
  attempt: Promise<unknown>,
  remainingMs: number,
  signal?: AbortSignal,
): Promise<'settled' | 'expired'> {
  return new Promise((resolve, reject) => {
    const finish = (outcome: 'settled' | 'expired'): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const expired = (): void => {
      finish('expired');
    };
    const timer = remainingMs > 0 ? setTimeout(expired, remainingMs) : undefined;
    const settled = (): void => {
      finish('settled');
    };
    attempt.then(settled, settled);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    // Who has no grace left waits for nothing, but an attempt that has ended already is taken as ended: it comes first.
    if (!timer) queueMicrotask(expired);
  });
}
