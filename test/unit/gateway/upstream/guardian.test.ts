import assert from 'node:assert/strict';
import { Guardian } from '../../../../src/gateway/upstream/guardian.js';

describe('Guardian', () => {
  it('NoOrphans: no reading of the process table that began before the question is the answer to it', async () => {
    const readings: ((groups: ReadonlySet<number>) => void)[] = [];
    const guardian = new Guardian(() => new Promise((resolve) => readings.push(resolve)));
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const first = [guardian.liveGroups(), guardian.liveGroups()];
    await turn();
    assert.equal(readings.length, 1);
    // The first reading is under way, and may have passed by what is asked for now.
    const second = [guardian.liveGroups(), guardian.liveGroups()];
    await turn();
    assert.equal(readings.length, 1, 'one at a time');
    readings[0]?.(new Set());
    assert.deepEqual(await Promise.all(first), [new Set(), new Set()]);
    await turn();
    assert.equal(readings.length, 2);
    readings[1]?.(new Set([7]));
    assert.deepEqual(await Promise.all(second), [new Set([7]), new Set([7])]);
  });
});
