import assert from 'node:assert/strict';
import { Refresher } from '../../../../../src/gateway/upstream/server/refresher.js';
import { deferred } from '../../../../../src/base/async/deferred.js';
import { until } from '../../../../support/gateway.js';

describe('Refresher', () => {
  it('reads once more for a wish that comes during a reading, which may have passed by what changed', async () => {
    const gates = [deferred(), deferred()];
    let reads = 0;
    const refresher = new Refresher(
      () => gates[reads++]!.promise,
      () => undefined,
    );
    const first = refresher.refresh();
    await until(() => reads === 1, 'the first reading');
    let isRead = false;
    const second = refresher.refresh().then(() => (isRead = true));
    const third = refresher.refresh();
    gates[0]!.resolve();
    await first;
    await until(() => reads === 2, 'the second reading');
    assert.equal(isRead, false, 'the wish waits for a reading that began after it');
    gates[1]!.resolve();
    await Promise.all([second, third]);
    await refresher.running;
    assert.equal(reads, 2, 'two wishes during one reading make one more');
  });
});
