import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  mayBeOf,
  MIN_NAME_LENGTH,
  publicToolName,
  withLongHashes,
} from '../../../../src/gateway/catalog/publicName.js';
import { CANONICAL_NAMES, type NameForm } from '../../../../src/gateway/model/nameForm.js';

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

  describe('of other forms', () => {
    const form: fc.Arbitrary<NameForm> = fc.record({
      maxLength: fc.constantFrom(MIN_NAME_LENGTH, 42, 46, 47, 64),
      letterCase: fc.constantFrom('lower', 'kept'),
    });
    /** A server with what its place among the others decides. */
    const ranked = fc.tuple(pair, fc.boolean());

    it('keeps letter case and length where the client takes them', () => {
      const kept: NameForm = { maxLength: 64, letterCase: 'kept' };
      assert.equal(publicToolName('GitHub', 'getIssue', kept), 'GitHub__getIssue');
      const long = 'TwilioApiV2010--ListAvailablePhoneNumberLocal';
      assert.equal(publicToolName('twilio', long, kept), `twilio__${long}`);
      assert.match(publicToolName('twilio', long), /^twilio__twilioapiv2010--listavailableph_[0-9a-f]{6}$/);
      assert.match(publicToolName('GitHub', 'get.Issue', kept), /^GitHub__get_Issue_[0-9a-f]{6}$/);
    });

    it('always fits the form', () => {
      fc.assert(
        fc.property(ranked, form, ([[server, tool], long], { maxLength, letterCase }) => {
          const name = publicToolName(server, tool, { maxLength, letterCase }, long);
          assert.match(name, letterCase === 'kept' ? /^[A-Za-z0-9_-]+$/ : /^[a-z0-9_-]+$/);
          assert.ok(name.length <= maxLength, name);
        }),
        { numRuns: 2000 },
      );
    });

    it('gives two different pairs different names, within a form and between it and the canonical one', () => {
      fc.assert(
        fc.property(fc.oneof(confusable, fc.tuple(pair, pair)), form, ([a, b], one) => {
          fc.pre(!same(a, b));
          assert.notEqual(publicToolName(...a, one), publicToolName(...b, one));
          assert.notEqual(publicToolName(...a, one), publicToolName(...b, CANONICAL_NAMES));
        }),
        { numRuns: 5000 },
      );
    });

    it('points at its server in every form', () => {
      fc.assert(
        fc.property(ranked, form, ([[server, tool], long], one) => {
          fc.pre(/[a-z0-9]/.test(server) && /^[ -~]*$/.test(server));
          assert.ok(mayBeOf(publicToolName(server, tool, one, long), server));
        }),
        { numRuns: 2000 },
      );
    });
  });
});

describe('withLongHashes', () => {
  const names = [
    'GitHub',
    'gitHub',
    'git_hub',
    'git-hub',
    'github__x',
    'github',
    'a'.repeat(30),
    'a'.repeat(31),
  ];

  it('picks each later server whose names could begin like those of an earlier one', () => {
    assert.deepEqual(
      [...withLongHashes(['GitHub', 'files', 'gitHub', 'github__x', 'git'])],
      ['gitHub', 'github__x'],
    );
    assert.deepEqual([...withLongHashes(['a'.repeat(30), 'b', 'a'.repeat(31)])], ['a'.repeat(31)]);
    // What becomes of a letter that has no lower case of one character.
    assert.deepEqual([...withLongHashes(['_a', '\u0130a', 'i_a'])], ['\u0130a']);
    assert.deepEqual([...withLongHashes(['everything', 'filesystem', 'memory'])], []);
  });

  it('leaves no two servers whose hashed names could be equal, whatever their tools are called', () => {
    const hashed = /^(.*)_([0-9a-f]{6}|[0-9a-f]{16})$/;
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.constantFrom(...names), nearText), { minLength: 2, maxLength: 5 }),
        nearText,
        nearText,
        fc.constantFrom<NameForm>(CANONICAL_NAMES, { maxLength: 41, letterCase: 'kept' }),
        (servers, a, b, one) => {
          const long = withLongHashes(servers);
          // Of two names without their hash: those of six digits must differ, because their hashes can be made the same.
          const [first = '', second = ''] = servers;
          const parts = [
            [first, a],
            [second, b],
          ].map(([server = '', tool = '']) =>
            hashed.exec(publicToolName(server, tool, one, long.has(server))),
          );
          const [x, y] = parts;
          if (x && y && x[2]?.length === 6 && y[2]?.length === 6) assert.notEqual(x[1], y[1]);
          assert.ok(!long.has(first));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('looks at ten thousand servers in one pass', () => {
    const servers = Array.from({ length: 10_000 }, (_, index) => `server-with-a-long-name-${index}`);
    assert.equal(withLongHashes(servers).size, servers.length - 1);
  });
});
