import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MessageTooLargeError } from '../../../src/protocol/errors.js';
import type { Message, RequestId } from '../../../src/protocol/messages.js';
import { MessageReader } from '../../../src/protocol/messageReader.js';

type Seen = ['message', Message] | ['garbage', string] | ['too large', RequestId | undefined];

function read(chunks: readonly Buffer[], maxBytes: number): Seen[] {
  const seen: Seen[] = [];
  const reader = new MessageReader(maxBytes, {
    onMessage: (message) => seen.push(['message', message]),
    onGarbage: (line) => seen.push(['garbage', line]),
    onDropped: (error, answers) => {
      assert.ok(error instanceof MessageTooLargeError);
      seen.push(['too large', answers]);
    },
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

/** The bytes, cut anywhere. */
const pieces = (text: string, cuts: readonly number[]): Buffer[] => {
  const bytes = Buffer.from(text, 'utf8');
  const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index]));
};

const id = fc.oneof(fc.nat(), fc.string({ unit: 'binary', maxLength: 20 }));
const long = fc.constantFrom(
  'x'.repeat(300),
  '"\\'.repeat(150),
  'é\\u0000{}[],:'.repeat(30),
  ' "id":7,'.repeat(40),
);
/** Holds whatever could be taken for the outline of a message. */
const result = fc.record({
  long,
  id: fc.nat(),
  deep: fc.array(fc.record({ id, method: fc.string({ unit: 'binary' }), '"result': fc.jsonValue() })),
  any: fc.jsonValue(),
});
const cuts = fc.array(fc.nat(100_000), { maxLength: 12 });

describe('MessageReader', () => {
  it('finds whose answer it was that is too large to be kept, wherever its id stands', () => {
    const entries = fc.record(
      { id, result, note: long, other: fc.jsonValue() },
      { requiredKeys: ['id', 'result'] },
    );
    const shuffled = entries.chain((message) =>
      fc
        .shuffledSubarray(Object.entries({ jsonrpc: '2.0', ...message }), { minLength: 3 })
        .filter((kept) => ['id', 'result'].every((key) => kept.some(([name]) => name === key)))
        .map((kept) => ({ message, text: JSON.stringify(Object.fromEntries(kept), undefined, 1) })),
    );
    fc.assert(
      fc.property(shuffled, cuts, ({ message, text }, places) => {
        const line = `${text.replaceAll('\n', '\t')}\n`;
        assert.deepEqual(read(pieces(line, places), 200), [['too large', message.id]]);
      }),
    );
  });

  it('says so before the end where the id comes first, and only once', () => {
    const [first, ...rest] = ['{"jsonrpc":"2.0","id":5,"result":{"text":"', 'x'.repeat(500), '"}}\n'].map(
      (text) => Buffer.from(text),
    );
    assert.deepEqual(read([first!, rest[0]!], 200), [['too large', 5]]);
    assert.deepEqual(read([first!, ...rest], 200), [['too large', 5]]);
  });

  for (const [name, text] of [
    ['a request of the other side', '{"id":5,"method":"sampling/createMessage","params":{"a":"LONG"}}'],
    ['a notification', '{"method":"notifications/message","params":{"a":"LONG"}}'],
    ['what is no JSON', 'a log line with {"id":5,"result":{} in it and no end LONG'],
    ['an answer to nobody', '{"id":null,"result":{"a":"LONG"}}'],
  ] as const)
    it(`takes ${name} for nobody's answer`, () => {
      const line = Buffer.from(`${text.replace('LONG', 'x'.repeat(500))}\n`);
      const next = Buffer.from('{"jsonrpc":"2.0","id":1,"result":{}}\n');
      assert.deepEqual(read([line.subarray(0, 150), line.subarray(150), next], 200), [
        ['too large', undefined],
        ['message', { jsonrpc: '2.0', id: 1, result: {} }],
      ]);
    });

  it('tells messages from garbage', () => {
    const seen = read([Buffer.from('ready\n\n{"jsonrpc":"2.0","method":"m"}\r\n{"id":1}\n')], 200);
    assert.deepEqual(seen, [
      ['garbage', 'ready'],
      ['message', { jsonrpc: '2.0', method: 'm' }],
      ['garbage', '{"id":1}'],
    ]);
  });
});
