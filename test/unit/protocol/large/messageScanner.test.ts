import assert from 'node:assert/strict';
import fc from 'fast-check';
import { makeGrammar } from '../../../../src/protocol/large/jsonGrammar.js';
import { MAX_JSON_DEPTH } from '../../../../src/protocol/large/jsonScanner.js';
import { MessageScanner } from '../../../../src/protocol/large/messageScanner.js';
import { cut, cuts, jsonText, messageText } from '../../../support/jsonText.js';

const grammar = makeGrammar();

function scan(text: string, places: readonly number[] = []): { scanner: MessageScanner; bytes: Buffer } {
  const bytes = Buffer.from(text, 'utf8');
  const scanner = new MessageScanner(grammar);
  for (const part of cut(bytes, places)) scanner.push(part);
  return { scanner, bytes };
}

/** What `JSON.parse` says: the object, or that it is none. */
function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

describe('MessageScanner', () => {
  it('takes what JSON.parse takes, however it is cut, spaced and escaped', () => {
    fc.assert(
      fc.property(jsonText, cuts, (text, places) => {
        const { scanner } = scan(text, places);
        assert.equal(scanner.complete, parse(text) !== undefined, text);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses what JSON.parse refuses, when a byte is changed, lost or added', () => {
    const byte = fc.constantFrom(...Array.from('{}[],:"\\0123456789-+.eEtrufalsn \t\n\u0001x/'));
    const change = fc.record({ at: fc.nat(10_000), byte, how: fc.constantFrom('change', 'lose', 'add') });
    fc.assert(
      fc.property(
        jsonText,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        cuts,
        (text, changes, places) => {
          let changed = Array.from(text);
          for (const { at, byte: other, how } of changes) {
            const place = at % changed.length;
            changed.splice(place, how === 'add' ? 0 : 1, ...(how === 'lose' ? [] : [other]));
            if (changed.length === 0) changed = ['{'];
          }
          const broken = changed.join('');
          const { scanner } = scan(broken, places);
          assert.equal(scanner.complete, parse(broken) !== undefined, broken);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('finds whose message it is and what its result holds, as JSON.parse would', () => {
    fc.assert(
      fc.property(messageText, cuts, (text, places) => {
        const { scanner, bytes } = scan(text, places);
        const message = parse(text);
        assert.ok(message && scanner.complete, text);
        for (const name of ['jsonrpc', 'id', 'method'] as const)
          // A large value is not kept.
          if (Buffer.byteLength(text) <= 1024 || scanner.envelope(name) !== undefined)
            assert.deepEqual(scanner.envelope(name), message[name], text);
        for (const name of ['result', 'error', 'method'] as const)
          assert.equal(scanner.has(name), name in message, text);
        const { result } = message;
        const isObject = typeof result === 'object' && result !== null && !Array.isArray(result);
        assert.equal(scanner.result !== undefined, isObject, text);
        if (!scanner.result) return;
        const [start, end] = scanner.result;
        assert.deepEqual(JSON.parse(bytes.subarray(start, end).toString('utf8')), result);
        const own = result as Record<string, unknown>;
        for (const name of ['isError', 'task', 'nextCursor', '_meta'])
          if (JSON.stringify(own[name] ?? 0).length < 1000)
            assert.deepEqual(scanner.facts[name], own[name], text);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves no line break in what it has read', () => {
    fc.assert(
      fc.property(jsonText, cuts, (text, places) => {
        const { scanner, bytes } = scan(text, places);
        if (scanner.complete) assert.doesNotMatch(bytes.toString('utf8'), /[\r\n]/);
      }),
    );
  });

  it('keeps of a member that is too large neither the value nor the memory', () => {
    const { scanner } = scan(
      JSON.stringify({ id: 'x'.repeat(5000), result: { _meta: { a: 'x'.repeat(50_000) }, isError: true } }),
      [10, 4000, 8000, 30_000],
    );
    assert.equal(scanner.complete, true);
    assert.equal(scanner.envelope('id'), undefined);
    assert.deepEqual(scanner.facts, { _meta: undefined, isError: true });
  });

  it('takes nesting up to its bound and refuses a million levels at once', () => {
    const nested = (depth: number): string =>
      `{"id":1,"result":{"a":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}}}`;
    assert.equal(scan(nested(MAX_JSON_DEPTH)).scanner.complete, true);
    const { scanner } = scan(nested(1_000_000), [65_536, 131_072]);
    assert.deepEqual([scanner.invalid, scanner.tooDeep, scanner.envelope('id')], [true, true, 1]);
  });
});
