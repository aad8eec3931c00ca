import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Backoff } from '../../../../../src/gateway/upstream/server/backoff.js';

const BASE = 1000;
const tuning = { backoffBaseMs: BASE, backoffCapMs: 60 * BASE, parkAfter: 6, probeMs: 300 * BASE };

describe('Backoff (invariant BudgetNeedsProof)', () => {
  it('waits at least two steps, at most a step that doubles up to the cap, and parks after the last', () => {
    for (const [random, waits] of [
      [0, [2, 2, 2, 2, 2]],
      [1, [2, 4, 8, 16, 32]],
    ] as const) {
      const backoff = new Backoff(tuning, () => random);
      for (const steps of waits) assert.deepEqual(backoff.fail(0), { kind: 'wait', waitMs: steps * BASE });
      assert.equal(backoff.fail(0).kind, 'park');
      assert.equal(backoff.failures, 6);
    }
    const capped = new Backoff({ ...tuning, parkAfter: 50 }, () => 1);
    for (let i = 0; i < 20; i++) capped.fail(0);
    assert.equal(capped.fail(0).waitMs, tuning.backoffCapMs);
  });

  it('probes a parked server between half of the interval and the whole', () => {
    const parked = (random: number): number =>
      new Backoff({ ...tuning, parkAfter: 1 }, () => random).fail(0).waitMs;
    assert.deepEqual([parked(0), parked(1)], [150 * BASE, 300 * BASE]);
  });

  it('whoever asks, at most five starts fall into ten base steps, until a proof', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
        (randoms, byCall) => {
          const backoff = new Backoff(tuning, () => randoms.next().value as number);
          const starts: number[] = [];
          let now = 0;
          for (const call of byCall) {
            starts.push(now);
            const { waitMs } = backoff.fail(now);
            now += call ? backoff.callWaitMs(now) : waitMs;
          }
          for (const start of starts)
            assert.ok(starts.filter((at) => at >= start && at < start + 10 * BASE).length <= 5);
        },
      ),
    );
  });

  it('only a proof makes it forget', () => {
    const backoff = new Backoff(tuning, () => 1);
    backoff.fail(0);
    backoff.fail(0);
    assert.equal(backoff.callWaitMs(500), 1500);
    assert.equal(backoff.callWaitMs(5000), 0);
    assert.equal(backoff.fail(0).waitMs, 8 * BASE);
    backoff.reset();
    assert.equal(backoff.callWaitMs(1), 0);
    assert.equal(backoff.fail(0).waitMs, 2 * BASE);
  });

  it('a first forgotten session costs no wait, a second in a row does', () => {
    const backoff = new Backoff(tuning, () => 1);
    assert.deepEqual(backoff.lose(0), { kind: 'wait', waitMs: 0 });
    assert.equal(backoff.callWaitMs(0), 0);
    assert.deepEqual(backoff.lose(0), { kind: 'wait', waitMs: 4 * BASE });
    assert.equal(backoff.callWaitMs(0), 2 * BASE);
  });
});
