import assert from 'node:assert/strict';
import fc from 'fast-check';
import { growthPlot } from '../../../bench/report/plot.js';
import { pairedRatio, quantile } from '../../../bench/measure/stats.js';
import { inTurns } from '../../../bench/measure/turns.js';

describe('the statistics of the bench', () => {
  it('quantile: so many samples lie below it, whatever their order', () => {
    const samples = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.double({ noNaN: true, min: 0, max: 1 }), (all, part) => {
        const value = quantile(all, part);
        assert.ok(all.includes(value));
        assert.ok(all.filter((one) => one < value).length <= part * all.length);
        assert.ok(
          all.filter((one) => one <= value).length >= Math.min(all.length, Math.floor(part * all.length) + 1),
        );
      }),
    );
  });

  it('compares what was measured in the same round, and says how bad it was at worst', () => {
    const slowed = [10, 20, 1000];
    assert.deepEqual(pairedRatio([5, 10, 500], slowed, 'lower'), { median: 0.5, p99: 0.5 });
    assert.deepEqual(pairedRatio([1, 2, 4], [1, 1, 1], 'lower'), { median: 2, p99: 4 });
    assert.deepEqual(pairedRatio([1, 2, 4], [1, 1, 1], 'higher'), { median: 2, p99: 1 });
  });

  it('takes turns, and leaves the first round out', async () => {
    const order: string[] = [];
    const subject = (name: string): { name: string; sample: () => Promise<number> } => ({
      name,
      sample: () => Promise.resolve(order.push(name)),
    });
    const samples = await inTurns([subject('a'), subject('b')], 2);
    assert.deepEqual(order, ['a', 'b', 'a', 'b', 'a', 'b']);
    assert.deepEqual(Object.fromEntries(samples), { a: [3, 5], b: [4, 6] });
  });
});

describe('the plot of the bench', () => {
  it('has a line for each measure, inside of its frame', () => {
    const svg = growthPlot([
      { servers: 1, inProcess: 0.001, overHttp: 0.5, fromStart: 80 },
      { servers: 500, inProcess: 0.2, overHttp: 60, fromStart: 400 },
    ]);
    const lines = [...svg.matchAll(/points="([^"]+)"/g)].map(([, points = '']) => points);
    assert.equal(lines.length, 3);
    for (const point of lines.flatMap((line) => line.split(' '))) {
      const [x, y] = point.split(',').map(Number) as [number, number];
      assert.ok(x >= 70 && x <= 470 && y >= 20 && y <= 310, point);
    }
  });
});
