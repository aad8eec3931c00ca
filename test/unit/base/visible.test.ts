import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  hasHidden,
  visible,
  visibleMessage,
  withoutTags,
  withoutTagsIn,
} from '../../../src/base/text/visible.js';

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Every kind that a text can be made to lie with. */
const kinds: Record<string, number[]> = {
  'C0 controls': range(0, 0x1f).filter((code) => code !== 9 && code !== 10),
  DEL: [0x7f],
  'C1 controls': range(0x80, 0x9f),
  'a soft hyphen': [0xad],
  'a grapheme joiner': [0x34f],
  'direction marks': [0x61c, 0x200e, 0x200f],
  embeddings: range(0x202a, 0x202e),
  isolates: range(0x2066, 0x2069),
  'zero width': [0x200b, 0x200c, 0x200d, 0xfeff],
  'invisible operators': range(0x2060, 0x2064),
  'deprecated formats': range(0x206a, 0x206f),
  'line separators': [0x2028, 0x2029],
  fillers: [0x115f, 0x1160, 0x3164, 0xffa0, 0x2800],
  'Khmer vowels': [0x17b4, 0x17b5],
  'Mongolian selectors': range(0x180b, 0x180f),
  'variation selectors': range(0xfe00, 0xfe0f),
  'variation selectors in bulk': range(0xe0100, 0xe01ef),
  annotations: range(0xfff9, 0xfffb),
  tags: range(0xe0000, 0xe007f),
  'musical formats': range(0x1d173, 0x1d17a),
  'lone surrogates': [0xd800, 0xdbff, 0xdc00, 0xdfff],
  'private use': [0xe000, 0xf8ff, 0xf0000],
};

describe('a text that people read', () => {
  for (const [kind, codes] of Object.entries(kinds))
    it(`shows ${kind} as escapes`, () => {
      for (const code of codes) {
        const character = String.fromCodePoint(code);
        for (const as of ['lines', 'line', 'name'] as const) {
          // White space of one line becomes a space, which is seen.
          const space = as === 'line' && /[\v\f\r\u0085]/.test(character) && /\s/.test(character);
          const shown = visible(`a${character}b`, as);
          if (space) assert.equal(shown, 'a b');
          else {
            assert.match(
              shown,
              /^a(?:\\u[0-9a-f]{4})+b$/,
              `U+${code.toString(16)} as ${as}: ${JSON.stringify(shown)}`,
            );
            assert.equal(JSON.parse(`"${shown}"`), `a${character}b`);
          }
        }
      }
    });

  const kept = ['שלום', 'नमस्ते', 'می‌خواهم', 'क्‍ष', '漢字', 'e\u0301', '👩‍👩‍👧', '👍🏽', '❤️', '1️⃣', '🏳️‍🌈', 'a b'];
  it('keeps letters of all scripts with their joiners, and emoji', () => {
    for (const text of kept) {
      assert.equal(visible(text), text);
      assert.equal(visible(text, 'line'), text);
    }
  });

  it('shows joiners between letters that have none, and every one in a name', () => {
    assert.equal(visible('pa\u200dth'), 'pa\\u200dth');
    assert.equal(visible('👩\u200dx'), '👩\\u200dx');
    assert.equal(visible('می\u200cخواهم', 'name'), 'می\\u200cخواهم');
    assert.equal(visible('❤\ufe0f\ufe0f'), '❤\\ufe0f\\ufe0f');
  });

  it('keeps line breaks and tabs only where lines are meant', () => {
    assert.equal(visible('a\r\n\tb\rc'), 'a\n\tb\\u000dc');
    assert.equal(visible(' a\r\n\tb \n', 'line'), 'a b');
    assert.equal(visible('a\n\tb', 'name'), 'a\\u000a\\u0009b');
  });

  it('has nothing hidden left, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(hasHidden(visible(text, 'name')), false);
        assert.doesNotMatch(visible(text), /[\p{Cc}\p{Bidi_Control}\p{Cs}](?<![\t\n])/u);
        assert.doesNotMatch(visible(text, 'line'), /[\p{Cc}\p{Bidi_Control}\p{Cs}]/u);
      }),
    );
  });

  it('takes time that grows with its length only', () => {
    const started = performance.now();
    for (const unit of ['\u200d', '👩\u200d', '\ufe0f', '\u{e0041}', 'ک\u200c', ' ', '\n'])
      for (const as of ['lines', 'line', 'name'] as const) visible(unit.repeat(200_000), as);
    assert.ok(performance.now() - started < 10_000);
  });
});

it('a message in a log cannot begin a line that looks like another message', () => {
  assert.equal(visibleMessage('one\n[error] two\r\nthree'), 'one\n    [error] two\n    three');
});

describe('a text that models read', () => {
  const tags = String.fromCodePoint(...Array.from('ignore', (letter) => 0xe0000 + letter.charCodeAt(0)));
  it('has no tag characters and no selectors in bulk, and is else as it was', () => {
    assert.equal(
      withoutTags(`Reads.${tags} \u202e❤️ 漢\u{e0100}\u{e0101}\u{e0102}`),
      'Reads. \u202e❤️ 漢\u{e0100}',
    );
  });

  it('has none that others leave behind, however they are nested', () => {
    const half = ['\udb40', '\udc41'] as const;
    for (const depth of [1, 2, 50]) {
      const nested = `a${half[0].repeat(depth)}${half[1].repeat(depth)}b \\ud800`;
      for (const cleaned of [withoutTags(nested), withoutTagsIn({ a: nested }).a]) {
        assert.doesNotMatch(cleaned, /[\u{e0000}-\u{e007f}]/u);
        assert.match(cleaned, /^a.*b \\ud800$/su);
      }
    }
    const mixed = `a${Array.from({ length: 5 }, () => `\ufe01${tags}`).join('')}b`;
    for (const cleaned of [withoutTags(mixed), withoutTagsIn([mixed])[0]]) assert.equal(cleaned, 'a\ufe01b');
    assert.equal(withoutTags('\udb40 stays'), '\udb40 stays');
  });

  it('is cleaned in every place of a value', () => {
    const value = { a: [`x${tags}`], b: { [`k${tags}`]: 1 } };
    assert.deepEqual(withoutTagsIn(value), { a: ['x'], b: { k: 1 } });
    const clean = { a: ['x'] };
    assert.equal(withoutTagsIn(clean), clean);
    const nothing: unknown = undefined;
    assert.equal(withoutTagsIn(nothing), undefined);
  });
});
