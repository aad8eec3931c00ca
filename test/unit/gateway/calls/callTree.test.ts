import assert from 'node:assert/strict';
import { CallTree } from '../../../../src/gateway/calls/callTree.js';
import { Permits } from '../../../../src/gateway/upstream/server/permits.js';

describe('CallTree', () => {
  it('AcyclicOrBounded: refuses what is more than ten calls deep, and what says so of another gateway', () => {
    const calls = new CallTree();
    let token: string | undefined;
    for (let depth = 0; depth <= 10; depth++) token = calls.enter('a', 'tools/call', token).token;
    assert.throws(() => calls.enter('a', 'tools/call', token), { code: 'too-deep' });
    assert.throws(() => calls.enter('a', 'tools/call', 'elsewhere.10'), { code: 'too-deep' });
    assert.match(calls.enter('a', 'tools/call', 'elsewhere.3').token, /\.4$/);
    assert.match(calls.enter('a', 'tools/call', 'nonsense').token, /\.1$/);
    assert.match(calls.enter('a', 'tools/call', undefined).token, /\.0$/);
  });

  it('takes nobody for a descendant who knows no more of a token than its number', () => {
    const calls = new CallTree();
    const { token } = calls.enter('a', 'tools/call', undefined);
    assert.ok(calls.enter('b', 'tools/call', token).descendant);
    for (const guess of ['1', '1.0', token.replace(/[0-9a-f]{4}(?=\.\d+$)/, '____'), `${token}0`])
      assert.ok(!calls.enter('b', 'tools/call', guess).descendant, guess);
  });

  it('NoWaitWhileHolding: a permit is lent for exactly as long as there are descendants', async () => {
    const calls = new CallTree();
    const permits = new Permits(() => 1, 10);
    const outer = calls.enter('a', 'tools/call', undefined);
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
    const inner = [calls.enter('b', 'tools/call', outer.token), calls.enter('b', 'tools/call', outer.token)];
    assert.equal(await free(), false, 'nobody waits yet');
    for (const call of inner) call.descend();
    assert.equal(await free(), true);
    inner[0]?.leave();
    inner[0]?.leave();
    assert.equal(await free(), true);
    inner[1]?.leave();
    assert.equal(await free(), false);
    outer.leave();
    // A descendant that outlives its ancestor lends nothing.
    const late = calls.enter('b', 'tools/call', outer.token);
    late.descend();
    assert.match(late.token, /\.1$/);
    assert.equal(await free(), false);
  });

  it('one call at a time stands in for the one at the same server that it was made during, however far up', () => {
    const calls = new CallTree();
    const a = calls.enter('a', 'tools/call', undefined);
    const b = calls.enter('b', 'tools/call', a.token);
    const [again, another] = [
      calls.enter('a', 'tools/call', b.token),
      calls.enter('a', 'tools/call', b.token),
    ];
    assert.deepEqual([a.comeBack(), b.comeBack()], [false, false]);
    assert.deepEqual([again.comeBack(), another.comeBack()], [true, false]);
    const deeper = calls.enter('a', 'tools/call', again.token);
    assert.equal(deeper.comeBack(), true);
    again.leave();
    assert.equal(another.comeBack(), true);
    assert.deepEqual([a.descendant, b.descendant, deeper.descendant], [false, true, true]);
  });
});
