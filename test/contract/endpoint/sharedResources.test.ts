import assert from 'node:assert/strict';
import { testEndpoint, textOf, type Fields, type TestClient } from '../../support/endpoint.js';
import { scriptedServer, until } from '../../support/gateway.js';

const RESOURCES = { resources: { subscribe: true } };

/** A server with these resources, whose texts say whose they are. */
const serving = (says: string, script: Fields): Record<string, unknown> =>
  scriptedServer({ capabilities: RESOURCES, templates: [], says, ...script });

describe('Resources of several servers on /mcp', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const read = async ({ request }: TestClient, uri: string): Promise<unknown> => {
    const { contents } = await request('resources/read', { uri });
    return (contents as { uri: string; text: string }[]).map((one) => [one.uri, one.text]);
  };

  it('are told apart where two servers list the same, and no server answers for another', async () => {
    const { connect } = await testEndpoint(
      {
        evil: serving('evil', {
          resourceUris: ['x://1', 'x://evil'],
          templates: ['x://many/{id}', '{+any}'],
        }),
        good: serving('good', { resourceUris: ['x://1', 'x://good'], templates: ['x://many/{name}'] }),
      },
      cleanups,
    );
    const client = await connect();
    const listed = (await client.request('resources/list')).resources as { uri: string }[];
    assert.deepEqual(
      listed.map(({ uri }) => uri),
      ['x://1#mcp-server=evil', 'x://evil', 'x://1#mcp-server=good', 'x://good'],
    );
    for (const { uri } of listed) {
      const server = uri.includes('evil') ? 'evil' : 'good';
      assert.deepEqual(await read(client, uri), [[uri, `${server} of ${uri.replace(/#.*/, '')}`]]);
    }
    const { resourceTemplates } = await client.request('resources/templates/list');
    assert.deepEqual(
      (resourceTemplates as { uriTemplate: string }[]).map(({ uriTemplate }) => uriTemplate),
      ['x://many/{id}#mcp-server=evil', '{+any}', 'x://many/{name}#mcp-server=good'],
    );
    assert.deepEqual(await read(client, 'x://many/7#mcp-server=good'), [
      ['x://many/7#mcp-server=good', 'good of x://many/7'],
    ]);
    for (const uri of ['x://1', 'x://many/7'])
      await assert.rejects(read(client, uri), {
        code: -32602,
        message: /2 servers have this resource.*#mcp-server=evil or .*#mcp-server=good/,
      });
    // A template that fits everything fits nobody else's.
    await assert.rejects(read(client, 'y://unlisted'), { code: -32002 });
    assert.deepEqual(await read(client, 'y://unlisted#mcp-server=evil'), [
      ['y://unlisted#mcp-server=evil', 'evil of y://unlisted'],
    ]);
  });

  it('have the name that they were read by also in an answer that is passed on as bytes', async () => {
    const { connect } = await testEndpoint(
      { evil: serving('evil '.repeat(20_000), {}), good: serving('good', { resourceUris: ['x://good'] }) },
      cleanups,
    );
    const client = await connect();
    const uri = 'x://good#mcp-server=evil';
    const { contents } = await client.request('resources/read', { uri });
    assert.deepEqual(
      (contents as Fields[]).map((one) => one.uri),
      [uri],
    );
  });

  it('have their public URIs in links, embedded resources and the page of a tool, and in completions', async () => {
    const tool = {
      name: 'link',
      inputSchema: { type: 'object' },
      _meta: { ui: { resourceUri: 'ui://page' } },
    };
    const content = [
      { type: 'resource_link', uri: 'ui://page', name: 'page' },
      { type: 'resource', resource: { uri: 'ui://page', text: 'x' } },
      { type: 'resource_link', uri: 'ui://own', name: 'own' },
    ];
    const script = {
      toolDefs: [tool],
      results: { link: { content } },
      echoMethods: true,
      templates: ['t://{id}'],
    };
    const { connect } = await testEndpoint(
      {
        a: serving('a', { ...script, resourceUris: ['ui://page', 'ui://own'] }),
        b: serving('b', { ...script, resourceUris: ['ui://page'] }),
        alone: serving('alone', { toolDefs: [tool], resourceUris: [] }),
      },
      cleanups,
    );
    const client = await connect();
    const { tools } = await client.request('tools/list');
    assert.deepEqual(
      (tools as (typeof tool)[]).map(({ _meta }) => _meta.ui.resourceUri),
      ['ui://page#mcp-server=a', 'ui://page#mcp-server=b', 'ui://page'],
    );
    const called = await client.request('tools/call', { name: 'b__link', arguments: {} });
    assert.deepEqual(called.content, [
      { type: 'resource_link', uri: 'ui://page#mcp-server=b', name: 'page' },
      { type: 'resource', resource: { uri: 'ui://page#mcp-server=b', text: 'x' } },
      { type: 'resource_link', uri: 'ui://own', name: 'own' },
    ]);
    const ref = { type: 'ref/resource', uri: 't://{id}#mcp-server=b' };
    const completed = await client.request('completion/complete', {
      ref,
      argument: { name: 'id', value: '' },
    });
    assert.deepEqual((completed.params as Fields).ref, { type: 'ref/resource', uri: 't://{id}' });
  });

  it('are heard of under the URI that was subscribed to, and of the server that was meant', async () => {
    const script = { resourceUris: ['x://dir/'], tools: ['tell'], echoMethods: true };
    const { connect } = await testEndpoint({ a: serving('a', script), b: serving('b', script) }, cleanups);
    const client = await connect();
    const method = 'notifications/resources/updated';
    const update = (server: string, uri: string): Promise<Fields> =>
      client.request('tools/call', {
        name: `${server}__tell`,
        arguments: { method, params: { uri }, outside: true },
      });
    const heard = (): unknown[] =>
      client.heard.filter((one) => one.method === method).map(({ params }) => params.uri);
    const uri = 'x://dir/#mcp-server=b';
    await client.request('resources/subscribe', { uri });
    await update('a', 'x://dir/');
    await update('b', 'x://dir/');
    await update('b', 'x://dir/part');
    await until(() => heard().length === 2, 'the updates of the one server arrive');
    assert.deepEqual(heard(), [uri, 'x://dir/part#mcp-server=b']);
    // Not this one, which the client has not subscribed to.
    await client.request('resources/unsubscribe', { uri: 'x://dir/#mcp-server=a' });
    await client.request('resources/unsubscribe', { uri });
    await update('b', 'x://dir/');
    await client.request('ping');
    assert.equal(heard().length, 2);
    assert.equal(textOf(await update('a', 'x://dir/')), 'told');
  });
});
