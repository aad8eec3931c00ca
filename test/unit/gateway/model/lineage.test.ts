import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import {
  comesFromInside,
  lineageOf,
  readLineage,
  WITHIN_META,
  WITHIN_VARIABLE,
} from '../../../../src/gateway/model/lineage.js';

describe('The lineage of gateways (invariant AcyclicOrBounded)', () => {
  const [outer, own, other] = [randomUUID(), randomUUID(), randomUUID()] as const;

  it('begins with the gateway where nothing was inherited, and else ends with it', () => {
    assert.deepEqual(lineageOf(own, {}), [own]);
    assert.deepEqual(lineageOf(own, { [WITHIN_VARIABLE]: outer }), [outer, own]);
    assert.deepEqual(lineageOf(own, { [WITHIN_VARIABLE]: `${outer},${other}` }), [outer, other, own]);
  });

  it('is read whatever somebody wrote, and stays short', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (meta, variable) => {
        assert.deepEqual(readLineage(meta), []);
        assert.deepEqual(lineageOf(own, { [WITHIN_VARIABLE]: variable }), [own]);
      }),
    );
    const many = Array.from({ length: 1000 }, () => randomUUID());
    const kept = lineageOf(own, { [WITHIN_VARIABLE]: many.join(',') });
    assert.ok(kept.length < 100);
    assert.deepEqual(kept, [...many, own].slice(-kept.length));
  });

  const clients: [string, readonly string[], unknown, boolean][] = [
    ['the gateway itself', [own], { [WITHIN_META]: [own] }, true],
    ['a gateway that it started', [own], { [WITHIN_META]: [outer, own, other] }, true],
    ['a gateway beside it', [own], { [WITHIN_META]: [outer, other] }, false],
    ['the gateway that started it', [outer, own], { [WITHIN_META]: [outer] }, true],
    ['a client that is no gateway', [outer, own], { progressToken: 1 }, false],
    ['a client without `_meta`', [outer, own], undefined, false],
    ['a client with a `_meta` of another kind', [own], 'within', false],
    ['a client with a lineage of another kind', [own], { [WITHIN_META]: { 0: own } }, false],
  ];
  for (const [who, gateways, meta, inside] of clients) {
    it(`${inside ? 'knows' : 'does not know'} ${who} as one from inside`, () => {
      assert.equal(comesFromInside(gateways, meta), inside);
    });
  }
});
