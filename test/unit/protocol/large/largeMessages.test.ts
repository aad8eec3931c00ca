import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AnswerDroppedError } from '../../../../src/protocol/errors.js';
import { MAX_READ_BYTES } from '../../../../src/protocol/large/largeMessage.js';
import { MessageBudget } from '../../../../src/protocol/large/messageBudget.js';
import { messageJson, lengthOf } from '../../../../src/protocol/large/messageJson.js';
import { LARGE_BYTES, MessageReader } from '../../../../src/protocol/messageReader.js';
import type { Message, RequestId } from '../../../../src/protocol/messages.js';
import { Pieces } from '../../../../src/protocol/large/pieces.js';
import { isLarge, type LargeResult } from '../../../../src/protocol/large/largeResult.js';
import { Utf8Repair } from '../../../../src/protocol/large/utf8Repair.js';
import { cut, cuts } from '../../../support/jsonText.js';

const MIB = 1024 * 1024;

interface Seen {
  readonly messages: Message[];
  readonly garbage: { readonly start: string; readonly length: number }[];
  readonly dropped: {
    readonly error: Error;
    readonly answers: RequestId | undefined;
    readonly asks: unknown;
  }[];
}

function reading(
  maxBytes = 16 * MIB,
  { budget, isAwaited }: { budget?: MessageBudget; isAwaited?: (id: RequestId | undefined) => boolean } = {},
): { reader: MessageReader; seen: Seen } {
  const seen: Seen = { messages: [], garbage: [], dropped: [] };
  const reader = new MessageReader(
    maxBytes,
    {
      onMessage: (message) => seen.messages.push(message),
      onGarbage: (start, length) => seen.garbage.push({ start, length }),
      onDropped: (error, answers, asks) => seen.dropped.push({ error, answers, asks }),
      ...(isAwaited ? { isAwaited } : {}),
    },
    budget,
  );
  return { reader, seen };
}

function readAll(text: string | Buffer, places: readonly number[] = []): Seen {
  const { reader, seen } = reading();
  for (const part of cut(Buffer.concat([Buffer.from(text), Buffer.from('\n')]), places)) reader.push(part);
  return seen;
}

function rawIn({ messages }: Seen): LargeResult {
  const [message] = messages;
  assert.ok(message && 'result' in message && isLarge(message.result), JSON.stringify(message));
  return message.result;
}

const bytesOf = (message: Message): Buffer => {
  const json = messageJson(message);
  return typeof json === 'string' ? Buffer.from(json) : Buffer.concat(json.parts);
};

const filler = 'é"\\\n'.repeat(LARGE_BYTES / 4);

describe('Large messages', () => {
  it('keep the meaning of a large answer, wherever its members stand and its bytes are cut', () => {
    const member = fc.record({
      id: fc.oneof(fc.integer(), fc.string({ unit: 'binary', maxLength: 8 })),
      small: fc.jsonValue(),
      isError: fc.boolean(),
      order: fc.shuffledSubarray(['jsonrpc', 'id', 'result'], { minLength: 3 }),
      pretty: fc.constantFrom(undefined, '\t'),
    });
    fc.assert(
      fc.property(member, cuts, ({ id, small, isError, order, pretty }, places) => {
        const result = { isError, small, content: [{ type: 'text', text: filler }], task: { taskId: 'a' } };
        const all: Record<string, unknown> = { jsonrpc: '2.0', id, result };
        const written = Object.fromEntries(order.map((name) => [name, all[name]]));
        const text = JSON.stringify(written, undefined, pretty).replaceAll('\n', '\r');
        const seen = readAll(text, places);
        const raw = rawIn(seen);
        assert.deepEqual(raw.facts, { isError, task: { taskId: 'a' } });
        assert.deepEqual(raw.parse(), JSON.parse(JSON.stringify(result)));
        const answer: Message = { jsonrpc: '2.0', id: 'mine', result: raw };
        const bytes = bytesOf(answer);
        assert.equal(lengthOf(messageJson(answer)), bytes.length);
        assert.doesNotMatch(bytes.toString('latin1'), /[\r\n]/);
        assert.deepEqual(JSON.parse(bytes.toString('utf8')), {
          jsonrpc: '2.0',
          id: 'mine',
          result: JSON.parse(JSON.stringify(result)) as unknown,
        });
        assert.equal(JSON.stringify(answer), JSON.stringify({ jsonrpc: '2.0', id: 'mine', result }));
      }),
      { numRuns: 40 },
    );
  });

  it('find what is special in a long text at every place of a word', () => {
    for (let before = 0; before < 70; before++)
      for (const special of ['\\n', '\\"', '"', '\u0001', '\\x', '\u00e9']) {
        const text = `{"jsonrpc":"2.0","id":1,"result":{"a":"${'x'.repeat(LARGE_BYTES + before)}${special}${'y'.repeat(before)}"}}`;
        let expected: unknown;
        try {
          expected = (JSON.parse(text) as { result: unknown }).result;
        } catch {
          assert.equal(readAll(text).garbage.length, 1, special);
          continue;
        }
        assert.deepEqual(rawIn(readAll(text)).parse(), expected);
      }
  });

  it('leave small messages, and large ones that are no answers, as they were', () => {
    const params = { data: 'x'.repeat(2 * LARGE_BYTES) };
    const messages: Message[] = [
      { jsonrpc: '2.0', id: 1, result: { a: 'x'.repeat(100) } },
      { jsonrpc: '2.0', method: 'notifications/message', params },
      { jsonrpc: '2.0', id: 2, method: 'sampling/createMessage', params },
      { jsonrpc: '2.0', id: 3, error: { code: 1, message: 'no', data: params } },
    ];
    assert.deepEqual(readAll(messages.map((each) => JSON.stringify(each)).join('\n')).messages, messages);
  });

  it('read nothing in one go that is larger than there is reason for, and tell whoever asks', () => {
    const data = 'x'.repeat(MAX_READ_BYTES);
    const text = [
      { jsonrpc: '2.0', method: 'notifications/message', params: { data } },
      { jsonrpc: '2.0', id: 'ask', method: 'sampling/createMessage', params: { data } },
      { jsonrpc: '2.0', id: 3, error: { code: 1, message: 'no', data } },
      { jsonrpc: '2.0', id: 4, result: { data } },
    ]
      .map((each) => JSON.stringify(each))
      .join('\n');
    const seen = readAll(text);
    assert.deepEqual(
      seen.dropped.map(({ answers, asks }) => [answers, asks]),
      [
        [undefined, undefined],
        [undefined, 'ask'],
        [3, undefined],
      ],
    );
    assert.equal(rawIn(seen).size, JSON.stringify({ data }).length);
  });

  it('pass nothing on that is no message, and go on with the next line', () => {
    const long = 'x'.repeat(LARGE_BYTES);
    for (const text of [
      `{"jsonrpc":"2.0","id":1,"result":{"a":"${long}"}`,
      `{"jsonrpc":"2.0","id":1,"result":{"a":"${long}",}}`,
      `{"jsonrpc":"2.0","id":1,"result":{"a":"${long}"}} {}`,
      `{"jsonrpc":"1.0","id":1,"result":{"a":"${long}"}}`,
      `{"jsonrpc":"2.0","id":null,"result":{"a":"${long}"}}`,
      `{"jsonrpc":"2.0","id":1,"result":["${long}"]}`,
      `[{"jsonrpc":"2.0","id":1,"result":{"a":"${long}"}}]`,
      `a log line {"jsonrpc":"2.0","id":1,"result":{"a":"${long}"}}`,
    ]) {
      const seen = readAll(`${text}\n{"jsonrpc":"2.0","id":9,"result":{}}`);
      assert.deepEqual(seen.messages, [{ jsonrpc: '2.0', id: 9, result: {} }], text.slice(0, 40));
      assert.equal(seen.garbage.length, 1);
      assert.ok(seen.garbage[0]!.start.length <= 1024 && text.startsWith(seen.garbage[0]!.start));
      assert.equal(seen.garbage[0]!.length, text.length);
    }
  });

  it('fail the request whose answer is nested without end, at once', () => {
    const { reader, seen } = reading();
    reader.push(Buffer.from(`{"jsonrpc":"2.0","id":7,"result":{"a":${'['.repeat(LARGE_BYTES)}`));
    assert.equal(seen.dropped.length, 1);
    assert.equal(seen.dropped[0]!.answers, 7);
    assert.match(seen.dropped[0]!.error.message, /more than 1000 levels/);
    reader.push(Buffer.from(`${'['.repeat(1_000_000)}\n{"jsonrpc":"2.0","id":9,"result":{}}\n`));
    assert.deepEqual(seen.messages, [{ jsonrpc: '2.0', id: 9, result: {} }]);
    assert.equal(seen.dropped.length, 1);
  });

  it('become UTF-8 where they are not, as small ones do', () => {
    const broken = Buffer.concat([
      Buffer.from(`{"jsonrpc":"2.0","id":1,"result":{"a":"${'x'.repeat(LARGE_BYTES)}`),
      Buffer.from([0xff, 0xe2, 0x82, 0x41, 0xc3]),
      Buffer.from('"}}'),
    ]);
    const { result } = JSON.parse(broken.toString('utf8')) as { result: unknown };
    assert.deepEqual(
      rawIn(readAll(Buffer.from(broken), [LARGE_BYTES + 41, LARGE_BYTES + 42])).parse(),
      result,
    );
  });

  it('are not kept when nobody waits for them any more, also when nothing more of them comes', () => {
    const budget = new MessageBudget(128 * MIB);
    const open = new Set<RequestId>([1, 2]);
    const { reader, seen } = reading(16 * MIB, {
      budget,
      isAwaited: (id) => (id === undefined ? open.size > 0 : open.has(id)),
    });
    reader.push(Buffer.from(`{"jsonrpc":"2.0","id":1,"result":{"a":"${'x'.repeat(MIB)}`));
    assert.ok(budget.bytes > MIB);
    open.delete(1);
    reader.review();
    assert.equal(budget.bytes, 0);
    // Whose answer this is stands at its end.
    reader.push(Buffer.from(`"}}\n{"result":{"a":"${'x'.repeat(MIB)}`));
    assert.ok(budget.bytes > MIB);
    open.delete(2);
    reader.push(Buffer.from('x'));
    assert.equal(budget.bytes, 0);
    reader.push(Buffer.from('"},"jsonrpc":"2.0","id":2}\n{"jsonrpc":"2.0","method":"m"}\n'));
    assert.deepEqual(seen, { messages: [{ jsonrpc: '2.0', method: 'm' }], garbage: [], dropped: [] });
  });

  it('hold together what the budget allows: the youngest is given up, with a reason, and the oldest finishes', () => {
    const budget = new MessageBudget(3 * MIB);
    const readers = Array.from({ length: 5 }, () => reading(16 * MIB, { budget }));
    const begin = (id: number): Buffer => Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{"a":"`);
    readers.forEach(({ reader }, index) => {
      reader.push(begin(index));
    });
    for (let mib = 0; mib < 4; mib++)
      for (const { reader } of readers) {
        reader.push(Buffer.from('x'.repeat(MIB)));
        assert.ok(budget.bytes <= 4 * MIB + 1000, `${budget.bytes} bytes`);
      }
    for (const { reader } of readers) reader.push(Buffer.from('"}}\n{"jsonrpc":"2.0","id":9,"result":{}}\n'));
    assert.equal(budget.bytes, 0);
    assert.equal(rawIn(readers[0]!.seen).size, 4 * MIB + 8);
    for (const [index, { seen }] of readers.slice(1).entries()) {
      assert.deepEqual(seen.messages, [{ jsonrpc: '2.0', id: 9, result: {} }]);
      assert.equal(seen.dropped.length, 1);
      assert.equal(seen.dropped[0]!.answers, index + 1);
      assert.ok(seen.dropped[0]!.error instanceof AnswerDroppedError);
      assert.match(seen.dropped[0]!.error.message, /more large answers came at once than fit into 3 MiB/);
    }
  });

  it('keep nobody out once they have come to a stop, however old they are', () => {
    let now = 0;
    const budget = new MessageBudget(3 * MIB, () => now);
    const begin = (): ReturnType<typeof reading> => {
      const one = reading(16 * MIB, { budget });
      one.reader.push(Buffer.from(`{"params":"${'x'.repeat(1.4 * MIB)}`));
      return one;
    };
    const hostile = [begin(), begin()];
    const large = (id: number): Buffer =>
      Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{"a":"${'x'.repeat(MIB)}"}}\n`);
    const good = reading(16 * MIB, { budget });
    const push = (bytes: Buffer): void => {
      for (let at = 0; at < bytes.length; at += 65_536) good.reader.push(bytes.subarray(at, at + 65_536));
    };
    push(large(1));
    assert.equal(good.seen.messages.length, 0, 'the youngest gives way while all go on');
    assert.ok(good.seen.dropped[0]?.error instanceof AnswerDroppedError);
    // A little now and then is no progress.
    now = 9000;
    for (const { reader } of hostile) reader.push(Buffer.from('x'));
    now = 11_000;
    push(large(2));
    assert.equal(good.seen.messages.length, 1);
    // The other one was in nobody's way.
    assert.ok(budget.bytes > MIB && budget.bytes < 2 * MIB, `${budget.bytes} bytes`);
  });

  it('give back what they held when their stream ends in the middle', () => {
    const budget = new MessageBudget(128 * MIB);
    const { reader, seen } = reading(16 * MIB, { budget });
    reader.push(Buffer.from(`{"jsonrpc":"2.0","id":1,"result":{"a":"${'x'.repeat(MIB)}`));
    assert.ok(budget.bytes > 0);
    reader.end();
    assert.equal(budget.bytes, 0);
    assert.deepEqual(seen, { messages: [], garbage: [], dropped: [] });
  });
});

describe('Pieces', () => {
  it('are what was added, in parts that are few however small the additions were', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40_000), { maxLength: 20 }), fc.nat(), fc.nat(), (sizes, a, b) => {
        const pieces = new Pieces();
        let next = 0;
        const added = sizes.map((size) => Uint8Array.from({ length: size }, () => next++ % 251));
        for (const part of added) pieces.add(part.slice());
        const whole = Buffer.concat(added);
        assert.equal(pieces.size, whole.length);
        const [start = 0, end = 0] = [a % (whole.length + 1), b % (whole.length + 1)].sort((x, y) => x - y);
        assert.ok(Buffer.concat(pieces.slice(start, end)).equals(whole.subarray(start, end)));
      }),
    );
    const dribble = new Pieces();
    for (let i = 0; i < MIB; i++) dribble.add(new Uint8Array(1));
    assert.equal(dribble.slice().length, 16);
  });
});

describe('Utf8Repair', () => {
  it('makes of any bytes what Buffer.toString makes of them, however they are cut', () => {
    const bytes = fc
      .array(
        fc.oneof(
          fc.uint8Array({ maxLength: 6 }).map((part) => Buffer.from(part)),
          fc.string({ unit: 'binary', maxLength: 10 }).map((text) => Buffer.from(text)),
          fc.constantFrom(0xe2, 0xf0, 0xc3, 0x80, 0x82, 0xff).map((byte) => Buffer.from([byte])),
        ),
        { maxLength: 8 },
      )
      .map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(bytes, cuts, (all, places) => {
        const repair = new Utf8Repair();
        const out = [...cut(all, places).flatMap((part) => [...repair.push(part)]), ...repair.end()];
        assert.ok(Buffer.concat(out).equals(Buffer.from(all.toString('utf8'))), all.toString('hex'));
      }),
      { numRuns: 1000 },
    );
  });

  it('hands good bytes on uncopied', () => {
    const part = Buffer.from('good é');
    assert.equal(new Utf8Repair().push(part)[0]!.buffer, part.buffer);
  });
});
