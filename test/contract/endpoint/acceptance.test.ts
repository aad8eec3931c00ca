import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startScriptedHttp, type Inside } from '../../fixtures/servers/scripted/http.mjs';
import { testEndpoint, textOf, TOKEN, type Fields, type TestClient } from '../../support/endpoint.js';
import { G, scriptedServer, spawns, temporaryFolder, timed, until } from '../../support/gateway.js';

/** What a call may take that should not wait for anything. */
const PROMPT_MS = 1000;

describe('The endpoint: acceptance', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function host(tools: readonly string[], inside?: Inside): Promise<string> {
    const { url, close } = await startScriptedHttp({ tools }, inside);
    cleanups.push(close);
    return url;
  }

  async function listen(handler: RequestListener): Promise<string> {
    const server = createServer(handler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  }

  it('SingleFlight: 50 mixed consumers, clients of the endpoint among them, make one process', async () => {
    const spawnLog = join(await temporaryFolder(cleanups), 'spawns');
    const { connect, gateway } = await testEndpoint(
      { s: scriptedServer({ spawnLog, resources: 1 }) },
      cleanups,
    );
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        if (index % 5 === 0) return gateway.listTools();
        if (index % 5 === 1) return gateway.callTool('s__echo', {});
        if (index % 5 === 2) return Promise.resolve(gateway.servers());
        const { request } = await connect(index % 2 === 0 ? 's' : undefined);
        return request('tools/list');
      }),
    );
    assert.equal((await spawns(spawnLog)).length, 1);
  });

  it('initialize and lists of a cached server come from the cache and start nothing', async () => {
    const cacheDir = await temporaryFolder(cleanups);
    const spawnLog = join(cacheDir, 'spawns');
    const servers = { s: scriptedServer({ spawnLog, resources: 1, prompts: 1, serverInfo: { title: 'T' } }) };
    const first = await testEndpoint(servers, cleanups, { cacheDir });
    await first.gateway.listTools();
    await first.gateway.dispose();
    const { connect } = await testEndpoint(servers, cleanups, { cacheDir });
    for (const path of ['s', undefined]) {
      const { client, request } = await connect(path);
      assert.match(client.getInstructions() ?? '', /Be kind\./);
      if (path === 's') assert.equal(client.getServerVersion()?.title, 'T');
      assert.equal(((await request('tools/list')).tools as unknown[]).length, 5);
      await request('resources/list');
      await request('resources/templates/list');
      await request('prompts/list');
    }
    assert.equal((await spawns(spawnLog)).length, 1);
  });

  it('GraceOncePerEpoch: a dead server holds up one initialize or list for the grace, and no other', async () => {
    const { connect } = await testEndpoint(
      { dead: scriptedServer({ silent: true }), good: scriptedServer() },
      cleanups,
      { gracePeriodMs: 2 * G },
    );
    const [first, { request }] = await timed(() => connect());
    assert.ok(first < 6 * G, `${first} ms`);
    const [later, listed] = await timed(() => request('tools/list'));
    assert.ok(later < G, `${later} ms`);
    assert.equal((listed.tools as unknown[]).length, 5);
    const [omission] = (listed._meta as Fields)['mcp-tool-gateway/omitted'] as Fields[];
    assert.deepEqual([omission?.server, omission?.reason], ['dead', 'starting']);
    const [alone] = await timed(() => connect('good'));
    assert.ok(alone < 2 * G, `${alone} ms`);
  });

  it('FaultIsolation: a tool that a server does not have is told at once, by its own names, whatever the others do', async () => {
    const { connect } = await testEndpoint(
      { dead: scriptedServer({ silent: true }), s: scriptedServer({ tools: ['echo'] }) },
      cleanups,
    );
    const { request } = await connect('s');
    await request('tools/list');
    const call = request('tools/call', { name: 'ecco', arguments: {} });
    const [ms, message] = await timed(() =>
      call.then(
        () => 'ran',
        (error: unknown) => (error as Error).message,
      ),
    );
    assert.match(message, /"ecco".*echo/);
    assert.doesNotMatch(message, /__/);
    assert.ok(ms < PROMPT_MS, `${ms} ms`);
    await assert.rejects(request('constructor'), { code: -32601 });
    await assert.rejects(request('resources/subscribe', {}), { code: -32602 });
  });

  for (const callers of [1, 100])
    it(`NoWaitWhileHolding: a server in the same process: a cold first call by ${callers} at most twice a warm one + 200 ms`, async () => {
      const url = await host(['echo']);
      const over: number[] = [];
      for (let turn = 0; turn < 3; turn++) {
        const { connect } = await testEndpoint({ web: { url } }, cleanups);
        const { request } = await connect();
        const calls = () =>
          Promise.all(
            Array.from({ length: callers }, async (_, value) => {
              assert.equal(
                textOf(await request('tools/call', { name: 'web__echo', arguments: { value } })),
                JSON.stringify({ value }),
              );
            }),
          );
        const [cold] = await timed(calls);
        const [warm] = await timed(calls);
        over.push(cold - 2 * warm);
      }
      assert.ok(Math.min(...over) <= 200, `${over.map(Math.round).join(', ')} ms more than twice a warm one`);
    });

  /** Servers with room for one call each, whose tools call on through the endpoint with the token that they were given. */
  async function nested(): Promise<TestClient> {
    const { connect, configure } = await testEndpoint({}, cleanups);
    const inner: TestClient[] = [];
    const calling = (name: string) => async (args: Fields, meta: Fields) => {
      try {
        return (await inner[0]?.request('tools/call', { name, arguments: args, _meta: meta })) ?? {};
      } catch (error) {
        const { data } = error as { data?: Fields };
        return { isError: true, content: [{ type: 'text', text: String(data?.code) }] };
      }
    };
    const tools = { 'to-a': calling('a__echo'), 'to-b': calling('b__to-a'), self: calling('a__self') };
    const names = ['echo', ...Object.keys(tools)];
    const one = { maxConcurrency: 1, timeouts: { callMs: 20 * G } };
    await configure({
      a: { url: await host(names, { tools }), ...one },
      b: { url: await host(names, { tools }), ...one },
    });
    inner.push(await connect());
    return connect();
  }

  for (const [way, name] of [
    ['A→A', 'a__to-a'],
    ['A→B→A', 'a__to-b'],
  ] as const)
    it(`NoWaitWhileHolding: ${way} through the endpoint, with room for one call a server, completes at once`, async () => {
      const { request } = await nested();
      await request('tools/list');
      const [ms, answer] = await timed(() => request('tools/call', { name, arguments: { value: 'round' } }));
      assert.equal(textOf(answer), '{"value":"round"}');
      assert.ok(ms < PROMPT_MS, `${ms} ms`);
    });

  it('AcyclicOrBounded: a tool that calls itself through the endpoint without end fails with a depth error at once', async () => {
    const { request } = await nested();
    await request('tools/list');
    const [ms, answer] = await timed(() => request('tools/call', { name: 'a__self', arguments: {} }));
    assert.deepEqual([answer.isError, textOf(answer)], [true, 'too-deep']);
    assert.ok(ms < PROMPT_MS, `${ms} ms`);
  });

  it('AcyclicOrBounded: the endpoint as its own server is refused in every spelling, through a redirect and through a proxy', async () => {
    const { gateway, endpoint, configure } = await testEndpoint({}, cleanups);
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const redirect = await listen((_request, response) => {
      response.writeHead(307, { location: endpoint.url }).end();
    });
    const proxy = await listen((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const answer = await fetch(endpoint.url, {
          method: request.method ?? 'GET',
          headers: {
            ...headers,
            accept: 'application/json, text/event-stream',
            ...(chunks.length > 0 ? { 'content-type': 'application/json' } : {}),
          },
          ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
        });
        const type = answer.headers.get('content-type') ?? 'text/plain';
        response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
      })();
    });
    const own = [
      endpoint.url,
      endpoint.url.replace('127.0.0.1', 'localhost'),
      endpoint.url.replace('127.0.0.1', '[::1]'),
      `${endpoint.url}/good`,
      redirect,
    ];
    await configure({
      ...Object.fromEntries(own.map((url, index) => [`own-${index}`, { url, headers }])),
      proxied: { url: proxy, headers },
      good: scriptedServer(),
    });
    const { items, omitted } = await gateway.listTools();
    assert.deepEqual([...new Set(items.map(({ server }) => server))], ['good']);
    assert.equal(omitted.length, own.length + 1);
    for (const { message } of omitted) assert.match(message, /the gateway itself/);
  });

  it('a server that is not there yet answers initialize with room for what may come, and its tools come later', async () => {
    const folder = await temporaryFolder(cleanups);
    const readyFile = join(folder, 'ready');
    const { connect } = await testEndpoint({ late: scriptedServer({ readyFile }) }, cleanups, {
      gracePeriodMs: G,
    });
    const { client, request, heard } = await connect('late');
    assert.deepEqual((await request('tools/list')).tools, []);
    assert.equal(client.getServerCapabilities()?.tools?.listChanged, true);
    await writeFile(readyFile, '');
    await until(() => heard.some(({ method }) => /tools.list_changed/.test(method)), 'the change is told');
    assert.equal(((await request('tools/list')).tools as unknown[]).length, 5);
  });
});
