import assert from 'node:assert/strict';
import type { CallToolResult } from '../../../../../src/gateway/model/results.js';
import { holdsImages, withoutImages } from '../../../../../src/vscode/chat/turn/messages.js';
import { MAX_IMAGE_BYTES, resultForModel } from '../../../../../src/vscode/chat/turn/results.js';
import { resultAsMarkdown } from '../../../../../src/vscode/chat/slash/showResult.js';

const PNG = Buffer.from([137, 80, 78, 71]).toString('base64');

const texts = (result: CallToolResult, maxText?: number): (string | undefined)[] =>
  resultForModel(result, maxText).map((part) => (part.type === 'text' ? part.text : undefined));

describe('resultForModel', () => {
  it('passes texts on', () => {
    assert.deepEqual(texts({ content: [{ type: 'text', text: 'a' }] }), ['a']);
  });

  it('says that an error is one (invariant ErrorsAreErrors)', () => {
    const [first, second] = texts({ content: [{ type: 'text', text: 'no' }], isError: true });
    assert.match(first ?? '', /reported an error/);
    assert.equal(second, 'no');
  });

  it('gives images as data', () => {
    const [part] = resultForModel({ content: [{ type: 'image', mimeType: 'image/PNG', data: PNG }] });
    assert.deepEqual(part, {
      type: 'image',
      mimeType: 'image/png',
      data: Uint8Array.from([137, 80, 78, 71]),
    });
  });

  it('names data that models drop: audio, other image types, too large images, more than ten', () => {
    const large = 'A'.repeat(Math.ceil(((MAX_IMAGE_BYTES + 100) * 4) / 3));
    assert.deepEqual(texts({ content: [{ type: 'audio', mimeType: 'audio/wav', data: PNG }] }), [
      '[audio/wav, 6 bytes]',
    ]);
    assert.deepEqual(texts({ content: [{ type: 'image', mimeType: 'image/svg+xml', data: PNG }] }), [
      '[image/svg+xml, 6 bytes]',
    ]);
    assert.deepEqual(texts({ content: [{ type: 'image', mimeType: 'image/png', data: large }] }), [
      '[image/png, 5.0 MB]',
    ]);
    const many = Array.from({ length: 12 }, () => ({ type: 'image', mimeType: 'image/png', data: PNG }));
    assert.equal(texts({ content: many }).filter((text) => text === undefined).length, 10);
  });

  it('reads resources and links', () => {
    assert.deepEqual(
      texts({
        content: [
          { type: 'resource', resource: { uri: 'a://1', text: 'words' } },
          { type: 'resource', resource: { uri: 'a://2', blob: PNG } },
          { type: 'resource_link', uri: 'a://3', name: 'three', description: 'the third' },
        ],
      }),
      [
        'Resource a://1:\nwords',
        'Resource a://2: [application/octet-stream, 6 bytes]',
        'Resource a://3 (three: the third)',
      ],
    );
  });

  it('passes blocks that it does not know on as JSON', () => {
    assert.deepEqual(JSON.parse(texts({ content: [{ type: 'new', x: 1 }] })[0] ?? ''), { type: 'new', x: 1 });
  });

  it('gives structured content once, also where a text repeats it in another layout', () => {
    const structuredContent = { b: [1, 2], a: 'x' };
    const repeated = { type: 'text', text: '{ "a": "x",\n "b": [1,2] }' };
    assert.deepEqual(texts({ content: [repeated], structuredContent }), [repeated.text]);
    for (const text of ['[1,2]', 'plain words'])
      assert.deepEqual(
        texts({
          content: [{ type: 'text', text }],
          structuredContent: { result: text === '[1,2]' ? [1, 2] : text },
        }),
        [text],
      );
    const [words, json] = texts({ content: [{ type: 'text', text: 'See there.' }], structuredContent });
    assert.equal(words, 'See there.');
    assert.deepEqual(JSON.parse(json ?? ''), structuredContent);
  });

  it('keeps to the limit over all texts and says what is missing', () => {
    const content = ['a'.repeat(60), 'b'.repeat(60), 'c', 'd'].map((text) => ({ type: 'text', text }));
    assert.deepEqual(texts({ content }, 100), [
      'a'.repeat(60),
      `${'b'.repeat(40)}\n[20 of 60 characters are left out here.]`,
      '[2 more parts of the result are left out here.]',
    ]);
  });

  it('says so when there is nothing', () => {
    assert.deepEqual(texts({ content: [] }), ['The tool ended without a result.']);
  });
});

describe('withoutImages', () => {
  it('puts a line in the place of every image', () => {
    const image = { type: 'image', mimeType: 'image/png', data: new Uint8Array(2048) } as const;
    const messages = [
      { role: 'user', parts: [image, { type: 'result', id: '1', content: [image] }] },
    ] as const;
    assert.ok(holdsImages(messages));
    const replaced = withoutImages(messages);
    assert.ok(!holdsImages(replaced));
    const note = { type: 'text', text: '[image/png, 2 KB]' };
    assert.deepEqual(replaced[0]?.parts, [note, { type: 'result', id: '1', content: [note] }]);
  });
});

describe('resultAsMarkdown', () => {
  const words = (text: string): string => resultAsMarkdown({ content: [{ type: 'text', text }] });

  it('shows prose line by line, with nothing in it as formatting', () => {
    assert.equal(words('# a\n*b*\r\n\n[c](command:d)\n'), '\\# a\\\n\\*b\\*\n\n\\[c\\]\\(command\\:d\\)');
  });

  it('shows laid out text as a code block that it cannot end', () => {
    assert.equal(words('a:\n  [x](command:y)\n```\n# z'), '````text\na:\n  [x](command:y)\n```\n# z\n````');
    assert.match(words('name   size\na      1'), /^```text\n/);
  });

  it('shows JSON as JSON', () => {
    assert.match(resultAsMarkdown({ content: [{ type: 'text', text: '{"a":1}' }] }), /^```json\n/);
    assert.match(resultAsMarkdown({ content: [], structuredContent: { a: 1 } }), /^```json\n\{\n {2}"a": 1/);
  });

  it('shows images, encoded anew', () => {
    const data = `${PNG})](command:x`;
    assert.equal(
      resultAsMarkdown({ content: [{ type: 'image', mimeType: 'image/png', data }] }).replace(
        /base64,[A-Za-z0-9+/=]+\)$/,
        'base64,…)',
      ),
      '![image/png](data:image/png;base64,…)',
    );
  });

  it('shows an error as one', () => {
    assert.match(resultAsMarkdown({ content: [], isError: true }), /^\*\*The tool reported an error/);
  });
});
