import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineFramer } from '../../../src/protocol/lineFramer.js';

function frame(chunks: readonly Buffer[], maxLineBytes = 1000): { lines: string[]; tooLong: number } {
  const lines: string[] = [];
  let tooLong = 0;
  const framer = new LineFramer(maxLineBytes, {
    onLine: (line) => lines.push(line),
    onTooLong: () => tooLong++,
  });
  for (const chunk of chunks) framer.push(chunk);
  framer.end();
  return { lines, tooLong };
}

describe('LineFramer', () => {
  it('gives the same lines however the bytes are cut', () => {
    const line = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\n', ' '));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(200), { maxLength: 20 }), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''), 'utf8');
        const places = [...new Set(cuts.filter((cut) => cut < bytes.length))].sort((a, b) => a - b);
        const chunks = [0, ...places].map((start, index) => bytes.subarray(start, places[index]));
        const expected = bytes.toString('utf8').split('\n').slice(0, -1);
        assert.deepEqual(frame(chunks).lines, expected);
      }),
    );
  });

  it('drops a line over the bound, says so once, and goes on with the next', () => {
    const long = Buffer.from('x'.repeat(50));
    const { lines, tooLong } = frame([Buffer.from('a\n'), long, long, Buffer.from('x\nb\n')], 80);
    assert.deepEqual(lines, ['a', 'b']);
    assert.equal(tooLong, 1);
  });

  it('keeps a line of exactly the bound', () => {
    assert.deepEqual(frame([Buffer.from(`${'x'.repeat(80)}\n`)], 80).lines, ['x'.repeat(80)]);
  });
});
