import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Prefixes } from '../../../../src/base/text/prefixes.js';

describe('Prefixes', () => {
  it('say of a text what looking at each of them says', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\ud83d', '\ude00', '\uffff'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.boolean()), { maxLength: 12 }), text, (all, sought) => {
        const map = new Map(all);
        const fitting = [...map].filter(([prefix]) => sought.startsWith(prefix)).map(([, marked]) => marked);
        assert.equal(new Prefixes(map).of(sought), fitting.length > 0 ? fitting.includes(true) : undefined);
      }),
      { numRuns: 1000 },
    );
  });

  it('are found quickly, also where thousands begin with each other', () => {
    const prefixes = new Prefixes(
      new Map(Array.from({ length: 5000 }, (_, index) => ['a'.repeat(index), index === 7])),
    );
    const begun = process.cpuUsage().user;
    for (let index = 0; index < 1000; index++) {
      assert.equal(prefixes.of(`${'a'.repeat(4000)}b${index}`), true);
      assert.equal(prefixes.of(`aaab${index}`), false);
    }
    // To look at each would take tens of seconds.
    const tookMs = (process.cpuUsage().user - begun) / 1000;
    assert.ok(tookMs < 1000, `${tookMs} ms`);
  });
});
