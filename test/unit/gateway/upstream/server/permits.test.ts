import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Permits, type Permit, type Precedence } from '../../../../../src/gateway/upstream/server/permits.js';

const LONG = 60_000;

describe('Permits', () => {
  const permits = (limit: number, maxQueued = 100): Permits => new Permits(() => limit, maxQueued);

  it('admits up to the limit at once and the rest in order', async () => {
    const all = permits(2);
    const held = [await all.acquire(LONG), await all.acquire(LONG)];
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (n) => {
      const permit = await all.acquire(LONG);
      order.push(n);
      permit.release();
    });
    await Promise.resolve();
    assert.deepEqual(order, []);
    held[0]?.release();
    await Promise.all(waiting);
    assert.deepEqual(order, [1, 2, 3]);
  });

  it('says no when the queue is full, when the wait is over and when the caller gives up', async () => {
    const all = permits(1, 2);
    const held = await all.acquire(LONG);
    const controller = new AbortController();
    const second = all.acquire(LONG, controller.signal);
    const third = all.acquire(20);
    await assert.rejects(all.acquire(LONG), { name: 'QueueFullError' });
    await assert.rejects(third, { name: 'QueueTimeoutError', waitedMs: 20 });
    controller.abort(new Error('enough'));
    await assert.rejects(second, /enough/);
    await assert.rejects(all.acquire(LONG, controller.signal), /enough/);
    held.release();
    (await all.acquire(LONG)).release();
  });

  it('a release counts once, whatever was lent', async () => {
    const all = permits(1);
    const first = await all.acquire(LONG);
    const takeBack = first.lend();
    const second = await all.acquire(LONG);
    first.release();
    takeBack();
    first.release();
    let third: Permit | undefined;
    const waiting = all.acquire(LONG).then((permit) => (third = permit));
    await Promise.resolve();
    assert.equal(third, undefined, 'the second still has the only permit');
    second.release();
    await waiting;
  });

  it('NoWaitWhileHolding: a lent permit is free for another, and comes back without a wait', async () => {
    const all = permits(1);
    const outer = await all.acquire(LONG);
    const takeBack = outer.lend();
    const inner = await all.acquire(LONG);
    takeBack();
    inner.release();
    let next: Permit | undefined;
    const waiting = all.acquire(LONG).then((permit) => (next = permit));
    await Promise.resolve();
    assert.equal(next, undefined, 'the outer one holds it again');
    outer.release();
    await waiting;
  });

  it('lets in who comes back at once, descendants before the others, and sends all away who wait', async () => {
    const all = permits(1);
    const held = await all.acquire(LONG);
    const order: string[] = [];
    const wait = (name: string, precedence: Precedence): Promise<void> =>
      all.acquire(LONG, undefined, precedence).then((permit) => {
        order.push(name);
        permit.release();
      });
    const waiting = [wait('top', 'top'), wait('descendant', 'descendant')];
    await wait('comes-back', 'comes-back');
    assert.deepEqual(order, ['comes-back']);
    held.release();
    await Promise.all(waiting);
    assert.deepEqual(order, ['comes-back', 'descendant', 'top']);
    const again = await all.acquire(LONG);
    const refused = [all.acquire(LONG), all.acquire(LONG, undefined, 'descendant')];
    all.refuse(new Error('over'));
    for (const one of refused) await assert.rejects(one, /over/);
    again.release();
  });

  it('lets clients in by turns, each in its own order', async () => {
    const all = permits(1);
    const held = await all.acquire(LONG);
    const order: string[] = [];
    const waiting = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map(async (name) => {
      const permit = await all.acquire(LONG, undefined, 'top', name[0]);
      order.push(name);
      permit.release();
    });
    held.release();
    await Promise.all(waiting);
    assert.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('makes room in a full queue for a client with fewer in it, until each has its share', async () => {
    const all = permits(1, 10);
    const held = await all.acquire(LONG);
    const admitted: string[] = [];
    const refused: string[] = [];
    const wait = (name: string): Promise<void> =>
      all.acquire(LONG, undefined, 'top', name[0]).then(
        (permit) => {
          admitted.push(name);
          permit.release();
        },
        (error: unknown) => void refused.push(`${name} ${(error as Error).name}`),
      );
    const waiting = Array.from({ length: 10 }, (_, index) => wait(`a${index}`));
    waiting.push(wait('a10'));
    await Promise.resolve();
    assert.deepEqual(refused.splice(0), ['a10 QueueFullError']);
    for (let index = 0; index < 6; index++) waiting.push(wait(`b${index}`));
    held.release();
    await Promise.all(waiting);
    assert.deepEqual(
      refused.sort(),
      ['a5', 'a6', 'a7', 'a8', 'a9', 'b5'].map((name) => `${name} QueueFullError`),
    );
    assert.equal(admitted.length, 10);
  });

  it('a raised limit lets waiters in', async () => {
    let limit = 1;
    const all = new Permits(() => limit, 10);
    const first = await all.acquire(LONG);
    const second = all.acquire(LONG);
    limit = 2;
    all.admit();
    (await second).release();
    first.release();
  });

  it('never has more at work than the limit, whatever the order, and ends empty', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 30 }),
        async (limit, turns) => {
          const all = permits(limit);
          let working = 0;
          let most = 0;
          await Promise.all(
            turns.map(async (count) => {
              const permit = await all.acquire(LONG);
              most = Math.max(most, ++working);
              for (let turn = 0; turn < count; turn++) await Promise.resolve();
              working--;
              permit.release();
            }),
          );
          assert.ok(most <= limit);
          const again = await Promise.all(Array.from({ length: limit }, () => all.acquire(LONG)));
          for (const permit of again) permit.release();
        },
      ),
    );
  });
});
