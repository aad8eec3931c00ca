import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InFlightMap } from '../../../src/protocol/inFlightMap.js';
import type { RequestId } from '../../../src/protocol/messages.js';

const ids = fc.oneof(
  fc.constantFrom<RequestId[]>(0, 1, '1', -1, 1.5, '1.5', '', '"1', '__proto__', 'constructor', 'toString'),
  fc.integer(),
  fc.string(),
);
const steps = fc.array(
  fc.record({ what: fc.constantFrom('set', 'set', 'delete', 'clear'), id: ids, value: fc.integer() }),
  { maxLength: 60 },
);

describe('InFlightMap', () => {
  it('holds what a map would hold', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const [map, inWork] = [new Map<RequestId, { value: number }>(), new InFlightMap<{ value: number }>()];
        for (const { what, id, value } of all) {
          if (what === 'set') for (const one of [map, inWork]) one.set(id, { value });
          else if (what === 'delete') for (const one of [map, inWork]) one.delete(id);
          else if (value % 10 === 0) for (const one of [map, inWork]) one.clear();
          assert.equal(inWork.size, map.size);
          assert.equal(inWork.has(id), map.has(id));
          for (const [key, entry] of map) assert.deepEqual(inWork.get(key), entry);
          const numbers = (entries: Iterable<{ value: number }>): number[] =>
            [...entries].map((entry) => entry.value).sort((a, b) => a - b);
          assert.deepEqual(numbers(inWork.values()), numbers(map.values()));
        }
      }),
    );
  });

  it('knows nothing by what is no id', () => {
    const inWork = new InFlightMap<string>();
    inWork.set(1, 'number');
    inWork.set('', 'empty');
    for (const odd of [undefined, null, {}, [], [1], { toString: 1 }, true])
      assert.equal(inWork.get(odd as unknown as RequestId), undefined);
  });
});
