import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { buildCli, writeConfig } from '../../support/cli.js';
import { ConnectClient, stateIn } from '../../support/connectClient.js';
import { publicServer, scriptedServer, temporaryFolder, until } from '../../support/gateway.js';
import { startServe } from '../../support/serving.js';

describe('CLI: serve and connect, end to end', function () {
  this.timeout(60_000);
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  let state: string;
  beforeEach(async () => {
    state = await temporaryFolder(cleanups);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const newClient = (): Client =>
    new Client({ name: 'end-to-end', version: '1' }, { capabilities: { elicitation: {}, roots: {} } });

  async function connected(client: Client, transport: Transport): Promise<Client> {
    await client.connect(transport);
    cleanups.push(() => client.close());
    return client;
  }

  const byHttp = (url: string, token: string): Transport =>
    new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    });

  const byConnect = (...args: string[]): Transport =>
    new StdioClientTransport({
      command: process.execPath,
      args: [resolve('dist/cli.js'), 'connect', ...args],
      env: { ...(process.env as Record<string, string>), ...stateIn(state) },
    });

  for (const [way, transport] of [
    ['HTTP', byHttp],
    ['connect', (_url: string, _token: string, ...args: string[]) => byConnect(...args)],
  ] as const)
    it(`lists and calls by ${way}: all servers under public names, one under its own`, async () => {
      const { args } = await writeConfig({ everything: publicServer('everything') }, cleanups);
      const { url, token, servers } = await startServe(state, [...args, '--grace', '30000'], cleanups);
      const all = await connected(newClient(), transport(url, token));
      const names = (await all.listTools()).tools.map(({ name }) => name);
      assert.ok(names.includes('everything__echo'), names.join());
      const call = { name: 'everything__echo', arguments: { message: 'hi' } };
      assert.deepEqual((await all.callTool(call)).content, [{ type: 'text', text: 'Echo: hi' }]);

      const one = await connected(
        newClient(),
        transport(servers['everything']!, token, '--server', 'everything'),
      );
      assert.ok((await one.listTools()).tools.some(({ name }) => name === 'echo'));
      const progress: number[] = [];
      const long = { name: 'trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } };
      await one.callTool(long, undefined, { onprogress: (step) => progress.push(step.progress) });
      // The client drops what comes in one piece with the answer, as the last may.
      assert.deepEqual(progress.slice(0, 2), [1, 2]);
      assert.ok((await one.listResources()).resources.length > 0);
      assert.ok((await one.listPrompts()).prompts.length > 0);
    });

  it('asks the client by connect what a server asks, and tells it what a server logs', async () => {
    const { args } = await writeConfig({ everything: publicServer('everything') }, cleanups);
    await startServe(state, [...args, '--grace', '30000'], cleanups);
    const client = newClient();
    const logged: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logged.push(params));
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' as const }));
    await connected(client, byConnect('--server', 'everything'));
    const { content } = await client.callTool({ name: 'trigger-elicitation-request', arguments: {} });
    assert.match(JSON.stringify(content), /declin/i);
    await client.setLoggingLevel('debug');
    await client.callTool({ name: 'toggle-simulated-logging', arguments: {} });
    await until(() => logged.length > 0, 'a log message comes');
  });

  it('goes on by connect when serve is started anew', async () => {
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    const options = [...args, '--grace', '30000'];
    const first = await startServe(state, options, cleanups);
    const client = new ConnectClient(state, [], cleanups);
    await client.initialize();
    const echo = { name: 'a__echo', arguments: { value: 1 } };
    const before = await client.request(1, 'tools/call', echo);
    assert.ok(before.result, JSON.stringify(before));
    await first.stop();
    client.send({ id: 2, method: 'tools/call', params: echo });
    await startServe(state, options, cleanups);
    assert.deepEqual((await client.answer(2)).result, before.result);
    await client.message('notifications/tools/list_changed');
    assert.equal((await client.close()).code, 0);
  });

  it('goes on by connect when serve is killed and started anew', async () => {
    const { args } = await writeConfig({ a: scriptedServer() }, cleanups);
    const options = [...args, '--grace', '30000'];
    const first = await startServe(state, options, cleanups);
    const client = new ConnectClient(state, [], cleanups);
    await client.initialize();
    client.send({ id: 1, method: 'tools/call', params: { name: 'a__sleep', arguments: { ms: 60_000 } } });
    await client.request(2, 'tools/call', { name: 'a__echo', arguments: { value: 1 } });
    await first.stop('SIGKILL');
    assert.deepEqual((await client.answer(1)).error!.data, { outcome: 'unknown' });
    const again = await startServe(state, options, cleanups);
    assert.equal(again.url, first.url);
    await client.message('notifications/tools/list_changed');
    assert.ok((await client.request(3, 'tools/list')).result);
  });
});
