import assert from 'node:assert/strict';
import fc from 'fast-check';
import { limitEvents } from '../../../../../src/gateway/upstream/http/boundedBody.js';
import type { RequestId } from '../../../../../src/protocol/messages.js';

const MAX_BYTES = 200;

async function through(
  text: string,
  cuts: readonly number[],
): Promise<{ out: string; lost: (RequestId | undefined)[] }> {
  const bytes = Buffer.from(text);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [0, ...places].map((start, index) => bytes.subarray(start, places[index]));
  const lost: (RequestId | undefined)[] = [];
  const out = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  }).pipeThrough(limitEvents(MAX_BYTES, (answers) => lost.push(answers)));
  return { out: await new Response(out).text(), lost };
}

/** The data of the events that somebody listens to, read as the standard for event streams has it. */
const heard = (text: string): string[] =>
  text
    .split(/\r?\n\r?\n/)
    .map((event) => event.split(/\r?\n/))
    .filter((lines) => !lines.includes('event: too-large'))
    .flatMap((lines) => {
      const data = lines.flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []));
      return data.length > 0 ? [data.join('\n')] : [];
    });

describe('limitEvents', () => {
  const message = (id: number, size: number): string =>
    JSON.stringify({ jsonrpc: '2.0', result: { text: 'x'.repeat(size) }, id });

  it('leaves out what is too large, says whose answer it was, and lets the rest through, however it is cut', async () => {
    const sizes = fc.array(fc.constantFrom(0, 50, 500), { minLength: 1, maxLength: 6 });
    const ends = fc.constantFrom('\n', '\r\n');
    await fc.assert(
      fc.asyncProperty(sizes, ends, fc.array(fc.nat(5000), { maxLength: 8 }), async (all, end, cuts) => {
        const messages = all.map((size, index) => message(index, size));
        const text = messages
          .map((data) => ['event: message', 'id: 7', `data: ${data}`, '', ''].join(end))
          .join(`: a comment${end}${end}`);
        const { out, lost } = await through(text, cuts);
        const small = messages.filter((_, index) => all[index]! < 500);
        assert.deepEqual(heard(out), small);
        assert.deepEqual(
          lost,
          [...all.keys()].filter((index) => all[index] === 500),
        );
        if (small.length === messages.length) assert.equal(out, text);
      }),
      { numRuns: 40 },
    );
  });

  it('hands thousands of tiny events that come at once on a few at a time', async () => {
    const tiny = Buffer.from('data: {}\n\n'.repeat(7000));
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(tiny);
      },
    });
    const reader = source.pipeThrough(limitEvents(MAX_BYTES, () => undefined)).getReader();
    const begun = performance.now();
    let read = 0;
    while (read < 8000) {
      const { value = new Uint8Array() } = await reader.read();
      assert.ok(value.length > 0 && value.length <= 4096, `${value.length} bytes`);
      assert.ok(tiny.subarray(read, read + value.length).equals(value));
      read += value.length;
    }
    // Others had the time between.
    assert.ok(performance.now() - begun > 100);
    await reader.cancel();
  });

  it('says so before the end of an answer that has no end', async () => {
    const begin = `data: {"jsonrpc":"2.0","id":5,"result":{"text":"${'x'.repeat(500)}`;
    assert.deepEqual((await through(begin, [100])).lost, [5]);
  });

  it("takes what is no answer for nobody's", async () => {
    const data = JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'm', params: { text: 'x'.repeat(500) } });
    assert.deepEqual((await through(`data: ${data}\n\n`, [])).lost, [undefined]);
  });
});
