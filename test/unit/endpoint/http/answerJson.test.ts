import assert from 'node:assert/strict';
import fc from 'fast-check';
import { answerJson } from '../../../../src/endpoint/http/answerJson.js';
import { largeResult } from '../../../../src/protocol/large/largeResult.js';
import type { MessageJson } from '../../../../src/protocol/large/messageJson.js';

const textOf = (json: MessageJson): string =>
  typeof json === 'string' ? json : Buffer.concat(json.parts).toString('utf8');

const answer = (result: Record<string, unknown>): string =>
  textOf(answerJson({ jsonrpc: '2.0', id: 1, result }));

/** The same result as bytes that came in parts of this size. */
function large(json: string, partBytes: number): MessageJson {
  const bytes = Buffer.from(json);
  const parts = Array.from({ length: Math.ceil(bytes.length / partBytes) }, (_, index) =>
    bytes.subarray(index * partBytes, (index + 1) * partBytes),
  );
  return answerJson({ jsonrpc: '2.0', id: 1, result: largeResult(parts, bytes.length, {}) });
}

const TAGGED = 'seen\u{e0048}\u{e0069}\u{e007f} and seen';

describe('answers to clients', () => {
  it('have no tag characters, whether they are small or came as bytes, raw or escaped, in parts of any size', () => {
    const expected = '{"jsonrpc":"2.0","id":1,"result":{"text":"seen and seen"}}';
    assert.equal(answer({ text: TAGGED }), expected);
    const escaped = String.raw`{"text":"seen\udb40\udc48 and seen"}`;
    for (const json of [
      JSON.stringify({ text: TAGGED }),
      escaped,
      escaped.replace('db', 'DB'),
      escaped.replace('db', 'Db'),
    ])
      for (let size = 1; size <= json.length; size++)
        assert.equal(textOf(large(json, size)), expected, `${json} ${size}`);
  });

  it('are else what they were, large ones to the last byte', () => {
    const json = '{ "text" : "na\\u00efve \u00ef \u{1f600} \ufe0f \\ud83d\\ude00" , "n": 1.0 }';
    const passed = large(json, 7);
    assert.ok(typeof passed !== 'string');
    assert.equal(textOf(passed), `{"jsonrpc":"2.0","id":1,"result":${json}}`);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[\u{e0000}-\u{e007f}]|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{2}/u.test(text));
        assert.deepEqual(JSON.parse(answer({ text })), { jsonrpc: '2.0', id: 1, result: { text } });
      }),
    );
  });
});
