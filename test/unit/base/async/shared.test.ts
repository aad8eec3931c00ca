import assert from 'node:assert/strict';
import { Shared, type Share } from '../../../../src/base/async/shared.js';

describe('What several users share', () => {
  interface Value {
    readonly key: string;
  }

  /**
   * Plays steps: `a` begins a use of `a`, `-a` ends the one that began first. Values whose key is a capital are wanted also
   * when nobody uses them, two at the most.
   * @returns what was made, `-` before what was disposed, in order
   */
  function play(steps: readonly string[]): string[] {
    const seen: string[] = [];
    const shares = new Map<string, Share<Value>[]>();
    const shared = new Shared<Value>({
      most: 2,
      isWanted: ({ key }) => key === key.toUpperCase(),
      dispose: ({ key }) => seen.push(`-${key}`),
    });
    for (const step of steps) {
      const key = step.replace('-', '');
      const own = shares.get(key) ?? [];
      shares.set(key, own);
      if (step !== key) {
        own.shift()?.release();
        continue;
      }
      const share = shared.take(key, () => {
        seen.push(key);
        return { key };
      });
      assert.equal(share.value.key, key);
      if (own[0]) assert.equal(share.value, own[0].value);
      own.push(share);
    }
    return seen;
  }

  const table: [string, readonly string[], readonly string[]][] = [
    ['is made once for all of them', ['a', 'a', 'a'], ['a']],
    ['is another for another key', ['a', 'b'], ['a', 'b']],
    ['stays until the last has gone', ['a', 'a', '-a', 'a'], ['a']],
    ['goes with the last', ['a', 'a', '-a', '-a'], ['a', '-a']],
    ['is made anew for who comes later', ['a', '-a', 'a'], ['a', '-a', 'a']],
    ['stays without users where it is wanted', ['A', '-A', 'A', '-A'], ['A']],
    [
      'goes when too much is left, the longest unused first',
      ['A', 'B', 'C', '-C', '-B', '-A'],
      ['A', 'B', 'C', '-C'],
    ],
    ['is left anew after every use', ['A', '-A', 'B', '-B', 'A', '-A', 'C', '-C'], ['A', 'B', 'C', '-B']],
    [
      'takes no place from others while it is used',
      ['A', 'B', 'C', '-A', '-B', 'A', 'B', '-C'],
      ['A', 'B', 'C'],
    ],
    [
      'takes none either when it is not wanted',
      ['A', 'B', 'c', '-A', '-B', '-c', 'A', 'B'],
      ['A', 'B', 'c', '-c'],
    ],
  ];
  for (const [what, steps, expected] of table)
    it(what, () => {
      assert.deepEqual(play(steps), expected);
    });
});
