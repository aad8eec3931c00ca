import assert from 'node:assert/strict';
import fc from 'fast-check';
import { publicToolName } from '../../../../src/gateway/catalog/publicName.js';

type Pair = readonly [server: string, tool: string];
const nameOf = ([server, tool]: Pair): string => publicToolName(server, tool);
const same = (a: Pair, b: Pair): boolean => a[0] === b[0] && a[1] === b[1];

/** Short texts over characters that normalising, splitting and hashing care about, so that near-collisions are common. */
const nearText = fc
  .array(fc.constantFrom('a', 'A', 'b', '_', '__', '-', '.', '/', 'é', 'İ', '\ud800', '_abc123', '0'), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));
const anyText = fc.oneof(
  nearText,
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.stringMatching(/^[a-z0-9_-]{0,50}$/),
);
const pair: fc.Arbitrary<Pair> = fc.tuple(anyText, anyText);

const two = (a: Pair, b: Pair): readonly [Pair, Pair] => [a, b];

/** Two pairs that are made to be confused with each other. */
const confusable: fc.Arbitrary<readonly [Pair, Pair]> = fc.oneof(
  fc.tuple(fc.tuple(nearText, nearText), fc.tuple(nearText, nearText)),
  // The separator moved within one text.
  fc.tuple(nearText, nearText, nearText).map(([a, b, c]) => two([`${a}__${b}`, c], [a, `${b}__${c}`])),
  fc.tuple(nearText, nearText).map(([a, b]) => two([`${a}_`, b], [a, `_${b}`])),
  // Letter case, and characters with the same replacement.
  pair.map(([server, tool]) => two([server, tool], [server.toUpperCase(), tool])),
  pair.map(([server, tool]) => two([server, tool], [server, tool.replaceAll('_', '.')])),
  // Same head, different tail beyond the cut.
  fc
    .tuple(fc.string({ minLength: 50, maxLength: 60 }), nearText, nearText)
    .map(([head, a, b]) => two(['s', head + a], ['s', head + b])),
  // A tool that calls itself what another pair's hashed name is.
  pair.map(([server, tool]) => {
    const [head, ...tail] = publicToolName(server, tool).split('__');
    return two([server, tool], [head ?? '', tail.join('__')]);
  }),
);

describe('publicToolName', () => {
  it('keeps plain names plain', () => {
    assert.equal(publicToolName('everything', 'echo'), 'everything__echo');
    assert.equal(publicToolName('my_files-2', 'read_text__file_'), 'my_files-2__read_text__file_');
    assert.equal(publicToolName('a', '_b'), 'a___b');
    const longest = 'a'.repeat(20);
    assert.equal(publicToolName(longest, 'b'.repeat(24)), `${longest}__${'b'.repeat(24)}`);
  });

  it('appends a hash where normalising or cutting changed something', () => {
    assert.match(publicToolName('GitHub', 'getIssue'), /^github__getissue_[0-9a-f]{6}$/);
    assert.match(publicToolName('a', 'fs/read.file'), /^a__fs_read_file_[0-9a-f]{6}$/);
    assert.match(publicToolName('a'.repeat(20), 'b'.repeat(25)), /^a{18,20}__b{17,19}_[0-9a-f]{6}$/);
  });

  it('appends a hash where the name could be read as another pair', () => {
    for (const [server, tool] of [
      ['', 'x'],
      ['a', ''],
      ['a__b', 'c'],
      ['_a', 'c'],
      ['a_', 'c'],
      ['a', 'x_abc123'],
      ['a', 'x__012345'],
    ] as const)
      assert.match(publicToolName(server, tool), /_[0-9a-f]{6}$/, `${server} / ${tool}`);
    assert.notEqual(publicToolName('a', 'x_abc123'), 'a__x_abc123');
  });

  it('keeps the same name for ever', () => {
    // Written down, because people put these names into prompts, approvals and settings.
    assert.equal(publicToolName('GitHub', 'getIssue'), 'github__getissue_0a01b1');
  });

  it('shares what there is fairly between server and tool', () => {
    const long = 'x'.repeat(100);
    assert.match(publicToolName(long, long), /^x{18}__x{19}_[0-9a-f]{6}$/);
    assert.match(publicToolName('Ab', long), /^ab__x{35}_[0-9a-f]{6}$/);
    assert.match(publicToolName(long, 'Ab'), /^x{35}__ab_[0-9a-f]{6}$/);
  });

  it('always matches [a-z0-9_-]{1,46}', () => {
    fc.assert(
      fc.property(pair, (p) => {
        assert.match(nameOf(p), /^[a-z0-9_-]{1,46}$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a pair the same name whatever was named before', () => {
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const before = nameOf(a);
        nameOf(b);
        assert.equal(nameOf(a), before);
      }),
    );
  });

  it('gives two different pairs different names', () => {
    fc.assert(
      fc.property(fc.oneof(confusable, fc.tuple(pair, pair)), ([a, b]) => {
        fc.pre(!same(a, b));
        assert.notEqual(nameOf(a), nameOf(b));
      }),
      { numRuns: 5000 },
    );
  });

  it('does not read more of a huge name than it can use', () => {
    assert.ok(publicToolName('a', 'É'.repeat(1_000_000)).length <= 46);
  });
});
