import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { MAX_MESSAGE_BYTES } from '../../../src/protocol/messages.js';
import { newToken } from '../../../src/base/token.js';
import { buildCli, runCli } from '../../support/cli.js';
import { announced, announcementsIn, ConnectClient, stateIn } from '../../support/connectClient.js';
import { temporaryFolder, until } from '../../support/gateway.js';
import { relayGateway, type Arrival } from '../../support/relayGateway.js';

const CALL = { name: 'run', arguments: {} };
const said = (text: string): Record<string, unknown> => ({
  result: { content: [{ type: 'text', text }] },
});
const echo = ({ message, answer }: Arrival): void => {
  answer(said(String(message.method)));
};

describe('CLI: connect', function () {
  this.timeout(60_000);
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder(cleanups);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('exits 3 and says what to do when no gateway runs, and sweeps away what one left behind', async () => {
    const announcement = await announced(folder, { url: 'http://127.0.0.1:9/mcp' }, cleanups);
    await announcement.dispose();
    const { pid } = spawnSync(process.execPath, ['--version']);
    const directory = announcementsIn(folder);
    const entry = {
      url: 'http://127.0.0.1:9/mcp',
      token: newToken(),
      pid,
      startedAt: 1,
      servers: [],
      folders: [],
    };
    await writeFile(
      join(directory, `${pid}-0123456789ab.json`),
      JSON.stringify({ ...entry, host: hostname() }),
    );
    const { code, stdout, stderr } = await runCli(['connect'], { env: stateIn(folder) });
    assert.match(
      stderr,
      /No MCP gateway of this user is running\. Open VS Code .* or run "mcp-tool-gateway serve"/,
    );
    assert.deepEqual([code, stdout, await readdir(directory)], [3, '', []]);
  });

  it('exits 3 when the process lives but nobody listens there', async () => {
    await announced(folder, { url: 'http://127.0.0.1:9/mcp' }, cleanups);
    assert.equal((await runCli(['connect'], { env: stateIn(folder) })).code, 3);
  });

  it('exits 2 when no running gateway has the server, and names those that there are', async () => {
    const gateway = await relayGateway(cleanups, echo);
    await announced(folder, { url: gateway.url, servers: ['files', 'memory'] }, cleanups);
    const { code, stderr } = await runCli(['connect', '--server', 'nope'], { env: stateIn(folder) });
    assert.match(stderr, /No running gateway has a server "nope"\. Use one of theirs: files, memory\./);
    assert.equal(code, 2);
  });

  it('opens a session with token, path and version, and ends it with the input', async () => {
    const token = newToken();
    const gateway = await relayGateway(cleanups, echo, { token, path: '/mcp/my%20files' });
    await announced(folder, { url: gateway.url, token, servers: ['my files'] }, cleanups);
    const client = new ConnectClient(folder, ['--server', 'my files'], cleanups);
    const { result } = await client.initialize();
    assert.deepEqual(result!['serverInfo'], { name: 'relay', version: '1' });
    assert.deepEqual((await client.request(7, 'tools/list')).result, said('tools/list').result);
    await until(() => gateway.methods().includes('GET'), 'it listens');
    const { code, stderr } = await client.close();
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(gateway.methods().sort(), [
      'DELETE',
      'GET',
      'initialize',
      'notifications/initialized',
      'tools/list',
    ]);
    const versions = gateway.arrivals.map(({ request }) => request.headers['mcp-protocol-version']);
    assert.deepEqual(new Set(versions.slice(1)), new Set(['2025-11-25']));
    assert.equal(versions[0], undefined);
  });

  it('answers what a pipe has asked before it ends', async () => {
    const gateway = await relayGateway(cleanups, echo);
    await announced(folder, { url: gateway.url }, cleanups);
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25' },
    };
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
    const ready = { jsonrpc: '2.0', method: 'notifications/initialized' };
    const { code, stdout } = await runCli(['connect'], {
      env: stateIn(folder),
      input: [initialize, ready, list].map((message) => `${JSON.stringify(message)}\n`).join(''),
    });
    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: number }).id);
    assert.deepEqual([code, ids], [0, [1, 2]], stdout);
  });

  it('brings large results of several requests, each in a line of its own and as they came', async () => {
    const text = (id: unknown): string => `${String(id)} é"\n`.repeat(200_000);
    const gateway = await relayGateway(cleanups, ({ message: { id, method }, answer }) => {
      answer({ jsonrpc: '2.0', id, result: method === 'large' ? { text: text(id), isError: true } : {} });
    });
    await announced(folder, { url: gateway.url }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    const ids = ['a', 'b', 3];
    const answers = await Promise.all([
      ...ids.map((id) => client.request(id, 'large')),
      client.request('small', 'tools/list'),
    ]);
    assert.deepEqual(
      answers.slice(0, -1),
      ids.map((id) => ({ jsonrpc: '2.0', id, result: { text: text(id), isError: true } })),
    );
    assert.deepEqual(answers.at(-1), { jsonrpc: '2.0', id: 'small', result: {} });
  });

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    it(`ends the session with ${signal} and exits ${exitCode}`, async function () {
      if (process.platform === 'win32') this.skip();
      const gateway = await relayGateway(cleanups, echo);
      await announced(folder, { url: gateway.url }, cleanups);
      const client = new ConnectClient(folder, [], cleanups);
      await client.initialize();
      client.child.kill(signal);
      assert.equal((await client.ended).code, exitCode);
      assert.ok(gateway.methods().includes('DELETE'));
    });

  it('carries progress before its answer, and what the gateway asks, with its answer', async () => {
    const gateway = await relayGateway(cleanups, ({ message, event, response }) => {
      for (const progress of [1, 2, 3])
        event({ method: 'notifications/progress', params: { progressToken: 'p', progress } });
      event({ id: 0, method: 'elicitation/create', params: { message: 'sure?' } });
      const answered = setInterval(() => {
        const answer = gateway.arrivals.find(
          ({ message: { id, result } }) => id === 0 && result !== undefined,
        );
        if (!answer) return;
        clearInterval(answered);
        event({ id: message.id, ...said(JSON.stringify(answer.message.result)) });
        response.end();
      }, 10);
    });
    await announced(folder, { url: gateway.url }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    client.send({
      id: 1,
      method: 'tools/call',
      params: { ...CALL, _meta: { progressToken: 'p', trace: 't' } },
    });
    const { id, params } = await client.message('elicitation/create');
    assert.deepEqual(params, { message: 'sure?' });
    client.send({ id: id!, result: { action: 'accept' } });
    assert.deepEqual((await client.answer(1)).result, said('{"action":"accept"}').result);
    const progress = client.lines.filter(({ method }) => method === 'notifications/progress');
    assert.deepEqual(
      progress.map(({ params: { progress } = {} }) => progress),
      [1, 2, 3],
    );
    assert.ok(client.lines.indexOf(progress[2]!) < client.lines.indexOf(await client.answer(1)));
    const call = gateway.arrivals.find(({ message: { method } }) => method === 'tools/call')!;
    assert.deepEqual(call.message.params!['_meta'], { progressToken: 'p', trace: 't' });
  });

  it('keeps the order of what a client sends, as far as HTTP can', async () => {
    let early = true;
    const handle = (arrival: Arrival): void => {
      if (arrival.message.method !== 'notifications/roots/list_changed') {
        echo(arrival);
        return;
      }
      setTimeout(() => {
        early = gateway.methods().includes('tools/list');
        arrival.response.writeHead(202).end();
      }, 100);
    };
    const gateway = await relayGateway(cleanups, handle, { held: 'notifications/roots/list_changed' });
    await announced(folder, { url: gateway.url }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    client.send({ method: 'notifications/roots/list_changed' });
    await client.request(1, 'tools/list');
    assert.ok(!early);
  });

  it('tells the gateway of a cancellation, gives the request up and lets go of what it is asked', async () => {
    let gone = false;
    const gateway = await relayGateway(cleanups, ({ event, response }) => {
      event({ id: 5, method: 'elicitation/create', params: {} });
      response.on('close', () => (gone = true));
    });
    await announced(folder, { url: gateway.url }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    client.send({ id: 1, method: 'tools/call', params: CALL });
    const { id } = await client.message('elicitation/create');
    await until(() => gateway.methods().includes('GET'), 'it listens');
    gateway.push({ method: 'notifications/cancelled', params: { requestId: 5 } });
    assert.deepEqual((await client.message('notifications/cancelled')).params, { requestId: id });
    client.send({ id: id!, result: { action: 'decline' } });
    client.send({ method: 'notifications/cancelled', params: { requestId: 1, reason: 'enough' } });
    await until(() => gone, 'the request is given up');
    const told = gateway.arrivals.find(({ message: { method } }) => method === 'notifications/cancelled')!;
    assert.deepEqual(told.message.params, { requestId: 1, reason: 'enough' });
    assert.equal((await client.close()).code, 0);
    assert.ok(!client.lines.some((line) => line.id === 1));
    assert.ok(!gateway.methods().includes('answer'), 'nobody waited for the answer');
  });

  it('says so to whoever asked when the answer of the client is too large to arrive', async () => {
    const gateway = await relayGateway(
      cleanups,
      ({ event }) => {
        event({ id: 5, method: 'sampling/createMessage', params: {} });
      },
      { refuses: ({ result }) => JSON.stringify(result ?? '').length > 1000 },
    );
    await announced(folder, { url: gateway.url }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    client.send({ id: 1, method: 'tools/call', params: CALL });
    const { id } = await client.message('sampling/createMessage');
    client.send({ id: id!, result: { content: 'x'.repeat(2000) } });
    const failure = (): unknown =>
      gateway.arrivals.find(({ message }) => message.id === 5 && message.error)?.message.error;
    await until(() => failure() !== undefined, 'the gateway hears of it');
    assert.match(JSON.stringify(failure()), /too large/);
  });

  it('answers a request that is too large to be read', async () => {
    const gateway = await relayGateway(cleanups, echo);
    await announced(folder, { url: gateway.url }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    const { error } = await client.request(1, 'tools/call', {
      ...CALL,
      arguments: { text: 'x'.repeat(MAX_MESSAGE_BYTES) },
    });
    assert.match(error!.message, /too large/);
    assert.ok((await client.request(2, 'tools/call', CALL)).result);
  });

  it('leaves aside what was announced and is another program now, where a gateway runs', async () => {
    const gateway = await relayGateway(cleanups, echo);
    await announced(folder, { url: gateway.url }, cleanups);
    const other = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
    await once(other, 'listening');
    cleanups.push(async () => {
      other.closeAllConnections();
      await new Promise((resolve) => other.close(resolve));
    });
    const { port } = other.address() as AddressInfo;
    await announced(folder, { url: `http://127.0.0.1:${port}/mcp`, folders: [process.cwd()] }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    assert.ok((await client.request(1, 'tools/call', CALL)).result);
    assert.ok(gateway.methods().includes('tools/call'));
  });

  it('goes back to an answer whose stream broke', async () => {
    const gateway = await relayGateway(cleanups, ({ message, event, request, response }) => {
      if (request.method === 'GET') {
        assert.equal(request.headers['last-event-id'], 'e-1');
        event({ id: 1, ...said('late') }, 'e-2');
        response.end();
      } else {
        assert.equal(message.id, 1);
        event({ method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } }, 'e-1');
        setTimeout(() => response.destroy(), 50);
      }
    });
    await announced(folder, { url: gateway.url }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    assert.deepEqual((await client.request(1, 'tools/call', CALL)).result, said('late').result);
    assert.equal(gateway.methods().filter((method) => method === 'tools/call').length, 1);
  });

  it('gives the client the words of a refusal', async () => {
    const gateway = await relayGateway(cleanups, ({ answer, message }) => {
      if (message.id === 1) answer({ id: null, error: { code: -32600, message: 'Too large', data: 1 } }, 413);
      else answer({}, 500);
    });
    await announced(folder, { url: gateway.url }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    const { error } = await client.request(1, 'tools/call', CALL);
    assert.deepEqual(error, { code: -32600, message: 'Too large', data: 1 });
    assert.match((await client.request(2, 'tools/call', CALL)).error!.message, /HTTP 500/);
  });
});
