import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Guard, type Entrant, isOwnHost, isOwnOrigin } from '../../../../src/endpoint/http/guard.js';

const names = fc.constantFrom('127.0.0.1', 'localhost', 'LocalHost', '[::1]');
const ports = fc.integer({ min: 1, max: 65535 });
/** What somebody could put before or after a good value. */
const more = fc.stringMatching(/^[a-z0-9.:@/\\#?%[\], -]{1,12}$/);

describe('guard', () => {
  it('takes as Host what means this machine and this port, with nothing about it', () => {
    fc.assert(
      fc.property(names, ports, ports, more, (name, port, other, text) => {
        assert.ok(isOwnHost(`${name}:${port}`, port));
        assert.equal(isOwnHost(`${name}:${other}`, port), other === port);
        assert.equal(isOwnHost(name, port), port === 80);
        assert.ok(!isOwnHost(`${text}${name}:${port}`, port));
        assert.ok(!isOwnHost(`${name}${text}:${port}`, port));
        assert.ok(!isOwnHost(`${name}:${port}${text}`, port) || /^\d+$/.test(text));
      }),
    );
    assert.ok(!isOwnHost(undefined, 80) && !isOwnHost('', 80));
  });

  it('takes no Host for its own that a URL of another machine has', () => {
    fc.assert(
      fc.property(
        fc.webAuthority({ withPort: true, withIPv4: true, withIPv6: true }),
        ports,
        (host, port) => {
          assert.equal(isOwnHost(host, port), [`127.0.0.1:${port}`, `localhost:${port}`].includes(host));
        },
      ),
    );
  });

  it('takes as Origin none, or what a URL parser too finds to be this machine', () => {
    fc.assert(
      fc.property(names, ports, fc.option(more), fc.option(more), (name, port, before, after) => {
        const origin = `http://${before ?? ''}${name}${after ?? ''}:${port}`;
        if (before === null && after === null) assert.ok(isOwnOrigin(origin));
        else if (isOwnOrigin(origin))
          assert.match(new URL(origin).hostname, /^(127\.0\.0\.1|localhost|\[::1\])$/);
      }),
    );
    assert.ok(isOwnOrigin(undefined));
    for (const origin of [
      '',
      'null',
      'file://',
      'vscode-webview://localhost',
      'http://localhost/',
      'localhost',
    ])
      assert.ok(!isOwnOrigin(origin), origin);
  });

  it('lets in whoever shows the token as it is, and nobody while there is none', async () => {
    const enter = (authorization: string, token: string): Promise<Entrant> =>
      new Guard(() => token, undefined).admit({ host: '[::1]:1', authorization }, 1);
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[\w.~+/=-]{1,50}$/), more, async (token, text) => {
        assert.equal((await enter(`Bearer ${token}`, token)).client, undefined);
        await assert.rejects(enter(`Bearer ${token}${text.trim()}x`, token), { status: 401 });
        await assert.rejects(enter(token, token), { status: 401 });
      }),
    );
    for (const header of ['', 'Bearer', 'Bearer ', 'Bearer x'])
      await assert.rejects(enter(header, ''), { status: 401 }, header);
  });

  it('lets nobody in any more who shows an old token, also not who was let in with it', async () => {
    let token = 'old';
    const guard = new Guard(() => token, undefined);
    const old = { host: '[::1]:1', authorization: 'Bearer old' };
    const shown = await guard.admit(old, 1);
    guard.check(shown);
    token = 'new';
    assert.throws(
      () => {
        guard.check(shown);
      },
      { status: 401 },
    );
    await assert.rejects(guard.admit(old, 1), { status: 401 });
    await guard.admit({ ...old, authorization: 'Bearer new' }, 1);
  });
});
