import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import {
  G,
  scriptedServer,
  spawns,
  temporaryFolder,
  testGateway,
  timed,
  until,
  isAlive,
} from '../../support/gateway.js';

const LONG = 50 * G;

describe('Interleavings', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const start = (servers: Record<string, unknown>, gracePeriodMs = LONG) =>
    testGateway(servers, cleanups, { gracePeriodMs });

  it('a server that dies while its lists are checked does not stay live', async () => {
    const { gateway } = await start({ s: scriptedServer({ tools: 400, exitAfterList: 7 }) });
    await gateway.listTools();
    await until(() => gateway.servers()[0]?.phase === 'waiting', 'its death is noticed');
    assert.match(gateway.servers()[0]?.failure?.message ?? '', /exit code 7/);
    const [refreshed] = await gateway.refreshAll();
    await until(() => gateway.servers()[0]?.phase === 'waiting', 'its second death is noticed');
    assert.equal(refreshed?.server, 's');
  });

  it('NoOrphans: whenever dispose or restart overtakes a start, one process at most is left', async () => {
    for (const act of ['dispose', 'restart'] as const)
      for (let turns = 0; turns < 24; turns += 3) {
        const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
        const { gateway } = await start({ s: scriptedServer({ spawnLog }) });
        let acted: Promise<unknown> | undefined;
        const first = gateway.onDidChangeCatalog(() => {
          first.dispose();
          acted = (async () => {
            for (let turn = 0; turn < turns; turn++) await Promise.resolve();
            await (act === 'dispose' ? gateway.dispose() : gateway.restart('s'));
          })();
        });
        await gateway.listTools().catch(() => undefined);
        await acted;
        const alive = (await spawns(spawnLog)).map(Number).filter(isAlive);
        assert.equal(alive.length, act === 'dispose' ? 0 : 1, `${act} after ${turns} turns`);
        await gateway.dispose();
        assert.deepEqual(alive.filter(isAlive), []);
      }
  });

  it('a list that changes while it is first read is read once more', async () => {
    const { gateway } = await start({ s: scriptedServer({ tools: ['one'], changeDuringStart: true }) });
    await gateway.listTools();
    await until(
      async () => (await gateway.listTools()).items.some(({ name }) => name === 's__early'),
      'the early change is seen',
    );
  });

  it('BoundedEverything: a server that changes at each list does not hold a refresh or a reset up', async () => {
    const { gateway } = await start({ s: scriptedServer({ changeOnList: true }) });
    await gateway.listTools();
    const [ms] = await timed(async () => {
      await gateway.refreshAll();
      await gateway.resetCache();
    });
    assert.ok(ms < 10 * G, `${ms} ms`);
  });

  it('FailFastOnDeath: a server that closes its output fails its calls at once', async () => {
    const { gateway } = await start({ s: scriptedServer({ tools: ['close-stdout', 'sleep'] }) });
    await gateway.listTools();
    const sleeping = gateway.callTool('s__sleep', { ms: 60_000 });
    const [ms] = await timed(() =>
      Promise.all([
        assert.rejects(sleeping, { code: 'connection-lost' }),
        assert.rejects(gateway.callTool('s__close-stdout', {}), { code: 'connection-lost' }),
      ]),
    );
    assert.ok(ms < 1000, `${ms} ms`);
  });

  it('a cold server with a long id is found by the public name of its tool', async () => {
    const id = 'My Company Internal Tools Server';
    const tool = 'get-all-the-customers-of-a-region';
    const servers = { [id]: scriptedServer({ tools: [tool], initDelayMs: 3 * G }) };
    const warm = await start(servers);
    const name = (await warm.gateway.listTools()).items[0]?.name ?? '';
    const { gateway } = await start(servers, 0);
    assert.equal((await gateway.callTool(name, {})).content.length, 1);
  });

  it('a broken server does not hide another whose tools share its public prefix', async () => {
    const { gateway } = await start({ GitHub: { command: 'no-such-command' }, github: scriptedServer() });
    assert.equal((await gateway.callTool('github__echo', {})).content.length, 1);
  });

  it('a schema that is nested thousands of levels deep is left out and fails nothing', async () => {
    const { gateway, lines } = await start({ s: scriptedServer({ deep: 3000 }) });
    const { items, omitted } = await gateway.listTools();
    assert.deepEqual([items.length, omitted], [5, []]);
    assert.ok(lines.some((line) => /Left out tools "deep": it is nested more than/.test(line)));
  });

  it('with a cache, a grace of 0 still lists everything', async () => {
    const cacheDir = await temporaryFolder(cleanups);
    const servers = { s: scriptedServer() };
    const first = await testGateway(servers, cleanups, { cacheDir, gracePeriodMs: LONG });
    await first.gateway.listTools();
    await first.gateway.dispose();
    const second = await testGateway(servers, cleanups, { cacheDir, gracePeriodMs: 0 });
    assert.equal((await second.gateway.listTools()).items.length, 5);
  });

  it('aborting while a name is resolved is "cancelled"', async () => {
    const { gateway } = await start({ s: scriptedServer({ silent: true }) });
    const call = gateway.callTool('s__echo', {}, { signal: AbortSignal.timeout(50) });
    await assert.rejects(call, { code: 'cancelled' });
  });

  async function web(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  }

  it('an HTTP session that the server has forgotten is begun anew, and the call goes through once', async () => {
    const entry = resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js');
    const url = await web((_request, response) => void response.end());
    const { port } = new URL(url);
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    const serve = async (): Promise<() => Promise<void>> => {
      const child = spawn(process.execPath, [entry, 'streamableHttp'], {
        env: { ...process.env, PORT: port },
        stdio: 'ignore',
      });
      const exit = once(child, 'exit');
      await until(
        () =>
          fetch(`http://127.0.0.1:${port}/`).then(
            () => true,
            () => false,
          ),
        'it listens',
      );
      const end = async (): Promise<void> => {
        child.kill('SIGKILL');
        await exit;
      };
      cleanups.push(end);
      return end;
    };
    const end = await serve();
    const { gateway } = await start({ web: { url } });
    await gateway.callTool('web__echo', { message: 'first' });
    await end();
    await serve();
    const failures: unknown[] = [];
    gateway.onDidChangeServers(() => failures.push(...gateway.servers().map(({ failure }) => failure)));
    const result = await gateway.callTool('web__echo', { message: 'second' });
    assert.match(String(result.content[0]?.text), /second/);
    assert.deepEqual(failures.filter(Boolean), [], 'nobody was told of a failure');
  });

  it('FailFastOnDeath: an answer stream that ends without the answer fails its call at once', async () => {
    const url = await web((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        if (request.method !== 'POST') return void response.writeHead(405).end();
        const { id, method } = JSON.parse(body) as { id?: number; method: string };
        if (id === undefined) return void response.writeHead(202).end();
        if (method === 'tools/call') {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          return void response.write(': working\n\n', () => response.end());
        }
        const result =
          method === 'initialize'
            ? {
                protocolVersion: '2025-11-25',
                capabilities: { tools: {} },
                serverInfo: { name: 'x', version: '1' },
              }
            : { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] };
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      });
    });
    const { gateway } = await start({ web: { url } });
    const [ms] = await timed(() =>
      assert.rejects(gateway.callTool('web__echo', {}), { code: 'connection-lost' }),
    );
    assert.ok(ms < 1000, `${ms} ms`);
  });

  it('BoundedEverything: an endless error page is cut, and the status is the reason', async () => {
    const url = await web((_request, response) => {
      response.writeHead(500);
      const chunk = 'x'.repeat(64 * 1024);
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
    });
    const { gateway } = await start({ web: { url } });
    const [ms, { omitted }] = await timed(() => gateway.listTools());
    assert.match(omitted[0]?.message ?? '', /status 500/);
    assert.ok(ms < 20 * G, `${ms} ms`);
  });
});
