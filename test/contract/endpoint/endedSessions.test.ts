import assert from 'node:assert/strict';
import type { Gateway } from '../../../src/gateway/api.js';
import { testEndpoint, type TestClient } from '../../support/endpoint.js';
import { scriptedServer } from '../../support/gateway.js';

/** Clients without a session whose tasks are remembered. */
const MOST = 200;

const clientsNamed = (...names: readonly string[]) =>
  names.map((name) => ({ name, token: name.padEnd(43, '.'), createdAt: 1, readOnly: false }));

/** Counts who listens to changes of catalogs from now on. */
function countListeners(gateway: Gateway): () => number {
  const { onDidChangeCatalog } = gateway;
  let count = 0;
  const counted: Gateway['onDidChangeCatalog'] = (listener) => {
    const subscription = onDidChangeCatalog(listener);
    count++;
    return {
      dispose: () => {
        count--;
        subscription.dispose();
      },
    };
  };
  Object.assign(gateway, { onDidChangeCatalog: counted });
  return () => count;
}

describe('What clients leave behind', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('BoundedEverything: what clients have together goes with the last session of theirs', async () => {
    const clients = clientsNamed('one', 'two', 'three').map((client, index) => ({
      ...client,
      servers: index === 2 ? ['s'] : [`other ${index}`],
    }));
    const { gateway, connect } = await testEndpoint({ s: scriptedServer({ tools: [] }) }, cleanups, {
      clients,
    });
    const listeners = countListeners(gateway);
    const tokens = clients.map(({ token }) => token);
    const open = await Promise.all(
      [undefined, ...tokens, ...tokens].map((token) => connect(undefined, token ? { token } : {})),
    );
    // Each session listens, and what those with the same servers have in common.
    assert.equal(listeners(), 7 + 4);
    const [own, ...others] = open as [TestClient, ...TestClient[]];
    await Promise.all(others.slice(0, 3).map(({ end }) => end()));
    assert.equal(listeners(), 4 + 4);
    await Promise.all([own, ...others.slice(3)].map(({ end }) => end()));
    assert.equal(listeners(), 0);
  });

  it(`BoundedEverything: of clients that are away the tasks are remembered, ${MOST} of them at the most, the longest away forgotten first`, async () => {
    const names = Array.from({ length: MOST }, (_, index) => `client-${index}`);
    const clients = clientsNamed('first', 'second', 'idle', 'there', ...names);
    const results = { begin: { task: { taskId: 't' } } };
    const { connect } = await testEndpoint(
      { s: scriptedServer({ tools: ['begin'], results, echoMethods: true }) },
      cleanups,
      { clients },
    );
    const come = (name: string): Promise<TestClient> => connect('s', { token: clientsNamed(name)[0]!.token });
    const begin = async (name: string): Promise<TestClient> => {
      const client = await come(name);
      await client.request('tools/call', { name: 'begin', arguments: {} });
      return client;
    };
    const knows = async (client: TestClient): Promise<boolean> =>
      client.request('tasks/get', { taskId: 't' }).then(
        () => true,
        () => false,
      );
    const there = await begin('there');
    for (const name of ['first', 'second']) await (await begin(name)).end();
    for (const name of names.slice(1)) await (await begin(name)).end();
    // Nothing of it is worth a place.
    await (await come('idle')).end();
    const second = await come('second');
    const [first, last] = [await come('first'), await come(names[1]!)];
    assert.deepEqual(await Promise.all([there, second, first, last].map(knows)), [true, true, false, true]);
  }).timeout(60_000);
});
