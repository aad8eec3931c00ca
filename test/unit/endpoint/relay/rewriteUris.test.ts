import assert from 'node:assert/strict';
import { rewriteUris } from '../../../../src/endpoint/relay/rewriteUris.js';

const mark = (uri: string): string => `${uri}!`;

describe('URIs in an answer', () => {
  it('get other names in links, embedded resources, contents and the page of a tool, and nowhere else', () => {
    const answer = {
      content: [
        { type: 'resource_link', uri: 'x:1', name: 'x:1' },
        { type: 'resource', resource: { uri: 'x:2', text: 'x:2' } },
        { type: 'text', text: 'x:3', uri: 'x:3' },
        'x:4',
        { type: 'resource_link', uri: 5 },
      ],
      contents: [{ uri: 'x:6', text: 'x:6' }, null],
      messages: [
        { role: 'user', content: { type: 'resource_link', uri: 'x:7' } },
        { role: 'user', content: [{ type: 'resource', resource: { uri: 'x:8' } }] },
        7,
      ],
      structuredContent: { uri: 'x:9' },
      _meta: { ui: { resourceUri: 'x:10', other: 1 }, 'ui/resourceUri': 'x:11', uri: 'x:12' },
    };
    assert.deepEqual(rewriteUris(answer, mark), {
      content: [
        { type: 'resource_link', uri: 'x:1!', name: 'x:1' },
        { type: 'resource', resource: { uri: 'x:2!', text: 'x:2' } },
        { type: 'text', text: 'x:3', uri: 'x:3' },
        'x:4',
        { type: 'resource_link', uri: 5 },
      ],
      contents: [{ uri: 'x:6!', text: 'x:6' }, null],
      messages: [
        { role: 'user', content: { type: 'resource_link', uri: 'x:7!' } },
        { role: 'user', content: [{ type: 'resource', resource: { uri: 'x:8!' } }] },
        7,
      ],
      structuredContent: { uri: 'x:9' },
      _meta: { ui: { resourceUri: 'x:10!', other: 1 }, 'ui/resourceUri': 'x:11!', uri: 'x:12' },
    });
  });

  it('change nothing where there are none', () => {
    for (const answer of [{}, { content: 'x', _meta: 3 }, { messages: { uri: 'x:1' } }])
      assert.deepEqual(rewriteUris(answer, mark), answer);
  });
});
