import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nearestNames } from '../../../../src/base/text/nearest.js';

const NAMES = [
  'everything__echo',
  'everything__get-sum',
  'memory__read_graph',
  'files__read_file',
  'files__read_text_file',
];

describe('nearestNames', () => {
  it('finds a misspelled name', () => {
    assert.deepEqual(nearestNames('everything__ehco', NAMES)[0], 'everything__echo');
    assert.deepEqual(nearestNames('files__raed_file', NAMES)[0], 'files__read_file');
  });

  it('finds a name without its server, spelled right or wrong, in any letter case', () => {
    assert.deepEqual(nearestNames('echo', NAMES), ['everything__echo']);
    assert.deepEqual(nearestNames('ECHO', NAMES), ['everything__echo']);
    assert.deepEqual(nearestNames('ehco', NAMES), ['everything__echo']);
    assert.deepEqual(nearestNames('get-smu', NAMES), ['everything__get-sum']);
  });

  it('prefers names that hold what was written, the closest first', () => {
    assert.deepEqual(nearestNames('read_file', ['read_fole', ...NAMES]).slice(0, 2), [
      'files__read_file',
      'read_fole',
    ]);
    assert.deepEqual(nearestNames('files', NAMES), ['files__read_file', 'files__read_text_file']);
    assert.deepEqual(nearestNames('files', NAMES, 1), ['files__read_file']);
  });

  it('is empty when nothing is near', () => {
    assert.deepEqual(nearestNames('zzzzzz', NAMES), []);
    assert.deepEqual(nearestNames('', NAMES), []);
    assert.deepEqual(nearestNames('a', NAMES), []);
    assert.deepEqual(nearestNames('echo', []), []);
    assert.deepEqual(nearestNames('echo', ['', '__']), []);
  });

  it('answers at most as many as asked for, candidates only, each once, and the name itself first', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 3 })),
        fc.nat(5),
        fc.string(),
        (candidates, max, name) => {
          const near = nearestNames(name, candidates, max);
          assert.ok(near.length <= max);
          assert.equal(new Set(near).size, near.length);
          for (const found of near) assert.ok(candidates.includes(found));
          const [own] = candidates;
          if (own !== undefined)
            assert.equal(nearestNames(own, candidates)[0]?.toLowerCase(), own.toLowerCase());
        },
      ),
    );
  });

  it('is bounded', () => {
    const start = performance.now();
    nearestNames('x'.repeat(1_000_000), Array<string>(50_000).fill('y'.repeat(10_000)));
    assert.ok(performance.now() - start < 10_000);
  });
});
