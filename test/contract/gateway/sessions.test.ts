import assert from 'node:assert/strict';
import type { GatewayError } from '../../../src/gateway/model/errors.js';
import { G, testGateway, timed, until } from '../../support/gateway.js';
import { gatewayOf, httpServer, text, type Exchange } from '../../support/httpServer.js';

/** Longer than anything here may live on that was cut: what is there after it, stays. */
const PATIENCE = 3 * G;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('HTTP sessions', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const nonceOf = ({ message }: Exchange): unknown => message.params?.arguments?.nonce;
  const toolCalls = (handle: (exchange: Exchange) => unknown) => (exchange: Exchange) => {
    if (exchange.message.method === 'tools/call') handle(exchange);
    else exchange.response.writeHead(exchange.request.method === 'GET' ? 405 : 202).end();
  };

  for (const [status, body] of [
    [404, { error: { code: -32001, message: 'Session not found' }, id: null }],
    [400, { error: { code: -32000, message: 'Bad Request: No valid session ID provided' } }],
  ] as const)
    it(`AtMostOnceDispatch: calls at once on a session forgotten with ${status} all succeed, each executed once`, async () => {
      const executed: unknown[] = [];
      let refused = 0;
      const { url, sessions, begun } = await httpServer(
        cleanups,
        toolCalls(async (exchange) => {
          // The last of them hears of it long after the first.
          if (!sessions.has(String(exchange.session))) {
            await wait(refused++ * 0.5 * G);
            exchange.answer(body, status);
            return;
          }
          executed.push(nonceOf(exchange));
          exchange.answer(text(nonceOf(exchange)));
        }),
      );
      const gateway = await gatewayOf(url, cleanups);
      await gateway.callTool('web__run', { nonce: 'proof' });
      sessions.clear();
      const nonces = Array.from({ length: 10 }, (_, index) => index);
      const results = await Promise.all(nonces.map((nonce) => gateway.callTool('web__run', { nonce })));
      assert.deepEqual(
        results.map(({ content }) => content[0]?.text),
        nonces.map(String),
      );
      assert.deepEqual(executed.sort(), [...nonces, 'proof']);
      assert.deepEqual([refused, begun()], [10, 2]);
    });

  for (const [status, code] of [
    [429, 'server-error'],
    [503, 'server-error'],
  ] as const)
    it(`AtMostOnceDispatch: a call that is refused with ${status} is not sent a second time`, async () => {
      let calls = 0;
      const { url, begun } = await httpServer(
        cleanups,
        toolCalls(({ response }) => {
          calls++;
          response.writeHead(status).end();
        }),
      );
      const gateway = await gatewayOf(url, cleanups);
      await gateway.listTools();
      await assert.rejects(gateway.callTool('web__run', {}), { code });
      assert.deepEqual([calls, begun()], [1, 1]);
    });

  it('a refresh on a session that the server has forgotten begins another, and is no failure', async () => {
    const { url, sessions, begun } = await httpServer(
      cleanups,
      toolCalls((exchange) => {
        exchange.answer(text('done'));
      }),
    );
    const gateway = await gatewayOf(url, cleanups);
    await gateway.callTool('web__run', {});
    sessions.clear();
    assert.deepEqual(await gateway.refreshAll(), [{ server: 'web', error: undefined }]);
    assert.deepEqual(
      [begun(), gateway.servers()[0]?.phase, gateway.servers()[0]?.failure],
      [2, 'live', undefined],
    );
  });

  it('is no failure of anyone when the server ends a session that nobody uses', async () => {
    const forgotten = { error: { code: -32001, message: 'Session not found' }, id: null };
    const { url, sessions, begun } = await httpServer(cleanups, (exchange) => {
      const { message, request, response, session } = exchange;
      if (message.method === 'ping' && !sessions.has(String(session))) exchange.answer(forgotten, 404);
      else if (message.method === 'ping') exchange.answer({ result: {} });
      else if (message.method === 'tools/call') exchange.answer(text('done'));
      else response.writeHead(request.method === 'GET' ? 405 : 202).end();
    });
    const { gateway, lines } = await testGateway({ web: { url } }, cleanups, {
      gracePeriodMs: 50 * G,
      tuning: { pingMs: 0.2 * G },
    });
    await gateway.callTool('web__run', {});
    sessions.clear();
    await until(() => gateway.servers()[0]?.phase !== 'live', 'the session has ended');
    const [server] = gateway.servers();
    assert.deepEqual([server?.phase, server?.failure], ['idle', undefined]);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('web error')),
      [],
    );
    await gateway.callTool('web__run', {});
    assert.equal(begun(), 2);
  });

  it('AtMostOnceDispatch: an error of JSON-RPC is the answer to its call, whatever its status', async () => {
    const executed: unknown[] = [];
    let good: Exchange | undefined;
    const { url, begun } = await httpServer(
      cleanups,
      toolCalls((exchange) => {
        executed.push(nonceOf(exchange));
        const error = { code: -32050, message: 'The session with the database was not found, begin one.' };
        if (nonceOf(exchange) === 'good') good = exchange;
        else exchange.answer({ error }, Number(nonceOf(exchange)));
      }),
    );
    const gateway = await gatewayOf(url, cleanups);
    const call = gateway.callTool('web__run', { nonce: 'good' });
    await until(() => good !== undefined, 'it runs');
    for (const nonce of [400, 422, 500])
      await assert.rejects(gateway.callTool('web__run', { nonce }), {
        code: 'server-error',
        message: /error -32050: The session with the database/,
      });
    await wait(PATIENCE);
    good?.answer(text('good'));
    assert.equal((await call).content[0]?.text, 'good');
    assert.deepEqual(executed.sort(), [400, 422, 500, 'good']);
    assert.equal(begun(), 1);
  });

  it('GenerationLease: a notification that is refused cuts no call', async () => {
    const running: Exchange[] = [];
    let refused = 0;
    const { url, begun } = await httpServer(cleanups, (exchange) => {
      if (exchange.message.method === 'tools/call') running.push(exchange);
      else if (exchange.message.method === 'notifications/cancelled') {
        const error = { code: -32000, message: 'Bad Request: No valid session ID provided' };
        exchange.answer({ error, id: null }, 400 + 4 * (refused++ % 2));
      } else exchange.response.writeHead(405).end();
    });
    const gateway = await gatewayOf(url, cleanups);
    const call = gateway.callTool('web__run', {});
    for (let cancelled = 1; cancelled <= 2; cancelled++) {
      const controller = new AbortController();
      const other = gateway.callTool('web__run', {}, { signal: controller.signal });
      await until(() => running.length === 1 + cancelled, 'both run');
      controller.abort();
      await assert.rejects(other, { code: 'cancelled' });
      await until(() => refused === cancelled, 'the cancellation is refused');
    }
    await wait(PATIENCE);
    running[0]?.answer(text('whole'));
    assert.equal((await call).content[0]?.text, 'whole');
    const last = gateway.callTool('web__run', {});
    await until(() => running.length === 4, 'the last one runs');
    running[3]?.answer(text('too'));
    assert.equal((await last).content[0]?.text, 'too');
    assert.equal(begun(), 1);
  });

  it('GenerationLease: a server that takes no more connections still answers what it has begun', async () => {
    const running: Exchange[] = [];
    const { url, server } = await httpServer(
      cleanups,
      toolCalls((exchange) => running.push(exchange)),
    );
    const gateway = await gatewayOf(url, cleanups);
    const [plain, streamed] = [gateway.callTool('web__run', {}), gateway.callTool('web__run', {})];
    await until(() => running.length === 2, 'both run');
    running[1]?.stream(': working\n\n');
    server.close();
    await until(
      () =>
        fetch(url).then(
          () => false,
          () => true,
        ),
      'it takes no more connections',
    );
    const [ms] = await timed(() =>
      assert.rejects(
        gateway.callTool('web__run', {}),
        (error: GatewayError) =>
          error.code === 'server-unavailable' && error.details.execution === 'not-executed',
      ),
    );
    assert.ok(ms < 10 * G, `${ms} ms`);
    await wait(PATIENCE);
    running[0]?.answer(text('plain'));
    running[1]?.response.end(
      `data: ${JSON.stringify({ jsonrpc: '2.0', id: running[1].message.id, ...text('streamed') })}\n\n`,
    );
    const results = await Promise.all([plain, streamed]);
    assert.deepEqual(
      results.map(({ content }) => content[0]?.text),
      ['plain', 'streamed'],
    );
  });
});
