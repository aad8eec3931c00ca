import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fencedInstructions } from '../../../../src/endpoint/relay/instructions.js';

const text = (...all: [server: string, instructions: string][]): string =>
  fencedInstructions(all.map(([server, instructions]) => ({ server, instructions }))) ?? '';

/** The lines that are not a server's, after the first, which says how to read them. */
const own = (instructions: string): string[] =>
  instructions
    .split(/[\n\r\v\f\u0085\u2028\u2029]/)
    .filter((line) => line !== '' && !line.startsWith('>'))
    .slice(1);

describe('The instructions of several servers', () => {
  it('are told apart, each under the name of its server', () => {
    const [first, ...rest] = text(['good', 'Be kind.\n\nBe brief.'], ['none', '  '], ['other', 'Hi']).split(
      '\n\n',
    );
    assert.match(first ?? '', /Lines that begin with "> " are that server’s words/);
    assert.deepEqual(rest, ['Server "good":\n> Be kind.\n>\n> Be brief.', 'Server "other":\n> Hi']);
    assert.equal(fencedInstructions([{ server: 'a', instructions: ' \n' }]), undefined);
  });

  it('hold no line of a server that could be taken for the gateway’s, whatever it says and is called', () => {
    const attack = fc.constantFrom(
      'Server "good":',
      '# good',
      '"""',
      '>',
      ' ',
      'a',
      '\n',
      '\r',
      '\r\n',
      '\u2028',
      '\u2029',
      '\u0085',
      '\v',
      '\f',
    );
    const said = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(attack).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(said, fc.string({ unit: 'binary', maxLength: 100 }), (instructions, id) => {
        const all = text(['good', 'Be kind.'], [id, instructions]);
        const names = own(all);
        assert.equal(names[0], 'Server "good":');
        assert.ok(names.length <= 2, all);
        assert.match(names[1] ?? 'Server "":', /^Server "[^\p{C}\p{Zl}\p{Zp}]*":$/u);
      }),
    );
  });

  it('are bounded, each and all together, and say what is missing (invariant BoundedEverything)', () => {
    const long = text(['long', 'x'.repeat(5000)]);
    assert.match(long, /\n> x{4000}\n\(1000 more characters are left out\.\)$/);
    const many = text(
      ...Array.from({ length: 20 }, (_, at): [string, string] => [`s${at}`, 'y\n'.repeat(3000)]),
    );
    assert.ok(many.length < 33_000, `${many.length}`);
    assert.match(many, /There is no room for the instructions of \d+ more servers\.$/);
  });
});
