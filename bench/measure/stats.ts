/** The value below which a part of the samples lies. @param part 0 to 1 */
export function quantile(samples: readonly number[], part: number): number {
  if (samples.length === 0) throw new Error('There is nothing to take a quantile of.');
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] as number;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** What two subjects that took turns are to each other. */
export interface Ratio {
  readonly median: number;
  readonly p99: number;
}

/**
 * The ratios of samples that were taken in the same round: what slows the machine down for a while slows both.
 * @param better which of the two ends of the ratios is the bad one: for times the highest, for rates the lowest
 */
export function pairedRatio(
  ours: readonly number[],
  theirs: readonly number[],
  better: 'lower' | 'higher',
): Ratio {
  const ratios = ours.slice(0, theirs.length).map((value, round) => value / (theirs[round] as number));
  return { median: median(ratios), p99: quantile(ratios, better === 'lower' ? 0.99 : 0.01) };
}
