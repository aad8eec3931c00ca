import assert from 'node:assert/strict';
import type { Omission } from '../../../src/gateway/model/listing.js';
import { listingFaults, unexplained } from '../../soak/listers.js';

describe('What the soak finds wrong with a listing', () => {
  const omitted = (server: string, more: Partial<Omission> = {}): Omission => ({
    server,
    reason: 'failed',
    message: 'It ended.',
    ...more,
  });
  const present = new Set(['a', 'b', 'c']);
  const good = { items: [{ server: 'a' }, { server: 'a' }], omitted: [omitted('b')], stale: ['a', 'c'] };

  it('nothing, when each server is there once', () => {
    assert.deepEqual(listingFaults(good, ['one', 'two'], present), []);
    assert.deepEqual(listingFaults(good, ['one', 'two'], undefined), []);
  });

  it('nothing, when old items are there with the reason why there are no newer ones', () => {
    assert.deepEqual(listingFaults({ ...good, omitted: [omitted('a'), omitted('b')] }, [], present), []);
  });

  for (const [fault, listing, keys] of [
    ['the item one is there twice', good, ['one', 'one']],
    ['the omission of b is there twice', { ...good, omitted: [omitted('b'), omitted('b')] }, []],
    ['the stale c is there twice', { ...good, stale: ['c', 'c'] }, []],
    ['a is listed and omitted', { ...good, stale: [], omitted: [omitted('a')] }, []],
    ['c is stale and omitted as starting', { ...good, omitted: [omitted('c', { reason: 'starting' })] }, []],
    ['b is omitted without a reason', { ...good, omitted: [omitted('b', { message: '' })] }, []],
    [
      'b is omitted without a reason',
      { ...good, omitted: [omitted('b', { reason: 'why' as 'failed' })] },
      [],
    ],
    ['d is not in the settings', { ...good, items: [{ server: 'd' }] }, []],
  ] as const)
    it(fault, () => {
      assert.deepEqual(listingFaults(listing, keys, present), [fault]);
    });

  it('a server that nothing is said of (AbsenceIsExplained)', () => {
    assert.deepEqual(unexplained(good, present), ['nothing is said of c']);
    assert.deepEqual(unexplained(good, new Set(['a', 'b'])), []);
  });
});
