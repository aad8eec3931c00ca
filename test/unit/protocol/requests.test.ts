import assert from 'node:assert/strict';
import { Incoming } from '../../../src/protocol/incoming.js';
import type { Message } from '../../../src/protocol/messages.js';
import { Outgoing } from '../../../src/protocol/outgoing.js';
import { RequestClock } from '../../../src/protocol/requestClock.js';
import { timed, until } from '../../support/gateway.js';

describe('RequestClock', () => {
  it('begins anew when nobody holds it any more, and never before', async () => {
    let overs = 0;
    const clock = new RequestClock(50, 10_000, () => overs++);
    const releases = [clock.hold(), clock.hold()];
    const held = new RequestClock(150, 10_000, () => (overs += 10));
    await until(() => overs === 10, 'three times its timeout has passed');
    held.stop();
    releases[0]!();
    const again = new RequestClock(150, 10_000, () => (overs += 10));
    await until(() => overs === 20, 'as much again, while one still holds it');
    again.stop();
    const [tookMs] = await timed(async () => {
      releases[1]!();
      await until(() => overs === 21, 'its timeout after the last hold', 2000);
    });
    assert.ok(tookMs >= 45, `${tookMs} ms`);
  });

  it('ends at its time in all, also while it is held', async () => {
    const took: number[] = [];
    const clock = new RequestClock(10_000, 60, (tookMs) => took.push(tookMs));
    clock.hold();
    await until(() => took.length === 1, 'it is over', 2000);
    assert.ok(took[0]! >= 55, `${took[0]} ms`);
  });
});

describe('Incoming', () => {
  const request = { jsonrpc: '2.0', id: 1, method: 'm' } as const;

  it('has no answer for a request that was cancelled, whether its work ends well or badly', async () => {
    const incoming = new Incoming();
    for (const end of [() => Promise.resolve({}), () => Promise.reject(new Error('cancelled'))]) {
      const answer = incoming.answer(request, (signal) => {
        incoming.cancel(1);
        assert.equal(signal.aborted, true);
        return end();
      });
      assert.equal(await answer, undefined);
    }
    assert.deepEqual(await incoming.answer(request, () => Promise.resolve({ a: 1 })), {
      jsonrpc: '2.0',
      id: 1,
      result: { a: 1 },
    });
  });
});

describe('Outgoing', () => {
  it('cancels a request that was sent, but never initialize', async () => {
    for (const [method, cancels] of [
      ['initialize', []],
      ['tools/call', ['notifications/cancelled']],
    ] as const) {
      const sent: Message[] = [];
      const outgoing = new Outgoing(
        (message) => {
          sent.push(message);
          return Promise.resolve();
        },
        () => undefined,
      );
      const controller = new AbortController();
      const answer = outgoing.request(method, {}, { signal: controller.signal, timeoutMs: 10_000 });
      controller.abort(new Error('enough'));
      await assert.rejects(answer, /enough/);
      assert.deepEqual(
        sent.map((message) => 'method' in message && message.method),
        [method, ...cancels],
      );
    }
  });
});
