import assert from 'node:assert/strict';
import { checkContentType, readAccept } from '../../../../src/endpoint/http/content.js';

describe('content', () => {
  const both = { json: true, events: true };

  it('reads Accept leniently, the most specific range first', () => {
    for (const [accept, expected] of [
      [undefined, both],
      ['*/*', both],
      ['application/json, text/event-stream', both],
      ['text/event-stream, application/json', both],
      ['TEXT/Event-Stream;q=0.5 , application/*', both],
      ['application/json', { json: true, events: false }],
      ['text/*', { json: false, events: true }],
      ['*/*, text/event-stream;q=0', { json: true, events: false }],
      ['application/json;q=0.0, */*;q=0.1', { json: false, events: true }],
    ] as const)
      assert.deepEqual(readAccept(accept === undefined ? {} : { accept }), expected, accept);
    for (const accept of ['', 'text/html', 'application/json;q=0', 'application/jsonx', '*'])
      assert.throws(() => readAccept({ accept }), { status: 406 }, accept);
  });

  it('takes plain JSON in UTF-8 only', () => {
    for (const type of [
      'application/json',
      'Application/JSON ; charset="utf-8"',
      'application/json;x=1;charset=utf8',
    ])
      checkContentType({ 'content-type': type });
    checkContentType({ 'content-type': 'application/json', 'content-encoding': 'identity' });
    assert.throws(
      () => {
        checkContentType({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
      },
      { status: 415 },
    );
    for (const type of [
      '',
      'text/json',
      'application/jsonx',
      'application/json;charset=latin1',
      'text/plain;application/json',
    ])
      assert.throws(
        () => {
          checkContentType({ 'content-type': type });
        },
        { status: 415 },
        type,
      );
  });
});
