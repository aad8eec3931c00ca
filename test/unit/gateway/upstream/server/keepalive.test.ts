import assert from 'node:assert/strict';
import type { Connection } from '../../../../../src/gateway/upstream/connection.js';
import { Keepalive } from '../../../../../src/gateway/upstream/server/keepalive.js';
import { RequestTimeoutError, RpcError } from '../../../../../src/protocol/errors.js';

describe('Keepalive', () => {
  it('gives up after the third ping without an answer, and not before; any answer starts anew', async () => {
    const silence = new RequestTimeoutError(1);
    const answers = [silence, silence, new RpcError(-32601, 'no ping here'), silence, silence, silence];
    let pings = 0;
    let dead = 0;
    const connection = {
      closed: false,
      request: () => Promise.reject(answers[pings++]!),
    } as unknown as Connection;
    const keepalive = new Keepalive(
      connection,
      { pingMs: 1e6, pingTimeoutMs: 1 },
      {
        busy: () => false,
        idleAfterMs: () => 0,
        onIdle: () => undefined,
        onDead: () => dead++,
      },
    );
    try {
      const seen: number[] = [];
      for (let round = 0; round < answers.length; round++) {
        await keepalive.ping();
        seen.push(dead);
      }
      assert.deepEqual(seen, [0, 0, 0, 0, 0, 1]);
    } finally {
      keepalive.dispose();
    }
  });
});
