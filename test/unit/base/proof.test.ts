import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isNonce, isProof, newNonce, prove, type Challenge } from '../../../src/base/proof.js';

const texts = fc.record({ address: fc.string(), clientNonce: fc.string(), serverNonce: fc.string() });
const same = (one: Challenge, other: Challenge): boolean => JSON.stringify(one) === JSON.stringify(other);

describe('a proof', () => {
  it('is right for its own challenge and token', () => {
    fc.assert(
      fc.property(fc.string(), texts, (token, challenge) => {
        const proof = prove(token, challenge);
        return /^[\w-]{43}$/.test(proof) && isProof(proof, token, challenge);
      }),
    );
  });

  it('is wrong for every other, also where their parts are divided otherwise', () => {
    fc.assert(
      fc.property(texts, texts, (one, other) =>
        same(one, other) ? true : !isProof(prove('token', one), 'token', other),
      ),
    );
    const challenge = { address: 'a', clientNonce: 'b', serverNonce: 'c' };
    for (const other of [
      { ...challenge, clientNonce: 'c', serverNonce: 'b' },
      { ...challenge, address: 'ab', clientNonce: '' },
      { ...challenge, address: 'a","b', clientNonce: '' },
    ])
      assert.ok(!isProof(prove('token', challenge), 'token', other));
    assert.ok(!isProof(prove('token', challenge), 'token2', challenge));
  });

  it('is never anything that is no text, or too short', () => {
    const challenge = { address: 'a', clientNonce: 'b', serverNonce: 'c' };
    for (const wrong of [undefined, null, 0, {}, [], '', prove('token', challenge).slice(1)])
      assert.ok(!isProof(wrong, 'token', challenge), JSON.stringify(wrong));
  });

  it('has nonces of 256 bits', () => {
    const nonces = Array.from({ length: 100 }, newNonce);
    assert.equal(new Set(nonces).size, 100);
    assert.ok(nonces.every(isNonce));
    for (const wrong of [undefined, 1, '', 'a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)}=`])
      assert.ok(!isNonce(wrong), String(wrong));
  });
});
