import assert from 'node:assert/strict';
import fc from 'fast-check';
import { resultText } from '../../../src/cli/content.js';
import type { ContentBlock } from '../../../src/gateway/model/results.js';

describe('resultText', () => {
  const table: [string, ContentBlock[], string][] = [
    ['nothing', [], ''],
    ['text', [{ type: 'text', text: 'a\nb' }], 'a\nb\n'],
    ['text that ends its line', [{ type: 'text', text: 'a\n' }], 'a\n'],
    ['empty text', [{ type: 'text', text: '' }], ''],
    [
      'two texts',
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
      'a\nb\n',
    ],
    ['an image', [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }], '[image image/png, 3 bytes]\n'],
    ['audio', [{ type: 'audio', mimeType: 'audio/wav', data: 'AAA=' }], '[audio audio/wav, 2 bytes]\n'],
    ['a link', [{ type: 'resource_link', uri: 'a://b', name: 'b' }], '[resource link a://b]\n'],
    ['an embedded text', [{ type: 'resource', resource: { uri: 'a://b', text: 'inside' } }], 'inside\n'],
    [
      'an embedded blob',
      [{ type: 'resource', resource: { uri: 'a://b', mimeType: 'x/y', blob: 'AAAA' } }],
      '[resource a://b x/y, 3 bytes]\n',
    ],
    ['what it does not know', [{ type: 'video', data: 'x' }], '[video, 27 characters of JSON]\n'],
    ['text without text', [{ type: 'text' }], '[text, 15 characters of JSON]\n'],
    ['a resource without resource', [{ type: 'resource' }], '[resource, 19 characters of JSON]\n'],
  ];
  for (const [what, content, expected] of table)
    it(`prints ${what}`, () => {
      assert.equal(resultText({ content }), expected);
    });

  it('prints structured content only where there is no other', () => {
    const structuredContent = { a: 1 };
    assert.equal(resultText({ content: [], structuredContent }), '{\n  "a": 1\n}\n');
    assert.equal(resultText({ content: [{ type: 'text', text: 'x' }], structuredContent }), 'x\n');
  });

  it('prints something for whatever a server sends, and ends the line', () => {
    const kind = fc.constantFrom('text', 'image', 'audio', 'resource', 'resource_link', 'other');
    const block = fc
      .tuple(
        kind,
        fc.dictionary(fc.constantFrom('text', 'data', 'resource', 'uri', 'mimeType'), fc.jsonValue()),
      )
      .map(([type, fields]) => ({ ...fields, type }));
    fc.assert(
      fc.property(fc.array(block), (content) => {
        const text = resultText({ content });
        assert.ok(text === '' || text.endsWith('\n'));
      }),
    );
  });
});
