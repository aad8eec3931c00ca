import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { relayStdio } from '../../../src/connect/relayStdio.js';
import { buildCli } from '../../support/cli.js';
import { announced, announcementsIn, ConnectClient, silent, type Line } from '../../support/connectClient.js';
import { G, temporaryFolder, until } from '../../support/gateway.js';
import { relayGateway, type Arrival, type RelayGateway } from '../../support/relayGateway.js';

const CALL = { name: 'run', arguments: {} };
const said = (text: string): Record<string, unknown> => ({
  result: { content: [{ type: 'text', text }] },
});

describe('CLI: connect, when the gateway goes away', function () {
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

  const echo = ({ answer }: Arrival): void => {
    answer(said('done'));
  };

  /** A gateway that answers everything but `tools/call`. */
  const holding = (arrival: Arrival): void => {
    if (arrival.message.method !== 'tools/call') echo(arrival);
  };

  /** A client in the middle of a session with a gateway, which can be taken away. */
  async function inSession(
    handle: (arrival: Arrival) => void,
  ): Promise<{ gateway: RelayGateway; client: ConnectClient; takeAway: () => Promise<void> }> {
    const gateway = await relayGateway(cleanups, handle);
    const announcement = await announced(folder, { url: gateway.url }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    await until(() => gateway.methods().includes('GET'), 'it listens');
    const takeAway = async (): Promise<void> => {
      await announcement.dispose();
      await gateway.close();
    };
    return { gateway, client, takeAway };
  }

  it('goes on with the next one: the same client, its wishes, its waiting requests, and a hint to look again', async () => {
    const { client, takeAway } = await inSession(echo);
    await client.request('level', 'logging/setLevel', { level: 'error' });
    await client.request('kept', 'resources/subscribe', { uri: 'test://kept' });
    await client.request('left', 'resources/subscribe', { uri: 'test://left' });
    await client.request('leave', 'resources/unsubscribe', { uri: 'test://left' });
    await takeAway();
    client.send({ id: 'waits', method: 'tools/call', params: CALL });
    const next = await relayGateway(cleanups, echo);
    await announced(folder, { url: next.url }, cleanups);
    assert.deepEqual((await client.answer('waits')).result, said('done').result);
    await client.message('notifications/tools/list_changed');
    await client.message('notifications/resources/list_changed');
    await until(() => next.methods().includes('resources/subscribe'), 'it subscribes again');

    const [initialize, initialized] = next.arrivals;
    assert.deepEqual(initialize!.message.params, {
      protocolVersion: '2025-11-25',
      capabilities: { elicitation: {} },
      clientInfo: { name: 'connect-client', version: '1' },
    });
    assert.equal(initialized!.message.method, 'notifications/initialized');
    const wishes = next.arrivals.filter(({ message }) => String(message.id).startsWith('mcp-tool-gateway/'));
    assert.deepEqual(
      wishes.map(({ message: { method, params } }) => [method, params]),
      [
        ['logging/setLevel', { level: 'error' }],
        ['resources/subscribe', { uri: 'test://kept' }],
      ],
    );
    // Nothing that the client did not ask for is answered to it; prompts never change here.
    assert.ok(!client.lines.some(({ id }) => String(id).startsWith('mcp-tool-gateway/')));
    assert.ok(!client.lines.some(({ method }) => method === 'notifications/prompts/list_changed'));
    assert.equal(client.lines.filter(({ id }) => id === 'init').length, 1);
    assert.equal((await client.close()).code, 0);
    assert.ok(next.methods().includes('DELETE'));
  });

  it('says of a request in flight that its outcome is unknown, and sends it to nobody else', async () => {
    const { gateway, client, takeAway } = await inSession(holding);
    client.send({ id: 1, method: 'tools/call', params: CALL });
    await until(() => gateway.methods().includes('tools/call'), 'the call is there');
    const next = await relayGateway(cleanups, echo);
    await announced(folder, { url: next.url }, cleanups);
    await takeAway();
    const { error } = await client.answer(1);
    assert.match(error!.message, /may have been done or not\. Check before you try again\./);
    assert.deepEqual([error!.code, error!.data], [-32000, { outcome: 'unknown' }]);
    await client.message('notifications/tools/list_changed');
    assert.equal((await client.request(2, 'tools/list')).error, undefined);
    assert.ok(!next.methods().includes('tools/call'));
  });

  it('takes back what the lost gateway asked, and tells nobody an answer to it', async () => {
    const { client, takeAway } = await inSession(({ event }) => {
      event({ id: 1, method: 'elicitation/create', params: {} });
    });
    client.send({ id: 1, method: 'tools/call', params: CALL });
    const { id } = await client.message('elicitation/create');
    await takeAway();
    assert.deepEqual((await client.message('notifications/cancelled')).params!['requestId'], id);
    const next = await relayGateway(cleanups, ({ event }) => {
      event({ id: 1, method: 'elicitation/create', params: {} });
    });
    await announced(folder, { url: next.url }, cleanups);
    client.send({ id: id!, result: { action: 'accept' } });
    client.send({ id: 2, method: 'tools/call', params: CALL });
    await until(
      () => client.lines.filter(({ method }) => method === 'elicitation/create').length === 2,
      'the next one asks',
    );
    const second = client.lines.findLast(({ method }) => method === 'elicitation/create')!;
    assert.notEqual(second.id, id);
    client.send({ id: second.id!, result: { action: 'decline' } });
    await until(() => next.methods().includes('answer'), 'it is answered');
    const answers = next.arrivals.filter(({ message }) => message.result !== undefined);
    assert.deepEqual(
      answers.map(({ message: { id, result } }) => [id, result]),
      [[1, { action: 'decline' }]],
    );
  });

  it('sends a request once more to a gateway that has forgotten the session, with others at work or not', async () => {
    const { gateway, client } = await inSession(echo);
    gateway.forget();
    const answers = await Promise.all([1, 2, 3, 4, 5].map((id) => client.request(id, 'tools/call', CALL)));
    assert.deepEqual(
      answers.map(({ result }) => result),
      answers.map(() => said('done').result),
    );
    assert.equal(gateway.methods().filter((method) => method === 'initialize').length, 2);
  });

  it('follows a gateway to another token', async () => {
    const first = newToken(0);
    const gateway = await relayGateway(cleanups, echo, { token: first });
    const before = await announced(folder, { url: gateway.url, token: first }, cleanups);
    const client = new ConnectClient(folder, [], cleanups);
    await client.initialize();
    const { port } = gateway;
    await before.dispose();
    await gateway.close();
    const next = await relayGateway(cleanups, echo, { token: newToken(1), port });
    await announced(folder, { url: next.url, token: newToken(1) }, cleanups);
    assert.equal((await client.request(1, 'tools/list')).error, undefined);
  });

  it('tells requests that nobody is there when they have waited, stays, and goes on when a gateway comes', async () => {
    const gateway = await relayGateway(cleanups, echo);
    const announcement = await announced(folder, { url: gateway.url }, cleanups);
    const input = new PassThrough();
    const lines: Line[] = [];
    const log: string[] = [];
    const waitMs = 4 * G;
    const done = relayStdio({
      input,
      write: (text) => {
        lines.push(JSON.parse(String(text)) as Line);
        return Promise.resolve();
      },
      search: { directory: announcementsIn(folder), cwd: folder, server: undefined },
      logger: { ...silent, info: (line) => void log.push(line) },
      signal: new AbortController().signal,
      waitMs,
    });
    const request = async (id: number, method: string): Promise<Line> => {
      input.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params: {} })}\n`);
      const find = (): Line | undefined => lines.find((line) => line.id === id);
      await until(() => find() !== undefined, `${id} is answered`);
      return find()!;
    };
    assert.match((await request(0, 'tools/list')).error!.message, /initialize first/);
    await request(1, 'initialize');
    input.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
    await until(() => gateway.methods().includes('GET'), 'it listens');
    await announcement.dispose();
    await gateway.close();
    await until(() => log.some((line) => line.includes('went away')), 'it has noticed');
    const startedAt = performance.now();
    const { error } = await request(2, 'tools/list');
    assert.ok(performance.now() - startedAt >= waitMs / 2);
    assert.match(error!.message, /No MCP gateway of this user is running/);
    assert.deepEqual(error!.data, { outcome: 'not-sent' });
    const next = await relayGateway(cleanups, echo);
    await announced(folder, { url: next.url }, cleanups);
    await until(
      () => lines.some(({ method }) => method === 'notifications/tools/list_changed'),
      'it is back, though nobody asked',
    );
    assert.equal((await request(3, 'tools/list')).error, undefined);
    input.end();
    await done;
    assert.ok(next.methods().includes('DELETE'));
  });
});

/** Tokens that a test can tell apart. */
const newToken = (number: number): string => `${number}`.repeat(43);
