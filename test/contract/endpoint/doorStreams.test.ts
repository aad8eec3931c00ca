import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, EmptyResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Params } from '../../../src/protocol/messages.js';
import {
  BEFORE_PRIMING,
  connect,
  initialize,
  notification,
  reply,
  testDoor,
  TOKEN,
  type EventReader,
  type OpenedSession,
  type TestClient,
  type TestDoor,
} from '../../support/door.js';
import { G, until } from '../../support/gateway.js';

const progressOf = ({ messages }: EventReader): unknown[] =>
  messages.flatMap(({ params }) => (params ? [(params as Params).progress] : []));

describe('The streams of the HTTP door', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let test: TestDoor;
  let client: TestClient;
  let session: OpenedSession;

  const open = async (limits: Parameters<typeof testDoor>[1] = {}, version?: string): Promise<void> => {
    test = await testDoor(cleanups, limits);
    client = await connect(test.port, '/mcp', version);
    session = test.sessions[0]!;
  };
  const tell = (method: string, params: Params = {}, during?: number): Promise<void> =>
    session.transport.send(notification(method, params), { relatedRequestId: during });
  const inWork = (count = 1): Promise<void> =>
    until(() => session.received.length === count + 1, 'the request is in work');

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  describe('of an answer', () => {
    it('begins when something is said first, in order, and ends with the answer', async () => {
      await open();
      const stream = await client.stream(1, 'progress', { count: 3 });
      assert.equal(stream.status, 200);
      assert.equal(stream.headers['content-type'], 'text/event-stream');
      assert.equal(stream.headers['cache-control'], 'no-cache, no-transform');
      assert.equal(stream.headers['x-accel-buffering'], 'no');
      await stream.end();
      assert.deepEqual(progressOf(stream), [1, 2, 3]);
      assert.deepEqual(stream.messages.at(-1)?.result, { count: 3 });
      const ids = stream.events.map(({ id }) => id);
      assert.deepEqual([ids.length, new Set(ids).size, ids.includes(undefined)], [5, 5, false]);
      assert.equal(stream.events[0]?.message, undefined);
    });

    it('has no event without data for clients that may not know what it is', async () => {
      await open({}, BEFORE_PRIMING);
      const stream = await client.stream(1, 'progress');
      await stream.end();
      assert.equal(stream.events.length, stream.messages.length);
      assert.equal(stream.messages.length, 2);
    });

    it('carries a question, which the client answers by another request', async () => {
      await open();
      const stream = await client.stream(1, 'ask');
      await stream.count(1);
      const [question] = stream.messages;
      assert.equal(question?.method, 'roots/list');
      const answer = { jsonrpc: '2.0', id: question.id as number, result: { roots: [] } } as const;
      assert.equal((await client.post(answer)).status, 202);
      await stream.end();
      assert.deepEqual(stream.messages.at(-1)?.result, { roots: [] });
    });

    it('carries no question to a client that can be asked in no way, which is said at once', async () => {
      await open();
      const plain = { headers: { accept: 'application/json' } };
      const held = client.request(1, 'hold', {}, plain);
      await inWork();
      const question = { jsonrpc: '2.0', id: 7, method: 'roots/list' } as const;
      await assert.rejects(session.transport.send(question, { relatedRequestId: 1 }), {
        name: 'NotDeliveredError',
      });
      const stream = await client.listen();
      await session.transport.send(question, { relatedRequestId: 1 });
      await stream.count(1);
      session.release();
      await held;
    });

    it('carries a question that belongs to no request, to a client that has no other stream', async () => {
      await open();
      const { transport } = session;
      let came = 0;
      transport.onreachable = () => came++;
      assert.equal(transport.reachable, false);
      const plain = client.request(1, 'hold', {}, { headers: { accept: 'application/json' } });
      await inWork();
      assert.equal(transport.reachable, false, 'it takes no question with its answer');
      const stream = client.stream(2, 'hold');
      await inWork(2);
      assert.equal(transport.reachable, true);
      await transport.send({ jsonrpc: '2.0', id: 7, method: 'roots/list' });
      await (await stream).count(1);
      (await stream).destroy();
      await until(() => transport.reachable === false, 'it is seen to be gone');
      const other = await client.listen();
      assert.deepEqual([transport.reachable, came], [true, 2]);
      other.destroy();
      await until(() => transport.reachable === false, 'it is seen to be gone again');
      session.release();
      await plain;
    });

    it('gives a question up whose client does not come back for it, and keeps one that does', async () => {
      await open({ reachMs: G });
      const lost: unknown[] = [];
      session.transport.onrequestlost = (id) => lost.push(id);
      const question = (id: number): Promise<void> =>
        session.transport.send({ jsonrpc: '2.0', id, method: 'roots/list' });
      await question(7);
      const askedAt = performance.now();
      const stream = await client.listen();
      await stream.count(1);
      await until(() => performance.now() - askedAt > 2 * G, 'the time of the first is over');
      assert.deepEqual(lost, []);
      await client.post({ jsonrpc: '2.0', id: 7, result: {} });
      stream.destroy();
      await question(8);
      await until(() => lost.length > 0, 'the second is given up');
      assert.deepEqual(lost, [8]);
    });

    it('begins when the answer is long in coming, and shows that it is alive', async () => {
      await open({ plainMs: G, keepAliveMs: G / 3 });
      const stream = await client.stream(1, 'hold');
      await until(() => stream.comments >= 2, 'it has shown that it is alive');
      session.release();
      await stream.end();
      assert.deepEqual(stream.messages, [{ jsonrpc: '2.0', id: 1, result: {} }]);
    });

    it('never begins before the answer to initialize', async () => {
      test = await testDoor(cleanups, { plainMs: 1 });
      const answer = reply(test.port, { body: initialize(undefined, { hold: true }) });
      await until(() => test.sessions[0]?.received.length === 1, 'the request is in work');
      await test.sessions[0]!.transport.send(notification('x'), { relatedRequestId: 0 });
      test.sessions[0]!.release();
      assert.equal((await answer).headers['content-type'], 'application/json');
      assert.ok((await answer).headers['mcp-session-id']);
    });

    it('is plain for a client that takes nothing else; what is said first waits for its other stream', async () => {
      await open({ plainMs: 1 });
      const plain = { headers: { accept: 'application/json' } };
      const answer = await client.request(1, 'progress', {}, plain);
      assert.equal(answer.headers['content-type'], 'application/json');
      const stream = await client.listen();
      await stream.count(1);
      assert.deepEqual(progressOf(stream), [1]);
    });

    it('is a stream for a client that takes nothing else', async () => {
      await open();
      const accept = 'text/event-stream';
      const { headers, body } = await client.request(1, 'echo', {}, { headers: { accept } });
      assert.equal(headers['content-type'], accept);
      assert.match(body, /"result":\{\}/);
      const opened = await reply(test.port, { headers: { accept }, body: initialize() });
      assert.match(opened.body, /protocolVersion/);
      assert.ok(opened.headers['mcp-session-id']);
    });

    it('ends without an answer when the client cancels, plain or not', async () => {
      await open();
      const cancel = (requestId: number) =>
        client.post(notification('notifications/cancelled', { requestId }));
      const plain = client.request(1, 'hold');
      const held = client.stream(2, 'hold');
      await inWork(2);
      await tell('notifications/progress', {}, 2);
      await Promise.all([cancel(1), cancel(2)]);
      const { status, body } = await plain;
      assert.deepEqual([status, body], [200, '']);
      const stream = await held;
      await stream.end();
      assert.equal(stream.messages.length, 1);
      assert.equal(session.aborted, 2);
      assert.equal((await client.request(1, 'echo')).status, 200);
    });

    it('goes on when its client goes, and the client can come back for the rest', async () => {
      await open();
      const held = client.stream(1, 'hold');
      await inWork();
      await tell('notifications/progress', { progress: 1 }, 1);
      const stream = await held;
      await stream.count(1);
      stream.destroy();
      await tell('notifications/progress', { progress: 2 }, 1);
      const again = await client.listen(stream.lastId);
      await again.count(1);
      await tell('notifications/progress', { progress: 3 }, 1);
      await again.count(2);
      again.destroy();
      assert.equal(session.aborted, 0);
      session.release();
      await until(async () => (await client.request(2, 'echo')).status === 200, 'the answer is there');
      const late = await client.listen(stream.lastId);
      await late.end();
      assert.deepEqual(progressOf(late), [2, 3]);
      assert.equal(late.messages.at(-1)?.id, 1);
      const over = await client.listen(late.lastId);
      assert.equal(over.status, 204);
    });

    it('is the end: how far it is, said after it, goes nowhere', async () => {
      await open();
      await client.request(1, 'echo');
      await tell('notifications/progress', {}, 1);
      await tell('notifications/message', {}, 1);
      const stream = await client.listen();
      await stream.count(1);
      assert.equal(stream.messages[0]?.method, 'notifications/message');
    });

    it('is dropped when its client goes while it is plain, and does no harm', async () => {
      await open();
      const gone = new AbortController();
      const answer = client.request(1, 'hold', {}, { signal: gone.signal });
      await inWork();
      gone.abort();
      await assert.rejects(answer);
      assert.equal(session.aborted, 0);
      session.release();
      await until(async () => (await client.request(1, 'echo')).status === 200, 'the id is free again');
    });

    it('is worth more than what was said on the way to it', async () => {
      await open({ keptEvents: 3 });
      const stream = await client.stream(1, 'progress', { count: 10 });
      await stream.end();
      const first = stream.events[0]!.id;
      for (let number = 0; number < 10; number++) await tell('x', { number });
      const again = await client.listen(first);
      await again.end();
      assert.deepEqual(
        again.messages.map(({ id }) => id),
        [1],
      );
    });
  });

  describe('of what belongs to no request', () => {
    it('has what was said before it was opened, list_changed once, the newest of the rest', async () => {
      await open({ keptEvents: 4 });
      for (let number = 0; number < 5; number++) await tell('notifications/message', { number });
      for (let again = 0; again < 3; again++) {
        await tell('notifications/tools/list_changed');
        await tell('notifications/prompts/list_changed');
      }
      const stream = await client.listen();
      await tell('notifications/tools/list_changed');
      await stream.count(5);
      assert.deepEqual(
        stream.messages.map(({ method, params }) => (params as Params).number ?? method),
        [
          3,
          4,
          'notifications/tools/list_changed',
          'notifications/prompts/list_changed',
          'notifications/tools/list_changed',
        ],
      );
    });

    it('shows that it is alive, begins with an event without data, and goes on where it broke', async () => {
      await open({ keepAliveMs: G / 3 });
      const stream = await client.listen();
      await until(() => stream.comments >= 2, 'it has shown that it is alive');
      assert.deepEqual(stream.events, [{ id: stream.lastId, message: undefined }]);
      await tell('a');
      await stream.count(1);
      stream.destroy();
      for (const method of ['b', 'c']) await tell(method);
      const again = await client.listen(stream.lastId);
      await again.count(2);
      const methods = (): unknown[] => again.messages.map(({ method }) => method);
      await tell('d');
      await again.count(3);
      assert.deepEqual(methods(), ['b', 'c', 'd']);
    });

    it('is taken over by the connection that comes last', async () => {
      await open();
      const stream = await client.listen();
      await tell('a');
      await stream.count(1);
      const again = await client.listen();
      await stream.end();
      await tell('b');
      await again.count(1);
      assert.deepEqual(
        again.messages.map(({ method }) => method),
        ['b'],
      );
    });

    it('begins anew for an event id that was never given out', async () => {
      await open();
      for (const id of ['s-77', 'nonsense', 's-1-', 'S-1', '-']) {
        const other = await connect(test.port);
        await test.sessions.at(-1)!.transport.send(notification(id));
        const stream = await other.listen(id);
        await stream.count(1);
        assert.equal(stream.messages[0]?.method, id);
      }
      assert.equal((await client.listen('r77-1')).status, 204);
    });

    it('is closed for a client that does not read, who can come back', async () => {
      await open({ unreadBytes: 64 * 1024, keptEvents: 2 });
      const stream = await client.listen();
      stream.pause();
      let said = 0;
      await sayMuch(() => said++ > 1000);
      await tell('last');
      const again = await client.listen('s-0');
      await again.count(2);
      assert.equal(again.messages[1]?.method, 'last');
    });

    it('keeps no session from being idle when its client does not read', async () => {
      await open({ unreadBytes: 64 * 1024, idleMs: 3 * G });
      (await client.listen()).pause();
      await sayMuch(() => session.disposed === 1);
    });

    /** The system's own buffers have to be full first. */
    const sayMuch = (enough: () => boolean): Promise<void> => {
      const text = 'x'.repeat(64 * 1024);
      return until(async () => {
        for (let times = 0; times < 20 && !enough(); times++)
          await tell('notifications/message', { text }).catch(() => undefined);
        return enough();
      }, 'enough was said');
    };
  });

  it('leave no session busy when everything on them has ended', async () => {
    await open({ idleMs: 3 * G });
    (await client.stream(1, 'progress')).destroy();
    (await client.listen()).destroy();
    await until(() => session.disposed === 1, 'the session has ended');
  });

  it("serve the SDK's client: progress, an error at the end of a stream, nothing that repeats", async () => {
    test = await testDoor(cleanups, { keepAliveMs: G });
    /** The statuses of its GETs. */
    const waitedFor: number[] = [];
    const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${test.port}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${TOKEN}` } },
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (init?.method === 'GET') waitedFor.push(response.status);
        return response;
      },
      reconnectionOptions: {
        initialReconnectionDelay: 10,
        maxReconnectionDelay: 10,
        reconnectionDelayGrowFactor: 1,
        maxRetries: 2,
      },
    });
    const sdk = new Client({ name: 'test', version: '0' });
    const errors: Error[] = [];
    sdk.onerror = (error) => errors.push(error);
    await sdk.connect(transport);
    cleanups.push(() => sdk.close());
    session = test.sessions[0]!;

    const seen: number[] = [];
    await sdk.request({ method: 'progress', params: { count: 3 } }, CallToolResultSchema, {
      onprogress: ({ progress }) => seen.push(progress),
    });
    assert.deepEqual(seen, [1, 2, 3]);
    await assert.rejects(sdk.request({ method: 'ask', params: {} }, EmptyResultSchema), /Method not found/);
    // It asks for what came after the error, once, and hears that there is nothing.
    await until(() => waitedFor.includes(204), 'it has come back');
    await sdk.ping();
    assert.deepEqual(waitedFor, [200, 204]);
    assert.deepEqual([errors, test.lines], [[], []]);
    await transport.terminateSession();
    assert.equal(session.disposed, 1);
  });
});
