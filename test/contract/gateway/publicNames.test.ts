import assert from 'node:assert/strict';
import { publicToolName } from '../../../src/gateway/catalog/publicName.js';
import { G, scriptedServer, testGateway } from '../../support/gateway.js';

describe('Public names', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('lists a name that two servers were made to share once, and calls the server that it is listed for', async () => {
    // Found by trying letter cases until 24 bits of hash were the same.
    const [first, second] = ['DeleTErEPOsItoryforever', 'DELEterePOsitoryforever'];
    const shared = publicToolName('GitHub', first);
    assert.equal(publicToolName('gitHub', second), shared);
    const server = (name: string, answer: string): Record<string, unknown> =>
      scriptedServer({
        tools: [name, 'other'],
        results: { [name]: { content: [{ type: 'text', text: answer }] } },
      });
    const { gateway, lines } = await testGateway(
      { GitHub: server(first, 'first'), gitHub: server(second, 'second') },
      cleanups,
      { gracePeriodMs: 50 * G },
    );
    for (let round = 0; round < 2; round++) {
      const { items } = await gateway.listTools();
      const listed = items.filter(({ name }) => name === shared);
      assert.deepEqual(
        listed.map(({ server }) => server),
        ['GitHub'],
      );
      assert.equal(new Set(items.map(({ name }) => name)).size, items.length);
      assert.equal(items.length, 3);
    }
    const { content } = await gateway.callTool(shared, {});
    assert.deepEqual(content, [{ type: 'text', text: 'first' }]);
    assert.equal(lines.filter((line) => line.includes(`Left out ${shared}`)).length, 1);
  });
});
