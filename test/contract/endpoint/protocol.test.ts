import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { testEndpoint, textOf, TOKEN, type ConnectOptions, type Fields } from '../../support/endpoint.js';
import { startScriptedHttp } from '../../fixtures/servers/scripted/http.mjs';
import { G, publicServer, scriptedServer, temporaryFolder, until } from '../../support/gateway.js';

const EVERYTHING: ConnectOptions = {
  capabilities: { sampling: { tools: {} }, elicitation: { form: {}, url: {} }, roots: { listChanged: true } },
};

/** Both ways in, and what a name of the server `s` is called there. */
const WAYS = [
  ['/mcp/<id>', 's', (name: string) => name, (_method: string, params: Fields) => params],
  ['/mcp', undefined, (name: string) => `s__${name}`, namedQuestion],
] as const;

/** What a client that sees all servers is asked by `s`. */
function namedQuestion(method: string, params: Fields): Fields {
  const _meta = { ...(params._meta as Fields | undefined), 'mcp-tool-gateway/server': 's' };
  const message = method === 'elicitation/create' ? { message: `s: ${String(params.message)}` } : {};
  return { ...params, ...message, _meta };
}

for (const [path, server, named, asked] of WAYS)
  describe(`The whole protocol through ${path}`, () => {
    const cleanups: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    });
    const start = async (script: Fields, options: ConnectOptions = {}, more: Fields = {}) => {
      const made = await testEndpoint({ s: scriptedServer(script, more) }, cleanups);
      return { ...made, ...(await made.connect(server, options)) };
    };

    it('tools: what the server said of them, content of every type, structured content', async () => {
      const tool = {
        name: 'odd',
        title: 'Odd',
        description: 'An odd tool',
        inputSchema: { type: 'object', properties: { a: { type: 'number' } } },
        outputSchema: { type: 'object', properties: { b: { type: 'string' } } },
        annotations: { readOnlyHint: true, title: 'Odder' },
        icons: [{ src: 'data:image/png;base64,AA==', mimeType: 'image/png' }],
        _meta: { 'example.com/x': { y: 1 } },
      };
      const content = [
        { type: 'text', text: 'a', annotations: { priority: 0.5 } },
        { type: 'image', data: 'AA==', mimeType: 'image/png' },
        { type: 'audio', data: 'AA==', mimeType: 'audio/wav' },
        { type: 'resource_link', uri: 'test://0', name: 'r' },
        { type: 'resource', resource: { uri: 'test://1', text: 'x' } },
        { type: 'not-known-yet', more: true },
      ];
      const result = { content, structuredContent: { b: 'c' }, _meta: { k: 1 }, extra: 'kept' };
      const { request } = await start({ toolDefs: [tool], results: { odd: result } });
      assert.deepEqual(await request('tools/list'), { tools: [{ ...tool, name: named('odd') }] });
      assert.deepEqual(await request('tools/call', { name: named('odd'), arguments: { a: 1 } }), result);
    });

    it('resources and prompts: list, read, templates, get', async () => {
      const { request } = await start({ resources: 2, prompts: 1 });
      const listed = await request('resources/list');
      assert.deepEqual(listed.resources, [
        { uri: 'test://0', name: 'r0' },
        { uri: 'test://1', name: 'r1' },
      ]);
      const templates = await request('resources/templates/list');
      assert.deepEqual(templates.resourceTemplates, [{ uriTemplate: 'test://{id}', name: 'any' }]);
      for (const uri of ['test://1', 'test://made'])
        assert.deepEqual(await request('resources/read', { uri }), {
          contents: [{ uri, text: `text of ${uri}` }],
        });
      assert.deepEqual((await request('prompts/list')).prompts, [{ name: named('p0') }]);
      assert.deepEqual(await request('prompts/get', { name: named('p0') }), {
        messages: [{ role: 'user', content: { type: 'text', text: 'prompt p0' } }],
      });
    });

    it('subscriptions: updates, also of a server that was started anew, until unsubscribed', async () => {
      const heardFile = join(await temporaryFolder(cleanups), 'heard');
      const { request, heard, gateway } = await start({
        resources: 1,
        tools: ['tell'],
        echoMethods: true,
        heard: heardFile,
        capabilities: { resources: { subscribe: true } },
      });
      const update = () =>
        request('tools/call', {
          name: named('tell'),
          arguments: {
            method: 'notifications/resources/updated',
            params: { uri: 'test://0', title: 't' },
            outside: true,
          },
        });
      const updates = () => heard.filter(({ method }) => method === 'notifications/resources/updated');
      await update();
      await request('resources/subscribe', { uri: 'test://0' });
      await update();
      await until(() => updates().length === 1, 'the update arrives');
      assert.deepEqual(updates()[0]?.params, { uri: 'test://0', title: 't' });
      await gateway.restart('s');
      const subscriptions = async () =>
        (await readFile(heardFile, 'utf8')).match(/"resources\/subscribe"/g)?.length;
      await until(async () => (await subscriptions()) === 2, 'it is subscribed again');
      await update();
      await until(() => updates().length === 2, 'the update of the new process arrives');
      await request('resources/unsubscribe', { uri: 'test://0' });
      await update();
      await request('ping');
      assert.equal(updates().length, 2);
      assert.match(await readFile(heardFile, 'utf8'), /"resources\/unsubscribe"/);
    });

    it('list_changed, of tools, resources and prompts, each once', async () => {
      const { request, heard, configure } = await start({ resources: 1, prompts: 1 });
      await request('tools/call', { name: named('add-tool'), arguments: { name: 'late' } });
      await until(() => heard.length > 0, 'it is told');
      const { tools } = await request('tools/list');
      assert.ok((tools as { name: string }[]).some(({ name }) => name === named('late')));
      assert.deepEqual(
        heard.map(({ method }) => method),
        ['notifications/tools/list_changed'],
      );
      await configure({});
      await until(() => heard.length >= 4, 'all of them are told');
      assert.deepEqual(
        heard.slice(1).map(({ method }) => method),
        ['tools', 'resources', 'prompts'].map((kind) => `notifications/${kind}/list_changed`),
      );
    });

    it('completion, and its reference under the name that the server knows', async () => {
      const { request } = await start({
        prompts: 1,
        resources: 1,
        echoMethods: true,
        capabilities: { completions: {} },
      });
      const argument = { name: 'a', value: 'b' };
      const context = { arguments: { c: 'd' } };
      for (const [ref, own] of [
        [
          { type: 'ref/prompt', name: named('p0') },
          { type: 'ref/prompt', name: 'p0' },
        ],
        [
          { type: 'ref/resource', uri: 'test://{id}' },
          { type: 'ref/resource', uri: 'test://{id}' },
        ],
      ]) {
        const answer = await request('completion/complete', { ref, argument, context });
        assert.deepEqual(withoutMeta(answer.params as Fields), { ref: own, argument, context });
      }
    });

    it('logging: the level goes to the server, and again after a restart; messages by level', async () => {
      const heardFile = join(await temporaryFolder(cleanups), 'heard');
      const { request, heard, gateway } = await start({
        tools: ['tell'],
        echoMethods: true,
        heard: heardFile,
        capabilities: { logging: {} },
      });
      const log = (level: string) =>
        request('tools/call', {
          name: named('tell'),
          arguments: { method: 'notifications/message', params: { level, logger: 'l', data: { level } } },
        });
      await log('debug');
      await until(() => heard.length === 1, 'without a level everything comes');
      await request('logging/setLevel', { level: 'warning' });
      await gateway.restart('s');
      const levels = async () =>
        (await readFile(heardFile, 'utf8')).match(/"logging\/setLevel","params":\{"level":"warning"/g)
          ?.length;
      await until(async () => (await levels()) === 2, 'both processes know the level');
      await log('info');
      await log('error');
      await until(() => heard.length === 2, 'the error comes');
      assert.deepEqual(heard[1]?.params, { level: 'error', logger: 'l', data: { level: 'error' } });
      await assert.rejects(request('logging/setLevel', { level: 'loud' }), { code: -32602 });
    });

    it('progress and cancellation of a call', async () => {
      const spawnLog = join(await temporaryFolder(cleanups), 'log');
      const { request } = await start({ spawnLog });
      const progress: Fields[] = [];
      const controller = new AbortController();
      const call = request(
        'tools/call',
        { name: named('sleep'), arguments: { ms: 60_000, progress: true } },
        { onprogress: (step) => progress.push(step), signal: controller.signal },
      );
      const cut = assert.rejects(call, /gone home/);
      await until(() => progress.length >= 2, 'it is told how far it is');
      assert.deepEqual(progress[1], { progress: 50, total: 60_000, message: '50 ms' });
      controller.abort('gone home');
      await cut;
      await until(async () => /^cancelled /m.test(await readFile(spawnLog, 'utf8')), 'the server knows');
    });

    it('sampling, elicitation, roots and what is not known yet: to the client whose call it is, and back', async () => {
      const seen: Fields[] = [];
      const answers = Object.fromEntries(
        ['sampling/createMessage', 'elicitation/create', 'roots/list', 'not/known-yet'].map((method) => [
          method,
          (params: Fields) => {
            seen.push({ method, params });
            return { answered: method, content: { a: 1 } };
          },
        ]),
      );
      const { request } = await start({ tools: ['ask'] }, { ...EVERYTHING, answers });
      for (const [method, params] of [
        ['sampling/createMessage', { messages: [], maxTokens: 5, tools: [], _meta: { x: 1 } }],
        ['elicitation/create', { mode: 'form', message: 'm', requestedSchema: { type: 'object' } }],
        ['elicitation/create', { mode: 'url', message: 'm', url: 'https://example.com', elicitationId: '1' }],
        ['roots/list', {}],
        ['not/known-yet', { y: [2] }],
      ] as const) {
        seen.length = 0;
        const result = await request('tools/call', { name: named('ask'), arguments: { method, params } });
        assert.deepEqual(JSON.parse(textOf(result)), { answered: method, content: { a: 1 } });
        assert.deepEqual(seen, [{ method, params: asked(method, params) }]);
      }
    });

    it('errors of the client reach the server as they are, and a cancellation by the server the client', async () => {
      let aborted = false;
      const { request } = await start(
        { tools: ['ask'] },
        {
          ...EVERYTHING,
          answers: {
            'sampling/createMessage': () => {
              throw Object.assign(new Error('User rejected'), { code: -1, data: { why: 'tired' } });
            },
            'elicitation/create': (_params, signal) =>
              new Promise((resolve) => {
                signal.addEventListener('abort', () => {
                  aborted = true;
                  resolve({ action: 'cancel' });
                });
              }),
          },
        },
      );
      const ask = (args: Fields) => request('tools/call', { name: named('ask'), arguments: args });
      const refused = JSON.parse(textOf(await ask({ method: 'sampling/createMessage' }))) as Fields;
      assert.deepEqual(refused, { error: { code: -1, message: 'User rejected', data: { why: 'tired' } } });
      const params = { message: 'm', requestedSchema: { type: 'object', properties: {} } };
      assert.equal(
        textOf(await ask({ method: 'elicitation/create', params, cancelAfterMs: G })),
        'cancelled',
      );
      await until(() => aborted, 'the client is told');
    });

    it('what nobody can answer is declined at once', async () => {
      const { request } = await start({ tools: ['ask'] });
      const roots = { name: named('ask'), arguments: { method: 'roots/list', params: {} } };
      assert.deepEqual(JSON.parse(textOf(await request('tools/call', roots))), { roots: [] });
      for (const method of ['sampling/createMessage', 'elicitation/create']) {
        const result = await request('tools/call', { name: named('ask'), arguments: { method, params: {} } });
        const { error } = JSON.parse(textOf(result)) as { error: Fields };
        assert.equal(error.code, -32601);
        assert.match(String(error.message), /Nobody who uses this server.*can answer/);
      }
    });

    it('errors of the server: code, message and data as it sent them', async () => {
      const error = {
        code: -32042,
        message: 'Go there first',
        data: { elicitations: [{ url: 'https://x' }] },
      };
      const { request } = await start({
        resources: 1,
        failWith: { 'resources/read': error, 'tools/call': error },
      });
      for (const [method, params] of [
        ['resources/read', { uri: 'test://0' }],
        ['tools/call', { name: named('echo'), arguments: {} }],
      ] as const)
        await assert.rejects(request(method, params), (thrown: unknown) => {
          assert.ok(thrown instanceof McpError);
          assert.deepEqual([thrown.code, thrown.data], [error.code, error.data]);
          assert.match(thrown.message, /Go there first$/);
          return true;
        });
    });

    it('_meta and trace context reach the server, the progress token of the client does not', async () => {
      const { request } = await start({ tools: ['meta'] });
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const _meta = { traceparent, 'example.com/x': [1] };
      const seen = JSON.parse(
        textOf(await request('tools/call', { name: named('meta'), arguments: {}, _meta })),
      ) as Fields;
      assert.equal(seen.traceparent, traceparent);
      assert.deepEqual(seen['example.com/x'], [1]);
      assert.match(String(seen['mcp-tool-gateway/call']), /\.0$/);
    });

    it('pages of a long list', async () => {
      const { request } = await start({ tools: 2345 });
      const sizes: number[] = [];
      let cursor: unknown;
      do {
        const page = await request('tools/list', cursor === undefined ? {} : { cursor });
        sizes.push((page.tools as unknown[]).length);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      assert.deepEqual(sizes, [1000, 1000, 345]);
      await assert.rejects(request('tools/list', { cursor: 'nonsense' }), { code: -32602 });
    });

    it('tasks: of a real server, from the call to the result', async () => {
      const made = await testEndpoint({ s: publicServer('everything') }, cleanups);
      const { request } = await made.connect(server);
      const { task } = (await request('tools/call', {
        name: named('simulate-research-query'),
        arguments: { topic: 'x', ambiguous: false },
        task: { ttl: 60_000 },
      })) as { task: { taskId: string } };
      const { taskId } = task;
      assert.equal((await request('tasks/get', { taskId })).taskId, taskId);
      const listed = (await request('tasks/list')) as { tasks: { taskId: string }[] };
      assert.ok(listed.tasks.some((one) => one.taskId === taskId));
      const result = await request('tasks/result', { taskId });
      assert.ok(Array.isArray(result.content));
      await assert.rejects(request('tasks/get', { taskId: 'nobody’s' }));
    }).timeout(60_000);
  });

describe('Sessions that share a server', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('over HTTP each is asked what its own call asks, also at the same time', async () => {
    const upstream = await startScriptedHttp({ tools: ['ask'] });
    cleanups.push(() => upstream.close());
    const { connect } = await testEndpoint({ s: { url: upstream.url } }, cleanups);
    const names = ['a', 'b', 'c'];
    const answers = await Promise.all(
      names.map(async (name) => {
        const { request } = await connect('s', {
          ...EVERYTHING,
          answers: {
            'elicitation/create': async () => {
              await new Promise((resolve) => setTimeout(resolve, G));
              return { action: 'accept', content: { name } };
            },
          },
        });
        const params = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
        const method = 'elicitation/create';
        const result = await request('tools/call', { name: 'ask', arguments: { method, params } });
        return (JSON.parse(textOf(result)) as { content: Fields }).content.name;
      }),
    );
    assert.deepEqual(answers, names);
  });

  it('over stdio nobody is asked for somebody else: what is not clear is declined', async () => {
    const { connect, gateway } = await testEndpoint(
      { s: scriptedServer({ tools: ['ask', 'sleep'] }) },
      cleanups,
    );
    await gateway.listTools();
    let asked = 0;
    const options: ConnectOptions = {
      ...EVERYTHING,
      answers: { 'sampling/createMessage': () => ({ asked: ++asked }) },
    };
    const [one, other] = await Promise.all([connect('s', options), connect('s', options)]);
    const controller = new AbortController();
    const progress: unknown[] = [];
    const busy = other
      .request(
        'tools/call',
        { name: 'sleep', arguments: { ms: 60_000, progress: true } },
        { signal: controller.signal, onprogress: (step) => progress.push(step) },
      )
      .catch(() => undefined);
    await until(() => progress.length > 0, 'the other call is in work');
    const ask = async () =>
      JSON.parse(
        textOf(
          await one.request('tools/call', { name: 'ask', arguments: { method: 'sampling/createMessage' } }),
        ),
      ) as Fields;
    assert.equal(((await ask()).error as Fields).code, -32601);
    assert.equal(asked, 0);
    controller.abort();
    await busy;
    await until(async () => (await ask()).asked === 1, 'alone, it is asked');
  });

  it('a change in one server is told to those who see it, and to nobody else', async () => {
    const { connect } = await testEndpoint({ a: scriptedServer(), b: scriptedServer() }, cleanups);
    const [a, b, all] = [await connect('a'), await connect('b'), await connect()];
    await a.request('tools/call', { name: 'add-tool', arguments: { name: 'late' } });
    await until(() => a.heard.length > 0 && all.heard.length > 0, 'both are told');
    await b.request('ping');
    assert.deepEqual([a.heard.length, b.heard.length, all.heard.length], [1, 0, 1]);
  });

  it('without a host, what is open to the server is what its clients open to it', async () => {
    const { connect } = await testEndpoint({ s: publicServer('everything') }, cleanups);
    const roots = (uri: string): ConnectOptions => ({
      capabilities: { roots: { listChanged: true } },
      answers: { 'roots/list': () => ({ roots: [{ uri, name: uri }] }) },
    });
    const one = await connect('s', roots('file:///one'));
    await connect('s', roots('file:///two'));
    await until(async () => {
      const answer = textOf(await one.request('tools/call', { name: 'get-roots-list', arguments: {} }));
      return answer.includes('file:///one') && answer.includes('file:///two');
    }, 'both are known');
  }).timeout(60_000);

  it('the host answers what no session can, and for calls that come through no session', async () => {
    const asked: string[] = [];
    const host = {
      key: 'host',
      capabilities: { elicitation: {} },
      answers: ({ method }: { method: string }) => method === 'elicitation/create',
      answer: ({ server, method }: { server: string; method: string }) => {
        asked.push(`${server} ${method}`);
        return Promise.resolve({ action: 'decline' });
      },
    };
    const { connect, gateway } = await testEndpoint({ s: scriptedServer({ tools: ['ask'] }) }, cleanups, {
      host,
    });
    const call = { name: 'ask', arguments: { method: 'elicitation/create', params: {} } };
    const { request } = await connect('s');
    assert.deepEqual(JSON.parse(textOf(await request('tools/call', call))), { action: 'decline' });
    await gateway.callTool('s__ask', call.arguments);
    assert.deepEqual(asked, ['s elicitation/create', 's elicitation/create']);
  });
});

function withoutMeta({ _meta: _, ...rest }: Fields): Fields {
  return rest;
}

describe('What a server says of itself beyond what is known here', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const initialize = async (script: Fields, cacheDir?: string): Promise<Fields> => {
    const { endpoint } = await testEndpoint(
      { s: scriptedServer(script) },
      cleanups,
      cacheDir === undefined ? {} : { cacheDir },
    );
    const response = await fetch(`http://127.0.0.1:${endpoint.addresses()[0]!.port}/mcp/s`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'raw', version: '0' },
        },
      }),
    });
    const text = await response.text();
    assert.doesNotMatch(text, /__proto__/);
    return (JSON.parse(text) as { result: Fields }).result;
  };

  it('is passed on, also from the cache, but for what could do harm', async () => {
    const initialized = JSON.parse(
      `{ "adapter": { "name": "react", "more": [1] }, "__proto__": { "polluted": true },
         "_meta": { "example.com/x": 1, "io.modelcontextprotocol/clientInfo": {} } }`,
    ) as Fields;
    const script = { serverInfo: { websiteUrl: 'https://example.com', extra: 1 }, initialized };
    const cacheDir = await temporaryFolder(cleanups);
    for (const round of ['from the server', 'from the cache']) {
      const result = await initialize(script, cacheDir);
      assert.deepEqual(result.adapter, { name: 'react', more: [1] }, round);
      assert.deepEqual(result._meta, { 'example.com/x': 1 }, round);
      assert.equal((result as { polluted?: unknown }).polluted, undefined);
      const { websiteUrl, extra, name } = result.serverInfo as Fields;
      assert.deepEqual([name, websiteUrl, extra], ['scripted', 'https://example.com', 1], round);
    }
  });

  it('is left out as a whole when it is too much', async () => {
    const much = 'x'.repeat(70_000);
    assert.equal('much' in (await initialize({ initialized: { much } })), false);
    const { serverInfo } = await initialize({ serverInfo: { much, title: 'T' } });
    assert.deepEqual(serverInfo, { name: 'scripted', title: 'T', version: '1.0.0' });
  });
});
