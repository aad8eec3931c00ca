import assert from 'node:assert/strict';
import type { GatewayError } from '../../../src/gateway/model/errors.js';
import { G, timed, until } from '../../support/gateway.js';
import { gatewayOf, httpServer, text, type Exchange } from '../../support/httpServer.js';

const event = (message: Record<string, unknown>, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;

describe('Answers over HTTP', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** A server whose answer streams break after one event that they could be resumed from. */
  async function breaking(resume: (exchange: Exchange, call: Exchange, tries: number) => void) {
    let call: Exchange | undefined;
    let tries = 0;
    const { url } = await httpServer(cleanups, (exchange) => {
      if (exchange.message.method === 'tools/call') {
        call = exchange;
        exchange.stream(`retry: ${G / 10}\n${event({ method: 'notifications/message', params: {} }, 1)}`);
        setTimeout(() => exchange.response.destroy(), G / 10);
      } else if (call && exchange.request.method === 'GET') {
        resume(exchange, call, ++tries);
      } else {
        exchange.response.writeHead(405).end();
      }
    });
    return { gateway: await gatewayOf(url, cleanups), tries: () => tries };
  }

  it('a stream that breaks is resumed, and brings its answer', async () => {
    const { gateway, tries } = await breaking(({ stream, response }, { message }, count) => {
      stream(event({ method: 'notifications/message', params: {} }, 1 + count));
      response.end(count < 3 ? '' : event({ id: message.id, ...text('after all') }));
    });
    assert.equal((await gateway.callTool('web__run', {})).content[0]?.text, 'after all');
    assert.equal(tries(), 3);
  });

  for (const [name, most, resume] of [
    ['is refused', 2, ({ response }) => void response.writeHead(500).end()],
    ['breaks', 2, ({ response }) => void response.destroy()],
    ['is not offered', 1, ({ response }) => void response.writeHead(405).end()],
    ['brings nothing', 1, ({ stream, response }) => (stream(), response.end())],
  ] as const satisfies readonly (readonly [string, number, (exchange: Exchange) => void])[])
    it(`FailFastOnDeath: a stream whose resumption ${name} fails its call, after ${most} tries`, async () => {
      const { gateway, tries } = await breaking(resume);
      const [ms] = await timed(() =>
        assert.rejects(
          gateway.callTool('web__run', {}),
          ({ code, details }: GatewayError) => code === 'connection-lost' && details.execution === 'unknown',
        ),
      );
      assert.ok(ms < 10 * G, `${ms} ms`);
      assert.equal(tries(), most);
      await gateway.dispose();
      assert.equal(tries(), most, 'it is not tried again for nobody');
    });

  it('FailFastOnDeath: a server that dies fails its call, though the stream could be resumed', async () => {
    const { url, server } = await httpServer(cleanups, (exchange) => {
      if (exchange.message.method !== 'tools/call') return void exchange.response.writeHead(405).end();
      exchange.stream(`retry: ${G / 10}\n${event({ method: 'notifications/message', params: {} }, 1)}`);
      server.close();
      setTimeout(() => {
        server.closeAllConnections();
      }, G / 10);
    });
    const gateway = await gatewayOf(url, cleanups);
    const [ms] = await timed(() =>
      assert.rejects(gateway.callTool('web__run', {}), { code: 'connection-lost' }),
    );
    assert.ok(ms < 10 * G, `${ms} ms`);
  });

  for (const end of ['cancelled', 'timed-out'] as const)
    it(`BoundedEverything: ${end} calls keep no answer open, and the server hears of each first`, async () => {
      const COUNT = 30;
      const [open, told]: [Set<unknown>, Set<unknown>] = [new Set(), new Set()];
      let untold = 0;
      const { url } = await httpServer(cleanups, (exchange) => {
        const { message, response } = exchange;
        if (message.method === 'tools/call') {
          open.add(message.id);
          response.once('close', () => {
            open.delete(message.id);
            if (!told.has(message.id)) untold++;
          });
          if (open.size % 2 === 0) exchange.stream(': working\n\n');
        } else {
          if (message.method === 'notifications/cancelled') told.add(message.params?.requestId);
          response.writeHead(exchange.request.method === 'GET' ? 405 : 202).end();
        }
      });
      const timeouts = end === 'cancelled' ? {} : { timeouts: { callMs: 5 * G } };
      const gateway = await gatewayOf(url, cleanups, timeouts);
      const controller = new AbortController();
      const calls = Promise.allSettled(
        Array.from({ length: COUNT }, () => gateway.callTool('web__run', {}, { signal: controller.signal })),
      );
      await until(() => open.size === COUNT, 'all run');
      if (end === 'cancelled') controller.abort();
      await calls;
      await until(() => open.size === 0, 'no answer is open', 10 * G);
      assert.deepEqual([told.size, untold], [COUNT, 0]);
    });

  it('BoundedEverything: a stream that goes on after its answer is cut', async () => {
    let closed = 0;
    const { url } = await httpServer(cleanups, (exchange) => {
      if (exchange.message.method !== 'tools/call') return void exchange.response.writeHead(405).end();
      exchange.response.once('close', () => closed++);
      exchange.stream(event({ id: exchange.message.id, ...text('done') }));
    });
    const gateway = await gatewayOf(url, cleanups);
    assert.equal((await gateway.callTool('web__run', {})).content[0]?.text, 'done');
    await until(() => closed === 1, 'the stream is cut', 10 * G);
  });
});
