import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { G, scriptedServer, testGateway } from '../../support/gateway.js';

const scripted = resolve('test/fixtures/servers/scripted-server.mjs');

describe('Bad servers', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function web(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    return address(server);
  }

  async function address(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(
      () =>
        new Promise((resolve) => {
          if ('closeAllConnections' in server) server.closeAllConnections();
          server.close(resolve);
        }),
    );
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  }

  /** An address that was free a moment ago. */
  async function closedAddress(): Promise<string> {
    const server = createTcpServer();
    const url = await address(server);
    await new Promise((resolve) => server.close(resolve));
    return url;
  }

  const status =
    (code: number): RequestListener =>
    (_request, response) =>
      void response.writeHead(code, { 'content-type': 'text/plain' }).end('no');

  const failing: readonly [string, () => Promise<Record<string, unknown>>, RegExp][] = [
    [
      'a folder that does not exist',
      () => Promise.resolve({ ...scriptedServer(), cwd: '/no/such/folder' }),
      /\/no\/such\/folder does not exist/,
    ],
    [
      'a command that prints something else and ends',
      () => Promise.resolve(scriptedServer({ exit: 0, stdout: 'Usage: me [options]' })),
      /exit code 0.*not MCP.*Usage: me/s,
    ],
    [
      'a list that fails after the handshake',
      () => Promise.resolve(scriptedServer({ fail: ['tools/list'] })),
      /error -32000: tools\/list is broken/,
    ],
    [
      'a URL that nobody listens at',
      async () => ({ url: `${await closedAddress()}?key=topsecret` }),
      /Nothing listens at http:\/\/127\.0\.0\.1:\d+\/mcp \(ECONNREFUSED\)/,
    ],
    ['sse: 404', async () => ({ type: 'sse', url: await web(status(404)) }), /status 404/],
  ];

  for (const [name, definition, reason] of failing)
    it(`FaultIsolation: ${name} fails alone, with its reason`, async () => {
      const { gateway, lines } = await testGateway(
        { bad: await definition(), good: scriptedServer() },
        cleanups,
        { gracePeriodMs: 50 * G },
      );
      const { items, omitted } = await gateway.listTools();
      assert.equal(items.filter(({ server }) => server === 'good').length, 5);
      assert.deepEqual(
        omitted.map(({ server, reason: why }) => [server, why]),
        [['bad', 'failed']],
      );
      assert.match(omitted[0]!.message, reason);
      assert.ok(lines.some((line) => line.startsWith('bad error')));
      assert.doesNotMatch(JSON.stringify([omitted, lines]), /topsecret/);
    });

  it('NoEmptyPoison: a refresh that fails keeps the old catalog and shows the reason', async () => {
    const { gateway, configure } = await testGateway({ s: scriptedServer() }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    await gateway.listTools();
    await configure({ s: scriptedServer({ fail: ['tools/list'] }) }, 50 * G);
    const { items, stale } = await gateway.listTools();
    assert.equal(items.length, 5);
    assert.deepEqual(stale, ['s']);
    assert.match(gateway.servers()[0]?.failure?.message ?? '', /tools\/list is broken/);
  });

  it('leaves out bad tools one by one, each with a log line', async () => {
    const good = { name: 'good', inputSchema: { type: 'object' } };
    const toolDefs = [
      good,
      { name: 'no-schema' },
      { name: 'array-schema', inputSchema: [] },
      { name: 'string-schema', inputSchema: { type: 'string' } },
      { name: 'huge', description: 1_000_000, inputSchema: { type: 'object' } },
      { ...good, description: 'the second of that name' },
      { description: 'nameless', inputSchema: { type: 'object' } },
      { name: 'strange', inputSchema: { type: 'object', properties: { a: { type: 'strin' } } }, 'x-own': 1 },
      null,
    ];
    const { gateway, lines } = await testGateway({ s: scriptedServer({ toolDefs }) }, cleanups, {
      gracePeriodMs: 50 * G,
    });
    const { items, omitted } = await gateway.listTools();
    assert.deepEqual(omitted, []);
    assert.deepEqual(
      items.map(({ tool }) => tool),
      [good, toolDefs[7]],
    );
    assert.equal(lines.filter((line) => line.startsWith('s warn Left out tools')).length, 7);
  });

  it('never logs or shows secrets of env and headers', async () => {
    const secret = 'sk-0123456789';
    const { gateway, lines } = await testGateway(
      {
        s: {
          ...scriptedServer(),
          env: { SCRIPT: JSON.stringify({ exit: 1, stderr: `bad key ${secret}` }), API_KEY: secret },
        },
        h: {
          url: await web((request, response) => {
            response.writeHead(500).end(`got ${String(request.headers.authorization)}`);
          }),
          headers: { Authorization: `Bearer ${secret}` },
        },
      },
      cleanups,
      { gracePeriodMs: 50 * G },
    );
    const { omitted } = await gateway.listTools();
    assert.equal(omitted.length, 2);
    assert.match(JSON.stringify(omitted), /bad key \*\*\*/);
    assert.doesNotMatch(JSON.stringify([omitted, lines, gateway.servers()]), new RegExp(secret));
  });

  it('never shows a part of a secret where it cuts what a server says, nor a secret in the error of a call', async () => {
    const GH_PAT = 'x1Y2-z3A4-b5C6-d7E8-f9G0';
    const error = { code: 1, message: `${'.'.repeat(295)}${GH_PAT}` };
    const { gateway, lines } = await testGateway(
      {
        start: {
          ...scriptedServer({ failWith: { initialize: error } }),
          args: [scripted, '--token', GH_PAT],
        },
        call: scriptedServer(
          { failWith: { 'tools/call': { code: 2, message: `bad token ${GH_PAT}` } }, tools: ['echo'] },
          { args: [scripted, `--token=${GH_PAT}`] },
        ),
      },
      cleanups,
      { gracePeriodMs: 50 * G },
    );
    const { omitted } = await gateway.listTools();
    assert.match(omitted[0]?.message ?? '', /\.{295}\*\*\*/);
    await assert.rejects(gateway.callTool('call__echo', {}), /bad token \*\*\*/);
    assert.ok(!JSON.stringify([omitted, lines, gateway.servers()]).includes(GH_PAT.slice(0, 6)));
  });
});
