import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import {
  testEndpoint,
  textOf,
  type ConnectOptions,
  type Fields,
  type TestClient,
} from '../../support/endpoint.js';
import { G, publicServer, scriptedServer, temporaryFolder, timed, until } from '../../support/gateway.js';

/** What a call may take that should not wait for anything. */
const PROMPT_MS = 1000;

describe('Clients that share servers do not disturb each other', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const call = async ({ request }: TestClient, name: string, args: Fields = {}): Promise<string> =>
    textOf(await request('tools/call', { name, arguments: args }));

  it('a call waits for one call of another client, not for all that it has queued', async () => {
    const { connect } = await testEndpoint(
      { s: scriptedServer({ tools: ['nonce'] }, { maxConcurrency: 1 }) },
      cleanups,
    );
    const [greedy, modest] = [await connect('s'), await connect('s')];
    const ended: string[] = [];
    const queued = Array.from({ length: 10 }, async (_, index) =>
      ended.push(await call(greedy, 'nonce', { nonce: `greedy ${index}`, ms: G / 3 })),
    );
    await until(() => ended.length === 1, 'the first call has ended');
    await call(modest, 'nonce', { nonce: 'modest' });
    assert.ok(ended.length <= 4, `${ended.length} calls of the other one came first`);
    await Promise.all(queued);
    assert.deepEqual(
      ended,
      Array.from({ length: 10 }, (_, index) => `greedy ${index}`),
    );
  });

  for (const [path, server, prefix] of [
    ['/mcp/<id>', 's', ''],
    ['/mcp', undefined, 's__'],
  ] as const) {
    it(`a task is its own client's, on ${path}`, async () => {
      const { connect } = await testEndpoint({ s: publicServer('everything') }, cleanups);
      const [owner, other] = [await connect(server), await connect(server)];
      const { task } = (await owner.request('tools/call', {
        name: `${prefix}simulate-research-query`,
        arguments: { topic: 'secret', ambiguous: false },
        task: { ttl: 60_000 },
      })) as { task: { taskId: string } };
      const { taskId } = task;
      const own = (await owner.request('tasks/list')) as { tasks: { taskId: string }[] };
      assert.deepEqual(
        own.tasks.map((one) => one.taskId),
        [taskId],
      );
      assert.deepEqual((await other.request('tasks/list')).tasks, []);
      for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel'])
        await assert.rejects(other.request(method, { taskId }), { code: -32602, message: /no such task/ });
      assert.ok(Array.isArray((await owner.request('tasks/result', { taskId })).content));
    }).timeout(60_000);

    it(`the state of a task is told to its own client, on ${path}`, async () => {
      const { connect } = await testEndpoint(
        { s: scriptedServer({ tools: ['begin', 'tell'], results: { begin: { task: { taskId: 't' } } } }) },
        cleanups,
      );
      const [owner, other] = [await connect(server), await connect(server)];
      await owner.request('tools/call', { name: `${prefix}begin`, arguments: {} });
      const status = 'notifications/tasks/status';
      // While only the other one is at work.
      for (const taskId of ['t', 'unknown'])
        await call(other, `${prefix}tell`, { method: status, params: { taskId, status: 'working' } });
      const marker = { method: 'notifications/marker', params: {}, outside: true };
      await call(other, `${prefix}tell`, marker);
      for (const { heard } of [owner, other])
        await until(
          () => heard.some(({ method }) => method === 'notifications/marker'),
          'both have heard all',
        );
      const told = ({ heard }: TestClient): unknown[] =>
        heard.filter(({ method }) => method === status).map(({ params }) => params.taskId);
      assert.deepEqual([told(owner), told(other)], [['t'], []]);
    });
  }

  it('a client with a token of its own has its tasks in its next session too, and nobody else has', async () => {
    const clients = ['one', 'two'].map((name) => ({
      name,
      token: name.repeat(15).slice(0, 43),
      createdAt: 1,
      readOnly: false,
    }));
    const { connect } = await testEndpoint(
      {
        s: scriptedServer({
          tools: ['begin'],
          results: { begin: { task: { taskId: 't' } } },
          echoMethods: true,
        }),
      },
      cleanups,
      { clients },
    );
    const [one, two] = clients as [(typeof clients)[number], (typeof clients)[number]];
    const first = await connect('s', { token: one.token });
    await first.request('tools/call', { name: 'begin', arguments: {} });
    await first.client.close();
    const next = await connect('s', { token: one.token });
    assert.equal((await next.request('tasks/get', { taskId: 't' })).method, 'tasks/get');
    for (const other of [await connect('s', { token: two.token }), await connect('s')])
      await assert.rejects(other.request('tasks/get', { taskId: 't' }), { code: -32602 });
  });

  it('a client that went away without a word is not waited for', async () => {
    const { connect } = await testEndpoint({ s: scriptedServer({ tools: ['ask'] }) }, cleanups);
    const withRoots = (uri: string): ConnectOptions => ({
      capabilities: { roots: { listChanged: true } },
      answers: { 'roots/list': () => ({ roots: [{ uri }] }) },
    });
    const ask = async (client: TestClient): Promise<unknown> =>
      JSON.parse(await call(client, 'ask', { method: 'roots/list' }));
    const [gone, there] = [
      await connect('s', withRoots('file:///gone')),
      await connect('s', withRoots('file:///there')),
    ];
    await until(
      async () => JSON.stringify(await ask(there)).includes('file:///gone'),
      'both are asked for their roots',
    );
    // Sends no DELETE.
    await gone.client.close();
    await until(async () => {
      const [ms, answer] = await timed(() => ask(there));
      assert.ok(ms < PROMPT_MS, `${ms} ms`);
      return !JSON.stringify(answer).includes('file:///gone');
    }, 'it is not asked any more');
    assert.deepEqual(await ask(there), { roots: [{ uri: 'file:///there' }] });
    const without = await connect('s');
    assert.deepEqual(await ask(without), { roots: [{ uri: 'file:///there' }] });
  });

  it('a server that nobody calls asks nobody, unless its user allows that', async () => {
    const script = { tools: ['ask-later', 'get'] };
    const { connect, lines } = await testEndpoint(
      { quiet: scriptedServer(script), free: scriptedServer(script, { questions: 'always' }) },
      cleanups,
    );
    const seen: Fields[] = [];
    const client = await connect(undefined, {
      capabilities: { elicitation: {}, sampling: {} },
      answers: {
        'elicitation/create': (params) => {
          seen.push(params);
          return { action: 'accept', content: {} };
        },
      },
    });
    const params = { message: 'Your password?', requestedSchema: { type: 'object', properties: {} } };
    for (const server of ['quiet', 'free'])
      await call(client, `${server}__ask-later`, { method: 'elicitation/create', params });
    const answerTo = async (server: string): Promise<Fields | null> =>
      JSON.parse(await call(client, `${server}__get`)) as Fields | null;
    await new Promise((resolve) => setTimeout(resolve, G));
    await until(async () => (await answerTo('free')) !== null, 'the server that may is answered');
    await until(async () => (await answerTo('quiet')) !== null, 'the other one is answered, too');
    assert.match(JSON.stringify(await answerTo('quiet')), /-32600.*Nobody is calling this server/);
    assert.deepEqual(
      seen.map(({ message }) => message),
      ['free: Your password?'],
    );
    assert.equal(lines.filter((line) => line.includes('"questions": "always"')).length, 1);
  });

  it('a server is told what its clients can do, and is not started anew for that once it works for somebody', async () => {
    const heard = join(await temporaryFolder(cleanups), 'heard');
    const { connect, gateway } = await testEndpoint(
      { s: scriptedServer({ heard, tools: ['echo', 'get', 'set'] }) },
      cleanups,
    );
    const told = async (): Promise<unknown[]> =>
      (await readFile(heard, 'utf8'))
        .split('\n')
        .filter((line) => line.includes('"initialize"'))
        .map((line) => (JSON.parse(line) as { params: Fields }).params.capabilities);
    await gateway.listTools();
    await connect('s');
    assert.deepEqual(await told(), [{}]);
    const able = await connect('s', { capabilities: { sampling: {}, roots: {} } });
    const both = { roots: { listChanged: true }, sampling: {} };
    await until(async () => (await told()).length === 2, 'the server is told of the client that can do more');
    assert.deepEqual(await told(), [{}, both]);
    await call(able, 'set', { value: 'kept' });
    const other = await connect('s', { capabilities: { elicitation: {}, sampling: {} } });
    assert.equal(await call(other, 'get'), '"kept"');
    assert.deepEqual(await told(), [{}, both]);
    // What all of them can do is told at the next start.
    await gateway.restart('s');
    assert.deepEqual((await told())[2], { ...both, elicitation: { form: {} } });
  });

  it('a real server offers what its clients can make use of', async () => {
    const names = async (capabilities: ClientCapabilities): Promise<string[]> => {
      const { connect, gateway } = await testEndpoint({ s: publicServer('everything') }, cleanups);
      // Started before there was any client, as a warm-up does.
      await gateway.refreshAll();
      const { tools } = (await (await connect('s', { capabilities })).request('tools/list')) as {
        tools: { name: string }[];
      };
      return tools.map(({ name }) => name);
    };
    const [without, all] = [
      await names({}),
      await names({ sampling: {}, elicitation: { form: {}, url: {} }, roots: {} }),
    ];
    const more = all.filter((name) => !without.includes(name));
    assert.deepEqual(
      without.filter((name) => /sampling|elicitation|roots/.test(name)),
      [],
    );
    for (const name of ['get-roots-list', 'trigger-elicitation-request', 'trigger-sampling-request'])
      assert.ok(more.includes(name), `${name} in ${more.join(', ')}`);
  }).timeout(60_000);
});
