import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LargeList } from '../../../../src/protocol/large/largeList.js';
import { largeResult } from '../../../../src/protocol/large/largeResult.js';
import { cut, cuts, resultText } from '../../../support/jsonText.js';

function listIn(text: string, places: readonly number[] = []): LargeList {
  const bytes = Buffer.from(text.replace(/[\r\n]/g, ' '));
  return new LargeList(largeResult(cut(bytes, places), bytes.length, {}), 'tools');
}

function readAll(list: LargeList): unknown[] {
  while (list.step());
  return Array.from({ length: list.length }, (_, index) => list.at(index));
}

describe('LargeList', () => {
  it('has the items and the cursor that JSON.parse finds, however they are written and the bytes are cut', () => {
    fc.assert(
      fc.property(resultText(['tools', 'nextCursor', 'other']), cuts, (text, places) => {
        const { tools, nextCursor } = JSON.parse(text) as Record<string, unknown>;
        const list = listIn(text, places);
        const items = readAll(list);
        assert.equal(list.isList, Array.isArray(tools));
        assert.deepEqual(items, Array.isArray(tools) ? tools : []);
        const isText = typeof nextCursor !== 'object' || nextCursor === null;
        assert.deepEqual(list.nextCursor, isText ? nextCursor : {});
      }),
      { numRuns: 2000 },
    );
  });

  it('knows how many items there are before it has seen all, and does not parse those that are too large', () => {
    const list = listIn(`{"tools":[${'[],'.repeat(1_000_000)}"${'x'.repeat(100)}"]}`);
    list.step();
    assert.ok(list.length > 1000 && list.length < 100_000, `${list.length} items`);
    while (list.step());
    assert.equal(list.length, 1_000_001);
    assert.equal(list.at(1_000_000, 101), undefined);
    assert.equal(list.at(1_000_000, 102), 'x'.repeat(100));
  });
});
