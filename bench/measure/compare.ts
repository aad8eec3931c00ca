import { ms, rate, times, type Row } from '../rows/row.js';
import { median, pairedRatio } from './stats.js';

type Samples = ReadonlyMap<string, readonly number[]>;

const of = (samples: Samples, name: string): readonly number[] => {
  const found = samples.get(name);
  if (!found) throw new Error(`${name} was not measured.`);
  return found;
};

/** @param target the most that the ratio may be; a row without one only shows */
export const latencyRow = (
  id: string,
  measure: string,
  target: number | undefined,
  samples: Samples,
  ours: string,
  theirs: string,
): Row =>
  ratioRow({ id, measure: `${measure}, p50`, better: 'lower', show: ms }, target, samples, ours, theirs);

/** @param target the least that the ratio must be; a row without one only shows */
export const rateRow = (
  id: string,
  measure: string,
  target: number | undefined,
  samples: Samples,
  ours: string,
  theirs: string,
): Row => ratioRow({ id, measure, better: 'higher', show: rate }, target, samples, ours, theirs);

interface Compared extends Pick<Row, 'id' | 'measure'> {
  readonly better: 'lower' | 'higher';
  readonly show: (value: number) => string;
}

function ratioRow(
  { id, measure, better, show }: Compared,
  target: number | undefined,
  samples: Samples,
  ours: string,
  theirs: string,
): Row {
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
}
