import assert from 'node:assert/strict';
import { GraceEpoch, raceAgainstGrace } from '../../../../src/gateway/listing/grace.js';

const never = new Promise<never>(() => undefined);

describe('GraceEpoch', () => {
  it('GraceOncePerEpoch: is opened by the first who waits, and shared by the rest', () => {
    const epoch = new GraceEpoch();
    assert.equal(epoch.remaining(300, 1000), 300);
    assert.equal(epoch.remaining(300, 1100), 200);
    assert.equal(epoch.remaining(300, 5000), 0);
  });

  it('is whole again after a renewal', () => {
    const epoch = new GraceEpoch();
    epoch.remaining(300, 1000);
    epoch.renew();
    assert.equal(epoch.remaining(300, 9000), 300);
  });
});

describe('raceAgainstGrace', () => {
  it('answers "settled" for an attempt that succeeds or fails in time', async () => {
    assert.equal(await raceAgainstGrace(Promise.resolve(), 1000), 'settled');
    assert.equal(await raceAgainstGrace(Promise.reject(new Error('no')), 1000), 'settled');
  });

  it('answers "settled" without any grace left for an attempt that has ended already', async () => {
    assert.equal(await raceAgainstGrace(Promise.resolve(), 0), 'settled');
  });

  it('answers "expired" for an attempt that never ends', async () => {
    assert.equal(await raceAgainstGrace(never, 20), 'expired');
  });

  it("rejects with the signal's reason, before and during the wait", async () => {
    const reason = new Error('stop');
    await assert.rejects(raceAgainstGrace(never, 5000, AbortSignal.abort(reason)), reason);
    const controller = new AbortController();
    const wait = raceAgainstGrace(never, 5000, controller.signal);
    controller.abort(reason);
    await assert.rejects(wait, reason);
  });
});
