import { ms, rate, times, type Row } from '../rows/row.js';
import { median, pairedRatio } from './stats.js';

type Samples = ReadonlyMap<string, readonly number[]>;

const of = (samples: Samples, name: string): readonly number[] => {
  const found = samples.get(name);
  if (!found) throw new Error(`${name} was not measured.`);
  return found;
};

/** @param target the most that the ratio may be; a row without one only shows */
export function latencyRow(
  id: string,
  measure: string,
  target: number | undefined,
  samples: Samples,
  ours: string,
  theirs: string,
): Row {
  const [mine, other] = [of(samples, ours), of(samples, theirs)];
  const ratio = pairedRatio(mine, other, 'lower');
  return {
    id,
    measure: `${measure}, p50`,
    against: theirs,
    target: target === undefined ? '–' : `≤ ${target} ×`,
    figure: `${times(ratio.median)} (p99 ${times(ratio.p99)})`,
    met: target === undefined || ratio.median <= target,
    detail: `${ms(median(mine))} : ${ms(median(other))}`,
  };
}

/** @param target the least that the ratio must be; a row without one only shows */
export function rateRow(
  id: string,
  measure: string,
  target: number | undefined,
  samples: Samples,
  ours: string,
  theirs: string,
): Row {
  const [mine, other] = [of(samples, ours), of(samples, theirs)];
  const ratio = pairedRatio(mine, other, 'higher');
  return {
    id,
    measure,
    against: theirs,
    target: target === undefined ? '–' : `≥ ${target} ×`,
    figure: `${times(ratio.median)} (p99 ${times(ratio.p99)})`,
    met: target === undefined || ratio.median >= target,
    detail: `${rate(median(mine))} : ${rate(median(other))}`,
  };
}
