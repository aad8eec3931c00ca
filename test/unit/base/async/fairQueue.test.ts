import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FairQueue } from '../../../../src/base/async/fairQueue.js';

const drained = <T>(queue: FairQueue<T>): T[] => {
  const items: T[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) items.push(item);
  return items;
};

describe('FairQueue', () => {
  it('gives each owner its turn, and keeps the order of each', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3', 'a4']) queue.add('a', item);
    for (const item of ['b1', 'b2']) queue.add('b', item);
    assert.equal(queue.take(), 'a1');
    queue.add('c', 'c1');
    assert.deepEqual(drained(queue), ['b1', 'a2', 'c1', 'b2', 'a3', 'a4']);
    assert.equal(queue.size, 0);
  });

  it('names the owner with the most, and the newest of its items', () => {
    const queue = new FairQueue<string>();
    assert.equal(queue.longest(), undefined);
    for (const item of ['a1', 'a2']) queue.add('a', item);
    for (const item of ['b1', 'b2', 'b3']) queue.add('b', item);
    assert.deepEqual(queue.longest(), { owner: 'b', newest: 'b3', count: 3 });
    queue.delete('b', 'b3');
    queue.delete('b', 'b3');
    queue.delete('b', 'b1');
    assert.deepEqual(queue.longest(), { owner: 'a', newest: 'a2', count: 2 });
    assert.deepEqual([queue.size, queue.count('b'), queue.count('c')], [3, 1, 0]);
  });

  it('nobody waits for more than one item of each other owner, whatever is added in between', () => {
    const owners = ['a', 'b', 'c'] as const;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...owners), fc.constant('take')), { maxLength: 200 }),
        (steps) => {
          const queue = new FairQueue<{ owner: string; number: number }>();
          const last = new Map<string, number>();
          /** How often others were served since an owner has waited without a turn. */
          const passed = new Map<string, Map<string, number>>();
          steps.forEach((step, number) => {
            if (step !== 'take') {
              if (queue.count(step) === 0) passed.set(step, new Map());
              queue.add(step, { owner: step, number });
              return;
            }
            const before = queue.size;
            const item = queue.take();
            assert.equal(queue.size, Math.max(0, before - 1));
            if (!item) return;
            assert.ok(item.number > (last.get(item.owner) ?? -1), 'in order');
            last.set(item.owner, item.number);
            passed.set(item.owner, new Map());
            for (const owner of owners) {
              if (owner === item.owner || queue.count(owner) === 0) continue;
              const others = passed.get(owner);
              const times: number = (others?.get(item.owner) ?? 0) + 1;
              others?.set(item.owner, times);
              assert.equal(times, 1, `${owner} was passed over twice by ${item.owner}`);
            }
          });
        },
      ),
    );
  });
});
