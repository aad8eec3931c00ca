import assert from 'node:assert/strict';
import type { CacheState } from '../../../../src/gateway/model/cacheState.js';
import { deriveCacheState } from '../../../../src/gateway/listing/deriveCacheState.js';

type Catalog = 'none' | 'fits' | 'other';
type Connection = 'none' | 'connecting' | 'open';

// Every combination: catalog at hand, connection, lists being read → state.
const TABLE: readonly [Catalog, Connection, boolean, CacheState][] = [
  ['none', 'none', false, 'Unknown'],
  ['none', 'none', true, 'RefreshingFromUnknown'],
  ['none', 'connecting', false, 'RefreshingFromUnknown'],
  ['none', 'connecting', true, 'RefreshingFromUnknown'],
  ['none', 'open', false, 'Unknown'],
  ['none', 'open', true, 'RefreshingFromUnknown'],
  ['fits', 'none', false, 'Cached'],
  ['fits', 'none', true, 'RefreshingFromCached'],
  ['fits', 'connecting', false, 'RefreshingFromCached'],
  ['fits', 'connecting', true, 'RefreshingFromCached'],
  ['fits', 'open', false, 'Live'],
  ['fits', 'open', true, 'RefreshingFromCached'],
  ['other', 'none', false, 'Outdated'],
  ['other', 'none', true, 'RefreshingFromCached'],
  ['other', 'connecting', false, 'RefreshingFromCached'],
  ['other', 'connecting', true, 'RefreshingFromCached'],
  ['other', 'open', false, 'Outdated'],
  ['other', 'open', true, 'RefreshingFromCached'],
];

const fingerprintOf = { none: undefined, fits: 'now', other: 'before' } as const;

describe('deriveCacheState', () => {
  it('has a row for every combination', () => {
    assert.equal(new Set(TABLE.map(([a, b, c]) => `${a} ${b} ${c}`)).size, 3 * 3 * 2);
  });

  for (const [catalog, connection, refreshing, state] of TABLE)
    it(`catalog ${catalog}, connection ${connection}, refreshing ${refreshing} → ${state}`, () => {
      const facts = {
        fingerprint: 'now',
        catalogFingerprint: fingerprintOf[catalog],
        connection,
        refreshing,
      };
      assert.equal(deriveCacheState(facts), state);
    });
});
