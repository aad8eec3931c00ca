import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as dial, createServer, type AddressInfo, type Socket } from 'node:net';
import { isProof, newNonce, PROOF_PATH, tcpAddress } from '../../../src/base/proof.js';
import {
  ask,
  connect,
  initialize,
  notification,
  reply,
  testDoor,
  TOKEN,
  type Asked,
  type Reply,
  type TestDoor,
} from '../../support/door.js';
import { G, timed, until } from '../../support/gateway.js';

/** Milliseconds after which a connection that has shown nothing may go. */
const SHOW_MS = 2000;
const JSON_TYPE = 'application/json';

/** That an answer holds what a stranger may know, and lets no page read it. */
function assertNothingLeaks({ body, headers }: Reply, port: number): void {
  const all = `${JSON.stringify(headers)}${body}`;
  for (const secret of [TOKEN, String(port), 'src/', '/home', 'node:', '    at '])
    assert.ok(!all.includes(secret), `${secret} in ${all}`);
  assert.ok(!Object.keys(headers).some((name) => name.startsWith('access-control-')));
}

describe('The HTTP door', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let test: TestDoor;
  let port: number;

  const open = async (...more: Parameters<typeof testDoor> extends [unknown, ...infer R] ? R : never) => {
    test = await testDoor(cleanups, ...more);
    ({ port } = test);
  };

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('takes messages in however they are cut, one after the other on a connection', async () => {
    await open();
    const body = JSON.stringify(initialize());
    const head = `POST /mcp HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${body.length}\r\n\r\n`;
    const socket = dial(port, '127.0.0.1').setNoDelay();
    cleanups.push(() => Promise.resolve(socket.destroy()));
    for (const pieces of [
      [head + body],
      [head, body],
      [head, body.slice(0, 9), body.slice(9)],
      [head + body],
    ]) {
      const answered = once(socket, 'data');
      for (const piece of pieces) {
        socket.write(piece);
        await sleep(20);
      }
      const [answer] = (await answered) as [Buffer];
      assert.match(answer.toString(), /^HTTP\/1\.1 200 [^]*"serverInfo"/);
    }
    assert.equal(test.sessions.length, 4);
  });

  it('tells a client of the next revision, under its own id, that it begins with initialize', async () => {
    await open();
    const body = { jsonrpc: '2.0', id: 'probe-1', method: 'server/discover', params: {} };
    for (const version of [undefined, '2026-07-28']) {
      const answer = await reply(port, { headers: { 'mcp-protocol-version': version }, body });
      assert.equal(answer.status, 400);
      const { id, error } = JSON.parse(answer.body) as {
        id: unknown;
        error: { code: number; message: string };
      };
      assert.deepEqual([id, error.code], ['probe-1', -32601]);
      assert.match(error.message, /2025-11-25.*initialize/);
    }
    // A method of that revision needs no more than the handshake that it does without.
    const other = { ...body, method: 'tools/list' };
    assert.equal(
      (await reply(port, { headers: { 'mcp-protocol-version': '2026-07-28' }, body: other })).status,
      400,
    );
  });

  describe('turns away', () => {
    const post = { jsonrpc: '2.0', id: 1, method: 'echo' };
    const big = JSON.stringify({ ...post, params: { text: 'x'.repeat(2 * 1024 * 1024) } });

    /** Each: what is wrong, the status, the request, the JSON-RPC code. */
    const CASES: readonly (readonly [string, number, (own: number) => Asked, number?])[] = [
      ['no token', 401, () => ({ headers: { authorization: undefined }, body: initialize() })],
      ['a wrong token', 401, () => ({ headers: { authorization: `Bearer ${TOKEN}x` }, body: initialize() })],
      ['an empty token', 401, () => ({ headers: { authorization: 'Bearer ' }, body: initialize() })],
      ['another scheme', 401, () => ({ headers: { authorization: `Basic ${TOKEN}` }, body: initialize() })],
      [
        'the token in the query',
        401,
        () => ({
          headers: { authorization: undefined },
          path: `/mcp?token=${TOKEN}&access_token=${TOKEN}`,
          body: initialize(),
        }),
      ],
      [
        'no token on a path that is none',
        401,
        () => ({ headers: { authorization: undefined }, path: '/elsewhere', method: 'GET' }),
      ],
      ['a foreign Host', 403, () => ({ headers: { host: 'gateway.example.com' }, body: initialize() })],
      [
        'a Host that begins well',
        403,
        (own) => ({ headers: { host: `127.0.0.1.example.com:${own}` }, body: initialize() }),
      ],
      ['the Host of another port', 403, () => ({ headers: { host: '127.0.0.1:1' }, body: initialize() })],
      ['a Host without port', 403, () => ({ headers: { host: 'localhost' }, body: initialize() })],
      ['a foreign Host without token', 403, () => ({ headers: { host: 'x', authorization: undefined } })],
      ['a foreign Origin', 403, () => ({ headers: { origin: 'https://example.com' }, body: initialize() })],
      [
        'a foreign Origin that begins well',
        403,
        () => ({ headers: { origin: 'http://localhost.example.com' }, body: initialize() }),
      ],
      ['the Origin null', 403, () => ({ headers: { origin: 'null' }, body: initialize() })],
      [
        "a browser's question whether it may",
        403,
        () => ({ method: 'OPTIONS', headers: { origin: 'https://example.com' } }),
      ],
      ['a path with tricks', 404, () => ({ path: '/mcp/..%2f', body: initialize() })],
      ['more tricks', 404, () => ({ path: '/mcp/one/../..', body: initialize() })],
      ['dots', 404, () => ({ path: '/mcp/%2e%2e', body: initialize() })],
      ['broken escapes', 404, () => ({ path: '/mcp/%zz', body: initialize() })],
      ['a path below a server', 404, () => ({ path: '/mcp/one/x', body: initialize() })],
      ['the root', 404, () => ({ path: '/', body: initialize() })],
      ['an address as path', 404, () => ({ path: 'http://example.com/mcp', body: initialize() })],
      ['an unknown server', 404, () => ({ path: '/mcp/two', body: initialize() })],
      ['another method', 405, () => ({ method: 'PUT', body: initialize() })],
      ['no content type', 415, () => ({ headers: { 'content-type': undefined }, body: initialize() })],
      [
        'a wrong content type',
        415,
        () => ({ headers: { 'content-type': 'text/plain' }, body: initialize() }),
      ],
      [
        'another charset',
        415,
        () => ({ headers: { 'content-type': `${JSON_TYPE}; charset=utf-16` }, body: initialize() }),
      ],
      ['a compressed body', 415, () => ({ headers: { 'content-encoding': 'gzip' }, body: initialize() })],
      ['an Accept for neither', 406, () => ({ headers: { accept: 'text/html' }, body: initialize() })],
      [
        'an unknown version of the protocol',
        400,
        () => ({ headers: { 'mcp-protocol-version': '2020-01-01' }, body: initialize() }),
      ],
      ['2 MB', 413, () => ({ body: big })],
      ['2 MB in pieces', 413, () => ({ headers: { 'transfer-encoding': 'chunked' }, body: big })],
      ['broken JSON', 400, () => ({ body: '{"jsonrpc":"2.0",' }), -32700],
      ['an empty body', 400, () => ({ body: '' }), -32700],
      ['a batch', 400, () => ({ body: [initialize()] }), -32600],
      ['no message', 400, () => ({ body: { id: 1, method: 'echo' } }), -32600],
      ['an id that is none', 400, () => ({ body: { ...post, id: null } }), -32600],
      ['parameters that are none', 400, () => ({ body: { ...post, params: [] } }), -32600],
      ['a message without session', 400, () => ({ body: post }), -32000],
      [
        'an unknown session',
        404,
        () => ({ headers: { 'mcp-session-id': 'b7c5b4a2-0000-4000-8000-000000000000' }, body: post }),
        -32001,
      ],
      ['GET without session', 400, () => ({ method: 'GET' })],
      ['DELETE without session', 400, () => ({ method: 'DELETE' })],
    ];

    it('every bad request with a clear status, and nothing leaks', async () => {
      await open();
      for (const [what, status, asked, code] of CASES) {
        const answer = await reply(port, asked(port));
        assert.equal(answer.status, status, `${what}: ${answer.body}`);
        assertNothingLeaks(answer, port);
        const { jsonrpc, id, error } = JSON.parse(answer.body) as {
          jsonrpc: unknown;
          id: unknown;
          error: { code: number; message: string };
        };
        assert.deepEqual([jsonrpc, id], ['2.0', null], what);
        assert.match(error.message, /^[A-Z].*\.$/s, what);
        if (code !== undefined) assert.equal(error.code, code, what);
        if (status === 401) assert.equal(answer.headers['www-authenticate'], 'Bearer', what);
        if (status === 405) assert.equal(answer.headers.allow, 'GET, POST, DELETE', what);
      }
      assert.equal(test.sessions.length, 0);
      assert.ok(test.lines.length >= CASES.length && !test.lines.join().includes(TOKEN));
      assert.equal((await connect(port)).id.length, 36);
    });

    it('an unknown method with an error of JSON-RPC', async () => {
      await open();
      const { status, body } = await (await connect(port)).request(1, 'nonsense');
      assert.equal(status, 200);
      assert.match(body, /-32601/);
    });

    it('a body before it is read', async () => {
      await open();
      const socket = dial(port, '127.0.0.1');
      cleanups.push(() => Promise.resolve(socket.destroy()));
      socket.write(
        `POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n`,
      );
      const [data] = (await once(socket, 'data')) as [Buffer];
      assert.match(data.toString(), /^HTTP\/1\.1 403 /);
    });

    it('a body that is too large in a way that leaves the connection fit for the next request', async () => {
      await open();
      const socket = dial(port, '127.0.0.1');
      cleanups.push(() => Promise.resolve(socket.destroy()));
      const bytes = 2 * 1024 * 1024;
      socket.write(
        `POST /mcp HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${TOKEN}\r\n` +
          `Content-Type: ${JSON_TYPE}\r\nContent-Length: ${bytes}\r\n\r\n`,
      );
      const [first] = (await once(socket, 'data')) as [Buffer];
      assert.match(first.toString(), /^HTTP\/1\.1 413 /);
      socket.write(Buffer.alloc(bytes));
      socket.write(`GET /mcp HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
      const [next] = (await once(socket, 'data')) as [Buffer];
      assert.match(next.toString(), /^HTTP\/1\.1 401 /);
    });

    it('more connections than it takes, those first that have shown no token, the oldest of them first', async () => {
      await open({ connections: 3, headersMs: 60_000, requestMs: 60_000 });
      const gone = new Set<number>();
      const socket = async (id: number): Promise<Socket> => {
        const dialled = dial(port, '127.0.0.1').on('error', () => undefined);
        cleanups.push(() => Promise.resolve(dialled.destroy()));
        dialled.resume().on('close', () => gone.add(id));
        await once(dialled, 'connect');
        return dialled;
      };
      const shown = async (id: number): Promise<void> => {
        const known = await socket(id);
        known.write(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
        await once(known, 'data');
      };
      await shown(1);
      await socket(2);
      await socket(3);
      await shown(4);
      await until(() => gone.has(2), 'the oldest without a token has gone');
      await shown(5);
      await until(() => gone.has(3), 'the next one has gone');
      await socket(6);
      await until(() => gone.has(6), 'who has shown a token stays');
      assert.deepEqual([...gone], [2, 3, 6]);
    });

    it('none of those with a token, however many idle connections others hold', async function () {
      this.timeout(60_000);
      await open();
      const idle = 2100;
      for (let count = 0; count < idle; count++) {
        const socket = dial(port, '127.0.0.1').on('error', () => undefined);
        cleanups.push(() => Promise.resolve(socket.destroy()));
        await once(socket, 'connect');
      }
      const [ms, client] = await timed(() => connect(port));
      assert.equal((await client.request(1, 'echo')).status, 200);
      assert.ok(ms < 2 * SHOW_MS, `${ms} ms`);
    });

    it('a request without a Host', async () => {
      await open();
      const socket = dial(port, '127.0.0.1');
      cleanups.push(() => Promise.resolve(socket.destroy()));
      socket.write(`GET /mcp HTTP/1.1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
      const [data] = (await once(socket, 'data')) as [Buffer];
      assert.match(data.toString(), /^HTTP\/1\.1 403 /);
    });

    it('headers without end, and nothing leaks', async () => {
      await open();
      const answer = await reply(port, { headers: { 'x-long': 'x'.repeat(20_000) }, body: initialize() });
      assert.equal(answer.status, 431);
      assertNothingLeaks(answer, port);
    });
  });

  describe('proves itself', () => {
    const nonce = newNonce();
    const asked = (address: unknown, more: Asked = {}): Asked => ({
      path: PROOF_PATH,
      body: { address, nonce },
      ...more,
      headers: { authorization: undefined, ...more.headers },
    });

    it('without a token, for the address that was dialled, with a nonce of its own each time', async () => {
      await open();
      const address = tcpAddress('127.0.0.1', port);
      const serverNonces = new Set<unknown>();
      for (let time = 0; time < 2; time++) {
        const { status, headers, body } = await reply(port, asked(address));
        const { nonce: serverNonce, proof } = JSON.parse(body) as Record<string, string>;
        assert.deepEqual([status, headers['cache-control']], [200, 'no-store'], body);
        const challenge = { address, clientNonce: nonce, serverNonce: serverNonce! };
        assert.ok(isProof(proof, TOKEN, challenge));
        assert.ok(!isProof(proof, `${TOKEN}x`, challenge));
        serverNonces.add(serverNonce);
        assertNothingLeaks({ status, headers, body }, port);
      }
      assert.equal(serverNonces.size, 2);
    });

    it('to a client that waits to be told to go on', async () => {
      await open();
      const socket = dial(port, '127.0.0.1');
      cleanups.push(() => Promise.resolve(socket.destroy()));
      const body = JSON.stringify({ address: tcpAddress('127.0.0.1', port), nonce });
      socket.write(
        `POST /proof HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: ${JSON_TYPE}\r\n` +
          `Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
      );
      const [first] = (await once(socket, 'data')) as [Buffer];
      assert.match(first.toString(), /^HTTP\/1\.1 100 /);
      socket.write(body);
      const [second] = (await once(socket, 'data')) as [Buffer];
      assert.match(second.toString(), /^HTTP\/1\.1 200 /);
    });

    it('for no other address, to no page, and to nothing that is no question', async () => {
      await open();
      const own = tcpAddress('127.0.0.1', port);
      for (const [what, status, question] of [
        ['another port', 403, asked(tcpAddress('127.0.0.1', port + 1))],
        ['the same port elsewhere', 403, asked(tcpAddress('::1', port))],
        ['a name', 403, asked(tcpAddress('localhost', port))],
        ['a socket', 403, asked('socket:/tmp/x')],
        ['an address that is none', 400, asked(1)],
        ['an address that is too long', 400, asked('x'.repeat(600))],
        ['no nonce', 400, asked(own, { body: { address: own } })],
        ['a nonce that is too short', 400, asked(own, { body: { address: own, nonce: 'abc' } })],
        ['no object', 400, asked(own, { body: 'null' })],
        ['no JSON', 400, asked(own, { body: '{' })],
        ['too much', 413, asked(own, { body: { address: own, nonce, more: 'x'.repeat(2000) } })],
        [
          'too much, and not said how much',
          413,
          asked(own, {
            headers: { 'transfer-encoding': 'chunked' },
            body: { address: own, nonce, more: 'x'.repeat(2000) },
          }),
        ],
        ['GET', 405, asked(own, { method: 'GET', body: undefined })],
        ['no JSON by its type', 415, asked(own, { headers: { 'content-type': 'text/plain' } })],
        ['a foreign Origin', 403, asked(own, { headers: { origin: 'https://example.com' } })],
        ['a foreign Host', 403, asked(own, { headers: { host: 'gateway.example.com' } })],
        ['another path', 401, asked(own, { path: `${PROOF_PATH}/x` })],
      ] as const) {
        const answer = await reply(port, question);
        assert.equal(answer.status, status, `${what}: ${answer.body}`);
        assert.doesNotMatch(answer.body, /"proof"/, what);
        assertNothingLeaks(answer, port);
      }
    });

    it('by no token that is empty', async () => {
      await open();
      test.token = '';
      assert.equal((await reply(port, asked(tcpAddress('127.0.0.1', port)))).status, 403);
    });
  });

  it('takes what is unusual but right', async () => {
    await open();
    const fine: readonly Asked[] = [
      { headers: { host: `localhost:${port}` } },
      { headers: { host: `LOCALHOST:${port}` } },
      { headers: { host: `[::1]:${port}` } },
      { headers: { origin: 'http://localhost:6274' } },
      { headers: { origin: 'http://127.0.0.1' } },
      { headers: { authorization: `bearer ${TOKEN}` } },
      { headers: { accept: undefined } },
      { headers: { accept: '*/*' } },
      { headers: { accept: JSON_TYPE } },
      { headers: { 'content-type': `${JSON_TYPE}; charset=UTF-8` } },
      { headers: { expect: '100-continue' } },
      { path: '/mcp?x=1' },
      { path: '/mcp/a%2Fb' },
    ];
    for (const asked of fine) {
      const answer = await reply(port, { ...asked, body: initialize() });
      assert.equal(answer.status, 200, JSON.stringify(asked) + answer.body);
      assert.equal(answer.headers['content-type'], JSON_TYPE);
    }
    assert.deepEqual(test.sessions.at(-1)?.target, { kind: 'server', server: 'a/b' });
  });

  it('listens on loopback, on the port that is wanted, or else on another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port: taken } = other.address() as AddressInfo;
    await open({}, taken);
    assert.notEqual(port, taken);
    assert.ok((await connect(port)).id);
    other.close();
    await once(other, 'close');
    await open({}, taken);
    assert.equal(port, taken);
  });

  describe('sessions', () => {
    it('begin with initialize, answer, and end with DELETE', async () => {
      await open();
      const client = await connect(port, '/mcp/one');
      assert.equal((await client.post(notification('notifications/initialized'))).status, 202);
      const answer = await client.request(1, 'echo', { text: 'ü' });
      assert.equal(answer.headers['content-type'], JSON_TYPE);
      assert.deepEqual(JSON.parse(answer.body), { jsonrpc: '2.0', id: 1, result: { text: 'ü' } });
      assert.equal((await client.remove()).status, 204);
      assert.equal((await client.request(2, 'echo')).status, 404);
      assert.equal((await client.remove()).status, 404);
      const [session] = test.sessions;
      assert.deepEqual([session?.closed, session?.disposed], [1, 1]);
    });

    it('do not begin when initialize is answered with an error', async () => {
      await open();
      const answer = await reply(port, { body: initialize(undefined, { refuse: true }) });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['mcp-session-id'], undefined);
      assert.match(answer.body, /-32602/);
      assert.equal(test.sessions[0]?.disposed, 1);
    });

    it('begin once', async () => {
      await open();
      const client = await connect(port);
      assert.equal((await client.post(initialize())).status, 400);
    });

    it('are of one path and one token', async () => {
      await open();
      const { headers } = await connect(port, '/mcp/one');
      const body = notification('x');
      for (const path of ['/mcp', '/mcp/a%2Fb'])
        assert.equal((await reply(port, { path, headers, body })).status, 404);
      assert.equal((await reply(port, { path: '/mcp/one', headers, body })).status, 202);
      test.token = 'another-token';
      const authorization = 'Bearer another-token';
      const asked = { path: '/mcp/one', headers: { ...headers, authorization } };
      for (const method of ['GET', 'DELETE'])
        assert.equal((await reply(port, { ...asked, method })).status, 404);
      assert.equal((await reply(port, { ...asked, body })).status, 404);
      assert.equal((await reply(port, { path: '/mcp/one', headers, body })).status, 401);
    });

    it('do not begin with a token that was changed while the request came', async () => {
      await open();
      const socket = dial(port, '127.0.0.1');
      cleanups.push(() => Promise.resolve(socket.destroy()));
      const body = JSON.stringify(initialize());
      socket.write(
        `POST /mcp HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${TOKEN}\r\n` +
          `Content-Type: ${JSON_TYPE}\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
      );
      await once(socket, 'data');
      test.token = 'another-token';
      socket.write(body);
      const [data] = (await once(socket, 'data')) as [Buffer];
      assert.match(data.toString(), /^HTTP\/1\.1 401 /);
      assert.equal(test.sessions.length, 0);
    });

    it('are bounded: the longest idle makes room, whoever is at work stays', async () => {
      await open({ sessions: 3 });
      const [streaming, working, idle] = [await connect(port), await connect(port), await connect(port)];
      await streaming.listen();
      const answer = working.request(1, 'hold');
      await until(() => test.sessions[1]?.received.length === 2, 'the request is in work');
      const latest = await connect(port);
      assert.equal((await idle.request(1, 'echo')).status, 404);
      assert.equal((await latest.request(1, 'echo')).status, 200);
      await latest.listen();
      const full = await reply(port, { body: initialize() });
      assert.equal(full.status, 503);
      assertNothingLeaks(full, port);
      test.sessions[1]?.release();
      assert.equal((await answer).status, 200);
      assert.ok((await connect(port)).id);
    });

    it('end when they are idle, but not while a stream is open or a request in work', async () => {
      await open({ idleMs: 3 * G });
      const [streaming, working] = [await connect(port), await connect(port)];
      const stream = await streaming.listen();
      const answer = working.request(1, 'hold');
      await until(() => test.sessions[1]?.received.length === 2, 'the request is in work');
      await connect(port);
      await until(() => test.sessions[2]?.disposed === 1, 'the idle one has ended');
      assert.deepEqual(
        test.sessions.map(({ disposed }) => disposed),
        [0, 0, 1],
      );
      test.sessions[1]?.release();
      assert.equal((await answer).status, 200);
      stream.destroy();
      await until(() => test.sessions.every(({ disposed }) => disposed === 1), 'the others have ended too');
    });

    it('end with what is in work, which is told', async () => {
      await open();
      const client = await connect(port);
      const stream = await client.listen();
      const answer = client.request(1, 'hold');
      await until(() => test.sessions[0]?.received.length === 2, 'the request is in work');
      test.door.endSessions();
      const { status, body } = await answer;
      assert.equal(status, 404);
      assert.match(body, /"id":1,"error".*initialize/);
      await stream.end();
      const [session] = test.sessions;
      assert.deepEqual([session?.aborted, session?.closed, session?.disposed], [1, 1, 1]);
      await assert.rejects(session!.transport.send(notification('x')), { name: 'NotDeliveredError' });
    });

    it('do not outlive a client that goes before it knows of them', async () => {
      await open();
      const gone = new AbortController();
      const answer = ask(port, { body: initialize(undefined, { hold: true }), signal: gone.signal });
      await until(() => test.sessions.length === 1, 'the session is there');
      gone.abort();
      await assert.rejects(answer);
      await until(() => test.sessions[0]?.disposed === 1, 'the session has ended');
    });

    it('have so many requests in work, each with an id of its own', async () => {
      await open({ inWork: 2 });
      const client = await connect(port);
      const answers = [client.request(1, 'hold'), client.request('1', 'hold')];
      await until(() => test.sessions[0]?.received.length === 3, 'both are in work');
      const again = await client.request(1, 'echo');
      assert.deepEqual([again.status, /"code":-32600/.test(again.body)], [400, true]);
      assert.equal((await client.request(3, 'echo')).status, 429);
      test.sessions[0]?.release();
      for (const answer of answers) assert.equal((await answer).status, 200);
      assert.equal((await client.request(1, 'echo')).status, 200);
    });
  });

  describe('times', () => {
    it('out whoever sends the head of a request, or its body, too slowly', async () => {
      await open({ headersMs: G, requestMs: 2 * G });
      const beginnings = [
        '',
        'POST /mcp HTTP/1.1\r\nHost: x',
        `POST /mcp HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${TOKEN}\r\n` +
          `Content-Type: ${JSON_TYPE}\r\nContent-Length: 100\r\n\r\n{`,
      ];
      for (const beginning of beginnings) {
        const socket = dial(port, '127.0.0.1').on('error', () => undefined);
        socket.write(beginning);
        socket.resume();
        const [ms] = await timed(() => once(socket, 'close'));
        assert.ok(ms < 20 * G, `${ms} ms`);
      }
    });

    it('do not end an answer that takes long', async () => {
      await open({ headersMs: G, requestMs: G });
      const client = await connect(port);
      const answer = client.request(1, 'hold');
      // Begun later, and ended by the same clock.
      await until(() => test.sessions[0]?.received.length === 2, 'the request is in work');
      const slow = dial(port, '127.0.0.1').on('error', () => undefined);
      slow.write('POST ');
      slow.resume();
      await once(slow, 'close');
      test.sessions[0]?.release();
      assert.equal((await answer).status, 200);
    });
  });

  describe('when it closes', () => {
    it('ends streams, answers what waits, frees the port, and is not held up by anyone', async () => {
      await open();
      const client = await connect(port);
      const stream = await client.listen();
      const answer = client.request(1, 'hold');
      const slow = dial(port, '127.0.0.1').on('error', () => undefined);
      slow.write('POST /mcp HTTP/1.1\r\n');
      slow.resume();
      const kept = dial(port, '127.0.0.1').on('error', () => undefined);
      kept.write(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
      await once(kept, 'data');
      await until(() => test.sessions[0]?.received.length === 2, 'the request is in work');
      const [ms] = await timed(() => Promise.all([test.door.dispose(), test.door.dispose()]));
      assert.ok(ms < 10 * G, `${ms} ms`);
      assert.equal((await answer).status, 503);
      await stream.end();
      assert.equal(test.sessions[0]?.disposed, 1);
      await assert.rejects(reply(port, { body: initialize() }), { code: 'ECONNREFUSED' });
      const next = createServer().listen(port, '127.0.0.1');
      await once(next, 'listening');
      next.close();
    });
  });
});
