import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Choices that a seed repeats. */
export interface Random {
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  chance(of: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(from: readonly T[]): T;
}

/** Each purpose has choices of its own, so that what one does never shifts what another one chooses. */
export function random(seed: number, purpose: string): Random {
  const start = createHash('sha256').update(`${seed} ${purpose}`).digest().readInt32LE(0);
  const generator = xoroshiro128plus(start);
  const between = (least: number, most: number): number => uniformInt(generator, least, most);
  return {
    between,
    chance: (of) => between(0, 999_999) < of * 1_000_000,
    // However long the list is, the same is drawn: what there happens to be does not shift later choices.
    pick: (from) => from[between(0, 0x3fff_ffff) % from.length]!,
  };
}
