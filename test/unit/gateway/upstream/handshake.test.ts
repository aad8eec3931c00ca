import assert from 'node:assert/strict';
import { largeResult, type LargeResult } from '../../../../src/protocol/large/largeResult.js';
import { factsOf, HandshakeError } from '../../../../src/gateway/upstream/handshake.js';

const answer = (instructions: string): LargeResult => {
  const bytes = Buffer.from(JSON.stringify({ protocolVersion: '2025-11-25', instructions }));
  return largeResult([bytes], bytes.length, {});
};

describe('factsOf', () => {
  it('BoundedEverything: reads a large answer to initialize up to a bound only', () => {
    assert.equal(factsOf(answer('x'.repeat(1_000_000))).instructions?.length, 1_000_000);
    assert.throws(
      () => factsOf(answer('x'.repeat(1_100_000))),
      (error) => error instanceof HandshakeError && /is larger than 1 MiB/.test(error.message),
    );
  });
});
