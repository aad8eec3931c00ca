import assert from 'node:assert/strict';
import { CallTree } from '../../../src/gateway/callTree.js';
import { Permits } from '../../../src/gateway/upstream/permits.js';

describe('CallTree', () => {
  it('AcyclicOrBounded: refuses what is more than ten calls deep, and what says so of another gateway', () => {
    const calls = new CallTree();
    let token: string | undefined;
    for (let depth = 0; depth <= 10; depth++) token = calls.enter(token).token;
    assert.throws(() => calls.enter(token), { code: 'too-deep' });
    assert.throws(() => calls.enter('elsewhere.10'), { code: 'too-deep' });
    assert.match(calls.enter('elsewhere.3').token, /\.4$/);
    assert.match(calls.enter('nonsense').token, /\.1$/);
    assert.match(calls.enter(undefined).token, /\.0$/);
  });

  it('NoWaitWhileHolding: a permit is lent for exactly as long as there are descendants', async () => {
    const calls = new CallTree();
    const permits = new Permits(() => 1, 10);
    const outer = calls.enter(undefined);
    outer.hold(await permits.acquire(1000));
    const free = async (): Promise<boolean> => {
      try {
        (await permits.acquire(5)).release();
        return true;
      } catch {
        return false;
      }
    };
    assert.equal(await free(), false);
    const inner = [calls.enter(outer.token), calls.enter(outer.token)];
    assert.equal(await free(), true);
    inner[0]?.leave();
    inner[0]?.leave();
    assert.equal(await free(), true);
    inner[1]?.leave();
    assert.equal(await free(), false);
    outer.leave();
    // A descendant that outlives its ancestor lends nothing.
    assert.match(calls.enter(outer.token).token, /\.1$/);
    assert.equal(await free(), false);
  });
});
