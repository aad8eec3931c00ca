import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isLarge, readResult } from '../../../src/protocol/large/largeResult.js';
import { testEndpoint, textOf, type Fields } from '../../support/endpoint.js';
import { testGateway, timed, until } from '../../support/gateway.js';
import { watchLag } from '../../support/lag.js';

const MIB = 1024 * 1024;
/** As much as a message may have, less what stands around the text. */
const MOST = 16 * MIB - 200;

const giant = (list?: { item: string; count: number }): Record<string, unknown> => ({
  command: process.execPath,
  args: [resolve('test/fixtures/servers/giant-server.mjs')],
  ...(list ? { env: { LIST: JSON.stringify(list) } } : {}),
});

describe('Large results', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('arrive at clients of one server and of all as they were, isError too', async () => {
    const { connect } = await testEndpoint({ giant: giant() }, cleanups);
    for (const [client, prefix] of [
      [await connect('giant'), ''],
      [await connect(), 'giant__'],
    ] as const) {
      const call = (name: string, args: Fields): Promise<Fields> =>
        client.request('tools/call', { name: `${prefix}${name}`, arguments: args });
      const text = await call('text', { chars: MOST });
      assert.equal(textOf(text), 'x'.repeat(MOST));
      assert.equal('isError' in text, false);
      const error = await call('error', { chars: MIB });
      assert.deepEqual([error.isError, textOf(error).length], [true, MIB]);
      const dense = (await call('dense', { items: 50_000 })).structuredContent as { items: unknown[] };
      assert.equal(dense.items.length, 50_000);
      assert.deepEqual(dense.items.at(-1), { n: 49_999, half: 24_999.5, ok: true, tags: ['a', null] });
      assert.equal(textOf(await call('echo', { value: 'small' })), 'small');
    }
  });

  it('keep their meaning however the server writes them', async () => {
    const { connect } = await testEndpoint({ giant: giant() }, cleanups);
    const client = await connect('giant');
    const long = 'x'.repeat(100_000);
    for (const line of [
      `{ "jsonrpc" : "2.0" ,\r\t"result" : { "content" : [ ] ,\r "a" : "${long}" } , "id" : ID }`,
      `{"id":ID,"result":{"content":[],"a":"\\u00e9\\ud83d\\ude00\\"\\\\/\\/é😀${long}"},"jsonrpc":"2.0"}`,
      `{"id":"other","jsonrpc":"2.0","result":{"a":1},"id":ID,"result":{"content":[],"a":"${long}","a":"${long}2"}}`,
      `{"jsonrpc":"2.0","i\\u0064":ID,"result":{"content":[],"n":1.50e+3,"a":"${long}","id":7,"result":{"id":8}}}`,
    ]) {
      const { result } = JSON.parse(line.replace('ID', '1')) as { result: Fields };
      const answer = await client.request('tools/call', { name: 'raw', arguments: { line } });
      assert.deepEqual(answer, result);
    }
  });

  it('come as one event where the answer is a stream of events', async () => {
    const { endpoint, connect } = await testEndpoint({ giant: giant() }, cleanups);
    await connect('giant');
    const line = `{"jsonrpc":"2.0","id":ID,"result":{"content":[],\r"a":"${'x'.repeat(100_000)}"}}`;
    const headers = {
      authorization: 'Bearer test-token-0123456789-0123456789-0123456789',
      accept: 'text/event-stream',
      'content-type': 'application/json',
    };
    const post = (body: object, more = {}): Promise<Response> =>
      fetch(endpoint.urlOf('giant'), {
        method: 'POST',
        headers: { ...headers, ...more },
        body: JSON.stringify({ jsonrpc: '2.0', ...body }),
      });
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 't', version: '0' },
    };
    const opened = await post({ id: 0, method: 'initialize', params });
    await opened.text();
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const response = await post(
      { id: 'é"', method: 'tools/call', params: { name: 'raw', arguments: { line } } },
      session,
    );
    const text = await response.text();
    const [primer, event, rest] = text.split('\n\n');
    assert.match(primer ?? '', /^id: r\d+-0\ndata: $/);
    assert.equal(rest, '');
    const [, data = ''] = /^id: r\d+-1\nevent: message\ndata: (.*)$/.exec(event ?? '') ?? [];
    assert.deepEqual(JSON.parse(data), {
      ...(JSON.parse(line.replace('ID', '1')) as Fields),
      id: 'é"',
    });
  });

  it('are not parsed on their way, and hold up others for less than reading one would take', async () => {
    const { gateway } = await testGateway({ giant: giant(), other: giant() }, cleanups, {
      gracePeriodMs: 20_000,
    });
    await gateway.listTools();
    await gateway.callTool('other__echo', { value: 1 });
    const items = 250_000;
    const params = { name: 'dense', arguments: { items } };
    await gateway.request('giant', 'tools/call', params);
    const lag = watchLag();
    const result = await gateway.request('giant', 'tools/call', params);
    const { workedMs } = lag.stop();
    assert.ok(isLarge(result) && result.size > 12 * MIB);
    const [readMs] = await timed(() => Promise.resolve(readResult(result)));
    assert.ok(workedMs < readMs / 2, `worked ${workedMs} ms at a time, read in ${readMs} ms`);
  });

  it('of a list with millions of items are counted and refused, and hold up others for less than reading one would take', async () => {
    const list = { item: '[]', count: 5_000_000 };
    const { gateway, configure } = await testGateway({}, cleanups, { gracePeriodMs: 20_000 });
    // Its program is loaded.
    await configure({ small: giant() });
    await gateway.listTools();
    const lag = watchLag();
    await configure({ many: giant(list) });
    const { items, omitted } = await gateway.listTools();
    // Also what stood until now is measured by a timer.
    await delay(5);
    const { workedMs } = lag.stop();
    assert.equal(items.length, 0);
    assert.match(omitted[0]?.message ?? '', /tools\/list gave more than 10000 items/);
    const text = `[${Array.from({ length: list.count }, () => list.item).join(',')}]`;
    const [readMs] = await timed(() => Promise.resolve(JSON.parse(text)));
    assert.ok(workedMs < readMs / 2, `worked ${workedMs} ms at a time, read in ${readMs} ms`);
  });

  it('are read for whoever wants to see them, and not beyond what they can use', async () => {
    const { gateway } = await testGateway({ giant: giant() }, cleanups, { gracePeriodMs: 20_000 });
    const call = gateway.callTool('giant__text', { chars: MIB });
    assert.equal(textOf(await call), 'x'.repeat(MIB));
    await assert.rejects(
      gateway.callTool('giant__text', { chars: MIB }, { maxResultBytes: MIB }),
      (error) => {
        const { code, message } = error as { code: string; message: string };
        return code === 'bad-response' && /larger than 1 MiB/.test(message);
      },
    );
  });

  it('fail alone when they are broken off, and the server is used again', async () => {
    const { gateway } = await testGateway({ giant: giant() }, cleanups, { gracePeriodMs: 20_000 });
    await gateway.listTools();
    await assert.rejects(
      gateway.request('giant', 'tools/call', { name: 'cut', arguments: { chars: MIB, then: 'exit' } }),
      { code: 'connection-lost' },
    );
    assert.equal(textOf(await gateway.callTool('giant__echo', { value: 'again' })), 'again');
  });

  it('of many servers at once stay within the bound for all: the oldest comes, the youngest say why not', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `g${index}`);
    const servers = Object.fromEntries(names.map((name) => [name, giant()]));
    const { gateway } = await testGateway(servers, cleanups, {
      gracePeriodMs: 60_000,
      tuning: { unfinishedBytes: 32 * MIB },
    });
    await gateway.listTools();
    // None of the beginnings ends, so that all are unfinished at the same time.
    const held = names.slice(1).map((name) => {
      const controller = new AbortController();
      const params = { name: 'cut', arguments: { chars: 8 * MIB } };
      const call = gateway.request(name, 'tools/call', params, { signal: controller.signal });
      return {
        controller,
        outcome: call.then(
          () => 'came',
          (error: unknown) => (error as Error).message,
        ),
      };
    });
    const settled: string[] = [];
    for (const { outcome } of held) void outcome.then((message) => settled.push(message));
    await until(() => settled.length >= 7, 'those over the bound were told', 30_000);
    for (const message of settled)
      assert.match(
        message,
        /was dropped, because more large answers came at once than fit into 32 MiB; it may have acted all the same\. Ask again/,
      );
    assert.ok(settled.length <= 8, `${settled.length} were dropped`);
    for (const { controller } of held) controller.abort();
    await Promise.all(held.map(({ outcome }) => outcome));
    // What was given up holds nothing any more.
    const whole = gateway.callTool('g0__text', { chars: 15 * MIB });
    assert.equal(textOf(await whole).length, 15 * MIB);
  });

  it('of many servers at once: the one that began first always comes', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `g${index}`);
    const servers = Object.fromEntries(names.map((name) => [name, giant()]));
    const { gateway } = await testGateway(servers, cleanups, {
      gracePeriodMs: 60_000,
      tuning: { unfinishedBytes: 16 * MIB },
    });
    await gateway.listTools();
    const outcomes = await Promise.all(
      names.map((name) =>
        gateway.request(name, 'tools/call', { name: 'text', arguments: { chars: 12 * MIB } }).then(
          (result) => textOf(readResult(result)).length,
          (error: unknown) => (error as Error).message,
        ),
      ),
    );
    const came = outcomes.filter((outcome) => outcome === 12 * MIB);
    const dropped = outcomes.filter((outcome) => /more large answers came at once/.test(String(outcome)));
    assert.ok(came.length >= 1, String(outcomes));
    assert.equal(came.length + dropped.length, names.length, String(outcomes));
  });
});
