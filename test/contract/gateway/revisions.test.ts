import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isGatewayError } from '../../../src/gateway/model/errors.js';
import { G, scriptedServer, spawns, temporaryFolder, testGateway, until } from '../../support/gateway.js';

/** How servers say that they do not speak the revision that they are asked for. */
const REFUSALS = {
  'the code of 2026-07-28': {
    code: -32022,
    message: 'Unsupported protocol version',
    data: { supported: ['2026-07-28'], requested: '2025-11-25' },
  },
  'invalid params': {
    code: -32602,
    message: 'Unsupported protocol version',
    data: { supported: ['2026-07-28'], requested: '2025-11-25' },
  },
};

const WANTS = /^It speaks MCP 2026-07-28, but this gateway 2024-11-05 to 2025-11-25: [^.]*\.$/;

describe('A server that speaks no revision of ours', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  // So short that a server which is tried again is tried many times while the test waits.
  const tuning = { backoffBaseMs: 5, probeMs: 10, parkAfter: 2 };

  for (const [what, error] of Object.entries(REFUSALS))
    it(`says which it wants and is started once, over stdio, by ${what}`, async () => {
      const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
      const server = scriptedServer({ spawnLog, failWith: { initialize: error } });
      const { gateway, configure } = await testGateway({ s: server }, cleanups, {
        gracePeriodMs: 50 * G,
        tuning,
      });
      const { omitted } = await gateway.listTools();
      assert.deepEqual(
        omitted.map(({ server: id, reason }) => [id, reason]),
        [['s', 'unsupported']],
      );
      assert.match(omitted[0]!.message, WANTS);
      await delay(100 * tuning.probeMs);
      await gateway.listTools();
      await assert.rejects(
        gateway.request('s', 'tools/call', { name: 'echo' }),
        (thrown) =>
          isGatewayError(thrown) && thrown.code === 'server-unavailable' && /2026/.test(thrown.message),
      );
      assert.equal((await spawns(spawnLog)).length, 1);

      // By hand it is tried again, and once its definition is another.
      await assert.rejects(gateway.restart('s'), /2026-07-28/);
      assert.equal((await spawns(spawnLog)).length, 2);
      await configure({ s: scriptedServer({ spawnLog }) }, 50 * G);
      assert.equal((await gateway.listTools()).items.length, 5);
    });

  it('is known by an answer in another revision, and by not knowing initialize', async () => {
    const { gateway } = await testGateway(
      {
        other: scriptedServer({ protocolVersion: '2999-01-01' }),
        stateless: scriptedServer({
          failWith: { initialize: { code: -32601, message: 'Method not found' } },
        }),
        broken: scriptedServer({
          failWith: { initialize: { code: -32602, message: 'clientInfo is missing' } },
        }),
      },
      cleanups,
      { gracePeriodMs: 50 * G },
    );
    const { omitted } = await gateway.listTools();
    assert.deepEqual(
      omitted.map(({ server, reason }) => [server, reason]),
      [
        ['other', 'unsupported'],
        ['stateless', 'unsupported'],
        ['broken', 'failed'],
      ],
    );
    assert.match(omitted[0]!.message, /speaks MCP 2999-01-01/);
    assert.match(omitted[1]!.message, /speaks another revision of MCP/);
  });

  for (const id of ['its own id', 'no id'])
    it(`says which it wants over HTTP, with status 400 and ${id}, and is asked once`, async () => {
      let posts = 0;
      const web = createServer((request, response) => {
        void (async () => {
          let body = '';
          for await (const chunk of request) body += String(chunk);
          if (request.method !== 'POST') return response.writeHead(405).end();
          posts++;
          const asked = JSON.parse(body) as { id: unknown };
          const answer = {
            jsonrpc: '2.0',
            id: id === 'no id' ? null : asked.id,
            error: REFUSALS['the code of 2026-07-28'],
          };
          return response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
        })();
      }).listen(0, '127.0.0.1');
      await once(web, 'listening');
      cleanups.push(async () => {
        const closed = once(web, 'close');
        web.close().closeAllConnections();
        await closed;
      });
      const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/mcp`;
      const { gateway } = await testGateway({ s: { url } }, cleanups, { gracePeriodMs: 50 * G, tuning });
      await until(
        async () => (await gateway.listTools()).omitted[0]?.reason === 'unsupported',
        'it has refused',
      );
      assert.match((await gateway.listTools()).omitted[0]!.message, WANTS);
      await delay(100 * tuning.probeMs);
      await gateway.listTools();
      assert.equal(posts, 1);
    });
});
