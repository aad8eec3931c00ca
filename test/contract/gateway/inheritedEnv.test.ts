import assert from 'node:assert/strict';
import { G, scriptedServer, testGateway } from '../../support/gateway.js';

describe('The environment of a server', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('has no variable of the host that only other servers, also disabled ones, name', async () => {
    const { gateway, lines } = await testGateway(
      {
        plain: scriptedServer({ tools: ['env'] }),
        names: scriptedServer({ tools: ['env'] }, { inheritEnv: ['safe', 'LET_ONE'] }),
        remote: { url: 'http://127.0.0.1:9/', headers: { Authorization: 'Bearer ${env:LET_ONE}' } },
        off: { ...scriptedServer(), env: { X: '${env:LET_OFF}' }, disabled: true },
      },
      cleanups,
      { gracePeriodMs: 50 * G, env: { LET_ONE: 'one', LET_OFF: 'off', LET_ALL: 'all' } },
    );
    const read = async (server: string): Promise<unknown[]> =>
      Promise.all(
        ['LET_ONE', 'LET_OFF', 'LET_ALL'].map(
          async (name) => (await gateway.callTool(`${server}__env`, { name })).content[0]?.['text'],
        ),
      );
    assert.deepEqual(await read('plain'), ['(not set)', '(not set)', 'all']);
    assert.deepEqual(await read('names'), ['one', '(not set)', '(not set)']);
    const told = lines.filter((line) => line.includes('does not inherit'));
    assert.equal(told.length, 1, told.join('\n'));
    assert.match(told[0] ?? '', /^plain info It does not inherit LET_ONE, LET_OFF, which only other servers/);
  });
});
