import assert from 'node:assert/strict';
import { DEFAULT_TUNING } from '../../../../../src/gateway/model/tuning.js';
import type { Connection } from '../../../../../src/gateway/upstream/connection.js';
import {
  Generation,
  type GenerationHooks,
  type GenerationOptions,
} from '../../../../../src/gateway/upstream/server/generation.js';

describe('Generation', () => {
  it('GenerationLease: gives out no lease while it drains, and closes with the last one', async () => {
    let closed = false;
    const connection = {
      get closed() {
        return closed;
      },
      close: () => {
        closed = true;
        return Promise.resolve();
      },
    } as unknown as Connection;
    const generation = new Generation(
      connection,
      { tuning: DEFAULT_TUNING } as unknown as GenerationOptions,
      {} as GenerationHooks,
    );
    const lease = generation.lease();
    assert.ok(lease);
    const gone = generation.drain(60_000);
    assert.equal(generation.lease(), undefined);
    assert.equal(closed, false, 'the call in flight may end');
    lease.release();
    await gone;
    assert.equal(closed, true);
  });
});
