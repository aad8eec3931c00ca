/** Times and counts that nobody needs to set, but that tests must be able to shorten. All times in milliseconds. */
export interface Tuning {
  /** The step of the first wait after a failed start; two of them are the shortest wait. */
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** Failures in a row after which a server is parked. */
  readonly parkAfter: number;
  /** At most so long between two probes of a parked server. */
  readonly probeMs: number;
  /** A connection that lives this long counts as good (invariant BudgetNeedsProof). */
  readonly provenAfterMs: number;
  /** How long a connection may be silent before it is pinged. */
  readonly pingMs: number;
  readonly pingTimeoutMs: number;
  /** How long one check of arguments may take before it is left to the server. */
  readonly checkMs: number;
  /** Bytes that the large messages of all servers may hold together while they come. */
  readonly unfinishedBytes: number;
}

export const DEFAULT_TUNING: Tuning = {
  backoffBaseMs: 1000,
  backoffCapMs: 120_000,
  parkAfter: 6,
  probeMs: 300_000,
  provenAfterMs: 10_000,
  pingMs: 120_000,
  pingTimeoutMs: 30_000,
  checkMs: 200,
  unfinishedBytes: 128 * 1024 * 1024,
};
