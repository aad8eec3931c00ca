import assert from 'node:assert/strict';
import { testEndpoint } from '../../support/endpoint.js';
import { scriptedServer } from '../../support/gateway.js';
import { watchLag } from '../../support/lag.js';

describe('Texts of hostile servers at the endpoint', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('a template that takes for ever to match by backtracking holds nobody up', async () => {
    const variables = Array.from({ length: 25 }, (_, i) => `{v${i}}`).join('');
    const many = Array.from({ length: 200 }, (_, i) => `evil://${i}${'{+a}b'.repeat(60)}c`);
    const { connect } = await testEndpoint(
      {
        evil: scriptedServer({
          capabilities: { resources: {} },
          templates: [`evil://${variables}/end`, ...many],
        }),
        good: scriptedServer({ capabilities: { resources: {} }, templates: ['good://{id}'] }),
      },
      cleanups,
    );
    const { request } = await connect();
    await request('resources/templates/list');
    const lag = watchLag();
    await assert.rejects(request('resources/read', { uri: `evil://${'a'.repeat(4000)}` }), { code: -32002 });
    await assert.rejects(request('resources/read', { uri: `evil://1${'b'.repeat(8000)}` }), { code: -32002 });
    const uri = 'good://1';
    assert.deepEqual(await request('resources/read', { uri }), {
      contents: [{ uri, text: `text of ${uri}` }],
    });
    assert.ok(lag.stop().workedMs < 500);
  });
});
