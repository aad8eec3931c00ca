import { ms, rate, times, type Row } from '../rows/row.js';
import { median, pairedRatio } from './stats.js';

type Samples = ReadonlyMap<string, readonly number[]>;

const of = (samples: Samples, name: string): readonly number[] => {
  const found = samples.get(name);
  if (!found) throw new Error(`${name} was not measured.`);
  return found;
};

/**
 * Makes a row of what two subjects of the same samples are to each other.
 * @param target the bad end of where the ratio may be; a row without one only shows
 */
type Compare = (
  id: string,
  measure: string,
  target: number | undefined,
  samples: Samples,
  ours: string,
  theirs: string,
) => Row;

const comparing =
  (better: 'lower' | 'higher', show: (value: number) => string): Compare =>
  (id, measure, target, samples, ours, theirs) => {
    const [mine, other] = [of(samples, ours), of(samples, theirs)];
    const ratio = pairedRatio(mine, other, better);
    const isLower = better === 'lower';
    return {
      id,
      measure,
      against: theirs,
      target: target === undefined ? '–' : `${isLower ? '≤' : '≥'} ${target} ×`,
      figure: `${times(ratio.median)} (p99 ${times(ratio.p99)})`,
      met: target === undefined || (isLower ? ratio.median <= target : ratio.median >= target),
      detail: `${show(median(mine))} : ${show(median(other))}`,
    };
  };

/** For samples in milliseconds. */
export const latencyRow = comparing('lower', ms);

/** For samples in calls per second. */
export const rateRow = comparing('higher', rate);
