import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import fc from 'fast-check';
import { isOwnAddress } from '../../../../../src/gateway/upstream/loopGuard/ownAddress.js';

describe("The gateway's own address (invariant AcyclicOrBounded)", () => {
  const own = [new URL('http://127.0.0.1:4000/mcp'), new URL('http://127.0.0.1/')];
  const isOwn = (url: string): Promise<boolean> => isOwnAddress(new URL(url), own);

  /** One part of an IPv4 address in one of the notations that URLs may have. */
  const part = (value: number, notation: number): string =>
    [String(value), `0x${value.toString(16)}`, `0${value.toString(8)}`][notation]!;
  const octet = fc.nat(255);
  const notation = fc.nat(2);

  it('is every address of 127.0.0.0/8, in any notation', async () => {
    const octets = fc.tuple(octet, octet, octet);
    await fc.assert(
      fc.asyncProperty(octets, fc.tuple(notation, notation), fc.nat(3), async ([b, c, d], [n, m], parts) => {
        const rest = [b, c, d];
        // The last part stands for all that are missing: 127.0.0.1 is 127.1.
        const last = rest.slice(parts).reduce((value, octet) => value * 256 + octet, 0);
        const first = [127, ...rest.slice(0, parts)];
        const host =
          parts === 3
            ? [127, ...rest].map((value) => part(value, n)).join('.')
            : [...first.map((value) => part(value, n)), part(last, m)].join('.');
        assert.equal(await isOwn(`http://${host}:4000/x`), true, host);
      }),
    );
  });

  it('is no address of another machine', async () => {
    const here = new Set(
      Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address)),
    );
    await fc.assert(
      fc.asyncProperty(fc.tuple(fc.integer({ min: 1, max: 223 }), octet, octet, octet), async (octets) => {
        fc.pre(octets[0] !== 127 && !here.has(octets.join('.')));
        assert.equal(await isOwn(`http://${octets.join('.')}:4000/`), false);
        assert.equal(await isOwn(`http://[::ffff:${octets.join('.')}]:4000/`), false);
      }),
    );
  });

  const others: [string, string][] = [
    ['another port', 'http://127.0.0.1:4001/mcp'],
    ['another default port', 'https://127.0.0.1/'],
    ['a name that only begins like one', 'http://localhost.invalid:4000/'],
    ['a name that only ends like one', 'http://notlocalhost.invalid:4000/'],
    ['a name that nobody has', 'http://nobody.invalid:4000/'],
    ['another IPv6 address', 'http://[2001:db8::1]:4000/'],
  ];
  for (const [what, url] of others) {
    it(`is not ${what}`, async () => {
      assert.equal(await isOwn(url), false);
    });
  }

  it('has the default port where none is written', async () => {
    assert.equal(await isOwn('http://localhost:80/'), true);
    assert.equal(await isOwnAddress(new URL('https://localhost/'), [new URL('https://[::1]:443/')]), true);
  });

  it('is none while nothing listens', async () => {
    assert.equal(await isOwnAddress(own[0]!, []), false);
  });
});
